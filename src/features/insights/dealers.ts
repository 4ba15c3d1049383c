/**
 * What dealers with a territory deliver into and out of it: to the place that a shipment or sale is sent to, or else to its
 * taker. What was taken back counts for nothing.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { type Territory, territoriesOf } from '../../core/rules/lists.ts';
import { type Interval, wilson } from '../../core/rules/precision.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import type { EntryBehind, EntryPage } from './flows.ts';
import type { Period } from './queries.ts';
import { regionsOfAll, stands, touchesReader } from './stations.ts';

export interface DealerCount {
  readonly party: PartyId;
  readonly deliveries: number;
  readonly outside: number;
}

interface TerritoryInForce extends Territory {
  readonly code: string;
  /** The list is in force for entries after the first and before the last. */
  readonly seq: number;
  readonly before: number;
}

/** One statement. */
async function territoriesInForce(sql: Sql): Promise<TerritoryInForce[]> {
  const lists = await sql<{ seq: number; body: unknown }[]>`
    SELECT seq, body FROM policies WHERE name = 'territories' ORDER BY seq`;
  return lists.flatMap(({ seq, body }, i) =>
    [...territoriesOf(body)].map(
      ([code, territory]): TerritoryInForce => ({
        ...{ code, seq, before: lists[i + 1]?.seq ?? Number.MAX_SAFE_INTEGER },
        ...territory,
      }),
    ),
  );
}

/** Deliveries of dealers with a territory, to where somebody knows: each with whether it went outside, as `told`. */
const deliveries = (
  sql: Sql,
  reader: Reader,
  { from, until }: Period,
  inForce: readonly TerritoryInForce[],
  dealer: PartyId | null = null,
) => sql`
  WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
  territories AS MATERIALIZED (
    SELECT p.id AS party, t.* FROM jsonb_to_recordset(${JSON.stringify(inForce)}::text::jsonb)
      AS t (code text, seq bigint, before bigint, regions jsonb, gtins jsonb)
    JOIN (SELECT DISTINCT ON (id) id, body ->> 'creditCode' AS code FROM parties ORDER BY id, seq DESC) p USING (code)
    WHERE ${dealer}::text IS NULL OR p.id = ${dealer}),
  told AS (
    SELECT h.seq, h.recorded_at AS at, h.hop, t.party, NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(t.regions) AS r (prefix)
        WHERE starts_with(coalesce(c.region, b.region), r.prefix)) AS outside
    FROM hops h JOIN territories t ON t.party = h.recorder AND h.seq > t.seq AND h.seq < t.before
    LEFT JOIN stations o ON o.id = t.party LEFT JOIN stations a ON a.id = h.place
    LEFT JOIN stations b ON b.id = h.taker LEFT JOIN stations c ON c.id = h.to_place
    WHERE (h.hop = 'sell' OR h.hop = 'ship' AND h.transfer IS DISTINCT FROM 'own-move')
      AND h.recorded_at >= ${from} AND h.recorded_at < ${until} AND ${stands(sql)}
      AND (t.gtins = '[]' OR EXISTS (
        SELECT FROM unit_chain c JOIN epcs e USING (unit)
        WHERE c.seq = h.seq AND e.epc LIKE '01/%' AND t.gtins ? substr(e.epc, 4, 14)))
      AND coalesce(c.region, b.region) IS NOT NULL
      AND (t.party = ${reader.party} OR ${touchesReader(
        sql,
        reader,
        sql`ARRAY[o.region, a.region, b.region, c.region]`,
        sql`ARRAY[h.place, h.to_place]`,
      )}))`;

/**
 * Deliveries, shipments but own moves and sales, of dealers with a territory by the list in force when they were
 * recorded, and how many went out of it; those of which nobody knows where to are left out. Two statements.
 */
export async function dealerCounts(sql: Sql, reader: Reader, period: Period): Promise<DealerCount[]> {
  const inForce = await territoriesInForce(sql);
  if (inForce.length === 0) return [];
  return sql<DealerCount[]>`
    ${deliveries(sql, reader, period, inForce)}
    SELECT party, count(*)::float8 AS deliveries, (count(*) FILTER (WHERE outside))::float8 AS outside
    FROM told GROUP BY 1`;
}

/** The deliveries of a dealer, all or those outside its territory. Two statements. */
export async function dealerEntries(
  sql: Sql,
  reader: Reader,
  period: Period,
  { party, outside }: { party: string; outside: boolean },
  { before, limit }: EntryPage,
): Promise<EntryBehind[]> {
  const inForce = await territoriesInForce(sql);
  if (inForce.length === 0) return [];
  return sql<EntryBehind[]>`
    ${deliveries(sql, reader, period, inForce)}
    SELECT seq, at, hop FROM told WHERE party = ${party} AND (outside OR NOT ${outside}) AND seq < ${before}
    ORDER BY seq DESC LIMIT ${limit}`;
}

/** A dealer's deliveries, how many of them went out of its territory, and the share with its Wilson interval. */
export interface DealerRecord extends Interval {
  readonly deliveries: number;
  readonly outside: number;
  readonly share: number;
}

export const recordOf = ({ deliveries, outside }: Omit<DealerCount, 'party'>): DealerRecord => ({
  ...{ deliveries, outside, share: outside / deliveries },
  ...wilson(outside, deliveries),
});

/** The record of one dealer; null while nothing is known of it. Two statements. */
export async function dealerRecord(
  sql: Sql,
  reader: Reader,
  period: Period,
  dealer: PartyId,
): Promise<DealerRecord | null> {
  const inForce = await territoriesInForce(sql);
  const [row] = await sql<Omit<DealerCount, 'party'>[]>`
    ${deliveries(sql, reader, period, inForce, dealer)}
    SELECT count(*)::float8 AS deliveries, (count(*) FILTER (WHERE outside))::float8 AS outside FROM told`;
  return row === undefined || row.deliveries === 0 ? null : recordOf(row);
}
