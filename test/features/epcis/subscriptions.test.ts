/** New events on their way to whoever subscribed to them, over real HTTP, signed, until they arrive; over sockets. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { givenUpAfterMs } from '../../../src/core/retrying.ts';
import { createSockets, type SocketLimits } from '../../../src/features/epcis/sockets.ts';
import { claimSubscriptions, holdSubscription } from '../../../src/features/epcis/subscriptions.ts';
import { newId } from '../../../src/features/new-id.ts';
import { mastersOf } from '../../../src/features/units/histories.ts';
import { type Received, receiver } from '../../support/receiver.ts';
import { testService } from '../../support/service.ts';
import { type Actor, supplyChain } from '../../support/supply-chain.ts';
import { until } from '../../support/until.ts';

let clock = Date.now();
const webhookNetworks = [{ address: '127.0.0.0', prefix: 8 }];
const service = await testService(t, { service: { now: () => clock, webhookNetworks } });
const { maker, seller } = await supplyChain(service);
const outside = await receiver(t);
const { received } = outside;
const secret = 'a secret of the subscriber';
const origin = await service.listen();

const send = (
  who: Actor,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  payload?: object,
  headers: Readonly<Record<string, string>> = {},
) =>
  service.app.inject({
    method,
    url: `/epcis/v2${url}`,
    headers: { authorization: who.bearer, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
const capture = async (who: Actor, serial: string, bizStep = 'storing') => {
  const answer = await send(who, 'POST', '/events', {
    type: 'ObjectEvent',
    eventTime: '2025-07-01T02:30:00.000Z',
    eventTimeZoneOffset: '+08:00',
    action: 'OBSERVE',
    bizStep,
    epcList: [`urn:epc:id:sgtin:6901234.056789.${serial}`],
  });
  if (answer.statusCode !== 201) throw new Error(answer.body);
};
const subscribe = (query: string, body: object) =>
  send(maker, 'POST', `/queries/${query}/subscriptions`, { dest: outside.url, ...body });
const serials = ({ body }: Pick<Received, 'body'>): string[] =>
  JSON.parse(body).epcisBody.queryResults.resultsBody.eventList.map(({ epcList }: { epcList: string[] }) =>
    String(epcList[0]).replace(/^.*\//, ''),
  );
const arrived = (count: number) => until(async () => received.length >= count);
const state = async (url: string) => (await send(maker, 'GET', url)).json();
const isSigned = ({ headers, body }: Received): boolean => {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const value = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
  return headers['gs1-signature'] === value && headers['webhook-signature'] === value;
};

for (const name of ['stored', 'everything'])
  await send(maker, 'POST', '/queries', {
    name,
    query: name === 'stored' ? { EQ_bizStep: ['storing'] } : { 'EXISTS_suyuan:nothing': false },
  });
await capture(maker, 'OLD');

t.test('a subscription that cannot be is refused', async (t) => {
  await send(maker, 'POST', '/queries', { name: 'few', query: { maxEventCount: 3 } });
  const cases: readonly (readonly [status: number, exception: string, query: string, body: object])[] = [
    [400, 'SubscriptionControlsException', 'stored', {}],
    [400, 'SubscriptionControlsException', 'stored', { stream: true, schedule: { hour: '1' } }],
    [400, 'SubscriptionControlsException', 'stored', { schedule: { hour: '25' } }],
    [400, 'SubscriptionControlsException', 'stored', { stream: true, reportIfEmpty: true }],
    [400, 'SubscriptionControlsException', 'few', { stream: true }],
    [400, 'ValidationException', 'stored', { stream: true, initialRecordTime: 'yesterday' }],
    [400, 'ValidationException', 'stored', { stream: true, dest: 'https://10.0.0.1/' }],
    [400, 'ValidationException', 'stored', { stream: true, signatureToken: 'short' }],
    [404, 'NoSuchNameException', 'nothing', { stream: true }],
  ];
  for (const [status, exception, query, body] of cases)
    t.match(
      (await subscribe(query, body)).json(),
      { status, type: `epcisException:${exception}` },
      JSON.stringify(body),
    );
});

t.test('a stream is sent what is recorded from then on, once it has arrived no more', async (t) => {
  const made = await subscribe('stored', { stream: true, signatureToken: secret });
  t.equal(made.statusCode, 201);
  const at = String(made.headers.location).replace('/epcis/v2', '');
  t.match(made.json(), {
    stream: true,
    dest: outside.url,
    'suyuan:state': 'active',
    signatureToken: undefined,
  });
  outside.answer = (response) => response.writeHead(500).end();
  await capture(maker, 'S1');
  await capture(maker, 'S2', 'inspecting');
  await capture(seller, 'S3');
  await arrived(1);
  await until(async () => (await state(at))['suyuan:state'] === 'failing');
  const [first] = received;
  t.ok(first !== undefined && isSigned(first));
  t.match(JSON.parse(first?.body ?? ''), {
    type: 'EPCISQueryDocument',
    epcisBody: { queryResults: { queryName: 'stored', subscriptionID: made.json().subscriptionID } },
  });
  outside.answer = (response) => response.writeHead(204).end();
  clock += 10_000;
  await arrived(2);
  t.equal(received[1]?.headers['webhook-id'], first?.headers['webhook-id'], 'the same message again');
  t.strictSame(received.map(serials), [['S1'], ['S1']], 'nothing of others, nothing from before');
  await until(async () => (await state(at))['suyuan:state'] === 'active');
  await capture(maker, 'S4');
  clock += 2_000;
  await arrived(3);
  t.strictSame(received.slice(2).map(serials), [['S4']]);
  t.equal((await send(seller, 'GET', at)).statusCode, 404, 'nobody else sees it');
  t.match((await send(maker, 'GET', '/queries/stored/subscriptions')).json(), [{ dest: outside.url }]);
  outside.answer = (response) => response.writeHead(410).end();
  await capture(maker, 'S5');
  clock += 2_000;
  await arrived(4);
  await until(async () => (await state(at))['suyuan:state'] === 'stopped');
  t.equal((await send(maker, 'DELETE', at)).statusCode, 204);
  t.equal((await send(maker, 'GET', at)).statusCode, 404);
  outside.answer = (response) => response.writeHead(204).end();
});

t.test('a schedule is kept, also when there is nothing to tell', async (t) => {
  received.length = 0;
  const made = await subscribe('stored', {
    schedule: { second: '0' },
    reportIfEmpty: true,
    initialRecordTime: new Date(clock - givenUpAfterMs).toISOString(),
  });
  t.match(made.json(), { schedule: { second: '0' }, reportIfEmpty: true, signatureToken: /^whsec_/ });
  const at = String(made.headers.location).replace('/epcis/v2', '');
  clock += 60_000;
  await arrived(1);
  t.strictSame(received.map(serials), [['OLD', 'S1', 'S4', 'S5']], 'from the time that was asked for');
  await until(async () => (await state(at)).lastNotifiedAt !== undefined);
  clock += 60_000;
  await arrived(2);
  t.strictSame(received.slice(1).map(serials), [[]]);
  await until(async () => Date.parse((await state(at)).lastNotifiedAt) === clock);
  t.equal((await send(maker, 'DELETE', '/queries/stored')).statusCode, 204);
  t.equal((await send(maker, 'GET', at)).statusCode, 404, 'a query takes its subscriptions with it');
});

t.test('messages hold so many events', async (t) => {
  received.length = 0;
  const events = Array.from({ length: 130 }, (_, i) => i);
  for (let i = 0; i < events.length; i += 10)
    await Promise.all(events.slice(i, i + 10).map((n) => capture(maker, `M${n}`)));
  await subscribe('everything', { stream: true, initialRecordTime: '2020-01-01T00:00:00Z' });
  await arrived(2);
  t.strictSame(
    received.map(serials).map(({ length }) => length),
    [100, 35],
  );
  t.equal(new Set(received.flatMap(serials)).size, 135, 'each once');
  t.strictSame(service.logged, []);
});

t.test('a party whose receivers are slow holds up itself alone', async (t) => {
  const [slow, quick] = [await receiver(t), await receiver(t)];
  slow.answer = () => {};
  await send(maker, 'POST', '/queries', { name: 'slow', query: {} });
  await send(seller, 'POST', '/queries', { name: 'own', query: {} });
  for (let i = 0; i < 10; i++) await subscribe('slow', { stream: true, dest: slow.url });
  await capture(maker, 'SLOW');
  await until(async () => slow.received.length >= 2);
  await send(seller, 'POST', '/queries/own/subscriptions', { stream: true, dest: quick.url });
  await capture(seller, 'QUICK');
  await until(async () => quick.received.length === 1);
  t.strictSame(quick.received.map(serials), [['QUICK']]);
  t.equal(slow.received.length, 2);
  await send(maker, 'DELETE', '/queries/slow');
  await send(seller, 'DELETE', '/queries/own');
});

t.test('who looked for longer than it may hold a subscription sends nothing', async (t) => {
  await send(maker, 'POST', '/queries', { name: 'held', query: {} });
  const at = (await subscribe('held', { stream: true })).headers.location ?? '';
  const id = String(at).split('/').at(-1) ?? '';
  const { sql } = service.db;
  // Beyond all that the service itself would look at.
  await sql`UPDATE epcis_subscriptions SET due_at = ${clock + 3_600_000} WHERE id = ${id}`;
  const claim = async (now: number) => {
    const terms = { now, size: Number.MAX_SAFE_INTEGER, leaseMs: 60_000, limit: 100, ofParty: 100 };
    return (await claimSubscriptions(sql, terms)).find((it) => it.id === id);
  };
  const taken = clock + 3_600_000;
  const first = await claim(taken);
  t.equal(await claim(taken + 3_600_000), undefined, 'whatever the clock of another process says');
  // Its time is over.
  const over = first && (await holdSubscription(sql, first, 0));
  const second = await claim(taken);
  if (!over || second === undefined) return t.fail('it was not free');
  t.equal(await holdSubscription(sql, over, 60_000), null);
  t.ok(((await holdSubscription(sql, second, 70_000))?.lease ?? 0) > second.lease);
  await send(maker, 'DELETE', '/queries/held');
  await sql`UPDATE epcis_subscriptions SET lease_until = 0`;
});

/** A socket that follows a query, and what comes over it. */
async function follow(
  query: string,
  terms: string,
  authorization = maker.bearer,
  headers: Readonly<Record<string, string>> = {},
) {
  const address = `${origin.replace('http', 'ws')}/epcis/v2/queries/${query}/events?${terms}`;
  const socket = new WebSocket(
    address,
    authorization === '' ? {} : { headers: { authorization, ...headers } },
  );
  const messages: { body: string }[] = [];
  socket.on('message', (data) => messages.push({ body: String(data) }));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  let answer = Promise.resolve('');
  const status = await new Promise<number | undefined>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => {
      answer = text(response);
      resolve(response.statusCode);
    });
  });
  await answer;
  if (status !== 101) socket.on('error', () => {}).terminate();
  const end = () => {
    socket.close();
    return closed;
  };
  return { socket, messages, closed, status, answer, end, told: () => messages.flatMap(serials) };
}

