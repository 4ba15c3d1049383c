import fc from 'fast-check';
import t from 'tap';
import { atOnce } from '../../../src/core/steps.ts';
import { brokerage, communitiesOf, type NetworkEdge } from '../../../src/core/tracing/network.ts';

const edge = (a: number, b: number, weight = 1): NetworkEdge => ({ a, b, weight });
const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e9) / 1e9);

t.test('the example at the head of the file', async (t) => {
  const edges = [edge(0, 1), edge(1, 2), edge(0, 2), edge(2, 3), edge(3, 4), edge(4, 5), edge(3, 5)];
  t.strictSame(communitiesOf(6, edges), [0, 0, 0, 1, 1, 1]);
  t.strictSame(rounded(atOnce(brokerage(6, edges))), [0, 0, 0.6, 0.6, 0, 0]);
  t.strictSame(communitiesOf(3, []), [0, 1, 2]);
  t.strictSame(atOnce(brokerage(2, [edge(0, 1)])), [0, 0]);
});

const size = 7;
const edges = fc.array(
  fc.record({ a: fc.nat(size - 1), b: fc.nat(size - 1), weight: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 14 },
);

/** Every shortest way written out. */
function naiveBrokerage(list: readonly NetworkEdge[]): number[] {
  const near = (n: number) => [
    ...new Set(list.flatMap(({ a, b }) => (a === b ? [] : a === n ? [b] : b === n ? [a] : []))),
  ];
  const sums = Array.from({ length: size }, () => 0);
  for (let from = 0; from < size; from++)
    for (let to = from + 1; to < size; to++) {
      let ways = [[from]];
      for (let length = 0; length < size && !ways.some((way) => way.at(-1) === to); length++)
        ways = ways.flatMap((way) =>
          near(way.at(-1) ?? 0).flatMap((next) => (way.includes(next) ? [] : [[...way, next]])),
        );
      const arrived = ways.filter((way) => way.at(-1) === to);
      for (const way of arrived)
        for (const node of way.slice(1, -1)) sums[node] = (sums[node] ?? 0) + 1 / arrived.length;
    }
  return sums.map((sum) => sum / (((size - 1) * (size - 2)) / 2));
}

function modularity(list: readonly NetworkEdge[], of: readonly number[]): number {
  const all = list.reduce((sum, { weight }) => sum + 2 * weight, 0);
  let sum = 0;
  for (const community of new Set(of)) {
    const inside = list.filter(({ a, b }) => of[a] === community && of[b] === community);
    const ends = list.flatMap(({ a, b, weight }) =>
      [a, b].filter((n) => of[n] === community).map(() => weight),
    );
    const degree = ends.reduce((total, weight) => total + weight, 0);
    sum += inside.reduce((total, { weight }) => total + 2 * weight, 0) / all - (degree / all) ** 2;
  }
  return sum;
}

t.test('brokers are those whom the shortest ways lead through, counted one by one', async () => {
  fc.assert(
    fc.property(edges, (list) => {
      const [found, expected] = [atOnce(brokerage(size, list)), naiveBrokerage(list)].map(rounded);
      if (JSON.stringify(found) !== JSON.stringify(expected))
        throw new Error(`${found}, expected ${expected}`);
    }),
    { numRuns: 300 },
  );
});

t.test('communities are better than each alone, and nothing is together that no way joins', async () => {
  fc.assert(
    fc.property(edges, (list) => {
      const of = communitiesOf(size, list);
      const reached = (from: number): Set<number> => {
        const found = new Set([from]);
        for (const n of found)
          for (const { a, b } of list) {
            if (a === n) found.add(b);
            if (b === n) found.add(a);
          }
        return found;
      };
      for (let a = 0; a < size; a++)
        for (let b = 0; b < size; b++)
          if (of[a] === of[b] && !reached(a).has(b)) throw new Error(`${a} and ${b} are together`);
      if (list.length === 0) return;
      const best = modularity(list, of);
      const alone = modularity(
        list,
        of.map((_, i) => i),
      );
      const together = modularity(
        list,
        of.map(() => 0),
      );
      if (best < Math.max(alone, together) - 1e-9) throw new Error(`${best} < ${alone} or ${together}`);
    }),
    { numRuns: 300 },
  );
});
