/** What the watch over scans reads and writes: each for any number of things in one statement. */
import type { Severity } from '../../core/life/contradictions.ts';
import { type CaseSubject, subjectKey } from '../../core/rules/case.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import type { Baseline, ScanFound, ScanSeen } from '../../core/rules/scans.ts';
import { arrayLiteral, type Cell } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { insertRows } from '../../database/rows.ts';

/** Scans of one thing that are looked at, the newest. */
const scansMax = 200;

/** Things with a number beyond `after` that the public scanned since a moment, in order. */
export async function scannedUnits(sql: Sql, since: number, after: number, limit: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT unit FROM scans WHERE at >= ${since} AND unit > ${after} AND NOT robot AND NOT own
    ORDER BY unit LIMIT ${limit}`;
  return rows.map(({ unit }) => unit);
}

/** Things with open findings that were not looked at since a moment, those that wait longest first. */
export async function uncheckedUnits(sql: Sql, before: number, limit: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT unit FROM scan_findings WHERE closed_at IS NULL AND checked_at < ${before}
    ORDER BY checked_at LIMIT ${limit}`;
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
    const list = found.get(unit);
    if (list === undefined) found.set(unit, [scan]);
    else list.push(scan);
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

export interface KnownFinding {
  readonly unit: number;
  readonly rule: RuleName;
  readonly caseId: string;
  readonly closedAt: number | null;
  /** When its case was decided last, ms since the epoch; null while it is not. */
  readonly decidedAt: number | null;
}

export async function knownFindings(sql: Sql, units: readonly number[]): Promise<KnownFinding[]> {
  return sql<KnownFinding[]>`
    SELECT f.unit, f.rule, f.case_id AS "caseId", f.closed_at AS "closedAt",
      (SELECT max(e.at) FROM decisions d JOIN entries e USING (seq) WHERE d.case_id = f.case_id) AS "decidedAt"
    FROM unnest(${arrayLiteral(units)}::bigint[]) AS asked (unit) JOIN scan_findings f USING (unit)`;
}

/** The newest case of each subject that nobody decided. */
export async function openScanCases(
  sql: Sql,
  subjects: readonly CaseSubject[],
): Promise<Map<string, string>> {
  const asked = [...new Map(subjects.map((subject) => [subjectKey(subject), subject])).values()];
  if (asked.length === 0) return new Map();
  const column = (name: keyof CaseSubject): string => arrayLiteral(asked.map((it) => it[name]));
  const rows = await sql<(CaseSubject & { id: string })[]>`
    SELECT DISTINCT ON (rule, severity, party, gtin) rule, severity, party, gtin, c.id
    FROM unnest(${column('rule')}::text[], ${column('severity')}::text[], ${column('party')}::text[],
      ${column('gtin')}::text[]) AS asked (rule, severity, party, gtin)
    JOIN scan_cases c USING (rule, severity, party, gtin)
    WHERE NOT EXISTS (SELECT FROM decisions d WHERE d.case_id = c.id)
    ORDER BY rule, severity, party, gtin, c.opened_at DESC`;
  return new Map(rows.map(({ id, ...subject }) => [subjectKey(subject), id]));
}

/** Regions of parties and places by the newest version; what has none is absent. */
export async function newestRegions(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const asked = arrayLiteral([...new Set(ids)]);
  const rows = await sql<{ id: string; region: string | null }[]>`
    SELECT DISTINCT ON (id) id, region FROM (
      SELECT id, seq, body ->> 'region' AS region FROM parties WHERE id = ANY (${asked}::text[])
      UNION ALL
      SELECT id, seq, body ->> 'region' FROM places WHERE id = ANY (${asked}::text[])) told
    ORDER BY id, seq DESC`;
  return new Map(rows.flatMap(({ id, region }) => (region === null ? [] : [[id, region] as const])));
}

export interface ScanCase extends CaseSubject {
  readonly id: string;
  readonly region: string;
  readonly maker: string;
  readonly makerRegion: string;
  readonly openedAt: number;
  readonly watch: boolean;
}

export async function writeCases(sql: Sql, cases: readonly ScanCase[]): Promise<void> {
  await insertRows(
    sql,
    'scan_cases',
    {
      ...{ id: 'text', rule: 'text', severity: 'text', party: 'text', region: 'text', gtin: 'text' },
      ...{ maker: 'text', maker_region: 'text', opened_at: 'bigint', watch: 'boolean' },
    },
    cases.map(({ makerRegion, openedAt, ...row }) => ({
      ...row,
      maker_region: makerRegion,
      opened_at: openedAt,
    })),
  );
}

interface WrittenFinding extends ScanFound<RuleName> {
  readonly unit: number;
  readonly caseId: string;
  readonly severity: Severity;
  readonly party: string;
  readonly maker: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** Writes findings or lets them grow, and whom and where they have to do with. */
export async function writeFindings(
  sql: Sql,
  rows: readonly WrittenFinding[],
  regions: ReadonlyMap<string, string>,
): Promise<void> {
  if (rows.length === 0) return;
  const column = (cell: (row: WrittenFinding) => Cell): string => arrayLiteral(rows.map(cell));
  await sql`
    INSERT INTO scan_findings AS f
      (unit, rule, case_id, severity, found_at, first_at, last_at, scans, regions, checked_at)
    SELECT unit, rule, case_id, severity, at, first_at, last_at, scans, regions, at
    FROM unnest(${column(({ unit }) => unit)}::bigint[], ${column(({ rule }) => rule)}::text[],
      ${column(({ caseId }) => caseId)}::text[], ${column(({ severity }) => severity)}::text[],
      ${column(({ at }) => at)}::bigint[], ${column(({ first }) => first)}::bigint[],
      ${column(({ last }) => last)}::bigint[], ${column(({ scans }) => scans)}::int[],
      ${column((row) => row.regions.join(' '))}::text[])
      AS found (unit, rule, case_id, severity, at, first_at, last_at, scans, regions)
    ON CONFLICT (unit, rule, case_id) DO UPDATE SET
      first_at = least(f.first_at, excluded.first_at), last_at = greatest(f.last_at, excluded.last_at),
      scans = greatest(f.scans, excluded.scans), regions = excluded.regions, closed_at = NULL`;
  const links = new Set<string>();
  for (const { caseId, party, maker, regions: scanned } of rows) {
    for (const it of [party, maker]) {
      const region = regions.get(it);
      if (it !== '') links.add(`${caseId}\nparty\n${it}`);
      if (region !== undefined) links.add(`${caseId}\nregion\n${region}`);
    }
    for (const region of scanned) links.add(`${caseId}\nregion\n${region}`);
  }
  const parts = [...links].map((link) => link.split('\n'));
  const part = (i: number): string => arrayLiteral(parts.map((it) => it[i] ?? ''));
  await sql`
    INSERT INTO scan_case_links (case_id, kind, value)
    SELECT * FROM unnest(${part(0)}::text[], ${part(1)}::text[], ${part(2)}::text[]) ON CONFLICT DO NOTHING`;
}
