/**
 * What is in what, and so whose hops reach a unit.
 *
 * A packing (EPCIS 2.0 §7.4.3 AggregationEvent, ADD; CBV 2.0 `packing`) puts a child into a parent until an
 * unpacking (DELETE, `unpacking`) takes it out; what happens to the parent meanwhile happens to the child, nested
 * up to `depthMax`. A hop that names the child alone and can only be done outside its container implies that it was
 * unpacked. An unpacking that lists no children frees all.
 *
 * `memberships` says so by the claims alone, which is what an investigator wants to see. The state of a unit goes by
 * fewer: whether a packing counts depends on who says so, and only the fold over the unit's own history knows
 * (`lifecycle.ts`). The fold reads the chains of the containers it meets through `Histories`.
 *
 * Example: carton 7 is packed on pallet 9 (seq 1), unit 5 into carton 7 (seq 2), the pallet shipped (seq 3), unit 5
 * sold (seq 4). Unit 5 stays in 7 from 2 until 4, implied; carton 7 in 9 from 1 on; so 1 to 4 all concern unit 5.
 */

import type { HopType } from '../events/hop.ts';
import { remembering } from '../remembering.ts';
import { arrange, byOrder, isBirth, type Step, withdrawnIn } from './history.ts';

/** All own steps of one number, in any order. */
export type Chain = readonly Step[];
export type ChainOf = (number: number) => Chain;

/** A stay in a container. */
export interface Membership {
  readonly container: number;
  /** The packing. */
  readonly packed: Step;
  /** What ended it, or null while it lasts. */
  readonly ended: Step | null;
  /** Ended by something other than an unpacking. */
  readonly implied: boolean;
}

/** Deeper than anything is packed: what is nested deeper is taken for an attack on whoever has to follow it. */
export const depthMax = 64;

const outsideActs: ReadonlySet<HopType> = new Set<HopType>([
  'ship',
  'receive',
  'return',
  'sell',
  'install',
  'remove',
  'replace',
  'maintain',
  'refill',
  'transform',
  'split',
  'scrap',
  'destroy',
  'relabel',
]);

/** Whether a hop that names a contained thing alone implies that it was taken out. What begins it does not. */
export const impliesUnpacking = (s: Step): boolean =>
  outsideActs.has(s.hop.hop) &&
  s.position !== 'quantity' &&
  s.position !== 'parent' &&
  !isBirth(s.hop, s.position);

export const isPacking = (s: Step): boolean =>
  s.hop.hop === 'pack' && s.position !== 'parent' && s.position !== 'quantity' && s.parent !== null;

/** What containers' own steps say of their contents. */
interface Inside {
  /** seqs of the hops that name the container itself. */
  seqs(container: number): ReadonlySet<number>;
  /** Unpackings of everything. */
  emptied(container: number): readonly Step[];
}

const insideOf = (own: ChainOf): Inside => ({
  seqs: remembering(
    (container) => new Set(own(container).flatMap((s) => (s.position === 'parent' ? [] : [s.hop.seq]))),
  ),
  emptied: remembering((container) => own(container).filter((s) => s.whole)),
});

/**
 * The stays of a thing in containers, in order, by the claims alone. A unit is in one container at a time; parts of a
 * lot may be in several.
 */
function stays(chain: Chain, inside: Inside): Membership[] {
  const found: Open[] = [];
  const emptiedIn = (stay: Membership, end: Step | null): Step | undefined =>
    inside
      .emptied(stay.container)
      .find((s) => byOrder(stay.packed, s) < 0 && (end === null || byOrder(s, end) < 0));
  /** Ends a stay by `end`, or by an emptying of the container before that. */
  const close = (stay: Open, end: Step | null, implied: boolean) => {
    const emptied = emptiedIn(stay, end);
    stay.ended = emptied ?? end;
    stay.implied = emptied === undefined && implied;
  };
  const openFor = (s: Step): Open | undefined =>
    found.findLast((m) => m.ended === null && (s.amount === null || m.container === s.parent));
  for (const s of chain) {
    if (!isPacking(s) && s.hop.hop !== 'unpack' && !impliesUnpacking(s)) continue;
    const stay = openFor(s);
    if (isPacking(s) && s.parent !== null) {
      if (stay?.container === s.parent && !emptiedIn(stay, s)) continue;
      if (stay) close(stay, s, true);
      found.push({ container: s.parent, packed: s, ended: null, implied: false });
    } else if (stay && endsStay(s, stay, inside)) close(stay, s, s.hop.hop !== 'unpack');
  }
  for (const stay of found) if (stay.ended === null) close(stay, null, false);
  return found;
}

