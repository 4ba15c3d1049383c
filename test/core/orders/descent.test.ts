import fc from 'fast-check';
import t from 'tap';
import type { PartyId } from '../../../src/core/events/hop.ts';
import {
  always,
  type Begotten,
  descent,
  type Hands,
  type MadeUnder,
  type Making,
} from '../../../src/core/orders/descent.ts';

const party = (name: string) => name as PartyId;
interface Told {
  readonly makings?: readonly [
    seq: number,
    inputs: readonly number[],
    recorder?: string,
    putIn?: number | null,
  ][];
  readonly own?: ReadonlyMap<number, Hands>;
  readonly refused?: readonly number[];
  /** When it was taken out of what an entry put it into. */
  readonly out?: ReadonlyMap<number, number>;
}

/** Things by number, and how things descend from each other by what is told of them. */
function descentOf(told: Readonly<Record<number, Told>>) {
  const inputs = new Map<number, readonly number[]>();
  for (const { makings = [] } of Object.values(told)) for (const [seq, of] of makings) inputs.set(seq, of);
  const begotten = (thing: number): Begotten => {
    const { makings = [], own = new Map(), refused = [], out = new Map() } = told[thing] ?? {};
    return {
      makings: makings.map(
        ([seq, , recorder = 'A', putIn = null]): Making => ({ seq, recorder: party(recorder), putIn }),
      ),
      own: () => own,
      admits: (order) => !refused.includes(order),
      takingsOut: (making) => {
        const at = out.get(making);
        // By an entry that names both nothing is taken out.
        return at === undefined ? [] : [both, { entry: 2, at }];
      },
      isNamed: (entry) => entry === both.entry,
    };
  };
  return descent(begotten, (making) => inputs.get(making) ?? []);
}
const both = { entry: 1, at: Number.NEGATIVE_INFINITY };
const forever = Number.POSITIVE_INFINITY;
const under = (order: number, hands: Hands = null) => new Map([[order, hands]]);

t.test('what is made of goods is under the orders that these are under', async (t) => {
  const inHands = new Set([party('X'), party('A')]);
  const told: Record<number, Told> = {
    1: { own: under(7, inHands) },
    2: { makings: [[9, [1]]] },
    3: { makings: [[10, [1], 'B']] },
    4: {
      makings: [
        [12, [2, 3]],
        [14, [1]],
      ],
    },
    5: { makings: [[13, [2]]], refused: [7] },
    6: { makings: [[15, [5]]] },
    7: { makings: [[16, [8]]] },
    8: { makings: [[17, [7]]] },
    9: { makings: [[18, [9]]], own: under(7, inHands) },
  };
  const { madeUnder, handedOn } = descentOf(told);
  const made = (thing: number) =>
    [...madeUnder(thing)].flatMap(([order, makings]) => [order, ...makings.keys()]);
  t.same([made(1), made(2)], [[], [7, 9]], 'the example of the file');
  t.same(made(3), [], 'made by somebody through whose hands the order does not ask');
  t.same(made(4), [7, 12, 14], 'by either of two, and so on with what is made of that');
  t.same([made(5), made(6)], [[], []], 'what else the order asks stops it there');
  t.same([made(7), made(8)], [[], []], 'made of each other');
  t.same(made(9), [], 'made of itself');
  t.same([...handedOn(1, party('A'))], [[7, [always]]]);
  t.same([...handedOn(1, party('B'))], []);
  t.same([...handedOn(2, party('B'))], [[7, [always]]], "of what was made of it, everybody's");
});

