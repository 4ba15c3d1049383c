/** Delegations as they stand: the newest version of each. */

import type { PartyId } from '../../core/events/hop.ts';
import type { DelegationFact } from '../../core/log/fact.ts';
import type { Sql } from '../../database/connection.ts';

/** A delegation in its newest version. */
export interface Delegation {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: DelegationFact;
}

export async function delegationById(sql: Sql, id: string): Promise<Delegation | null> {
  const [delegation] = await sql<Delegation[]>`
    SELECT seq, body AS fact FROM delegations WHERE id = ${id} ORDER BY seq DESC LIMIT 1`;
  return delegation ?? null;
}

/** A page of the delegations that a party has given or been given, in order of id. */
export async function delegationsOf(
  sql: Sql,
  party: PartyId,
  after: string,
  limit: number,
): Promise<Delegation[]> {
  return sql<Delegation[]>`
    SELECT DISTINCT ON (id) seq, body AS fact FROM delegations
    WHERE (grantor = ${party} OR grantee = ${party}) AND id > ${after} ORDER BY id, seq DESC LIMIT ${limit}`;
}

/** The delegations under which a party may act at a moment, ms since the epoch. */
export async function delegationsFor(sql: Sql, grantee: PartyId, at: number): Promise<Delegation[]> {
  return sql<Delegation[]>`
    SELECT seq, fact FROM (
      SELECT DISTINCT ON (id) id, seq, body AS fact FROM delegations
      WHERE grantee = ${grantee} ORDER BY id, seq DESC
    ) newest
    WHERE NOT (fact ->> 'revoked')::boolean
      AND (fact ->> 'validFrom')::timestamptz <= to_timestamp(${at / 1000}::float8)
      AND (fact ->> 'validUntil')::timestamptz >= to_timestamp(${at / 1000}::float8)
    ORDER BY id`;
}
