import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { readVocabularies } from '../../../src/core/epcis/epcis-vocabulary.ts';
import { parseMasterDataQuery } from '../../../src/core/epcis/epcis-vocabulary-query.ts';
import { masterDataDocument } from '../../../src/core/epcis/epcis-writing.ts';
import { createEpcisXmlReader } from '../../../src/core/epcis/epcis-xml.ts';
import { queryDocumentXml } from '../../../src/core/epcis/epcis-xml-writing.ts';
import type { Json, JsonObject } from '../../../src/core/text/canonical.ts';
import { masterData, xmlDocument, xmlHeader, xmlMasterData } from '../../support/epcis-xml-samples.ts';
import { host } from '../../support/hop-samples.ts';

const context = withDeclared(baseContext(host), { acme: 'https://ns.acme.example/epcis/' });
const read = (document: JsonObject) => readVocabularies(document, { host, context });
const xml = (text: string, eventsMax = 100) => {
  const reader = createEpcisXmlReader({ eventsMax, elementsMax: 1000 });
  reader.write(text);
  return reader.end();
};

t.test('the worked example', async (t) => {
  const header = {
    epcisMasterData: {
      vocabularyList: [
        {
          type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
          vocabularyElementList: [
            {
              id: 'urn:epc:id:sgln:69012345.6789.0',
              attributes: [{ id: 'urn:epcglobal:cbv:mda:site', attribute: '6901234567892' }],
              children: ['urn:x:dock'],
            },
          ],
        },
      ],
    },
  };
  t.strictSame(read({ epcisHeader: header }), {
    claims: [
      {
        vocabulary: 'urn:epcglobal:epcis:vtype:BusinessLocation',
        name: '414/6901234567892',
        attributes: [{ id: 'urn:epcglobal:cbv:mda:site', attribute: '6901234567892' }],
        children: ['urn:x:dock'],
        context: null,
      },
    ],
    faults: [],
  });
});

t.test('a header in XML says what the one in JSON does', async (t) => {
  for (const version of ['2.0', '1.2'] as const) {
    const result = xml(xmlDocument('', version, xmlHeader));
    t.strictSame(result.ok && result.value.epcisHeader, masterData);
  }
  const alone = xml(
    `<md:EPCISMasterDataDocument xmlns:md="urn:epcglobal:epcis-masterdata:xsd:1" xmlns:acme="urn:a:" schemaVersion="1.2"
    creationDate="2025-07-01T10:00:00Z"><EPCISBody>${xmlMasterData}</EPCISBody></md:EPCISMasterDataDocument>`,
  );
  t.match(alone, { value: { type: 'EPCISDocument', epcisHeader: masterData, epcisBody: { eventList: [] } } });
  t.match(xml(xmlDocument('', '2.0', xmlHeader), 2), { ok: false, code: 'too-many-events' });
  const { claims } = read({ epcisHeader: masterData });
  t.match(
    claims.map(({ name, context }) => [name, context]),
    [
      ['414/6901234567892', { acme: 'https://ns.acme.example/epcis/' }],
      ['414/6901234567892/254/7', null],
      ['urn:x:dock', null],
    ],
  );
});

