/**
 * Long work in steps: a generator that yields where others may have a turn, and returns what came of it. Whoever has the
 * processor to itself does it `atOnce`; a service lets requests be answered in between.
 *
 *   function* sum(list) { let total = 0; for (const n of list) { total += n; yield; } return total; }
 *   atOnce(sum([1, 2, 3]))  →  6
 */
export type Steps<T> = Generator<void, T>;

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
