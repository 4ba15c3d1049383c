/** New events on their way to whoever subscribed to them, over real HTTP, signed, until they arrive. */
import { createHmac } from 'node:crypto';
import t from 'tap';
import { givenUpAfterMs } from '../../../src/core/retrying.ts';
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

const send = (who: Actor, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
  service.app.inject({
    method,
    url: `/epcis/v2${url}`,
    headers: { authorization: who.bearer },
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
const serials = ({ body }: Received): string[] =>
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

t.test('what a client is sent ends with the client', async (t) => {
  const rows = () => service.db.sql`SELECT id FROM epcis_subscriptions`;
  t.equal((await rows()).length, 1);
  const { id: by } = maker;
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
});
