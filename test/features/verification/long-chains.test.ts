/** Long histories are read once, and what comes after them as it comes. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import type { Sql } from '../../../src/database/connection.ts';
import { loadChains, loadKeptChains, unitNumbers } from '../../../src/features/events/chains.ts';
import { newId } from '../../../src/features/new-id.ts';
import { createLongChains } from '../../../src/features/verification/long-chains.ts';
import { testService } from '../../support/service.ts';
import { act, container, gtin, supplyChain, unit } from '../../support/supply-chain.ts';

/** The same connection, and the rows that its statements have answered. */
function reading(sql: Sql) {
  const sent: (PromiseLike<readonly unknown[]> & { readonly executed?: boolean })[] = [];
  const proxy = new Proxy(sql, {
    apply(target, self, args) {
      const query = Reflect.apply(target, self, args);
      sent.push(query);
      return query;
    },
  });
  // Fragments of others are sent by none.
  const rows = async () => {
    const answers = await Promise.all(sent.splice(0).filter(({ executed }) => executed === true));
    return answers.reduce((sum, { length }) => sum + length, 0);
  };
  return { sql: proxy, rows };
}

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, stranger } = chain;
const epc = unit('LONG');

const claims = (count: number, about: string) =>
  Array.from({ length: count }, (_, i) => ({
    hop: 'inspect',
    ...act(),
    ref: `${about} ${i} ${Math.random()}`,
    outcome: 'conformant',
    epcs: [about],
  }));

const made = (...epcs: readonly string[]) => ({
  hop: 'produce',
  ...act('2025-07-01T09:00:00+08:00'),
  epcs,
  lot: 'L1',
  productionDate: '2025-07-01',
  factory: maker.place,
});
const byTruck = { hop: 'ship', ...act('2025-07-03T10:00:00+08:00'), place: maker.place, transfer: 'sale' };

/** Records hops; fails where that is refused. */
async function post(...[actor, hops]: Parameters<typeof chain.post>): Promise<void> {
  const { status, text } = await chain.post(actor, hops);
  if (status !== 201) throw new Error(text);
}

t.test('only what came since is read of a thing of which much was told', async (t) => {
  const { lookups } = service.deps;
  const kept = createLongChains();
  const { sql, rows } = reading(lookups.sql);
  await post(maker, [
    made(epc, unit('SHORT')),
    { hop: 'pack', ...act('2025-07-02T10:00:00+08:00'), container: container(1), epcs: [epc] },
  ]);
  await post(stranger, claims(600, epc));
  const numbers = [...(await unitNumbers(lookups.sql, [epc, unit('SHORT')])).values()];

  const both = async (what: string, most: number, least = 0) => {
    const found = await loadKeptChains(sql, numbers, kept);
    const read = await rows();
    t.ok(least <= read && read <= most, `${what}: ${read} rows`);
    t.strictSame(found, await loadChains(lookups.sql, numbers), what);
  };
  await both('all of it at first', 700, 600);
  await both('then what is short alone', 10);
  await post(maker, [{ ...byTruck, to: distributor.id, epcs: [container(1)] }]);
  await post(stranger, claims(3, epc));
  await both('and what came since, also to what it lies in', 15, 4);
  await both('which is kept with the rest', 10);
});

t.test(
  'only what came since is read of a thing that somebody says is in thousands of containers',
  async (t) => {
    const { lookups } = service.deps;
    const { sql, rows } = reading(lookups.sql);
    const packed = unit('PACKED');
    await post(maker, [made(packed)]);
    const boxes = Array.from({ length: 2_100 }, (_, i) => container(100 + i));
    await post(
      stranger,
      boxes.map((it) => ({
        hop: 'pack',
        ...act('2025-07-02T10:00:00+08:00'),
        container: it,
        epcs: [packed],
      })),
    );
    const numbers = [...(await unitNumbers(lookups.sql, [packed])).values()];
    const kept = createLongChains();
    const read = async () => {
      const found = await loadKeptChains(sql, numbers, kept);
      const answered = await rows();
      t.strictSame(found, await loadChains(lookups.sql, numbers));
      return answered;
    };
    t.ok((await read()) > 4_000, 'all of it at first');
    t.equal(await read(), 0);
    await post(stranger, [{ ...byTruck, to: distributor.id, epcs: [boxes[7] ?? ''] }]);
    t.equal(await read(), 1);
  },
);

t.test('a verdict tells what came last', async (t) => {
  const verdict = async () =>
    (await service.app.inject({ method: 'POST', url: '/v1/verify', payload: { code: unit('TOLD') } })).json();
  const codes = { kid: '0000009', batch: newId(), gtin, lot: 'L1', epcs: [unit('TOLD') as Epc] };
  await service.deps.ledger.append([{ fact: { kind: 'issue', by: maker.id, serials: 'own', ...codes } }]);
  await post(maker, [made(unit('TOLD'))]);
  await post(stranger, claims(600, unit('TOLD')));
  const before = await verdict();
  await post(maker, [{ hop: 'scrap', ...act('2025-07-03T10:00:00+08:00'), epcs: [unit('TOLD')] }]);
  const after = await verdict();
  t.strictSame([before.verdict, after.verdict], ['consistent', 'retired']);
});
