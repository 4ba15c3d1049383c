/**
 * Merkle proofs (RFC 6962 §2.1.1 and §2.1.2): that an entry is in a tree, and that a tree begins with another.
 *
 * A proof is a list of roots of stretches of the log. Which stretches these are follows from the sizes alone; their
 * hashes come from wherever the log is kept. Verifying needs nothing but the proof (RFC 9162 §2.1.3.2, §2.1.4.2).
 *
 * Worked example, the tree of seven leaves of RFC 6962 §2.1.3:
 *   inclusion of leaf 0    leaf 1, leaves 2 to 3, leaves 4 to 6         [b, h, l]
 *   inclusion of leaf 6    leaves 4 to 5, leaves 0 to 3                 [i, k]
 *   consistency of 3       leaf 2, leaf 3, leaves 0 to 1, leaves 4 to 6 [c, d, g, l]
 */
import { emptyRoot, type Hash, nodeHash } from './merkle.ts';

/** Leaves `from` ≤ i < `until`. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Stretches whose roots prove that leaf `index` is in a tree of `size`; from the leaf upwards. */
export function inclusionStretches(index: number, size: number): Stretch[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const found: Stretch[] = [];
  let [from, until] = [0, size];
  while (until - from > 1) {
    const middle = from + split(until - from);
    if (index < middle) {
      found.push({ from: middle, until });
      until = middle;
    } else {
      found.push({ from, until: middle });
      from = middle;
    }
  }
  return found.reverse();
}

/** Stretches whose roots prove that a tree of `size` begins with one of `old`; none when they are alike or `old` is 0. */
export function consistencyStretches(old: number, size: number): Stretch[] {
  if (!(old >= 0 && old <= size)) throw new RangeError(`a tree of ${size} cannot begin with one of ${old}`);
  if (old === 0 || old === size) return [];
  const found: Stretch[] = [];
  let [from, until] = [0, size];
  while (until !== old) {
    const middle = from + split(until - from);
    if (old <= middle) {
      found.push({ from: middle, until });
      until = middle;
    } else {
      found.push({ from, until: middle });
      from = middle;
    }
  }
  // The old tree itself need not be told; a subtree of it must.
  if (from > 0) found.push({ from, until });
  return found.reverse();
}

/** Largest power of two below n. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` with that root. */
export function provesInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  const stretches = inclusionStretches(index, size);
  if (stretches.length !== proof.length) return false;
  let hash = leaf;
  for (const [i, { from }] of stretches.entries()) {
    const sibling = proof[i];
    if (sibling?.length !== 32) return false;
    hash = from > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  return equal(hash, root);
}

/** Whether `proof` shows that the tree of `size` with root `root` begins with the tree of `old` with root `oldRoot`. */
export function provesConsistency(
  old: number,
  oldRoot: Hash,
  size: number,
  root: Hash,
  proof: readonly Hash[],
): boolean {
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(size) || old < 0 || old > size) return false;
  if (old === 0) return proof.length === 0 && equal(oldRoot, emptyRoot);
  if (old === size) return proof.length === 0 && equal(oldRoot, root);
  const stretches = consistencyStretches(old, size);
  if (stretches.length !== proof.length) return false;
  // What is left of `old` goes into both roots, what is right of it only into the new one.
  const begin = stretches[0]?.until === old ? proof[0] : oldRoot;
  if (begin?.length !== 32) return false;
  let [before, now] = [begin, begin];
  for (const [i, { from, until }] of stretches.entries()) {
    const hash = proof[i];
    if (hash?.length !== 32) return false;
    if (until === old) continue;
    if (from >= old) now = nodeHash(now, hash);
    else {
      before = nodeHash(hash, before);
      now = nodeHash(hash, now);
    }
  }
  return equal(before, oldRoot) && equal(now, root);
}

const equal = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;
