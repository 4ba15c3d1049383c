/** The pages in a real Chromium, as a phone of 360 × 740 shows them: without script, in both languages and schemes. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { renderHomePage } from '../../src/web/home-page.ts';
import { renderProblemPage } from '../../src/web/problem-page.ts';
import { renderPlacesPage, renderReportPage } from '../../src/web/report-form.ts';
import { renderReceiptPage } from '../../src/web/report-receipt.ts';
import { renderRecallsPage, renderSamplesPage } from '../../src/web/search-pages.ts';
import { formSecurityPolicy } from '../../src/web/style.ts';
import { renderVerificationPage } from '../../src/web/verification-page.ts';
import { purposes } from '../../src/web/verification-view.ts';
import { type Lang, pickLanguage } from '../../src/web/words.ts';
import { testBrowser } from '../support/browser.ts';
import { examples } from './examples.ts';

const extinguisher = { gtin: '06901234567892', name: '手提式干粉灭火器', nameEn: 'Portable extinguisher' };
const nothing = { product: '', maker: '', lot: '', unit: '', region: '', outcome: '', from: '', until: '' };
const shanghai = { zh: '上海市', en: 'Shanghai' };
interface Served {
  readonly page: string;
  readonly policy: string;
}
const withoutScript = (page: string): Served => ({ page, policy: formSecurityPolicy });
const forms: Readonly<Record<string, (lang: Lang) => Served>> = {
  'report-places': (lang) =>
    withoutScript(renderPlacesPage({ code: '', provinces: [{ code: '31', name: shanghai }] }, lang)),
  'report-form': (lang) =>
    renderReportPage(
      {
        province: { code: '310000', name: shanghai },
        groups: [{ name: null, regions: [{ code: '310105', name: '长宁区' }], whole: null }],
        values: {
          category: '',
          text: '',
          region: '',
          place: '',
          code: '(01)06901234567892',
          contact: '',
          sealed: '',
        },
        keys: [],
        wrong: ['category', 'text', 'region'],
      },
      '',
      lang,
    ),
  samples: (lang) =>
    withoutScript(
      renderSamplesPage(
        {
          fields: { ...nothing, region: '310000' },
          provinces: [{ code: '310000', name: shanghai }],
          items: (['non-conformant', 'conformant'] as const).map((outcome) => ({
            at: '2026-05-20T02:00:00Z',
            outcome,
            authority: { name: '上海消防产品检验站', nameEn: null },
            region: shanghai,
            products: [
              { ...extinguisher, maker: '江南消防器材有限公司', makerEn: null, lots: ['L20260301A'] },
            ],
          })),
          next: 'x',
        },
        lang,
      ),
    ),
  recalls: (lang) =>
    withoutScript(
      renderRecallsPage(
        {
          fields: nothing,
          items: (['in-force', 'released'] as const).map((state) => ({
            type: 'recall',
            number: '沪召〔2026〕1号',
            issuer: { name: '江南消防器材有限公司', nameEn: null },
            since: '2026-05-20T02:00:00Z',
            state,
            reason: '阀门漏气',
            notice: { zh: '请停止使用', en: 'Stop using it' },
            products: [extinguisher],
            lots: ['01/06901234567892/10/L20260301A'],
            produced: { from: '2026-03-01' },
            maker: { name: '江南消防器材有限公司', nameEn: null },
            inPart: true,
          })),
          next: null,
        },
        lang,
      ),
    ),
  'report-receipt': (lang) =>
    renderReceiptPage(
      {
        receipt: '7ZK3-QW9D-5TB1-M0AB',
        at: '2026-05-20T04:00:00Z',
        category: 'counterfeit',
        region: shanghai,
        state: 'answered',
        photos: 1,
        photosLeft: 4,
        steps: [
          {
            at: '2026-05-21T04:00:00Z',
            state: 'answered',
            answer: '已立案。\n谢谢。',
            outcome: null,
            authority: '市场监督管理局',
          },
        ],
        erasures: [{ at: '2026-05-22T04:00:00Z', parts: ['contact', 'photos'], authority: '市场监督管理局' }],
      },
      'document.forms',
      lang,
    ),
};

/** Serves the pages as the service does, on a free port; the path chooses the example. */
async function serve(t: Test): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const lang = pickLanguage(request.headers['accept-language'], url.searchParams.get('lang') ?? undefined);
    const name = url.pathname.slice(1);
    const view = Object.values(examples).find(({ verdict }) => verdict === name);
    const purpose = purposes.find((each) => each === url.searchParams.get('for')) ?? null;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const served = forms[name]?.(lang);
    response.setHeader('content-security-policy', served?.policy ?? formSecurityPolicy);
    if (view)
      response.end(
        renderVerificationPage({ ...view, purpose, urls: { ...view.urls, here: `/${name}?S=1` } }, lang),
      );
    else if (served !== undefined) response.end(served.page);
    else if (name === '') response.end(renderHomePage({ host: 'id.suyuan.example' }, lang));
    else response.writeHead(404).end(renderProblemPage({ status: 404, here: url.pathname }, lang));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What `measure-page.js` finds on a page. */
