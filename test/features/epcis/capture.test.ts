import t from 'tap';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import type { PlaceId } from '../../../src/core/events/hop.ts';
import { createCaptureRunner } from '../../../src/features/epcis/capturing.ts';
import { captureById, claimCapture } from '../../../src/features/epcis/jobs.ts';
import { createEventReader } from '../../../src/features/epcis/reading.ts';
import { createKnown } from '../../../src/features/events/known.ts';
import { newId } from '../../../src/features/new-id.ts';
import { followerProjections, projections } from '../../../src/features/projections.ts';
import { mastersOf } from '../../../src/features/units/histories.ts';
import { rebuild } from '../../../src/ledger/rebuild.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, supplyChain, unit } from '../../support/supply-chain.ts';
import { until } from '../../support/until.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { app, deps } = service;
const { host } = deps.genesis;
const { maker, distributor, stranger } = chain;

/** EPC URNs of the maker's GTIN, whose company prefix has seven digits. */
const urn = (serial: string): string => `urn:epc:id:sgtin:6901234.056789.${serial}`;
const party = ({ id }: Actor): string => `https://${host}/party/${id}`;
const place = (actor: Actor): string => `https://${host}/${actor.place}`;
const when = { eventTime: '2025-07-01T02:30:00.000Z', eventTimeZoneOffset: '+08:00' };
const made = (serial: string, more: object = {}) => ({
  type: 'ObjectEvent',
  ...when,
  action: 'ADD',
  bizStep: 'commissioning',
  disposition: 'active',
  epcList: [urn(serial)],
  ...more,
});
const shipped = (serial: string, more: object = {}) => ({
  type: 'ObjectEvent',
  ...when,
  eventTime: '2025-07-02T02:30:00.000Z',
  action: 'OBSERVE',
  bizStep: 'shipping',
  disposition: 'in_transit',
  epcList: [urn(serial)],
  readPoint: { id: place(maker) },
  destinationList: [
    { type: 'owning_party', destination: party(distributor) },
    { type: 'possessing_party', destination: party(distributor) },
  ],
  ...more,
});
const received = (serial: string, more: object = {}) => ({
  ...shipped(serial),
  eventTime: '2025-07-03T02:30:00.000Z',
  bizStep: 'receiving',
  disposition: 'in_progress',
  readPoint: { id: place(distributor) },
  sourceList: [{ type: 'possessing_party', source: party(maker) }],
  ...more,
});
const document = (...eventList: readonly object[]) => ({
  '@context': [
    'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
    { acme: 'https://ns.acme.example/epcis/' },
  ],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2025-07-03T10:00:00Z',
  epcisBody: { eventList },
});

