/**
 * How a lot of single units spread, and what is where now.
 *
 * Units with the same history form a *cohort*: it is folded once and counts for all of them. Edges are the moves
 * that the folds went through (so strangers' claims are in none), summed over cohorts; stations are parties at
 * places. A party's level is the fewest transfers from whoever had the units first, which is level 0.
 *
 * Every number names the cohorts behind it, and every edge and heap has a key that stays the same while the history
 * does: by these the caller pages into the units.
 *
 * Example: cohort 1 (90 units) went from A to B, cohort 2 (10 units) from A to B to C.
 *   levels A 0, B 1, C 2; edges A→B 100 units, B→C 10 units; now: 90 with B, 10 with C.
 */

import type { PartyId, PlaceId } from '../events/hop.ts';
import { append } from '../grouping.ts';
import type { Life, Move } from '../life/lifecycle.ts';
import type { Stage } from '../life/lifecycle-state.ts';

export interface Cohort {
  /** The caller's name for the cohort. */
  readonly key: number;
  /** How many units share the history. */
  readonly count: number;
  readonly life: Pick<Life, 'state' | 'moves'>;
}

/** A party at a place; null where it is not known (an unnamed buyer, a place not told). */
export interface Station {
  readonly party: PartyId | null;
  readonly place: PlaceId | null;
}

interface Counted {
  readonly key: string;
  /** How many units are behind it. */
  readonly units: number;
  readonly cohorts: readonly number[];
}

export interface FlowEdge extends Counted {
  readonly from: Station;
  readonly to: Station;
  /** Level of the giver; null where it is not reached from the beginning. */
  readonly level: number | null;
  /** How many hops completed these moves, the first and the last by seq. */
  readonly hops: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface Heap extends Counted {
  readonly stage: Stage;
  readonly holder: PartyId | null;
  readonly place: PlaceId | null;
  readonly blocked: boolean;
  /** For units under way: who they are shipped to. */
  readonly taker: PartyId | null;
}

export interface FlowLevel {
  readonly level: number;
  readonly parties: readonly { readonly party: PartyId; readonly received: number; readonly gave: number }[];
}

export interface Flow {
  readonly units: number;
  readonly levels: readonly FlowLevel[];
  /** By level, then by number of units. */
  readonly edges: readonly FlowEdge[];
  /** What is where now, largest first. */
  readonly now: readonly Heap[];
}

const text = (value: string | null): string => value ?? '';

/** Key of a move: by whom, from where, to whom, to where. */
const keyOf = (m: Move): string => [m.from, m.fromPlace, m.to, m.toPlace].map(text).join('|');

/** The flow of a lot whose cohorts are folded. Grows with cohorts times their moves, not with units. */
export function flow(cohorts: readonly Cohort[]): Flow {
  const edges = new Map<string, EdgeSum>();
  const heaps = new Map<string, HeapSum>();
  const roots = new Set<PartyId>();
  let units = 0;
  for (const cohort of cohorts) {
    const { state, moves } = cohort.life;
    units += cohort.count;
    const root = moves[0]?.from ?? state.holder;
    if (root !== null) roots.add(root);
    for (const move of moves) addMove(edges, move, cohort);
    addHeap(heaps, cohort);
  }
  const levels = levelsOf(roots, edges.values());
  return {
    units,
    levels: summed(levels, edges.values()),
    edges: [...edges.values()]
      .map(({ seqs, ...edge }): FlowEdge => {
        const level = edge.from.party === null ? null : (levels.get(edge.from.party) ?? null);
        return { ...edge, level, hops: seqs.size };
      })
      .sort(
        (a, b) =>
          (a.level ?? Infinity) - (b.level ?? Infinity) || b.units - a.units || compareText(a.key, b.key),
      ),
    now: [...heaps.values()].sort((a, b) => b.units - a.units || compareText(a.key, b.key)),
  };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface EdgeSum {
  readonly key: string;
  readonly from: Station;
  readonly to: Station;
  readonly seqs: Set<number>;
  readonly cohorts: number[];
  units: number;
  firstSeq: number;
  lastSeq: number;
}

function addMove(edges: Map<string, EdgeSum>, move: Move, { key: cohort, count }: Cohort): void {
  const key = keyOf(move);
  let edge = edges.get(key);
  if (edge === undefined) {
    edge = {
      key,
      from: { party: move.from, place: move.fromPlace },
      to: { party: move.to, place: move.toPlace },
      seqs: new Set(),
      cohorts: [],
      units: 0,
      firstSeq: move.seq,
      lastSeq: move.seq,
    };
    edges.set(key, edge);
  }
  edge.seqs.add(move.seq);
  edge.firstSeq = Math.min(edge.firstSeq, move.seq);
  edge.lastSeq = Math.max(edge.lastSeq, move.seq);
  // A unit that went the same way twice is one unit.
  if (edge.cohorts.at(-1) === cohort) return;
  edge.cohorts.push(cohort);
  edge.units += count;
}

interface HeapSum extends Omit<Heap, 'units' | 'cohorts'> {
  units: number;
  readonly cohorts: number[];
}

function addHeap(heaps: Map<string, HeapSum>, { key: cohort, count, life }: Cohort): void {
  const { stage, holder, place, blocks, open } = life.state;
  const blocked = blocks.length > 0;
  const taker = open?.taker ?? null;
  const key = [stage, text(holder), text(place), text(taker), blocked ? 'blocked' : ''].join('|');
  const heap = heaps.get(key);
  if (heap === undefined) {
    heaps.set(key, { key, stage, holder, place, taker, blocked, units: count, cohorts: [cohort] });
  } else {
    heap.units += count;
    heap.cohorts.push(cohort);
  }
}

/** What levels need to know of an edge, counted in units or measured. */
export interface Transfer {
  readonly from: Station;
  readonly to: Station;
}

/** Fewest transfers from the beginning, by party: a breadth-first walk. */
export function levelsOf(roots: ReadonlySet<PartyId>, edges: Iterable<Transfer>): Map<PartyId, number> {
  const next = new Map<PartyId, PartyId[]>();
  for (const { from, to } of edges) {
    if (from.party === null || to.party === null || from.party === to.party) continue;
    append(next, from.party, to.party);
  }
  const levels = new Map<PartyId, number>([...roots].sort().map((party) => [party, 0]));
  // A map hands out what is added while it is walked, in that order: this is the queue.
  for (const [party, level] of levels) {
    for (const taker of next.get(party) ?? []) if (!levels.has(taker)) levels.set(taker, level + 1);
  }
  return levels;
}

function summed(levels: ReadonlyMap<PartyId, number>, edges: Iterable<EdgeSum>): FlowLevel[] {
  const sums = new Map<PartyId, { received: number; gave: number }>();
  for (const party of levels.keys()) sums.set(party, { received: 0, gave: 0 });
  for (const { from, to, units } of edges) {
    if (from.party === to.party) continue;
    const giver = from.party === null ? undefined : sums.get(from.party);
    const taker = to.party === null ? undefined : sums.get(to.party);
    if (giver) giver.gave += units;
    if (taker) taker.received += units;
  }
  const found: { level: number; parties: { party: PartyId; received: number; gave: number }[] }[] = [];
  for (const [party, level] of levels) {
    found[level] ??= { level, parties: [] };
    found[level].parties.push({ party, ...(sums.get(party) ?? { received: 0, gave: 0 }) });
  }
  for (const { parties } of found)
    parties.sort((a, b) => b.received - a.received || compareText(a.party, b.party));
  return found;
}
