/**
 * The tree of heads.ts as it is kept: the first 16 bits of a key name one of 65,536 buckets, 256 of them make a tile,
 * and 256 tiles the top. An identifier that changes costs its bucket, its tile and the top. How it is kept is no part
 * of the format: the root follows from the leaves alone.
 *
 * A bucket is a list of records of 97 bytes, in order of key:
 *
 *   key (32), value (32), depth (1), place (32)
 *
 * `place` is the hash of the highest place, at `depth`, that the leaf has for itself. It stays while nobody comes
 * near, so a bucket of n records with one change costs n hashes and not all those down to depth 32.
 */
import { type Head, type HeadProof, headLeaf, headNode, keyBit, nothing, plainDepth } from './heads.ts';
import type { Hash } from './merkle.ts';

const bucketBits = 16;
/** Buckets to a tile, and tiles to the top. */
export const headTileWidth = 256;
const recordBytes = 97;

/** An identifier whose head changed, or is new. */
export interface HeadChange {
  readonly key: Uint8Array;
  readonly value: Hash;
}

interface Slot extends HeadChange {
  depth: number;
  place: Hash;
}

/** Number of the bucket that a key belongs to. */
export const bucketOf = (key: Uint8Array): number => ((key[0] ?? 0) << 8) | (key[1] ?? 0);

export interface Bucket {
  readonly bytes: Buffer;
  readonly root: Hash;
  /** Identifiers that were not in it before. */
  readonly added: number;
}

/** A bucket after changes; those of one bucket, each key once. */
export function changeBucket(bytes: Uint8Array, changes: readonly HeadChange[]): Bucket {
  const slots = new Map<string, Slot>();
  for (const slot of readBucket(bytes)) slots.set(nameOf(slot.key), slot);
  const before = slots.size;
  for (const { key, value } of changes) slots.set(nameOf(key), { key, value, depth: 0, place: nothing });
  const sorted = [...slots.values()].sort((a, b) => Buffer.compare(a.key, b.key));
  const root = placeAt(sorted, bucketBits);
  return { bytes: writeBucket(sorted), root, added: sorted.length - before };
}

/** Root of a bucket from its leaves alone. */
export const bucketRoot = (bytes: Uint8Array): Hash =>
  placeAt(
    readBucket(bytes).map((slot) => ({ ...slot, depth: 0 })),
    bucketBits,
  );

/** Key of the first identifier that stands in a bucket, and not alike in another; null when all do. */
export function firstMissing(bytes: Uint8Array, other: Uint8Array): Uint8Array | null {
  for (let at = 0; at < bytes.length; at += recordBytes) {
    const record = bytes.subarray(at, at + 64);
    if (Buffer.compare(record, other.subarray(at, at + 64)) !== 0) return record.subarray(0, 32);
  }
  return null;
}

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1');

function readBucket(bytes: Uint8Array): Slot[] {
  if (bytes.length % recordBytes !== 0) throw new Error(`a bucket of ${bytes.length} bytes`);
  return Array.from({ length: bytes.length / recordBytes }, (_, i) => {
    const record = bytes.subarray(i * recordBytes, (i + 1) * recordBytes);
    return {
      key: record.subarray(0, 32),
      value: record.subarray(32, 64),
      depth: record[64] ?? 0,
      place: record.subarray(65),
    };
  });
}

function writeBucket(slots: readonly Slot[]): Buffer {
  const bytes = Buffer.alloc(slots.length * recordBytes);
  slots.forEach(({ key, value, depth, place }, i) => {
    const at = i * recordBytes;
    bytes.set(key, at);
    bytes.set(value, at + 32);
    bytes[at + 64] = depth;
    bytes.set(place, at + 65);
  });
  return bytes;
}

/** Hash of the place at a depth below which these slots are, sorted by key. */
function placeAt(slots: readonly Slot[], depth: number): Hash {
  const [only, second] = slots;
  if (only === undefined) return nothing;
  if (second === undefined) return placeOf(only, depth);
  const middle = firstRight(slots, depth);
  return headNode(placeAt(slots.slice(0, middle), depth + 1), placeAt(slots.slice(middle), depth + 1));
}

/** The place at a depth that a slot has for itself. */
function placeOf(slot: Slot, depth: number): Hash {
  const top = Math.min(depth, plainDepth);
  if (slot.depth !== top) {
    let hash: Hash = headLeaf(slot.key, slot.value);
    for (let level = plainDepth - 1; level >= depth; level--)
      hash = keyBit(slot.key, level) === 1 ? headNode(nothing, hash) : headNode(hash, nothing);
    slot.depth = top;
    slot.place = hash;
  }
  return slot.place;
}

