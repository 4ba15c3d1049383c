import t from 'tap';
import type { HopRecord, HopType, Position as Part, PlaceId, Role } from '../../../src/core/events/hop.ts';
import { isBirth, type Step } from '../../../src/core/life/history.ts';
import { fold } from '../../../src/core/life/lifecycle.ts';
import type { MaintenanceInterval } from '../../../src/core/life/maintenance.ts';
import { always } from '../../../src/core/orders/descent.ts';
import { agentBook, agentMovesIn } from '../../../src/core/rules/agent-beyond-purchases.ts';
import { certifiedAt, certifyingOf, failsMore } from '../../../src/core/rules/certified-goods-fail.ts';
import { firmsOf, type Listing, standardsOf, territoriesOf } from '../../../src/core/rules/lists.ts';
import { recordsIn, standsApart } from '../../../src/core/rules/pass-rate-above-peers.ts';
import { wilson } from '../../../src/core/rules/precision.ts';
import type { Position, ProductTraits, Stop, TestRecord, Thing } from '../../../src/core/rules/thing.ts';
import { foundIn } from '../../../src/core/rules/thing-rules.ts';
import { defaultThresholds } from '../../../src/core/rules/thresholds.ts';
import { apartKm, distanceKm } from '../../../src/core/rules/travel.ts';
import { hypergeometric } from '../../../src/core/tracing/common-source.ts';
import {
  act,
  context,
  day,
  type HopOptions,
  hop,
  hour,
  party,
  place,
  produce,
  receive,
  ship,
  stepOf,
} from '../../support/hops.ts';

const hangzhou: Position = { latitude: 30.2741, longitude: 120.1551, radius: 1000 };
const guangzhou: Position = { latitude: 23.1291, longitude: 113.2644, radius: 1000 };
const nearby: Position = { latitude: 30.3, longitude: 120.2, radius: 0 };
const positions = new Map<PlaceId, Position>([
  [place('H'), hangzhou],
  [place('G'), guangzhou],
  [place('N'), nearby],
]);

const found = (steps: readonly Step[], more: Partial<Thing> = {}) => {
  const { state, moves, claims } = fold(steps, { ...context, ...more });
  const bySeq = new Map(steps.map((step) => [step.hop.seq, step]));
  const told = claims.flatMap((it) => {
    const step = bySeq.get(it.seq);
    return step
      ? [
          {
            ...it,
            hop: step.hop,
            begins: isBirth(step.hop, step.position),
            hosts: step.position === 'parent',
          },
        ]
      : [];
  });
  return foundIn({
    ...{
      state,
      moves,
      told,
      issued: true,
      unissued: null,
      isUnit: true,
      asOf: context.asOf,
      graceMs: context.graceMs,
    },
    ...{ certificates: null, product: null, standard: null, orders: [], thresholds: defaultThresholds },
    maintenance: context.maintenance,
    ...{ listing: () => null, territoryOf: () => null, destinationOf: () => '', makingsOf: () => [] },
    bestBeforeOf: () => null,
    ...{
      sample: 'L1',
      failures: [],
      isSupervised: () => false,
      refilledThatDay: () => 0,
      testRecordsAt: () => new Map(),
      certifiedBy: () => null,
      certifiedRecordsAt: () => new Map(),
      agentsAt: () => [],
    },
    positionOf: (id) => positions.get(id) ?? null,
    ...more,
  }).map(
    ({ rule, seqs, made, severity }) =>
      `${rule} ${seqs.join('-')} ${severity}${made == null ? '' : ` made ${made}`}`,
  );
};
const at = (id: string, ms: number) => ({ place: place(id), at: ms });
const made = produce(1, 'A');
const plain: ProductTraits = {
  content: null,
  model: 'MFZ/ABC4',
  serviceLifeMonths: null,
  standard: 'S',
  category: 'doors',
};

t.test('distances', async (t) => {
  t.ok(Math.abs(distanceKm(hangzhou, guangzhou) - 1048) < 10);
  t.equal(Math.round((distanceKm(hangzhou, guangzhou) - apartKm(hangzhou, guangzhou)) * 1000), 2000);
  const antipodes = { latitude: 0, longitude: 180, radius: 0 };
  t.ok(Math.abs(distanceKm({ ...antipodes, longitude: 0 }, antipodes) - Math.PI * 6371.0088) < 0.001);
});

t.test('impossible travel', async (t) => {
  const sent = ship(2, 'A', 'B', at('H', 2 * day));
  const after = (hours: number, id = 'G') => receive(3, 'B', 'A', at(id, 2 * day + hours * hour));
  const km = apartKm(hangzhou, guangzhou);
  t.same(found([made, sent, after(4)]), ['impossible-travel 2-3 risk'], 'the example of the file');
  t.same(found([made, sent, after(32)]), []);
  t.same(found([made, sent, after(km / 150 - 0.01)]), ['impossible-travel 2-3 risk'], 'just above the limit');
  t.same(found([made, sent, after(km / 150 + 0.01)]), []);
  t.same(found([made, sent, after(0, 'N')]), [], 'near');
  t.same(found([made, sent, after(0, 'nowhere')]), [], 'no position');
  t.same(
    found([made, ship(2, 'A', 'B', { ...at('H', 2 * day), until: 3 * day }), after(23)]),
    [],
    'a day that is told without its hour is in favour of the travellers',
  );
  t.same(
    found([made, act(2, 'release', 'A', at('G', 2 * day)), ship(3, 'A', 'B', at('H', 2 * day + hour))], {
      asOf: 4 * day,
    }),
    [],
    'a lot is released where it was tested, wherever its things are',
  );
  t.same(
    found([made, act(2, 'sell', 'X', at('G', 2 * day)), ship(3, 'A', 'B', at('H', 2 * day + hour))], {
      asOf: 4 * day,
    }),
    ['impossible-travel 3-2 claim'],
    'a stranger: it is the claim that is doubted',
  );
});

