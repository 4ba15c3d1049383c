/**
 * Who sees which case and which finding, by the rules of reading (access/reading.ts).
 *
 * | reader                                                          | of a case            | of its findings             |
 * |-----------------------------------------------------------------|----------------------|-----------------------------|
 * | the party by whose word it is; the operator                     | all                  | all                         |
 * | a regulator in charge of where that party or the maker is       | all                  | all                         |
 * | the maker of the goods                                          | all but who          | all                         |
 * | another regulator, where an entry of a finding, or the sampling it rests on, touches its jurisdiction | all but counts | those that touch it |
 * | another regulator, of where clues were that a case rests on       | all but counts       | those scanned or reported there |
 * | who made an order that a finding says was not heeded              | neither who nor counts | those under its order     |
 * | another party that took part in an entry of a finding           | neither who nor counts | those it took part in     |
 *
 * Under a mandate (core/mandate.ts) a regulator sees all of a case whose party, maker or product it is for, and of others, all
 * but counts, the findings about goods in its scope and those between entries that a party in its scope had a part in. It
 * decides nothing under one, is told no officer's words, and of what the public reports no more than the maker is.
 *
 * What insiders reported under seal is for regulators of where that was alone: neither the maker nor the operator is told
 * that there is such a report, for which thing, when and where would say who may have known of it.
 *
 * All of them are told what was decided about it, when and by which authority. Why in an officer's own words, and who that
 * was, is for those who may decide the case (`mayDecide`): such words may speak of others whom the reader must not see.
 */
import type { HopRecord, PartyId } from '../../core/events/hop.ts';
import { type Mandate, namesOfThing } from '../../core/mandate.ts';
import { underSeal } from '../../core/rules/reported.ts';
import type { Basis } from '../../core/rules/rule.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { isMandated, type Reader, type Thing, touches, visionOf } from '../access/reading.ts';
import type { Involvement } from '../events/involved.ts';

/** What of a case says who may see it. */
export interface CaseTies {
  readonly party: string;
  readonly region: string;
  readonly maker: string;
  readonly makerRegion: string;
}

/** And what it is about. */
interface CaseAbout extends CaseTies {
  readonly rule: string;
  /** Empty for none. */
  readonly gtin: string;
}

/** The reader with its mandate as far as that opens cases of a rule. */
const openingCases = (reader: Reader, rule: string): Reader =>
  rule === underSeal || !reader.roles.includes('regulator') ? { ...reader, mandate: null } : reader;

const isInScope = ({ goods, parties }: Mandate, name: string): boolean =>
  goods.has(name) || parties.has(name as PartyId);

export const isOperator = ({ roles }: Reader): boolean => roles.includes('operator');
const isRegulator = ({ roles, jurisdiction }: Reader): boolean =>
  roles.includes('regulator') && jurisdiction !== null;

/** Whether all findings of a case are for this reader, and so how many there are. */
export function seesWhole(
  reader: Reader,
  { rule, party, region, maker, makerRegion, gtin }: CaseAbout,
): boolean {
  if (isOperator(reader) || reader.party === party || reader.party === maker) return true;
  const { mandate } = openingCases(reader, rule);
  if (mandate !== null && [party, maker, `01/${gtin}`].some((it) => isInScope(mandate, it))) return true;
  const regions = [region, makerRegion].filter((it) => it !== '');
  return (
    reader.jurisdiction !== null &&
    isRegulator(reader) &&
    touches(reader.jurisdiction, { regions, places: [] })
  );
}

/**
 * Whether a regulator may decide a case: one of those in charge of where its party or its maker is, or of where all the
 * goods were that it is about, such as the seller from whom a sample was taken; or, where nobody is or it rests on clues, any
 * to whom it is told. Whoever sees a part of the findings does not decide about the others, nor a party about what it took
 * part in itself because it has that role as well.
 */
export function mayDecide(
  reader: Reader,
  { region, makerRegion, allWithin }: CaseTies & { readonly allWithin: boolean },
  basis: Basis,
): boolean {
  const { jurisdiction, mandate } = reader;
  if (jurisdiction === null || mandate !== null || !isRegulator(reader)) return false;
  const regions = [region, makerRegion].filter((it) => it !== '');
  return (
    basis !== 'log' || regions.length === 0 || allWithin || touches(jurisdiction, { regions, places: [] })
  );
}

/** Whether a region lies in the jurisdiction of a reader; none does where nobody knows the region. */
export const isWithin = (reader: Reader, region: string): boolean =>
  region !== '' &&
  reader.jurisdiction !== null &&
  isRegulator(reader) &&
  touches(reader.jurisdiction, { regions: [region], places: [] });

/** Whether a reader of a case is told by whose word it is. */
export const seesWho = (reader: Reader, { party }: CaseTies): boolean =>
  isOperator(reader) || isRegulator(reader) || reader.party === party;

/** Whether a reader whom a case touches only in part sees a finding between two entries about a thing of these names. */
export function seesFinding(
  reader: Reader,
  { names, maker, hops }: Pick<Thing, 'names' | 'maker'> & { readonly hops: readonly HopRecord[] },
  involvement: Involvement,
): boolean {
  const involved = hops.map((hop) => involvement(hop, maker));
  const vision = visionOf(reader, { names, maker, hops: involved });
  return vision.overseer || involved.some((hop) => vision.sightOf(hop) === 'whole');
}