/** A stay while it is being told. */
type Open = { -readonly [Member in keyof Membership]: Membership[Member] };

function endsStay(s: Step, stay: Membership, inside: Inside): boolean {
  if (s.hop.hop === 'unpack') return s.position !== 'parent' && s.parent === stay.container;
  return s.amount === null && impliesUnpacking(s) && !inside.seqs(stay.container).has(s.hop.seq);
}

/** Hops about a whole lot that hold for each of its units. */
const lotWideHops: ReadonlySet<HopType> = new Set<HopType>(['release', 'hold', 'seize', 'lift']);

/** Whether a container's own hop says anything of what is inside. */
export function reaches(s: Step): boolean {
  if (s.hop.hop === 'pack' || s.hop.hop === 'unpack') return s.whole || s.position !== 'parent';
  return s.hop.hop !== 'relabel' && !isBirth(s.hop, s.position);
}

/** Whether a hop says that a thing went into or came out of something. */
const packsOrUnpacks = (s: Step): boolean =>
  isPacking(s) || (s.hop.hop === 'unpack' && s.position !== 'parent') || impliesUnpacking(s);

/** Loaded chains, put in order once however many units share them. */
export interface Histories {
  /** Own steps in order, withdrawn ones out. */
  own(number: number): readonly Step[];
  /** Those of a container that say something of its contents. */
  reaching(container: number): readonly Step[];
  /** Own steps that were withdrawn, in the order in which they would have happened. */
  withdrawn(number: number): readonly Step[];
  /** Those by which a container itself went into or came out of another. */
  handling(container: number): readonly Step[];
  /** Unpackings of everything in a container. */
  emptyings(container: number): readonly Step[];
  /** Hops about a unit's lot that hold for each of its units. */
  lotWide(unit: number): readonly Step[];
  /** The stays of a thing in containers, in order, by the claims alone. */
  memberships(number: number): readonly Membership[];
  /** A unit, and every container that it may ever have been in. */
  around(unit: number): ReadonlySet<number>;
  /** Whatever may concern a unit: its own steps, its lot's, those of every container it may ever have been in. */
  concerning(unit: number): readonly Step[];
}

/**
 * @param chainOf own steps of a number; load what `missing` names first
 * @param lotOf internal number of a unit's lot, null if it has none
 */
export function histories(chainOf: ChainOf, lotOf: (unit: number) => number | null = () => null): Histories {
  const own = remembering((number) => arrange(chainOf(number)));
  const inside = insideOf(own);
  const reaching = remembering((container) => own(container).filter(reaches));
  const handling = remembering((container) => {
    const outer = new Set(
      own(container).flatMap((s) => (isPacking(s) && s.parent !== null ? [s.parent] : [])),
    );
    const together = new Set([...outer].flatMap((parent) => [...inside.seqs(parent)]));
    return own(container).filter(
      (s) => packsOrUnpacks(s) && !(impliesUnpacking(s) && together.has(s.hop.seq)),
    );
  });
  const lotSteps = remembering((lot) => own(lot).filter((s) => lotWideHops.has(s.hop.hop)));
  const lotWide = (unit: number): readonly Step[] => {
    const lot = lotOf(unit);
    return lot === null ? [] : lotSteps(lot);
  };
  const around = remembering((unit) => {
    const seen = new Set([unit]);
    for (const number of seen)
      for (const s of own(number)) if (isPacking(s) && s.parent !== null) seen.add(s.parent);
    return seen;
  });
  return {
    own,
    reaching,
    withdrawn: remembering((number) => withdrawnIn(chainOf(number))),
    handling,
    emptyings: inside.emptied,
    lotWide,
    memberships: remembering((number) => stays(own(number), inside)),
    around,
    concerning(unit) {
      const out = [...lotWide(unit)];
      for (const number of around(unit)) for (const s of own(number)) out.push(s);
      return out;
    },
  };
}

/**
 * Containers whose own steps are still to be loaded before the lives of these units can be told. The caller loads them
 * all at once and asks again, until none is missing: as many rounds as containers are nested.
 */
export function missing(
  units: Iterable<number>,
  has: (number: number) => boolean,
  chainOf: ChainOf,
): number[] {
  const seen = new Set<number>(units);
  const wanted: number[] = [];
  const queue = [...seen];
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    if (!has(number)) {
      wanted.push(number);
      continue;
    }
    for (const s of chainOf(number)) {
      if (!isPacking(s) || s.parent === null || seen.has(s.parent)) continue;
      seen.add(s.parent);
      queue.push(s.parent);
    }
  }
  return wanted.sort((a, b) => a - b);
}
