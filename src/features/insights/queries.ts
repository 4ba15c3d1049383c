/** What insights count: cases by what they are about, and what cases can arise from. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { allCases, type CaseState, stateOf } from '../cases/queries.ts';
import { visibleTo } from '../cases/sight.ts';

/** ms since the epoch: from, and before. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

export interface CaseCount {
  /** First two digits of the region of the party; empty when it told none. */
  readonly province: string;
  readonly gtin: string;
  readonly rule: string;
  /** In the period, and in the one of the same length before it. */
  readonly now: number;
  readonly before: number;
}

/** Cases that count: what later facts explained was no problem, nor what was rejected. */
export const countedStates: readonly CaseState[] = ['open', 'confirmed'];

/** Cases that the reader sees and that count, by what they are about. One statement. */
export async function caseCounts(sql: Sql, reader: Reader, { from, until }: Period): Promise<CaseCount[]> {
  return sql<CaseCount[]>`
    SELECT left(c.region, 2) AS province, c.gtin, c.rule,
      (count(*) FILTER (WHERE c.opened_at >= ${from}))::int AS now,
      (count(*) FILTER (WHERE c.opened_at < ${from}))::int AS before
    FROM ${allCases(sql)} CROSS JOIN ${stateOf(sql)}
    WHERE c.opened_at >= ${2 * from - until} AND c.opened_at < ${until} AND ${visibleTo(sql, reader)}
      AND s.state = ANY (${arrayLiteral(countedStates)}::text[])
    GROUP BY 1, 2, 3`;
}

/** Parties by the province of their newest record: from these, cases of a province can arise. One statement. */
export async function partiesByProvince(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ province: string; parties: number }[]>`
    SELECT left(region, 2) AS province, count(*)::int AS parties FROM (
      SELECT DISTINCT ON (id) body ->> 'region' AS region FROM parties ORDER BY id, seq DESC) newest
    WHERE region IS NOT NULL GROUP BY 1`;
  return new Map(rows.map(({ province, parties }) => [province, parties]));
}

/** Codes issued of each product: from these, cases about it can arise. One statement. */
export async function codesByProduct(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ gtin: string; codes: number }[]>`
    SELECT gtin, sum(last_unit - first_unit + 1)::float8 AS codes FROM issues WHERE gtin IS NOT NULL GROUP BY gtin`;
  return new Map(rows.map(({ gtin, codes }) => [gtin, codes]));
}
