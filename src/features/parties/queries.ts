/** Parties as they stand: the newest version of each. */

import type { PartyId, Role } from '../../core/events/hop.ts';
import type { PartyFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { lastWithin } from '../cases/sight.ts';

/** A party in its newest version. */
export interface Party {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: PartyFact;
}

/** The parties with these ids; those that do not exist are missing. */
export async function partiesById(sql: Sql, ids: readonly string[]): Promise<Map<PartyId, Party>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<Party[]>`
    SELECT DISTINCT ON (id) seq, body AS fact FROM parties
    WHERE id = ANY (${arrayLiteral([...new Set(ids)])}::text[]) ORDER BY id, seq DESC`;
  return new Map(rows.map((party) => [party.fact.id, party]));
}

export async function partyById(sql: Sql, id: string): Promise<Party | null> {
  const [party] = (await partiesById(sql, [id])).values();
  return party ?? null;
}

export interface PartyFilter {
  /** Ids after this one. */
  readonly after: string;
  readonly limit: number;
  readonly role: Role | null;
  readonly stub: boolean | null;
  /** GB/T 2260: those within it. */
  readonly region: string | null;
}

/** A page of parties in order of id, which says nothing of them. */
export async function listParties(
  sql: Sql,
  { after, limit, role, stub, region }: PartyFilter,
): Promise<Party[]> {
  return sql<Party[]>`
    SELECT seq, fact FROM (
      SELECT DISTINCT ON (id) id, seq, stub, body AS fact FROM parties
      WHERE id > ${after} ORDER BY id, seq DESC
    ) newest
    WHERE (${stub}::boolean IS NULL OR stub = ${stub})
      AND (${role}::text IS NULL OR fact -> 'roles' ? ${role})
      AND (${region}::text IS NULL
        OR fact ->> 'region' BETWEEN ${region} AND ${region === null ? null : lastWithin(region)})
    ORDER BY id LIMIT ${limit}`;
}

/** Personal data that belongs to a version of a party: whom to talk to. null when erased or never given. */
export async function contactOf(sql: Sql, seq: number): Promise<unknown> {
  const [row] = await sql<{ contact: unknown }[]>`
    SELECT value::jsonb -> 'contact' AS contact FROM privates WHERE seq = ${seq} AND value IS NOT NULL`;
  return row?.contact ?? null;
}
