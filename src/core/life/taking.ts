/**
 * The shipments of one giver to one taker, as receipts take them one after the other. Anybody may tell thousands of both
 * about anything, so that finding one takes the logarithm of their number, and not all of them gone through.
 *
 * Example: shipments of days 1, 5 and 9; a receipt of day 6 takes the first, the next one the second, and the one after
 * that none if it says day 7: the third had not happened yet.
 */
import { leading } from '../halving.ts';

/** Things by their place in a list, each with a moment; the earliest in the list whose moment has come is taken first. */
export interface Line {
  /** Index of the first that is left and whose moment is no later than one; null if there is none. */
  first(moment: number): number | null;
  take(index: number): void;
}

/** By a tree of the least moment of each half of the list, of each half of these, and so on. */
export function lineOf(moments: readonly number[]): Line {
  let size = 1;
  while (size < moments.length) size *= 2;
  const least = new Float64Array(2 * size).fill(Number.POSITIVE_INFINITY);
  const leastAt = (node: number): number => least[node] ?? Number.POSITIVE_INFINITY;
  least.set(moments, size);
  for (let node = size - 1; node > 0; node--)
    least[node] = Math.min(leastAt(2 * node), leastAt(2 * node + 1));
  return {
    first(moment) {
      if (leastAt(1) > moment) return null;
      let node = 1;
      while (node < size) node = leastAt(2 * node) <= moment ? 2 * node : 2 * node + 1;
      return node - size;
    },
    take(index) {
      let node = size + index;
      least[node] = Number.POSITIVE_INFINITY;
      for (node >>= 1; node > 0; node >>= 1) least[node] = Math.min(leastAt(2 * node), leastAt(2 * node + 1));
    },
  };
}

/** From after one seq to before another. */
export interface Span {
  readonly after: number;
  readonly before: number;
}

/** Takes the last in the list of the spans that are left and that a seq lies in: its index, or null. */
export type TakeAround = (seq: number) => number | null;

/**
 * By a tree over the seqs that will be asked about: each span stands at the few nodes that make up the part of the tree
 * that it covers, so that those around a seq stand on the way from it to the root.
 * @param seqs in order
 */
export function spansAround(spans: readonly Span[], seqs: readonly number[]): TakeAround {
  const nodes = Array.from({ length: 2 * seqs.length }, (): number[] => []);
  for (const [index, { after, before }] of spans.entries()) {
    let low = seqs.length + leading(seqs, (seq) => seq <= after);
    let high = seqs.length + leading(seqs, (seq) => seq < before);
    for (; low < high; low >>= 1, high >>= 1) {
      if (low % 2 === 1) nodes[low++]?.push(index);
      if (high % 2 === 1) nodes[--high]?.push(index);
    }
  }
  const taken = new Set<number>();
  return (seq) => {
    let last = -1;
    for (let node = seqs.length + leading(seqs, (it) => it < seq); node > 0; node >>= 1) {
      const spansHere = nodes[node] ?? [];
      while (taken.has(spansHere.at(-1) ?? -1)) spansHere.pop();
      last = Math.max(last, spansHere.at(-1) ?? -1);
    }
    if (last < 0) return null;
    taken.add(last);
    return last;
  };
}
