/** Cases and findings as a reader may see them. */

import type { PartyId } from '../../core/events/hop.ts';
import { formatAt } from '../../core/log/entry.ts';
import { districtOf } from '../../core/region.ts';
import { catalogue, type RuleName, ruleNames } from '../../core/rules/catalogue.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { loadHops } from '../events/chains.ts';
import { involvementOf } from '../events/involved.ts';
import { issuersOf } from '../findings/filing.ts';
import type { LoadNames, Names } from '../tracing/names.ts';
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
  type FindingRow,
  findingsFor,
  type LogFindingFilter,
} from './queries.ts';
import type { CaseView, DecisionView, FoundView } from './schemas.ts';
import { overseesClues, seesFinding, seesWho, seesWhole } from './sight.ts';

export interface CasesDeps {
  readonly sql: Sql;
  readonly names: LoadNames;
}

/** What a rule is told by: its words and the likeliest cause. */
const aboutRule = (rule: RuleName) => {
  const { cause, zh, en } = catalogue[rule];
  return { rule, cause, zh, en };
};

/** Rules that fit all that is asked; undefined when nothing is. */
export function rulesAsked(asked: {
  readonly rule?: RuleName;
  readonly family?: string;
  readonly cause?: string;
}): readonly RuleName[] | undefined {
  const { rule, family, cause } = asked;
  if (rule === undefined && family === undefined && cause === undefined) return undefined;
  return ruleNames.filter(
    (name) =>
      (rule === undefined || name === rule) &&
      (family === undefined || catalogue[name].family === family) &&
      (cause === undefined || catalogue[name].cause === cause),
  );
}

const partyOf = (names: Names, id: string) => {
  if (id === '') return null;
  const { name, region } = names.party(id as PartyId);
  return { id, name, region };
};

/** Cases with what the reader may know of them. Two statements, and those of names not known yet. */
export async function tellCases(
  { sql, names: loadNames }: CasesDeps,
  reader: Reader,
  filter: CaseFilter,
  page: CasePage,
): Promise<{ rows: CaseRow[]; tell(row: CaseRow): CaseView }> {
  const rows = await casesFor(sql, reader, filter, page);
  const names = await loadNames({
    parties: rows.flatMap(({ party, maker }) => [party, maker].filter((it) => it !== '') as PartyId[]),
    gtins: rows.flatMap(({ gtin }) => (gtin === '' ? [] : [gtin])),
  });
  return { rows, tell: (row) => viewOf(row, reader, names) };
}

function viewOf(row: CaseRow, reader: Reader, names: Names): CaseView {
  const { id, rule, severity, state, gtin, opened, openedAt, findings, unexplained } = row;
  const product = gtin === '' ? null : names.product(gtin);
  const { basis } = catalogue[rule];
  return {
    id,
    ...aboutRule(rule),
    severity,
    state,
    party: seesWho(reader, row) ? partyOf(names, row.party) : null,
    product: product && { gtin, name: product.name, nameEn: product.nameEn },
    maker: partyOf(names, row.maker),
    basis,
    opened,
    openedAt: formatAt(openedAt),
    findings: seesWhole(reader, row)
      ? { total: findings, open: unexplained, atLeast: findings === countedMax }
      : null,
    records: `/v1/findings?basis=${basis}&case=${id}`,
  };
}

/** A page of findings; those of cases that touch the reader only in part are looked at one by one, so it may be short. */
export async function tellFindings(
  { sql }: Pick<CasesDeps, 'sql'>,
  reader: Reader,
  filter: LogFindingFilter,
  after: FindingKey | null,
  limit: number,
): Promise<{ items: FoundView[]; last: FindingKey | null }> {
  const rows = await findingsFor(sql, reader, filter, after, limit + 1);
  const listed = rows.slice(0, limit);
  const inPart = listed.filter((row) => !seesWhole(reader, row));
  const hops = await loadHops(sql, inPart.flatMap(entriesOf));
  const [involvement, issuers] = await Promise.all([
    involvementOf(sql, [...hops.values()]),
    issuersOf(
      sql,
      inPart.map(({ one }) => one),
    ),
  ]);
  const sees = (row: FindingRow): boolean => {
    if (seesWhole(reader, row) || issuers.get(row.one) === reader.party) return true;
    const sides = entriesOf(row).flatMap((seq) => hops.get(seq) ?? []);
    return seesFinding(reader, row.maker === '' ? null : (row.maker as PartyId), sides, involvement);
  };
  const end = rows.length > limit ? listed.at(-1) : undefined;
  return {
    items: listed.filter(sees).map(foundOf),
    last: end === undefined ? null : [end.opened, end.unit, end.rule, end.one, end.other],
  };
}

/** Those that it rests on. */
const entriesOf = ({ one, other, made }: FindingRow): number[] =>
  made === null ? [one, other] : [one, other, made];

const foundOf = (row: FindingRow): FoundView => ({
  epc: row.epc,
  ...aboutRule(row.rule),
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
});

/** The same for what rests on clues. */
export async function tellClueFindings(
  { sql }: Pick<CasesDeps, 'sql'>,
  reader: Reader,
  filter: ClueFindingFilter,
  after: ClueFindingKey | null,
  limit: number,
): Promise<{ items: FoundView[]; last: ClueFindingKey | null }> {
  const rows = await clueFindingsFor(sql, reader, filter, after, limit + 1);
  const listed = rows.slice(0, limit);
  const end = rows.length > limit ? listed.at(-1) : undefined;
  return {
    items: listed.flatMap((row): FoundView[] => {
      const regions = row.regions === '' ? [] : row.regions.split(' ');
      const oversees = overseesClues(reader, row, regions);
      return oversees || seesWhole(reader, row) ? [clueFoundOf(row, regions, oversees)] : [];
    }),
    last: end === undefined ? null : [end.foundAt, end.thing, end.rule, end.caseId],
  };
}

/** What reports a finding rests on, as a query of them. */
const reportsOf = ({ thing, rule, region }: ClueFindingRow): string =>
  rule === 'complaint-burst'
    ? `gtin=${thing.slice('01/'.length)}&region=${region}`
    : `epc=${encodeURIComponent(thing)}`;

/** Who reported is nobody's to guess but those who may read the report: others are told of prefectures alone. */
function clueFoundOf(row: ClueFindingRow, regions: readonly string[], oversees: boolean): FoundView {
  const { thing, rule, severity, foundAt, firstAt, lastAt, closedAt, count, expected, caseId } = row;
  const rests = { count, first: formatAt(firstAt), last: formatAt(lastAt) };
  const ofReports = catalogue[rule].basis === 'reports';
  return {
    epc: thing,
    ...aboutRule(rule),
    severity,
    entries: [],
    made: null,
    opened: null,
    openedAt: formatAt(foundAt),
    closed: null,
    closedAt: closedAt === null ? null : formatAt(closedAt),
    scans: ofReports ? null : { ...rests, regions: [...regions] },
    reports: ofReports
      ? {
          ...rests,
          regions: oversees ? [...regions] : [...new Set(regions.map(districtOf))],
          expected,
          records: oversees ? `/v1/reports?${reportsOf(row)}` : null,
        }
      : null,
    case: caseId,
  };
}

/** Decisions as they are told: the officer's name is for regulators. */
export async function tellDecisions(
  loadNames: LoadNames,
  reader: Reader,
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
    reason: fact.reason,
    officer: reader.roles.includes('regulator') ? officer : null,
  }));
}
