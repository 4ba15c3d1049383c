/** One resolved hop of every kind, and the same with everything about it drawn at random. */
import fc from 'fast-check';
import { documentTypes } from '../../src/core/events/epcis.ts';
import type { Epc, Outcome, PartyId, PlaceId, Transfer } from '../../src/core/events/hop.ts';
import { outcomes, roles, transfers } from '../../src/core/events/hop.ts';
import type { Goods, LotQuantity, PlainHop } from '../../src/core/events/resolved-hop.ts';
import { type Uom, uomCodes } from '../../src/core/quantity.ts';
import { type EventTime, parseEventTime, precisions } from '../../src/core/time.ts';

export const host = 'sy.example';

const id = (name: string) => name.padEnd(16, '0');
export const party = (name: string) => id(name) as PartyId;
export const place = (name: string) => `place/${id(name)}` as PlaceId;
export const unit = (serial: string) => `01/06901234567892/21/${serial}` as Epc;
export const lot = (batch: string) => `01/06901234567892/10/${batch}` as Epc;
export const container = (serial: number) => `00/0690123456789${String(serial).padStart(5, '0')}` as Epc;
export const metres = (batch: string, millionths: bigint, uom: Uom = 'MTR'): LotQuantity => ({
  lot: lot(batch),
  amount: millionths,
  uom,
});

export function at(text: string): EventTime {
  const time = parseEventTime(text);
  if (!time.ok) throw new Error(time.detail);
  return time.value;
}

const act = {
  ref: 'DN-17/1',
  time: at('2025-07-01T10:30:00+08:00'),
  recorder: party('M'),
  as: 'manufacturer',
  delegation: null,
  place: place('W1'),
  documents: [],
  note: null,
} as const;
export const some: Goods = { epcs: [unit('B2'), unit('A1')], lots: [] };
const other: Goods = { epcs: [unit('C3')], lots: [] };
const hose: Goods = { epcs: [], lots: [metres('H1', 12_500_000n)] };
const making = { lot: 'L1', productionDate: '2025-07-01', bestBefore: null, factory: place('W1') };

/** One of each. */
export const samples: { readonly [K in PlainHop['hop']]: Extract<PlainHop, { hop: K }> } = {
  produce: { ...act, hop: 'produce', ...some, ...making, begun: false },
  release: {
    ...act,
    hop: 'release',
    epcs: [],
    lots: [{ lot: lot('L1'), amount: null, uom: 'H87' }],
    outcome: 'conformant',
  },
  pack: { ...act, hop: 'pack', container: container(1), ...some },
  unpack: { ...act, hop: 'unpack', container: container(1), epcs: [], lots: [] },
  ship: {
    ...act,
    hop: 'ship',
    place: place('W1'),
    epcs: [container(1)],
    lots: hose.lots,
    to: party('D'),
    toPlace: place('W2'),
    transfer: 'sale',
    documents: [
      { type: 'desadv', number: 'DN-17' },
      { type: 'po', number: '采购 4' },
    ],
  },
  cancel: { ...act, hop: 'cancel', ...some, target: 'ni:///sha-256;00?ver=CBV2.0' },
  receive: {
    ...act,
    hop: 'receive',
    epcs: [container(1)],
    lots: [],
    from: party('K'),
    fromPlace: null,
    differences: [],
  },
  sell: { ...act, hop: 'sell', ...some, to: party('V') },
  install: { ...act, hop: 'install', place: place('P1'), ...some },
  remove: { ...act, hop: 'remove', place: place('P1'), ...some },
  replace: { ...act, hop: 'replace', place: place('P1'), removed: some, installed: other },
  inspect: {
    ...act,
    hop: 'inspect',
    ...some,
    outcome: 'conformant',
    sampling: null,
    from: null,
    nextDue: '2026-07-01',
  },
  maintain: {
    ...act,
    hop: 'maintain',
    epcs: [unit('A1')],
    lots: [],
    outcome: 'conformant',
    nextDue: '2026-07-01',
    parts: other,
  },
  refill: {
    ...act,
    hop: 'refill',
    epcs: [unit('A1')],
    lots: [],
    outcome: 'non-conformant',
    nextDue: null,
    parts: { epcs: [], lots: [metres('AGENT', 4_000_000n, 'KGM')] },
  },
  transform: { ...act, hop: 'transform', inputs: hose, outputs: some },
  split: {
    ...act,
    hop: 'split',
    of: metres('H1', 30_000_000n),
    cuts: { epcs: [], lots: [metres('H1-1', 20_000_000n), metres('H1-2', 10_000_000n)] },
  },
  hold: { ...act, hop: 'hold', ...some },
  seize: { ...act, hop: 'seize', as: 'regulator', ...some, from: party('D') },
  lift: { ...act, hop: 'lift', ...some, target: 'ni:///sha-256;00?ver=CBV2.0', to: null },
  return: {
    ...act,
    hop: 'return',
    ...some,
    direction: 'out',
    party: party('K'),
    partyPlace: null,
    transfer: 'sale',
    differences: [],
  },
  scrap: { ...act, hop: 'scrap', ...some },
  destroy: { ...act, hop: 'destroy', ...some },
  adopt: {
    ...act,
    hop: 'adopt',
    ...some,
    lot: null,
    productionDate: null,
    bestBefore: null,
    factory: null,
    origin: '2019 年购入',
  },
  relabel: { ...act, hop: 'relabel', pairs: [{ old: unit('A1'), new: unit('N1') }] },
};

