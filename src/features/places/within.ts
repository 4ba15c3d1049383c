/** Places within places, as their owners say. */
import type { PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Places that one site has at most, itself included. */
export const placesMax = 10_000;
/** How deep things lie within one another at most: each level takes a statement, and whoever says so makes them up. */
export const levelsMax = 64;

/**
 * Places and all that lie within them by the entries before one: one statement a level. Null when they are more than
 * `placesMax`, or lie deeper than `levelsMax`. What is asked for need not be a place that anybody registered.
 */
export async function placesWithin<T extends string>(
  sql: Sql,
  places: readonly T[],
  before: number,
): Promise<(T | PlaceId)[] | null> {
  const found = new Set<T | PlaceId>(places);
  for (let outer: readonly string[] = places, level = 0; outer.length > 0; level++) {
    if (level > levelsMax) return null;
    const rows = await sql<{ id: PlaceId }[]>`
      SELECT DISTINCT p.id FROM places p
      WHERE p.body ->> 'within' = ANY (${arrayLiteral([...outer])}::text[]) AND p.seq < ${before}
        AND NOT EXISTS (SELECT FROM places q WHERE q.id = p.id AND q.seq > p.seq AND q.seq < ${before})
      LIMIT ${placesMax + 1}`;
    const inner = rows.flatMap(({ id }) => (found.has(id) ? [] : [id]));
    for (const id of inner) found.add(id);
    if (found.size > placesMax) return null;
    outer = inner;
  }
  return [...found];
}
