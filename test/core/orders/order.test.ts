import t from 'tap';
import type { Epc, PartyId, PlaceId } from '../../../src/core/events/hop.ts';
import {
  anchorOf,
  askedHands,
  beforeToldAfter,
  type Downstream,
  isBlocking,
  isDownstream,
  isInScope,
  movesStopped,
  type OrderRule,
  type OrderScope,
  orderTypes,
  type Subject,
  sincePutIn,
  termsAbout,
  termsOf,
} from '../../../src/core/orders/order.ts';

const [maker, dealer, shop] = ['MAKER', 'DEALER', 'SHOP'] as unknown as [PartyId, PartyId, PartyId];
const epc = '01/06901234567892/21/A1' as Epc;
const lot = '01/06901234567892/10/L1' as Epc;
const carton = '00/069012345678900019' as Epc;
const madeAt = 1000;

const subject: Subject = {
  epc,
  type: 'unit',
  gtin: '06901234567892',
  lot,
  maker,
  holdings: [
    { party: maker, partedAt: 500, toldAt: 500 },
    { party: dealer, partedAt: null, toldAt: null },
  ],
  containers: [carton],
  produced: { from: '2026-03-02', until: '2026-03-02' },
  recorded: '2026-03-05',
  regions: ['330106', '310105'],
  places: ['place/X' as PlaceId],
};
const rule = (scope: OrderScope, reach: OrderRule['reach'] = null): OrderRule => ({
  scope,
  reach,
  at: madeAt,
});
const others = {
  epc: '01/06901234567892/21/B2' as Epc,
  lot: '01/06901234567892/10/L2' as Epc,
  container: '00/069012345678900026' as Epc,
};

t.test('each member of a scope holds and fails by itself, and all must hold', async (t) => {
  const held: [OrderScope, OrderScope][] = [
    [{ units: [epc] }, { units: [others.epc] }],
    [{ lots: [lot] }, { lots: [others.lot] }],
    [{ containers: [carton] }, { containers: [others.container] }],
    [{ products: ['06901234567892'] }, { products: ['06923450657232'] }],
    [{ made: maker }, { made: dealer }],
    [{ held: maker }, { held: shop }],
    [{ holding: dealer }, { holding: maker }],
    [
      { products: ['06901234567892'], produced: { from: '2026-03-01', until: '2026-03-31' } },
      { products: ['06901234567892'], produced: { from: '2026-04-01' } },
    ],
    [
      { made: maker, recorded: { until: '2026-03-05' } },
      { made: maker, recorded: { until: '2026-03-04' } },
    ],
  ];
  for (const [fits, fails] of held) {
    t.ok(isInScope(rule(fits), subject), JSON.stringify(fits));
    t.notOk(isInScope(rule(fails), subject), JSON.stringify(fails));
    t.notOk(isInScope(rule({ ...fits, units: [others.epc] }), subject), 'and of others');
    t.ok(
      termsOf(fits).some((term) => termsAbout(subject).includes(term)),
      'what it is about is found by its term',
    );
  }
});

t.test('what nobody knows is not in', async (t) => {
  const scope = { made: maker, produced: { from: '2026-01-01' }, recorded: { from: '2026-01-01' } };
  t.ok(isInScope(rule(scope), subject));
  t.notOk(isInScope(rule(scope), { ...subject, produced: null }));
  t.notOk(isInScope(rule(scope), { ...subject, recorded: null }));
  t.notOk(isInScope(rule({}), subject), 'a scope that names nothing is about nothing');
  t.equal(anchorOf({ produced: { from: '2026-01-01' } }), null);
});

t.test('goods that came to a holder after the order, or left it after', async (t) => {
  const scope = rule({ holding: shop });
  const parted = (partedAt: number | null, toldAt = partedAt) => ({
    ...subject,
    holdings: [{ party: shop, partedAt, toldAt }],
  });
  t.ok(isInScope(scope, parted(null)));
  t.ok(isInScope(scope, parted(madeAt + 1)), 'moved on in spite of it');
  t.notOk(isInScope(scope, parted(madeAt - 1)), 'gone before');
  const then = (partedAt: number, toldAt: number) => beforeToldAfter(madeAt, parted(partedAt, toldAt));
  t.ok(isInScope(scope, then(madeAt - 1, madeAt + 1)), 'nobody had told so then');
  t.notOk(isInScope(scope, then(madeAt - 1, madeAt)));
});

