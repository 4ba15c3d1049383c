/** Which regulators are in charge of where something is. */
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Where something is. */
export interface Area {
  readonly regions: readonly string[];
  readonly places: readonly PlaceId[];
  /** Also those are meant whose jurisdiction lies within one of the regions. */
  readonly inner?: boolean;
}

/** The last code that a region holds: pairs of zeros on the right stand for the whole (core/region.ts). */
const last = (sql: Sql, code: ReturnType<Sql>) =>
  sql`rpad(regexp_replace(${code}, '(00){1,3}$', ''), 6, '9')`;

/** Of each area the regulators in whose jurisdiction one of its regions or places lies. One statement, or none. */
export async function regulatorsOf(sql: Sql, areas: readonly Area[]): Promise<PartyId[][]> {
  const found = areas.map((): PartyId[] => []);
  const regions = areas.flatMap(({ regions, inner = false }, i) =>
    regions.map((code) => ({ i, code, inner })),
  );
  const places = areas.flatMap(({ places }, i) => places.map((place) => ({ i, place })));
  if (regions.length + places.length === 0) return found;
  const rows = await sql<{ i: number; id: PartyId }[]>`
    SELECT near.i, r.id FROM (
      SELECT id, body -> 'jurisdiction' AS over
      FROM (SELECT DISTINCT ON (id) id, body FROM parties ORDER BY id, seq DESC) p
      WHERE body -> 'roles' ? 'regulator') r
    CROSS JOIN LATERAL (
      SELECT asked.i FROM unnest(${arrayLiteral(places.map(({ i }) => i))}::int[],
        ${arrayLiteral(places.map(({ place }) => place))}::text[]) AS asked (i, place)
      WHERE r.over -> 'places' ? asked.place
      UNION
      SELECT asked.i FROM jsonb_array_elements_text(r.over -> 'regions') AS j (code)
      JOIN unnest(${arrayLiteral(regions.map(({ i }) => i))}::int[],
        ${arrayLiteral(regions.map(({ code }) => code))}::text[],
        ${arrayLiteral(regions.map(({ inner }) => inner))}::boolean[]) AS asked (i, code, inner_too)
        ON asked.code BETWEEN j.code AND ${last(sql, sql`j.code`)}
          OR asked.inner_too AND j.code BETWEEN asked.code AND ${last(sql, sql`asked.code`)}) near`;
  for (const { i, id } of rows) found[i]?.push(id);
  return found;
}
