import { sign } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  claimOf,
  claimText,
  formatClaimSignature,
  parseClaimSignature,
  verifyClaim,
} from '../../../src/core/log/claim.ts';
import { rfc8032 } from '../../support/seeds.ts';

const { privateKey, publicKey } = rfc8032;
const kid = '4711001';
const claim = { hop: 'scrap', ref: 'S-1' };
const signature = sign(null, Buffer.from(claimText(claim, kid)), privateKey);
const jws = formatClaimSignature({ kid, signature });

t.test('the worked example of claim.ts', async (t) => {
  t.equal(
    jws,
    'eyJhbGciOiJFZERTQSIsImtpZCI6IjQ3MTEwMDEifQ..BqMXp0PY0BB_jDBVDyhyc2hHniy0ygzevzdEqhbF_QppENeUfwEMk5BNk1xb0DYx8KviaWaSsEBFnFNn6Zz_Dg',
  );
  t.strictSame(parseClaimSignature(jws), { ok: true, value: { kid, signature } });
  t.equal(verifyClaim(claim, { kid, signature }, publicKey), true);
});

t.test('order of members is nothing, and what is not signed does not count', async (t) => {
  const sent = { ref: 'S-1', private: { phone: '13800000000' }, hop: 'scrap', signature: jws };
  t.strictSame(claimOf(sent), claim);
  t.equal(verifyClaim(claimOf(sent), { kid, signature }, publicKey), true);
});

t.test('another claim, key id or signature does not verify', async (t) => {
  t.equal(verifyClaim({ ...claim, ref: 'S-2' }, { kid, signature }, publicKey), false);
  t.equal(verifyClaim({ ...claim, more: 1 }, { kid, signature }, publicKey), false);
  t.equal(verifyClaim(claim, { kid: '4711002', signature }, publicKey), false);
  t.equal(verifyClaim(claim, { kid, signature: signature.subarray(1) }, publicKey), false);
});

t.test('every altered text is refused, or is another signature', async (t) => {
  fc.assert(
    fc.property(fc.nat(jws.length - 1), fc.constantFrom('.', '=', ' ', 'A', 'B', '-', '源'), (at, put) => {
      const altered = jws.slice(0, at) + put + jws.slice(at + 1);
      const read = parseClaimSignature(altered);
      return altered === jws || !read.ok || !verifyClaim(claim, read.value, publicKey);
    }),
    { numRuns: 2_000 },
  );
  const { ok } = parseClaimSignature(`${jws}${'A'.repeat(1_000_000)}`);
  t.equal(ok, false);
});
