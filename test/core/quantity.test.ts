import fc from 'fast-check';
import t from 'tap';
import { formatQuantity, parseQuantity, uomCodes, uoms } from '../../src/core/quantity.ts';

const read = (text: string, uom = 'MTR') => {
  const amount = parseQuantity(text, uom);
  return amount.ok ? amount.value : amount.code;
};

t.test('quantities are exact millionths', async (t) => {
  t.strictSame(
    ['12.5', '0.000001', '1000000000000', '7', '1.100000'].map((text) => read(text)),
    [12_500_000n, 1n, 10n ** 18n, 7_000_000n, 1_100_000n],
  );
  t.strictSame([12_500_000n, 1n, 10n ** 18n, 0n, -500_000n].map(formatQuantity), [
    '12.5',
    '0.000001',
    '1000000000000',
    '0',
    '-0.5',
  ]);
  t.equal(read('3', 'H87'), 3_000_000n);
  t.equal(read('3.000', 'H87'), 3_000_000n);
});

t.test('what is no quantity is refused', async (t) => {
  const texts = [
    '0',
    '0.0',
    '-1',
    '+1',
    '1e3',
    '.5',
    '5.',
    '01',
    '1.0000001',
    '1000000000000.000001',
    '9999999999999',
    '',
    ' 1',
    '1,5',
    '١',
    'NaN',
  ];
  t.strictSame(
    texts.map((text) => read(text)),
    texts.map(() => 'invalid-quantity'),
  );
  t.equal(read('1.5', 'H87'), 'invalid-quantity', 'pieces are whole');
  t.equal(read('1', 'metre'), 'invalid-quantity', 'a word is no unit of measure');
  t.equal(read('1', 'toString'), 'invalid-quantity', 'nor is what every object has');
});

t.test(
  'every amount survives a round trip; every unit of measure has a name in both languages',
  async (t) => {
    fc.assert(fc.property(fc.bigInt(1n, 10n ** 18n), (amount) => read(formatQuantity(amount)) === amount));
    t.strictSame(
      uomCodes.filter((code) => !/^[A-Z0-9]{3}$/.test(code) || !uoms[code].zh || !uoms[code].en),
      [],
    );
  },
);
