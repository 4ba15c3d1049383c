import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compactVerify } from 'jose';
import t from 'tap';
import { type KeyUse, keyProofInput, provesKey } from '../../../src/core/codes/key-proof.ts';
import { rfc8032, seedKey } from '../../support/seeds.ts';

const use: KeyUse = { origin: 'example.org/log', party: '3F7ZK2M9QX41TB6D', purpose: 'claims' };
const publicKey = Buffer.from(rfc8032.x, 'base64url');
const proofOf = (of: KeyUse): string => {
  const input = keyProofInput(of);
  return `${input}.${sign(null, Buffer.from(input), rfc8032.privateKey).toString('base64url')}`;
};
const proof = proofOf(use);

t.test('the example of the file', async (t) => {
  const comment = readFileSync(new URL(import.meta.resolve('#root/src/core/codes/key-proof.ts')), 'utf8');
  t.ok(comment.replaceAll('\n *   ', '').includes(proof));
  const { payload, protectedHeader } = await compactVerify(proof, rfc8032.publicKey);
  t.strictSame(protectedHeader, { alg: 'EdDSA', typ: 'suyuan-key+jws' });
  t.strictSame(JSON.parse(new TextDecoder().decode(payload)), use);
  t.equal(provesKey(proof, use, publicKey), true);
});

t.test('a proof is for one log, one party, one purpose and one key', async (t) => {
  const other = Buffer.from(seedKey(Buffer.alloc(32, 9)).x, 'base64url');
  t.strictSame(
    [
      provesKey(proof, { ...use, origin: 'example.com/log' }, publicKey),
      provesKey(proof, { ...use, party: '3F7ZK2M9QX41TB6E' }, publicKey),
      provesKey(proof, { ...use, purpose: 'issuing' }, publicKey),
      provesKey(proof, use, other),
    ],
    [false, false, false, false],
  );
});

t.test('no proof passes with a character changed, taken away or added', async (t) => {
  const passed = [...proof].flatMap((c, i) =>
    [
      proof.slice(0, i) + (c === 'A' ? 'B' : 'A') + proof.slice(i + 1),
      proof.slice(0, i) + proof.slice(i + 1),
    ].filter((text) => provesKey(text, use, publicKey)),
  );
  t.strictSame(passed, []);
  t.equal(provesKey(`${proof}=`, use, publicKey) || provesKey(`${proof}.`, use, publicKey), false);
});
