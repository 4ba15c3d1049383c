/**
 * Orders that stop goods, kept in memory by whoever derives findings, as masters.ts keeps delegations: the table only
 * grows, so catching up is reading what is beyond the last seq seen, and any earlier prefix of the log can be asked for
 * afterwards. Which things an order is about follows from its rule (core/orders/order.ts) and from what they were made of
 * (core/orders/descent.ts): the rolls of orders are kept beside the log and are not looked at.
 */

import type { Epc, PartyId, PlaceId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { Step } from '../../core/life/history.ts';
import type { LotLife } from '../../core/life/lot.ts';
import { always, type Hands, type MadeUnder, type Making, type Spans } from '../../core/orders/descent.ts';
import {
  askedHands,
  beforeToldAfter,
  isDownstream,
  isInScope,
  type OrderRule,
  type OrderScope,
  type Reach,
  type Subject,
  sincePutIn,
  termsAbout,
  termsOf,
  type Visit,
} from '../../core/orders/order.ts';
import type { Stop } from '../../core/rules/thing.ts';
import type { Sql } from '../../database/connection.ts';
import { handsOf, isAboutLot, type MeasuredLot } from '../orders/enrol-measured.ts';

/** A stop of goods by measure, and through whose hands it asks that they went. */
export interface LotStop extends Stop {
  readonly through: Hands;
}

/** A unit or container as orders ask about it. */
export interface Visited extends Subject {
  readonly visits: readonly Visit[];
  /** When it came to a party; null where that is not told, or the party had it from the first. */
  cameTo(party: PartyId): number | null;
}

/** Orders, by seq, that reach things through what these were made of: what they say of one thing. */
export interface OrdersOfMade {
  /** Those that it is under by itself, and through whose hands. */
  own(): ReadonlyMap<number, Hands>;
  /** Whether an order is about it, provided that this made it of things under it. */
  admits(order: number, making: Making): boolean;
}

/** What orders over what is downstream of something name that goods by measure can be or have gone through. */
export interface Beginnings {
  readonly lots: ReadonlySet<Epc>;
  readonly parties: ReadonlySet<PartyId>;
  readonly places: ReadonlySet<PlaceId>;
}

export const beginningsOf = (scopes: readonly OrderScope[]): Beginnings => ({
  lots: new Set(scopes.flatMap(({ downstream }) => downstream?.lot ?? [])),
  parties: new Set(
    scopes.flatMap((scope) => (scope.downstream?.party === undefined ? [] : (askedHands(scope) ?? []))),
  ),
  places: new Set(scopes.flatMap(({ downstream }) => downstream?.place ?? [])),
});

export interface StandingOrders {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** Whether any order was made by the entries before `before`. */
  any(before: number): boolean;
  /** Whether any of them was about what is downstream of something: only these ask what things were made of. */
  anyDownstream(before: number): boolean;
  /** A lot that names none of these is under none of them by itself. */
  beginnings(before: number): Beginnings;
  /** Tells apart, of things with one history, those that orders name from those that they do not. */
  naming(epc: Epc): string;
  /** Those about a unit or container, by the entries before `before`. */
  about(subject: Visited, made: MadeUnder, before: number): Stop[];
  ofMade(subject: Visited, before: number): OrdersOfMade;
  /** The same for goods by measure. */
  aboutLot(lot: MeasuredLot, life: LotLife, made: MadeUnder, before: number): LotStop[];
  ofMadeLot(lot: MeasuredLot, life: LotLife, before: number): OrdersOfMade;
}

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly id: string;
  readonly type: string;
  readonly scope: OrderScope | null;
  readonly reach: Reach | null;
}

interface Order extends OrderRule {
  readonly seq: number;
  release: { readonly seq: number; readonly at: number } | null;
}

