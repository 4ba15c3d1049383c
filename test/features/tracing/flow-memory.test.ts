/** The flow of a large product: what is read and what is kept of it grow with parties and not with units. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { flowFor } from '../../../src/features/tracing/flow-service.ts';
import { lotLives } from '../../../src/features/tracing/lot-lives.ts';
import { namesOf } from '../../../src/features/tracing/names.ts';
import { counted } from '../../support/counted.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, gtin, otherGtin, supplyChain } from '../../support/supply-chain.ts';

const thirdGtin = '06901234567908';
const jurisdiction = { regions: ['330000'], places: [] };
const reader = { roles: ['regulator'] as const, jurisdiction, mandate: null };

const service = await testService(t);
const chain = await supplyChain(service);
const { maker } = chain;
const dealers: Actor[] = [];
for (let i = 0; i < 24; i++) dealers.push(await chain.actor(['distributor']));

async function record(who: Actor, as: string, ...hops: readonly object[]): Promise<void> {
  const { status, text } = await chain.post(
    who,
    hops.map((hop) => ({ as, place: who.place, ...act(), ...hop })),
  );
  if (status !== 201) throw new Error(text);
}

/** So many units of a product, made and sold to each of some dealers alike. */
async function sold(product: string, units: number, to: readonly Actor[]): Promise<void> {
  const by = service.deps.genesis.operator;
  const epcs = Array.from({ length: units }, (_, n) => `01/${product}/21/U${n}` as Epc).sort();
  if (product !== gtin) {
    const vetted = { evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' };
    await service.deps.ledger.append([
      { fact: { kind: 'gtin', by, gtin: product, party: maker.id, ...vetted } },
    ]);
  }
  const issue = {
    kind: 'issue',
    by: maker.id,
    batch: 'B',
    gtin: product,
    lot: 'L',
    kid: '0',
    serials: 'own',
  } as const;
  await service.deps.ledger.append([{ fact: { ...issue, epcs } }]);
  const share = units / to.length;
  const shares = to.map((dealer, i) => ({ dealer, epcs: epcs.slice(i * share, (i + 1) * share) }));
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', lot: 'L', epcs },
    ...shares.map(({ dealer, epcs }) => ({ hop: 'ship', epcs, to: dealer.id, transfer: 'sale' })),
  );
  for (const { dealer, epcs } of shares)
    await record(dealer, 'distributor', { hop: 'receive', epcs, from: maker.id });
}

/** Objects, lists and maps, and what they hold, that can be reached from a thing. */
function reachable(from: unknown): number {
  const seen = new Set<object>();
  let values = 0;
  const queue: unknown[] = [from];
  for (let it = queue.pop(); it !== undefined; it = queue.pop()) {
    values++;
    if (typeof it !== 'object' || it === null || seen.has(it)) continue;
    seen.add(it);
    const held = it instanceof Map ? [...it].flat() : it instanceof Set ? [...it] : Object.values(it);
    queue.push(...held.filter((value) => value !== undefined));
  }
  return values;
}

/** What the flow of a product reads and keeps. */
async function costOf(product: string): Promise<{ units: number; rows: number; kept: number }> {
  const [reads, lookups] = [counted(service.deps.reads.sql), counted(service.deps.lookups.sql)];
  const deps = {
    ...service.deps,
    reads: { ...service.deps.reads, sql: reads.sql },
    lookups: { ...service.deps.lookups, sql: lookups.sql },
  };
  const lives = await lotLives(deps)({ gtin: product, lot: null }, { before: await chain.size(), at: null });
  if (lives === null) throw new Error('nothing is known of it');
  const view = await flowFor(
    { ...deps, names: namesOf(deps) },
    { ...reader, party: chain.regulator.id },
    lives,
  );
  return {
    units: view.answer.units,
    rows: reads.rows() + lookups.rows(),
    kept: reachable(lives) + reachable(view),
  };
}

t.test('four times as many units cost no more, twice as many parties do', async (t) => {
  await sold(gtin, 600, dealers.slice(0, 12));
  await sold(otherGtin, 2_400, dealers.slice(0, 12));
  await sold(thirdGtin, 600, dealers);
  const [few, many, spread] = [await costOf(gtin), await costOf(otherGtin), await costOf(thirdGtin)];
  t.strictSame([few.units, many.units, spread.units], [600, 2_400, 600], 'all of them are told');
  t.ok(many.rows <= 1.1 * few.rows, `rows read: ${many.rows} for four times as many units, ${few.rows}`);
  t.ok(many.kept <= 1.1 * few.kept, `values kept: ${many.kept} for four times as many units, ${few.kept}`);
  t.ok(spread.rows > 1.3 * few.rows, `rows read: ${spread.rows} for twice as many parties, ${few.rows}`);
  t.ok(spread.kept > 1.3 * few.kept, `values kept: ${spread.kept} for twice as many parties, ${few.kept}`);
});
