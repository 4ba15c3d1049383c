/** Who and where hops have to do with, as the rules of reading ask (access/reading.ts). */
import type { HopRecord, HopType, PartyId, PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Involved } from '../access/reading.ts';

/** Acts under a GTIN: a party that does not own it does them for the one that does. */
const makersActs: ReadonlySet<HopType> = new Set<HopType>(['produce', 'transform', 'relabel']);

/** What a hop of a thing made by `maker` has to do with whom and where. */
export type Involvement = (hop: HopRecord, maker: PartyId | null) => Involved;

/** For any of these hops. Two statements. */
export async function involvementOf(sql: Sql, hops: readonly HopRecord[]): Promise<Involvement> {
  const [ofParties, ofPlaces] = await Promise.all([
    regionsOf(sql, 'parties', new Set(hops.flatMap(partiesOf))),
    regionsOf(sql, 'places', new Set(hops.flatMap(placesOf))),
  ]);
  return (hop, maker) => {
    const { recorder, giver, taker } = hop;
    const places = placesOf(hop);
    const found = [...partiesOf(hop).map((id) => ofParties.get(id)), ...places.map((id) => ofPlaces.get(id))];
    const regions = [...new Set(found.filter((it) => it !== undefined))];
    return { recorder, giver, taker, principal: principalOf(hop.hop, recorder, maker), regions, places };
  };
}

/** For whoever has no jurisdiction: where a hop took place lets it read nothing. No statement. */
export const partiesAlone: Involvement = ({ hop, recorder, giver, taker }, maker) => ({
  recorder,
  giver,
  taker,
  principal: principalOf(hop, recorder, maker),
  regions: [],
  places: [],
});

/** On whose behalf a hop was recorded. */
const principalOf = (hop: HopType, recorder: PartyId, maker: PartyId | null): PartyId | null =>
  maker !== null && maker !== recorder && makersActs.has(hop) ? maker : null;

/** What hops of a thing made by `maker` have to do with whom and where, by seq. Two statements. */
export async function involvedIn(
  sql: Sql,
  hops: readonly HopRecord[],
  maker: PartyId | null,
): Promise<Map<number, Involved>> {
  const involvement = await involvementOf(sql, hops);
  return new Map(hops.map((hop) => [hop.seq, involvement(hop, maker)]));
}

const partiesOf = ({ recorder, giver, taker }: HopRecord): PartyId[] =>
  [recorder, giver, taker].filter((it) => it !== null);
const placesOf = ({ place, toPlace }: HopRecord): PlaceId[] => [place, toPlace].filter((it) => it !== null);

/** Regions by the newest version; what has none is absent. */
async function regionsOf(
  sql: Sql,
  table: 'parties' | 'places',
  ids: ReadonlySet<string>,
): Promise<Map<string, string>> {
  if (ids.size === 0) return new Map();
  const rows = await sql<{ id: string; region: string | null }[]>`
    SELECT DISTINCT ON (id) id, body ->> 'region' AS region FROM ${sql(table)}
    WHERE id = ANY (${arrayLiteral([...ids])}::text[]) ORDER BY id, seq DESC`;
  return new Map(rows.flatMap(({ id, region }) => (region === null ? [] : [[id, region] as const])));
}