t.test('what cannot be followed is refused before the socket opens', async (t) => {
  await send(maker, 'POST', '/queries', { name: 'all', query: {} });
  const cases: readonly (readonly [status: number, query: string, terms: string, bearer?: string])[] = [
    [401, 'all', 'stream=true', ''],
    [401, 'all', 'stream=true', 'Bearer x.y.z'],
    [404, 'all', 'stream=true', seller.bearer],
    [404, 'nothing', 'stream=true'],
    [400, 'few', 'stream=true'],
    [400, 'all', ''],
    [400, 'all', 'stream=true&hour=1'],
    [400, 'all', 'hour=25'],
    [400, 'all', 'stream=true&perPage=3'],
    [400, 'all', 'stream=true&initialRecordTime=yesterday'],
  ];
  for (const [status, query, terms, bearer] of cases)
    t.equal((await follow(query, terms, bearer)).status, status, `${query} ${terms}`);
  const answered = (await follow('all', 'hour=25')).answer;
  t.match(JSON.parse(await answered), { errors: [{ pointer: '/hour' }], detail: /^hour: / });
  t.match((await subscribe('all', { schedule: { hour: '25' } })).json(), {
    errors: [{ pointer: '/schedule/hour' }],
  });
  t.match((await send(maker, 'GET', '/queries/all/events?stream=true')).json(), {
    status: 400,
    type: 'epcisException:QueryParameterException',
  });
});

