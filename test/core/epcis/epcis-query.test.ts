import t from 'tap';
import { baseContext, withDeclared } from '../../../src/core/epcis/epcis-context.ts';
import { parseEventQuery, withinTest } from '../../../src/core/epcis/epcis-query.ts';
import { type Description, describes } from '../../../src/core/epcis/epcis-query-attributes.ts';
import { comparePlaced, sortByOf } from '../../../src/core/epcis/epcis-query-order.ts';
import { readEpcisEvent } from '../../../src/core/epcis/epcis-reading.ts';
import { writeEpcisEvent } from '../../../src/core/epcis/epcis-writing.ts';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { Json, JsonObject } from '../../../src/core/text/canonical.ts';
import { required } from '../../../src/errors.ts';
import { host, samples } from '../../support/hop-samples.ts';

const context = withDeclared(baseContext(host), {
  acme: 'https://ns.acme.example/epcis/',
  voc: 'https://ref.gs1.org/cbv/',
});
const unit = '01/06901234567892/21/A7';
const event: JsonObject = {
  '@context': { theirs: 'https://ns.acme.example/epcis/' },
  type: 'ObjectEvent',
  eventID: 'urn:uuid:1',
  eventTime: '2025-07-01T10:30:00+08:00',
  action: 'ADD',
  bizStep: 'commissioning',
  disposition: 'active',
  persistentDisposition: { set: ['damaged'], unset: ['recalled'] },
  epcList: [unit, '8003/06901234567892AB'],
  quantityList: [{ epcClass: '01/06901234567892/10/L1', quantity: '1.5', uom: 'KGM' }],
  readPoint: { id: '414/6901234567892' },
  bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:po:1' }],
  sourceList: [{ type: 'possessing_party', source: '417/6901234567892' }],
  errorDeclaration: {
    declarationTime: '2025-07-02T00:00:00Z',
    reason: 'incorrect_data',
    correctiveEventIDs: ['urn:uuid:2'],
  },
  sensorElementList: [
    {
      sensorMetadata: {
        time: '2025-07-01T02:00:00Z',
        deviceID: 'urn:epc:id:giai:69012345.7',
        'theirs:bay': 3,
      },
      sensorReport: [
        { type: 'Temperature', value: 46.4, uom: 'FAH', stringValue: 'a,b', hexBinaryValue: 'ff' },
        { type: 'gs1:Mass', minValue: 2, uom: 'TNE', booleanValue: true, percRank: 50, 'theirs:seal': 'S1' },
      ],
    },
  ],
  bizLocation: { id: '414/6901234567892/254/7', 'theirs:dock': 4 },
  ilmd: { 'cbvmda:lotNumber': 'L1', 'theirs:a': { 'theirs:b': '2026-01-01T00:00:00Z' } },
  'theirs:line': [7, 9],
  'theirs:crew': { 'theirs:shift': 'night' },
};
/** What the first has none of, and one number in every place where a parameter may look for one. */
const deep = { 'theirs:n': 5, 'theirs:in': { 'theirs:m': 5 } };
const amounts = { value: 5, minValue: 5, maxValue: 5, meanValue: 5, sDev: 5, percValue: 5, percRank: 5 };
const whole: JsonObject = {
  '@context': { theirs: 'https://ns.acme.example/epcis/' },
  ...deep,
  type: 'TransformationEvent',
  transformationID: 'urn:x:mix',
  parentID: 'urn:x:box',
  inputEPCList: [unit],
  outputEPCList: ['urn:x:out'],
  inputQuantityList: [{ epcClass: '01/06901234567892', quantity: 5, uom: 'KGM' }],
  outputQuantityList: [{ epcClass: '01/06901234567892/10/L2' }],
  destinationList: [{ type: 'owning_party', destination: 'urn:x:them' }],
  readPoint: { id: 'urn:x:gate', ...deep },
  bizLocation: { id: 'urn:x:shelf', ...deep },
  ilmd: deep,
  errorDeclaration: { declarationTime: '2025-07-02T00:00:00Z', ...deep },
  sensorElementList: [
    {
      ...deep,
      sensorMetadata: {
        ...deep,
        startTime: '2025-07-01T02:00:00Z',
        endTime: '2025-07-01T03:00:00Z',
        bizRules: 'urn:x:rule',
        rawData: 'urn:x:raw',
        deviceMetadata: 'urn:x:device',
      },
      sensorReport: [
        {
          ...deep,
          ...amounts,
          uom: 'CEL',
          dataProcessingMethod: 'urn:x:method',
          exception: 'gs1:ALARM_CONDITION',
          microorganism: 'urn:x:listeria',
          chemicalSubstance: 'urn:x:halon',
          component: 'x',
          uriValue: 'urn:x:value',
          coordinateReferenceSystem: 'urn:x:wgs84',
        },
      ],
    },
  ],
};
const parse = (parameters: Record<string, string>) =>
  parseEventQuery(new Map(Object.entries(parameters).map(([name, value]) => [name, value.split('|')])), {
    host,
    context,
  });