interface Measures {
  readonly width: number;
  readonly cut: readonly string[];
  readonly small: readonly string[];
  readonly pale: readonly string[];
  readonly torn: readonly string[];
  readonly texts: number;
}
const measuring = readFileSync(new URL(import.meta.resolve('#root/test/web/measure-page.js')), 'utf8');
const measure = (page: Page) => page.evaluate<Measures>(measuring);

t.test('pages in a browser', async (t) => {
  const browser: Browser | null = await testBrowser(t);
  if (browser === null) return;
  const origin = await serve(t);

  await t.test('fit a phone, can be tapped and can be read', async (t) => {
    const faults: string[] = [];
    let texts = 0;
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const locale of ['zh-CN', 'en'] as const) {
        const context = await browser.newContext({
          viewport: { width: 360, height: 740 },
          colorScheme,
          locale,
        });
        const page = await context.newPage();
        const fault = (what: string) => faults.push(`${colorScheme} ${locale} ${page.url()}: ${what}`);
        page.on('console', (message) => fault(message.text()));
        page.on('pageerror', (error) => fault(error.message));
        page.on('requestfailed', (request) => fault(`asked for ${request.url()}`));
        for (const path of [...Object.keys(examples), 'consistent?for=shop', '', ...Object.keys(forms)]) {
          await page.goto(`${origin}/${path}`);
          if ((await page.locator('details').count()) > 0) await page.locator('summary').click();
          const seen = await measure(page);
          texts += seen.texts;
          if (seen.width > 360) fault(`is ${seen.width} px wide`);
          const torn = await page
            .locator('.zone')
            .evaluateAll((zones) => zones.filter((zone) => zone.getClientRects().length > 1).length);
          if (torn > 0) fault(`tears ${torn} zones apart`);
          for (const each of [...seen.cut, ...seen.small, ...seen.pale]) fault(each);
        }
        await context.close();
      }
    }
    t.strictSame(faults, []);
    t.ok(texts > 800, `${texts} pieces of text were looked at`);
  });

  await t.test('can be read with text twice as large', async (t) => {
    const faults: string[] = [];
    for (const locale of ['zh-CN', 'en'] as const) {
      const context = await browser.newContext({
        viewport: { width: 360, height: 740 },
        locale,
        bypassCSP: true,
      });
      const page = await context.newPage();
      for (const path of [...Object.keys(examples), '', ...Object.keys(forms)]) {
        await page.goto(`${origin}/${path}`);
        await page.addStyleTag({ content: 'html{font-size:200%}' });
        if ((await page.locator('details').count()) > 0) await page.locator('summary').click();
        const fault = (what: string) => faults.push(`${page.url()}: ${what}`);
        const seen = await measure(page);
        if (seen.width > 360) fault(`is ${seen.width} px wide`);
        for (const each of [...seen.cut, ...seen.torn]) fault(each);
      }
      await context.close();
    }
    t.strictSame(faults, []);
  });

  await t.test('work without script: taps, language and the way home', async (t) => {
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: 'zh-CN',
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    await page.goto(`${origin}/consistent?S=1`);
    t.equal(await page.locator('h1').textContent(), '记录一致');
    t.ok(((await page.locator('h1').boundingBox())?.y ?? 999) < 200, 'the verdict comes first');
    await page.getByRole('link', { name: '店里新品' }).click();
    t.match(page.url(), /\?S=1&for=shop&lang=zh-CN$/);
    t.match((await page.locator('.notice').textContent()) ?? '', '先不要购买');
    await page.getByRole('link', { name: 'English' }).click();
    t.match(page.url(), /\?S=1&for=shop&lang=en$/, 'the tap is kept');
    t.equal(await page.locator('html').getAttribute('lang'), 'en');
    t.equal(await page.locator('h1').textContent(), 'Records agree');
    await page.getByRole('link', { name: 'Suyuan' }).click();
    t.match((await page.locator('h1').textContent()) ?? '', 'One code for each thing');
    await page.goto(`${origin}/recalls`);
    t.strictSame(
      await page
        .locator('.found')
        .evaluateAll((found) => found.map((each) => each.querySelectorAll('.notice').length)),
      [1, 0],
      'a recall that is over warns nobody any longer',
    );
    const answer = await page.goto(`${origin}/nowhere`);
    t.equal(answer?.status(), 404);
    t.equal(await page.locator('h1').textContent(), '没有这个页面');
    await context.close();
  });
});
