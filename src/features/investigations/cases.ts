/** Units and lots as cases: what was upstream of each, as far as the reader may see it. */
import { dateOf } from '../../core/china-dates.ts';
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { historyOf } from '../../core/life/enclosure.ts';
import type { Step } from '../../core/life/history.ts';
import { histories } from '../../core/life/membership.ts';
import type { Case } from '../../core/tracing/common-source.ts';
import {
  type Candidate,
  type Explained,
  type Inputs,
  inferPlaces,
  lookingUpstream,
  type Origin,
} from '../../core/tracing/exposure.ts';
import { partsKey, wentInto } from '../../core/tracing/trace-graph.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { isInCharge, isMandated, type Reader } from '../access/reading.ts';
import { type Certificate, certificatesOf, factsOf } from '../certificates/queries.ts';
import { stateOn } from '../certificates/validity.ts';
import { epcTexts, loadChains } from '../events/chains.ts';
import { loadIssued } from '../events/context.ts';
import { breathing } from '../in-turns.ts';
import { namesInScope } from '../mandates/named.ts';
import { cohortChains, type UnitCohort, unitCohorts } from '../tracing/cohorts.ts';
import { type LoadNames, type Names, stationsIn } from '../tracing/names.ts';
import { loadParts } from '../tracing/queries.ts';

/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 2_000;

/** A unit or lot to look at: its internal number, and what the investigator knows of it. */
export interface Suspect {
  readonly unit: number;
  readonly isLot: boolean;
  /** Who had what is meant of a lot, which may be in many hands; null for units, and where that is not known. */
  readonly holder: PartyId | null;
  readonly bad: boolean;
  readonly weight: number;
  /** What happened later does not count, ms since the epoch; Infinity without a bound. */
  readonly at: number;
}

/** Suspects of one history and label. */
export interface SuspectCase extends Case {
  readonly numbers: readonly number[];
  /** What stood upstream of its units, with the entries that say so. */
  explain(): Explained;
}

export interface Cases {
  readonly cases: readonly SuspectCase[];
  readonly candidates: readonly Candidate[];
  readonly names: Names;
}

/**
 * Ten statements, one a level of nesting, and two a level of making, however many units. Units and lots that nothing ties
 * to the reader's jurisdiction or mandate are left out, also as what went into others.
 * @param follows whether what went into them counts, too
 */
export async function loadCases(
  { sql, names: loadNames }: { sql: Sql; names: LoadNames },
  reader: Reader,
  suspects: readonly Suspect[],
  { before, follows }: { readonly before: number; readonly follows: boolean },
): Promise<Cases> {
  const lots = suspects.flatMap(({ unit, isLot }) => (isLot ? [unit] : []));
  const cohorts = await unitCohorts(
    sql,
    suspects.flatMap(({ unit, isLot }) => (isLot ? [] : [unit])),
    before,
  );
  const [ofUnits, ofLots] = await Promise.all([
    cohortChains(sql, cohorts, before),
    loadChains(sql, lots, before),
  ]);
  const standing = [...cohorts, ...lots.map((unit) => ({ unit, units: [unit] }))];
  const chains = new Map([...ofUnits, ...ofLots]);
  const asked = standing.map(({ unit }) => unit);
  const parts = follows ? await loadInputs(sql, chains, asked, before) : new Map<string, number[]>();
  const inputs = [...new Set([...parts.values()].flat())];
  const from = histories((number) => chains.get(number) ?? []);
  const inScope = await namesInScope(sql, reader.mandate, [...suspects.map(({ unit }) => unit), ...inputs]);
  const codes = await loadCodes(sql, asked, [...lots, ...inputs], before);
  const gtins = [...new Set([...codes.values()].flatMap(({ gtin }) => gtin ?? []))];
  const [names, certificates] = await Promise.all([
    loadNames({ ...stationsIn(stepsOf(chains)), gtins }),
    certificatesOf(sql, gtins),
  ]);
  // What is its own tells of most that they are seen, and the whole history need not be put together.
  const isSeen = (unit: number): boolean =>
    oversees(reader, names, from.own(unit)) || oversees(reader, names, historyOf(unit, from));
  // A mandate may be for some units of a history alone.
  const isNamed = (unit: number): boolean => isMandated(reader, inScope(unit));
  const seen = standing.flatMap(({ unit, units }) => {
    const shown = isSeen(unit) ? units : units.filter(isNamed);
    return shown.length === 0 ? [] : [{ unit, units: shown }];
  });
  const followed = new Set(inputs.filter((unit) => isSeen(unit) || isNamed(unit)));
  const inForce = certificatesInForce(certificates);
  const originAt = (unit: number): Origin | null =>
    originOf(codes.get(unit), (gtin) => names.product(gtin).owner, inForce, from.own(unit));
  const upstream = lookingUpstream(from, {
    parts: (wanted) => (parts.get(partsKey(wanted)) ?? []).filter((input) => followed.has(input)),
    isMeasured: (number) => codes.get(number)?.isLot ?? false,
    originOf: originAt,
  } satisfies Inputs);
  const together = groups(seen, suspects);
  const found: number[][] = [];
  const breathe = breathing(stepsAtOnce);
  for (const { unit, at, holder } of together) {
    found.push(upstream.look(unit, originAt(unit), at, holder));
    await breathe(1 + from.own(unit).length);
  }
  const placed = inferPlaces(found, upstream.candidates, (place) => names.ownerOf(place as PlaceId));
  return {
    names,
    candidates: upstream.candidates,
    cases: together.map(({ unit, at, holder, bad, weight, units }, i) => ({
      ...{ bad, weight, units: units.length, numbers: units, candidates: placed[i] ?? [] },
      explain: () => upstream.explain(unit, originAt(unit), at, holder),
    })),
  };
}

