import t from 'tap';
import { baseValue, compareAmounts } from '../../src/core/units-of-measure.ts';

t.test('the example of the file', async (t) => {
  t.strictSame(baseValue(5, 'CEL'), { kind: 'temperature', value: 278.15 });
  t.ok(Math.abs((baseValue(41, 'FAH')?.value ?? 0) - 278.15) < 1e-9);
  t.strictSame(baseValue(2, 'KMT'), { kind: 'length', value: 2000 });
  t.equal(baseValue(1, 'XYZ'), null);
});

t.test('amounts compare within their kind', async (t) => {
  const cases = [
    [32, 'FAH', 0, 'CEL', 0],
    [-40, 'FAH', -40, 'CEL', 0],
    [1, 'TNE', 1000, 'KGM', 0],
    [1, 'LBR', 453.59237, 'GRM', 0],
    [90, 'MIN', 1.5, 'HUR', 0],
    [1, 'BAR', 1000, 'MBR', 0],
    [12, 'INH', 30.48, 'CMT', 0],
    [1, 'KWH', 3.6, '3B', 0],
    [50, 'P1', 0.5, 'C62', 0],
    [1, 'LTR', 1.001, 'DMQ', -1],
    [36.1, 'KMH', 10, 'MTS', 1],
    [1, 'XYZ', 2, 'XYZ', -1],
    [1, null, 1, null, 0],
    [1, 'CEL', 1, null, null],
    [1, 'CEL', 1, 'KGM', null],
    [1, 'XYZ', 1, 'KGM', null],
  ] as const;
  for (const [one, oneUnit, other, otherUnit, sign] of cases)
    t.equal(compareAmounts(one, oneUnit, other, otherUnit), sign, `${one} ${oneUnit}, ${other} ${otherUnit}`);
});
