import t from 'tap';
import type { Epc, PlaceId } from '../../../src/core/events/hop.ts';
import { ownPlace } from '../../../src/core/opaque-id.ts';
import { newId } from '../../../src/features/new-id.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, gtin, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t, { service: { now: () => Date.parse('2026-07-01T00:00:00Z') } });
const chain = await supplyChain(service);
const { maker, user, firm, stranger } = chain;
const inCharge = await chain.officer(['330000']);
const elsewhere = await chain.officer(['440000']);
const { ledger } = service.deps;

const newPlace = async (name: string, within?: PlaceId): Promise<PlaceId> => {
  const id = ownPlace(newId());
  const place = {
    kind: 'place',
    by: user.id,
    id,
    party: user.id,
    type: 'building',
    name,
    region: '330106',
  } as const;
  await ledger.append([{ fact: within === undefined ? place : { ...place, within } }]);
  return id;
};
const tower = await newPlace('Tower');
const room = await newPlace('Room 301', tower);
await ledger.append([
  {
    fact: {
      ...{ kind: 'product', by: maker.id, gtin, party: maker.id, local: false, name: '灭火器' },
      ...{
        nameEn: 'Extinguisher',
        model: 'M',
        category: 'portable-extinguishers',
        uom: 'H87',
        serviceLifeMonths: 24,
        firstMaintenanceMonths: 18,
        maintenanceMonths: 3,
      },
    },
  },
]);

const served = unit('SERVED');
const [old, fresh, dry, gone, held] = ['OLD', 'FRESH', 'DRY', 'GONE', 'HELD'].map(unit) as [
  ...[string, string, string, string, string],
];
await ledger.append([
  {
    fact: {
      ...{ kind: 'issue', by: maker.id, batch: 'B', gtin, lot: 'B', kid: '0000001' },
      ...{ serials: 'own', epcs: [old, fresh, dry, gone, held, served].sort() as Epc[] },
    },
  },
]);
const on = (day: string) => act(`${day}T10:00:00+08:00`);
const post = async (who: Actor, ...hops: object[]) => {
  const { status, text } = await chain.post(who, hops);
  if (status !== 201) throw new Error(text);
};
const sold = [old, fresh, dry, gone, held, served];
await post(
  maker,
  { hop: 'produce', ...on('2024-01-10'), epcs: [old, gone, held] },
  { hop: 'produce', ...on('2025-06-10'), epcs: [served] },
  { hop: 'produce', ...on('2026-01-10'), epcs: [fresh] },
  { hop: 'produce', ...on('2026-01-10'), epcs: [dry], bestBefore: '2026-05-31' },
  { hop: 'ship', ...on('2026-02-01'), epcs: sold, place: maker.place, to: user.id, transfer: 'sale' },
);
await post(
  user,
  { hop: 'receive', ...on('2026-02-02'), epcs: sold, from: maker.id },
  { hop: 'install', ...on('2026-02-03'), epcs: [old, fresh, dry, gone, served], place: room },
  { hop: 'scrap', ...on('2026-03-01'), epcs: [gone] },
);
const service1 = { outcome: 'conformant', nextDue: '2025-12-01' };
await post(
  firm,
  { hop: 'maintain', ...on('2026-02-04'), epcs: [old], ...service1 },
  { hop: 'maintain', ...on('2026-03-05'), epcs: [served], outcome: 'conformant' },
);

const ask = (who: Actor, query = '') =>
  service.app.inject({ url: `/v1/insights/overdue${query}`, headers: { authorization: who.bearer } });
const told = async (who: Actor, query = '') =>
  (await ask(who, query))
    .json()
    .items.map(({ epcs, overdue }: { epcs: string[]; overdue: { kind: string; since: string }[] }) => [
      epcs.map((it) => it.slice(it.lastIndexOf('/') + 1)).join(),
      ...overdue.map(({ kind, since }) => `${kind} ${since}`),
    ]);
const ofOld = ['OLD', 'service 2025-12-01', 'service-life 2026-01-10'];
const ofDry = ['DRY', 'best-before 2026-05-31'];
const ofHeld = ['HELD', 'service 2025-07-10', 'service-life 2026-01-10'];
const ofServed = ['SERVED', 'service 2026-06-05'];

t.test('what is overdue at a place, of which no entry speaks', async (t) => {
  t.strictSame(await told(inCharge, `?place=${encodeURIComponent(tower)}`), [ofOld, ofDry, ofServed]);
  const { things, items } = (await ask(inCharge, `?place=${encodeURIComponent(room)}`)).json();
  t.match([things, items[0]], [3, { place: { id: room, name: 'Room 301' }, holder: { id: user.id } }]);
  t.strictSame(await told(elsewhere, `?place=${encodeURIComponent(tower)}`), [], 'another jurisdiction');
  t.strictSame(
    await told(user, `?place=${encodeURIComponent(tower)}`),
    [ofOld, ofDry, ofServed],
    'who has it',
  );
  t.strictSame(await told(stranger, `?place=${encodeURIComponent(tower)}`), []);
});

t.test('what is overdue with a party', async (t) => {
  t.strictSame(await told(user), [ofHeld, ofOld, ofDry, ofServed]);
  t.strictSame(await told(inCharge, `?party=${user.id}`), [ofHeld, ofOld, ofDry, ofServed]);
  t.strictSame(await told(maker), [], 'it has them no longer');
  const refused = async (who: Actor, query: string) => (await ask(who, query)).json().code;
  t.equal(await refused(stranger, `?party=${user.id}`), 'forbidden');
  t.equal(await refused(inCharge, `?party=${user.id}&place=${encodeURIComponent(room)}`), 'invalid-request');
  t.equal(await refused(user, '?place=place/0000000000000000'), 'unknown-place');
  t.equal(await refused(inCharge, '?party=0000000000000000'), 'unknown-party');
});

t.test('states and findings go by the same interval of the product', async (t) => {
  const dueBy = async (epc: string) => {
    const url = `/v1/units/${epc.slice('01/'.length).replace('/21/', '/')}`;
    const { statusCode, json } = await service.app.inject({ url, headers: { authorization: user.bearer } });
    t.equal(statusCode, 200);
    return json().state.nextDue?.slice(0, 10) ?? null;
  };
  t.equal(await dueBy(held), '2025-07-10', 'so long after production for the first time');
  t.equal(await dueBy(served), '2026-06-05', 'so long after the last service');
  t.equal(await dueBy(old), '2025-12-01', 'what was told at a service wins');
  t.equal(await dueBy(fresh), '2027-07-10');
  const late = { hop: 'inspect', ...on('2026-06-20'), epcs: [held, fresh, served], outcome: 'conformant' };
  const { body } = await chain.post(user, [late], { prefer: 'wait=20' });
  const overdue = body.findings.filter(({ rule }: { rule: string }) => rule === 'service-overdue');
  t.strictSame(
    overdue.map(({ epc }: { epc: string }) => epc),
    [held],
    'within the days of grace for services, one is none',
  );
});
