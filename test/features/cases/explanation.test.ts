/** What findings say of their own case, and to whom. */
import t from 'tap';
import type { Fact } from '../../../src/core/log/fact.ts';
import { ruleNames } from '../../../src/core/rules/catalogue.ts';
import type { Sql } from '../../../src/database/connection.ts';
import type { Reader } from '../../../src/features/access/reading.ts';
import { explain, type Ground } from '../../../src/features/cases/explanation.ts';
import { loadGrounds } from '../../../src/features/cases/grounds.ts';
import { findingsFor } from '../../../src/features/cases/queries.ts';
import { namesOf } from '../../../src/features/tracing/names.ts';
import { mastersOf } from '../../../src/features/units/histories.ts';
import { counted } from '../../support/counted.ts';
import { at, receive, ship } from '../../support/movements.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, lot, supplyChain, unit } from '../../support/supply-chain.ts';

let clock = Date.parse('2025-08-01T00:00:00Z');
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { ledger, genesis } = service.deps;
const zhejiang = await chain.officer(['330000']);
const operator = service.bearer(['operator'], genesis.operator);
const wait = { prefer: 'wait=20' };
const dealerCode = '91330106MA2B0CWX2M';

const named = async (
  role: 'manufacturer' | 'distributor' | 'seller',
  name: string,
  region: string,
  more = {},
) => {
  const actor = await chain.actor([role]);
  await ledger.append([
    {
      fact: {
        kind: 'party',
        by: genesis.operator,
        id: actor.id,
        stub: false,
        name,
        roles: [role],
        region,
        ...more,
      },
    },
  ] as { fact: Fact }[]);
  return actor;
};
const [dealer, shop, other] = [
  await named('distributor', '杭州经销', '330106', { creditCode: dealerCode }),
  await named('seller', '广州商行', '440106'),
  await named('seller', '宁波商行', '330200'),
];
const { maker } = chain;
const put = async (actor: Actor, region: string, latitude: string, longitude: string) =>
  ledger.append([
    {
      fact: {
        ...{
          kind: 'place',
          by: actor.id,
          id: actor.place,
          party: actor.id,
          type: 'shop',
          name: '门店',
          region,
        },
        position: { latitude, longitude, radius: 1000 },
      },
    },
  ] as { fact: Fact }[]);
await put(maker, '330106', '30.2741', '120.1551');
await put(shop, '440106', '23.1291', '113.2644');

const get = async (url: string, authorization: string) =>
  (await service.app.inject({ url, headers: { authorization } })).json();
const grounds = (sql: Sql) => ({
  sql,
  names: namesOf(service.deps),
  masters: mastersOf(ledger, service.deps.reads.sql),
});
const explained = async (rule: string, bearer: string) =>
  (await get(`/v1/findings?rule=${rule}`, bearer)).items.map(
    ({ explanation }: { explanation: unknown }) => explanation,
  );

t.test('who sold twice, as far as the reader may know', async (t) => {
  await chain.post(maker, [
    { hop: 'produce', ...at(1), epcs: [unit('X1')] },
    ship(maker, dealer, [unit('X1')], 2),
  ]);
  await chain.post(dealer, [receive(maker, [unit('X1')], 3)]);
  const sold = [ship(dealer, other, [unit('X1')], 4), ship(dealer, shop, [unit('X1')], 5)];
  await chain.post(dealer, sold, wait);
  const whole = {
    zh: '杭州经销于2025-07-05在浙江省杭州市西湖区（W）向宁波商行发货；又：杭州经销于2025-07-06在浙江省杭州市西湖区（W）向广州商行发货。',
    en: '杭州经销 shipped it to 宁波商行 on 2025-07-05 in Zhejiang, Hangzhou, 西湖区 (W); and again 杭州经销 shipped it to 广州商行 on 2025-07-06 in Zhejiang, Hangzhou, 西湖区 (W).',
  };
  t.strictSame(await explained('double-sale', zhejiang.bearer), [whole], 'the authority in charge');
  t.strictSame(await explained('double-sale', dealer.bearer), [whole], 'whoever told both');
  const [ofMaker] = await explained('double-sale', maker.bearer);
  t.equal(
    ofMaker.en,
    'Somebody shipped it on 2025-07-05 in Zhejiang; and again somebody shipped it on 2025-07-06 in Zhejiang.',
    'a maker is told no names',
  );
  const [ofOperator] = await explained('double-sale', operator);
  t.equal(
    ofOperator.zh,
    '杭州经销于2025-07-05在浙江省发货；又：杭州经销于2025-07-06在浙江省发货。',
    'the operator by whose word it is, and to whom it went not',
  );
  for (const bearer of [shop.bearer, other.bearer]) {
    const [ofOne] = await explained('double-sale', bearer);
    t.notMatch(
      ofOne.zh,
      bearer === shop.bearer ? '宁波商行' : '广州商行',
      'who took the one is not told of the other',
    );
    t.match(ofOne.zh, '杭州经销于2025-07-05在浙江省');
  }
  const csv = await service.app.inject({
    url: '/v1/findings?rule=double-sale&format=csv',
    headers: { authorization: zhejiang.bearer },
  });
  t.match(csv.body, whole.zh);
});

