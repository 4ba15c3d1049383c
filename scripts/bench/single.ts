/** One hop a request over 64 connections, beside the same rows with one transaction each over 64 connections. */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { connect } from '../../src/database/connection.ts';
import { freshDatabase } from '../fresh-database.ts';
import { insertBare, makeBareTables, type Rows, readRows } from './bare-inserts.ts';
import {
  type BenchOptions,
  inParallel,
  issueUnits,
  makeMaker,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

const connections = 64;
const warmUpSeconds = 10;
const seconds = 15;
const bareEntries = 10_000;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_single'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', 10_000);
    const { sql } = service.database;
    const epcs = await unitsOf(service.database);
    const [first] = await sql<{ size: number }[]>`SELECT size FROM head`;
    const from = first?.size ?? 0;
    const authorization = `Bearer ${await maker.client.token()}`;
    let n = 0;
    const load = (duration: number) =>
      autocannon({
        url: `${service.url}/v1/events`,
        connections,
        duration,
        requests: [
          {
            method: 'POST',
            setupRequest: (request) => ({
              ...request,
              headers: {
                authorization,
                'content-type': 'application/json',
                'idempotency-key': randomUUID(),
              },
              body: JSON.stringify({
                hops: [
                  {
                    hop: 'inspect',
                    ref: `S-${++n}`,
                    time: '2026-03-01T10:30:00+08:00',
                    epcs: [epcs[n % epcs.length]],
                    outcome: 'conformant',
                  },
                ],
              }),
            }),
          },
        ],
      });
    // The first requests are answered by code that has not been compiled yet.
    await load(warmUpSeconds);
    const result = await load(seconds);
    if (result.non2xx > 0) throw new Error(`${result.non2xx} requests were refused`);
    const perSecond = result['2xx'] / result.duration;

    const shapes = await makeBareTables(sql);
    const count = Math.min(bareEntries, result['2xx']);
    const rows: Rows[] = [];
    for (let i = 0; i < count; i++) rows.push(await readRows(sql, from + i, from + i + 1));
    const pool = connect(service.databaseUrl, { max: connections });
    await inParallel(connections, connections, async () =>
      pool.sql.begin(async (transaction) => void (await transaction`SELECT 1`)),
    );
    const ended = await inParallel(count, connections, (i) => insertBare(pool.sql, shapes, rows[i] ?? {}));
    await pool.close();
    const bare = count / ((ended.at(-1) ?? 1) / 1000);
    return [
      {
        measure: `ingest, one hop a request, ${connections} connections`,
        value: perSecond,
        unit: 'events/s',
        limit: { what: 'the same inserts, a transaction each', value: bare },
        ratio: perSecond / bare,
        target: 'ratio ≥ 2 and ≥ 3,000/s',
        met: perSecond / bare >= 2 && perSecond >= 3_000,
      },
    ];
  } finally {
    await service.stop();
  }
}
