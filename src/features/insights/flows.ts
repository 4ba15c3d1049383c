/**
 * Where goods go: between provinces, and from dealers into and out of their territories. A shipment or sale goes from its
 * place, or else from its giver, to the place it is sent to, or else to its taker; a receipt comes from its giver to the
 * place where it was received, or else to its recorder. What was taken back counts for nothing.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { type Territory, territoriesOf } from '../../core/rules/lists.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import type { Period } from './queries.ts';
import { regionsOfAll, stands, touchesReader } from './stations.ts';

export interface RouteCount {
  /** First two digits. */
  readonly origin: string;
  readonly destination: string;
  /** Events of the giving side and of the taking side; either may be missing of a movement. */
  readonly sent: number;
  readonly received: number;
  readonly sentBefore: number;
  readonly receivedBefore: number;
  /** The newest of these entries. */
  readonly newest: number;
}

/** Movements from province to province, in the period and in the one of the same length before. One statement. */
export async function routeCounts(sql: Sql, reader: Reader, { from, until }: Period): Promise<RouteCount[]> {
  return sql<RouteCount[]>`
    WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
    moved AS (
      SELECT hop = 'receive' AS receipt, h.recorded_at >= ${from} AS now,
        CASE WHEN hop = 'receive' THEN NULL ELSE place END AS from_place,
        CASE WHEN hop = 'receive' THEN giver ELSE coalesce(giver, recorder) END AS from_party,
        CASE WHEN hop = 'receive' THEN place ELSE to_place END AS to_place,
        CASE WHEN hop = 'receive' THEN coalesce(taker, recorder) ELSE taker END AS to_party,
        count(*) AS events, max(seq) AS newest
      FROM hops h
      WHERE hop IN ('ship', 'sell', 'receive')
        AND recorded_at >= ${2 * from - until} AND recorded_at < ${until} AND ${stands(sql)}
      GROUP BY 1, 2, 3, 4, 5, 6),
    told AS (
      SELECT m.*, left(coalesce(a.region, b.region), 2) AS origin, left(coalesce(c.region, d.region), 2) AS destination,
        ARRAY[a.region, b.region, c.region, d.region] AS regions
      FROM moved m
      LEFT JOIN stations a ON a.id = m.from_place LEFT JOIN stations b ON b.id = m.from_party
      LEFT JOIN stations c ON c.id = m.to_place LEFT JOIN stations d ON d.id = m.to_party)
    SELECT origin, destination,
      coalesce(sum(events) FILTER (WHERE now AND NOT receipt), 0)::float8 AS sent,
      coalesce(sum(events) FILTER (WHERE now AND receipt), 0)::float8 AS received,
      coalesce(sum(events) FILTER (WHERE NOT now AND NOT receipt), 0)::float8 AS "sentBefore",
      coalesce(sum(events) FILTER (WHERE NOT now AND receipt), 0)::float8 AS "receivedBefore",
      max(newest) AS newest
    FROM told
    WHERE origin <> destination
      AND ${touchesReader(sql, reader, sql`regions`, sql`ARRAY[from_place, to_place]`)}
    GROUP BY 1, 2`;
}

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

/**
 * Deliveries, shipments but own moves and sales, of dealers with a territory by the list in force when they were
 * recorded, and how many went out of it; those of which nobody knows where to are left out. Two statements.
 */
export async function dealerCounts(
  sql: Sql,
  reader: Reader,
  { from, until }: Period,
): Promise<DealerCount[]> {
  const lists = await sql<{ seq: number; body: unknown }[]>`
    SELECT seq, body FROM policies WHERE name = 'territories' ORDER BY seq`;
  const inForce = lists.flatMap(({ seq, body }, i) =>
    [...territoriesOf(body)].map(
      ([code, territory]): TerritoryInForce => ({
        ...{ code, seq, before: lists[i + 1]?.seq ?? Number.MAX_SAFE_INTEGER },
        ...territory,
      }),
    ),
  );
  if (inForce.length === 0) return [];
  return sql<DealerCount[]>`
    WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
    territories AS MATERIALIZED (
      SELECT p.id AS party, t.* FROM jsonb_to_recordset(${JSON.stringify(inForce)}::text::jsonb)
        AS t (code text, seq bigint, before bigint, regions jsonb, gtins jsonb)
      JOIN (SELECT DISTINCT ON (id) id, body ->> 'creditCode' AS code FROM parties ORDER BY id, seq DESC) p USING (code)),
    delivered AS (
      SELECT t.party, t.regions AS territory, h.place, h.to_place, h.taker, count(*) AS events
      FROM hops h JOIN territories t ON t.party = h.recorder AND h.seq > t.seq AND h.seq < t.before
      WHERE (h.hop = 'sell' OR h.hop = 'ship' AND h.transfer IS DISTINCT FROM 'own-move')
        AND h.recorded_at >= ${from} AND h.recorded_at < ${until} AND ${stands(sql)}
        AND (t.gtins = '[]' OR EXISTS (
          SELECT FROM unit_chain c JOIN epcs e USING (unit)
          WHERE c.seq = h.seq AND e.epc LIKE '01/%' AND t.gtins ? substr(e.epc, 4, 14)))
      GROUP BY 1, 2, 3, 4, 5),
    told AS (
      SELECT d.*, coalesce(c.region, b.region) AS destination, ARRAY[o.region, a.region, b.region, c.region] AS regions
      FROM delivered d LEFT JOIN stations o ON o.id = d.party LEFT JOIN stations a ON a.id = d.place
      LEFT JOIN stations b ON b.id = d.taker LEFT JOIN stations c ON c.id = d.to_place)
    SELECT party, sum(events)::float8 AS deliveries, coalesce(sum(events) FILTER (WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(territory) AS t (prefix) WHERE starts_with(destination, t.prefix)
      )), 0)::float8 AS outside
    FROM told
    WHERE destination IS NOT NULL
      AND ${touchesReader(sql, reader, sql`regions`, sql`ARRAY[place, to_place]`)}
    GROUP BY 1`;
}
