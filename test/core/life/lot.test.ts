import fc from 'fast-check';
import t from 'tap';
import type { HopType } from '../../../src/core/events/hop.ts';
import type { Step } from '../../../src/core/life/history.ts';
import { foldLot, type LotContext } from '../../../src/core/life/lot.ts';
import { formatGrains, grainsOf, measureOf } from '../../../src/core/measures.ts';
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
const grains = (n: number): bigint => grainsOf({ millionths: metres(n), uom: 'MTR' });
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
    has: Object.fromEntries(life.balances.map((b) => [b.party, Number(b.has) / 1e18])),
    edges: life.edges.map(
      (e) =>
        `${e.from.party}>${e.to.party} ${Number(e.amount) / 1e18}+${Number(e.underWay) / 1e18} [${e.seqs}]`,
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
      'cancelled beyond what was shipped',
      [
        made(10, 1),
        sent(5, 2, 'A', 'B'),
        some(2, 3, 'cancel', 'A', { target: 2 }),
        some(4, 4, 'cancel', 'A', { target: 2 }),
        sent(10, 5, 'A', 'B'),
      ],
      ['cancelled-not-shipped 2-4 quality'],
    ],
    [
      'cancelled beyond what was shipped, and after receipt',
      [made(10, 1), sent(5, 2, 'A', 'B'), got(4, 3, 'B', 'A'), some(7, 4, 'cancel', 'A', { target: 2 })],
      ['cancelled-not-shipped 2-4 quality', 'withdrawn-after-receipt 2-4 conflict'],
    ],
    [
      'cancelled of a shipment of other goods',
      [made(10, 3), sent(5, 4, 'A', 'B'), some(5, 5, 'cancel', 'A', { target: 2 }), got(5, 6, 'B', 'A')],
      ['cancelled-not-shipped 2-5 quality'],
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
  const pieces = (n: number, seq: number) =>
    stepOf(hop(seq, 'produce', 'A'), { position: 'quantity', amount: metres(n), uom: 'H87' });
  t.same(told([pieces(10, 1), pieces(6, 2)], planned).found, ['production-beyond-codes 1-2 conflict']);
  t.same(told([made(10, 1), made(6, 2)], planned).found, [], 'goods by measure have no codes');
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
    [[grains(198.5), grains(100), grains(98.5)]],
  );
  t.equal(life.made, grains(100), 'cutting makes nothing new');
});

t.test(
  'what came back is told apart from what never left, and what was destroyed from what was used',
  async (t) => {
    const about = { ...context, delegates: mandates('A', 'M') };
    const ends = (...steps: Step[]) => {
      const [maker] = foldLot(steps, about).balances.filter((b) => b.party === 'A');
      return maker && [maker.has, maker.back, maker.used, maker.destroyed].map((n) => Number(n) / 1e18);
    };
    const out = [made(100, 1), sent(60, 2, 'A', 'B'), got(60, 3, 'B', 'A')];
    const back = [...out, sent(20, 4, 'B', 'A'), got(20, 5, 'A', 'B')];
    t.same(ends(...out), [40, 0, 0, 0]);
    t.same(ends(...back), [60, 20, 0, 0]);
    t.same(ends(...back, some(15, 6, 'destroy', 'A')), [45, 5, 15, 15], 'destroyed first');
    t.same(ends(...back, sent(50, 6, 'A', 'C')), [10, 10, 0, 0], 'passed on last');
    t.same(ends(...back, some(5, 6, 'install', 'A')), [55, 20, 5, 0]);
    t.same(
      ends(made(100, 1), sent(60, 2, 'A', 'A'), got(60, 3, 'A', 'A')),
      [100, 0, 0, 0],
      'a store of its own',
    );
    t.same(
      ends(some(9, 1, 'produce', 'M'), sent(9, 2, 'M', 'A'), got(9, 3, 'A', 'M')),
      [9, 0, 0, 0],
      'bought',
    );
    t.same(
      ends(
        ...[...out.slice(0, 2), some(60, 3, 'cancel', 'A', { target: 2 })],
        ...[some(9, 4, 'produce', 'M'), sent(9, 5, 'M', 'A'), got(9, 6, 'A', 'M')],
      ),
      [109, 0, 0, 0],
      'never left',
    );
  },
);

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

