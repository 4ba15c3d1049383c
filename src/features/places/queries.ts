/** Places as they stand: the newest version of each. */

import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { PlaceFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** A place in its newest version. */
export interface Place {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: PlaceFact;
}

/** The places with these ids; those that do not exist are missing. */
export async function placesById(sql: Sql, ids: readonly string[]): Promise<Map<PlaceId, Place>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<Place[]>`
    SELECT DISTINCT ON (id) seq, body AS fact FROM places
    WHERE id = ANY (${arrayLiteral([...new Set(ids)])}::text[]) ORDER BY id, seq DESC`;
  return new Map(rows.map((place) => [place.fact.id, place]));
}

export async function placeById(sql: Sql, id: string): Promise<Place | null> {
  const [place] = (await placesById(sql, [id])).values();
  return place ?? null;
}

/** A page of a party's places in order of id. */
export async function placesOf(sql: Sql, party: PartyId, after: string, limit: number): Promise<Place[]> {
  return sql<Place[]>`
    SELECT DISTINCT ON (id) seq, body AS fact FROM places
    WHERE party = ${party} AND id > ${after} ORDER BY id, seq DESC LIMIT ${limit}`;
}
