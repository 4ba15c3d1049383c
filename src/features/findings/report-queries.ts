/** What is read of reports to look at them: each for any number of things in one statement. */
import type { ComplaintCell } from '../../core/rules/complaint-burst.ts';
import type { Reported } from '../../core/rules/reported.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Reports about one thing that are looked at, the newest. */
const reportsMax = 1000;
const dayMs = 86_400_000;

/** Condition on reports `r`: the authority did not find it unfounded. */
const stands = (sql: Sql) => sql`
  NOT EXISTS (SELECT FROM report_decisions d WHERE d.report = r.id AND d.outcome = 'unfounded')
  AND NOT EXISTS (SELECT FROM report_steps s WHERE s.report = r.id AND s.outcome = 'unfounded')`;

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
      SELECT r.epc FROM report_decisions d JOIN reports r ON r.id = d.report
      WHERE d.outcome = 'unfounded' AND d.at >= ${since}) told
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

export interface CrowdedCell extends ComplaintCell {
  readonly gtin: string;
  readonly district: string;
  /** The vetted owner of the GTIN; empty when there is none. */
  readonly maker: string;
}

/** ms since the epoch: the base is from `base` to before `window`, the window from there to `until`. */
export interface BurstPeriod {
  readonly base: number;
  readonly window: number;
  readonly until: number;
}

/**
 * Cells with at least so many reports in the window that count and came after the last decision about a burst in the cell,
 * with what they are compared with. One statement, which reads the reports of the window and the base once.
 */
export async function crowdedCells(
  sql: Sql,
  { base, window, until }: BurstPeriod,
  reportsMin: number,
): Promise<CrowdedCell[]> {
  const rows = await sql<CrowdedRow[]>`
    WITH counted AS MATERIALIZED (
      SELECT gtin, district, (count(*) FILTER (WHERE at >= ${window}))::int AS seen,
        (count(*) FILTER (WHERE at < ${window}))::int AS base
      FROM reports r WHERE counts AND at >= ${base} AND at <= ${until} AND ${stands(sql)}
      GROUP BY gtin, district),
    told AS (
      SELECT *, sum(base) OVER (PARTITION BY gtin) AS product, sum(base) OVER (PARTITION BY district) AS around,
        sum(base) OVER () AS "baseAll", sum(seen) OVER () AS "seenAll", count(*) OVER () AS cells
      FROM counted)
    SELECT t.gtin, t.district, t.base AS "baseCell", t.product::float8, t.around::float8, t."baseAll"::float8,
      (t."seenAll" - t.seen)::float8 AS "seenElsewhere", t.cells::int,
      (SELECT min(at) FROM reports WHERE counts) AS since, coalesce(o.party, '') AS maker, w.*
    FROM told t
    CROSS JOIN LATERAL (
      SELECT max(e.at) AS at FROM clue_cases c JOIN decisions d ON d.case_id = c.id JOIN entries e USING (seq)
      WHERE c.rule = 'complaint-burst' AND c.party = '' AND c.gtin = t.gtin AND c.district = t.district) decided
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS seen, min(r.at) AS first, max(r.at) AS last, array_agg(DISTINCT r.region) AS regions
      FROM reports r
      WHERE r.counts AND r.gtin = t.gtin AND r.district = t.district AND r.at <= ${until}
        AND r.at >= greatest(${window}, decided.at + 1) AND ${stands(sql)}) w
    LEFT JOIN owners o ON o.identifier = 'gtin:' || t.gtin
    WHERE t.seen >= ${reportsMin} AND w.seen >= ${reportsMin}`;
  return rows.map(({ baseCell, product, around, baseAll, since, ...cell }) => ({
    ...cell,
    base: { cell: baseCell, product, district: around, all: baseAll },
    baseDays: (window - Math.max(base, since)) / dayMs,
  }));
}

interface CrowdedRow extends Omit<CrowdedCell, 'base' | 'baseDays'> {
  readonly baseCell: number;
  readonly product: number;
  readonly around: number;
  readonly baseAll: number;
  /** When the first report came that counts. */
  readonly since: number;
}

/**
 * Counts the reports again on which undecided bursts rest, for some may have been found unfounded, and closes those that are
 * none any more. One statement.
 */
export const recountBursts = (sql: Sql, at: number): Promise<unknown> =>
  sql`
    UPDATE clue_findings f SET count = c.count,
      closed_at = CASE WHEN c.count < f.needed THEN ${at}::bigint ELSE f.closed_at END
    FROM (
      SELECT f.case_id, f.thing, w.count FROM clue_findings f JOIN clue_cases c ON c.id = f.case_id
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count FROM reports r
        WHERE r.counts AND r.gtin = c.gtin AND r.district = c.district
          AND r.at BETWEEN f.first_at AND f.last_at AND ${stands(sql)}) w
      WHERE f.rule = 'complaint-burst' AND f.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM decisions d WHERE d.case_id = c.id)) c
    WHERE (f.thing, f.rule, f.case_id) = (c.thing, 'complaint-burst', c.case_id) AND f.count <> c.count`.execute();