function* stepsOf(chains: ReadonlyMap<number, readonly Step[]>): Generator<Step> {
  for (const steps of chains.values()) yield* steps;
}

/** Whether a thing's history touches the reader's jurisdiction, or a party that its mandate is for. */
export function oversees(reader: Reader, names: Names, history: readonly Step[]): boolean {
  return history.some(({ hop }) => isInCharge(reader, names.involved(hop)));
}

interface Group extends Suspect {
  readonly units: number[];
}

/** The units of each cohort that the investigator says the same of. */
function groups(cohorts: readonly Pick<UnitCohort, 'units'>[], suspects: readonly Suspect[]): Group[] {
  const said = new Map(suspects.map((suspect) => [suspect.unit, suspect]));
  return cohorts.flatMap(({ units }) => {
    const [first] = units;
    const only = units.length > 1 || first === undefined ? undefined : said.get(first);
    // Most histories are of one unit, where there are many.
    if (only !== undefined) return [{ ...only, units: [only.unit] }];
    const found = new Map<string, Group>();
    for (const unit of units) {
      const suspect = said.get(unit);
      if (suspect === undefined) continue;
      const key = `${suspect.bad}/${suspect.weight}/${suspect.at}/${suspect.holder}`;
      const known = found.get(key);
      if (known) known.units.push(unit);
      else found.set(key, { ...suspect, units: [unit] });
    }
    return [...found.values()];
  });
}

/** Things that may have gone into others, of all that are asked about together. */
const inputsMax = 20_000;

/**
 * Adds the chains of all that went into some things, and of what went into that, and answers what stood in which positions
 * of events by `partsKey`. Two statements a level of making, and one a level of nesting.
 */
async function loadInputs(
  sql: Sql,
  chains: Map<number, readonly Step[]>,
  things: readonly number[],
  before: number,
): Promise<Map<string, number[]>> {
  const parts = new Map<string, number[]>();
  let inputs = 0;
  for (let fresh = things; fresh.length > 0; ) {
    const wanted = fresh
      .flatMap((thing) => (chains.get(thing) ?? []).flatMap((s) => wentInto(s) ?? []))
      .filter((it) => !parts.has(partsKey(it)));
    const found = await loadParts(sql, [...new Map(wanted.map((it) => [partsKey(it), it])).values()], before);
    for (const [key, numbers] of found) parts.set(key, numbers);
    fresh = [...new Set([...found.values()].flat())].filter((input) => !chains.has(input));
    inputs += fresh.length;
    if (inputs > inputsMax)
      throw new Refusal(
        'too-many-epcs',
        `More than ${inputsMax} things went into these; ask about fewer at a time.`,
      );
    for (const [number, own] of await loadChains(sql, fresh, before)) chains.set(number, own);
  }
  return parts;
}

/** What a thing is by its identifier and its code. */
interface Code {
  readonly isLot: boolean;
  readonly gtin: string | null;
  readonly lot: string | null;
  /** Of what was issued here; null for all else, which is the vetted owner's of its GTIN. */
  readonly issuer: PartyId | null;
  /** The first entry that names it, as its issue does. */
  readonly seq: number;
}

/** Of units asked about, what they were issued as; of lots and of what went into others, also what was never issued. */
async function loadCodes(
  sql: Sql,
  asked: readonly number[],
  others: readonly number[],
  before: number,
): Promise<Map<number, Code>> {
  const [issued, texts, firsts] = await Promise.all([
    loadIssued(sql, [...asked, ...others]),
    epcTexts(sql, others),
    sql<{ unit: number; seq: number }[]>`
      SELECT c.unit, c.seq FROM unnest(${arrayLiteral([...new Set(others)])}::bigint[]) AS asked (unit)
      JOIN unit_chain c USING (unit) WHERE c.n = 1 AND c.seq < ${before}`,
  ]);
  const codes = new Map<number, Code>();
  const first = new Map(firsts.map(({ unit, seq }) => [unit, seq]));
  for (const [unit, epc] of texts) {
    const parsed = parseIdentifier(epc);
    const seq = first.get(unit);
    if (!parsed.ok || !('gtin' in parsed.value) || seq === undefined) continue;
    const isLot = parsed.value.type === 'lot';
    codes.set(unit, { isLot, gtin: parsed.value.gtin, lot: isLot ? epc : null, issuer: null, seq });
  }
  for (const [unit, { gtin, lot, issuer, seq }] of issued)
    codes.set(unit, { isLot: false, gtin, lot, issuer, seq });
  return codes;
}

function originOf(
  code: Code | undefined,
  ownerOf: (gtin: string) => PartyId | null,
  inForce: InForce,
  own: readonly Step[],
): Origin | null {
  if (code === undefined) return null;
  const { gtin, lot, issuer, seq } = code;
  const [first] = own;
  return {
    maker: issuer ?? (gtin === null ? null : ownerOf(gtin)),
    gtin,
    lot,
    issue: seq,
    certificates: gtin === null || first === undefined ? [] : inForce(gtin, first.at),
  };
}

/** Certificates that cover a product and were valid at a moment. */
type InForce = (gtin: string, at: number) => Origin['certificates'];

/** Worked out once for all units of a product and a day. */
function certificatesInForce(certificates: ReadonlyMap<string, readonly Certificate[]>): InForce {
  const known = new Map<string, Origin['certificates']>();
  return (gtin, at) => {
    const covering = certificates.get(gtin);
    if (covering === undefined) return [];
    const day = dateOf(at);
    const key = `${gtin}/${day}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const valid = covering.filter((versions) => stateOn(factsOf(versions), day) === 'valid');
    const told = valid.map(([{ fact, seq }]) => ({ id: fact.number, seq }));
    known.set(key, told);
    return told;
  };
}
