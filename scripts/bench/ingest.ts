/** Ingest of single-unit hops, 500 a request, over HTTP; then the same rows by bare inserts; then bytes an event. */

import { parseFact } from '../../src/core/log/fact.ts';
import { emptyFrontier } from '../../src/core/log/merkle.ts';
import { type Sql, transaction } from '../../src/database/connection.ts';
import { readBack } from '../../src/ledger/checkpoints.ts';
import { freshDatabase } from '../fresh-database.ts';
import { insertBare, makeBareTables, readRows } from './bare-inserts.ts';
import {
  type BenchOptions,
  bar,
  inParallel,
  issueUnits,
  makeMaker,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

const hopsARequest = 500;
const requestsAtOnce = 12;
/** Entries of the bare measure: enough to be steady, few enough to be held in memory one batch at a time. */
const bareEntries = 200_000;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_ingest'));
  try {
    const maker = await makeMaker(service);
    const units = Math.min(100_000, Math.ceil(options.events / 4));
    await issueUnits(maker, 'BENCH', units);
    const { sql } = service.database;
    const epcs = await unitsOf(service.database);
    const before = await size(sql);
    const [first] = await sql<{ size: number }[]>`SELECT size FROM head`;
    const from = first?.size ?? 0;

    const requests = Math.ceil(options.events / hopsARequest);
    const progress = bar('ingest', requests);
    let done = 0;
    const ended = await inParallel(requests, requestsAtOnce, async (request) => {
      const hops = Array.from({ length: hopsARequest }, (_, k) => {
        const n = request * hopsARequest + k;
        return {
          hop: 'inspect',
          ref: `B-${n}`,
          time: '2026-03-01T10:30:00+08:00',
          epcs: [epcs[n % epcs.length]],
          outcome: 'conformant',
        };
      });
      await maker.client.post('/v1/events', { hops });
      progress.update(++done);
    });
    progress.stop();
    const perSecond = options.events / ((ended.at(-1) ?? 1) / 1000);
    const tenth = Math.floor(ended.length / 10);
    const firstTenth = ended[tenth - 1] ?? 1;
    const lastTenth = (ended.at(-1) ?? 1) - (ended.at(-1 - tenth) ?? 0);
    const bytes = ((await size(sql)) - before) / options.events;
    const [event] = await sql<{ bytes: number }[]>`
      SELECT avg(octet_length(payload))::float8 AS bytes FROM facts WHERE seq >= ${from} AND seq < ${from + 1000}`;

    const signing = await signingMs(sql);
    const shapes = await makeBareTables(sql);
    let ms = 0;
    const until = Math.min(bareEntries, options.events);
    for (let at = 0; at < until; at += hopsARequest) {
      const rows = await readRows(sql, from + at, from + at + hopsARequest);
      const started = performance.now();
      await insertBare(sql, shapes, rows);
      ms += performance.now() - started;
    }
    const bare = until / (ms / 1000);
    return [
      {
        measure: `ingest, ${hopsARequest} hops a request, ${options.events.toLocaleString('en-US')} events`,
        value: perSecond,
        unit: 'events/s',
        limit: { what: 'bare set-based inserts', value: bare },
        ratio: perSecond / bare,
        target: 'ratio ≥ 0.5 and ≥ 10,000/s',
        met: perSecond / bare >= 0.5 && perSecond >= 10_000,
      },
      {
        measure: 'ingest, last tenth against the first',
        value: firstTenth / lastTenth,
        unit: '×',
        target: '≥ 0.9',
        met: firstTenth / lastTenth >= 0.9,
      },
      {
        measure: 'reading back for the checkpoints, of the time of ingest',
        value: (signing * perSecond) / 10,
        unit: '%',
        target: '≤ 5 %',
        met: (signing * perSecond) / 10 <= 5,
      },
      {
        measure: 'storage of a single-unit hop, tables and indexes',
        value: bytes,
        unit: 'B',
        limit: { what: 'its canonical event', value: event?.bytes ?? 0 },
        ratio: bytes / (event?.bytes ?? 1),
        target: '≤ 2,200 B',
        met: bytes <= 2_200,
      },
    ];
  } finally {
    await service.stop();
  }
}

/**
 * What the checkpoint signer does for each entry, ms: reads it back and hashes it anew. The rest of a signing, a signature
 * and a synchronised file, comes once a second however many entries there are.
 */
async function signingMs(sql: Sql): Promise<number> {
  const [head] = await sql<{ size: number }[]>`SELECT size FROM head`;
  const genesis = parseFact(
    (await sql<{ payload: string }[]>`SELECT payload FROM facts WHERE seq = 0`)[0]?.payload ?? '',
  );
  if (head === undefined || genesis.kind !== 'genesis') throw new Error('a log begins with its genesis');
  const started = performance.now();
  await transaction(sql, (connection) => readBack(connection, genesis.origin, emptyFrontier, head.size));
  return (performance.now() - started) / head.size;
}

async function size(sql: Sql): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    SELECT sum(pg_total_relation_size(oid))::bigint AS bytes FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;
  return row?.bytes ?? 0;
}
