/** What rules ask of parties and places around the things of a step; loaded only where orders or lists ask for it. */
import type { Step } from '../../core/history.ts';
import type { PartyId } from '../../core/hop.ts';
import type { ListedRole, Listing } from '../../core/rules/lists.ts';
import type { Sql } from '../../database/connection.ts';
import type { Whereabouts } from '../orders/asked.ts';
import { stationsIn } from '../tracing/names.ts';
import type { Known } from './known.ts';
import { loadStations } from './stations.ts';

export interface Surroundings {
  /** Where things were, by the entries before `before`. */
  whereabouts(before: number): Whereabouts;
  /** What the list for a role that was in force at an entry says of a party; null where there was none. */
  listing(role: ListedRole, party: PartyId, seq: number): Listing | null;
}

/** Around goods with these steps, owners and certification bodies. One statement, or none. */
export async function loadSurroundings(
  sql: Sql,
  { orders, lists }: Known,
  steps: Iterable<readonly Step[]>,
  others: Iterable<PartyId>,
  until: number,
): Promise<Surroundings> {
  if (!orders.any(until) && !lists.any(until)) return nothingAround;
  const { parties, places } = stationsIn([...steps].flat());
  const { regionOf, creditCodeOf } = await loadStations(sql, [...parties, ...places, ...others]);
  return {
    whereabouts(before) {
      const told = (ids: readonly (string | null)[]): string[] =>
        ids.map((id) => (id === null ? '' : regionOf(id, before - 1))).filter((it) => it !== '');
      return {
        ofParty: (party) => ({ regions: told([party]), places: [] }),
        ofHop: ({ recorder, giver, taker, place, toPlace }) => ({
          regions: told([place, toPlace, recorder, giver, taker]),
          places: [place, toPlace].filter((it) => it !== null),
        }),
      };
    },
    listing(role, party, seq) {
      const published = lists.firms(seq);
      const firms = published?.list.get(role);
      if (published === null || firms === undefined) return null;
      return { seq: published.seq, firm: firms.get(creditCodeOf(party, seq)) ?? null };
    },
  };
}

const nowhere: Whereabouts = {
  ofParty: () => ({ regions: [], places: [] }),
  ofHop: () => ({ regions: [], places: [] }),
};
const nothingAround: Surroundings = { whereabouts: () => nowhere, listing: () => null };
