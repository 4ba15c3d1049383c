import { generateKeyPairSync, sign } from 'node:crypto';
import t from 'tap';
import { dateOf, endOf, monthOf, monthsAfter } from '../../../src/core/china-dates.ts';
import { coalescing } from '../../../src/features/verification/coalescing.ts';
import { isRobot } from '../../../src/features/verification/robots.ts';
import { createVerifyingThread } from '../../../src/features/verification/signatures.ts';

t.test('dates in China', async (t) => {
  t.equal(dateOf(Date.parse('2026-02-28T15:59:59.999Z')), '2026-02-28');
  t.equal(dateOf(Date.parse('2026-02-28T16:00:00.000Z')), '2026-03-01');
  t.equal(monthOf(Date.parse('2025-12-31T16:00:00.000Z')), '2026-01');
  t.equal(endOf('2026-03-01'), Date.parse('2026-03-01T15:59:59.999Z'));
  t.strictSame(
    [
      ['2024-01-31', 1],
      ['2025-01-31', 1],
      ['2024-02-29', 12],
      ['2026-03-01', 120],
      ['2026-12-15', 1],
    ].map(([date, months]) => monthsAfter(String(date), Number(months))),
    ['2024-02-29', '2025-02-28', '2025-02-28', '2036-03-01', '2027-01-15'],
  );
});

t.test('programs that fetch links, and people', async (t) => {
  const visit = (userAgent: string | undefined, method = 'GET', purpose?: string) => ({
    method,
    userAgent,
    purpose,
  });
  const phone =
    'Mozilla/5.0 (Linux; Android 14; V2314A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36';
  const robots = [
    visit(undefined),
    visit(' '),
    visit(phone, 'HEAD'),
    visit(phone, 'GET', 'prefetch;prerender'),
    visit('facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)'),
    visit('WhatsApp/2.23.20.0'),
    visit('TelegramBot (like TwitterBot)'),
    visit('Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)'),
    visit('Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)'),
    visit('Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)'),
    visit('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'),
    visit(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/143.0.0.0 Safari/537.36',
    ),
  ];
  const people = [
    visit(phone),
    visit(phone, 'POST'),
    visit(`${phone} MicroMessenger/8.0.49.2600 WeChat/arm64 Weixin NetType/WIFI Language/zh_CN`),
    visit(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 AliApp(AP/10.6.10) AlipayClient/10.6.10 Language/zh-Hans',
    ),
    visit(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/21F79 AliApp(DingTalk/7.6.0)',
    ),
    visit('Mozilla/5.0 (Linux; Android 12; CUBOT X30) AppleWebKit/537.36 Mobile Safari/537.36'),
    visit('okhttp/4.12.0'),
  ];
  t.strictSame([...robots, ...people].map(isRobot), [...robots.map(() => true), ...people.map(() => false)]);
});

t.test('small look-ups become few large ones', async (t) => {
  const loads: number[][] = [];
  const ends: (() => void)[] = [];
  const look = coalescing<number, string>(
    (items) => {
      loads.push([...items]);
      return new Promise((resolve) => ends.push(() => resolve(items.map((item) => `${item}!`))));
    },
    { loadsMax: 2, patienceMs: 60_000, itemsMax: 5 },
  );
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const first = look([1]);
  await turn();
  t.strictSame(loads, [[1]], 'one alone goes out at once');
  const rest = [look([2]), look([3, 4]), look([]), look([5, 6, 7]), look([8, 9, 10, 11, 12, 13])];
  await turn();
  t.equal(loads.length, 1, 'while it runs, the others wait');
  const drain = async () => {
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await turn();
    }
  };
  await drain();
  t.strictSame(
    loads.slice(1),
    [
      [2, 3, 4],
      [5, 6, 7],
      [8, 9, 10, 11, 12, 13],
    ],
    'then go out together',
  );
  t.strictSame(
    [await first, ...(await Promise.all(rest))],
    [['1!'], ['2!'], ['3!', '4!'], [], ['5!', '6!', '7!'], ['8!', '9!', '10!', '11!', '12!', '13!']],
    'and each gets its own',
  );

  const failing = coalescing<number, string>(
    async (items) => {
      if (items.includes(2)) throw new Error('away');
      return items.map(String);
    },
    { loadsMax: 1, patienceMs: 0, itemsMax: 10 },
  );
  const outcomes = await Promise.allSettled([failing([1]), failing([2])]);
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
    'a load fails for all its items',
  );
  t.strictSame(await failing([3]), ['3'], 'and for no later ones');
});

t.test('beside a load that takes its time others go out, up to a number', async (t) => {
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const endless = (patienceMs: number) => {
    const loads: number[][] = [];
    const load = (items: readonly number[]) => {
      loads.push([...items]);
      return new Promise<string[]>(() => {});
    };
    return { loads, look: coalescing(load, { loadsMax: 2, patienceMs, itemsMax: 5 }) };
  };
  const patient = endless(5);
  for (const i of [1, 2]) {
    void patient.look([i]);
    while (patient.loads.length < i) await turn();
  }
  t.strictSame(patient.loads, [[1], [2]]);
  const hasty = endless(0);
  for (const i of [1, 2, 3]) {
    void hasty.look([i]);
    await turn();
  }
  t.strictSame(hasty.loads, [[1], [2]]);
});

t.test('signatures are checked together in a thread, each by its own key', async (t) => {
  const [odd, even] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const makerOf = (i: number) => (i % 2 === 0 ? even : odd);
  const keyOf = (i: number) => {
    const { publicKey } = makerOf(i);
    return { publicKey, trusted: { x: publicKey.export({ format: 'jwk' }).x ?? '' } };
  };
  const thread = createVerifyingThread();
  t.teardown(() => thread.close());
  // More than go together at once, so that answers come back for the right one across groups.
  const isForeign = (i: number) => i % 7 === 0;
  const good = await Promise.all(
    Array.from({ length: 300 }, (_, i) => {
      const text = `源 ${'x'.repeat(i % 90)}`;
      return thread.verify(
        keyOf(isForeign(i) ? i + 1 : i),
        text,
        sign(null, Buffer.from(text), makerOf(i).privateKey),
      );
    }),
  );
  t.strictSame(
    good,
    good.map((_, i) => !isForeign(i)),
  );
});
