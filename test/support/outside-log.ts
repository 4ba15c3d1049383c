/** A log of somebody else, as much of it as a witness sees: a key, and a tree that grows. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { formatCheckpoint } from '../../src/core/log/checkpoint.ts';
import { leafHash, merkleRoot } from '../../src/core/log/merkle.ts';
import { consistencyStretches } from '../../src/core/log/merkle-proof.ts';
import { formatNote, type NoteKey, noteKeyId, signatureTypes } from '../../src/core/log/note.ts';
import { formatAddCheckpoint } from '../../src/core/log/tlog-witness.ts';

/** An Ed25519 key under a name in signed notes. */
export function noteKeyPair(name: string, type: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const key: NoteKey = { name, type, publicKey: bytes };
  return { key, sign: (text: string) => sign(null, Buffer.from(text), privateKey) };
}

export function outsideLog(origin: string, seed = origin) {
  const pair = noteKeyPair(origin, signatureTypes.ed25519);
  const leaves = Array.from({ length: 100 }, (_, i) => leafHash(`${seed} ${i}`));
  const root = (size: number) => merkleRoot(leaves.slice(0, size));
  const note = (size: number, signer = pair, text = formatCheckpoint({ origin, size, root: root(size) })) =>
    formatNote({
      text,
      signatures: [{ name: signer.key.name, id: noteKeyId(signer.key), bytes: signer.sign(text) }],
    });
  const proof = (old: number, size: number) =>
    consistencyStretches(old, size).map(({ from, until }) => merkleRoot(leaves.slice(from, until)));
  return {
    key: pair.key,
    root,
    note,
    proof,
    /** Body of `add-checkpoint`. */
    request: (old: number, size: number) =>
      formatAddCheckpoint({ old, proof: proof(old, size), checkpoint: note(size) }),
  };
}
