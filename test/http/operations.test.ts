import { Type } from '@fastify/type-provider-typebox';
import t from 'tap';
import type { Feature } from '../../src/features/feature.ts';
import { access } from '../../src/http/access.ts';
import { type Cable, layCable } from '../support/cable.ts';
import { testService } from '../support/service.ts';

const feature: Feature = async (app, { reads }) => {
  app.get('/t/count', { schema: { response: { 200: Type.Object({ n: Type.Integer() }) } } }, async () => {
    const [row] = await reads.sql<{ n: number }[]>`select count(*) as n from entries`;
    return { n: row?.n ?? -1 };
  });
};
const extra = { features: [feature], table: { ...access, 'GET /t/count': 'public' } } as const;

t.test('the database goes away and comes back without a restart', async (t) => {
  let cable: Cable | undefined;
  const { app } = await testService(t, {
    extra,
    through: async (url) => {
      cable = await layCable(t, url);
      return cable.url;
    },
  });
  const statuses = async () => {
    const urls = ['/healthz', '/readyz', '/t/count'];
    const answers = await Promise.all(urls.map((url) => app.inject(url)));
    return answers.map((answer) => [answer.statusCode, answer.json().code]);
  };
  const good = [
    [200, undefined],
    [200, undefined],
    [200, undefined],
  ];
  t.strictSame(await statuses(), good);
  await cable?.cut();
  t.strictSame(await statuses(), [
    [200, undefined],
    [503, 'unavailable'],
    [503, 'unavailable'],
  ]);
  await cable?.mend();
  // A pool may give one more answer of a connection that broke; then it finds the server again.
  let after = await statuses();
  for (let i = 0; i < 20 && after.some(([status]) => status !== 200); i++) after = await statuses();
  t.strictSame(after, good);
});

t.test('metrics count requests by route, not by address', async (t) => {
  const { app } = await testService(t, { extra });
  await app.inject('/problems/forbidden');
  await app.inject('/problems/nonsense');
  await app.inject('/no/such/address');
  const { body, headers } = await app.inject('/metrics');
  t.match(headers['content-type'], /^text\/plain/);
  t.match(
    body,
    /http_request_duration_seconds_count\{method="GET",route="\/problems\/:code",status="200"\} 1/,
  );
  t.match(
    body,
    /http_request_duration_seconds_count\{method="GET",route="\/problems\/:code",status="404"\} 1/,
  );
  t.match(body, /route="\(none\)",status="404"\} 1/);
  t.match(body, /process_cpu_seconds_total/);
  t.notMatch(body, /no\/such/);
});

t.test('the documentation is there and may load nothing from elsewhere', async (t) => {
  const { app } = await testService(t);
  const page = await app.inject('/docs');
  t.equal(page.statusCode, 200);
  t.match(page.body, '<title>Suyuan API · 溯源接口文档</title>');
  t.match(page.headers['content-security-policy'], /^default-src 'none'; script-src 'self';/);
  t.notMatch(page.headers['content-security-policy'], /upgrade-insecure-requests/);
  const other = await app.inject('/healthz');
  t.equal(
    other.headers['content-security-policy'],
    "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  );
  t.equal(other.headers['x-content-type-options'], 'nosniff');
});

t.test('closing lets requests under way end', async (t) => {
  let arrived: () => void = () => {};
  let go: () => void = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow: Feature = async (app, { reads }) => {
    app.get('/t/slow', { schema: {} }, async () => {
      arrived();
      await gate;
      const [row] = await reads.sql<{ one: number }[]>`select 1 as one`;
      return { one: row?.one };
    });
  };
  const { app, listen } = await testService(t, {
    extra: { features: [slow], table: { ...access, 'GET /t/slow': 'public' } },
  });
  const origin = await listen();
  const answer = fetch(`${origin}/t/slow`);
  await here;
  let closed = false;
  const closing = app.close().then(() => {
    closed = true;
  });
  await t.rejects(fetch(`${origin}/healthz`), 'nothing new is taken');
  t.equal(closed, false);
  go();
  t.strictSame(await (await answer).json(), { one: 1 });
  await closing;
});
