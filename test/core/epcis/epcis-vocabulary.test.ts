import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { readVocabularies } from '../../../src/core/epcis/epcis-vocabulary.ts';
import { createEpcisXmlReader } from '../../../src/core/epcis/epcis-xml.ts';
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
