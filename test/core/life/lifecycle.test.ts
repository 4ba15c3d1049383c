import t from 'tap';
import { dateOf } from '../../../src/core/china-dates.ts';
import { rules } from '../../../src/core/life/contradictions.ts';
import type { Step } from '../../../src/core/life/history.ts';
import { fold, lifeOf } from '../../../src/core/life/lifecycle.ts';
import { containerOf, initialState, type LifecycleContext } from '../../../src/core/life/lifecycle-state.ts';
import { histories } from '../../../src/core/life/membership.ts';
import {
  act,
  context,
  day,
  type HopOptions,
  hop,
  mandates,
  pack,
  party,
  place,
  produce,
  receive,
  ship,
  stepOf,
  unpack,
} from '../../support/hops.ts';

/** Made of others: what came out of a transformation. */
const made = (seq: number, by: string, options: HopOptions = {}) =>
  stepOf(hop(seq, 'transform', by, options), { position: 'output' });

const told = (steps: Step[], about: LifecycleContext = context) => {
  const { state, contradictions } = fold(steps, about);
  return {
    stage: state.stage,
    holder: state.holder,
    found: contradictions.map((c) => `${c.rule} ${c.seqs.join('-')} ${c.severity}`),
  };
};

const cut = stepOf(hop(1, 'split', 'A'), { position: 'output' });
const relabelled = (seq: number, by: string, at = seq * day) =>
  stepOf(hop(seq, 'relabel', by, { note: 'new', at }));
const renamed = relabelled(1, 'A');

t.test('when it was made', async (t) => {
  const produced = (...steps: Step[]) => fold(steps, context).state.produced;
  const one = { seq: 1, from: day, until: day, by: party('A') };
  t.strictSame(produced(produce(1, 'A')), { ...one, as: 'produce' });
  t.strictSame(produced(made(1, 'A')), { ...one, as: 'transform' });
  t.strictSame(
    produced(made(1, 'A'), produce(2, 'A', { at: 1.5 * day })),
    { ...one, as: null },
    'one making, told as both',
  );
  t.strictSame(
    produced(made(2, 'A', { at: 1.5 * day }), produce(1, 'A')),
    { ...one, as: null },
    'whichever is told first',
  );
  t.same(
    [produced(cut), produced(renamed), produced(act(1, 'adopt', 'A'))],
    [null, null, null],
    'what is older than its record has no date',
  );
});

t.test('the example at the head of the file', async (t) => {
  const life = fold(
    [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'X', 'A'), receive(4, 'B', 'A')],
    context,
  );
  t.equal(life.state.stage, 'held');
  t.equal(life.state.holder, party('B'));
  t.same(
    life.claims.map((c) => [c.seq, c.standing, c.effect]),
    [
      [1, 'holder', true],
      [2, 'holder', true],
      [3, 'stranger', false],
      [4, 'counterparty', true],
    ],
  );
  t.same(life.contradictions, [{ rule: 'receipt-without-shipment', seqs: [1, 3], severity: 'claim' }]);
  t.same(life.moves, [
    { seq: 4, shipped: 2, from: party('A'), to: party('B'), fromPlace: null, toPlace: null, at: 4 * day },
  ]);
});

t.test('a life from production to disposal', async (t) => {
  const shop = place('shop');
  const home = place('home');
  const steps = [
    produce(1, 'A', { place: place('factory') }),
    act(2, 'release', 'A', { outcome: 'conformant' }),
    ship(3, 'A', 'B', { toPlace: shop }),
    receive(4, 'B', 'A', { place: shop }),
    act(5, 'sell', 'B', { taker: party('U'), toPlace: home }),
    act(6, 'install', 'I', { as: 'installer', place: home }),
    act(7, 'maintain', 'M', { as: 'maintenance-firm', outcome: 'conformant', nextDue: 400 * day }),
    act(8, 'remove', 'U', { place: home }),
    act(9, 'scrap', 'U', { place: home }),
    act(10, 'destroy', 'U'),
  ];
  const stages = steps.map((_, n) => {
    const { state } = fold(steps.slice(0, n + 1), context);
    return [state.stage, state.holder, state.place];
  });
  t.same(stages, [
    ['produced', 'A', place('factory')],
    ['released', 'A', place('factory')],
    ['in-transit', 'A', null],
    ['held', 'B', shop],
    ['sold', 'U', home],
    ['installed', 'U', home],
    ['installed', 'U', home],
    ['held', 'U', home],
    ['scrapped', 'U', home],
    ['destroyed', 'U', home],
  ]);
  const { state, contradictions } = fold(steps, context);
  t.same(contradictions, []);
  t.same(state.nextDue, { seq: 7, at: 400 * day });
  t.same(initialState({ ...context, issued: false }).stage, 'unknown');
});

