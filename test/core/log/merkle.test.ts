import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  appendLeaves,
  emptyFrontier,
  formatFrontier,
  frontierRoot,
  type Hash,
  leafHash,
  merkleRoot,
  nodeHash,
  parseFrontier,
} from '../../../src/core/log/merkle.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The definition of RFC 6962 §2.1, word for word, over leaf inputs. */
function naiveRoot(inputs: readonly Uint8Array[]): Buffer {
  const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = inputs;
  if (only === undefined) return sha();
  if (inputs.length === 1) return sha(Buffer.from([0]), only);
  let k = 1;
  while (k * 2 < inputs.length) k *= 2;
  return sha(Buffer.from([1]), naiveRoot(inputs.slice(0, k)), naiveRoot(inputs.slice(k)));
}

t.test('the test vectors of the certificate transparency project', async (t) => {
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const roots = inputs.map((_, i) =>
    hex(merkleRoot(inputs.slice(0, i + 1).map((input) => leafHash(Buffer.from(input, 'hex'))))),
  );
  t.same(roots, [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]);
  t.equal(hex(merkleRoot([])), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

t.test('a frontier grown in any steps has the root of the definition', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 9 }), { maxLength: 9 }),
      (groups) => {
        let frontier = emptyFrontier;
        for (const group of groups) {
          const before = parseFrontier(frontier.size, formatFrontier(frontier));
          frontier = appendLeaves(before, group.map(leafHash));
        }
        const all = groups.flat();
        return frontier.size === all.length && hex(frontierRoot(frontier)) === hex(naiveRoot(all));
      },
    ),
    { numRuns: 300 },
  );
  t.pass('300 random growths');
});

t.test('a frontier of the wrong length is refused', async (t) => {
  const one: Hash = leafHash('x');
  t.throws(() => parseFrontier(3, one), /does not fit/);
  t.throws(() => parseFrontier(1, Buffer.alloc(31)), /does not fit/);
  t.doesNotThrow(() => parseFrontier(4, one));
});

t.test('a node is not a leaf: the prefixes keep them apart', async (t) => {
  const left = leafHash('a');
  const right = leafHash('b');
  t.notSame(nodeHash(left, right), leafHash(Buffer.concat([left, right])));
});