t.test('slow transit', async (t) => {
  const late = (days: number) =>
    found([made, ship(2, 'A', 'B'), receive(3, 'B', 'A', { at: (2 + days) * day })]);
  t.same(late(30), []);
  t.same(late(31), ['slow-transit 2-3 risk']);
});

t.test('never produced', async (t) => {
  const traded = [ship(2, 'A', 'B'), receive(3, 'B', 'A')];
  t.same(found(traded), ['never-produced 2-2 risk']);
  t.same(found(traded, { asOf: 4 * day }), [], 'in grace');
  t.same(found([made, ...traded]), []);
  const unissued = { issued: false, unissued: { coded: false } };
  t.same(found(traded, unissued), ['never-received 2-2 risk'], 'nobody issued it, and nobody got it');
  t.same(found(traded, { ...unissued, isUnit: false }), [], 'nobody makes containers');
  t.same(found(traded, { ...unissued, asOf: 4 * day }), []);
  t.same(found(traded.slice(1), unissued), [], 'taken in: whoever gave it has no say here');
  t.same(found([made, ...traded], { issued: false }), []);
  t.same(found([act(1, 'adopt', 'A'), ...traded]), [], 'old stock');
});

t.test('what nobody issued', async (t) => {
  const seen = act(2, 'inspect', 'R', { as: 'regulator', outcome: 'non-conformant' });
  const of = (steps: readonly Step[], coded: boolean, more: Partial<Thing> = {}) =>
    found(steps, { issuer: null, issued: false, unissued: { coded }, ...more } as Partial<Thing>).filter(
      (it) => !it.startsWith('failed'),
    );
  const traded = [ship(2, 'B', 'C', { at: 9_999 * day }), receive(3, 'C', 'B', { at: 9_999 * day })];
  t.same(of([seen], true), ['unregistered 2-2 risk']);
  t.same(of([seen], false), ['unregistered 2-2 risk'], 'an authority is told of it wherever codes come from');
  t.same(
    of([seen], false, { unissued: null }),
    ['unregistered 2-2 risk'],
    'also of a product that nobody registered',
  );
  t.same(
    of(traded, false, { unissued: null }),
    ['unregistered-product 2-2 quality', 'unregistered-product 3-3 quality'],
    'others who trade in it are told apart, and with little weight',
  );
  t.same(of([seen], false, { unissued: null, issued: true }), [], 'it was issued');
  t.same(of(traded, true), ['unregistered 2-2 risk'], 'at once');
  t.same(of(traded, false), [], 'codes of the product are issued elsewhere');
  t.same(of([ship(2, 'B', 'C'), receive(3, 'C', 'B')], false), ['never-received 2-2 risk']);
  t.same(of([act(1, 'adopt', 'A'), seen], true), [], 'old stock');
  t.same(of([made, seen], false), [], 'its maker keeps codes elsewhere');
  t.same(of([made, ...traded], true), ['production-beyond-codes 1-1 conflict']);
  t.same(
    of([stepOf(hop(1, 'relabel', 'A', { note: 'new' }))], true),
    ['production-beyond-codes 1-1 conflict'],
    'a new label as well',
  );
  t.same(of([seen], true, { isUnit: false }), []);
});

t.test('never arrived', async (t) => {
  const sent = ship(2, 'A', 'B');
  const after = (days: number, more: Partial<Thing> = {}, ...steps: readonly Step[]) =>
    found([made, sent, ...steps], { asOf: (2 + days) * day, ...more });
  t.same(after(30), []);
  t.same(after(31), ['never-arrived 2-2 risk']);
  t.same(after(31, { isUnit: false }), ['never-arrived 2-2 quality'], 'a container');
  t.same(after(31, {}, receive(3, 'B', 'A')), []);
  t.same(after(31, {}, act(3, 'sell', 'B')), [], 'it had arrived');
  t.same(after(31, {}, act(3, 'cancel', 'A')), []);
  const late = ship(2, 'A', 'B', { recordedAt: 20 * day });
  t.same(found([made, late], { asOf: 50 * day }), [], 'recorded late');
  t.same(found([made, ship(2, 'A', 'A')], {}), [], 'from one place of its own to another');
});

t.test('past its service life', async (t) => {
  const product = { ...plain, serviceLifeMonths: 12 };
  const born = produce(1, 'A', { at: Date.parse('2024-05-10T10:00:00+08:00') });
  const refilled = (time: string) =>
    found([born, act(2, 'refill', 'A', { at: Date.parse(time) })], { product });
  t.same(refilled('2025-05-10T23:59:59.999+08:00'), []);
  t.same(refilled('2025-05-11T00:00:00+08:00'), ['past-service-life 1-2 risk']);
  t.same(found([born, act(2, 'install', 'X', { at: Date.parse('2026-01-01') })], { product }), [
    'past-service-life 1-2 claim',
  ]);
  const late = { at: Date.parse('2026-01-01') };
  const past = (step: Step) => found([born, step], { product, asOf: late.at });
  t.same(past(ship(2, 'A', 'B', late)), ['past-service-life 1-2 risk'], 'sold to a dealer');
  t.same(past(ship(2, 'A', 'B', { ...late, transfer: 'own-move' })), []);
  t.same(past(act(2, 'replace', 'A', { ...late, note: 'new' })), ['past-service-life 1-2 risk']);
  t.same(past(act(2, 'replace', 'A', { ...late, note: 'old' })), [], 'taken out');
  const parts = hop(2, 'refill', 'A', { ...late, note: 'parts' });
  t.same(past(stepOf(parts, { position: 'child' })), ['past-service-life 1-2 risk'], 'put in as a part');
  t.same(past(stepOf(parts, { position: 'parent' })), [], 'told by the refill itself');
});

