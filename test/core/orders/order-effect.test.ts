import t from 'tap';
import type { Step } from '../../../src/core/life/history.ts';
import { fold } from '../../../src/core/life/lifecycle.ts';
import { grainsOf } from '../../../src/core/measures.ts';
import {
  type Contact,
  effectsOf,
  type Fate,
  fateOf,
  type Heap,
  percentOf,
} from '../../../src/core/orders/order-effect.ts';
import { act, context, party, produce, receive, ship } from '../../support/hops.ts';

const pieces = (fate: Fate, n: number, contact: Contact = 'none'): Heap => ({
  fate,
  contact,
  uom: 'H87',
  amount: grainsOf({ millionths: BigInt(n) * 1_000_000n, uom: 'H87' }),
});

t.test('the example at the head of the file', async (t) => {
  const [effect] = effectsOf([
    pieces('kept', 10),
    pieces('returned', 20),
    pieces('destroyed', 5),
    pieces('held', 40, 'acknowledged'),
    pieces('under-way', 5, 'acknowledged'),
    pieces('held', 15, 'notified'),
    pieces('sold', 5),
  ]);
  if (effect === undefined) throw new Error('no effect');
  const { uom, ...sums } = effect;
  const counted = Object.fromEntries(Object.entries(sums).map(([name, n]) => [name, Number(n) / 1e6]));
  t.strictSame(
    { uom, ...counted },
    {
      uom: 'H87',
      total: 100,
      out: 90,
      returned: 20,
      destroyed: 5,
      consumed: 0,
      atLarge: 65,
      reached: 45,
      reachable: 60,
      unreachable: 5,
      named: 0,
      consumers: 5,
      unknown: 0,
    },
  );
  t.equal(percentOf(effect.returned + effect.destroyed, effect.out), 27.7);
  t.equal(percentOf(effect.reached, effect.atLarge), 69.2);
  t.equal(percentOf(effect.unreachable, effect.atLarge), 7.6);
});

t.test('what is unreachable is the sum of its parts, whoever has it and wherever it goes', async (t) => {
  for (const contact of ['authority', 'acknowledged', 'notified', 'none'] as const)
    for (const fate of ['held', 'under-way', 'sold', 'unknown'] as const) {
      const [effect] = effectsOf([pieces(fate, 1, contact)]);
      if (effect === undefined) throw new Error('no effect');
      t.equal(effect.unreachable, effect.named + effect.consumers + effect.unknown, `${fate} ${contact}`);
      t.equal(effect.out, effect.returned + effect.atLarge, `${fate} ${contact}`);
    }
});

t.test(
  'what was sent and not received is with whom it goes to, and what goes back with who sends it',
  async (t) => {
    const fate = (...steps: readonly Step[]) =>
      Object.values(fateOf(fold(steps, context), party('A'))).join(' ');
    const sold = [produce(1, 'A'), ship(2, 'A', 'B')];
    const had = [...sold, receive(3, 'B', 'A')];
    t.equal(fate(produce(1, 'A')), 'kept A');
    t.equal(fate(produce(1, 'A'), ship(2, 'A', 'A')), 'kept A', 'to a store of its own');
    t.equal(fate(...sold), 'under-way B');
    t.equal(fate(...sold, act(3, 'cancel', 'A', { target: 2 })), 'kept A');
    t.equal(fate(...had), 'held B');
    t.equal(fate(...had, ship(4, 'B', 'C')), 'under-way C');
    t.equal(fate(...had, ship(4, 'B', 'A')), 'held B');
    t.equal(fate(...had, ship(4, 'B', 'A'), receive(5, 'A', 'B')), 'returned A');
    t.equal(fate(...had, act(4, 'sell', 'B')), 'sold ');
  },
);
