/**
 * Lots dealt by measure, under an order: they are in many hands at once, and nobody can tell one drop from another. So of
 * a scope that asks whose hands goods went through, all counts that is with that party or with whom it led to, as far as the
 * scope asks since when: what was passed on before is with others.
 */

import { dateOf } from '../../core/china-dates.ts';
import type { Epc, PartyId } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { isProduction, type Step } from '../../core/life/history.ts';
import { foldLot, type LotLife } from '../../core/life/lot.ts';
import { always } from '../../core/orders/descent.ts';
import {
  askedHands,
  isDownstream,
  isInScope,
  type OrderRule,
  type Subject,
} from '../../core/orders/order.ts';
import { type HeldAs, isLeaving } from '../../core/orders/order-effect.ts';
import { levelsOf } from '../../core/tracing/flow.ts';
import { loadChains } from '../events/chains.ts';
import { contextOf, type Issued } from '../events/context.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { stationsIn } from '../tracing/names.ts';
import { visitsOf, type Where, whereaboutsBy, whereIn } from './asked.ts';
import type { Asked, EffectiveOrder } from './effective.ts';
import { type Batch, believedAmong, type EnrolDeps, type Enrolled } from './enrolment.ts';

/** Three statements, and one a level of nesting. Lots that are only counted by their units are absent. */
export async function enrolMeasured(
  { sql, masters, names: load, now }: EnrolDeps,
  order: EffectiveOrder,
  { numbers, texts, before, derived }: Batch,
): Promise<Enrolled[]> {
  if (numbers.length === 0) return [];
  const gtins = new Map(numbers.map((number) => [number, gtinIn(texts.get(number) ?? '')]));
  const [chains, owners] = await Promise.all([
    loadChains(sql, numbers, before),
    ownersOf(sql, [...gtins.values()].map(gtinKey)),
  ]);
  const stations = stationsIn([...chains.values()].flat());
  const names = await load({ ...stations, parties: [...stations.parties, ...owners.values()] });
  return numbers.flatMap((number): Enrolled[] => {
    const epc = texts.get(number);
    const gtin = gtins.get(number) ?? null;
    if (epc === undefined || gtin === null) return [];
    const steps = chains.get(number) ?? [];
    const maker = owners.get(gtinKey(gtin)) ?? null;
    const origin: Issued = { seq: -1, batch: '', kid: '', gtin, lot: null, lotUnit: null, issuer: maker };
    const context = contextOf(origin, steps, masters, { asOf: now(), before });
    const life = foldLot(steps, { ...context, planned: null });
    const { uom } = life;
    if (uom === null) return [];
    const credible = believed(life, steps);
    const hops = credible.map(({ hop }) => hop);
    const lot = { epc, gtin, maker, credible, where: whereIn(whereaboutsBy(names), maker, hops) };
    const isDerived = believedAmong(derived.get(number), steps, life.claims).length > 0;
    if (!isAboutLot(order, lot, life, isDerived)) return [];
    if (isDerived)
      return heapsOf(life, maker, null, []).map((heap, i) => ({
        unit: number,
        i,
        since: always.from,
        uom,
        ...heap,
      }));
    const since = sinceOf(order);
    const earlier = steps.filter(({ hop }) => hop.until < since);
    const { balances } = foldLot(earlier, { ...context, planned: null });
    return heapsOf(life, maker, handsOf(order, life, steps), balances).map((heap, i) => ({
      ...{ unit: number, i, since: always.from, uom },
      ...heap,
    }));
  });
}

/** Steps of those whose word counts. */
export const believed = ({ claims }: LotLife, steps: readonly Step[]): Step[] => {
  const strange = new Set(claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [seq] : [])));
  return steps.filter(({ hop }) => !strange.has(hop.seq));
};

/** A lot dealt by measure, with what those say of it whose word counts. */
export interface MeasuredLot {
  readonly epc: Epc;
  readonly gtin: string;
  readonly maker: PartyId | null;
  readonly credible: readonly Step[];
  readonly where: Where;
}

