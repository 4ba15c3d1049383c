/**
 * What a log and its witness say to each other (C2SP tlog-witness, `add-checkpoint`). The log sends
 *
 *   old 1                                             entries that the witness cosigned last
 *   0uLOqJDloCPoSmhoixlbfSBd1HuQYOfJo9atnsBSTF0=      consistency proof from there, at most 63 hashes
 *                                                     empty line
 *   example.org/log                                   the checkpoint, a signed note
 *   2
 *   P3Ii7BqyeChxJa7FRmDLI9U8sXxaoyGA87wBT8e+ygs=
 *
 *   — example.org/log HGa56pMl0xX7+xh2MSSDW9hMwXazW7r+dsk1qTOIA7cgtggPMAHyis6K+Yeog4D1iPaTaKuIvgMyyXZvd0pMsh4MGgM=
 *
 * and the witness answers with lines of cosignatures (checkpoint.ts), or with the size that it cosigned last when that
 * is not `old`. A witness is configured as its key and the address that `/add-checkpoint` is appended to, with a space
 * between: `witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea https://witness.example/w1`.
 *
 * The example is a log of two entries, the first that of the example of entry.ts; both keys are made of the public key
 * of RFC 8032 §7.1 test 1.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { parsePublicKey } from '../ed25519-key.ts';
import { type Checkpoint, cosignedAt, parseCheckpointNote } from './checkpoint.ts';
import { emptyRoot, type Hash } from './merkle.ts';
import { provesConsistency } from './merkle-proof.ts';
import {
  fromBase64,
  isSignedBy,
  type Note,
  type NoteKey,
  type NoteSignature,
  parseNoteKey,
  parseSignature,
  signaturesBy,
  signaturesMax,
  signatureTypes,
} from './note.ts';

export interface AddCheckpoint {
  /** Entries that the witness is thought to have cosigned last. */
  readonly old: number;
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** Most hashes of a proof. */
const proofMax = 63;
/** Media type of the size in an answer 409. */
export const sizeMediaType = 'text/x.tlog.size';

export const formatAddCheckpoint = ({ old, proof, checkpoint }: AddCheckpoint): string =>
  `old ${old}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${checkpoint}`;

/** What `formatAddCheckpoint` writes, with its note and checkpoint read; nothing is verified yet. */
export interface Submission extends Omit<AddCheckpoint, 'checkpoint'> {
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** Reads a request. Fault: `invalid-request`. */
export function parseAddCheckpoint(text: string): Result<Submission> {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  const old = parseSize(/^old (.*)$/.exec(first)?.[1] ?? '');
  if (old === null || lines.length > proofMax) return notARequest();
  const proof: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return notARequest();
    proof.push(hash);
  }
  const read = parseCheckpointNote(text.slice(end + 2));
  return read.ok ? ok({ old, proof, ...read.value }) : notARequest();
}

const notARequest = () =>
  fault(
    'invalid-request',
    'Send `old <size>`, the hashes of a consistency proof, an empty line and a signed checkpoint (C2SP tlog-witness).',
  );

/** Whether a key that is trusted signed the note, and none that is trusted has a bad signature on it. */
export const isTrusted = (note: Note, keys: readonly NoteKey[]): boolean => {
  const named = keys.filter((key) => signaturesBy(note, key).length > 0);
  return named.length > 0 && named.every((key) => isSignedBy(note, key));
};

/** What a witness knows of a log before it has cosigned anything of it. */
export const nothingWitnessed: Pick<Checkpoint, 'size' | 'root'> = { size: 0, root: emptyRoot };

/**
 * What a witness makes of a checkpoint whose signature it trusts: `cosign`, or `beyond` when the old size is larger than
 * the new one, `conflict` when it is not that of the last checkpoint cosigned, `unproven` when the tree does not
 * continue that one.
 */
export function judge(
  known: Pick<Checkpoint, 'size' | 'root'>,
  { old, proof, checkpoint: { size, root } }: Submission,
): 'cosign' | 'beyond' | 'conflict' | 'unproven' {
  if (old > size) return 'beyond';
  if (old !== known.size) return 'conflict';
  if (size === 0 && Buffer.compare(root, emptyRoot) !== 0) return 'unproven';
  return provesConsistency(old, known.root, size, root, proof) ? 'cosign' : 'unproven';
}

/**
 * The cosignature of a witness in its answer over the text of a checkpoint; null when there is none that is good.
 * Lines of other keys are left aside, as the specification asks.
 */
export function cosignatureIn(answer: string, text: string, witness: NoteKey): NoteSignature | null {
  const lines = answer.endsWith('\n') ? answer.slice(0, -1).split('\n') : [];
  if (lines.length > signaturesMax) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return null;
    signatures.push(signature);
  }
  const note = { text, signatures };
  const at = cosignedAt(note, witness);
  return at !== null && at > 0 ? (signaturesBy(note, witness)[0] ?? null) : null;
}

/** A size as an answer 409 gives it, with its newline; null when it is none. */
export const parseSizeAnswer = (text: string): number | null =>
  text.endsWith('\n') ? parseSize(text.slice(0, -1)) : null;

function parseSize(text: string): number | null {
  const size = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? size : null;
}

export interface Witness {
  readonly key: NoteKey;
  /** What `/add-checkpoint` is appended to. */
  readonly url: string;
}

/** Reads `key url`. Fault: `invalid-key`. */
export function parseWitness(text: string): Result<Witness> {
  const [vkey = '', address = '', ...rest] = text.trim().split(/\s+/);
  const key = parseTrustedKey(vkey, signatureTypes.cosignature);
  if (!key.ok) return key;
  if (rest.length > 0 || !/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(address) || !URL.canParse(address))
    return fault('invalid-key', 'Write a witness as its key, a space, and the URL it takes checkpoints at.');
  return ok({ key: key.value, url: withoutSlashes(address) });
}

/** By hand: a regular expression would try a long row of slashes from each of them anew. */
function withoutSlashes(address: string): string {
  let end = address.length;
  while (address.charAt(end - 1) === '/') end--;
  return address.slice(0, end);
}

/** Reads the key of a log. Fault: `invalid-key`. */
export const parseLogKey = (vkey: string): Result<NoteKey> =>
  parseTrustedKey(vkey.trim(), signatureTypes.ed25519);

function parseTrustedKey(vkey: string, type: number): Result<NoteKey> {
  const key = parseNoteKey(vkey);
  if (!key.ok) return key;
  if (key.value.type !== type)
    return fault('invalid-key', 'A witness has a key for cosignatures, a log one for Ed25519 signatures.');
  const point = parsePublicKey(Buffer.from(key.value.publicKey).toString('base64url'));
  return point.ok ? key : point;
}