t.test('when it is next due', async (t) => {
  const asked = { ...context, maintenance: [{ seq: 1, first: 60, next: 24 }] };
  const at = (date: string) => ({ at: Date.parse(`${date}T10:00:00+08:00`) });
  const due = (...steps: Step[]) => {
    const { nextDue } = fold(steps, asked).state;
    return nextDue && [nextDue.seq, dateOf(nextDue.at)];
  };
  const made = produce(2, 'A', at('2019-03-02'));
  const service = (seq: number, date: string, more: HopOptions = {}) =>
    act(seq, 'maintain', 'A', { ...at(date), outcome: 'conformant', ...more });
  t.same(due(made), [2, '2024-03-02']);
  t.same(due(produce(1, 'A', at('2019-03-02'))), null, 'before the product said how often');
  t.same(due(made, service(3, '2024-02-20')), [3, '2026-02-20']);
  t.same(due(made, service(3, '2024-02-20', { outcome: 'non-conformant' })), [2, '2024-03-02']);
  t.same(due(made, service(3, '2024-02-20', { nextDue: at('2025-01-01').at })), [3, '2025-01-01']);
  t.same(due(made, act(3, 'maintain', 'X', { ...at('2024-02-20'), outcome: 'conformant' })), [
    2,
    '2024-03-02',
  ]);
  t.same(due(act(2, 'adopt', 'A', at('2019-03-02'))), null, 'nobody says when old stock was made');
});

