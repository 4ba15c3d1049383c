/** Orders with what became of them. */

import type { PartyId } from '../../core/events/hop.ts';
import type { Authority, OrderFact, OrderReleaseFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { type OrderSight, sightOfOrder } from './sight.ts';

export interface Entered<F> {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: F;
  /** Who was in charge of it; null once that was erased. */
  readonly officer: string | null;
}

export interface Order extends Entered<OrderFact> {
  /** null while it is in force. */
  readonly release: Entered<OrderReleaseFact> | null;
}

/** An order with how much of it its reader may see. */
export interface SeenOrder extends Order {
  readonly sight: OrderSight;
}

interface OrderRow extends Omit<Entered<OrderFact>, 'officer'> {
  /** JSON. */
  readonly private: string | null;
  readonly releaseSeq: number | null;
  readonly releasedAt: number | null;
  readonly release: OrderReleaseFact | null;
  readonly releasePrivate: string | null;
}

const columns = (sql: Sql) => sql`
  o.seq, o.at, o.body AS fact, x.value AS private,
  r.seq AS "releaseSeq", r.at AS "releasedAt", r.body AS release, y.value AS "releasePrivate"`;
const joined = (sql: Sql) => sql`
  orders o LEFT JOIN orders r ON r.id = o.id AND r.type = 'release'
  LEFT JOIN privates x ON x.seq = o.seq LEFT JOIN privates y ON y.seq = r.seq`;

const orderOf = (row: OrderRow): Order => ({
  seq: row.seq,
  at: row.at,
  fact: row.fact,
  officer: officerOf(row.fact, row.private),
  release:
    row.releaseSeq === null || row.releasedAt === null || row.release === null
      ? null
      : {
          seq: row.releaseSeq,
          at: row.releasedAt,
          fact: row.release,
          officer: officerOf(row.release, row.releasePrivate),
        },
});

function officerOf({ officer }: Authority, value: string | null): string | null {
  const said: { officer?: string } = value === null ? {} : JSON.parse(value);
  return said.officer ?? officer ?? null;
}

/** An order, as far as its reader may see it; null for nothing. */
export async function orderFor(sql: Sql, reader: Reader, id: string): Promise<SeenOrder | null> {
  const [row] = await sql<(OrderRow & { sight: OrderSight | null })[]>`
    SELECT ${columns(sql)}, ${sightOfOrder(sql, reader)} AS sight FROM ${joined(sql)}
    WHERE o.id = ${id} AND o.type <> 'release'`;
  return row === undefined || row.sight === null ? null : { ...orderOf(row), sight: row.sight };
}

export interface OrderFilter {
  readonly types?: readonly string[] | undefined;
  readonly released?: boolean | undefined;
  readonly number?: string | undefined;
  /** That its scope names, or of which it names a lot, or a unit or container to who sees these. */
  readonly gtin?: string | undefined;
}

/** A page of the orders that a reader may see, newest first. One statement. */
export async function ordersFor(
  sql: Sql,
  reader: Reader,
  { types, released, number, gtin }: OrderFilter,
  before: number,
  limit: number,
): Promise<SeenOrder[]> {
  const names = (member: 'lots' | 'units') => sql`EXISTS (
    SELECT FROM jsonb_array_elements_text(fact -> 'scope' -> ${member}) AS t (epc)
    WHERE substr(t.epc, 4, 14) = ${gtin ?? ''})`;
  const rows = await sql<(OrderRow & { sight: OrderSight })[]>`
    SELECT * FROM (
      SELECT ${columns(sql)}, ${sightOfOrder(sql, reader)} AS sight FROM ${joined(sql)}
      WHERE o.type <> 'release' AND o.seq < ${before}
        AND (${types === undefined} OR o.type = ANY (${arrayLiteral(types ?? [])}::text[]))
        AND (${released === undefined} OR (r.seq IS NOT NULL) = ${released ?? false})
        AND (${number === undefined} OR o.body ->> 'number' = ${number ?? ''})) told
    WHERE sight IS NOT NULL AND (${gtin === undefined} OR fact -> 'scope' -> 'products' ? ${gtin ?? ''}
      OR ${names('lots')} OR sight = 'whole' AND ${names('units')})
    ORDER BY seq DESC LIMIT ${limit}`;
  return rows.map(({ sight, ...row }) => ({ ...orderOf(row), sight }));
}

/** Orders by the entries that made or released them. */
export async function ordersBySeq(sql: Sql, seqs: readonly number[]): Promise<Map<number, Order>> {
  const rows = await sql<(OrderRow & { asked: number })[]>`
    SELECT asked.seq AS asked, told.* FROM unnest(${arrayLiteral([...new Set(seqs)])}::bigint[]) AS asked (seq)
    JOIN orders named ON named.seq = asked.seq
    CROSS JOIN LATERAL (
      SELECT ${columns(sql)} FROM ${joined(sql)} WHERE o.id = named.id AND o.type <> 'release') told`;
  return new Map(rows.map(({ asked, ...row }) => [asked, orderOf(row)]));
}

/** Whether a party was told of an order. */
export async function isTold(sql: Sql, party: PartyId, order: number): Promise<boolean> {
  const rows = await sql`
    SELECT FROM notices WHERE party = ${party} AND kind = 'order' AND seq = ${order}`;
  return rows.length > 0;
}