t.test('past its best', async (t) => {
  const by = (time: string, type: HopType = 'sell', options: HopOptions = {}, position: Part = 'epc') =>
    found([made, stepOf(hop(2, type, 'A', { at: Date.parse(time), ...options }), { position })], {
      bestBeforeOf: (seq) => (seq === 1 ? '2025-06-30' : null),
      asOf: 0,
    });
  t.same(by('2025-06-30T23:59:59.999+08:00'), []);
  t.same(by('2025-07-01T00:00:00+08:00'), ['past-best-before 1-2 risk']);
  t.same(by('2025-07-01T00:00:00+08:00', 'ship'), ['past-best-before 1-2 risk']);
  t.same(by('2025-07-01T00:00:00+08:00', 'ship', { transfer: 'own-move' }), []);
  t.same(by('2025-07-01T00:00:00+08:00', 'refill', { note: 'parts' }, 'child'), [
    'past-best-before 1-2 risk',
  ]);
  t.same(by('2025-07-01T00:00:00+08:00', 'refill', { note: 'parts' }, 'parent'), []);
  t.same(by('2025-07-01T00:00:00+08:00', 'scrap'), []);
});

t.test('cancelled of a shipment that it was not in', async (t) => {
  const sent = ship(4, 'A', 'B');
  const cancel = (target: number | null, by = 'A') => act(6, 'cancel', by, { target });
  const told = (...steps: readonly Step[]) => found([made, ...steps]).filter((it) => /cancel/.test(it));
  t.same(told(sent, cancel(4)), []);
  t.same(told(sent, receive(5, 'B', 'A'), cancel(4)), [], 'after its receipt');
  t.same(told(sent, cancel(3)), ['cancelled-not-shipped 3-6 quality']);
  t.same(told(cancel(3)), ['cancelled-not-shipped 3-6 quality']);
  t.same(told(sent, receive(5, 'B', 'A'), cancel(3)), ['cancelled-not-shipped 3-6 quality']);
  t.same(told(sent, cancel(null)), [], 'which one is not told');
  t.same(told(sent, cancel(3, 'X')), [], 'by a stranger');
  t.equal(fold([made, sent, cancel(3)], context).state.stage, 'in-transit', 'and changes nothing for it');
});

t.test('overdue for service', async (t) => {
  const due = act(2, 'refill', 'A', { at: 2 * day, nextDue: 100 * day });
  const then = (on: number, ...more: readonly Step[]) =>
    found([made, due, act(3, 'inspect', 'A', { at: on * day }), ...more]);
  t.same(then(130), []);
  t.same(then(131), ['service-overdue 2-3 risk']);
  t.same(then(131, act(4, 'maintain', 'A', { at: 140 * day })), ['service-overdue 2-3 risk'], 'once');
  t.same(found([made, due, act(3, 'inspect', 'X', { at: 131 * day })]), [], 'a stranger shows nothing');
  const renewed = act(3, 'maintain', 'A', { at: 90 * day, nextDue: 500 * day });
  t.same(found([made, due, renewed, act(4, 'inspect', 'A', { at: 200 * day })]), []);
  const claimed = act(3, 'maintain', 'X', { at: 90 * day, nextDue: 500 * day });
  t.same(
    found([made, due, claimed, act(4, 'inspect', 'A', { at: 200 * day })]).filter((it) => /service/.test(it)),
    ['service-overdue 2-4 risk'],
    'a stranger puts nothing off',
  );
  t.same(then(99, act(4, 'scrap', 'A', { at: 400 * day })), [], 'taken out of service');
  const serviced = (type: HopType, more: HopOptions = {}) =>
    found([
      made,
      due,
      act(3, type, 'A', { at: 100 * day, outcome: 'conformant', ...more }),
      act(4, 'inspect', 'A', { at: 200 * day }),
    ]);
  t.same(serviced('maintain'), [], 'serviced in time, and nobody told when next');
  t.same(serviced('refill'), []);
  t.same(serviced('inspect'), ['service-overdue 2-4 risk'], 'to look at it is no service');
  t.same(serviced('maintain', { outcome: 'non-conformant' }), ['service-overdue 2-4 risk']);
  t.same(serviced('maintain', { note: 'parts' }), ['service-overdue 2-4 risk'], 'a spare that was put in');
});

t.test('overdue for service by the interval of its product', async (t) => {
  const made2 = produce(2, 'A', { at: Date.parse('2020-03-02T08:00:00Z') });
  const shown = (time: string, maintenance: readonly MaintenanceInterval[], ...more: readonly Step[]) =>
    found([made2, ...more, act(9, 'inspect', 'A', { at: Date.parse(time) })], { maintenance });
  const every2 = { seq: 1, first: null, next: 24 };
  t.same(shown('2022-03-31T00:00:00Z', [every2]), [], 'a few days late');
  t.same(shown('2022-04-03T00:00:00Z', [every2]), ['service-overdue 2-9 risk']);
  t.same(shown('2022-04-03T00:00:00Z', [{ ...every2, first: 60 }]), [], 'the first is due later');
  t.same(shown('2025-04-03T00:00:00Z', [{ ...every2, first: 60 }]), ['service-overdue 2-9 risk']);
  t.same(shown('2025-04-03T00:00:00Z', [{ ...every2, seq: 3 }]), [], 'told of the product only later');
  t.same(shown('2025-04-03T00:00:00Z', [every2, { seq: 3, first: null, next: 1 }]), [
    'service-overdue 2-9 risk',
  ]);
  t.same(
    shown('2022-04-03T00:00:00Z', [
      { seq: 0, first: null, next: 1 },
      { ...every2, next: null },
    ]),
    [],
  );
  const service = (seq: number, time: string, more: HopOptions = {}) =>
    act(seq, 'maintain', 'A', { at: Date.parse(time), outcome: 'conformant', ...more });
  const inTime = service(4, '2022-02-02T00:00:00Z');
  t.same(shown('2024-02-25T00:00:00Z', [every2], inTime), []);
  t.same(shown('2024-04-03T00:00:00Z', [every2], inTime), ['service-overdue 4-9 risk']);
  const told = service(4, '2022-02-02T00:00:00Z', { nextDue: Date.parse('2026-01-01T00:00:00Z') });
  t.same(shown('2025-12-31T00:00:00Z', [every2], told), [], 'what is told at a service wins');
});

