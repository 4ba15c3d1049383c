import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import {
  checkHeadProof,
  formatHeadProof,
  headBlind,
  headKey,
  headLeaf,
  headValue,
  parseHeadProof,
} from '../../../src/core/log/heads.ts';
import {
  bucketOf,
  bucketRoot,
  changeBucket,
  headTileWidth,
  pathTo,
  tileOfHeadsRoot,
} from '../../../src/core/log/heads-tree.ts';
import { bits, type Named, naiveRoot } from '../../support/naive-heads.ts';
import { sha256 } from '../../support/naive-log.ts';

const zero = Buffer.alloc(32);
const byte = (n: number): Buffer => Buffer.from([n]);
const b64 = (text: string): Buffer => Buffer.from(text, 'base64url');

/** The map as the ledger keeps it. */
class Kept {
  readonly buckets = new Map<number, Buffer>();
  readonly tiles = Array.from({ length: headTileWidth }, () => Buffer.alloc(headTileWidth * 32));
  readonly top = Buffer.alloc(headTileWidth * 32);
  count = 0;

  change(heads: Iterable<readonly [string, Named]>): void {
    const byBucket = new Map<number, Map<string, { key: Buffer; value: Buffer }>>();
    for (const [epc, head] of heads) {
      const key = headKey(epc);
      const value = headValue(head, headBlind(epc, head.salt));
      const list = byBucket.get(bucketOf(key)) ?? new Map();
      byBucket.set(bucketOf(key), list.set(epc, { key, value }));
    }
    for (const [bucket, changes] of byBucket) {
      const before = this.buckets.get(bucket) ?? Buffer.alloc(0);
      const { bytes, root, added } = changeBucket(before, [...changes.values()]);
      if (Buffer.compare(bucketRoot(bytes), root) !== 0) throw new Error('places were kept that are no more');
      this.count += added;
      this.buckets.set(bucket, bytes);
      this.tiles[bucket >> 8]?.set(root, (bucket & 255) * 32);
    }
    for (const tile of new Set([...byBucket.keys()].map((bucket) => bucket >> 8)))
      this.top.set(tileOfHeadsRoot(this.tiles[tile] ?? zero), tile * 32);
  }

  get root(): Buffer {
    return Buffer.from(tileOfHeadsRoot(this.top));
  }

  prove(epc: string, named: Named | undefined): Buffer {
    const key = headKey(epc);
    const bucket = this.buckets.get(bucketOf(key)) ?? Buffer.alloc(0);
    const { siblings, leaf } = pathTo(key, { top: this.top, tile: this.tiles[key[0] ?? 0] ?? zero, bucket });
    if (leaf === null) return formatHeadProof({ kind: 'nothing', siblings });
    if (named !== undefined)
      return formatHeadProof({
        kind: 'present',
        siblings,
        head: named,
        blind: headBlind(epc, named.salt),
      });
    return formatHeadProof({ kind: 'other', siblings, ...leaf });
  }
}

const unit = (n: number | string): string => `01/06901234567892/21/N${n}`;
/** Keys of each pair begin with the same 32 bits. */
const near = [
  [58293, 123978],
  [155789, 172844],
  [166366, 181035],
].map((pair) => pair.map(unit));
const someHead = fc.record({
  count: fc.integer({ min: 1, max: 2 ** 40 }),
  link: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((it) => Buffer.from(it)),
  salt: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((it) => Buffer.from(it)),
});
const someUnit = fc.oneof(fc.integer({ min: 0, max: 300 }).map(unit), fc.constantFrom(...near.flat()));
const someMap = fc.array(fc.tuple(someUnit, someHead), { maxLength: 80 });

t.test('the worked example of heads.ts', async (t) => {
  const text = readFileSync(new URL(import.meta.resolve('#root/src/core/log/heads.ts')), 'utf8');
  const epc = '00/106141412345678908';
  const head = { count: 1, link: b64('no7t0JEyHE4vp6IwWx9X5WF4ArWl4zGeZbRsP6MUDqA'), salt: Buffer.alloc(16) };
  const kept = new Kept();
  t.same(kept.root, zero, 'an empty map');
  t.same(kept.prove(epc, undefined), Buffer.from([0, 0]));
  t.same(checkHeadProof(epc, Buffer.from([0, 0]), zero), { ok: true, value: null });
  kept.change([[epc, head]]);
  const key = headKey(epc);
  t.same(kept.root, naiveRoot(new Map([[epc, head]])));
  for (const bytes of [
    key,
    headLeaf(key, headValue(head, headBlind(epc, head.salt))),
    kept.root,
    kept.prove(epc, head),
    kept.prove('00/106141412345678915', undefined),
  ])
    t.ok(text.includes(` ${bytes.toString('base64url')}\n`), bytes.toString('base64url'));
});

t.test('kept step by step, the map has the root of its definition and proves everything', async () => {
  fc.assert(
    fc.property(
      fc.array(someMap, { maxLength: 4 }),
      fc.array(someUnit, { maxLength: 20 }),
      (steps, asked) => {
        const kept = new Kept();
        const model = new Map<string, Named>();
        for (const step of steps) {
          kept.change(step);
          for (const [epc, head] of step) model.set(epc, head);
          if (!kept.root.equals(naiveRoot(model)) || kept.count !== model.size) return false;
        }
        for (const epc of [...asked, ...near.flat(), ...model.keys()]) {
          const named = model.get(epc);
          const proof = kept.prove(epc, named);
          const read = checkHeadProof(epc, proof, kept.root);
          if (!read.ok || read.value?.count !== named?.count) return false;
          if (named !== undefined && Buffer.compare(read.value?.link ?? zero, named.link) !== 0) return false;
        }
        return true;
      },
    ),
    { numRuns: 20 },
  );
});

