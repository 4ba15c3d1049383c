/** Cases and findings as they are read: one statement a page. */

import type { Epc } from '../../core/events/hop.ts';
import type { Severity } from '../../core/life/contradictions.ts';
import type { DecisionFact } from '../../core/log/fact.ts';
import { catalogue, type RuleName, ruleNames } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { type CaseTies, visibleTo, within } from './sight.ts';
import { foundWithin, isToldOf, type Window, whereFound, wholeTo } from './where-found.ts';

export const caseStates = ['open', 'watch', 'closed', 'confirmed', 'rejected'] as const;
export type CaseState = (typeof caseStates)[number];

/** Findings of a case that are counted; of more it is said that there are at least so many. */
export const countedMax = 10_000;

export interface CaseRow extends CaseTies {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly gtin: string;
  /** Lot, or thing without one, of rules by sample; empty for all others. */
  readonly sample: string;
  /** null for what rests on clues. */
  readonly opened: number | null;
  /** ms since the epoch. */
  readonly openedAt: number;
  readonly state: CaseState;
  /** At most `countedMax` each. */
  readonly findings: number;
  readonly unexplained: number;
  /** When the last of them was found, ms since the epoch. */
  readonly lastAt: number;
  /** Of a case asked for by its id: all goods that it is about were in the reader's jurisdiction (where-found.ts). */
  readonly allWithin: boolean;
  /** What was decided last. */
  readonly outcome: CaseState | null;
  readonly decidedCause: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
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
  /** First and last code of regions of which something was found in one. */
  readonly region?: Regions | undefined;
  /** The same for where the maker is. */
  readonly makerRegion?: Regions | undefined;
  /** In which something was found then. */
  readonly window?: Window | undefined;
  /** What it turned out to be, or what is likeliest behind it while nobody decided. */
  readonly cause?: string | undefined;
  /** One of these. */
  readonly ids?: readonly string[] | undefined;
}

