import { createHmac } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import t from 'tap';
import { register } from '../../support/actors.ts';
import { type TestService, testOperatorSecret, testPublicUrl, testService } from '../../support/service.ts';

const form = 'application/x-www-form-urlencoded';

/** Asks for a token; `headers` beside the form's own. */
const ask = ({ app }: Pick<TestService, 'app'>, fields: object | string, headers: object = {}) =>
  app.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { 'content-type': form, ...headers },
    payload: typeof fields === 'string' ? fields : new URLSearchParams({ ...fields }).toString(),
  });
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const grant = { grant_type: 'client_credentials' };

t.test('tokens', async (t) => {
  const service = await testService(t);
  const { app, deps } = service;
  const maker = await register(service, '杭州消防器材厂', ['manufacturer', 'distributor']);
  const made = await maker.send('POST', `/v1/parties/${maker.id}/clients`, { label: 'ERP' });
  const { client_id, client_secret } = made.json<{ client_id: string; client_secret: string }>();
  const credentials = { client_id, client_secret };

  t.test('a client gets what RFC 6749 §5.1 says, by form or by Basic', async (t) => {
    const answers = [
      await ask(service, { ...grant, ...credentials }),
      await ask(service, grant, basic(client_id, client_secret)),
      await ask(service, { ...grant, client_id, foreign: 'ignored' }, basic(client_id, client_secret)),
    ];
    t.strictSame(
      answers.map((answer) => {
        const { access_token, ...rest } = answer.json<{ access_token: string }>();
        const { sub, client_id: client, roles, iss, aud, exp = 0, iat = 0 } = decodeJwt(access_token);
        const { alg, typ } = decodeProtectedHeader(access_token);
        return { status: answer.statusCode, rest, sub, client, roles, iss, aud, lives: exp - iat, alg, typ };
      }),
      answers.map(() => ({
        status: 200,
        rest: { token_type: 'Bearer', expires_in: 900, scope: 'manufacturer distributor' },
        sub: maker.id,
        client: client_id,
        roles: ['manufacturer', 'distributor'],
        iss: testPublicUrl,
        aud: testPublicUrl,
        lives: 900,
        alg: 'EdDSA',
        typ: 'at+jwt',
      })),
    );
    t.equal(answers[0]?.headers['cache-control'], 'no-store');
  });

  t.test('scope asks for fewer roles', async (t) => {
    const answer = await ask(service, { ...grant, ...credentials, scope: 'distributor' });
    t.strictSame(decodeJwt(answer.json<{ access_token: string }>().access_token).roles, ['distributor']);
  });

  t.test('the operator has the secret of the settings', async (t) => {
    const answer = await ask(service, {
      ...grant,
      client_id: 'operator',
      client_secret: testOperatorSecret,
    });
    const { sub, roles } = decodeJwt(answer.json<{ access_token: string }>().access_token);
    t.strictSame({ sub, roles }, { sub: deps.genesis.operator, roles: ['operator'] });
  });

  t.test('what is refused, with the words of RFC 6749 §5.2 and our own code', async (t) => {
    const cases: [string, object | string, object?][] = [
      ['400 invalid_request invalid-request', {}],
      ['400 unsupported_grant_type invalid-request', { ...credentials, grant_type: 'password' }],
      ['400 invalid_request invalid-request', `grant_type=client_credentials&client_id=a&client_id=b`],
      ['400 invalid_request invalid-request', { ...grant, ...credentials }, basic(client_id, client_secret)],
      ['400 invalid_request invalid-request', { ...grant, client_id: 'x' }, basic(client_id, client_secret)],
      ['400 invalid_scope invalid-request', { ...grant, ...credentials, scope: 'manufacturer regulator' }],
      ['401 invalid_client client-invalid', grant],
      ['401 invalid_client client-invalid', { ...grant, client_id, client_secret: '' }],
      ['401 invalid_client client-invalid', { ...grant, client_id: 'nobody', client_secret }],
      ['401 invalid_client client-invalid', { ...grant, client_id: 'operator', client_secret }],
      ['401 invalid_client client-invalid', `grant_type=client_credentials&client_id=%00&client_secret=x`],
      [
        '401 invalid_client client-invalid',
        `grant_type=client_credentials&client_id=%E6%BA%90&client_secret=x`,
      ],
      ['401 invalid_client client-invalid', grant, { authorization: 'Basic !' }],
      ['401 invalid_client client-invalid', grant, { authorization: `Basic ${btoa('%zz:%zz')}` }],
      ['401 invalid_client client-invalid', grant, { authorization: `Basic ${btoa('nocolon')}` }],
      ['401 invalid_client client-invalid', grant, { authorization: 'Bearer abc' }],
    ];
    const found = [];
    for (const [, fields, headers] of cases) {
      const answer = await ask(service, fields, headers);
      const { error, code } = answer.json<{ error: string; code: string }>();
      found.push(`${answer.statusCode} ${error} ${code}`);
    }
    t.strictSame(
      found,
      cases.map(([expected]) => expected),
    );
    const wrong = await ask(service, { ...grant, client_id: 'nobody', client_secret: 'x' });
    const { instance: _, ...document } = wrong.json<Record<string, unknown>>();
    t.strictSame(document, {
      error: 'invalid_client',
      error_description:
        'Client and secret do not fit together; send client_id and client_secret as they were given.',
      type: `${testPublicUrl}/problems/client-invalid`,
      title: 'Client or secret is wrong',
      status: 401,
      detail: 'Client and secret do not fit together; send client_id and client_secret as they were given.',
      code: 'client-invalid',
    });
    t.match(wrong.headers, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'www-authenticate': 'Basic realm="suyuan"',
    });
  });

  t.test('a JSON body is no form', async (t) => {
    const answer = await app.inject({ method: 'POST', url: '/oauth/token', payload: { ...grant } });
    t.match(answer.json(), { status: 415, code: 'unsupported-media-type' });
  });

  t.test('secrets are kept as HMAC only', async (t) => {
    const [row] = await service.owner.sql<{ hmac: Buffer }[]>`
      SELECT hmac FROM client_secrets WHERE client = ${client_id}`;
    const key = await deps.keystore.secret('client-secrets');
    t.equal(client_secret.length, 43);
    t.ok(row?.hmac.equals(createHmac('sha256', key).update(client_secret).digest()));
  });

  t.test('roles that the party loses are lost to its clients', async (t) => {
    const lesser = {
      name: maker.name,
      creditCode: maker.creditCode,
      roles: ['distributor'],
      region: '330106',
    };
    const operator = { authorization: service.bearer(['operator'], deps.genesis.operator) };
    await app.inject({ method: 'PUT', url: `/v1/parties/${maker.id}`, headers: operator, payload: lesser });
    const answer = await ask(service, { ...grant, ...credentials });
    t.equal(answer.json<{ scope: string }>().scope, 'distributor');
  });
});

