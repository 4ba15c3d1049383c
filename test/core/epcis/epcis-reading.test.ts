import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { readEpcisEvent } from '../../../src/core/epcis/epcis-reading.ts';
import { bareWord, cbvWords, urnHome, webHome } from '../../../src/core/events/cbv-words.ts';
import { eventHash, preHash } from '../../../src/core/events/event-hash.ts';
import { isRefinement } from '../../../src/core/events/event-kind.ts';
import { bestBefore, hopRecord } from '../../../src/core/events/event-record.ts';
import type { PartyId } from '../../../src/core/events/hop.ts';
import type { Json, JsonObject } from '../../../src/core/text/canonical.ts';
import { host } from '../../support/hop-samples.ts';

const context = withDeclared(baseContext(host), [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  { acme: 'https://ns.acme.example/epcis/', mine: `https://${host}/ns/`, mda: 'urn:epcglobal:cbv:mda:' },
]);
const read = (event: Json) => readEpcisEvent(event, { host, context });
const faults = (event: Json) => read(event).faults.map(({ code, pointer }) => `${code} ${pointer}`);

const when = { eventTime: '2025-07-01T10:30:00.5+08:00', eventTimeZoneOffset: '+08:00' };
const seen = { type: 'ObjectEvent', ...when, action: 'OBSERVE' } as const;
const unit = '01/06901234567892/21/A7';
const unitUrn = 'urn:epc:id:sgtin:69012345.06789.A7';
const lotUrn = 'urn:epc:class:lgtin:69012345.06789.L1';

t.test('the worked example, and that it is named by its hash as it was sent', async (t) => {
  const sent = { ...seen, epcList: [unitUrn], bizStep: 'https://ref.gs1.org/cbv/BizStep-shipping' };
  const { event, prefixes } = read(sent);
  t.strictSame(event, { ...seen, epcList: [unit], bizStep: 'shipping', eventID: eventHash(sent, host) });
  t.strictSame(prefixes, ['69012345']);
});

/** Every member of every type. */
const whole: readonly JsonObject[] = [
  {
    ...seen,
    action: 'ADD',
    eventID: 'urn:uuid:6926712e-599f-4c4e-b6e9-8dd888c906bd',
    recordTime: '2025-07-01T10:31:00Z',
    'rdfs:comment': 'says nothing',
    certificationInfo: ['https://lab.example/cert/77'],
    epcList: ['urn:epc:id:grai:690123456.789.12AB', unitUrn],
    quantityList: [{ epcClass: lotUrn, quantity: 12.5, uom: 'MTR', 'acme:roll': 1 }],
    bizStep: 'urn:epcglobal:cbv:bizstep:commissioning',
    disposition: 'cbv:Disp-active',
    persistentDisposition: { set: ['completeness_verified'], unset: ['https://acme.example/voc/d'] },
    readPoint: { id: 'geo:22.3,-118.4', 'acme:gate': { 'acme:side': ['north', 1] } },
    bizLocation: { id: 'urn:epc:id:sgln:690123456.789.0' },
    bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:6901234567892:1' }],
    sourceList: [{ type: 'possessing_party', source: 'urn:epc:id:pgln:690123456.789' }],
    destinationList: [{ type: 'location', destination: `https://${host}/place/7ZK3QW9D5TB1M0AB` }],
    sensorElementList: [
      {
        sensorMetadata: { time: '2025-07-01T10:00:00Z', deviceID: 'urn:epc:id:giai:690123456.7' },
        sensorReport: [
          { type: 'Temperature', value: 26, uom: 'CEL', component: 'x', booleanValue: true, 'acme:q': 1 },
        ],
        'acme:cell': '7',
      },
    ],
    ilmd: { 'mda:lotNumber': 'L1', 'acme:batch': [{ 'acme:id': 1 }] },
    'mine:ref': 'DN-1',
    'mine:as': 'manufacturer',
    'https://other.example/x': true,
  },
  {
    type: 'AggregationEvent',
    ...when,
    action: 'ADD',
    parentID: 'urn:epc:id:sscc:69012345.100000001',
    childEPCs: [unitUrn],
  },
  { type: 'AggregationEvent', ...when, action: 'OBSERVE', childQuantityList: [{ epcClass: lotUrn }] },
  { type: 'AssociationEvent', ...when, action: 'DELETE', parentID: 'urn:epc:id:giai:690123456.7' },
  {
    type: 'TransactionEvent',
    ...when,
    action: 'ADD',
    bizTransactionList: [{ bizTransaction: 'urn:x:1' }],
    parentID: 'urn:x:2',
    epcList: [unitUrn],
  },
  {
    type: 'TransformationEvent',
    ...when,
    transformationID: 'urn:x:t',
    inputQuantityList: [{ epcClass: 'urn:epc:idpat:sgtin:69012345.06789.*', quantity: 3 }],
    outputEPCList: [unitUrn],
  },
  {
    ...seen,
    epcList: [unitUrn],
    errorDeclaration: {
      declarationTime: '2025-07-02T10:30:00+08:00',
      reason: 'did_not_occur',
      'mine:note': 'n',
    },
  },
];

