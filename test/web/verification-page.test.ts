import { createHash } from 'node:crypto';
import t from 'tap';
import { verdicts } from '../../src/core/codes/verdict.ts';
import { categories } from '../../src/features/policies/data/categories.ts';
import { adviceFor, verdictNames } from '../../src/web/advice.ts';
import { checkedCategories } from '../../src/web/checks.ts';
import { renderHomePage } from '../../src/web/home-page.ts';
import { clip, html } from '../../src/web/html.ts';
import { withQuery } from '../../src/web/page.ts';
import { renderProblemPage } from '../../src/web/problem-page.ts';
import { renderRecallsPage } from '../../src/web/search-pages.ts';
import { pageSecurityPolicy, styleHash } from '../../src/web/style.ts';
import { renderVerificationPage } from '../../src/web/verification-page.ts';
import { purposes, type VerificationView } from '../../src/web/verification-view.ts';
import { languages } from '../../src/web/words.ts';
import { examples, reason } from './examples.ts';

const everyPage = (view: VerificationView) =>
  languages.flatMap((lang) =>
    [null, ...purposes].map((purpose) => renderVerificationPage({ ...view, purpose }, lang)),
  );

t.test('the tag encodes whatever is interpolated', async (t) => {
  const name = '<b>"A&B"</b>';
  t.equal(
    html`<p title="${name}">${name}</p>`.text,
    '<p title="&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;">&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;</p>',
  );
  t.equal(html`${["'", 1, null, html`<i>`]}`.text, '&#39;1<i>');
  t.equal(html`${'a\u202eb\u0000c\ud800d\r\ne'}`.text, 'abcd e', 'no overrides, controls or lone surrogates');
  t.equal(clip('消防👩‍🚒x', 4), '消防👩…', 'cut between code points');
});

t.test('one small response, nothing loaded, no script', async (t) => {
  const pages = [
    ...Object.values(examples).flatMap(everyPage),
    ...languages.flatMap((lang) => [
      renderHomePage({ host: 'id.suyuan.example' }, lang),
      ...[400, 404, 429, 500, 503].map((status) => renderProblemPage({ status, here: '/x' }, lang)),
    ]),
  ];
  const sizes = pages.map((page) => Buffer.byteLength(page));
  t.comment(`largest page: ${Math.max(...sizes)} bytes`);
  t.ok(Math.max(...sizes) <= 30_000, 'at most 30 KB');
  t.strictSame(
    pages.filter((page) =>
      /<script|<link(?! rel="icon" href="data:)|<img|<iframe| style=| on[a-z]+="/i.test(page),
    ),
    [],
  );
  const styles = new Set(pages.map((page) => /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? ''));
  t.strictSame(
    [...styles].map((css) => `sha256-${createHash('sha256').update(css).digest('base64')}`),
    [styleHash],
    'the style is the one that the policy allows',
  );
  t.ok(pageSecurityPolicy.includes(`style-src '${styleHash}'`));
});

t.test('every verdict and purpose has words of its own, in both languages', async (t) => {
  const advice = verdicts.flatMap((verdict) =>
    [null, ...purposes].map((purpose) => adviceFor(verdict, purpose)),
  );
  t.equal(new Set(advice.map(({ zh }) => zh)).size, 24);
  t.equal(new Set(advice.map(({ en }) => en)).size, 24);
  const pages = Object.values(examples).flatMap(everyPage);
  const missing = Object.values(examples).flatMap((view) => {
    const [zh = '', , , , en = ''] = everyPage(view);
    return zh.includes(`<h1>${verdictNames[view.verdict].zh}</h1>`) &&
      en.includes(`<h1>${verdictNames[view.verdict].en}</h1>`)
      ? []
      : [view.verdict];
  });
  t.strictSame(missing, []);
  t.strictSame(
    pages.filter((page) => /是正品|是真品|保证真|is genuine(?!: a code can be copied)|guaranteed/.test(page)),
    [],
    'no page calls a thing genuine',
  );
});

t.test('English pages hold no Chinese but names, and Chinese pages no English sentences', async (t) => {
  const plain = { ...examples.forged, headline: { zh: '头', en: 'Head' } };
  const text = (lang: 'zh-CN' | 'en') =>
    renderVerificationPage(plain, lang)
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<a (class="brand"|[^>]*hreflang).*?<\/a>/gs, '');
  t.notMatch(text('en').replace(/^.*<main>/s, ''), /\p{Script=Han}/u);
  t.notMatch(text('zh-CN').replace(/<[^>]*>/g, ' '), /[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}/);
});

