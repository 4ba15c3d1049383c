/**
 * What is said of a thing may change which orders it is under, and so those that the things made of it are under. These
 * are looked at then, too, and so on with what was made of them. Where nobody ordered anything about what is downstream of
 * something, nothing spreads.
 *
 * A function of the log alone, like what is touched at all: a thing is compared with itself an entry before; a lot, and a
 * thing that was not looked at with every entry that tells of it (due.ts), with itself at the entry of its own with which
 * it was due before.
 *
 * Example: V is cut into W by entry 5 and W into U by entry 6, and an order stops all that is made of V. Entry 9 takes
 * back entry 5, and names V and W. W is under the order no longer, so U is looked at with entry 9 as well.
 */
import type { PartyId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import type { Spans } from '../../core/orders/descent.ts';
import type { TakenOut } from '../../core/orders/stay.ts';
import { graceMsOf } from '../../core/rules/thresholds.ts';
import type { Sql } from '../../database/connection.ts';
import { loadChains } from '../events/chains.ts';
import { breathing } from '../in-turns.ts';
import { dueBy, isDue } from './due.ts';
import { timesOf } from './filing.ts';
import { catchUp, type Known } from './known.ts';
import { loadOutputs } from './lineage.ts';
import type { Terms } from './overdue.ts';
import { reconsideredIn } from './reconsidered.ts';
import { type Loaded, load, sightAt } from './sights.ts';
import type { Stops } from './stops.ts';
import {
  bySeq,
  looksMax,
  looksOf,
  stepsAtOnce,
  type Touched,
  type Touches,
  touch,
  touchedBy,
} from './touches.ts';

const dayMs = 86_400_000;

/** Things and lots with the entries with which they are looked at. */
type Looks = Pick<Touched, 'touches' | 'lots'>;

export interface Loading extends Pick<Touched, 'touches' | 'lots' | 'times'> {
  /** null where there is nothing to look at. */
  readonly loaded: Loaded | null;
}

/**
 * What is looked at with the entries `from` ≤ seq < `until`, and all that it takes; null when that is more than fits in
 * memory: cut the range and ask for each part. Some more statements for each generation that something spreads to.
 */
export async function looksIn(sql: Sql, known: Known, from: number, until: number): Promise<Loading | null> {
  await Promise.all([known.docket.catchUp(), known.failures.catchUp()]);
  const terms: Terms = {
    transitMs: (before) => known.docket.thresholds(before)['transit-days-max'] * dayMs,
    graceMs: (before) => graceMsOf(known.docket.thresholds(before)),
  };
  const reconsidered = await reconsideredIn(sql, known, from, until);
  const touched = await touchedBy(sql, terms, reconsidered, from, until);
  if (touched === null) return null;
  const { touches, lots, times, chains } = touched;
  if (touches.size + lots.size === 0) return { touches, lots, times, loaded: null };
  await catchUp(known);
  const loadAll = (loaded: ReadonlyMap<number, readonly Step[]>): Promise<Loaded> =>
    load(sql, known, { things: new Set(touches.keys()), lots: new Set(lots.keys()) }, loaded, until);
  let loaded = await loadAll(chains);
  for (let fresh: Looks = { touches, lots }; known.orders.anyDownstream(until); ) {
    const next = await spreadFrom(sql, known, loaded, fresh);
    fresh = { touches: added(touches, next.touches), lots: added(lots, next.lots) };
    if (fresh.touches.size + fresh.lots.size === 0) break;
    if (until - from > 1 && looksOf(touches) + looksOf(lots) > looksMax) return null;
    loaded = await loadAll(loaded.things.chains);
  }
  return { touches, lots, times, loaded };
}

/** Units that are looked at with an entry that names none of them, and changes nothing of the orders that they are under. */
export async function looksWith(
  sql: Sql,
  known: Known,
  seq: number,
  units: readonly number[],
): Promise<Loading> {
  await catchUp(known);
  const [chains, times] = await Promise.all([loadChains(sql, units, seq + 1), timesOf(sql, new Set([seq]))]);
  const asked = { things: new Set(units), lots: new Set<number>() };
  const loaded = await load(sql, known, asked, chains, seq + 1);
  const touches = new Map(units.map((unit) => [unit, new Set([seq])]));
  return { touches, lots: new Map(), times, loaded };
}

/** Adds touches to some; answers those that were not among them. */
function added(to: Touches, more: Touches): Touches {
  const fresh: Touches = new Map();
  for (const [number, seqs] of more)
    for (const seq of seqs) if (touch(to, number, seq)) touch(fresh, number, seq);
  return fresh;
}

/** What was made of these things and lots, with those of the entries by which it came under orders or out of them. */
async function spreadFrom(sql: Sql, known: Known, loaded: Loaded, looks: Looks): Promise<Looks> {
  const shifts = await shiftsOf(known, loaded, looks);
  const found: Looks = { touches: new Map(), lots: new Map() };
  if (shifts.size === 0) return found;
  for (const { seq: making, unit, lot } of await loadOutputs(sql, shifts.keys()))
    for (const seq of shifts.get(making) ?? []) touch(lot ? found.lots : found.touches, unit, seq);
  return found;
}

/** Makings, by entry, with the entries by which that changed under which orders what went into them is. */
async function shiftsOf(
  known: Known,
  loaded: Loaded,
  { touches, lots }: Looks,
): Promise<Map<number, Set<number>>> {
  const shifts = new Map<number, Set<number>>();
  const breathe = breathing(stepsAtOnce);
  const due = dueBy(loaded.things.chains);

  function compare(number: number, steps: readonly Step[], seqs: Seqs, now: StopsAt): void {
    for (const { making, maker } of usesBefore(steps, seqs.now)) {
      const before = now(seqs.before).handedOn(number, maker);
      const after = now(seqs.now).handedOn(number, maker);
      const [out, still] = [seqs.before, seqs.now].map((at) => now(at).takingsOut(number, making).map(keyOf));
      if (isSame(before, after) && out?.join() === still?.join()) continue;
      shifts.set(making, (shifts.get(making) ?? new Set()).add(seqs.now));
    }
  }

  for (const [seq, things] of bySeq(touches)) {
    const stops = stopsIn(loaded, known);
    for (const thing of things) {
      const steps = loaded.things.chains.get(thing) ?? [];
      compare(thing, steps, { before: due.before(thing, seq), now: seq }, stops);
      await breathe(1 + steps.length);
    }
  }
  for (const [seq, numbers] of bySeq(lots)) {
    const stops = stopsIn(loaded, known);
    for (const lot of numbers) {
      const steps = loaded.lots.chains.get(lot) ?? [];
      compare(lot, steps, { before: dueBefore(steps, seq), now: seq }, stops);
      await breathe(1 + steps.length);
    }
  }
  return shifts;
}

const isSame = (one: ReadonlyMap<number, Spans>, other: ReadonlyMap<number, Spans>): boolean =>
  one.size === other.size && [...one].every(([order, spans]) => isSameTime(spans, other.get(order) ?? []));

const isSameTime = (one: Spans, other: Spans): boolean =>
  one.length === other.length &&
  one.every(({ from, until }, i) => from === other[i]?.from && until === other[i]?.until);

const keyOf = ({ entry, at }: TakenOut): string => `${entry}/${at}`;

interface Seqs {
  readonly before: number;
  readonly now: number;
}
type StopsAt = (seq: number) => Stops;

/** What stands by the entries up to one, told once for all things that are compared with the same entry. */
function stopsIn(loaded: Loaded, known: Known): StopsAt {
  const told = new Map<number, Stops>();
  return (seq) => {
    // Orders do not ask what is overdue: the time does not matter.
    const stops = told.get(seq) ?? sightAt(loaded, known, seq, 0).stops;
    told.set(seq, stops);
    return stops;
  };
}

/** Earlier makings that something went into. A relabelling is two entries, the second of which makes the new thing. */
function usesBefore(steps: readonly Step[], seq: number): { making: number; maker: PartyId }[] {
  return steps.flatMap(({ hop, position }) => {
    const isUsed =
      hop.hop === 'transform' || hop.hop === 'split'
        ? position === 'input'
        : hop.hop === 'relabel'
          ? hop.note === 'old'
          : hop.note === 'parts' && position === 'child';
    if (!isUsed) return [];
    const making = hop.hop === 'relabel' ? hop.seq + 1 : hop.seq;
    return making < seq ? [{ making, maker: hop.recorder }] : [];
  });
}

/** The last entry before one with which a lot was due to be looked at; -1 if there was none. */
function dueBefore(steps: readonly Step[], seq: number): number {
  const seqs = [...new Set(steps.map(({ hop }) => hop.seq))];
  return seqs.findLast((it, i) => it < seq && isDue(i + 1)) ?? -1;
}
