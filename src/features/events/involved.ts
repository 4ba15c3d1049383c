/** Who and where hops have to do with, as the rules of reading ask (access/reading.ts). */
import type { HopRecord, HopType, PartyId, PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Involved } from '../access/reading.ts';

/** Acts under a GTIN: a party that does not own it does them for the one that does. */
const makersActs: ReadonlySet<HopType> = new Set<HopType>(['produce', 'transform', 'relabel']);

/** What a hop of a thing made by `maker` has to do with whom and where. */
export type Involvement = (hop: HopRecord, maker: PartyId | null) => Involved;

/** For any of these hops. One statement. */
export async function involvementOf(sql: Sql, hops: readonly HopRecord[]): Promise<Involvement> {
  const regionOf = await newestRegions(
    sql,
    hops.flatMap((hop) => [...partiesOf(hop), ...placesOf(hop)]),
  );
  return (hop, maker) => {
    const { recorder, giver, taker } = hop;
    const places = placesOf(hop);
    const regions = [...new Set([...partiesOf(hop), ...places].flatMap((id) => regionOf.get(id) ?? []))];
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

/** What hops of a thing made by `maker` have to do with whom and where, by seq. One statement. */
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

/** Regions of parties and places by the newest version; what has none is absent. One statement, or none. */
export async function newestRegions(sql: Sql, ids: Iterable<string>): Promise<Map<string, string>> {
  const list = [...new Set(ids)];
  if (list.length === 0) return new Map();
  const asked = arrayLiteral(list);
  const rows = await sql<{ id: string; region: string | null }[]>`
    SELECT DISTINCT ON (id) id, region FROM (
      SELECT id, seq, body ->> 'region' AS region FROM parties WHERE id = ANY (${asked}::text[])
      UNION ALL
      SELECT id, seq, body ->> 'region' FROM places WHERE id = ANY (${asked}::text[])) told
    ORDER BY id, seq DESC`;
  return new Map(rows.flatMap(({ id, region }) => (region === null ? [] : [[id, region] as const])));
}
