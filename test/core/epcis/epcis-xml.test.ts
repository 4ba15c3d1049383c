import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { readEpcisEvent } from '../../../src/core/epcis/epcis-reading.ts';
import { hasMoreParts, namesMax, partsMax, sizeFault } from '../../../src/core/epcis/epcis-size.ts';
import { createEpcisXmlReader } from '../../../src/core/epcis/epcis-xml.ts';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import type { JsonObject } from '../../../src/core/text/canonical.ts';
import type { Fault } from '../../../src/errors.ts';
import { readDocument } from '../../../src/features/epcis/documents.ts';
import { xmlDocument, xmlQueryDocument, xmlSamples } from '../../support/epcis-xml-samples.ts';
import { host } from '../../support/hop-samples.ts';

const limits = { eventsMax: 100, elementsMax: 1000 };
const read = (xml: string, elementsMax = limits.elementsMax) => {
  const reader = createEpcisXmlReader({ ...limits, elementsMax });
  reader.write(xml);
  return reader.end();
};
const documentOf = (xml: string): JsonObject => {
  const result = read(xml);
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
  return result.value;
};
const events = (xml: string) => documentOf(xml).epcisBody;
const context = { acme: 'https://ns.acme.example/epcis/', cbvmda: 'urn:epcglobal:cbv:mda:' };

t.test('the worked example', async (t) => {
  const xml = `<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:acme="https://ns.acme.example/epcis/"
    schemaVersion="2.0" creationDate="2025-07-01T10:00:00Z"><EPCISBody><EventList>
    <ObjectEvent><action>OBSERVE</action><epcList><epc>urn:…</epc></epcList><acme:line>7</acme:line></ObjectEvent>
  </EventList></EPCISBody></epcis:EPCISDocument>`;
  t.strictSame(documentOf(xml), {
    '@context': [{ acme: 'https://ns.acme.example/epcis/' }],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2025-07-01T10:00:00Z',
    epcisBody: {
      eventList: [{ type: 'ObjectEvent', action: 'OBSERVE', epcList: ['urn:…'], 'acme:line': '7' }],
    },
  });
});

t.test('every member of every type, in both versions, is the JSON that says the same', async (t) => {
  const all = xmlDocument(xmlSamples.map(({ xml }) => xml).join(''));
  t.strictSame(events(all), { eventList: xmlSamples.map(({ json }) => json) });
  t.match(documentOf(all)['@context'], [context]);
  const old = xmlSamples.filter((sample) => sample.old !== null);
  const json = { eventList: old.map((sample) => sample.json) };
  t.strictSame(events(xmlDocument(old.map((it) => it.old).join(''), '1.2')), json);
  for (const version of ['2.0', '1.2'] as const) {
    const list = old.map((it) => (version === '2.0' ? it.xml : it.old)).join('');
    t.match(documentOf(xmlQueryDocument(list, version)), {
      type: 'EPCISQueryDocument',
      schemaVersion: '2.0',
      epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: json } },
    });
  }
  for (const { json } of xmlSamples)
    t.strictSame(
      readEpcisEvent(json, { host, context: withDeclared(baseContext(host), context) }).faults,
      [],
    );
});

t.test('events hash as the reference implementation says of the XML', async (t) => {
  for (const { json, hash } of xmlSamples)
    t.equal(eventHash({ ...json, '@context': context }, host), `ni:///sha-256;${hash}?ver=CBV2.0`);
});

