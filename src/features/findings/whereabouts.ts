/** Where things were, as orders ask it of any prefix of the log: two statements for all that a step looks at. */
import type { Step } from '../../core/history.ts';
import type { Sql } from '../../database/connection.ts';
import type { Whereabouts } from '../orders/asked.ts';
import { stationsIn } from '../tracing/names.ts';
import { loadRegions } from './regions.ts';

/** By the entries before `before`. */
export type WhereaboutsBefore = (before: number) => Whereabouts;

export async function loadWhereabouts(
  sql: Sql,
  steps: Iterable<readonly Step[]>,
  makers: Iterable<string>,
): Promise<WhereaboutsBefore> {
  const { parties, places } = stationsIn([...steps].flat());
  const { regionOf } = await loadRegions(sql, [...parties, ...places, ...makers]);
  return (before) => {
    const told = (ids: readonly (string | null)[]): string[] =>
      ids.map((id) => (id === null ? '' : regionOf(id, before - 1))).filter((it) => it !== '');
    return {
      ofParty: (party) => ({ regions: told([party]), places: [] }),
      ofHop: ({ recorder, giver, taker, place, toPlace }) => ({
        regions: told([place, toPlace, recorder, giver, taker]),
        places: [place, toPlace].filter((it) => it !== null),
      }),
    };
  };
}
