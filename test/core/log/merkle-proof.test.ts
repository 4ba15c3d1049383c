import fc from 'fast-check';
import t from 'tap';
import { type Hash, leafHash, merkleRoot, nodeHash } from '../../../src/core/log/merkle.ts';
import {
  consistencyStretches,
  inclusionStretches,
  provesConsistency,
  provesInclusion,
} from '../../../src/core/log/merkle-proof.ts';

const leaves = Array.from({ length: 300 }, (_, i) => leafHash(`leaf ${i}`));
const rootOf = ({ from, until }: { from: number; until: number }): Hash =>
  merkleRoot(leaves.slice(from, until));

/** RFC 6962 §2.1.1, as it is written. */
function path(m: number, d: readonly Hash[]): Hash[] {
  if (d.length === 1) return [];
  const k = 2 ** Math.floor(Math.log2(d.length - 1));
  return m < k
    ? [...path(m, d.slice(0, k)), merkleRoot(d.slice(k))]
    : [...path(m - k, d.slice(k)), merkleRoot(d.slice(0, k))];
}

/** RFC 6962 §2.1.2, as it is written. */
function subproof(m: number, d: readonly Hash[], whole: boolean): Hash[] {
  if (m === d.length) return whole ? [] : [merkleRoot(d)];
  const k = 2 ** Math.floor(Math.log2(d.length - 1));
  return m <= k
    ? [...subproof(m, d.slice(0, k), whole), merkleRoot(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), merkleRoot(d.slice(0, k))];
}

t.test('the examples of RFC 6962 §2.1.3', async (t) => {
  const told = (list: { from: number; until: number }[]) => list.map(({ from, until }) => [from, until]);
  t.same(told(inclusionStretches(0, 7)), [
    [1, 2],
    [2, 4],
    [4, 7],
  ]);
  t.same(told(inclusionStretches(3, 7)), [
    [2, 3],
    [0, 2],
    [4, 7],
  ]);
  t.same(told(inclusionStretches(6, 7)), [
    [4, 6],
    [0, 4],
  ]);
  t.same(told(consistencyStretches(3, 7)), [
    [2, 3],
    [3, 4],
    [0, 2],
    [4, 7],
  ]);
  t.same(told(consistencyStretches(4, 7)), [[4, 7]]);
  t.same(told(consistencyStretches(6, 7)), [
    [4, 6],
    [6, 7],
    [0, 4],
  ]);
});

t.test('proofs are those of the recursive definition, and prove', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, a, b) => {
      const tree = leaves.slice(0, size);
      const root = merkleRoot(tree);
      const index = a % size;
      const inclusion = inclusionStretches(index, size).map(rootOf);
      t.same(inclusion, path(index, tree));
      t.ok(provesInclusion(tree[index] ?? root, index, size, inclusion, root));
      const old = 1 + (b % size);
      const oldRoot = merkleRoot(tree.slice(0, old));
      const consistency = consistencyStretches(old, size).map(rootOf);
      t.same(consistency, subproof(old, tree, true));
      t.ok(provesConsistency(old, oldRoot, size, root, consistency));
    }),
    { numRuns: 60 },
  );
});

t.test('a proof that is changed anywhere proves nothing', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), fc.nat(), (size, a, b, bit) => {
      const tree = leaves.slice(0, size);
      const root = merkleRoot(tree);
      const flip = (hash: Hash): Hash => {
        const copy = Buffer.from(hash);
        copy[bit % 32] = (copy[bit % 32] ?? 0) ^ (1 << (bit % 8));
        return copy;
      };
      const index = a % size;
      const leaf = tree[index] ?? root;
      const inclusion = inclusionStretches(index, size).map(rootOf);
      const at = b % inclusion.length;
      t.notOk(provesInclusion(leaf, index, size, inclusion.with(at, flip(inclusion[at] ?? root)), root));
      t.notOk(provesInclusion(flip(leaf), index, size, inclusion, root));
      t.notOk(provesInclusion(leaf, index, size, inclusion, flip(root)));
      t.notOk(provesInclusion(leaf, index, size, inclusion.slice(1), root));
      t.notOk(provesInclusion(leaf, index, size, [...inclusion, root], root));
      t.notOk(provesInclusion(leaf, (index + 1) % size, size, inclusion, root));
      t.notOk(provesInclusion(leaf, size, size, inclusion, root));
      const old = 1 + (b % (size - 1));
      const oldRoot = merkleRoot(tree.slice(0, old));
      const consistency = consistencyStretches(old, size).map(rootOf);
      const which = a % consistency.length;
      t.notOk(
        provesConsistency(
          old,
          oldRoot,
          size,
          root,
          consistency.with(which, flip(consistency[which] ?? root)),
        ),
      );
      t.notOk(provesConsistency(old, flip(oldRoot), size, root, consistency));
      t.notOk(provesConsistency(old, oldRoot, size, flip(root), consistency));
      t.notOk(provesConsistency(old, oldRoot, size, root, [...consistency, root]));
    }),
    { numRuns: 60 },
  );
});

t.test('the ends: nothing, everything, and what cannot be', async (t) => {
  const root = merkleRoot(leaves.slice(0, 5));
  const empty = merkleRoot([]);
  t.ok(provesConsistency(0, empty, 5, root, []));
  t.notOk(provesConsistency(0, root, 5, root, []));
  t.notOk(provesConsistency(0, empty, 5, root, [root]));
  t.ok(provesConsistency(5, root, 5, root, []));
  t.notOk(provesConsistency(5, root, 5, nodeHash(root, root), []));
  t.notOk(provesConsistency(6, root, 5, root, []));
  t.notOk(provesConsistency(Number.NaN, root, 5, root, []));
  t.notOk(provesInclusion(root, -1, 5, [], root));
  t.notOk(provesInclusion(root, 0.5, 5, [], root));
  t.ok(provesInclusion(root, 0, 1, [], root));
  t.throws(() => inclusionStretches(5, 5), RangeError);
  t.throws(() => consistencyStretches(6, 5), RangeError);
});