t.test('each contradiction, and what it leaves of the state', async (t) => {
  const toB = [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A')];
  const cases: [string, Step[], { stage: string; holder: string | null; found: string[] }][] = [
    [
      'sold twice while under way',
      [produce(1, 'A'), ship(2, 'A', 'B'), ship(3, 'A', 'C')],
      { stage: 'in-transit', holder: 'A', found: ['double-sale 2-3 conflict'] },
    ],
    [
      'sold twice after receipt; the second buyer is no stranger and no news',
      [...toB, ship(4, 'A', 'C'), receive(5, 'C', 'A')],
      { stage: 'held', holder: 'B', found: ['double-sale 2-4 conflict'] },
    ],
    [
      'retail sale of what was sold',
      [...toB, act(4, 'sell', 'A')],
      { stage: 'held', holder: 'B', found: ['double-sale 2-4 conflict'] },
    ],
    [
      'lent, then shipped by who does not have it',
      [produce(1, 'A'), ship(2, 'A', 'B', { transfer: 'loan' }), receive(3, 'B', 'A'), ship(4, 'A', 'C')],
      { stage: 'held', holder: 'B', found: ['ship-by-non-holder 2-4 conflict'] },
    ],
    [
      'installed by who shipped it away',
      [produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'install', 'A')],
      { stage: 'in-transit', holder: 'A', found: ['handled-by-non-holder 2-3 conflict'] },
    ],
    [
      'scrapped by who had it once',
      [...toB, act(4, 'scrap', 'A')],
      { stage: 'held', holder: 'B', found: ['handled-by-non-holder 3-4 conflict'] },
    ],
    [
      'received by who was once in the chain',
      [...toB, ship(4, 'B', 'C'), receive(5, 'C', 'B'), receive(6, 'B', 'C')],
      { stage: 'held', holder: 'C', found: ['receipt-without-shipment 5-6 conflict'] },
    ],
    [
      'received back as a return, whose other half may be missing',
      [...toB, act(4, 'return', 'A', { giver: party('B'), taker: party('A'), note: 'returned' })],
      { stage: 'held', holder: 'A', found: [] },
    ],
    [
      'shipment voided after its receipt',
      [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A'), act(4, 'void', 'A', { target: 2 })],
      { stage: 'held', holder: 'B', found: ['withdrawn-after-receipt 4-3 conflict'] },
    ],
    [
      'shipment cancelled after its receipt',
      [...toB, act(4, 'cancel', 'A', { target: 2 })],
      { stage: 'held', holder: 'B', found: ['withdrawn-after-receipt 3-4 conflict'] },
    ],
    [
      'received otherwise than announced',
      [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A', { note: 'mismatch' })],
      { stage: 'held', holder: 'B', found: ['received-differently 2-3 quality'] },
    ],
    [
      'another shipment cancelled',
      [produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'cancel', 'A', { target: 77 })],
      { stage: 'in-transit', holder: 'A', found: [] },
    ],
    [
      'cancelled by whom it goes to',
      [produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'cancel', 'B', { target: 2 })],
      { stage: 'in-transit', holder: 'A', found: [] },
    ],
    [
      'shipment cancelled in time',
      [produce(1, 'A'), ship(2, 'A', 'B'), act(3, 'cancel', 'A', { target: 2 }), ship(4, 'A', 'C')],
      { stage: 'in-transit', holder: 'A', found: [] },
    ],
    [
      'received elsewhere than it was sent',
      [
        produce(1, 'A'),
        ship(2, 'A', 'B', { toPlace: place('north') }),
        receive(3, 'B', 'A', { place: place('south') }),
      ],
      { stage: 'held', holder: 'B', found: ['received-differently 2-3 quality'] },
    ],
    [
      'passed on without a receipt',
      [produce(1, 'A'), ship(2, 'A', 'B'), ship(3, 'B', 'C')],
      { stage: 'in-transit', holder: 'B', found: ['implied-receipt 2-3 quality'] },
    ],
    [
      'in two containers, packed by two parties',
      [produce(1, 'A'), pack(2, 'A', 70), ship(3, 'A', 'B'), pack(4, 'B', 71)],
      {
        stage: 'held',
        holder: 'B',
        found: ['implied-unpack 2-3 quality', 'implied-receipt 3-4 quality'],
      },
    ],
    [
      'repacked by the same party',
      [produce(1, 'A'), pack(2, 'A', 70), pack(3, 'A', 71)],
      { stage: 'produced', holder: 'A', found: ['implied-unpack 2-3 quality'] },
    ],
    [
      'sold after scrap',
      [...toB, act(4, 'scrap', 'B'), act(5, 'sell', 'B')],
      { stage: 'scrapped', holder: 'B', found: ['event-after-scrap 4-5 conflict'] },
    ],
    [
      'sold after scrap by a stranger',
      [...toB, act(4, 'scrap', 'B'), act(5, 'sell', 'X')],
      { stage: 'scrapped', holder: 'B', found: ['event-after-scrap 4-5 claim'] },
    ],
    [
      'shipped to disposal after scrap',
      [...toB, act(4, 'scrap', 'B'), ship(5, 'B', 'D', { transfer: 'consignment' }), receive(6, 'D', 'B')],
      { stage: 'scrapped', holder: 'B', found: [] },
    ],
    [
      'shipped before it was made',
      [ship(2, 'A', 'B', { at: 1 * day }), produce(3, 'A'), receive(4, 'B', 'A')],
      { stage: 'held', holder: 'B', found: ['event-before-production 2-3 conflict'] },
    ],
    [
      'made twice',
      [produce(1, 'A'), produce(2, 'A')],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-2 conflict'] },
    ],
    [
      'made, and its code given to another thing a day later',
      [produce(1, 'A'), relabelled(2, 'A')],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-2 conflict'] },
    ],
    [
      'made and moved, and its code given to another thing on the same day',
      [produce(1, 'A'), pack(2, 'A', 70, { at: 1.2 * day }), relabelled(3, 'A', 1.5 * day)],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-3 conflict'] },
    ],
    [
      'its code given to two things',
      [relabelled(1, 'A'), relabelled(2, 'A')],
      { stage: 'held', holder: 'A', found: ['produced-twice 1-2 conflict'] },
    ],
    [
      'the new label commissioned, and the relabelling told besides',
      [produce(1, 'A'), relabelled(2, 'A', 1.1 * day)],
      { stage: 'produced', holder: 'A', found: [] },
    ],
    [
      'made of others, and commissioned besides',
      [made(1, 'A'), produce(2, 'A', { at: 1.9 * day })],
      { stage: 'produced', holder: 'A', found: [] },
    ],
    [
      'commissioned and packed, and the batch that made it closed after that',
      [produce(1, 'A'), pack(2, 'A', 70, { at: 1.2 * day }), made(3, 'A', { at: 1.9 * day })],
      { stage: 'produced', holder: 'A', found: [] },
    ],
    [
      'commissioned and shipped, and the batch that made it closed after that',
      [
        produce(1, 'A'),
        ship(2, 'A', 'B', { at: 1.2 * day }),
        receive(3, 'B', 'A', { at: 1.4 * day }),
        made(4, 'A', { at: 1.9 * day }),
      ],
      { stage: 'held', holder: 'B', found: [] },
    ],
    [
      'made of others, and commissioned a day later',
      [made(1, 'A'), produce(2, 'A')],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-2 conflict'] },
    ],
    [
      'made of others, and commissioned twice',
      [made(1, 'A'), produce(2, 'A', { at: 1.1 * day }), produce(3, 'A', { at: 1.2 * day })],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-3 conflict'] },
    ],
    [
      'made of others twice',
      [made(1, 'A'), made(2, 'A', { at: 1.1 * day })],
      { stage: 'produced', holder: 'A', found: ['produced-twice 1-2 conflict'] },
    ],
    [
      'made of others by one, and commissioned by another',
      [made(1, 'A'), ship(2, 'A', 'B', { at: 1.1 * day }), made(3, 'B', { at: 1.2 * day })],
      {
        stage: 'held',
        holder: 'B',
        found: ['produced-twice 1-3 conflict', 'implied-receipt 2-3 quality'],
      },
    ],
    [
      'shipped before it was made of others',
      [ship(2, 'A', 'B', { at: 1 * day }), made(3, 'A'), receive(4, 'B', 'A')],
      { stage: 'held', holder: 'B', found: ['event-before-production 2-3 conflict'] },
    ],
    ['cut, and made after that', [cut, produce(2, 'A')], { stage: 'produced', holder: 'A', found: [] }],
    [
      'moved while an authority holds it',
      [...toB, act(4, 'hold', 'R', { as: 'regulator' }), act(5, 'sell', 'B')],
      { stage: 'sold', holder: null, found: ['moved-while-blocked 4-5 conflict'] },
    ],
    [
      'moved while held by its holder',
      [...toB, act(4, 'hold', 'B'), act(5, 'sell', 'B')],
      { stage: 'sold', holder: null, found: ['moved-while-blocked 4-5 quality'] },
    ],
    [
      'lifted by who did not hold it',
      [...toB, act(4, 'hold', 'R', { as: 'regulator' }), act(5, 'lift', 'B', { target: 4 })],
      { stage: 'held', holder: 'B', found: ['lift-without-power 4-5 quality'] },
    ],
    [
      'claimed by strangers',
      [...toB, act(4, 'sell', 'X'), act(5, 'scrap', 'X'), act(6, 'inspect', 'X'), receive(7, 'X', 'B')],
      {
        stage: 'held',
        holder: 'B',
        found: ['stranger-claim 3-4 claim', 'stranger-claim 3-5 claim', 'receipt-without-shipment 3-7 claim'],
      },
    ],
  ];
  for (const [name, steps, expected] of cases) t.same(told(steps), expected, name);
});

