import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  digestOf,
  disclose,
  epcListNames,
  listLeaves,
  listRoot,
  prepareFact,
} from '../../../src/core/log/digest.ts';
import { leafHash, merkleRoot } from '../../../src/core/log/merkle.ts';
import {
  canonical,
  compareCodePoints,
  type Json,
  type JsonObject,
} from '../../../src/core/text/canonical.ts';
import { naiveDigest, naiveList } from '../../support/naive-log.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('base64url');
const shake = (seed: Uint8Array, bytes: number): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();

t.test('the worked example of digest.ts, computed by hand', async (t) => {
  const salt = Buffer.alloc(16);
  const fact = { by: 'A', kind: 'policy' };
  const salts = shake(salt, 36);
  const disclosures = [
    ['by', 'A'],
    ['kind', 'policy'],
  ].map(([name, value], i) => {
    const piece = salts.subarray(i * 18, i * 18 + 18).toString('base64url');
    return Buffer.from(`["${piece}","${name}","${value}"]`).toString('base64url');
  });
  const hashes = disclosures.map(sha).sort();
  t.same(
    disclose(fact, salt).map(({ disclosure }) => disclosure),
    disclosures,
  );
  const prepared = prepareFact(fact, salt);
  t.equal(prepared.payload, '{"by":"A","kind":"policy"}');
  t.equal(
    prepared.digest.toString('base64url'),
    sha(`{"_sd":["${hashes.join('","')}"],"_sd_alg":"sha-256"}`),
  );
  t.equal(prepared.digest.toString('base64url'), 'zbhAQ1oJpYx3QxWRTJ88SjNt0IuW77q80QQNpXUrOTs');
});

t.test('the worked examples of digest.ts with a list, and with personal data', async (t) => {
  const salt = Buffer.alloc(16);
  const epcs = ['01/06901234567892/21/A', '01/06901234567892/21/B', '01/06901234567892/21/C'];
  const roots = [
    '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    'NdcMjUkKW--QIPXG8ORAxOcHA08ypV_75V2GWR2wpNQ',
    'BZecetSVliw3bNHd7LtzlxmghdrTV8yW74ZAcGm8lIM',
    'q3ivH5p2-tCD4gJX2iTK3ru_ar8rHseGZFcXz8_etp0',
  ];
  t.strictSame(
    roots.map((_, count) => listRoot('epcList', epcs.slice(0, count), salt)),
    roots.map((root, count) => `{"count":${count},"root":"${root}"}`),
  );
  t.equal(
    listRoot('inputEPCList', epcs, salt),
    '{"count":3,"root":"nG1tkYhAgStCKsXzKiQtYARocMkFOx79r_Xk1wfsMPg"}',
    'each list is salted by its own name',
  );
  const fact: JsonObject = { by: 'A', epcList: epcs, kind: 'event' };
  t.equal(
    prepareFact(fact, salt).digest.toString('base64url'),
    '3JckdwF8b3ucKQ4OMhBBYduCOImRs3Q4f1TGjS8aIYk',
  );
  const personal = { value: { phone: '13800000000' }, salt: Buffer.alloc(18) };
  t.equal(
    prepareFact(fact, salt, personal).digest.toString('base64url'),
    'UDA8ph1MkLCjPQb8P-uIhSK-f0IYICkzW1k6NwlVi-U',
  );
});

t.test('an EPC list enters as count and salted root, one EPC provable by itself', async (t) => {
  const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const epcs = ['01/06901234567892/21/A', '01/06901234567892/21/B', '01/06901234567892/21/C'];
  const fact: JsonObject = { by: 'A', epcList: epcs, kind: 'event' };
  const seed = shake(Buffer.concat([salt, Buffer.from('epcList')]), 54);
  const leaves = epcs.map((epc, i) =>
    Buffer.from(JSON.stringify([seed.subarray(i * 18, i * 18 + 18).toString('base64url'), epc])).toString(
      'base64url',
    ),
  );
  t.same(listLeaves('epcList', epcs, salt), leaves);
  const root = Buffer.from(merkleRoot(leaves.map((leaf) => leafHash(leaf)))).toString('base64url');
  const [, list] = disclose(fact, salt);
  const shown: unknown = JSON.parse(Buffer.from(list?.disclosure ?? '', 'base64url').toString());
  t.match(shown, [String, 'epcList', { count: 3, root }]);
  t.throws(() => disclose({ ...fact, epcList: [...epcs].reverse() }, salt), /sorted/);
  t.throws(() => disclose({ ...fact, epcList: ['x', 'x'] }, salt), /distinct/);
});

