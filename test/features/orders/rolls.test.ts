import t from 'tap';
import type { EventBody } from '../../../src/core/events/epcis.ts';
import type { Epc, PartyId, Role } from '../../../src/core/events/hop.ts';
import { alertsIn, createAlerts } from '../../../src/features/orders/alerts.ts';
import { type Acting, actorOf, refusal, register } from '../../support/actors.ts';
import { counted } from '../../support/counted.ts';
import { until } from '../../support/until.ts';
import {
  type Answer,
  container,
  distribute,
  gtin,
  lot,
  otherGtin,
  post,
  produce,
  unit,
  world,
} from '../verification/world.ts';

const paper = { ground: '产品质量法第十八条', number: '1', officer: '王某', reason: '抽检不合格' };
const deadline = '2099-01-01T00:00:00Z';

t.test('rolls of orders', async (t) => {
  let clock = Date.now();
  const w = await world(t, { service: { now: () => clock } });
  const { maker, dealer, shop, user, regulator } = w.parties;
  const as = (party: PartyId, ...roles: Role[]): Acting => actorOf(w, party, roles);
  const [office, factory, trade, store] = [
    as(regulator, 'regulator'),
    as(maker, 'manufacturer'),
    as(dealer, 'distributor'),
    as(shop, 'seller'),
  ];
  await w.append({
    kind: 'party',
    by: w.deps.genesis.operator,
    id: regulator,
    stub: false,
    name: '上海市市场监督管理局',
    roles: ['regulator'],
    region: '310000',
    jurisdiction: { regions: ['310000', '330000'], places: [] },
  });
  const units = Array.from({ length: 7 }, (_, i) => unit(`R${i}`));
  const [sold, held, kept, , packed, late, spare] = units as [Epc, Epc, Epc, Epc, Epc, Epc, Epc];
  const hose = lot(gtin, 'HOSE');
  const amount = (metres: bigint, of = hose) => ({
    epcs: [],
    lots: [{ lot: of, amount: metres * 1_000_000n, uom: 'MTR' }],
  });
  const makesLot = (goods: object, name: string) =>
    w.record(maker, 'manufacturer', {
      hop: 'produce',
      ...goods,
      place: w.places.factory,
      lot: name,
      productionDate: '2026-03-01',
      bestBefore: null,
      factory: w.places.factory,
      begun: false,
      at: '2026-03-01T08:00:00+08:00',
    });
  await w.issue(units);
  await distribute(w, [sold, held]);
  await produce(w, [kept, packed, spare]);
  await w.record(maker, 'manufacturer', {
    hop: 'pack',
    container,
    epcs: [packed],
    place: w.places.factory,
    at: '2026-03-02T08:00:00+08:00',
  });
  const pass = async (goods: object, from: PartyId, as: Role, to: PartyId, at: string) => {
    await w.record(from, as, {
      hop: 'ship',
      ...goods,
      to,
      toPlace: null,
      transfer: 'sale',
      at: `${at}T08:00:00+08:00`,
    });
    await w.record(to, 'distributor', {
      hop: 'receive',
      ...goods,
      from,
      fromPlace: null,
      differences: [],
      at: `${at}T20:00:00+08:00`,
    });
  };
  await pass({ epcs: [container] }, maker, 'manufacturer', dealer, '2026-04-10');
  await w.record(dealer, 'distributor', {
    hop: 'sell',
    epcs: [sold],
    to: null,
    at: '2026-05-01T08:00:00+08:00',
  });
  await makesLot(amount(100n), 'HOSE');
  await pass(amount(60n), maker, 'manufacturer', dealer, '2026-04-11');

  const order = async (by: Acting, type: string, scope: object, more: object = {}): Promise<Answer> =>
    (await by.send('POST', '/v1/orders', { ...paper, type, scope, acknowledgeBy: deadline, ...more })).json();
  const get = async (by: Acting, url: string): Promise<Answer> => (await by.send('GET', url)).json();
  /** Waits until the roll holds for all that is recorded. */
  const settled = async ({ id }: { id: string }): Promise<void> => {
    const size = await w.deps.ledger.size();
    await until(async () => {
      const { roll } = await get(office, `/v1/orders/${id}`);
      return roll?.complete && roll.size >= size;
    });
  };
  const names = new Map<string, string>([
    ...units.map((epc): [string, string] => [epc, epc.slice(-2)]),
    [container, 'carton'],
    [hose, 'hose'],
  ]);
  const things = async ({ id }: { id: string }, by = office): Promise<string> =>
    (await get(by, `/v1/orders/${id}/things`)).items
      .map(({ epc, fate, amount }: Answer) => `${names.get(epc) ?? epc} ${fate} ${amount}`)
      .sort()
      .join(', ');

  t.test('what each scope is about, and what has become of it', async (t) => {
    const scopes: [string, object][] = [
      ['product', { products: [gtin] }],
      ['maker', { made: maker, produced: { from: '2026-03-01' } }],
      ['lot', { lots: [lot()] }],
      ['units', { units: [sold, late] }],
      ['container', { containers: [container] }],
      ['had', { held: dealer }],
      ['has', { holding: dealer, products: [gtin] }],
      ['downstream of a party', { downstream: { party: dealer } }],
      ['downstream of a party since', { downstream: { party: dealer, since: '2026-05-02T00:00:00Z' } }],
      ['downstream of a place', { downstream: { place: w.places.factory }, units: [kept, packed] }],
      ['downstream of a container', { downstream: { container } }],
      ['downstream of a lot', { downstream: { lot: hose } }],
    ];
    const found: Record<string, string> = {};
    for (const [name, scope] of scopes) {
      const made = await order(office, 'tracking', scope);
      await settled(made);
      found[name] = await things(made);
    }
    const hoses = 'hose held 60, hose kept 40';
    const own = 'R0 sold 1, R1 held 1';
    t.strictSame(found, {
      product: `${own}, R2 kept 1, R3 unmade 1, R4 held 1, R5 unmade 1, R6 kept 1, ${hoses}`,
      maker: `${own}, R2 kept 1, R4 held 1, R6 kept 1, ${hoses}`,
      lot: `${own}, R2 kept 1, R3 unmade 1, R4 held 1, R5 unmade 1, R6 kept 1`,
      units: 'R0 sold 1, R5 unmade 1',
      container: 'R4 held 1, carton held 0',
      had: `${own}, R4 held 1, carton held 0, hose held 60`,
      has: `R1 held 1, R4 held 1, hose held 60`,
      'downstream of a party': `${own}, R4 held 1, carton held 0, hose held 60`,
      'downstream of a party since': `R1 held 1, R4 held 1, carton held 0, hose held 60`,
      'downstream of a place': 'R2 kept 1, R4 held 1',
      'downstream of a container': 'R4 held 1, carton held 0',
      'downstream of a lot': hoses,
    });
  });

  t.test('downstream goods are stopped once they are found, and what is made of them too', async (t) => {
    const made = await order(office, 'stop-sale', { downstream: { party: dealer } });
    await settled(made);
    const code = await w.code(held);
    t.match((await post(w, { code })).body, { verdict: 'blocked', orders: [{ id: made.id }] });
    const [fresh, rivals] = [unit('R9'), unit('X9')];
    await w.issue([fresh, rivals]);
    const made2 = await order(factory, 'recall', { downstream: { unit: kept } });
    const makes = (by: PartyId, as: Role, output: Epc) =>
      w.record(by, as, {
        hop: 'transform',
        place: w.places.factory,
        inputs: { epcs: [kept], lots: [] },
        outputs: { epcs: [output], lots: [] },
        at: '2026-06-01T08:00:00+08:00',
      });
    await makes(w.parties.rival, 'manufacturer', rivals);
    await makes(maker, 'manufacturer', fresh);
    await settled(made2);
    names.set(fresh, 'made of it');
    t.equal(await things(made2, factory), 'R2 consumed 1, made of it kept 1', 'and not what a stranger says');
    t.match((await post(w, { code: await w.code(fresh) })).body, { verdict: 'blocked' });
    t.match((await post(w, { code: await w.code(rivals) })).body, { verdict: 'consistent' });
    t.match((await get(factory, `/v1/orders/${made2.id}/changes`)).items, [{ epc: fresh, change: 'in' }]);
    await factory.send('POST', `/v1/orders/${made2.id}/release`, paper);
    await office.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test('what was made of goods leaves the roll with them, and when it was not made of them', async (t) => {
    const [source, cut, piece] = [unit('V0'), unit('V1'), unit('V2')];
    for (const epc of [source, cut, piece]) names.set(epc, epc.slice(-2));
    await w.issue([source, cut, piece]);
    await produce(w, [source]);
    const makes = (of: Epc, output: Epc, at: string) =>
      w.record(maker, 'manufacturer', {
        hop: 'transform',
        place: w.places.factory,
        inputs: { epcs: [of], lots: [] },
        outputs: { epcs: [output], lots: [] },
        at,
      });
    const [first] = await makes(source, cut, '2026-06-01T08:00:00+08:00');
    await makes(cut, piece, '2026-06-02T08:00:00+08:00');
    const made = await order(factory, 'recall', { downstream: { unit: source } });
    await settled(made);
    t.equal(await things(made, factory), 'V0 consumed 1, V1 consumed 1, V2 kept 1');
    t.match((await post(w, { code: await w.code(piece) })).body, {
      verdict: 'blocked',
      orders: [{ id: made.id }],
    });
    t.match((await get(factory, `/v1/orders/${made.id}/holders`)).items, [{ party: { id: maker } }]);
    await w.record(maker, 'manufacturer', {
      hop: 'void',
      original: first,
      reason: 'r',
      at: '2026-06-03T08:00:00+08:00',
    });
    await settled(made);
    t.equal(await things(made, factory), 'V0 kept 1', 'the first making was withdrawn');
    t.match((await post(w, { code: await w.code(piece) })).body, { verdict: 'consistent' });
    t.strictSame(
      (await get(factory, `/v1/orders/${made.id}/changes`)).items.map(({ epc, change }: Answer) => [
        ...[names.get(epc), change],
      ]),
      [
        ['V1', 'out'],
        ['V2', 'out'],
      ],
    );
    await makes(source, cut, '2026-06-04T08:00:00+08:00');
    await settled(made);
    t.equal(await things(made, factory), 'V0 consumed 1, V1 consumed 1, V2 kept 1', 'made of it after all');
    await factory.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test('holders are told, acknowledge, and are counted', async (t) => {
    const made = await order(factory, 'recall', { products: [gtin], units: [sold, spare, packed, late] });
    const url = `/v1/orders/${made.id}`;
    await settled(made);
    const letter = async (by: Acting): Promise<Answer> =>
      (await get(by, '/v1/inbox')).items.filter(({ order }: Answer) => order.id === made.id).at(-1);
    const mail = await letter(trade);
    t.match(mail, { kind: 'order', order: { scope: { products: [gtin] } }, acknowledgedAt: null });
    t.notOk('units' in mail.order.scope, 'what others have is not told');
    t.equal(await things(made, trade), 'R4 held 1');
    t.strictSame((await get(store, '/v1/inbox')).items, []);
    t.strictSame(refusal(await store.send('GET', url)), [
      404,
      'not-found',
      'There is no such order that you may read.',
    ]);
    t.equal((await trade.send('GET', `${url}/holders`)).statusCode, 403);
    t.equal((await store.send('POST', `${url}/acknowledge`, {})).statusCode, 404);
    const back = await order(factory, 'hold', { units: [sold, spare, packed, late] });
    await settled(back);
    t.equal((await factory.send('GET', `/v1/orders/${back.id}/holders`)).statusCode, 403);
    const { items: anonymous } = await get(factory, `/v1/orders/${back.id}/things`);
    t.strictSame(
      [...new Set(anonymous.map(({ holder }: Answer) => holder))].sort(),
      [maker, null],
      'who has what a maker holds back, only a recall tells it',
    );
    const { items: known } = await get(office, `/v1/orders/${back.id}/holders`);
    t.ok(
      known.some(({ party }: Answer) => party.id === dealer),
      'and a regulator',
    );
    const far = await register(w, '广东省市场监督管理局', ['regulator'], {
      region: '440000',
      jurisdiction: { regions: ['440000'] },
    });
    for (const list of ['holders', 'changes', 'effectiveness'])
      t.equal(
        (await far.send('GET', `/v1/orders/${back.id}/${list}`)).statusCode,
        404,
        'but of nowhere near',
      );
    t.equal((await factory.send('POST', `/v1/orders/${back.id}/release`, paper)).statusCode, 200);

    const shares = async (): Promise<object> => {
      const { effects } = await get(factory, `${url}/effectiveness`);
      const [{ uom, total, ...rest }] = effects;
      const told = Object.entries(rest as Record<string, Answer>).map(([name, { amount, of, percent }]) => [
        name,
        `${amount}/${of} ${percent}`,
      ]);
      return { uom, total, ...Object.fromEntries(told) };
    };
    const before = {
      uom: 'H87',
      total: '4',
      out: '2/4 50',
      returned: '0/2 0',
      destroyed: '0/2 0',
      recovered: '0/2 0',
      consumed: '0/2 0',
      atLarge: '2/2 100',
      reachable: '1/2 50',
      reached: '0/2 0',
      unreachable: '1/2 50',
      named: '0/2 0',
      consumers: '1/2 50',
      unknown: '0/2 0',
    };
    t.strictSame(await shares(), before);

    t.equal((await trade.send('POST', `${url}/acknowledge`, { note: '已下架' })).statusCode, 201);
    t.strictSame(refusal(await trade.send('POST', `${url}/acknowledge`, {})), [
      409,
      'state-conflict',
      'You acknowledged this order already.',
    ]);
    t.strictSame(await shares(), { ...before, reached: '1/2 50' });

    // Made late: it comes into what the order is about, and goes out to somebody who is told, too late to answer in time.
    await produce(w, [late]);
    await pass({ epcs: [late] }, maker, 'manufacturer', user, '2026-06-02');
    await settled(made);
    const { items } = await get(factory, `${url}/holders`);
    const told = (list: Answer[]) =>
      list
        .map(({ party, account, holds, acknowledgedAt, overdue }: Answer) => [
          party.name,
          account,
          holds.map(({ fate, amount }: Answer) => `${fate} ${amount}`).join(),
          acknowledgedAt !== null,
          overdue,
        ])
        .sort();
    t.strictSame(told(items), [
      ['江南消防器材有限公司', true, 'kept 1', false, false],
      ['浦江消防贸易有限公司', true, 'held 1', true, false],
      ['长宁某酒店', true, 'held 1', false, false],
    ]);
    const { dueBy, toldAt } = items.find(({ party }: Answer) => party.id === user);
    const recall = await get(factory, url);
    t.equal(
      Date.parse(dueBy),
      Date.parse(toldAt) + Date.parse(recall.acknowledgeBy) - Date.parse(recall.issuedAt),
      'who is told late sees how long it has',
    );
    t.equal((await letter(as(user, 'using-unit'))).dueBy, dueBy);
    clock = Date.parse('2099-01-02T00:00:00Z');
    t.ok(told((await get(factory, `${url}/holders`)).items).find(([name]) => name === '长宁某酒店')?.[4]);
    t.match(await letter(as(user, 'using-unit')), { overdue: true });
    clock = Date.now();
    const csv = (await factory.send('GET', `${url}/holders?format=csv`)).body;
    t.match(
      csv,
      /^party,name,region,account,fate,amount,uom,told_at,acknowledged_at,overdue,credit_code,due_by\r\n/,
    );
    t.match(csv, new RegExp(`${dealer},浦江消防贸易有限公司,310105,true,held,1,H87,`));
    t.match(
      (await factory.send('GET', `${url}/things?format=csv`)).body
        .split('\r\n')
        .filter((it) => it.includes(packed)),
      [`${packed},${lot()},${dealer},浦江消防贸易有限公司,310105,,held,1,H87`],
    );
    t.match(
      (await trade.send('GET', `${url}/things?format=csv`)).body,
      /^epc,lot,holder,name,region,credit_code,fate,amount,uom\r\n[^\r]+\r\n$/,
      'of its own',
    );
    t.match((await factory.send('GET', `${url}/changes?format=csv`)).body, /^entry,epc,change\r\n/);
    t.notMatch(
      (await factory.send('GET', `/v1/orders/${back.id}/things?format=csv`)).body,
      /浦江/,
      'who has what a maker holds back',
    );

    // Back at the maker.
    await w.record(user, 'using-unit', {
      hop: 'return',
      direction: 'out',
      differences: [],
      toPlace: null,
      transfer: 'sale',
      place: w.places.site,
      epcs: [late],
      party: maker,
      at: '2026-06-05T08:00:00+08:00',
    });
    await w.record(maker, 'manufacturer', {
      hop: 'return',
      direction: 'in',
      differences: [],
      fromPlace: null,
      transfer: 'sale',
      epcs: [late],
      party: user,
      at: '2026-06-06T08:00:00+08:00',
    });
    await settled(made);
    t.match(await shares(), { out: '3/4 75', returned: '1/3 33.3', atLarge: '2/3 66.6', reached: '1/2 50' });

    await factory.send('POST', `${url}/release`, paper);
    await until(async () => (await letter(trade)).kind === 'release');
    t.match(await letter(trade), { order: { state: 'released' }, overdue: false });
  });

  t.test('as known at a size of the log, each change after it listed', async (t) => {
    const asOf = await w.deps.ledger.size();
    const later = unit('R8');
    await w.issue([later]);
    const made = await order(factory, 'recall', { lots: [lot()] }, { asOf });
    await settled(made);
    t.match((await get(factory, `/v1/orders/${made.id}/changes`)).items, [{ epc: later, change: 'in' }]);
    t.match(await things(made, factory), /R8 unmade 1/);
    await factory.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test(
    'a failed sample stops the product at its seller, follows what is in use, and moves are told',
    async (t) => {
      const [sample, stock, gone] = [unit('F1'), unit('F2'), unit('F3')];
      const epcs = [sample, stock, gone];
      await w.issue(epcs);
      await produce(w, epcs);
      await pass({ epcs }, maker, 'manufacturer', shop, '2026-04-20');
      await w.record(shop, 'seller', {
        hop: 'sell',
        epcs: [gone],
        to: user,
        at: '2026-04-22T08:00:00+08:00',
      });
      let latest: EventBody | undefined;
      const inspect = async (as: Role, outcome: string): Promise<number> => {
        [latest] = await w.record(regulator, as, {
          hop: 'inspect',
          epcs: [sample],
          place: w.places.store,
          outcome,
          sampling: 'sample',
          from: shop,
          nextDue: null,
          at: '2026-05-02T08:00:00+08:00',
        });
        return (await w.deps.ledger.size()) - 1;
      };
      const ask = (entry: number, by = office, more = {}) =>
        by.send('POST', '/v1/orders/after-failure', { ...paper, entry, acknowledgeBy: deadline, ...more });
      const passed = await inspect('regulator', 'conformant');
      const failed = await inspect('regulator', 'non-conformant');
      const mistaken = await inspect('regulator', 'non-conformant');
      await w.record(regulator, 'regulator', { hop: 'void', original: latest, reason: 'mix-up' });
      t.equal(refusal(await ask(mistaken))[1], 'state-conflict', 'a result that was taken back');
      const made = await ask(failed);
      t.equal(made.statusCode, 201);
      const [stop, follow] = made.json<Answer>().items;
      t.match(
        [stop, follow],
        [
          { type: 'stop-sale', result: failed, scope: { products: [gtin], holding: shop } },
          { type: 'tracking', result: failed, scope: { products: [gtin], downstream: { party: shop } } },
        ],
      );
      const codes = await Promise.all(epcs.map((epc) => w.code(epc)));
      const { results } = (await post(w, { codes })).body;
      t.strictSame(
        results.map(({ verdict }: Answer) => verdict),
        ['consistent', 'blocked', 'consistent'],
        'the sample is with the office, and what was sold before is followed and not stopped',
      );
      await settled(follow);
      t.match(await things(follow), /F3 held 1/);
      t.strictSame(
        [await ask(passed), await ask(0), await ask(failed, office, { seller: '0123456789ABCDEF' })].map(
          refusal,
        ),
        [
          [
            409,
            'state-conflict',
            '/entry This is no failed supervision sample: name what a laboratory or a regulator found not in order in a sample that a regulator took, and has not taken back.',
          ],
          [404, 'unknown-event', '/entry No inspection that you may read has this number.'],
          [422, 'unknown-party', '/seller No party has this id; look it up by GLN or credit code.'],
        ],
      );

      await settled(stop);
      await w.record(shop, 'seller', {
        hop: 'sell',
        epcs: [stock],
        to: null,
        at: new Date(clock + 3_600_000).toISOString(),
      });
      const entry = (await w.deps.ledger.size()) - 1;
      await settled(stop);
      const told = (await get(office, '/v1/inbox')).items.filter(({ kind }: Answer) => kind === 'moved');
      t.match(told, [{ kind: 'moved', entry, order: { id: stop.id }, overdue: false }]);
      t.match(
        (await post(w, { code: codes[1] })).body,
        { verdict: 'blocked' },
        'recorded, and stopped as before',
      );
    },
  );

  t.test(
    'regulators are told of orders and failed samples in their reach, and of what nobody answers',
    async (t) => {
      const regulatorOf = (name: string, region: string) =>
        register(w, name, ['regulator'], { region, jurisdiction: { regions: [region] } });
      const fire = await regulatorOf('上海市消防救援总队', '310000');
      const elsewhere = await regulatorOf('甘肃省市场监督管理局', '620000');
      const laboratory = await register(w, '甘肃省产品检验院', ['laboratory'], { region: '620102' });
      const mail = async (by: Acting): Promise<Answer[]> => (await get(by, '/v1/inbox?limit=1000')).items;
      const letter = async (by: Acting, wanted: object): Promise<Answer> => {
        let found: Answer;
        await until(async () => {
          found = (await mail(by)).find((it) =>
            Object.entries(wanted).every(([name, value]) => it[name] === value),
          );
          return found !== undefined;
        });
        return found;
      };
      const made = await order(office, 'stop-sale', { units: [sold] });
      t.match(await letter(fire, { kind: 'issued', entry: made.seq }), {
        order: { id: made.id, officer: null },
        sample: null,
        overdue: false,
      });
      t.match((await fire.send('GET', `/v1/orders/${made.id}`)).json(), {
        id: made.id,
        officer: paper.officer,
      });
      t.equal(
        (await fire.send('POST', `/v1/orders/${made.id}/acknowledge`, {})).statusCode,
        404,
        'to know of',
      );
      await office.send('POST', `/v1/orders/${made.id}/release`, paper);
      await until(async () =>
        (await mail(fire)).some(({ kind, order: it }) => kind === 'release' && it.id === made.id),
      );

      const [tested, paid] = [unit('G1'), unit('G2')];
      await w.issue([tested, paid]);
      await produce(w, [tested, paid]);
      await pass({ epcs: [tested, paid] }, maker, 'manufacturer', shop, '2026-04-20');
      const inspect = async (by: PartyId, as: Role, more: object): Promise<number> => {
        await w.record(by, as, {
          hop: 'inspect',
          epcs: [tested],
          outcome: null,
          sampling: null,
          from: null,
          nextDue: null,
          at: '2026-05-02T08:00:00+08:00',
          ...more,
        });
        return (await w.deps.ledger.size()) - 1;
      };
      await inspect(regulator, 'regulator', { sampling: 'sample', from: shop, place: w.places.store });
      const commissioned = await inspect(laboratory.id, 'laboratory', {
        epcs: [paid],
        outcome: 'non-conformant',
        from: shop,
      });
      const failed = await inspect(laboratory.id, 'laboratory', {
        epcs: [tested, `01/${otherGtin}/21/SENT`],
        outcome: 'non-conformant',
      });
      const [mistaken] = await w.record(laboratory.id, 'laboratory', {
        ...{ hop: 'inspect', epcs: [tested], outcome: 'non-conformant', sampling: null, from: null },
        ...{ nextDue: null, at: '2026-05-03T08:00:00+08:00' },
      });
      const error = (await w.deps.ledger.size()) - 1;
      await letter(office, { kind: 'failed-sample', entry: error });
      await w.record(laboratory.id, 'laboratory', { hop: 'void', original: mistaken, reason: 'mix-up' });
      for (const by of [fire, office])
        t.match(await letter(by, { kind: 'failed-sample', entry: failed }), {
          order: null,
          sample: { entry: failed, answeredBy: null, withdrawn: false },
          overdue: false,
        });
      t.notOk(
        (await mail(office)).some(({ entry }) => entry === commissioned),
        'no supervision sample',
      );
      const alerts = createAlerts(w.deps, w.app.log);
      clock += 16 * 86_400_000;
      await alerts.look();
      await alerts.look();
      t.match(await letter(fire, { kind: 'failed-sample', entry: failed }), { overdue: true });
      t.match(await letter(office, { kind: 'failed-sample', entry: error }), {
        ...{ sample: { withdrawn: true }, overdue: false },
      });
      t.strictSame(
        (await mail(office)).flatMap(({ kind, entry }) => (kind === 'overdue' ? [entry] : [])),
        [failed],
        'once, and nothing of what the laboratory took back',
      );
      t.match(await letter(fire, { kind: 'overdue', entry: failed }), { sample: { entry: failed } });
      const { items } = (
        await office.send('POST', '/v1/orders/after-failure', {
          ...{
            ...paper,
            entry: failed,
            seller: shop,
            acknowledgeBy: new Date(clock + 86_400_000).toISOString(),
          },
        })
      ).json<Answer>();
      t.strictSame(
        items.map(({ scope }: Answer) => scope.products),
        [[gtin], [gtin]],
        'of what was sampled alone',
      );
      t.match(await letter(fire, { kind: 'failed-sample', entry: failed }), {
        sample: { answeredBy: items[0].id },
        overdue: false,
      });
      t.match(await letter(store, { kind: 'order', entry: items[0].seq }), { overdue: false });
      clock += 2 * 86_400_000;
      await alerts.look();
      await alerts.look();
      for (const by of [office, store]) {
        await letter(by, { kind: 'overdue', entry: items[0].seq });
        const reminders = (await mail(by)).filter(
          ({ kind, entry }) => kind === 'overdue' && entry === items[0].seq,
        );
        t.match(reminders, [{ order: { id: items[0].id } }]);
        t.equal(reminders.length, 1, 'once');
      }
      t.strictSame(await mail(elsewhere), [], 'where the laboratory is nothing happened');
      const size = await w.deps.ledger.size();
      const asked = counted(w.deps.db.sql);
      t.ok((await alertsIn(asked.sql, 0, size)).length > 3);
      t.equal(asked.executed(), 4, 'however much there is to tell');
      for (const { id } of items) await office.send('POST', `/v1/orders/${id}/release`, paper);
      clock = Date.now();
    },
  );

  t.test('anybody looks up recalls by product, and learns nothing of who trades in it', async (t) => {
    const notice = { zh: '停止使用', en: 'Stop using it' };
    const { id } = await order(
      factory,
      'recall',
      { lots: [lot()], produced: { from: '2026-03-01' } },
      { notice },
    );
    const look = async (query = ''): Promise<Answer> =>
      (await w.app.inject({ url: `/v1/recalls${query}` })).json();
    const { items } = await look(`?gtin=${gtin}`);
    const { since: _, ...recall } = items[0];
    t.strictSame(recall, {
      id,
      type: 'recall',
      number: paper.number,
      issuer: { name: '江南消防器材有限公司', nameEn: null },
      state: 'in-force',
      reason: paper.reason,
      notice,
      products: [{ gtin, name: '手提式干粉灭火器', nameEn: 'Portable dry powder extinguisher' }],
      lots: [lot()],
      produced: { from: '2026-03-01' },
      maker: { name: '江南消防器材有限公司', nameEn: null },
      inPart: false,
    });
    t.notMatch(JSON.stringify(await look()), /浦江|长宁安全|王某/);
    t.strictSame((await look('?gtin=06923456789012')).items, []);
    t.equal((await factory.send('POST', `/v1/orders/${id}/release`, paper)).statusCode, 200);
  });

  t.test('every recall is found by everybody, and whose hands it is about by nobody', async (t) => {
    const of = async (query: string): Promise<Answer[]> =>
      (await w.app.inject({ url: encodeURI(`/v1/recalls?${query}`) })).json<Answer>().items;
    const before = (await of('')).length;
    const recalls: [by: Acting, scope: object][] = [
      [factory, { units: [kept, spare] }],
      [factory, { containers: [container] }],
      [factory, { made: maker, produced: { from: '2026-03-01' } }],
      [office, { downstream: { party: dealer } }],
      [office, { holding: dealer }],
      [office, { downstream: { lot: hose } }],
    ];
    const found: [string, Answer][] = [];
    for (const [by, scope] of recalls) {
      const made = await order(by, 'recall', scope);
      await settled(made);
      const item = (await of('')).find(({ id }: Answer) => id === made.id);
      t.notMatch(JSON.stringify(item), new RegExp(`${dealer}|浦江|21/|00/`), JSON.stringify(scope));
      for (const query of [`gtin=${gtin}`, 'maker=江南', 'product=干粉'])
        t.ok(
          (await of(query)).some(({ id }) => id === made.id),
          `${JSON.stringify(scope)} ${query}`,
        );
      found.push([made.id, item]);
    }
    const [single, carton, all, ofDealer, atDealer, ofHose] = found.map(([id]) => id);
    const has = async (query: string): Promise<string[]> => {
      const items = await of(query);
      return found.flatMap(([id], i) => (items.some((it) => it.id === id) ? [`${i}`] : []));
    };
    t.match(
      found.map(([, { inPart, reason, lots }]) => [inPart, reason, lots]),
      [
        [true, paper.reason, [lot()]],
        [true, paper.reason, [lot()]],
        [false, paper.reason, []],
        [true, null, [hose, lot()]],
        [true, null, [hose, lot()]],
        [true, null, [hose]],
      ],
    );
    t.strictSame(await has(`unit=${kept}`), ['0', '2']);
    t.strictSame(await has(`unit=${packed}`), ['1', '2', '3', '4']);
    t.strictSame(await has(`unit=${unit('NONE')}`), []);
    t.strictSame(await has('lot=HOSE'), ['2', '3', '4', '5']);
    t.equal((await of('lot=NONE')).length, 0);
    t.strictSame(await has('gtin=06923456789012'), []);
    const stops = [
      { units: [kept] },
      { holding: dealer, products: [gtin] },
      { downstream: { party: dealer } },
    ];
    for (const scope of stops) {
      const made = await order(office, 'stop-sale', scope);
      await settled(made);
      t.notOk(
        (await of('')).some(({ id }) => id === made.id),
        `a stop of ${Object.keys(scope)}`,
      );
      await office.send('POST', `/v1/orders/${made.id}/release`, paper);
    }
    const page = await w.app.inject({ url: `/recalls?unit=${encodeURIComponent(kept)}&lang=en` });
    t.match(page.body, 'Some of them alone');
    for (const id of [single, carton, all]) await factory.send('POST', `/v1/orders/${id}/release`, paper);
    for (const id of [ofDealer, atDealer, ofHose])
      await office.send('POST', `/v1/orders/${id}/release`, paper);
    t.equal((await of('')).length, before + recalls.length, 'also once they are over');
  });

  t.test('what is made of others is made then, piece by piece and by measure', async (t) => {
    const filled = unit('T1');
    const batch = lot(gtin, 'FILLED');
    await w.issue([filled]);
    await makesLot(amount(10n, lot(gtin, 'RAW')), 'RAW');
    await w.record(maker, 'manufacturer', {
      hop: 'transform',
      place: w.places.factory,
      inputs: amount(10n, lot(gtin, 'RAW')),
      outputs: { ...amount(5n, batch), epcs: [filled] },
      at: '2026-03-15T08:00:00+08:00',
    });
    const made = await order(office, 'hold', {
      made: maker,
      products: [gtin],
      produced: { from: '2026-03-15', until: '2026-03-15' },
    });
    await settled(made);
    t.equal(await things(made), `${batch} kept 5, ${filled} kept 1`);
    await office.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test('things made of each other more often than a small number counts are found', async (t) => {
    const first = spare;
    const second = unit('DEEP2');
    await w.issue([second]);
    const made = await order(office, 'recall', { downstream: { unit: first } });
    await settled(made);
    // As if what the order names were the last of as many.
    await w.owner.sql`UPDATE order_things SET level = 32767 WHERE seq = ${made.seq}`;
    await w.owner.sql`UPDATE order_rolls SET level = 32767, phase = 'derived' WHERE seq = ${made.seq}`;
    await w.record(maker, 'manufacturer', {
      hop: 'transform',
      place: w.places.factory,
      inputs: { epcs: [first], lots: [] },
      outputs: { epcs: [second], lots: [] },
      at: '2026-04-10T08:00:00+08:00',
    });
    await settled(made);
    const rows = await w.owner.sql<{ level: number }[]>`
      SELECT level FROM order_things WHERE seq = ${made.seq} ORDER BY level`;
    t.strictSame(
      rows.map(({ level }) => level),
      [32_767, 32_768],
    );
    await office.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test('an order whose roll does not come to an end holds up nobody else', async (t) => {
    const stuck = await order(factory, 'recall', { units: [kept] });
    await settled(stuck);
    await w.owner.sql`UPDATE order_rolls SET phase = 'nowhere', size = 1 WHERE seq = ${stuck.seq}`;
    const urgent = await order(office, 'recall', { units: [held] });
    await settled(urgent);
    t.pass('the recall of another is rolled out meanwhile');
    const size = await w.deps.ledger.size();
    await w.owner.sql`UPDATE order_rolls SET phase = 'following', size = ${size} WHERE seq = ${stuck.seq}`;
    await settled(stuck);
    await factory.send('POST', `/v1/orders/${stuck.id}/release`, paper);
    await office.send('POST', `/v1/orders/${urgent.id}/release`, paper);
  });

  t.test(
    'what is made of a lot is stopped where those make it through whose hands the order asks',
    async (t) => {
      const powder = lot(gtin, 'POWDER');
      const [own, filled] = [unit('P1'), unit('P2')];
      await w.issue([own, filled]);
      const some = (metres: bigint) => amount(metres, powder);
      const fills = (output: Epc, at: string) =>
        w.record(maker, 'manufacturer', {
          hop: 'transform',
          place: w.places.factory,
          inputs: some(10n),
          outputs: { epcs: [output], lots: [] },
          at: `${at}T08:00:00+08:00`,
        });
      await makesLot(some(100n), 'POWDER');
      await pass(some(60n), maker, 'manufacturer', dealer, '2026-04-11');
      await fills(own, '2026-04-12');
      const made = await order(office, 'stop-sale', { downstream: { party: dealer } });
      await settled(made);
      const verdict = async (epc: Epc) => (await post(w, { code: await w.code(epc) })).body.verdict;
      t.equal(await verdict(own), 'consistent', 'the maker made it of what the dealer never had');
      await pass(some(20n), dealer, 'distributor', maker, '2026-04-13');
      await fills(filled, '2026-04-14');
      await settled(made);
      t.equal(await verdict(filled), 'blocked', 'nobody can tell what came back from what never left');
      await factory.send('POST', `/v1/orders/${made.id}/release`, paper);
      await office.send('POST', `/v1/orders/${made.id}/release`, paper);
    },
  );

  t.test('what is mixed into a lot of which there is some already makes that lot, too', async (t) => {
    const [bad, running, filled] = [lot(gtin, 'BAD'), lot(gtin, 'RUNNING'), unit('X1')];
    await w.issue([filled]);
    await makesLot(amount(10n, bad), 'BAD');
    await makesLot(amount(90n, running), 'RUNNING');
    const mix = (inputs: object, outputs: object, at: string) =>
      w.record(maker, 'manufacturer', { hop: 'transform', place: w.places.factory, inputs, outputs, at });
    const both = { epcs: [], lots: [...amount(10n, bad).lots, ...amount(90n, running).lots] };
    await mix(both, amount(100n, running), '2026-03-15T08:00:00+08:00');
    const made = await order(office, 'recall', { downstream: { lot: bad } });
    await settled(made);
    t.equal(await things(made), `${bad} consumed 10, ${running} consumed 90, ${running} kept 100`);
    // Found as it comes, too, and as what it was made of goes.
    const [filling] = await mix(
      amount(5n, running),
      { epcs: [filled], lots: [] },
      '2026-03-16T08:00:00+08:00',
    );
    await settled(made);
    t.match(await things(made), `${filled} kept 1`);
    await w.record(maker, 'manufacturer', { hop: 'void', original: filling, reason: 'r' });
    await settled(made);
    t.notMatch(await things(made), filled);
    await office.send('POST', `/v1/orders/${made.id}/release`, paper);
  });

  t.test('of goods by measure what was passed on before is with others, and not stopped', async (t) => {
    const reel = lot(gtin, 'REEL');
    await makesLot(amount(100n, reel), 'REEL');
    await pass(amount(60n, reel), maker, 'manufacturer', dealer, '2026-04-11');
    await pass(amount(30n, reel), dealer, 'distributor', user, '2026-04-12');
    const stopped = await order(office, 'stop-sale', { products: [gtin], lots: [reel], holding: dealer });
    const held = await order(office, 'tracking', { products: [gtin], lots: [reel], held: dealer });
    const since = { downstream: { party: dealer, since: '2026-04-20T00:00:00Z' }, lots: [reel] };
    const followed = await order(office, 'tracking', since);
    for (const it of [stopped, held, followed]) await settled(it);
    const holders = async ({ id }: Answer): Promise<string[]> =>
      (await get(office, `/v1/orders/${id}/things`)).items
        .map(
          ({ holder, amount }: Answer) =>
            `${holder === dealer ? 'dealer' : holder === user ? 'user' : '?'} ${amount}`,
        )
        .sort();
    t.strictSame(await holders(held), ['dealer 30', 'user 30']);
    t.strictSame(await holders(stopped), ['dealer 30']);
    t.strictSame(await holders(followed), ['dealer 30']);
    await pass(amount(10n, reel), dealer, 'distributor', shop, '2099-04-12');
    await settled(stopped);
    t.strictSame(await holders(stopped), ['? 10', 'dealer 20'], 'whoever gets of it since');
    for (const { id } of [stopped, held, followed])
      await office.send('POST', `/v1/orders/${id}/release`, paper);
  });

  t.test(
    'what is on its way is out, and whom it goes to is told; of metres, too, what came back',
    async (t) => {
      const [way, coil] = [unit('W1'), lot(gtin, 'COIL')];
      await w.issue([way]);
      await produce(w, [way]);
      const sale = { to: shop, toPlace: null, transfer: 'sale', at: '2026-04-20T08:00:00+08:00' };
      await w.record(maker, 'manufacturer', { hop: 'ship', epcs: [way], ...sale });
      await makesLot(amount(100n, coil), 'COIL');
      await pass(amount(60n, coil), maker, 'manufacturer', dealer, '2026-04-11');
      await pass(amount(20n, coil), dealer, 'distributor', maker, '2026-04-12');
      await w.record(maker, 'manufacturer', { hop: 'destroy', ...amount(5n, coil) });
      await w.record(dealer, 'distributor', { hop: 'scrap', ...amount(4n, coil) });
      await w.record(dealer, 'distributor', { hop: 'install', ...amount(1n, coil), place: w.places.site });
      await w.record(dealer, 'distributor', { hop: 'ship', ...amount(10n, coil), ...sale });
      const made = await order(office, 'recall', { products: [gtin], lots: [coil] });
      const other = await order(office, 'recall', { units: [way] });
      await settled(made);
      await settled(other);
      t.equal(
        await things(made),
        ['consumed 1', 'destroyed 4', 'destroyed 5', 'held 25', 'kept 40', 'returned 15', 'under-way 10']
          .map((it) => `${coil} ${it}`)
          .join(', '),
      );
      t.equal(await things(other), `${way} under-way 1`);
      const shares = async ({ id }: Answer) => {
        const [effect] = (await get(office, `/v1/orders/${id}/effectiveness`)).effects;
        const { out, returned, destroyed, consumed, atLarge, reached } = effect;
        return [out, returned, destroyed, consumed, atLarge, reached].map(({ amount }: Answer) => amount);
      };
      t.strictSame(await shares(made), ['60', '15', '9', '1', '35', '0']);
      t.equal((await store.send('POST', `/v1/orders/${other.id}/acknowledge`, {})).statusCode, 201);
      t.strictSame(await shares(other), ['1', '0', '0', '0', '1', '1']);
      for (const { id } of [made, other]) await office.send('POST', `/v1/orders/${id}/release`, paper);
    },
  );
});
