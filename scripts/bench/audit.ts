/** Audit of the log, beside SHA-256 over the bytes it reads. */
import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { auditLog } from '../../src/ledger/audit.ts';
import { freshDatabase } from '../fresh-database.ts';
import {
  atRest,
  type BenchOptions,
  inParallel,
  issueUnits,
  makeMaker,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

export async function bench(options: BenchOptions): Promise<Row[]> {
  const events = Math.min(options.events, 200_000);
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_audit'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', 10_000);
    const epcs = await unitsOf(service.database);
    await inParallel(Math.ceil(events / 1000), 2, async (request) => {
      const hops = Array.from({ length: 1000 }, (_, k) => ({
        hop: 'inspect',
        ref: `A-${request}-${k}`,
        time: '2026-03-01T10:30:00+08:00',
        epcs: [epcs[(request * 1000 + k) % epcs.length]],
        outcome: 'conformant',
      }));
      await maker.client.post('/v1/events', { hops });
    });
    await atRest(service);
    const started = performance.now();
    const report = await auditLog(service.database, {
      url: service.databaseUrl,
      processes: availableParallelism(),
    });
    const ms = performance.now() - started;
    if (report.mismatch) throw new Error(report.mismatch.what);
    const perSecond = report.entries / (ms / 1000);
    const block = Buffer.alloc(Math.round(report.bytes / report.entries));
    const hashing = performance.now();
    for (let i = 0; i < report.entries; i++) hash('sha256', block, 'hex');
    const bare = report.entries / ((performance.now() - hashing) / 1000);
    return [
      {
        measure: `audit of the log, ${report.entries.toLocaleString('en-US')} entries`,
        value: perSecond,
        unit: 'entries/s',
        limit: { what: 'SHA-256 over the stored bytes, one core', value: bare },
        ratio: perSecond / bare,
        target: '≥ 50,000/s',
        met: perSecond >= 50_000,
      },
    ];
  } finally {
    await service.stop();
  }
}
