import t from 'tap';
import type { Epc, PartyId, PlaceId } from '../../../src/core/events/hop.ts';
import {
  anchorOf,
  beforeToldAfter,
  isInScope,
  type OrderRule,
  type OrderScope,
  type Subject,
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