t.test('redaction proves exactly what is shown', async (t) => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
  const name = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((n) => n !== 'private' && !/epc/i.test(n));
  fc.assert(
    fc.property(
      fc.dictionary(name, value),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.nat(),
      (members, salt, pick) => {
        const fact: JsonObject = { by: 'A', kind: 'policy', ...members };
        const digest = prepareFact(fact, salt).digest.toString('hex');
        const all = disclose(fact, salt);
        // Withhold all but one: its hash with the bare hashes of the others gives the digest …
        const shown = all[pick % all.length];
        if (!shown) return false;
        const hashes = all.map((d) => (d === shown ? sha(d.disclosure) : d.hash));
        if (digestOf(hashes).toString('hex') !== digest) return false;
        // … and shows that member alone, with its own value.
        const [, shownName, shownValue]: unknown[] = JSON.parse(
          Buffer.from(shown.disclosure, 'base64url').toString(),
        );
        if (
          typeof shownName !== 'string' ||
          (canonical(fact[shownName] ?? null) !== JSON.stringify(shownValue) &&
            canonical(fact[shownName] ?? null) !== canonicalOf(shownValue))
        )
          return false;
        // Any other value of that member gives another digest.
        return (
          prepareFact({ ...fact, [shownName]: 'another value' }, salt).digest.toString('hex') !== digest ||
          fact[shownName] === 'another value'
        );
      },
    ),
    { numRuns: 100 },
  );
  t.pass('100 random facts');
});

const canonicalOf = (value: unknown): string => canonical(JSON.parse(JSON.stringify(value)));

t.test('personal data has a salt of its own and leaves only its hash', async (t) => {
  const fact: JsonObject = { by: 'A', kind: 'party' };
  const salt = Buffer.alloc(16, 3);
  const own = Buffer.alloc(18, 4);
  const {
    digest,
    payload,
    private: hidden,
  } = prepareFact(fact, salt, { value: { phone: '13800000000' }, salt: own });
  t.notMatch(payload, /138/);
  const disclosure = Buffer.from(
    `["${own.toString('base64url')}","private",{"phone":"13800000000"}]`,
  ).toString('base64url');
  t.equal(hidden?.hash.toString('base64url'), sha(disclosure));
  const hashes = [...disclose(fact, salt).map((d) => d.hash), sha(disclosure)];
  t.same(digestOf(hashes), digest);
  t.throws(() => prepareFact({ ...fact, private: {} }, salt), /beside the fact/);
});

t.test('members sort by code points for salts and by code units for the canonical text', async (t) => {
  // U+FF61 sorts before U+1F9EF by code points, after its first surrogate by code units.
  const [low, high] = ['｡', '🧯'];
  t.ok(compareCodePoints(low, high) < 0);
  t.ok(low > high);
  const fact: JsonObject = { [high]: 1, [low]: 2 };
  t.same(
    disclose(fact, Buffer.alloc(16)).map(({ name }) => name),
    [low, high],
  );
  t.equal(prepareFact(fact, Buffer.alloc(16)).payload, `{"${high}":1,"${low}":2}`);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const naive = Buffer.compare(Buffer.from(a), Buffer.from(b));
      return Math.sign(compareCodePoints(a, b)) === naive;
    }),
  );
});

t.test('digests are what they are by definition, with lists and personal data', async (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  })) as { value: fc.Arbitrary<Json> };
  const list = fc
    .uniqueArray(fc.oneof(text, fc.integer({ min: 0, max: 99 }).map(String)), { maxLength: 20 })
    .map((epcs) => [...epcs].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  const lists = fc.record(
    { epcList: list, childEPCs: list, inputEPCList: list, outputEPCList: list, epcs: list },
    { requiredKeys: [] },
  );
  t.strictSame([...epcListNames].sort(), ['childEPCs', 'epcList', 'epcs', 'inputEPCList', 'outputEPCList']);
  const name = text.filter((it) => it !== 'private' && it !== '__proto__');
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const personal = fc.option(fc.record({ value: fc.dictionary(name, value), salt: bytes(18) }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.dictionary(name, value), lists, bytes(16), personal, (members, lists, salt, personal) => {
      const fact: JsonObject = { ...members, ...lists };
      const { digest, private: hidden } = prepareFact(fact, salt, personal ?? null);
      assert.deepEqual(digest, naiveDigest(fact, salt, personal));
      assert.equal(hidden === null, personal === undefined);
      for (const [name, epcs] of Object.entries(lists))
        assert.deepEqual(JSON.parse(listRoot(name, epcs, salt)), naiveList(name, epcs, salt));
    }),
    { numRuns: 200 },
  );
  t.pass('200 random facts');
});
