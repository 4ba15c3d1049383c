/** What is read of reports to look at them: each for any number of things in one statement. */
import type { Reported } from '../../core/rules/reported.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Reports about one thing that are looked at, the newest. */
const reportsMax = 1000;

/** Condition on reports `r`: the authority did not find it unfounded. */
const stands = (sql: Sql) =>
  sql`NOT EXISTS (SELECT FROM report_steps s WHERE s.report = r.id AND s.outcome = 'unfounded')`;

/**
 * Units and lots beyond `after` that are in the ledger, and about which a report came, or was found unfounded, since a
 * moment; in order. A unit is in the ledger when its code was issued, a lot also when units of it were.
 */
export async function reportedThings(
  sql: Sql,
  since: number,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ thing: string }[]>`
    SELECT DISTINCT told.epc COLLATE "C" AS thing FROM (
      SELECT r.epc FROM reports r WHERE r.at >= ${since} AND NOT r.forged
      UNION ALL
      SELECT r.epc FROM report_steps s JOIN reports r ON r.id = s.report
      WHERE s.outcome = 'unfounded' AND s.at >= ${since}) told
    WHERE told.epc LIKE '01/%' AND told.epc COLLATE "C" > ${after} AND (
      EXISTS (SELECT FROM issues i WHERE i.lot = told.epc)
      OR EXISTS (
        SELECT FROM epcs e CROSS JOIN LATERAL (
          SELECT last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
        WHERE e.epc = told.epc AND i.last_unit >= e.unit))
    ORDER BY 1 LIMIT ${limit}`;
  return rows.map(({ thing }) => thing);
}

export interface ReportedThing {
  readonly gtin: string;
  /** The vetted owner of the GTIN; empty when there is none. */
  readonly maker: string;
  /** Those that count, in order of time. */
  readonly reports: Reported[];
}

/** The newest reports about things that count; things without any are absent. */
export async function reportsAbout(sql: Sql, things: readonly string[]): Promise<Map<string, ReportedThing>> {
  const rows = await sql<(Reported & { thing: string; gtin: string; maker: string })[]>`
    SELECT asked.thing, r.at, r.region, r.category, r.sealed, r.gtin, coalesce(o.party, '') AS maker
    FROM unnest(${arrayLiteral(things)}::text[]) AS asked (thing)
    CROSS JOIN LATERAL (
      SELECT r.at, r.region, r.category, r.sealed IS NOT NULL AS sealed, r.gtin FROM reports r
      WHERE r.epc = asked.thing AND NOT r.forged AND ${stands(sql)}
      ORDER BY r.at DESC LIMIT ${reportsMax}) r
    LEFT JOIN owners o ON o.identifier = 'gtin:' || r.gtin
    ORDER BY r.at`;
  const found = new Map<string, ReportedThing>();
  for (const { thing, gtin, maker, ...report } of rows) {
    const known = found.get(thing);
    if (known === undefined) found.set(thing, { gtin, maker, reports: [report] });
    else known.reports.push(report);
  }
  return found;
}
