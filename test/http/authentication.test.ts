/** Tokens under attack, and the table of access. */
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import t from 'tap';
import type { Role } from '../../src/core/events/hop.ts';
import type { Feature } from '../../src/features/feature.ts';
import { newPartyId } from '../../src/features/new-id.ts';
import { access } from '../../src/http/access.ts';
import { caller, tokenLifetimeSeconds } from '../../src/http/authentication.ts';
import { tokenKeys } from '../../src/http/token-keys.ts';
import { testPublicUrl, testService } from '../support/service.ts';

const feature: Feature = async (app) => {
  const own = async (request: Parameters<typeof caller>[0]) => ({ ...caller(request) });
  app.get('/t/party', { schema: {} }, own);
  app.get('/t/optional', { schema: {} }, async ({ party }) => ({ party: party?.party ?? null }));
  app.get('/t/public', { schema: {} }, async ({ party }) => ({ party: party?.party ?? null }));
  app.post('/t/regulator', { schema: {} }, own);
};
const extra = {
  features: [feature],
  table: {
    ...access,
    'GET /t/party': 'party',
    'GET /t/optional': 'optional',
    'GET /t/public': 'public',
    'POST /t/regulator': ['regulator', 'operator'],
  },
} as const;

t.test('tokens', async (t) => {
  const { app, deps, bearer } = await testService(t, { extra });
  const party = newPartyId();
  const key = createPrivateKey(deps.tokens.privateKey);
  const now = Math.floor(Date.now() / 1000);
  const get = async (url: string, authorization?: string) => {
    const answer = await app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
    return {
      status: answer.statusCode,
      code: answer.json().code,
      headers: answer.headers,
      body: answer.json(),
    };
  };

  /** A good token but for what is given. */
  const make = (
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    signer: KeyObject = key,
  ): Promise<string> => {
    const full = {
      iss: testPublicUrl,
      aud: testPublicUrl,
      sub: party,
      client_id: 'c',
      roles: ['seller'],
      iat: now,
      exp: now + 600,
      ...claims,
    };
    return new SignJWT(full).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header }).sign(signer);
  };
  const raw = (header: object, payload: object, signature: string): string =>
    [header, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(signature)
      .join('.');

  t.test('ours is taken, twice', async (t) => {
    const token = bearer(['manufacturer', 'seller'], party);
    for (const _ of [1, 2]) {
      const { status, body } = await get('/t/party', token);
      t.strictSame(
        [status, body],
        [200, { party, client: 'test', roles: ['manufacturer', 'seller'], mandate: null }],
      );
    }
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    t.equal(claims.exp - claims.iat, tokenLifetimeSeconds);
    t.equal(
      (await get('/t/party', `Bearer ${await make()}`)).status,
      200,
      'the maker of bad tokens makes good ones',
    );
    t.equal(
      (await get('/t/party', `bearer ${await make()}`)).status,
      200,
      'the scheme has no case (RFC 9110 §11.1)',
    );
  });

  t.test('attacks', async (t) => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const good = await make();
    const [head = '', payload = '', signature = ''] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const mac = (secret: string): string => {
      const header = Buffer.from('{"alg":"HS256","typ":"at+jwt"}').toString('base64url');
      return `${header}.${payload}.${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`;
    };
    const issuing = tokenKeys(Buffer.alloc(32, 9));
    const table: [what: string, authorization: string | undefined, code: string][] = [
      ['nothing', undefined, 'unauthenticated'],
      ['another scheme', 'Basic b3BlcmF0b3I6eA==', 'token-invalid'],
      ['empty', 'Bearer ', 'token-invalid'],
      ['not a token', 'Bearer abc', 'token-invalid'],
      ['dots', 'Bearer ..', 'token-invalid'],
      ['two tokens', `Bearer ${good} ${good}`, 'token-invalid'],
      ['too long', `Bearer ${good}${'A'.repeat(5000)}`, 'token-invalid'],
      ['alg none', `Bearer ${raw({ alg: 'none', typ: 'at+jwt' }, claims, '')}`, 'token-invalid'],
      [
        'alg None with a signature',
        `Bearer ${raw({ alg: 'None', typ: 'at+jwt' }, claims, signature)}`,
        'token-invalid',
      ],
      ['no alg', `Bearer ${raw({ typ: 'at+jwt' }, claims, signature)}`, 'token-invalid'],
      ['no signature', `Bearer ${head}.${payload}.`, 'token-invalid'],
      ['a MAC under the public key', `Bearer ${mac(deps.tokens.publicKey)}`, 'token-invalid'],
      ['a MAC under nothing', `Bearer ${mac('')}`, 'token-invalid'],
      ['RSA', `Bearer ${await make({}, { alg: 'RS256' }, rsa)}`, 'token-invalid'],
      ['a stranger’s key', `Bearer ${await make({}, {}, stranger)}`, 'token-invalid'],
      [
        'a stranger’s key, our kid',
        `Bearer ${await make({}, { kid: deps.tokens.kid }, stranger)}`,
        'token-invalid',
      ],
      [
        'the key in the header',
        `Bearer ${await make({}, { jwk: { kty: 'OKP', crv: 'Ed25519' } }, stranger)}`,
        'token-invalid',
      ],
      [
        'another key of ours',
        `Bearer ${await make({}, { kid: issuing.kid }, createPrivateKey(issuing.privateKey))}`,
        'token-invalid',
      ],
      ['a code, not an access token', `Bearer ${await make({}, { typ: 'JWT' })}`, 'token-invalid'],
      ['no type', `Bearer ${await make({}, { typ: undefined })}`, 'token-invalid'],
      [
        'an unknown critical header',
        `Bearer ${raw({ alg: 'EdDSA', typ: 'at+jwt', crit: ['x'], x: 1 }, claims, signature)}`,
        'token-invalid',
      ],
      [
        'another payload',
        `Bearer ${head}.${Buffer.from(JSON.stringify({ ...claims, roles: ['operator'] })).toString('base64url')}.${signature}`,
        'token-invalid',
      ],
      [
        'a changed signature',
        `Bearer ${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
        'token-invalid',
      ],
      ['another issuer', `Bearer ${await make({ iss: 'https://evil.example' })}`, 'token-invalid'],
      ['another audience', `Bearer ${await make({ aud: 'https://evil.example' })}`, 'token-invalid'],
      [
        'two audiences',
        `Bearer ${await make({ aud: [testPublicUrl, 'https://evil.example'] })}`,
        'token-invalid',
      ],
      ['no audience', `Bearer ${await make({ aud: undefined })}`, 'token-invalid'],
      ['no issuer', `Bearer ${await make({ iss: undefined })}`, 'token-invalid'],
      ['no end', `Bearer ${await make({ exp: undefined })}`, 'token-invalid'],
      ['an end in words', `Bearer ${await make({ exp: 'never' })}`, 'token-invalid'],
      ['not yet', `Bearer ${await make({ nbf: now + 300 })}`, 'token-invalid'],
      ['issued in the future', `Bearer ${await make({ iat: now + 300 })}`, 'token-invalid'],
      ['no party', `Bearer ${await make({ sub: undefined })}`, 'token-invalid'],
      ['an odd party', `Bearer ${await make({ sub: '../etc/passwd' })}`, 'token-invalid'],
      ['an unknown role', `Bearer ${await make({ roles: ['god'] })}`, 'token-invalid'],
      ['roles as text', `Bearer ${await make({ roles: 'operator' })}`, 'token-invalid'],
      ['over', `Bearer ${await make({ iat: now - 1000, exp: now - 100 })}`, 'token-expired'],
    ];
    const seen = await Promise.all(
      table.map(async ([what, authorization]) => {
        const first = await get('/t/party', authorization);
        const again = await get('/t/party', authorization);
        return [
          what,
          first.status,
          first.code,
          again.code,
          /^Bearer realm="suyuan"/.test(String(first.headers['www-authenticate'])),
        ];
      }),
    );
    t.strictSame(
      seen,
      table.map(([what, , code]) => [what, 401, code, code, true]),
    );
    t.equal(
      (await get('/t/party', `Bearer ${await make({ exp: now - 10 })}`)).status,
      200,
      'clocks may differ a little',
    );
    const told = await get('/t/party');
    t.equal(told.headers['www-authenticate'], 'Bearer realm="suyuan"', 'no error where nothing was sent');
  });

  t.test('every role × every kind of access', async (t) => {
    const all: Role[] = ['operator', 'manufacturer', 'seller', 'regulator', 'laboratory'];
    const table = await Promise.all(
      all.map(async (role) => {
        const authorization = bearer([role]);
        const post = await app.inject({ method: 'POST', url: '/t/regulator', headers: { authorization } });
        return [role, (await get('/t/party', authorization)).status, post.statusCode];
      }),
    );
    t.strictSame(table, [
      ['operator', 200, 200],
      ['manufacturer', 200, 403],
      ['seller', 200, 403],
      ['regulator', 200, 200],
      ['laboratory', 200, 403],
    ]);
    const none = await app.inject({ method: 'POST', url: '/t/regulator' });
    t.equal(none.json().code, 'unauthenticated');
    const broken = await app.inject({
      method: 'POST',
      url: '/t/regulator',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    });
    t.equal(broken.json().code, 'unauthenticated', 'a stranger’s body is not read');
    t.strictSame((await get('/t/optional')).body, { party: null });
    t.strictSame((await get('/t/optional', bearer(['seller'], party))).body, { party });
    t.equal((await get('/t/optional', 'Bearer x.y.z')).code, 'token-invalid');
    t.strictSame((await get('/t/public', 'Bearer x.y.z')).body, { party: null });
    const head = await app.inject({ method: 'HEAD', url: '/t/party' });
    t.equal(head.statusCode, 401, 'HEAD is guarded like GET');
  });

  t.test('the description says where a token is needed', async (t) => {
    const { paths } = (await app.inject('/docs/json')).json();
    t.strictSame(
      [paths['/t/party'].get.security, paths['/t/optional'].get.security, paths['/t/public'].get.security],
      [[{ client: [] }], [{ client: [] }, {}], undefined],
    );
  });
});

t.test('every row of access has its route', async (t) => {
  const { app } = await testService(t);
  const rows = Object.keys(access).filter((row) => !row.includes('*'));
  t.strictSame(
    rows.filter((row) => {
      const [method = '', url = ''] = row.split(' ');
      return !app.hasRoute({ method, url });
    }),
    [],
  );
});
