import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createEpcisXmlReader } from '../../../src/core/epcis/epcis-xml.ts';
import { eventXml, queryDocumentXml } from '../../../src/core/epcis/epcis-xml-writing.ts';
import { eventHash, preHash } from '../../../src/core/events/event-hash.ts';
import { isObject } from '../../../src/core/events/event-members.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { Json, JsonObject } from '../../../src/core/text/canonical.ts';
import { isXmlName, xmlName, xmlText, xmlValue } from '../../../src/core/text/xml-text.ts';
import { xmlSamples } from '../../support/epcis-xml-samples.ts';
import { anyHop, host } from '../../support/hop-samples.ts';

const declared = {
  acme: 'https://ns.acme.example/epcis/',
  twin: 'https://ns.acme.example/epcis/',
  cbvmda: 'urn:epcglobal:cbv:mda:',
  gs1: 'https://gs1.org/voc/',
  suyuan: `https://${host}/ns/`,
  xml: 'urn:not:xml:',
  n1: 'urn:n1:',
};
const context = { '@context': declared };

/** The events of a document in XML, each with the namespaces that it declares. */
function readBack(xml: string): JsonObject[] {
  const reader = createEpcisXmlReader({ eventsMax: 100, elementsMax: 10_000 });
  reader.write(xml);
  const document = reader.end();
  if (!document.ok) throw new Error(`${document.detail}\n${xml}`);
  const body = document.value.epcisBody;
  const results = isObject(body) && isObject(body.queryResults) ? body.queryResults.resultsBody : body;
  const list =
    isObject(results) && Array.isArray(results.eventList) ? results.eventList.filter(isObject) : [];
  return list.map((event) => ({ ...event, '@context': document.value['@context'] ?? [] }));
}
const documentOf = (events: readonly JsonObject[]): JsonObject => ({
  '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', declared],
  type: 'EPCISQueryDocument',
  creationDate: '2025-07-01T10:00:00Z',
  epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList: events } } },
});

t.test('the worked example', async (t) => {
  const event = {
    type: 'ObjectEvent',
    'acme:line': ['1', '2'],
    bizStep: 'shipping',
    epcList: ['https://id.gs1.org/01/06901234567892/21/A7'],
    action: 'ADD',
    '@context': { acme: 'https://ns.acme.example/' },
  };
  t.equal(
    eventXml(event, 'No_Preference'),
    '<ObjectEvent xmlns:acme="https://ns.acme.example/"><epcList><epc>https://id.gs1.org/01/06901234567892/21/A7</epc>' +
      '</epcList><action>ADD</action><bizStep>https://ref.gs1.org/cbv/BizStep-shipping</bizStep>' +
      '<acme:line>1</acme:line><acme:line>2</acme:line></ObjectEvent>\n',
  );
  t.match(eventXml(event, 'Always_URN'), '<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>');
  t.equal(xmlText('a < b & c'), 'a &lt; b &amp; c');
  t.equal(xmlValue('"\n\u0001\ud800'), '&quot;&#10;\ufffd\ufffd');
  t.equal(xmlName('first name'), 'first_x0020_name');
  t.strictSame([xmlName('1'), xmlName(''), xmlName('名')], ['_x0031_', '_', '名']);
  t.notOk(isXmlName('a:b'));
});

t.test('every member comes back as it was, in the order of the schema', async (t) => {
  const events = xmlSamples.map(({ json }) => ({ ...json, ...context }));
  const xml = queryDocumentXml(documentOf(events), 'No_Preference');
  const back = readBack(xml);
  const bare = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replaceAll(/urn:epcglobal:cbv:(?:btt|sdt|disp|bizstep|er):/g, ''));
  for (const [i, { json }] of xmlSamples.entries()) {
    const { '@context': _context, ...event } = back[i] ?? {};
    t.strictSame(bare(event), bare(json));
  }
  const [object = ''] = /<ObjectEvent.*?<\/ObjectEvent>/.exec(xml) ?? [];
  const places = [
    'eventTime',
    'recordTime',
    'eventID',
    'certificationInfo',
    'epcList',
    'action',
    'readPoint',
    'ilmd',
    'acme:line',
  ];
  const found = places.map((name) => object.indexOf(`<${name}>`) + object.indexOf(`<${name} `));
  t.strictSame(
    found,
    [...found].sort((a, b) => a - b),
  );
  const association = /<AssociationEvent.*<\/AssociationEvent>/.exec(xml)?.[0] ?? '';
  t.ok(association.indexOf('<childEPCs>') < association.indexOf('<action>'));
  const transaction = /<TransactionEvent.*<\/TransactionEvent>/.exec(xml)?.[0] ?? '';
  t.ok(transaction.indexOf('<bizTransactionList>') < transaction.indexOf('<parentID>'));
});

