/** What insights count: cases by what they are about, and what cases can arise from. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { allCases, type CaseState, stateOf } from '../cases/queries.ts';
import { visibleTo } from '../cases/sight.ts';
import { foundWithin, isToldOf, type Window, wholeTo } from '../cases/where-found.ts';
import { atLevel, type Level } from './stations.ts';

/** ms since the epoch: from, and before. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

const rankings = ['regions', 'origins', 'products', 'problems'] as const;

/** Cases in which something was found in the period, and in the one of the same length before it. */
export interface CaseCount {
  /** By where the goods were, where their maker is, their GTIN, the rule. */
  readonly of: (typeof rankings)[number];
  readonly id: string;
  readonly now: number;
  readonly before: number;
}

/** Cases that count: what later facts explained was no problem, nor what was rejected. */
export const countedStates: readonly CaseState[] = ['open', 'confirmed'];

/**
 * Cases that the reader sees and that count, by what they are about: by when their findings were found, of a case that is
 * the reader's only in part by those in its jurisdiction and when it was opened. One statement.
 */
export async function caseCounts(
  sql: Sql,
  reader: Reader,
  { window, since, level }: { window: Window; since: { seq: number; time: number }; level: Level },
): Promise<CaseCount[]> {
  const count = (of: string, id: ReturnType<Sql>) => sql`
    SELECT ${of} AS of, ${id} AS id, (count(DISTINCT case_id) FILTER (WHERE late))::int AS now,
      (count(DISTINCT case_id) FILTER (WHERE NOT late))::int AS before
    FROM counted WHERE ${id} <> '' GROUP BY 2`;
  return sql<CaseCount[]>`
    WITH seen AS MATERIALIZED (
      SELECT DISTINCT c.id, c.watch, c.gtin, c.rule, c.maker_region, f.region, f.late
      FROM ${allCases(sql)} JOIN ${foundWithin(sql, window, since)} ON f.case_id = c.id
      WHERE ${visibleTo(sql, reader)} AND ${isToldOf(sql, reader)}
      UNION
      SELECT c.id, c.watch, c.gtin, c.rule, c.maker_region, '', c.opened_at >= ${since.time}
      FROM ${allCases(sql)}
      WHERE ${visibleTo(sql, reader)} AND NOT ${wholeTo(sql, reader)}
        AND c.opened_at >= ${window.times[0]} AND c.opened_at < ${window.times[1]}),
    standing AS MATERIALIZED (
      SELECT c.id AS case_id FROM (SELECT DISTINCT id, watch FROM seen) c CROSS JOIN ${stateOf(sql)}
      WHERE s.state = ANY (${arrayLiteral(countedStates)}::text[])),
    counted AS MATERIALIZED (
      SELECT case_id, gtin, rule, late, ${atLevel(sql, sql`region`, level)} AS region,
        ${atLevel(sql, sql`maker_region`, level)} AS origin
      FROM seen JOIN standing ON case_id = id)
    ${count('regions', sql`region`)} UNION ALL ${count('origins', sql`origin`)}
    UNION ALL ${count('products', sql`gtin`)} UNION ALL ${count('problems', sql`rule`)}`;
}

/** Parties by the region of their newest record: from these, cases of a region can arise. One statement. */
export async function partiesByRegion(sql: Sql, level: Level): Promise<Map<string, number>> {
  const rows = await sql<{ region: string; parties: number }[]>`
    SELECT ${atLevel(sql, sql`region`, level)} AS region, count(*)::int AS parties FROM (
      SELECT DISTINCT ON (id) body ->> 'region' AS region FROM parties ORDER BY id, seq DESC) newest
    WHERE region IS NOT NULL GROUP BY 1`;
  return new Map(rows.map(({ region, parties }) => [region, parties]));
}

/** Codes issued of each product: from these, cases about it can arise. One statement. */
export async function codesByProduct(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ gtin: string; codes: number }[]>`
    SELECT gtin, sum(last_unit - first_unit + 1)::float8 AS codes FROM issues WHERE gtin IS NOT NULL GROUP BY gtin`;
  return new Map(rows.map(({ gtin, codes }) => [gtin, codes]));
}