t.test('what something was put into is under its orders while it is in it', async (t) => {
  const told: Record<number, Told> = {
    1: {
      own: under(7),
      out: new Map([
        [9, 40],
        [11, 5],
      ]),
    },
    2: {
      makings: [
        [9, [1], 'A', 10],
        [12, [1], 'A', 60],
      ],
    },
    3: { makings: [[10, [2], 'A', 20]] },
    4: { makings: [[13, [3]]] },
    5: { makings: [[11, [1], 'A', 5]] },
    6: { makings: [[14, [1, 7], 'B', 70]] },
    7: { own: under(7, new Set([party('A')])), out: new Map([[14, 90]]) },
    8: { makings: [[15, [7], 'B', 70]] },
    9: { makings: [[16, [7], 'A', 70]] },
  };
  const { madeUnder } = descentOf(told);
  const made = (thing: number) =>
    [...(madeUnder(thing).get(7) ?? [])].map(([seq, spans]) => [
      seq,
      ...spans.map(({ from, until }) => `${from}-${until}`),
    ]);
  t.same(
    made(2),
    [
      [9, '10-40'],
      [12, '60-Infinity'],
    ],
    'put in, taken out, and put in again',
  );
  t.same(made(3), [[10, '20-40', '60-Infinity']], 'and so with what that was put into');
  t.same(made(4), [[13, '-Infinity-Infinity']], 'what was made of it is from its beginning');
  t.same(made(5), [], 'taken out as it was put in');
  t.same(made(6), [[14, '70-Infinity']], 'while any of two is in it');
  t.same(made(8), [], 'an agent of which he had none that the order asks for');
  t.same(made(9), [[16, '70-Infinity']]);
});

/** Times at which the model asks; the last is after all that happens. */
const moments = [-1, 0, 1, 2, 3, 4, 5, 6];

t.test('is the same whatever is asked first, and what a search from each order finds', async () => {
  const making = fc.record({
    inputs: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
    putIn: fc.option(fc.nat(5)),
    out: fc.option(fc.nat(5)),
  });
  const things = fc.array(
    fc.record({ makings: fc.array(making, { maxLength: 2 }), own: fc.boolean(), refuses: fc.boolean() }),
    { minLength: 8, maxLength: 8 },
  );
  fc.assert(
    fc.property(things, fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), (list, order) => {
      let seq = 100;
      const entries = list.flatMap(({ makings }, thing) =>
        makings.map((told) => ({ thing, seq: seq++, ...told })),
      );
      const told = Object.fromEntries(
        list.map(({ own, refuses }, i): [number, Told] => [
          i,
          {
            makings: entries
              .filter(({ thing }) => thing === i)
              .map(({ seq, inputs, putIn }) => [seq, inputs, 'A', putIn]),
            own: own ? under(1) : new Map(),
            refused: refuses ? [1] : [],
            out: new Map(entries.flatMap(({ seq, out }) => (out === null ? [] : [[seq, out]]))),
          },
        ]),
      );
      // Thing and entry at each moment at which it is under the order by that; found one after the other.
      const found = new Set<string>();
      const isUnder = (thing: number, moment: number): boolean =>
        list[thing]?.own === true || entries.some(({ seq }) => found.has(`${thing}/${seq}/${moment}`));
      for (let size = -1; size < found.size; ) {
        size = found.size;
        for (const { thing, seq, inputs, putIn, out } of entries)
          for (const moment of moments) {
            const isIn = putIn === null || (putIn <= moment && moment < (out ?? forever));
            const isMade = inputs.some(
              (input) =>
                input !== thing &&
                moments.some((it) => (putIn === null ? it >= moment : it === moment) && isUnder(input, it)),
            );
            if (isIn && isMade && list[thing]?.refuses === false) found.add(`${thing}/${seq}/${moment}`);
          }
      }
      const { madeUnder } = descentOf(told);
      return order.every((thing) => {
        const alone = descentOf(told).madeUnder(thing);
        const spansOf = (made: MadeUnder, seq: number) => made.get(1)?.get(seq) ?? [];
        return entries
          .filter((it) => it.thing === thing)
          .every(({ seq }) =>
            moments.every((moment) =>
              [alone, madeUnder(thing)].every(
                (made) =>
                  spansOf(made, seq).some(({ from, until }) => from <= moment && moment < until) ===
                  found.has(`${thing}/${seq}/${moment}`),
              ),
            ),
          );
      });
    }),
    { numRuns: 300 },
  );
});
