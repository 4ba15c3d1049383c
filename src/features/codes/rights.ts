/** Who may have codes of a GTIN: its owner, and whoever the owner has delegated `issue` to. */

import type { PartyId } from '../../core/events/hop.ts';
import type { Gtin } from '../../core/gs1/identifiers.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { delegationsFor } from '../delegations/queries.ts';
import { type KeyRow, keysByKid, listKeys } from '../keys/queries.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import type { IssuedUnit } from './issued.ts';

/**
 * The owner of a GTIN, for whom `party` may issue and print codes at `now` (ms). Refuses others: `gtin-not-owned`.
 */
export async function requireIssuer(sql: Sql, party: PartyId, gtin: Gtin, now: number): Promise<PartyId> {
  const owner = (await ownersOf(sql, [gtinKey(gtin)])).get(gtinKey(gtin));
  if (owner === party) return owner;
  const delegations = owner === undefined ? [] : await delegationsFor(sql, party, now);
  const mine = delegations.some(
    ({ fact }) => fact.from === owner && fact.acts.includes('issue') && fact.gtins.includes(gtin),
  );
  if (owner !== undefined && mine) return owner;
  throw new Refusal(
    'gtin-not-owned',
    `${gtin} is not yours: have the operator bind it to you, or its owner delegate \`issue\` to you.`,
  );
}

/**
 * Those of the codes whose signature a party may have: what it had issued, what is of a GTIN it owns, and for a
 * regulator all. Whoever has the signature can print the code, so that nobody else is given it, who must hold the thing
 * to read it.
 */
export async function printableBy(
  sql: Sql,
  { party, roles }: Pick<Caller, 'party' | 'roles'>,
  codes: readonly IssuedUnit[],
): Promise<IssuedUnit[]> {
  if (roles.includes('regulator')) return [...codes];
  const owners = await ownersOf(
    sql,
    codes.flatMap(({ gtin }) => (gtin === null ? [] : [gtinKey(gtin)])),
  );
  return codes.filter(
    ({ gtin, issuedBy }) => issuedBy === party || (gtin !== null && owners.get(gtinKey(gtin)) === party),
  );
}

/**
 * The active issuing key to sign with: the one asked for, else the newest of the party's own, else the newest of the
 * owner's. Refuses keys of others and keys no longer in use: `unknown-key`.
 */
export async function requireIssuingKey(
  sql: Sql,
  party: PartyId,
  owner: PartyId,
  kid: string | undefined,
): Promise<KeyRow> {
  const usable = (key: KeyRow): boolean =>
    key.purpose === 'issuing' && key.status === 'active' && (key.party === party || key.party === owner);
  if (kid !== undefined) {
    const key = (await keysByKid(sql, [kid])).get(kid);
    if (key !== undefined && usable(key)) return key;
    const detail = `Key ${kid} is not an active issuing key of yours; GET /v1/keys lists them.`;
    throw new Refusal('unknown-key', detail, { faults: [{ code: 'unknown-key', detail, pointer: '/key' }] });
  }
  for (const holder of new Set([party, owner])) {
    const key = (await listKeys(sql, holder, null, 1000)).find(usable);
    if (key !== undefined) return key;
  }
  throw new Refusal('unknown-key', 'You have no active issuing key yet; make one with POST /v1/keys.');
}
