/** Parties, places and regions by name, for what trace and flow show. */
import type { PartyFact, PlaceFact } from '../../core/fact.ts';
import type { HopRecord, PartyId, PlaceId } from '../../core/hop.ts';
import type { Sql } from '../../database/connection.ts';
import type { Involved } from '../access/reading.ts';
import { partiesById } from '../parties/queries.ts';
import { placesById } from '../places/queries.ts';
import type { Policies } from '../policies/policies.ts';

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

export interface Names {
  party(id: PartyId): PartyView;
  place(id: PlaceId): PlaceView;
  /** Region of a place, or else of whoever was there; as coarse as the province when asked so. */
  regionAt(place: PlaceId | null, party: PartyId | null, level?: 'province'): RegionView | null;
  /** What a hop has to do with whom and where. */
  involved(hop: Pick<HopRecord, 'recorder' | 'giver' | 'taker' | 'place' | 'toPlace'>): Involved;
}

/** Two statements. */
export async function loadNames(
  sql: Sql,
  policies: Policies,
  parties: Iterable<PartyId>,
  places: Iterable<PlaceId>,
): Promise<Names> {
  const [knownParties, knownPlaces] = await Promise.all([
    partiesById(sql, [...new Set(parties)]),
    placesById(sql, [...new Set(places)]),
  ]);
  const partyOf = (id: PartyId): PartyFact | undefined => knownParties.get(id)?.fact;
  const placeOf = (id: PlaceId): PlaceFact | undefined => knownPlaces.get(id)?.fact;
  const view = (code: string | undefined): RegionView | null =>
    code === undefined ? null : { code, ...policies.regionName(code) };
  const codeAt = (place: PlaceId | null, party: PartyId | null): string | undefined =>
    (place === null ? undefined : placeOf(place)?.region) ??
    (party === null ? undefined : partyOf(party)?.region);
  return {
    party(id) {
      const fact = partyOf(id);
      return { id, name: fact?.name ?? id, nameEn: fact?.nameEn ?? null, region: view(fact?.region) };
    },
    place(id) {
      const fact = placeOf(id);
      return { id, name: fact?.name ?? null, region: view(fact?.region) };
    },
    regionAt(place, party, level) {
      const code = codeAt(place, party);
      return view(code === undefined || level === undefined ? code : `${code.slice(0, 2)}0000`);
    },
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
