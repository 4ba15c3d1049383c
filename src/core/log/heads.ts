/**
 * The heads map: of every identifier that the first `size` entries of a log name, how many of them name it and the
 * last link of its chain (unit-chain.ts). A fact `heads` commits to it by its root, so that it can be proven of an
 * identifier that so many entries, and no others, name it below that size; or that none does.
 *
 * A sparse Merkle tree, as every identifier has its place in it whether it is named or not:
 *
 *   key    = SHA-256(0x08 ‖ canonical identifier); its bits, most significant first, lead from the root down
 *   blind  = SHA-256(0x09 ‖ salt of the last fact that names the identifier, 16 bytes ‖ canonical identifier)
 *   value  = SHA-256(0x0a ‖ blind ‖ count, 8 bytes big-endian ‖ link)
 *   leaf   = SHA-256(0x0b ‖ key ‖ value)
 *   node   = SHA-256(0x01 ‖ left ‖ right); 32 zero bytes where nothing is below
 *
 * To depth 32 every place with something below is a node. From there on a place with one identifier below it is that
 * leaf, and one with several is a node. So the tree follows from the map alone, in whatever order it was made; the
 * root of an empty map is 32 zero bytes.
 *
 * A proof, in bytes:
 *
 *   kind        0 nothing is there, 1 the identifier is there, 2 another leaf stands in its place
 *   depth       how many nodes lie above the place that is shown
 *   map         a bit for each level from the root down, most significant first: 1 where the sibling is not zero;
 *               filled up with 0 to whole bytes
 *   siblings    those that are not zero, from the root down, 32 bytes each
 *   kind 1      count (8), link (32), blind (32)          kind 2      key (32), value (32) of the other
 *
 * Only one proof is right for an identifier and a root: the place shown is the highest that decides.
 *
 * What a proof tells of other identifiers. Hashes of their heads are blinded with a salt that only the ledger and
 * whoever recorded the last fact hold, so nobody finds counts or links by guessing. Zero siblings tell that no key has
 * those first bits, the others that some key has: of about one identifier of the whole map, picked by hash, somebody
 * who can guess it may so learn that it is named at all. Kind 2 tells the key of one other identifier; it happens once
 * in 2³² / (identifiers in the map) proofs, or to somebody who guessed that identifier and searched for one whose key
 * begins alike. That an identifier is named is no secret, verification tells it to everybody; how often and by which
 * entries is, and no proof of another identifier tells it.
 *
 * What a proof does not tell: that entries below `size` say what is true, or that the ledger counted right. Whoever
 * holds an entry that names the identifier and is missing in the count has shown the ledger false.
 *
 * Worked example: `00/106141412345678908`, named once, link no7t0JEyHE4vp6IwWx9X5WF4ArWl4zGeZbRsP6MUDqA (the example
 * of unit-chain.ts), salt 16 zero bytes:
 *   key    EolarZ00MwvOI_ho7VphzJn_fn-uSdYfMsxQax18VbU
 *   leaf   aSHCLHJFvIybuUhcXAaZQtWbZdejXLHFsh1havFaGTI
 *   root of a map of it alone   IQMUwZQuqM0mZBRgw0WXSIhaEgZxh-jYfpsjhmfXYpQ
 *   its proof, no siblings, 78 bytes:
 *     ASAAAAAAAAAAAAAAAAGeju3QkTIcTi-nojBbH1flYXgCtaXjMZ5ltGw_oxQOoO29AYWBkhLYlcOBNN9lTFlgDFei6khxojo6KGMy2-Rd
 *   proof that `00/106141412345678915` is not in it, one sibling, 35 bytes:
 *     AAGATdr-vqftsg2hliBR8fi5HFSOMXAifXspVkM17WwSYI4
 */
import { fault, ok, type Result } from '../../errors.ts';
import { type Hash, nodeHash, sha256 } from './merkle.ts';

/** How an identifier's chain ends: how many entries name it, and the last link. */
export interface Head {
  readonly count: number;
  readonly link: Uint8Array;
}

/** Depth to which a single identifier has nodes of its own. */
export const plainDepth = 32;
const keyBits = 256;

/** Root of a place with nothing below it. */
export const nothing: Hash = Buffer.alloc(32);
const isNothing = (hash: Hash): boolean => hash[0] === 0 && Buffer.compare(hash, nothing) === 0;

export const headKey = (epc: string): Buffer => sha256(`\x08${epc}`);

/** Hides a head from whoever would guess it. `salt` is that of the last fact that names the identifier. */
export const headBlind = (epc: string, salt: Uint8Array): Buffer =>
  sha256(Buffer.concat([blindPrefix, salt, Buffer.from(epc)]));

const blindPrefix = Buffer.from([0x09]);
const valueInput = Buffer.alloc(73);
valueInput[0] = 0x0a;
const leafInput = Buffer.alloc(65);
leafInput[0] = 0x0b;

export function headValue({ count, link }: Head, blind: Uint8Array): Buffer {
  valueInput.set(blind, 1);
  valueInput.writeBigUInt64BE(BigInt(count), 33);
  valueInput.set(link, 41);
  return sha256(valueInput);
}

export function headLeaf(key: Uint8Array, value: Uint8Array): Buffer {
  leafInput.set(key, 1);
  leafInput.set(value, 33);
  return sha256(leafInput);
}

/** Node over two places; nothing over nothing. */
export const headNode = (left: Hash, right: Hash): Hash =>
  isNothing(left) && isNothing(right) ? nothing : nodeHash(left, right);

