import { sign } from 'node:crypto';
import { compactVerify } from 'jose';
import t from 'tap';
import { receiptSigningInput } from '../../../src/core/log/receipt.ts';
import { rfc8032 } from '../../support/seeds.ts';

const { privateKey, publicKey } = rfc8032;

const header = 'eyJhbGciOiJFZERTQSIsImtpZCI6IjAwMDAwMDEiLCJ0eXAiOiJzdXl1YW4tcmVjZWlwdCtqd3MifQ';
const payload =
  'eyJmYWN0cyI6W3siYXQiOiIyMDI2LTAxLTAyVDAzOjA0OjA1LjY3OFoiLCJkaWdlc3QiOiJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwibGVhZiI6ImhpSUJwTnlpTUFOUmFyZ09XblVqRnVRYl9KRU90eW1fbWZZSnpIaG5SVmciLCJzZXEiOjB9XSwib3JpZ2luIjoiZXhhbXBsZS5vcmcvbG9nIn0';
const signature = 'PDNbu2_X_-75XG84ps493Rre_zlevEL92Zx2G0PnaQWlVsLPxutOb06D7xroApZHECQGUPICd-vzGJmctO6YDw';

/** The entry of the worked example of entry.ts. */
const entry = {
  seq: 0,
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  digest: Buffer.alloc(32),
  leaf: Buffer.from('hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg', 'base64url'),
  salt: Buffer.alloc(16, 1),
};

t.test('the worked example of receipt.ts, byte for byte', async (t) => {
  const input = receiptSigningInput('0000001', 'example.org/log', [entry]);
  t.equal(input, `${header}.${payload}`);
  t.equal(sign(null, Buffer.from(input), privateKey).toString('base64url'), signature);
});

t.test('any JOSE library reads it', async (t) => {
  const read = await compactVerify(`${header}.${payload}.${signature}`, publicKey);
  t.strictSame(read.protectedHeader, { alg: 'EdDSA', kid: '0000001', typ: 'suyuan-receipt+jws' });
  t.strictSame(JSON.parse(Buffer.from(read.payload).toString()), {
    facts: [
      {
        at: '2026-01-02T03:04:05.678Z',
        digest: 'A'.repeat(43),
        leaf: 'hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg',
        seq: 0,
      },
    ],
    origin: 'example.org/log',
  });
});

t.test('facts stand in the order they were sent, whatever the origin is called', async (t) => {
  const later = { ...entry, seq: 7, digest: Buffer.alloc(32, 0xff), leaf: Buffer.alloc(32, 0xfb) };
  const [, body = ''] = receiptSigningInput('1234567', 'a"b', [later, entry]).split('.');
  t.equal(
    Buffer.from(body, 'base64url').toString(),
    `{"facts":[{"at":"2026-01-02T03:04:05.678Z","digest":"${'_'.repeat(42)}8","leaf":"${'-_v7'.repeat(10)}-_s","seq":7},` +
      `{"at":"2026-01-02T03:04:05.678Z","digest":"${'A'.repeat(43)}","leaf":"hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg","seq":0}],` +
      '"origin":"a\\"b"}',
  );
  t.equal(
    Buffer.from(receiptSigningInput('1', 'o', []).split('.')[1] ?? '', 'base64url').toString(),
    '{"facts":[],"origin":"o"}',
  );
});