t.test('what is written as XML reads the same again', async (t) => {
  const thing = {
    '@context': { acme: 'https://ns.acme.example/epcis/' },
    id: 'urn:x:dock',
    attributes: [
      { id: 'cbvmda:sst', attribute: 201 },
      { id: 'acme:of', attribute: ['a', 'b'] },
      { id: 'acme:at', attribute: { '#text': '<x>', id: '7', 'acme:unit': 'mm' } },
      { id: 'acme:in', attribute: { 'acme:Street': ['1', '2'] } },
      { id: 'acme:none' },
    ],
    children: ['urn:x:gate&7'],
    'acme:seen': '5',
  };
  const vocabularyList = [
    { type: 'urn:x:t', vocabularyElementList: [thing, { id: 'urn:x:gate' }] },
    { type: 'urn:x:u', vocabularyElementList: [] },
  ];
  const answer = masterDataDocument(vocabularyList, 0, host);
  const written = queryDocumentXml(answer, 'No_Preference');
  t.match(written, '<queryName>SimpleMasterDataQuery</queryName><resultsBody><VocabularyList>');
  const again = xml(written);
  if (!again.ok) throw new Error(again.detail);
  const home = 'https://ns.acme.example/epcis/';
  t.strictSame(again.value.epcisHeader, {
    epcisMasterData: {
      vocabularyList: [
        {
          type: 'urn:x:t',
          vocabularyElementList: [
            {
              id: 'urn:x:dock',
              'acme:seen': '5',
              attributes: [
                { id: 'urn:epcglobal:cbv:mda:sst', attribute: '201' },
                { id: `${home}of`, attribute: 'a' },
                { id: `${home}of`, attribute: 'b' },
                { id: `${home}at`, attribute: { '#text': '<x>', 'acme:unit': 'mm', id: '7' } },
                { id: `${home}in`, attribute: { 'acme:Street': ['1', '2'] } },
                { id: `${home}none`, attribute: '' },
              ],
              children: ['urn:x:gate&7'],
            },
            { id: 'urn:x:gate', attributes: [], children: [] },
          ],
        },
        { type: 'urn:x:u', vocabularyElementList: [] },
      ],
    },
  });
});

t.test('the parameters of a query of master data', async (t) => {
  const parse = (text: string) =>
    parseMasterDataQuery(
      new Map([...new URLSearchParams(text)].map(([name, value]) => [name, value.split('|')])),
      { host, context },
    );
  t.match(parse('vocabularyName=urn:x:t&HASATTR=cbvmda:site|cbvmda:sst&includeChildren=false'), {
    value: {
      vocabularies: ['urn:x:t'],
      names: null,
      within: null,
      attributes: [{ values: null }],
      told: null,
      includeAttributes: true,
      includeChildren: false,
      most: null,
    },
  });
  const full = parse(
    'EQ_name=urn:epc:id:sgln:69012345.6789.0&WD_name=urn:x:1|urn:x:2&EQATTR_acme:zone=A&EQ_ATTR_acme:a_b=7&includeAttributes=false&attributeNames=acme:zone&maxElementCount=7',
  );
  t.match(full, {
    value: {
      names: ['414/6901234567892'],
      within: ['urn:x:1', 'urn:x:2'],
      attributes: [{ values: new Set(['A']) }, { values: new Set(['7']) }],
      includeAttributes: false,
      most: 7,
    },
  });
  const ids = full.ok && full.value.attributes.map(({ ids }) => [...ids]);
  t.match(ids, [['acme:zone', 'https://ns.acme.example/epcis/zone'], ['acme:a_b']]);
  for (const wrong of [
    'colour=red',
    'EQ_name=urn:epc:id:sgln:1',
    'maxElementCount=0',
    'includeChildren=maybe',
    'EQATTR_=1',
  ])
    t.match(parse(wrong), { ok: false, code: 'invalid-query' }, wrong);
});

t.test('what does not fit is told with its place', async (t) => {
  const at = '/epcisHeader/epcisMasterData/vocabularyList';
  const header = (vocabularyList: Json) => ({ epcisHeader: { epcisMasterData: { vocabularyList } } });
  const one = (element: Json) => header([{ type: 'urn:x:t', vocabularyElementList: [element] }]);
  for (const [document, pointer] of [
    [header({}), at],
    [header([7]), `${at}/0/vocabularyElementList`],
    [header([{ type: 'x', vocabularyElementList: [] }]), `${at}/0/type`],
    [header([{ type: 'urn:x:t', vocabularyElementList: {} }]), `${at}/0/vocabularyElementList`],
    [one({}), `${at}/0/vocabularyElementList/0/id`],
    [one({ id: 'urn:x:1', colour: 'red' }), `${at}/0/vocabularyElementList/0/colour`],
    [one({ id: 'urn:x:1', attributes: [{}] }), `${at}/0/vocabularyElementList/0/attributes/0/id`],
    [one({ id: 'urn:x:1', children: [7] }), `${at}/0/vocabularyElementList/0/children/0`],
  ] as const)
    t.match(read(document), { claims: [], faults: [{ pointer }] }, pointer);
  for (const nothing of [{}, { epcisHeader: 7 }, { epcisHeader: { epcisMasterData: [] } }, header([])])
    t.strictSame(read(nothing), { claims: [], faults: [] });
});
