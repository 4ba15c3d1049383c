/**
 * Log entries: RFC 8785 canonical JSON of what the public log says of one fact. It says nothing of who or what.
 *
 *   {"at":"2026-01-02T03:04:05.678Z","digest":"<b64url>","prev":"<b64url>","seq":1,"v":1}
 *
 * `prev` is the leaf hash of the entry before; for entry 0 it is SHA-256(origin). `at` never runs backwards:
 * it is the later of the clock and the `at` before. Leaf hash = SHA-256(0x00 ‖ entry bytes) (RFC 6962 §2.1).
 *
 * Worked example, origin `example.org/log`, digest of 32 zero bytes, seq 0, at 2026-01-02T03:04:05.678Z:
 *   prev  = 0t3WaJn9Fb6tCK93zxbh_akuvqrPHFb5fTI4iRDo-ZE
 *   leaf  = hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg
 */
import { hash } from 'node:crypto';
import { leafHash, sha256 } from './merkle.ts';

export interface Entry {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** 32 bytes: digest of the fact. */
  readonly digest: Uint8Array;
  /** 32 bytes: leaf hash of the entry before. */
  readonly prev: Uint8Array;
}

/** `prev` of entry 0. */
export const originHash = (origin: string): Buffer => sha256(origin);

/** RFC 3339 UTC with milliseconds. Entries that were written together bear one time, so the last text is kept. */
export function formatAt(at: number): string {
  if (at !== latest.at) latest = { at, text: new Date(at).toISOString() };
  return latest.text;
}
let latest = { at: 0, text: '1970-01-01T00:00:00.000Z' };

/** The canonical text of an entry; every member is ASCII and the names are already in order. */
export const formatEntry = (entry: Entry): string =>
  entryText(formatAt(entry.at), base64url(entry.digest), base64url(entry.prev), entry.seq);

const entryText = (at: string, digest: string, prev: string, seq: number): string =>
  `{"at":"${at}","digest":"${digest}","prev":"${prev}","seq":${seq},"v":1}`;

/** The leaf hash of an entry, which the next entry carries as `prev`. */
export const entryLeaf = (entry: Entry): Buffer => leafHash(formatEntry(entry));

/** The same from and to the words of the text: `at` as `formatAt` writes it, hashes as base64url. */
export const leafOfWords = (at: string, digest: string, prev: string, seq: number): string =>
  hash('sha256', `\0${entryText(at, digest, prev, seq)}`, 'base64url');

/** Base64url without padding (RFC 4648 §5). */
export const base64url = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(
    'base64url',
  );

/** A fact as it becomes an entry. */
export interface Numbered {
  readonly entry: Entry;
  readonly leaf: Buffer;
}

/** Numbers digests in order after the entry (`size` − 1) whose leaf hash and time are given. */
export function numberEntries(
  head: { readonly size: number; readonly at: number; readonly leaf: Uint8Array },
  now: number,
  digests: readonly Uint8Array[],
): Numbered[] {
  const at = Math.max(head.at, now);
  let prev = head.leaf;
  return digests.map((digest, i) => {
    const entry = { seq: head.size + i, at, digest, prev };
    const leaf = entryLeaf(entry);
    prev = leaf;
    return { entry, leaf };
  });
}
