import { compactVerify, importJWK } from 'jose';
import t from 'tap';
import { hopTypes } from '../../../src/core/events/hop.ts';
import { mayRecord } from '../../../src/core/events/hop-rules.ts';
import { prepareFact } from '../../../src/core/log/digest.ts';
import { apiHops } from '../../support/api-hops.ts';
import { testService } from '../../support/service.ts';
import { act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);

const get = (url: string, authorization: string) => ({
  method: 'GET' as const,
  url,
  headers: { authorization },
});

t.test('a hop of every kind becomes its events, in order, with a receipt over them', async (t) => {
  const { maker, distributor, regulator } = chain;
  const made = await chain.post(maker, [
    { hop: 'produce', ...act(), epcs: [unit('A1')] },
    { hop: 'ship', ...act(), epcs: [unit('A1')], place: maker.place, to: distributor.id, transfer: 'sale' },
    { hop: 'hold', ...act(), epcs: [unit('A1')] },
    { hop: 'inspect', ...act(), epcs: [unit('A1')] },
    { hop: 'inspect', ...act(), epcs: [unit('A1')] },
  ]);
  t.equal(made.status, 201, made.text);
  const [, shipment, hold, toVoid, toCorrect] = made.body.facts.map((fact: { id: string }) => fact.id);
  const hops = apiHops(chain, { serial: 'A1', shipment, hold, own: toVoid });
  const own = { ...hops, correct: { ...hops.correct, event: toCorrect } };
  const events: Record<string, number> = {};
  const recorded: Record<string, string[]> = {};
  for (const hop of hopTypes.filter((it) => it !== 'produce')) {
    const actor = mayRecord('manufacturer', hop) ? maker : regulator;
    const answer = await chain.post(actor, [own[hop]]);
    t.equal(answer.status, 201, `${hop}: ${answer.text}`);
    events[hop] = answer.body.facts.length;
    const { seq } = answer.body.facts[0];
    const read = await service.app.inject(get(`/v1/events/${seq}`, actor.bearer));
    const { fact } = read.json();
    recorded[hop] = [fact.type, fact.action ?? '', fact.bizStep ?? '', fact['suyuan:hop']];
  }
  t.match(events, { ship: 1, replace: 2, maintain: 2, refill: 1, relabel: 2, correct: 2, void: 1 });
  t.strictSame(recorded.ship, ['ObjectEvent', 'OBSERVE', 'shipping', 'ship']);
  t.strictSame(recorded.replace, ['AssociationEvent', 'DELETE', 'replacing', 'replace']);
  t.strictSame(recorded.void, ['ObjectEvent', 'OBSERVE', 'inspecting', 'inspect']);
  t.strictSame(recorded.relabel, ['ObjectEvent', 'DELETE', 'decommissioning', 'relabel']);
  t.strictSame(service.logged, []);
});

t.test('the receipt and the salt prove what was recorded', async (t) => {
  const { maker } = chain;
  const { body } = await chain.post(maker, [
    { hop: 'produce', ...act(), epcs: [unit('B2'), unit('B1')] },
    { hop: 'scrap', ...act(), epcs: [unit('B2')] },
  ]);
  const jwks = (await service.app.inject('/.well-known/jwks.json')).json();
  const header = JSON.parse(Buffer.from(body.receipt.split('.')[0], 'base64url').toString());
  const jwk = jwks.keys.find((key: { kid: string }) => key.kid === header.kid);
  const { payload } = await compactVerify(body.receipt, await importJWK(jwk, 'EdDSA'));
  const claimed = JSON.parse(Buffer.from(payload).toString());
  t.strictSame(
    claimed.facts,
    body.facts.map(({ seq, at, leaf, digest }: Record<string, unknown>) => ({ at, digest, leaf, seq })),
  );
  for (const told of body.facts) {
    const read = (await service.app.inject(get(`/v1/events/${told.seq}`, maker.bearer))).json();
    t.strictSame({ leaf: read.leaf, salt: read.salt }, { leaf: told.leaf, salt: told.salt });
    const { digest } = prepareFact(read.fact, Buffer.from(read.salt, 'base64url'));
    t.equal(digest.toString('base64url'), told.digest, 'the salt opens the digest');
    t.equal(read.fact.eventID, told.id);
  }
});

t.test('any spelling of a thing is the same thing', async (t) => {
  const { maker } = chain;
  const spelled = [
    `01/${gtin}/21/S1`,
    `(01)${gtin}(21)S2`,
    `https://any.host/01/${gtin}/21/S3`,
    `urn:epc:id:sgtin:6901234.056789.S4`,
  ];
  const { body } = await chain.post(maker, [{ hop: 'produce', ...act(), epcs: spelled }]);
  const read = (await service.app.inject(get(`/v1/events/${body.facts[0].seq}`, maker.bearer))).json();
  t.strictSame(read.fact.epcList, ['S1', 'S2', 'S3', 'S4'].map(unit));
});

