/** What is read of scans to look at them: each for any number of things in one statement. */
import { append } from '../../core/grouping.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import type { Baseline, ScanSeen } from '../../core/rules/scans.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Scans of one thing that are looked at, the newest. */
const scansMax = 200;

/** Things with a number beyond `after` that the public scanned since a moment, in order. */
export async function scannedUnits(sql: Sql, since: number, after: number, limit: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT unit FROM scans WHERE at >= ${since} AND unit > ${after} AND NOT robot AND NOT own
    ORDER BY unit LIMIT ${limit}`;
  return rows.map(({ unit }) => unit);
}

/** Things with open findings by these rules that were not looked at since a moment, those that wait longest first. */
export async function uncheckedUnits(
  sql: Sql,
  rules: readonly RuleName[],
  before: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT e.unit FROM clue_findings f JOIN epcs e ON e.epc = f.thing
    WHERE f.closed_at IS NULL AND f.checked_at < ${before} AND f.rule = ANY (${arrayLiteral(rules)}::text[])
    ORDER BY f.checked_at LIMIT ${limit}`;
  return [...new Set(rows.map(({ unit }) => unit))];
}

/** The newest scans of things by the public, in order of time. */
export async function scansOf(sql: Sql, units: readonly number[]): Promise<Map<number, ScanSeen[]>> {
  const rows = await sql<(ScanSeen & { unit: number })[]>`
    SELECT asked.unit, s.at, s.region, s.verdict = 'forged' AS forged
    FROM unnest(${arrayLiteral(units)}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT at, region, verdict FROM scans WHERE unit = asked.unit AND NOT robot AND NOT own
      ORDER BY device DESC LIMIT ${scansMax}) s
    ORDER BY s.at`;
  const found = new Map<number, ScanSeen[]>();
  for (const { unit, ...scan } of rows) {
    append(found, unit, scan);
  }
  return found;
}

/**
 * How often things of each product were scanned since a moment. What goes beyond the 95th percentile counts as that, so
 * that the copies that are looked for do not make themselves look usual.
 */
export async function baselinesOf(sql: Sql, since: number): Promise<Map<string, Baseline>> {
  const rows = await sql<(Baseline & { gtin: string })[]>`
    WITH counted AS (
      SELECT i.gtin, s.n FROM (
        SELECT unit, count(*)::int AS n FROM scans
        WHERE at >= ${since} AND NOT robot AND NOT own AND verdict <> 'forged' GROUP BY unit) s
      CROSS JOIN LATERAL (
        SELECT gtin, last_unit FROM issues WHERE first_unit <= s.unit ORDER BY first_unit DESC LIMIT 1) i
      WHERE i.last_unit >= s.unit AND i.gtin IS NOT NULL),
    usual AS (SELECT gtin, percentile_disc(0.95) WITHIN GROUP (ORDER BY n) AS most FROM counted GROUP BY gtin)
    SELECT gtin, count(*)::int AS things, avg(least(n, most) - 1)::float8 AS mean,
      var_pop(least(n, most))::float8 AS variance
    FROM counted JOIN usual USING (gtin) GROUP BY gtin`;
  return new Map(rows.map(({ gtin, ...baseline }) => [gtin, baseline]));
}

/** Notes that the findings of things by some rules were looked at. */
export const noteChecked = (
  sql: Sql,
  things: readonly string[],
  rules: readonly RuleName[],
  at: number,
): Promise<unknown> =>
  sql`
    UPDATE clue_findings SET checked_at = ${at}
    WHERE thing = ANY (${arrayLiteral(things)}::text[]) AND rule = ANY (${arrayLiteral(rules)}::text[])
      AND closed_at IS NULL`.execute();