t.test('whatever byte of a proof is changed, it proves nothing', async (t) => {
  const kept = new Kept();
  const heads = fc.sample(fc.tuple(someHead), 310).map(([head]) => head);
  const named = new Map(
    heads.map((head, i) => [i < 300 ? unit(i) : (near[i - 300]?.[0] ?? unit(`O${i}`)), head]),
  );
  kept.change(named);
  const proofs: [string, Buffer][] = [];
  for (const epc of [unit(0), ...near.flat().slice(0, 2), unit(301)])
    proofs.push([epc, kept.prove(epc, named.get(epc))]);
  const kinds = new Set(proofs.map(([, proof]) => proof[0]));
  t.same(kinds, new Set([0, 1, 2]), 'proofs of every kind');
  for (const [epc, proof] of proofs) {
    t.ok(checkHeadProof(epc, proof, kept.root).ok);
    const proves = (bytes: Uint8Array): boolean => checkHeadProof(epc, bytes, kept.root).ok;
    for (let at = 0; at < proof.length; at++)
      for (let value = 1; value < 256; value += at < 6 ? 1 : 97) {
        const altered = Buffer.from(proof);
        altered[at] = (proof[at] ?? 0) ^ value;
        if (proves(altered)) t.fail(`${epc}: byte ${at} changed by ${value}`);
      }
    for (let at = 0; at < proof.length; at++)
      if (proves(proof.subarray(0, at))) t.fail(`${epc}: cut off at ${at}`);
    t.notOk(proves(Buffer.concat([proof, byte(0)])), 'longer');
    t.notOk(checkHeadProof(epc, proof, Buffer.from(kept.root).fill(1, 31)).ok, 'another root');
    t.notOk(checkHeadProof(unit('X'), proof, kept.root).ok, 'another identifier');
  }
});

t.test('no two answers are right: a proof of the higher or lower place is refused', async (t) => {
  const kept = new Kept();
  const [[pair = '', twin = ''] = []] = near;
  const [head] = fc.sample(someHead, 1);
  if (head === undefined) throw new Error('no head');
  kept.change([[pair, head]]);
  const absent = parseHeadProof(kept.prove(unit(1), undefined));
  if (!absent.ok || absent.value.kind !== 'nothing') return t.fail('nothing is there');
  const lower = formatHeadProof({ kind: 'nothing', siblings: [...absent.value.siblings, zero] });
  t.notOk(checkHeadProof(unit(1), lower, kept.root).ok, 'nothing below nothing');
  const present = parseHeadProof(kept.prove(pair, head));
  if (!present.ok || present.value.kind !== 'present') return t.fail('it is there');
  const deeper = formatHeadProof({ ...present.value, siblings: [...present.value.siblings, zero] });
  t.notOk(checkHeadProof(pair, deeper, kept.root).ok);
  const value = headValue(head, headBlind(pair, head.salt));
  const { siblings } = present.value;
  const itself = formatHeadProof({ kind: 'other', siblings, key: headKey(pair), value });
  t.notOk(checkHeadProof(pair, itself, kept.root).ok, 'its own leaf is no other');
  t.ok(checkHeadProof(twin, itself, kept.root).ok, 'of its twin it is');
});

t.test('anything else is refused without harm', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      return !checkHeadProof(unit(1), bytes, sha256('root')).ok;
    }),
    { numRuns: 2_000 },
  );
});

t.test('who guesses serials, counts and links finds no neighbour in a proof', async (t) => {
  // Serials in sequence, all named once by one entry that everybody knows: all but the salts can be guessed.
  const link = (epc: string): Buffer => sha256(byte(2), sha256(byte(7), epc), sha256('leaf'));
  const salts = fc.sample(fc.uint8Array({ minLength: 16, maxLength: 16 }), 500);
  const map = new Map(
    salts.map((salt, i) => [unit(i), { count: 1, link: link(unit(i)), salt: Buffer.from(salt) }] as const),
  );
  const kept = new Kept();
  kept.change(map);
  const guesses = new Set<string>();
  for (const epc of map.keys()) {
    const key = headKey(epc);
    for (const blind of [zero, Buffer.alloc(16), link(epc), headBlind(epc, Buffer.alloc(16))]) {
      let hash = headLeaf(key, headValue({ count: 1, link: link(epc) }, Buffer.concat([blind, zero], 32)));
      guesses.add(hash.toString('hex'));
      for (let depth = 31; depth >= 0; depth--) {
        hash = sha256(byte(1), ...(bits(key)[depth] === '1' ? [zero, hash] : [hash, zero]));
        guesses.add(hash.toString('hex'));
      }
    }
  }
  for (const epc of [...map.keys()].slice(0, 50)) {
    const proof = parseHeadProof(kept.prove(epc, map.get(epc)));
    if (!proof.ok) return t.fail('a proof');
    const found = proof.value.siblings.filter((it) => guesses.has(Buffer.from(it).toString('hex')));
    t.same(found, [], epc);
  }
});