t.test('state follows a unit through containers, late and out of order', async (t) => {
  const { maker, distributor, seller } = chain;
  const ship = { place: maker.place, to: distributor.id, toPlace: distributor.place, transfer: 'sale' };
  const day = (n: number) => act(`2025-07-0${n}T10:00:00+08:00`);
  // The receipt is recorded first, then the packing, then the making.
  await chain.post(distributor, [
    { hop: 'receive', ...day(4), epcs: [container(12)], from: maker.id, place: distributor.place },
  ]);
  await chain.post(maker, [
    { hop: 'ship', ...day(3), epcs: [container(12)], ...ship },
    { hop: 'pack', ...day(2), epcs: [container(11)], container: container(12) },
    { hop: 'pack', ...day(2), epcs: [unit('C1'), unit('C2')], container: container(11) },
    { hop: 'produce', ...day(1), epcs: [unit('C1'), unit('C2')], lot: 'L1' },
  ]);
  const asked = async (who: typeof maker, path: string) =>
    (await service.app.inject(get(path, who.bearer))).json();
  const told = await asked(distributor, `/v1/units/${gtin}/C1`);
  t.match(told, {
    epc: unit('C1'),
    elementString: `(01)${gtin}(21)C1`,
    state: { stage: 'held', holder: distributor.id, place: distributor.place, container: container(11) },
    contradictions: [],
  });
  const history = await asked(distributor, `/v1/units/${gtin}/C1/history`);
  t.strictSame(
    history.items.map((item: Record<string, unknown>) => [item.hop, item.standing, item.via]),
    [
      ['produce', 'holder', []],
      ['pack', 'holder', []],
      ['ship', 'holder', [container(11), container(12)]],
      ['receive', 'counterparty', [container(11), container(12)]],
    ],
    'a carton that stood on the pallet takes its contents along',
  );
  t.strictSame((await asked(distributor, `/v1/containers/${container(11).slice(3)}`)).contents, [
    unit('C1'),
    unit('C2'),
  ]);
  t.strictSame((await asked(distributor, `/v1/containers/${container(12).slice(3)}`)).contents, [
    container(11),
  ]);

  await chain.post(distributor, [
    { hop: 'unpack', ...day(5), epcs: [unit('C1')], container: container(11) },
    { hop: 'ship', ...day(6), epcs: [unit('C1')], place: distributor.place, to: seller.id, transfer: 'sale' },
  ]);
  await chain.post(seller, [
    { hop: 'receive', ...day(7), epcs: [unit('C1')], from: distributor.id },
    { hop: 'sell', ...day(8), epcs: [unit('C1')] },
  ]);
  t.match((await asked(seller, `/v1/units/${gtin}/C1`)).state, {
    stage: 'sold',
    holder: null,
    container: null,
  });
  t.strictSame((await asked(distributor, `/v1/containers/${container(11).slice(3)}`)).contents, [unit('C2')]);
});

t.test('void and correction take back what their recorder recorded', async (t) => {
  const { maker } = chain;
  const { body } = await chain.post(maker, [
    { hop: 'produce', ...act(), epcs: [unit('D1')] },
    { hop: 'scrap', ...act('2025-07-02T10:00:00+08:00'), epcs: [unit('D1')] },
  ]);
  const stage = async () =>
    (await service.app.inject(get(`/v1/units/${gtin}/D1`, maker.bearer))).json().state.stage;
  t.equal(await stage(), 'scrapped');
  const replacement = { hop: 'destroy', ...act('2025-07-02T10:00:00+08:00'), epcs: [unit('D1')] };
  const corrected = await chain.post(maker, [
    { hop: 'correct', ...act(), event: body.facts[1].id, replacement },
  ]);
  t.equal(await stage(), 'destroyed');
  t.strictSame(
    corrected.body.facts.map((it: { hop: number }) => it.hop),
    [0, 0],
  );
  await chain.post(maker, [{ hop: 'void', ...act(), event: corrected.body.facts[1].id, reason: '误登' }]);
  t.equal(await stage(), 'produced');
});

t.test('goods by measure: balances of a lot', async (t) => {
  const { maker, distributor } = chain;
  const metres = (quantity: string) => ({ lots: [{ lot: lot('H1'), quantity, uom: 'MTR' }] });
  const make = { hop: 'produce', ...act(), ...metres('100') };
  await chain.post(maker, [
    make,
    { hop: 'produce', ...act(), ...metres('20.5') },
    { hop: 'ship', ...act(), ...metres('60'), place: maker.place, to: distributor.id, transfer: 'sale' },
  ]);
  await chain.post(distributor, [{ hop: 'receive', ...act(), ...metres('60'), from: maker.id }]);
  const told = (await service.app.inject(get(`/v1/lots/${gtin}/H1`, maker.bearer))).json();
  t.equal(told.made, '120.5');
  t.match(told.balances, [
    { party: maker.id, level: 0, made: '120.5', gave: '60', has: '60.5' },
    { party: distributor.id, level: 1, received: '60', has: '60' },
  ]);
  const page = (await service.app.inject(get(`/v1/lots/${gtin}/H1/history?limit=3`, maker.bearer))).json();
  t.strictSame(
    page.items.map((it: Record<string, unknown>) => [it.hop, it.amount, it.uom]),
    [
      ['produce', '100', 'MTR'],
      ['produce', '20.5', 'MTR'],
      ['ship', '60', 'MTR'],
    ],
  );
  const rest = await service.app.inject(
    get(`/v1/lots/${gtin}/H1/history?limit=3&cursor=${page.next}`, maker.bearer),
  );
  t.match(rest.json(), { items: [{ hop: 'receive' }], next: null });
});

