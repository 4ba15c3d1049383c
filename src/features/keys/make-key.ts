/**
 * New keys. Their ids are seven random digits, never used again: the log admits each once.
 *
 * The private key is stored before the fact that announces the public one. If we crash between the two, a private
 * key lies unused in the store and its number is passed over; the other way round there would be a key that nobody
 * can sign with.
 */
import { randomInt } from 'node:crypto';
import type { PartyId } from '../../core/events/hop.ts';
import type { KeyFact, KeyPurpose } from '../../core/log/fact.ts';
import { Refusal } from '../../errors.ts';
import type { Appended, Ledger } from '../../ledger/ledger.ts';
import type { Draft, Idempotency } from '../../ledger/submission.ts';
import type { Keystore } from './keystore.ts';

export interface NewKey {
  readonly by: PartyId;
  readonly party: PartyId;
  readonly purpose: KeyPurpose;
  /** Public key, and the proof, of a key the party holds itself; null when we are to make and hold it. */
  readonly own: { readonly x: string; readonly proof: string } | null;
}

export interface MadeKey {
  readonly fact: KeyFact;
  readonly appended: Appended;
}

/** Ten million numbers: with a tenth of them used, twenty draws all fail once in 10^20. */
const drawsMax = 20;

/**
 * Makes a key and records it, with more drafts of the same request in one append. With an idempotency key that
 * somebody has used before, that key is the one, and this one is forgotten. Refuses a public key that is known:
 * `already-exists`.
 */
export async function makeKey(
  { ledger, keystore }: { readonly ledger: Ledger; readonly keystore: Keystore },
  { by, party, purpose, own }: NewKey,
  more: readonly Draft[] = [],
  idempotency?: Idempotency,
): Promise<MadeKey> {
  for (let draws = 1; ; draws++) {
    const kid = String(randomInt(10_000_000)).padStart(7, '0');
    try {
      const key: Omit<KeyFact, 'x'> = {
        kind: 'key',
        by,
        kid,
        purpose,
        party,
        algorithm: 'EdDSA',
        custody: own === null ? 'operator' : 'party',
        status: 'active',
      };
      if (own !== null) return await record({ ...key, ...own });
      const fact = { ...key, x: await keystore.create(kid) };
      const made = await record(fact).catch(async (error: unknown) => {
        // Nothing was recorded, so nobody knows this key.
        if (isTaken(error)) await keystore.delete(kid);
        throw error;
      });
      if (made.appended.replayed) await keystore.delete(kid);
      return made;
    } catch (error) {
      if (!isTaken(error) || draws === drawsMax) throw error;
    }
  }

  async function record(fact: KeyFact): Promise<MadeKey> {
    return { fact, appended: await ledger.append([{ fact }, ...more], idempotency) };
  }
}

/** Whether the number is taken, in the store or in the log: then another is drawn. */
const isTaken = (error: unknown): boolean => error instanceof Refusal && error.code === 'state-conflict';