t.test('certificates count at production', async (t) => {
  const certificates = [
    { seq: 90, from: 10 * day, until: 20 * day },
    { seq: 91, from: 40 * day, until: 50 * day },
  ];
  const certified = { ...context, certificates, certifiedFrom: 10 * day };
  for (const making of [produce, made]) {
    const at = (when: number) => told([making(1, 'A', { at: when })], certified).found;
    t.same(at(9 * day), [], 'made before the first began');
    t.same(at(15 * day), []);
    t.same(at(20 * day), []);
    t.same(at(21 * day), ['certificate-not-valid-at-production 90-1 conflict']);
    t.same(at(39 * day), ['certificate-not-valid-at-production 91-1 conflict']);
  }
  const twice = [made(1, 'A', { at: 21 * day }), produce(2, 'A', { at: 21.5 * day })];
  t.same(
    told(twice, certified).found,
    ['certificate-not-valid-at-production 90-1 conflict'],
    'one making, told twice, is checked once',
  );
  for (const hop of [cut, renamed])
    t.same(told([hop], { ...certified, certificates: [] }).found, [], 'nothing new is made');
  const asked = (certifiedFrom: number) => told([produce(2, 'A')], { ...context, certifiedFrom }).found;
  t.same(
    asked(2 * day),
    ['certificate-not-valid-at-production 2-2 conflict'],
    'never certified, and asked for',
  );
  t.same(asked(2 * day + 1), [], 'asked for of what is made later');
  t.same(
    told([produce(10, 'A')], { ...certified, certificates: [] }).found,
    ['certificate-not-valid-at-production 10-10 conflict'],
    'taken away for all of its time',
  );
});

