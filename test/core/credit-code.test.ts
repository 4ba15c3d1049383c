import fc from 'fast-check';
import t from 'tap';
import { creditCodeCheck, parseCreditCode } from '../../src/core/credit-code.ts';

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const symbol = fc.constantFrom(...alphabet);
const digit = fc.constantFrom(...alphabet.slice(0, 10));
const valid = fc
  .tuple(
    fc.string({ unit: symbol, minLength: 2, maxLength: 2 }),
    fc.string({ unit: digit, minLength: 6, maxLength: 6 }),
    fc.string({ unit: symbol, minLength: 9, maxLength: 9 }),
  )
  .map((parts) => parts.join('') + creditCodeCheck(parts.join('')));

t.test('the worked example', async (t) => {
  t.equal(creditCodeCheck('91350100M000100Y4'), '3');
  t.strictSame(parseCreditCode(' 91350100m000100y43\n'), { ok: true, value: '91350100M000100Y43' });
});

t.test('what is no credit code is refused', async (t) => {
  const texts = [
    '',
    '91350100M000100Y4Z', // Z is no symbol
    '91350100M000100Y44', // wrong check character
    '91350100M000100Y4', // too short
    '91350100M000100Y433',
    '9135O100M000100Y43', // letter O in the region
    '91A50100M000100Y43', // letter in the region
    '913501００M000100Y43', // full-width digits
  ];
  t.strictSame(
    texts.map((text) => parseCreditCode(text)).map((result) => (result.ok ? 'ok' : result.code)),
    texts.map(() => 'invalid-credit-code'),
  );
  t.throws(() => creditCodeCheck('91350100M000100Y43'), RangeError);
  t.throws(() => creditCodeCheck('91350100M000100YO'), TypeError);
});

t.test('any altered symbol and any swap of neighbours is refused', async () => {
  fc.assert(
    fc.property(valid, fc.nat(17), symbol, (code, at, other) => {
      const altered = code.slice(0, at) + other + code.slice(at + 1);
      const swapped = code.slice(0, at) + (code[at + 1] ?? '') + code[at] + code.slice(at + 2);
      return [altered, swapped].every((text) => parseCreditCode(text).ok === (text === code));
    }),
  );
});
