import fastify from 'fastify';
import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { readEpcisEvent } from '../../../src/core/epcis/epcis-reading.ts';
import { partsMax } from '../../../src/core/epcis/epcis-size.ts';
import type { Json } from '../../../src/core/text/canonical.ts';
import { LargeBody, leaveLargeJson } from '../../../src/features/epcis/large-body.ts';
import { createEventReader, largeMin } from '../../../src/features/epcis/reading.ts';
import { xmlDocument } from '../../support/epcis-xml-samples.ts';
import { host, party } from '../../support/hop-samples.ts';
import { testService } from '../../support/service.ts';
import { supplyChain } from '../../support/supply-chain.ts';

const reading = {
  host,
  context: withDeclared(baseContext(host), { acme: 'https://ns.acme.example/epcis/' }),
  unhashed: new Set(['{https://ns.acme.example/epcis/}captureID']),
};
const large = (more = {}): Json => ({
  type: 'ObjectEvent',
  eventTime: '2025-07-01T02:30:00.000Z',
  eventTimeZoneOffset: '+08:00',
  epcList: Array.from({ length: 2_500 }, (_, i) => `urn:epc:id:sgtin:6901234.056789.L${i}`),
  action: 'OBSERVE',
  bizStep: 'https://ref.gs1.org/cbv/BizStep-storing',
  'acme:lines': [{ 'acme:line': '007' }, 1.5, null],
  'acme:captureID': 'c1',
  ...more,
});

t.test('a large event is read in the thread as it would be in place', async (t) => {
  const reader = createEventReader();
  t.teardown(() => reader.close());
  for (const event of [
    large(),
    large({ colour: 'red', action: 'LOOK', 'nobody:knows': 1 }),
    large({ epcList: Array(2_500).fill('urn:epc:id:sgtin:6901234.056789.L1') }),
  ]) {
    const read = reader.read(event, reading, party('M'));
    t.ok(read instanceof Promise);
    t.strictSame(await read, readEpcisEvent(event, reading));
  }
  const small = large({ epcList: ['urn:epc:id:sgtin:6901234.056789.L1'] });
  t.notOk(reader.read(small, reading, party('M')) instanceof Promise);
  const waiting = reader.read(large(), reading, party('M'));
  await Promise.all([t.rejects(async () => waiting, { code: 'unavailable' }), reader.close()]);
  t.strictSame(
    await reader.read(large(), reading, party('M')),
    readEpcisEvent(large(), reading),
    'another is started',
  );
});

t.test('who sends many large events at once waits, and nobody else does', async (t) => {
  const reader = createEventReader();
  t.teardown(() => reader.close());
  const order: string[] = [];
  const read = async (name: string) => {
    await reader.read(large(), reading, party(name));
    order.push(name);
  };
  const flood = Array.from({ length: 6 }, () => read('M'));
  const refused = (await Promise.allSettled([...flood, read('D')])).filter((it) => it.status === 'rejected');
  t.match(refused, [
    { reason: { code: 'overloaded', retryAfter: 1 } },
    { reason: { code: 'overloaded', retryAfter: 1 } },
  ]);
  t.strictSame(order, ['M', 'M', 'D', 'M', 'M'], 'the thread has two when the other comes');
  await read('M');
});

t.test('of large bodies a party has so many bytes under way', async (t) => {
  const reader = createEventReader();
  t.teardown(() => reader.close());
  const sent = { host, prefixes: {} };
  const blank = (megabytes: number) => Buffer.alloc(megabytes * 1024 * 1024, ' ');
  const ask = (name: string, megabytes: number) => reader.document(blank(megabytes), sent, party(name));
  const asked = [ask('M', 30), ask('M', 30), ask('M', 30), ask('M', 4), ask('D', 30)];
  const told = (await Promise.allSettled(asked)).map((it) => it.status === 'rejected' && it.reason.code);
  const malformed = 'malformed-json';
  t.strictSame(told, [malformed, malformed, 'overloaded', malformed, malformed]);
  await t.rejects(ask('M', 30), { code: malformed }, 'when they are read there is room again');
});