t.test('kilograms, grams and tonnes of a lot add up; metres of it do not', async (t) => {
  const told = (n: number, uom: string, seq: number, type: HopType, by: string, o: HopOptions = {}) =>
    stepOf(hop(seq, type, by, o), { position: 'quantity', amount: metres(n), uom });
  const toB = { taker: party('B') };
  const has = (steps: Step[]) => {
    const { uom, balances, contradictions } = foldLot(steps, context);
    return {
      uom,
      has: balances.map((b) => `${b.party} ${formatGrains(b.has, uom ?? '')}`),
      found: contradictions.map((c) => `${c.rule} ${c.seqs.join('-')} ${c.severity}`),
    };
  };
  const madeOf = told(100, 'KGM', 1, 'produce', 'A');
  t.same(
    has([
      madeOf,
      told(0.05, 'TNE', 2, 'ship', 'A', toB),
      told(5000, 'GRM', 3, 'ship', 'A', toB),
      told(50, 'KGM', 4, 'receive', 'B', { giver: party('A') }),
      told(5, 'KGM', 5, 'receive', 'B', { giver: party('A') }),
      told(0.000001, 'MGM', 6, 'scrap', 'B'),
    ]),
    { uom: 'KGM', has: ['A 45', 'B 54.999999999999'], found: [] },
  );
  t.same(
    has([madeOf, told(0.2, 'TNE', 2, 'ship', 'A', toB)]).found,
    ['lot-quantity-exceeded 1-2 conflict'],
    'two hundred kilograms',
  );
  t.same(has([madeOf, told(7, 'MTR', 2, 'ship', 'A', toB), told(3, 'H87', 3, 'sell', 'A')]), {
    uom: 'KGM',
    has: ['A 100'],
    found: ['measured-in-another-kind 1-2 quality', 'measured-in-another-kind 1-3 quality'],
  });
  t.same(
    has([told(9, 'MTR', 1, 'ship', 'X', toB), told(100, 'LBR', 2, 'produce', 'A')]),
    { uom: 'KGM', has: ['A 45.359237'], found: ['stranger-claim 1-1 claim'] },
    'a stranger says nothing of the kind of a lot, and pounds are told as kilograms',
  );
  t.same(
    has([told(9, 'MTR', 1, 'scrap', 'A'), told(100, 'KGM', 2, 'produce', 'A')]),
    { uom: 'KGM', has: ['A 100'], found: ['measured-in-another-kind 2-1 quality'] },
    'nor does what its maker told before it made it',
  );
  const unmade = [
    told(1, 'XBX', 1, 'ship', 'A', toB),
    told(2, 'XBX', 2, 'receive', 'B', { giver: party('A') }),
  ];
  t.equal(has(unmade).uom, 'XBX', 'units that nobody knows add up with themselves');
  t.equal(has([told(1, 'KGM', 1, 'ship', 'X', toB)]).uom, null, 'nobody whose word counts told any');
});

t.test('who reports that goods left another’s place moves only what it has', async (t) => {
  const steps = [made(100, 1), sent(60, 2, 'A', 'B'), got(10, 3, 'B', 'A')];
  const report = (n: number, o: HopOptions = {}) =>
    sent(n, 4, 'B', 'C', { reporter: true, giver: null, ...o });
  t.same(told([...steps, report(40)]), told(steps), 'what the keeper of the place gave');
  t.same(told([...steps, report(4)]).has, { A: 40, B: 6, C: 0 }, 'its own goods, stored there');
  t.same(told([...steps, report(40, { giver: party('B') })]).has, { A: 40, B: 0, C: 0 }, 'its own act');
});

/** Attokilograms in a millionth of a unit: BIPM and NIST SP 811. */
const attokilograms: Readonly<Record<string, bigint>> = {
  KGM: 10n ** 12n,
  GRM: 10n ** 9n,
  TNE: 10n ** 15n,
  MGM: 10n ** 6n,
  LBR: 453_592_370_000n,
  ONZ: 28_349_523_125n,
};

t.test('a lot told in many units is the same lot told in one, without what is of another kind', async () => {
  const move = fc.record({
    type: fc.constantFrom<HopType>('produce', 'ship', 'receive', 'sell', 'scrap', 'cancel', 'split'),
    by: fc.constantFrom('A', 'B', 'C', 'X'),
    other: fc.constantFrom('A', 'B', 'C', 'S'),
    millionths: fc.bigInt(1n, 5_000_000_000n),
    uom: fc.constantFrom(...Object.keys(attokilograms), 'MTR', 'H87', 'XBX'),
    target: fc.option(fc.nat(20)),
  });
  const about = { ...context, stubUntil: new Map([[party('S'), Number.POSITIVE_INFINITY]]) };
  fc.assert(
    fc.property(fc.array(move, { maxLength: 20 }), fc.nat(20), (moves, makes) => {
      // The maker makes it at some time, be that late in the telling.
      const all = [
        ...moves.slice(0, makes),
        { type: 'produce', by: 'A', other: 'B', millionths: 10n ** 9n, uom: 'KGM', target: null } as const,
        ...moves.slice(makes),
      ].filter(({ type, by, uom }) => type !== 'produce' || by !== 'A' || uom in attokilograms);
      const stepsOf = (inOne: boolean): Step[] =>
        all.flatMap(({ type, by, other, millionths, uom, target }, seq): Step[] => {
          const each = attokilograms[uom];
          if (inOne && each === undefined) return [];
          const record = hop(seq, type, by, {
            at: (seq + 1) * day,
            giver: type === 'receive' ? party(other) : party(by),
            taker: type === 'receive' ? party(by) : type === 'sell' ? null : party(other),
            target: type === 'cancel' ? target : null,
          });
          const position = type === 'split' ? 'input' : 'quantity';
          return inOne
            ? [stepOf(record, { position, amount: millionths * (each ?? 0n), uom: 'XYZ' })]
            : [stepOf(record, { position, amount: millionths, uom })];
        });
      const show = (inOne: boolean) => {
        const { made: total, balances, edges, claims, contradictions } = foldLot(stepsOf(inOne), about);
        const strange = new Set(
          claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [seq] : [])),
        );
        const found = contradictions.filter(
          ({ rule, seqs }) => rule !== 'measured-in-another-kind' && !strange.has(seqs[1]),
        );
        return JSON.stringify([total, balances, edges, found], (_, v) =>
          typeof v === 'bigint' ? `${v}` : v,
        );
      };
      if (show(false) !== show(true)) throw new Error(`${show(false)} is not ${show(true)}`);
      const { contradictions, claims } = foldLot(stepsOf(false), about);
      const odd = claims.filter(({ seq, standing }) => {
        const uom = all[seq]?.uom ?? '';
        return standing !== 'stranger' && measureOf(uom).kind !== 'mass';
      });
      const found = contradictions.filter(({ rule }) => rule === 'measured-in-another-kind');
      if (found.length !== odd.length || odd.some(({ effect }) => effect))
        throw new Error('what is of another kind is not told');
    }),
    { numRuns: 1000 },
  );
});
