import fc from 'fast-check';
import t from 'tap';
import { type HopRecord, type PartyId, type Role, roles } from '../../../src/core/events/hop.ts';
import { type Mandate, namesOfThing } from '../../../src/core/mandate.ts';
import { ownPlace, parsePartyId } from '../../../src/core/opaque-id.ts';
import { required } from '../../../src/errors.ts';
import {
  type Involved,
  mayReadEvent,
  mayReadParty,
  mayReadPlace,
  type Reader,
  redactHop,
  sights,
  visionOf,
} from '../../../src/features/access/reading.ts';

const party = (letter: string): PartyId => required(parsePartyId(letter.repeat(16)));
const [A, B, C, D, M, R] = ['A', 'B', 'C', 'D', 'M', 'R'].map(party) as [
  PartyId,
  PartyId,
  PartyId,
  PartyId,
  PartyId,
  PartyId,
];
const mall = ownPlace('7ZK3QW9D5TB1M0AB');

const reader = (
  id: PartyId,
  role: Role,
  jurisdiction: Reader['jurisdiction'] = null,
  mandate: Reader['mandate'] = null,
): Reader => ({ party: id, roles: [role], jurisdiction, mandate });
const mandate = (goods: readonly string[], parties: readonly PartyId[] = []): Mandate => ({
  id: 'M',
  goods: new Set(goods),
  parties: new Set(parties),
});
const involved = (more: Partial<Involved> & Pick<Involved, 'recorder'>): Involved => ({
  giver: null,
  taker: null,
  regions: [],
  places: [],
  ...more,
});

/** M makes and ships to A in Zhejiang; A receives, ships to B in Shanghai; B receives and ships to C in a mall; C sells. */
const hops = [
  involved({ recorder: M, regions: ['330106'] }),
  involved({ recorder: M, giver: M, taker: A, regions: ['330106', '330212'] }),
  involved({ recorder: A, giver: M, taker: A, regions: ['330212'] }),
  involved({ recorder: A, giver: A, taker: B, regions: ['330212', '310104'] }),
  involved({ recorder: B, giver: A, taker: B, regions: ['310104'] }),
  involved({ recorder: B, giver: B, taker: C, regions: ['310104'], places: [mall] }),
  involved({ recorder: C, giver: C, taker: null, regions: ['310104'], places: [mall] }),
];
/** A unit with its lot and product. */
const names = namesOfThing('01/06901234567892/21/A1', '01/06901234567892/10/L1');
const thing = { names, maker: M, hops };
const W = 'whole';
const N = 'neighbour';
const O = 'outline';
const H = 'hidden';

t.test('who sees what of M → A → B → C → buyer', async (t) => {
  const none = { regions: [], places: [] };
  const table: [string, Reader, string[]][] = [
    ['the maker: its own, its customer, then outlines', reader(M, 'manufacturer'), [W, W, W, N, O, O, O]],
    ['A: one step up and down', reader(A, 'distributor'), [N, W, W, W, W, N, H]],
    ['B', reader(B, 'distributor'), [H, H, N, W, W, W, N]],
    ['C', reader(C, 'seller'), [H, H, H, H, N, W, W]],
    ['a stranger', reader(D, 'distributor'), [H, H, H, H, H, H, H]],
    ['the operator', reader(D, 'operator'), [H, H, H, H, H, H, H]],
    ['a laboratory', reader(D, 'laboratory'), [H, H, H, H, H, H, H]],
    ['a regulator without jurisdiction', reader(R, 'regulator'), [H, H, H, H, H, H, H]],
    ['a regulator of nothing', reader(R, 'regulator', none), [H, H, H, H, H, H, H]],
    [
      'of the district it ends in',
      reader(R, 'regulator', { regions: ['310104'], places: [] }),
      [W, W, W, W, W, W, W],
    ],
    [
      'of the province it starts in',
      reader(R, 'regulator', { regions: ['330000'], places: [] }),
      [W, W, W, W, W, W, W],
    ],
    [
      'of the whole country',
      reader(R, 'regulator', { regions: ['000000'], places: [] }),
      [W, W, W, W, W, W, W],
    ],
    ['of the mall', reader(R, 'regulator', { regions: [], places: [mall] }), [W, W, W, W, W, W, W]],
    [
      'of elsewhere',
      reader(R, 'regulator', { regions: ['110000', '330300'], places: [] }),
      [H, H, H, H, H, H, H],
    ],
    [
      'a jurisdiction without the role',
      reader(R, 'laboratory', { regions: ['000000'], places: [] }),
      [H, H, H, H, H, H, H],
    ],
  ];
  t.strictSame(
    table.map(([name, who]) => [name, hops.map(visionOf(who, thing).sightOf)]),
    table.map(([name, , expected]) => [name, expected]),
  );
});