/** A document with what the reference implementation takes otherwise than the written rule; its event's hash by 1.9.3. */
const unruly = {
  xml: `<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:acme="https://ns.acme.example/epcis/"
    xmlns:repository-x="https://repository-x.example.com/" schemaVersion="2.0" creationDate="2025-07-01T10:00:00Z">
    <repository-x:ignoreFields><acme:captureID/></repository-x:ignoreFields><EPCISBody><EventList><ObjectEvent>
    <eventTime>2025-07-01T10:30:00+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
    <epcList><epc>urn:epc:id:sgtin:69012345.06789.A7</epc></epcList><action>OBSERVE</action>
    <bizStep>urn:epcglobal:cbv:bizstep:inspecting</bizStep><sensorElementList><sensorElement>
    <sensorMetadata time="2025-07-01T10:29:00+08:00"/>
    <sensorReport type="gs1:Pressure" value="1.20" uom="BAR" bizRules="https://acme.example/253/6901234567892R7"/>
    <sensorReport type="gs1:Temperature" stringValue="987654321098765432109876" deviceID="urn:epc:id:giai:69012345.G1"/>
    </sensorElement></sensorElementList><acme:weight unit="KGM">0.00001230</acme:weight><acme:line>007</acme:line>
    <acme:captureID>c1</acme:captureID></ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>`,
  json: {
    '@context': [{ acme: 'https://ns.acme.example/epcis/', x: 'https://repository-x.example.com/' }],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2025-07-01T10:00:00Z',
    'x:ignoreFields': ['acme:captureID'],
    epcisBody: {
      eventList: [
        {
          type: 'ObjectEvent',
          eventTime: '2025-07-01T10:30:00+08:00',
          eventTimeZoneOffset: '+08:00',
          epcList: ['urn:epc:id:sgtin:69012345.06789.A7'],
          action: 'OBSERVE',
          bizStep: 'inspecting',
          sensorElementList: [
            {
              sensorMetadata: { time: '2025-07-01T10:29:00+08:00' },
              sensorReport: [
                {
                  type: 'Pressure',
                  value: 1.2,
                  uom: 'BAR',
                  bizRules: 'https://acme.example/253/6901234567892R7',
                },
                {
                  type: 'Temperature',
                  stringValue: '987654321098765432109876',
                  deviceID: 'urn:epc:id:giai:69012345.G1',
                },
              ],
            },
          ],
          'acme:weight': { '#text': '0.00001230', unit: 'KGM' },
          'acme:line': '007',
          'acme:captureID': 'c1',
        },
      ],
    },
  },
  hash: '2c3be3b5a0f25d53caeba216cb6dcc01819224035517f7c0116ee8b90ac2c214',
};

t.test('where rule and reference implementation differ both bindings hash as the latter says', async (t) => {
  const { eventList } = unruly.json.epcisBody;
  const query = {
    ...unruly.json,
    type: 'EPCISQueryDocument',
    'x:ignoreFields': [],
    epcisBody: { queryResults: { 'x:ignoreFields': ['acme:captureID'], resultsBody: { eventList } } },
  };
  for (const document of [documentOf(unruly.xml), unruly.json, query]) {
    const read = readDocument(document, host);
    if (!read.ok) throw new Error(read.detail);
    const { context, unhashed, events } = read.value;
    t.strictSame([...unhashed], ['{https://ns.acme.example/epcis/}captureID']);
    const { event, faults } = readEpcisEvent(events[0] ?? null, { host, context, unhashed });
    t.strictSame(faults, []);
    t.equal(event?.eventID, `ni:///sha-256;${unruly.hash}?ver=CBV2.0`);
    t.match(event, { 'acme:captureID': 'c1' }, 'it is kept all the same');
  }
});

t.test('as many elements as there may be take time that grows with them and no faster', async (t) => {
  const count = 60_000;
  const names = Array.from({ length: count }, (_, n) => `<a:x xmlns:a="urn:${n}"/>`);
  const each = 6_000;
  const named = Array.from(
    { length: count / each },
    (_, i) => `<ObjectEvent>${names.slice(i * each, (i + 1) * each).join('')}</ObjectEvent>`,
  );
  const reports = '<sensorReport/>'.repeat(count);
  const sensors = `<sensorElementList><sensorElement>${reports}</sensorElement></sensorElementList>`;
  const result = read(xmlDocument(`${named.join('')}<ObjectEvent>${sensors}</ObjectEvent>`), 3 * count);
  t.ok(result.ok && JSON.stringify(result.value).includes(`"a${count - 1}:x":""`));
});

t.test('an event of more parts or names than may be is refused where it goes too far', async (t) => {
  const [few = '', many = ''] = ['', '<acme:x>1</acme:x>'.repeat(partsMax)].map(
    (more) => `<ObjectEvent><acme:y a="1" b="2"/>${more}</ObjectEvent>`,
  );
  const told = (xml: string): Fault | null => {
    const reader = createEpcisXmlReader({ ...limits, elementsMax: 2 * partsMax });
    return reader.write(xml);
  };
  const start = xmlDocument(`${few}${many}`).split('</ObjectEvent></EventList>')[0] ?? '';
  t.match(told(start), { code: 'body-too-large', pointer: '/epcisBody/eventList/1' }, 'before its end');
  const room = partsMax - 3;
  t.equal(told(start.slice(0, start.length - (partsMax - room) * '<acme:x>1</acme:x>'.length)), null);
  const names = Array.from({ length: namesMax + 1 }, (_, n) => `acme:x${n}`);
  const named = `<ObjectEvent>${names.map((name) => `<${name}/>`).join('')}`;
  t.match(told(xmlDocument(named)), { code: 'body-too-large', pointer: '/epcisBody/eventList/0' });
  const attributes = `<acme:x ${Array.from({ length: 63 }, (_, n) => `a${n}="1"`).join(' ')}/>`;
  const heavy = `<ObjectEvent>${attributes.repeat(partsMax / 64 + 1)}`;
  t.match(told(xmlDocument(heavy)), { code: 'body-too-large' });
  const things = `<EPCISHeader><extension><EPCISMasterData><VocabularyList><Vocabulary type="urn:x"><VocabularyElementList>
    <VocabularyElement id="urn:y">${'<attribute id="z">1</attribute>'.repeat(partsMax)}`;
  t.match(told(xmlDocument('', '2.0', things)), { code: 'body-too-large', pointer: '/epcisHeader' });

  t.equal(sizeFault({ type: 'ObjectEvent', 'acme:x': Array(partsMax - 2).fill('1') }), null);
  t.match(sizeFault({ type: 'ObjectEvent', 'acme:x': Array(partsMax).fill('1') }), {
    code: 'body-too-large',
  });
  const members = Object.fromEntries(names.map((name) => [name, {}]));
  t.match(sizeFault({ 'acme:x': [{ 'acme:y': members }] }), { code: 'body-too-large' });
  t.equal(hasMoreParts({ 'acme:x': [{ 'acme:y': {} }] }, 2), true);
  t.equal(hasMoreParts({ 'acme:x': [{ 'acme:y': {} }] }, 3), false);
});