/** The last code that a region can hold. */
export const lastWithin = (region: string): string => region.replace(/(?:00){1,3}$/, '').padEnd(6, '9');

/** Whether a region lies in the jurisdiction of a reader. */
export function within(sql: Sql, reader: Reader, region: ReturnType<Sql>) {
  const { jurisdiction } = reader;
  if (jurisdiction === null || !isRegulator(reader)) return sql`FALSE`;
  const first = jurisdiction.regions;
  return sql`EXISTS (
    SELECT FROM unnest(${arrayLiteral(first)}::text[], ${arrayLiteral(first.map(lastWithin))}::text[]) AS j (lowest, highest)
    WHERE ${region} BETWEEN j.lowest AND j.highest)`;
}

/** Whom and where cases of both kinds have to do with. */
const allLinks = (sql: Sql) => sql`(
  SELECT case_id, kind, value FROM case_links UNION ALL SELECT case_id, kind, value FROM clue_case_links) l`;

/**
 * Whether a finding in clues of these regions is this reader's to look into: the operator, and the regulators in charge
 * there or of whose case it is. Where people scan and report is nobody else's affair, and to the latter only so far as
 * the rules of reading tell it.
 */
export const overseesClues = (reader: Reader, ties: CaseAbout, regions: readonly string[]): boolean =>
  isOperator(reader) ||
  (isRegulator(reader) &&
    (seesWhole({ ...reader, mandate: null }, ties) ||
      (reader.jurisdiction !== null && touches(reader.jurisdiction, { regions, places: [] }))));

/** Whether a finding in clues about a thing is told to a reader at all. */
export const seesClues = (
  reader: Reader,
  row: CaseAbout & { readonly thing: string; readonly lot: string | null },
  regions: readonly string[],
): boolean =>
  overseesClues(reader, row, regions) ||
  seesWhole(reader, row) ||
  isMandated(openingCases(reader, row.rule), namesOfThing(row.thing, row.lot));

/**
 * Condition on cases `c`: those whose party, maker or goods a mandate is for, and those that a party in its scope has to do
 * with. What was reported under seal is none of its business.
 */
function mandatedCases(sql: Sql, { mandate, roles }: Reader) {
  if (mandate === null || !roles.includes('regulator')) return sql`FALSE`;
  const parties = arrayLiteral([...mandate.parties]);
  const goods = arrayLiteral([...mandate.goods]);
  return sql`(c.rule <> ${underSeal} AND (
    c.party = ANY (${parties}::text[]) OR c.maker = ANY (${parties}::text[]) OR '01/' || c.gtin = ANY (${goods}::text[])
    OR EXISTS (
      SELECT FROM ${allLinks(sql)} WHERE l.case_id = c.id AND l.kind = 'party' AND l.value = ANY (${parties}::text[]))
    OR EXISTS (
      SELECT FROM findings f JOIN epcs e ON e.unit = f.unit LEFT JOIN LATERAL (
        SELECT lot, last_unit FROM issues WHERE first_unit <= f.unit ORDER BY first_unit DESC LIMIT 1) i
        ON i.last_unit >= f.unit
      WHERE f.case_id = c.id AND (e.epc = ANY (${goods}::text[]) OR i.lot = ANY (${goods}::text[])))
    OR EXISTS (
      SELECT FROM clue_findings f LEFT JOIN epcs e ON e.epc = f.thing LEFT JOIN LATERAL (
        SELECT lot, last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
        ON i.last_unit >= e.unit
      WHERE f.case_id = c.id AND (f.thing = ANY (${goods}::text[]) OR i.lot = ANY (${goods}::text[])))))`;
}

/** Condition on cases `c`: those that have to do with the reader. */
export function visibleTo(sql: Sql, reader: Reader) {
  const own = ownCases(sql, reader);
  return reader.mandate === null ? own : sql`(${own} OR ${mandatedCases(sql, reader)})`;
}

/** The same for whoever reads under no mandate. */
function ownCases(sql: Sql, reader: Reader) {
  if (isOperator(reader)) return sql`c.rule <> ${underSeal}`;
  const own = sql`l.kind = 'party' AND l.value = ${reader.party}`;
  const { jurisdiction } = reader;
  if (jurisdiction === null || !isRegulator(reader))
    return sql`EXISTS (SELECT FROM ${allLinks(sql)} WHERE l.case_id = c.id AND ${own})`;
  const first = jurisdiction.regions;
  const last = first.map(lastWithin);
  return sql`EXISTS (
    SELECT FROM ${allLinks(sql)} WHERE l.case_id = c.id AND (
      ${own}
      OR l.kind = 'place' AND l.value = ANY (${arrayLiteral(jurisdiction.places)}::text[])
      OR l.kind = 'region' AND EXISTS (
        SELECT FROM unnest(${arrayLiteral(first)}::text[], ${arrayLiteral(last)}::text[]) AS r (lowest, highest)
        WHERE l.value BETWEEN r.lowest AND r.highest)))`;
}
