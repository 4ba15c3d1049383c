/** Results of official sampling and recalls, as everybody searches them. */
import t from 'tap';
import type { EventBody } from '../../../src/core/events/epcis.ts';
import type { Epc, PartyId, Role } from '../../../src/core/events/hop.ts';
import { newPartyId } from '../../../src/features/new-id.ts';
import { actorOf } from '../../support/actors.ts';
import {
  type Answer,
  distribute,
  gtin,
  lot,
  lotNumber,
  otherGtin,
  unit,
  world,
} from '../verification/world.ts';

t.test('samples and recalls', async (t) => {
  const w = await world(t);
  const { maker, regulator, shop, dealer } = w.parties;
  const laboratory = newPartyId();
  await w.append({
    kind: 'party',
    by: w.deps.genesis.operator,
    id: laboratory,
    stub: false,
    name: '上海消防产品检验站',
    roles: ['laboratory'],
    region: '310112',
  });
  const [sampled, paid, seen, wrong] = [unit('T1'), unit('T2'), unit('T3'), unit('T4')];
  await w.issue([sampled, paid, seen, wrong]);
  await distribute(w, [sampled, paid, seen, wrong]);
  const inspect = (by: PartyId, as: Role, epc: Epc, more: object): Promise<EventBody[]> =>
    w.record(by, as, {
      hop: 'inspect',
      epcs: [epc],
      outcome: null,
      sampling: null,
      from: null,
      nextDue: null,
      ...more,
    });
  await inspect(regulator, 'regulator', sampled, {
    sampling: 'sample',
    from: shop,
    place: w.places.store,
    at: '2026-05-10T10:00:00+08:00',
  });
  await inspect(laboratory, 'laboratory', sampled, {
    epcs: [sampled, `01/${otherGtin}/21/SENT`],
    outcome: 'non-conformant',
    at: '2026-05-20T10:00:00+08:00',
  });
  await inspect(laboratory, 'laboratory', paid, { outcome: 'conformant' });
  await inspect(dealer, 'distributor', paid, { outcome: 'conformant' });
  await inspect(regulator, 'regulator', seen, {
    outcome: 'conformant',
    place: w.places.factory,
    at: '2026-05-12T10:00:00+08:00',
  });
  const [mistaken] = await inspect(regulator, 'regulator', wrong, { outcome: 'non-conformant' });
  await w.record(regulator, 'regulator', { hop: 'void', original: mistaken, reason: '误录' });

  const samples = async (query = ''): Promise<Answer> => (await w.app.inject(`/v1/samples${query}`)).json();
  const found = async (query: string): Promise<string[]> =>
    (await samples(query)).items.map(({ outcome, region }: Answer) => `${outcome} ${region?.code}`);
  const failed = 'non-conformant 310100';
  const passed = 'conformant 330100';

  t.test('official results alone, without units or those who had them', async (t) => {
    const { items } = await samples();
    t.match(items, [
      {
        at: '2026-05-12T02:00:00.000Z',
        outcome: 'conformant',
        authority: { name: '长宁区市场监督管理局' },
        region: { code: '330100', zh: '浙江省杭州市' },
      },
      {
        at: '2026-05-20T02:00:00.000Z',
        outcome: 'non-conformant',
        authority: { name: '上海消防产品检验站' },
        region: { code: '310100' },
        products: [
          {
            gtin,
            name: '手提式干粉灭火器',
            nameEn: 'Portable dry powder extinguisher',
            maker: '江南消防器材有限公司',
            makerEn: null,
            lots: [lotNumber],
          },
        ],
      },
    ]);
    t.equal(items.length, 2);
    t.notMatch(JSON.stringify(items), new RegExp(`${sampled}|商店`));
    t.notMatch(JSON.stringify(items), otherGtin, 'nor what else the laboratory names in its report');
  });

  t.test('by product, maker, lot, region, result and period', async (t) => {
    const table: [query: string, results: string[]][] = [
      ['', [passed, failed]],
      [`product=${gtin}`, [passed, failed]],
      ['product=6901234567892', [passed, failed]],
      ['product=干粉', [passed, failed]],
      ['product=DRY powder', [passed, failed]],
      ['product=mfz', [passed, failed]],
      ['product=水带', []],
      [`product=${otherGtin}`, []],
      ['product=100%', []],
      ['maker=江南', [passed, failed]],
      ['maker=仿佛', []],
      ['maker=江南&product=水带', []],
      [`lot=${lotNumber}`, [passed, failed]],
      ['lot=NONE', []],
      ['region=310000', [failed]],
      ['region=310105', [failed]],
      ['region=330000', [passed]],
      ['outcome=non-conformant', [failed]],
      ['from=2026-05-20', [failed]],
      ['until=2026-05-12', [passed]],
      ['from=2026-05-13&until=2026-05-19', []],
    ];
    for (const [query, results] of table) t.strictSame(await found(`?${encodeURI(query)}`), results, query);
    for (const day of ['2026-13-01', '2026-02-30'])
      for (const bound of ['from', 'until'])
        t.equal((await samples(`?${bound}=${day}`)).code, 'invalid-time', `${bound} ${day}`);
    t.equal((await samples('?region=310199')).code, 'invalid-region');
    const first = await samples('?limit=1');
    t.strictSame(await found(`?limit=1&cursor=${first.next}`), [failed]);
  });

  t.test('recalls by the same, and both as pages', async (t) => {
    const order = await actorOf(w, maker, ['manufacturer']).send('POST', '/v1/orders', {
      type: 'recall',
      scope: { lots: [lot()] },
      ground: '召回管理规定',
      number: '沪召〔2026〕1号',
      officer: '王某',
      reason: '阀门漏气',
      notice: { zh: '请停止使用<b>', en: 'Stop using it' },
      acknowledgeBy: '2099-01-01T00:00:00Z',
    });
    t.equal(order.statusCode, 201, order.body);
    const recalls = async (query: string): Promise<number> =>
      (await w.app.inject(`/v1/recalls?${encodeURI(query)}`)).json<Answer>().items.length;
    const table = {
      '': 1,
      'maker=江南': 1,
      'maker=仿佛': 0,
      'product=干粉': 1,
      [`lot=${lotNumber}`]: 1,
      'lot=X': 0,
    };
    for (const [query, count] of Object.entries(table)) t.equal(await recalls(query), count, query);
    t.equal(await recalls('until=2026-01-01'), 0);

    const page = async (url: string) => {
      const { statusCode, body, headers } = await w.app.inject(encodeURI(url));
      t.equal(statusCode, 200, url);
      t.match(headers['content-security-policy'], "form-action 'self'");
      t.ok(Buffer.byteLength(body) <= 30_000, url);
      return body;
    };
    const chinese = await page(`/recalls?product=干粉&lot=${lotNumber}`);
    t.match(chinese, '请停止使用&lt;b&gt;');
    t.match(chinese, 'value="干粉"');
    t.match(chinese, '<details open>');
    t.match(await page('/recalls?lang=en'), 'Stop using it');
    t.match(await page('/samples?lang=en&region=310000'), 'Portable dry powder extinguisher');
    t.match(await page('/samples?product=水带'), '没有找到');
    t.equal((await w.app.inject('/samples?from=gestern')).statusCode, 400);
  });
});
