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
  const [none] = shrunkRates([{ count: 0, exposure: 3 }]);
  t.match(none, { rate: 0, lower: 0 });
  t.ok(Math.abs((none?.upper ?? 0) - 1) < 0.02, '−ln 0.05 of them at most');
  const [one] = shrunkRates([{ count: 4, exposure: 2 }]);
  t.equal(one?.rate, 2);
  // Garwood's limits of a count of 4 with 90 %: 1.366 and 9.154.
  t.ok(Math.abs((one?.lower ?? 0) - 1.366 / 2) < 0.01 && Math.abs((one?.upper ?? 0) - 9.154 / 2) < 0.01);
});

t.test('nine of ten intervals hold the rate, also where there are few cases and few groups', async (t) => {
  // MINSTD (Park and Miller 1988), so that the test always sees the same.
  let state = 7;
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const poisson = (mean: number): number => {
    let [n, p] = [0, uniform()];
    for (; p > Math.exp(-mean); n++) p *= uniform();
    return n;
  };
  for (const groups of [1, 2, 5, 20])
    for (const cases of [1, 5, 20]) {
      let [held, asked] = [0, 0];
      for (let i = 0; i < 400; i++) {
        // Rates that differ up to threefold; exposures up to tenfold.
        const truth = Array.from({ length: groups }, () => ({
          rate: cases * (0.5 + uniform()),
          exposure: 0.1 + 0.9 * uniform(),
        }));
        const told = truth.map(({ rate, exposure }) => ({ count: poisson(rate * exposure), exposure }));
        for (const [j, { lower, upper }] of shrunkRates(told).entries()) {
          const { rate = 0 } = truth[j] ?? {};
          asked++;
          if (lower <= rate && rate <= upper) held++;
        }
      }
      t.ok(held / asked > 0.85, `${groups} groups of about ${cases} cases: ${held} of ${asked}`);
    }
});
