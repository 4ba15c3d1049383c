/** Cases and findings as a reader may see them. */

import type { PartyId } from '../../core/events/hop.ts';
import { formatAt } from '../../core/log/entry.ts';
import { namesOfThing } from '../../core/mandate.ts';
import { prefectureOf } from '../../core/region.ts';
import { catalogue, type RuleName, ruleNames } from '../../core/rules/catalogue.ts';
import type { Sql } from '../../database/connection.ts';
import type { Bilingual } from '../../web/words.ts';
import type { Reader } from '../access/reading.ts';
import { loadHops } from '../events/chains.ts';
import { involvementOf } from '../events/involved.ts';
import { issuersOf } from '../findings/filing.ts';
import { type DealerRecord, dealerRecord } from '../insights/dealers.ts';
import type { LoadNames, Names } from '../tracing/names.ts';
import { explain, explainClues } from './explanation.ts';
import { type GroundDeps, type GroundOf, loadGrounds } from './grounds.ts';
import {
  type CaseFilter,
  type CasePage,
  type CaseRow,
  type ClueFindingFilter,
  type ClueFindingKey,
  type ClueFindingRow,
  casesFor,
  clueFindingsFor,
  countedMax,
  type DecisionRow,
  type FindingKey,
  type FindingPage,
  type FindingRow,
  findingsFor,
  type LogFindingFilter,
} from './queries.ts';
import { type CaseView, type DecisionView, type FoundView, latestMax } from './schemas.ts';
import { seenPage } from './seen-page.ts';
import {
  type CaseTies,
  isOperator,
  isWithin,
  overseesClues,
  seesClues,
  seesFinding,
  seesWho,
  seesWhole,
} from './sight.ts';

export type CasesDeps = GroundDeps;

/** What a rule is told by: its words and the likeliest cause. */
const aboutRule = (rule: RuleName) => {
  const { version, cause, zh, en } = catalogue[rule];
  return { rule, version, cause, zh, en };
};

/** Rules that fit all that is asked; undefined when nothing is. */
export function rulesAsked(asked: {
  readonly rule?: RuleName;
  readonly family?: string;
}): readonly RuleName[] | undefined {
  const { rule, family } = asked;
  if (rule === undefined && family === undefined) return undefined;
  return ruleNames.filter(
    (name) =>
      (rule === undefined || name === rule) && (family === undefined || catalogue[name].family === family),
  );
}

const partyOf = (names: Names, id: string) => {
  if (id === '') return null;
  const { name, region } = names.party(id as PartyId);
  return { id, name, region };
};

/** Cases with what the reader may know of them. Two statements, and those of names not known yet. */
export async function tellCases(
  { sql, names: loadNames }: Pick<CasesDeps, 'sql' | 'names'>,
  reader: Reader,
  filter: CaseFilter,
  page: CasePage,
): Promise<{ rows: CaseRow[]; tell(row: CaseRow): CaseView }> {
  const rows = await casesFor(sql, reader, filter, page);
  const names = await loadNames({
    parties: rows.flatMap(
      ({ party, maker, decidedBy }) => [party, maker, decidedBy ?? ''].filter((it) => it !== '') as PartyId[],
    ),
    gtins: rows.flatMap(({ gtin }) => (gtin === '' ? [] : [gtin])),
  });
  return { rows, tell: (row) => viewOf(row, reader, names) };
}

function viewOf(row: CaseRow, reader: Reader, names: Names): CaseView {
  const { id, rule, severity, state, gtin, sample, opened, openedAt, findings, unexplained } = row;
  const { basis } = catalogue[rule];
  const isWhole = seesWhole(reader, row);
  return {
    id,
    ...aboutRule(rule),
    severity,
    state,
    party: seesWho(reader, row) ? partyOf(names, row.party) : null,
    product: productOf(names, gtin),
    sample: sample !== '' && isWhole ? sample : null,
    maker: partyOf(names, row.maker),
    basis,
    opened,
    openedAt: formatAt(openedAt),
    findings: isWhole ? { total: findings, open: unexplained, atLeast: findings === countedMax } : null,
    lastAt: isWhole ? formatAt(row.lastAt) : null,
    decided: decisionIn(row, names),
    records: `/v1/findings?basis=${basis}&case=${id}`,
  };
}

function productOf(names: Names, gtin: string) {
  if (gtin === '') return null;
  const { name, nameEn } = names.product(gtin);
  return { gtin, name, nameEn };
}

