/**
 * What waits for its turn: of each owner in the order in which it came, and the owners in turn, so that whoever brings very
 * much keeps waiting nobody but itself.
 *
 * Example: A brings a1, a2, a3, then B brings b1: taken are a1, b1, a2, a3.
 */
export interface Turns<T> {
  add(owner: string, it: T): void;
  /** The next that fits. An owner whose next does not fit keeps its turn. */
  take(fits?: (it: T) => boolean): T | undefined;
}

export function createTurns<T>(): Turns<T> {
  /** Nobody's list is empty; who was served longest ago stands first. */
  const waiting = new Map<string, T[]>();
  return {
    add(owner, it) {
      const list = waiting.get(owner);
      if (list === undefined) waiting.set(owner, [it]);
      else list.push(it);
    },
    take(fits = () => true) {
      for (const [owner, list] of waiting) {
        const [next] = list;
        if (next === undefined || !fits(next)) continue;
        waiting.delete(owner);
        list.shift();
        if (list.length > 0) waiting.set(owner, list);
        return next;
      }
      return undefined;
    },
  };
}