t.test('no further than the jurisdiction', async (t) => {
  const within = (regions: string[], places: string[] = []) =>
    isInScope(rule({ made: maker }, { regions, places: places as PlaceId[] }), subject);
  t.same(
    [within(['310000']), within(['310104']), within([], ['place/X']), within([], ['place/Y'])],
    [true, false, true, false],
  );
});

t.test('a thing itself went through what an order follows goods from', async (t) => {
  const since = '1970-01-01T00:00:00.500Z';
  const visited = { ...subject, visits: [{ place: 'place/X' as PlaceId, until: 500 }] };
  const went = (downstream: Downstream, thing = visited) => isDownstream(downstream, thing);
  t.notOk(went({}), 'of nothing named');
  t.notOk(went({ since }));
  t.ok(went({ party: maker }), 'from the beginning');
  t.ok(went({ party: maker, since }), 'given away at that very moment');
  t.notOk(went({ party: maker, since: '1970-01-01T00:00:00.501Z' }), 'given away before');
  t.ok(went({ party: dealer, since: '2026-01-01T00:00:00Z' }), 'has it still');
  t.notOk(went({ party: shop }), 'had it never');
  const place = 'place/X' as PlaceId;
  t.ok(went({ place }));
  t.ok(went({ place, since }));
  t.notOk(went({ place, since: '1970-01-01T00:00:00.501Z' }), 'was there before');
  t.notOk(went({ place: 'place/Y' as PlaceId }));
  t.notOk(went({ place }, { ...visited, visits: [] }), 'by its visits, not by where anybody is');
  t.ok(went({ unit: epc }));
  t.notOk(went({ unit: others.epc }));
  t.ok(went({ lot }));
  t.notOk(went({ lot: others.lot }));
  t.notOk(went({ lot }, { ...visited, lot: null }));
  t.ok(went({ container: carton }), 'was in it');
  t.notOk(went({ container: others.container }));
  const box = { ...visited, epc: others.container, type: 'container' as const, containers: [] };
  t.ok(went({ container: others.container }, box), 'is it');
  t.ok(went({ unit: others.epc, party: dealer }), 'by any of them');
});

t.test('an order over what is downstream is about what is found to be', async (t) => {
  const scope = { downstream: { unit: epc } };
  t.notOk(isInScope(rule(scope), subject), 'nobody found that out');
  t.ok(isInScope(rule(scope), subject, true));
  t.notOk(isInScope(rule({ ...scope, held: shop }), subject, true), 'and in what else it asks');
  t.same(termsOf(scope), [], 'its things are on its roll');
  t.equal(anchorOf({ ...scope, products: ['06901234567892'] }), 'downstream');
});

t.test('what something was put into is asked about since then', async (t) => {
  const noon = Date.parse('2026-05-04T12:00:00Z');
  const earlier = { party: maker, partedAt: noon - 1, toldAt: noon };
  const then = { party: shop, partedAt: noon, toldAt: noon };
  const now = { party: dealer, partedAt: null, toldAt: null };
  const put = sincePutIn(noon, { ...subject, holdings: [earlier, then, now] });
  t.same(put.holdings, [then, now]);
  t.same(put.produced, { from: '2026-05-04', until: '2026-05-04' });
  t.same(sincePutIn(noon, { ...subject, produced: null }).produced, put.produced);
  t.equal(put.epc, epc);
});

t.test('through whose hands an order asks that goods went', async (t) => {
  t.equal(askedHands({ held: dealer, holding: shop, downstream: { party: maker } }), dealer);
  t.equal(askedHands({ holding: shop, downstream: { party: maker } }), shop);
  t.equal(askedHands({ downstream: { party: maker } }), maker);
  t.equal(askedHands({ downstream: { unit: epc }, products: [] }), null);
});

