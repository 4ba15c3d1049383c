/** Units as cases: what was upstream of each, as far as the reader may see it. */
import { dateOf } from '../../core/china-dates.ts';
import type { HopRecord, PlaceId } from '../../core/events/hop.ts';
import { historyOf } from '../../core/life/enclosure.ts';
import type { Step } from '../../core/life/history.ts';
import { histories } from '../../core/life/membership.ts';
import {
  type Candidate,
  type Explained,
  inferPlaces,
  lookingUpstream,
  type Origin,
} from '../../core/tracing/exposure.ts';
import type { Sql } from '../../database/connection.ts';
import { type Reader, visionOf } from '../access/reading.ts';
import { type Certificate, certificatesOf, factsOf } from '../certificates/queries.ts';
import { stateOn } from '../certificates/validity.ts';
import { type Issued, loadIssued } from '../events/context.ts';
import { breathing } from '../in-turns.ts';
import { cohortChains, type UnitCohort, unitCohorts } from '../tracing/cohorts.ts';
import { type LoadNames, type Names, stationsIn } from '../tracing/names.ts';

/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 2_000;

/** A unit to look at: its internal number, and what the investigator knows of it. */
export interface Suspect {
  readonly unit: number;
  readonly bad: boolean;
  readonly weight: number;
  /** What happened later does not count, ms since the epoch; Infinity without a bound. */
  readonly at: number;
}

/** Suspects of one history and label. */
export interface SuspectCase {
  readonly bad: boolean;
  readonly weight: number;
  readonly units: readonly number[];
  /** By number. */
  readonly candidates: readonly number[];
  /** What stood upstream of its units, with the entries that say so. */
  explain(): Explained;
}

export interface Cases {
  readonly cases: readonly SuspectCase[];
  readonly candidates: readonly Candidate[];
  readonly names: Names;
  readonly hops: ReadonlyMap<number, HopRecord>;
}

/**
 * Six statements, and one a level of nesting, however many units. Units that nothing ties to the reader's
 * jurisdiction are left out.
 */
export async function loadCases(
  { sql, names: loadNames }: { sql: Sql; names: LoadNames },
  reader: Reader,
  suspects: readonly Suspect[],
  before: number,
): Promise<Cases> {
  const cohorts = await unitCohorts(
    sql,
    suspects.map(({ unit }) => unit),
    before,
  );
  const standing = cohorts.map(({ unit }) => unit);
  const [chains, issued] = await Promise.all([cohortChains(sql, cohorts, before), loadIssued(sql, standing)]);
  const from = histories((number) => chains.get(number) ?? []);
  const gtins = [...new Set([...issued.values()].flatMap(({ gtin }) => gtin ?? []))];
  const steps = [...chains.values()].flat();
  const [names, certificates] = await Promise.all([
    loadNames({ ...stationsIn(steps), gtins }),
    certificatesOf(sql, gtins),
  ]);
  const seen = cohorts.filter(({ unit }) => oversees(reader, names, historyOf(unit, from)));
  const upstream = lookingUpstream(from);
  const cases: SuspectCase[] = [];
  const breathe = breathing(stepsAtOnce);
  for (const { unit, at, bad, weight, units } of groups(seen, suspects)) {
    const origin = originOf(issued.get(unit), certificates, from.own(unit));
    const candidates = upstream.look(unit, origin, at);
    cases.push({ bad, weight, units, candidates, explain: () => upstream.explain(unit, origin, at) });
    await breathe(1 + from.own(unit).length);
  }
  const placed = inferPlaces(
    cases.map(({ candidates }) => candidates),
    upstream.candidates,
    (place) => names.ownerOf(place as PlaceId),
  );
  return {
    names,
    candidates: upstream.candidates,
    hops: new Map(steps.map(({ hop }) => [hop.seq, hop])),
    cases: cases.map((it, i) => ({ ...it, candidates: placed[i] ?? [] })),
  };
}

/** Whether a thing's history touches the reader's jurisdiction. */
export function oversees(reader: Reader, names: Names, history: readonly Step[]): boolean {
  const hops = history.map(({ hop }) => names.involved(hop));
  return visionOf(reader, { maker: null, hops }).overseer;
}

interface Group extends Suspect {
  readonly units: number[];
}

/** The units of each cohort that the investigator says the same of. */
function groups(cohorts: readonly UnitCohort[], suspects: readonly Suspect[]): Group[] {
  const said = new Map(suspects.map((suspect) => [suspect.unit, suspect]));
  return cohorts.flatMap(({ units }) => {
    const found = new Map<string, Group>();
    for (const unit of units) {
      const suspect = said.get(unit);
      if (suspect === undefined) continue;
      const key = `${suspect.bad}/${suspect.weight}/${suspect.at}`;
      const known = found.get(key);
      if (known) known.units.push(unit);
      else found.set(key, { ...suspect, units: [unit] });
    }
    return [...found.values()];
  });
}

function originOf(
  issued: Issued | undefined,
  certificates: ReadonlyMap<string, readonly Certificate[]>,
  own: readonly Step[],
): Origin | null {
  if (issued === undefined) return null;
  const { gtin, lot, issuer, seq } = issued;
  const [first] = own;
  const day = first === undefined ? null : dateOf(first.at);
  const covering = gtin === null || day === null ? [] : (certificates.get(gtin) ?? []);
  return {
    maker: issuer,
    gtin,
    lot,
    issue: seq,
    certificates: covering.flatMap((versions) =>
      day !== null && stateOn(factsOf(versions), day) === 'valid'
        ? [{ id: versions[0].fact.number, seq: versions[0].seq }]
        : [],
    ),
  };
}
