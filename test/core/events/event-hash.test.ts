import fc from 'fast-check';
import t from 'tap';
import { epcisUri } from '../../../src/core/events/epcis.ts';
import { eventHash, preHash } from '../../../src/core/events/event-hash.ts';
import { isObject } from '../../../src/core/events/event-members.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { Json, JsonObject } from '../../../src/core/text/canonical.ts';
import { anyHop, host, samples } from '../../support/hop-samples.ts';

/**
 * SHA-256 of the events of our sample hops, computed by the public reference implementation
 * (epcis-event-hash-generator 1.9.3, Python) over an EPCIS 2.0 JSON-LD document that holds them.
 */
const computedElsewhere = {
  produce: ['8a85f990a20af0468505308e8be3699526e68f6016fc0afc3df448f848f2bf48'],
  release: ['5b5f8a5dc3271d7779c9d27b7cf54160f0b8f36fe883eb5944e51aac3bc57d1f'],
  pack: ['2a6606134c4579d22ab53cd95b6dd70c6d991f0700a0318d27b46112f986d87b'],
  unpack: ['302b75459d06dc9e584002ae7969d48fc2eadfb50198109a2e040ab50aa8cd95'],
  ship: ['5704314c74a5c90624665e146afbe5f0cbd90bddb0d206aa74f2f38cdd83d48f'],
  cancel: ['4de46ae0a7bca860215d1f352fa95fb52a69dfc05326a88d74a53fc37b395214'],
  receive: ['35e1ed9765164c68257642ad3b59da2dbc6cf39f5a42a089fd7103172934e23a'],
  sell: ['d57ccdb776df3ca9a2884a9032b37fef9dc9c645df5a480f89ba34ae496cabfd'],
  install: ['eef0c8ca9c82aa31a380ced50373a90be8b5bde984dc8c9bfd3f92b59e4ed7a7'],
  remove: ['56155b7387b942b68bbefbda5d6f92c0e6ee5f75570ce3a2425ed6f8f59e3858'],
  replace: [
    'af01b37239f012bdd202ddc84945bb58667d760bb0d50ca86d9c575fd56a4542',
    'ac2988efebdd64b806fc08044676e7237eb257566a8054d77c2c51beafcc4072',
  ],
  inspect: ['20d40c97951fcfe221006d68e21065bf82b902a9cb4f966e44e0c3d6676ed454'],
  maintain: [
    'ae243ab9f4a0d7d0344c4dc1659dc5292f5c0b39f17d220d700effafe10a480d',
    'bdd027592346cecb217e974f0166ce4ef038ccdb3ef157f66880c723580bcc45',
  ],
  refill: [
    'c80e8f9e65f2db125ab0eba70f2cef301bf72451f11558754ab5760a84c1d7a5',
    '78d76245b5581581cc6915777823d569cc103a03ba733a06e761f42500d75484',
  ],
  transform: ['b9ea409092a944f1731c13dbd10e9b1db8e24ce257b95612d567d24eacb3df33'],
  split: ['7fb0e201106d03d317fda28f1aa19c978ae6e2e1be6a73208abea12a8b3727a4'],
  hold: ['4bfe11ca29e6f951c9946ac7beae5971be0b9103410057400bc8820522721ae7'],
  seize: ['197e1dc63af03e358da4ec9c51701e1e27bf7b734ceafe909665e168bc08bdab'],
  lift: ['684aa11ca2d8004fedda17011b15f51b7d76ba4379af509b95f234d56d05cfb8'],
  return: ['4f7345933c704aa60d5b8f2429c845399d46e90ddee316db066f0a55ae77f815'],
  scrap: ['1a289b7336300d477ced918af732641a2c3db8c71889c2a5dec077f5dfa8d913'],
  destroy: ['eed7b9505a31b93cb591b8ccd7ddb2c7ffd1b6dd02f04100e6d6957688cf8dc0'],
  adopt: ['408adb348ee0696f5fdab7f6d760c4655f40d9884684680ceabd4ad94912a64c'],
  relabel: [
    'b8cedd5294ab40a906a3e90854cfddbfb37d2590dcc6e1ed4de165acaa50b89e',
    'b5d361daa2046d4eee7eadd67750c6c9a703d2dbfecb4a7d331ce4006e2259b2',
  ],
};

t.test('every hop hashes as the reference implementation says', async (t) => {
  const ours = Object.fromEntries(
    Object.entries(samples).map(([name, hop]) => {
      const events = hopToEvents(hop, host);
      if (!events.ok) throw new Error(events.detail);
      return [name, events.value.map(({ eventID }) => eventID)];
    }),
  );
  const theirs = Object.entries(computedElsewhere).map(([name, hashes]) => [
    name,
    hashes.map((hash) => `ni:///sha-256;${hash}?ver=CBV2.0`),
  ]);
  t.strictSame(ours, Object.fromEntries(theirs));
});