t.test('what XML says otherwise hashes the same', async (t) => {
  const odd: JsonObject = {
    type: 'ObjectEvent',
    ...context,
    eventTime: '2025-07-01T02:30:00.000Z',
    certificationInfo: ['https://lab.example/1', 'https://lab.example/2'],
    epcList: [],
    quantityList: [{ epcClass: 'urn:x:c', quantity: 1e21, uom: 'KGM', 'acme:roll': 1 }],
    bizTransactionList: [{ bizTransaction: 'urn:x:1', 'acme:a': 1, 'acme:b': { c: null } }],
    sensorElementList: [
      {
        sensorReport: [
          {
            type: 'Temperature',
            component: 'x',
            booleanValue: false,
            value: -0.5,
            'acme:q': { 'acme:r': [1] },
          },
        ],
      },
    ],
    'acme:x': [
      [1, [2]],
      [],
      null,
      true,
      { '#text': ' a ', '@id': 'b', 'twin:c': 1, 'acme:c': 2, xmlns: 'd' },
    ],
    'xml:y': { '#text': 'lang', 'xml:lang': 'zh' },
    'n1:z': { inner: { deeper: '<&>"\r\n\t]]>' } },
    'undeclared:z': 1,
  };
  const [back = {}] = readBack(queryDocumentXml(documentOf([odd]), 'Always_Web_URI'));
  // What is no name in XML comes back under another.
  const named: JsonObject = JSON.parse(
    JSON.stringify(odd).replaceAll('"@id"', '"_x0040_id"').replaceAll('undeclared:', 'undeclared_x003A_'),
  );
  const { undeclared_x003A_z: _odd, ...comparable } = named;
  const { undeclared_x003A_z: told, ...others } = back;
  t.equal(told, '1');
  t.equal(eventHash(others, host), eventHash(comparable, host));
  t.match(
    queryDocumentXml({ ...documentOf([]), 'suyuan:proof': { a: '<' } }, 'Always_URN'),
    /<suyuan:proof xmlns:suyuan="[^"]+">\{"a":"&lt;"\}<\/suyuan:proof>/,
  );
});

t.test('from JSON to XML and back no event has another hash', async () => {
  const name = fc.constantFrom('acme:a', 'acme:b', 'twin:c', 'cbvmda:lotNumber', 'xml:d', 'n1:e', 'n1:名');
  const text = fc.oneof(
    fc
      .string({ unit: 'binary', maxLength: 8 })
      .map((it) => it.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')),
    fc.constantFrom('urn:epc:id:sgtin:69012345.06789.A7', ' x ', '', 'shipping', '007', '1.50'),
  );
  const { value } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.oneof(name, fc.constantFrom('inner', '#text', 'type')), tie('value'), {
      maxKeys: 3,
    }),
  }));
  const extensions = fc.dictionary(name, value, { maxKeys: 3 });
  const formats = fc.constantFrom('Always_Web_URI', 'Always_URN', 'Never_Translates' as const);
  const sample = fc.constantFrom(...xmlSamples.map(({ json }) => json));
  const merged = fc.tuple(sample, extensions, extensions).map(([json, outer, inner]): JsonObject => {
    const held = isObject(json.ilmd) ? { ilmd: { ...json.ilmd, ...inner } } : {};
    return { ...json, ...outer, ...held };
  });
  const hops = anyHop.chain((hop) => {
    const events = hopToEvents(hop, host);
    return fc.constant(events.ok ? (events.value[0] ?? {}) : {});
  });
  const event = fc
    .oneof(
      merged,
      hops.map((it): JsonObject => ({ ...it })),
    )
    .filter(({ type }) => type !== undefined);
  fc.assert(
    fc.property(event, formats, (it, words) => {
      const [back = {}] = readBack(queryDocumentXml(documentOf([it]), words));
      assert.equal(preHash(back, host), preHash({ ...it, ...context }, host));
    }),
    { numRuns: 200 },
  );
});
