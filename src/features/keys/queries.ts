/**
 * Keys as they stand. What is worse counts: a compromised key stays so whatever is said of it later, and of several
 * entries from which it is distrusted the first.
 */

import type { TrustedKey } from '../../core/codes/trust-list.ts';
import type { PartyId } from '../../core/events/hop.ts';
import type { KeyFact, KeyPurpose, KeyStatus } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface KeyRow {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly party: PartyId;
  readonly custody: KeyFact['custody'];
  /** Public key, JWK member `x`. */
  readonly x: string;
  readonly status: KeyStatus;
  /** Of a compromised key: the first entry whose codes are no longer trusted. */
  readonly distrustedFrom: number | null;
  readonly reason: string | null;
  /** The entry that made it. */
  readonly created: number;
}

/**
 * A key is made by exactly one row of status `active`; the rows after it change its status, of which `compromised`
 * comes first in the alphabet as well.
 */
const rows = (sql: Sql) => sql`
  SELECT made.kid, made.purpose, made.party, made.body ->> 'custody' AS custody, made.body ->> 'x' AS x,
    coalesce(changed.status, 'active') AS status, changed.from_seq AS "distrustedFrom", changed.reason,
    made.seq AS created
  FROM keys made CROSS JOIN LATERAL (
    SELECT min(status) AS status, min((body ->> 'distrustedFrom')::bigint) AS from_seq, min(body ->> 'reason') AS reason
    FROM keys later WHERE later.kid = made.kid AND later.seq > made.seq
  ) changed
  WHERE made.status = 'active'`;

export async function keysByKid(sql: Sql, kids: readonly string[]): Promise<Map<string, KeyRow>> {
  const found = await sql<
    KeyRow[]
  >`${rows(sql)} AND made.kid = ANY (${arrayLiteral([...new Set(kids)])}::text[])`;
  return new Map(found.map((row) => [row.kid, row]));
}

/** Keys of a party (null: of all) made before entry `before` (null: all of them), newest first. */
export const listKeys = (
  sql: Sql,
  party: PartyId | null,
  before: number | null,
  limit: number,
): Promise<KeyRow[]> =>
  sql<KeyRow[]>`
    ${rows(sql)} AND (${party}::text IS NULL OR made.party = ${party})
      AND made.seq < coalesce(${before}::bigint, 9007199254740991)
    ORDER BY made.seq DESC LIMIT ${limit}`;

export const keysOfPurposes = (sql: Sql, purposes: readonly KeyPurpose[]): Promise<KeyRow[]> =>
  sql<
    KeyRow[]
  >`${rows(sql)} AND made.purpose = ANY (${arrayLiteral(purposes)}::text[]) ORDER BY made.seq DESC`;

/** The active key for a purpose of the service, or null before there is one. */
export async function activeKey(sql: Sql, purpose: KeyPurpose): Promise<KeyRow | null> {
  const found = await keysOfPurposes(sql, [purpose]);
  return found.find(({ status }) => status === 'active') ?? null;
}

/**
 * Issuing keys with the GTINs they count for at `now` (ms): all, or those asked for. Three statements. A GTIN counts
 * for the party that owns it, as vetted or given out by the operator, and for whoever it delegates `issue` to.
 */
export async function trustedKeys(
  sql: Sql,
  now: number,
  kids: readonly string[] | null = null,
): Promise<TrustedKey[]> {
  const keys =
    kids === null
      ? await keysOfPurposes(sql, ['issuing'])
      : [...(await keysByKid(sql, kids)).values()].filter(({ purpose }) => purpose === 'issuing');
  const holders = arrayLiteral([...new Set(keys.map(({ party }) => party))]);
  const [names, bindings] = await Promise.all([
    sql<{ id: string; name: string }[]>`
      SELECT DISTINCT ON (id) id, body ->> 'name' AS name FROM parties
      WHERE id = ANY (${holders}::text[]) ORDER BY id, seq DESC`,
    sql<{ party: string; gtin: string; current: boolean }[]>`
      SELECT party, substr(identifier, 6) AS gtin, true AS current FROM owners
      WHERE party = ANY (${holders}::text[]) AND identifier LIKE 'gtin:%'
      UNION ALL
      SELECT newest.grantee, gtin,
        NOT (body ->> 'revoked')::boolean AND (body ->> 'validFrom')::timestamptz <= at AND (body ->> 'validUntil')::timestamptz >= at
      FROM (
        SELECT DISTINCT ON (id) * FROM delegations WHERE grantee = ANY (${holders}::text[]) ORDER BY id, seq DESC
      ) newest
      CROSS JOIN to_timestamp(${now / 1000}::float8) at
      CROSS JOIN jsonb_array_elements_text(body -> 'gtins') gtin
      JOIN owners ON owners.identifier = 'gtin:' || gtin AND owners.party = newest.grantor
      WHERE body -> 'acts' ? 'issue' AND (body ->> 'validFrom')::timestamptz <= at`,
  ]);
  const nameOf = new Map(names.map(({ id, name }) => [id, name]));
  const current = grouped(bindings.filter((binding) => binding.current));
  const ended = grouped(bindings.filter((binding) => !binding.current));
  return keys.map(({ kid, x, party, status, distrustedFrom }) => {
    const gtins = current.get(party) ?? new Set();
    const former = [...(ended.get(party) ?? [])].filter((gtin) => !gtins.has(gtin));
    const key = { kid, x, party, name: nameOf.get(party) ?? '', gtins: [...gtins], former, status };
    return distrustedFrom === null ? key : { ...key, distrustedFrom };
  });
}

/**
 * Of each compromised key among these, how many entries stand under a checkpoint that a witness cosigned before the
 * compromise, which is when the first distrusted entry was recorded; those for which none did are absent. One statement.
 */
export async function cosignedBefore(
  sql: Sql,
  keys: readonly Pick<TrustedKey, 'kid' | 'distrustedFrom'>[],
): Promise<ReadonlyMap<string, number>> {
  const asked = keys.flatMap(({ kid, distrustedFrom }) =>
    distrustedFrom === undefined ? [] : [{ kid, distrustedFrom }],
  );
  if (asked.length === 0) return new Map();
  const rows = await sql<{ kid: string; size: number }[]>`
    SELECT asked.kid, cosigned.size
    FROM unnest(${arrayLiteral(asked.map(({ kid }) => kid))}::text[],
      ${arrayLiteral(asked.map(({ distrustedFrom }) => distrustedFrom))}::bigint[]) AS asked (kid, first)
    JOIN entries compromise ON compromise.seq = asked.first
    CROSS JOIN LATERAL (
      SELECT size FROM cosignatures WHERE size <= asked.first AND at < compromise.at ORDER BY size DESC LIMIT 1
    ) cosigned`;
  return new Map(rows.map(({ kid, size }) => [kid, size]));
}

function grouped(bindings: readonly { party: string; gtin: string }[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { party, gtin } of bindings) {
    const group = groups.get(party) ?? new Set();
    groups.set(party, group.add(gtin));
  }
  return groups;
}