/** An event as another system would write it, with everything the order of the pre-hash string knows. */
const foreign = {
  '@context': [{ acme: 'https://ns.acme.example/epcis/' }],
  type: 'ObjectEvent',
  eventID: 'urn:uuid:6926712e-599f-4c4e-b6e9-8dd888c906bd',
  eventTime: '2025-03-09T08:15:30.1236+01:00',
  eventTimeZoneOffset: '+01:00',
  recordTime: '2025-03-09T08:20:00Z',
  certificationInfo: 'https://lab.example/cert/77',
  epcList: ['01/06901234567892/21/Z9', '00/069012345678900018'],
  quantityList: [
    { epcClass: '01/06901234567892/10/H1', quantity: 12.5, uom: 'MTR' },
    { epcClass: '01/06901234567892/10/A1', quantity: 3 },
  ],
  action: 'OBSERVE',
  bizStep: 'storing',
  disposition: 'sellable_accessible',
  persistentDisposition: { set: ['damaged', 'completeness_verified'], unset: ['recalled'] },
  readPoint: { id: '414/6901234567892/254/W2', 'acme:gate': 'north' },
  bizLocation: { id: '414/6901234567892' },
  sensorElementList: [
    {
      sensorMetadata: { time: '2025-03-09T07:00:00Z', deviceID: '8004/690123456777', 'acme:battery': 'low' },
      sensorReport: [
        { type: 'Temperature', value: 26.5, uom: 'CEL' },
        { type: 'AbsoluteHumidity', value: 12, uom: 'A93' },
      ],
    },
  ],
  'acme:crew': { 'acme:shift': 'night', 'acme:names': ['Wu', 'An'] },
  'acme:line': '7',
} as const satisfies JsonObject;

t.test('an event written elsewhere hashes as the reference implementation says', async (t) => {
  t.equal(
    eventHash(foreign, host),
    'ni:///sha-256;efb664b892c250269062e6009a637699d1b15517e5730bd60f8ecd72648f1fc7?ver=CBV2.0',
  );
  const urns = {
    ...foreign,
    bizStep: 'https://ref.gs1.org/cbv/BizStep-storing',
    disposition: 'cbv:Disp-sellable_accessible',
  };
  t.equal(eventHash(urns, host), eventHash(foreign, host), 'words may be spelled out');
});

t.test('the worked example', async (t) => {
  const event = {
    type: 'ObjectEvent',
    eventTime: '2025-07-01T10:30:00+08:00',
    eventTimeZoneOffset: '+08:00',
    epcList: ['01/06901234567892/21/A7'],
    action: 'OBSERVE',
    bizStep: 'shipping',
    'suyuan:ref': '007',
  };
  t.equal(
    preHash(event, host),
    'eventType=ObjectEventeventTime=2025-07-01T02:30:00.000ZeventTimeZoneOffset=+08:00' +
      'epcListepc=https://id.gs1.org/01/06901234567892/21/A7action=OBSERVE' +
      'bizStep=https://ref.gs1.org/cbv/BizStep-shipping{https://sy.example/ns/}ref=007',
  );
  t.equal(epcisUri('place/7ZK3QW9D5TB1M0AB', host), 'https://sy.example/place/7ZK3QW9D5TB1M0AB');
  t.equal(epcisUri('urn:example:1', host), 'urn:example:1');
});

t.test('identifiers and words in any spelling are one', async (t) => {
  const spelled: JsonObject = {
    ...foreign,
    epcList: ['urn:epc:id:sgtin:69012345.06789.Z9', 'https://id.gs1.org/00/069012345678900018'],
    quantityList: [
      { epcClass: 'urn:epc:class:lgtin:690123.0456789.H1', quantity: '12.50', uom: 'MTR' },
      { epcClass: 'https://id.gs1.org/gtin/6901234567892/lot/A1', quantity: 3 },
    ],
    bizStep: 'urn:epcglobal:cbv:bizstep:storing',
    disposition: 'urn:epcglobal:cbv:disp:sellable_accessible',
    readPoint: { id: 'urn:epc:id:sgln:690123456.789.W2', 'acme:gate': 'north' },
    bizLocation: { id: 'urn:epc:id:sgln:690123456.789.0' },
  };
  t.equal(eventHash(spelled, host), eventHash(foreign, host));
  const told = (value: Json): string =>
    preHash({ type: 'ObjectEvent', 'suyuan:x': value }, host).split('/ns/}x').join('');
  t.match(
    told(['urn:epc:id:sgtin:69012345.06789.Z9']),
    /=https:\/\/id\.gs1\.org\/01\/06901234567892\/21\/Z9$/,
  );
  t.match(told('https://acme.example/01/1'), /=https:\/\/acme\.example\/01\/1$/);
  t.match(
    preHash({ type: 'ObjectEvent', parentID: "urn:epc:id:upui:690123.0456789.a'(b)" }, host),
    /parentID=https:\/\/id\.gs1\.org\/01\/06901234567892\/235\/a'%28b%29$/,
    'percent-encoded as the reference implementation does',
  );
});

