/** What stands where: places within places, and what was ever put there. */
import type { Epc, PlaceId } from '../../../core/hop.ts';
import { positions } from '../../../core/hop.ts';
import { arrayLiteral } from '../../../database/array-literal.ts';
import type { Sql } from '../../../database/connection.ts';
import { Refusal } from '../../../errors.ts';

/** Places that one site has at most, itself included. */
export const placesMax = 10_000;

/** A place and all that lie within it, however deep: one statement a level. Refuses `too-many-epcs` beyond the bound. */
export async function placesWithin(sql: Sql, place: PlaceId, before: number): Promise<PlaceId[]> {
  const found = new Set([place]);
  for (let outer: PlaceId[] = [place]; outer.length > 0; ) {
    const rows = await sql<{ id: PlaceId }[]>`
      SELECT DISTINCT p.id FROM places p
      WHERE p.body ->> 'within' = ANY (${arrayLiteral(outer)}::text[]) AND p.seq < ${before}
        AND NOT EXISTS (SELECT FROM places q WHERE q.id = p.id AND q.seq > p.seq AND q.seq < ${before})`;
    outer = rows.flatMap(({ id }) => (found.has(id) ? [] : [id]));
    for (const id of outer) found.add(id);
    if (found.size > placesMax)
      throw new Refusal(
        'too-many-epcs',
        `More than ${placesMax} places lie within this one; name a part of it.`,
      );
  }
  return [...found];
}

/** Whatever was ever installed at some places, by their internal numbers; at most `limit`. One statement. */
export async function everInstalled(
  sql: Sql,
  places: readonly number[],
  before: number,
  limit: number,
): Promise<{ readonly unit: number; readonly epc: Epc }[]> {
  if (places.length === 0) return [];
  // OFFSET 0 keeps the lookup by seq, which is cheap in insertion order, from becoming a join over all rows.
  return sql<{ unit: number; epc: Epc }[]>`
    SELECT DISTINCT c.unit, e.epc
    FROM unnest(${arrayLiteral(places)}::bigint[]) AS asked (unit)
    JOIN unit_chain p ON p.unit = asked.unit AND p.position = ${positions.indexOf('parent')} AND p.seq < ${before}
    JOIN hops h ON h.seq = p.seq AND h.hop IN ('install', 'replace')
    CROSS JOIN LATERAL (SELECT unit, position FROM unit_chain WHERE seq = p.seq OFFSET 0) c
    JOIN epcs e ON e.unit = c.unit
    WHERE c.position = ${positions.indexOf('child')}
    ORDER BY c.unit LIMIT ${limit}`;
}