const symbol = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ');
const name = fc.string({ unit: symbol, minLength: 16, maxLength: 16 });
const anyParty = name.map((it) => it as PartyId);
const anyPlace = name.map((it) => `place/${it}` as PlaceId);
const serial = fc.string({ unit: symbol, minLength: 1, maxLength: 20 });
const date = fc
  .date({ min: new Date('1971-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((it) => it.toISOString());
const anyTime = fc
  .tuple(date, fc.constantFrom('Z', '+08:00', '-03:30', '+14:00'), fc.constantFrom(undefined, ...precisions))
  .map(([text, zone, precision]) => {
    const time = parseEventTime(text.slice(0, -1) + zone, precision);
    if (!time.ok) throw new Error(time.detail);
    return time.value;
  });
const anyLots = fc.uniqueArray(
  fc.record({
    lot: serial.map(lot),
    amount: fc.bigInt(1n, 10n ** 12n).map((n) => n * 1_000_000n),
    uom: fc.constantFrom(...uomCodes),
  }),
  { selector: (it) => it.lot, maxLength: 4 },
);
export const anyGoods: fc.Arbitrary<Goods> = fc
  .record({ epcs: fc.uniqueArray(serial.map(unit), { maxLength: 6 }), lots: anyLots })
  .filter((it) => it.epcs.length + it.lots.length > 0);

const anyAct = fc.record({
  ref: fc.string({ minLength: 1, maxLength: 40 }),
  time: anyTime,
  recorder: anyParty,
  as: fc.constantFrom(...roles),
  delegation: fc.option(name),
  place: anyPlace,
  documents: fc.array(
    fc.record({
      type: fc.constantFrom(...documentTypes),
      number: fc.string({ minLength: 1, maxLength: 20 }),
    }),
    { maxLength: 3 },
  ),
  note: fc.option(fc.string({ minLength: 1 })),
});

/** Any hop of a kind whose goods stand in one list, with parties, places, times and outcomes of its own. */
export const anyHop: fc.Arbitrary<PlainHop> = fc
  .tuple(
    fc.constantFrom<Kind[]>(
      'produce',
      'release',
      'ship',
      'receive',
      'sell',
      'install',
      'remove',
      'inspect',
      'hold',
      'seize',
      'lift',
      'return',
      'scrap',
      'destroy',
      'adopt',
    ),
    anyAct,
    anyGoods,
    anyParty,
    fc.option(anyPlace),
    fc.record({
      outcome: fc.constantFrom(...outcomes),
      transfer: fc.constantFrom(...transfers),
      direction: fc.constantFrom('out', 'in'),
    }),
  )
  .map(([kind, random, goods, them, theirs, words]) =>
    drawn(kind, { ...random, ...goods }, them, theirs, words),
  );

type Kind = Exclude<
  PlainHop['hop'],
  'pack' | 'unpack' | 'cancel' | 'replace' | 'maintain' | 'refill' | 'transform' | 'split' | 'relabel'
>;
type Common = Goods &
  Pick<PlainHop, 'ref' | 'time' | 'recorder' | 'as' | 'delegation' | 'documents' | 'note'> & {
    place: PlaceId;
  };

function drawn(
  kind: Kind,
  common: Common,
  them: PartyId,
  theirs: PlaceId | null,
  words: { outcome: Outcome; transfer: Transfer; direction: 'out' | 'in' },
): PlainHop {
  switch (kind) {
    case 'produce':
      return { ...samples.produce, ...common, epcs: [unit('A1')] };
    case 'adopt':
      return { ...samples.adopt, ...common, epcs: [unit('A1')] };
    case 'release':
      return { ...samples.release, ...common, outcome: words.outcome };
    case 'inspect':
      return { ...samples.inspect, ...common, outcome: words.outcome };
    case 'ship':
      return { ...samples.ship, ...common, to: them, toPlace: theirs, transfer: words.transfer };
    case 'receive':
      return { ...samples.receive, ...common, from: them, fromPlace: theirs };
    case 'return':
      return {
        ...samples.return,
        ...common,
        party: them,
        partyPlace: theirs,
        direction: words.direction,
        transfer: words.transfer,
      };
    case 'sell':
      return { ...samples.sell, ...common, to: them };
    case 'seize':
      return { ...samples.seize, ...common, from: them };
    case 'lift':
      return { ...samples.lift, ...common, to: them };
    case 'install':
      return { ...samples.install, ...common };
    case 'remove':
      return { ...samples.remove, ...common };
    case 'hold':
      return { ...samples.hold, ...common };
    case 'scrap':
      return { ...samples.scrap, ...common };
    case 'destroy':
      return { ...samples.destroy, ...common };
  }
}