function decisionIn(
  { outcome, decidedCause, decidedBy, decidedAt }: CaseRow,
  names: Names,
): CaseView['decided'] {
  if ((outcome !== 'confirmed' && outcome !== 'rejected') || decidedCause === null || decidedAt === null)
    return null;
  return { at: formatAt(decidedAt), by: partyOf(names, decidedBy ?? ''), outcome, cause: decidedCause };
}

/** A page of findings; those of cases that touch the reader only in part are looked at one by one. */
export async function tellFindings(
  deps: CasesDeps,
  reader: Reader,
  filter: LogFindingFilter,
  { newestFirst, after, limit }: FindingPage<FindingKey>,
): Promise<{ items: FoundView[]; last: FindingKey | null }> {
  const { sql, names: loadNames } = deps;
  const { rows, last } = await seenPage<FindingRow, FindingKey>(
    {
      read: (from, most) => findingsFor(sql, reader, filter, { newestFirst, after: from, limit: most }),
      seen: (rows) => findingsSeen(sql, reader, rows),
      keyOf: ({ opened, unit, rule, one, other }) => [opened, unit, rule, one, other],
    },
    after,
    limit,
  );
  const [names, groundOf] = await Promise.all([namesIn(loadNames, rows), loadGrounds(deps, reader, rows)]);
  return { items: rows.map((row) => foundOf(row, reader, names, groundOf)), last };
}

const namesIn = (loadNames: LoadNames, rows: readonly (CaseTies & { readonly gtin: string })[]) =>
  loadNames({
    parties: rows.flatMap(({ party, maker }) => [party, maker].filter((it) => it !== '') as PartyId[]),
    gtins: rows.flatMap(({ gtin }) => (gtin === '' ? [] : [gtin])),
  });

/** What is told of a finding of either kind. */
const aboutGoods = (
  row: CaseTies & { readonly gtin: string; readonly lot: string | null },
  reader: Reader,
  names: Names,
) => ({
  product: productOf(names, row.gtin),
  lot: row.lot,
  party: seesWho(reader, row) ? partyOf(names, row.party) : null,
  maker: partyOf(names, row.maker),
});

async function findingsSeen(sql: Sql, reader: Reader, rows: readonly FindingRow[]): Promise<FindingRow[]> {
  const inPart = rows.filter((row) => !seesWhole(reader, row));
  if (inPart.length === 0) return [...rows];
  const hops = await loadHops(sql, inPart.flatMap(entriesOf));
  const [involvement, issuers] = await Promise.all([
    involvementOf(sql, [...hops.values()]),
    issuersOf(
      sql,
      inPart.map(({ one }) => one),
    ),
  ]);
  return rows.filter((row) => {
    if (seesWhole(reader, row) || issuers.get(row.one) === reader.party || isWithin(reader, row.where))
      return true;
    const sides = entriesOf(row).flatMap((seq) => hops.get(seq) ?? []);
    const maker = row.maker === '' ? null : (row.maker as PartyId);
    return seesFinding(reader, { names: namesOfThing(row.epc, row.lot), maker, hops: sides }, involvement);
  });
}

/** Those that it rests on. */
const entriesOf = ({ one, other, made }: FindingRow): number[] =>
  made === null ? [one, other] : [one, other, made];

const foundOf = (row: FindingRow, reader: Reader, names: Names, groundOf: GroundOf): FoundView => ({
  epc: row.epc,
  ...aboutRule(row.rule),
  explanation: explained(row.rule, explain(row.rule, groundOf(row))),
  severity: row.severity,
  entries: [row.one, row.other],
  made: row.made,
  opened: row.opened,
  openedAt: formatAt(row.openedAt),
  closed: row.closed,
  closedAt: null,
  scans: null,
  reports: null,
  case: row.caseId,
  ...aboutGoods(row, reader, names),
  region: whereTo(reader, row, names),
  entryTimes: [formatAt(row.oneAt), formatAt(row.otherAt)],
});

/** The rule's own sentence where there is no other. */
const explained = (rule: RuleName, sentence: Bilingual | null): Bilingual => {
  const { zh, en } = catalogue[rule];
  return sentence ?? { zh, en };
};

/** Where goods were: regulators and the operator are told, a maker of its own the province, by the rules of reading. */
function whereTo(reader: Reader, row: FindingRow, names: Names): FoundView['region'] {
  if (row.where === '') return null;
  if (seesWho(reader, { ...row, party: '' })) return names.region(row.where);
  return reader.party === row.maker ? names.region(row.where, 'province') : null;
}