t.test('a wish for another protocol is passed over', async (t) => {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ name: 'upgraded', query: {} });
  const head = (start: string, ...fields: string[]) =>
    [start, 'Host: id.example.cn', `Authorization: ${maker.bearer}`, ...fields, '', ''].join('\r\n');
  const upgrade = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
  const content = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  socket.write(head('POST /epcis/v2/queries HTTP/1.1', ...upgrade, ...content) + body.slice(0, 5));
  socket.write(body.slice(5));
  const websocket = ['Connection: Upgrade, close', 'Upgrade: websocket'];
  const answers: Buffer[] = [];
  socket.on('data', (part) => answers.push(part));
  const said = () => Buffer.concat(answers).toString();
  await until(async () => said().includes('HTTP/1.1 201'));
  socket.write(head('GET /epcis/v2/queries/upgraded HTTP/1.1', ...websocket));
  await until(async () => said().includes('HTTP/1.1 200'));
  t.match(said(), '{"name":"upgraded","query":{}}');
  socket.destroy();
});

t.test('a socket is sent what is recorded while it is open', async (t) => {
  const [live, old] = await Promise.all([
    follow('all', 'stream=true'),
    follow('all', 'stream=true&initialRecordTime=2020-01-01T00:00:00Z'),
  ]);
  await until(async () => old.messages.length >= 2);
  t.equal(old.messages.map(serials)[0]?.length, 100);
  await capture(maker, 'L1');
  await capture(seller, 'L2');
  await capture(maker, 'L3');
  await until(async () => live.told().includes('L3') && old.told().includes('L3'));
  t.strictSame(live.told(), ['L1', 'L3'], 'nothing of others, nothing from before');
  t.equal(new Set(old.told()).size, old.told().length, 'each once');
  t.match(JSON.parse(live.messages[0]?.body ?? ''), {
    type: 'EPCISQueryDocument',
    epcisBody: { queryResults: { queryName: 'all', subscriptionID: String } },
  });
  live.socket.send('hello');
  t.equal(await live.closed, 1008, 'nothing is read of it');
  await old.end();
});

