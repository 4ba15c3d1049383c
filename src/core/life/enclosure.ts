/**
 * What happened to a thing while it was inside others: the containers it was in, however deep, and when.
 *
 * Example: unit 5 is packed into carton 7 (seq 2), the carton onto pallet 9 (3), the pallet shipped (4) and unit 5 taken
 * out (6). Unit 5 is enclosed by 7 from 2 to 6 and by 9 from 3 to 6; so hops 2, 3, 4 and 6 are its history.
 */
import { byOrder, type Step } from './history.ts';
import { depthMax, type Histories, reaches } from './membership.ts';

/** A point in the order of happening. */
export interface Moment {
  readonly at: number;
  readonly order: number;
}
export const compare = (a: Moment, b: Moment): number => (a.at === b.at ? a.order - b.order : a.at - b.at);
export const beginning: Moment = { at: Number.NEGATIVE_INFINITY, order: Number.NEGATIVE_INFINITY };
export const end: Moment = { at: Number.POSITIVE_INFINITY, order: Number.POSITIVE_INFINITY };

/** A stay in a container, or of that container in another, bounded by those within which it holds the thing. */
export interface Enclosure {
  readonly container: number;
  /** The packing into it. */
  readonly packed: Step;
  readonly first: Moment;
  readonly last: Moment;
  /** Containers between it and the thing, itself included. */
  readonly depth: number;
}

/** Every container that a thing was in, however deep, and when it was; once for each way it got there. */
export function enclosures(number: number, from: Histories): Enclosure[] {
  const found: Enclosure[] = [];
  around(number, beginning, end, []);
  return found;

  function around(inner: number, low: Moment, high: Moment, via: readonly number[]): void {
    for (const { container, packed, ended } of from.memberships(inner)) {
      const first = compare(packed, low) > 0 ? packed : low;
      const last = ended !== null && compare(ended, high) < 0 ? ended : high;
      if (compare(first, last) >= 0 || via.length >= depthMax || via.includes(container)) continue;
      const path = [...via, container];
      found.push({ container, packed, first, last, depth: path.length });
      around(container, first, last, path);
    }
  }
}

/** Everything that the claims say of one thing, in order: its own steps and those of the containers it was in. */
export function historyOf(number: number, from: Histories): readonly Step[] {
  const found = new Map<number, Step>();
  for (const s of from.own(number)) found.set(s.hop.seq, s);
  for (const { container, first, last, depth } of enclosures(number, from))
    for (const s of from.reaching(container)) {
      if (found.has(s.hop.seq) || compare(s, first) <= 0 || compare(s, last) > 0) continue;
      found.set(s.hop.seq, { ...s, depth });
    }
  return [...found.values()].sort(byOrder);
}

/** What was told of one thing and taken back, in order: its own steps and those of the containers it was in. */
export function withdrawnOf(number: number, from: Histories): readonly Step[] {
  const found = new Map<number, Step>();
  for (const s of from.withdrawn(number)) found.set(s.hop.seq, s);
  for (const { container, first, last, depth } of enclosures(number, from))
    for (const s of from.withdrawn(container)) {
      if (found.has(s.hop.seq) || !reaches(s) || compare(s, first) <= 0 || compare(s, last) > 0) continue;
      found.set(s.hop.seq, { ...s, depth });
    }
  return [...found.values()].sort(byOrder);
}
