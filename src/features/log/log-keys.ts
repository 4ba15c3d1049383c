/** The log's keys for checkpoints, as signed notes name them: under the origin of the log. */
import { type NoteKey, type NoteSignature, noteKeyId, signatureTypes } from '../../core/note.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import { keysByKid, keysOfPurposes } from '../keys/queries.ts';
import { serviceKey } from '../keys/service-keys.ts';

const noteKey = (origin: string, x: string): NoteKey => ({
  name: origin,
  type: signatureTypes.ed25519,
  publicKey: Buffer.from(x, 'base64url'),
});

/** Every key that checkpoints of the log were ever signed with, newest first, compromised ones left out. */
export async function logKeys(sql: Sql, origin: string): Promise<NoteKey[]> {
  const keys = await keysOfPurposes(sql, ['checkpoint']);
  return keys.filter(({ status }) => status !== 'compromised').map(({ x }) => noteKey(origin, x));
}

/** Signs texts of notes with the key for checkpoints that is active at the time. */
export function checkpointSigner(
  deps: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>,
): (text: string) => Promise<NoteSignature> {
  const { origin } = deps.genesis;
  const ids = new Map<string, string>();
  return async (text) => {
    const kid = await serviceKey(deps, 'checkpoint');
    let id = ids.get(kid);
    if (id === undefined) {
      const key = (await keysByKid(deps.db.sql, [kid])).get(kid);
      if (key === undefined) throw new Error(`the log knows no key ${kid}`);
      id = noteKeyId(noteKey(origin, key.x));
      ids.set(kid, id);
    }
    return { name: origin, id, bytes: await deps.keystore.sign(kid, text) };
  };
}
