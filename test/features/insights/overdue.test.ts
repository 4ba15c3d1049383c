import t from 'tap';
import type { PlaceId } from '../../../src/core/events/hop.ts';
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
      },
    },
  },
]);

const [old, fresh, dry, gone, held] = ['OLD', 'FRESH', 'DRY', 'GONE', 'HELD'].map(unit) as [
  ...[string, string, string, string, string],
];
const on = (day: string) => act(`${day}T10:00:00+08:00`);
const post = async (who: Actor, ...hops: object[]) => {
  const { status, text } = await chain.post(who, hops);
  if (status !== 201) throw new Error(text);
};
const sold = [old, fresh, dry, gone, held];
await post(
  maker,
  { hop: 'produce', ...on('2024-01-10'), epcs: [old, gone, held] },
  { hop: 'produce', ...on('2026-01-10'), epcs: [fresh] },
  { hop: 'produce', ...on('2026-01-10'), epcs: [dry], bestBefore: '2026-05-31' },
  { hop: 'ship', ...on('2026-02-01'), epcs: sold, place: maker.place, to: user.id, transfer: 'sale' },
);
await post(
  user,
  { hop: 'receive', ...on('2026-02-02'), epcs: sold, from: maker.id },
  { hop: 'install', ...on('2026-02-03'), epcs: [old, fresh, dry, gone], place: room },
  { hop: 'scrap', ...on('2026-03-01'), epcs: [gone] },
);
const service1 = { outcome: 'conformant', nextDue: '2025-12-01' };
await post(firm, { hop: 'maintain', ...on('2026-02-04'), epcs: [old], ...service1 });

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
const ofHeld = ['HELD', 'service-life 2026-01-10'];

t.test('what is overdue at a place, of which no entry speaks', async (t) => {
  t.strictSame(await told(inCharge, `?place=${encodeURIComponent(tower)}`), [ofOld, ofDry]);
  const { things, items } = (await ask(inCharge, `?place=${encodeURIComponent(room)}`)).json();
  t.match([things, items[0]], [2, { place: { id: room, name: 'Room 301' }, holder: { id: user.id } }]);
  t.strictSame(await told(elsewhere, `?place=${encodeURIComponent(tower)}`), [], 'another jurisdiction');
  t.strictSame(await told(user, `?place=${encodeURIComponent(tower)}`), [ofOld, ofDry], 'who has it');
  t.strictSame(await told(stranger, `?place=${encodeURIComponent(tower)}`), []);
});

t.test('what is overdue with a party', async (t) => {
  t.strictSame(await told(user), [ofOld, ofHeld, ofDry]);
  t.strictSame(await told(inCharge, `?party=${user.id}`), [ofOld, ofHeld, ofDry]);
  t.strictSame(await told(maker), [], 'it has them no longer');
  const refused = async (who: Actor, query: string) => (await ask(who, query)).json().code;
  t.equal(await refused(stranger, `?party=${user.id}`), 'forbidden');
  t.equal(await refused(inCharge, `?party=${user.id}&place=${encodeURIComponent(room)}`), 'invalid-request');
  t.equal(await refused(user, '?place=place/0000000000000000'), 'unknown-place');
  t.equal(await refused(inCharge, '?party=0000000000000000'), 'unknown-party');
});