t.test('messages are written as whoever follows a query asked for', async (t) => {
  received.length = 0;
  const wanted = {
    accept: 'application/xml',
    'gs1-epc-format': 'Always_EPC_URN',
    'gs1-cbv-xml-format': 'Always_URN',
  };
  await send(maker, 'POST', '/queries', { name: 'told', query: {} });
  const to = '/queries/told/subscriptions';
  const asked = { dest: outside.url, stream: true };
  const made = await send(maker, 'POST', to, asked, wanted);
  t.match(made.json(), {
    epcFormat: 'Always_EPC_URN',
    'suyuan:mediaType': 'application/xml',
    'suyuan:cbvXmlFormat': 'Always_URN',
  });
  const socket = await follow('told', 'stream=true', maker.bearer, wanted);
  await capture(maker, 'X1');
  await until(async () => received.length === 1 && socket.messages.length === 1);
  const said = [
    /^<\?xml .*<epcisq:EPCISQueryDocument/s,
    /<queryName>told<\/queryName><subscriptionID>\w+<\/subscriptionID><resultsBody>/,
    '<epc>urn:epc:id:sgtin:6901234.056789.X1</epc>',
    '<bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep>',
  ];
  for (const { body } of [...received, ...socket.messages]) for (const it of said) t.match(body, it);
  t.match(received[0]?.headers, {
    'content-type': 'application/xml',
    'gs1-epc-format': 'Always_EPC_URN',
    'gs1-cbv-xml-format': 'Always_URN',
  });
  await socket.end();
  await send(maker, 'DELETE', '/queries/told');
  await send(maker, 'POST', '/queries', { name: 'told', query: {} });
  await send(maker, 'POST', to, asked, { accept: 'application/ld+json' });
  await capture(maker, 'X2');
  await arrived(2);
  t.match(received[1]?.headers, { 'content-type': 'application/ld+json', 'gs1-cbv-xml-format': undefined });
  t.strictSame(received.slice(1).map(serials), [['X2']]);
  t.equal((await send(maker, 'POST', to, asked, { accept: 'text/csv' })).statusCode, 406);
  t.equal((await follow('told', 'stream=true', maker.bearer, { accept: 'text/csv' })).status, 406);
  await send(maker, 'DELETE', '/queries/told');
});