t.test('what a mandate opens of M → A → B → C → buyer', async (t) => {
  const elsewhere = { regions: ['110000'], places: [] };
  const all = hops.map(() => W);
  const none = hops.map(() => H);
  const unit = '01/06901234567892/21/A1';
  const table: [string, Mandate | null, Role, string[]][] = [
    ['none', null, 'regulator', none],
    ['the unit itself', mandate([unit]), 'regulator', all],
    ['its lot', mandate(['01/06901234567892/10/L1']), 'regulator', all],
    ['its product', mandate(['01/06901234567892']), 'regulator', all],
    ['its maker', mandate([], [M]), 'regulator', all],
    ['who took it', mandate([], [C]), 'regulator', all],
    ['another unit of the lot', mandate(['01/06901234567892/21/A2']), 'regulator', none],
    ['another lot of the product', mandate(['01/06901234567892/10/L2']), 'regulator', none],
    ['a unit whose identifier begins so', mandate([`${unit}1`]), 'regulator', none],
    ['the pallet that it stood on', mandate(['00/069012345678900019']), 'regulator', none],
    ['a party that had nothing to do with it', mandate([], [D]), 'regulator', none],
    ['the unit, for a laboratory', mandate([unit], [M]), 'laboratory', none],
    ['the unit, for the operator', mandate([unit], [M]), 'operator', none],
  ];
  t.strictSame(
    table.map(([name, it, role]) => [
      name,
      hops.map(visionOf(reader(R, role, elsewhere, it), thing).sightOf),
    ]),
    table.map(([name, , , expected]) => [name, expected]),
  );
  t.strictSame(
    hops.map(visionOf(reader(R, 'regulator', null, mandate([unit])), thing).sightOf),
    all,
    'also of who has no jurisdiction any more',
  );
  const event = involved({ recorder: B, giver: A, taker: B, regions: ['310104'] });
  const may = (it: Mandate, named: readonly string[]) =>
    mayReadEvent(reader(R, 'regulator', elsewhere, it), event, named);
  t.strictSame(
    [
      may(mandate([unit]), names),
      may(mandate([unit]), []),
      may(mandate([], [A]), []),
      may(mandate([], [C]), []),
    ],
    [true, false, true, false],
    'single events by what they name, or who took part',
  );
});

t.test('a mandate shows no hop of a thing that it is not for and that no party in it touched', async (t) => {
  const id = fc.constantFrom(A, B, C, D, M);
  const name = fc.constantFrom('01/1', '01/1/10/L', '01/1/21/A', '01/1/21/B', '00/1');
  const histories = fc.array(
    fc.record({ recorder: id, giver: fc.option(id), taker: fc.option(id) }).map(involved),
  );
  fc.assert(
    fc.property(
      histories,
      fc.uniqueArray(name),
      fc.uniqueArray(name),
      fc.uniqueArray(id),
      (hops, names, goods, parties) => {
        const who = reader(R, 'regulator', { regions: ['110000'], places: [] }, mandate(goods, parties));
        const isFor =
          names.some((it) => goods.includes(it)) ||
          hops.some((it) =>
            [it.recorder, it.giver, it.taker].some((one) => one !== null && parties.includes(one)),
          );
        const vision = visionOf(who, { names, maker: null, hops });
        return vision.overseer === isFor && hops.every((it) => vision.sightOf(it) === (isFor ? W : H));
      },
    ),
  );
  t.pass('for any history');
});

t.test('a claim of one’s own shows nothing of others unless the record leads to who makes it', async (t) => {
  const seenBy = (who: PartyId, history: readonly Involved[], maker: PartyId | null = M) =>
    history.map(visionOf(reader(who, 'distributor'), { names, maker, hops: history }).sightOf);
  const receipt = involved({ recorder: D, giver: B, taker: D });
  const shipment = involved({ recorder: D, giver: D, taker: A });
  const sale = involved({ recorder: B, giver: B, taker: C });
  t.strictSame(seenBy(D, [...hops, receipt, shipment]), [H, H, H, H, H, H, H, W, W], 'a stranger’s word');
  t.strictSame(
    seenBy(D, [...hops, receipt, shipment, involved({ recorder: R, giver: R, taker: D })]),
    [H, H, H, H, H, H, H, W, W, W],
    'nor does the word of an accomplice help',
  );
  t.strictSame(
    seenBy(A, [...hops.slice(0, 4), sale]),
    [N, W, W, W, N],
    'the maker’s customer sees what its customer does before that records the receipt',
  );
  t.strictSame(seenBy(A, [shipment, involved({ recorder: A, giver: A, taker: B }), sale], null), [W, W, H]);
});

