/**
 * Trace of a unit that has twenty hops and stood in three containers nested in each other, among a million units, as a
 * regulator who sees all of it; beside one indexed SELECT a level.
 */
import { randomUUID } from 'node:crypto';
import { gs1CheckDigit } from '../../src/core/gs1/identifiers.ts';
import type { Client } from '../api.ts';
import { freshDatabase } from '../fresh-database.ts';
import {
  atRest,
  type BenchOptions,
  type BenchService,
  bar,
  inParallel,
  issueUnits,
  makeMaker,
  makeParty,
  quantile,
  type Row,
  startService,
} from './harness.ts';

const carton = 20;
const cartonsACase = 10;
const casesAPallet = 10;
const traces = 2000;
/** Parties a pallet passes through after its maker. */
const stages = 6;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_trace'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', options.units);
    const sample = await supply(service, { ...maker, party: maker.client }, options.units);
    const office = await regulator(service);
    const token = await office.token();
    await service.database.sql`ANALYZE unit_chain`;
    await atRest(service);
    const ours: number[] = [];
    const bare: number[] = [];
    const chain = [...sample];
    for (let i = 0; i < traces + 200; i++) {
      const { epc, unit, containers } = chain[i % chain.length] ?? { epc: '', unit: 0, containers: [] };
      let started = performance.now();
      const response = await fetch(`${service.url}/v1/trace?direction=up&epc=${encodeURIComponent(epc)}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { hops }: { hops: unknown[] } = JSON.parse(await response.text());
      const took = performance.now() - started;
      if (hops?.length !== 20) throw new Error(`a trace of ${hops?.length} hops`);
      started = performance.now();
      for (const number of [unit, ...containers]) await level(service, number);
      // The first ones warm both up.
      if (i < 200) continue;
      ours.push(took);
      bare.push(performance.now() - started);
    }
    const row = (name: string, p: number, most: number): Row => ({
      measure: `trace of a unit, 20 hops, 3 containers, ${options.units.toLocaleString('en-US')} units, ${name}`,
      value: quantile(ours, p),
      unit: 'ms',
      limit: { what: 'one indexed SELECT a level', value: quantile(bare, p) },
      ratio: quantile(bare, p) / quantile(ours, p),
      target: `≤ ${most} ms`,
      met: quantile(ours, p) <= most,
    });
    return [row('p50', 0.5, 5), row('p99', 0.99, 25)];
  } finally {
    await service.stop();
  }
}

const level = ({ database: { sql } }: BenchService, number: number) =>
  sql`SELECT h.* FROM unit_chain c JOIN hops h USING (seq) WHERE c.unit = ${number} ORDER BY c.n`;

async function regulator(service: BenchService): Promise<Client> {
  const { id, client } = await makeParty(service, '基准市场监督管理局', ['regulator']);
  const { name, roles, region, creditCode } = await service.operator.get<Record<string, unknown>>(
    `/v1/parties/${id}`,
  );
  const jurisdiction = { regions: [region], places: [] };
  const version = { name, roles, region, creditCode, jurisdiction };
  await service.operator.request('PUT', `/v1/parties/${id}`, JSON.stringify(version));
  return client;
}

interface Sample {
  readonly epc: string;
  readonly unit: number;
  readonly containers: readonly number[];
}

/** Makes, packs and ships all units, takes a few of every pallet out and sells them. */
async function supply(
  service: BenchService,
  maker: { readonly id: string; readonly party: Client },
  units: number,
): Promise<Sample[]> {
  const { sql } = service.database;
  const rows = await sql<{ epc: string; unit: number }[]>`
    SELECT epc, unit FROM epcs WHERE epc LIKE '01/%/21/%' ORDER BY unit`;
  const epcs = rows.map(({ epc }) => epc);
  const parties = [
    maker,
    ...(await Promise.all(Array.from({ length: stages }, (_, i) => party(service, i)))),
  ];
  let ref = 0;
  const act = (time: string) => ({ ref: `T-${ref++}`, time: `2026-03-${time}T10:30:00+08:00` });
  const sscc = (level: number, i: number): string => {
    const digits = `${level}2900000${String(i).padStart(9, '0')}`;
    return `00/${digits}${gs1CheckDigit(digits)}`;
  };
  const pallets = Math.ceil(units / (carton * cartonsACase * casesAPallet));
  const progress = bar('supply', pallets);
  let done = 0;
  await inParallel(pallets, 4, async (pallet) => {
    const cases = Array.from({ length: casesAPallet }, (_, i) => pallet * casesAPallet + i);
    const cartons = cases.flatMap((it) =>
      Array.from({ length: cartonsACase }, (_, i) => it * cartonsACase + i),
    );
    const of = (it: number) => epcs.slice(it * carton, (it + 1) * carton);
    const full = cartons.filter((it) => of(it).length > 0);
    const fullCases = cases.filter((it) => full.some((c) => Math.floor(c / cartonsACase) === it));
    const box = sscc(3, pallet);
    await post(maker.party, [
      { hop: 'produce', as: 'manufacturer', ...act('01'), lot: 'BENCH', epcs: full.flatMap(of) },
      ...full.map((it) => ({ hop: 'pack', ...act('02'), container: sscc(1, it), epcs: of(it) })),
      ...fullCases.map((it) => ({
        hop: 'pack',
        ...act('03'),
        container: sscc(2, it),
        epcs: full.filter((c) => Math.floor(c / cartonsACase) === it).map((c) => sscc(1, c)),
      })),
      { hop: 'pack', ...act('04'), container: box, epcs: fullCases.map((it) => sscc(2, it)) },
    ]);
    for (const [i, from] of parties.slice(0, -1).entries()) {
      const to = parties[i + 1];
      if (to === undefined) continue;
      const day = String(5 + 2 * i).padStart(2, '0');
      await post(from.party, [
        { hop: 'ship', ...act(day), place: placeOf(i), epcs: [box], to: to.id, transfer: 'sale' },
      ]);
      const next = String(6 + 2 * i).padStart(2, '0');
      await post(to.party, [{ hop: 'receive', ...act(next), epcs: [box], from: from.id }]);
    }
    const last = parties.at(-1);
    const [first = 0] = full;
    const [unit = ''] = of(first);
    await post(last?.party ?? maker.party, [
      { hop: 'unpack', ...act('20'), container: box },
      { hop: 'unpack', ...act('21'), container: sscc(2, Math.floor(first / cartonsACase)) },
      { hop: 'unpack', ...act('22'), container: sscc(1, first), epcs: of(first) },
      { hop: 'sell', ...act('23'), epcs: [unit] },
    ]);
    progress.update(++done);
  });
  progress.stop();
  const named = Array.from({ length: pallets }, (_, pallet) => {
    const first = pallet * casesAPallet * cartonsACase;
    return {
      epc: epcs[first * carton] ?? '',
      in: [sscc(1, first), sscc(2, pallet * casesAPallet), sscc(3, pallet)],
    };
  });
  const numbers = new Map(
    (
      await sql<{ epc: string; unit: number }[]>`
        SELECT epc, unit FROM epcs WHERE epc = ANY (${named.flatMap((it) => [it.epc, ...it.in])})`
    ).map(({ epc, unit }) => [epc, unit]),
  );
  return named.map((it) => ({
    epc: it.epc,
    unit: numbers.get(it.epc) ?? 0,
    containers: it.in.map((epc) => numbers.get(epc) ?? 0),
  }));
}

async function party(service: BenchService, i: number): Promise<{ id: string; party: Client }> {
  const { id, client } = await makeParty(service, `第${i + 1}级经销商`, ['distributor', 'seller']);
  return { id, party: client };
}

const post = (client: Client, hops: readonly object[]): Promise<unknown> =>
  client.post('/v1/events', { hops }, { 'idempotency-key': randomUUID() });

function placeOf(i: number): string {
  const digits = `690123${String(i).padStart(6, '0')}`;
  return `414/${digits}${gs1CheckDigit(digits)}`;
}
