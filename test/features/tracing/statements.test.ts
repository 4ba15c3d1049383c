/** How many statements trace, flow, fire sites and networks send: what it grows with, and what not. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { parseIdentifier } from '../../../src/core/gs1/identifiers.ts';
import { required } from '../../../src/errors.ts';
import { unitNumbers } from '../../../src/features/events/chains.ts';
import { fireSite } from '../../../src/features/investigations/fire-site/service.ts';
import { networkOf } from '../../../src/features/investigations/network/service.ts';
import { flowFor } from '../../../src/features/tracing/flow-service.ts';
import { lotLives } from '../../../src/features/tracing/lot-lives.ts';
import { namesOf } from '../../../src/features/tracing/names.ts';
import { loadGraph, wholeLot } from '../../../src/features/tracing/queries.ts';
import { traceFor } from '../../../src/features/tracing/trace-service.ts';
import { counted } from '../../support/counted.ts';
import { testService } from '../../support/service.ts';
import { act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor } = chain;

const [some, others] = [counted(service.deps.reads.sql), counted(service.deps.lookups.sql)];
const reads = { ...service.deps.reads, sql: some.sql };
const lookups = { ...service.deps.lookups, sql: others.sql };
const deps = { ...service.deps, reads, lookups, names: namesOf({ ...service.deps, reads, lookups }) };
const reader = {
  party: chain.regulator.id,
  roles: ['regulator'] as const,
  jurisdiction: { regions: ['330000'], places: [] },
  mandate: null,
};

/**
 * Statements that the work takes when what is kept in memory is at hand, with its answer. That is looked up anew once a
 * second, which on a slow machine may be every time: the clock stands still meanwhile.
 */
async function spent<T>(work: () => Promise<T>): Promise<{ statements: number; answer: T }> {
  const executed = () => some.executed() + others.executed();
  const stopped = performance.now();
  performance.now = () => stopped;
  try {
    await work();
    const before = executed();
    const answer = await work();
    return { statements: executed() - before, answer };
  } finally {
    Reflect.deleteProperty(performance, 'now');
  }
}

async function record(...hops: readonly object[]): Promise<void> {
  const as = { as: 'manufacturer', place: maker.place };
  const posted = await chain.post(
    maker,
    hops.map((hop) => ({ ...act(), ...as, ...hop })),
  );
  if (posted.status !== 201) throw new Error(posted.text);
}

let boxes = 0;
/** Units packed into a box, which is packed into a box, and so on; the outermost shipped. */
async function nest(
  name: string,
  size: number,
  depth: number,
): Promise<{ epcs: string[]; outermost: string }> {
  const epcs = Array.from({ length: size }, (_, n) => unit(`${name}N${n}`));
  const hops: object[] = [{ hop: 'produce', lot: name, epcs }];
  let inner: readonly string[] = epcs;
  for (let level = 0; level < depth; level++) {
    const box = container(++boxes);
    hops.push({ hop: 'pack', container: box, epcs: inner });
    inner = [box];
  }
  const [outermost = ''] = inner;
  await record(...hops, { hop: 'ship', epcs: [outermost], to: distributor.id, transfer: 'sale' });
  return { epcs, outermost };
}

const tracing = async (epc: string, direction: 'up' | 'down' | 'both') => {
  const thing = required(parseIdentifier(epc));
  if (thing.type !== 'container' && thing.type !== 'unit') throw new Error(`${epc} cannot be traced`);
  const before = await chain.size();
  const { statements } = await spent(() => traceFor(deps, reader, { thing, direction, at: null, before }));
  const { sql } = service.deps.lookups;
  const { chains } = await loadGraph(
    sql,
    [...(await unitNumbers(sql, [epc])).values()],
    { direction },
    before,
  );
  return { statements, reached: chains.size };
};