t.test('what is made of others is made then', async (t) => {
  const from = (time: string, type: 'transform' | 'split', options: HopOptions = {}) =>
    stepOf(hop(1, type, 'A', { at: Date.parse(time), ...options }), { position: 'output' });
  const refill = act(2, 'refill', 'A', { at: Date.parse('2025-05-11T00:00:00+08:00') });
  const product = { ...plain, serviceLifeMonths: 12 };
  const scope = { issuer: party('C'), holder: party('A'), seq: 5, from: 0, until: Number.POSITIVE_INFINITY };
  const certificates = [{ ...scope, models: ['other'], factories: [place('P')] }];
  const standard = { seq: 7, until: '2024-01-31' };
  const all = (type: 'transform' | 'split') =>
    found([from('2024-05-10T10:00:00+08:00', type, { place: place('Q') }), refill], {
      ...{ product, certificates, standard },
    }).sort();
  t.same(all('transform'), [
    'certificate-other-factory 5-1 risk',
    'certificate-other-model 5-1 risk',
    'past-service-life 1-2 risk',
    'superseded-standard 7-1 risk',
  ]);
  t.same(
    all('split'),
    [],
    'what is cut off is as old as what it was cut from, which its history does not tell',
  );
});

t.test('outside the certificate', async (t) => {
  const product = plain;
  const certificate = {
    issuer: party('C'),
    holder: party('A'),
    seq: 5,
    from: 0,
    until: 10 * day,
    models: [product.model],
    factories: [place('P')],
  };
  const by = (more: object, where = 'P') =>
    found([produce(9, 'A', { place: place(where), at: day })], {
      product,
      certificates: [{ ...certificate, ...more }],
    });
  t.same(by({}), []);
  t.same(by({}, 'Q'), ['certificate-other-factory 5-9 risk']);
  t.same(by({ models: ['MFZ/ABC5'] }), ['certificate-other-model 5-9 risk']);
  t.same(by({ models: [], factories: [] }, 'Q'), [], 'empty lists cover everything');
  t.same(by({ until: 0 }, 'Q'), [], 'not in force: another rule says so');
});

const stop = (seq: number, from: number, more: Partial<Stop> = {}): Stop => ({
  ...{ seq, from: from * day, until: Number.POSITIVE_INFINITY, made: null, left: false },
  ...{ during: always, came: null },
  ...more,
});

t.test('moved under an order for what was put into it', async (t) => {
  const moved = [made, ...[14, 15, 16].map((seq) => ship(seq, 'A', 'B', { at: (seq - 10) * day }))];
  const inside = (from: number, until: number, ordered = 1): string[] =>
    found(moved, {
      orders: [stop(9, ordered, { made: 3, during: { from: from * day, until: until * day } })],
    }).filter((it) => it.includes(' 9-'));
  const told = (rule: string, severity: string, ...seqs: number[]) =>
    seqs.map((seq) => `${rule} 9-${seq} ${severity} made 3`);
  const forever = Number.POSITIVE_INFINITY;
  t.same(inside(4, 6), told('moved-under-order', 'risk', 15), 'not as it was put in nor as it was taken out');
  t.same(inside(4, forever), told('moved-under-order', 'risk', 15, 16), 'while it is in it');
  t.same(inside(7, forever), [], 'before it was put in');
  t.same(inside(4, 6, 20), told('dated-before-order', 'claim', 15), 'said to have been before the order');
});

t.test('moved under an order', async (t) => {
  const moved = [made, ship(2, 'A', 'B', { at: 5 * day }), receive(3, 'B', 'A', { at: 6 * day })];
  const under = (from: number, until = Number.POSITIVE_INFINITY) =>
    found(moved, { orders: [stop(9, from, { until: until * day })] });
  t.same(under(4), ['moved-under-order 9-2 risk']);
  t.same([under(4, 5), under(5), under(7)], [[], [], []], 'released by then, or not ordered yet');
  t.same(found([made, act(2, 'sell', 'X', { at: 5 * day })], { orders: [stop(9, 0, { until: 6 * day })] }), [
    'moved-under-order 9-2 claim',
  ]);
  t.same(
    found([made, act(2, 'inspect', 'A', { at: 5 * day }), act(3, 'return', 'A', { at: 6 * day })], {
      orders: [stop(9, 0)],
    }),
    [],
    'what does not move it on',
  );
  const filled = stepOf(hop(9, 'transform', 'A', { at: 5 * day }), { position: 'output' });
  const emptied = stepOf(hop(9, 'transform', 'A', { at: 5 * day }), { position: 'input' });
  const eight = { orders: [stop(8, 4, { made: 9 })] };
  t.same(
    found([filled, act(12, 'sell', 'A', { at: 6 * day })], eight),
    ['moved-under-order 8-12 risk made 9'],
    'the example of the file: it is not moved by what made it',
  );
  t.same(found([made, emptied], eight), ['moved-under-order 8-9 risk made 9'], 'but used up by that');
});

t.test('every hop that moves or uses up goods is one under an order and under a hold', async (t) => {
  const by = (type: HopType, options: HopOptions = {}, position: Part = 'epc') => {
    const moved = stepOf(hop(5, type, 'A', options), { position });
    const rules = (steps: readonly Step[], more: Partial<Thing> = {}) =>
      found(steps, more).filter((it) => it.startsWith('moved'));
    const { contradictions } = fold([made, act(2, 'hold', 'A'), moved], context);
    return [
      ...rules([made, moved], { orders: [stop(3, 3)] }).map((it) => it.split(' ')[0]),
      ...contradictions.map(({ rule }) => rule).filter((it) => it === 'moved-while-blocked'),
    ];
  };
  const both = ['moved-under-order', 'moved-while-blocked'];
  for (const type of ['ship', 'sell', 'install', 'transform', 'split', 'relabel'] as const)
    t.same(by(type, {}, type === 'transform' || type === 'split' ? 'input' : 'epc'), both, type);
  t.same(by('replace', { note: 'new' }, 'child'), both, 'put in place of another');
  t.same(by('replace', { note: 'old' }, 'child'), [], 'taken out');
  for (const type of ['maintain', 'refill'] as const) {
    t.same(by(type, { note: 'parts' }, 'child'), both, `used up in a ${type}`);
    t.same(by(type, { note: 'parts' }, 'parent'), [], `what something was put into in a ${type}`);
    t.same(by(type), [], `what has a ${type}`);
  }
  for (const type of ['return', 'receive', 'inspect', 'pack', 'remove'] as const)
    t.notOk(by(type).includes('moved-under-order'), type);
});

