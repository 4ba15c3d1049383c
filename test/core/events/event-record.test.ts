import fc from 'fast-check';
import t from 'tap';
import { hopOf } from '../../../src/core/events/event-kind.ts';
import {
  eventParts,
  eventTarget,
  hopRecord,
  isErrorDeclaration,
} from '../../../src/core/events/event-record.ts';
import type { PartyId } from '../../../src/core/events/hop.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { PlainHop } from '../../../src/core/events/resolved-hop.ts';
import type { JsonObject } from '../../../src/core/text/canonical.ts';
import { anyHop, container, host, lot, metres, party, samples, unit } from '../../support/hop-samples.ts';

const eventsOf = (hop: PlainHop) => {
  const events = hopToEvents(hop, host);
  if (!events.ok) throw new Error(events.detail);
  return events.value;
};
const record = (event: JsonObject, recorder: PartyId = party('M')) => hopRecord(7, 1_000, recorder, event);
const parts = (hop: PlainHop) =>
  eventsOf(hop).map((event) => eventParts(event).map((it) => [it.position, it.epc, it.amount, it.uom]));

/** Who gives and who takes, said once more from the hop itself. */
function handover(hop: PlainHop): [PartyId | null, PartyId | null] {
  switch (hop.hop) {
    case 'ship':
      return [hop.recorder, hop.to];
    case 'receive':
      return [hop.from, hop.recorder];
    case 'return':
      return hop.direction === 'out' ? [hop.recorder, hop.party] : [hop.party, hop.recorder];
    case 'sell':
      return [hop.recorder, hop.to];
    case 'seize':
      return [hop.from, hop.recorder];
    case 'lift':
      return hop.to === null ? [null, null] : [hop.recorder, hop.to];
    default:
      return [null, null];
  }
}

t.test('a record says of an event what its hop said', async () => {
  fc.assert(
    fc.property(anyHop, (hop) => {
      const goods = 'epcs' in hop ? hop : { epcs: [], lots: [] };
      const [event] = eventsOf(hop);
      if (!event) return false;
      const found = record(event, hop.recorder);
      const [giver, taker] = handover(hop);
      const wanted = {
        ...found,
        seq: 7,
        recordedAt: 1_000,
        hop: hop.hop,
        recorder: hop.recorder,
        as: hop.as,
        from: hop.time.from,
        until: hop.time.until,
        giver,
        taker,
        transfer: 'transfer' in hop ? hop.transfer : hop.hop === 'sell' ? 'sale' : null,
        place: hop.place,
        toPlace:
          'toPlace' in hop
            ? hop.toPlace
            : hop.hop === 'return' && hop.direction === 'out'
              ? hop.partyPlace
              : null,
        outcome: 'outcome' in hop ? hop.outcome : null,
      };
      const named = eventParts(event)
        .filter((it) => it.position !== 'parent')
        .map((it) => `${it.epc} ${it.amount} ${it.uom}`);
      const wantedNames = [
        ...goods.epcs.map((epc) => `${epc} null null`),
        ...goods.lots.map(({ lot, amount, uom }) => `${lot} ${amount} ${amount === null ? null : uom}`),
      ];
      return (
        JSON.stringify(found) === JSON.stringify(wanted) &&
        JSON.stringify(named.sort()) === JSON.stringify(wantedNames.sort())
      );
    }),
  );
});