const send = async (who: Actor, method: 'GET' | 'POST', url: string, payload?: object, headers = {}) =>
  app.inject({
    method,
    url: `/epcis/v2${url}`,
    headers: {
      authorization: who.bearer,
      ...(payload ? { 'content-type': 'application/ld+json' } : {}),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
const capture = async (who: Actor, payload: object, behaviour = 'rollback') =>
  send(who, 'POST', '/capture', payload, { prefer: 'wait=60', 'gs1-capture-error-behaviour': behaviour });
const stateOf = async (serial: string) => {
  const [, gtin] = unit(serial).split('/');
  const answer = await app.inject({
    url: `/v1/units/${gtin}/${serial}`,
    headers: { authorization: maker.bearer },
  });
  return answer.json().state;
};

t.test('two doors, one room: hops and events of EPCIS tell one history', async (t) => {
  const answers = [
    await send(maker, 'POST', '/events', made('E1')),
    await send(maker, 'POST', '/events', shipped('E1')),
    await send(distributor, 'POST', '/events', received('E1', { bizLocation: { id: 'urn:x:dock' } })),
  ];
  t.strictSame(
    answers.map(({ statusCode }) => statusCode),
    [201, 201, 201],
    answers.map(({ body }) => body).join(),
  );
  const sold = await chain.post(distributor, [
    { hop: 'sell', ...act('2025-07-04T10:00:00+08:00'), epcs: [unit('E1')] },
  ]);
  t.equal(sold.status, 201);
  const hops = await service.db.sql`
    SELECT hop, recorder, giver, taker, as_role AS as, transfer, zone FROM hops h
    JOIN unit_chain c USING (seq) JOIN epcs e USING (unit) WHERE e.epc = ${unit('E1')} ORDER BY seq`;
  t.match(hops, [
    { hop: 'produce', recorder: maker.id, giver: null, as: 'manufacturer', zone: 480 },
    { hop: 'ship', giver: maker.id, taker: distributor.id, transfer: 'sale' },
    { hop: 'receive', giver: maker.id, taker: distributor.id, as: 'distributor' },
    { hop: 'sell', giver: distributor.id },
  ]);
  t.match(await stateOf('E1'), { stage: 'sold' });
  const findings = await app.inject({
    url: `/v1/units/${unit('E1').split('/')[1]}/E1/findings`,
    headers: { authorization: maker.bearer },
  });
  t.strictSame(findings.json().items, [], 'nothing contradicts');
});

t.test('an event is kept as it was sent, named by its hash, and stands where Location says', async (t) => {
  const sent = made('E2', { '@context': { acme: 'https://ns.acme.example/epcis/' }, 'acme:line': '7' });
  const answer = await send(maker, 'POST', '/events', sent);
  const eventID = eventHash(sent, host);
  t.equal(answer.headers.location, `/epcis/v2/events/${encodeURIComponent(eventID)}`);
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  const { facts, receipt } = answer.json();
  t.match(facts, [{ kind: 'event', id: eventID }]);
  t.match(receipt, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const read = await app.inject({
    url: `/v1/events/${facts[0].seq}`,
    headers: { authorization: maker.bearer },
  });
  t.strictSame(read.json().fact, {
    ...sent,
    epcList: [unit('E2')],
    eventID,
    kind: 'event',
    by: maker.id,
    captured: { as: 'manufacturer', prefixes: ['6901234'] },
  });
});

t.test('what a party may not, in the words of the standard', async (t) => {
  const own = 'urn:uuid:6926712e-599f-4c4e-b6e9-8dd888c906b1';
  t.equal((await send(maker, 'POST', '/events', made('E3', { eventID: own }))).statusCode, 201);
  const declared = { errorDeclaration: { declarationTime: '2025-07-04T10:00:00Z', reason: 'did_not_occur' } };
  const cases: readonly (readonly [Actor, object, number, string, string])[] = [
    [maker, made('E3', { eventID: own }), 409, 'ResourceAlreadyExists', 'duplicate-event'],
    [distributor, made('E4'), 403, 'Security', 'hop-not-allowed'],
    [
      maker,
      made('E4', { epcList: ['urn:epc:id:sgtin:6923450.065723.E4'] }),
      403,
      'Security',
      'gtin-not-owned',
    ],
    // Whether others recorded it is not told to whoever guesses its eventID.
    [stranger, made('E3', { eventID: own, ...declared }), 404, 'NoSuchResource', 'unknown-event'],
    [maker, made('E3', { eventID: 'urn:x:none', ...declared }), 404, 'NoSuchResource', 'unknown-event'],
    [maker, made('E5', { eventID: own, ...declared }), 400, 'Validation', 'invalid-request'],
    [maker, made('E6', { eventTime: '2099-01-01T00:00:00Z' }), 400, 'Validation', 'future-time'],
    [
      maker,
      made('E6', { epcList: ['urn:epc:id:sgtin:6901234.5.E6'] }),
      400,
      'Validation',
      'invalid-identifier',
    ],
    [
      maker,
      made('E6', { 'suyuan:as': 'regulator', '@context': { suyuan: `https://${host}/ns/` } }),
      403,
      'Security',
      'hop-not-allowed',
    ],
  ];
  for (const [who, event, status, exception, code] of cases) {
    const answer = await send(who, 'POST', '/events', event);
    t.match(answer.json(), { status, type: `epcisException:${exception}Exception`, code }, answer.body);
    t.equal(answer.statusCode, status);
  }
  t.equal((await send(maker, 'POST', '/events', made('E3', { eventID: own, ...declared }))).statusCode, 201);
  t.match(await stateOf('E3'), { stage: 'unknown' }, 'the declaration took the event out');
  const stale = await app.inject({ method: 'POST', url: '/epcis/v2/events', payload: {} });
  t.match(stale.json(), { status: 401, type: 'epcisException:SecurityException' });
});

t.test('who tells of another’s place reports, and gives nothing', async (t) => {
  await send(maker, 'POST', '/events', made('E7'));
  const told = await send(stranger, 'POST', '/events', shipped('E7', { destinationList: [] }));
  t.equal(told.statusCode, 201);
  const [row] = await service.db.sql`
    SELECT h.giver, f.payload::jsonb -> 'captured' AS captured FROM hops h JOIN facts f USING (seq)
    WHERE h.recorder = ${stranger.id} ORDER BY seq DESC LIMIT 1`;
  t.match(row, { giver: null, captured: { as: 'distributor', reporter: true } });
  t.match(await stateOf('E7'), { stage: 'produced' }, 'and nothing moves');
});

/** The newest hop of a recorder. */
const newestOf = async (who: Actor) => {
  const [row] = await service.db.sql`
    SELECT giver, reporter FROM hops WHERE recorder = ${who.id} ORDER BY seq DESC LIMIT 1`;
  return row;
};

t.test('a place is whose GLN it is, and so are its parts', async (t) => {
  const id = `414/${'6901234000016'}` as PlaceId;
  await deps.ledger.append([
    {
      fact: {
        kind: 'place',
        by: maker.id,
        id,
        party: maker.id,
        type: 'factory',
        name: 'F',
        region: '330106',
      },
    },
  ]);
  await send(maker, 'POST', '/events', made('E8'));
  for (const extension of ['0', 'dock3']) {
    const readPoint = { id: `urn:epc:id:sgln:6901234.00001.${extension}` };
    const told = await send(stranger, 'POST', '/events', shipped('E8', { readPoint, destinationList: [] }));
    t.equal(told.statusCode, 201, told.body);
    t.match(await newestOf(stranger), { giver: null, reporter: true });
    await send(maker, 'POST', '/events', shipped('E8', { readPoint, destinationList: [] }));
    t.match(await newestOf(maker), { giver: maker.id, reporter: false });
  }
});

t.test('who acts for the keeper of a place, or has it act, does not report', async (t) => {
  const [keeper, agent] = [await chain.actor(['distributor']), await chain.actor(['distributor'])];
  const at = { readPoint: { id: place(keeper) }, destinationList: [] };
  await send(agent, 'POST', '/events', shipped('E9', at));
  t.match(await newestOf(agent), { giver: null, reporter: true });
  const grant = {
    ...({ kind: 'delegation', by: keeper.id, id: newId(), from: keeper.id, to: agent.id } as const),
    ...{ gtins: [], places: [], acts: ['ship'], revoked: false },
    ...{ validFrom: '2025-01-01T00:00:00+08:00', validUntil: '2099-01-01T00:00:00+08:00' },
  };
  await deps.ledger.append([{ fact: grant }]);
  await send(agent, 'POST', '/events', shipped('E9', { ...at, eventTime: '2025-07-02T03:30:00.000Z' }));
  t.match(await newestOf(agent), { giver: agent.id, reporter: false });
});

t.test(
  'a consignee that reports how things left the maker’s has not received them, nor shipped them',
  async (t) => {
    const to = (actor: Actor) => [{ type: 'possessing_party', destination: party(actor) }];
    for (const event of [made('E10'), shipped('E10', { destinationList: to(distributor) })])
      t.equal((await send(maker, 'POST', '/events', event)).statusCode, 201);
    const report = shipped('E10', { destinationList: to(chain.user) });
    t.equal((await send(distributor, 'POST', '/events', report)).statusCode, 201);
    t.match(await newestOf(distributor), { giver: null, reporter: true });
    t.match(await stateOf('E10'), {
      stage: 'in-transit',
      holder: maker.id,
      underWay: { to: distributor.id },
    });
    const own = { ...report, sourceList: [{ type: 'possessing_party', source: party(distributor) }] };
    t.equal((await send(distributor, 'POST', '/events', own)).statusCode, 201);
    t.match(
      await stateOf('E10'),
      { stage: 'in-transit', holder: distributor.id },
      'its own word is that it took them there',
    );
  },
);

t.test('who tells finely how things go out and come in moves them no less', async (t) => {
  await send(maker, 'POST', '/events', made('E11'));
  await send(maker, 'POST', '/events', shipped('E11', { bizStep: 'departing' }));
  t.match(await stateOf('E11'), { stage: 'in-transit', underWay: { to: distributor.id } });
  await send(distributor, 'POST', '/events', received('E11', { bizStep: 'arriving' }));
  t.match(await stateOf('E11'), { stage: 'in-transit' }, 'at the gate, and not yet taken in');
  const accepted = received('E11', { bizStep: 'accepting', eventTime: '2025-07-03T03:30:00.000Z' });
  await send(distributor, 'POST', '/events', accepted);
  t.match(await stateOf('E11'), { stage: 'held', holder: distributor.id });
});

t.test('goods in every unit of measure count, and those in units of another kind are found', async (t) => {
  const goods = (quantity: number, uom: string) => ({
    epcList: undefined,
    quantityList: [{ epcClass: 'urn:epc:class:lgtin:6901234.056789.P1', quantity, uom }],
  });
  const events = [
    made('', goods(100, 'KGM')),
    shipped('', goods(100, 'LBR')),
    shipped('', { ...goods(3, 'XBX'), eventTime: '2025-07-02T03:30:00.000Z' }),
    shipped('', { ...goods(200, 'LBR'), eventTime: '2025-07-02T04:30:00.000Z' }),
  ];
  const seqs: number[] = [];
  for (const event of events) {
    const answer = await send(maker, 'POST', '/events', event);
    t.equal(answer.statusCode, 201, answer.body);
    seqs.push(answer.json().facts[0].seq);
  }
  const [gtin] = unit('').split('/').slice(1);
  const told = await app.inject({ url: `/v1/lots/${gtin}/P1`, headers: { authorization: maker.bearer } });
  const [produced = 0, , boxes = 0, beyond = 0] = seqs;
  t.match(told.json(), {
    uom: 'KGM',
    balances: [{ party: maker.id, made: '100', gave: '136.077711', has: '-36.077711' }],
    contradictions: [
      { rule: 'measured-in-another-kind', entries: [produced, boxes] },
      { rule: 'lot-quantity-exceeded', entries: [produced, beyond] },
    ],
  });
  for (const [quantity, uom] of [
    [1e13, 'KGM'],
    [1.5, 'EA'],
  ] as const) {
    const refused = await send(maker, 'POST', '/events', shipped('', goods(quantity, uom)));
    t.match(refused.json(), {
      status: 400,
      code: 'invalid-quantity',
      errors: [{ pointer: '/quantityList/0/quantity' }],
    });
  }
});

t.test('a document is a job: all of it or none', async (t) => {
  const before = await chain.size();
  const good = await capture(maker, document(made('D1'), shipped('D1')));
  t.equal(good.statusCode, 202, good.body);
  t.match(good.headers, {
    location: `/epcis/v2/capture/${good.json().captureID}`,
    'gs1-epcis-capture-limit': '10000',
    'gs1-epcis-version': '2.0.0',
  });
  t.match(good.json(), { running: false, success: true, captureErrorBehaviour: 'rollback', errors: [] });
  t.equal(await chain.size(), before + 2);
  const bad = await capture(maker, document(made('D2'), made('D3', { bizStep: 'polishing' }), made('D2')));
  t.match(bad.json(), {
    success: false,
    errors: [
      { type: 'epcisException:ValidationException', errors: [{ pointer: '/epcisBody/eventList/1/bizStep' }] },
      {
        type: 'epcisException:ResourceAlreadyExistsException',
        errors: [{ pointer: '/epcisBody/eventList/2/eventID' }],
      },
    ],
  });
  t.equal(await chain.size(), before + 2, 'nothing of it is recorded');
  const again = await capture(maker, document(made('D1')));
  t.match(again.json(), { success: false, errors: [{ status: 409, code: 'duplicate-event' }] });
  const query = {
    ...document(),
    type: 'EPCISQueryDocument',
    epcisBody: { queryResults: { queryName: 'q', resultsBody: { eventList: [made('D4')] } } },
  };
  t.match((await capture(maker, query)).json(), { success: true });
  t.match((await capture(maker, { ...document(), epcisBody: { event: made('D5') } })).json(), {
    success: true,
  });
});

t.test('or whatever of it can be recorded', async (t) => {
  const before = await chain.size();
  const events = [made('P1'), made('P2', { colour: 'red' }), made('D1'), made('P3'), made('P3')];
  const answer = await capture(maker, document(...events), 'proceed');
  const { success, errors } = answer.json();
  t.notOk(success);
  t.strictSame(
    errors.map(({ code, errors }: { code: string; errors: { pointer: string }[] }) => [
      code,
      errors[0]?.pointer,
    ]),
    [
      ['unknown-member', '/epcisBody/eventList/1/colour'],
      ['duplicate-event', '/epcisBody/eventList/2/eventID'],
      ['duplicate-event', '/epcisBody/eventList/4/eventID'],
    ],
  );
  t.equal(await chain.size(), before + 2);
});

t.test('jobs are told to whoever made them, page by page', async (t) => {
  const first = await send(maker, 'GET', '/capture?perPage=3');
  t.equal(first.json().length, 3);
  const next = /<\/epcis\/v2(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
  const second = await send(maker, 'GET', next);
  const ids = [...first.json(), ...second.json()].map(({ captureID }: { captureID: string }) => captureID);
  t.equal(new Set(ids).size, 6);
  t.notOk(second.headers.link);
  const one = await send(maker, 'GET', `/capture/${ids[0]}`);
  t.strictSame(one.json(), first.json()[0]);
  t.match((await send(stranger, 'GET', `/capture/${ids[0]}`)).json(), {
    status: 404,
    type: 'epcisException:NoSuchResourceException',
    code: 'unknown-capture',
  });
});

t.test('limits and versions are told, and kept', async (t) => {
  const asked = await app.inject({ method: 'OPTIONS', url: '/epcis/v2/capture' });
  t.match(asked.headers, {
    allow: 'OPTIONS, GET, POST',
    'gs1-epcis-capture-limit': '10000',
    'gs1-epcis-min': '2.0.0',
  });
  const many = document(...Array.from({ length: 10_001 }, () => ({})));
  t.match((await capture(maker, many)).json(), {
    status: 413,
    code: 'too-many-events',
    type: 'epcisException:CaptureLimitExceededException',
  });
  const wide = made('W', { epcList: Array.from({ length: 100_001 }, (_, i) => urn(`W${i}`)) });
  t.match((await capture(maker, document(wide))).json(), { status: 413, code: 'too-many-epcs' });
  const prefixes = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`p${i}`, 'urn:p:']));
  for (const [payload, pointer] of [
    [{}, '/type'],
    [{ ...document(), schemaVersion: '1.2' }, '/schemaVersion'],
    [{ ...document(), creationDate: 1 }, '/creationDate'],
    [{ ...document(), creationDate: 'tomorrow' }, '/creationDate'],
    [{ ...document(), '@context': undefined }, '/@context'],
    [{ ...document(), colour: 'red' }, '/colour'],
    [{ ...document(), epcisBody: {} }, '/epcisBody'],
    [{ ...document(), '@context': prefixes }, '/@context'],
  ] as const)
    t.match((await capture(maker, payload)).json(), { status: 400, errors: [{ pointer }] });
  const old = await send(maker, 'POST', '/events', made('V'), { 'gs1-epcis-version': '1.2' });
  t.match(old.json(), { status: 406, type: 'epcisException:NotAcceptableException' });
  const text = await send(maker, 'POST', '/events', made('V'), { 'content-type': 'text/plain' });
  t.match(text.json(), { status: 415, type: 'epcisException:UnsupportedMediaTypeException' });
});

t.test('a document of more names than any event bears is taken in parts', async (t) => {
  const wide = (event: number, names: number) =>
    made(
      `Y${event}`,
      Object.fromEntries(Array.from({ length: names }, (_, n) => [`acme:y${event}-${n}`, n])),
    );
  const events = [1, 2, 3, 4, 5].map((event) => wide(event, 9_990));
  const answer = (await capture(maker, document(...events, wide(6, 50)))).json();
  t.match(answer, { status: 413, code: 'body-too-large', errors: [{ pointer: '/epcisBody/eventList/5' }] });
  t.match((await capture(maker, document(...events.slice(0, 1), wide(6, 50)))).json(), { success: true });
});

t.test('of very many events that are wrong the first are told, and how many there are', async (t) => {
  const events = Array.from({ length: 1_003 }, (_, i) => made(`B${i}`, { action: 'none' }));
  const job = (await capture(maker, document(made('G1'), ...events), 'proceed')).json();
  t.equal(job.errors.length, 1_000);
  t.match(job, { running: false, success: false, 'suyuan:errorCount': 1_003 });
  const again = await send(maker, 'GET', `/capture/${job.captureID}`, undefined, {
    accept: 'application/xml',
  });
  t.match(again.body, '<suyuan:errorCount>1003</suyuan:errorCount></epcis:EPCISCaptureJob>');
});

t.test(
  'whoever takes by a GLN that nobody registered becomes a stub, and the goods are with it',
  async (t) => {
    const pgln = (n: number) => `urn:epc:id:pgln:690200000.00${n}`;
    const to = (serial: string, destination: string, more = {}) =>
      shipped(serial, { destinationList: [{ type: 'possessing_party', destination }], ...more });
    const takerOf = async (serial: string) => {
      const [row] = await service.db.sql`
      SELECT h.taker, p.body FROM hops h JOIN unit_chain c USING (seq) JOIN epcs e USING (unit)
      LEFT JOIN parties p ON p.id = h.taker
      WHERE e.epc = ${unit(serial)} AND hop = 'ship'`;
      return row;
    };
    await capture(maker, document(...['N1', 'N2', 'N3', 'N4', 'N5', 'N6'].map((it) => made(it))));
    const before = await chain.size();
    const first = await send(maker, 'POST', '/events', to('N1', pgln(1)));
    t.match(first.json(), {
      facts: [
        { kind: 'party', hop: null },
        { kind: 'event', hop: 0 },
      ],
    });
    const stub = await takerOf('N1');
    t.match(stub, { body: { by: maker.id, stub: true, name: 'GLN 6902000000018', gln: '6902000000018' } });
    const rest = document(
      to('N2', pgln(1)),
      to('N3', pgln(2)),
      to('N4', pgln(2)),
      to('N5', pgln(3), { eventTime: '2099-01-01T00:00:00Z' }),
    );
    t.match((await capture(maker, rest, 'proceed')).json(), { 'suyuan:errorCount': 1 });
    t.equal((await takerOf('N2'))?.taker, stub?.taker, 'the same party again');
    t.equal((await takerOf('N3'))?.taker, (await takerOf('N4'))?.taker);
    t.equal(await chain.size(), before + 2 + 4, 'of an event that is not recorded nobody comes into being');
    const site = to('N6', 'urn:epc:id:sgln:690200000.004.0');
    t.match((await send(maker, 'POST', '/events', site)).json(), { facts: [{ kind: 'event' }] });
    t.equal((await takerOf('N6'))?.taker, null, 'a place is no party');
    const racing = await Promise.all(
      ['N7', 'N8', 'N9'].map((it) => send(maker, 'POST', '/events', to(it, pgln(5)))),
    );
    t.ok(
      racing.every(({ statusCode }) => statusCode === 201),
      racing.map(({ body }) => body).join(),
    );
    t.equal(
      new Set(await Promise.all(['N7', 'N8', 'N9'].map(async (it) => (await takerOf(it))?.taker))).size,
      1,
    );
  },
);

t.test('a job that dies is taken up where it was, and says the same', async (t) => {
  const events = Array.from({ length: 1_200 }, (_, i) =>
    made(`R${i}`, i % 600 === 7 ? { action: 'none' } : {}),
  );
  const id = newId();
  await service.db.sql`
    INSERT INTO captures (id, party, client, roles, created_at, behaviour, state, document, total, done, errors, lease_until)
    VALUES (${id}, ${maker.id}, 'test', '["manufacturer"]', 1, 'proceed', 'running', ${JSON.stringify(document(...events))},
      ${events.length}, 0, '[]', 0)`;
  const recording = {
    ...deps,
    known: createKnown(deps.db.sql, deps.policies),
    masters: mastersOf(deps.ledger, deps.db.sql),
    reader: createEventReader(),
  };
  t.teardown(() => recording.reader.close());
  const quiet = { error() {} };
  let appended = 0;
  const dying = {
    ...recording,
    ledger: {
      ...deps.ledger,
      // The process dies after the log has the second part, and before it is noted.
      append: async (...submission: Parameters<typeof deps.ledger.append>) => {
        const recorded = await deps.ledger.append(...submission);
        if (++appended === 2) throw new Error('killed');
        return recorded;
      },
    },
  };
  const before = await chain.size();
  await t.rejects(createCaptureRunner(dying, quiet).run(id), { message: 'killed' });
  t.equal(await chain.size(), before + 499 + 499, 'two parts are in the log');
  t.match(await captureById(service.db.sql, maker.id, id), { done: 500, finishedAt: null });
  t.equal(await claimCapture(service.db, id, 1), null, 'for a while it is left alone');
  await service.db.sql`UPDATE captures SET lease_until = 0 WHERE id = ${id}`;
  await createCaptureRunner(recording, quiet).run(id);
  t.equal(await chain.size(), before + 1_198);
  const job = await captureById(service.db.sql, maker.id, id);
  t.match(job, { done: 1_200, errors: [{ event: 7 }, { event: 607 }] });
  t.equal(job?.errors.length, 2, 'what was recorded with a part before is no error');
});

t.test('a document is recorded whole or not at all, however long it is', async (t) => {
  const before = await chain.size();
  const events = Array.from({ length: 501 }, (_, i) => made(`W${i}`, i === 500 ? { action: 'none' } : {}));
  const answer = (await capture(maker, document(...events))).json();
  t.match(answer, { running: false, success: false, errors: [{ errors: [{ pointer: /\/500\/action$/ }] }] });
  t.equal(await chain.size(), before, 'nothing of it is recorded');
  const whole = (await capture(maker, document(...events.slice(0, 500), made('W500')))).json();
  t.match(whole, { success: true, errors: [] });
  t.equal(await chain.size(), before + 501);
});

/** A job as it was accepted, which nobody works on. */
const leave = async (behaviour: string, ...events: readonly object[]): Promise<string> => {
  const id = newId();
  await service.db.sql`
    INSERT INTO captures (id, party, client, roles, created_at, behaviour, state, document, total, done, errors, lease_until)
    VALUES (${id}, ${maker.id}, 'test', '["manufacturer"]', 1, ${behaviour}, 'running',
      ${JSON.stringify(document(...events))}, ${events.length}, 0, '[]', ${Number.MAX_SAFE_INTEGER})`;
  return id;
};
const giveFree = (id: string) => service.db.sql`UPDATE captures SET lease_until = 0 WHERE id = ${id}`;

t.test('a rollback job that dies after it was recorded ends as recorded, once', async (t) => {
  const id = await leave('rollback', made('DR1'), made('DR2'));
  const recording = {
    ...deps,
    known: createKnown(deps.db.sql, deps.policies),
    masters: mastersOf(deps.ledger, deps.db.sql),
    reader: createEventReader(),
  };
  t.teardown(() => recording.reader.close());
  const ledger = {
    ...deps.ledger,
    append: async (...submission: Parameters<typeof deps.ledger.append>) => {
      await deps.ledger.append(...submission);
      throw new Error('killed');
    },
  };
  const quiet = { error() {} };
  const before = await chain.size();
  await giveFree(id);
  await t.rejects(createCaptureRunner({ ...recording, ledger }, quiet).run(id), { message: 'killed' });
  t.match(await captureById(service.db.sql, maker.id, id), { done: 0, finishedAt: null });
  await giveFree(id);
  await createCaptureRunner(recording, quiet).run(id);
  const job = await captureById(service.db.sql, maker.id, id);
  t.match(job, { done: 2, finishedAt: Number });
  t.strictSame(job?.errors, [], 'what is recorded is no duplicate of itself');
  t.equal(await chain.size(), before + 2);
});

t.test('a service takes up what a process left that died', async (t) => {
  const id = await leave('proceed', made('LB1'));
  await giveFree(id);
  await until(async () => (await captureById(service.db.sql, maker.id, id))?.finishedAt !== null);
  t.match(await captureById(service.db.sql, maker.id, id), { done: 1, errors: [] });
});

t.test('a body that is too large is refused, in JSON too', async (t) => {
  const payload = JSON.stringify({ ...document(), 'acme:filler': 'x'.repeat(33 * 1024 * 1024) });
  const answer = await app.inject({
    method: 'POST',
    url: '/epcis/v2/capture',
    headers: { authorization: maker.bearer, 'content-type': 'application/json' },
    payload,
  });
  t.match(answer.json(), {
    status: 413,
    code: 'body-too-large',
    type: 'epcisException:CaptureLimitExceededException',
  });
});

t.test('what was captured can be rebuilt from the log', async (t) => {
  const { mismatch } = await rebuild(service.owner, { projections, followers: followerProjections });
  t.equal(mismatch, null);
  t.strictSame(service.logged, []);
});
