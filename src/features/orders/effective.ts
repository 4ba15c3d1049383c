/**
 * The orders in force about things. An order takes effect by its rule, not by marking what it is about: so the moment
 * it is recorded it holds, for however many things. Asked is the other way round, by the few terms of a thing: one
 * statement for any number of things, an index look-up a term, and what else a scope asks is looked at in memory.
 */

import type { Epc } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { OrderFact } from '../../core/log/fact.ts';
import { isInScope, type OrderRule, type Subject, termsAbout } from '../../core/orders/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { breathing } from '../in-turns.ts';

export interface EffectiveOrder extends OrderRule {
  readonly seq: number;
  readonly fact: OrderFact;
}

/** A thing asked about: containers by internal number; where it was, only looked at when an order may be about it. */
export interface Asked extends Omit<Subject, 'containers' | 'regions' | 'places'> {
  /** Internal number; null where no entry names it. */
  readonly unit: number | null;
  readonly containers: readonly number[];
  readonly where: () => Pick<Subject, 'regions' | 'places'>;
}

/** An order with what ended it; null while it is in force. */
export interface PastOrder extends EffectiveOrder {
  readonly released: Released | null;
}

export interface Released {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** A thing that can also be asked about as it was known when an order was released. */
export interface AskedOften extends Asked {
  knownBy(released: Released): Asked;
}

export interface EffectiveOrders {
  /** The orders in force about each thing, oldest first. Two statements at most. */
  about(things: readonly Asked[]): Promise<(readonly EffectiveOrder[])[]>;
  /** Also those that were about it when they were released. Three statements at most. */
  ever(things: readonly AskedOften[]): Promise<(readonly PastOrder[])[]>;
}

/** Things asked about as they were known before other requests get their turn. */
const askedAtOnce = 200;

/** Orders in memory: they never change, only whether they are in force. */
const keptMax = 1000;

interface Hit {
  /** null: the thing is on the order's roll. */
  readonly term: string | null;
  readonly seq: number;
  /** Internal number of the container that the term names, or of the thing. */
  readonly unit: number | null;
}

export function effectiveOrders(sql: Sql): EffectiveOrders {
  const kept = new Map<number, EffectiveOrder>();

  /** What is asked for stays in the answer, whatever others load or push out meanwhile. */
  async function load(seqs: ReadonlySet<number>): Promise<ReadonlyMap<number, EffectiveOrder>> {
    const found = new Map<number, EffectiveOrder>();
    const missing: number[] = [];
    for (const seq of seqs) {
      const known = kept.get(seq);
      if (known === undefined) missing.push(seq);
      else found.set(seq, known);
    }
    if (missing.length === 0) return found;
    if (kept.size > keptMax) kept.clear();
    const rows = await sql<{ seq: number; at: number; fact: OrderFact }[]>`
      SELECT seq, at, body AS fact FROM orders WHERE seq = ANY (${arrayLiteral(missing)}::bigint[])`;
    for (const { seq, at, fact } of rows) {
      const order = { seq, at, fact, scope: fact.scope, reach: fact.reach };
      kept.set(seq, order);
      found.set(seq, order);
    }
    return found;
  }

  return {
    async about(things) {
      const found = await lookUp(things, 'in-force');
      return things.map((thing, i) => {
        const { orders, enrolled } = found[i] ?? nothing;
        return orders.length === 0 ? [] : within(orders, subjectOf(thing, found[i]), enrolled);
      });
    },

    async ever(things) {
      const found = await lookUp(things, 'ever');
      const all = new Set(found.flatMap(({ orders }) => orders.map(({ seq }) => seq)));
      const releases = all.size === 0 ? new Map<number, Released>() : await releasesOf(sql, all);
      const breathe = breathing(askedAtOnce);
      const told: PastOrder[][] = [];
      for (const [i, thing] of things.entries()) {
        const { orders, enrolled } = found[i] ?? nothing;
        const about: PastOrder[] = [];
        for (const order of orders) {
          const released = releases.get(order.seq) ?? null;
          const asked = released === null ? thing : thing.knownBy(released);
          if (within([order], subjectOf(asked, found[i]), enrolled).length > 0)
            about.push({ ...order, released });
          await breathe(1);
        }
        told.push(about);
      }
      return told;
    },
  };

  /** The orders that may be about each thing, by its terms and by the rolls. */
  async function lookUp(things: readonly Asked[], which: Which): Promise<readonly Hits[]> {
    const terms = things.map((thing) => termsAbout({ ...thing, containers: [] }));
    const hits = await hitsOf(sql, which, {
      terms: new Set(terms.flat()),
      containers: new Set(things.flatMap((it) => it.containers)),
      units: new Set(things.flatMap(({ unit }) => unit ?? [])),
    });
    if (hits.length === 0) return things.map(() => nothing);
    const orders = await load(new Set(hits.map(({ seq }) => seq)));
    const byTerm = new Map<string, number[]>();
    const byUnit = new Map<number, number[]>();
    const containers = new Map<number, string>();
    for (const { term, seq, unit } of hits) {
      if (term !== null) append(byTerm, term, seq);
      else if (unit !== null) append(byUnit, unit, seq);
      if (term !== null && unit !== null) containers.set(unit, term);
    }
    return things.map((thing, i) => {
      const around = thing.containers.flatMap((container) => containers.get(container) ?? []);
      const enrolled = new Set(thing.unit === null ? [] : byUnit.get(thing.unit));
      const seqs = new Set([
        ...[...(terms[i] ?? []), ...around].flatMap((term) => byTerm.get(term) ?? []),
        ...enrolled,
      ]);
      const sorted = [...seqs].sort((a, b) => a - b);
      return { orders: sorted.flatMap((seq) => orders.get(seq) ?? []), enrolled, containers };
    });
  }
}

/** Whether only orders in force are sought, or those that were released as well. */
type Which = 'in-force' | 'ever';

interface Hits {
  /** Oldest first. */
  readonly orders: readonly EffectiveOrder[];
  /** Those on whose roll it is. */
  readonly enrolled: ReadonlySet<number>;
  /** Terms of containers by internal number. */
  readonly containers: ReadonlyMap<number, string>;
}

const nothing: Hits = { orders: [], enrolled: new Set(), containers: new Map() };

const subjectOf = (thing: Asked, { containers }: Hits = nothing): Subject => ({
  ...thing,
  ...thing.where(),
  containers: thing.containers.flatMap((it) => {
    const term = containers.get(it);
    return term === undefined ? [] : [term.slice('container:'.length) as Epc];
  }),
});

const within = (
  orders: readonly EffectiveOrder[],
  subject: Subject,
  enrolled: ReadonlySet<number>,
): readonly EffectiveOrder[] =>
  orders.filter((order) =>
    // What its roll holds was asked all that the scope asks, of what was put into something since when it was (enrol.ts).
    order.scope.downstream === undefined ? isInScope(order, subject) : enrolled.has(order.seq),
  );

async function releasesOf(sql: Sql, orders: ReadonlySet<number>): Promise<Map<number, Released>> {
  const rows = await sql<(Released & { order: number })[]>`
    SELECT o.seq AS order, r.seq, r.at FROM orders o JOIN orders r ON r.id = o.id AND r.type = 'release'
    WHERE o.seq = ANY (${arrayLiteral([...orders])}::bigint[]) AND o.type <> 'release'`;
  return new Map(rows.map(({ order, ...released }) => [order, released]));
}

interface Sought {
  readonly terms: ReadonlySet<string>;
  readonly containers: ReadonlySet<number>;
  readonly units: ReadonlySet<number>;
}

function hitsOf(sql: Sql, which: Which, { terms, containers, units }: Sought): Promise<Hit[]> {
  if (terms.size === 0) return Promise.resolve([]);
  const inForce =
    which === 'ever'
      ? sql`TRUE`
      : sql`NOT EXISTS (SELECT FROM orders r WHERE r.id = o.id AND r.type = 'release')`;
  return sql<Hit[]>`
    SELECT t.term, t.seq, NULL::bigint AS unit
    FROM unnest(${arrayLiteral([...terms])}::text[]) AS asked (term) JOIN order_terms t USING (term)
    JOIN orders o ON o.seq = t.seq AND ${inForce}
    UNION ALL
    SELECT t.term, t.seq, e.unit
    FROM unnest(${arrayLiteral([...containers])}::bigint[]) AS asked (unit) JOIN epcs e USING (unit)
    JOIN order_terms t ON t.term = 'container:' || e.epc JOIN orders o ON o.seq = t.seq AND ${inForce}
    UNION ALL
    SELECT DISTINCT NULL, t.seq, t.unit
    FROM unnest(${arrayLiteral([...units])}::bigint[]) AS asked (unit) JOIN order_things t USING (unit)
    JOIN orders o ON o.seq = t.seq AND o.body -> 'scope' ? 'downstream' AND ${inForce}`;
}
