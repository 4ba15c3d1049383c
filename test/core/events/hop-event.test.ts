import t from 'tap';
import type { EventBody } from '../../../src/core/events/epcis.ts';
import { eventHash } from '../../../src/core/events/event-hash.ts';
import { hopTypes } from '../../../src/core/events/hop.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { DifferenceFound, ResolvedHop } from '../../../src/core/events/resolved-hop.ts';
import { compareCodePoints, type JsonObject } from '../../../src/core/text/canonical.ts';
import {
  at,
  container,
  host,
  lot,
  metres,
  party,
  place,
  samples,
  some,
  unit,
} from '../../support/hop-samples.ts';

const events = (hop: ResolvedHop): EventBody[] => {
  const result = hopToEvents(hop, host);
  if (!result.ok) throw new Error(`${result.code} ${result.pointer}: ${result.detail}`);
  return result.value;
};
const refusal = (hop: ResolvedHop) => {
  const result = hopToEvents(hop, host);
  return result.ok ? 'accepted' : [result.code, result.pointer];
};
const only = (event: JsonObject, ...names: string[]) =>
  Object.fromEntries(names.filter((name) => name in event).map((name) => [name, event[name]]));

t.test('each hop is the event that the table of hops names', async (t) => {
  const words = Object.values(samples).map((hop) => [
    hop.hop,
    ...events(hop).map(
      (it) => `${it.type} ${it.action ?? '-'} ${it.bizStep ?? '-'} ${it.disposition ?? '-'}`,
    ),
  ]);
  t.strictSame(words, [
    ['produce', 'ObjectEvent ADD commissioning active'],
    ['release', 'ObjectEvent OBSERVE inspecting conformant'],
    ['pack', 'AggregationEvent ADD packing -'],
    ['unpack', 'AggregationEvent DELETE unpacking -'],
    ['ship', 'ObjectEvent OBSERVE shipping in_transit'],
    ['cancel', 'ObjectEvent OBSERVE void_shipping -'],
    ['receive', 'ObjectEvent OBSERVE receiving -'],
    ['sell', 'ObjectEvent OBSERVE retail_selling retail_sold'],
    ['install', 'AssociationEvent ADD installing -'],
    ['remove', 'AssociationEvent DELETE removing -'],
    ['replace', 'AssociationEvent DELETE replacing -', 'AssociationEvent ADD replacing -'],
    ['inspect', 'ObjectEvent OBSERVE inspecting conformant'],
    ['maintain', 'ObjectEvent OBSERVE repairing available', 'AssociationEvent ADD replacing -'],
    ['refill', 'ObjectEvent OBSERVE repairing non_conformant', 'AssociationEvent ADD replacing -'],
    ['transform', 'TransformationEvent - commissioning -'],
    ['split', 'TransformationEvent - creating_class_instance -'],
    ['hold', 'ObjectEvent OBSERVE holding non_sellable_other'],
    ['seize', 'ObjectEvent OBSERVE holding non_sellable_other'],
    ['lift', 'ObjectEvent OBSERVE holding available'],
    ['return', 'ObjectEvent OBSERVE shipping returned'],
    ['scrap', 'ObjectEvent OBSERVE collecting disposed'],
    ['destroy', 'ObjectEvent DELETE destroying destroyed'],
    ['adopt', 'ObjectEvent ADD commissioning active'],
    ['relabel', 'ObjectEvent DELETE decommissioning inactive', 'ObjectEvent ADD commissioning active'],
  ]);
  t.strictSame(new Set([...words.map(([hop]) => hop), 'correct', 'void']), new Set(hopTypes));
});

