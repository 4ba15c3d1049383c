/** What all routes share: reading, checking, refusing. On routes of the test's own. */
import { Type } from '@fastify/type-provider-typebox';
import t from 'tap';
import { type ErrorCode, errorCodes, Refusal } from '../../src/errors.ts';
import type { Feature } from '../../src/features/feature.ts';
import { access } from '../../src/http/access.ts';
import { problems } from '../../src/http/problems.ts';
import { publicLimit } from '../../src/http/rate-limit.ts';
import { testPublicUrl, testService } from '../support/service.ts';

const item = Type.Object(
  { sku: Type.String({ pattern: '^[A-Z]+$' }), count: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
const shape = Type.Union([
  Type.Object({ kind: Type.Literal('round'), radius: Type.Number() }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('square'), side: Type.Number() }, { additionalProperties: false }),
]);
const body = Type.Object(
  {
    items: Type.Optional(Type.Array(item, { maxItems: 3, 'x-error': { maxItems: 'too-many-hops' } })),
    shape: Type.Optional(shape),
    colour: Type.Optional(Type.Union([Type.Literal('red'), Type.Literal('blue')])),
    note: Type.Optional(Type.String({ maxLength: 10 })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
);

const failures: Record<string, () => unknown> = {
  bug: () => {
    throw new TypeError('secret internals');
  },
  nothing: () => {
    throw null;
  },
  away: () => {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
  },
  full: () => {
    throw Object.assign(new Error('could not extend file'), { code: '53100' });
  },
};

const feature: Feature = async (app, deps) => {
  app.post('/t/echo', { schema: { body } }, async ({ body }) => body);
  app.get(
    '/t/query',
    { schema: { querystring: Type.Object({ n: Type.Integer() }, { additionalProperties: false }) } },
    async ({ query }) => query,
  );
  app.get('/t/limited', { schema: {}, config: publicLimit(deps) }, async () => ({}));
  app.get(
    '/t/refuse/:code',
    { schema: { params: Type.Object({ code: Type.String() }) } },
    async ({ params }) => {
      const code = errorCodes.find((known): known is ErrorCode => known === params.code) ?? 'not-found';
      throw new Refusal(code, 'Because.', {
        faults: [{ code, detail: 'Here.', pointer: '/a/0' }],
        retryAfter: 7,
      });
    },
  );
  app.get('/t/fail/:how', { schema: { params: Type.Object({ how: Type.String() }) } }, async ({ params }) =>
    failures[params.how]?.(),
  );
};
const extra = {
  features: [feature],
  table: {
    ...access,
    'POST /t/echo': 'public',
    'GET /t/query': 'public',
    'GET /t/limited': 'public',
    'GET /t/refuse/:code': 'public',
    'GET /t/fail/:how': 'public',
  },
} as const;

t.test('requests', async (t) => {
  const { app, logged } = await testService(t, { extra, deps: { publicRateLimit: 2 } });
  const json = { 'content-type': 'application/json' };
  const post = (payload: string | Buffer, headers: Record<string, string> = json) =>
    app.inject({ method: 'POST', url: '/t/echo', payload, headers });

  t.test('every error code has its document', async (t) => {
    const seen = await Promise.all(
      errorCodes.map(async (code) => {
        const answer = await app.inject(`/t/refuse/${code}`);
        const { instance, ...document } = answer.json();
        t.match(instance, /^urn:uuid:[0-9a-f-]{36}$/);
        return [answer.statusCode, answer.headers['content-type'], answer.headers['retry-after'], document];
      }),
    );
    t.strictSame(
      seen,
      errorCodes.map((code) => [
        problems[code].status,
        'application/problem+json; charset=utf-8',
        '7',
        {
          type: `${testPublicUrl}/problems/${code}`,
          title: problems[code].title.en,
          status: problems[code].status,
          detail: 'Because.',
          code,
          errors: [{ pointer: '/a/0', code, detail: 'Here.' }],
        },
      ]),
    );
    t.strictSame(
      errorCodes.filter((code) => problems[code].status < 400 || problems[code].status === 500),
      [],
      'no code is a success or a bug',
    );
    const page = await app.inject('/problems/forbidden');
    t.strictSame(page.json(), { code: 'forbidden', ...problems.forbidden });
    t.equal((await app.inject('/problems/nonsense')).json().code, 'not-found');
  });

  t.test('titles follow the language', async (t) => {
    const titles = await Promise.all(
      ['zh-CN,zh;q=0.9,en;q=0.8', 'ZH', 'en-GB,zh;q=0.5', 'zhuang', ''].map(async (language) => {
        const answer = await app.inject({
          url: '/t/refuse/forbidden',
          headers: { 'accept-language': language },
        });
        return answer.json().title;
      }),
    );
    const { en, zh } = problems.forbidden.title;
    t.strictSame(titles, [zh, zh, en, en, en]);
  });

  t.test('bodies that are refused', async (t) => {
    const required = 'This member is required; add it.';
    const remove = 'This member is not known here; remove it.';
    const table: [body: string | Buffer, status: number, code: string, errors: unknown][] = [
      ['{', 400, 'malformed-json', undefined],
      ['', 400, 'malformed-json', undefined],
      [Buffer.from([0x22, 0xff, 0x22]), 400, 'malformed-json', undefined],
      [Buffer.from('\ufeff{}'), 400, 'malformed-json', undefined],
      [
        '{"note":1,"note":1}',
        400,
        'duplicate-name',
        [['/note', 'duplicate-name', 'A name stands twice in one object; send each name once.']],
      ],
      [`{"note":${'['.repeat(40)}`, 400, 'too-deep', 1],
      ['{"note":1e999}', 400, 'unsafe-number', 1],
      ['{"note":"\\u0000"}', 400, 'invalid-string', 1],
      ['{"note":"\\ud800"}', 400, 'invalid-string', 1],
      ['{"__proto__":{"note":"x"}}', 400, 'unknown-member', [['/__proto__', 'unknown-member', remove]]],
      ['{"\\u005f_proto__":1}', 400, 'unknown-member', [['/__proto__', 'unknown-member', remove]]],
      [
        '{"items":[{"sku":"A","count":1,"__proto__":1}]}',
        400,
        'unknown-member',
        [['/items/0/__proto__', 'unknown-member', remove]],
      ],
      [
        '{"labels":{"a":"b","__proto__":"c"}}',
        400,
        'unknown-member',
        [['/labels/__proto__', 'unknown-member', remove]],
      ],
      ['{"constructor":1}', 400, 'unknown-member', [['/constructor', 'unknown-member', remove]]],
      [
        '{"a/b":1,"note":7}',
        400,
        'invalid-request',
        [
          ['/a~1b', 'unknown-member', remove],
          ['/note', 'invalid-request', 'Must be string.'],
        ],
      ],
      ['null', 400, 'invalid-request', [['', 'invalid-request', 'Must be object.']]],
      [
        '{"items":[{"sku":"A"},{"sku":"a","count":"1"}]}',
        400,
        'invalid-request',
        [
          ['/items/0/count', 'invalid-request', required],
          ['/items/1/count', 'invalid-request', 'Must be integer.'],
          ['/items/1/sku', 'invalid-request', 'Must match ^[A-Z]+$.'],
        ],
      ],
      ['{"items":[1,2,3,4]}', 422, 'too-many-hops', [['/items', 'too-many-hops', 'At most 3 items.']]],
      [
        '{"colour":"green"}',
        400,
        'invalid-request',
        [['/colour', 'invalid-request', 'Must be one of "red", "blue".']],
      ],
      [
        '{"shape":{"kind":"square","radius":1}}',
        400,
        'invalid-request',
        [
          ['/shape/radius', 'unknown-member', remove],
          ['/shape/side', 'invalid-request', required],
        ],
      ],
      [
        '{"shape":{"kind":"oval"}}',
        400,
        'invalid-request',
        [['/shape', 'invalid-request', 'Must have one of the forms that /docs lists.']],
      ],
    ];
    const answers = await Promise.all(
      table.map(async ([payload]) => {
        const answer = await post(payload);
        const { code, errors, status } = answer.json();
        const list = errors?.map((e: Record<string, string>) => [e.pointer, e.code, e.detail]).sort();
        return [answer.statusCode === status ? status : 'differs', code, list];
      }),
    );
    t.strictSame(
      answers.map(([status, code, errors], i) => [
        status,
        code,
        table[i]?.[3] === 1 ? Array.isArray(errors) && 1 : errors,
      ]),
      table.map(([, status, code, errors]) => [status, code, errors]),
    );
    const kept = await post(
      '{"items":[{"sku":"A","count":1}],"shape":{"kind":"round","radius":1.5},"note":"灭火器"}',
    );
    t.strictSame(kept.json(), {
      items: [{ sku: 'A', count: 1 }],
      shape: { kind: 'round', radius: 1.5 },
      note: '灭火器',
    });
  });

  t.test('a huge body full of faults is refused without listing them all', async (t) => {
    const answer = await post(`{"items":[${'{},'.repeat(1_000_000)}{}]}`);
    t.strictSame([answer.statusCode, answer.json().errors.length], [422, 1]);
    const members = Array.from({ length: 300_000 }, (_, i) => `"m${i}":0`).join(',');
    const many = await post(`{${members}}`);
    t.strictSame([many.statusCode, many.json().errors.length], [400, 1]);
  });

  t.test('sizes, media types, addresses, methods', async (t) => {
    const large = await post(`"${'x'.repeat(32 * 1024 * 1024)}"`);
    t.strictSame([large.statusCode, large.json().code], [413, 'body-too-large']);
    const xml = await post('<a/>', { 'content-type': 'application/xml' });
    t.strictSame([xml.statusCode, xml.json().code], [415, 'unsupported-media-type']);
    const text = await post('{}', { 'content-type': 'text/plain' });
    t.strictSame([text.statusCode, text.json().code], [415, 'unsupported-media-type']);
    const nowhere = await app.inject('/no/such?S=1');
    t.strictSame([nowhere.statusCode, nowhere.json().code], [404, 'not-found']);
    const wrong = await app.inject({ method: 'DELETE', url: '/t/refuse/x?a=b' });
    t.strictSame(
      [wrong.statusCode, wrong.json().code, wrong.headers.allow],
      [405, 'method-not-allowed', 'GET, HEAD'],
    );
    const bad = await app.inject('/t/refuse/%E0%A4%A');
    t.strictSame([bad.statusCode, bad.json().code], [400, 'invalid-request']);
    const nul = await app.inject('/t/refuse/a%00b');
    t.strictSame([nul.statusCode, nul.json().code], [400, 'invalid-string']);
  });

  t.test('query parameters are coerced, and named when they do not fit', async (t) => {
    t.strictSame((await app.inject('/t/query?n=5')).json(), { n: 5 });
    const wrong = await app.inject('/t/query?n=x&m=1');
    t.equal(wrong.statusCode, 400);
    t.strictSame(
      wrong
        .json()
        .errors.map((e: { detail: string }) => e.detail)
        .sort(),
      ['Query parameter m: This member is not known here; remove it.', 'Query parameter n: Must be integer.'],
    );
    t.equal(
      (await app.inject('/t/query')).json().detail,
      'Query parameter n: This member is required; add it.',
    );
  });

  t.test('a public route is limited by address', async (t) => {
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await app.inject('/t/limited')).statusCode);
    const last = await app.inject('/t/limited');
    t.strictSame([...statuses, last.json().code], [200, 200, 429, 'rate-limited']);
    t.match(last.headers['retry-after'], /^\d+$/);
  });

  t.test('what is not the caller’s fault', async (t) => {
    const away = await app.inject('/t/fail/away');
    t.strictSame([away.statusCode, away.json().code, away.headers['retry-after']], [503, 'unavailable', '1']);
    const full = await app.inject('/t/fail/full');
    t.strictSame([full.statusCode, full.json().code], [507, 'storage-full']);
    const bug = await app.inject('/t/fail/bug');
    t.equal(bug.statusCode, 500);
    t.notMatch(bug.body, /secret|TypeError|stack/);
    t.equal(bug.json().type, 'about:blank');
    t.ok(
      logged.some((line) => JSON.stringify(line).includes('secret internals')),
      'our bug is logged whole',
    );
    t.equal((await app.inject('/t/fail/nothing')).statusCode, 500);
  });
});

t.test('a route without a row of access keeps the service from starting', async (t) => {
  const stray: Feature = async (app) => {
    app.get('/stray', { schema: {} }, async () => ({}));
  };
  await t.rejects(testService(t, { extra: { features: [stray], table: access } }), /no row for GET \/stray/);
});
