/** EPCIS events in XML, of every type and member, and the JSON-LD that says the same. Written for these tests. */
import type { JsonObject } from '../../src/core/text/canonical.ts';

const acme = 'https://ns.acme.example/epcis/';

/** A document of these events in the schema of EPCIS 2.0 or 1.2. */
export const xmlDocument = (events: string, version: '2.0' | '1.2' = '2.0', header = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:${version[0]}" xmlns:acme="${acme}"
  schemaVersion="${version}" creationDate="2025-07-01T10:00:00Z">${header}
  <EPCISBody><EventList>${events}</EventList></EPCISBody>
</epcis:EPCISDocument>`;

/** The same as the answer to a query. */
export const xmlQueryDocument = (events: string, version: '2.0' | '1.2' = '2.0'): string =>
  `<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:${version[0]}" xmlns:acme="${acme}"
  schemaVersion="${version}" creationDate="2025-07-01T10:00:00Z"><EPCISBody><q:QueryResults>
  <queryName>SimpleEventQuery</queryName><resultsBody><EventList>${events}</EventList></resultsBody>
  </q:QueryResults></EPCISBody></q:EPCISQueryDocument>`;

const when = `<eventTime>2025-07-01T10:30:00.5+08:00</eventTime>
  <eventTimeZoneOffset>+08:00</eventTimeZoneOffset>`;
const at = { eventTime: '2025-07-01T10:30:00.5+08:00', eventTimeZoneOffset: '+08:00' };
const unit = 'urn:epc:id:sgtin:69012345.06789.A7';
const lot = 'urn:epc:class:lgtin:69012345.06789.L1';
const sscc = 'urn:epc:id:sscc:69012345.100000001';

const parties = `<sourceList><source type="urn:epcglobal:cbv:sdt:owning_party"> urn:epc:id:pgln:690123456.789
  </source></sourceList>
  <destinationList><destination type="https://ref.gs1.org/cbv/SDT-possessing_party">https://id.gs1.org/417/6901234567892</destination>
  </destinationList>`;
const partiesJson = {
  sourceList: [{ type: 'urn:epcglobal:cbv:sdt:owning_party', source: 'urn:epc:id:pgln:690123456.789' }],
  destinationList: [
    {
      type: 'https://ref.gs1.org/cbv/SDT-possessing_party',
      destination: 'https://id.gs1.org/417/6901234567892',
    },
  ],
};
const where = `<readPoint><id>urn:epc:id:sgln:69012345.6789.0</id><acme:gate acme:side="north">7</acme:gate></readPoint>
  <bizLocation><id>geo:22.3,-118.4</id></bizLocation>`;
const whereJson = {
  readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0', 'acme:gate': { '#text': '7', 'acme:side': 'north' } },
  bizLocation: { id: 'geo:22.3,-118.4' },
};
const papers = `<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:x:1</bizTransaction>
  <bizTransaction type="urn:epcglobal:cbv:btt:inv">urn:x:2</bizTransaction></bizTransactionList>`;
const papersJson = {
  bizTransactionList: [
    { type: 'urn:epcglobal:cbv:btt:po', bizTransaction: 'urn:x:1' },
    { type: 'urn:epcglobal:cbv:btt:inv', bizTransaction: 'urn:x:2' },
  ],
};
const quantities = `<quantityElement><epcClass>${lot}</epcClass><quantity>012.500</quantity><uom>MTR</uom></quantityElement>
  <quantityElement><epcClass>urn:epc:idpat:sgtin:69012345.06789.*</epcClass></quantityElement>`;
const quantitiesJson = [
  { epcClass: lot, quantity: 12.5, uom: 'MTR' },
  { epcClass: 'urn:epc:idpat:sgtin:69012345.06789.*' },
];
const sensors = `<sensorElementList><sensorElement>
  <sensorMetadata time="2025-07-01T10:00:00Z" deviceID="urn:epc:id:giai:690123456.7" acme:room="B"/>
  <sensorReport type="gs1:Temperature" value="26.0" uom="CEL" sDev="1e-1" booleanValue="true"/>
  <sensorReport type="gs1:Humidity" stringValue="A7" acme:q="1"/>
  <acme:cell>7</acme:cell></sensorElement></sensorElementList>`;
const sensorsJson = {
  sensorElementList: [
    {
      sensorMetadata: {
        time: '2025-07-01T10:00:00Z',
        deviceID: 'urn:epc:id:giai:690123456.7',
        'acme:room': 'B',
      },
      'acme:cell': '7',
      sensorReport: [
        { type: 'gs1:Temperature', value: 26, uom: 'CEL', sDev: 0.1, booleanValue: true },
        { type: 'gs1:Humidity', stringValue: 'A7', 'acme:q': '1' },
      ],
    },
  ],
};
const error = `<errorDeclaration><declarationTime>2025-07-02T10:30:00+08:00</declarationTime>
  <reason>urn:epcglobal:cbv:er:incorrect_data</reason>
  <correctiveEventIDs><correctiveEventID>urn:x:e2</correctiveEventID></correctiveEventIDs></errorDeclaration>`;
const errorJson = {
  errorDeclaration: {
    declarationTime: '2025-07-02T10:30:00+08:00',
    reason: 'urn:epcglobal:cbv:er:incorrect_data',
    correctiveEventIDs: ['urn:x:e2'],
  },
};
const ilmd = `<ilmd><cbvmda:lotNumber xmlns:cbvmda="urn:epcglobal:cbv:mda:">L1</cbvmda:lotNumber>
  <acme:batch><acme:id>1</acme:id><acme:id>2</acme:id></acme:batch></ilmd>`;
const ilmdJson = { ilmd: { 'cbvmda:lotNumber': 'L1', 'acme:batch': { 'acme:id': ['1', '2'] } } };
const mine = '<acme:line no="1"> 7 <![CDATA[& 8]]></acme:line><acme:line/>';
const mineJson = { 'acme:line': [{ '#text': '7 & 8', no: '1' }, ''] };

export interface XmlSample {
  readonly xml: string;
  /** The same in the schema of EPCIS 1.2; null where that has no such thing. */
  readonly old: string | null;
  readonly json: JsonObject;
  /** SHA-256 of the event by the public reference implementation (epcis-event-hash-generator 1.9.3, Python). */
  readonly hash: string;
}

export const xmlSamples: readonly XmlSample[] = [
  {
    xml: `<ObjectEvent>${when}<recordTime>2025-07-01T10:31:00Z</recordTime><eventID>urn:x:e1</eventID>
      <certificationInfo>https://lab.example/cert/77</certificationInfo>
      <epcList><epc>${unit}</epc></epcList><action>ADD</action>
      <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
      <disposition>https://ref.gs1.org/cbv/Disp-active</disposition>${where}${papers}
      <quantityList>${quantities}</quantityList>${parties}${sensors}
      <persistentDisposition><unset>urn:epcglobal:cbv:disp:damaged</unset><set>urn:epcglobal:cbv:disp:completeness_verified</set><set>urn:epcglobal:cbv:disp:conformant</set>
      </persistentDisposition>${ilmd}${mine}</ObjectEvent>`,
    old: null,
    json: {
      type: 'ObjectEvent',
      ...at,
      recordTime: '2025-07-01T10:31:00Z',
      eventID: 'urn:x:e1',
      certificationInfo: 'https://lab.example/cert/77',
      epcList: [unit],
      action: 'ADD',
      bizStep: 'urn:epcglobal:cbv:bizstep:commissioning',
      disposition: 'https://ref.gs1.org/cbv/Disp-active',
      ...whereJson,
      ...papersJson,
      quantityList: quantitiesJson,
      ...partiesJson,
      ...sensorsJson,
      persistentDisposition: {
        unset: ['urn:epcglobal:cbv:disp:damaged'],
        set: ['urn:epcglobal:cbv:disp:completeness_verified', 'urn:epcglobal:cbv:disp:conformant'],
      },
      ...ilmdJson,
      ...mineJson,
    },
    hash: 'e0ed125affeee3bce9ceb6954776daefe573021a674f41fd8103ea8118c72589',
  },
  {
    xml: `<ObjectEvent>${when}<eventID>urn:x:e1</eventID>${error}<epcList><epc>${unit}</epc></epcList>
      <action>ADD</action><quantityList>${quantities}</quantityList>${parties}${ilmd}${mine}</ObjectEvent>`,
    old: `<ObjectEvent>${when}<baseExtension><eventID>urn:x:e1</eventID>${error}</baseExtension>
      <epcList><epc>${unit}</epc></epcList><action>ADD</action>
      <extension><quantityList>${quantities}</quantityList>${parties}
      ${ilmd.replace('<ilmd>', '<ilmd><extension>').replace('</ilmd>', '</extension></ilmd>')}</extension>
      ${mine}</ObjectEvent>`,
    json: {
      type: 'ObjectEvent',
      ...at,
      eventID: 'urn:x:e1',
      ...errorJson,
      epcList: [unit],
      action: 'ADD',
      quantityList: quantitiesJson,
      ...partiesJson,
      ...ilmdJson,
      ...mineJson,
    },
    hash: '2218b14ad730e59b4222d7ecc5034760f425372753496fb383170788d95a3099',
  },
  {
    xml: `<AggregationEvent>${when}<parentID>${sscc}</parentID><childEPCs><epc>${unit}</epc></childEPCs>
      <action>OBSERVE</action>${where}<childQuantityList>${quantities}</childQuantityList></AggregationEvent>`,
    old: `<AggregationEvent>${when}<parentID>${sscc}</parentID><childEPCs><epc>${unit}</epc></childEPCs>
      <action>OBSERVE</action>${where}<extension><childQuantityList>${quantities}</childQuantityList></extension>
      </AggregationEvent>`,
    json: {
      type: 'AggregationEvent',
      ...at,
      parentID: sscc,
      childEPCs: [unit],
      action: 'OBSERVE',
      ...whereJson,
      childQuantityList: quantitiesJson,
    },
    hash: 'e70c7dc099672468cbaeaf61bf186db9893d709f3ab751de4c49e4ccfa122263',
  },
  {
    xml: `<TransactionEvent>${when}${papers}<parentID>${sscc}</parentID><epcList><epc>${unit}</epc></epcList>
      <action>DELETE</action></TransactionEvent>`,
    old: `<TransactionEvent>${when}${papers}<parentID>${sscc}</parentID><epcList><epc>${unit}</epc></epcList>
      <action>DELETE</action></TransactionEvent>`,
    json: {
      type: 'TransactionEvent',
      ...at,
      ...papersJson,
      parentID: sscc,
      epcList: [unit],
      action: 'DELETE',
    },
    hash: 'e2c6e7c4a34ffee4830ef8c41520465133d5ba8a8629b4f52e5e72d7a07f0d25',
  },
  {
    xml: `<TransformationEvent>${when}<inputEPCList><epc>${unit}</epc></inputEPCList>
      <inputQuantityList>${quantities}</inputQuantityList><outputEPCList><epc>${sscc}</epc></outputEPCList>
      <outputQuantityList>${quantities}</outputQuantityList><transformationID>urn:x:t</transformationID>${ilmd}
      </TransformationEvent>`,
    old: `<extension><TransformationEvent>${when}<inputEPCList><epc>${unit}</epc></inputEPCList>
      <inputQuantityList>${quantities}</inputQuantityList><outputEPCList><epc>${sscc}</epc></outputEPCList>
      <outputQuantityList>${quantities}</outputQuantityList><transformationID>urn:x:t</transformationID>${ilmd}
      </TransformationEvent></extension>`,
    json: {
      type: 'TransformationEvent',
      ...at,
      inputEPCList: [unit],
      inputQuantityList: quantitiesJson,
      outputEPCList: [sscc],
      outputQuantityList: quantitiesJson,
      transformationID: 'urn:x:t',
      ...ilmdJson,
    },
    hash: 'b3c2fb9d0a87a0daabca73eaeaee5198cdabcc543236635360a33ed07e45ce97',
  },
  {
    xml: `<AssociationEvent>${when}<parentID>urn:epc:id:giai:690123456.7</parentID>
      <childEPCs><epc>${unit}</epc></childEPCs><action>ADD</action>${sensors}</AssociationEvent>`,
    old: null,
    json: {
      type: 'AssociationEvent',
      ...at,
      parentID: 'urn:epc:id:giai:690123456.7',
      childEPCs: [unit],
      action: 'ADD',
      ...sensorsJson,
    },
    hash: '9d4ffcb2e14802478d526ccccdd1d04712aee0438b9c2b29cb40d2e04f194c67',
  },
];

/** Master data of a header, in XML and in JSON-LD. */
export const xmlMasterData = `<VocabularyList>
  <Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>
    <VocabularyElement id="urn:epc:id:sgln:69012345.6789.0">
      <attribute id="urn:epcglobal:cbv:mda:site"> 6901234567892 </attribute>
      <attribute id="https://ns.acme.example/address"><acme:Address><Street>江北路 1</Street></acme:Address></attribute>
      <children><id>urn:epc:id:sgln:69012345.6789.7</id></children>
    </VocabularyElement>
    <VocabularyElement id="urn:epc:id:sgln:69012345.6789.7"><children><id>urn:x:dock</id></children></VocabularyElement>
  </VocabularyElementList></Vocabulary>
  <Vocabulary type="urn:epcglobal:epcis:vtype:ReadPoint"><VocabularyElementList><VocabularyElement id="urn:x:dock">
    <attribute id="urn:epcglobal:cbv:mda:sst">201</attribute></VocabularyElement></VocabularyElementList></Vocabulary>
</VocabularyList>`;
export const xmlHeader = `<EPCISHeader><extension><EPCISMasterData>${xmlMasterData}</EPCISMasterData></extension></EPCISHeader>`;
export const masterData = {
  epcisMasterData: {
    vocabularyList: [
      {
        type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
        vocabularyElementList: [
          {
            id: 'urn:epc:id:sgln:69012345.6789.0',
            attributes: [
              { id: 'urn:epcglobal:cbv:mda:site', attribute: '6901234567892' },
              {
                id: 'https://ns.acme.example/address',
                attribute: { 'acme:Address': { Street: '江北路 1' } },
              },
            ],
            children: ['urn:epc:id:sgln:69012345.6789.7'],
          },
          { id: 'urn:epc:id:sgln:69012345.6789.7', attributes: [], children: ['urn:x:dock'] },
        ],
      },
      {
        type: 'urn:epcglobal:epcis:vtype:ReadPoint',
        vocabularyElementList: [
          {
            id: 'urn:x:dock',
            attributes: [{ id: 'urn:epcglobal:cbv:mda:sst', attribute: '201' }],
            children: [],
          },
        ],
      },
    ],
  },
};
