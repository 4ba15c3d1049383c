import fc from 'fast-check';
import t from 'tap';
import { commonUnit, formatGrains, grainsOf, measureOf, tellingUnit } from '../../src/core/measures.ts';
import { uomCodes } from '../../src/core/quantity.ts';

/** BIPM and NIST SP 811: the exact value of a unit in kilograms, metres, square metres or cubic metres. */
const exact: Readonly<Record<string, readonly [kind: string, value: string]>> = {
  MC: ['mass', '0.000000001'],
  MGM: ['mass', '0.000001'],
  GRM: ['mass', '0.001'],
  KGM: ['mass', '1'],
  DTN: ['mass', '100'],
  TNE: ['mass', '1000'],
  ONZ: ['mass', '0.028349523125'],
  LBR: ['mass', '0.45359237'],
  STN: ['mass', '907.18474'],
  LTN: ['mass', '1016.0469088'],
  '4H': ['length', '0.000001'],
  MMT: ['length', '0.001'],
  CMT: ['length', '0.01'],
  DMT: ['length', '0.1'],
  MTR: ['length', '1'],
  KMT: ['length', '1000'],
  INH: ['length', '0.0254'],
  FOT: ['length', '0.3048'],
  YRD: ['length', '0.9144'],
  SMI: ['length', '1609.344'],
  NMI: ['length', '1852'],
  MMK: ['area', '0.000001'],
  CMK: ['area', '0.0001'],
  DMK: ['area', '0.01'],
  MTK: ['area', '1'],
  HAR: ['area', '10000'],
  KMK: ['area', '1000000'],
  FTK: ['area', '0.09290304'],
  MMQ: ['volume', '0.000000001'],
  CMQ: ['volume', '0.000001'],
  MLT: ['volume', '0.000001'],
  CLT: ['volume', '0.00001'],
  DLT: ['volume', '0.0001'],
  LTR: ['volume', '0.001'],
  DMQ: ['volume', '0.001'],
  HLT: ['volume', '0.1'],
  MTQ: ['volume', '1'],
  INQ: ['volume', '0.000016387064'],
  FTQ: ['volume', '0.028316846592'],
  GLL: ['volume', '0.003785411784'],
  GLI: ['volume', '0.00454609'],
};

/** A decimal with at most twelve decimals, in units of the last. */
const scaled = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
};

t.test('the examples of the file', async (t) => {
  t.equal(grainsOf({ millionths: 5_000_000n, uom: 'GRM' }), 5n * 10n ** 15n);
  t.strictSame(
    ['KGM', 'TNE', 'GRM'].map((uom) => formatGrains(5n * 10n ** 15n, uom)),
    ['0.005', '0.000005', '5'],
  );
  t.not(measureOf('MTR').kind, measureOf('KGM').kind);
  t.equal(tellingUnit('LBR'), 'KGM');
});

t.test('every unit that goods are dealt in converts exactly', async (t) => {
  t.strictSame(
    Object.entries(exact).map(([uom, [kind, value]]) => [uom, { kind, each: scaled(value) }]),
    Object.keys(exact).map((uom) => [uom, measureOf(uom)]),
  );
  t.strictSame(
    uomCodes.filter((uom) => uom !== 'H87' && exact[uom] === undefined),
    [],
    'those of hops are all among them',
  );
});

t.test('what does not convert adds up with its like alone', async (t) => {
  const { kind, each } = measureOf('XBX');
  t.strictSame([kind, each], ['XBX', 1n], 'boxes of whatever size');
  t.strictSame(
    ['H87', 'EA', 'C62'].map((uom) => measureOf(uom)),
    [1, 2, 3].map(() => ({ kind: 'pieces', each: 1n })),
  );
  t.equal(measureOf('CEL').kind, 'CEL', 'degrees have no sum');
  t.equal(measureOf('toString').kind, 'toString');
});

t.test('sums are told in a unit in which they have an end', async (t) => {
  t.strictSame(['KGM', 'TNE', 'MC', 'ONZ', 'FOT', 'GLL', 'FTK', 'EA', 'XBX'].map(tellingUnit), [
    'KGM',
    'TNE',
    'MC',
    'KGM',
    'MTR',
    'MTQ',
    'MTK',
    'EA',
    'XBX',
  ]);
  t.strictSame(
    [['GRM', 'GRM'], ['GRM', 'TNE'], ['H87', 'EA'], []].map((uoms) => commonUnit(uoms)),
    ['GRM', 'KGM', 'H87', 'H87'],
  );
  fc.assert(
    fc.property(
      fc.bigInt(1n, 10n ** 18n),
      fc.constantFrom(...Object.keys(exact), 'H87', 'XBX'),
      (millionths, uom) => {
        const grains = grainsOf({ millionths, uom });
        const [whole = '', fraction = ''] = formatGrains(grains, tellingUnit(uom)).split('.');
        const scale = 5 + String(measureOf(tellingUnit(uom)).each).length;
        if (BigInt(whole + fraction.padEnd(scale, '0')) !== grains) throw new Error('something is lost');
      },
    ),
  );
});
