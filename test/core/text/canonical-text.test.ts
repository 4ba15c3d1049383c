import fc from 'fast-check';
import t from 'tap';
import { canonical, type Json } from '../../../src/core/text/canonical.ts';
import { readCanonical, stringItems } from '../../../src/core/text/canonical-text.ts';

const canonicalMembers = (text: string) => readCanonical(text)?.members ?? null;

t.test('the worked example of canonical-text.ts', async (t) => {
  const members = canonicalMembers('{"by":"A","epcList":["00/1"],"kind":"event"}');
  t.strictSame(members, [
    { name: 'by', text: '"A"' },
    { name: 'epcList', text: '["00/1"]' },
    { name: 'kind', text: '"event"' },
  ]);
  t.strictSame(stringItems('["00/1"]'), ['00/1']);
  t.strictSame(canonicalMembers('{}'), []);
  t.strictSame([readCanonical('{"a":"x"}')?.ascii, readCanonical('{"a":"源"}')?.ascii], [true, false]);
});

t.test('canonical text is cut into its members, or left to others', async (t) => {
  const plain = fc.string({ unit: fc.constantFrom(...'abcXYZ019 -_/:,.{}[]源') });
  const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      plain,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.integer(),
      fc.constantFrom(true, false, null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(plain, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(plain, value, { maxKeys: 6, noNullPrototype: true }), (object) => {
      const text = canonical(object);
      const members = canonicalMembers(text);
      t.ok(members !== null || /\\/.test(text), text);
      if (members === null) return;
      const expected = Object.keys(object)
        .sort()
        .map((name) => ({ name, text: canonical(object[name] ?? null) }));
      t.strictSame(members, expected);
    }),
    { numRuns: 500 },
  );
});

t.test('what it takes is canonical, whatever was changed in it', async (t) => {
  const text = '{"a":[1,"x",{"b":null,"c":-2.5e+30}],"kind":"event","n":0.000001,"z":{"true":true}}';
  t.equal(canonical(JSON.parse(text)), text);
  t.not(canonicalMembers(text), null);
  let taken = 0;
  for (let at = 0; at < text.length; at++)
    for (const other of [
      '',
      ' ',
      '"',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      '-',
      'e',
      '\\',
      '\n',
      '\ud800',
      '源',
    ])
      for (const rest of [at, at + 1]) {
        const changed = text.slice(0, at) + other + text.slice(rest);
        if (canonicalMembers(changed) === null) continue;
        taken++;
        t.equal(canonical(JSON.parse(changed)), changed);
      }
  t.ok(taken > 100, 'many changes leave it canonical');
});

t.test('endless nesting, and no end', async (t) => {
  t.equal(canonicalMembers(`{"a":${'['.repeat(100_000)}`), null);
  t.equal(canonicalMembers(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`), null);
  for (const text of [
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a":"',
    '{"a":1',
    '{"a":1}x',
    '{"a":1,}',
    '{"a":[1,]}',
    '[]',
  ])
    t.equal(canonicalMembers(text), null, text);
  for (const text of ['["a",1]', '[["a"]]', '["a"', '"a"', '[{"a":"b"}]'])
    t.equal(stringItems(text), null, text);
});
