/** Orders with what became of them. */

import type { PartyId } from '../../core/events/hop.ts';
import type { OrderFact, OrderReleaseFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Search } from '../samples/asked.ts';

interface Entered<F> {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: F;
}

export interface Order extends Entered<OrderFact> {
  /** null while it is in force. */
  readonly release: Entered<OrderReleaseFact> | null;
}

interface OrderRow extends Entered<OrderFact> {
  readonly releaseSeq: number | null;
  readonly releasedAt: number | null;
  readonly release: OrderReleaseFact | null;
}

const columns = (sql: Sql) => sql`
  o.seq, o.at, o.body AS fact, r.seq AS "releaseSeq", r.at AS "releasedAt", r.body AS release
  FROM orders o LEFT JOIN orders r ON r.id = o.id AND r.type = 'release'`;

const orderOf = ({ seq, at, fact, releaseSeq, releasedAt, release }: OrderRow): Order => ({
  seq,
  at,
  fact,
  release:
    releaseSeq === null || releasedAt === null || release === null
      ? null
      : { seq: releaseSeq, at: releasedAt, fact: release },
});

export async function orderById(sql: Sql, id: string): Promise<Order | null> {
  const [row] = await sql<OrderRow[]>`SELECT ${columns(sql)} WHERE o.id = ${id} AND o.type <> 'release'`;
  return row === undefined ? null : orderOf(row);
}

/** A page of orders, newest first: those that a party made or was told of, or all. */
export async function ordersBefore(
  sql: Sql,
  { by, before, limit }: { readonly by: PartyId | null; readonly before: number; readonly limit: number },
): Promise<Order[]> {
  const rows = await sql<OrderRow[]>`
    SELECT ${columns(sql)}
    WHERE o.type <> 'release' AND o.seq < ${before} AND (${by}::text IS NULL OR o.party = ${by}
      OR EXISTS (SELECT FROM notices n WHERE n.party = ${by} AND n.kind = 'order' AND n.seq = o.seq))
    ORDER BY o.seq DESC LIMIT ${limit}`;
  return rows.map(orderOf);
}

/** Orders by the entries that made or released them. */
export async function ordersBySeq(sql: Sql, seqs: readonly number[]): Promise<Map<number, Order>> {
  const rows = await sql<(OrderRow & { asked: number })[]>`
    SELECT asked.seq AS asked, told.* FROM unnest(${arrayLiteral([...new Set(seqs)])}::bigint[]) AS asked (seq)
    JOIN orders named ON named.seq = asked.seq
    CROSS JOIN LATERAL (SELECT ${columns(sql)} WHERE o.id = named.id AND o.type <> 'release') told`;
  return new Map(rows.map(({ asked, ...row }) => [asked, orderOf(row)]));
}

/** Whether a party was told of an order. */
export async function isTold(sql: Sql, party: PartyId, order: number): Promise<boolean> {
  const rows = await sql`
    SELECT FROM notices WHERE party = ${party} AND kind = 'order' AND seq = ${order}`;
  return rows.length > 0;
}

/**
 * Recalls and stops of sale about whole products or lots, newest first, also those released; not those that name whose
 * hands goods are in, which is nobody else's business.
 */
export async function publicOrders(
  sql: Sql,
  { gtins, lot, from, until, before, limit }: Search & { readonly before: number; readonly limit: number },
): Promise<Order[]> {
  const asked = arrayLiteral(gtins ?? []);
  const rows = await sql<OrderRow[]>`
    SELECT ${columns(sql)}
    WHERE o.type IN ('recall', 'stop-sale') AND o.seq < ${before}
      AND o.body -> 'scope' ?| ARRAY['products', 'lots']
      AND NOT o.body -> 'scope' ?| ARRAY['units', 'containers', 'held', 'holding', 'downstream']
      AND o.at BETWEEN ${from} AND ${until}
      AND (${gtins === null} OR o.body -> 'scope' -> 'products' ?| ${asked}::text[]
        OR EXISTS (SELECT FROM jsonb_array_elements_text(o.body -> 'scope' -> 'lots') AS l (epc)
          WHERE substr(l.epc, 4, 14) = ANY (${asked}::text[])))
      AND (${lot}::text IS NULL OR EXISTS (SELECT FROM jsonb_array_elements_text(o.body -> 'scope' -> 'lots') AS l (epc)
        WHERE substr(l.epc, 22) = ${lot}))
    ORDER BY o.seq DESC LIMIT ${limit}`;
  return rows.map(orderOf);
}
