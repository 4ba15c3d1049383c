/**
 * Files findings in cases (core/rules/case.ts): into the one that its subject has open, or into a new one when there is
 * none or an officer decided it before. A function of the log prefix at each finding, however the log is cut.
 */

import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import type { Severity } from '../../core/life/contradictions.ts';
import { bySampleRules, type CaseSubject, caseId, subjectKey } from '../../core/rules/case.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { epcTexts, loadHops } from '../events/chains.ts';
import { loadIssued } from '../events/context.ts';
import type { Docket } from './docket.ts';
import { isPlace, loadStations } from './stations.ts';

/** A finding that has just come to be. */
export interface Fresh {
  readonly unit: number;
  readonly rule: RuleName;
  readonly opened: number;
  readonly one: number;
  readonly other: number;
  /** The entry that made the thing of others, where it rests on that, too. */
  readonly made: number | null;
  readonly severity: Severity;
}

const findingColumns = {
  unit: 'bigint',
  rule: 'text',
  opened: 'bigint',
  one: 'bigint',
  other: 'bigint',
  made: 'bigint',
  severity: 'text',
  case_id: 'text',
} as const satisfies Columns;
const caseColumns = {
  id: 'text',
  rule: 'text',
  severity: 'text',
  party: 'text',
  region: 'text',
  gtin: 'text',
  sample: 'text',
  maker: 'text',
  maker_region: 'text',
  opened: 'bigint',
  opened_at: 'bigint',
  watch: 'boolean',
} as const satisfies Columns;

/** Writes the findings, which come in order of `opened`, with the cases they open. A fixed number of statements. */
export async function fileFindings(
  sql: Sql,
  docket: Docket,
  fresh: readonly Fresh[],
  from: number,
): Promise<void> {
  if (fresh.length === 0) return;
  const [epcs, hops, issuers, certifiers, sampled] = await Promise.all([
    epcTexts(
      sql,
      fresh.map(({ unit }) => unit),
    ),
    loadHops(
      sql,
      fresh.flatMap(({ one, other, made }) => [one, other, made ?? one]),
    ),
    issuersOf(
      sql,
      fresh.map(({ one }) => one),
    ),
    certifiersOf(
      sql,
      fresh.flatMap(({ rule, one }) => (rule === 'certified-goods-fail' ? [one] : [])),
    ),
    loadIssued(
      sql,
      fresh.flatMap(({ rule, unit }) => (bySampleRules.has(rule) ? [unit] : [])),
    ),
  ]);
  const samples = await samplesOf(sql, fresh, hops);
  const gtinOf = (unit: number): string => gtinIn(epcs.get(unit) ?? '');
  const subjects = fresh.map(({ rule, severity, unit, one, other }) => ({
    rule,
    severity,
    party: certifiers.get(one) ?? hops.get(other)?.recorder ?? '',
    gtin: gtinOf(unit),
    sample: bySampleRules.has(rule) ? (sampled.get(unit)?.lot ?? epcs.get(unit) ?? '') : '',
  }));
  const [masters, known] = await Promise.all([
    loadMasters(sql, [...hops.values(), ...samples.values()], new Set(subjects.map(({ gtin }) => gtin)), [
      ...issuers.values(),
      ...certifiers.values(),
    ]),
    openCases(sql, subjects, from),
  ]);
  const times = await timesOf(sql, new Set(fresh.map(({ opened }) => opened)));
  const cases: Row<typeof caseColumns>[] = [];
  const links = new Set<string>();
  const rows = fresh.map((finding, i) => {
    const subject = subjects[i];
    if (subject === undefined) throw new Error('a finding without a subject');
    const { opened } = finding;
    const key = subjectKey(subject);
    let id = known.get(key);
    if (id === undefined || docket.isDecided(id, opened)) {
      id = caseId(subject, opened);
      known.set(key, id);
      const maker = masters.makerOf(subject.gtin, opened);
      for (const link of masters.linksOf([maker, subject.party], opened)) links.add(`${id}\n${link}`);
      cases.push({
        ...subject,
        id,
        region: masters.regionOf(subject.party, opened),
        maker,
        maker_region: masters.regionOf(maker, opened),
        opened,
        opened_at: times.get(opened) ?? 0,
        watch: docket.isWatched(subject.rule, opened),
      });
    }
    for (const seq of [finding.one, finding.other, finding.made ?? finding.one])
      for (const link of masters.linksOf([...namedIn(hops.get(seq)), issuers.get(seq) ?? ''], opened))
        links.add(`${id}\n${link}`);
    for (const link of masters.linksOf(namedIn(samples.get(finding)), opened)) links.add(`${id}\n${link}`);
    return { ...finding, case_id: id };
  });
  await insertRows(sql, 'findings', findingColumns, rows);
  await insertRows(sql, 'cases', caseColumns, cases);
  await insertLinks(sql, [...links]);
}

/**
 * The sampling on which a laboratory's result rests, the last that a regulator recorded of the thing before: the regulators
 * of where it was taken are in charge as well. Two statements.
 */
