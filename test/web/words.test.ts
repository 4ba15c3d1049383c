import t from 'tap';
import { hopTypes } from '../../src/core/events/hop.ts';
import { hopWords } from '../../src/core/events/hop-words.ts';
import { formatCount, formatDate, formatTime, pickLanguage } from '../../src/web/words.ts';

t.test('the language of a page', async (t) => {
  const picked = Object.fromEntries(
    [
      undefined,
      '',
      '*',
      'zh',
      'zh-TW,zh;q=0.9,en;q=0.8',
      'en-GB',
      'en;q=0.5, zh-Hans-CN;q=0.8',
      'zh;q=0.3,en;q=0.9',
      'en,zh',
      'zh,en',
      'fr-FR,fr;q=0.9',
      'fr,*;q=0.1',
      'zh;q=0,en',
      'zh;q=nonsense,en;q=0.1',
      ';;,,q=',
      'x'.repeat(100_000),
    ].map((header) => [String(header).slice(0, 30), pickLanguage(header)]),
  );
  t.strictSame(picked, {
    undefined: 'zh-CN',
    '': 'zh-CN',
    '*': 'zh-CN',
    zh: 'zh-CN',
    'zh-TW,zh;q=0.9,en;q=0.8': 'zh-CN',
    'en-GB': 'en',
    'en;q=0.5, zh-Hans-CN;q=0.8': 'zh-CN',
    'zh;q=0.3,en;q=0.9': 'en',
    'en,zh': 'en',
    'zh,en': 'zh-CN',
    'fr-FR,fr;q=0.9': 'en',
    'fr,*;q=0.1': 'en',
    'zh;q=0,en': 'en',
    'zh;q=nonsense,en;q=0.1': 'en',
    ';;,,q=': 'en',
    [`${'x'.repeat(30)}`]: 'en',
  });
  t.equal(pickLanguage('en', 'zh-CN'), 'zh-CN', 'what was asked for wins');
  t.equal(pickLanguage('en', '"><script>'), 'en', 'unless there is no such language');
});

t.test('times are those of a clock in China, with the zone named', async (t) => {
  const ms = Date.UTC(2026, 11, 31, 16, 5);
  t.equal(formatTime(ms, 'zh-CN'), '2027年1月1日 00:05（北京时间，UTC+8）');
  t.equal(formatTime(ms, 'en'), '1 Jan 2027, 00:05 China Standard Time (UTC+8)');
  t.strictSame(
    ['2026-03', '2026-03-09', 'soon', '2026-13'].map((date) => [
      formatDate(date, 'zh-CN'),
      formatDate(date, 'en'),
    ]),
    [
      ['2026年3月', 'Mar 2026'],
      ['2026年3月9日', '9 Mar 2026'],
      ['soon', 'soon'],
      ['2026-13', '2026-13'],
    ],
  );
  t.strictSame([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
});

t.test('every hop has a word in both languages', async (t) => {
  t.strictSame(
    hopTypes.filter((hop) => !/\p{Script=Han}/u.test(hopWords[hop].zh) || !/^[A-Z]/.test(hopWords[hop].en)),
    [],
  );
});
