import t from 'tap';
import { shrunkRates } from '../../src/core/shrinkage.ts';

t.test('the worked example: a rate that rests on little is drawn to the mean of all', async (t) => {
  const [little, much, third] = shrunkRates([
    { count: 1, exposure: 10 },
    { count: 50, exposure: 5000 },
    { count: 5, exposure: 1000 },
  ]);
  if (!little || !much || !third) return t.fail('three rates');
  t.ok(little.rate < 2 * much.rate && little.rate > third.rate, `${little.rate} beside ${much.rate}`);
  t.ok(little.upper - little.lower > much.upper - much.lower, 'it is less certain');
  for (const { rate, lower, upper } of [little, much, third]) t.ok(0 < lower && lower < rate && rate < upper);
});

t.test(
  'what rests on much keeps its own rate, and the interval is that of a gamma distribution',
  async (t) => {
    const [one, other] = shrunkRates([
      { count: 1000, exposure: 1000 },
      { count: 10, exposure: 1000 },
    ]);
    t.ok(Math.abs((one?.rate ?? 0) - 1) < 0.01);
    // Gamma(a + count): its relative deviation is 1 / √(a + count), here about 3.2 %.
    t.ok(Math.abs((one?.upper ?? 0) / (one?.rate ?? 1) - 1.0525) < 0.002);
    t.ok((other?.rate ?? 1) < 0.02);
  },
);

t.test('nothing, and one alone', async (t) => {
  t.same(shrunkRates([]), []);
  t.same(shrunkRates([{ count: 0, exposure: 3 }]), [{ rate: 0, lower: 0, upper: 0 }]);
  t.match(shrunkRates([{ count: 4, exposure: 2 }]), [{ rate: 2 }]);
});