t.test('a receipt waits for its shipment during the grace period', async (t) => {
  const steps = [
    produce(1, 'A'),
    ship(2, 'A', 'B'),
    receive(3, 'B', 'A'),
    ship(4, 'B', 'C'),
    receive(5, 'C', 'B'),
  ];
  const early = [...steps, receive(6, 'B', 'C')];
  t.same(told(early, { ...context, asOf: 6 * day + context.graceMs }).found, []);
  t.same(told(early, { ...context, asOf: 6 * day + context.graceMs + 1 }).found, [
    'receipt-without-shipment 5-6 conflict',
  ]);
  t.same(told([...early, ship(7, 'C', 'B', { at: 5.5 * day })]).found, [], 'a late record mends it');
});

t.test('two containers at once take two packers', async (t) => {
  const about = { ...context, delegates: mandates('A', 'F') };
  t.same(told([produce(1, 'A'), pack(2, 'A', 70), pack(3, 'F', 71)], about).found, [
    'two-containers-at-once 2-3 conflict',
  ]);
});

t.test('parties without an account are presumed to have what is shipped to them', async (t) => {
  const about = { ...context, stubUntil: new Map([[party('S'), Number.POSITIVE_INFINITY]]) };
  const toS = [produce(1, 'A'), ship(2, 'A', 'S')];
  t.same(told(toS, about), { stage: 'held', holder: 'S', found: [] });
  t.same(told([...toS, receive(3, 'B', 'S')], about), { stage: 'held', holder: 'B', found: [] });
  t.same(told([...toS, receive(3, 'X', 'A')], about).holder, 'S', 'not from somebody else');
  t.same(told([...toS, act(3, 'cancel', 'A', { target: 2 })], about), {
    stage: 'held',
    holder: 'A',
    found: [],
  });
  const serviced = act(3, 'maintain', 'M', { as: 'maintenance-firm', nextDue: 9 });
  const dueAfter = (more: HopOptions) =>
    fold([...toS, serviced, act(4, 'maintain', 'M', { as: 'maintenance-firm', ...more })], about).state
      .nextDue?.at ?? null;
  t.equal(fold([...toS, serviced], about).state.nextDue?.at, 9);
  t.equal(dueAfter({ outcome: 'conformant', nextDue: 99 }), 99);
  t.equal(dueAfter({ outcome: 'conformant' }), null, 'serviced, and nobody told when next');
  t.equal(dueAfter({ outcome: 'non-conformant' }), 9);
  t.equal(dueAfter({ note: 'parts' }), 9, 'it is put into something as a spare');
  const since = { ...context, stubUntil: new Map([[party('S'), 1.5 * day]]) };
  t.same(told(toS, since).stage, 'in-transit', 'it had an account by then');
  const recorded = (at: number) =>
    told([produce(1, 'A'), ship(2, 'A', 'S', { recordedAt: at })], since).stage;
  t.same([1.5 * day - 1, 1.5 * day].map(recorded), ['held', 'in-transit'], 'from the moment of the account');
});

