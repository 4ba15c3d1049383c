import { createHash } from 'node:crypto';
import t from 'tap';
import { testBrowser } from '../../support/browser.ts';
import { type Answer, container, distribute, gtin, lot, unit, world } from './world.ts';

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const chinese = { ...html, 'accept-language': 'zh-CN,zh;q=0.9' };
const english = { ...html, 'accept-language': 'en-GB,en;q=0.9' };

t.test('what a scanned code opens', async (t) => {
  const w = await world(t);
  const epc = unit('7ZK3QW9D5TB1M');
  const looked = unit('PHONE1');
  await w.issue([epc, looked]);
  await distribute(w, [epc, looked]);
  const code = await w.code(epc);
  const path = code.slice('HTTPS://ID.EXAMPLE.CN'.length);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${w.origin}${path}`, { headers: { 'user-agent': 'a phone', ...headers } });

  t.test('a page in the language of its reader', async (t) => {
    const response = await get(path, chinese);
    const text = await response.text();
    t.equal(response.status, 200);
    t.strictSame(
      ['content-type', 'content-language', 'cache-control', 'vary', 'referrer-policy'].map((name) =>
        response.headers.get(name),
      ),
      ['text/html; charset=utf-8', 'zh-CN', 'no-store', 'Accept, Accept-Language', 'no-referrer'],
    );
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    t.equal(
      response.headers.get('content-security-policy'),
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'which lets in its own style and nothing else',
    );
    t.ok(Buffer.byteLength(text) <= 30 * 1024, `${Buffer.byteLength(text)} bytes`);
    t.match(text, /此码由江南消防器材有限公司签发/);
    t.notMatch(text, /<script|浦江/);
    const other = await (await get(path, english)).text();
    t.match(other, /<html lang="en">/);
    t.match(other, /does not prove that the thing under it is genuine/);
    t.match(await (await get(`${path}&lang=en`, chinese)).text(), /<html lang="en">/, 'or as asked');
    t.not(
      await (await get(`${path}&for=shop`, english)).text(),
      other,
      'with advice for what they are about to do',
    );
  });

  t.test('the same as JSON, and as links', async (t) => {
    const json = await get(path, { accept: 'application/json' });
    const body = (await json.json()) as Answer;
    t.equal(json.headers.get('content-type'), 'application/json; charset=utf-8');
    const posted = await fetch(`${w.origin}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'a phone' },
      body: JSON.stringify({ code }),
    });
    const { checkedAt: _one, code: asked, ...one } = body;
    const { checkedAt: _other, code: _sent, ...other } = (await posted.json()) as Answer;
    t.strictSame(one, other);
    t.equal(asked, `https://id.example.cn${path}`);
    for (const links of [
      await get(path, { accept: 'application/linkset+json' }),
      await get(`${path}&linkType=linkset`, html),
    ]) {
      t.match(links.headers.get('content-type'), /^application\/linkset\+json\b/);
      const { linkset } = (await links.json()) as Answer;
      t.strictSame(
        linkset.map(({ anchor }: Answer) => anchor),
        [`https://id.example.cn/${epc}`],
      );
      t.strictSame(
        Object.entries<Answer>(linkset[0])
          .slice(1)
          .map(([type, [link]]) => [type, link.href]),
        [
          ['https://ref.gs1.org/voc/defaultLink', `https://id.example.cn${path}`],
          ['https://ref.gs1.org/voc/verificationService', `https://id.example.cn${path}`],
          [
            'https://ref.gs1.org/voc/traceability',
            `https://id.example.cn/v1/units/${gtin}/7ZK3QW9D5TB1M/history`,
          ],
        ],
      );
    }
    const none = await get(path, { accept: 'image/png' });
    t.strictSame([none.status, ((await none.json()) as Answer).code], [406, 'not-acceptable']);
  });

  t.test('lots, containers, and numbers that somebody typed', async (t) => {
    for (const [path, verdict] of [
      [`/${lot()}`, 'consistent'],
      [`/${container}`, 'unknown'],
      [`/${epc}`, 'consistent'],
      [`/${unit('NOBODY')}`, 'unknown'],
      [`/01/6901234567892/21/7ZK3QW9D5TB1M`, 'consistent'],
    ] as const) {
      const page = await get(path, chinese);
      const json = (await (await get(path, { accept: 'application/json' })).json()) as Answer;
      t.strictSame([page.status, json.verdict, json.journey], [200, verdict, null], path);
    }
  });

  t.test('where nothing is', async (t) => {
    for (const nowhere of ['/nowhere', '/v1/nowhere', '/a/b/c']) {
      const page = await get(nowhere, chinese);
      t.strictSame([page.status, page.headers.get('content-language')], [404, 'zh-CN'], nowhere);
      t.match(await page.text(), /没有这个页面/);
      for (const accept of ['*/*', 'application/json']) {
        const problem = await get(nowhere, { accept });
        t.equal(problem.headers.get('content-type'), 'application/problem+json; charset=utf-8', accept);
      }
    }
  });

  t.test('what cannot be read', async (t) => {
    for (const [wrong, status] of [
      [path.slice(0, -1), 400],
      ['/01/06901234567893/21/A1', 400],
      ['/01/abc/21/A1', 400],
      [`/01/${gtin}/99/A1`, 404],
      ['/00/1/2', 404],
    ] as const) {
      const page = await get(wrong, chinese);
      const text = await page.text();
      t.strictSame(
        [page.status, page.headers.get('content-type'), page.headers.get('content-language')],
        [status, 'text/html; charset=utf-8', 'zh-CN'],
        wrong,
      );
      t.match(text, status === 400 ? /这个码读不出来/ : /没有这个页面/);
      const problem = await get(wrong, { accept: 'application/json' });
      t.equal(problem.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    }
  });

  t.test('the home page', async (t) => {
    const page = await get('/', english);
    t.strictSame([page.status, page.headers.get('content-language')], [200, 'en']);
    t.match(await page.text(), /id\.example\.cn/);
  });

  t.test('on a phone, without script', async (t) => {
    const browser = await testBrowser(t);
    if (browser === null) return;
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
      locale: 'zh-CN',
      userAgent: 'Mozilla/5.0 (Linux; Android 14) a phone',
    });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    const scanned = await w.code(looked);
    await page.goto(scanned.replace('HTTPS://ID.EXAMPLE.CN', w.origin));
    t.equal(await page.locator('body').getAttribute('class'), 'consistent');
    t.match(await page.locator('main').textContent(), /生产[\s\S]*2026年3月[\s\S]*浙江省杭州市/);
    const size = await page.locator('body').boundingBox();
    t.ok((size?.width ?? 1000) <= 360, 'nothing sticks out');
    await page.locator('a[href*="for=shop"]').click();
    t.match(page.url(), /[?&]for=shop/);
    t.match(await page.locator('main').textContent(), /这是这个码第一次被公众扫描/, 'one visit is one scan');
    await page.locator('header a[hreflang=en]').click();
    t.equal(await page.locator('html').getAttribute('lang'), 'en');
    t.strictSame(refused, [], 'the browser refused nothing');
    t.ok(requests.every((url) => url.startsWith(w.origin) || url.startsWith('data:')));
    await page.goto(`${w.origin}/01/${gtin}/21/NOBODY`);
    t.equal(await page.locator('body').getAttribute('class'), 'unknown');
  });
});

t.test('whoever asks too often is told to wait', async (t) => {
  const w = await world(t, { service: { publicRateLimit: 3 } });
  const path = `/${unit('A1')}`;
  const get = (headers: Record<string, string>) => fetch(`${w.origin}${path}`, { headers });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await get(chinese)).status);
  t.strictSame(statuses, [200, 200, 200]);
  const page = await get(chinese);
  t.strictSame([page.status, page.headers.get('content-type')], [429, 'text/html; charset=utf-8']);
  const seconds = Number(page.headers.get('retry-after'));
  t.ok(seconds >= 1 && seconds <= 60);
  t.match(await page.text(), /查询太频繁/);
  const problem = await get({ accept: 'application/json' });
  t.strictSame([problem.status, ((await problem.json()) as Answer).code], [429, 'rate-limited']);
  t.ok(problem.headers.get('retry-after'));
});
