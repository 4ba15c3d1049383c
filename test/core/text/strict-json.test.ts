import fc from 'fast-check';
import t from 'tap';
import { maxDepth, parseStrictJson } from '../../../src/core/text/strict-json.ts';

const answer = (text: string): unknown => {
  const result = parseStrictJson(text);
  return result.ok ? result.value : [result.code, result.pointer ?? null];
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

t.test('the worked example', async (t) => {
  t.strictSame(answer('{"a":[1.50,"\\u00e9"],"b":{"a":0}}'), { a: [1.5, 'é'], b: { a: 0 } });
  t.strictSame(answer('{"a":1,"\\u0061":2}'), ['duplicate-name', '/a']);
});

t.test('what is refused, and where', async (t) => {
  const table: [text: string, code: string, pointer: string | null][] = [
    ['', 'malformed-json', null],
    ['{', 'malformed-json', null],
    ['"abc', 'malformed-json', null],
    ['"abc\\', 'malformed-json', null],
    ['{"a":1,}', 'malformed-json', null],
    ["{'a':1}", 'malformed-json', null],
    ['NaN', 'malformed-json', null],
    ['01', 'malformed-json', null],
    ['1 2', 'malformed-json', null],
    ['\ufeff{}', 'malformed-json', null],
    ['{"a":"\u0000"}', 'malformed-json', null],
    ['{"a":":::","b":1 "c":2}', 'malformed-json', null],
    ['{"a":1,"a":1}', 'duplicate-name', '/a'],
    ['{"x":[{"p/q":1,"p/q":2}]}', 'duplicate-name', '/x/0/p~1q'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate-name', '/__proto__'],
    ['[{"a":1},{"a":1,"b":{"c":1,"c":{}}}]', 'duplicate-name', '/1/b/c'],
    [nested(maxDepth + 1), 'too-deep', '/0'.repeat(maxDepth)],
    ['['.repeat(10_000_000), 'too-deep', '/0'.repeat(maxDepth)],
    [`{"a":${nested(maxDepth)}}`, 'too-deep', `/a${'/0'.repeat(maxDepth - 1)}`],
    ['{"n":9007199254740993}', 'unsafe-number', '/n'],
    ['[1,2,0.1000000000000000001]', 'unsafe-number', '/2'],
    ['1e400', 'unsafe-number', ''],
    ['-1e400', 'unsafe-number', ''],
    ['1e-400', 'unsafe-number', ''],
    ['-0', 'unsafe-number', ''],
    ['-0.0', 'unsafe-number', ''],
    ['{"a":[{"b":123456789012345678901234567890}]}', 'unsafe-number', '/a/0/b'],
    ['"\\ud800"', 'invalid-string', ''],
    ['"\\udc00\\ud800"', 'invalid-string', ''],
    ['"\ud800"', 'invalid-string', ''],
    ['{"a":["x","\\u0000"]}', 'invalid-string', '/a/1'],
    ['{"a":{"\\udfff":1}}', 'invalid-string', '/a'],
  ];
  t.strictSame(
    table.map(([text]) => answer(text)),
    table.map(([, code, pointer]) => [code, pointer]),
  );
});

t.test('what is accepted as it stands', async (t) => {
  const texts = [
    '{}',
    '[]',
    'null',
    '0',
    '-1',
    '1.0',
    '1.50e2',
    '100000000000000000000',
    '1e21',
    '0.1',
    '9007199254740992',
    '5e-324',
    '0e999',
    '" \\" : \\\\ "',
    '{"a":"x:y","b":"{[\\"a\\":1"}',
    '"\\ud83e\\uddef"',
    '"🧯灭火器"',
    nested(maxDepth),
    ' [ 1 , { "a" : [ ] } ] ',
  ];
  t.strictSame(
    texts.map((text) => parseStrictJson(text)),
    texts.map((text) => ({ ok: true, value: JSON.parse(text) })),
  );
});

t.test('a member named __proto__ is a member like any other', async (t) => {
  const result = parseStrictJson('{"__proto__":{"admin":true}}');
  t.ok(result.ok);
  const value: unknown = result.ok ? result.value : null;
  t.strictSame(Object.keys(Object(value)), ['__proto__']);
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.equal(Reflect.get({}, 'admin'), undefined);
});

t.test('every value that JSON.stringify writes comes back the same', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      const result = parseStrictJson(text);
      const broken = /\\ud[89a-f]|\\u0000/i.test(text);
      return result.ok ? JSON.stringify(result.value) === text : broken && result.code === 'invalid-string';
    }),
    { numRuns: 500 },
  );
});

t.test('any name doubled anywhere is found', async () => {
  const object = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string(),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { minKeys: 1, maxKeys: 5 }),
  })).object;
  fc.assert(
    fc.property(object, fc.nat(), (value, pick) => {
      const doubled: string[] = [];
      const write = (v: unknown): string => {
        if (Array.isArray(v)) return `[${v.map(write).join(',')}]`;
        if (typeof v !== 'object' || v === null) return JSON.stringify(v);
        const members = Object.entries(v).map(([k, m]) => `${JSON.stringify(k)} : ${write(m)}`);
        doubled.push(...members);
        return `{${members.join(',')}}`;
      };
      const text = write(value);
      const member = doubled[pick % doubled.length] ?? '';
      const at = text.indexOf(member);
      const again = `${text.slice(0, at)}${member},${text.slice(at)}`;
      const result = parseStrictJson(again);
      return !result.ok && result.code === 'duplicate-name' && result.pointer !== undefined;
    }),
    { numRuns: 500 },
  );
});

t.test('any text ends with a value of JSON.parse or a fault', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0d8-+.e1 \n'.split('')), maxLength: 40 }),
      (text) => {
        const result = parseStrictJson(text);
        if (result.ok) return JSON.stringify(result.value) === JSON.stringify(JSON.parse(text));
        return result.code !== 'malformed-json' || !isJson(text);
      },
    ),
    { numRuns: 1000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