t.test('what comes to whose goods an order stops was not under it on the way there', async (t) => {
  const toB = { orders: [stop(9, 5, { came: { to: party('B'), at: 7 * day } })] };
  const sent = ship(12, 'A', 'B', { at: 7 * day });
  const byWay = found([made, ship(11, 'A', 'X', { at: 6 * day }), sent], toB);
  t.notOk(
    byWay.some((it) => it.startsWith('moved-under-order')),
    'sent to B by way of X',
  );
  const sold = act(13, 'sell', 'B', { at: 7 * day });
  t.same(found([made, sent, sold], toB), ['moved-under-order 9-13 risk'], 'sold by B on that day');
});

t.test('dated before an order, and told after it', async (t) => {
  const sold = act(12, 'sell', 'A', { at: 3 * day, recordedAt: 20 * day });
  t.same(found([made, sold], { orders: [stop(9, 5)] }), ['dated-before-order 9-12 claim']);
  t.same(found([made, sold], { orders: [stop(9, 5, { left: true })] }), ['dated-before-order 9-12 claim']);
  t.same(found([made, sold], { orders: [stop(15, 5)] }), [], 'recorded before the order');
  const shipped = ship(12, 'A', 'B', { at: 3 * day, recordedAt: 20 * day });
  const received = (seq: number) => receive(seq, 'B', 'A', { at: 4 * day });
  const at9 = { orders: [stop(9, 5)] };
  t.same(found([made, shipped, received(8)], at9), [], 'it was told before the order that it came');
  t.same(found([made, shipped, received(13)], at9), ['dated-before-order 9-12 claim'], 'told after it');
  for (const other of [act(8, 'inspect', 'B', { at: 4 * day }), receive(8, 'C', 'A', { at: 4 * day })])
    t.ok(
      found([made, shipped, other], at9).includes('dated-before-order 9-12 claim'),
      'no receipt by whoever it went to',
    );
  t.same(
    found([made, act(12, 'sell', 'A', { at: 6 * day })], { orders: [stop(9, 5, { left: true })] }),
    [],
    'it is under the order no longer',
  );
});

t.test('made to a superseded standard', async (t) => {
  const until = '2024-12-31';
  const by = (time: string) =>
    found([produce(1, 'A', { at: Date.parse(time) })], { standard: { seq: 7, until } });
  t.same(by('2024-12-31T23:59:59.999+08:00'), []);
  t.same(by('2025-01-01T00:00:00+08:00'), ['superseded-standard 7-1 risk']);
});

t.test('firms beyond the lists', async (t) => {
  const at = Date.parse('2025-03-01T10:00:00+08:00');
  const firm = { from: null, until: null, categories: [], refillsPerDay: null };
  const judged = (as: 'laboratory' | 'maintenance-firm', listed: Listing | null, more: object = {}) =>
    found(
      [
        produce(1, 'A', { at: at - day }),
        as === 'laboratory'
          ? act(2, 'inspect', 'L', { at, as, outcome: 'conformant', ...more })
          : act(2, 'refill', 'A', { at, as }),
      ],
      { product: plain, listing: (role) => (role === as ? listed : null) },
    );
  const listing = (more: object): Listing => ({ seq: 9, firm: { ...firm, ...more } });
  t.same(judged('maintenance-firm', null), [], 'no list');
  t.same(judged('maintenance-firm', { seq: 9, firm: null }), ['unlisted-firm 9-2 risk']);
  t.same(judged('maintenance-firm', listing({ from: '2025-03-01', until: '2025-03-01' })), []);
  t.same(judged('maintenance-firm', listing({ until: '2025-02-28' })), ['unlisted-firm 9-2 risk']);
  t.same(judged('laboratory', listing({ categories: ['doors'] })), []);
  t.same(judged('laboratory', listing({ categories: ['hoses'] })), ['tested-outside-scope 9-2 risk']);
  t.same(judged('laboratory', listing({ categories: ['hoses'] }), { outcome: null, note: 'sample' }), []);
  const certificate = {
    ...{ seq: 5, from: 0, until: at, models: [], factories: [] },
    issuer: party('C'),
    holder: party('A'),
  };
  const certified = (list: Listing, others: readonly (typeof certificate)[] = []) =>
    found([produce(6, 'A', { at })], {
      ...{ product: plain, certificates: [certificate, ...others] },
      listing: (_, issuer) => (issuer === 'C' ? list : listing({})),
    });
  t.same(certified(listing({ categories: ['hoses'] })), ['certified-outside-scope 5-6 risk']);
  t.same(certified(listing({ categories: ['doors'] })), []);
  t.same(
    certified(listing({ categories: ['hoses'] }), [{ ...certificate, issuer: party('D') }]),
    [],
    'another certificate covers it',
  );
  t.same(
    certified(listing({ categories: ['hoses'] }), [{ ...certificate, issuer: party('D'), until: at - 1 }]),
    ['certified-outside-scope 5-6 risk'],
    'one that had run out does not',
  );
  const unlisted = (type: HopType, as: Role) =>
    found([produce(1, 'A', { at: at - day }), act(2, type, 'A', { at, as })], {
      listing: () => ({ seq: 9, firm: null }),
    });
  t.same(unlisted('maintain', 'maintenance-firm'), ['unlisted-firm 9-2 risk']);
  t.same(unlisted('inspect', 'maintenance-firm'), [], 'whoever looks at it services nothing');
  t.same(unlisted('maintain', 'using-unit'), [], 'a user looks after its own');
});