t.test('a socket keeps a schedule, also when there is nothing to tell', async (t) => {
  const it = await follow('all', 'second=0&reportIfEmpty=true');
  await capture(maker, 'T1');
  clock += 60_000;
  await until(async () => it.messages.length >= 1);
  clock += 60_000;
  await until(async () => it.messages.length >= 2);
  t.strictSame(it.messages.map(serials), [['T1'], []]);
  await it.end();
});

/** A socket to a peer that we are: it answers pings or not, and takes what comes only once it is let. */
function peer(isAlive: boolean) {
  const taken: Buffer[] = [];
  let held: (() => void) | null = null;
  let isHeld = false;
  let pings = 0;
  const pipe = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      // RFC 6455 §5.5.2: a frame of opcode 9, answered with one of opcode 10, masked by zeros.
      if (chunk[0] === 0x89) {
        pings++;
        if (isAlive) pipe.push(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
      }
      const take = (): void => {
        taken.push(chunk);
        done();
      };
      if (isHeld) held = take;
      else take();
    },
  });
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  });
  let socket: WebSocket | undefined;
  new WebSocketServer({ noServer: true }).handleUpgrade(request, pipe, Buffer.alloc(0), (it) => {
    socket = it;
  });
  if (socket === undefined) throw new Error('no websocket was opened');
  const closed = once(socket, 'close').then(([code]) => Number(code));
  const hold = () => {
    isHeld = true;
  };
  const release = () => {
    isHeld = false;
    held?.();
  };
  return { socket, closed, hold, release, pings: () => pings, text: () => Buffer.concat(taken).toString() };
}
const callerOf = ({ id: party, roles }: Actor) => ({ party, client: 'test', roles, mandate: null });
const wanted = (who: Actor, query = 'all') => ({
  id: newId(),
  caller: callerOf(who),
  query,
  format: 'No_Preference' as const,
  messages: { type: 'application/json', words: 'No_Preference' } as const,
  schedule: null,
  reportIfEmpty: false,
  watermark: 0,
  endsAt: Date.now() + 600_000,
});
const socketsOf = (limits: SocketLimits) => {
  const { deps } = service;
  const masters = mastersOf(deps.ledger, deps.db.sql);
  const log = { error: (details: object, message: string) => t.fail(message, details) };
  return createSockets({ ...deps, masters }, log, limits);
};

t.test('a process has so many sockets, of all parties together', async (t) => {
  const sockets = socketsOf({ ofPartyMax: 2, socketsMax: 3, pingMs: 600_000 });
  const open = (who: Actor) => {
    const it = peer(true);
    sockets.open(it.socket, wanted(who));
    return it;
  };
  const [first] = [open(maker), open(maker)];
  t.throws(() => sockets.checkRoom(callerOf(maker)), { code: 'state-conflict' });
  t.equal(open(maker).socket.readyState, WebSocket.CLOSING, 'whoever came meanwhile is turned away');
  open(seller);
  t.throws(() => sockets.checkRoom(callerOf(seller)), { code: 'overloaded', retryAfter: 60 });
  const late = open(seller);
  t.equal(late.socket.readyState, WebSocket.CLOSING);
  t.match(late.text(), 'As many sockets are open as may be', 'and told why');
  first?.socket.terminate();
  await first?.closed;
  sockets.checkRoom(callerOf(seller));
  await sockets.stop();
});

t.test('who answers no ping is let go, and nobody else', async (t) => {
  const sockets = socketsOf({ ofPartyMax: 2, socketsMax: 2, pingMs: 20 });
  const [dead, alive] = [peer(false), peer(true)];
  for (const { socket } of [dead, alive]) sockets.open(socket, { ...wanted(maker), watermark: 1_000_000 });
  sockets.start();
  t.equal(await dead.closed, 1006, 'without a word');
  const heard = alive.pings();
  await until(async () => alive.pings() >= heard + 2);
  t.equal(alive.socket.readyState, WebSocket.OPEN);
  t.equal(dead.pings(), 1);
  await sockets.stop();
});

