/** The resolver: links of the owner beside the verdict, which is always the default. */
import t from 'tap';
import { operatorOf, refusal, register, testGtin } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

const service = await testService(t);
const operator = operatorOf(service);
const maker = await register(service, '甲消防器材厂', ['manufacturer'], { nameEn: 'Jia Fire' });
const other = await register(service, '乙消防器材厂', ['manufacturer']);
const gtin = testGtin(1);
const host = 'https://id.example.cn';
await operator.send('POST', '/v1/gtins', {
  ...{ party: maker.id, gtins: [gtin], evidence: 'x', vettedBy: 'x', vettedAt: '2026-01-05' },
});
const made = await maker.send('POST', '/v1/products', {
  ...{ gtin, name: '手提式干粉灭火器', nameEn: 'Portable extinguisher', model: 'MFZ/ABC4' },
  ...{ category: 'portable-extinguishers', uom: 'H87' },
});
if (made.statusCode !== 201) throw new Error(made.body);

const give = (body: object, who = maker) =>
  who.send('POST', '/v1/links', {
    anchor: `01/${gtin}`,
    linkType: 'gs1:instructions',
    title: { zh: '说明书' },
    ...body,
  });
const get = (url: string, headers: Record<string, string> = {}) =>
  service.app.inject({ method: 'GET', url, headers: { accept: '*/*', ...headers } });

t.test('only the owner gives links, and never of what the ledger answers itself', async (t) => {
  const table: readonly (readonly [object, string, string])[] = [
    [{ href: 'http://example.com' }, 'invalid-request', '/href'],
    [{ href: 'https://me@example.com' }, 'invalid-request', '/href'],
    [{ href: 'javascript:alert(1)' }, 'invalid-request', '/href'],
    [{ href: 'https://example.com', linkType: 'gs1:defaultLink' }, 'invalid-request', '/linkType'],
    [{ href: 'https://example.com', linkType: 'gs1:verificationService' }, 'invalid-request', '/linkType'],
    [{ href: 'https://example.com', linkType: '__proto__' }, 'invalid-request', '/linkType'],
    [{ href: 'https://example.com', anchor: '00/069012345678900019' }, 'invalid-identifier', '/anchor'],
    [{ href: 'https://example.com', anchor: `(01)${testGtin(2)}` }, 'gtin-not-owned', '/anchor'],
    [{ href: 'https://example.com', language: 'x' }, 'invalid-request', '/language'],
  ];
  for (const [body, code, at] of table) {
    const [, said, where] = refusal(await give(body));
    t.strictSame([said, where.split(' ')[0]], [code, at], JSON.stringify(body));
  }
  t.equal(refusal(await give({ href: 'https://example.com' }, other))[1], 'gtin-not-owned');
});

t.test('the link that fits, by type, language and level; the page without', async (t) => {
  const links = [
    await give({ href: 'https://example.com/zh', language: 'zh-CN' }),
    await give({ href: 'https://example.com/en', language: 'en', title: { zh: '英文', en: 'English' } }),
    await give({ href: 'https://example.com/lot', anchor: `(01)${gtin}(10)L1` }),
  ];
  t.strictSame(
    links.map(({ statusCode }) => statusCode),
    [201, 201, 201],
  );
  const at = `/01/${gtin}`;
  const to = async (url: string, headers = {}) => {
    const { statusCode, headers: answered } = await get(url, headers);
    return [statusCode, answered.location];
  };
  const manual = '?linkType=gs1:instructions';
  t.strictSame(await to(`${at}${manual}`, { 'accept-language': 'en-GB' }), [307, 'https://example.com/en']);
  t.strictSame(await to(`${at}${manual}&lang=zh-CN`, { 'accept-language': 'en' }), [
    307,
    'https://example.com/zh',
  ]);
  t.strictSame(await to(`${at}/10/L1${manual}`), [307, 'https://example.com/lot']);
  t.strictSame(await to(`${at}/10/L2${manual}`), [307, 'https://example.com/zh']);
  t.strictSame(await to(`${at}/21/A1${manual}`, { 'accept-language': 'en' }), [
    307,
    'https://example.com/en',
  ]);
  t.strictSame(await to(`${at}?linkType=gs1:recallStatus`), [404, undefined]);
  t.strictSame(await to(`${at}?linkType=gs1:pip`), [200, undefined]);
  t.strictSame(await to(`${at}/21/A1?linkType=gs1:defaultLink`), [200, undefined]);
  const verdict = await get(`${at}/21/A1?linkType=gs1:verificationService`);
  t.match(verdict.json(), { verdict: 'unknown' });
  t.equal(
    verdict.headers.link,
    `<${host}${at}/21/A1?linkType=linkset>; rel="linkset"; type="application/linkset+json"`,
  );

  const set = await get(`${at}/21/A1`, { accept: 'application/linkset+json' });
  t.match(set.headers, {
    'content-type': /linkset\+json/,
    'access-control-allow-origin': '*',
    link: /json-ld#context/,
  });
  t.match(set.json(), {
    linkset: [
      {
        anchor: `${host}${at}/21/A1`,
        'https://ref.gs1.org/voc/instructions': [
          { href: 'https://example.com/zh', type: 'text/html', title: '说明书', hreflang: ['zh-CN'] },
          { href: 'https://example.com/en', type: 'text/html', title: 'English', hreflang: ['en'] },
        ],
        'https://ref.gs1.org/voc/defaultLink': [{ href: `${host}${at}/21/A1` }],
      },
    ],
  });
});

