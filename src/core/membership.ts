/**
 * What is in what, and so whose hops reach a unit.
 *
 * A packing (EPCIS 2.0 §7.4.3 AggregationEvent, ADD; CBV 2.0 `packing`) puts a child into a parent until an
 * unpacking (DELETE, `unpacking`) takes it out; what happens to the parent meanwhile happens to the child, nested
 * to any depth. A hop that names the child alone and can only be done outside its container implies that it was
 * unpacked.
 *
 * `memberships` says so by the claims alone. For the state of a unit that is not enough: whether a packing or an
 * unpacking counts depends on who says so, which only the fold over the unit's history knows. `effectiveHops`
 * therefore hands the fold every hop that may reach the unit, marked with the packings it comes through
 * (`Step.within`); the fold takes those whose packings are in force at that moment.
 *
 * Example: carton 7 is packed on pallet 9 (seq 1), unit 5 into carton 7 (seq 2), the pallet shipped (seq 3). Unit 5's
 * steps: 2 (its own), 1 (within 2: the carton stood on the pallet already), 3 (within 2 and 1).
 */

import { arrange, byOrder, isBirth, markWithdrawn, type Step } from './history.ts';
import type { HopType } from './hop.ts';

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

/** Containers nested deeper than this are taken for a circle or an attack. */
export const depthMax = 16;

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

/** Whether a hop that names a contained thing alone implies that it was taken out. */
export const impliesUnpacking = (s: Step): boolean =>
  outsideActs.has(s.hop.hop) && s.position !== 'quantity' && s.position !== 'parent';

const isPacking = (s: Step): boolean =>
  s.hop.hop === 'pack' && s.position !== 'parent' && s.position !== 'quantity' && s.parent !== null;

/** What a container's own steps say of its contents. */
interface Inside {
  /** seqs of the hops that name the container itself. */
  readonly seqs: ReadonlySet<number>;
  /** Unpackings of everything. */
  readonly emptied: readonly Step[];
}

function insideOf(chainOf: ChainOf): (container: number) => Inside {
  const known = new Map<number, Inside>();
  return (container) => {
    const before = known.get(container);
    if (before) return before;
    const steps = arrange(chainOf(container));
    const inside = {
      seqs: new Set(steps.filter((s) => s.position !== 'parent').map((s) => s.hop.seq)),
      emptied: steps.filter((s) => s.whole),
    };
    known.set(container, inside);
    return inside;
  };
}

/** The stays of a thing in containers, in order, by the claims alone. */
export function memberships(chain: Chain, chainOf: ChainOf): Membership[] {
  const stays: Membership[] = [];
  const inside = insideOf(chainOf);
  const emptiedIn = (stay: Membership, end: Step | null): Step | undefined =>
    inside(stay.container).emptied.find(
      (s) => byOrder(stay.packed, s) < 0 && (end === null || byOrder(s, end) < 0),
    );
  /** Ends the last stay, unless it has ended: by `end`, or by an emptying of the container before that. */
  const close = (end: Step | null, implied: boolean) => {
    const stay = stays.at(-1);
    if (stay === undefined || stay.ended !== null) return;
    const emptied = emptiedIn(stay, end);
    stays[stays.length - 1] = emptied ? { ...stay, ended: emptied } : { ...stay, ended: end, implied };
  };
  for (const s of arrange(chain)) {
    const last = stays.at(-1);
    const stay = last?.ended === null ? last : undefined;
    if (isPacking(s) && s.parent !== null) {
      if (stay?.container === s.parent && !emptiedIn(stay, s)) continue;
      close(s, true);
      stays.push({ container: s.parent, packed: s, ended: null, implied: false });
    } else if (stay && endsStay(s, stay, inside)) close(s, s.hop.hop !== 'unpack');
  }
  close(null, false);
  return stays;
}

function endsStay(s: Step, stay: Membership, inside: (container: number) => Inside): boolean {
  if (s.hop.hop === 'unpack') return s.position !== 'parent' && s.parent === stay.container;
  return impliesUnpacking(s) && !inside(stay.container).seqs.has(s.hop.seq);
}

/** Hops about a whole lot that hold for each of its units. */
const lotWide: ReadonlySet<HopType> = new Set<HopType>(['release', 'hold', 'seize', 'lift']);

/** Whether a container's own hop says anything of what is inside. */
function reaches(s: Step): boolean {
  if (s.hop.hop === 'pack' || s.hop.hop === 'unpack') return s.whole || s.position !== 'parent';
  return s.hop.hop !== 'relabel' && !isBirth(s.hop, s.position);
}

/**
 * Every hop that may concern a unit: its own, those of the containers it was ever packed into (and theirs), those
 * of its lot that hold for all units. In no order; `fold` orders them and leaves out those not in force.
 * @param chainOf own steps of a number; load what `missing` names first
 * @param lotOf internal number of a unit's lot, null if it has none or the lot has no steps
 */
export function effectiveHops(
  unit: number,
  chainOf: ChainOf,
  lotOf: (unit: number) => number | null = () => null,
): Step[] {
  const out: Step[] = [];
  const marked = new Map<number, Chain>();
  const chain = (number: number): Chain => {
    const known = marked.get(number);
    if (known) return known;
    const fresh = markWithdrawn(chainOf(number));
    marked.set(number, fresh);
    return fresh;
  };
  /** Adds what happened to `container` from `since`, when it took in what the path leads to. */
  const enter = (container: number, since: Step, within: readonly number[], via: readonly number[]) => {
    if (container === unit || via.includes(container) || via.length >= depthMax) return;
    const path = [...within, since.hop.seq];
    const containers = [...via, container];
    const steps = chain(container);
    for (const s of steps) {
      if (!reaches(s) || s.hop.seq === since.hop.seq) continue;
      if (isPacking(s)) {
        if (s.parent === null || s.withdrawnBy !== null || byOrder(s, since) <= 0) continue;
        out.push({ ...s, within: path, via: containers });
        enter(s.parent, s, path, containers);
      } else if (s.at >= since.at || s.withdrawnBy !== null || s.hop.until >= since.hop.from) {
        out.push({ ...s, within: path, via: containers });
      }
    }
    if (!steps.some(isPacking)) return;
    const around = memberships(steps, chain).find(
      (m) => byOrder(m.packed, since) < 0 && (m.ended === null || byOrder(m.ended, since) > 0),
    );
    if (!around) return;
    // It stood in another container already: the unit enters that one at the same moment, just after.
    const order = since.order + 0.5 ** path.length;
    const entered: Step = { ...around.packed, within: path, via: containers, at: since.at, order };
    out.push(entered);
    enter(around.container, entered, path, containers);
  };
  for (const s of chain(unit)) {
    out.push(s);
    if (isPacking(s) && s.parent !== null && s.withdrawnBy === null) enter(s.parent, s, [], []);
  }
  const lot = lotOf(unit);
  if (lot !== null) {
    for (const s of chain(lot)) if (lotWide.has(s.hop.hop)) out.push(s);
  }
  return out;
}

/**
 * Containers whose own steps are still to be loaded before `effectiveHops` of these units. The caller loads them
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
