/**
 * What contacts of registered parties are compared by (core/contacts.ts), as HMAC-SHA-256 under a secret of the keystore:
 * the table says which parties share a contact, and to nobody without the master key which one.
 *
 * A follower of the log keeps it: it has the newest version of each party alone, and loses what an erasure names. What is
 * erased is left out from that moment on, whether or not the follower has come by (`sharersOf`). No fact rests on the table,
 * and emptied together with its cursor it is made again of what personal data there still is.
 */
import { createHmac } from 'node:crypto';
import { type ContactKind, comparedContacts } from '../../core/contacts.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { insertRows } from '../../database/rows.ts';
import { createFollower, type Follower } from '../../ledger/follower.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Keystore } from '../keys/keystore.ts';

/** Entries a step takes. */
const chunk = 5_000;

const followers = new WeakMap<Ledger, Follower>();

/** One for each ledger of the process. */
export function contactsFollower(
  { db, ledger, keystore }: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore'>,
  log: { error(details: object, message: string): void },
): Follower {
  const known = followers.get(ledger);
  if (known) return known;
  const follower = createFollower({
    name: 'contacts',
    sql: db.sql,
    ledger,
    chunk,
    kinds: ['party', 'erasure'],
    follow: (tx, from, until) => keepContacts(tx, keystore, from, until),
    onError: (error) => log.error({ err: error }, 'contacts cannot be compared; trying again'),
  });
  followers.set(ledger, follower);
  return follower;
}

/** By the entries `from` ≤ seq < `until`. Four statements at most, most often one. */
async function keepContacts(
  tx: Sql,
  keystore: Pick<Keystore, 'secret'>,
  from: number,
  until: number,
): Promise<void> {
  const versions = await tx<{ id: PartyId; seq: number; contact: Record<string, unknown> | null }[]>`
    SELECT DISTINCT ON (p.id) p.id, p.seq, v.value::jsonb -> 'contact' AS contact
    FROM parties p LEFT JOIN privates v ON v.seq = p.seq AND v.value IS NOT NULL
    WHERE p.seq >= ${from} AND p.seq < ${until} ORDER BY p.id, p.seq DESC`;
  if (versions.length > 0) {
    const secret = await keystore.secret('contacts');
    const rows = versions.flatMap(({ id, seq, contact }) =>
      comparedContacts(contact ?? {}).map(({ kind, text }) => ({
        key: createHmac('sha256', secret).update(`${kind} ${text}`).digest(),
        ...{ party: id, kind, seq },
      })),
    );
    await tx`DELETE FROM contacts WHERE party = ANY (${arrayLiteral(versions.map(({ id }) => id))}::text[])`;
    const once = new Map(rows.map((row) => [`${row.party} ${row.key.toString('hex')}`, row]));
    await insertRows(tx, 'contacts', { key: 'bytea', party: 'text', kind: 'text', seq: 'bigint' }, [
      ...once.values(),
    ]);
  }
  await tx`
    DELETE FROM contacts c USING erasures e JOIN parties p ON p.seq = e.erased
    WHERE e.seq >= ${from} AND e.seq < ${until} AND c.party = p.id AND c.seq = p.seq`;
}

/** A party with a contact that it shares with others, by the entry that told it. */
export interface Sharer {
  readonly kind: ContactKind;
  /** Names the contact in this answer, and nothing beyond it. */
  readonly contact: number;
  readonly party: PartyId;
  readonly seq: number;
}

/** Whoever has a contact of some parties by now, they themselves among them: of each contact at most `sharersMax`. One statement. */
export async function sharersOf(
  sql: Sql,
  parties: readonly PartyId[],
  kinds: readonly ContactKind[],
  sharersMax: number,
): Promise<Sharer[]> {
  if (parties.length === 0 || kinds.length === 0) return [];
  return sql<Sharer[]>`
    SELECT asked.kind, asked.contact, shared.party, shared.seq FROM (
      SELECT key, kind, row_number() OVER (ORDER BY key)::int AS contact FROM (
        SELECT DISTINCT key, kind FROM contacts
        WHERE party = ANY (${arrayLiteral(parties)}::text[]) AND kind = ANY (${arrayLiteral(kinds)}::text[])) own) asked
    CROSS JOIN LATERAL (
      SELECT c.party, c.seq FROM contacts c JOIN privates v ON v.seq = c.seq AND v.value IS NOT NULL
      WHERE c.key = asked.key ORDER BY c.party LIMIT ${sharersMax}) shared
    ORDER BY asked.contact, shared.party`;
}