t.test('guessing is slowed down for the guesser, not for the client', async (t) => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const service = await testService(t, { service: { now: () => now } });
  const guess = (secret: string, address = '192.0.2.1') =>
    service.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': form },
      remoteAddress: address,
      payload: new URLSearchParams({ ...grant, client_id: 'operator', client_secret: secret }).toString(),
    });
  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await guess('wrong')).statusCode);
  t.strictSame(statuses, [401, 401, 401, 401, 401, 429]);
  const refused = await guess(testOperatorSecret);
  t.match(refused.json(), { error: 'temporarily_unavailable', code: 'rate-limited', status: 429 });
  t.equal(refused.headers['retry-after'], '1');
  t.equal((await guess(testOperatorSecret, '192.0.2.2')).statusCode, 200, 'from elsewhere');
  now += 1000;
  t.equal((await guess(testOperatorSecret)).statusCode, 200, 'after the wait');
  t.equal((await guess('wrong')).statusCode, 401, 'and all is forgotten');
});

t.test('of many guesses at once, few are told whether they fit', async (t) => {
  const service = await testService(t);
  const secrets = [...Array.from({ length: 60 }, (_, i) => `guess ${i}`), testOperatorSecret];
  const answers = await Promise.all(
    secrets.map((client_secret) => ask(service, { ...grant, client_id: 'operator', client_secret })),
  );
  const told = answers.filter(({ statusCode }) => statusCode !== 429);
  t.ok(told.length < 30, `${told.length} of ${secrets.length}`);
});

t.test('a secret in the place of the client is not logged', async (t) => {
  const service = await testService(t);
  await ask(service, { ...grant, client_id: testOperatorSecret, client_secret: 'x' });
  await ask(service, { ...grant, client_id: 'operator', client_secret: 'x' });
  t.match(service.logged, [{ client: 'not a name of ours' }, { client: 'operator' }]);
});