t.test('every member of every type of event is kept, named as facts name it', async (t) => {
  for (const event of whole) t.strictSame(faults(event), []);
  const [object = {}] = whole;
  const gone = ['recordTime', 'rdfs:comment', 'mine:ref', 'mine:as'];
  const kept = Object.fromEntries(Object.entries(object).filter(([name]) => !gone.includes(name)));
  t.strictSame(read(object).event, {
    ...kept,
    '@context': { acme: 'https://ns.acme.example/epcis/' },
    epcList: [unit, '8003/0690123456789212AB'],
    quantityList: [{ epcClass: '01/06901234567892/10/L1', quantity: 12.5, uom: 'MTR', 'acme:roll': 1 }],
    bizStep: 'commissioning',
    disposition: 'active',
    bizLocation: { id: '414/6901234567892' },
    sourceList: [{ type: 'possessing_party', source: '417/6901234567892' }],
    destinationList: [{ type: 'location', destination: 'place/7ZK3QW9D5TB1M0AB' }],
    ilmd: { 'cbvmda:lotNumber': 'L1', 'acme:batch': [{ 'acme:id': 1 }] },
    'suyuan:ref': 'DN-1',
    'suyuan:as': 'manufacturer',
  });
  t.strictSame(read(object).prefixes, ['690123456', '69012345'].sort());
  for (const event of whole) {
    const inner = { ...event, '@context': Object.fromEntries(context) };
    const given = { ...read(event).event, eventID: null };
    t.equal(eventHash({ ...given }, host), eventHash(inner, host), 'reading changes no hash');
  }
});

