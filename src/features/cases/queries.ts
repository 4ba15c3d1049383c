/** Cases and findings as they are read: one statement a page. */

import type { Epc } from '../../core/events/hop.ts';
import type { Severity } from '../../core/life/contradictions.ts';
import type { DecisionFact } from '../../core/log/fact.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { type CaseTies, visibleTo } from './sight.ts';

export const caseStates = ['open', 'watch', 'closed', 'confirmed', 'rejected'] as const;
export type CaseState = (typeof caseStates)[number];

/** Findings of a case that are counted; of more it is said that there are at least so many. */
export const countedMax = 10_000;

export interface CaseRow extends CaseTies {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly gtin: string;
  /** null for what rests on clues. */
  readonly opened: number | null;
  /** ms since the epoch. */
  readonly openedAt: number;
  readonly state: CaseState;
  /** At most `countedMax` each. */
  readonly findings: number;
  readonly unexplained: number;
}

export interface CaseFilter {
  readonly id?: string | undefined;
  /** Only of these rules. */
  readonly rules?: readonly string[] | undefined;
  readonly severity?: string | undefined;
  /** In one of these states. */
  readonly states?: readonly string[] | undefined;
  readonly gtin?: string | undefined;
  readonly party?: string | undefined;
  /** First and last code of regions that the party is in one of. */
  readonly region?: readonly [lowest: string, highest: string] | undefined;
  /** Opened at or after, and before, ms since the epoch. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

export interface CasePage {
  readonly newestFirst: boolean;
  /** Those after this one. */
  readonly after: { readonly openedAt: number; readonly id: string } | null;
  readonly limit: number;
}

/** The condition, or none where nothing is asked. */
const when = <T>(sql: Sql, value: T | undefined, condition: (value: T) => ReturnType<Sql>) =>
  value === undefined ? sql`` : sql`AND ${condition(value)}`;

/** Cases of both kinds as one relation `c`. */
export const allCases = (sql: Sql) => sql`(
  SELECT id, rule, severity, party, region, gtin, maker, maker_region, opened, opened_at, watch
  FROM cases
  UNION ALL
  SELECT id, rule, severity, party, region, gtin, maker, maker_region, NULL, opened_at, watch
  FROM clue_cases) c`;

const stillOpen = (sql: Sql) => sql`NOT EXISTS (
  SELECT FROM finding_closings x
  WHERE (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other))`;

/** Findings of a case that nothing explained. */
const unexplainedIn = (sql: Sql) => sql`
  SELECT FROM findings f WHERE f.case_id = c.id AND ${stillOpen(sql)}
  UNION ALL SELECT FROM clue_findings f WHERE f.case_id = c.id AND f.closed_at IS NULL`;

/** The state of case `c` as `s.state`: what was decided last, or else what follows from its findings. */
export const stateOf = (sql: Sql) => sql`LATERAL (
  SELECT coalesce(
    (SELECT d.outcome FROM decisions d WHERE d.case_id = c.id ORDER BY d.seq DESC LIMIT 1),
    CASE WHEN NOT EXISTS (${unexplainedIn(sql)}) THEN 'closed'
      WHEN c.watch THEN 'watch' ELSE 'open' END) AS state) s`;

/** A page of the cases that a reader may see. One statement. */
export async function casesFor(
  sql: Sql,
  reader: Reader,
  filter: CaseFilter,
  { newestFirst, after, limit }: CasePage,
): Promise<CaseRow[]> {
  const beyond =
    after === null
      ? sql``
      : newestFirst
        ? sql`AND (c.opened_at, c.id) < (${after.openedAt}, ${after.id})`
        : sql`AND (c.opened_at, c.id) > (${after.openedAt}, ${after.id})`;
  const order = newestFirst ? sql`c.opened_at DESC, c.id DESC` : sql`c.opened_at, c.id`;
  return sql<CaseRow[]>`
    SELECT c.id, c.rule, c.severity, c.party, c.region, c.gtin, c.maker, c.maker_region AS "makerRegion", c.opened,
      c.opened_at AS "openedAt", s.state,
      (SELECT count(*)::int FROM (
        SELECT FROM findings f WHERE f.case_id = c.id UNION ALL SELECT FROM clue_findings f WHERE f.case_id = c.id
        LIMIT ${countedMax}) n) AS findings,
      (SELECT count(*)::int FROM (${unexplainedIn(sql)} LIMIT ${countedMax}) n) AS unexplained
    FROM ${allCases(sql)}
    CROSS JOIN ${stateOf(sql)}
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${when(sql, filter.id, (it) => sql`c.id = ${it}`)}
      ${when(sql, filter.rules, (it) => sql`c.rule = ANY (${arrayLiteral(it)}::text[])`)}
      ${when(sql, filter.severity, (it) => sql`c.severity = ${it}`)}
      ${when(sql, filter.gtin, (it) => sql`c.gtin = ${it}`)}
      ${when(sql, filter.party, (it) => sql`c.party = ${it}`)}
      ${when(sql, filter.region, ([lowest, highest]) => sql`c.region BETWEEN ${lowest} AND ${highest}`)}
      ${when(sql, filter.from, (it) => sql`c.opened_at >= ${it}`)}
      ${when(sql, filter.until, (it) => sql`c.opened_at < ${it}`)}
      ${when(sql, filter.states, (it) => sql`s.state = ANY (${arrayLiteral(it)}::text[])`)}
    ORDER BY ${order} LIMIT ${limit}`;
}

