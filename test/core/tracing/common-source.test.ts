import fc from 'fast-check';
import t from 'tap';
import { atOnce } from '../../../src/core/steps.ts';
import {
  type Case,
  commonSource,
  falseDiscovery,
  hypergeometric,
  logGamma,
} from '../../../src/core/tracing/common-source.ts';

const rank = (cases: readonly Case[], candidates: number) => atOnce(commonSource(cases, candidates));

const unit = (bad: boolean, ...candidates: number[]): Case => ({ bad, weight: 1, units: 1, candidates });
const rounded = (value: number) => Number(value.toFixed(2));

t.test('the example at the head of the file', async (t) => {
  const ranked = rank([unit(true, 7, 8, 9), unit(true, 7, 8, 9), unit(false, 8, 9), unit(false, 9)], 10);
  t.same(
    ranked.map(({ candidates, share, p, score }) => [candidates, share, rounded(p), rounded(score)]),
    [
      [[7], 1, 0.17, 2.57],
      [[8], 1, 0.5, 0.96],
      [[9], 1, 1, 0.12],
    ],
  );
});

t.test('what no case tells apart is one set, in the order in which cases name it', async (t) => {
  const ranked = rank([unit(true, 2, 1, 0), unit(false, 0), unit(true, 1, 2)], 3);
  t.same(
    ranked.map(({ candidates }) => candidates),
    [[2, 1], [0]],
  );
  t.same(rank([], 3), []);
  t.same(rank([unit(false, 2)], 3), [], 'who has no bad unit downstream is no source of them');
  t.same(
    rank([unit(true, 3, 1), unit(true, 0)], 4).map(({ candidates }) => candidates),
    [[3, 1], [0]],
    'equals too',
  );
});

t.test('as many sets as there are stack frames, and more', async (t) => {
  const cases = Array.from({ length: 200_000 }, (_, i) => unit(true, i));
  t.equal(rank(cases, cases.length).length, cases.length);
});

t.test('the tail of the hypergeometric distribution is that of counting all draws', async (t) => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  for (const [size, bad, drawn] of [
    [10, 4, 5],
    [12, 12, 3],
    [9, 0, 4],
    [15, 7, 15],
    [20, 6, 0],
  ] as const) {
    const tail = hypergeometric(size, bad);
    for (let hits = 0; hits <= drawn + 1; hits++) {
      let sum = 0;
      for (let k = hits; k <= Math.min(bad, drawn); k++)
        if (drawn - k <= size - bad) sum += choose(bad, k) * choose(size - bad, drawn - k);
      t.ok(
        Math.abs(tail(drawn, hits) - sum / choose(size, drawn)) < 1e-12,
        `${size} ${bad} ${drawn} ${hits}`,
      );
    }
  }
  t.ok(hypergeometric(100_000, 20_000)(5_000, 5_000) < 1e-300, 'far out it stays a probability');
});

t.test('false discoveries are controlled as Benjamini and Hochberg do', async (t) => {
  const rounded = (list: readonly number[]) => list.map((q) => Number(q.toFixed(4)));
  t.same(rounded(falseDiscovery([0.01, 0.04, 0.03, 0.005])), [0.02, 0.04, 0.04, 0.02]);
  t.same(rounded(falseDiscovery([0.5, 0.001, 1])), [0.75, 0.003, 1]);
  t.same(falseDiscovery([]), []);
});

t.test('ln Γ is that of factorials, and of halves', async (t) => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    t.ok(Math.abs(logGamma(n) - Math.log(factorial)) < 1e-11, `Γ(${n})`);
    factorial *= n;
  }
  t.ok(Math.abs(logGamma(0.5) - Math.log(Math.sqrt(Math.PI))) < 1e-12);
  t.ok(Math.abs(logGamma(1.5) - Math.log(Math.sqrt(Math.PI) / 2)) < 1e-12);
});

const cases = fc.array(
  fc.record({
    bad: fc.boolean(),
    weight: fc.constantFrom(0.25, 0.5, 1),
    units: fc.integer({ min: 1, max: 3 }),
    candidates: fc.uniqueArray(fc.integer({ min: 0, max: 5 })),
  }),
  { maxLength: 12 },
);

t.test('for whatever cases', async (t) => {
  fc.assert(
    fc.property(cases, fc.infiniteStream(fc.nat()), (all, order) => {
      const ranked = rank(all, 6);
      const told = (sets: typeof ranked) =>
        sets
          .map(({ candidates, score, p }) => [[...candidates].sort(), score.toFixed(6), p.toFixed(6)])
          .sort();
      const shuffled = all
        .map((it) => ({ it, key: order.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ it }) => it);
      t.same(told(rank(shuffled, 6)), told(ranked), 'the order in which units are told says nothing');
      const single = all.flatMap((it) => Array.from({ length: it.units }, () => ({ ...it, units: 1 })));
      t.same(told(rank(single, 6)), told(ranked), 'units of one history may be told as one case');
      t.same(
        ranked.flatMap(({ candidates }) => candidates).sort(),
        [...new Set(all.flatMap(({ bad, candidates }) => (bad ? candidates : [])))].sort(),
        'every candidate of a bad unit is in one set',
      );
      const sum = ranked.reduce((total, { posterior }) => total + posterior, 0);
      t.ok(sum <= 1 + 1e-9 && ranked.every(({ p, q }) => p <= q + 1e-12 && q <= 1), 'probabilities');
      for (const [i, { score }] of ranked.entries()) t.ok(score <= (ranked[i - 1]?.score ?? Infinity));
    }),
    { numRuns: 50 },
  );
});

t.test('weights count as much as units of that weight', async (t) => {
  const sure = { bad: true, weight: 1, units: 1, candidates: [0] };
  const unsure = { bad: true, weight: 0.5, units: 2, candidates: [1] };
  const [one, other] = rank([sure, unsure], 2);
  t.equal(one?.share, 0.5);
  t.equal(other?.share, 0.5);
  t.equal(one?.score, other?.score);
});
