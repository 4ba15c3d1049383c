import fc from 'fast-check';
import t from 'tap';
import type { PartyId } from '../../../src/core/events/hop.ts';
import { type Begotten, descent, type Hands, type Making } from '../../../src/core/orders/descent.ts';

const party = (name: string) => name as PartyId;
interface Told {
  readonly makings?: readonly [seq: number, inputs: readonly number[], recorder?: string][];
  readonly own?: ReadonlyMap<number, Hands>;
  readonly refused?: readonly number[];
}

/** Things by number, and how things descend from each other by what is told of them. */
function descentOf(told: Readonly<Record<number, Told>>) {
  const inputs = new Map<number, readonly number[]>();
  for (const { makings = [] } of Object.values(told)) for (const [seq, of] of makings) inputs.set(seq, of);
  const begotten = (thing: number): Begotten => {
    const { makings = [], own = new Map(), refused = [] } = told[thing] ?? {};
    return {
      makings: makings.map(([seq, , recorder = 'A']): Making => ({ seq, recorder: party(recorder) })),
      own: () => own,
      admits: (order) => !refused.includes(order),
    };
  };
  return descent(begotten, (making) => inputs.get(making) ?? []);
}
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
  const made = (thing: number) => [...madeUnder(thing)].flat();
  t.same([made(1), made(2)], [[], [7, 9]], 'the example of the file');
  t.same(made(3), [], 'made by somebody through whose hands the order does not ask');
  t.same(made(4), [7, 12], 'the first of two, and so on with what is made of that');
  t.same([made(5), made(6)], [[], []], 'what else the order asks stops it there');
  t.same([made(7), made(8)], [[], []], 'made of each other');
  t.same(made(9), [], 'made of itself');
  t.same([...handedOn(1, party('A'))], [7]);
  t.same([...handedOn(1, party('B'))], []);
  t.same([...handedOn(2, party('B'))], [7], "of what was made of it, everybody's");
});

t.test('is the same whatever is asked first, and what a search from each order finds', async () => {
  const things = fc.array(
    fc.record({
      makings: fc.array(fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
      own: fc.boolean(),
      refuses: fc.boolean(),
    }),
    { minLength: 8, maxLength: 8 },
  );
  fc.assert(
    fc.property(things, fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), (list, order) => {
      let seq = 100;
      const told = Object.fromEntries(
        list.map(({ makings, own, refuses }, i): [number, Told] => [
          i,
          {
            makings: makings.map((inputs) => [seq++, inputs]),
            own: own ? under(1) : new Map(),
            refused: refuses ? [1] : [],
          },
        ]),
      );
      const reached = new Set(list.flatMap(({ own }, i) => (own ? [i] : [])));
      const derived = new Set<number>();
      for (const thing of reached)
        list.forEach(({ makings, refuses }, i) => {
          if (refuses || i === thing || !makings.some((inputs) => inputs.includes(thing))) return;
          derived.add(i);
          reached.add(i);
        });
      const { madeUnder } = descentOf(told);
      return order.every((thing) => {
        const alone = descentOf(told).madeUnder(thing).get(1);
        return (alone !== undefined) === derived.has(thing) && madeUnder(thing).get(1) === alone;
      });
    }),
    { numRuns: 300 },
  );
});