t.test('how far and how fast, how much, and where to', async (t) => {
  const hour = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * 3_600_000).toISOString());
  await chain.post(maker, [
    { hop: 'produce', ...hour(0), epcs: [unit('X2')], place: maker.place },
    { ...ship(maker, shop, [unit('X2')], 0), ...hour(0) },
  ]);
  await chain.post(shop, [{ ...receive(maker, [unit('X2')], 0), ...hour(4), place: shop.place }], wait);
  const [travel] = await explained('impossible-travel', zhejiang.bearer);
  t.match(travel.zh, /^manufacturer于2025-07-01 10:00在浙江省杭州市西湖区（门店）向广州商行发货；/);
  t.match(
    travel.zh,
    /广州商行于2025-07-01 14:00在广东省广州市天河区（门店）从manufacturer收货：相距至少1046公里，至多4小时，须达每小时262公里。$/,
  );
  const metres = (quantity: string) => ({ lots: [{ lot: lot('X'), quantity, uom: 'MTR' }] });
  await chain.post(
    maker,
    [
      { hop: 'produce', ...at(1), ...metres('100') },
      { ...ship(maker, dealer, [], 2), epcs: undefined, ...metres('120') },
    ],
    wait,
  );
  const [much] = await explained('lot-quantity-exceeded', zhejiang.bearer);
  t.match(
    much.en,
    /^Lot X: manufacturer shipped 120 metres of it to 杭州经销 on 2025-07-03 in .*; by the record it had 100 metres by then, 20 metres too few\. What came last before: manufacturer made 100 metres of it on 2025-07-02/,
  );
  t.match(
    much.zh,
    /^批次X：manufacturer于2025-07-03在.*向杭州经销发货120米，而按记录它当时仅有100米，多出20米。此前最近一次入账：manufacturer于2025-07-02生产100米。$/,
  );
  const [ofTaker] = await explained('lot-quantity-exceeded', dealer.bearer);
  t.match(
    ofTaker.zh,
    /^批次X：.*发货120米，多于按记录可有的数量。/,
    'what its giver had is not told to a taker',
  );
  t.match((await explained('lot-quantity-exceeded', maker.bearer))[0], much, 'whose it was is told');
  await chain.post(maker, [{ ...ship(maker, dealer, [], 3), epcs: undefined, ...metres('7.5') }], wait);
  const none = await explained('lot-quantity-exceeded', zhejiang.bearer);
  t.match(
    none.find(({ zh }: { zh: string }) => zh.includes('7.5米')),
    { zh: /而按记录它当时已无存量，多出7\.5米。/, en: /it had none left by then, 7\.5 metres too few/ },
  );
});

t.test('where a dealer sold, and how often it does', async (t) => {
  const published = await service.app.inject({
    ...{ method: 'PUT', url: '/v1/policies/territories', payload: { [dealerCode]: { regions: ['33'] } } },
    headers: { authorization: operator },
  });
  t.equal(published.statusCode, 200);
  clock += 1000;
  const units = ['Y1', 'Y2', 'Y3'].map(unit);
  await chain.post(maker, [{ hop: 'produce', ...at(1), epcs: units }, ship(maker, dealer, units, 2)]);
  await chain.post(
    dealer,
    [
      receive(maker, units, 3),
      ship(dealer, other, [unit('Y1')], 4),
      ship(dealer, other, [unit('Y2')], 4),
      ship(dealer, shop, [unit('Y3')], 4),
    ],
    wait,
  );
  const [found] = await explained('out-of-territory', zhejiang.bearer);
  t.equal(
    found.zh,
    '杭州经销于2025-07-05在浙江省杭州市西湖区（W）向广州商行发货，去往广东省广州市天河区；其经销区域为浙江省。',
  );
  const [ofMaker] = await explained('out-of-territory', maker.bearer);
  t.equal(
    ofMaker.zh,
    '某主体于2025-07-05在浙江省发货，去往广东省；不在其经销区域。',
    'nor what would tell who it is',
  );
  const [{ id }] = (await get('/v1/cases?rule=out-of-territory', zhejiang.bearer)).items;
  const sales = { deliveries: 3, outside: 1, share: 1 / 3 };
  for (const bearer of [zhejiang.bearer, dealer.bearer, operator]) {
    const told = await get(`/v1/cases/${id}`, bearer);
    t.match(told, { sales, latest: [{ explanation: found.zh && {} }] });
    t.ok(Math.abs(told.sales.lower - 0.0615) < 1e-3, 'the lower end by Wilson');
  }
  t.match(await get(`/v1/cases/${id}`, maker.bearer), { sales: null, latest: [{ explanation: ofMaker }] });
  t.match(await get(`/v1/cases/${id}`, (await chain.officer(['440000'])).bearer), { sales: null });
  const [{ id: twice }] = (await get('/v1/cases?rule=double-sale', zhejiang.bearer)).items;
  t.match(
    await get(`/v1/cases/${twice}`, zhejiang.bearer),
    { sales: null },
    'of other cases it says nothing',
  );
});

