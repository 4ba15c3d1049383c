/**
 * The orders in force about things. An order takes effect by its rule, not by marking what it is about: so the moment
 * it is recorded it holds, for however many things. Asked is the other way round, by the few terms of a thing: one
 * statement for any number of things, an index look-up a term, and what else a scope asks is looked at in memory.
 */
import type { OrderFact } from '../../core/fact.ts';
import { isInScope, type OrderRule, type Subject, termsAbout } from '../../core/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface EffectiveOrder extends OrderRule {
  readonly seq: number;
  readonly fact: OrderFact;
}

/** A thing asked about: containers by internal number; where it was, only looked at when an order may be about it. */
export interface Asked extends Omit<Subject, 'containers' | 'regions' | 'places'> {
  readonly containers: readonly number[];
  readonly where: () => Pick<Subject, 'regions' | 'places'>;
}

export interface EffectiveOrders {
  /** The orders in force about each thing, oldest first. Two statements at most. */
  about(things: readonly Asked[]): Promise<(readonly EffectiveOrder[])[]>;
}

/** Orders in memory: they never change, only whether they are in force. */
const keptMax = 1000;

interface Hit {
  readonly term: string;
  readonly seq: number;
  /** Internal number of the container that the term names. */
  readonly container: number | null;
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
      const terms = things.map((thing) => termsAbout({ ...thing, containers: [] }));
      const hits = await hitsOf(sql, new Set(terms.flat()), new Set(things.flatMap((it) => it.containers)));
      if (hits.length === 0) return things.map(() => []);
      const orders = await load(new Set(hits.map(({ seq }) => seq)));
      const byTerm = new Map<string, number[]>();
      for (const { term, seq } of hits) byTerm.set(term, [...(byTerm.get(term) ?? []), seq]);
      const containers = new Map(
        hits.flatMap(({ container, term }) => (container === null ? [] : [[container, term] as const])),
      );
      return things.map((thing, i) => {
        const around = thing.containers.flatMap((container) => containers.get(container) ?? []);
        const seqs = new Set([...(terms[i] ?? []), ...around].flatMap((term) => byTerm.get(term) ?? []));
        if (seqs.size === 0) return [];
        const subject: Subject = {
          ...thing,
          ...thing.where(),
          containers: around.map((term) => term.slice('container:'.length) as Subject['epc']),
        };
        return [...seqs]
          .sort((a, b) => a - b)
          .flatMap((seq) => orders.get(seq) ?? [])
          .filter((order) => isInScope(order, subject));
      });
    },
  };
}

function hitsOf(sql: Sql, terms: ReadonlySet<string>, containers: ReadonlySet<number>): Promise<Hit[]> {
  if (terms.size === 0) return Promise.resolve([]);
  const inForce = sql`
    JOIN orders o ON o.seq = t.seq AND NOT EXISTS (SELECT FROM orders r WHERE r.id = o.id AND r.type = 'release')`;
  return sql<Hit[]>`
    SELECT t.term, t.seq, NULL::bigint AS container
    FROM unnest(${arrayLiteral([...terms])}::text[]) AS asked (term) JOIN order_terms t USING (term) ${inForce}
    UNION ALL
    SELECT t.term, t.seq, e.unit
    FROM unnest(${arrayLiteral([...containers])}::bigint[]) AS asked (unit) JOIN epcs e USING (unit)
    JOIN order_terms t ON t.term = 'container:' || e.epc ${inForce}`;
}