t.test('delegates speak for each other', async (t) => {
  const about = { ...context, delegates: mandates('A', 'F') };
  const life = fold([produce(1, 'F'), ship(2, 'A', 'B'), receive(3, 'B', 'F')], about);
  t.same(
    life.claims.map((c) => c.standing),
    ['delegate', 'delegate', 'counterparty'],
  );
  t.same(life.contradictions, []);
  t.equal(life.state.holder, party('B'));
});

t.test('a delegate speaks while its mandate is valid, and revoking it takes nothing back', async (t) => {
  const toF = [produce(1, 'A'), ship(2, 'F', 'B')];
  const standing = (limits: Parameters<typeof mandates>[2]) =>
    fold(toF, { ...context, delegates: mandates('A', 'F', limits) }).claims[1]?.standing;
  t.same(
    [
      {},
      { from: 2 * day, until: 2 * day },
      { from: 3 * day },
      { until: day },
      { revoked: day },
      { revoked: 2 * day },
    ].map(standing),
    ['delegate', 'delegate', 'stranger', 'stranger', 'stranger', 'delegate'],
  );
});

t.test('a delegate speaks in the acts and at the places that it was given', async (t) => {
  const standing = (limits: Parameters<typeof mandates>[2], o: HopOptions = {}) =>
    fold([produce(1, 'A'), act(2, 'scrap', 'F', o)], {
      ...context,
      delegates: mandates('A', 'F', limits),
    }).claims[1]?.standing;
  t.equal(standing({ acts: new Set(['scrap']) }), 'delegate');
  t.equal(standing({ acts: new Set(['issue', 'produce']) }), 'stranger', 'who may make may not scrap');
  const places = new Set([place('f')]);
  t.equal(standing({ places }, { place: place('f') }), 'delegate');
  t.equal(standing({ places }, { place: place('g') }), 'stranger');
  t.equal(standing({ places }), 'stranger', 'nobody says where');
  const maker = { ...context, delegates: mandates('A', 'F', { acts: new Set(['produce']) }) };
  t.same(
    told([produce(1, 'F'), ship(2, 'A', 'B'), receive(3, 'B', 'F')], maker),
    { stage: 'held', holder: 'B', found: [] },
    'of what was made for it, a principal speaks itself',
  );
});

t.test('who reports that a thing left another’s place moves it only if it has it', async (t) => {
  const report = (seq: number, by: string, o: HopOptions = {}) =>
    ship(seq, by, 'D', { reporter: true, giver: null, ...o });
  const sent = [produce(1, 'A'), ship(2, 'A', 'B')];
  t.same(told([...sent, report(3, 'B')]), told(sent), 'a consignee has not received it by that');
  t.same(told([...sent, report(3, 'B', { giver: party('B') })]).found, ['implied-receipt 2-3 quality']);
  t.same(told([...sent, report(3, 'X')]).found, ['stranger-claim 1-3 claim']);
  const gone = [...sent, receive(3, 'B', 'A'), ship(4, 'B', 'C'), receive(5, 'C', 'B')];
  t.same(told([...gone, report(6, 'B')]), told(gone), 'nor does one that had it contradict anything');
  t.same(told([...gone, ship(6, 'B', 'D')]).found, ['double-sale 4-6 conflict']);
  const stored = fold([...gone, report(6, 'C')], context).state;
  t.same([stored.stage, stored.holder, stored.open?.taker], ['in-transit', party('C'), party('D')]);
  const unissued = { ...context, issuer: null, issued: false };
  t.equal(fold([report(1, 'X')], unissued).state.holder, null, 'nor does it begin a history');
});

