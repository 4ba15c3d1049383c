import fc from 'fast-check';
import t from 'tap';
import {
  type ComplaintCell,
  complaintBurst,
  expectedIn,
  neededFor,
  poissonTail,
} from '../../../src/core/rules/complaint-burst.ts';
import { defaultThresholds } from '../../../src/core/rules/thresholds.ts';

/** The example of the file. */
const example: ComplaintCell = {
  ...{ seen: 8, first: 1, last: 2, regions: ['310105'], seenElsewhere: 82, baseDays: 180, cells: 300 },
  base: { cell: 4, product: 60, district: 100, all: 1200 },
};
const found = (more: Partial<ComplaintCell>, thresholds = defaultThresholds) =>
  complaintBurst({ ...example, ...more }, thresholds);
const expected = (more: Partial<ComplaintCell>) => expectedIn({ ...example, ...more }, defaultThresholds);
const close = (value: number, other: number) => Math.abs(value - other) <= 1e-9 * Math.abs(other);

t.test('tails of the Poisson distribution, however small', async (t) => {
  // e⁻² · Σ 2ⁱ/i!, and for small means the first term, mean^k / k!.
  t.ok(Math.abs(poissonTail(6, 2) - 0.0165636) < 1e-7);
  t.ok(close(poissonTail(1, 1e-9), 1e-9 - 5e-19));
  t.ok(Math.abs(poissonTail(40, 1) / 4.6214e-49 - 1) < 1e-4, 'where 1 − Σ would be nothing but rounding');
  t.ok(Math.abs(poissonTail(1000, 1000) - 0.5042) < 1e-4);
  t.strictSame([poissonTail(0, 3), poissonTail(100_000, 0.5)], [1, 0]);
});

t.test('the example of the file', async (t) => {
  t.equal(expected({}), 0.5);
  t.ok(Math.abs(poissonTail(8, 0.5) * 300 - 1.9e-5) < 1e-6);
  t.ok(Math.abs(poissonTail(7, 0.5) * 300 - 3.0e-4) < 1e-5);
  t.strictSame(found({}), [
    {
      ...{ rule: 'complaint-burst', severity: 'risk', count: 8, first: 1, last: 2, regions: ['310105'] },
      usual: { expected: 0.5, needed: 8 },
    },
  ]);
  t.strictSame(found({ seen: 7 }), []);
});

t.test('what is usual', async (t) => {
  const base = { cell: 90, product: 120, district: 100, all: 1200 };
  t.ok(close(expected({ base, seenElsewhere: 80 }), (90 * 14) / 180), 'in this cell');
  t.ok(close(expected({ base: { ...base, cell: 0, product: 1000 } }), (1000 / 12) * (14 / 180)), 'its share');
  const louder = expected({ base, seenElsewhere: 1110 });
  t.ok(close(louder, ((90 * 14) / 180) * (1110 / 14 / (1110 / 180))), 'more is reported everywhere');
  t.equal(expected({ base: { cell: 0, product: 0, district: 0, all: 0 } }), 0.5, 'never reported before');
  t.equal(expected({ base: { cell: 9, product: 9, district: 9, all: 9 } }), 0.7, 'nothing else to compare');
});

t.test('too little: reports, or time to know what is usual', async (t) => {
  t.strictSame(found({ seen: 4, cells: 1 }, { ...defaultThresholds, 'complaint-rarity': 1 }), []);
  t.equal(found({ seen: 5, cells: 1 }, { ...defaultThresholds, 'complaint-rarity': 1 }).length, 1);
  t.equal(found({ seen: 5, cells: 1 }).length, 0);
  const base = { cell: 0, product: 0, district: 0, all: 1200 };
  t.equal(found({ base, baseDays: 14 }).length, 1);
  t.equal(found({ base, baseDays: 13.9 }).length, 0);
  t.equal(found({ base, baseDays: -3, seen: 1000 }).length, 0);
});

const cells = fc.record({
  seen: fc.nat(60),
  seenElsewhere: fc.nat(300),
  baseDays: fc.integer({ min: 14, max: 180 }),
  cells: fc.integer({ min: 1, max: 5000 }),
  parts: fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(400)),
});

/** Straight from the definition, term by term. */
function naive(cell: ComplaintCell): boolean {
  const { base, seen, seenElsewhere, baseDays } = cell;
  const usual = Math.max(base.cell, base.all === 0 ? 0 : (base.product * base.district) / base.all);
  const elsewhere = base.all - base.cell;
  const growth = elsewhere === 0 ? 1 : Math.max(1, seenElsewhere / 14 / (elsewhere / baseDays));
  const mean = Math.max(0.5, usual * growth * (14 / baseDays));
  let chance = 0;
  for (let k = seen; k < seen + 1500; k++) {
    let term = Math.exp(-mean);
    for (let i = 1; i <= k; i++) term *= mean / i;
    chance += term;
  }
  return seen >= 5 && chance * cell.cells < 1e-4;
}

t.test('equal to its definition; found from so many reports on and not below', async (t) => {
  fc.assert(
    fc.property(cells, ({ parts: [cell, product, district, all], ...more }) => {
      const base = { cell, product: cell + product, district: cell + district, all: 0 };
      const whole: ComplaintCell = {
        ...{ ...example, ...more },
        base: { ...base, all: cell + product + district + all },
      };
      const [burst] = complaintBurst(whole, defaultThresholds);
      if (expectedIn(whole, defaultThresholds) < 200) t.equal(burst !== undefined, naive(whole));
      const needed = neededFor(expectedIn(whole, defaultThresholds), whole.cells, defaultThresholds);
      t.equal(burst !== undefined, whole.seen >= needed);
    }),
    { numRuns: 150 },
  );
});
