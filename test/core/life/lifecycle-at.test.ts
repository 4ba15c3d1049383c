/** The life of a thing as it stood at a moment. */
import fc from 'fast-check';
import t from 'tap';
import type { Step } from '../../../src/core/life/history.ts';
import { lifeAt, lifeOf } from '../../../src/core/life/lifecycle.ts';
import { containerOf } from '../../../src/core/life/lifecycle-state.ts';
import { histories } from '../../../src/core/life/membership.ts';
import {
  act,
  context,
  day,
  hop,
  hour,
  pack,
  party,
  place,
  produce,
  receive,
  ship,
  stepOf,
  unpack,
} from '../../support/hops.ts';

const unit = 1;
const carton = 7;
const chains = (own: readonly Step[], ofCarton: readonly Step[] = []) =>
  histories((number) => (number === unit ? own : number === carton ? ofCarton : []));

t.test('stage, holder, place and container at any time', async (t) => {
  const [factory, store, home] = [place('factory'), place('store'), place('home')];
  const own = [
    produce(1, 'A', { place: factory }),
    pack(2, 'A', carton, { place: factory }),
    act(6, 'sell', 'B', { taker: party('U'), toPlace: home }),
    act(7, 'install', 'U', { place: home }),
    act(8, 'scrap', 'U', { place: home }),
  ];
  const ofCarton = [
    ship(3, 'A', 'B', { toPlace: store }),
    receive(4, 'B', 'A', { place: store }),
    stepOf(hop(5, 'unpack', 'B', { place: store }), { position: 'parent', whole: true }),
  ];
  const at = (moment: number) => {
    const { state, claims } = lifeAt(moment, unit, chains(own, ofCarton), context);
    return [state.stage, state.holder, state.place, containerOf(state), claims.length];
  };
  const rows: readonly [when: number, ...told: unknown[]][] = [
    [0, 'issued', null, null, null, 0],
    [day - 1, 'issued', null, null, null, 0],
    [day, 'produced', 'A', factory, null, 1],
    [2 * day, 'produced', 'A', factory, carton, 2],
    [3 * day, 'in-transit', 'A', null, carton, 3],
    [4 * day - 1, 'in-transit', 'A', null, carton, 3],
    [4 * day, 'held', 'B', store, carton, 4],
    [5 * day, 'held', 'B', store, null, 5],
    [6 * day, 'sold', 'U', home, null, 6],
    [7 * day, 'installed', 'U', home, null, 7],
    [8 * day, 'scrapped', 'U', home, null, 8],
    [9_999 * day, 'scrapped', 'U', home, null, 8],
  ];
  for (const [moment, ...told] of rows) t.strictSame(at(moment), told, `on day ${moment / day}`);
});

t.test('what was recorded late counts from when it happened, what was taken back never did', async (t) => {
  const late = [
    produce(1, 'A'),
    ship(2, 'A', 'B'),
    receive(3, 'B', 'A', { at: 4 * day, recordedAt: 9 * day }),
  ];
  const at = (moment: number, steps: readonly Step[]) => {
    const { stage, holder } = lifeAt(moment, unit, chains(steps), context).state;
    return [stage, holder];
  };
  t.strictSame(at(3 * day, late), ['in-transit', 'A']);
  t.strictSame(at(5 * day, late), ['held', 'B']);
  const voided = [
    produce(1, 'A'),
    act(2, 'scrap', 'A'),
    stepOf(hop(3, 'void', 'A', { target: 2, at: 8 * day })),
  ];
  t.strictSame(at(5 * day, voided), ['produced', 'A'], 'before the void too');
});

t.test('what is known to the day has happened by its end; a beginning by its start', async (t) => {
  const of = (type: 'produce' | 'inspect') =>
    chains([stepOf(hop(1, type, 'A', { from: day, until: 2 * day - 1 }))]);
  const count = (moment: number, type: 'produce' | 'inspect') =>
    lifeAt(moment, unit, of(type), context).claims.length;
  t.strictSame([count(day, 'produce'), count(day + hour, 'inspect')], [1, 0]);
  t.equal(count(2 * day - 1, 'inspect'), 1);
});

t.test('grace periods are judged at the moment, and later contradictions are not told', async (t) => {
  const own = [
    produce(1, 'A'),
    ship(2, 'A', 'B'),
    receive(3, 'B', 'A'),
    receive(5, 'X', 'A'),
    ship(20, 'A', 'C'),
  ];
  const found = (moment: number) =>
    lifeAt(moment, unit, chains(own), context).contradictions.map(({ rule }) => rule);
  t.strictSame(found(5 * day), [], 'the other half may still come');
  t.strictSame(found(5 * day + context.graceMs), []);
  t.strictSame(found(5 * day + context.graceMs + 1), ['receipt-without-shipment']);
  t.strictSame(found(20 * day), ['receipt-without-shipment', 'double-sale']);
});

/** Hops a day apart, some told with the precision of days, some recorded late, some taken back. */
const drawn = fc.record({
  type: fc.constantFrom(
    'ship',
    'ship',
    'receive',
    'receive',
    'pack',
    'unpack',
    'sell',
    'scrap',
    'hold',
    'void',
  ),
  by: fc.constantFrom('A', 'A', 'B', 'B', 'X'),
  other: fc.constantFrom('A', 'B', 'C'),
  ofCarton: fc.boolean(),
  coarse: fc.boolean(),
  late: fc.nat(5),
  target: fc.nat(12),
});

t.test('a life at a moment is the beginning of the whole life', async (t) => {
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 14 }), fc.nat(40 * 24), (world, hours) => {
      const own: Step[] = [produce(1, 'A')];
      const ofCarton: Step[] = [];
      world.forEach(({ type, by, other, ofCarton: outside, coarse, late, target }, i) => {
        const seq = i + 2;
        const from = (seq + (late > 3 ? -3 : 0)) * day;
        const until = coarse ? from + day - 1 : from;
        const told = { from, until, recordedAt: until + late * day, target: type === 'void' ? target : null };
        const steps = outside ? ofCarton : own;
        if (type === 'ship') steps.push(ship(seq, by, other, told));
        else if (type === 'receive') steps.push(receive(seq, by, other, told));
        else if (type === 'pack') {
          own.push(pack(seq, by, carton, told));
          ofCarton.push(stepOf(hop(seq, 'pack', by, told), { position: 'parent' }));
        } else if (type === 'unpack') own.push(unpack(seq, by, carton, told));
        else steps.push(act(seq, type as 'sell', by, told));
      });
      const all = chains(own, ofCarton);
      const moment = hours * hour;
      const part = lifeAt(moment, unit, all, context);
      const whole = lifeOf(unit, all, { ...context, asOf: moment });
      t.strictSame(whole.claims.slice(0, part.claims.length), part.claims);
      t.strictSame(whole.contradictions.slice(0, part.contradictions.length), part.contradictions);
      t.strictSame(whole.moves.slice(0, part.moves.length), part.moves);
      const atOf = new Map(all.concerning(unit).map((s) => [s.hop.seq, s.at]));
      const next = whole.claims[part.claims.length];
      if (part.claims.some(({ seq }) => (atOf.get(seq) ?? 0) > moment)) throw new Error('looked ahead');
      if (next && (atOf.get(next.seq) ?? 0) <= moment) throw new Error('stopped early');
      const later = lifeAt(Number.MAX_SAFE_INTEGER, unit, all, context);
      if (JSON.stringify(later.state) !== JSON.stringify(whole.state))
        throw new Error('does not end as the whole');
    }),
  );
});