t.test('a trace: with depth, never with the number of units', async (t) => {
  const sizes = [10, 500];
  const down: number[] = [];
  const up: number[] = [];
  for (const depth of [1, 2, 3, 4]) {
    const few: number[][] = [];
    for (const size of sizes) {
      const { epcs, outermost } = await nest(`D${depth}S${size}`, size, depth);
      const [all, one] = [await tracing(outermost, 'both'), await tracing(epcs[0] ?? '', 'up')];
      t.strictSame(
        [all.reached, one.reached],
        [size + depth, 1 + depth],
        `${size} units in ${depth} boxes are reached, and from one of them its boxes`,
      );
      few.push([all.statements, one.statements]);
    }
    t.strictSame(few[1], few[0], `${depth} deep: as many for ${sizes[1]} units as for ${sizes[0]}`);
    down.push(few[0]?.[0] ?? 0);
    up.push(few[0]?.[1] ?? 0);
  }
  for (const [what, counts] of [
    ['down', down],
    ['up', up],
  ] as const) {
    const steps = counts.slice(1).map((count, i) => count - (counts[i] ?? 0));
    t.ok(
      steps.every((step) => step > 0 && step <= 2 && step === steps[0]),
      `${what}: one level more takes as many more each time, two at most: ${counts}`,
    );
    t.ok((counts[0] ?? 0) > 3 && (counts[0] ?? 0) < 20, `${what}: ${counts[0]} for the first`);
  }
});

t.test('a flow: never with the number of units, nor with how many histories they have', async (t) => {
  const counts: number[] = [];
  for (const size of [5, 300]) {
    const number = `F${size}`;
    const epcs = Array.from({ length: size }, (_, n) => unit(`${number}N${n}`) as Epc).sort();
    const box = container(++boxes);
    await service.deps.ledger.append([
      {
        fact: {
          kind: 'issue',
          by: maker.id,
          batch: number,
          gtin,
          lot: number,
          kid: '0',
          serials: 'own',
          epcs,
        },
      },
    ]);
    await record(
      { hop: 'produce', lot: number, epcs },
      { hop: 'produce', lot: number, lots: [{ lot: lot(number), quantity: '100', uom: 'MTR' }] },
      // Each of them has a history of its own.
      ...epcs.map((epc) => ({ hop: 'inspect', epcs: [epc], outcome: 'conformant' })),
      { hop: 'pack', container: box, epcs },
      { hop: 'ship', epcs: [box], to: distributor.id, transfer: 'sale' },
    );
    const before = await chain.size();
    const { statements, answer } = await spent(async () => {
      const lives = await lotLives(deps)(wholeLot(lot(number) as Epc), { before, at: null });
      if (lives === null) throw new Error(`nothing is known of ${number}`);
      t.equal(lives.cohorts.length, size, 'as many histories as units');
      return (await flowFor(deps, reader, lives)).answer;
    });
    t.equal(answer.units, size, 'all of them are in it');
    counts.push(statements);
  }
  const [few = 0, many = 0] = counts;
  t.equal(many, few);
  t.ok(few > 3 && few < 20, `${few} statements`);
});

t.test('fire sites and networks: the same however many things and histories there are', async (t) => {
  const counts: number[][] = [];
  for (const [name, size] of [
    ['FEW', 2],
    ['MANY', 12],
  ] as const) {
    const epcs = Array.from({ length: size }, (_, n) => unit(`${name}FIRE${n}`));
    await record(
      { hop: 'produce', lot: name, epcs },
      // Each of them has a history of its own.
      ...epcs.map((epc) => ({ hop: 'inspect', epcs: [epc], outcome: 'conformant' })),
      ...epcs.map((epc) => ({ hop: 'ship', epcs: [epc], to: distributor.id, transfer: 'sale' })),
    );
    const site = await spent(() => fireSite(deps, reader, { epcs }));
    t.equal(site.answer.things, size);
    const network = await spent(() => networkOf(deps, reader, { epcs }));
    t.equal(network.answer.units, size);
    counts.push([site.statements, network.statements]);
  }
  const [few, many] = counts;
  t.strictSame(many, few);
  t.ok(
    few?.every((it) => it > 3 && it < 40),
    `${few?.join(' and ')} statements`,
  );
});
