/**
 * How many items a list begins with that are within something, where no item that is not within stands before one that
 * is: found by halving.
 *
 *     leading([2, 3, 5, 8], (n) => n < 5)  →  2
 */
export function leading<T>(list: readonly T[], isWithin: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && isWithin(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those of a list in order of seq with `from` ≤ seq < `before`. */
export const between = <T extends { readonly seq: number }>(
  list: readonly T[],
  from: number,
  before: number,
): readonly T[] =>
  list.slice(
    leading(list, ({ seq }) => seq < from),
    leading(list, ({ seq }) => seq < before),
  );
