/** Keys of the service as signed notes name them: of the log, and of the witness that it is to other logs. */
import { type NoteKey, type NoteSignature, noteKeyId, signatureTypes } from '../../core/log/note.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import { keysByKid, keysOfPurposes } from './queries.ts';
import { serviceKey } from './service-keys.ts';

const types = { checkpoint: signatureTypes.ed25519, witness: signatureTypes.cosignature } as const;
type NotePurpose = keyof typeof types;

const noteKey = (purpose: NotePurpose, name: string, x: string): NoteKey => ({
  name,
  type: types[purpose],
  publicKey: Buffer.from(x, 'base64url'),
});

/** Every key of a purpose there ever was, newest first, compromised ones left out. */
export async function noteKeys(sql: Sql, purpose: NotePurpose, name: string): Promise<NoteKey[]> {
  const keys = await keysOfPurposes(sql, [purpose]);
  return keys.filter(({ status }) => status !== 'compromised').map(({ x }) => noteKey(purpose, name, x));
}

/** Signs texts with the key of a purpose that is active at the time. */
export function noteSigner(
  deps: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>,
  purpose: NotePurpose,
  name: string,
): (text: string) => Promise<NoteSignature> {
  const ids = new Map<string, string>();
  return async (text) => {
    const kid = await serviceKey(deps, purpose);
    let id = ids.get(kid);
    if (id === undefined) {
      const key = (await keysByKid(deps.db.sql, [kid])).get(kid);
      if (key === undefined) throw new Error(`the log knows no key ${kid}`);
      id = noteKeyId(noteKey(purpose, name, key.x));
      ids.set(kid, id);
    }
    return { name, id, bytes: await deps.keystore.sign(kid, text) };
  };
}
