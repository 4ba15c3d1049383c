/** API clients as they stand: the newest version of each. */

import type { PartyId, Role } from '../../core/events/hop.ts';
import type { ClientFact, PartyFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface Client {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: ClientFact;
  /** When it was recorded, ms since the epoch. */
  readonly at: number;
}

export async function clientById(sql: Sql, id: string): Promise<Client | null> {
  const [client] = await sql<Client[]>`
    SELECT c.seq, c.body AS fact, e.at FROM clients c JOIN entries e USING (seq)
    WHERE c.id = ${id} ORDER BY c.seq DESC LIMIT 1`;
  return client ?? null;
}

/** A page of a party's clients in order of id. */
export async function clientsOf(sql: Sql, party: PartyId, after: string, limit: number): Promise<Client[]> {
  return sql<Client[]>`
    SELECT DISTINCT ON (c.id) c.seq, c.body AS fact, e.at FROM clients c JOIN entries e USING (seq)
    WHERE c.party = ${party} AND c.id > ${after} ORDER BY c.id, c.seq DESC LIMIT ${limit}`;
}

/** What a token is made from: the client and its party, each in its newest version. */
export async function grantOf(
  sql: Sql,
  client: string,
): Promise<{ client: ClientFact; party: PartyFact } | null> {
  const [grant] = await sql<{ client: ClientFact; party: PartyFact }[]>`
    SELECT c.body AS client, p.body AS party
    FROM (SELECT body, party FROM clients WHERE id = ${client} ORDER BY seq DESC LIMIT 1) c
    CROSS JOIN LATERAL (SELECT body FROM parties WHERE id = c.party ORDER BY seq DESC LIMIT 1) p`;
  return grant ?? null;
}

/** Clients revoked by entries from `seq` on. */
export async function revokedSince(sql: Sql, seq: number): Promise<{ seq: number; client: string }[]> {
  return sql<{ seq: number; client: string }[]>`
    SELECT seq, id AS client FROM clients WHERE seq >= ${seq} AND (body ->> 'revoked')::boolean ORDER BY seq`;
}

export interface RolesChanged {
  readonly party: PartyId;
  readonly roles: readonly Role[];
  readonly before: readonly Role[];
}

/** Newer versions of parties by entries from `seq` on, with the roles of the one before; and the last entry of all. */
export async function rolesSince(
  sql: Sql,
  seq: number,
): Promise<{ readonly last: number; readonly changes: readonly RolesChanged[] }> {
  const rows = await sql<(RolesChanged & { last: number; changed: boolean })[]>`
    SELECT n.last, p.id IS NOT NULL AS changed, p.id AS party, p.roles, p.before
    FROM (SELECT coalesce(max(seq), 0) AS last FROM parties) n
    LEFT JOIN (
      SELECT p.seq, p.id, p.body -> 'roles' AS roles, b.roles AS before FROM parties p
      CROSS JOIN LATERAL (
        SELECT body -> 'roles' AS roles FROM parties WHERE id = p.id AND seq < p.seq ORDER BY seq DESC LIMIT 1) b
      WHERE p.seq >= ${seq}) p ON true
    ORDER BY p.seq`;
  return { last: rows[0]?.last ?? 0, changes: rows.filter(({ changed }) => changed) };
}

/** Who issued each of some clients, whoever recorded a version of it since, and whether it was revoked. One statement. */
export async function standingOfClients(
  sql: Sql,
  ids: readonly string[],
): Promise<Map<string, { readonly by: PartyId; readonly revoked: boolean }>> {
  const rows = await sql<{ id: string; by: PartyId; revoked: boolean }[]>`
    SELECT DISTINCT ON (id) id, body ->> 'by' AS by,
      EXISTS (SELECT FROM clients r WHERE r.id = c.id AND (r.body ->> 'revoked')::boolean) AS revoked
    FROM clients c WHERE id = ANY (${arrayLiteral([...new Set(ids)])}::text[]) ORDER BY id, seq`;
  return new Map(rows.map(({ id, by, revoked }) => [id, { by, revoked }]));
}

/** Whether a client was revoked, which is for ever. */
export async function isRevoked(sql: Sql, client: string): Promise<boolean> {
  const rows = await sql`SELECT FROM clients WHERE id = ${client} AND (body ->> 'revoked')::boolean LIMIT 1`;
  return rows.length > 0;
}
