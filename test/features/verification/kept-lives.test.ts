/** What a verdict rests on is kept of long histories, and always what folding them anew gives. */
import { deepStrictEqual as same } from 'node:assert';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { parseCode } from '../../../src/core/codes/code.ts';
import type { Epc, HopType, PartyId } from '../../../src/core/events/hop.ts';
import { append } from '../../../src/core/grouping.ts';
import type { Step } from '../../../src/core/life/history.ts';
import type { PartyFact } from '../../../src/core/log/fact.ts';
import type { Issued } from '../../../src/features/events/context.ts';
import type { Masters } from '../../../src/features/events/masters.ts';
import { askedOf, visitsOf } from '../../../src/features/orders/asked.ts';
import { historiesOf } from '../../../src/features/units/histories.ts';
import { createKeptLives, type Reliable, reliableIn } from '../../../src/features/verification/kept-lives.ts';
import { lifeOfThing } from '../../../src/features/verification/lives.ts';
import type { PublicData } from '../../../src/features/verification/public-data.ts';
import { verificationOf } from '../../../src/features/verification/verification.ts';
import { day, hop, party, place, stepOf } from '../../support/hops.ts';
import { gtin, unit as unitNamed } from '../../support/supply-chain.ts';

const graceMs = 3 * day;
const [unit, carton, pallet, lot] = [1, 7, 8, 9];
const all = [unit, carton, pallet, lot];

/** What folding needs, as it becomes. */
interface World {
  readonly chains: Map<number, Step[]>;
  readonly stubs: Set<PartyId>;
  issued: Issued;
  masters: number;
  seq: number;
  now: number;
}

const newWorld = (): World => ({
  chains: new Map(all.map((number) => [number, []])),
  stubs: new Set(),
  issued: {
    ...{ seq: 0, batch: 'b', kid: '0000001', gtin, lot: `01/${gtin}/10/L` as Epc },
    ...{ lotUnit: null, issuer: party('A') },
  },
  masters: 0,
  seq: 0,
  now: 0,
});

const mastersOf = ({ stubs }: World): Masters => ({
  catchUp: async () => undefined,
  freshen: async () => undefined,
  expire: () => undefined,
  last: () => -1,
  stubUntil: (it) => (stubs.has(it) ? Number.POSITIVE_INFINITY : null),
  delegations: () => [],
  certificates: () => null,
  certifiedFrom: () => null,
  maintenance: () => [],
  graceMs: () => graceMs,
});

function loadedFrom(world: World) {
  const chains = new Map([...world.chains].map(([number, steps]) => [number, [...steps]]));
  return historiesOf(chains, new Map(), new Map([[unit, world.issued]]), mastersOf(world), 1e9);
}

const told = fc.record({
  type: fc.constantFrom<HopType>(
    ...([
      'produce',
      'ship',
      'ship',
      'receive',
      'receive',
      'sell',
      'pack',
      'pack',
      'unpack',
      'inspect',
    ] as const),
    ...(['hold', 'scrap', 'cancel', 'release', 'void'] as const),
  ),
  by: fc.constantFrom('A', 'A', 'B', 'C', 'X', 'X'),
  other: fc.constantFrom('A', 'B', 'C', 'X'),
  thing: fc.constantFrom(unit, unit, unit, carton, pallet, lot),
  back: fc.integer({ min: 1, max: 8 }),
});
type Told = typeof told extends fc.Arbitrary<infer T> ? T : never;

function tell(world: World, { type, by, other, thing, back }: Told): void {
  const seq = ++world.seq;
  const sides =
    type === 'ship' || type === 'sell'
      ? { taker: party(other) }
      : type === 'receive'
        ? { giver: party(other) }
        : type === 'void' || type === 'cancel'
          ? { target: seq - back }
          : {};
  const record = hop(seq, type, by, { ...sides, at: world.now - (back % 3) * day, recordedAt: world.now });
  const packs = type === 'pack' || type === 'unpack';
  const outer = thing === unit ? carton : pallet;
  if (packs && (thing === pallet || thing === lot)) return;
  append(world.chains, thing, stepOf(record, packs ? { position: 'child', parent: outer } : {}));
  if (packs) append(world.chains, outer, stepOf(record, { position: 'parent' }));
}

/** A made it and sold it to B, who sold it to C. */
function begun(): World {
  const world = newWorld();
  const telling = (type: HopType, by: Told['by'], other: Told['other']) => {
    world.now += day;
    tell(world, { type, by, other, thing: unit, back: 3 });
  };
  telling('produce', 'A', 'A');
  telling('ship', 'A', 'B');
  telling('receive', 'B', 'A');
  telling('ship', 'B', 'C');
  telling('receive', 'C', 'B');
  return world;
}

