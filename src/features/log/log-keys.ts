/** The log's keys for checkpoints, as signed notes name them: under the origin of the log. */
import type { NoteKey, NoteSignature } from '../../core/log/note.ts';
import type { Sql } from '../../database/connection.ts';
import type { FeatureDeps } from '../feature.ts';
import { noteKeys, noteSigner } from '../keys/note-keys.ts';

/** Every key that checkpoints of the log were ever signed with, newest first, compromised ones left out. */
export const logKeys = (sql: Sql, origin: string): Promise<NoteKey[]> => noteKeys(sql, 'checkpoint', origin);

/** Signs texts of notes with the key for checkpoints that is active at the time. */
export const checkpointSigner = (
  deps: Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis'>,
): ((text: string) => Promise<NoteSignature>) => noteSigner(deps, 'checkpoint', deps.genesis.origin);
