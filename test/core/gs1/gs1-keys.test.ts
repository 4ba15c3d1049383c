import fc from 'fast-check';
import t from 'tap';
import {
  gs1CheckDigit,
  isLocalGtin,
  localGtin,
  localGtinCount,
  parseGln,
  parseGtin,
  parseSscc,
} from '../../../src/core/gs1/gs1-keys.ts';

const codeOf = (result: { ok: boolean; code?: string }) => (result.ok ? 'ok' : result.code);

t.test('the worked example and published keys', async (t) => {
  t.equal(gs1CheckDigit('0690123456789'), '2');
  t.strictSame(
    ['6901234567892', '06901234567892', '96385074', '614141000036', '9506000134352', '80614141123458'].map(
      parseGtin,
    ),
    [
      '06901234567892',
      '06901234567892',
      '00000096385074',
      '00614141000036',
      '09506000134352',
      '80614141123458',
    ].map((value) => ({ ok: true, value })),
  );
  t.strictSame(parseGln('0614141123452'), { ok: true, value: '0614141123452' });
  t.strictSame(parseSscc('106141412345678908'), { ok: true, value: '106141412345678908' });
});

t.test('what is no key is refused with its reason', async (t) => {
  t.strictSame(
    ['', '1234567', '690123456789２', '06901234567891', ' 6901234567892', '069012345678920'].map((x) =>
      codeOf(parseGtin(x)),
    ),
    [
      'invalid-identifier',
      'invalid-identifier',
      'invalid-identifier',
      'invalid-check-digit',
      'invalid-identifier',
      'invalid-identifier',
    ],
  );
  t.match(parseGln('0614141123451'), { ok: false, code: 'invalid-check-digit', detail: /would be 2/ });
  t.match(parseSscc('106141412345678907'), { ok: false, code: 'invalid-check-digit' });
  t.match(parseGtin('x'), {
    detail: 'A valid GTIN has 8, 12, 13 or 14 digits and nothing else; give all of them.',
  });
  t.match(parseSscc('x'), { detail: 'A valid SSCC has 18 digits and nothing else; give all of them.' });
  t.throws(() => gs1CheckDigit('12a'), TypeError);
});

t.test('any single altered digit of a key is refused', async () => {
  const key = fc
    .tuple(fc.constantFrom(7, 11, 12, 13), fc.infiniteStream(fc.nat(9)))
    .map(([length, digits]) => {
      const body = [...digits.take(length)].join('');
      return body + gs1CheckDigit(body);
    });
  fc.assert(
    fc.property(key, fc.nat(13), fc.integer({ min: 1, max: 9 }), (gtin, at, by) => {
      const i = at % gtin.length;
      const altered = gtin.slice(0, i) + ((Number(gtin[i]) + by) % 10) + gtin.slice(i + 1);
      return codeOf(parseGtin(gtin)) === 'ok' && codeOf(parseGtin(altered)) === 'invalid-check-digit';
    }),
  );
});

t.test('local numbers are valid, marked local and distinct', async (t) => {
  t.equal(localGtin(0), '02900000000001');
  t.equal(localGtin(123), '02900000001237');
  fc.assert(
    fc.property(fc.nat(localGtinCount - 2), (n) => {
      const gtin = localGtin(n);
      return codeOf(parseGtin(gtin)) === 'ok' && isLocalGtin(gtin) && gtin !== localGtin(n + 1);
    }),
  );
  for (const n of [-1, 0.5, localGtinCount, Number.NaN]) t.throws(() => localGtin(n), RangeError);
  const local = (text: string) => {
    const gtin = parseGtin(text + gs1CheckDigit(text));
    return gtin.ok && isLocalGtin(gtin.value);
  };
  t.strictSame(['0020000000000', '0040000000000', '0200000000000', '1299999999999'].map(local), [
    true,
    true,
    true,
    true,
  ]);
  t.strictSame(
    [
      '0690123456789',
      '0010000000000',
      '0030000000000',
      '0190000000000',
      '0300000000000',
      '2690123456789',
    ].map(local),
    [false, false, false, false, false, false],
  );
});