t.test('every path of the standard leads to the address of what it names', async (t) => {
  const at = `/01/${gtin}`;
  const lead: readonly (readonly [string, string])[] = [
    [`${at}/10/L1/21/A1`, `${at}/21/A1`],
    [`${at}/22/2A/10/L1/21/A%2F1?S=x&lang=en`, `${at}/21/A%2F1?S=x&lang=en`],
    [`${at}/22/2A`, at],
    [`/gtin/${gtin}/lot/L1/ser/A1`, `${at}/21/A1`],
    [`/gtin/${gtin}`, at],
    ['/sscc/069012345678900019', '/00/069012345678900019'],
    [`${at}/21/A1/`, `${at}/21/A1`],
  ];
  for (const [from, to] of lead)
    t.match(await get(from), { statusCode: 307, headers: { location: to } }, from);
  for (const nothing of [
    `${at}/235/X`,
    `${at}/21`,
    '/gtin/x/y',
    '/gtin/x',
    '/sscc/x',
    '/gtin/%2e%2e/ser/B',
    '/00/069012345678900019/x',
  ])
    t.equal((await get(nothing, { accept: 'application/json' })).statusCode, 404, nothing);
  t.equal((await get('/gtin/06901234567891', { accept: 'application/json' })).statusCode, 422);
});

t.test('where a unit came from is told where the linkset says', async (t) => {
  const at = `/01/${gtin}/21/A1`;
  const { linkset } = (await get(`${at}?linkType=linkset`)).json();
  const [{ href }] = linkset[0]['https://ref.gs1.org/voc/traceability'];
  t.match(await get(`${at}?linkType=gs1:traceability`), { statusCode: 307, headers: { location: href } });
  t.equal((await get(`/01/${gtin}/10/L1?linkType=gs1:traceability`)).statusCode, 404);
});

t.test('for whom a link is meant counts', async (t) => {
  const support = { linkType: 'gs1:support', title: { zh: '支持' } };
  t.equal((await give({ ...support, href: 'https://example.com/all' })).statusCode, 201);
  t.equal((await give({ ...support, href: 'https://example.com/cn', context: 'CN' })).statusCode, 201);
  const to = async (query: string) =>
    (await get(`/01/${gtin}?linkType=gs1:support${query}`)).headers.location;
  t.equal(await to('&context=CN'), 'https://example.com/cn');
  t.equal(await to('&context=DE'), 'https://example.com/all');
  t.equal(await to(''), 'https://example.com/all');
});

t.test('the address of a product', async (t) => {
  const chinese = await get(`/01/${gtin}`, { accept: 'text/html', 'accept-language': 'zh-CN' });
  t.match(chinese.body, /不是某一件产品[\s\S]*甲消防器材厂[\s\S]*example\.com/);
  t.match(
    (await get(`/01/${gtin}?lang=en`, { accept: 'text/html' })).body,
    /not a single unit[\s\S]*Jia Fire[\s\S]*English/,
  );
  t.match((await get(`/01/${gtin}`, { accept: 'application/json' })).json(), { gtin, model: 'MFZ/ABC4' });
  t.equal((await get(`/01/${testGtin(9)}`, { accept: 'application/json' })).statusCode, 404);
  t.equal((await get('/01/06901234567891', { accept: 'application/json' })).statusCode, 422);
  t.equal((await get(`/01/${gtin}`, { accept: 'image/png' })).statusCode, 406);
  t.match((await get('/.well-known/gs1resolver')).json(), {
    resolverRoot: host,
    supportedPrimaryKeys: ['00', '01'],
  });
});

t.test('what is taken back is gone', async (t) => {
  const { items } = (await maker.send('GET', '/v1/links?limit=2')).json<{
    items: { id: string; href: string }[];
  }>();
  t.equal(items.length, 2);
  t.strictSame((await other.send('GET', '/v1/links')).json(), { items: [], next: null });
  const [first] = items;
  const url = `/v1/links/${first?.id}`;
  t.equal((await other.send('DELETE', url)).statusCode, 404);
  t.match((await maker.send('GET', url)).json(), first ?? {});
  t.equal((await maker.send('DELETE', url)).statusCode, 204);
  t.equal((await maker.send('DELETE', url)).statusCode, 404);
  const set = await get(`/01/${gtin}/10/L1?linkType=all`);
  t.notMatch(set.body, JSON.stringify(first?.href));
});

t.test('pages of others may ask, and are told what there is not', async (t) => {
  const asked = ['/01/%', '/01/%/21/7', '/01/%/10/L1', '/00/069012345678900019', '/gtin/%'];
  for (const url of asked.map((it) => it.replace('%', gtin))) {
    const answer = await service.app.inject({ method: 'OPTIONS', url });
    t.equal(answer.statusCode, 204, url);
    t.match(answer.headers, {
      allow: 'GET, HEAD, OPTIONS',
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    });
  }
  for (const url of [`/01/${testGtin(9)}`, '/01/1', `/gtin/${gtin}`, `/01/${gtin}?linkType=gs1:faqs`])
    t.equal((await get(url)).headers['access-control-allow-origin'], '*', url);
});
