import fc from 'fast-check';
import t from 'tap';
import type { HopType } from '../../../src/core/events/hop.ts';
import type { Step } from '../../../src/core/life/history.ts';
import { foldLot, type LotContext } from '../../../src/core/life/lot.ts';
import {
  day,
  type HopOptions,
  hop,
  mandates,
  party,
  place,
  context as plain,
  stepOf,
} from '../../support/hops.ts';

const context: LotContext = { ...plain, planned: null };
const metres = (n: number): bigint => BigInt(Math.round(n * 1_000_000));
const some = (n: number, seq: number, type: HopType, by: string, o: HopOptions = {}): Step =>
  stepOf(hop(seq, type, by, o), { position: 'quantity', amount: metres(n) });
const made = (n: number, seq: number) => some(n, seq, 'produce', 'A');
const sent = (n: number, seq: number, by: string, to: string, o: HopOptions = {}) =>
  some(n, seq, 'ship', by, { taker: party(to), ...o });
const got = (n: number, seq: number, by: string, from: string, o: HopOptions = {}) =>
  some(n, seq, 'receive', by, { giver: party(from), ...o });

const told = (steps: Step[], about = context) => {
  const life = foldLot(steps, about);
  return {
    has: Object.fromEntries(life.balances.map((b) => [b.party, Number(b.has) / 1e6])),
    edges: life.edges.map(
      (e) =>
        `${e.from.party}>${e.to.party} ${Number(e.amount) / 1e6}+${Number(e.underWay) / 1e6} [${e.seqs}]`,
    ),
    found: life.contradictions.map((c) => `${c.rule} ${c.seqs.join('-')} ${c.severity}`),
  };
};

t.test('the example at the head of the file', async (t) => {
  const steps = [made(100, 1), sent(60, 2, 'A', 'B'), got(59, 3, 'B', 'A'), some(60, 4, 'sell', 'B')];
  t.same(told(steps.slice(0, 3)), { has: { A: 40, B: 59 }, edges: ['A>B 59+1 [2,3]'], found: [] });
  t.same(told(steps), {
    has: { A: 40, B: 0 },
    edges: ['A>B 60+0 [2,3,4]', 'B>null 60+0 [4]'],
    found: ['implied-receipt 2-4 quality'],
  });
});

t.test('contradictions of quantity', async (t) => {
  const cases: [string, Step[], string[]][] = [
    ['more out than in', [made(10, 1), sent(11, 2, 'A', 'B')], ['lot-quantity-exceeded 1-2 conflict']],
    [
      'more received than sent',
      [made(10, 1), sent(5, 2, 'A', 'B'), got(6, 3, 'B', 'A')],
      ['received-differently 2-3 conflict'],
    ],
    ['in two parts', [made(10, 1), sent(5, 2, 'A', 'B'), got(2, 3, 'B', 'A'), got(3, 4, 'B', 'A')], []],
    [
      'with a difference noted',
      [made(10, 1), sent(5, 2, 'A', 'B'), got(4, 3, 'B', 'A', { note: 'mismatch' })],
      ['received-differently 2-3 quality'],
    ],
    [
      'by a stranger',
      [made(10, 1), sent(5, 2, 'X', 'Y'), got(6, 3, 'X', 'A')],
      ['stranger-claim 2-2 claim', 'receipt-without-shipment 3-3 claim'],
    ],
    [
      'cancelled in part',
      [made(10, 1), sent(5, 2, 'A', 'B'), some(2, 3, 'cancel', 'A', { target: 2 }), got(3, 4, 'B', 'A')],
      [],
    ],
    [
      'cancelled after receipt',
      [made(10, 1), sent(5, 2, 'A', 'B'), got(5, 3, 'B', 'A'), some(5, 4, 'cancel', 'A', { target: 2 })],
      ['withdrawn-after-receipt 2-4 conflict'],
    ],
    [
      'voided after receipt',
      [
        made(10, 1),
        sent(5, 2, 'A', 'B'),
        got(5, 3, 'B', 'A'),
        sent(1, 4, 'A', 'B'),
        some(5, 5, 'void', 'A', { target: 2 }),
        got(1, 6, 'B', 'A'),
      ],
      ['withdrawn-after-receipt 5-3 conflict'],
    ],
    [
      'used up',
      [made(10, 1), some(4, 2, 'refill', 'A'), some(7, 3, 'scrap', 'A')],
      ['lot-quantity-exceeded 1-3 conflict'],
    ],
  ];
  for (const [name, steps, found] of cases) t.same(told(steps).found, found, name);
  const planned = { ...context, planned: metres(15) };
  t.same(told([made(10, 1), made(6, 2)], planned).found, ['production-beyond-codes 1-2 conflict']);
});