t.test('a shipment in full', async (t) => {
  const [event] = events(samples.ship);
  const at = (path: string) => ({ id: path });
  t.strictSame(event, {
    type: 'ObjectEvent',
    eventID: 'ni:///sha-256;5704314c74a5c90624665e146afbe5f0cbd90bddb0d206aa74f2f38cdd83d48f?ver=CBV2.0',
    eventTime: '2025-07-01T10:30:00+08:00',
    eventTimeZoneOffset: '+08:00',
    action: 'OBSERVE',
    bizStep: 'shipping',
    disposition: 'in_transit',
    readPoint: at('place/W100000000000000'),
    epcList: [container(1)],
    quantityList: [{ epcClass: lot('H1'), quantity: '12.5', uom: 'MTR' }],
    bizTransactionList: [
      { type: 'po', bizTransaction: 'party/D000000000000000/po/%E9%87%87%E8%B4%AD%204' },
      { type: 'desadv', bizTransaction: 'party/M000000000000000/desadv/DN-17' },
    ],
    sourceList: [
      { type: 'location', source: 'place/W100000000000000' },
      { type: 'owning_party', source: 'party/M000000000000000' },
      { type: 'possessing_party', source: 'party/M000000000000000' },
    ],
    destinationList: [
      { type: 'location', destination: 'place/W200000000000000' },
      { type: 'owning_party', destination: 'party/D000000000000000' },
      { type: 'possessing_party', destination: 'party/D000000000000000' },
    ],
    'suyuan:hop': 'ship',
    'suyuan:ref': 'DN-17/1',
    'suyuan:as': 'manufacturer',
    'suyuan:transfer': 'sale',
  });
  for (const transfer of ['own-move', 'consignment', 'loan'] as const) {
    const [moved] = events({ ...samples.ship, transfer });
    t.notMatch(JSON.stringify(moved), 'owning_party', `only a sale passes title, not ${transfer}`);
  }
});

t.test('what some hops say beside', async (t) => {
  const [produced] = events({
    ...samples.produce,
    time: at('2025-07-01+08:00'),
    delegation: 'X',
    note: '夜班',
  });
  t.strictSame(
    only(produced ?? {}, 'ilmd', 'eventTime', 'suyuan:timePrecision', 'suyuan:delegation', 'suyuan:note'),
    {
      ilmd: {
        'cbvmda:lotNumber': 'L1',
        'gs1:productionDate': '2025-07-01',
        'suyuan:factory': 'place/W100000000000000',
      },
      eventTime: '2025-07-01T00:00:00+08:00',
      'suyuan:timePrecision': 'day',
      'suyuan:delegation': 'X',
      'suyuan:note': '夜班',
    },
  );
  const cable = { epcs: [], lots: [metres('C1', 1n)] };
  const steps = [false, true].map((begun) => events({ ...samples.produce, ...cable, begun })[0]?.bizStep);
  t.strictSame(steps, ['commissioning', 'creating_class_instance'], 'a lot begins once');

  t.strictSame(events(samples.receive)[0]?.persistentDisposition, { set: ['completeness_inferred'] });
  const [short] = events({
    ...samples.receive,
    differences: [
      { type: 'quantity', lot: lot('H1'), expected: 12_500_000n, found: 12_000_000n, uom: 'MTR' },
      { type: 'instance', epc: unit('A1'), found: false },
    ],
  });
  t.strictSame(only(short ?? {}, 'persistentDisposition', 'suyuan:differences'), {
    persistentDisposition: { set: ['mismatch_instance', 'mismatch_quantity'] },
    'suyuan:differences': [
      {
        'suyuan:difference': 'quantity',
        'suyuan:epc': lot('H1'),
        'suyuan:expected': '12.5',
        'suyuan:found': '12',
        'suyuan:uom': 'MTR',
      },
      { 'suyuan:difference': 'instance', 'suyuan:epc': unit('A1'), 'suyuan:found': '0' },
    ],
  });
  const samplings = (['sample', 'destructive'] as const).map((sampling) => {
    const [event] = events({ ...samples.inspect, outcome: null, sampling, from: party('D') });
    return [event?.bizStep, event?.destinationList];
  });
  t.strictSame(samplings, [
    ['holding', [{ type: 'possessing_party', destination: 'party/M000000000000000' }]],
    ['sampling', undefined],
  ]);
});