t.test('numbers are written as the reference implementation does, whatever they came as', async (t) => {
  const told = (value: Json): string => preHash({ type: 'ObjectEvent', 'https://x.example/n': value }, host);
  // What its `_canonize_value` (1.9.3) says of each.
  const computedElsewhere: Readonly<Record<string, string>> = {
    '12.50': '12.5',
    ' 007 ': '7',
    '+5': '5',
    '-0.0': '0',
    '.5': '0.5',
    '5.': '5',
    '-1.5': '-1.5',
    '1e3': '1000',
    '1E-7': '1e-07',
    '0.00012': '0.00012',
    '0.0000123': '1.23e-05',
    '1e21': '1000000000000000000000',
    '123456789012345678901': '123456789012345683968',
    '12 m': '12 m',
    '0x10': '0x10',
    nan: 'nan',
  };
  for (const [text, number] of Object.entries(computedElsewhere))
    t.equal(told(text), `eventType=ObjectEventhttps://x.example/n=${number}`, text);
  for (const number of [12.5, 1e21, 1.23e-5, 1e-7, -0, 3]) t.equal(told(number), told(String(number)));
  t.equal(told('1e999'), 'eventType=ObjectEventhttps://x.example/n=1e999', 'no double is so large');
  const named = { '@context': { mine: `https://${host}/ns/` }, type: 'ObjectEvent', 'mine:ref': '007' };
  t.match(preHash(named, host), /\/ns\/}ref=007$/, 'but what tells our own events apart');
});

t.test('more of one name than a call takes arguments', async (t) => {
  const event = { type: 'ObjectEvent', 'https://x.example/line': Array(200_000).fill('1') };
  t.match(eventHash(event, host), /^ni:\/\/\/sha-256;/);
});

t.test('what an event says of its own recording does not enter its hash; everything else does', async (t) => {
  const same: JsonObject[] = [
    { ...foreign, eventID: 'other', recordTime: '2026-01-01T00:00:00Z' },
    { ...foreign, errorDeclaration: { declarationTime: '2026-01-01T00:00:00Z', reason: 'did_not_occur' } },
    { ...foreign, kind: 'event', by: 'X', 'rdfs:comment': 'seen twice' },
    {
      ...foreign,
      quantityList: [foreign.quantityList[1], { ...foreign.quantityList[0], quantity: '12.50' }],
    },
    { ...foreign, eventTime: '2025-03-09T07:15:30.124Z' },
  ];
  t.strictSame(new Set(same.map((event) => eventHash(event, host))), new Set([eventHash(foreign, host)]));
  const names = Object.keys(foreign).filter((it) => !['@context', 'eventID', 'recordTime'].includes(it));
  const without = names.map((name) =>
    eventHash(Object.fromEntries(Object.entries(foreign).filter(([it]) => it !== name)), host),
  );
  t.equal(new Set([...without, eventHash(foreign, host)]).size, names.length + 1);
});

t.test('the order of members and lists says nothing', async () => {
  const shuffled = (value: Json, random: () => number): Json => {
    if (Array.isArray(value))
      return order(
        value.map((it) => shuffled(it, random)),
        random,
      );
    if (!isObject(value)) return value;
    return Object.fromEntries(
      order(Object.entries(value), random).map(([name, it]) => [name, shuffled(it, random)]),
    );
  };
  const order = <T>(items: T[], random: () => number): T[] =>
    items
      .map((it): [number, T] => [random(), it])
      .sort((a, b) => a[0] - b[0])
      .map(([, it]) => it);
  fc.assert(
    fc.property(anyHop, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (hop, stream) => {
      const events = hopToEvents(hop, host);
      if (!events.ok) return false;
      const random = () => stream.next().value;
      return events.value.every((event) => {
        const other = shuffled(event, random);
        return isObject(other) && eventHash(other, host) === event.eventID;
      });
    }),
  );
});