/** The same for what rests on clues. */
export async function tellClueFindings(
  { sql, names: loadNames }: CasesDeps,
  reader: Reader,
  filter: ClueFindingFilter,
  { newestFirst, after, limit }: FindingPage<ClueFindingKey>,
): Promise<{ items: FoundView[]; last: ClueFindingKey | null }> {
  const regionsOf = ({ regions }: ClueFindingRow) => (regions === '' ? [] : regions.split(' '));
  const oversees = (row: ClueFindingRow) => overseesClues(reader, row, regionsOf(row));
  const { rows, last } = await seenPage<ClueFindingRow, ClueFindingKey>(
    {
      read: (from, most) => clueFindingsFor(sql, reader, filter, { newestFirst, after: from, limit: most }),
      seen: async (rows) => rows.filter((row) => seesClues(reader, row, regionsOf(row))),
      keyOf: ({ foundAt, thing, rule, caseId }) => [foundAt, thing, rule, caseId],
    },
    after,
    limit,
  );
  const names = await namesIn(loadNames, rows);
  return {
    items: rows.map((row) => ({
      ...clueFoundOf(row, regionsOf(row), oversees(row), names),
      ...aboutGoods(row, reader, names),
    })),
    last,
  };
}

/** What of a dealer is looked back on, ms. */
const salesMs = 365 * 86_400_000;

/** How much of what a dealer delivers went out of its territory, for whoever is told of all of it; null for other cases. */
export async function salesOf(
  sql: Sql,
  reader: Reader,
  { rule, party, region, openedAt }: CaseRow,
  now: number,
): Promise<(DealerRecord & { readonly since: string }) | null> {
  if (rule !== 'out-of-territory') return null;
  if (!isOperator(reader) && reader.party !== party && !isWithin(reader, region)) return null;
  const from = Math.min(openedAt, now - salesMs);
  const record = await dealerRecord(sql, reader, { from, until: now + 1 }, party as PartyId);
  return record && { since: formatAt(from), ...record };
}

/** Of the findings of a case the newest that a reader is told of. */
export async function latestOf(deps: CasesDeps, reader: Reader, { id, rule }: CaseRow): Promise<FoundView[]> {
  const page = { newestFirst: true, after: null, limit: latestMax };
  const { items } =
    catalogue[rule].basis === 'log'
      ? await tellFindings(deps, reader, { case: id }, page)
      : await tellClueFindings(deps, reader, { case: id, rules: [rule] }, page);
  return items;
}

/** What reports a finding rests on, as a query of them. */
const reportsOf = ({ thing, rule, region }: ClueFindingRow): string =>
  rule === 'complaint-burst'
    ? `gtin=${thing.slice('01/'.length)}&region=${region}`
    : `epc=${encodeURIComponent(thing)}`;

/** Who reported is nobody's to guess but those who may read the report: others are told of prefectures alone. */
function clueFoundOf(
  row: ClueFindingRow,
  regions: readonly string[],
  oversees: boolean,
  names: Names,
): Omit<FoundView, keyof ReturnType<typeof aboutGoods>> {
  const { thing, rule, severity, foundAt, firstAt, lastAt, closedAt, count, expected, caseId } = row;
  const rests = { count, first: formatAt(firstAt), last: formatAt(lastAt) };
  const ofReports = catalogue[rule].basis === 'reports';
  const told = ofReports && !oversees ? [...new Set(regions.map(prefectureOf))] : [...regions];
  const clues = {
    count,
    first: firstAt,
    last: lastAt,
    expected,
    regions: told.map((it) => names.region(it)),
  };
  return {
    epc: thing,
    ...aboutRule(rule),
    explanation: explained(rule, explainClues(rule, clues)),
    severity,
    entries: [],
    made: null,
    opened: null,
    openedAt: formatAt(foundAt),
    closed: null,
    closedAt: closedAt === null ? null : formatAt(closedAt),
    scans: ofReports ? null : { ...rests, regions: told },
    reports: ofReports
      ? {
          ...rests,
          regions: told,
          expected,
          records: oversees ? `/v1/reports?${reportsOf(row)}` : null,
        }
      : null,
    case: caseId,
    region: null,
    entryTimes: [],
  };
}

/**
 * Decisions as they are told: what was decided to all who see the case; why, in an officer's own words, and by whom, to
 * those who may decide it themselves.
 */
export async function tellDecisions(
  loadNames: LoadNames,
  isInCharge: boolean,
  rows: readonly DecisionRow[],
): Promise<DecisionView[]> {
  const names = await loadNames({ parties: rows.map(({ fact }) => fact.by) });
  return rows.map(({ seq, at, fact, officer }) => ({
    seq,
    at: formatAt(at),
    case: fact.case,
    by: partyOf(names, fact.by),
    outcome: fact.outcome,
    cause: fact.cause,
    reason: isInCharge ? fact.reason : null,
    officer: isInCharge ? officer : null,
  }));
}
