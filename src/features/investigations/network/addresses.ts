/**
 * Addresses of parties and of their places, as they are compared: without what spellings differ in, that is width, case,
 * spaces and punctuation, within one prefecture (the function `address_key`). By an index of that whoever is registered at an
 * address is found, although no goods lead there.
 *
 * Example: "文三路 1 号" and "文三路１号" in 330106 are both "3301/文三路1号".
 */
import type { PartyId } from '../../../core/events/hop.ts';
import type { PartyFact, PlaceFact } from '../../../core/log/fact.ts';
import { arrayLiteral } from '../../../database/array-literal.ts';
import type { Sql } from '../../../database/connection.ts';
import { mayReadParty, mayReadPlace, type Reader } from '../../access/reading.ts';

/** The newest version of a party or place that tells its address. */
export interface Addressed {
  readonly seq: number;
  readonly fact: PartyFact | PlaceFact;
  readonly key: string;
}

/** Parties and places at the addresses of one network, at most; half of them each. */
const relativesMax = 2_000;

/** Of parties and places. One statement. */
export async function addressesOf(
  sql: Sql,
  parties: readonly PartyId[],
  places: readonly string[],
): Promise<Addressed[]> {
  return sql<Addressed[]>`
    SELECT seq, body AS fact, address_key(body) AS key FROM (
      SELECT * FROM (
        SELECT DISTINCT ON (id) seq, body FROM parties WHERE id = ANY (${arrayLiteral(parties)}::text[])
        ORDER BY id, seq DESC) a
      UNION ALL
      SELECT * FROM (
        SELECT DISTINCT ON (id) seq, body FROM places WHERE id = ANY (${arrayLiteral(places)}::text[])
        ORDER BY id, seq DESC) b) newest
    WHERE address_key(body) IS NOT NULL ORDER BY seq`;
}

/** Whoever is at these addresses by now, by index; the oldest entries first. One statement. */
export async function registeredAt(sql: Sql, keys: ReadonlySet<string>): Promise<Addressed[]> {
  if (keys.size === 0) return [];
  const asked = arrayLiteral([...keys]);
  const newest = (table: 'parties' | 'places') => sql`
    SELECT seq, body AS fact, address_key(body) AS key FROM ${sql(table)} t
    WHERE address_key(body) = ANY (${asked}::text[]) AND NOT EXISTS (
      SELECT FROM ${sql(table)} n WHERE n.id = t.id AND n.seq > t.seq)
    ORDER BY seq LIMIT ${relativesMax / 2}`;
  return sql<Addressed[]>`
    SELECT * FROM ((${newest('parties')}) UNION ALL (${newest('places')})) registered ORDER BY seq`;
}

export const mayReadAddress = (reader: Reader, { fact }: Addressed): boolean =>
  fact.kind === 'party' ? mayReadParty(reader, fact) : mayReadPlace(reader, fact);
