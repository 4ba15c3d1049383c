/** What the watch over clues reads and writes of findings and cases: each for any number of them in one statement. */
import type { Severity } from '../../core/life/contradictions.ts';
import { type CaseSubject, subjectKey } from '../../core/rules/case.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import type { ClueFound } from '../../core/rules/clues.ts';
import { arrayLiteral, type Cell } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { insertRows } from '../../database/rows.ts';

export interface KnownFinding {
  /** Canonical identifier. */
  readonly thing: string;
  readonly district: string;
  readonly count: number;
  readonly rule: RuleName;
  readonly caseId: string;
  readonly closedAt: number | null;
  /** When its case was decided last, ms since the epoch; null while it is not. */
  readonly decidedAt: number | null;
}

/** What the findings of a case of clues have in common. */
export interface ClueSubject extends Omit<CaseSubject, 'sample'> {
  /** GB/T 2260, of what is found of a product in a district; empty for all else. */
  readonly district: string;
}

/** Tells subjects apart. */
export const clueKey = (subject: ClueSubject): string => `${subjectKey(subject)}|${subject.district}`;

/** Findings of things by some rules. */
export async function knownFindings(
  sql: Sql,
  things: readonly string[],
  rules: readonly RuleName[],
): Promise<KnownFinding[]> {
  return sql<KnownFinding[]>`
    SELECT f.thing, c.district, f.count, f.rule, f.case_id AS "caseId", f.closed_at AS "closedAt",
      (SELECT max(e.at) FROM decisions d JOIN entries e USING (seq) WHERE d.case_id = f.case_id) AS "decidedAt"
    FROM unnest(${arrayLiteral(things)}::text[]) AS asked (thing) JOIN clue_findings f USING (thing)
    JOIN clue_cases c ON c.id = f.case_id
    WHERE f.rule = ANY (${arrayLiteral(rules)}::text[])`;
}

/** The newest case of each subject that nobody decided. */
export async function openClueCases(
  sql: Sql,
  subjects: readonly ClueSubject[],
): Promise<Map<string, string>> {
  const asked = [...new Map(subjects.map((subject) => [clueKey(subject), subject])).values()];
  if (asked.length === 0) return new Map();
  const column = (name: keyof ClueSubject): string => arrayLiteral(asked.map((it) => it[name]));
  const rows = await sql<(ClueSubject & { id: string })[]>`
    SELECT DISTINCT ON (rule, severity, party, gtin, district) rule, severity, party, gtin, district, c.id
    FROM unnest(${column('rule')}::text[], ${column('severity')}::text[], ${column('party')}::text[],
      ${column('gtin')}::text[], ${column('district')}::text[]) AS asked (rule, severity, party, gtin, district)
    JOIN clue_cases c USING (rule, severity, party, gtin, district)
    WHERE NOT EXISTS (SELECT FROM decisions d WHERE d.case_id = c.id)
    ORDER BY rule, severity, party, gtin, district, c.opened_at DESC`;
  return new Map(rows.map(({ id, ...subject }) => [clueKey(subject), id]));
}

export interface ClueCase extends ClueSubject {
  readonly id: string;
  readonly region: string;
  readonly maker: string;
  readonly makerRegion: string;
  readonly openedAt: number;
  readonly watch: boolean;
}

export async function writeCases(sql: Sql, cases: readonly ClueCase[]): Promise<void> {
  await insertRows(
    sql,
    'clue_cases',
    {
      ...{ id: 'text', rule: 'text', severity: 'text', party: 'text', region: 'text', gtin: 'text' },
      ...{ maker: 'text', maker_region: 'text', opened_at: 'bigint', watch: 'boolean', district: 'text' },
    },
    cases.map(({ makerRegion, openedAt, ...row }) => ({
      ...row,
      maker_region: makerRegion,
      opened_at: openedAt,
    })),
  );
}

export interface WrittenFinding extends ClueFound<RuleName> {
  readonly thing: string;
  readonly caseId: string;
  readonly severity: Severity;
  /** ms since the epoch. */
  readonly at: number;
}

/** Writes findings. Those there already only grow when their clues are deleted in time; else they are told anew. */
export async function writeFindings(
  sql: Sql,
  rows: readonly WrittenFinding[],
  growing: boolean,
): Promise<void> {
  if (rows.length === 0) return;
  const column = (cell: (row: WrittenFinding) => Cell): string => arrayLiteral(rows.map(cell));
  await sql`
    INSERT INTO clue_findings AS f
      (thing, rule, case_id, severity, found_at, first_at, last_at, count, regions, checked_at, expected, needed)
    SELECT thing, rule, case_id, severity, at, first_at, last_at, count, regions, at, expected, needed
    FROM unnest(${column(({ thing }) => thing)}::text[], ${column(({ rule }) => rule)}::text[],
      ${column(({ caseId }) => caseId)}::text[], ${column(({ severity }) => severity)}::text[],
      ${column(({ at }) => at)}::bigint[], ${column(({ first }) => first)}::bigint[],
      ${column(({ last }) => last)}::bigint[], ${column(({ count }) => count)}::int[],
      ${column((row) => row.regions.join(' '))}::text[],
      ${column(({ usual }) => usual?.expected ?? null)}::float8[],
      ${column(({ usual }) => usual?.needed ?? null)}::int[])
      AS found (thing, rule, case_id, severity, at, first_at, last_at, count, regions, expected, needed)
    ON CONFLICT (thing, rule, case_id) DO UPDATE SET
      first_at = CASE WHEN ${growing} THEN least(f.first_at, excluded.first_at) ELSE excluded.first_at END,
      last_at = CASE WHEN ${growing} THEN greatest(f.last_at, excluded.last_at) ELSE excluded.last_at END,
      count = CASE WHEN ${growing} THEN greatest(f.count, excluded.count) ELSE excluded.count END,
      regions = excluded.regions, expected = excluded.expected, needed = excluded.needed, closed_at = NULL`;
}

/** Notes whom and where cases have to do with. */
export async function writeLinks(
  sql: Sql,
  links: Iterable<readonly [caseId: string, kind: 'party' | 'region', value: string]>,
): Promise<void> {
  const rows = [...links];
  if (rows.length === 0) return;
  const part = (i: 0 | 1 | 2): string => arrayLiteral(rows.map((it) => it[i]));
  await sql`
    INSERT INTO clue_case_links (case_id, kind, value)
    SELECT DISTINCT * FROM unnest(${part(0)}::text[], ${part(1)}::text[], ${part(2)}::text[])
    ON CONFLICT DO NOTHING`;
}

/** Closes findings. */
export async function closeFindings(sql: Sql, gone: readonly KnownFinding[], at: number): Promise<void> {
  if (gone.length === 0) return;
  const column = (cell: (row: KnownFinding) => Cell): string => arrayLiteral(gone.map(cell));
  await sql`
    UPDATE clue_findings f SET closed_at = ${at}
    FROM unnest(${column(({ thing }) => thing)}::text[], ${column(({ rule }) => rule)}::text[],
      ${column(({ caseId }) => caseId)}::text[]) AS gone (thing, rule, case_id)
    WHERE (f.thing, f.rule, f.case_id) = (gone.thing, gone.rule, gone.case_id)`;
}
