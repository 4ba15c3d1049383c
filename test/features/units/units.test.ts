import t from 'tap';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, gtin, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, seller, user, stranger, regulator } = chain;
const day = (n: number) => act(`2025-07-0${n}T10:00:00+08:00`);
const ask = async (who: Pick<Actor, 'bearer'>, path: string) => {
  const response = await service.app.inject({ url: path, headers: { authorization: who.bearer } });
  return { status: response.statusCode, body: response.json() };
};

const sale = (from: Actor, to: Actor, epcs: string[], n: number) => ({
  hop: 'ship',
  ...day(n),
  epcs,
  place: from.place,
  to: to.id,
  toPlace: to.place,
  transfer: 'sale',
});
await chain.post(maker, [
  { hop: 'produce', ...day(1), epcs: [unit('A')], place: maker.place },
  sale(maker, distributor, [unit('A')], 2),
]);
await chain.post(distributor, [
  { hop: 'receive', ...day(3), epcs: [unit('A')], from: maker.id, place: distributor.place },
  sale(distributor, seller, [unit('A')], 4),
]);
const sold = await chain.post(seller, [
  { hop: 'receive', ...day(5), epcs: [unit('A')], from: distributor.id, place: seller.place },
  sale(seller, user, [unit('A')], 6),
]);
const path = `/v1/units/${gtin}/A`;

const names = new Map(
  Object.entries({ maker, distributor, seller, user }).map(([name, { id }]) => [id as string, name]),
);

/** What each hop shows: kind, recorder, giver and taker, and whether its place; `-` where hidden or none. */
const shown = async (who: Pick<Actor, 'bearer'>) => {
  const { body } = await ask(who, `${path}/history`);
  const name = (id: string | null) => (id === null ? '-' : (names.get(id) ?? '?'));
  const items = body.items.map((it: Record<string, string | null>) =>
    [
      it.hop,
      ...['recorder', 'giver', 'taker'].map((who) => name(it[who] ?? null)),
      it.place ? 'there' : '-',
    ].join(' '),
  );
  return [...items, `${body.hidden} hidden`];
};

t.test('everybody sees its own part, and one step up and down', async (t) => {
  t.strictSame(await shown(seller), [
    'receive distributor - distributor -',
    'ship distributor distributor seller there',
    'receive seller distributor seller there',
    'ship seller seller user there',
    '2 hidden',
  ]);
  t.strictSame(await shown(distributor), [
    'produce maker - - -',
    'ship maker maker distributor there',
    'receive distributor maker distributor there',
    'ship distributor distributor seller there',
    'receive seller distributor seller there',
    'ship seller seller - -',
    '0 hidden',
  ]);
});

t.test('the maker sees what became of its goods without the names of others', async (t) => {
  t.strictSame((await shown(maker)).slice(3), [
    'ship distributor distributor - -',
    'receive - - - -',
    'ship - - - -',
    '0 hidden',
  ]);
  t.match((await ask(maker, path)).body.state, { stage: 'in-transit', holder: null, place: null });
  t.match((await ask(user, path)).body.state, {
    stage: 'in-transit',
    holder: seller.id,
    underWay: { from: seller.id, to: user.id },
  });
});

t.test('a regulator sees all of what touches its jurisdiction', async (t) => {
  t.match(await ask(regulator, path), { status: 403, body: { code: 'forbidden' } });
  const { deps } = service;
  await deps.ledger.append([
    {
      fact: {
        ...{
          kind: 'party',
          by: deps.genesis.operator,
          id: regulator.id,
          stub: false,
          name: 'R',
          roles: ['regulator'],
        },
        jurisdiction: { regions: ['330000'], places: [] },
      },
    },
  ]);
  const { body } = await ask(regulator, path);
  t.match(body.state, { holder: seller.id, underWay: { to: user.id } });
  t.equal((await shown(regulator)).at(-1), '0 hidden');
});

t.test('nobody else sees anything, and nothing tells a stranger what stands at an entry', async (t) => {
  const told = 'You took no part in its history; verification is open to everybody.';
  for (const url of [path, `${path}/history`, `${path}/findings`])
    t.match(await ask(stranger, url), { status: 403, body: { code: 'forbidden', detail: told } });
  const nothing = { status: 404, body: { code: 'unknown-event' } };
  t.match(await ask(stranger, `/v1/events/${sold.body.facts[0].seq}`), nothing);
  t.match(await ask(stranger, '/v1/events/0'), nothing, 'an entry of another kind');
  t.match(await ask(stranger, '/v1/events/999999999'), nothing, 'no entry at all');
  const taken = await ask(user, `/v1/events/${sold.body.facts[1].seq}`);
  t.equal(taken.status, 200, 'who takes the goods reads the shipment');
  t.notOk('salt' in taken.body, 'the salt is its recorder’s');
});