t.test('lists: what cannot be read is left out', async (t) => {
  t.same(
    [...standardsOf({ A: { until: '2024-12-31', by: 'B' }, C: {}, D: 1 })],
    [['A', { until: '2024-12-31' }]],
  );
  t.same(
    firmsOf({ laboratory: { X: { categories: ['a', 1] } }, seller: { Y: {} } })
      .get('laboratory')
      ?.get('X'),
    {
      ...{ from: null, until: null, categories: ['a'], refillsPerDay: null },
    },
  );
  t.same([...territoriesOf({ X: { regions: ['33', 4] } })], [['X', { regions: ['33'], gtins: [] }]]);
  for (const wrong of [null, 1, 'x', [], [{}]])
    t.same([standardsOf(wrong).size, firmsOf(wrong).size, territoriesOf(wrong).size], [0, 0, 0]);
});

t.test('report before sample', async (t) => {
  const report = (seq: number, at: number) =>
    act(seq, 'inspect', 'L', { at: at * day, as: 'laboratory', outcome: 'conformant' });
  const sample = (by: string, at: number) =>
    act(5, 'inspect', by, { at: at * day, as: 'laboratory', note: 'sample' });
  t.same(found([made, report(2, 8), sample('L', 10)]), ['report-before-sample 5-2 risk']);
  t.same(found([made, sample('L', 7), report(2, 8)]), []);
  t.same(found([made, report(2, 8)]), [], 'nothing is told of how it came by the goods');
  t.same(found([made, report(2, 8), sample('M', 10)]), [], 'another laboratory');
  t.same(
    found([made, report(2, 8), sample('L', 60), report(6, 65)]),
    [],
    'that was the sample of another report; how it came by the first is not told',
  );
});

t.test('failed samples, once and again', async (t) => {
  const at = (date: string) => Date.parse(`${date}T10:00:00+08:00`);
  const failed = (seq: number, date: string, more: object = {}) =>
    act(seq, 'inspect', 'L', { at: at(date), as: 'laboratory', outcome: 'non-conformant', ...more });
  const born = produce(1, 'A', { at: at('2023-01-01') });
  const last = failed(9, '2025-06-01');
  const before = (date: string, of = 'L2') => ({ seq: 5, at: at(date), of });
  const own = { seq: 9, at: at('2025-06-01'), of: 'L1' };
  const isSupervised = (seq: number) => seq === 9;
  const again = (...failures: (typeof own)[]) =>
    found([born, last], { failures: [...failures, own], isSupervised }).filter((it) =>
      it.startsWith('repeat'),
    );
  t.same(found([born, last], { failures: [own], isSupervised }), ['failed-sample 9-9 risk']);
  t.same(found([born, last]), ['failed-test 9-9 claim'], 'no regulator took the sample');
  t.same(found([born, failed(9, '2025-06-01', { as: 'regulator' })]), [], 'looked at, not sampled');
  t.same(again(before('2023-06-01')), ['repeat-failure 5-9 risk'], 'the last day of 24 months');
  t.same(again(before('2023-05-31')), []);
  t.same(again(before('2025-05-01', 'L1')), [], 'a re-test of the same lot');
  t.same(again(before('2025-03-01', 'L1')), ['repeat-failure 5-9 risk'], 'the same lot, sampled anew');
  t.same(again({ ...before('2025-07-01'), seq: 10 }), [], 'later');
  t.same(
    again({ ...before('2025-03-01'), seq: 10 }),
    ['repeat-failure 10-9 risk'],
    'failed before, and was recorded after',
  );
});

t.test('passed, then failed', async (t) => {
  const inspect = (seq: number, by: string, at: number, outcome: 'conformant' | 'non-conformant') =>
    act(seq, 'inspect', by, { at: at * day, as: 'laboratory', outcome });
  const by = (passed: HopRecord, failed: HopRecord) =>
    found([made, stepOf(passed), stepOf(failed)]).filter((it) => it.startsWith('passed'));
  const pass = inspect(2, 'L', 2, 'conformant').hop;
  t.same(by(pass, inspect(3, 'M', 100, 'non-conformant').hop), ['passed-then-failed 3-2 risk']);
  t.same(by(pass, inspect(3, 'L', 100, 'non-conformant').hop), [], 'it corrects itself');
  t.same(by(pass, inspect(3, 'M', 368, 'non-conformant').hop), [], 'too long ago');
  const often = [
    ...[2, 5, 9].map((at) => inspect(at, 'L', at, 'conformant')),
    ...[4, 7].map((at) => inspect(at, 'N', at, 'conformant')),
    ...[8, 10].map((at) => inspect(at, 'M', at, 'non-conformant')),
  ];
  t.same(
    found([made, ...often])
      .filter((it) => it.startsWith('passed'))
      .sort(),
    ['10-7', '10-9', '8-5', '8-7'].map((seqs) => `passed-then-failed ${seqs} risk`),
    'the last pass of each before it',
  );
});