export type Regions = readonly [lowest: string, highest: string];

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
  SELECT id, rule, severity, party, region, gtin, sample, maker, maker_region, opened, opened_at, watch
  FROM cases
  UNION ALL
  SELECT id, rule, severity, party, region, gtin, '', maker, maker_region, NULL, opened_at, watch
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
  SELECT d.*, coalesce(d.outcome,
    CASE WHEN NOT EXISTS (${unexplainedIn(sql)}) THEN 'closed'
      WHEN c.watch THEN 'watch' ELSE 'open' END) AS state
  FROM (SELECT) one LEFT JOIN LATERAL (
    SELECT d.outcome, d.cause, d.party AS decided_by, d.seq AS decided FROM decisions d
    WHERE d.case_id = c.id ORDER BY d.seq DESC LIMIT 1) d ON TRUE) s`;

/** Cases that a cause is behind, as was decided or by their rule. */
const isBehind = (sql: Sql, cause: string): ReturnType<Sql> => {
  const likely = ruleNames.filter((rule) => catalogue[rule].cause === cause);
  return sql`coalesce(s.cause = ${cause}, c.rule = ANY (${arrayLiteral(likely)}::text[]))`;
};

const always: Window = {
  seqs: [0, Number.MAX_SAFE_INTEGER],
  times: [0, Number.MAX_SAFE_INTEGER],
};

/** Cases in which something was found where and when it is asked; who is told of a part alone, by when it was opened. */
function isFound(sql: Sql, reader: Reader, { region, window = always }: CaseFilter) {
  const found = sql`EXISTS (
    SELECT FROM ${foundWithin(sql, window, { seq: 0, time: 0 })}
    WHERE f.case_id = c.id AND ${isToldOf(sql, reader)}
      ${when(sql, region, ([lowest, highest]) => sql`f.region BETWEEN ${lowest} AND ${highest}`)})`;
  return region === undefined
    ? sql`(${found} OR NOT ${wholeTo(sql, reader)}
        AND c.opened_at >= ${window.times[0]} AND c.opened_at < ${window.times[1]})`
    : found;
}

/** Whether all findings of case `c` are about goods that were in a reader's jurisdiction. */
const allWithin = (sql: Sql, reader: Reader): ReturnType<Sql> => sql`(c.opened IS NOT NULL AND NOT EXISTS (
  SELECT FROM findings f CROSS JOIN ${whereFound(sql)} WHERE f.case_id = c.id AND NOT ${within(sql, reader, sql`w.region`)}))`;

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
    SELECT c.id, c.rule, c.severity, c.party, c.region, c.gtin, c.sample, c.maker, c.maker_region AS "makerRegion",
      c.opened, c.opened_at AS "openedAt", s.state,
      (SELECT count(*)::int FROM (
        SELECT FROM findings f WHERE f.case_id = c.id UNION ALL SELECT FROM clue_findings f WHERE f.case_id = c.id
        LIMIT ${countedMax}) n) AS findings,
      (SELECT count(*)::int FROM (${unexplainedIn(sql)} LIMIT ${countedMax}) n) AS unexplained,
      coalesce(
        (SELECT t.at FROM entries t WHERE t.seq = (SELECT max(f.opened) FROM findings f WHERE f.case_id = c.id)),
        (SELECT max(f.found_at) FROM clue_findings f WHERE f.case_id = c.id), c.opened_at) AS "lastAt",
      ${filter.id === undefined ? sql`FALSE` : allWithin(sql, reader)} AS "allWithin",
      s.outcome, s.cause AS "decidedCause", s.decided_by AS "decidedBy",
      (SELECT t.at FROM entries t WHERE t.seq = s.decided) AS "decidedAt"
    FROM ${allCases(sql)}
    CROSS JOIN ${stateOf(sql)}
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${when(sql, filter.id, (it) => sql`c.id = ${it}`)}
      ${when(sql, filter.rules, (it) => sql`c.rule = ANY (${arrayLiteral(it)}::text[])`)}
      ${when(sql, filter.severity, (it) => sql`c.severity = ${it}`)}
      ${when(sql, filter.gtin, (it) => sql`c.gtin = ${it}`)}
      ${when(sql, filter.party, (it) => sql`c.party = ${it}`)}
      ${when(sql, filter.makerRegion, ([lowest, highest]) => sql`c.maker_region BETWEEN ${lowest} AND ${highest}`)}
      ${when(sql, filter.ids, (it) => sql`c.id = ANY (${arrayLiteral(it)}::text[])`)}
      ${when(sql, filter.cause, (it) => isBehind(sql, it))}
      ${filter.region === undefined && filter.window === undefined ? sql`` : sql`AND ${isFound(sql, reader, filter)}`}
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
  readonly gtin: string;
  readonly lot: string | null;
  /** GB/T 2260, of where the goods were (where-found.ts); empty for none. */
  readonly where: string;
  /** When the two entries were recorded, ms since the epoch. */
  readonly oneAt: number;
  readonly otherAt: number;
}

export interface FindingFilter {
  readonly rules?: readonly string[] | undefined;
  readonly severity?: string | undefined;
  readonly case?: string | undefined;
  readonly gtin?: string | undefined;
  /** Explained, or not. */
  readonly closed?: boolean | undefined;
  /** By whose word. */
  readonly party?: string | undefined;
  readonly cause?: string | undefined;
  readonly region?: Regions | undefined;
  readonly makerRegion?: Regions | undefined;
  readonly window?: Window | undefined;
}

export interface FindingPage<Key> {
  readonly newestFirst: boolean;
  /** Those after this one. */
  readonly after: Key | null;
  readonly limit: number;
}

export interface LogFindingFilter extends FindingFilter {
  /** Internal number of a thing. */
  readonly unit?: number | undefined;
}

export interface ClueFindingFilter extends FindingFilter {
  readonly rules: readonly RuleName[];
  /** Canonical identifier. */
  readonly thing?: string | undefined;
  /** Only of these. */
  readonly things?: readonly string[] | undefined;
}

export type FindingKey = readonly [opened: number, unit: number, rule: string, one: number, other: number];

/** What is asked alike of every finding `f` in its case `c`. */
const asked = (
  sql: Sql,
  { rules, severity, case: id, gtin, party, makerRegion, cause }: FindingFilter,
) => sql`
  ${when(sql, rules, (it) => sql`f.rule = ANY (${arrayLiteral(it)}::text[])`)}
  ${when(sql, severity, (it) => sql`f.severity = ${it}`)}
  ${when(sql, id, (it) => sql`f.case_id = ${it}`)}
  ${when(sql, gtin, (it) => sql`c.gtin = ${it}`)}
  ${when(sql, party, (it) => sql`c.party = ${it}`)}
  ${when(sql, makerRegion, ([lowest, highest]) => sql`c.maker_region BETWEEN ${lowest} AND ${highest}`)}
  ${when(sql, cause, (it) => isBehind(sql, it))}`;

/** The last decision about case `c`, as `s`. */
const decided = (sql: Sql) => sql`LATERAL (
  SELECT d.cause FROM (SELECT) one LEFT JOIN LATERAL (
    SELECT cause FROM decisions WHERE case_id = c.id ORDER BY seq DESC LIMIT 1) d ON TRUE) s`;

/** A page of the findings in cases that a reader may see, if only in part. One statement. */
export async function findingsFor(
  sql: Sql,
  reader: Reader,
  filter: LogFindingFilter,
  { newestFirst, after, limit }: FindingPage<FindingKey>,
): Promise<FindingRow[]> {
  const key = sql`(f.opened, f.unit, f.rule, f.one, f.other)`;
  const order = newestFirst
    ? sql`f.opened DESC, f.unit DESC, f.rule DESC, f.one DESC, f.other DESC`
    : sql`f.opened, f.unit, f.rule, f.one, f.other`;
  const beyond =
    after === null
      ? sql``
      : sql`AND ${key} ${newestFirst ? sql`<` : sql`>`} (${after[0]}, ${after[1]}, ${after[2]}, ${after[3]}, ${after[4]})`;
  return sql<FindingRow[]>`
    SELECT f.unit, e.epc, f.rule, f.severity, f.one, f.other, f.made, f.opened, t.at AS "openedAt", x.closed,
      c.id AS "caseId", c.party, c.region, c.gtin, c.maker, c.maker_region AS "makerRegion", w.region AS where,
      CASE WHEN e.epc LIKE '01/______________/10/%' THEN e.epc ELSE (
        SELECT i.lot FROM (
          SELECT lot, last_unit FROM issues WHERE first_unit <= f.unit ORDER BY first_unit DESC LIMIT 1) i
        WHERE i.last_unit >= f.unit) END AS lot,
      (SELECT at FROM entries WHERE seq = f.one) AS "oneAt", (SELECT at FROM entries WHERE seq = f.other) AS "otherAt"
    FROM findings f JOIN cases c ON c.id = f.case_id JOIN epcs e ON e.unit = f.unit
    JOIN entries t ON t.seq = f.opened
    LEFT JOIN finding_closings x
      ON (x.unit, x.rule, x.opened, x.one, x.other) = (f.unit, f.rule, f.opened, f.one, f.other)
    CROSS JOIN ${decided(sql)} CROSS JOIN ${whereFound(sql)}
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${asked(sql, filter)}
      ${when(sql, filter.unit, (it) => sql`f.unit = ${it}`)}
      ${when(sql, filter.window, ({ seqs }) => sql`f.opened >= ${seqs[0]} AND f.opened < ${seqs[1]}`)}
      ${when(sql, filter.region, ([lowest, highest]) => sql`w.region BETWEEN ${lowest} AND ${highest}`)}
      ${when(sql, filter.closed, (it) => (it ? sql`x.closed IS NOT NULL` : sql`x.closed IS NULL`))}
    ORDER BY ${order} LIMIT ${limit}`;
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
  readonly gtin: string;
  readonly lot: string | null;
}

export type ClueFindingKey = readonly [foundAt: number, thing: string, rule: string, caseId: string];

/** The same for what rests on clues. One statement. */
export async function clueFindingsFor(
  sql: Sql,
  reader: Reader,
  filter: ClueFindingFilter,
  { newestFirst, after, limit }: FindingPage<ClueFindingKey>,
): Promise<ClueFindingRow[]> {
  const order = newestFirst
    ? sql`f.found_at DESC, f.thing DESC, f.rule DESC, f.case_id DESC`
    : sql`f.found_at, f.thing, f.rule, f.case_id`;
  const beyond =
    after === null
      ? sql``
      : sql`AND (f.found_at, f.thing, f.rule, f.case_id) ${newestFirst ? sql`<` : sql`>`} (${after[0]}, ${after[1]}, ${after[2]}, ${after[3]})`;
  return sql<ClueFindingRow[]>`
    SELECT f.thing, f.rule, f.severity, f.case_id AS "caseId", f.found_at AS "foundAt", f.first_at AS "firstAt",
      f.last_at AS "lastAt", f.closed_at AS "closedAt", f.count, f.expected, f.regions,
      c.party, c.region, c.gtin, c.maker, c.maker_region AS "makerRegion",
      (SELECT i.lot FROM epcs e CROSS JOIN LATERAL (
          SELECT lot, last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
        WHERE e.epc = f.thing AND i.last_unit >= e.unit) AS lot
    FROM clue_findings f JOIN clue_cases c ON c.id = f.case_id CROSS JOIN ${decided(sql)}
    WHERE ${visibleTo(sql, reader)} ${beyond}
      ${asked(sql, filter)}
      ${when(sql, filter.thing, (it) => sql`f.thing = ${it}`)}
      ${when(sql, filter.window, ({ times }) => sql`f.found_at >= ${times[0]} AND f.found_at < ${times[1]}`)}
      ${when(
        sql,
        filter.region,
        ([lowest, highest]) => sql`EXISTS (
          SELECT FROM unnest(string_to_array(f.regions, ' ')) AS r (region) WHERE r.region BETWEEN ${lowest} AND ${highest})`,
      )}
      ${when(sql, filter.things, (it) => sql`f.thing = ANY (${arrayLiteral(it)}::text[])`)}
      ${when(sql, filter.closed, (it) => (it ? sql`f.closed_at IS NOT NULL` : sql`f.closed_at IS NULL`))}
    ORDER BY ${order} LIMIT ${limit}`;
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
