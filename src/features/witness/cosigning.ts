/**
 * As a witness of other logs (C2SP tlog-witness): a checkpoint is cosigned only if it continues the last one that we
 * cosigned of its log. The row of the log is locked from the look at that one to the commit, so of two requests at
 * once, to one process or to two, the second sees what the first has done.
 *
 *   crash before the commit   nothing was cosigned
 *   crash after the commit    the log learns the new size by a conflict, and gets its cosignature for the asking
 */
import { cosignedText, formatCosignature } from '../../core/log/checkpoint.ts';
import {
  formatNote,
  formatSignature,
  type NoteKey,
  type NoteSignature,
  signaturesBy,
} from '../../core/log/note.ts';
import { isTrusted, judge, nothingWitnessed, parseAddCheckpoint } from '../../core/log/tlog-witness.ts';
import { type Sql, transaction } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import type { FeatureDeps } from '../feature.ts';
import { noteKeys, noteSigner } from '../keys/note-keys.ts';

export type Answer =
  | { readonly kind: 'cosigned'; readonly line: string }
  /** We cosigned so many entries last. */
  | { readonly kind: 'conflict'; readonly size: number };

export interface WitnessSeat {
  /** Our keys for cosignatures, newest first. */
  keys(): Promise<NoteKey[]>;
  /** What a request to add a checkpoint is answered; refused as the specification says. */
  addCheckpoint(request: string): Promise<Answer>;
  /** The last checkpoint of a log that we cosigned, as a signed note; null when there is none. */
  latest(origin: string): Promise<string | null>;
}

export type SeatDeps = Pick<FeatureDeps, 'db' | 'ledger' | 'keystore' | 'genesis' | 'witnessedLogs' | 'now'>;

/** The host is that of the genesis: like the origin of the log, the witness's name never changes. */
const nameOf = ({ genesis }: Pick<SeatDeps, 'genesis'>): string => `${genesis.host}/witness`;

export function takeSeat(deps: SeatDeps): WitnessSeat {
  const { sql } = deps.db;
  const sign = noteSigner(deps, 'witness', nameOf(deps));

  async function cosignature(text: string): Promise<NoteSignature> {
    const seconds = Math.floor(deps.now() / 1000);
    const signature = await sign(cosignedText(text, seconds));
    return { ...signature, bytes: formatCosignature(seconds, signature.bytes) };
  }

  return {
    keys: () => noteKeys(sql, 'witness', nameOf(deps)),

    async addCheckpoint(request) {
      const submission = required(parseAddCheckpoint(request));
      const { note, checkpoint } = submission;
      const { origin, size, root } = checkpoint;
      const keys = deps.witnessedLogs.filter(({ name }) => name === origin);
      if (keys.length === 0) throw new Refusal('not-found', 'This witness is not configured for that log.');
      if (!isTrusted(note, keys))
        throw new Refusal(
          'forbidden',
          'Sign the checkpoint with the key that this witness knows of the log.',
        );
      // Made before the row is locked, for it may have to look for its key; it leaves only after the commit.
      const signature = await cosignature(note.text);
      return transaction(sql, async (tx): Promise<Answer> => {
        const known = await lockedRow(tx, origin);
        const judgement = judge(known, submission);
        switch (judgement) {
          case 'beyond':
            throw new Refusal('invalid-request', 'The old size is larger than that of the checkpoint.');
          case 'conflict':
            return { kind: 'conflict', size: known.size };
          case 'unproven':
            throw new Refusal(
              'invalid-proof',
              `The checkpoint does not continue the ${known.size} entries that were cosigned last, or the proof does not show it.`,
            );
          case 'cosign': {
            const theirs = keys.flatMap((key) => signaturesBy(note, key));
            const cosigned = formatNote({ text: note.text, signatures: [...theirs, signature] });
            await tx`UPDATE witnessed SET size = ${size}, root = ${root}, note = ${cosigned} WHERE origin = ${origin}`;
            return { kind: 'cosigned', line: formatSignature(signature) };
          }
        }
      });
    },

    async latest(origin) {
      const [row] = await sql<{ note: string | null }[]>`SELECT note FROM witnessed WHERE origin = ${origin}`;
      return row?.note ?? null;
    },
  };
}

/** What we cosigned last of a log, locked until the transaction ends. */
async function lockedRow(tx: Sql, origin: string): Promise<{ size: number; root: Buffer }> {
  const { size, root } = nothingWitnessed;
  await tx`INSERT INTO witnessed (origin, size, root) VALUES (${origin}, ${size}, ${root}) ON CONFLICT DO NOTHING`;
  const [row] = await tx<{ size: number; root: Buffer }[]>`
    SELECT size, root FROM witnessed WHERE origin = ${origin} FOR UPDATE`;
  if (row === undefined) throw new Error('the row of a witnessed log was just made');
  return row;
}
