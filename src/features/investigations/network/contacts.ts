/**
 * Parties that registered the same contact, told without the contact: that they share one, of which kind, and the entries by
 * which they said so. Only what the reader may read of a party anyway is compared with that of others. A contact that very many
 * have, such as the phone of an agency that registers firms, says nothing of them and links nobody.
 */
import { type ContactKind, contactKinds } from '../../../core/contacts.ts';
import type { PartyId } from '../../../core/events/hop.ts';
import { append } from '../../../core/grouping.ts';
import type { Sql } from '../../../database/connection.ts';
import { mayReadParty, type Reader } from '../../access/reading.ts';
import { type Sharer, sharersOf } from '../../parties/contacts.ts';
import { partiesById } from '../../parties/queries.ts';
import { sharersMax } from './schemas.ts';

export interface SharedContacts {
  /** Of each contact the parties that share it, two or more. */
  readonly shared: readonly (readonly Sharer[])[];
  /** Contacts that more parties share than are linked by one. */
  readonly crowded: number;
}

/**
 * Contacts of parties that others share, of those kinds; of names of people only where both are among the parties, for many
 * people have the same name. Three statements.
 */
export async function sharedContacts(
  sql: Sql,
  reader: Reader,
  parties: readonly PartyId[],
  kinds: readonly ContactKind[],
): Promise<SharedContacts> {
  const readable = async (ids: readonly PartyId[]): Promise<Set<PartyId>> => {
    const known = await partiesById(sql, ids);
    return new Set([...known].flatMap(([id, { fact }]) => (mayReadParty(reader, fact) ? [id] : [])));
  };
  const own = await readable(parties);
  const sharers = await sharersOf(sql, [...own], kinds, sharersMax + 1);
  const others = await readable(sharers.map(({ party }) => party));
  const byContact = new Map<number, Sharer[]>();
  for (const sharer of sharers) append(byContact, sharer.contact, sharer);
  const all = [...byContact.values()];
  return {
    shared: all
      .filter(({ length }) => length <= sharersMax)
      .map((list) => list.filter(({ kind, party }) => (kind === 'person' ? own : others).has(party)))
      .filter(({ length }) => length > 1),
    crowded: all.filter(({ length }) => length > sharersMax).length,
  };
}

/** Of these kinds of links, those by contacts: what is searched for, and what is only compared among those found. */
export const contactKindsIn = (kinds: ReadonlySet<string>) => {
  const asked = contactKinds.filter((kind) => kinds.has(kind));
  return {
    searched: asked.filter((kind) => kind !== 'person'),
    compared: asked.filter((kind) => kind === 'person'),
  };
};