t.test('of one lot kilograms, grams and tonnes add up, and metres are found', async (t) => {
  const { maker, distributor, stranger } = chain;
  const goods = (quantity: string, uom: string) => ({ lots: [{ lot: lot('K1'), quantity, uom }] });
  const shipped = (quantity: string, uom: string) => ({
    hop: 'ship',
    ...act(),
    ...goods(quantity, uom),
    place: maker.place,
    to: distributor.id,
    transfer: 'sale',
  });
  const stray = { hop: 'scrap', ...act(), ...goods('9', 'MTR') };
  t.equal((await chain.post(stranger, [stray])).status, 201);
  const answer = await chain.post(maker, [
    { hop: 'produce', ...act(), ...goods('100', 'KGM') },
    shipped('0.05', 'TNE'),
    shipped('5000', 'GRM'),
    shipped('7', 'MTR'),
  ]);
  t.equal(answer.status, 201);
  const { seq } = answer.body.facts[0];
  await chain.post(distributor, [
    { hop: 'receive', ...act(), ...goods('55', 'KGM'), from: maker.id },
    { hop: 'sell', ...act(), ...goods('0.5', 'GRM') },
  ]);
  const told = (await service.app.inject(get(`/v1/lots/${gtin}/K1`, maker.bearer))).json();
  t.match(told, {
    uom: 'KGM',
    made: '100',
    balances: [
      { party: maker.id, gave: '55', has: '45' },
      { party: distributor.id, received: '55', used: '0.0005', has: '54.9995' },
    ],
  });
  t.match(
    told.contradictions.filter(({ severity }: { severity: string }) => severity !== 'claim'),
    [{ rule: 'measured-in-another-kind', severity: 'quality', entries: [seq, seq + 3] }],
    'with both sides, and nothing else',
  );
  const flow = (await service.app.inject(get(`/v1/batches/${gtin}/K1/flow`, maker.bearer))).json();
  t.match(flow.measured, { uom: 'KGM', made: '100' });
  t.strictSame(
    flow.measured.edges.map((it: Record<string, string>) => [it.quantity, it.underWay]),
    [
      ['55', '0'],
      ['0.0005', '0'],
    ],
  );
});

t.test('who is named for the first time comes into being with the hop, once', async (t) => {
  const { maker } = chain;
  const to = { name: '临安五金店', region: '330112' };
  const sell = () => ({ hop: 'sell', ...act(), epcs: [unit('E1')], to });
  const { body } = await chain.post(maker, [sell(), sell()]);
  t.strictSame(
    body.facts.map(({ hop, kind }: Record<string, unknown>) => [hop, kind]),
    [
      [null, 'party'],
      [0, 'event'],
      [1, 'event'],
    ],
  );
  const again = await chain.post(maker, [sell()]);
  t.equal(again.body.facts.length, 1, 'the next hop finds it');
  const read = (await service.app.inject(get(`/v1/events/${again.body.facts[0].seq}`, maker.bearer))).json();
  t.match(read.fact.destinationList, [{ destination: `party/${body.facts[0].id}` }]);
  const racing = { name: '同时登记', creditCode: '91350100M000100Y43' };
  const raced = await Promise.all([1, 2, 3, 4].map(() => chain.post(maker, [{ ...sell(), to: racing }])));
  t.strictSame(
    raced.map(({ status }) => status),
    [201, 201, 201, 201],
  );
  const newcomers = raced.flatMap(({ body }) =>
    body.facts.filter((it: { kind: string }) => it.kind === 'party'),
  );
  t.equal(newcomers.length, 1, 'several requests at once bring one party into being');
});

t.test('personal data stays out of what the log commits to', async (t) => {
  const hop = { hop: 'sell', ...act(), epcs: [unit('F1')], private: { buyer: '张三', phone: '13900000000' } };
  const { body } = await chain.post(chain.seller, [hop]);
  const { seq } = body.facts[0];
  const [fact] = await service.db.sql`SELECT payload FROM facts WHERE seq = ${seq}`;
  const [kept] = await service.db.sql`SELECT value FROM privates WHERE seq = ${seq}`;
  t.notMatch(fact?.payload, /张三|private/);
  t.strictSame(JSON.parse(kept?.value), hop.private);
});