t.test('large events are taken, and larger ones refused with their place', async (t) => {
  const service = await testService(t);
  const { maker } = await supplyChain(service);
  const send = (url: string, type: string, payload: string) =>
    service.app.inject({
      method: 'POST',
      url: `/epcis/v2${url}`,
      headers: { authorization: maker.bearer, 'content-type': type, prefer: 'wait=60' },
      payload,
    });
  const document = (...eventList: Json[]) =>
    JSON.stringify({
      '@context': [{ acme: 'https://ns.acme.example/epcis/' }],
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2025-07-03T10:00:00Z',
      epcisBody: { eventList },
    });
  const taken = await send('/capture', 'application/json', document(large()));
  t.match(taken.json(), { success: true }, taken.body);
  const wrong = await send('/capture', 'application/json', document(large({ colour: 'red' })));
  t.match(wrong.json().errors, [{ errors: [{ pointer: '/epcisBody/eventList/0/colour' }] }]);
  const vast = large({ 'acme:lines': Array(partsMax).fill(1) });
  const refused = await send('/capture', 'application/json', document(large(), vast));
  t.match(refused.json(), { code: 'body-too-large', errors: [{ pointer: '/epcisBody/eventList/1' }] });
  const alone = await send('/events', 'application/ld+json', JSON.stringify(vast));
  t.match(alone.json(), { status: 413, code: 'body-too-large' });
  const line = '<acme:line/>'.repeat(partsMax);
  const xml = await send('/capture', 'application/xml', xmlDocument(`<ObjectEvent>${line}</ObjectEvent>`));
  t.match(xml.json(), { code: 'body-too-large', errors: [{ pointer: '/epcisBody/eventList/0' }] });
  t.strictSame(service.logged, []);
});

t.test('a large body is no body that is parsed where it arrives', async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  leaveLargeJson(app);
  app.post('/', async ({ body }) => (body instanceof LargeBody ? body.bytes.length : body));
  for (const type of ['application/json', 'application/ld+json']) {
    const send = (payload: string) =>
      app.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload });
    const blanks = (length: number) => ' '.repeat(length - 2);
    t.strictSame((await send(`[]${blanks(largeMin - 1)}`)).json(), [], type);
    t.equal((await send(`[]${blanks(largeMin)}`)).json(), largeMin, type);
  }
});

t.test('a large body is answered as a small one that says the same', async (t) => {
  const service = await testService(t);
  const { maker } = await supplyChain(service);
  const extensions = 'acme=https://ns.acme.example/epcis/';
  const send = async (url: string, payload: string) => {
    const answer = await service.app.inject({
      method: 'POST',
      url: `/epcis/v2${url}`,
      headers: {
        authorization: maker.bearer,
        'content-type': 'application/ld+json',
        'gs1-extensions': extensions,
        prefer: 'wait=60',
      },
      payload,
    });
    const { status, code, detail, errors = [] } = answer.json();
    // What an error of a job is called is its own.
    const told = errors.map(({ instance: _own, ...error }: { instance?: string }) => error);
    return { answered: answer.statusCode, status, code, detail, told, location: answer.headers.location };
  };
  const blanks = ' '.repeat(largeMin);
  const event = (serial: string, more = {}) => ({
    ...Object(large({ epcList: [`urn:epc:id:sgtin:6901234.056789.${serial}`] })),
    ...more,
  });
  const documentOf = (...eventList: Json[]) => ({
    '@context': [],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2025-07-03T10:00:00Z',
    epcisBody: { eventList },
  });
  const wrong = {
    '/capture': [
      '{"type":',
      '{"type":"EPCISDocument","type":"EPCISDocument"}',
      '{"__proto__":1}',
      '{"n":9007199254740993}',
      '[]',
      '{}',
      JSON.stringify({ ...documentOf(), colour: 'red' }),
      JSON.stringify(documentOf(...Array(10_001).fill({}))),
      JSON.stringify(documentOf(event('B1', { colour: 'red' }))),
    ],
    '/events': [
      '{"type":',
      '[]',
      JSON.stringify(event('B2', { colour: 'red' })),
      JSON.stringify(event('B3', { bizStep: 'shipping', epcList: ['urn:epc:id:sgtin:6901234.0567890.X'] })),
    ],
  };
  for (const [url, bodies] of Object.entries(wrong))
    for (const body of bodies) {
      const [small, vast] = [await send(url, body), await send(url, body + blanks)];
      t.strictSame({ ...vast, location: '' }, { ...small, location: '' }, body.slice(0, 60));
      t.ok(small.answered >= 400 || small.told.length > 0, `${small.code ?? 'told by the job'}`);
    }
  const named = (id: string) => JSON.stringify(event('B4', { eventID: id }));
  t.match(await send('/events', named('urn:x:small')), {
    answered: 201,
    location: '/epcis/v2/events/urn%3Ax%3Asmall',
  });
  t.match(await send('/events', named('urn:x:vast') + blanks), {
    answered: 201,
    location: '/epcis/v2/events/urn%3Ax%3Avast',
  });
  t.match(await send('/events', named('urn:x:vast') + blanks), { answered: 409, code: 'duplicate-event' });
  const many = documentOf(...Array.from({ length: 1_200 }, (_, i) => event(`C${i}`)));
  t.match(await send('/capture', JSON.stringify(many) + blanks), { answered: 202, told: [] });
  const [stored] = await service.db.sql<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM facts
    WHERE payload::jsonb #>> '{acme:lines,0,acme:line}' = '007'
      AND payload::jsonb #>> '{@context,acme}' = 'https://ns.acme.example/epcis/'`;
  t.equal(stored?.count, 1_202, 'with what the header says of prefixes');
  t.strictSame(service.logged, []);
});