t.test('what XML says in its own ways', async (t) => {
  const seen = (inside: string) => events(xmlDocument(`<ObjectEvent>${inside}</ObjectEvent>`));
  const event = (members: object) => ({ eventList: [{ type: 'ObjectEvent', ...members }] });
  const quantity = (text: string) =>
    seen(`<quantityList><quantityElement><quantity>${text}</quantity></quantityElement></quantityList>`);
  for (const [text, number] of [
    ['1', 1],
    ['+007.250', 7.25],
    ['-0.5', -0.5],
    ['3.', 3],
    ['1e3', 1000],
    ['0', 0],
    ['12345678901234567890', '12345678901234567890'],
    ['0.1000000000000000001', '0.1000000000000000001'],
    ['NaN', 'NaN'],
    ['', ''],
    ['0'.repeat(65), '0'.repeat(65)],
  ] as const)
    t.strictSame(quantity(text), event({ quantityList: [{ quantity: number }] }), text);
  t.strictSame(
    seen('<quantityList><thing/><quantityElement x="1"/></quantityList>'),
    event({ quantityList: [{ thing: '' }, { x: '1' }] }),
    'what is not of the list is there to be told',
  );
  t.strictSame(seen('<action>ADD</action><action>ADD</action>'), event({ action: ['ADD', 'ADD'] }));
  t.strictSame(
    seen('<action>A<b/></action><colour>red</colour>'),
    event({ action: { '#text': 'A', b: '' }, colour: 'red' }),
  );
  t.strictSame(
    seen(
      '<x:a xmlns:x="urn:one:"/><y:b xmlns:y="urn:one:"/><x:c xmlns:x="urn:two:"/><d xmlns="urn:three:"/>',
    ),
    event({ 'x:a': '', 'x:b': '', 'x1:c': '', 'ns:d': '' }),
    'a namespace has one prefix, and a prefix one namespace',
  );
  t.strictSame(seen('<action>ADD</action><type>TransactionEvent</type>'), event({ action: 'ADD' }));
  const instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  t.strictSame(seen(`<bizStep ${instance} xsi:nil="true"/><action>ADD</action>`), event({ action: 'ADD' }));
  t.strictSame(
    seen(
      '<sensorElementList><sensorElement><sensorReport booleanValue="0" value="x"/></sensorElement></sensorElementList>',
    ),
    event({ sensorElementList: [{ sensorReport: [{ booleanValue: false, value: 'x' }] }] }),
  );
  const old = `<QuantityEvent><eventTime>t</eventTime><epcClass>urn:x:c</epcClass><quantity>200</quantity></QuantityEvent>`;
  t.strictSame(
    events(xmlDocument(old, '1.2')),
    event({ action: 'OBSERVE', eventTime: 't', quantityList: [{ epcClass: 'urn:x:c', quantity: 200 }] }),
  );
  const qualified = xmlDocument('<ObjectEvent><action>ADD</action></ObjectEvent>').replace(
    'xmlns:epcis',
    'xmlns="urn:epcglobal:epcis:xsd:2" xmlns:epcis',
  );
  t.strictSame(events(qualified), event({ action: 'ADD' }), 'the schema would have it otherwise');
  t.match(
    events('<ObjectEvent><action>ADD</action></ObjectEvent>'),
    event({ action: 'ADD' }),
    'an event alone',
  );
  t.strictSame(events(xmlDocument('')), { eventList: [] });
});