t.test(
  'a principal sees what its delegate recorded; a certifying maker of another thing nothing',
  async (t) => {
    const delegated = involved({ recorder: D, principal: M });
    t.equal(
      visionOf(reader(M, 'manufacturer'), { names, maker: null, hops: [delegated] }).sightOf(delegated),
      'whole',
    );
    t.equal(
      visionOf(reader(A, 'manufacturer'), { names, maker: M, hops: [delegated] }).sightOf(delegated),
      'hidden',
    );
  },
);

t.test('every role, about a hop it has nothing to do with', async (t) => {
  const jurisdiction = { regions: ['310104'], places: [] };
  const event = involved({ recorder: B, giver: A, taker: B, regions: ['310104'] });
  t.strictSame(
    roles.map((role) => [role, mayReadEvent(reader(D, role, jurisdiction), event, [])]),
    roles.map((role) => [role, role === 'regulator']),
  );
  t.strictSame(
    [A, B, C].map((id) => mayReadEvent(reader(id, 'seller'), event, names)),
    [true, true, false],
  );
});

t.test('master data', async (t) => {
  const shop = { kind: 'party', by: D, id: A, stub: false, name: 'x', roles: [], region: '310104' } as const;
  const place = {
    kind: 'place',
    by: A,
    id: mall,
    party: A,
    type: 'market',
    name: 'x',
    region: '310104',
  } as const;
  const readers = [
    reader(A, 'seller'),
    reader(B, 'seller'),
    reader(D, 'operator'),
    reader(R, 'regulator', { regions: ['310000'], places: [] }),
    reader(R, 'regulator', { regions: ['330000'], places: [] }),
    reader(R, 'regulator', { regions: [], places: [mall] }),
    reader(R, 'regulator', null, mandate([], [A])),
    reader(R, 'regulator', null, mandate(['01/06901234567892'], [B])),
    reader(R, 'laboratory', null, mandate([], [A])),
  ];
  t.strictSame(
    readers.map((who) => [mayReadParty(who, shop), mayReadPlace(who, place)]),
    [
      [true, true],
      [false, false],
      [true, true],
      [true, true],
      [false, false],
      [false, true],
      [true, true],
      [false, false],
      [false, false],
    ],
  );
  const { region: _, ...nowhere } = shop;
  t.equal(mayReadParty(reader(R, 'regulator', { regions: ['000000'], places: [] }), nowhere), false);
});

const hop: HopRecord = {
  seq: 7,
  recordedAt: 1,
  hop: 'ship',
  recorder: B,
  as: 'distributor',
  from: 2,
  until: 3,
  giver: B,
  taker: C,
  transfer: 'sale',
  place: mall,
  toPlace: mall,
  outcome: null,
  note: 'returned',
  target: 5,
  nextDue: 9,
  reporter: false,
};

t.test('what is left of a hop', async (t) => {
  const seen = {
    seq: 7,
    recordedAt: 1,
    hop: 'ship',
    from: 2,
    until: 3,
    outcome: null,
    note: 'returned',
    nextDue: 9,
  };
  const nobody = { recorder: null, as: null, giver: null, taker: null, place: null, toPlace: null };
  t.strictSame(
    sights.map((sight) => redactHop(hop, sight, new Set([A, B]))),
    [
      null,
      { ...seen, ...nobody, transfer: null },
      { ...seen, ...nobody, recorder: B, as: 'distributor', giver: B, transfer: 'sale' },
      {
        ...seen,
        recorder: B,
        as: 'distributor',
        giver: B,
        taker: C,
        transfer: 'sale',
        place: mall,
        toPlace: mall,
      },
    ],
  );
});

t.test('no sight but the whole names a party its reader never met', async (t) => {
  const id = fc.constantFrom(A, B, C, D, M);
  const hopsOf = fc.array(
    fc.record({ recorder: id, giver: fc.option(id), taker: fc.option(id) }).map(involved),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(hopsOf, id, (history, who) => {
      const vision = visionOf(reader(who, 'distributor'), { names, maker: M, hops: history });
      for (const it of history) {
        const sight = vision.sightOf(it);
        const shown = redactHop({ ...hop, ...it }, sight, vision.acquainted);
        if (shown === null || sight === 'whole') continue;
        for (const name of [shown.recorder, shown.giver, shown.taker])
          if (name !== null && !vision.acquainted.has(name)) return false;
        if (shown.place !== null || shown.toPlace !== null) return false;
      }
      return true;
    }),
  );
  t.pass('for any history');
});