t.test('pass rate above peers', async (t) => {
  const record = (samples: number, passed: number, judgedAgain: number, failedAgain: number) => ({
    ...{ samples, passed, judgedAgain, failedAgain },
  });
  const peers: Readonly<Record<string, TestRecord>> = { M: record(60, 50, 20, 2), N: record(40, 30, 10, 1) };
  const records = (all: Readonly<Record<string, TestRecord>>) =>
    new Map(Object.entries(all).map(([by, it]) => [party(by), it]));
  const stands = (L: TestRecord, others = peers) =>
    standsApart(party('L'), records({ ...others, L }), defaultThresholds);
  t.equal(Math.round(1 / hypergeometric(40, 9)(10, 6)), 302, 'the example of the file');
  t.equal(stands(record(40, 40, 10, 6)), true);
  t.equal(stands(record(29, 29, 10, 6)), false, 'too few samples');
  t.equal(stands(record(40, 38, 10, 6)), false, 'it passes more, but that may be chance');
  t.equal(stands(record(40, 40, 10, 4)), false, 'it fails more, but that may be chance');
  t.equal(stands(record(40, 40, 10, 6), { M: record(100, 80, 30, 3) }), false, 'two that differ');
  t.equal(stands(record(40, 40, 10, 6), { M: record(20, 15, 9, 1), N: record(9, 7, 0, 0) }), false);

  const result = (of: string, by: string, at: number, passed: boolean, as: Role = 'laboratory') => ({
    ...{ of, recorder: party(by), as, from: at * day, until: at * day, passed },
  });
  t.same(
    [
      ...recordsIn(
        [
          result('1', 'M', 9, false),
          result('1', 'L', 2, true),
          result('2', 'L', 2, true),
          result('2', 'L', 3, false),
          result('3', 'L', 2, false),
          result('3', 'M', 3, true),
          result('4', 'L', 2, true),
          result('4', 'M', 368, false),
          result('5', 'R', 2, true, 'regulator'),
          result('5', 'L', 3, true),
          result('6', 'L', 2, true),
          result('6', 'R', 3, true, 'regulator'),
        ],
        365,
      ),
    ],
    [['L', record(5, 4, 2, 1)]],
    'whoever was first, whatever was recorded first; its own word again, and what comes too late, count for nothing',
  );

  const inspect = (seq: number, by: string, outcome: 'conformant' | 'non-conformant') =>
    act(seq, 'inspect', by, { as: 'laboratory', outcome });
  const asked: number[] = [];
  t.same(
    found([made, inspect(2, 'L', 'conformant'), inspect(5, 'M', 'non-conformant')], {
      testRecordsAt(seq) {
        asked.push(seq);
        return records({ ...peers, L: record(40, 40, 10, 6) });
      },
    }).filter((it) => it.startsWith('pass-')),
    ['pass-rate-above-peers 5-2 risk'],
  );
  t.same(asked, [5]);
});

t.test('certified goods fail', async (t) => {
  const records = (all: Readonly<Record<string, readonly [samples: number, failed: number]>>) =>
    new Map(
      Object.entries(all).map(([who, [samples, failed]]) => {
        const [body = '', holder = ''] = who.split(' ');
        const key = { seq: 5, issuer: party(body), holder: party(holder) };
        return [certifyingOf(key), { samples, failed }] as const;
      }),
    );
  const peers = { 'D A': [60, 3], 'E B': [40, 2] } as const;
  const fails = (
    own: Parameters<typeof records>[0],
    holder = 'B',
    others: Parameters<typeof records>[0] = peers,
  ) =>
    failsMore(
      { seq: 5, issuer: party('C'), holder: party(holder) },
      records({ ...own, ...others }),
      defaultThresholds,
    );
  t.equal(Math.ceil(wilson(12, 40).lower * 1000), 181, 'the example of the file');
  t.equal(Math.round(1 / hypergeometric(140, 17)(40, 12) / 100), 66, 'the example of the file');
  const worst = { 'C A': [20, 20] } as const;
  t.equal(fails({ ...worst, 'C B': [30, 9], 'C D': [10, 3] }), true);
  t.equal(fails({ ...worst, 'C B': [30, 9], 'C D': [10, 3] }, 'A'), false, 'told at goods of others');
  t.equal(
    fails({ 'C A': [60, 40], 'C B': [40, 2] }),
    false,
    'one bad maker says nothing of who certified it',
  );
  t.equal(fails({ 'C A': [100, 100] }, 'A'), false, 'however bad');
  t.equal(fails({ ...worst, 'C B': [29, 12] }), false, 'too few samples');
  t.equal(fails({ ...worst, 'C B': [40, 5] }), false, 'it may be chance');
  t.equal(fails({ ...worst, 'C B': [30, 7] }), false, 'surely more, and yet not so rare by chance');
  const large = { 'D A': [2500, 125], 'E B': [2500, 125] } as const;
  t.equal(fails({ ...worst, 'C B': [400, 40] }, 'B', large), false, 'surely more, and yet not by much');
  t.equal(fails({ ...worst, 'C B': [40, 12] }, 'B', { 'D A': [100, 5] }), false, 'one peer is no measure');
  t.equal(fails({ ...worst, 'C B': [40, 12] }, 'B', { 'D A': [10, 0], 'E A': [19, 1] }), false);
  t.equal(
    fails({ ...worst, 'C B': [40, 12] }, 'B', { 'D A': [60, 18], 'E B': [40, 12] }),
    false,
    'all fail alike',
  );

  const scope = { ...{ seq: 5, from: 0, until: 10 * day }, models: [], factories: [] };
  const of = (issuer: string, holder: string, more: object = {}) => ({
    ...{ ...scope, issuer: party(issuer), holder: party(holder) },
    ...more,
  });
  const then = { from: 3 * day, until: 4 * day };
  t.equal(certifiedAt([of('C', 'A')], then)?.seq, 5);
  t.equal(certifiedAt([of('C', 'A'), of('C', 'A', { seq: 6 })], then)?.seq, 5);
  t.equal(certifiedAt([of('C', 'A'), of('D', 'A')], then), null, 'of two bodies');
  t.equal(certifiedAt([of('C', 'A', { until: 2 * day })], then), null, 'run out by then');
  t.equal(certifiedAt(null, then), null);

  const failed = act(9, 'inspect', 'L', { at: 9 * day, as: 'laboratory', outcome: 'non-conformant' });
  const many = records({ ...worst, ...peers, 'C B': [40, 12] });
  const told = (more: Partial<Thing>) =>
    found([made, failed], {
      isSupervised: () => true,
      certifiedBy: (seq) => (seq === 9 ? { seq: 5, issuer: party('C'), holder: party('B') } : null),
      certifiedRecordsAt: () => many,
      ...more,
    }).filter((it) => it.startsWith('certified'));
  t.same(told({}), ['certified-goods-fail 5-9 risk']);
  t.same(told({ isSupervised: () => false }), [], 'what no regulator sampled says nothing of a body');
  t.same(told({ certifiedBy: () => null }), []);
});

