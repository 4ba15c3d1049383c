/** Orders with what became of them. */
import type { OrderFact, OrderReleaseFact } from '../../core/fact.ts';
import type { PartyId } from '../../core/hop.ts';
import type { Sql } from '../../database/connection.ts';

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

/** A page of orders, newest first: those that a party made, or of everybody. */
export async function ordersBefore(
  sql: Sql,
  { by, before, limit }: { readonly by: PartyId | null; readonly before: number; readonly limit: number },
): Promise<Order[]> {
  const rows = await sql<OrderRow[]>`
    SELECT ${columns(sql)}
    WHERE o.type <> 'release' AND o.seq < ${before} AND (${by}::text IS NULL OR o.party = ${by})
    ORDER BY o.seq DESC LIMIT ${limit}`;
  return rows.map(orderOf);
}