t.test('what does not fit is told with its place', async (t) => {
  const wrong: Readonly<Record<string, Json>> = {
    'invalid-request /type': { ...seen, type: 'QuantityEvent' },
    'invalid-request /eventTime': { type: 'ObjectEvent', eventTimeZoneOffset: '+08:00', action: 'OBSERVE' },
    'invalid-time /eventTime': { ...seen, eventTime: '2025-07-01T10:30:00', epcList: [unitUrn] },
    'invalid-time /eventTimeZoneOffset': { ...seen, eventTimeZoneOffset: '+15:00', epcList: [unitUrn] },
    'invalid-request /action': { type: 'ObjectEvent', ...when, action: 'observe', epcList: [unitUrn] },
    'invalid-identifier /epcList/0': { ...seen, epcList: ['A7'] },
    'invalid-identifier /epcList/1': { ...seen, epcList: [unitUrn, lotUrn] },
    'duplicate-epc /epcList/1': { ...seen, epcList: [unitUrn, `https://id.gs1.org/${unit}`] },
    'invalid-check-digit /epcList/0': { ...seen, epcList: ['https://a.example/01/06901234567893/21/A7'] },
    'invalid-identifier /quantityList/0/epcClass': { ...seen, quantityList: [{ epcClass: unitUrn }] },
    'invalid-quantity /quantityList/0/quantity': {
      ...seen,
      quantityList: [{ epcClass: lotUrn, quantity: '1' }],
    },
    ...Object.fromEntries(
      [
        { quantity: 1e13, uom: 'KGM' },
        { quantity: 0.000_000_1, uom: 'KGM' },
        { quantity: 1.5 },
        { quantity: 1.5, uom: 'EA' },
        { quantity: -1, uom: 'KGM' },
      ].map((told, i) => [
        `invalid-quantity /quantityList/${i}/quantity`,
        {
          ...seen,
          quantityList: [...Array(i).fill({ epcClass: lotUrn, quantity: 0 }), { epcClass: lotUrn, ...told }],
        },
      ]),
    ),
    'invalid-quantity /quantityList/0/uom': { ...seen, quantityList: [{ epcClass: lotUrn, uom: 'metre' }] },
    'invalid-request /bizStep': { ...seen, epcList: [unitUrn], bizStep: 'polishing' },
    'unknown-member /colour': { ...seen, epcList: [unitUrn], colour: 'red' },
    'unknown-member /nobody:said': { ...seen, epcList: [unitUrn], 'nobody:said': 1 },
    'unknown-member /mine:differences': { ...seen, epcList: [unitUrn], 'mine:differences': [] },
    'unknown-member /readPoint/name': {
      ...seen,
      epcList: [unitUrn],
      readPoint: { id: 'urn:x:1', name: 'W' },
    },
    'invalid-request /sensorElementList/0/sensorReport': { ...seen, sensorElementList: [{}] },
    'invalid-request /epcList': { ...seen, epcList: [] },
    'invalid-request /ilmd': { ...seen, epcList: [unitUrn], ilmd: { 'cbvmda:lotNumber': 'L' } },
    'invalid-request /parentID': { type: 'AggregationEvent', ...when, action: 'ADD', childEPCs: [unitUrn] },
    'invalid-request /childEPCs': { type: 'AssociationEvent', ...when, action: 'ADD', parentID: 'urn:x:1' },
    'invalid-request /bizTransactionList': {
      type: 'TransactionEvent',
      ...when,
      action: 'ADD',
      epcList: [unitUrn],
    },
    'invalid-request /outputEPCList': { type: 'TransformationEvent', ...when, inputEPCList: [unitUrn] },
    'invalid-request /errorDeclaration/correctiveEventIDs': {
      ...seen,
      epcList: [unitUrn],
      eventID: 'urn:x:1',
      errorDeclaration: { declarationTime: when.eventTime, correctiveEventIDs: ['urn:x:1'] },
    },
    'invalid-request /suyuan:hop': { ...seen, epcList: [unitUrn], 'mine:hop': 'produce' },
  };
  for (const [expected, event] of Object.entries(wrong)) t.strictSame(faults(event), [expected]);
  for (const odd of [null, 7, 'x', [], {}]) t.strictSame(faults(odd), ['invalid-request /type']);
  const many = { ...seen, epcList: Array.from({ length: 500 }, () => 'A7') };
  t.equal(faults(many).length, 100);
});

t.test('sensor data are of the words and forms of the schema', async (t) => {
  const reported = (...sensorReport: readonly Json[]) =>
    faults({ ...seen, sensorElementList: [{ sensorReport: [...sensorReport] }] });
  t.strictSame(reported(), ['invalid-request /sensorElementList/0/sensorReport']);
  const wrong: readonly (readonly [code: string, member: string, report: Json])[] = [
    ['invalid-request', 'type', { value: 1 }],
    ['invalid-request', 'type', { type: 'Humbug' }],
    ['invalid-request', 'exception', { type: 'Mass', exception: 'PANIC' }],
    ['invalid-request', 'component', { type: 'Mass', component: 'w' }],
    ['invalid-request', 'hexBinaryValue', { type: 'Mass', hexBinaryValue: 'xy' }],
    ['invalid-request', 'value', { type: 'Mass', value: '7' }],
    ['invalid-identifier', 'deviceID', { type: 'Mass', deviceID: 'not a uri' }],
    ['invalid-identifier', 'uriValue', { type: 'Mass', uriValue: 'here' }],
  ];
  for (const [code, member, report] of wrong)
    t.strictSame(reported(report), [`${code} /sensorElementList/0/sensorReport/0/${member}`]);
  const right = [
    { type: 'Temperature', exception: 'ALARM_CONDITION', component: 'latitude', hexBinaryValue: 'f00' },
    { type: 'https://acme.example/voc/Taste', component: 'cbv:Comp-x' },
    { exception: 'gs1:ERROR_CONDITION', uriValue: 'https://acme.example/errors/7' },
  ];
  t.strictSame(reported(...right), []);
});