/** The bit of a key that leads down from a node at that depth: 1 is right. */
export const keyBit = (key: Uint8Array, depth: number): number =>
  ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;

/** Siblings come from the root down; `nothing` where there is none. */
export type HeadProof = { readonly siblings: readonly Hash[] } & (
  | { readonly kind: 'present'; readonly head: Head; readonly blind: Uint8Array }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'other'; readonly key: Uint8Array; readonly value: Uint8Array }
);

const kinds = ['nothing', 'present', 'other'] as const;

export function formatHeadProof(proof: HeadProof): Buffer {
  const { kind, siblings } = proof;
  const map = Buffer.alloc(Math.ceil(siblings.length / 8));
  const shown = siblings.filter((sibling, level) => {
    if (isNothing(sibling)) return false;
    map[level >> 3] = (map[level >> 3] ?? 0) | (0x80 >> (level & 7));
    return true;
  });
  return Buffer.concat([Buffer.from([kinds.indexOf(kind), siblings.length]), map, ...shown, tailOf(proof)]);
}

function tailOf(proof: HeadProof): Uint8Array {
  switch (proof.kind) {
    case 'nothing':
      return Buffer.alloc(0);
    case 'present': {
      const count = Buffer.alloc(8);
      count.writeBigUInt64BE(BigInt(proof.head.count));
      return Buffer.concat([count, proof.head.link, proof.blind]);
    }
    case 'other':
      return Buffer.concat([proof.key, proof.value]);
  }
}

/** Reads what `formatHeadProof` wrote; nothing is verified yet. Fault: `invalid-note`. */
export function parseHeadProof(bytes: Uint8Array): Result<HeadProof> {
  const [kindByte = kinds.length, depth = 0] = bytes;
  const kind = kinds[kindByte];
  const mapEnd = 2 + Math.ceil(depth / 8);
  if (kind === undefined || bytes.length < mapEnd) return notAProof();
  const map = bytes.subarray(2, mapEnd);
  const siblings: Hash[] = [];
  let at = mapEnd;
  for (let level = 0; level < map.length * 8; level++) {
    const shown = keyBit(map, level) === 1;
    if (level >= depth) {
      if (shown) return notAProof();
      continue;
    }
    const sibling = shown ? bytes.subarray(at, at + 32) : nothing;
    // A sibling that is zero is not shown.
    if (shown && (sibling.length !== 32 || isNothing(sibling))) return notAProof();
    siblings.push(sibling);
    if (shown) at += 32;
  }
  return parseTail(kind, siblings, Buffer.from(bytes.subarray(at)));
}

function parseTail(kind: HeadProof['kind'], siblings: readonly Hash[], tail: Buffer): Result<HeadProof> {
  switch (kind) {
    case 'nothing':
      return tail.length === 0 ? ok({ kind, siblings }) : notAProof();
    case 'present': {
      if (tail.length !== 72) return notAProof();
      const count = Number(tail.readBigUInt64BE());
      if (!Number.isSafeInteger(count) || count === 0) return notAProof();
      return ok({ kind, siblings, head: { count, link: tail.subarray(8, 40) }, blind: tail.subarray(40) });
    }
    case 'other':
      if (tail.length !== 64) return notAProof();
      return ok({ kind, siblings, key: tail.subarray(0, 32), value: tail.subarray(32) });
  }
}

/**
 * What a proof shows of an identifier under a root: its head, or null when no entry names it. Faults: `invalid-note`
 * when it cannot be read, or shows nothing of the kind.
 */
export function checkHeadProof(epc: string, bytes: Uint8Array, root: Hash): Result<Head | null> {
  const read = parseHeadProof(bytes);
  if (!read.ok) return read;
  const proof = read.value;
  const key = headKey(epc);
  const place = placeShown(key, proof);
  if (place === null || Buffer.compare(rootOver(key, place, proof.siblings), root) !== 0)
    return fault('invalid-note', `This is no proof about ${epc} under the root that it is checked against.`);
  return ok(proof.kind === 'present' ? proof.head : null);
}

/** What stands where the proof ends; null where it cannot end so. */
function placeShown(key: Uint8Array, proof: HeadProof): Hash | null {
  const depth = proof.siblings.length;
  const last = proof.siblings.at(-1);
  // With nothing beside it, the place above would have decided already.
  const decides = last === undefined || !isNothing(last);
  switch (proof.kind) {
    case 'nothing':
      return decides ? nothing : null;
    case 'present':
      if (depth < plainDepth || (depth > plainDepth && !decides)) return null;
      return headLeaf(key, headValue(proof.head, proof.blind));
    case 'other':
      if (depth < plainDepth || (depth > plainDepth && !decides)) return null;
      return alike(key, proof.key, depth) ? headLeaf(proof.key, proof.value) : null;
  }
}

/** Whether another key leads to the same place at a depth. */
function alike(key: Uint8Array, other: Uint8Array, depth: number): boolean {
  for (let level = 0; level < depth; level++) if (keyBit(key, level) !== keyBit(other, level)) return false;
  return Buffer.compare(key, other) !== 0;
}

function rootOver(key: Uint8Array, place: Hash, siblings: readonly Hash[]): Hash {
  let hash = place;
  for (let level = Math.min(siblings.length, keyBits) - 1; level >= 0; level--) {
    const sibling = siblings[level] ?? nothing;
    hash = keyBit(key, level) === 1 ? headNode(sibling, hash) : headNode(hash, sibling);
  }
  return hash;
}

const notAProof = () => fault('invalid-note', 'Send a proof about a head as the ledger gave it.');
