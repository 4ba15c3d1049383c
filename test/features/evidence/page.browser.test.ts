/** The page /verify-evidence in a real Chromium: the same file, the same answer, and nothing sent anywhere. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { pageScript } from '../../../src/features/evidence/page-script.ts';
import { renderEvidencePage } from '../../../src/web/evidence-page.ts';
import { testBrowser } from '../../support/browser.ts';
import { fileOf, logVkey, witnessVkey } from '../../support/evidence-vector.ts';

const measuring = readFileSync(new URL(import.meta.resolve('#root/test/web/measure-page.js')), 'utf8');

t.test('evidence in a browser', { timeout: 120_000 }, async (t) => {
  const browser = await testBrowser(t);
  if (browser === null) return;
  const script = await pageScript();
  t.notMatch(script, /fetch\(|XMLHttpRequest|sendBeacon|WebSocket/, 'the script has no way out');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const lang = request.url?.includes('lang=en') ? 'en' : 'zh-CN';
    const { page, policy } = renderEvidencePage(script, lang);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', policy);
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = fileOf();

  for (const [lang, good, bad] of [
    ['zh-CN', '证据成立', '证据不成立'],
    ['en', 'The evidence holds', 'The evidence does not hold'],
  ] as const) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(`${origin}/verify-evidence?lang=${lang}`);
    await context.setOffline(true);
    const before = asked.length;
    const check = async (text: string) => {
      await page.setInputFiles('#file', {
        name: 'e.json',
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      });
      await page.locator('#result h2').waitFor();
      return (await page.locator('#result').textContent()) ?? '';
    };
    const told = await check(file);
    t.match(told, good, `${lang}: what holds is told`);
    t.match(told, '01/06901234567892/21/A');
    t.match(told, lang === 'en' ? 'key 0000004 signed this' : '登记方的密钥 0000004 对此签名');
    t.match(told, lang === 'en' ? 'none was left out' : '无一遗漏', `${lang}: that this is all`);
    const measures = await page.evaluate<
      Record<'width' | 'texts', number> & Record<'cut' | 'small' | 'pale', string[]>
    >(measuring);
    t.match(measures, { cut: [], pale: [] }, `${lang}: it fits a phone and can be read`);
    await page.fill('#keys', `${logVkey}\n${witnessVkey}`);
    await page.locator('#keys').blur();
    await page.locator('#result li', { hasText: witnessVkey.split('+')[0] ?? '' }).waitFor();
    const changed = file.replace('"seqs":[4,5]', '"seqs":[4]');
    await page.evaluate("document.getElementById('result').replaceChildren()");
    const refused = await check(changed);
    t.match(refused, bad, `${lang}: what was changed is refused`);
    t.match(refused, /chain-broken/);
    t.strictSame(problems, [], `${lang}: no error, and nothing against the policy`);
    t.equal(asked.length, before, `${lang}: nothing was asked of anybody, without a network`);
    await context.close();
  }
});