t.test('an event is of the structure of the schema', async (t) => {
  const bizTransactionList = [{ type: 'po', bizTransaction: 'urn:x:po:1' }];
  const transaction = { type: 'TransactionEvent', ...when, action: 'OBSERVE', bizTransactionList };
  t.strictSame(faults(transaction), ['invalid-request /epcList']);
  for (const more of [{ epcList: [] }, { quantityList: [{ epcClass: lotUrn }] }, { action: 'DELETE' }])
    t.strictSame(faults({ ...transaction, ...more }), []);
  const sensorElementList = [{ sensorReport: [{ type: 'Mass', value: 1 }] }];
  const packed = { type: 'AggregationEvent', ...when, action: 'ADD', parentID: 'urn:x:box' };
  t.strictSame(faults({ ...packed, sensorElementList }), ['invalid-request /childEPCs']);
  for (const odd of [
    {},
    { set: ['damaged'], unset: ['damaged'] },
    { unset: ['damaged', 'urn:epcglobal:cbv:disp:damaged'] },
  ])
    t.strictSame(faults({ ...seen, epcList: [unitUrn], persistentDisposition: odd }), [
      'invalid-request /persistentDisposition',
    ]);
  const empty = { ...seen, epcList: [unitUrn], persistentDisposition: { set: [] } };
  t.strictSame(faults(empty), ['invalid-request /persistentDisposition/set']);
});

t.test('words of sensor data in every spelling, hashed alike', async (t) => {
  const bare = [{ sensorReport: [{ type: 'Temperature', component: 'x', value: 7, exception: 'urn:x:e' }] }];
  const told = (type: string, component: string) => {
    const sensorReport = [{ type, component, value: 7, exception: 'urn:x:e' }];
    return read({ ...seen, sensorElementList: [{ sensorReport }] }).event;
  };
  const plain = told('Temperature', 'x');
  for (const [type, component] of [
    ['gs1:Temperature', 'cbv:Comp-x'],
    ['https://gs1.org/voc/Temperature', 'https://ref.gs1.org/cbv/Comp-x'],
  ] as const) {
    t.strictSame(told(type, component), plain, type);
    t.strictSame(told(type, component)?.sensorElementList, bare);
  }
  t.match(told('https://gs1.org/voc/Warmth', 'urn:x:up'), {
    sensorElementList: [{ sensorReport: [{ type: 'https://gs1.org/voc/Warmth', component: 'urn:x:up' }] }],
  });
});

t.test('what a ledger says of an event when it tells it is no part of it', async (t) => {
  const sent = { ...seen, epcList: [unitUrn] };
  const told = { 'mine:entry': 17, 'mine:recorder': `https://${host}/party/7ZK3QW9D5TB1M0AB` };
  t.strictSame(read({ ...sent, ...told }), read(sent));
});

t.test('prefixes mean in facts what they always mean', async (t) => {
  const told = { '@context': { suyuan: 'https://elsewhere.example/', cbvmda: 'urn:epcglobal:cbv:mda:' } };
  const { event } = read({ ...seen, ...told, epcList: [unitUrn], 'suyuan:as': 'regulator' });
  t.match(event, {
    'their-suyuan:as': 'regulator',
    '@context': { 'their-suyuan': 'https://elsewhere.example/' },
  });
  t.notOk(event && 'suyuan:as' in event, 'nobody gets a role by a prefix');
  const declared = withDeclared(baseContext(host), { '@vocab': 'x', a: { '@id': 'urn:a:' }, b: 7 });
  t.strictSame(
    [declared.get('a'), declared.get('b'), declared.get('@vocab')],
    ['urn:a:', undefined, undefined],
  );
});

t.test('master data of instances is the same in the namespace that XML has for it', async (t) => {
  const ilmd = { 'm:lotNumber': 'L1', 'm:bestBeforeDate': '2026-07-01' };
  const made = { ...seen, action: 'ADD', epcList: [unitUrn] };
  const { event } = read({ ...made, '@context': { m: 'urn:epcglobal:cbv:mda' }, ilmd });
  t.match(event, {
    ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:bestBeforeDate': '2026-07-01' },
    '@context': { cbvmda: 'urn:epcglobal:cbv:mda' },
  });
  t.equal(event && bestBefore(event), '2026-07-01');
  const asXml = { ...made, '@context': { m: 'urn:epcglobal:cbv:mda' }, ilmd };
  t.equal(event?.eventID, eventHash(asXml, host), 'and is hashed as it was called');
  t.match(preHash(event ?? {}, host), '{urn:epcglobal:cbv:mda}lotNumber=L1');
});

