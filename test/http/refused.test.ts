/** What is refused before any feature sees it, to the letter: on the route by which most of the log is written. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import t from 'tap';
import { newPartyId } from '../../src/features/new-id.ts';
import { maker } from '../features/codes/makers.ts';
import { document, told } from '../support/documents.ts';
import { testPublicUrl, testService } from '../support/service.ts';
import { act, supplyChain, unit } from '../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { app, deps } = service;
const hop = () => ({ hop: 'produce', ...act(), epcs: [unit('A1')] });
let keys = 0;
const post = (authorization: string, payload: string) =>
  app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': `key-${keys++}` },
    payload,
  });

t.test('a body over the limit', async (t) => {
  const limit = 33_554_432;
  const before = await chain.size();
  const body = JSON.stringify({ hops: [hop()] });
  const over = await post(chain.maker.bearer, body.padEnd(limit + 1));
  t.strictSame(
    told(over),
    document(413, 'body-too-large', {
      title: 'Body is too large',
      detail: 'Send at most 33554432 bytes; split the request.',
    }),
  );
  t.equal(await chain.size(), before, 'nothing is left in the log');
  t.equal((await post(chain.maker.bearer, body.padEnd(limit))).statusCode, 201, 'up to it, it is taken');
  t.equal(await chain.size(), before + 1);
});

t.test('tokens', async (t) => {
  const issuer = await maker(service, { gtins: ['06901234567915'] });
  const now = Math.floor(Date.now() / 1000);
  const good = {
    iss: testPublicUrl,
    aud: testPublicUrl,
    sub: chain.maker.id,
    client_id: 'c',
    roles: ['manufacturer'],
    iat: now,
    exp: now + 600,
  };
  const ours = createPrivateKey(deps.tokens.privateKey);
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: deps.tokens.kid };
  const signed = (claims: object, key = ours) =>
    new SignJWT({ ...good, ...claims }).setProtectedHeader(header).sign(key);
  const parts = (header: object) =>
    [header, good].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const byIssuingKey = async (kid: string) => {
    const input = parts({ ...header, kid });
    return `${input}.${(await deps.keystore.sign(issuer.kid, input)).toString('base64url')}`;
  };
  const [, , signature] = (await signed({})).split('.');
  const invalid = document(401, 'token-invalid', {
    title: 'Access token is not valid',
    detail: 'The access token is not one of ours; get a new one at /oauth/token.',
  });
  const expired = document(401, 'token-expired', {
    title: 'Access token has expired',
    detail: 'The access token has expired; get a new one at /oauth/token.',
  });
  const table: readonly (readonly [what: string, token: string, expected: object])[] = [
    ['expired', await signed({ iat: now - 1000, exp: now - 100 }), expired],
    ['forged', await signed({}, generateKeyPairSync('ed25519').privateKey), invalid],
    ['alg none', `${parts({ alg: 'none', typ: 'at+jwt' })}.`, invalid],
    ['alg none with a signature of ours', `${parts({ alg: 'none', typ: 'at+jwt' })}.${signature}`, invalid],
    ['for another audience', await signed({ aud: 'https://other.example.cn' }), invalid],
    ['signed by a registered issuing key', await byIssuingKey(issuer.kid), invalid],
    ['the same under the name of our own key', await byIssuingKey(deps.tokens.kid), invalid],
    ['of a party that another signed', await signed({ sub: newPartyId(), iss: 'https://x' }), invalid],
  ];
  const before = await chain.size();
  const answers = [];
  for (const [what, token] of table) {
    const answer = await post(`Bearer ${token}`, JSON.stringify({ hops: [hop()] }));
    answers.push([what, told(answer), answer.headers['www-authenticate']]);
  }
  t.strictSame(
    answers,
    table.map(([what, , expected]) => [
      what,
      expected,
      expected === expired
        ? 'Bearer realm="suyuan", error="invalid_token", error_description="The token has expired"'
        : 'Bearer realm="suyuan", error="invalid_token"',
    ]),
  );
  t.equal(await chain.size(), before, 'nothing is left in the log');
  const taken = await post(`Bearer ${await signed({})}`, JSON.stringify({ hops: [hop()] }));
  t.equal(taken.statusCode, 201, 'and the token that all of them are made from is good');
});
