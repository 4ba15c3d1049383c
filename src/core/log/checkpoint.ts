/**
 * Checkpoints: how large the log is and what its root hash is, as the text of a signed note (C2SP tlog-checkpoint).
 *
 *   example.org/log                                   origin, fixed by the genesis
 *   1                                                 number of entries
 *   hiIBpNyiMANRargOWnUjFuQb/JEOtym/mfYJzHhnRVg=      base64 of the RFC 6962 root over them
 *
 * Above is the checkpoint over the one entry of the worked example in entry.ts: the root of one leaf is that leaf.
 *
 * A witness adds a cosignature (C2SP tlog-cosignature v1): 8 bytes of time, seconds since the epoch, big-endian, and
 * an Ed25519 signature over `cosignature/v1\ntime <seconds>\n` followed by the text of the checkpoint.
 */
import { fault, ok, type Result } from '../../errors.ts';
import type { Hash } from './merkle.ts';
import {
  fromBase64,
  type Note,
  type NoteKey,
  parseNote,
  publicKeyOf,
  signaturesBy,
  verifyEd25519,
} from './note.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Hash;
}

/** The text of the note. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** Reads the text of a note; extension lines are allowed and left aside. Fault: `invalid-note`. */
export function parseCheckpoint(text: string): Result<Checkpoint> {
  const [origin = '', count = '', encoded = '', ...rest] = text.split('\n');
  const root = fromBase64(encoded);
  const size = /^(0|[1-9]\d{0,15})$/.test(count) ? Number(count) : Number.NaN;
  const isWhole = rest.pop() === '' && rest.every((line) => line !== '');
  if (origin === '' || !Number.isSafeInteger(size) || root?.length !== 32 || !isWhole)
    return fault('invalid-note', 'The note is no checkpoint: origin, size and root hash on a line each.');
  return ok({ origin, size, root });
}

/** Reads a checkpoint with its signatures; nothing is verified yet. Fault: `invalid-note`. */
export function parseCheckpointNote(
  text: string,
): Result<{ readonly note: Note; readonly checkpoint: Checkpoint }> {
  const note = parseNote(text);
  if (!note.ok) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  return checkpoint.ok ? ok({ note: note.value, checkpoint: checkpoint.value }) : checkpoint;
}

/** What a witness signs at a time, seconds since the epoch. */
export const cosignedText = (text: string, seconds: number): string =>
  `cosignature/v1\ntime ${seconds}\n${text}`;

/** A cosignature as the bytes of a note signature. */
export function formatCosignature(seconds: number, signature: Uint8Array): Buffer {
  const bytes = Buffer.alloc(8 + signature.length);
  bytes.writeBigUInt64BE(BigInt(seconds));
  bytes.set(signature, 8);
  return bytes;
}

/** Reads what `formatCosignature` wrote; nothing is verified yet. Null for what is none. */
export function parseCosignature(
  bytes: Uint8Array,
): { readonly seconds: number; readonly signature: Uint8Array } | null {
  if (bytes.length !== 72) return null;
  const seconds = Number(Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE());
  return Number.isSafeInteger(seconds) ? { seconds, signature: bytes.subarray(8) } : null;
}

/** When the witness cosigned, seconds since the epoch; null when it did not, or badly. */
export function cosignedAt(note: Note, witness: NoteKey): number | null {
  const key = publicKeyOf(witness);
  let latest: number | null = null;
  for (const { bytes } of signaturesBy(note, witness)) {
    const read = parseCosignature(bytes);
    if (read === null || !verifyEd25519(key, cosignedText(note.text, read.seconds), read.signature))
      return null;
    latest = Math.max(latest ?? 0, read.seconds);
  }
  return latest;
}