t.test('words in every spelling', async (t) => {
  for (const kind of ['step', 'disposition', 'transaction', 'party', 'reason'] as const)
    for (const word of cbvWords[kind])
      t.strictSame(
        [word, webHome(kind) + word, urnHome(kind) + word].map((text) => bareWord(kind, text)),
        [word, word, word],
      );
  t.equal(bareWord('step', `${webHome('step')}polishing`), null);
});

t.test('which hop an event of others is, and who gave and took', async (t) => {
  const me = '3F7ZK2M9QX41TB6D' as PartyId;
  const record = (event: object) => hopRecord(1, 0, me, { ...seen, ...event });
  const captured = { as: 'seller', giver: 'party/7ZK3QW9D5TB1M0AB' };
  t.match(record({ bizStep: 'receiving', captured }), {
    hop: 'receive',
    as: 'seller',
    giver: '7ZK3QW9D5TB1M0AB',
    taker: me,
  });
  t.match(record({ bizStep: 'shipping', captured: { as: 'seller' } }), {
    hop: 'ship',
    giver: me,
    taker: null,
  });
  t.match(record({ bizStep: 'shipping', captured: { as: 'seller', reporter: true } }), { giver: null });
  const named = {
    sourceList: [{ type: 'possessing_party', source: '417/6901234567892' }],
    captured: { as: 'seller' },
  };
  t.match(record({ bizStep: 'shipping', ...named }), { giver: null }, 'somebody unknown is not the recorder');
  for (const [said, event, fits] of [
    ['adopt', { action: 'ADD', bizStep: 'commissioning' }, true],
    ['seize', { bizStep: 'holding', disposition: 'non_sellable_other' }, true],
    ['seize', { bizStep: 'holding', disposition: 'available' }, false],
    ['ship', { bizStep: 'shipping' }, true],
    ['void', { bizStep: 'shipping' }, false],
    ['nonsense', {}, false],
  ] as const)
    t.equal(isRefinement({ ...seen, ...event, 'suyuan:hop': said }), fits, said);
});

t.test(
  'a word is one however it is spelt: bare, as a URI of the web or a URN, compact by any prefix',
  (t) => {
    const prefixes = { c: 'https://ref.gs1.org/cbv/', acme: 'https://voc.acme.example/' };
    const read = (words: object) =>
      readEpcisEvent({ ...seen, '@context': prefixes, epcList: [unitUrn], ...words }, { host, context })
        .event;
    const said = (step: string, disposition: string, transaction: string, party: string) => ({
      bizStep: step,
      disposition,
      persistentDisposition: { set: [disposition] },
      bizTransactionList: [{ type: transaction, bizTransaction: 'urn:x:1' }],
      sourceList: [{ type: party, source: 'urn:x:2' }],
    });
    const bare = read(said('shipping', 'in_transit', 'po', 'owning_party'));
    t.match(bare, { bizStep: 'shipping', eventID: /^ni:/ });
    for (const home of ['https://ref.gs1.org/cbv/', 'cbv:', 'c:'])
      t.strictSame(
        read(
          said(
            `${home}BizStep-shipping`,
            `${home}Disp-in_transit`,
            `${home}BTT-po`,
            `${home}SDT-owning_party`,
          ),
        ),
        bare,
        home,
      );
    const full = 'https://voc.acme.example/polishing';
    t.equal(read({ bizStep: 'acme:polishing' })?.bizStep, full);
    t.equal(
      read({ bizStep: 'acme:polishing' })?.eventID,
      read({ bizStep: full })?.eventID,
      'one hash, as in XML',
    );
    t.equal(read({ bizStep: 'other:polishing' })?.bizStep, 'other:polishing', 'a URI of another scheme');
    t.equal(read({ bizStep: 'c:BizStep-polishing' }), null, 'the standard has no such word');
    t.end();
  },
);
