import t from 'tap';
import type { PartyId, Role } from '../../../src/core/events/hop.ts';
import { formatContainer, parseSscc } from '../../../src/core/gs1/identifiers.ts';
import { required } from '../../../src/errors.ts';
import { newId } from '../../../src/features/new-id.ts';
import { type Acting, actorOf, refusal } from '../../support/actors.ts';
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

const deadline = '2099-01-01T00:00:00Z';
const paper = { ground: '产品质量法第十八条', number: '长市监扣〔2026〕1号', officer: '王某' };
const wanted = { ...paper, reason: '抽检不合格', acknowledgeBy: deadline };

t.test('orders', async (t) => {
  const w = await world(t);
  const { maker, rival, dealer, shop, regulator } = w.parties;
  const as = (party: PartyId, ...roles: Role[]): Acting => actorOf(w, party, roles);
  const [office, factory, store] = [
    as(regulator, 'regulator'),
    as(maker, 'manufacturer'),
    as(shop, 'seller'),
  ];
  const office2 = as(w.parties.body, 'regulator');
  for (const [id, name, regions] of [
    [regulator, '长宁区市场监督管理局', ['310105']],
    [w.parties.body, '深圳市市场监督管理局', ['440300']],
  ] as const)
    await w.append({
      kind: 'party',
      by: w.deps.genesis.operator,
      id,
      stub: false,
      name,
      nameEn: `Office ${regions}`,
      roles: ['regulator'],
      region: regions[0],
      jurisdiction: { regions, places: [] },
    });
  const units = Array.from({ length: 8 }, (_, i) => unit(`O${i}`));
  const [moved = unit('O0'), packed = unit('O1'), made = unit('O2'), plain = unit('O3')] = units;
  await w.issue(units);
  await distribute(w, [moved]);
  await produce(w, [packed, made]);
  await w.record(maker, 'manufacturer', {
    hop: 'pack',
    container,
    epcs: [packed],
    place: w.places.factory,
    at: '2026-03-02T08:00:00+08:00',
  });
  const codes = await Promise.all([moved, packed, made, plain].map((epc) => w.code(epc)));

  const verdicts = async (): Promise<string> => {
    const { body } = await post(w, { codes: [...codes, lot()] });
    return body.results
      .map(({ verdict, reasons }: Answer) =>
        verdict === 'blocked'
          ? `blocked by ${reasons.find(({ code }: Answer) => code.startsWith('order-')).code.slice('order-'.length)}`
          : verdict,
      )
      .join(', ');
  };
  const order = async (by: Acting, type: string, scope: object, more: object = {}): Promise<Answer> =>
    (await by.send('POST', '/v1/orders', { ...wanted, type, scope, ...more })).json();
  const release = (by: Acting, id: string) =>
    by.send('POST', `/v1/orders/${id}/release`, { ...paper, reason: '复检合格' });
  const free = 'consistent, consistent, consistent, consistent, consistent';

  t.equal(await verdicts(), free);

  t.test('take effect at once by their rule, as far as they reach, and end with their release', async (t) => {
    const told: [string, Acting, string, object][] = [
      ['one unit', office, 'seizure', { units: [moved] }],
      ['a product, as far as the regulator reaches', office, 'stop-sale', { products: [gtin] }],
      ['a product of its maker', factory, 'recall', { products: ['6901234567892'] }],
      ['all of a maker', factory, 'recall', { made: maker }],
      [
        'a lot and when it was made',
        factory,
        'hold',
        { lots: [lot()], produced: { from: '2026-03-01', until: '2026-03-01' } },
      ],
      ['what was made later', factory, 'hold', { lots: [lot()], produced: { from: '2026-03-02' } }],
      ['what was in a container', factory, 'hold', { containers: [container] }],
      ['what a dealer has', office, 'stop-sale', { holding: dealer, products: [gtin] }],
      ['what a shop has', office, 'stop-sale', { holding: shop }],
      ['what a maker had', office, 'stop-sale', { held: maker }],
      [
        'what was entered in a time',
        factory,
        'hold',
        { products: [gtin], recorded: { until: '2026-01-01' } },
      ],
      ['what is only followed', office, 'tracking', { products: [gtin] }],
      ['out of reach', office2, 'seizure', { units }],
      ['of another product', office, 'seizure', { products: [otherGtin] }],
    ];
    const found: string[] = [];
    for (const [name, by, type, scope] of told) {
      const { id } = await order(by, type, scope);
      found.push(`${name}: ${await verdicts()}`);
      t.equal((await release(by, id)).statusCode, 200);
    }
    const of = (type: string, which: string): string =>
      [...which].map((it) => (it === 'x' ? `blocked by ${type}` : 'consistent')).join(', ');
    t.strictSame(found, [
      `one unit: ${of('seizure', 'x----')}`,
      `a product, as far as the regulator reaches: ${of('stop-sale', 'x----')}`,
      `a product of its maker: ${of('recall', 'xxxxx')}`,
      `all of a maker: ${of('recall', 'xxxxx')}`,
      `a lot and when it was made: ${of('hold', 'xxx--')}`,
      `what was made later: ${free}`,
      `what was in a container: ${of('hold', '-x---')}`,
      `what a dealer has: ${of('stop-sale', 'x----')}`,
      `what a shop has: ${free}`,
      `what a maker had: ${of('stop-sale', 'x----')}`,
      `what was entered in a time: ${free}`,
      `what is only followed: ${free}`,
      `out of reach: ${free}`,
      `of another product: ${free}`,
    ]);
    t.equal(await verdicts(), free);
  });

  t.test('stop a container by its own code', async (t) => {
    const pallet = formatContainer(required(parseSscc('069012345678900026')));
    await w.issue([pallet], { gtin: null, lot: null });
    await w.record(maker, 'manufacturer', {
      hop: 'ship',
      epcs: [pallet],
      place: w.places.factory,
      to: dealer,
      toPlace: null,
      transfer: 'sale',
      at: '2026-04-02T09:00:00+08:00',
    });
    const code = await w.code(pallet);
    const verdict = async (): Promise<string> => (await post(w, { code })).body.verdict;
    t.not(await verdict(), 'blocked');
    const { id } = await order(office, 'hold', { containers: [pallet] });
    t.equal(await verdict(), 'blocked');
    await release(office, id);
    t.not(await verdict(), 'blocked');
  });

  t.test('hold for what is told later', async (t) => {
    const { id } = await order(factory, 'recall', { products: [gtin], produced: { from: '2026-03-01' } });
    t.match(await verdicts(), /^blocked by recall, blocked by recall, blocked by recall, consistent/);
    await produce(w, [plain]);
    t.match(await verdicts(), /^(blocked by recall, ){4}consistent$/);
    await release(factory, id);
  });

  t.test('are told to everybody: whose, which, since when and what to do', async (t) => {
    const notice = { zh: '请停止使用，联系当地经销商退换。', en: 'Stop using it and have it exchanged.' };
    const made = await order(office, 'recall', { units: [moved] }, { notice });
    const { body } = await post(w, { code: codes[0] });
    t.strictSame(body.orders, [
      {
        id: made.id,
        type: 'recall',
        number: paper.number,
        issuer: { name: '长宁区市场监督管理局', nameEn: 'Office 310105' },
        since: made.issuedAt,
        notice,
      },
    ]);
    t.notMatch(JSON.stringify(body), /浦江|王某/);
    const page = await w.app.inject({
      url: (codes[0] ?? '').replace(/^HTTPS:\/\/[^/]+/, ''),
      headers: { accept: 'text/html', 'accept-language': 'zh-CN' },
    });
    t.match(page.body, /召回<\/b> <bdi>长宁区市场监督管理局<\/bdi> · <bdi>长市监扣〔2026〕1号<\/bdi>/);
    t.match(page.body, /请停止使用，联系当地经销商退换。/);
    await release(office, made.id);
  });

  t.test('are read by who made them, whom they concern, and regulators', async (t) => {
    const made = await order(factory, 'recall', { products: [gtin] });
    const { id, seq, issuedAt, asOf, ...rest } = made;
    t.strictSame(rest, {
      type: 'recall',
      issuer: { id: maker, name: '江南消防器材有限公司' },
      ...paper,
      reason: wanted.reason,
      notice: null,
      acknowledgeBy: '2099-01-01T00:00:00.000Z',
      scope: { made: maker, products: [gtin] },
      reach: null,
      state: 'in-force',
      release: null,
    });
    t.equal(asOf, seq);
    const url = `/v1/orders/${id}`;
    const nothing = [404, 'not-found', 'There is no such order that you may read.'];
    t.strictSame(
      [
        withoutRoll(await factory.send('GET', url)),
        refusal(await store.send('GET', url)),
        refusal(await office2.send('GET', url)),
        (await store.send('GET', '/v1/orders')).json().items.map(({ scope }: Answer) => scope),
        (await office2.send('GET', '/v1/orders')).json().items.filter(({ seq: it }: Answer) => it === seq),
      ],
      [made, nothing, nothing, [{ holding: shop }], []],
      'neither who has nothing to do with it nor a regulator of elsewhere',
    );
    await until(async () => (await office.send('GET', url)).statusCode === 200);
    t.strictSame(withoutRoll(await office.send('GET', url)), made, 'the regulator of who has the goods');
    const first = (await office.send('GET', '/v1/orders?limit=2')).json<Answer>();
    t.strictSame(first.items[0], made);
    const second = (await office.send('GET', `/v1/orders?limit=2&cursor=${first.next}`)).json<Answer>();
    t.ok(second.items.every(({ seq }: Answer) => seq < first.items[1].seq));
    t.ok(second.items.length === 2 && second.items[0].state === 'released');
    t.strictSame(
      refusal(await release(as(rival, 'manufacturer'), id)),
      [404, 'not-found', 'There is no such order that you may read.'],
      'whether there is one is not told by refusing otherwise',
    );
    t.ok(
      (await factory.send('GET', '/v1/orders'))
        .json<Answer>()
        .items.every(
          ({ issuer, scope }: Answer) =>
            issuer.id === maker || !['units', 'containers', 'holding'].some((it) => it in scope),
        ),
    );
    t.match((await release(factory, id)).json(), {
      id,
      state: 'released',
      release: { by: { id: maker }, ...paper, reason: '复检合格' },
    });
  });

  t.test('what they say of others only regulators in reach read, and each read is noted', async (t) => {
    const { id, seq } = await order(office, 'stop-sale', { holding: dealer, products: [gtin] });
    const url = `/v1/orders/${id}`;
    const told = (await factory.send('GET', url)).json<Answer>();
    t.match(told, { scope: { products: [gtin] }, officer: null, roll: null });
    t.notOk('holding' in told.scope, 'the maker is not told whose goods these are');
    t.match((await as(dealer, 'distributor').send('GET', url)).json(), {
      scope: { holding: dealer },
      officer: null,
    });
    t.equal((await office2.send('GET', url)).statusCode, 404);
    const neighbour = w.parties.body;
    const inReach = async (regions: readonly string[]) => {
      await w.append({
        kind: 'party',
        by: w.deps.genesis.operator,
        id: neighbour,
        stub: false,
        name: '上海市市场监督管理局',
        roles: ['regulator'],
        jurisdiction: { regions, places: [] },
      });
    };
    for (const [regions, status] of [
      [['310000'], 200],
      [['310105'], 200],
      [['310106'], 404],
      [['000000'], 200],
    ] as const) {
      await inReach(regions);
      t.equal((await office2.send('GET', url)).statusCode, status, `${regions}`);
    }
    t.match((await office2.send('GET', url)).json(), { scope: { holding: dealer }, officer: paper.officer });
    t.match((await office2.send('GET', '/v1/orders?limit=1')).json(), { items: [{ id, officer: '王某' }] });
    await w.deps.audit.flush();
    const reads = await w.deps.db.sql<{ route: string; subject: string }[]>`
      SELECT route, subject FROM read_audit WHERE party = ${neighbour} ORDER BY id DESC LIMIT 2`;
    t.strictSame(
      [...reads],
      [
        { route: 'GET /v1/orders', subject: 'orders {"limit":1}' },
        { route: 'GET /v1/orders/:id', subject: id },
      ],
    );
    const [stored] = await w.deps.db.sql<{ payload: string; private: string }[]>`
      SELECT f.payload, p.value AS private FROM facts f JOIN privates p USING (seq) WHERE seq = ${seq}`;
    t.notMatch(stored?.payload, '王某');
    t.match(stored?.private, '王某');
    t.equal(
      (await office.send('POST', '/v1/erasures', { entries: [seq], ground: '个人信息保护法第四十七条' }))
        .statusCode,
      201,
    );
    t.equal((await office.send('GET', url)).json<Answer>().officer, null);
    await inReach(['440300']);
    await release(office, id);
  });

  t.test('who is followed is not warned', async (t) => {
    const suspect = as(dealer, 'distributor');
    const seen = async (type: string, scope: object): Promise<[number, boolean]> => {
      const { id } = await order(office, type, { products: [gtin], ...scope });
      const { items } = (await suspect.send('GET', '/v1/orders')).json<Answer>();
      const { statusCode } = await suspect.send('GET', `/v1/orders/${id}`);
      await release(office, id);
      return [statusCode, items.some((it: Answer) => it.id === id)];
    };
    for (const scope of [{ held: dealer }, { holding: dealer }]) {
      t.strictSame(await seen('tracking', scope), [404, false]);
      t.strictSame(await seen('hold', scope), [200, true]);
    }
  });

  t.test('an order from before officers stood beside is read as it was recorded', async (t) => {
    await w.append({
      kind: 'order',
      by: regulator,
      id: newId(),
      type: 'tracking',
      ...paper,
      reason: 'r',
      acknowledgeBy: deadline,
      scope: { units: [moved] },
      reach: { regions: ['310105'], places: [] },
      asOf: 0,
    });
    t.match((await office.send('GET', '/v1/orders?limit=1')).json(), { items: [{ officer: paper.officer }] });
  });

  t.test('are found by type, state, product and number', async (t) => {
    const { id, asOf } = await order(
      office,
      'seizure',
      { units: [moved] },
      { number: '长市监扣〔2026〕7号', asOf: '2000-01-01T00:00:00Z' },
    );
    t.equal(asOf, 0, 'by a time, as many entries as there were');
    const found = async (query: string, by = office): Promise<boolean> => {
      const { items } = (await by.send('GET', encodeURI(`/v1/orders?${query}`))).json<Answer>();
      return items.some((it: Answer) => it.id === id);
    };
    const table: [string, boolean][] = [
      ['type=seizure', true],
      ['type=hold,seizure', true],
      ['type=hold', false],
      ['state=in-force', true],
      ['state=released', false],
      [`gtin=${gtin}`, true],
      [`gtin=${otherGtin}`, false],
      ['number=长市监扣〔2026〕7号', true],
      ['number=长市监扣〔2026〕8号', false],
    ];
    for (const [query, isFound] of table) t.equal(await found(query), isFound, query);
    await release(office, id);
    t.ok(await found('state=released&type=seizure'));
    t.equal((await office.send('GET', '/v1/orders?gtin=1234567890')).statusCode, 422);
    t.equal((await office.send('GET', '/v1/orders?type=recalls')).statusCode, 400);
  });

  t.test('the same request again is the same order', async (t) => {
    const send = (reason: string) =>
      factory.send(
        'POST',
        '/v1/orders',
        { ...wanted, reason, type: 'hold', scope: { units: [moved] } },
        { 'idempotency-key': 'K' },
      );
    const [one, two, other] = [await send('a'), await send('a'), await send('b')];
    t.equal(one.json<Answer>().id, two.json<Answer>().id);
    t.equal(other.json<Answer>().code, 'idempotency-conflict');
    await release(factory, one.json<Answer>().id);
  });

  t.test('refusals', async (t) => {
    const size = await w.deps.ledger.size();
    const { id } = await order(office, 'recall', { units: [moved] });
    await release(office, id);
    const ask = (by: Acting, type: string, scope: object, more: object = {}) =>
      by.send('POST', '/v1/orders', { ...wanted, type, scope, ...more });
    const answers = [
      await ask(office, 'recall', {}),
      await ask(office, 'recall', { produced: { from: '2026-01-01' } }),
      await ask(office, 'recall', { units: [lot()] }),
      await ask(office, 'recall', { units: ['nonsense'] }),
      await ask(office, 'recall', { held: '0123456789ABCDEF' }),
      await ask(office, 'recall', { made: maker, produced: { from: '2026-02-30' } }),
      await ask(office, 'recall', { made: maker, produced: { from: '2026-02-02', until: '2026-02-01' } }),
      await ask(office, 'recall', { made: maker }, { acknowledgeBy: '2020-01-01T00:00:00Z' }),
      await ask(office, 'recall', { made: maker }, { asOf: size + 100 }),
      await ask(factory, 'seizure', { made: maker }),
      await ask(factory, 'recall', { made: rival }),
      await ask(factory, 'hold', { products: [gtin], held: dealer }),
      await ask(factory, 'tracking', { downstream: { party: dealer } }),
      await ask(factory, 'recall', { products: [gtin, otherGtin] }),
      await ask(as(dealer, 'regulator'), 'recall', { made: maker }),
      await ask(store, 'recall', { made: maker }),
      await release(office, id),
      await release(office2, id),
      await release(office, 'nothing'),
    ];
    t.strictSame(answers.map(refusal), [
      [
        400,
        'invalid-request',
        '/scope Say what it is about: name at least one of containers, downstream, held, holding, lots, made, products, units.',
      ],
      [
        400,
        'invalid-request',
        '/scope Say what it is about: name at least one of containers, downstream, held, holding, lots, made, products, units.',
      ],
      [422, 'invalid-identifier', '/scope/units/0 This names no unit; put it under what it is.'],
      [422, 'invalid-identifier', refusal(answers[3] ?? never())[2]],
      [422, 'unknown-party', '/scope/held No party has this id; look it up by GLN or credit code.'],
      [
        422,
        'invalid-time',
        '/scope/produced/from Write the date as 2025-07-01, a day between the years 1970 and 9999.',
      ],
      [422, 'invalid-time', '/scope/produced/until It ends before it begins; mend one of the two.'],
      [422, 'invalid-time', '/acknowledgeBy Leave holders time to acknowledge: name a moment to come.'],
      [400, 'invalid-request', `/asOf The log has ${size + 2} entries; name no more, or a time.`],
      [403, 'forbidden', '/type Makers order hold, recall, tracking of their own goods.'],
      [403, 'forbidden', '/scope/made Makers order about their own goods; leave this out.'],
      ...['held', 'downstream/party'].map((hands) => [
        403,
        'forbidden',
        `/scope/${hands} Through whose hands goods went makers are told in a recall; leave this out, or order a recall.`,
      ]),
      [403, 'gtin-not-owned', `/scope/products/1 GTIN ${otherGtin} is not yours.`],
      [403, 'forbidden', 'You are registered without a jurisdiction; ask the operator to add it.'],
      [403, 'forbidden', 'This is for parties with the role regulator or manufacturer or importer.'],
      [409, 'state-conflict', 'The order is released already.'],
      [404, 'not-found', 'There is no such order that you may read.'],
      [404, 'not-found', 'There is no such order that you may read.'],
    ]);
    t.equal(await w.deps.ledger.size(), size + 2, 'nothing of it was recorded');
  });
});

/** Without how far its roll has come. */
function withoutRoll(answer: { json(): Answer }): object {
  const { roll: _, ...order } = answer.json();
  return order;
}

function never(): never {
  throw new Error('an answer is missing');
}
