/**
 * Merkle tree hashes (RFC 6962 §2.1, unchanged in RFC 9162 §2.1).
 *
 *   leaf(d)        = SHA-256(0x00 ‖ d)
 *   node(l, r)     = SHA-256(0x01 ‖ l ‖ r)
 *   root of none   = SHA-256("")
 *   root of n > 1  = node(root of the first k, root of the rest), k the largest power of two below n
 *
 * A *frontier* is what a growing tree needs to remember: the roots of the perfect subtrees that its size in
 * binary is made of, largest first. Size 7 = 4 + 2 + 1 has three. Example: with leaves of "", 0x00, 0x10 the
 * roots of sizes 0 to 3 are e3b0c442…, 6e340b9c…, fac54203…, aeb6bcfe… (the vectors of the certificate
 * transparency project).
 */
import { hash } from 'node:crypto';

export type Hash = Uint8Array;

/**
 * SHA-256 over bytes or the UTF-8 of a string. By way of a string of bytes: such buffers share their memory, where
 * those that `hash` makes itself have each its own, which takes half as long again and far longer to free.
 */
export const sha256 = (data: Uint8Array | string): Buffer =>
  Buffer.from(hash('sha256', data, 'binary'), 'latin1');

export const emptyRoot: Hash = sha256('');

/** Leaf hash of bytes or of the UTF-8 of a string. */
export const leafHash = (data: Uint8Array | string): Buffer =>
  typeof data === 'string' ? sha256(`\0${data}`) : sha256(Buffer.concat([leafPrefix, data]));

const leafPrefix = Buffer.from([0x00]);
const nodeInput = Buffer.alloc(65);
nodeInput[0] = 0x01;

/** Hash of an inner node over its two children, 32 bytes each. */
export function nodeHash(left: Hash, right: Hash): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}

export interface Frontier {
  readonly size: number;
  /** Roots of the perfect subtrees, largest first: as many as `size` has one bits. */
  readonly peaks: readonly Hash[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

/** The frontier after more leaf hashes. */
export function appendLeaves(frontier: Frontier, leaves: readonly Hash[]): Frontier {
  const peaks = [...frontier.peaks];
  let size = frontier.size;
  for (const leaf of leaves) {
    let top: Hash = leaf;
    // Every trailing one bit of the size is a finished subtree as large as the one on top: join them.
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = peaks.pop();
      if (left === undefined) throw new Error(`frontier of size ${size} lacks a peak`);
      top = nodeHash(left, top);
    }
    peaks.push(top);
    size++;
  }
  return { size, peaks };
}

/** The root hash of the tree a frontier stands for. */
export function frontierRoot({ peaks }: Frontier): Hash {
  const last = peaks.at(-1);
  if (last === undefined) return emptyRoot;
  return peaks.slice(0, -1).reduceRight<Hash>((right, left) => nodeHash(left, right), last);
}

/** Root over leaf hashes that are all at hand. */
export const merkleRoot = (leaves: readonly Hash[]): Hash =>
  frontierRoot(appendLeaves(emptyFrontier, leaves));

/** A frontier as bytes: its peaks one after the other, 32 bytes each. */
export const formatFrontier = ({ peaks }: Frontier): Buffer => Buffer.concat(peaks);

/** Reads what `formatFrontier` wrote; throws when the bytes do not fit the size. */
export function parseFrontier(size: number, bytes: Uint8Array): Frontier {
  const peaks: Hash[] = [];
  for (let i = 0; i < bytes.length; i += 32) peaks.push(bytes.subarray(i, i + 32));
  if (bytes.length % 32 !== 0 || peaks.length !== oneBits(size))
    throw new Error(`a frontier of ${bytes.length} bytes does not fit a tree of ${size} leaves`);
  return { size, peaks };
}

function oneBits(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

/** Width of a tile: hashes of one level that are stored together (C2SP tlog-tiles). */
export const tileWidth = 256;

/** The hash a full tile contributes to the level above: the root over its 256 hashes. */
export const tileRoot = (hashes: readonly Hash[]): Hash => merkleRoot(hashes);
