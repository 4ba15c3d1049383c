import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { canonical, compareCodePoints, type JsonObject } from '../../src/core/canonical.ts';
import { digestOf, disclose, listLeaves, prepareFact } from '../../src/core/digest.ts';
import { leafHash, merkleRoot } from '../../src/core/merkle.ts';

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
