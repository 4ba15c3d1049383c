import fc from 'fast-check';
import t from 'tap';
import type { Step } from '../../../src/core/life/history.ts';
import { fold } from '../../../src/core/life/lifecycle.ts';
import { type Cohort, flow } from '../../../src/core/tracing/flow.ts';
import { act, context, party, place, produce, receive, ship } from '../../support/hops.ts';

const cohort = (key: number, count: number, steps: Step[]): Cohort => ({
  key,
  count,
  life: fold(steps, context),
});

t.test('the example at the head of the file', async (t) => {
  const toB = [
    produce(1, 'A', { place: place('a') }),
    ship(2, 'A', 'B', { place: place('a'), toPlace: place('b') }),
    receive(3, 'B', 'A', { place: place('b') }),
  ];
  const toC = [
    ...toB,
    ship(4, 'B', 'C', { toPlace: place('c') }),
    receive(5, 'C', 'B', { place: place('c') }),
  ];
  const found = flow([cohort(1, 90, toB), cohort(2, 10, toC)]);
  t.same(found, {
    units: 100,
    levels: [
      { level: 0, parties: [{ party: party('A'), received: 0, gave: 100 }] },
      { level: 1, parties: [{ party: party('B'), received: 100, gave: 10 }] },
      { level: 2, parties: [{ party: party('C'), received: 10, gave: 0 }] },
    ],
    edges: [
      {
        key: 'A|place/a|B|place/b',
        from: { party: party('A'), place: place('a') },
        to: { party: party('B'), place: place('b') },
        cohorts: [1, 2],
        units: 100,
        firstSeq: 3,
        lastSeq: 3,
        level: 0,
        hops: 1,
      },
      {
        key: 'B|place/b|C|place/c',
        from: { party: party('B'), place: place('b') },
        to: { party: party('C'), place: place('c') },
        cohorts: [2],
        units: 10,
        firstSeq: 5,
        lastSeq: 5,
        level: 1,
        hops: 1,
      },
    ],
    now: [
      {
        key: 'held|B|place/b||',
        stage: 'held',
        holder: party('B'),
        place: place('b'),
        taker: null,
        blocked: false,
        units: 90,
        cohorts: [1],
      },
      {
        key: 'held|C|place/c||',
        stage: 'held',
        holder: party('C'),
        place: place('c'),
        taker: null,
        blocked: false,
        units: 10,
        cohorts: [2],
      },
    ],
  });
});

t.test('sales, presumed receipts, round trips, blocks, units under way', async (t) => {
  const toB = [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A')];
  const back = [ship(4, 'B', 'A'), receive(5, 'A', 'B'), ship(6, 'A', 'B'), receive(7, 'B', 'A')];
  const found = flow([
    cohort(1, 1, [...toB, ...back]),
    cohort(2, 2, [...toB, act(8, 'sell', 'B')]),
    cohort(3, 4, [produce(1, 'A'), ship(2, 'A', 'B'), act(9, 'sell', 'B', { taker: party('U') })]),
    cohort(4, 8, [...toB, ship(10, 'B', 'C')]),
    cohort(5, 16, [...toB, act(11, 'hold', 'R', { as: 'regulator' }), act(12, 'sell', 'X')]),
    cohort(6, 32, []),
  ]);
  t.equal(found.units, 63);
  t.same(
    found.edges.map((e) => [e.from.party, e.to.party, e.units, e.hops, e.cohorts]),
    [
      ['A', 'B', 31, 3, [1, 2, 3, 4, 5]],
      ['B', 'U', 4, 1, [3]],
      ['B', null, 2, 1, [2]],
      ['B', 'A', 1, 1, [1]],
    ],
  );
  t.same(
    found.now.map((h) => [h.stage, h.holder, h.taker, h.blocked, h.units]),
    [
      ['issued', null, null, false, 32],
      ['held', 'B', null, true, 16],
      ['in-transit', 'B', 'C', false, 8],
      ['sold', 'U', null, false, 4],
      ['sold', null, null, false, 2],
      ['held', 'B', null, false, 1],
    ],
  );
});

t.test('numbers add up: what a party received less what it gave is what it has', async () => {
  const route = fc.array(fc.constantFrom('A', 'B', 'C', 'D'), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(route, fc.integer({ min: 1, max: 50 })), { maxLength: 12 }), (routes) => {
      const cohorts = routes.map(([stops, count], key) => {
        let holder = 'A';
        const steps = [produce(1, 'A')];
        for (const [n, to] of stops.entries()) {
          if (to === holder) continue;
          steps.push(ship(2 * n + 2, holder, to), receive(2 * n + 3, to, holder));
          holder = to;
        }
        return { route: [...new Set(stops)], key, count, end: holder, life: fold(steps, context) };
      });
      const { edges, now, levels, units } = flow(cohorts);
      const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
      const total = sum(cohorts.map((c) => c.count));
      if (units !== total || sum(now.map((h) => h.units)) !== total) throw new Error('units got lost');
      for (const who of ['A', 'B', 'C', 'D']) {
        const has = sum(now.filter((h) => h.holder === who).map((h) => h.units));
        if (has !== sum(cohorts.filter((c) => c.end === who).map((c) => c.count)))
          throw new Error(`${who} has ${has}`);
      }
      for (const edge of edges) {
        const behind = sum(cohorts.filter((c) => edge.cohorts.includes(c.key)).map((c) => c.count));
        if (behind !== edge.units) throw new Error(`${edge.key} has ${behind} units behind it`);
      }
      // No edge leads more than one level on.
      const levelOf = new Map(levels.flatMap((l) => l.parties.map((p) => [p.party, l.level] as const)));
      for (const { from, to } of edges) {
        if (from.party === null || to.party === null) continue;
        if ((levelOf.get(to.party) ?? 9) > (levelOf.get(from.party) ?? -9) + 1)
          throw new Error('a level was skipped');
      }
    }),
    { numRuns: 500 },
  );
});
