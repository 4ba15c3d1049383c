import t from 'tap';
import { baseContext } from '../../../src/core/epcis/epcis-context.ts';
import { readEpcisEvent } from '../../../src/core/epcis/epcis-reading.ts';
import { type EpcFormat, epcFormats, withWordsAsSent } from '../../../src/core/epcis/epcis-spelling.ts';
import { writeEpcisEvent } from '../../../src/core/epcis/epcis-writing.ts';
import type { JsonObject } from '../../../src/core/text/canonical.ts';
import { host } from '../../support/hop-samples.ts';

const base = {
  type: 'ObjectEvent',
  eventTime: '2025-07-01T10:30:00+08:00',
  eventTimeZoneOffset: '+08:00',
  action: 'OBSERVE',
  eventID: 'urn:x:1',
} as const;
const captured = (members: object): JsonObject => {
  const { event, faults, prefixes, spelling } = readEpcisEvent(
    { ...base, ...members },
    { host, context: baseContext(host) },
  );
  if (event === null) throw new Error(JSON.stringify(faults));
  return {
    ...event,
    kind: 'event',
    by: 'M',
    captured: { prefixes, ...(spelling === null ? {} : { spelling }) },
  };
};
const spellingOf = ({ captured: it }: JsonObject) => Object(it).spelling;
const written = (fact: JsonObject, format: EpcFormat): JsonObject =>
  writeEpcisEvent({ seq: 1, at: 0, fact }, { host, format });
const sorted = (list: unknown): string[] => (Array.isArray(list) ? list.map(String).sort() : []);

const unit = '06901234567892';

t.test('the worked example', async (t) => {
  const epcList = [`https://id.acme.example/01/${unit}/21/A7`, `https://id.acme.example/gtin/${unit}/ser/A8`];
  const fact = captured({ epcList, bizStep: 'urn:epcglobal:cbv:bizstep:shipping' });
  t.strictSame(spellingOf(fact), {
    homes: { '01': 'https://id.acme.example' },
    texts: { [`01/${unit}/21/A8`]: epcList[1] },
    words: ['urn:epcglobal:cbv:bizstep:shipping'],
  });
  t.strictSame(sorted(written(fact, 'Never_Translates').epcList), sorted(epcList));
});

t.test('what is never translated leaves as it came', async (t) => {
  const urn = 'urn:epc:id:sgtin:69012345.06789.A7';
  const link = `https://id.gs1.org/01/${unit}/21/A7`;
  const other = `https://id.gs1.org/01/${unit}/21/A8`;
  for (const [epcList, isKept] of [
    [[urn], false],
    [[link, other], true],
    [['urn:x:1', 'https://acme.example/x'], false],
    [[urn, other], true],
    [[link, 'urn:epc:id:sgtin:69012345.06789.A8'], true],
    [[`http://shop.example/a/b/01/${unit}/21/A7`, `http://shop.example/a/b/01/${unit}/21/A8`], true],
    [[`${link}?x=1#y`, other], true],
    [['URN:EPC:ID:sgtin:69012345.06789.A7'], true],
    [[`https://${host}/01/${unit}/21/A7`, 'urn:epc:id:sscc:69012345.100000001'], true],
  ] as const) {
    const fact = captured({ epcList, readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' } });
    const told = written(fact, 'Never_Translates');
    t.strictSame(sorted(told.epcList), sorted(epcList), epcList.join(' '));
    t.match(told, { readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' } });
    t.equal(spellingOf(fact) !== undefined, isKept, 'no more is kept than it takes');
  }
  t.equal(spellingOf(captured({ epcList: [link, other] })), undefined, 'nor where no URN stands beside');
  const twice = captured({
    epcList: [urn],
    readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' },
    bizLocation: { id: 'https://x.example/414/6901234567892' },
  });
  const first = written(twice, 'Never_Translates');
  t.match(first, { readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' } });
  const keys = `sgtin:690123456.0789.A%2FB sscc:690123456.10000001 grai:690123456.789.12AB giai:690123456.7 gsrn:690123456.70890123
    gdti:690123456.789.A7 cpi:690123456.P7-%23%2F.12 sgcn:690123456.789.0044 itip:690123456.0789.01.02.A7 ginc:690123456.xyz47%2F11`;
  const all = keys.split(/\s+/).map((key) => `urn:epc:id:${key}`);
  const each = captured({ epcList: all });
  t.strictSame(sorted(written(each, 'Never_Translates').epcList), sorted(all), 'keys of every kind');
  t.equal(spellingOf(each), undefined);
  const many = Array.from({ length: 500 }, (_, i) => `urn:epc:id:sgtin:${6901234 + i}.056789.1`);
  t.strictSame(sorted(written(captured({ epcList: many }), 'Never_Translates').epcList), sorted(many));
});

t.test('each format', async (t) => {
  const urn = 'urn:epc:id:sgtin:69012345.06789.A7';
  const link = `https://x.example/01/${unit}/21/A8`;
  const place = 'https://x.example/414/6901234567892';
  const fact = captured({ epcList: [urn, link], readPoint: { id: place } });
  const home = 'https://id.gs1.org';
  const links = [`${home}/01/${unit}/21/A7`, `${home}/01/${unit}/21/A8`];
  const told = (format: EpcFormat) => {
    const { epcList, readPoint } = written(fact, format);
    return [...sorted(epcList), Object(readPoint).id];
  };
  const place0 = `${home}/414/6901234567892`;
  const urns = [urn, 'urn:epc:id:sgtin:69012345.06789.A8', 'urn:epc:id:sgln:69012345.6789.0'];
  const expected: Record<EpcFormat, readonly string[]> = {
    No_Preference: [...links, place0],
    Always_GS1_Digital_Link: [...links, place0],
    Always_EPC_URN: urns,
    Never_Translates: [link, urn, place],
  };
  for (const format of epcFormats) t.strictSame(told(format), expected[format], format);
});

t.test('words that came as URNs', async (t) => {
  const fact = captured({
    sensorElementList: [{ sensorReport: [{ type: 'gs1:Temperature', value: 1, uom: 'CEL' }] }],
    bizStep: 'urn:epcglobal:cbv:bizstep:shipping',
    disposition: 'https://ref.gs1.org/cbv/Disp-active',
    persistentDisposition: {
      set: ['urn:epcglobal:cbv:disp:damaged', 'active'],
      unset: ['cbv:Disp-recalled'],
    },
    bizTransactionList: [{ type: 'urn:epcglobal:cbv:btt:po', bizTransaction: 'urn:x:po' }],
    sourceList: [{ type: 'urn:epcglobal:cbv:sdt:location', source: 'urn:x:a' }],
    destinationList: [{ type: 'owning_party', destination: 'urn:x:b' }],
    errorDeclaration: {
      declarationTime: '2025-07-02T00:00:00Z',
      reason: 'urn:epcglobal:cbv:er:incorrect_data',
    },
  });
  t.match(withWordsAsSent(written(fact, 'Never_Translates'), fact), {
    bizStep: 'urn:epcglobal:cbv:bizstep:shipping',
    disposition: 'active',
    persistentDisposition: { set: ['urn:epcglobal:cbv:disp:damaged', 'active'], unset: ['recalled'] },
    bizTransactionList: [{ type: 'urn:epcglobal:cbv:btt:po', bizTransaction: 'urn:x:po' }],
    sourceList: [{ type: 'urn:epcglobal:cbv:sdt:location' }],
    destinationList: [{ type: 'owning_party' }],
    errorDeclaration: { reason: 'urn:epcglobal:cbv:er:incorrect_data' },
  });
  t.strictSame(withWordsAsSent(base, {}), base);
});