t.test('a new label names the end of the old one', async (t) => {
  const [gone, come] = events(samples.relabel);
  t.strictSame(only(gone ?? {}, 'epcList', 'suyuan:replacedBy'), {
    epcList: [unit('A1')],
    'suyuan:replacedBy': unit('N1'),
  });
  t.strictSame(only(come ?? {}, 'epcList', 'suyuan:replaces', 'suyuan:target'), {
    epcList: [unit('N1')],
    'suyuan:replaces': unit('A1'),
    'suyuan:target': gone?.eventID,
  });
});

t.test('an error declaration is the original again, by the same name', async (t) => {
  const { hop: _, epcs: __, lots: ___, ...act } = samples.scrap;
  const [original = { eventID: '' }] = events(samples.ship);
  const [voided = { eventID: '' }] = events({ ...act, hop: 'void', original, reason: '录入错误' });
  const { errorDeclaration, ...rest } = voided;
  t.strictSame(rest, original);
  t.strictSame(errorDeclaration, {
    declarationTime: '2025-07-01T10:30:00+08:00',
    reason: 'did_not_occur',
    'suyuan:ref': 'DN-17/1',
    'suyuan:as': 'manufacturer',
    'suyuan:note': '录入错误',
  });
  t.equal(eventHash(voided, host), original.eventID);

  const replacement = { ...samples.ship, to: party('E') };
  const [wrong, right] = events({ ...act, hop: 'correct', original, replacement });
  t.match(wrong?.errorDeclaration, { reason: 'incorrect_data', correctiveEventIDs: [right?.eventID] });
  t.strictSame(right, events(replacement)[0]);
  t.strictSame(
    refusal({ ...act, hop: 'correct', original, replacement: samples.ship }),
    ['invalid-request', '/replacement'],
    'what corrects says something else',
  );
});

t.test('lists are distinct and sorted by code points', async (t) => {
  const lists = Object.values(samples)
    .flatMap(events)
    .flatMap((event) => Object.entries(event).filter(([name]) => /EPC|epcList/.test(name)));
  const unsorted = lists.filter(([, list]) => {
    const texts = Array.isArray(list) ? list.map(String) : [];
    return texts.some((text, i) => i > 0 && compareCodePoints(texts[i - 1] ?? '', text) >= 0);
  });
  t.ok(lists.length > 15);
  const lots = [metres('H2', 1n), metres('H1', 2n)];
  t.strictSame(
    events({ ...samples.ship, lots })[0]?.quantityList,
    [
      { epcClass: lot('H1'), quantity: '0.000002', uom: 'MTR' },
      { epcClass: lot('H2'), quantity: '0.000001', uom: 'MTR' },
    ],
    'lots by their names',
  );
  t.strictSame(unsorted, []);
});