t.test('of what a slow reader does not take one message waits here, and no more', async (t) => {
  const sockets = socketsOf({ ofPartyMax: 2, socketsMax: 2, pingMs: 600_000 });
  const [slow, quick] = [peer(true), peer(true)];
  slow.hold();
  for (const { socket } of [slow, quick]) sockets.open(socket, wanted(maker));
  sockets.start();
  const sent = ({ text }: typeof slow) =>
    [...text().matchAll(/sgtin:|\/21\/(\w+)"/g)].map(([, serial]) => serial);
  await until(async () => slow.socket.bufferedAmount > 0 && sent(quick).includes('T1'));
  const waiting = slow.socket.bufferedAmount;
  await capture(maker, 'B1');
  await capture(maker, 'B2');
  await until(async () => sent(quick).includes('B2'));
  t.equal(slow.socket.bufferedAmount, waiting, 'nothing more is read for it');
  t.notMatch(sent(slow), ['OLD']);
  slow.release();
  await until(async () => sent(slow).includes('B2'));
  t.strictSame(sent(slow), sent(quick), 'then all comes, in order, each once');
  await sockets.stop();
});

t.test('so many sockets, as long as the token and the query', async (t) => {
  const { app } = service;
  const sub = maker.id;
  const claims = { sub, client_id: 'test', roles: ['manufacturer'] };
  const iat = Math.floor(Date.now() / 1000) - 928;
  const short = await follow('all', 'stream=true', `Bearer ${app.jwt.sign({ ...claims, iat })}`);
  t.equal(short.status, 101);
  t.equal(await short.closed, 1008);
  const sockets = await Promise.all(Array.from({ length: 10 }, () => follow('upgraded', 'stream=true')));
  t.equal((await follow('all', 'stream=true')).status, 409);
  await sockets.pop()?.end();
  await until(async () => {
    const next = await follow('upgraded', 'stream=true');
    if (next.status === 101) sockets.push(next);
    return next.status === 101;
  });
  await send(maker, 'DELETE', '/queries/upgraded');
  await capture(maker, 'Q1');
  t.strictSame(new Set(await Promise.all(sockets.map(({ closed }) => closed))), new Set([1008]));
});

t.test('a query of a long Chinese name that goes closes its socket, and nothing else', async (t) => {
  const name = '查询'.repeat(50);
  await send(maker, 'POST', '/queries', { name, query: {} });
  const socket = await follow(encodeURIComponent(name), 'stream=true');
  const said = new Promise<Buffer>((resolve) => socket.socket.once('close', (_code, why) => resolve(why)));
  await send(maker, 'DELETE', `/queries/${encodeURIComponent(name)}`);
  await capture(maker, 'Q2');
  t.equal(await socket.closed, 1008);
  t.match(
    String(await said),
    /^You keep no query (?:查询)+查?$/,
    'as much as a reason holds, in whole characters',
  );
});

t.test('what a client is sent ends with the client', async (t) => {
  const rows = () => service.db.sql`SELECT id FROM epcis_subscriptions`;
  t.equal((await rows()).length, 1);
  const { id: by } = maker;
  const socket = await follow('all', 'hour=1');
  await service.deps.ledger.append([
    {
      fact: {
        kind: 'client',
        by,
        id: 'test',
        party: by,
        label: 'leaked',
        roles: ['manufacturer'],
        revoked: true,
      },
    },
  ]);
  clock += 2_000;
  await until(async () => (await rows()).length === 0);
  t.equal(await socket.closed, 1008);
});

t.test('sockets end with the service', async (t) => {
  const another = service.app.signToken({ party: maker.id, client: 'another', roles: ['manufacturer'] });
  const { closed, status } = await follow('all', 'stream=true', `Bearer ${another}`);
  t.equal(status, 101);
  await service.app.close();
  t.equal(await closed, 1001);
  t.strictSame(service.logged, []);
});
