/** What is kept in memory of things that are verified, up to a size of all together. */
export interface Kept<T> {
  get(unit: number): T | undefined;
  /** Keeps it in place of what was kept of the same thing; nothing that is larger than all may be. */
  keep(unit: number, it: T): void;
}

/** The one that was kept longest ago goes first. */
export function createKept<T>(sizeOf: (it: T) => number, sizeMax: number): Kept<T> {
  const kept = new Map<number, { readonly it: T; readonly size: number }>();
  let sum = 0;

  function forget(unit: number): void {
    sum -= kept.get(unit)?.size ?? 0;
    kept.delete(unit);
  }

  return {
    get: (unit) => kept.get(unit)?.it,
    keep(unit, it) {
      forget(unit);
      const size = sizeOf(it);
      if (size > sizeMax) return;
      kept.set(unit, { it, size });
      sum += size;
      // Looking for the oldest goes past all that were kept again since: not while there is room.
      if (sum <= sizeMax) return;
      for (const oldest of kept.keys()) {
        forget(oldest);
        if (sum <= sizeMax) return;
      }
    },
  };
}
