/**
 * Signed notes: text with the signatures of named keys below it (C2SP signed-note v1).
 *
 *   example.org/log                                                     ← text: ends in a newline
 *   1
 *   hiIBpNyiMANRargOWnUjFuQb/JEOtym/mfYJzHhnRVg=
 *                                                                       ← one empty line
 *   — example.org/log base64(key id ‖ signature)                        ← a line for each signature
 *
 * A key is known by its name and its id, the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), and is
 * written as `name+hex(id)+base64(type ‖ public key)`. We sign with Ed25519 (type 0x01) and read cosignatures of
 * witnesses (type 0x04, see checkpoint.ts); signatures of keys that a reader does not know are kept and ignored.
 *
 * Worked example (of the specification): the key
 * `example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k` has id 530d903a.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { fault, ok, type Result } from '../../errors.ts';
import { sha256 } from './merkle.ts';

/** Signature types (C2SP signed-note, "Signature types"). */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;

/** A key that notes are verified with. */
export interface NoteKey {
  readonly name: string;
  readonly type: number;
  /** 32 bytes for both types above. */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  /** The id of the key, 8 lower-case hexadecimal digits. */
  readonly id: string;
  /** What follows the id: of an Ed25519 signature 64 bytes. */
  readonly bytes: Uint8Array;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Most signatures that are read from one note. */
export const signaturesMax = 64;
const bytesMax = 1_000_000;

/** Id of a key as 8 hexadecimal digits. */
export const noteKeyId = ({ name, type, publicKey }: NoteKey): string =>
  sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]))
    .subarray(0, 4)
    .toString('hex');

/** `name+id+base64(type ‖ public key)`. */
export const formatNoteKey = (key: NoteKey): string =>
  `${key.name}+${noteKeyId(key)}+${Buffer.concat([Buffer.of(key.type), key.publicKey]).toString('base64')}`;

/** Reads what `formatNoteKey` writes, of the two types that we know. Fault: `invalid-key`. */
export function parseNoteKey(text: string): Result<NoteKey> {
  const [, name = '', id = '', material = ''] =
    /^([^+]+)\+([0-9a-f]{8})\+([0-9A-Za-z+/]+=*)$/.exec(text) ?? [];
  const bytes = fromBase64(material);
  if (!isKeyName(name) || bytes === null || bytes.length !== 33)
    return fault('invalid-key', 'Write a key as name+id+base64, as the log that it belongs to publishes it.');
  const key: NoteKey = { name, type: bytes[0] ?? 0, publicKey: bytes.subarray(1) };
  if (key.type !== signatureTypes.ed25519 && key.type !== signatureTypes.cosignature)
    return fault('invalid-key', 'Only keys for Ed25519 signatures and cosignatures are read here.');
  if (noteKeyId(key) !== id)
    return fault('invalid-key', 'The id of this key is not that of its name and bytes; copy it again.');
  return ok(key);
}

/** One signature line with its newline. */
export const formatSignature = ({ name, id, bytes }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), bytes]).toString('base64')}\n`;

export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(formatSignature).join('')}`;

/** Reads a note. Nothing is verified yet. Fault: `invalid-note`. */
export function parseNote(note: string): Result<Note> {
  if (note.length > bytesMax || !note.isWellFormed() || hasControls(note)) return notANote();
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return notANote();
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > signaturesMax) return notANote();
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return notANote();
    signatures.push(signature);
  }
  return ok({ text: note.slice(0, split + 1), signatures });
}

/** A signature line without its newline; null when it is none. */
export function parseSignature(line: string): NoteSignature | null {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) };
}

/** Signatures of a note by one key: by name and id alone. */
export function signaturesBy(note: Note, key: NoteKey): NoteSignature[] {
  const id = noteKeyId(key);
  return note.signatures.filter((signature) => signature.name === key.name && signature.id === id);
}

/**
 * Whether the key signed the note. As the specification asks, one bad signature under the name and id of the key
 * spoils the note.
 */
export function isSignedBy(note: Note, key: NoteKey): boolean {
  const own = signaturesBy(note, key);
  const publicKey = publicKeyOf(key);
  return own.length > 0 && own.every(({ bytes }) => verifyEd25519(publicKey, note.text, bytes));
}

export const verifyEd25519 = (key: KeyObject, message: string, signature: Uint8Array): boolean =>
  signature.length === 64 && verify(null, Buffer.from(message), key, signature);

export const publicKeyOf = ({ publicKey }: Pick<NoteKey, 'publicKey'>): KeyObject =>
  createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });

/** SubjectPublicKeyInfo of an Ed25519 key before its 32 bytes (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const notANote = () =>
  fault('invalid-note', 'Send a signed note (C2SP signed-note): text, an empty line, signature lines.');

/** Control characters other than newline. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 && c !== 0x0a) return true;
  }
  return false;
}

const isKeyName = (name: string): boolean => name !== '' && !/[\s+]/u.test(name);

/** Bytes of canonical padded base64 (RFC 4648 §4), or null. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : null;
}
