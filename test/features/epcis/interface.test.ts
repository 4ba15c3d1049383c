/** What the REST binding of EPCIS 2.0 says of every address: headers, versions, forms, exceptions. */
import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { WebSocket } from 'ws';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, supplyChain, unit } from '../../support/supply-chain.ts';

let clock = Date.now();
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { maker, distributor } = chain;
const { app } = service;
const { host } = service.deps.genesis;

const when = { eventTime: '2025-07-01T02:30:00.000Z', eventTimeZoneOffset: '+08:00' };
const seen = (serial: string, more: object = {}) => ({
  type: 'ObjectEvent',
  ...when,
  action: 'OBSERVE',
  bizStep: 'storing',
  epcList: [`urn:epc:id:sgtin:6901234.056789.${serial}`],
  ...more,
});
const document = (...eventList: readonly object[]) => ({
  '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2025-07-03T10:00:00Z',
  epcisBody: { eventList },
});
const ask = (
  who: Actor | null,
  method: 'GET' | 'POST' | 'PUT' | 'OPTIONS',
  url: string,
  headers: Record<string, string> = {},
  payload?: object,
) =>
  app.inject({
    method,
    url: `/epcis/v2${url}`,
    headers: { ...(who === null ? {} : { authorization: who.bearer }), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
const acme = 'https://ns.acme.example/epcis/';

t.test('whoever asks what can be done is told all of it', async (t) => {
  const everywhere = {
    'gs1-epcis-version': '2.0.0',
    'gs1-cbv-version': '2.0.0',
    'gs1-epcis-min': '2.0.0',
    'gs1-epcis-max': '2.0.0',
    'gs1-epc-format': 'No_Preference',
    'gs1-cbv-xml-format': 'No_Preference',
    'gs1-extensions': `suyuan=https://${host}/ns/`,
    'gs1-vendor-version': /./,
  };
  for (const url of ['', '/', '/events', '/epcs', '/queries', '/capture'])
    t.match(await ask(null, 'OPTIONS', url), { statusCode: 204, headers: everywhere }, url);
  t.match((await ask(null, 'OPTIONS', '/capture')).headers, {
    'gs1-capture-error-behaviour': 'all',
    'gs1-epcis-capture-limit': '10000',
    'gs1-epcis-capture-file-size-limit': String(32 * 1024 * 1024),
  });
  t.match((await ask(maker, 'POST', '/capture', {}, document())).headers, {
    'gs1-capture-error-behaviour': 'rollback',
    'gs1-epcis-capture-limit': '10000',
    'gs1-epcis-capture-file-size-limit': String(32 * 1024 * 1024),
  });
});

t.test('a version is agreed on, or the request refused', async (t) => {
  const agreed = { 'gs1-epcis-min': '1.2', 'gs1-epcis-max': '2.0.0', 'gs1-cbv-max': '3' };
  for (const headers of [agreed, { 'gs1-epcis-version': '2.0' }, { 'gs1-cbv-version': '2' }])
    t.equal((await ask(maker, 'GET', '/events', headers)).statusCode, 200, JSON.stringify(headers));
  for (const [name, value] of [
    ['gs1-epcis-min', '2.1'],
    ['gs1-epcis-min', '3'],
    ['gs1-epcis-max', '1.2'],
    ['gs1-cbv-min', '2.1.0'],
    ['gs1-cbv-max', '1.2.0'],
    ['gs1-epcis-version', '2.1.0'],
    ['gs1-cbv-version', 'newest'],
    ['gs1-epcis-min', ''],
  ] as const)
    t.match(
      (await ask(maker, 'GET', '/events', { [name]: value })).json(),
      { status: 406, type: 'epcisException:NotAcceptableException' },
      `${name}: ${value}`,
    );
});

t.test('prefixes may come in a header, where events come in too', async (t) => {
  const sent = seen('P1', { 'acme:line': '7' });
  t.match((await ask(maker, 'POST', '/events', {}, sent)).json(), { code: 'unknown-member' });
  const headers = { 'gs1-extensions': `acme=${acme}`, prefer: 'wait=60' };
  const one = await ask(maker, 'POST', '/events', headers, sent);
  t.equal(one.statusCode, 201, one.body);
  t.match(one.json().facts, [{ id: eventHash({ '@context': { acme }, ...sent }, host) }], 'of the same hash');
  const other = seen('P2', { 'acme:line': '7' });
  t.match((await ask(maker, 'POST', '/capture', headers, document(other))).json(), { success: true });
  const found = await ask(maker, 'GET', '/events?EQ_acme:line=7', headers);
  t.equal(found.json().epcisBody.queryResults.resultsBody.eventList.length, 2);
});

t.test(
  'addresses that are not there, and methods that are not, are told in the words of the standard',
  async (t) => {
    const cases = [
      ['GET', '/nothing', 404, 'NoSuchResourceException'],
      ['PUT', '/queries/q', 405, 'ImplementationException'],
      ['POST', '/eventTypes', 405, 'ImplementationException'],
    ] as const;
    for (const [method, url, status, exception] of cases) {
      const answer = await ask(maker, method, url, { accept: 'text/html, */*;q=0.1' });
      t.match(answer.json(), { status, type: `epcisException:${exception}` }, url);
      t.match(answer.headers, { 'gs1-epcis-version': '2.0.0', ...(status === 405 ? { allow: /GET/ } : {}) });
    }
    const outside = await app.inject({ url: '/epcis/v3', headers: { accept: 'application/json' } });
    t.match(outside.json(), { status: 404, code: 'not-found', type: /\/problems\/not-found$/ });
  },
);

t.test('what is no query is no valid query', async (t) => {
  const define = async (query: unknown) =>
    (await ask(maker, 'POST', '/queries', {}, { name: 'q', query })).json();
  t.match(await define('x'), { status: 400, type: 'epcisException:QueryValidationException' });
  t.match(await define({ colour: 'red' }), { status: 400, type: 'epcisException:QueryParameterException' });
  t.match((await ask(maker, 'POST', '/queries', { 'content-type': 'application/json' })).json(), {
    type: 'epcisException:QueryValidationException',
  });
});

t.test('problems and jobs are told in XML to whoever speaks it, lists in JSON alone', async (t) => {
  const xml = { accept: 'application/xml' };
  const refused = await ask(maker, 'GET', '/events?EQ_bizStep=%3Cred%3E', xml);
  t.match(refused.headers['content-type'], /^application\/problem\+xml/);
  t.match(refused.body, /<epcis:EPCISException [^>]*><type>epcisException:QueryParameterException<\/type>/);
  t.match(refused.body, '&lt;red&gt;');
  const wrong = document(seen('X1', { action: 'none' }));
  const job = await ask(maker, 'POST', '/capture', { prefer: 'wait=60' }, wrong);
  const url = `/capture/${job.json().captureID}`;
  const told = await ask(maker, 'GET', url, xml);
  t.match(told.headers['content-type'], /^application\/xml/);
  t.match(told.body, /<epcis:EPCISCaptureJob [^>]*running="false" success="false"/);
  t.match(told.body, /<captureErrorBehaviour>rollback<.*<error><type>epcisException:ValidationException</);
  t.match(told.body, 'pointer="/epcisBody/eventList/0/action"');
  t.match((await ask(maker, 'GET', url, { accept: 'image/png' })).json(), { status: 406 });
  t.match((await ask(maker, 'GET', url)).json(), { running: false });
  for (const list of ['', '/eventTypes', '/epcs', '/capture', '/queries']) {
    const answer = await ask(maker, 'GET', list, xml);
    t.match(answer, { statusCode: 406, headers: { 'content-type': /problem\+xml/ } }, list);
    const json = await ask(maker, 'GET', list, { accept: 'application/ld+json' });
    t.match(json, { statusCode: 200, headers: { 'content-type': /^application\/ld\+json/ } }, list);
  }
});

t.test('from where on a subscription tells is told', async (t) => {
  const query = { EQ_bizStep: ['storing'] };
  t.equal((await ask(maker, 'POST', '/queries', {}, { name: 'stored', query })).statusCode, 201);
  const initialRecordTime = '2025-07-01T00:00:00.000Z';
  const body = { dest: 'https://erp.example.com/epcis', stream: true, initialRecordTime };
  const made = await ask(maker, 'POST', '/queries/stored/subscriptions', {}, body);
  const url = `/queries/stored/subscriptions/${made.json().subscriptionID}`;
  const header = 'gs1-query-min-record-time';
  t.equal((await ask(maker, 'OPTIONS', url)).headers[header], made.json().minRecordTime);
  t.equal((await ask(null, 'OPTIONS', url)).headers[header], undefined, 'to nobody else');
  t.equal((await ask(distributor, 'OPTIONS', url)).statusCode, 404);
  const origin = await service.listen();
  const socket = new WebSocket(
    `${origin.replace('http', 'ws')}/epcis/v2/queries/stored/events?stream=true&initialRecordTime=${initialRecordTime}`,
    { headers: { authorization: maker.bearer } },
  );
  const opened = await new Promise<IncomingMessage>((resolve, reject) => {
    socket.on('upgrade', resolve).on('error', reject);
  });
  t.equal(opened.headers[header], initialRecordTime);
  socket.terminate();
});

t.test('a party is found by each of its names, whichever an event gives', async (t) => {
  const { id, roles } = distributor;
  const by = service.deps.genesis.operator;
  await service.deps.ledger.append([
    { fact: { kind: 'party', by, id, stub: false, name: 'with a GLN', roles, gln: '6901234567892' } },
  ]);
  const moved = {
    ...{ hop: 'ship', ...act('2025-07-07T10:00:00+08:00'), epcs: [unit('N1')] },
    ...{ place: maker.place, to: distributor.id, transfer: 'sale' },
  };
  const made = { hop: 'produce', ...act('2025-07-06T10:00:00+08:00'), epcs: [unit('N1')] };
  t.equal((await chain.post(maker, [made, moved])).status, 201);
  const pgln = 'urn:epc:id:pgln:690123456.789';
  const given = seen('N2', {
    bizStep: 'shipping',
    destinationList: [{ type: 'possessing_party', destination: pgln }],
  });
  t.equal((await ask(maker, 'POST', '/events', {}, given)).statusCode, 201);
  const found = async (name: string) =>
    (await ask(maker, 'GET', `/events?EQ_destination_possessing_party=${encodeURIComponent(name)}`))
      .json()
      .epcisBody.queryResults.resultsBody.eventList.flatMap(({ epcList }: { epcList: string[] }) =>
        epcList.map((it) => it.slice(-2)),
      );
  for (const name of [pgln, 'https://id.gs1.org/417/6901234567892', `https://${host}/party/${id}`])
    t.strictSame(await found(name), ['N2', 'N1'], name);
  t.strictSame(await found(`https://${host}/party/${maker.id}`), []);
});

t.test('what lies within a place is said by master data too, to those who may read it', async (t) => {
  const [yard, dock] = ['urn:epc:id:sgln:6901234.00010.0', 'urn:epc:id:sgln:6901234.00011.0'];
  const vocabularyElementList = [{ id: yard, children: [dock] }];
  const vocabularyList = [{ type: 'urn:epcglobal:epcis:vtype:BusinessLocation', vocabularyElementList }];
  const described = { ...document(), epcisHeader: { epcisMasterData: { vocabularyList } } };
  t.match((await ask(maker, 'POST', '/capture', { prefer: 'wait=60' }, described)).json(), { success: true });
  for (const who of [maker, distributor])
    t.equal(
      (await ask(who, 'POST', '/events', {}, seen('B1', { bizLocation: { id: dock } }))).statusCode,
      201,
    );
  const found = async (who: Actor, name: string, place: string) =>
    (await ask(who, 'GET', `/events?${name}=${place}`)).json().epcisBody.queryResults.resultsBody.eventList
      .length;
  t.equal(await found(maker, 'WD_bizLocation', yard), 1);
  t.equal(await found(maker, 'EQ_bizLocation', yard), 0);
  t.equal(await found(distributor, 'WD_bizLocation', yard), 0, 'another’s claim is not for it to read');
  t.equal(await found(distributor, 'WD_bizLocation', dock), 1);
});

t.test('a page leads to the next for an hour', async (t) => {
  const first = await ask(maker, 'GET', '/events?perPage=1');
  const next = /<\/epcis\/v2(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
  const until = Date.parse(String(first.headers['gs1-next-page-token-expires']));
  t.equal(until, clock + 3_600_000);
  clock = until;
  t.equal((await ask(maker, 'GET', next)).statusCode, 200);
  clock = until + 1;
  t.match((await ask(maker, 'GET', next)).json(), { status: 400, detail: /expired/ });
});
