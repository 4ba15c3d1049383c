import t from 'tap';
import type { PartyId } from '../../../src/core/events/hop.ts';
import type { Fact } from '../../../src/core/log/fact.ts';
import { auditEverything } from '../../../src/features/audit.ts';
import { newId } from '../../../src/features/new-id.ts';
import { readUnderMandate } from '../../../src/http/access.ts';
import { testService } from '../../support/service.ts';
import { act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const day = 86_400_000;
let clock = Date.parse('2025-08-01T00:00:00Z');
const service = await testService(t, { service: { now: () => clock } });
const { app, deps } = service;
const chain = await supplyChain(service);
const { maker, distributor, seller, user, stranger } = chain;
const operator = service.bearer(['operator'], deps.genesis.operator);
/** In charge of where the goods were, far from there, and a third one. */
const near = await chain.officer(['330000']);
const far = await chain.officer(['440000']);
const third = await chain.officer(['110000']);

interface Officer {
  readonly name: string;
  readonly client: string;
  readonly bearer: string;
}

/** An API client of an authority, which the operator makes unless another asks. */
async function officer(party: PartyId, name: string, by = operator): Promise<Officer> {
  const made = await send('POST', `/v1/parties/${party}/clients`, by, {
    label: 'terminal',
    roles: ['regulator'],
  });
  const client: string = made.body.client_id;
  return { name, client, bearer: `Bearer ${app.signToken({ party, client, roles: ['regulator'] })}` };
}

async function send(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  authorization: string,
  payload?: object,
  headers: Record<string, string> = {},
) {
  const answer = await app.inject({
    method,
    url,
    headers: { authorization, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json(),
    headers: answer.headers,
  };
}
const get = (url: string, { bearer }: { readonly bearer: string }, mandate?: string) =>
  send('GET', url, bearer, undefined, mandate === undefined ? {} : { 'suyuan-mandate': mandate });
const codeOf = async (answer: ReturnType<typeof send>): Promise<string> => (await answer).body?.code ?? 'ok';

const [zhang, li] = [await officer(far.id, '张三'), await officer(far.id, '李四')];
const paper = { number: '深市监案〔2025〕7号', ground: '行政处罚法第五十四条' };
const until = () => new Date(clock + 30 * day).toISOString();
const ask = (by: Officer, scope: object, more: object = {}) =>
  send('POST', '/v1/mandates', by.bearer, { ...paper, scope, until: until(), officer: by.name, ...more });
const decide = (by: Officer, id: string, more: object = {}) =>
  send('POST', `/v1/mandates/${id}/approval`, by.bearer, { outcome: 'approved', officer: by.name, ...more });
const end = (bearer: string, id: string, name = '张三') =>
  send('POST', `/v1/mandates/${id}/end`, bearer, { officer: name });
async function approved(scope: object, more: object = {}): Promise<string> {
  const { body } = await ask(zhang, scope, more);
  const answer = await decide(li, body.id);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return body.id;
}

const at = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * day).toISOString());
const record = (...facts: Fact[]) => deps.ledger.append(facts.map((fact) => ({ fact })));
const issued = (batch: string, ...serials: string[]): Fact => ({
  ...{ kind: 'issue', by: maker.id, batch: newId(), gtin, lot: batch, kid: '0000001', serials: 'own' },
  epcs: serials.map(unit) as never[],
});

await record({
  ...{
    kind: 'party',
    by: deps.genesis.operator,
    id: stranger.id,
    stub: false,
    name: '仓储',
    roles: stranger.roles,
  },
  ...{ region: '330106', address: '文一路1号' },
});
// A and B go out on one pallet; A is sold on to the seller and to a user, B stays. S is of the same lot, Z of another.
await record(issued('L1', 'A', 'B', 'S'), issued('L2', 'Z'));
const pallet = container(1);
const events: number[] = [];
for (const [who, hops] of [
  [
    maker,
    [
      { hop: 'produce', ...at(1), lot: 'L1', epcs: ['A', 'B', 'S'].map(unit) },
      { hop: 'produce', ...at(1), lot: 'L2', epcs: [unit('Z')] },
      { hop: 'pack', ...at(2), epcs: ['A', 'B'].map(unit), container: pallet, place: maker.place },
      { hop: 'ship', ...at(3), epcs: [pallet], place: maker.place, to: distributor.id, transfer: 'sale' },
      {
        hop: 'ship',
        ...at(3),
        epcs: ['S', 'Z'].map(unit),
        place: maker.place,
        to: stranger.id,
        transfer: 'sale',
      },
    ],
  ],
  [
    distributor,
    [
      { hop: 'receive', ...at(4), epcs: [pallet], from: maker.id, place: distributor.place },
      { hop: 'unpack', ...at(5), container: pallet, place: distributor.place },
      { hop: 'ship', ...at(6), epcs: [unit('A')], place: distributor.place, to: seller.id, transfer: 'sale' },
      { hop: 'ship', ...at(7), epcs: [unit('A')], place: distributor.place, to: user.id, transfer: 'sale' },
    ],
  ],
  [seller, [{ hop: 'receive', ...at(8), epcs: [unit('A')], from: distributor.id, place: seller.place }]],
] as const) {
  const posted = await chain.post(who, hops, { prefer: 'wait=20' });
  if (posted.status !== 201) throw new Error(posted.text);
  events.push(...posted.body.facts.map(({ seq }: { seq: number }) => seq));
}

const historyOf = (serial: string) => `/v1/units/${gtin}/${serial}/history`;
const traceOf = (epc: string, direction = 'both') =>
  `/v1/trace?epc=${encodeURIComponent(epc)}&direction=${direction}`;
const flowOf = (batch: string) => `/v1/batches/${gtin}/${batch}/flow`;

t.test(
  'a mandate is asked for by one officer and decided by another, each with a client of the operator’s',
  async (t) => {
    const scope = {
      goods: [`https://id.example.cn/01/${gtin}/21/A`, unit('A'), gtin.slice(1)],
      parties: [seller.id],
    };
    const asked = await ask(zhang, scope);
    t.equal(asked.status, 201);
    t.match(asked.body, {
      ...{
        party: far.id,
        state: 'asked',
        ...paper,
        officer: '张三',
        client: zhang.client,
        decision: null,
        end: null,
      },
      scope: { goods: [`01/${gtin}`, unit('A')], parties: [seller.id] },
    });
    const { id, seq } = asked.body;
    t.equal(asked.headers.location, `/v1/mandates/${id}`);

    const self = await officer(far.id, '王五', zhang.bearer);
    const refused = (by: Officer, more: object = {}) => codeOf(decide(by, id, more));
    t.equal(await refused(zhang), 'second-officer-required', 'oneself');
    t.equal(
      await refused(zhang, { officer: '王五' }),
      'second-officer-required',
      'another name through the same client',
    );
    for (const name of ['张三', ' 张 三 ', '张\u200b三', '张・三'.normalize('NFD').replace('・', '·')])
      t.equal(await refused(li, { officer: name }), 'second-officer-required', JSON.stringify(name));
    t.equal(await refused(self), 'second-officer-required', 'a client that the party made for itself');
    t.equal(await refused(li, { officer: '\u200b' }), 'invalid-request', 'nobody');
    t.equal(await refused({ ...li, bearer: third.bearer }), 'not-found', 'another authority');
    t.equal(
      await codeOf(decide({ ...li, bearer: operator }, id)),
      'forbidden',
      'the operator decides nothing',
    );
    const both = `Bearer ${app.signToken({ party: third.id, client: li.client, roles: ['regulator', 'operator'] })}`;
    t.equal(
      await refused({ ...li, bearer: both }),
      'not-found',
      'nor whoever is both, for another authority',
    );
    t.equal(
      await codeOf(ask(self, scope)),
      'second-officer-required',
      'nor does one ask through such a client',
    );
    t.equal((await get(`/v1/mandates/${id}`, li)).body.state, 'asked');

    const given = await decide(li, id, { reason: '跨区案件' });
    t.equal(given.status, 200);
    t.match(given.body, {
      state: 'approved',
      decision: { outcome: 'approved', officer: '李四', client: li.client, reason: '跨区案件' },
    });
    t.equal(await codeOf(decide(li, id)), 'state-conflict', 'once');

    const [fact] = await deps.ledger.read(seq, seq + 1);
    t.match(fact?.fact, { kind: 'mandate', by: far.id, client: zhang.client });
    t.notMatch(JSON.stringify(fact), '张三', 'whose names are erasable');
  },
);

t.test('names in Latin letters are compared likewise', async (t) => {
  const { body } = await ask({ ...zhang, name: 'Zhang San' }, { goods: [unit('A')] });
  for (const name of ['ZHANG SAN', 'zhangsan', 'Ｚｈａｎｇ　Ｓａｎ', 'Zhang\u00a0San'])
    t.equal(await codeOf(decide(li, body.id, { officer: name })), 'second-officer-required', name);
  t.equal((await decide(li, body.id, { outcome: 'refused' })).body.state, 'refused');
  t.equal(await codeOf(get(historyOf('A'), zhang, body.id)), 'mandate-not-in-force');
  t.equal(await codeOf(end(zhang.bearer, body.id)), 'state-conflict');
});

t.test('what is asked has bounds', async (t) => {
  const of = (scope: object, more: object = {}) => codeOf(ask(zhang, scope, more));
  t.equal(await of({}), 'invalid-request');
  t.equal(await of({ goods: [] }), 'invalid-request');
  t.equal(await of({ goods: Array.from({ length: 201 }, (_, i) => unit(`N${i}`)) }), 'invalid-request');
  t.equal(await of({ goods: ['01/06901234567890/21/A'] }), 'invalid-check-digit');
  t.equal(await of({ goods: ['414/6901234567892'] }), 'invalid-identifier', 'a place is no goods');
  t.equal(await of({ parties: [newId()] }), 'unknown-party');
  t.equal(await of({ goods: [unit('A')] }, { until: new Date(clock - 1).toISOString() }), 'invalid-time');
  t.equal(
    await of({ goods: [unit('A')] }, { until: new Date(clock + 181 * day).toISOString() }),
    'invalid-time',
  );
  t.equal(await of({ goods: [unit('A')] }, { number: ' ' }), 'invalid-request');
  const lost = await chain.actor(['regulator']);
  t.equal(
    await codeOf(ask(await officer(lost.id, '赵六'), { goods: [unit('A')] })),
    'forbidden',
    'without a jurisdiction',
  );
});

t.test('a client that is revoked, or revoked and made anew by its party, is no second officer', async (t) => {
  const [one, two] = [await officer(far.id, '钱七'), await officer(far.id, '孙八')];
  const { body } = await ask(one, { goods: [unit('A')] });
  await send('DELETE', `/v1/parties/${far.id}/clients/${one.client}`, zhang.bearer);
  t.equal(await codeOf(decide(two, body.id)), 'second-officer-required', 'who asked');
  t.equal(await codeOf(decide(one, body.id)), 'token-invalid');
});

t.test('a name that was erased can be compared with none', async (t) => {
  const { body } = await ask(zhang, { goods: [unit('A')] });
  const erased = await send('POST', '/v1/erasures', zhang.bearer, {
    entries: [body.seq],
    ground: '个人信息保护法第四十七条',
  });
  t.equal(erased.status, 201);
  t.equal(await codeOf(decide(li, body.id, { officer: '张三' })), 'state-conflict');
  t.equal((await get(`/v1/mandates/${body.id}`, zhang)).body.officer, null);
});

t.test(
  'of two decisions at once one stands; a request that is sent again is answered as before',
  async (t) => {
    const { body } = await ask(zhang, { goods: [unit('A')] });
    const wang = await officer(far.id, '王五');
    const both = await Promise.all([decide(li, body.id), decide(wang, body.id, { outcome: 'refused' })]);
    t.strictSame(both.map(({ status }) => status).sort(), [200, 409]);
    const key = { 'idempotency-key': 'k1' };
    const again = { ...paper, scope: { goods: [unit('A')] }, until: until(), officer: '张三' };
    const twice = [
      await send('POST', '/v1/mandates', zhang.bearer, again, key),
      await send('POST', '/v1/mandates', zhang.bearer, again, key),
    ];
    t.equal(twice[0]?.body.id, twice[1]?.body.id);
    t.equal(
      await codeOf(send('POST', '/v1/mandates', zhang.bearer, { ...again, number: 'x' }, key)),
      'idempotency-conflict',
    );
    const approval = { outcome: 'approved', officer: '李四' };
    const url = `/v1/mandates/${twice[0]?.body.id}/approval`;
    for (let i = 0; i < 2; i++)
      t.equal((await send('POST', url, li.bearer, approval, { 'idempotency-key': 'k2' })).status, 200);
  },
);

t.test('without a mandate, or with one that is not approved, nothing is seen from afar', async (t) => {
  const { body } = await ask(zhang, { goods: [unit('A'), lot('L1')] });
  t.equal((await get(historyOf('A'), zhang)).status, 403);
  t.equal((await get(traceOf(unit('A')), zhang)).status, 404);
  t.equal((await get(flowOf('L1'), zhang)).status, 404);
  t.equal(await codeOf(get(historyOf('A'), zhang, body.id)), 'mandate-not-in-force');
  await decide(li, body.id);
  t.equal((await get(historyOf('A'), zhang, body.id)).status, 200);
  t.equal((await get(historyOf('A'), zhang)).status, 403, 'it has effect on requests that name it alone');
  t.equal(
    await codeOf(get(historyOf('A'), third, body.id)),
    'mandate-not-in-force',
    'and of the authority alone',
  );
  t.equal(await codeOf(get(historyOf('A'), maker, body.id)), 'mandate-not-in-force');
  t.equal(await codeOf(get(historyOf('A'), zhang, newId())), 'mandate-not-in-force');
  t.equal(await codeOf(get(historyOf('A'), zhang, `${body.id}, ${body.id}`)), 'mandate-not-in-force');
  const scoped = `Bearer ${app.signToken({ party: far.id, client: zhang.client, roles: [] })}`;
  t.equal(
    await codeOf(get(historyOf('A'), { bearer: scoped }, body.id)),
    'mandate-not-in-force',
    'as no regulator',
  );
});

t.test('a unit in scope is seen whole, the one beside it on the pallet not', async (t) => {
  const id = await approved({ goods: [unit('A')] });
  const see = (url: string) => get(url, li, id);
  const mine = (await see(historyOf('A'))).body;
  t.strictSame(mine, (await get(historyOf('A'), near)).body, 'as the regulator in charge sees it');
  t.ok(mine.items.length > 5);
  t.strictSame(
    (await see(`/v1/units/${gtin}/A`)).body.state,
    (await get(`/v1/units/${gtin}/A`, near)).body.state,
  );
  t.match(
    (await see(`/v1/units/${gtin}/A/findings`)).body,
    (await get(`/v1/units/${gtin}/A/findings`, near)).body,
  );
  for (const serial of ['B', 'S', 'Z'])
    for (const url of [
      `/v1/units/${gtin}/${serial}`,
      historyOf(serial),
      `/v1/units/${gtin}/${serial}/evidence`,
    ])
      t.equal((await see(url)).status, 403, url);
  t.equal((await see(`/v1/containers/${pallet.slice(3)}/history`)).status, 403, 'nor the pallet');
  t.equal((await see(`/v1/lots/${gtin}/L1`)).status, 404, 'which no event names');
  t.equal((await see(flowOf('L1'))).status, 404, 'nor its lot’s numbers');
  t.equal((await see(traceOf(unit('B')))).status, 404);
  t.equal((await see(traceOf(pallet))).status, 404, 'a trace of the pallet is no way to what was on it');
  t.equal((await see(traceOf(lot('L1')))).status, 404, 'nor one of the lot');

  const trace = (await see(traceOf(unit('A')))).body;
  const whole = (await get(traceOf(unit('A')), near)).body;
  t.strictSame(trace, { ...whole, complete: false }, 'the pallet is a thing of its own');
  t.notMatch(JSON.stringify(trace), unit('B'));

  const evidence = await see(`/v1/units/${gtin}/A/evidence`);
  t.equal(evidence.status, 200);
  t.notMatch(JSON.stringify(evidence.body), unit('B'));
});

t.test(
  'a lot in scope is seen with its units and their flow; a product with all lots; a container alone',
  async (t) => {
    const ofLot = await approved({ goods: [lot('L1')] });
    for (const serial of ['A', 'B', 'S'])
      t.equal((await get(historyOf(serial), li, ofLot)).status, 200, serial);
    t.equal((await get(historyOf('Z'), li, ofLot)).status, 403, 'of another lot');
    const flow = await get(flowOf('L1'), li, ofLot);
    t.match(flow.body, { complete: true, units: 3 });
    t.strictSame(flow.body, (await get(flowOf('L1'), near)).body);
    const key = flow.body.edges[0].key;
    t.equal((await get(`${flowOf('L1')}/units?key=${key}`, li, ofLot)).status, 200);
    t.equal((await get(`${flowOf('L1')}/units?key=${key}`, li)).status, 404);
    const file = await send(
      'POST',
      '/v1/evidence',
      li.bearer,
      { lot: lot('L1') },
      { 'suyuan-mandate': ofLot },
    );
    t.equal(file.status, 200, file.body?.detail);
    t.notMatch(JSON.stringify(file.body), unit('Z'));
    t.equal((await get(flowOf('L2'), li, ofLot)).status, 404);
    t.equal((await get(`/v1/products/${gtin}/flow`, li, ofLot)).status, 404);
    t.strictSame((await get(traceOf(lot('L1')), li, ofLot)).body, {
      ...(await get(traceOf(lot('L1')), near)).body,
      complete: false,
    });

    const ofProduct = await approved({ goods: [gtin] });
    t.match((await get(`/v1/products/${gtin}/flow`, li, ofProduct)).body, { complete: true, units: 4 });
    t.match((await get(flowOf('L2'), li, ofProduct)).body, { complete: true });
    t.equal((await get(historyOf('Z'), li, ofProduct)).status, 200);

    const ofPallet = await approved({ goods: [pallet] });
    t.equal((await get(`/v1/containers/${pallet.slice(3)}/history`, li, ofPallet)).status, 200);
    for (const serial of ['A', 'B'])
      t.equal((await get(historyOf(serial), li, ofPallet)).status, 403, serial);
    const trace = (await get(traceOf(pallet), li, ofPallet)).body;
    t.notMatch(JSON.stringify(trace), user.id, 'where what was on it went later is not told');
  },
);

t.test(
  'what a party in scope recorded, gave or took is seen, with its master data, and no numbers of lots',
  async (t) => {
    const id = await approved({ parties: [stranger.id] });
    for (const [serial, status] of [
      ['S', 200],
      ['Z', 200],
      ['A', 403],
      ['B', 403],
    ] as const)
      t.equal((await get(historyOf(serial), li, id)).status, status, serial);
    t.equal((await get(flowOf('L1'), li, id)).status, 404, 'most of the lot went elsewhere');
    const addressOf = async (who: PartyId, mandate?: string) =>
      (await get(`/v1/parties/${who}`, li, mandate)).body;
    t.notSame(await addressOf(stranger.id, id), await addressOf(stranger.id));
    t.same(await addressOf(seller.id, id), await addressOf(seller.id));
    t.same(await addressOf(stranger.id, id), (await get(`/v1/parties/${stranger.id}`, near)).body);
    t.same(
      (await get(`/v1/places/${encodeURIComponent(stranger.place)}`, li, id)).body,
      (await get(`/v1/places/${encodeURIComponent(stranger.place)}`, near)).body,
    );
  },
);

t.test('what a party in scope claims to have had is opened by that, and nothing beside it', async (t) => {
  const friend = await chain.actor(['distributor']);
  await record(issued('L4', 'F1', 'F2'));
  await chain.post(maker, [{ hop: 'produce', ...at(1), lot: 'L4', epcs: ['F1', 'F2'].map(unit) }]);
  const id = await approved({ parties: [friend.id] });
  t.equal((await get(historyOf('F1'), li, id)).status, 403);
  const claimed = await chain.post(
    friend,
    [{ hop: 'receive', ...at(9), epcs: [unit('F1')], from: stranger.id, place: friend.place }],
    { prefer: 'wait=20' },
  );
  t.equal(claimed.status, 201, claimed.text);
  t.equal((await get(historyOf('F2'), li, id)).status, 403);
  const told = (await get(historyOf('F1'), li, id)).body.items;
  t.match(told.at(-1), { recorder: friend.id, standing: 'stranger' });
});

t.test('single events, also by EPCIS, by what they name or who took part', async (t) => {
  const ofUnit = await approved({ goods: [unit('A')] });
  const ofLot = await approved({ goods: [lot('L2')] });
  const ofParty = await approved({ parties: [seller.id] });
  const seen = async (id: string) => {
    const codes = await Promise.all(
      events.map(async (seq) => (await get(`/v1/events/${seq}`, li, id)).status),
    );
    return events.flatMap((seq, i) => (codes[i] === 200 ? [events.indexOf(seq)] : []));
  };
  t.strictSame(await seen(ofUnit), [0, 2, 7, 8, 9]);
  t.strictSame(await seen(ofLot), [1, 4]);
  t.strictSame(await seen(ofParty), [7, 9]);
  const queried = async (query: string, id?: string) => {
    const { body } = await get(`/epcis/v2/events?perPage=100&${query}`, li, id);
    return body.epcisBody.queryResults.resultsBody.eventList.length;
  };
  t.strictSame(
    [await queried(''), await queried('', ofUnit), await queried('', ofLot), await queried('', ofParty)],
    [0, 5, 2, 2],
  );
  t.equal(await queried('orderBy=eventTime', ofUnit), 5);
  const sorted = `orderBy=${encodeURIComponent('https://ns.example/none')}`;
  const [first, second] = [await queried(sorted), await queried(sorted, ofUnit)];
  t.strictSame([first, second], [0, 5], 'what is remembered of an order is nobody else’s');
  t.equal(
    await queried(`MATCH_epc=${encodeURIComponent(`https://id.example.cn/${unit('B')}`)}`, ofUnit),
    2,
    'the production and the packing of both',
  );
});

t.test(
  'cases and findings about goods or parties in scope; what officers said of them is not told',
  async (t) => {
    const casesIn = async (id?: string) => (await get('/v1/cases?rule=double-sale', li, id)).body.items;
    const findingsIn = async (id?: string) =>
      (await get('/v1/findings?rule=double-sale', li, id)).body.items.map(({ epc }: { epc: string }) => epc);
    const [known] = (await get('/v1/cases?rule=double-sale', near)).body.items;
    t.match(known, { party: { id: distributor.id } });
    const decision = { outcome: 'confirmed', cause: 'clone', reason: '查实', officer: '周九' };
    t.equal((await send('POST', `/v1/cases/${known.id}/decisions`, near.bearer, decision)).status, 201);
    t.strictSame(await casesIn(), []);
    for (const [scope, isWhole] of [
      [{ goods: [unit('A')] }, false],
      [{ goods: [lot('L1')] }, false],
      [{ goods: [gtin] }, true],
      [{ parties: [distributor.id] }, true],
      [{ parties: [maker.id] }, true],
      [{ parties: [seller.id] }, false],
    ] as const) {
      const id = await approved(scope);
      const [found] = await casesIn(id);
      t.match(found, { id: known.id, findings: isWhole ? { total: 1 } : null }, JSON.stringify(scope));
      t.strictSame(await findingsIn(id), [unit('A')]);
      const { body } = await get(`/v1/cases/${known.id}`, li, id);
      t.match(body.decisions, [{ outcome: 'confirmed', reason: null, officer: null }]);
      t.equal((await get(`/v1/cases/${known.id}`, li)).status, 404);
    }
    for (const scope of [{ goods: [unit('B')] }, { goods: [lot('L2')] }, { parties: [stranger.id] }]) {
      const id = await approved(scope);
      t.strictSame([await casesIn(id), await findingsIn(id)], [[], []], JSON.stringify(scope));
    }
  },
);

t.test(
  'of what rests on reports no more is told than to the maker, and nothing of what insiders reported',
  async (t) => {
    const { sql } = service.owner;
    const about = { party: '', region: '', gtin, maker: maker.id, maker_region: '330106' };
    for (const [id, rule] of [
      ['0000000000000PEN', 'reported-defect'],
      ['0000000000SEA1ED', 'reported-under-seal'],
    ] as const) {
      await sql`INSERT INTO clue_cases ${sql({ ...about, id, rule, severity: 'clue', opened_at: clock, watch: false, district: '' })}`;
      await sql`INSERT INTO clue_findings ${sql({
        ...{ thing: unit('A'), rule, case_id: id, severity: 'clue', count: 1, regions: '330106' },
        ...{ found_at: clock, first_at: clock, last_at: clock, checked_at: clock },
      })}`;
      for (const [kind, value] of [
        ['region', '330106'],
        ['party', maker.id],
        ['party', seller.id],
      ] as const)
        await sql`INSERT INTO clue_case_links ${sql({ case_id: id, kind, value })}`;
    }
    t.equal((await get('/v1/cases/0000000000SEA1ED', near)).status, 200, 'where it was made');
    for (const scope of [
      { goods: [unit('A')] },
      { goods: [lot('L1')] },
      { goods: [gtin] },
      { parties: [maker.id] },
      { parties: [seller.id] },
    ]) {
      const id = await approved(scope);
      t.equal((await get('/v1/cases/0000000000SEA1ED', li, id)).status, 404, JSON.stringify(scope));
      t.strictSame((await get('/v1/findings?basis=reports&rule=reported-under-seal', li, id)).body.items, []);
      t.equal((await get('/v1/cases/0000000000000PEN', li, id)).status, 200);
    }
    const decision = { outcome: 'confirmed', cause: 'quality', reason: '查实', officer: '周九' };
    const decided = await send('POST', '/v1/cases/0000000000000PEN/decisions', near.bearer, decision);
    t.equal(decided.status, 201, JSON.stringify(decided.body));
    for (const scope of [{ goods: [unit('A')] }, { goods: [gtin] }, { parties: [maker.id] }]) {
      const id = await approved(scope);
      const [found] = (await get('/v1/findings?basis=reports', li, id)).body.items;
      t.match(found, { epc: unit('A'), reports: { regions: ['330100'], records: null } });
      const { decisions } = (await get('/v1/cases/0000000000000PEN', li, id)).body;
      t.match(decisions, [{ outcome: 'confirmed', reason: null, officer: null }]);
    }
    // Who sees one report of a sealed case in its own right sees no other by a mandate.
    await sql`INSERT INTO clue_case_links ${sql({ case_id: '0000000000SEA1ED', kind: 'region', value: '110000' })}`;
    const mine = [await officer(third.id, '吴十'), await officer(third.id, '郑一')] as const;
    for (const scope of [{ goods: [unit('A')] }, { goods: [gtin] }, { parties: [maker.id] }]) {
      const { body } = await ask(mine[0], scope);
      t.equal((await decide(mine[1], body.id)).status, 200);
      const sealed = await get('/v1/findings?basis=reports&rule=reported-under-seal', mine[1], body.id);
      t.strictSame(sealed.body.items, []);
    }
    t.equal(await codeOf(get('/v1/cases/0000000000000PEN', li)), 'not-found');
    const other = await approved({ goods: [unit('B')] });
    t.strictSame((await get('/v1/findings?basis=reports', li, other)).body.items, []);
  },
);

t.test(
  'what went into a unit in scope and was made of it is seen with it, and what else was made of that is not',
  async (t) => {
    const made = await chain.post(maker, [
      { hop: 'produce', ...at(11), lot: 'M', epcs: [unit('IN')] },
      {
        hop: 'transform',
        ...at(12),
        inputs: { epcs: [unit('IN')] },
        outputs: { epcs: ['OUT1', 'OUT2'].map(unit) },
        place: maker.place,
      },
      { hop: 'ship', ...at(13), epcs: [unit('OUT2')], place: maker.place, to: user.id, transfer: 'sale' },
    ]);
    t.equal(made.status, 201, made.text);
    const up = await approved({ goods: [unit('OUT1')] });
    const trace = (await get(traceOf(unit('OUT1')), li, up)).body;
    t.strictSame(
      trace.hops.map(({ hop }: { hop: string }) => hop),
      ['produce', 'transform'],
    );
    t.match(trace.links, [{ kind: 'made-into', from: unit('IN'), to: unit('OUT1') }]);
    t.notMatch(JSON.stringify(trace), unit('OUT2'));
    t.equal((await get(traceOf(unit('OUT2')), li, up)).status, 404);
    t.equal((await get(traceOf(unit('IN'), 'down'), li, up)).status, 404);
    const down = await approved({ goods: [unit('IN')] });
    t.match(JSON.stringify((await get(traceOf(unit('IN'), 'down'), li, down)).body), unit('OUT2'));
  },
);

t.test('a unit in scope says nothing of how many others of its lot went the same way', async (t) => {
  await record(issued('L3', 'T1', 'T2', 'T3'));
  await chain.post(maker, [{ hop: 'produce', ...at(1), lot: 'L3', epcs: ['T1', 'T2', 'T3'].map(unit) }]);
  for (const serial of ['T1', 'T2', 'T3']) {
    const id = await approved({ goods: [unit(serial)] });
    t.equal((await get(traceOf(lot('L3')), li, id)).status, 404, serial);
    t.equal((await get(traceOf(unit(serial)), li, id)).status, 200);
    t.match(await send('POST', '/v1/evidence', li.bearer, { lot: lot('L3') }, { 'suyuan-mandate': id }), {
      status: 403,
    });
  }
});

t.test('an authority that is none any more reads nothing under what it was given', async (t) => {
  const once = await chain.officer(['450000']);
  const [one, two] = [await officer(once.id, '甲'), await officer(once.id, '乙')];
  const { id } = (await ask(one, { goods: [unit('A')] })).body;
  t.equal((await decide(two, id)).status, 200);
  t.equal((await get(historyOf('A'), two, id)).status, 200);
  await record({
    kind: 'party',
    by: deps.genesis.operator,
    id: once.id,
    stub: false,
    name: 'x',
    roles: ['laboratory'],
  });
  t.equal(await codeOf(get(historyOf('A'), two, id)), 'token-invalid');
});

t.test('investigations go by each unit, also among many of one history', async (t) => {
  const id = await approved({ goods: [unit('B')] });
  const investigate = (what: string, payload: object, mandate?: string) =>
    send(
      'POST',
      `/v1/investigations/${what}`,
      li.bearer,
      payload,
      mandate === undefined ? {} : { 'suyuan-mandate': mandate },
    );
  const bad = { bad: [{ epc: unit('A') }, { epc: unit('B') }, { epc: unit('S') }], controls: 0 };
  t.equal((await investigate('common-source', bad)).status, 404);
  t.match((await investigate('common-source', bad, id)).body, { bad: 1, leftOut: [unit('A'), unit('S')] });
  const installed = await chain.post(user, [
    { hop: 'receive', ...at(9), epcs: [unit('P1'), unit('P2')], from: seller.id, place: user.place },
    { hop: 'install', ...at(10), epcs: [unit('P1'), unit('P2')], place: user.place },
  ]);
  t.equal(installed.status, 201, installed.text);
  const twin = await approved({ goods: [unit('P2')] });
  const site = { epcs: [unit('P1'), unit('P2')] };
  const twins = { bad: site.epcs.map((epc) => ({ epc })), controls: 0 };
  t.match((await investigate('common-source', twins, twin)).body, { bad: 1, leftOut: [unit('P1')] });
  const dossier = (await investigate('fire-site', site, twin)).body;
  t.match(dossier, { things: 1, leftOut: [unit('P1')] });
  t.match(dossier.items, [{ epcs: [unit('P2')], history: `/v1/units/${gtin}/P2/history` }]);
  t.match((await investigate('network', site, twin)).body, { units: 1, leftOut: 1 });
  t.match((await investigate('network', { epcs: ['P1', 'P2'].map(unit) }, twin)).body, { units: 1 });
});

t.test('no act, no statistic and nothing of the public’s is opened', async (t) => {
  const id = await approved({ goods: [gtin], parties: [maker.id, distributor.id] });
  const header = { 'suyuan-mandate': id };
  const [known] = (await get('/v1/cases?rule=double-sale', near)).body.items;
  const decision = { outcome: 'confirmed', cause: 'clone', reason: '查实', officer: '李四' };
  const order = {
    ...{ type: 'hold', scope: { units: [unit('A')] }, ground: 'g', number: 'n', officer: 'o', reason: 'r' },
    acknowledgeBy: '2099-01-01T00:00:00Z',
  };
  const { type: _, scope: __, ...rest } = order;
  for (const [method, url, body] of [
    ['POST', `/v1/cases/${known.id}/decisions`, decision],
    ['POST', '/v1/orders', order],
    ['POST', '/v1/orders/after-failure', { entry: 1, ...rest }],
    ['POST', '/v1/events', { hops: [{ hop: 'inspect', ...at(9), epcs: [unit('A')], place: far.place }] }],
    ['GET', '/v1/insights', undefined],
    ['GET', '/v1/reports', undefined],
    ['GET', '/v1/orders', undefined],
    ['GET', '/v1/mandates', undefined],
    ['GET', '/epcis/v2/queries', undefined],
  ] as const) {
    const key = url === '/v1/events' ? { 'idempotency-key': 'k' } : {};
    const answer = await send(method, url, li.bearer, body, { ...header, ...key });
    t.match([answer.status, answer.body.code], [400, 'invalid-request'], `${method} ${url}`);
  }
  t.equal((await send('POST', `/v1/cases/${known.id}/decisions`, li.bearer, decision)).status, 404);
  t.match(await get(`/v1/mandates/${id}`, third), { status: 404 }, 'another authority’s mandates');
  const listed = (await get('/v1/mandates', third)).body.items;
  t.ok(listed.length > 0 && listed.every(({ party }: { party: string }) => party === third.id));
});

t.test('when it is ended, or over, it opens nothing, in no process', async (t) => {
  const beside = await testService(t, { beside: service, service: { now: () => clock } });
  const there = async (id: string) =>
    (
      await beside.app.inject({
        url: historyOf('A'),
        headers: { authorization: li.bearer, 'suyuan-mandate': id },
      })
    ).json().code ?? 'ok';
  const [one, two, three] = [
    await approved({ goods: [unit('A')] }),
    await approved({ goods: [unit('A')] }),
    await approved({ goods: [unit('A')] }, { until: new Date(clock + day).toISOString() }),
  ] as const;
  t.strictSame([await there(one), await there(two), await there(three)], ['ok', 'ok', 'ok']);
  t.equal(await codeOf(end(third.bearer, one)), 'not-found');
  t.match((await end(zhang.bearer, one)).body, { state: 'ended', end: { party: far.id, officer: '张三' } });
  t.match((await end(operator, two, '运营')).body, {
    state: 'ended',
    end: { party: deps.genesis.operator, officer: null },
  });
  t.equal(await codeOf(end(zhang.bearer, one)), 'state-conflict');
  clock += day;
  t.equal(await there(three), 'ok', 'to its last moment');
  clock += 1;
  for (const id of [one, two, three]) {
    t.equal(await codeOf(get(historyOf('A'), li, id)), 'mandate-not-in-force');
    t.equal(await there(id), 'mandate-not-in-force');
  }
  t.equal((await get(`/v1/mandates/${three}`, li)).body.state, 'expired');
  const late = (await ask(zhang, { goods: [unit('A')] }, { until: new Date(clock + 1).toISOString() })).body
    .id;
  clock += 2;
  t.equal(await codeOf(decide(li, late)), 'state-conflict', 'nor can it be approved then');
});

t.test(
  'what is read under a mandate is noted with it, and told to the authority and the operator',
  async (t) => {
    const id = await approved({ goods: [unit('A')] });
    await get(historyOf('A'), li, id);
    await get(historyOf('B'), zhang, id);
    await get('/v1/findings?limit=1', li, id);
    const reads = await get(`/v1/mandates/${id}/reads`, zhang);
    t.strictSame(
      reads.body.items.map(({ at: _, ...it }: { at: string }) => it),
      [
        { client: li.client, route: `GET /v1/units/:gtin/:serial/history`, subject: historyOf('A') },
        { client: li.client, route: '/v1/units/:gtin/:serial/history', subject: unit('A') },
        { client: zhang.client, route: `GET /v1/units/:gtin/:serial/history`, subject: historyOf('B') },
        { client: li.client, route: 'GET /v1/findings', subject: '/v1/findings?limit=1' },
        { client: li.client, route: 'GET /v1/findings', subject: 'findings {"limit":1}' },
      ],
    );
    t.equal((await get(`/v1/mandates/${id}/reads?limit=2`, zhang)).body.items.length, 2);
    const { next } = (await get(`/v1/mandates/${id}/reads?limit=2`, zhang)).body;
    t.equal((await get(`/v1/mandates/${id}/reads?cursor=${next}`, zhang)).body.items.length, 3);
    t.same((await get(`/v1/mandates/${id}/reads`, { bearer: operator })).body, reads.body);
    t.equal((await get(`/v1/mandates/${id}/reads`, third)).status, 404);
    const told = (await get(`/v1/mandates/${id}`, { bearer: operator })).body;
    t.match(
      told,
      { number: paper.number, officer: null, decision: { officer: null } },
      'without officers’ names',
    );
    const all = (await get('/v1/mandates?limit=1000', { bearer: operator })).body.items;
    t.ok(all.length > 20);
    t.match(all[0], { id });
    await get(historyOf('A'), near);
    await deps.audit.flush();
    const plain = await service.db.sql`SELECT mandate FROM read_audit WHERE party = ${near.id}`;
    t.ok(plain.length > 0 && plain.every(({ mandate }) => mandate === null));
  },
);

t.test('every route that a mandate opens is noted, whatever it answers', async (t) => {
  const id = await approved({ goods: [unit('A')] });
  for (const name of readUnderMandate) {
    const [method = '', pattern = ''] = name.split(' ');
    const url = pattern
      .replace(':gtin', gtin)
      .replace(':seq', '1')
      .replace('/cases/:id', `/cases/${'X'.repeat(16)}`)
      .replaceAll(/:\w+/g, 'x');
    const bodies: Record<string, object> = {
      'POST /v1/evidence': { epcs: [unit('A')] },
      'POST /v1/investigations/common-source': { bad: [{ epc: unit('A') }] },
      'POST /v1/investigations/fire-site': { epcs: [unit('A')] },
      'POST /v1/investigations/network': { epcs: [unit('A')] },
    };
    const query = {
      '/v1/trace': `?epc=${unit('A')}`,
      '/v1/batches/:gtin/:lot/flow/units': '?key=x',
      '/v1/products/:gtin/flow/units': '?key=x',
    };
    await send(
      method === 'POST' ? 'POST' : 'GET',
      `${url.replace('/containers/x', `/containers/${pallet.slice(3)}`)}${Reflect.get(query, pattern) ?? ''}`,
      li.bearer,
      bodies[name],
      { 'suyuan-mandate': id },
    );
  }
  const noted = (await get(`/v1/mandates/${id}/reads?limit=1000`, li)).body.items;
  const routes = new Set(noted.map(({ route }: { route: string }) => route));
  t.strictSame(
    [...readUnderMandate].filter((name) => !routes.has(name)),
    [],
  );
});

t.test('the log holds all of it', async (t) => {
  const kinds = await service.db.sql`
    SELECT kind, count(*)::int AS n FROM facts WHERE kind LIKE 'mandate%' GROUP BY kind ORDER BY kind`;
  t.strictSame(
    kinds.map(({ kind }) => kind),
    ['mandate', 'mandate-decision', 'mandate-end'],
  );
  const { mismatch } = await auditEverything(service.owner, {
    ...{ url: service.databaseUrl, processes: 1, dataDir: service.dataDir, logOnly: false },
  });
  t.equal(mismatch, null);
  t.strictSame(service.logged, []);
});