const passes = (parameters: Record<string, string>, of = event): boolean | string => {
  const read = parse(parameters);
  return read.ok ? read.value.tests.every((test) => test(of)) : `${read.code}: ${read.detail}`;
};

t.test('what fits, and what does not', async (t) => {
  const cases: readonly (readonly [name: string, fits: string, fitsNot: string])[] = [
    ['eventType', 'AggregationEvent|ObjectEvent', 'AggregationEvent'],
    ['EQ_action', 'ADD', 'OBSERVE'],
    ['EQ_bizStep', 'https://ref.gs1.org/cbv/BizStep-commissioning|shipping', 'shipping'],
    ['EQ_bizStep', 'cbv:BizStep-commissioning', 'cbv:BizStep-shipping'],
    ['EQ_bizStep', 'voc:BizStep-commissioning', 'voc:BizStep-shipping'],
    ['EQ_disposition', 'voc:Disp-active', 'voc:Disp-inactive'],
    ['EQ_persistentDisposition_set', 'voc:Disp-damaged', 'voc:Disp-recalled'],
    ['EQ_errorReason', 'voc:ER-incorrect_data', 'voc:ER-did_not_occur'],
    ['EQ_bizTransaction_voc:BTT-po', 'urn:x:po:1', 'urn:x:po:2'],
    ['EQ_disposition', 'urn:epcglobal:cbv:disp:active', 'inactive'],
    ['EQ_persistentDisposition_set', 'damaged', 'recalled'],
    ['EQ_persistentDisposition_unset', 'recalled', 'damaged'],
    ['EQ_readPoint', 'urn:epc:id:sgln:690123456.789.0', 'urn:epc:id:sgln:690123456.789.1'],
    ['EQ_eventID', 'urn:uuid:1', 'urn:uuid:2'],
    ['EQ_correctiveEventID', 'urn:uuid:2', 'urn:uuid:1'],
    ['EQ_errorReason', 'incorrect_data', 'did_not_occur'],
    ['GE_errorDeclarationTime', '2025-07-02T00:00:00Z', '2025-07-02T00:00:01Z'],
    ['LT_errorDeclarationTime', '2025-07-02T00:00:01Z', '2025-07-02T00:00:00Z'],
    ['MATCH_epc', 'urn:epc:id:sgtin:69012345.06789.A7', `https://id.gs1.org/${unit}8`],
    ['MATCH_epc', 'urn:epc:idpat:sgtin:69012345.06789.*', 'urn:epc:idpat:sgtin:69012345.06788.*'],
    ['MATCH_epc', '(01)06901234567892(21)A7', '(01)06901234567892(21)A8'],
    ['MATCH_epc', '(8003)06901234567892AB', '(8003)06901234567892AC'],
    ['MATCH_epc', 'urn:epc:idpat:sgtin:69012345.*.*', 'urn:epc:idpat:sgtin:69012346.*.*'],
    ['MATCH_epc', 'urn:epc:pat:sgtin:*.*.*|urn:x:1', 'urn:epc:idpat:giai:*.*'],
    ['MATCH_anyEPCClass', 'urn:epc:idpat:lgtin:69012345.*.*', 'urn:epc:idpat:sgtin:69012346.*.*'],
    ['MATCH_anyEPC', 'urn:epc:idpat:grai:690123456.789.*', 'urn:epc:idpat:grai:690123456.788.*'],
    ['MATCH_epcClass', 'urn:epc:class:lgtin:69012345.06789.L1', 'urn:epc:class:lgtin:69012345.06789.L'],
    ['MATCH_anyEPCClass', 'urn:epc:idpat:sgtin:69012345.06789.*', 'urn:x:1'],
    ['EQ_bizTransaction_po', 'urn:x:po:1', 'urn:x:po:2'],
    ['EQ_bizTransaction', 'urn:x:po:1', 'urn:x:po:2'],
    ['EQ_source_possessing_party', 'urn:epc:id:pgln:690123456.789', 'urn:x:1'],
    ['EQ_acme:line', '9', '8'],
    ['GT_acme:line', '8', '9'],
    ['GE_acme:line', '9', '10'],
    ['LT_acme:line', '8', '7'],
    ['LE_acme:line', '7', '6'],
    ['EQ_INNER_acme:shift', 'night', 'day'],
    ['EQ_ILMD_cbvmda:lotNumber', 'L1', 'L2'],
    ['LT_INNER_ILMD_acme:b', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['EQ_quantity', '7|1.5', '1'],
    ['GT_quantity_GRM', '1499', '1500'],
    ['LE_quantity_KGM', '1.5', '1.4'],
    ['EQ_value_CEL', '8', '9'],
    ['EQ_value_KEL', '281.15', '281.14'],
    ['GT_value_FAH', '46', '46.4'],
    ['GE_minValue_KGM', '2000', '2000.1'],
    ['LT_minValue_KGM', '2001', '2000'],
    ['LE_percRank', '50', '49'],
    ['EQ_type', 'Temperature', 'Pressure'],
    ['EQ_type', 'https://gs1.org/voc/Mass', 'https://gs1.org/voc/Time'],
    ['EQ_deviceID', 'https://id.gs1.org/8004/690123457', 'urn:epc:id:giai:69012345.8'],
    ['EQ_stringValue', 'a,b', 'a'],
    ['EQ_hexBinaryValue', 'FF', 'FE'],
    ['EQ_booleanValue', 'true', 'false'],
    ['GE_time', '2025-07-01T10:00:00+08:00', '2025-07-01T10:00:01+08:00'],
    ['LT_time', '2025-07-01T10:00:01+08:00', '2025-07-01T10:00:00+08:00'],
    ['EQ_SENSORMETADATA_acme:bay', '3', '4'],
    ['EQ_SENSORREPORT_acme:seal', 'S1', 'S2'],
    ['EQ_INNER_SENSORELEMENT_acme:seal', 'S1', 'S2'],
    ['EQ_bizLocation_acme:dock', '4', '5'],
  ];
  for (const [name, fits, fitsNot] of cases) {
    t.equal(passes({ [name]: fits }), true, `${name}=${fits}`);
    t.equal(passes({ [name]: fitsNot }), false, `${name}=${fitsNot}`);
  }
  t.equal(passes({ 'EXISTS_acme:line': 'true', EXISTS_errorDeclaration: 'true' }), true);
  t.equal(passes({ 'EXISTS_acme:shift': 'true' }), false, 'deeper members are INNER');
  t.equal(passes({ 'EXISTS_INNER_acme:b': 'true' }), false, 'and master data of instances is ILMD');
  t.equal(passes({ 'EXISTS_acme:seal': 'true' }), false, 'members of sensors are asked for by name');
  t.equal(passes({ 'EXISTS_acme:nothing': 'false', EXISTS_sensorElementList: 'true' }), true);
  t.equal(passes({ GT_value_MTR: '0', EQ_action: 'ADD' }), false, 'units of another kind do not compare');
  t.equal(passes({ GT_value: '0' }), false, 'nor does none');
  t.equal(passes({ EQ_deviceMetadata: 'urn:x:1' }), false);
  t.equal(passes({ GE_startTime: '2025-07-01T10:00:00+08:00' }), false);
  t.equal(passes({ MATCH_inputEPC: `https://id.gs1.org/${unit}` }), false);
  t.equal(passes({ EQ_transformationID: 'urn:x:1' }), false);
  t.equal(passes({ MATCH_parentID: 'urn:x:1' }), false);
});

t.test('every parameter of the standard finds what fits, and nothing else', async (t) => {
  const later = '2025-07-02T00:00:00Z';
  const cases: (readonly [name: string, fits: string, fitsNot: string])[] = [
    ['EQ_transformationID', 'urn:x:mix', 'urn:x:match'],
    ['MATCH_parentID', 'urn:x:box', 'urn:x:crate'],
    ['MATCH_inputEPC', `https://id.gs1.org/${unit}`, 'urn:x:out'],
    ['MATCH_outputEPC', 'urn:x:out', `https://id.gs1.org/${unit}`],
    ['MATCH_inputEPCClass', 'urn:epc:idpat:sgtin:69012345.06789.*', 'urn:x:1'],
    [
      'MATCH_outputEPCClass',
      'urn:epc:class:lgtin:69012345.06789.L2',
      'urn:epc:class:lgtin:69012345.06789.L1',
    ],
    ['MATCH_anyEPCClass', 'urn:epc:class:lgtin:69012345.06789.L2', 'urn:epc:class:lgtin:69012345.06789.L1'],
    ['EQ_bizLocation', 'urn:x:shelf', 'urn:x:gate'],
    ['EQ_destination_owning_party', 'urn:x:them', 'urn:x:us'],
    ['EQ_destination', 'urn:x:them', 'urn:x:us'],
    ['GE_errorDeclaration_Time', later, '2025-07-02T00:00:01Z'],
    ['LT_errorDeclaration_Time', '2025-07-02T00:00:01Z', later],
    ['GE_startTime', '2025-07-01T02:00:00Z', '2025-07-01T02:00:01Z'],
    ['LT_startTime', '2025-07-01T02:00:01Z', '2025-07-01T02:00:00Z'],
    ['GE_endTime', '2025-07-01T03:00:00Z', '2025-07-01T03:00:01Z'],
    ['LT_endTime', '2025-07-01T03:00:01Z', '2025-07-01T03:00:00Z'],
    ['EQ_exception', 'ALARM_CONDITION', 'ERROR_CONDITION'],
    ['EQ_component', 'x', 'y'],
    ['EQ_component', 'https://ref.gs1.org/cbv/Comp-x', 'cbv:Comp-y'],
  ];
  for (const [name, value] of [
    ['bizRules', 'urn:x:rule'],
    ['rawData', 'urn:x:raw'],
    ['deviceMetadata', 'urn:x:device'],
    ['dataProcessingMethod', 'urn:x:method'],
    ['microorganism', 'urn:x:listeria'],
    ['chemicalSubstance', 'urn:x:halon'],
    ['uriValue', 'urn:x:value'],
    ['coordinateReferenceSystem', 'urn:x:wgs84'],
  ] as const)
    cases.push([`EQ_${name}`, value, 'urn:x:another']);
  const numbers = Object.keys(amounts).map((name) => (name === 'percRank' ? name : `${name}_CEL`));
  const inPlaces = (names: readonly string[]): string[] =>
    [
      '',
      'ILMD_',
      'ERROR_DECLARATION_',
      'SENSORELEMENT_',
      'SENSORMETADATA_',
      'SENSORREPORT_',
      'readPoint_',
      'bizLocation_',
    ].flatMap((place) => names.map((name) => name.replace('|', place)));
  const extensions = inPlaces(['|acme:n', 'INNER_|acme:m']);
  for (const name of [...numbers, 'quantity', 'quantity_KGM', ...extensions])
    cases.push(
      [`EQ_${name}`, '4|5', '4|6'],
      [`GT_${name}`, '4', '5'],
      [`GE_${name}`, '5', '6'],
      [`LT_${name}`, '6', '5'],
      [`LE_${name}`, '5', '4'],
    );
  for (const [name, fits, fitsNot] of cases) {
    t.equal(passes({ [name]: fits }, whole), true, `${name}=${fits}`);
    t.equal(passes({ [name]: fitsNot }, whole), false, `${name}=${fitsNot}`);
  }
  for (const name of [...extensions, 'sensorElementList', 'errorDeclaration']) {
    t.equal(passes({ [`EXISTS_${name}`]: 'true' }, whole), true, `EXISTS_${name}`);
    t.equal(passes({ [`EXISTS_${name}`]: 'true' }, { type: 'ObjectEvent' }), false, `EXISTS_${name}`);
  }
  for (const name of inPlaces(['|acme:m'])) t.equal(passes({ [`EXISTS_${name}`]: '' }, whole), false, name);
  t.equal(passes({ EXISTS_sensorElement: 'true' }, whole), true);
});

t.test('what master data says of what events name', async (t) => {
  const one = {
    ...event,
    destinationList: [{ type: 'owning_party', destination: 'urn:x:them' }],
    'theirs:kiln': 'urn:epc:id:giai:69012345.7',
  };
  const named = (parameter: string, value = 'x') => {
    const read = parse({ [parameter]: value });
    if (!read.ok) return read.code;
    const [asked] = read.value.attributes;
    return asked?.names(one);
  };
  for (const [field, names] of [
    ['bizStep', ['https://ref.gs1.org/cbv/BizStep-commissioning', 'urn:epcglobal:cbv:bizstep:commissioning']],
    ['disposition', ['https://ref.gs1.org/cbv/Disp-active', 'urn:epcglobal:cbv:disp:active']],
    ['readPoint', ['414/6901234567892']],
    ['bizLocation', ['414/6901234567892/254/7']],
    ['source', ['417/6901234567892']],
    ['destination', ['urn:x:them']],
    ['bizTransaction', ['urn:x:po:1']],
    ['epcClass', ['01/06901234567892/10/L1']],
    ['acme:kiln', ['8004/690123457']],
    ['acme:line', []],
  ] as const) {
    t.strictSame(named(`HASATTR_${field}`), names, field);
    t.strictSame(named(`EQATTR_${field}_acme:zone_7`), names, field);
    t.strictSame(named(`EQ_ATTR_${field}_acme:zone_7`), names, field);
  }
  for (const parameter of [
    'HASATTR_epcList',
    'HASATTR_bizStep_x',
    'EQATTR_bizStep',
    'EQATTR_nobody:said_x',
    'HASATTR_',
  ])
    t.equal(named(parameter), 'invalid-query', parameter);
  const site = { id: 'urn:epcglobal:cbv:mda:site', attribute: '7' };
  const said = (parameter: string, value: string, description: Description) => {
    const read = parse({ [parameter]: value });
    const asked = read.ok ? read.value.attributes[0]?.asked : undefined;
    return asked === undefined ? null : describes(description, asked);
  };
  const zone = { attributes: [{ id: 'their:zone', attribute: ['A', 7] }] };
  const their = { '@context': { their: 'https://ns.acme.example/epcis/' } };
  for (const [parameter, value, description, fits] of [
    ['HASATTR_bizLocation', 'cbvmda:sst|cbvmda:site', { attributes: [site] }, true],
    ['HASATTR_bizLocation', 'cbvmda:sst', { attributes: [site] }, false],
    ['HASATTR_bizLocation', 'cbvmda:site', { attributes: [{ id: site.id }] }, false],
    ['EQATTR_bizLocation_cbvmda:site', '6|7', { attributes: [site] }, true],
    ['EQATTR_bizLocation_urn:epcglobal:cbv:mda:site', '6', { attributes: [site] }, false],
    ['EQATTR_bizLocation_acme:zone', '7', { ...zone, ...their }, true],
    ['EQATTR_bizLocation_their:zone', '7', zone, true],
    ['EQATTR_bizLocation_acme:zone', '7', zone, false],
    ['EQATTR_bizLocation_acme:zone', 'B', { ...zone, ...their }, false],
  ] as const)
    t.equal(said(parameter, value, description), fits, `${parameter}=${value}`);
});

t.test('what an index looks for, and how it is to be told', async (t) => {
  const read = parse({
    MATCH_epc: 'urn:epc:id:sgtin:69012345.06789.A7|urn:x:1',
    GE_eventTime: '2025-07-01T00:00:00Z',
    LT_recordTime: '2025-08-01T00:00:00Z',
    orderBy: 'eventTime',
    orderDirection: 'ASC',
    eventCountLimit: '5',
  });
  t.match(read.ok && read.value, {
    epcs: [unit, 'urn:x:1'],
    eventIDs: null,
    happened: { from: Date.parse('2025-07-01'), until: Number.POSITIVE_INFINITY },
    recorded: { from: Number.NEGATIVE_INFINITY, until: Date.parse('2025-08-01') },
    orderBy: 'eventTime',
    direction: 'ASC',
    limit: 5,
    most: null,
  });
  const pattern = parse({ MATCH_epc: 'urn:epc:idpat:sgtin:69012345.06789.*' });
  t.equal(pattern.ok && pattern.value.epcs, null);
});

t.test('places within places', async (t) => {
  const read = parse({ WD_bizLocation: 'urn:epc:id:sgln:690123456.789.0', WD_readPoint: 'urn:x:1' });
  const [location, point] = read.ok ? read.value.within : [];
  t.strictSame(location, { member: 'bizLocation', places: ['414/6901234567892'] });
  t.strictSame(point, { member: 'readPoint', places: ['urn:x:1'] });
  const within = (places: readonly string[]) => withinTest({ member: 'bizLocation', places })(event);
  t.equal(within(['414/6901234567892']), true, 'a GLN with an extension is part of the GLN');
  t.equal(within(['414/6901234567892/254/7']), true);
  t.equal(within(['414/6901234567892/254/8']), false);
  t.equal(withinTest({ member: 'bizLocation', places: ['place/1'] })({}), false);
});

t.test('what is no parameter is refused', async (t) => {
  for (const [name, value] of [
    ['EQ_colour', 'red'],
    ['MATCH_colour', 'red'],
    ['MATCH_constructor', 'x'],
    ['constructor', 'x'],
    ['EQ_nobody:said', '1'],
    ['eventType', 'QuantityEvent'],
    ['EQ_action', 'add'],
    ['EQ_bizStep', 'polishing'],
    ['EQ_source_owner', 'urn:x:1'],
    ['GE_eventTime', 'yesterday'],
    ['LT_errorDeclarationTime', 'yesterday'],
    ['MATCH_epc', 'urn:epc:id:sgtin:1.2.3'],
    ['MATCH_epc', '*'],
    ['MATCH_epc', 'urn:epc:idpat:gid:95100000.*.*'],
    ['MATCH_epc', 'urn:epc:idpat:sgtin:6901234.056789.A7'],
    ['MATCH_epc', Array(101).fill('urn:epc:idpat:sscc:*.*').join('|')],
    ['EQ_readPoint', 'https://id.gs1.org/414/1'],
    ['orderBy', 'colour'],
    ['eventCountLimit', '0'],
    ['eventCountLimit', '1'],
    ['GT_value_CEL', 'warm'],
    ['GT_value_CEL', '1|2'],
    ['GT_percRank_CEL', '1'],
    ['GE_time', 'yesterday'],
    ['EQ_deviceID', 'urn:epc:id:giai:x'],
    ['WD_readPoint', 'urn:epc:id:sgln:1.2'],
    ['EXISTS_sensorElementList', 'maybe'],
    ['EXISTS_acme:line', 'true|false'],
    ['GE_eventTime', '2025-07-01T00:00:00Z|2025-07-02T00:00:00Z'],
    ['LT_acme:line', '7|8'],
    ['GE_time', '2025-07-01T00:00:00Z|2025-07-02T00:00:00Z'],
    ['orderBy', 'eventTime|recordTime'],
  ] as const)
    t.match(passes({ [name]: value }), /^invalid-query: /, name);
  t.match(passes({ eventCountLimit: '1', maxEventCount: '1' }), /^invalid-query: /);
  for (const orderBy of ['nobody:line', 'bizStep', 'ILMD_', ''])
    t.match(passes({ orderBy }), /^invalid-query: /, orderBy);
});

t.test('EXISTS_ goes without a value, and with false asks for nothing', async (t) => {
  for (const value of ['', '1', 'true'])
    t.equal(passes({ EXISTS_errorDeclaration: value }, {}), false, value);
  for (const value of ['0', 'false']) t.equal(passes({ EXISTS_errorDeclaration: value }, {}), true, value);
});

t.test('what is equal may be written in more than one way', async (t) => {
  const said = { 'acme:width': 12.5, 'acme:code': '007', 'acme:made': '2025-07-01T10:00:00+08:00' };
  const of = { ...event, '@context': { acme: 'https://ns.acme.example/epcis/' }, ...said };
  t.equal(passes({ 'EQ_acme:width': '12.50|1' }, of), true, 'numbers');
  t.equal(passes({ 'EQ_acme:width': '12.51' }, of), false);
  t.equal(passes({ 'EQ_acme:made': '2025-07-01T02:00:00.000Z' }, of), true, 'moments');
  t.equal(passes({ 'EQ_acme:made': '2025-07-01T02:00:00.001Z' }, of), false);
  t.equal(passes({ 'EQ_acme:code': '7' }, of), false, 'and a text is that text');
  t.equal(passes({ 'EQ_acme:code': '007' }, of), true);
});

t.test('members by their namespace, as XML has it', async (t) => {
  for (const [space, name] of [
    ['https://ns.acme.example/epcis/', 'https://ns.acme.example/epcis/#line'],
    ['https://ns.acme.example/epcis/', 'https://ns.acme.example/epcis/line'],
    ['https://ns.acme.example/epcis#', 'https://ns.acme.example/epcis#line'],
    ['https://ns.acme.example/epcis#', 'https://ns.acme.example/epcis##line'],
    ['urn:acme:ns', 'urn:acme:ns#line'],
    ['urn:acme:ns:', 'urn:acme:ns:line'],
    ['urn:epcglobal:cbv:mda', 'cbvmda:line'],
    ['urn:epcglobal:cbv:mda:', 'urn:epcglobal:cbv:mda#line'],
  ] as const) {
    const of = { ...event, '@context': { a: space }, 'a:line': 7 };
    t.equal(passes({ [`EQ_${name}`]: '7' }, of), true, `${space} ${name}`);
    t.equal(passes({ [`EQ_${name}s`]: '7' }, of), false);
  }
});

t.test('events are sorted by a member: numbers, moments, texts, and last what lacks it', (t) => {
  const values = [
    'b',
    10,
    'B',
    '9',
    '2025-07-02T00:00:00Z',
    null,
    true,
    '2025-07-01T23:00:00-02:00',
    '-1e1',
    '😀',
    '！',
  ];
  const order = (name: string, wrap: (value: Json) => JsonObject, direction: 'ASC' | 'DESC') => {
    const sortBy = required(sortByOf(name, { host, context }));
    return values
      .map((value, seq) => ({ seq, key: sortBy(value === null ? {} : wrap(value)) }))
      .sort((a, b) => comparePlaced(a, b, direction))
      .map(({ seq }) => values[seq]);
  };
  const ascending = [
    '-1e1',
    '9',
    10,
    '2025-07-02T00:00:00Z',
    '2025-07-01T23:00:00-02:00',
    'B',
    'b',
    true,
    '！',
    '😀',
  ];
  const declared = { '@context': { theirs: 'https://ns.acme.example/epcis/' } };
  const line = (value: Json) => ({ ...declared, 'theirs:line': value });
  t.strictSame(order('acme:line', line, 'ASC'), [...ascending, null]);
  t.strictSame(order('acme:line', line, 'DESC'), [...ascending.toReversed(), null]);
  t.strictSame(
    order('acme:line', (it) => line([it, 0]), 'ASC'),
    [...ascending, null],
    'the first of several',
  );
  t.strictSame(
    order('ILMD_acme:line', (it) => ({ ...declared, ilmd: line(it) }), 'ASC'),
    [...ascending, null],
  );
  t.strictSame(
    order('INNER_acme:line', (it) => ({ ...declared, 'theirs:in': { 'theirs:line': it } }), 'ASC'),
    [...ascending, null],
  );
  t.strictSame(
    order('acme:line', (it) => line({ 'theirs:n': it }), 'ASC'),
    values,
    'an object is no value',
  );
  t.end();
});

t.test('events leave the house and come back the same', async (t) => {
  for (const hop of Object.values(samples)) {
    const events = hopToEvents(hop, host);
    if (!events.ok) throw new Error(events.detail);
    for (const body of events.value) {
      const fact = { ...body, kind: 'event', by: '3F7ZK2M9QX41TB6D' };
      const told = writeEpcisEvent({ seq: 17, at: 0, fact }, { host, format: 'No_Preference' });
      t.match(told, { recordTime: '1970-01-01T00:00:00.000Z', 'suyuan:entry': 17, kind: undefined });
      const { recordTime: _time, 'suyuan:entry': _entry, 'suyuan:recorder': _recorder, ...event } = told;
      // Words of ours that name things are translated too, and then the event says them otherwise.
      const names = Object.keys(body).some((it) => /^suyuan:(?:replace|differences)/.test(it));
      if (!names && body.ilmd === undefined) t.equal(eventHash(event, host), body.eventID);
    }
  }
  const urns = {
    type: 'ObjectEvent',
    eventTime: '2025-07-01T10:30:00+08:00',
    eventTimeZoneOffset: '+08:00',
    action: 'OBSERVE',
    eventID: 'urn:x:1',
    epcList: ['urn:epc:id:sgtin:69012345.06789.A7', 'urn:epc:id:sscc:69012345.100000001'],
    readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' },
  };
  const { event: body, prefixes } = readEpcisEvent(urns, { host, context });
  const fact = { ...body, kind: 'event', by: 'M', captured: { as: 'seller', prefixes } };
  const written = writeEpcisEvent({ seq: 1, at: 0, fact }, { host, format: 'Always_EPC_URN' });
  t.match(written, { ...urns, epcList: [...urns.epcList].reverse() });
  t.match(writeEpcisEvent({ seq: 1, at: 0, fact }, { host, format: 'Always_GS1_Digital_Link' }), {
    readPoint: { id: 'https://id.gs1.org/414/6901234567892' },
  });
});