t.test('what somebody has to do with one thing shows nothing of another', async (t) => {
  const reader: Reader = {
    party: (await chain.officer(['440000'])).id,
    roles: ['regulator'],
    jurisdiction: { regions: ['440000'], places: [] },
    mandate: null,
  };
  const page = { newestFirst: true, after: null, limit: 1 };
  const [row] = await findingsFor(service.db.sql, reader, { rules: ['double-sale'] }, page);
  if (row === undefined) throw new Error('nothing was found');
  const ground = async (of: typeof row) => (await loadGrounds(grounds(service.db.sql), reader, [of]))(of);
  t.match(await ground(row), { one: { taker: { zh: '宁波商行' } }, other: { taker: { zh: '广州商行' } } });
  // The same entries as if the first were about another thing, which never came to where the reader is in charge.
  const ofOthers = await ground({ ...row, rule: 'repeat-failure' });
  t.match(ofOthers, { one: null, other: { taker: { zh: '广州商行' } } });
});

t.test('one finding takes as many statements as all of them', async (t) => {
  const jurisdiction = { regions: ['330000'], places: [] };
  const reader: Reader = { party: zhejiang.id, roles: ['regulator'], jurisdiction, mandate: null };
  const page = { newestFirst: true, after: null, limit: 100 };
  const rows = await findingsFor(service.db.sql, reader, {}, page);
  const used = async (of: typeof rows) => {
    const { sql, executed } = counted(service.db.sql);
    await loadGrounds(grounds(sql), reader, of);
    return executed();
  };
  const same = rows.filter(({ rule }) => rule === rows[0]?.rule);
  t.ok(rows.length > 3);
  t.ok((await used(rows)) <= 14);
  t.equal(await used([...same, ...same]), await used(same.slice(0, 1)));
});

t.test('every rule says something, and nothing of what it is not told', async (t) => {
  const side = {
    ...{
      hop: 'ship' as const,
      from: 0,
      until: 0,
      outcome: null,
      note: null,
      takes: false,
      tests: false,
    },
    ...{
      who: null,
      giver: null,
      taker: null,
      where: { zh: '某地', en: 'P' },
      whither: { zh: '某地', en: 'P' },
    },
    amount: { zh: '1米', en: '1 metre' },
  };
  const full: Ground = {
    ...{ one: side, other: side, alone: false, oneOn: 'D', otherOn: 'D', openedOn: 'D', km: 1 },
    lastDay: '2025-05-10',
    ...{ model: 'M', standard: { name: 'S', until: 'D' }, order: { what: side.amount, by: side.whither } },
    ...{
      certificate: { number: 'N', from: 'D', until: 'D', ceased: null },
      territory: null,
      capacity: 1,
      codes: 1,
    },
    making: { input: side.amount, output: side.amount },
    ...{ lot: 'X', shortage: { had: side.amount, excess: side.amount } },
  };
  const empty: Ground = {
    ...full,
    ...{ one: null, other: null, km: null, lastDay: null, model: null, standard: null, order: null },
    ...{ certificate: null, capacity: null, codes: null, making: null, lot: null, shortage: null },
  };
  for (const rule of ruleNames) {
    const onLog = !/^(scan|reported)-|^(forged-copies|unregistered-codes|complaint-burst)$/.test(rule);
    const said = explain(rule, full);
    t.equal(said !== null, onLog, rule);
    if (said !== null) {
      t.match(said.zh, /[^。]。$/, rule);
      t.match(said.en, /^[A-Z].*\.$/, rule);
      t.notMatch(`${said.zh}${said.en}`, /undefined|null|NaN|。。/, rule);
    }
    t.equal(explain(rule, empty), null, rule);
  }
});