const change = fc.oneof(
  { weight: 6, arbitrary: told.map((it) => (world: World) => tell(world, it)) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: -1, max: 5 }).map((days) => (world: World) => {
      world.now += days * day;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('B', 'C').map((name) => (world: World) => {
      world.stubs.add(party(name));
      world.masters++;
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<Partial<Issued>>({ lotUnit: lot }, { issuer: null })
      .map((more) => (world: World) => {
        world.issued = { ...world.issued, ...more };
      }),
  },
);
const changes = fc.array(change, { minLength: 1, maxLength: 40 });

t.test('what is kept is what folding anew gives', async (t) => {
  let reused = 0;
  fc.assert(
    fc.property(changes, (list) => {
      const world = begun();
      const kept = createKeptLives(1);
      const before = new Map<number, Reliable>();
      for (const make of list) {
        make(world);
        for (const [type, number] of [
          ['unit', unit],
          ['container', carton],
          ['lot', lot],
        ] as const) {
          const { masters, now } = world;
          const found = kept(type, number, { loaded: loadedFrom(world), masters, graceMs, now });
          const loaded = loadedFrom(world);
          same(
            found,
            reliableIn(lifeOfThing(type, number, loaded, now), loaded.histories.concerning(number)),
          );
          if (found === before.get(number)) reused++;
          before.set(number, found);
        }
      }
    }),
    { numRuns: 1_500 },
  );
  t.ok(reused > 1_000, `${reused} times it was not folded`);
});

const fact = (id: PartyId): PartyFact => ({
  ...{ kind: 'party', by: id, id, stub: false, name: id, roles: ['distributor'], region: '330106' },
});
const { publicKey } = generateKeyPairSync('ed25519');
const data: PublicData = {
  key: (kid) => ({
    trusted: { kid, x: '', party: 'A', name: 'A', gtins: [gtin], former: [], status: 'active' },
    party: party('A'),
    publicKey,
    cosigned: 0,
  }),
  product: () => undefined,
  certificates: () => [],
  party: fact,
  place: () => undefined,
  load: async () => undefined,
};

t.test('without what strangers claim, a verification says the same', async (t) => {
  let shown = 0;
  const code = parseCode(`HTTPS://H/${unitNamed('K')}?S=${'0'.repeat(162)}`);
  if (!code.ok) throw new Error('no code');
  const policies = { category: () => null, regionName: () => ({ zh: 'r', en: 'r' }) };
  const about = { text: 'c', code: code.value, signatureGood: true, hosts: ['h'], host: 'h', policies };
  const whereabouts = {
    ofParty: (id: PartyId) => ({ regions: [id], places: [place(id)] }),
    ofHop: ({ recorder }: { recorder: PartyId }) => ({ regions: [recorder], places: [place(recorder)] }),
  };
  fc.assert(
    fc.property(changes, fc.boolean(), (list, isIssued) => {
      const world = begun();
      for (const make of list) make(world);
      const loaded = isIssued
        ? loadedFrom(world)
        : historiesOf(world.chains, new Map(), new Map(), mastersOf(world), 1e9);
      const steps = loaded.histories.concerning(unit);
      const life = lifeOfThing('unit', unit, loaded, world.now);
      const say = (reliable: Reliable) => {
        const entry = { leaf: Buffer.alloc(32), issuedAt: 0 };
        const issued = isIssued ? { ...entry, ...world.issued } : null;
        const last = { seq: world.seq, leaf: entry.leaf };
        const found = {
          unit,
          last,
          entries: 2,
          issued,
          scans: { count: 0, firstAt: null },
        };
        const { where, ...asked } = askedOf(
          {
            ...{
              unit,
              epc: code.value.epc,
              type: 'unit' as const,
              gtin,
              lot: null,
              maker: world.issued.issuer,
            },
            ...{ issuedAt: 0, ...reliable },
          },
          whereabouts,
        );
        return {
          answer: verificationOf(
            { found, issued, ...reliable, orders: [], data },
            { ...about, now: world.now },
          ),
          asked: { ...asked, ...where(), visits: visitsOf(reliable.life.claims, reliable.steps) },
        };
      };
      const said = say({ life, steps });
      same(say(reliableIn(life, steps)), said);
      shown += said.answer.journey?.length ?? 0;
    }),
    { numRuns: 1_500 },
  );
  t.ok(shown > 500, `${shown} steps of journeys`);
});

t.test('of a short history nothing is kept, of a long one all until a grace period runs out', async (t) => {
  const world = newWorld();
  tell(world, { type: 'produce', by: 'A', other: 'B', thing: unit, back: 3 });
  tell(world, { type: 'receive', by: 'A', other: 'B', thing: unit, back: 3 });
  const read = (kept: ReturnType<typeof createKeptLives>) =>
    kept('unit', unit, { loaded: loadedFrom(world), masters: world.masters, graceMs, now: world.now });
  const none = createKeptLives(3);
  t.not(read(none), read(none));
  const kept = createKeptLives(2);
  const first = read(kept);
  t.equal(read(kept), first);
  world.now += graceMs;
  t.equal(read(kept), first);
  world.now += 1;
  const later = read(kept);
  t.not(later, first);
  world.now += 100 * day;
  t.equal(read(kept), later);
});
