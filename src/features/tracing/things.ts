/** What trace and flow start from. */
import type { Epc } from '../../core/events/hop.ts';
import type { Identifier } from '../../core/gs1/identifiers.ts';
import type { Direction } from '../../core/tracing/trace-graph.ts';

export type Traceable = Extract<Identifier, { type: 'unit' | 'lot' | 'container' }>;

export interface TraceAsked {
  readonly thing: Traceable;
  readonly direction: Direction;
  /** ms since the epoch; null without a bound. */
  readonly at: number | null;
  /** Only entries with seq below this count: what was known then. */
  readonly before: number;
}

/** Things that stand for others, with how many. */
export interface Starts {
  /** The number of what was asked for itself; null when no entry names it. */
  readonly asked: number | null;
  readonly numbers: readonly number[];
  readonly counts: ReadonlyMap<number, number>;
}

/** Consecutive internal numbers, both ends included. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** An identifier and its internal number. */
export interface Epcs {
  readonly unit: number;
  readonly epc: Epc;
}

/** Cuts runs into windows of at most so many numbers, so that one statement reads a bounded number of units. */
export function windows(runs: readonly Run[], size: number): Run[][] {
  const cut: Run[][] = [];
  let window: Run[] = [];
  let room = size;
  for (const run of runs) {
    for (let first = run.first; first <= run.last; ) {
      const last = Math.min(run.last, first + room - 1);
      window.push({ first, last });
      room -= last - first + 1;
      first = last + 1;
      if (room > 0) continue;
      cut.push(window);
      window = [];
      room = size;
    }
  }
  if (window.length > 0) cut.push(window);
  return cut;
}

/** The union of runs in order, neighbours and overlaps joined. */
export function joined(runs: readonly Run[]): Run[] {
  const union: { first: number; last: number }[] = [];
  for (const { first, last } of [...runs].sort((a, b) => a.first - b.first)) {
    const open = union.at(-1);
    if (open !== undefined && first <= open.last + 1) open.last = Math.max(open.last, last);
    else union.push({ first, last });
  }
  return union;
}

/** The parts of runs that lie in a sorted union of runs. */
export function within(runs: readonly Run[], union: readonly Run[]): Run[] {
  return runs.flatMap((run) =>
    union.flatMap(({ first, last }) => {
      const cut = { first: Math.max(run.first, first), last: Math.min(run.last, last) };
      return cut.first <= cut.last ? [cut] : [];
    }),
  );
}