/** A lot as orders ask about it, without whose hands it went through. */
function subjectOf({ epc, gtin, maker, credible, where }: MeasuredLot): Subject {
  const made = credible.flatMap(({ hop, position }) =>
    isProduction(hop, position) ? [dateOf(hop.until)] : [],
  );
  const [first] = made.sort();
  return {
    epc,
    type: 'lot',
    gtin,
    lot: epc,
    maker,
    holdings: [],
    containers: [],
    produced: first === undefined ? null : { from: first, until: made.at(-1) ?? first },
    recorded: null,
    ...where,
  };
}

/** The same as of whoever had or handled any of it. */
export function askedOfLot(unit: number, lot: MeasuredLot, { balances }: LotLife): Asked {
  const parties = new Set([
    ...balances.map(({ party }) => party),
    ...lot.credible.map(({ hop }) => hop.recorder),
  ]);
  const holdings = [...parties].map((party) => ({ party, partedAt: null, toldAt: null }));
  return { ...subjectOf(lot), unit, holdings, containers: [], where: () => lot.where };
}

/** Whether an order is about a lot, apart from whose hands it went through: that is asked of its parts. */
export function isAboutLot(order: OrderRule, lot: MeasuredLot, life: LotLife, isDerived: boolean): boolean {
  const { epc, credible } = lot;
  const subject = subjectOf(lot);
  const { held: _, holding: __, downstream, ...rest } = order.scope;
  const isThrough =
    isDerived ||
    downstream === undefined ||
    downstream.party !== undefined ||
    isDownstream(downstream, { ...subject, visits: visitsOf(life.claims, credible) });
  return isThrough && isInScope({ ...order, scope: { ...rest, lots: rest.lots ?? [epc] } }, subject);
}

/** From when on an order asks through whose hands goods went, ms since the epoch. */
function sinceOf({ scope: { held, holding, downstream }, at }: OrderRule): number {
  if (held !== undefined) return Number.NEGATIVE_INFINITY;
  if (holding !== undefined) return at;
  return downstream?.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(downstream.since);
}

/** The party through whose hands an order asks that a lot went, and whom that led to since then; null for everybody. */
export function handsOf(
  order: OrderRule,
  { edges }: Pick<LotLife, 'edges'>,
  steps: readonly Step[],
): ReadonlySet<PartyId> | null {
  const from = askedHands(order.scope);
  if (from === null) return null;
  const since = sinceOf(order);
  const late = new Set(steps.flatMap(({ hop }) => (hop.until >= since ? [hop.seq] : [])));
  const passed = edges.filter(({ seqs }) => seqs.some((seq) => late.has(seq)));
  return new Set(levelsOf(new Set([from]), passed).keys());
}

/**
 * What each party has and has used, and what is under way from it; only that of some when they are named, and without what
 * they had used before.
 */
function heapsOf(
  life: LotLife,
  maker: PartyId | null,
  hands: ReadonlySet<PartyId> | null,
  earlier: LotLife['balances'],
) {
  const before = new Map(earlier.map((it) => [it.party, it]));
  const takes = (party: PartyId | null): boolean => hands === null || (party !== null && hands.has(party));
  const heaps: Pick<Enrolled, 'fate' | 'holder' | 'amount'>[] = [];
  for (const { party, has, back, used, destroyed } of life.balances.filter((it) => takes(it.party))) {
    if (party === maker) {
      heaps.push({ fate: 'kept', holder: party, amount: has - back });
      heaps.push({ fate: 'returned', holder: party, amount: back });
    } else heaps.push({ fate: 'held', holder: party, amount: has });
    const gone = before.get(party) ?? { used: 0n, destroyed: 0n };
    const lost = destroyed - gone.destroyed;
    heaps.push({ fate: 'consumed', holder: party, amount: used - gone.used - lost });
    heaps.push({ fate: 'destroyed', holder: party, amount: lost });
  }
  for (const { from: giver, to: taker, underWay } of life.edges.filter((it) => takes(it.from.party)))
    heaps.push({ ...sentBy(giver.party, taker.party, maker), amount: underWay });
  return heaps.filter(({ amount }) => amount > 0n);
}

/** As of a unit (`fateOf`). */
function sentBy(giver: PartyId | null, taker: PartyId | null, maker: PartyId | null): HeldAs {
  if (isLeaving(giver, taker, maker)) return { fate: 'under-way', holder: taker ?? giver };
  return { fate: giver === maker ? 'kept' : 'held', holder: giver };
}
