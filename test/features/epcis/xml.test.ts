import { hash } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { createEpcisXmlReader } from '../../../src/core/epcis/epcis-xml.ts';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import { followerProjections, projections } from '../../../src/features/projections.ts';
import { rebuild } from '../../../src/ledger/rebuild.ts';
import { xmlDocument, xmlHeader, xmlQueryDocument } from '../../support/epcis-xml-samples.ts';
import { testService } from '../../support/service.ts';
import { type Actor, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { app, deps } = service;
const { host } = deps.genesis;
const { maker, distributor } = chain;

const made = (serial: string, more = ''): string => `<ObjectEvent>
  <eventTime>2025-07-01T02:30:00.000Z</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
  <epcList><epc>urn:epc:id:sgtin:6901234.056789.${serial}</epc></epcList><action>ADD</action>
  <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>${more}</ObjectEvent>`;
const json = (serial: string, more = {}) => ({
  type: 'ObjectEvent',
  eventTime: '2025-07-01T02:30:00.000Z',
  eventTimeZoneOffset: '+08:00',
  epcList: [`urn:epc:id:sgtin:6901234.056789.${serial}`],
  action: 'ADD',
  bizStep: 'commissioning',
  ...more,
});

const send = async (who: Actor, url: string, payload: string | Buffer, headers = {}) =>
  app.inject({
    method: 'POST',
    url: `/epcis/v2${url}`,
    headers: {
      authorization: who.bearer,
      'content-type': 'application/xml',
      prefer: 'wait=60',
      ...headers,
    },
    payload,
  });
const factOf = async (serial: string) => {
  const [row] = await service.db.sql<{ payload: string }[]>`
    SELECT f.payload FROM facts f JOIN unit_chain c USING (seq) JOIN epcs e USING (unit)
    WHERE e.epc = ${unit(serial)} ORDER BY seq DESC LIMIT 1`;
  return JSON.parse(row?.payload ?? 'null');
};

t.test(
  'a document in XML becomes the facts that its JSON-LD would, with the digest of what was sent',
  async (t) => {
    const sent = xmlDocument(made('X1', '<acme:line>7</acme:line>') + made('X2'));
    const answer = await send(maker, '/capture', sent);
    t.equal(answer.statusCode, 202, answer.body);
    t.match(answer.json(), { running: false, success: true });
    const expected = {
      ...json('X1', { 'acme:line': '7' }),
      '@context': { acme: 'https://ns.acme.example/epcis/' },
    };
    t.strictSame(await factOf('X1'), {
      ...expected,
      epcList: [unit('X1')],
      eventID: eventHash(expected, host),
      kind: 'event',
      by: maker.id,
      captured: {
        as: 'manufacturer',
        prefixes: ['6901234'],
        spelling: { words: ['urn:epcglobal:cbv:bizstep:commissioning'] },
        original: hash('sha256', sent, 'base64url'),
      },
    });
    t.equal((await send(maker, '/capture', xmlDocument(made('X3'), '1.2'))).json().success, true);
    const answered = await send(maker, '/capture', xmlQueryDocument(made('X4'), '1.2'), {
      'content-type': 'text/xml; charset=UTF-8',
    });
    t.equal(answered.json().success, true);
    const again = await send(maker, '/capture', JSON.stringify({ ...document(json('X4')) }), {
      'content-type': 'application/ld+json',
    });
    t.match(again.json().errors, [{ code: 'duplicate-event' }], 'it is one event, whatever it comes as');
  },
);
const document = (...eventList: readonly object[]) => ({
  '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2025-07-03T10:00:00Z',
  epcisBody: { eventList },
});

t.test('what a document leaves out of the hashes is kept, and names no event', async (t) => {
  const named = async (serial: string, id: string, url: string): Promise<unknown> => {
    const sent = xmlDocument(made(serial, `<acme:captureID>${id}</acme:captureID>`)).replace(
      '<EPCISBody>',
      '<x:ignoreFields xmlns:x="https://repository-x.example.com/"><acme:captureID/></x:ignoreFields><EPCISBody>',
    );
    const answer = await send(maker, url, sent);
    t.ok(answer.statusCode < 300, answer.body);
    const fact = await factOf(serial);
    t.equal(fact['acme:captureID'], id);
    return fact.eventID;
  };
  t.equal(await named('X5', 'c1', '/capture'), eventHash(json('X5'), host));
  t.equal(await named('X6', 'c2', '/events'), eventHash(json('X6'), host));
});

t.test('one event in XML', async (t) => {
  for (const [serial, sent] of [
    ['Y1', xmlDocument(made('Y1'))],
    ['Y2', made('Y2')],
  ] as const) {
    const answer = await send(maker, '/events', `\uFEFF${sent}`);
    t.equal(answer.statusCode, 201, answer.body);
    const { eventID, captured } = await factOf(serial);
    t.equal(answer.headers.location, `/epcis/v2/events/${encodeURIComponent(eventID)}`);
    t.equal(captured.original, hash('sha256', `\uFEFF${sent}`, 'base64url'));
  }
  const two = await send(maker, '/events', xmlDocument(made('Y3') + made('Y4')));
  t.match(two.json(), { status: 400, errors: [{ pointer: '/epcisBody/eventList' }] });
  t.match((await send(distributor, '/events', made('Y5'))).json(), { status: 403, code: 'hop-not-allowed' });
});

t.test('what is wrong is told with the event and the path in it', async (t) => {
  const sent = xmlDocument(made('Z1') + made('Z2', '<disposition>shiny</disposition><colour>red</colour>'));
  const answer = await send(maker, '/capture', sent, { 'gs1-capture-error-behaviour': 'proceed' });
  const { errors } = answer.json();
  t.match(errors, [
    {
      instance: /#1$/,
      errors: [
        { pointer: '/epcisBody/eventList/1/disposition' },
        { pointer: '/epcisBody/eventList/1/colour', code: 'unknown-member' },
      ],
    },
  ]);
  t.match(await factOf('Z1'), { kind: 'event' });
  const good = xmlDocument(made('Z3'));
  for (const [payload, type, code] of [
    [good.replace('</ObjectEvent>', ''), 'application/xml', 'malformed-xml'],
    [good.replace('?>', '?><!DOCTYPE x>'), 'application/xml', 'malformed-xml'],
    [Buffer.from(good, 'utf16le'), 'application/xml', 'malformed-xml'],
    [Buffer.from(good.replace('Z3', 'Z\u00e9'), 'latin1'), 'application/xml', 'malformed-xml'],
    [good, 'application/xml; charset="GB18030"', 'unsupported-media-type'],
    [good, 'application/soap+xml', 'unsupported-media-type'],
    ['<x/>', 'text/xml', 'invalid-request'],
    [good.replace(/creationDate="[^"]*"/, ''), 'text/xml', 'invalid-request'],
  ] as const)
    t.match((await send(maker, '/capture', payload, { 'content-type': type })).json(), { code }, code);
});

const get = (who: Actor, url: string, headers = {}) =>
  app.inject({ url: `/epcis/v2${url}`, headers: { authorization: who.bearer, ...headers } });

t.test('events are answered in XML to whoever prefers it, and can be read again', async (t) => {
  const { eventID } = await factOf('X1');
  const one = encodeURIComponent(eventID);
  const xml = { accept: 'application/xml', 'gs1-epc-format': 'Always_EPC_URN' };
  const urls = [
    `/events?EQ_eventID=${one}`,
    `/events/${one}`,
    `/epcs/${encodeURIComponent('urn:epc:id:sgtin:6901234.056789.X1')}/events`,
  ];
  for (const url of urls) {
    const answer = await get(maker, url, xml);
    t.equal(answer.statusCode, 200, answer.body);
    t.match(answer.headers, {
      'content-type': 'application/xml; charset=utf-8',
      vary: 'accept',
      'gs1-cbv-xml-format': 'Always_Web_URI',
      'gs1-epc-format': 'Always_EPC_URN',
    });
    t.match(answer.body, '<epc>urn:epc:id:sgtin:6901234.056789.X1</epc>');
    t.match(answer.body, '<bizStep>https://ref.gs1.org/cbv/BizStep-commissioning</bizStep>');
    t.match(answer.body, '<acme:line>7</acme:line>');
    const reader = createEpcisXmlReader({ eventsMax: 10, elementsMax: 1000 });
    reader.write(answer.body);
    const read = reader.end();
    if (!read.ok) throw new Error(read.detail);
    const body = JSON.stringify(read.value);
    t.match(body, eventID);
    t.match(body, '"suyuan:entry"');
  }
  const urn = await get(maker, urls[0] ?? '', { ...xml, 'gs1-cbv-xml-format': 'Always_URN' });
  t.match(urn.body, 'urn:epcglobal:cbv:bizstep:commissioning');
  const proven = await get(maker, urls[1] ?? '', { accept: 'text/xml', 'suyuan-proof': 'include' });
  t.match(proven.body, /<suyuan:proof [^>]*>\{"checkpoint":/);
  t.equal(
    (await get(maker, '/events?perPage=1', { accept: 'application/json' })).json().type,
    'EPCISQueryDocument',
  );
  const accepted = await get(maker, urls[0] ?? '', { accept: 'text/html' });
  t.match(accepted.json(), { status: 406, code: 'not-acceptable' });
  const written = await get(maker, urls[0] ?? '', { ...xml, 'gs1-cbv-xml-format': 'Latin' });
  t.equal(written.statusCode, 406);
  t.match(written.body, '<suyuan:code>not-acceptable</suyuan:code>');
  const first = await get(maker, '/events?perPage=1', xml);
  const next = /<\/epcis\/v2(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
  const second = await get(maker, next, xml);
  t.equal(second.statusCode, 200, 'pages go on in XML');
  t.not(second.body, first.body);
});

t.test('identifiers and words are written as the headers say, and else by our choice', async (t) => {
  const home = 'https://shop.example/01/06901234567892/21';
  const place = 'urn:epc:id:sgln:6901234.05678.0';
  const mixed = made(
    'S1',
    `<disposition>https://ref.gs1.org/cbv/Disp-active</disposition>
    <readPoint><id>${place}</id></readPoint>`,
  ).replace(/<epc>[^<]*/, `<epc>${home}/S1`);
  const seen = mixed.replace('>ADD<', '>OBSERVE<').replace(':commissioning', ':inspecting');
  const sent = await send(maker, '/events', seen);
  t.equal(sent.statusCode, 201, sent.body);
  const url = String(sent.headers.location).replace('/epcis/v2', '');
  const link = 'https://id.gs1.org/01/06901234567892/21/S1';
  const linked = { epc: link, place: 'https://id.gs1.org/414/6901234056785' };
  const asSent = { epc: `${home}/S1`, place };
  const urns = { epc: 'urn:epc:id:sgtin:6901234.056789.S1', place };
  const web = ['https://ref.gs1.org/cbv/BizStep-inspecting', 'https://ref.gs1.org/cbv/Disp-active'];
  const cases: readonly (readonly [header: string, value: string | null, told: string, expected: object])[] =
    [
      ['gs1-epc-format', null, 'Always_GS1_Digital_Link', linked],
      ['gs1-epc-format', 'No_Preference', 'Always_GS1_Digital_Link', linked],
      ['gs1-epc-format', 'Always_GS1_Digital_Link', 'Always_GS1_Digital_Link', linked],
      ['gs1-epc-format', 'Always_EPC_URN', 'Always_EPC_URN', urns],
      ['gs1-epc-format', 'Never_Translates', 'Never_Translates', asSent],
      ['gs1-cbv-xml-format', null, 'Always_Web_URI', { words: web }],
      ['gs1-cbv-xml-format', 'No_Preference', 'Always_Web_URI', { words: web }],
      ['gs1-cbv-xml-format', 'Always_Web_URI', 'Always_Web_URI', { words: web }],
      [
        'gs1-cbv-xml-format',
        'Always_URN',
        'Always_URN',
        { words: ['urn:epcglobal:cbv:bizstep:inspecting', 'urn:epcglobal:cbv:disp:active'] },
      ],
      [
        'gs1-cbv-xml-format',
        'Never_Translates',
        'Never_Translates',
        { words: ['urn:epcglobal:cbv:bizstep:inspecting', 'https://ref.gs1.org/cbv/Disp-active'] },
      ],
    ];
  for (const [header, value, told, expected] of cases)
    for (const path of [url, `/events?EQ_eventID=${url.split('/').at(-1)}`]) {
      const headers = { accept: 'application/xml', ...(value === null ? {} : { [header]: value }) };
      const { body, headers: said } = await get(maker, path, headers);
      t.equal(said[header], told, `${header}: ${value}`);
      const [, epc] = /<epc>(.*?)</.exec(body) ?? [];
      const [, at] = /<readPoint><id>(.*?)</.exec(body) ?? [];
      const words = ['bizStep', 'disposition'].map((it) => new RegExp(`<${it}>(.*?)<`).exec(body)?.[1]);
      t.match({ epc, place: at, words }, expected, `${header}: ${value}`);
    }
  const json = await get(maker, url, {
    'gs1-epc-format': 'Never_Translates',
    'gs1-cbv-xml-format': 'Never_Translates',
  });
  const { eventList } = json.json().epcisBody.queryResults.resultsBody;
  t.match(eventList, [{ epcList: [`${home}/S1`], bizStep: 'inspecting', disposition: 'active' }]);
  t.equal(json.headers['gs1-cbv-xml-format'], undefined, 'JSON-LD has bare words alone');
  for (const header of ['gs1-epc-format', 'gs1-cbv-xml-format'])
    for (const value of ['always_epc_urn', 'x', '']) {
      const refused = await get(maker, url, { [header]: value });
      t.match(
        refused.json(),
        { status: 406, type: 'epcisException:NotAcceptableException' },
        `${header}: ${value}`,
      );
    }
  const listed = await get(maker, '/epcs?perPage=1000', { 'gs1-epc-format': 'Never_Translates' });
  t.ok(listed.json().member.includes(`${home}/S1`));
  t.equal(listed.headers['gs1-epc-format'], 'Never_Translates');
});

t.test(
  'master data of a header is kept as the sender’s claim, and told to those who may read it',
  async (t) => {
    const place = 'urn:epc:id:sgln:69012345.6789.0';
    const sizes = [await chain.size()];
    const capture = async (who: Actor, sent: string, type = 'application/xml') => {
      const answer = await send(who, '/capture', sent, { 'content-type': type });
      t.match(answer.json(), { success: true, running: false }, answer.body);
      sizes.push(await chain.size());
    };
    await capture(maker, xmlDocument(made('M1'), '2.0', xmlHeader));
    await capture(maker, xmlDocument(made('M2'), '1.2', xmlHeader));
    const site = {
      epcisMasterData: {
        vocabularyList: [
          {
            type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
            vocabularyElementList: [
              { id: place, attributes: [{ id: 'urn:epcglobal:cbv:mda:site', attribute: '中心仓' }] },
            ],
          },
        ],
      },
    };
    await capture(distributor, JSON.stringify({ ...document(), epcisHeader: site }), 'application/ld+json');
    t.strictSame(
      sizes.slice(1).map((size, i) => size - (sizes[i] ?? 0)),
      [4, 1, 1],
      'what was said before is not recorded again, and needs no event beside it',
    );
    const listed = async (who: Actor, query: string) => {
      const answer = await get(who, `/vocabularies${query}`);
      t.equal(answer.statusCode, 200, answer.body);
      const { resultsBody } = answer.json().epcisBody.queryResults;
      const found = resultsBody.vocabularyList.flatMap(
        (it: { vocabularyElementList: object[] }) => it.vocabularyElementList,
      );
      return found.map(({ id }: { id: string }) => id.replace('https://id.gs1.org/', ''));
    };
    const [top, inner, dock] = ['414/6901234567892', '414/6901234567892/254/7', 'urn:x:dock'];
    for (const [query, names] of [
      ['', [dock, inner, top]],
      ['?vocabularyName=urn:epcglobal:epcis:vtype:ReadPoint', [dock]],
      [`?EQ_name=${place}|urn:x:dock`, [dock, top]],
      [`?WD_name=${place}`, [dock, inner, top]],
      [`?WD_name=${place}&EQ_name=urn:x:dock`, [dock]],
      ['?HASATTR=urn:epcglobal:cbv:mda:sst', [dock]],
      ['?EQATTR_urn:epcglobal:cbv:mda:sst=200|201', [dock]],
      ['?EQATTR_urn:epcglobal:cbv:mda:sst=202', []],
      ['?EQATTR_cbvmda:sst=201', [dock]],
      ['?HASATTR=cbvmda:sst|cbvmda:site', [dock, top]],
      ['?HASATTR=cbvmda:sst&HASATTR=cbvmda:colour', [dock]],
      ['?maxElementCount=3', [dock, inner, top]],
    ] as const)
      t.strictSame((await listed(maker, query)).sort(), [...names].sort(), query);
    t.strictSame(await listed(distributor, ''), [top], 'others read their own');
    t.strictSame(
      await listed(distributor, `?WD_name=${place}`),
      [top],
      'and learn of nothing by the claims of others',
    );
    const told = await get(
      maker,
      `/vocabularies?EQ_name=${place}&attributeNames=urn:epcglobal:cbv:mda:site&includeChildren=false`,
    );
    t.match(told.json().epcisBody.queryResults, {
      queryName: 'SimpleMasterDataQuery',
      resultsBody: {
        vocabularyList: [
          {
            type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
            vocabularyElementList: [
              {
                '@context': { acme: 'https://ns.acme.example/epcis/' },
                attributes: [{ id: 'urn:epcglobal:cbv:mda:site', attribute: '6901234567892' }],
                'suyuan:recorder': `https://${host}/party/${maker.id}`,
              },
            ],
          },
        ],
      },
    });
    t.notMatch(told.body, 'children');
    const bare = await get(maker, '/vocabularies?includeAttributes=false&attributeNames=cbvmda:site');
    t.notMatch(bare.body, 'attribute":', 'attributeNames counts for nothing then');
    t.match((await get(maker, '/vocabularies?maxElementCount=2')).json(), {
      status: 413,
      type: 'epcisException:QueryTooLargeException',
    });
    const inXml = await get(maker, '/vocabularies?attributeNames=cbvmda:site', { accept: 'text/xml' });
    t.match(inXml.headers, { 'content-type': 'text/xml; charset=utf-8', vary: 'accept' });
    t.match(inXml.body, '<queryName>SimpleMasterDataQuery</queryName><resultsBody><VocabularyList>');
    t.match(inXml.body, '<attribute id="urn:epcglobal:cbv:mda:site">6901234567892</attribute><children><id>');
    t.notMatch(inXml.body, 'cbv:mda:sst');
    sizes.push(await chain.size());
    const whole = await get(maker, '/vocabularies', { accept: 'application/xml' });
    await capture(maker, whole.body.replace(/<suyuan:.*?<\/suyuan:\w+>/g, ''));
    t.equal(sizes.at(-1), sizes.at(-2), 'what is answered says what was captured');
    t.equal((await get(maker, '/vocabularies', { accept: 'text/html' })).statusCode, 406);
    const first = await get(maker, '/vocabularies?perPage=2');
    const next = /<\/epcis\/v2(.*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    t.strictSame(await listed(maker, next.slice('/vocabularies'.length)), [top]);
    const officers = [await chain.officer(['330000']), await chain.officer(['440000'])] as const;
    t.equal(
      (await listed(officers[0], '')).length,
      4,
      'the regulator in charge reads what parties there say',
    );
    t.strictSame(await listed(officers[1], ''), []);
    for (const wrong of [
      '?colour=red',
      '?EQ_name=https://id.gs1.org/01/06901234567893',
      '?includeChildren=maybe',
      '?nextPageToken=x',
    ])
      t.match(
        (await get(maker, `/vocabularies${wrong}`)).json(),
        { status: 400, code: 'invalid-query' },
        wrong,
      );
    const refused = await send(
      maker,
      '/capture',
      xmlDocument('', '2.0', xmlHeader.replace('urn:x:dock', 'dock')),
    );
    t.match(refused.json(), {
      status: 400,
      errors: [{ pointer: /^\/epcisHeader\/epcisMasterData\/vocabularyList\// }],
    });
    const one = await send(maker, '/events', xmlDocument(made('M3'), '2.0', xmlHeader));
    t.match(one.json(), { status: 400, errors: [{ pointer: '/epcisHeader' }] });
  },
);

t.test('a gigabyte of nested nonsense is refused after its first bytes', async (t) => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const gigabyte = 1024 ** 3;
  const stream = (head: string, piece: string, headers = {}) =>
    new Promise<{ status: number; sent: number; code: string }>((resolve, reject) => {
      let sent = 0;
      let answered = false;
      const sending = request({
        port,
        method: 'POST',
        path: '/epcis/v2/capture',
        headers: { authorization: maker.bearer, 'content-type': 'application/xml', ...headers },
      });
      sending.on('response', (answer) => {
        answered = true;
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => {
          sending.destroy();
          resolve({ status: answer.statusCode ?? 0, sent, code: JSON.parse(text).code });
        });
      });
      sending.on('error', (error) => (answered ? undefined : reject(error)));
      const more = (): void => {
        while (!answered && !sending.destroyed && sent < gigabyte) {
          sent += piece.length;
          if (!sending.write(piece)) return void sending.once('drain', more);
        }
      };
      sending.write(head);
      more();
    });
  const [head = ''] = xmlDocument('|').split('|');
  const nested = await stream(head, '<ObjectEvent>'.repeat(5_000));
  t.match(nested, { status: 400, code: 'too-deep' });
  t.ok(nested.sent < 16 * 1024 ** 2, `${nested.sent} bytes were sent`);
  const endless = await stream(head, `<acme:x>${'x'.repeat(60_000)}</acme:x>`);
  t.match(endless, { status: 413, code: 'body-too-large' });
  t.ok(endless.sent < 64 * 1024 ** 2, `${endless.sent} bytes were sent`);
  const announced = await stream(head, ' ', { 'content-length': String(gigabyte) });
  t.match(announced, { status: 413, code: 'body-too-large' });
});

t.test('what was captured can be rebuilt from the log', async (t) => {
  const { mismatch } = await rebuild(service.owner, { projections, followers: followerProjections });
  t.equal(mismatch, null);
  t.strictSame(service.logged, []);
});