t.test('a unit and a container as they stood at any moment', async (t) => {
  const carton = container(8);
  const at = `/v1/containers/${carton.slice(3)}`;
  await chain.post(maker, [
    { hop: 'produce', ...day(1), epcs: [unit('C')], place: maker.place },
    { hop: 'pack', ...day(2), epcs: [unit('C')], container: carton, place: maker.place },
    sale(maker, distributor, [carton], 3),
  ]);
  await chain.post(distributor, [
    { hop: 'receive', ...day(4), epcs: [carton], from: maker.id, place: distributor.place },
    { hop: 'unpack', ...day(5), container: carton, place: distributor.place },
    sale(distributor, seller, [unit('C')], 6),
  ]);
  await chain.post(seller, [
    { hop: 'receive', ...day(7), epcs: [unit('C')], from: distributor.id, place: seller.place },
  ]);
  const moment = (n: number) => `?at=2025-07-0${n}T12:00:00%2B08:00`;
  const thing = async (who: Actor, n: number) => {
    const { status, body } = await ask(who, `/v1/units/${gtin}/C${moment(n)}`);
    return status === 200
      ? [body.state.stage, names.get(body.state.holder) ?? null, body.state.container, body.state.hops]
      : [status, body.code];
  };
  t.strictSame(await thing(maker, 1), ['produced', 'maker', null, 1]);
  t.strictSame(await thing(maker, 2), ['produced', 'maker', carton, 2]);
  t.strictSame(await thing(distributor, 3), ['in-transit', 'maker', carton, 3]);
  t.strictSame(await thing(distributor, 4), ['held', 'distributor', carton, 4]);
  t.strictSame(await thing(distributor, 5), ['held', 'distributor', null, 5]);
  t.strictSame(await thing(seller, 6), ['in-transit', 'distributor', null, 6]);
  t.strictSame(await thing(seller, 7), ['held', 'seller', null, 7]);
  t.match((await ask(seller, `/v1/units/${gtin}/C`)).body, { at: null, state: { stage: 'held', hops: 7 } });
  t.match((await ask(seller, `/v1/units/${gtin}/C?at=2025-07-06%2B08:00`)).body, {
    at: '2025-07-06T15:59:59.999Z',
    state: { stage: 'in-transit' },
  });

  const contents = async (query: string) => {
    const { body } = await ask(distributor, `${at}${query}`);
    return [body.at, body.state.stage, names.get(body.state.holder), body.contents, body.contentsTotal];
  };
  t.strictSame(await contents(moment(4)), [
    '2025-07-04T04:00:00.000Z',
    'held',
    'distributor',
    [unit('C')],
    1,
  ]);
  t.strictSame(await contents(moment(5)), ['2025-07-05T04:00:00.000Z', 'held', 'distributor', [], 0]);
  t.strictSame(await contents(''), [null, 'held', 'distributor', [], 0]);

  const refused = (status: number, code: string) => [status, code];
  t.strictSame(await thing(seller, 2), refused(403, 'forbidden'), 'before the step before its own');
  t.match((await ask(seller, `/v1/units/${gtin}/C${moment(2)}`)).body, {
    detail: 'You took no part in its history until then; ask for a later moment.',
  });
  await chain.post(stranger, [{ hop: 'inspect', ...day(1), epcs: [unit('C')], place: stranger.place }]);
  t.strictSame(await thing(stranger, 2), refused(403, 'forbidden'), 'a claim about the past opens nothing');
  for (const [query, code, detail] of [
    ['2025-07-01T12:00:00', 'invalid-time', 'Write the time as 2025-07-01T10:30:00+08:00, with its zone.'],
    [
      '2999-07-01T12:00:00Z',
      'future-time',
      'The time lies in the future; set your clock, or check the date and its zone.',
    ],
  ])
    for (const path of [`/v1/units/${gtin}/C`, at])
      t.match(await ask(maker, `${path}?at=${query}`), {
        status: 422,
        body: { code, detail, errors: [{ pointer: '/at', code }] },
      });
});

