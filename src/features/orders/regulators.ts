/** Which regulators are in charge of where something is. */
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

const last = (sql: Sql, code: ReturnType<Sql>) =>
  sql`rpad(regexp_replace(${code}, '(00){1,3}$', ''), 6, '9')`;

/**
 * Regulators in whose jurisdiction one of these regions or places lies; `inner`, also those whose jurisdiction lies within
 * one of the regions. One statement.
 */
export async function regulatorsOf(
  sql: Sql,
  { regions, places }: { readonly regions: readonly string[]; readonly places: readonly PlaceId[] },
  inner = false,
): Promise<PartyId[]> {
  if (regions.length + places.length === 0) return [];
  const rows = await sql<{ id: PartyId }[]>`
    SELECT p.id FROM (SELECT DISTINCT ON (id) id, body FROM parties ORDER BY id, seq DESC) p
    WHERE p.body -> 'roles' ? 'regulator' AND (
      p.body -> 'jurisdiction' -> 'places' ?| ${arrayLiteral(places)}::text[]
      OR EXISTS (
        SELECT FROM jsonb_array_elements_text(p.body -> 'jurisdiction' -> 'regions') AS j (code)
        JOIN unnest(${arrayLiteral(regions)}::text[]) AS r (code)
          ON r.code BETWEEN j.code AND ${last(sql, sql`j.code`)}
            OR ${inner} AND j.code BETWEEN r.code AND ${last(sql, sql`r.code`)}))`;
  return rows.map(({ id }) => id);
}

/** Regions of parties by their newest record. One statement. */
export async function regionsOfParties(sql: Sql, parties: readonly string[]): Promise<string[]> {
  const rows = await sql<{ region: string }[]>`
    SELECT DISTINCT n.region FROM unnest(${arrayLiteral(parties)}::text[]) AS asked (id)
    CROSS JOIN LATERAL (
      SELECT body ->> 'region' AS region FROM parties WHERE parties.id = asked.id ORDER BY seq DESC LIMIT 1) n
    WHERE n.region IS NOT NULL`;
  return rows.map(({ region }) => region);
}
