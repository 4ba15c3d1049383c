/** What every answer tells a browser, whom metrics are told, and what is not unpacked. */
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { refusal } from '../support/actors.ts';
import { type TestService, testService } from '../support/service.ts';

t.test('headers', async (t) => {
  const service = await testService(t);
  const { app } = service;
  const pages = ['/', '/verify-evidence', '/01/06901234567892/21/A7?S=1', '/00/x'];
  const others = [
    '/healthz',
    '/no/such',
    '/%zz',
    '/a%00b',
    '/v1/keys',
    '/log/checkpoint',
    '/docs/json',
    '/metrics',
  ];

  t.test('on every answer, whatever it says', async (t) => {
    for (const url of [...pages, ...others, '/docs', '/docs/static/swagger-ui.css']) {
      const { headers } = await app.inject({ url, headers: { accept: 'text/html, */*' } });
      const policy = String(headers['content-security-policy']);
      t.match(policy, /default-src 'none'/, url);
      t.match(policy, /frame-ancestors 'none'/, url);
      t.notMatch(policy, /unsafe-eval|\*|script-src[^;]*unsafe-inline/, url);
      t.equal(headers['x-content-type-options'], 'nosniff', url);
      // A signature stands in the address of a scanned code.
      t.equal(headers['referrer-policy'], 'no-referrer', url);
    }
  });

  t.test('nothing inline but what is named by its hash, on any page for people', async (t) => {
    for (const url of pages) {
      const { headers, body } = await app.inject({ url, headers: { accept: 'text/html' } });
      t.match(headers['content-type'], /^text\/html/, url);
      t.notMatch(headers['content-security-policy'], /unsafe/, url);
      t.notMatch(body, / on\w+=|style="|javascript:/, url);
    }
  });

  t.test('to https for a year, where the world comes by https', async (t) => {
    t.match((await app.inject('/')).headers['strict-transport-security'], /^max-age=31536000/);
    const plain = await testService(t, { deps: { publicUrl: 'http://localhost:8080' } });
    t.equal((await plain.app.inject('/')).headers['strict-transport-security'], undefined);
  });

  t.test('what a token was needed for stays in no cache, and what is public may', async (t) => {
    const authorization = service.bearer(['manufacturer']);
    for (const url of ['/v1/keys', '/v1/products', '/v1/parties?limit=1', '/v1/nothing'])
      t.match(
        (await app.inject({ url, headers: { authorization } })).headers['cache-control'],
        /no-store/,
        url,
      );
    t.match((await app.inject({ url: '/', headers: { authorization } })).headers['cache-control'], /^public/);
  });
});

t.test('a body that was compressed is not unpacked', async (t) => {
  const { app } = await testService(t);
  const post = (encoding: string, payload: Buffer) =>
    app.inject({
      method: 'POST',
      url: '/v1/verify',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      payload,
    });
  const body = Buffer.from('{"code":"01/06901234567892/21/A7"}');
  const refused = await post('gzip', gzipSync(body));
  t.strictSame(refusal(refused), [
    415,
    'unsupported-media-type',
    'Send the body as it is, without Content-Encoding: gzip is not undone here.',
  ]);
  t.equal(refused.headers['accept-encoding'], 'identity');
  t.equal((await post('br, gzip', body)).statusCode, 415);
  t.equal((await post('Identity', body)).statusCode, 200);
});

t.test('metrics', async (t) => {
  const ask = async ({ app }: TestService, remoteAddress: string, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ url: '/metrics', remoteAddress, headers });
    return answer.statusCode === 200 ? 200 : refusal(answer).slice(0, 2);
  };
  const service = await testService(t);
  const bearer = (role: 'operator' | 'regulator') => ({ authorization: service.bearer([role]) });
  t.strictSame(
    [
      await ask(service, '127.0.0.1'),
      await ask(service, '10.0.0.5'),
      await ask(service, '203.0.113.9'),
      await ask(service, '203.0.113.9', bearer('operator')),
      await ask(service, '203.0.113.9', bearer('regulator')),
      await ask(service, '127.0.0.1', bearer('regulator')),
      await ask(service, '127.0.0.1', { authorization: 'Bearer x.y.z' }),
      await ask(service, '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }),
    ],
    [
      200,
      200,
      [401, 'unauthenticated'],
      200,
      [403, 'forbidden'],
      [403, 'forbidden'],
      [401, 'token-invalid'],
      [401, 'unauthenticated'],
    ],
  );
  const behind = await testService(t, { deps: { trustProxy: ['127.0.0.1'] } });
  t.strictSame(
    [
      await ask(behind, '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }),
      await ask(behind, '127.0.0.1', { 'x-forwarded-for': '10.0.0.5' }),
      await ask(behind, '203.0.113.9', { 'x-forwarded-for': '10.0.0.5' }),
    ],
    [[401, 'unauthenticated'], 200, [401, 'unauthenticated']],
    'by the word of a proxy that is trusted, and of no other',
  );
});

t.test('what came is not sent back', async (t) => {
  const { app } = await testService(t);
  const { statusCode, body } = await app.inject({
    method: 'TRACE',
    url: '/healthz',
    headers: { authorization: 'Bearer trace' },
  });
  t.equal(statusCode >= 400, true);
  t.notMatch(body, /Bearer trace/);
});