t.test('what is refused', async (t) => {
  const event = (inside: string) => xmlDocument(`<ObjectEvent>${inside}</ObjectEvent>`);
  const nested = (n: number) => event('<a:x xmlns:a="urn:a:">'.repeat(n) + '</a:x>'.repeat(n));
  const attributes = (n: number) =>
    event(`<x ${Array.from({ length: n }, (_, i) => `a${i}=""`).join(' ')}/>`);
  const twice = (n: number): string => (n === 0 ? '' : `<x/><x>${twice(n - 1)}</x>`);
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'malformed-xml'],
    ['{}', 'malformed-xml'],
    [event('<a></b>'), 'malformed-xml'],
    [event('<a:x/>'), 'malformed-xml'],
    [event('&nbsp;'), 'malformed-xml'],
    [event('&#0;'), 'malformed-xml'],
    [event('<x a="1" a="2"/>'), 'malformed-xml'],
    [`${event('')}<more/>`, 'malformed-xml'],
    [event('').slice(0, -1), 'malformed-xml'],
    [event('').replace('?>', '?><!DOCTYPE x>'), 'malformed-xml'],
    [event('').replace('?>', '?><!DOCTYPE x [<!ENTITY a "&a;&a;">]>'), 'malformed-xml'],
    [event('').replace('?>', '?><!DOCTYPE x SYSTEM "file:///etc/passwd">'), 'malformed-xml'],
    [event('').replace('UTF-8', 'UTF-16'), 'malformed-xml'],
    [event('').replace('UTF-8', 'GB18030'), 'malformed-xml'],
    [event('').replace('version="1.0"', 'version="1.1"'), 'malformed-xml'],
    [nested(29), 'too-deep'],
    [event(`<a:y xmlns:a="urn:a:">${twice(14)}</a:y>`), 'too-deep'],
    [attributes(65), 'invalid-request'],
    [event(`<x>${'x'.repeat(65_537)}</x>`), 'invalid-request'],
    [event(`<x>${'x<![CDATA[y]]>'.repeat(32_769)}</x>`), 'invalid-request'],
    [event('<__proto__/>'), 'invalid-request'],
    ['<EPCISDocument/>', 'invalid-request'],
    ['<x:EPCISDocument xmlns:x="urn:x:"/>', 'invalid-request'],
    [event('').replace('schemaVersion="2.0"', ''), 'invalid-request'],
    [event('').replace('schemaVersion="2.0"', 'schemaVersion="3.0"'), 'invalid-request'],
    [xmlDocument('<ObjectEvent/>'.repeat(101)), 'too-many-events'],
    [event('<a/>'.repeat(997)), 'body-too-large'],
  ];
  for (const [xml, code] of wrong) t.match(read(xml), { ok: false, code }, xml.slice(0, 200));
  for (const xml of [
    nested(28),
    event(`<a:y xmlns:a="urn:a:">${twice(13)}</a:y>`),
    attributes(64),
    event(`<x>${'x'.repeat(65_536)}</x>`),
  ])
    t.match(read(xml), { ok: true });
  for (const space of ['', ' xmlns="urn:x:"'])
    t.match(read(event(`<ilmd${space}><a constructor="" toString=""/></ilmd>`)), { ok: true });
});

t.test('endless nonsense ends at once, whatever it is made of', async (t) => {
  const [head = ''] = xmlDocument('<ObjectEvent>|</ObjectEvent>').split('|');
  const piece = 64 * 1024;
  const filled = (text: string) => text.repeat(Math.ceil(piece / text.length));
  for (const [name, start, more] of [
    ['nested elements', head, filled('<a>')],
    ['a tag', `${head}<`, filled('a')],
    ['attributes', `${head}<a `, filled('b="" ')],
    ['a value', `${head}<a b="`, filled('c')],
    ['a text', `${head}<a>`, filled('c')],
    ['a section', `${head}<a><![CDATA[`, filled('c')],
    ['a comment', `${head}<!--`, filled('c')],
    ['an instruction', `${head}<?a `, filled('c')],
    ['a declaration of types', '<!DOCTYPE a [', filled('<!ENTITY b "c">')],
    ['a reference', `${head}<a>&`, filled('c')],
    ['nothing', '', filled(' ')],
    ['names of namespaces', head, filled('<a xmlns:b="c">')],
  ] as const) {
    const reader = createEpcisXmlReader(limits);
    let pieces = 0;
    for (let found = reader.write(start); found === null && pieces < 100; pieces++)
      found = reader.write(more);
    t.ok(pieces <= 3, `${name}: ${pieces} pieces`);
  }
});