t.test(
  'what finds fewest is what an order is found by, and a thing has the terms of all that it is',
  async (t) => {
    const all: OrderScope = {
      ...{ containers: [carton], units: [epc, others.epc], lots: [lot], holding: shop, held: dealer },
      ...{ products: ['06901234567892'], made: maker },
    };
    const found: (readonly string[])[] = [];
    const left: Record<string, unknown> = { ...all };
    for (let anchor = anchorOf(all); anchor !== null; anchor = anchorOf(left)) {
      found.push([anchor, ...termsOf(left)]);
      delete left[anchor];
    }
    t.same(found, [
      ['containers', `container:${carton}`],
      ['units', `unit:${epc}`, `unit:${others.epc}`],
      ['lots', `lot:${lot}`],
      ['holding', `held:${shop}`],
      ['held', `held:${dealer}`],
      ['products', 'product:06901234567892'],
      ['made', `made:${maker}`],
    ]);
    t.same(termsOf({}), []);
    t.same(termsAbout(subject), [
      ...[`unit:${epc}`, `lot:${lot}`, 'product:06901234567892', `made:${maker}`],
      ...[`held:${maker}`, `held:${dealer}`, `container:${carton}`],
    ]);
    const bare = { ...subject, gtin: null, lot: null, maker: null, holdings: [], containers: [] };
    t.same(termsAbout(bare), [`unit:${epc}`]);
    t.same(termsAbout({ ...bare, epc: lot, type: 'lot', lot }), [`lot:${lot}`], 'a lot, once');
  },
);

t.test('a member of a scope asks of the kind of thing that it names', async (t) => {
  t.notOk(isInScope(rule({ units: [lot] }), { ...subject, epc: lot, type: 'lot' }), 'no lot is a unit');
  t.notOk(isInScope(rule({ lots: [lot] }), { ...subject, lot: null }));
  t.notOk(isInScope(rule({ products: [''] }), { ...subject, gtin: null }));
  const box = { ...subject, epc: others.container, type: 'container' as const, containers: [] };
  t.ok(isInScope(rule({ containers: [others.container] }), box), 'the container itself');
  const produced = (from: string, until: string) =>
    isInScope(rule({ made: maker, produced: { from: '2026-03-02', until: '2026-03-04' } }), {
      ...subject,
      produced: { from, until },
    });
  t.same(
    [
      ...[produced('2026-02-27', '2026-03-01'), produced('2026-03-01', '2026-03-02')],
      ...[produced('2026-03-04', '2026-03-09'), produced('2026-03-05', '2026-03-09')],
      produced('2026-03-01', '2026-03-09'),
    ],
    [false, true, true, false, true],
    'first and last day count',
  );
  t.ok(
    isInScope(rule({ holding: shop }), {
      ...subject,
      holdings: [{ party: shop, partedAt: madeAt, toldAt: 0 }],
    }),
  );
});

t.test('what moves goods that are stopped', async (t) => {
  const moves = (
    ...[hop, note = null, as = 'seller']: [
      Parameters<typeof movesStopped>[0]['hop'],
      Parameters<typeof movesStopped>[0]['note']?,
      Parameters<typeof movesStopped>[0]['as']?,
    ]
  ) => movesStopped({ hop, note, as });
  for (const hop of ['ship', 'sell', 'install', 'transform', 'split', 'relabel'] as const) {
    t.ok(moves(hop), hop);
    t.notOk(moves(hop, null, 'regulator'), `${hop} by office`);
  }
  for (const hop of ['maintain', 'refill'] as const)
    t.same([moves(hop), moves(hop, 'parts'), moves(hop, 'old')], [false, true, false], hop);
  t.same([moves('replace', 'new'), moves('replace', 'old')], [true, false]);
  for (const hop of ['return', 'receive', 'inspect', 'scrap', 'destroy', 'pack'] as const)
    t.notOk(moves(hop), hop);
  t.same(orderTypes.filter(isBlocking), ['hold', 'stop-sale', 'recall', 'seizure']);
});