/** Index of the first slot that lies right of a node at a depth. */
function firstRight(slots: readonly Slot[], depth: number): number {
  const found = slots.findIndex(({ key }) => keyBit(key, depth) === 1);
  return found === -1 ? slots.length : found;
}

/**
 * The way to a key: siblings from the root of the map down to the place that decides, and the leaf that stands there.
 * `top` are the roots of all tiles, `tile` those of the buckets in the key's tile, `bucket` its bucket.
 */
export const pathTo = (
  key: Uint8Array,
  kept: { readonly top: Uint8Array; readonly tile: Uint8Array; readonly bucket: Uint8Array },
): HeadPath => pathsIn({ top: kept.top, tileAt: () => kept.tile, bucketAt: () => kept.bucket })(key);

/** The same for many keys of one map, by number of tile and bucket: what the ways share is hashed once. */
export function pathsIn(kept: {
  readonly top: Uint8Array;
  tileAt(n: number): Uint8Array;
  bucketAt(n: number): Uint8Array;
}): (key: Uint8Array) => HeadPath {
  const top = levelsOf(kept.top);
  const tiles = new Map<number, Hash[][]>();
  return (key) => {
    const [tile, bucket] = [key[0] ?? 0, key[1] ?? 0];
    const levels = tiles.get(tile) ?? levelsOf(kept.tileAt(tile));
    tiles.set(tile, levels);
    const within = bucketPath(kept.bucketAt(bucketOf(key)), key);
    const siblings = [...tilePath(top, tile), ...tilePath(levels, bucket), ...within.siblings];
    // A place with nothing in it and nothing beside it is not the highest that decides.
    if (within.leaf === null)
      while (siblings.length > 0 && siblings.at(-1)?.every((byte) => byte === 0)) siblings.pop();
    return { siblings, leaf: within.leaf };
  };
}

export interface HeadPath {
  readonly siblings: Hash[];
  readonly leaf: HeadChange | null;
}

/** Whether a way ends at the leaf of its key, and so whether anything names the identifier. */
export const leadsTo = ({ leaf }: HeadPath, key: Uint8Array): boolean =>
  leaf !== null && Buffer.compare(leaf.key, key) === 0;

/** What a way proves. `end` is how the identifier's chain ends, with its blind, when the way leads to its leaf. */
export function proofOf(
  { siblings, leaf }: HeadPath,
  end: { readonly head: Head; readonly blind: Uint8Array } | null,
): HeadProof {
  if (end !== null) return { kind: 'present', siblings, ...end };
  return leaf === null ? { kind: 'nothing', siblings } : { kind: 'other', siblings, ...leaf };
}

function bucketPath(bytes: Uint8Array, key: Uint8Array): HeadPath {
  let slots: readonly Slot[] = readBucket(bytes);
  const siblings: Hash[] = [];
  for (let depth = bucketBits; slots.length > 1 || (slots.length === 1 && depth < plainDepth); depth++) {
    const middle = firstRight(slots, depth);
    const [left, right] = [slots.slice(0, middle), slots.slice(middle)];
    const goRight = keyBit(key, depth) === 1;
    siblings.push(placeAt(goRight ? left : right, depth + 1));
    slots = goRight ? right : left;
  }
  return { siblings, leaf: slots[0] ?? null };
}

/** Root over the 256 hashes of a tile, or of the top, one after the other. */
export const tileOfHeadsRoot = (hashes: Uint8Array): Hash => levelsOf(hashes).at(-1)?.[0] ?? nothing;

/** Siblings on the way to hash `index` of a tile, from the tile's root down. */
const tilePath = (levels: readonly Hash[][], index: number): Hash[] =>
  levels
    .slice(0, -1)
    .map((level, height) => level[(index >> height) ^ 1] ?? nothing)
    .reverse();

/** All levels of the tree over a tile's hashes, its root last. */
function levelsOf(hashes: Uint8Array): Hash[][] {
  if (hashes.length !== headTileWidth * 32) throw new Error(`a tile of ${hashes.length} bytes`);
  let level: Hash[] = Array.from({ length: headTileWidth }, (_, i) => hashes.subarray(i * 32, i * 32 + 32));
  const levels = [level];
  while (level.length > 1) {
    const below = level;
    level = Array.from({ length: below.length / 2 }, (_, i) =>
      headNode(below[2 * i] ?? nothing, below[2 * i + 1] ?? nothing),
    );
    levels.push(level);
  }
  return levels;
}
