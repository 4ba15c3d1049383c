/** What rules ask beyond the history of one thing, for all things of a step; loaded only where a rule asks for it. */

import type { PartyId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { Step } from '../../core/life/history.ts';
import { findsFault } from '../../core/rules/supervision.ts';
import type { CertifiedRecords, Goods, SampleFailure, TestRecord } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Whereabouts } from '../orders/asked.ts';
import { stationsIn } from '../tracing/names.ts';
import type { Known } from './known.ts';
import { loadStations, type Stations } from './stations.ts';
import { loadBestBefores, loadMakings, loadRefills } from './tallies.ts';

const noRecords: ReadonlyMap<PartyId, TestRecord> = new Map();
const noCertified: CertifiedRecords = new Map();

/** Whose goods a rule asks about. */
export interface Identity {
  readonly unit: number;
  readonly gtin: string | null;
  /** The lot, or the thing where none is known. */
  readonly sample: string;
  readonly maker: PartyId | null;
}

/** What rules are told of goods beside their own history and orders. */
type Told = Omit<Goods, 'told' | 'orders' | 'product' | 'thresholds'>;

export interface Surroundings {
  /** Where things were, by the entries before `before`. */
  whereabouts(before: number): Whereabouts;
  /** By the entries before `before`. */
  around(goods: Identity, before: number): Told;
}

/** Around goods with these steps, owners and certification bodies. A fixed number of statements. */
export async function loadSurroundings(
  sql: Sql,
  known: Known,
  chains: Iterable<readonly Step[]>,
  others: { readonly makers: readonly PartyId[]; readonly bodies: readonly PartyId[] },
  until: number,
): Promise<Surroundings> {
  const steps = [...chains].flat();
  const [stations, refills, makings, days, products] = await Promise.all([
    stationsAround(sql, known, steps, [...others.makers, ...others.bodies], until),
    loadRefills(sql, known, steps, until),
    loadMakings(sql, known, steps),
    loadBestBefores(sql, steps),
    steps.some(({ hop }) => findsFault(hop)) ? productsOf(sql, others.makers) : noProducts,
  ]);
  const { lists, failures, docket, atlas, results, agents } = known;

  function failuresOf(maker: PartyId | null, before: number): SampleFailure[] {
    const own = maker === null ? [] : (products.get(maker) ?? []);
    const gtins = own.filter(({ since }) => since < before).map(({ gtin }) => gtin);
    return failures.of(gtins, docket, before);
  }

  return {
    whereabouts: (before) => whereaboutsBefore(stations, before),
    around: ({ unit, gtin, sample, maker }, before) => ({
      sample,
      isSupervised: (seq) => failures.isSupervised(seq, { unit, of: sample }, before),
      failures: failuresOf(maker, before),
      testRecordsAt(seq) {
        const category = gtin === null ? null : (atlas.product(gtin, seq + 1)?.category ?? null);
        const daysMax = docket.thresholds(before)['passed-days-max'];
        return category === null ? noRecords : results.records(category, seq + 1, daysMax);
      },
      certifiedBy: (seq) => results.certifiedBy(seq, sample),
      certifiedRecordsAt(seq) {
        const category = gtin === null ? null : (atlas.product(gtin, seq + 1)?.category ?? null);
        return category === null ? noCertified : results.certifiedRecords(category, seq + 1);
      },
      refilledThatDay: (refill) => refills(refill, before),
      bestBeforeOf: (seq) => days.get(seq) ?? null,
      makingsOf: (seq) => makings.get(seq) ?? [],
      agentsAt: (use) => (gtin === null ? [] : agents.at(use, gtin, before)),
      listing(role, party, seq) {
        const published = lists.firms(seq);
        const firms = published?.list.get(role);
        if (published === null || firms === undefined) return null;
        return { seq: published.seq, firm: firms.get(stations.creditCodeOf(party, seq)) ?? null };
      },
      territoryOf(party, seq) {
        const published = lists.territories(seq);
        const territory = published?.list.get(stations.creditCodeOf(party, seq));
        if (published === null || territory === undefined) return null;
        const { regions, gtins } = territory;
        return gtins.length === 0 || (gtin !== null && gtins.includes(gtin))
          ? { seq: published.seq, regions }
          : null;
      },
      destinationOf: ({ seq, toPlace, taker }) =>
        [toPlace, taker]
          .map((id) => (id === null ? '' : stations.regionOf(id, seq)))
          .find((it) => it !== '') ?? '',
    }),
  };
}

/** What nobody asks for is not loaded: most ledgers have no orders and no lists. */
async function stationsAround(
  sql: Sql,
  { orders, lists }: Known,
  steps: readonly Step[],
  others: readonly PartyId[],
  until: number,
): Promise<Stations> {
  if (!orders.any(until) && !lists.any(until)) return { regionOf: () => '', creditCodeOf: () => '' };
  const { parties, places } = stationsIn(steps);
  return loadStations(sql, [...parties, ...places, ...others]);
}

function whereaboutsBefore({ regionOf }: Stations, before: number): Whereabouts {
  const told = (ids: readonly (string | null)[]): string[] =>
    ids.map((id) => (id === null ? '' : regionOf(id, before - 1))).filter((it) => it !== '');
  return {
    ofParty: (party) => ({ regions: told([party]), places: [] }),
    ofHop: ({ recorder, giver, taker, place, toPlace }) => ({
      regions: told([place, toPlace, recorder, giver, taker]),
      places: [place, toPlace].filter((it) => it !== null),
    }),
  };
}

/** A GTIN of a maker, and the entry that says so. */
interface Owned {
  readonly gtin: string;
  readonly since: number;
}
const noProducts: ReadonlyMap<PartyId, readonly Owned[]> = new Map();

async function productsOf(
  sql: Sql,
  makers: readonly PartyId[],
): Promise<ReadonlyMap<PartyId, readonly Owned[]>> {
  const rows = await sql<(Owned & { party: PartyId })[]>`
    SELECT party, substr(identifier, 6) AS gtin, seq AS since FROM owners
    WHERE party = ANY (${arrayLiteral([...new Set(makers)])}::text[]) AND identifier LIKE 'gtin:%' ORDER BY identifier`;
  const found = new Map<PartyId, Owned[]>();
  for (const { party, ...owned } of rows) append(found, party, owned);
  return found;
}
