import fc from 'fast-check';
import t from 'tap';
import { comparedName, mandateStateAt, namesOfThing } from '../../src/core/mandate.ts';

t.test('what a thing goes under', async (t) => {
  const lot = '01/06901234567892/10/L1';
  t.strictSame(namesOfThing('01/06901234567892/21/A', lot), [
    '01/06901234567892/21/A',
    lot,
    '01/06901234567892',
  ]);
  t.strictSame(namesOfThing('01/06901234567892/21/A', null), ['01/06901234567892/21/A', '01/06901234567892']);
  t.strictSame(namesOfThing(lot, null), [lot, '01/06901234567892']);
  t.strictSame(namesOfThing('00/069012345678900019', null), ['00/069012345678900019']);
});

t.test('how a mandate stands', async (t) => {
  const until = '2026-01-01T00:00:00.000Z';
  const [before, last, after] = [-1, 0, 1].map((ms) => Date.parse(until) + ms);
  const states = (outcome: 'approved' | 'refused' | null, ended: boolean) =>
    [before, last, after].map((now = 0) => mandateStateAt({ until, outcome, ended }, now));
  t.strictSame(states(null, false), ['asked', 'asked', 'expired']);
  t.strictSame(states('approved', false), ['approved', 'approved', 'expired']);
  t.strictSame(states('refused', false), ['refused', 'refused', 'refused']);
  t.strictSame(states('approved', true), ['ended', 'ended', 'ended']);
  t.strictSame(states(null, true), ['ended', 'ended', 'ended'], 'withdrawn');
  t.strictSame(states('refused', true), ['refused', 'refused', 'refused']);
});

t.test('a name is one however it is written', async (t) => {
  for (const spelling of [
    'ZHANG SAN',
    'zhangsan',
    'Ｚｈａｎｇ　Ｓａｎ',
    ' Zhang\u00a0San\t',
    'Zh\u00adang\u200b San',
    'Zhang.San',
    'Zhang-San',
    '"Zhang, San"',
    '(Zhang San)',
    'Zhāng Sān',
    'Zhang\u2800San',
    'Zhang_San\u0301',
  ])
    t.equal(comparedName(spelling), comparedName('Zhang San'), JSON.stringify(spelling));
  t.equal(comparedName('Müller'), comparedName('MU\u0308LLER'));
  t.equal(comparedName('Strauß'), comparedName('STRAUSS'));
  for (const dot of ['·', '・', '･', '•', '‧', '．', '、', '-'])
    t.equal(comparedName(`古丽${dot}艾山`), comparedName('古丽艾山'), dot);
  t.equal(comparedName('张三\u0301'), comparedName('张三'));
  t.not(comparedName('བཀྲ་ཤིས'), comparedName('བཀྲ་ཤེས'), 'vowels that are marks are letters to whom they name');
  t.not(comparedName('张三'), comparedName('张山'));
  for (const nobody of ['', ' ', '\u200b', '\ufeff\u3000', '...', '—（）', '\u2800', '\u0301'])
    t.equal(comparedName(nobody), '');
  const inserted = fc.constantFrom(' ', '\u3000', '\u200b', '\u200d', '\ufeff', '\u00ad', '\u2060', '\ufe0f');
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z\u4e00-\u9fa5]{1,8}$/), inserted, fc.nat(8), (name, gap, i) => {
      const spelt = [...name.slice(0, i), gap, ...name.slice(i)].join('');
      return comparedName(spelt.toUpperCase()) === comparedName(name);
    }),
  );
});
