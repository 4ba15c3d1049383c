/**
 * A function of a number that makes what it answers once.
 *
 *     const square = remembering((n) => n * n); square(3), square(3)  →  9, 9, multiplied once
 */
export function remembering<T>(make: (number: number) => T): (number: number) => T {
  const known = new Map<number, T>();
  return (number) => {
    const before = known.get(number);
    if (before !== undefined) return before;
    const fresh = make(number);
    known.set(number, fresh);
    return fresh;
  };
}