t.test('seizure, samples and lifting', async (t) => {
  const toB = [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A')];
  const seize = act(4, 'seize', 'R', { as: 'regulator', taker: party('R') });
  const seized = fold([...toB, seize], context).state;
  t.same([seized.holder, seized.blocks.map((b) => b.kind)], ['R', ['seize']]);
  const lifted = fold([...toB, seize, act(5, 'lift', 'R', { as: 'regulator', target: 4 })], context).state;
  t.same([lifted.holder, lifted.blocks], ['B', []]);
  const other = fold([...toB, seize, act(5, 'lift', 'Q', { as: 'regulator', target: 4 })], context).state;
  t.same([other.holder, other.blocks], ['B', []], 'another authority, by name');
  const destroyed = fold([...toB, seize, act(5, 'destroy', 'R', { as: 'regulator' })], context);
  t.same([destroyed.state.stage, destroyed.contradictions], ['destroyed', []]);
  const onTheWay = [produce(1, 'A'), ship(2, 'A', 'B'), seize];
  t.match(fold(onTheWay, context).state, { stage: 'held', holder: 'R', open: null });
  const goesOn = [...onTheWay, act(5, 'lift', 'R', { as: 'regulator', target: 4 })];
  t.match(fold(goesOn, context).state, { stage: 'in-transit', holder: 'A', open: { seq: 2, taker: 'B' } });
  t.same(told([...goesOn, receive(6, 'B', 'A')]), { stage: 'held', holder: 'B', found: [] });
  const given = act(5, 'lift', 'R', { as: 'regulator', target: 4, taker: party('B') });
  t.match(fold([...onTheWay, given], context).state, { stage: 'held', holder: 'B', open: null });
  const sample = act(4, 'inspect', 'L', { as: 'laboratory', note: 'sample', taker: party('L') });
  const back = [ship(5, 'L', 'B', { transfer: 'own-move' }), receive(6, 'B', 'L')];
  t.same(told([...toB, sample]), { stage: 'held', holder: 'L', found: [] });
  t.same(told([...toB, sample, ...back]), { stage: 'held', holder: 'B', found: [] });
  t.equal(told([...toB, act(4, 'inspect', 'L', { as: 'laboratory', note: 'sampling' })]).stage, 'destroyed');
  const bad = act(4, 'inspect', 'R', { as: 'regulator', outcome: 'non-conformant' });
  t.equal(fold([...toB, bad], context).state.nonconformant, true);
});

t.test('day precision: order where it is certain, no contradiction where it is not', async (t) => {
  const wholeDay = (n: number) => ({ from: n * day, until: (n + 1) * day - 1 });
  const shipped = ship(3, 'A', 'B', { ...wholeDay(2), recordedAt: 4 * day });
  const received = receive(2, 'B', 'A', { at: 2.6 * day });
  t.same(told([produce(1, 'A'), received, shipped]), { stage: 'held', holder: 'B', found: [] });
  const scrapped = act(4, 'scrap', 'A', { ...wholeDay(1), recordedAt: 5 * day });
  t.same(told([produce(1, 'A', { at: 0 }), act(2, 'sell', 'A', { at: 1.5 * day }), scrapped]).found, [
    'handled-by-non-holder 2-4 conflict',
  ]);
  const sameDay = act(5, 'maintain', 'A', { ...wholeDay(1), recordedAt: 6 * day });
  t.same(told([produce(1, 'A', { at: 0 }), scrapped, sameDay]).found, []);
});

t.test('containers: what happens to them happens to what is in them', async (t) => {
  // 1 is a unit, 7 a carton, 9 a pallet; the carton went onto the pallet before the unit went into the carton.
  const asParent = (s: Step) => ({ ...s, position: 'parent' as const, parent: null });
  const onPallet = pack(2, 'A', 9);
  const inCarton = pack(3, 'A', 7);
  const emptied = stepOf(hop(7, 'unpack', 'B'), { position: 'parent', whole: true });
  const chains = new Map<number, Step[]>([
    [1, [produce(1, 'A'), inCarton, act(8, 'sell', 'B')]],
    [7, [onPallet, asParent(inCarton), act(6, 'inspect', 'B', { outcome: 'non-conformant' }), emptied]],
    [
      9,
      [asParent(onPallet), ship(4, 'A', 'B'), receive(5, 'B', 'A', { place: place('w') }), ship(9, 'B', 'C')],
    ],
  ]);
  const life = lifeOf(
    1,
    histories((n) => chains.get(n) ?? []),
    context,
  );
  t.same(
    life.claims.map((c) => [c.seq, c.via]),
    [
      [1, []],
      [3, []],
      [4, [7, 9]],
      [5, [7, 9]],
      [6, [7]],
      [7, [7]],
      [8, []],
    ],
  );
  t.same([life.state.stage, life.contradictions], ['sold', []]);
  t.equal(containerOf(life.state), null);

  const still = new Map(chains).set(1, [produce(1, 'A'), inCarton]);
  still.set(7, [onPallet, asParent(inCarton)]);
  const inside = lifeOf(
    1,
    histories((n) => still.get(n) ?? []),
    context,
  ).state;
  t.same(
    inside.packings.map((p) => [p.container, p.seq]),
    [
      [7, 3],
      [9, 2],
    ],
  );
  t.same([inside.stage, inside.holder], ['in-transit', 'B']);
});

t.test('what a stranger packs stays where it is', async (t) => {
  const asParent = (s: Step) => ({ ...s, position: 'parent' as const, parent: null });
  const stolen = pack(2, 'X', 7);
  const chains = new Map<number, Step[]>([
    [1, [produce(1, 'A'), stolen]],
    [7, [asParent(stolen), act(3, 'scrap', 'X')]],
  ]);
  const life = lifeOf(
    1,
    histories((n) => chains.get(n) ?? []),
    context,
  );
  t.same([life.state.stage, life.state.packings], ['produced', []]);
  t.same(
    life.claims.map((c) => c.seq),
    [1, 2],
  );
});

t.test('a container is held by whoever fills it first', async (t) => {
  const first = stepOf(hop(1, 'pack', 'A'), { position: 'parent' });
  t.same(told([first]), { stage: 'held', holder: party('A'), found: [] });
  t.equal(told([first, ship(2, 'A', 'B')]).stage, 'in-transit');
});

t.test('circles of containers end', async (t) => {
  const chains = new Map<number, Step[]>([
    [1, [produce(1, 'A'), pack(2, 'A', 7), unpack(9, 'A', 7)]],
    [7, [pack(3, 'A', 9)]],
    [9, [pack(4, 'A', 7), pack(5, 'A', 1)]],
  ]);
  const life = lifeOf(
    1,
    histories((n) => chains.get(n) ?? []),
    context,
  );
  t.same(life.state.packings, []);
  t.same([...new Set(life.claims.map((c) => c.seq))].length, life.claims.length);
});

t.test('containers nest deeper than anything is packed', async (t) => {
  const levels = 60;
  const chains = new Map<number, Step[]>([[1, [produce(1, 'A'), pack(2, 'A', 1_000)]]]);
  for (let i = 0; i < levels; i++) chains.set(1_000 + i, [pack(3 + i, 'A', 1_001 + i)]);
  chains.set(1_000 + levels, [ship(900, 'A', 'B')]);
  const life = lifeOf(
    1,
    histories((n) => chains.get(n) ?? []),
    context,
  );
  t.equal(life.state.packings.length, levels + 1);
  t.equal(life.state.stage, 'in-transit');
});

t.test('what is said of a lot holds for its units', async (t) => {
  const whole = (s: Step) => ({ ...s, position: 'quantity' as const });
  const lot = [
    whole(act(2, 'release', 'A', { outcome: 'conformant' })),
    whole(act(5, 'hold', 'A')),
    whole(ship(6, 'A', 'Z')),
  ];
  const life = lifeOf(
    1,
    histories(
      (n) => (n === 1 ? [produce(1, 'A'), ship(3, 'A', 'B'), receive(4, 'B', 'A')] : lot),
      () => 50,
    ),
    context,
  );
  t.same([life.state.stage, life.state.holder, life.state.blocks.length], ['held', 'B', 1]);
});

t.test('every rule has words in both languages', async (t) => {
  const without = Object.entries(rules).filter(
    ([, { zh, en }]) => !/\p{Script=Han}.*。$/u.test(zh) || !/^[A-Z].*\.$/.test(en),
  );
  t.same(without, []);
});