t.test('the advice fits what was tapped', async (t) => {
  const page = (view: Partial<VerificationView>) =>
    renderVerificationPage({ ...examples.consistent, ...view }, 'en');
  const installed = { reasons: [reason('recorded-installed')] };
  t.match(page({ ...installed, purpose: 'shop' }), 'class="notice">Careful: you are buying it');
  t.notMatch(page({ ...installed, purpose: 'installed' }), 'class="notice"');
  t.match(page({ reasons: [reason('recorded-sold')], purpose: 'shop' }), 'recorded as sold already. Ask');
  t.match(page({ reasons: [reason('not-shipped-yet')], purpose: 'service' }), 'has not left the factory');
  t.match(page({ purpose: 'service' }), /for=service&amp;lang=en" aria-current="true"/);
  t.match(page({ reasons: [reason('expired')] }), /class="cautions".*service life is over.*class="taps"/s);
});

t.test('what was typed was looked up, not scanned', async (t) => {
  const reasons = [reason('typed-no-signature')];
  const text = (view: Partial<VerificationView>, lang: 'zh-CN' | 'en') =>
    renderVerificationPage({ ...examples.consistent, ...view }, lang).replace(/<[^>]*>/g, '');
  const never = { count: 0, firstAt: null };
  t.match(text({ scans: never }, 'zh-CN'), '这是这个码第一次被公众扫描。');
  t.match(text({ scans: never, reasons }, 'zh-CN'), '此前没有公众查过这个编号。');
  t.match(
    text({ scans: never, reasons }, 'en'),
    'Nobody of the public has looked this number up before you.',
  );
  t.match(text({}, 'zh-CN'), '此前公众扫描过 3 次，首次在 2026年5月7日 00:30（北京时间，UTC+8）。');
  t.match(
    text({ reasons }, 'en'),
    'Looked up by the public 3 times before, first on 7 May 2026, 00:30 China',
  );
  t.notMatch(text({ reasons }, 'zh-CN'), /公众扫描/);
});

t.test(
  'a container is not asked where it is installed, and a code without a record is not called registered',
  async (t) => {
    const { consistent, forged } = examples;
    const carton = {
      ...consistent,
      product: null,
      code: { text: '', elementString: '(00)106141412345678908' },
    };
    const page = renderVerificationPage(carton, 'en');
    t.match(
      page,
      /<h2>What to do<\/h2>\n<p class="advice">Check it by the points below, and scan each thing inside\./,
    );
    t.match(page, '<h2>As registered</h2>');
    t.notMatch(page, 'class="taps"');
    t.match(renderVerificationPage(forged, 'zh-CN'), '<h2>码上的内容</h2>');
    t.match(
      renderVerificationPage(consistent, 'zh-CN'),
      '<code>(01)06901234567892<wbr>(21)7ZK3QW9D5TB1M</code>',
      'a line ends before an application identifier',
    );
  },
);

t.test('a search that asks for nothing in particular says that there is nothing', async (t) => {
  const nothing = { product: '', maker: '', lot: '', unit: '', region: '', outcome: '', from: '', until: '' };
  const page = (fields: typeof nothing) => renderRecallsPage({ fields, items: [], next: null }, 'zh-CN');
  t.match(page(nothing), '目前没有公布召回或停售。');
  t.match(page({ ...nothing, lot: 'L1' }), '没有找到。');
});

t.test(
  'a recall is told of one lot or of several, and of a period in the words of the language',
  async (t) => {
    const fields = {
      product: '',
      maker: '',
      lot: '',
      unit: '',
      region: '',
      outcome: '',
      from: '',
      until: '',
    };
    const page = (lots: readonly string[], lang: (typeof languages)[number]) =>
      renderRecallsPage(
        {
          fields,
          items: [
            {
              type: 'recall',
              number: '沪召〔2026〕1号',
              issuer: { name: '江南消防器材有限公司', nameEn: null },
              since: '2026-05-20T02:00:00Z',
              state: 'in-force',
              reason: '阀门漏气',
              notice: null,
              products: [{ gtin: '06901234567892', name: '手提式干粉灭火器', nameEn: null }],
              lots: lots.map((lot) => `01/06901234567892/10/${lot}`),
              produced: { from: '2026-03-01', until: '2026-03-31' },
              maker: { name: '江南消防器材有限公司', nameEn: null },
              inPart: false,
            },
          ],
          next: null,
        },
        lang,
      );
    t.match(page(['L1'], 'en'), '<dt>Lot</dt><dd>L1</dd>');
    t.match(page(['L1', 'L2'], 'en'), '<dt>Lots</dt><dd>L1, L2</dd>');
    t.match(page(['L1'], 'en'), '1 Mar 2026 – 31 Mar 2026');
    t.match(page(['L1'], 'zh-CN'), '2026年3月1日至2026年3月31日');
  },
);

t.test('the number of an entry stands as the log and its addresses write it', async (t) => {
  t.match(renderVerificationPage(examples.consistent, 'zh-CN'), '<dd>1234567</dd>');
});

t.test(
  'what to check follows the category; nothing to check where the advice is to leave it alone',
  async (t) => {
    const keyed = Object.values(categories).filter((category) => 'key' in category && category.key);
    const without = keyed.map(({ zh }) => zh).filter((zh) => !checkedCategories.includes(zh));
    t.strictSame(
      without,
      ['微型消防站配备的消防救援装备'],
      'every key product but that mixed one has its list',
    );
    const named = new Set<string>(Object.values(categories).map(({ zh }) => zh));
    t.strictSame(
      checkedCategories.filter((zh) => !named.has(zh)),
      [],
      'and no list is for a category that nobody can name',
    );
    t.match(renderVerificationPage(examples.consistent, 'zh-CN'), '压力表指针在绿区');
    t.notMatch(renderVerificationPage(examples.retired, 'zh-CN'), '压力表指针在绿区');
  },
);

t.test('a name is in the language of the page where there is one', async (t) => {
  t.match(
    renderVerificationPage(examples.consistent, 'en'),
    '<dd><bdi>Portable dry powder extinguisher</bdi></dd>',
  );
  t.match(renderVerificationPage(examples.consistent, 'zh-CN'), '<dd><bdi>手提式干粉灭火器</bdi></dd>');
  t.match(renderVerificationPage(examples.consistent, 'en'), '<bdi>江南消防器材有限公司</bdi>');
});

t.test('of a carton there is something to check, too', async (t) => {
  const { consistent } = examples;
  const carton = {
    ...consistent,
    product: null,
    lot: null,
    code: { ...consistent.code, elementString: '(00)029085499101938060' },
  };
  t.match(renderVerificationPage(carton, 'zh-CN'), '请逐件扫码');
  t.match(renderVerificationPage(carton, 'en'), 'Each thing inside has a code of its own');
});

t.test('without a signature there is no journey', async (t) => {
  t.notMatch(renderVerificationPage({ ...examples.consistent, journey: null }, 'en'), 'Its journey');
  t.match(renderVerificationPage({ ...examples.consistent, journey: [] }, 'en'), 'Nothing that can be shown');
});

t.test('hostile names, reasons, codes and addresses stay text', async (t) => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e`.repeat(400);
  const both = { zh: evil, en: evil };
  const view: VerificationView = {
    ...examples.consistent,
    headline: both,
    reasons: Array.from({ length: 100 }, () => ({ code: evil, ...both })),
    product: { name: evil, nameEn: evil, model: evil, category: both, gtin: evil },
    manufacturer: { name: evil, nameEn: evil, region: both },
    lot: evil,
    productionDate: evil,
    certificate: { number: evil, body: evil, state: 'valid' },
    journey: Array.from({ length: 1000 }, () => ({ step: 'ship', month: '2026-01', region: null })),
    host: evil,
    code: { text: evil, elementString: evil },
    urls: { here: '//evil.example/', proof: 'javascript:alert(3)' },
  };
  const page = renderVerificationPage(view, 'en');
  t.notMatch(page, /<script|<img|javascript:|\/\/evil|\u202e/);
  t.match(page, '980 earlier steps are not listed');
  t.ok(Buffer.byteLength(page) <= 30_000, `${Buffer.byteLength(page)} bytes`);
});

t.test('links keep the query and never leave the host', async (t) => {
  t.strictSame(
    ['/a?S=1', '/a', '//evil', '/\\evil', 'https://evil', ''].map((path) =>
      withQuery(path, { for: 'shop', none: null, lang: 'zh-CN' }),
    ),
    [
      '/a?S=1&for=shop&lang=zh-CN',
      '/a?for=shop&lang=zh-CN',
      '/?for=shop&lang=zh-CN',
      '/?for=shop&lang=zh-CN',
      '/?for=shop&lang=zh-CN',
      '/?for=shop&lang=zh-CN',
    ],
  );
  t.equal(withQuery('/a?b', {}), '/a?b');
});

t.test('the words of a problem follow its status', async (t) => {
  const titles = [400, 404, 405, 410, 429, 500, 503, 507].map(
    (status) => /<h1>(.*?)<\/h1>/.exec(renderProblemPage({ status, here: '/' }, 'en'))?.[1],
  );
  t.strictSame(titles, [
    'This code cannot be read',
    'There is no such page',
    'There is no such page',
    'This code cannot be read',
    'Too many requests',
    'Something went wrong',
    'The service is away for the moment',
    'The service is away for the moment',
  ]);
  t.match(renderProblemPage({ status: 404, here: '/report/7ZK3-QW9D-5TB1-M0AB' }, 'zh-CN'), '没有这个回执码');
  for (const here of ['/report', '/samples?from=x', '/recalls', '/verify-evidence'])
    t.match(renderProblemPage({ status: 400, here }, 'zh-CN'), '<h1>内容有误</h1>');
  t.match(renderProblemPage({ status: 429, here: '/', retryAfter: 7 }, 'zh-CN'), '请在 7 秒后再试');
});

t.test(
  'of certificates the page says what is on record, today and when it was made, and no more',
  async (t) => {
    const page = (more: Partial<VerificationView>) =>
      languages.map((lang) => renderVerificationPage({ ...examples.consistent, ...more }, lang)).join('');
    t.match(page({}), /有效[\s\S]*生产时有登记的证书有效[\s\S]*One on record was valid when it was made/);
    t.match(
      page({ certifiedWhenMade: false }),
      /登记中没有生产时有效的证书[\s\S]*None on record was valid when/,
    );
    t.notMatch(page({ certifiedWhenMade: null }), /生产时有|when it was made/);
    const none = page({ certificate: null, certifiedWhenMade: false });
    t.match(none, /登记中没有该产品已生效的证书[\s\S]*has come into force is on record/);
    t.notMatch(page({ ...examples.consistent, product: null, certificate: null }), /已生效的证书/);
  },
);
