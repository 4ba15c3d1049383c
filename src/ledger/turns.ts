/**
 * What waits for its turn: of each owner in the order in which it came, and of several owners the one who had least, so
 * that whoever brings very much keeps nobody waiting but itself. This is start-time fair queueing (Goyal, Vin and Cheng,
 * 1996): every owner stands where it has come to by the weight it had, and who comes anew stands where the last one did
 * who was taken.
 *
 * Example: A brings a1, a2, a3 of weight 2, and when a1 was taken, B brings b1, b2 of weight 1: taken are b1, b2, a2, a3.
 */
export interface Turns<T> {
  add(owner: string, it: T): void;
  /** The next that fits. An owner whose next does not fit keeps its turn. */
  take(fits?: (it: T) => boolean): T | undefined;
  /** Nothing waits or is under way: everybody stands where nobody had anything. */
  rest(): void;
}

interface Line<T> {
  readonly list: T[];
  /** Where its owner stands. */
  start: number;
}

export function createTurns<T extends { readonly weight: number }>(): Turns<T> {
  /** None is empty. */
  const lines = new Map<string, Line<T>>();
  const had = new Map<string, number>();
  let last = 0;

  return {
    add(owner, it) {
      const line = lines.get(owner);
      if (line === undefined) lines.set(owner, { list: [it], start: Math.max(had.get(owner) ?? 0, last) });
      else line.list.push(it);
    },
    take(fits = () => true) {
      let first: { readonly owner: string; readonly line: Line<T>; readonly next: T } | null = null;
      for (const [owner, line] of lines) {
        const [next] = line.list;
        if (next !== undefined && (first === null || line.start < first.line.start) && fits(next))
          first = { owner, line, next };
      }
      if (first === null) return undefined;
      const { owner, line, next } = first;
      last = Math.max(last, line.start);
      line.start += next.weight;
      had.set(owner, line.start);
      line.list.shift();
      if (line.list.length === 0) lines.delete(owner);
      return next;
    },
    rest() {
      had.clear();
      last = 0;
    },
  };
}