t.test('what a hop cannot say is refused, with a pointer into it', async (t) => {
  const none = { epcs: [], lots: [] };
  const doubled = { epcs: [unit('A1'), unit('A1')], lots: [] };
  const { hop: _, epcs: __, lots: ___, ...act } = samples.scrap;
  t.strictSame(
    [
      refusal({ ...samples.ship, ...none }),
      refusal({ ...samples.unpack, ...none }),
      refusal({ ...samples.ship, ...doubled }),
      refusal({ ...samples.ship, epcs: [], lots: [metres('H1', 1n), metres('H1', 2n)] }),
      refusal({ ...samples.ship, epcs: [lot('H1')], lots: [] }),
      refusal({ ...samples.ship, epcs: [], lots: [{ lot: unit('A1'), amount: 1n, uom: 'MTR' }] }),
      refusal({ ...samples.produce, epcs: [container(1)] }),
      refusal({ ...samples.produce, bestBefore: '2025-02-29' }),
      refusal({ ...samples.pack, epcs: [container(1)] }),
      refusal({ ...samples.pack, container: unit('A1') }),
      refusal({ ...samples.maintain, epcs: some.epcs }),
      refusal({ ...samples.maintain, nextDue: '2025-13-01' }),
      refusal({ ...samples.replace, installed: none }),
      refusal({ ...samples.replace, removed: doubled }),
      refusal({ ...samples.transform, outputs: none }),
      refusal({ ...samples.split, cuts: none }),
      refusal({
        ...samples.maintain,
        epcs: [unit('A1')],
        parts: { epcs: [unit('P1'), unit('A1')], lots: [] },
      }),
      refusal({ ...samples.replace, installed: samples.replace.removed }),
      refusal({ ...samples.transform, inputs: some, outputs: some }),
      refusal({ ...samples.return, place: null }),
      refusal({ ...samples.return, differences: [{ type: 'instance', epc: unit('A1'), found: true }] }),
      refusal({ ...samples.return, direction: 'in', place: null }),
      refusal({ ...samples.relabel, pairs: [] }),
      refusal({ ...samples.relabel, pairs: [{ old: unit('A1'), new: unit('A1') }] }),
      refusal({
        ...act,
        hop: 'correct',
        original: { eventID: 'x' },
        replacement: { ...samples.sell, ...none },
      }),
    ],
    [
      ['invalid-request', ''],
      'accepted',
      ['duplicate-epc', '/epcs/1'],
      ['duplicate-epc', '/lots/1/lot'],
      ['invalid-identifier', '/epcs/0'],
      ['invalid-identifier', '/lots/0/lot'],
      ['invalid-identifier', '/epcs/0'],
      ['invalid-time', '/bestBefore'],
      ['invalid-request', '/epcs'],
      ['invalid-identifier', '/container'],
      ['invalid-request', '/parts'],
      ['invalid-time', '/nextDue'],
      ['invalid-request', '/installed'],
      ['duplicate-epc', '/removed/epcs/1'],
      ['invalid-request', '/outputs'],
      ['invalid-request', '/cuts'],
      ['invalid-request', '/parts/epcs/1'],
      ['invalid-request', '/installed/epcs/0'],
      ['invalid-request', '/outputs/epcs/0'],
      ['invalid-request', '/place'],
      ['invalid-request', '/differences'],
      'accepted',
      ['invalid-request', '/pairs'],
      ['duplicate-epc', '/pairs/0/new'],
      ['invalid-request', '/replacement'],
    ],
  );
  t.equal(place('P1'), 'place/P100000000000000');
});

t.test('differences are told once, of what they can be about', async (t) => {
  const [missing, extra] = [false, true].map((found) => ({
    type: 'instance' as const,
    epc: unit('Z9'),
    found,
  }));
  if (missing === undefined || extra === undefined) throw new Error('two were made');
  const [thing] = samples.receive.epcs;
  if (thing === undefined) throw new Error('the sample receives something');
  const short = {
    ...{ type: 'quantity' as const, lot: lot('H1'), uom: 'MTR' as const },
    ...{ expected: 5_000_000n, found: 0n },
  };
  const told = (...differences: DifferenceFound[]) => [
    refusal({ ...samples.receive, differences }),
    refusal({ ...samples.return, ...samples.receive, hop: 'return', direction: 'in', differences }),
  ];
  const both = <T>(answer: T) => [answer, answer];
  t.strictSame(told(missing, short), both('accepted'));
  t.strictSame(told(extra), both('accepted'));
  t.strictSame(told(missing, extra), both(['duplicate-epc', '/differences/1/epc']));
  t.strictSame(told(short, short), both(['duplicate-epc', '/differences/1/lot']));
  t.strictSame(told({ ...missing, epc: lot('H1') }), both(['invalid-identifier', '/differences/0/epc']));
  t.strictSame(told({ ...short, lot: unit('A1') }), both(['invalid-identifier', '/differences/0/lot']));
  t.strictSame(told({ ...missing, epc: thing }), both(['invalid-request', '/differences/0']));
  t.strictSame(told({ ...short, found: 5_000_000n }), both(['invalid-request', '/differences/0']));
});