t.test('notes, outcomes, targets and due dates', async (t) => {
  const told = Object.values(samples).flatMap((hop) =>
    eventsOf(hop).map((event) => {
      const it = record(event);
      const due = it.nextDue === null ? null : new Date(it.nextDue).toISOString();
      return [it.hop, it.note, it.outcome, due, eventTarget(event) === null ? null : 'target'];
    }),
  );
  const said = told.filter(([, ...rest]) => rest.some((it) => it !== null));
  t.strictSame(said, [
    ['release', null, 'conformant', null, null],
    ['cancel', null, null, null, 'target'],
    ['replace', 'old', null, null, null],
    ['replace', 'new', null, null, null],
    ['inspect', null, 'conformant', '2026-07-01T15:59:59.999Z', null],
    ['maintain', null, 'conformant', '2026-07-01T15:59:59.999Z', null],
    ['maintain', 'parts', null, null, null],
    ['refill', null, 'non-conformant', null, null],
    ['refill', 'parts', null, null, null],
    ['lift', null, null, null, 'target'],
    ['return', 'returned', null, null, null],
    ['adopt', 'stock', null, null, null],
    ['relabel', 'old', null, null, null],
    ['relabel', 'new', null, null, 'target'],
  ]);
  const differences = [{ type: 'instance', epc: unit('Z9'), found: false }] as const;
  const notes = [
    { ...samples.receive, differences },
    { ...samples.return, direction: 'in' as const, differences },
    { ...samples.inspect, sampling: 'sample' as const },
    { ...samples.inspect, sampling: 'destructive' as const },
  ].map((hop) => eventsOf(hop).map((event) => record(event).note));
  t.strictSame(notes, [['mismatch'], ['mismatch'], ['sample'], ['sampling']]);
});

t.test('parts say in which list an identifier stands', async (t) => {
  t.strictSame(parts({ ...samples.pack, lots: [metres('H1', 1n)] }), [
    [
      ['parent', container(1), null, null],
      ['child', unit('A1'), null, null],
      ['child', unit('B2'), null, null],
      ['child', lot('H1'), 1n, 'MTR'],
    ],
  ]);
  t.strictSame(parts(samples.split), [
    [
      ['input', lot('H1'), 30_000_000n, 'MTR'],
      ['output', lot('H1-1'), 20_000_000n, 'MTR'],
      ['output', lot('H1-2'), 10_000_000n, 'MTR'],
    ],
  ]);
  t.strictSame(parts(samples.release), [[['quantity', lot('L1'), null, null]]]);
  t.strictSame(parts(samples.install), [
    [
      ['parent', 'place/P100000000000000', null, null],
      ['child', unit('A1'), null, null],
      ['child', unit('B2'), null, null],
    ],
  ]);
});

t.test('an error declaration is told from what it takes back', async (t) => {
  const { hop: _, epcs: __, lots: ___, ...act } = samples.scrap;
  const [original = { eventID: '' }] = eventsOf(samples.ship);
  const result = hopToEvents({ ...act, hop: 'void', as: 'seller', original, reason: 'x' }, host);
  const [voided = {}] = result.ok ? result.value : [];
  t.strictSame(
    [record(voided).hop, record(voided).as, eventTarget(voided), isErrorDeclaration(voided)],
    ['void', 'seller', original.eventID, true],
  );
  t.strictSame(eventParts(voided), eventParts(original));
  const incorrect = {
    ...original,
    errorDeclaration: { reason: 'incorrect_data', declarationTime: '2025-07-02T00:00:00Z' },
  };
  t.strictSame(
    [record(incorrect).hop, record(incorrect).from, isErrorDeclaration(original), eventTarget(original)],
    ['correct', Date.parse('2025-07-02T00:00:00Z'), false, null],
  );
});

