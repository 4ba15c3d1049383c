/** Hostile inputs: valid ones with edits made to them, pieces of several, and noise. */
import fc, { type Arbitrary } from 'fast-check';

/** Longest input that edits make, in characters: what takes quadratic time shows at that length. */
const charactersMax = 30_000;

/** What parsers trip over: separators, escapes, signs that change length or meaning in another case, odd numbers, names. */
const tokens = [
  ...[
    '',
    '\0',
    '\n',
    '\r\n',
    '\n\n',
    '\t',
    ' ',
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    "'",
    '%',
    '%00',
    '%2F',
    '%zz',
    '%F0%9F',
  ],
  ...[
    '/',
    '//',
    '/../',
    '?',
    '?S=',
    '&',
    '#',
    '=',
    '==',
    '+',
    '-',
    '_',
    '.',
    ':',
    '@',
    '(',
    ')',
    '(01)',
    '()',
    '[',
    ']',
  ],
  ...[
    '{',
    '}',
    ',',
    '*',
    '~',
    '—',
    '— ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\udc00',
    '😀',
    '０',
    '٣',
    'ſ',
    'ß',
    'İ',
    '\u212a',
  ],
  ...[
    '0',
    '-0',
    '1',
    '00',
    '-1',
    '1e400',
    '1e-400',
    '9007199254740993',
    '18446744073709551616',
    '0x10',
    'NaN',
    'null',
    'true',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"a":1,"a":1',
    '[[[[',
    'old 0',
    'index 0',
    'x000/',
    '.p/256',
    'urn:epc:id:',
    'Z',
  ],
];

type Edit = (text: string) => string;

const part = (text: string, from: number, length: number): readonly [string, string, string] => {
  const at = text.length === 0 ? 0 : from % (text.length + 1);
  return [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
};

const place = fc.nat({ max: 0xffff });
const short = fc.integer({ min: 1, max: 12 });

const edit: Arbitrary<Edit> = fc.oneof(
  // A character or two become something else, or something is put in.
  fc.tuple(place, fc.nat({ max: 3 }), fc.constantFrom(...tokens)).map(
    ([from, length, token]): Edit =>
      (text) => {
        const [before, , after] = part(text, from, length);
        return before + token + after;
      },
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 0xff })).map(
    ([from, code]): Edit =>
      (text) => {
        const [before, , after] = part(text, from, 1);
        return before + String.fromCharCode(code) + after;
      },
  ),
  // A piece goes, stands twice, stands elsewhere, or very often.
  fc.tuple(place, fc.nat({ max: 200 })).map(
    ([from, length]): Edit =>
      (text) => {
        const [before, , after] = part(text, from, length);
        return before + after;
      },
  ),
  fc.tuple(place, fc.nat({ max: 200 }), place).map(
    ([from, length, to]): Edit =>
      (text) => {
        const [before, piece, after] = part(text, from, length);
        const [left, , right] = part(before + after, to, 0);
        return left + piece + right;
      },
  ),
  fc.tuple(place, short, fc.nat({ max: charactersMax })).map(
    ([from, length, total]): Edit =>
      (text) => {
        const [before, piece, after] = part(text, from, length);
        return before + piece.repeat(1 + Math.floor(total / Math.max(1, piece.length))) + after;
      },
  ),
  fc.tuple(place, fc.nat({ max: 40 })).map(
    ([from, length]): Edit =>
      (text) => {
        const [before, piece, after] = part(text, from, length);
        const upper = piece.toUpperCase();
        return before + (upper === piece ? piece.toLowerCase() : upper) + after;
      },
  ),
  // A bit of what is written in base64 or base64url.
  fc.tuple(fc.nat({ max: 63 }), place, fc.nat({ max: 7 })).map(
    ([which, at, bit]): Edit =>
      (text) => {
        const runs = [...text.matchAll(/[\w+/-]{8,}={0,2}/g)];
        const run = runs[which % Math.max(1, runs.length)];
        if (run === undefined) return text;
        const encoding = /[+/=]/.test(run[0]) ? 'base64' : 'base64url';
        const bytes = Buffer.from(run[0], encoding);
        if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        return text.slice(0, run.index) + bytes.toString(encoding) + text.slice(run.index + run[0].length);
      },
  ),
);

const apply = (text: string, edits: readonly Edit[]): string =>
  edits
    .reduce((edited, change) => change(edited).slice(0, 2 * charactersMax + edited.length), text)
    .slice(0, 4 * charactersMax);

/** Inputs for a parser whose valid ones are these; the pieces of `others` are spliced in at times. */
export function hostile(valid: readonly string[], others: readonly string[]): Arbitrary<string> {
  const own = fc.constantFrom(...valid);
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  const mended = fc.tuple(own, edits).map(([text, changes]) => apply(text, changes));
  const spliced = fc
    .tuple(own, place, fc.oneof(own, fc.constantFrom(...others)), place, edits)
    .map(([text, at, other, from, changes]) =>
      apply(part(text, at, 0)[0] + part(other, from, 0)[2], changes.slice(1)),
    );
  const noise = fc.string({
    unit: fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 1 })),
  });
  return fc.oneof(
    { weight: 12, arbitrary: mended },
    { weight: 4, arbitrary: spliced },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
  );
}
