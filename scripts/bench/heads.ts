/** The map of heads brought up to date, beside SHA-256 over as many leaves and nodes. */
import { hash } from 'node:crypto';
import { plainDepth } from '../../src/core/log/heads.ts';
import { connect, planIndexByIndex, type Sql, transaction } from '../../src/database/connection.ts';
import { advanceHeads } from '../../src/ledger/heads-map.ts';
import { freshDatabase } from '../fresh-database.ts';
import { type BenchOptions, issueUnits, makeMaker, type Row, startService } from './harness.ts';

/** One request takes no more. */
const changedMax = 100_000;

export async function bench({ adminUrl, units }: BenchOptions): Promise<Row[]> {
  const databaseUrl = await freshDatabase(adminUrl, 'suyuan_bench_heads');
  const { issued, changed, size } = await record(databaseUrl, units);
  const { sql, close } = connect(databaseUrl, { max: 1 });
  try {
    // What the service has told on its way does not count.
    await sql`TRUNCATE heads_state, heads_buckets, heads_tiles`;
    const first = await timed(sql, 0, issued);
    const [kept] = await sql<{ bytes: number }[]>`
      SELECT sum(pg_total_relation_size(t::regclass))::bigint AS bytes
      FROM unnest(ARRAY['heads_buckets', 'heads_tiles']) t`;
    const again = await timed(sql, issued, size);
    const limit = {
      what: 'SHA-256 over as many leaves and nodes, one core',
      value: bareSeconds(first.added),
    };
    const row = (what: string, seconds: number, heads: number): Row => ({
      measure: `heads of ${heads.toLocaleString('en-US')} identifiers, ${what}; for a million`,
      value: (seconds / heads) * 1e6,
      unit: 's',
      limit,
      ratio: limit.value / ((seconds / heads) * 1e6),
      target: 'stated',
      met: null,
    });
    return [
      row('all new', first.seconds, first.added),
      row(`changed among ${first.added.toLocaleString('en-US')}`, again.seconds, changed),
      {
        measure: 'map of heads, tables and indexes, for an identifier',
        value: (kept?.bytes ?? 0) / first.added,
        unit: 'bytes',
        target: 'stated',
        met: null,
      },
    ];
  } finally {
    await close();
  }
}

/** Issues units, then names a tenth of them once more; sizes of the log after each. */
async function record(
  databaseUrl: string,
  units: number,
): Promise<{ readonly issued: number; readonly changed: number; readonly size: number }> {
  const service = await startService(databaseUrl);
  try {
    const { sql } = service.database;
    const sizeNow = async (): Promise<number> => {
      const [head] = await sql<{ size: number }[]>`SELECT size FROM head`;
      return head?.size ?? 0;
    };
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', units);
    const issued = await sizeNow();
    const rows = await sql<{ epc: string }[]>`
      SELECT epc FROM epcs WHERE unit % 10 = 0 AND epc LIKE '01/%/21/%' ORDER BY unit LIMIT ${changedMax}`;
    const epcs = rows.map(({ epc }) => epc);
    await maker.client.post('/v1/events', {
      hops: Array.from({ length: Math.ceil(epcs.length / 1000) }, (_, i) => ({
        hop: 'inspect',
        ref: `H-${i}`,
        time: '2026-03-01T10:30:00+08:00',
        epcs: epcs.slice(i * 1000, i * 1000 + 1000),
        outcome: 'conformant',
      })),
    });
    return { issued, changed: epcs.length, size: await sizeNow() };
  } finally {
    await service.stop();
  }
}

async function timed(sql: Sql, from: number, until: number) {
  const started = performance.now();
  const { added } = await transaction(sql, async (tx) => {
    await planIndexByIndex(tx);
    return advanceHeads(tx, from, until);
  });
  return { seconds: (performance.now() - started) / 1000, added };
}

/** For a million in a map of so many: four hashes each, and the nodes above that no other shares. */
function bareSeconds(count: number): number {
  const input = Buffer.alloc(65);
  const hashes = 4 + plainDepth - Math.floor(Math.log2(count));
  const sample = 100_000;
  const started = performance.now();
  for (let i = 0; i < sample * hashes; i++) hash('sha256', input, 'binary');
  return ((performance.now() - started) / 1000) * (1e6 / sample);
}
