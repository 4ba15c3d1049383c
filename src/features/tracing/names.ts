/**
 * Parties, places, products and regions by name, for what trace and flow show. They are few beside the things that are
 * traced, so they are kept in memory and are at most a second old.
 */

import type { HopRecord, PartyId, PlaceId } from '../../core/events/hop.ts';
import type { Step } from '../../core/life/history.ts';
import type { PartyFact, PlaceFact, ProductFact } from '../../core/log/fact.ts';
import type { Involved } from '../access/reading.ts';
import { createKnown } from '../events/known.ts';
import type { FeatureDeps } from '../feature.ts';
import { publicData } from '../verification/public-data.ts';

export interface RegionView {
  /** GB/T 2260. */
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

export interface PartyView {
  readonly id: PartyId;
  readonly name: string;
  readonly nameEn: string | null;
  readonly region: RegionView | null;
}

export interface PlaceView {
  readonly id: PlaceId;
  /** null for a place that is known by its GLN alone. */
  readonly name: string | null;
  readonly region: RegionView | null;
}

/** What a GTIN names. */
export interface ProductView {
  /** Whose GTIN it is; null while nobody was vetted for it. */
  readonly owner: PartyId | null;
  readonly name: string | null;
  readonly nameEn: string | null;
}

export interface Named {
  readonly parties?: Iterable<PartyId>;
  readonly places?: Iterable<PlaceId>;
  readonly gtins?: Iterable<string>;
}

/** Loads what is asked for and not in memory: a fixed number of statements, as a rule none. */
export type LoadNames = (named: Named) => Promise<Names>;

export interface Names {
  product(gtin: string): ProductView;
  party(id: PartyId): PartyView;
  place(id: PlaceId): PlaceView;
  /** Whose place it is; null for a place that is known by its GLN alone. */
  ownerOf(place: PlaceId): PartyId | null;
  /** Region of a place, or else of whoever was there; as coarse as the province when asked so. */
  regionAt(place: PlaceId | null, party: PartyId | null, level?: 'province'): RegionView | null;
  /** A region by its code; as coarse as the province when asked so. */
  region(code: string, level?: 'province'): RegionView;
  /** What a hop has to do with whom and where. */
  involved(hop: Pick<HopRecord, 'recorder' | 'giver' | 'taker' | 'place' | 'toPlace'>): Involved;
}

export function namesOf(deps: FeatureDeps): LoadNames {
  const dataOfNow = publicData(deps);
  const known = createKnown(deps.reads.sql, deps.policies);
  return async ({ parties = [], places = [], gtins = [] }) => {
    const asked = [...gtins];
    const [data, owners] = await Promise.all([dataOfNow(), known.owners(asked)]);
    await data.load({ gtins: asked, parties, places });
    const partyOf = (id: PartyId): PartyFact | undefined => data.party(id);
    const placeOf = (id: PlaceId): PlaceFact | undefined => data.place(id);
    return namesFrom(
      { partyOf, placeOf, productOf: data.product, ownerOf: (gtin) => owners.get(gtin) },
      deps,
    );
  };
}

interface Facts {
  readonly partyOf: (id: PartyId) => PartyFact | undefined;
  readonly placeOf: (id: PlaceId) => PlaceFact | undefined;
  readonly productOf: (gtin: string) => ProductFact | undefined;
  readonly ownerOf: (gtin: string) => PartyId | undefined;
}

function namesFrom(facts: Facts, { policies }: Pick<FeatureDeps, 'policies'>): Names {
  const { partyOf, placeOf, productOf, ownerOf } = facts;
  const region = (code: string): RegionView => ({ code, ...policies.regionName(code) });
  const view = (code: string | undefined): RegionView | null => (code === undefined ? null : region(code));
  const codeAt = (place: PlaceId | null, party: PartyId | null): string | undefined =>
    (place === null ? undefined : placeOf(place)?.region) ??
    (party === null ? undefined : partyOf(party)?.region);
  return {
    product(gtin) {
      const fact = productOf(gtin);
      return { owner: ownerOf(gtin) ?? null, name: fact?.name ?? null, nameEn: fact?.nameEn ?? null };
    },
    party(id) {
      const fact = partyOf(id);
      return { id, name: fact?.name ?? id, nameEn: fact?.nameEn ?? null, region: view(fact?.region) };
    },
    place(id) {
      const fact = placeOf(id);
      return { id, name: fact?.name ?? null, region: view(fact?.region) };
    },
    ownerOf: (place) => placeOf(place)?.party ?? null,
    regionAt(place, party, level) {
      const code = codeAt(place, party);
      return view(code === undefined || level === undefined ? code : `${code.slice(0, 2)}0000`);
    },
    region: (code, level) => region(level === undefined ? code : `${code.slice(0, 2)}0000`),
    involved({ recorder, giver, taker, place, toPlace }) {
      const places = [place, toPlace].filter((it) => it !== null);
      const regions = [
        ...places.map((it) => placeOf(it)?.region),
        ...[recorder, giver, taker].map((it) => (it === null ? undefined : partyOf(it)?.region)),
      ];
      return { recorder, giver, taker, places, regions: regions.filter((it) => it !== undefined) };
    },
  };
}

/** Everybody and every place that hops name. */
export function stationsIn(steps: Iterable<Pick<Step, 'hop'>>): {
  parties: Set<PartyId>;
  places: Set<PlaceId>;
} {
  const parties = new Set<PartyId>();
  const places = new Set<PlaceId>();
  for (const { hop } of steps) {
    for (const party of [hop.recorder, hop.giver, hop.taker]) if (party !== null) parties.add(party);
    for (const place of [hop.place, hop.toPlace]) if (place !== null) places.add(place);
  }
  return { parties, places };
}