async function samplesOf(
  sql: Sql,
  fresh: readonly Fresh[],
  hops: ReadonlyMap<number, HopRecord>,
): Promise<Map<Fresh, HopRecord>> {
  const tested = fresh.filter(({ other }) => hops.get(other)?.as === 'laboratory');
  if (tested.length === 0) return new Map();
  const rows = await sql<{ i: number; seq: number }[]>`
    SELECT asked.i::int - 1 AS i, s.seq
    FROM unnest(${arrayLiteral(tested.map(({ unit }) => unit))}::bigint[],
      ${arrayLiteral(tested.map(({ other }) => other))}::bigint[]) WITH ORDINALITY AS asked (unit, result, i)
    CROSS JOIN LATERAL (
      SELECT h.seq FROM unit_chain u JOIN hops h ON h.seq = u.seq
      WHERE u.unit = asked.unit AND u.seq < asked.result AND h.hop = 'inspect' AND h.as_role = 'regulator'
        AND h.note IN ('sample', 'sampling')
      ORDER BY u.seq DESC LIMIT 1) s`;
  const taken = await loadHops(
    sql,
    rows.map(({ seq }) => seq),
  );
  const found = new Map<Fresh, HopRecord>();
  for (const { i, seq } of rows) {
    const [finding, sample] = [tested[i], taken.get(seq)];
    if (finding !== undefined && sample !== undefined) found.set(finding, sample);
  }
  return found;
}

/** Each is case, kind and value, separated by newlines; what is there already stays. */
async function insertLinks(sql: Sql, links: readonly string[]): Promise<void> {
  if (links.length === 0) return;
  const parts = links.map((link) => link.split('\n'));
  const column = (i: number): string => arrayLiteral(parts.map((part) => part[i] ?? ''));
  await sql`
    INSERT INTO case_links (case_id, kind, value)
    SELECT * FROM unnest(${column(0)}::text[], ${column(1)}::text[], ${column(2)}::text[])
    ON CONFLICT DO NOTHING`;
}

/** The newest case of each subject that is written, of those that entries up to `from` opened. One statement. */
async function openCases(
  sql: Sql,
  subjects: readonly CaseSubject[],
  from: number,
): Promise<Map<string, string>> {
  const asked = [...new Map(subjects.map((subject) => [subjectKey(subject), subject])).values()];
  const column = (name: keyof CaseSubject): string => arrayLiteral(asked.map((it) => it[name] ?? ''));
  const rows = await sql<(CaseSubject & { id: string })[]>`
    SELECT DISTINCT ON (rule, severity, party, gtin, sample) rule, severity, party, gtin, sample, c.id
    FROM unnest(${column('rule')}::text[], ${column('severity')}::text[], ${column('party')}::text[],
      ${column('gtin')}::text[], ${column('sample')}::text[]) AS asked (rule, severity, party, gtin, sample)
    JOIN cases c USING (rule, severity, party, gtin, sample) WHERE c.opened <= ${from}
    ORDER BY rule, severity, party, gtin, sample, c.opened DESC`;
  return new Map(rows.map(({ id, ...subject }) => [subjectKey(subject), id]));
}

/** When entries were recorded, ms since the epoch. */
export async function timesOf(sql: Sql, seqs: ReadonlySet<number>): Promise<Map<number, number>> {
  const rows = await sql<{ seq: number; at: number }[]>`
    SELECT e.seq, e.at FROM unnest(${arrayLiteral([...seqs])}::bigint[]) AS asked (seq) JOIN entries e USING (seq)`;
  return new Map(rows.map(({ seq, at }) => [seq, at]));
}

/** Who made the orders among some entries. */
export async function issuersOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, PartyId>> {
  const rows = await sql<{ seq: number; party: PartyId }[]>`
    SELECT o.seq, o.party FROM unnest(${arrayLiteral([...new Set(seqs)])}::bigint[]) AS asked (seq)
    JOIN orders o USING (seq)`;
  return new Map(rows.map(({ seq, party }) => [seq, party]));
}

/** The certification bodies of the certificates among some entries. One statement, or none. */
async function certifiersOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, PartyId>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<{ seq: number; issuer: PartyId }[]>`
    SELECT seq, issuer FROM certificates WHERE seq = ANY (${arrayLiteral([...new Set(seqs)])}::bigint[])`;
  return new Map(rows.map(({ seq, issuer }) => [seq, issuer]));
}

interface CaseMasters {
  /** Owner of a GTIN by the entries up to one; empty when there is none. */
  makerOf(gtin: string, seq: number): string;
  /** Region of a party by the entries up to one; empty when it told none. */
  regionOf(party: string, seq: number): string;
  /** Parties and places, and their regions, as kind and value separated by a newline. */
  linksOf(named: readonly string[], seq: number): Iterable<string>;
}

/** Parties and places that a hop names. */
const namedIn = (hop: HopRecord | undefined): string[] =>
  hop === undefined
    ? []
    : [hop.recorder, hop.giver, hop.taker, hop.place, hop.toPlace].filter((it) => it !== null);

/** Two statements. `others` are who made the orders and certificates among the entries. */
async function loadMasters(
  sql: Sql,
  hops: readonly HopRecord[],
  gtins: ReadonlySet<string>,
  others: readonly PartyId[],
): Promise<CaseMasters> {
  const owners = await sql<{ gtin: string; party: string; seq: number }[]>`
    SELECT substr(o.identifier, 6) AS gtin, o.party, o.seq
    FROM unnest(${arrayLiteral([...gtins])}::text[]) AS asked (gtin)
    JOIN owners o ON o.identifier = 'gtin:' || asked.gtin`;
  const makers = new Map(owners.map((row) => [row.gtin, row]));
  const named = [...hops.flatMap(namedIn), ...owners.map(({ party }) => party), ...others];
  const { regionOf } = await loadStations(sql, named);
  return {
    makerOf(gtin, seq) {
      const owner = makers.get(gtin);
      return owner !== undefined && owner.seq <= seq ? owner.party : '';
    },
    regionOf,
    *linksOf(named, seq) {
      for (const id of named) {
        if (id === '') continue;
        yield `${isPlace(id) ? 'place' : 'party'}\n${id}`;
        const region = regionOf(id, seq);
        if (region !== '') yield `region\n${region}`;
      }
    },
  };
}