t.test('a stranger’s claim opens nothing of what others recorded', async (t) => {
  const lot = `01/${gtin}/10/L1`;
  await chain.post(maker, [
    { hop: 'produce', ...day(1), epcs: [unit('B')], place: maker.place },
    { hop: 'pack', ...day(2), epcs: [unit('B')], container: container(7), place: maker.place },
    { hop: 'produce', ...day(1), epcs: [unit('D')], place: maker.place },
    { hop: 'pack', ...day(2), epcs: [unit('D')], container: container(8), place: maker.place },
    { hop: 'produce', ...day(1), lots: [{ lot, quantity: '500', uom: 'MTR' }], place: maker.place },
  ]);
  const claimed = await chain.post(stranger, [
    { hop: 'receive', ...day(7), epcs: [unit('A'), container(7)], from: seller.id, place: stranger.place },
    { hop: 'receive', ...day(7), epcs: [unit('B')], from: maker.id, place: stranger.place },
    { hop: 'receive', ...day(7), epcs: [container(8)], from: maker.id, place: stranger.place },
    { hop: 'inspect', ...day(7), lots: [{ lot }], place: stranger.place },
  ]);
  const inside = await ask(stranger, `/v1/units/${gtin}/D`);
  t.match(
    inside,
    { status: 403, body: { code: 'forbidden' } },
    'a claim about a container tells not what is inside',
  );
  t.equal(claimed.status, 201);
  const history = await ask(stranger, `${path}/history`);
  t.strictSame([history.body.items.length, history.body.hidden], [1, 6], 'its own word, and no more');
  const packed = await ask(stranger, `/v1/units/${gtin}/B/history`);
  t.ok(packed.body.items.every(({ recorder }: { recorder: string }) => recorder === stranger.id));
  const at = `/v1/containers/${container(7).slice(3)}`;
  const own = { status: 403, body: { detail: /^The record does not lead to you from its maker/ } };
  for (const closed of [at, path, `${path}/findings`])
    t.match(await ask(stranger, closed), own, 'nor how it stands, nor what is wrong with it');
  t.match((await ask(maker, at)).body, { contents: [unit('B')], contentsTotal: 1 });
  const friend = await chain.actor(['distributor']);
  const feigned = await chain.post(stranger, [
    sale(stranger, friend, [unit('A'), container(7), container(8)], 7),
  ]);
  t.equal(feigned.status, 201);
  for (const closed of [at, path, `${path}/findings`]) t.match(await ask(friend, closed), own, 'nor do two');
  t.match(await ask(friend, `/v1/units/${gtin}/D/history`), { status: 403 }, 'not what is inside');
  for (const who of [stranger, friend]) {
    const { items } = (await ask(who, `/v1/units/${gtin}/B/history`)).body;
    t.strictSame([items.length, items[0].via], [1, []], 'nor whether it is inside');
  }
  const evidence = await service.app.inject({
    method: 'POST',
    url: '/v1/evidence',
    headers: { authorization: friend.bearer },
    payload: { epcs: [unit('A')] },
  });
  t.match(evidence.json(), { status: 403, detail: /ties you to/ });
  t.match((await ask(stranger, `/v1/lots/${gtin}/L1`)).body, {
    issued: null,
    made: null,
    balances: [],
    contradictions: [],
  });
  t.match((await ask(maker, `/v1/lots/${gtin}/L1`)).body, { issued: 0, made: '500' });
});

t.test('what nobody recorded is unknown, what cannot be is refused', async (t) => {
  t.match(await ask(maker, `/v1/units/${gtin}/NONE`), { status: 404, body: { code: 'unknown-unit' } });
  t.match(await ask(maker, `/v1/units/06901234567893/A`), {
    status: 422,
    body: { code: 'invalid-check-digit' },
  });
  t.match(await ask(maker, `/v1/units/${gtin}/A%20B`), { status: 422, body: { code: 'invalid-serial' } });
  t.match(await ask(maker, `/v1/lots/${gtin}/NONE`), { status: 404, body: { code: 'unknown-unit' } });
  t.match(await ask(maker, `/v1/containers/${container(99).slice(3)}`), { status: 404 });
});

t.test('reads of what others recorded are kept', async (t) => {
  await service.deps.audit.flush();
  const rows = await service.db.sql<{ party: string; route: string; subject: string }[]>`
    SELECT DISTINCT party, route, subject FROM read_audit WHERE party = ${seller.id} ORDER BY subject`;
  t.strictSame(
    rows.map(({ route, subject }) => [route, subject]),
    [
      ['/v1/units/:gtin/:serial/history', unit('A')],
      ['/v1/units/:gtin/:serial', unit('C')],
    ],
  );
  const refused = await service.db.sql`
    SELECT 1 FROM read_audit WHERE party = ${stranger.id} AND subject = ${unit('C')}`;
  t.equal(refused.length, 0, 'what was refused was not read');
});