export function createStandingOrders(sql: Sql): StandingOrders {
  const byId = new Map<string, Order>();
  const byTerm = new Map<string, Order[]>();
  const byName = new Map<string, number[]>();
  const downstream = new Map<number, Order>();
  let first = Number.POSITIVE_INFINITY;
  let firstDownstream = Number.POSITIVE_INFINITY;
  let last = -1;

  function take({ seq, at, id, type, scope, reach }: Row): void {
    if (type === 'release') {
      const order = byId.get(id);
      if (order !== undefined) order.release = { seq, at };
      return;
    }
    if (scope === null) return;
    const order: Order = { seq, at, scope, reach, release: null };
    first = Math.min(first, seq);
    byId.set(id, order);
    if (scope.downstream !== undefined) {
      firstDownstream = Math.min(firstDownstream, seq);
      downstream.set(seq, order);
    }
    for (const term of termsOf(scope)) append(byTerm, term, order);
    const { units = [], lots = [], containers = [], downstream: { unit, lot, container } = {} } = scope;
    const origins = [unit, lot, container].filter((it) => it !== undefined);
    for (const epc of [...units, ...lots, ...containers, ...origins]) append(byName, epc, seq);
  }

  const stopBy = ({ seq, at, release }: Order, before: number): Stop => ({
    seq,
    from: at,
    until: release !== null && release.seq < before ? release.at : Number.POSITIVE_INFINITY,
    made: null,
    during: always,
    left: false,
    came: null,
  });
  const ownStop = (order: Order, { cameTo }: Visited, before: number): Stop => {
    const to = askedHands(order.scope);
    const at = to === null ? null : cameTo(to);
    const came = to === null || at === null ? null : { to, at };
    return { ...stopBy(order, before), came };
  };
  /** By each of the entries that made it so: the first that a move was under the order by is told. */
  const madeStops = (order: Order, made: MadeUnder, before: number): Stop[] =>
    [...(made.get(order.seq) ?? noMakings)]
      .sort(([one], [other]) => one - other)
      .flatMap(([making, spans]) =>
        spans.map((during) => ({ ...stopBy(order, before), made: making, during })),
      );

  const isOwn = ({ scope }: Order, subject: Visited): boolean =>
    scope.downstream !== undefined && isDownstream(scope.downstream, subject);
  const downstreamBefore = (before: number): Order[] =>
    [...downstream.values()].filter(({ seq }) => seq < before);

  /** Those kept under one of the terms, and those that have none, oldest first. */
  function candidates(terms: readonly string[], before: number): Order[] {
    const found = new Set([...downstream.values(), ...terms.flatMap((term) => byTerm.get(term) ?? [])]);
    return [...found].filter(({ seq }) => seq < before).sort((a, b) => a.seq - b.seq);
  }

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT seq, at, id, type, body -> 'scope' AS scope, body -> 'reach' AS reach
        FROM orders WHERE seq > ${last} AND type <> 'tracking' ORDER BY seq`;
      for (const row of rows) take(row);
      last = rows.at(-1)?.seq ?? last;
    },
    any: (before) => first < before,
    anyDownstream: (before) => firstDownstream < before,
    beginnings: (before) => beginningsOf(downstreamBefore(before).map(({ scope }) => scope)),
    naming: (epc) => byName.get(epc)?.join() ?? '',
    about: (subject, made, before) =>
      candidates(termsAbout(subject), before).flatMap((order) => {
        const byMaking = madeStops(order, made, before);
        if (isInScope(order, subject, isOwn(order, subject)))
          return [ownStop(order, subject, before), ...byMaking];
        if (byMaking.length > 0) return byMaking;
        const then = beforeToldAfter(order.at, subject);
        return isInScope(order, then, isOwn(order, then))
          ? [{ ...ownStop(order, subject, before), left: true }]
          : [];
      }),
    ofMade: (subject, before) => ({
      own: () =>
        new Map(
          downstreamBefore(before)
            .filter((order) => isInScope(order, subject, isOwn(order, subject)))
            .map(({ seq }) => [seq, null]),
        ),
      admits: (seq, { putIn }) =>
        isInScope(
          downstream.get(seq) ?? never(),
          putIn === null ? subject : sincePutIn(putIn, subject),
          true,
        ),
    }),
    aboutLot: (lot, life, made, before) =>
      candidates(termsOfLot(lot, life), before).flatMap((order): LotStop[] => {
        const own = isAboutLot(order, lot, life, false)
          ? [{ ...stopBy(order, before), through: handsOf(order, life, lot.credible) }]
          : [];
        // Of a lot that was made of what the order is about, all is under it.
        const byMaking = madeStops(order, made, before).map((stop) => ({ ...stop, through: null }));
        return [...own, ...byMaking];
      }),
    ofMadeLot: (lot, life, before) => ({
      own: () =>
        new Map(
          downstreamBefore(before)
            .filter((order) => isAboutLot(order, lot, life, false))
            .map((order) => [order.seq, handsOf(order, life, lot.credible)]),
        ),
      admits: (seq) => isAboutLot(downstream.get(seq) ?? never(), lot, life, true),
    }),
  };
}

const noMakings: ReadonlyMap<number, Spans> = new Map();

function never(): never {
  throw new Error('no such order over what is downstream of something');
}

function termsOfLot({ epc, gtin, maker, credible }: MeasuredLot, { balances }: LotLife): string[] {
  const holdings = [...new Set([...balances.map(({ party }) => party), ...recorders(credible)])];
  return termsAbout({
    ...{ epc, type: 'lot', gtin, lot: epc, maker, containers: [] },
    holdings: holdings.map((party) => ({ party, partedAt: null, toldAt: null })),
  });
}

const recorders = (steps: readonly Step[]): PartyId[] => steps.map(({ hop }) => hop.recorder);