t.test('refills beyond capacity', async (t) => {
  const by = (count: number, refillsPerDay: number | null) =>
    found([made, act(2, 'refill', 'A', { as: 'maintenance-firm' })], {
      refilledThatDay: () => count,
      listing: () => ({ seq: 9, firm: { from: null, until: null, categories: [], refillsPerDay } }),
    });
  t.same(by(200, 200), []);
  t.same(by(201, 200), ['refills-beyond-capacity 9-2 risk']);
  t.same(by(201, null), []);
});

t.test('agent beyond purchases', async (t) => {
  const book = (
    ...parts: readonly (readonly [
      kilograms: bigint,
      record: HopRecord,
      lot?: number,
      position?: 'input' | 'output',
    ])[]
  ) => {
    const entries = parts.flatMap(([amount, record, lot = 1, position]) =>
      agentMovesIn(record, position ?? 'quantity', party('F')).flatMap(({ party: by, way, back }) =>
        by === 'F' ? [{ ...record, lot, way, amount: back ? -amount : amount }] : [],
      ),
    );
    const { at } = agentBook(entries);
    return parts
      .flatMap(([, record]) => at(record) ?? [])
      .map(({ used, had, purchase }) => [used, had, purchase]);
  };
  const use = (seq: number, more: HopOptions = {}) => hop(seq, 'refill', 'F', { note: 'parts', ...more });
  const got = (seq: number, more: HopOptions = {}) =>
    hop(seq, 'receive', 'F', { giver: party('D'), ...more });
  const sent = (seq: number, more: HopOptions = {}) => hop(seq, 'ship', 'D', { taker: party('F'), ...more });
  t.same(
    book([20n, got(1)], [8n, use(2)], [8n, use(3)], [8n, use(4)]),
    [
      [8n, 20n, 1],
      [16n, 20n, 1],
      [24n, 20n, 1],
    ],
    'the example of the file',
  );
  t.same(book([8n, use(2)]), [], 'nothing is known of purchases');
  t.same(book([8n, use(2)], [9n, got(3)]), [], 'bought afterwards');
  t.same(book([8n, use(2)], [9n, got(3, { at: day })]), [[8n, 9n, 3]], 'before, and recorded late');
  t.same(book([20n, sent(1)], [15n, got(2)], [5n, use(3)]), [[5n, 20n, 2]], 'one movement, told by both');
  t.same(book([20n, sent(1), 1], [15n, got(2), 2], [5n, use(3)]), [[5n, 35n, 2]], 'two lots');
  t.same(
    book(
      [20n, sent(1)],
      [5n, hop(2, 'cancel', 'D', { target: 1 })],
      [10n, hop(3, 'split', 'F'), 1, 'input'],
      [9n, hop(3, 'split', 'F'), 2, 'output'],
      [2n, hop(4, 'return', 'F', { giver: party('F'), taker: party('D') })],
      [5n, use(5)],
      [3n, hop(6, 'sell', 'F')],
    ),
    [[5n, 12n, 3]],
    'cancelled, lost in a split, given back; what is sold later is not counted yet',
  );
  t.same(book([8n, hop(2, 'refill', 'F')], [9n, got(1)]), [], 'what was refilled is no agent');
  let reads = 0;
  const size = 2_000;
  const many = Array.from({ length: size }, (_, seq) => ({
    ...({ seq, from: (seq * 7919) % size, lot: seq % 5, way: seq % 10 === 0 ? 'made' : 'used' } as const),
    get amount() {
      reads++;
      return BigInt(seq);
    },
  }));
  const growing = agentBook([]);
  const told = many.map((entry) => {
    growing.enter(entry);
    return growing.at({ seq: entry.seq, until: size });
  });
  t.ok(reads < 30 * size, `${reads} amounts read of ${size}, one use after the other`);
  t.same(
    told.filter((_, seq) => seq % 400 === 399),
    many.flatMap(({ seq }) =>
      seq % 400 === 399 ? agentBook(many.slice(0, seq + 1)).at({ seq, until: size }) : [],
    ),
  );
  const by = (used: bigint, had: bigint) =>
    found([made, act(2, 'refill', 'A', { note: 'parts' })], {
      agentsAt: ({ seq }) => (seq === 2 ? [{ used, had, purchase: 1 }] : []),
    });
  t.same(by(22n, 20n), []);
  t.same(by(23n, 20n), ['agent-beyond-purchases 1-2 risk']);
  t.same(by(1n, 0n), ['agent-beyond-purchases 1-2 risk'], 'all that it bought was passed on');
});

t.test('out of territory', async (t) => {
  const to = (region: string, more: object = {}) =>
    found([made, ship(2, 'A', 'B', more)], {
      asOf: 3 * day,
      territoryOf: (dealer) => (dealer === 'A' ? { seq: 9, regions: ['33', '3101'] } : null),
      destinationOf: () => region,
    });
  t.same([to('330106'), to('310104'), to('')], [[], [], []]);
  t.same(to('310201'), ['out-of-territory 9-2 risk']);
  t.same(to('440100', { transfer: 'own-move' }), [], 'its own move');
});

t.test('made of too little', async (t) => {
  const by = (hop: 'split' | 'transform', kind: string, input: bigint, output: bigint) =>
    found([made, act(2, hop, 'A')], { makingsOf: (seq) => (seq === 2 ? [{ kind, input, output }] : []) });
  t.same(by('split', 'length', 100n, 100n), []);
  t.same(by('split', 'length', 100n, 110n), ['made-of-too-little 2-2 conflict']);
  t.same(by('transform', 'mass', 100n, 105n), [], 'within the excess');
  t.same(by('transform', 'mass', 100n, 106n), ['made-of-too-little 2-2 conflict']);
  t.same(by('transform', 'pieces', 1n, 12n), [], 'a set comes apart');
  t.same(by('transform', 'mass', 0n, 5n), [], 'nothing comparable went in');
});