t.test('parties without an account, delegates, cuts', async (t) => {
  const about = {
    ...context,
    stubUntil: new Map([[party('S'), Number.POSITIVE_INFINITY]]),
    delegates: mandates('A', 'F'),
  };
  t.same(told([made(10, 1), sent(6, 2, 'A', 'S'), got(4, 3, 'B', 'S', { place: place('b') })], about), {
    has: { A: 4, S: 2, B: 4 },
    edges: ['A>S 6+0 [2]', 'S>B 4+0 [3]'],
    found: [],
  });
  t.same(told([some(10, 1, 'produce', 'F'), sent(6, 2, 'A', 'B')], about), {
    has: { F: 4, A: 0, B: 0 },
    edges: ['F>A 6+0 [2]', 'A>B 0+6 [2]'],
    found: [],
  });
  const cut = (n: number, seq: number, position: 'input' | 'output') =>
    stepOf(hop(seq, 'split', 'A'), { position, amount: metres(n) });
  const life = foldLot(
    [made(100, 1), cut(100, 2, 'input'), cut(60, 2, 'output'), cut(38.5, 2, 'output')],
    context,
  );
  t.same(
    life.balances.map((b) => [b.made, b.used, b.has]),
    [[metres(198.5), metres(100), metres(98.5)]],
  );
  t.equal(life.made, metres(100), 'cutting makes nothing new');
});

t.test('no metre is lost: what was made is had, used or under way', async () => {
  const move = fc.record({
    type: fc.constantFrom<HopType>('ship', 'receive', 'sell', 'scrap', 'cancel'),
    by: fc.constantFrom('A', 'B', 'C', 'X'),
    other: fc.constantFrom('A', 'B', 'C', 'S'),
    n: fc.integer({ min: 1, max: 30 }),
    target: fc.option(fc.nat(20)),
  });
  const about = { ...context, stubUntil: new Map([[party('S'), Number.POSITIVE_INFINITY]]) };
  fc.assert(
    fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
      const steps = [
        made(50, 0),
        ...moves
          // From a party without an account, a receipt makes its recorder no stranger.
          .filter((m) => m.by !== m.other && !(m.by === 'X' && m.type === 'receive' && m.other === 'S'))
          .map(({ type, by, other, n, target }, i) =>
            some(n, i + 1, type, by, {
              at: (i + 1) * day,
              giver: type === 'receive' ? party(other) : party(by),
              taker: type === 'receive' ? party(by) : type === 'sell' ? null : party(other),
              target: type === 'cancel' ? target : null,
            }),
          ),
      ];
      const { balances, edges, made: total } = foldLot(steps, about);
      const sum = (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n);
      const has = sum(balances.map((b) => b.has));
      const used = sum(balances.map((b) => b.used));
      const underWay = sum(edges.map((e) => e.underWay));
      if (has + used + underWay !== total) throw new Error(`${has} + ${used} + ${underWay} is not ${total}`);
      for (const b of balances) {
        if (b.made + b.received - b.gave - b.used !== b.has) throw new Error(`${b.party} does not add up`);
      }
      const strangers = foldLot(
        steps.filter((s) => s.hop.recorder !== party('X')),
        about,
      );
      const show = (l: typeof strangers) =>
        JSON.stringify([l.balances, l.edges], (_, v) => (typeof v === 'bigint' ? String(v) : v));
      if (show(strangers) !== show(foldLot(steps, about))) throw new Error('a stranger moved something');
    }),
    { numRuns: 1000 },
  );
});
