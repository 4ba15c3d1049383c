/** A thing of which somebody tells very much: what others tell of it is looked at as ever, and the work stays within bounds. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { loadChains, unitNumbers } from '../../../src/features/events/chains.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { touchedBy } from '../../../src/features/findings/touches.ts';
import { findingsAnew, findingsIn } from '../../support/findings.ts';
import { at, receive, ship } from '../../support/movements.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, supplyChain, unit } from '../../support/supply-chain.ts';

const day = 86_400_000;
let clock = Date.parse('2025-08-01T00:00:00Z');
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { maker, distributor, seller, stranger, regulator } = chain;
const { sql } = service.db;
const follower = findingsFollower(service.deps, service.app.log);

/** Records hops; answers their entries. */
async function post(who: Actor, ...hops: readonly object[]): Promise<number[]> {
  const { status, text, body } = await chain.post(who, hops);
  if (status !== 201) throw new Error(text);
  return body.facts.map(({ seq }: { seq: number }) => seq);
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const hops = ['inspect', 'hold', 'scrap', 'sell', 'unpack'] as const;
const flood = (epc: string, count: number) =>
  times(count, (i) => {
    const hop = hops[i % hops.length];
    const outcome = hop === 'inspect' ? { outcome: 'conformant' } : {};
    const inside = hop === 'unpack' ? { container: container(99) } : {};
    return { hop, ...at(1 + (i % 20)), ...outcome, ...inside, epcs: [epc] };
  });
const numberOf = async (epc: string): Promise<number> => (await unitNumbers(sql, [epc])).get(epc) ?? 0;

/** With which entries from one on each of these things is looked at. */
async function looksAt(epcs: readonly string[], from: number, step = 500): Promise<number[][]> {
  const numbers = await unitNumbers(sql, epcs);
  const size = await chain.size();
  const looks = epcs.map((): number[] => []);
  for (let next = from; next < size; next += step) {
    const touched = await touchedBy(
      sql,
      { transitMs: () => 30 * day, graceMs: () => 3 * day },
      [],
      next,
      Math.min(size, next + step),
    );
    if (touched === null) throw new Error('too much for one range');
    for (const [i, epc] of epcs.entries())
      looks[i]?.push(...(touched.touches.get(numbers.get(epc) ?? 0) ?? []));
  }
  return looks.map((seqs) => seqs.sort((a, b) => a - b));
}

/** Steps of the thing's history, and of what it is in, that the looks go through. */
async function stepsOf(epc: string, looks: readonly number[]): Promise<number> {
  const chains = await loadChains(sql, [await numberOf(epc)]);
  const steps = [...chains.values()].flat().map(({ hop }) => hop.seq);
  return looks.reduce((sum, look) => sum + steps.filter((seq) => seq <= look).length, 0);
}
/** About 64 looks for each e-fold of what is told, and some more for rounding. */
const looksMax = (n: number): number => 1.3 * 64 * (1 + Math.log(n / 64));
/** Each through all of it. */
const bound = (n: number): number => n * looksMax(n);

const [X, Y, box] = [unit('FLOODED'), unit('BESIDE'), container(21)];
const made = (...epcs: string[]) => ({ hop: 'produce', ...at(0), epcs });

t.test('claims of one party take looks by the logarithm of their number', async (t) => {
  const [began = 0] = await post(maker, made(X, Y), { hop: 'pack', ...at(1), epcs: [X, Y], container: box });
  await post(stranger, ...flood(X, 600));
  const [looks = []] = await looksAt([X], began);
  const steps = await stepsOf(X, looks);
  t.ok(looks.length > 64 && looks.length < looksMax(600), `${looks.length} looks`);
  t.ok(steps < bound(600), `${steps} steps`);
  const [more = []] = await looksAt([X], began, 17);
  t.strictSame(more, looks, 'however the log is cut');
});

t.test('what others say of it is looked at meanwhile', async (t) => {
  const [since = 0] = await post(stranger, ...flood(X, 200));
  const sent = await post(maker, ship(maker, distributor, [X], 22), ship(maker, seller, [X], 23));
  await post(stranger, ...flood(X, 100));
  const [taken = 0] = await post(distributor, receive(maker, [X], 24));
  await post(stranger, ...flood(X, 100));
  const [looks = []] = await looksAt([X], since);
  t.strictSame(
    [...sent, taken].filter((seq) => !looks.includes(seq)),
    [],
  );
  await follower.reached(taken, 60_000);
  const found = await sql<{ rule: string; opened: number }[]>`
    SELECT rule, opened FROM findings WHERE unit = ${await numberOf(X)} AND rule = 'double-sale'`;
  t.strictSame([...found], [{ rule: 'double-sale', opened: sent[1] }], 'and found with the entry itself');
});

t.test('so it is with what a container passes on to its contents', async (t) => {
  const [since = 0] = await post(stranger, ...flood(box, 600));
  const [sent = 0] = await post(maker, ship(maker, distributor, [box], 30));
  const [looks = [], inside = []] = await looksAt([box, Y], since);
  t.ok(looks.length < looksMax(600), `${looks.length} looks at the container`);
  t.ok(inside.length < looksMax(600), `${inside.length} looks at what is in it`);
  t.ok(looks.includes(sent) && inside.includes(sent), 'the shipment of the holder is one at both');
  t.ok((await stepsOf(Y, inside)) < bound(600));
});

t.test('and with what reaches a thing through very many containers', async (t) => {
  const n = 200;
  const epc = unit('PACKED');
  const [since = 0] = await post(maker, made(epc));
  const boxes = times(n, (i) => container(1_000 + i));
  await post(stranger, ...boxes.map((it) => ({ hop: 'pack', ...at(2), epcs: [epc], container: it })));
  await post(stranger, ...boxes.map((it) => ship(stranger, seller, [it], 3)));
  await post(stranger, ...boxes.map((it) => receive(seller, [it], 4)));
  const [sent = 0] = await post(maker, ship(maker, distributor, [epc], 5));
  clock += 4 * day;
  const overdue = await post(
    regulator,
    ...times(20, () => ({ hop: 'inspect', ...act(), epcs: [unit('ELSE')] })),
  );
  const [looks = []] = await looksAt([epc], since);
  t.ok(looks.includes(sent));
  t.ok(looks.length < 2 * looksMax((3 * n) / 2), `${looks.length} looks`);
  t.ok(looks.length > 64);
  t.ok(
    overdue.some((seq) => looks.includes(seq)),
    'receipts that run overdue among them',
  );
  const [more = []] = await looksAt([epc], since, 23);
  t.strictSame(more, looks, 'however the log is cut');
});

t.test('a line that packs a pallet piece by piece, and ships it', async (t) => {
  const pallet = container(31);
  const pieces = times(150, (i) => unit(`PIECE${i}`));
  const [since = 0] = await post(maker, made(...pieces));
  const packed = await post(
    maker,
    ...pieces.map((epc) => ({ hop: 'pack', ...at(1), epcs: [epc], container: pallet })),
  );
  const [sent = 0] = await post(maker, ship(maker, distributor, [pallet], 2));
  const [looks = [], last = []] = await looksAt([pallet, unit('PIECE149')], since);
  t.ok(looks.length < 120, `${looks.length} looks at the pallet`);
  t.ok(looks.includes(sent) && last.includes(sent), 'the pallet is looked at with that, and what is on it');
  t.ok(last.includes(packed.at(-1) ?? 0), 'each piece is looked at when it is packed');
});

t.test('a guard who checks a door every day', async (t) => {
  const door = unit('DOOR');
  const [since = 0] = await post(maker, made(door));
  const checks: number[] = [];
  for (let i = 0; i < 100; i++) {
    clock += day;
    checks.push(...(await post(stranger, { hop: 'inspect', ...act(), outcome: 'conformant', epcs: [door] })));
  }
  const [looks = []] = await looksAt([door], since);
  t.strictSame(
    checks.filter((seq) => !looks.includes(seq)),
    [],
    'is looked at each time',
  );
});

t.test(
  'what is told last, and without a look, gets one when it has been quiet for a grace period',
  async (t) => {
    const hidden = unit('HIDDEN');
    const [since = 0] = await post(maker, made(hidden), ship(maker, distributor, [hidden], 1));
    await post(
      maker,
      ...times(64, () => ({ hop: 'inspect', ...at(2), outcome: 'conformant', epcs: [hidden] })),
    );
    const [twice = 0] = await post(maker, ship(maker, seller, [hidden], 3));
    clock += 2 * day;
    const [early = 0] = await post(regulator, { hop: 'inspect', ...act(), epcs: [unit('ELSE')] });
    clock += 2 * day;
    const [quiet = 0] = await post(regulator, { hop: 'inspect', ...act(), epcs: [unit('ELSE')] });
    const [looks = []] = await looksAt([hidden], since);
    t.strictSame(
      [twice, early, quiet].filter((seq) => looks.includes(seq)),
      [quiet],
    );
    await follower.reached(quiet, 60_000);
    const found = await sql<{ other: number; opened: number }[]>`
    SELECT other, opened FROM findings WHERE unit = ${await numberOf(hidden)} AND rule = 'double-sale'`;
    t.strictSame([...found], [{ other: twice, opened: quiet }]);
  },
);

t.test('what changes between two looks reaches what was made of it', async (t) => {
  const { ledger } = service.deps;
  const office = await chain.officer(['330106']);
  const [V, W] = [unit('VESSEL') as Epc, unit('WARE') as Epc];
  const today = () => act(new Date(clock).toISOString());
  await post(maker, made(V));
  clock += day;
  const [, sold = 0] = await post(
    maker,
    { hop: 'transform', ...today(), inputs: { epcs: [V] }, outputs: { epcs: [W] }, place: maker.place },
    ship(maker, distributor, [W], 40, today()),
  );
  t.ok(sold);
  const { facts } = await ledger.append([
    {
      fact: {
        ...{ kind: 'order', by: office.id, id: 'recall', type: 'recall', asOf: 0, reach: null },
        ...{ ground: 'g', number: 'n', officer: 'o', reason: 'r', acknowledgeBy: '2099-01-01T00:00:00Z' },
        scope: { downstream: { party: seller.id, since: '2020-01-01T00:00:00Z' } },
      },
    },
  ]);
  const [order = 0] = facts.map(({ seq }) => seq);
  clock += day;
  const [moved = 0] = await post(maker, ship(maker, distributor, [W], 41, today()));
  // V was with the seller before it was used: told late, by a shipment between many others, and so without a look.
  const late = times(70, (i) =>
    i === 66
      ? ship(maker, seller, [V], 0, at(0))
      : { hop: 'inspect', ...at(0), outcome: 'conformant', epcs: [V] },
  );
  const told = await post(maker, ...late);
  const [looks = []] = await looksAt([V], order);
  t.notOk(looks.includes(told[66] ?? 0), 'without a look');
  await follower.reached((await chain.size()) - 1, 60_000);
  const found = await sql<{ one: number; other: number }[]>`
    SELECT one, other FROM findings WHERE unit = ${await numberOf(W)} AND rule = 'moved-under-order'`;
  t.strictSame([...found], [{ one: order, other: moved }]);
});

t.test('all of it follows from the log alone', async (t) => {
  const size = await chain.size();
  await follower.reached(size - 1, 120_000);
  const live = await findingsIn(service.db);
  t.ok(live.opened.length > 500, `${live.opened.length} found`);
  for (const chunk of [100, 1000])
    t.strictSame(await findingsAnew(service.owner, size, chunk), live, `in steps of ${chunk}`);
});
