import { createPublicKey, sign } from 'node:crypto';
import { compactVerify, importJWK } from 'jose';
import t from 'tap';
import {
  buildTrustList,
  keyStanding,
  openTrustList,
  type TrustedKey,
  type TrustList,
  trustListSigningInput,
} from '../../../src/core/codes/trust-list.ts';
import { rfc8032 } from '../../support/seeds.ts';

const { privateKey, publicKey } = rfc8032;

const key = (kid: string, more: Partial<TrustedKey> = {}): TrustedKey => ({
  kid,
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  party: '3F7ZK2M9QX41TB6D',
  name: '沪安消防器材厂',
  gtins: ['06901234567892'],
  former: [],
  status: 'active',
  ...more,
});
const list = buildTrustList({
  origin: 'example.org/log',
  size: 1500,
  iat: 1735689600,
  exp: 1735776000,
  keys: [
    key('0000003', { status: 'compromised', distrustedFrom: 1200 }),
    key('0000001', { gtins: ['06901234567908', '06901234567892'] }),
    key('0000002', { status: 'retired', gtins: [], former: ['06901234567892'] }),
  ],
});
const jwsOf = (of: TrustList, kid = '0000009'): string => {
  const input = trustListSigningInput(kid, of);
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
};

t.test('what a key counts for', async (t) => {
  const gtin = '06901234567892';
  const rows: [kid: string, gtin: string | null, issued: number | null, standing: string][] = [
    ['0000001', gtin, 7, 'active'],
    ['0000001', gtin, null, 'active'],
    ['0000001', '06901234567908', null, 'active'],
    ['0000001', '06921234567892', 7, 'foreign'],
    ['0000001', null, 7, 'active'],
    ['0000002', gtin, 7, 'retired'], // the delegation has ended; this code had been issued
    ['0000002', gtin, null, 'foreign'],
    ['0000003', gtin, 1199, 'compromised-before'],
    ['0000003', gtin, 1200, 'compromised-after'],
    ['0000003', gtin, null, 'compromised-after'],
    ['0000003', '06901234567908', 7, 'foreign'],
    ['0000004', gtin, 7, 'unknown'],
  ];
  t.strictSame(
    rows.map(([kid, of, issued]) => [kid, of, issued, keyStanding(list, kid, of, issued, 1200)]),
    rows,
  );
  const withCosigned = (issued: number, cosigned: number) =>
    keyStanding(list, '0000003', gtin, issued, cosigned);
  t.equal(withCosigned(1099, 1100), 'compromised-before');
  t.equal(withCosigned(1100, 1100), 'compromised-after', 'nobody else saw the entry before the compromise');
  t.equal(withCosigned(0, 0), 'compromised-after', 'nor any other');
  t.equal(withCosigned(1200, 1500), 'compromised-after', 'distrusted, whoever saw it');
});

t.test('the worked example: header and payload are canonical, jose verifies it', async (t) => {
  const jws = jwsOf(list);
  const { payload, protectedHeader } = await compactVerify(
    jws,
    await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key('').x }, 'EdDSA'),
  );
  t.strictSame(protectedHeader, { alg: 'EdDSA', kid: '0000009', typ: 'suyuan-trust+jws' });
  const text = new TextDecoder().decode(payload);
  t.equal(
    text,
    '{"exp":1735776000,"iat":1735689600,"keys":[' +
      '{"former":[],"gtins":["06901234567892","06901234567908"],"kid":"0000001","name":"沪安消防器材厂","party":"3F7ZK2M9QX41TB6D","status":"active","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},' +
      '{"former":["06901234567892"],"gtins":[],"kid":"0000002","name":"沪安消防器材厂","party":"3F7ZK2M9QX41TB6D","status":"retired","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},' +
      '{"distrustedFrom":1200,"former":[],"gtins":["06901234567892"],"kid":"0000003","name":"沪安消防器材厂","party":"3F7ZK2M9QX41TB6D","status":"compromised","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}],' +
      '"origin":"example.org/log","size":1500}',
  );
});

t.test('a list opens again, and nothing else does', async (t) => {
  const jws = jwsOf(list);
  t.strictSame(openTrustList(jws, publicKey, 1735689700), { ok: true, value: list });
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const signed = (head: object, body: unknown): string => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode(head)}.${encode(body)}`;
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
  };
  const good = { alg: 'EdDSA', typ: 'suyuan-trust+jws' };
  const bad = [
    '',
    'a.b',
    `${jws}.x`,
    `${header}.${payload.slice(0, -2)}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
    signed({ ...good, alg: 'none' }, list),
    signed({ ...good, typ: 'at+jwt' }, list),
    signed(good, [list]),
    signed(good, { ...list, size: '1' }),
    signed(good, { ...list, keys: [{ ...key('1'), status: 'new' }] }),
    signed(good, { ...list, keys: [{ ...key('1'), gtins: [1] }] }),
    signed(good, { ...list, keys: [{ ...key('1'), status: 'compromised' }] }),
  ];
  t.strictSame(
    bad.map((text) => openTrustList(text, publicKey, 1735689700)).filter((result) => result.ok),
    [],
  );
  t.equal(openTrustList(jws, publicKey, list.exp).ok, false, 'past its time');
  const other = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw' },
    format: 'jwk',
  });
  t.equal(openTrustList(jws, other, 1735689700).ok, false, 'another key');
});