export interface FindingRow extends CaseTies {
  readonly unit: number;
  readonly epc: Epc;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly one: number;
  readonly other: number;
  readonly made: number | null;
  readonly opened: number;
  /** ms since the epoch. */
  readonly openedAt: number;
  readonly closed: number | null;
  readonly caseId: string;
}

export interface FindingFilter {
  readonly rules?: readonly string[] | undefined;
  readonly severity?: string | undefined;
  readonly case?: string | undefined;
  readonly gtin?: string | undefined;
  /** Explained, or not. */
  readonly closed?: boolean | undefined;
}

export interface LogFindingFilter extends FindingFilter {
  /** Internal number of a thing. */
  readonly unit?: number | undefined;
}

export interface ClueFindingFilter extends FindingFilter {
  readonly rules: readonly RuleName[];
  /** Canonical identifier. */
  readonly thing?: string | undefined;
}

export type FindingKey = readonly [opened: number, unit: number, rule: string, one: number, other: number];

/** What is asked alike of every finding `f` in its case `c`. */
const asked = (sql: Sql, { rules, severity, case: id, gtin }: FindingFilter) => sql`
  ${when(sql, rules, (it) => sql`f.rule = ANY (${arrayLiteral(it)}::text[])`)}
  ${when(sql, severity, (it) => sql`f.severity = ${it}`)}
  ${when(sql, id, (it) => sql`f.case_id = ${it}`)}
  ${when(sql, gtin, (it) => sql`c.gtin = ${it}`)}`;

/** A page, newest first, of the findings in cases that a reader may see, if only in part. One statement. */
export async function findingsFor(
  sql: Sql,
  reader: Reader,
  filter: LogFindingFilter,
  after: FindingKey | null,
  limit: number,
): Promise<FindingRow[]> {
  const beyond =
    after === null
      ? sql``
      : sql`AND (f.opened, f.unit, f.rule, f.one, f.other)
        < (${after[0]}, ${after[1]}, ${after[2]}, ${after[3]}, ${after[4]})`;
  return sql<FindingRow[]>`
    SELECT f.unit, e.epc, f.rule, f.severity, f.one, f.other, f.made, f.opened, t.at AS "openedAt", x.closed,
      c.id AS "caseId", c.party, c.region, c.maker, c.maker_region AS "makerRegion"
    FROM findings f JOIN cases c ON c.id = f.case_id JOIN epcs e ON e.unit = f.unit
    JOIN entries t ON t.seq = f.opened
    LEFT JOIN finding_closings x
      ON (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other)
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${asked(sql, filter)}
      ${when(sql, filter.unit, (it) => sql`f.unit = ${it}`)}
      ${when(sql, filter.closed, (it) => (it ? sql`x.closed IS NOT NULL` : sql`x.closed IS NULL`))}
    ORDER BY f.opened DESC, f.unit DESC, f.rule DESC, f.one DESC, f.other DESC LIMIT ${limit}`;
}

export interface ClueFindingRow extends CaseTies {
  /** Canonical identifier. */
  readonly thing: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly caseId: string;
  /** ms since the epoch, all of them. */
  readonly foundAt: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly closedAt: number | null;
  readonly count: number;
  /** Of a rule that compares with what is usual. */
  readonly expected: number | null;
  /** Separated by spaces. */
  readonly regions: string;
}

export type ClueFindingKey = readonly [foundAt: number, thing: string, rule: string, caseId: string];

/** The same for what rests on clues. One statement. */
export async function clueFindingsFor(
  sql: Sql,
  reader: Reader,
  filter: ClueFindingFilter,
  after: ClueFindingKey | null,
  limit: number,
): Promise<ClueFindingRow[]> {
  const beyond =
    after === null
      ? sql``
      : sql`AND (f.found_at, f.thing, f.rule, f.case_id) < (${after[0]}, ${after[1]}, ${after[2]}, ${after[3]})`;
  return sql<ClueFindingRow[]>`
    SELECT f.thing, f.rule, f.severity, f.case_id AS "caseId", f.found_at AS "foundAt", f.first_at AS "firstAt",
      f.last_at AS "lastAt", f.closed_at AS "closedAt", f.count, f.expected, f.regions,
      c.party, c.region, c.maker, c.maker_region AS "makerRegion"
    FROM clue_findings f JOIN clue_cases c ON c.id = f.case_id
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${asked(sql, filter)}
      ${when(sql, filter.thing, (it) => sql`f.thing = ${it}`)}
      ${when(sql, filter.closed, (it) => (it ? sql`f.closed_at IS NOT NULL` : sql`f.closed_at IS NULL`))}
    ORDER BY f.found_at DESC, f.thing DESC, f.rule DESC, f.case_id DESC LIMIT ${limit}`;
}

export interface DecisionRow {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: DecisionFact;
  /** null once it was erased. */
  readonly officer: string | null;
}

/** What was decided about a case, oldest first. One statement. */
export async function decisionsOf(sql: Sql, caseId: string): Promise<DecisionRow[]> {
  const rows = await sql<(Omit<DecisionRow, 'officer'> & { private: string | null })[]>`
    SELECT d.seq, e.at, d.body AS fact, p.value AS private
    FROM decisions d JOIN entries e USING (seq) LEFT JOIN privates p USING (seq)
    WHERE d.case_id = ${caseId} ORDER BY d.seq`;
  return rows.map(({ private: value, ...row }) => {
    const said: { officer?: string } = value === null ? {} : JSON.parse(value);
    return { ...row, officer: said.officer ?? null };
  });
}
