/**
 * What a trace is made of: what has been loaded of the graph of hops, what is still wanted, and what is told of it.
 *
 * Edges carry their evidence: a hop is one entry; a link names the entry that tells it; a hand-over names those that
 * tell either half of it, and the gap when a half is missing.
 */

import type { HopRecord, PartyId, PlaceId, Position } from '../events/hop.ts';
import type { Step } from '../life/history.ts';
import type { Gap, HandOver } from './gaps.ts';

export const directions = ['up', 'down', 'both'] as const;
export type Direction = (typeof directions)[number];

export type NodeKind = 'unit' | 'lot' | 'container' | 'place';

/** The identifiers in one position of one event. */
export interface PartsWanted {
  readonly seq: number;
  readonly position: Position;
}

/**
 * What went into a thing by a step of its own, as parts of an event: the inputs of a transformation or cut, the parts and
 * agents of a refill, the label before. Null where nothing did.
 */
export function wentInto({ hop, position }: Step): PartsWanted | null {
  if (position === 'output' && (hop.hop === 'transform' || hop.hop === 'split'))
    return { seq: hop.seq, position: 'input' };
  if (hop.hop === 'relabel' && hop.note === 'new' && hop.target !== null)
    return { seq: hop.target, position: 'epc' };
  return position === 'parent' && hop.note === 'parts' ? { seq: hop.seq, position: 'child' } : null;
}

/**
 * Whether the second step is the other half of a replacement that the first begins: what was taken out, and by the next
 * entry what its recorder put in its place, there and then (`hop-event.ts`).
 */
export const takesPlace = ({ hop: gone, parent: out }: Step, { hop: come, parent: into }: Step): boolean =>
  gone.hop === 'replace' &&
  gone.note === 'old' &&
  come.hop === 'replace' &&
  come.note === 'new' &&
  come.seq === gone.seq + 1 &&
  come.recorder === gone.recorder &&
  come.from === gone.from &&
  come.until === gone.until &&
  into === out;

/** Key of the map of parts. */
export const partsKey = ({ seq, position }: PartsWanted): string => `${seq}/${position}`;

/** What has been loaded so far. */
export interface HopGraph {
  /** Own steps of a number, in any order; an empty list if it has none. */
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  /** Internal numbers in a position of an event, by `partsKey`. */
  readonly parts: ReadonlyMap<string, readonly number[]>;
  kindOf(number: number): NodeKind;
}

export interface Frontier {
  readonly numbers: readonly number[];
  readonly parts: readonly PartsWanted[];
}

export interface TraceOptions {
  readonly direction: Direction;
  /** Bound, ms since the epoch; without it there is none. */
  readonly at?: number;
  /** When a party that was named before it had an account got one, ms; such parties record no receipts. */
  readonly stubUntil?: ReadonlyMap<PartyId, number>;
  /** How many things each start stands for: those with the very same history; 1 unless it is told. */
  readonly counts?: ReadonlyMap<number, number>;
  /** Things that lead on to others and of which nothing is told: what they share with others is told of those alone. */
  readonly hidden?: ReadonlySet<number>;
}

export type TraceNode =
  | { readonly kind: NodeKind; readonly number: number }
  | { readonly kind: 'party'; readonly party: PartyId }
  | { readonly kind: 'location'; readonly place: PlaceId };

export interface TraceHop {
  readonly seq: number;
  readonly hop: HopRecord;
  /** A thing that it was found for … */
  readonly number: number;
  /** … and the containers through which it reached that, nearest first; none if it names the thing. */
  readonly via: readonly number[];
}

/** A hop that its recorder took back or corrected: nothing follows from it, and it leads to nothing. */
export interface WithdrawnHop extends TraceHop {
  /** seq of the void or correction. */
  readonly withdrawnBy: number;
}

export const linkKinds = ['contained', 'made-into', 'replaced'] as const;

/** How one thing led to another, or took its place. */
export interface TraceLink {
  readonly kind: (typeof linkKinds)[number];
  readonly seq: number;
  /** The container, or what was used, or what was taken out. */
  readonly from: number;
  /** The contents, or what was made, or what was put in its place. */
  readonly to: number;
}

export interface Trace {
  readonly nodes: readonly TraceNode[];
  /** In the order in which things happened. */
  readonly hops: readonly TraceHop[];
  /** Those of what it reaches that were told and taken back, in the order in which they would have happened. */
  readonly withdrawn: readonly WithdrawnHop[];
  /** In the order of the entries that tell them. */
  readonly links: readonly TraceLink[];
  /** What passed between whom, in the order in which it was first told. */
  readonly handOvers: readonly Concerning<HandOver>[];
  readonly gaps: readonly Concerning<Gap>[];
}

/** Told once, with the first of the things it concerns and how many they are. */
export type Concerning<T> = T & { readonly number: number; readonly things: number };