t.test('events written elsewhere are told by their words', async (t) => {
  const kinds = (rows: string[]) =>
    rows.map((row) => {
      const [type = '', action = '', bizStep = '', disposition = '', parentID = ''] = row.split(' ');
      return hopOf({ type, action, bizStep, disposition, parentID });
    });
  const rows = {
    'TransformationEvent - commissioning': 'transform',
    'AggregationEvent ADD packing': 'pack',
    'AggregationEvent DELETE unpacking': 'unpack',
    'AggregationEvent OBSERVE packing': 'inspect',
    'AssociationEvent ADD installing - 414/6901234567892': 'install',
    'AssociationEvent DELETE removing - place/X': 'remove',
    'AssociationEvent ADD replacing - place/X': 'replace',
    'AssociationEvent OBSERVE installing - place/X': 'inspect',
    'AssociationEvent ADD assembling - 01/06901234567892/21/A1': 'maintain',
    'AssociationEvent DELETE disassembling - 01/06901234567892/21/A1': 'maintain',
    'ObjectEvent ADD commissioning active': 'produce',
    'ObjectEvent ADD creating_class_instance active': 'produce',
    'ObjectEvent ADD encoding': 'inspect',
    'ObjectEvent DELETE destroying destroyed': 'destroy',
    'ObjectEvent DELETE decommissioning inactive': 'relabel',
    'ObjectEvent DELETE other': 'inspect',
    'ObjectEvent OBSERVE shipping in_transit': 'ship',
    'ObjectEvent OBSERVE shipping returned': 'return',
    'ObjectEvent OBSERVE departing in_transit': 'ship',
    'ObjectEvent OBSERVE departing returned': 'return',
    'ObjectEvent OBSERVE consigning in_transit': 'ship',
    'ObjectEvent OBSERVE accepting in_progress': 'receive',
    'ObjectEvent OBSERVE accepting returned': 'return',
    'ObjectEvent OBSERVE arriving in_progress': 'inspect',
    'ObjectEvent OBSERVE receiving in_progress': 'receive',
    'ObjectEvent OBSERVE receiving returned': 'return',
    'ObjectEvent OBSERVE void_shipping': 'cancel',
    'ObjectEvent OBSERVE retail_selling retail_sold': 'sell',
    'ObjectEvent OBSERVE repairing': 'maintain',
    'ObjectEvent OBSERVE collecting disposed': 'scrap',
    'ObjectEvent OBSERVE collecting in_progress': 'inspect',
    'ObjectEvent OBSERVE holding non_sellable_other': 'hold',
    'ObjectEvent OBSERVE holding available': 'lift',
    'ObjectEvent OBSERVE holding': 'inspect',
    'ObjectEvent OBSERVE storing sellable_accessible': 'inspect',
    'TransactionEvent ADD shipping in_transit': 'inspect',
    UnheardOfEvent: 'inspect',
  };
  t.strictSame(kinds(Object.keys(rows)), Object.values(rows));
  const association = (action: string) =>
    record({
      ...{ type: 'AssociationEvent', action, parentID: '01/06901234567892/21/A1' },
      eventTime: '2025-07-01T10:30:00+08:00',
    });
  t.match(association('ADD'), { hop: 'maintain', note: 'parts' }, 'put in');
  t.match(association('DELETE'), { hop: 'maintain', note: 'old' }, 'taken out');
  t.equal(
    hopOf({ type: 'ObjectEvent', 'suyuan:hop': 'toString' }),
    'inspect',
    'only words of ours are taken',
  );

  const foreign = {
    type: 'ObjectEvent',
    eventTime: '2025-07-01T10:30:00+08:00',
    action: 'OBSERVE',
    bizStep: 'shipping',
    bizLocation: { id: '414/6901234567892' },
    epcList: [unit('A1'), 5],
    quantityList: [
      { epcClass: lot('H1'), quantity: 12.5, uom: 'MTR' },
      { quantity: 1 },
      { epcClass: lot('H2'), quantity: -1 },
      { epcClass: lot('H3'), quantity: 2000, uom: 'LBR' },
      { epcClass: lot('H4'), quantity: 0 },
      { epcClass: lot('H5'), quantity: 4, uom: 'XBX' },
    ],
    sourceList: [{ type: 'possessing_party', source: '417/6901234567892' }],
    destinationList: [
      { type: 'owning_party', destination: 'party/D000000000000000' },
      { type: 'possessing_party', destination: 'party/D000000000000000' },
    ],
  };
  t.match(record(foreign), {
    hop: 'ship',
    as: 'distributor',
    giver: null,
    taker: party('D'),
    transfer: 'sale',
    place: '414/6901234567892',
    toPlace: null,
    nextDue: null,
  });
  t.strictSame(
    eventParts(foreign).map((it) => [it.epc, it.amount]),
    [
      [unit('A1'), null],
      [lot('H1'), 12_500_000n],
      [lot('H2'), null],
      [lot('H3'), 2_000_000_000n],
      [lot('H4'), null],
      [lot('H5'), 4_000_000n],
    ],
  );
  t.throws(() => record({ type: 'ObjectEvent' }), /no readable time/);
});
