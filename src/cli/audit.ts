/** `suyuan audit`: derives the whole ledger again from its stored bytes and names the first thing that differs. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { base64url } from '../core/entry.ts';
import { followerProjections, projections } from '../features/projections.ts';
import { auditLog } from '../ledger/audit.ts';
import type { Mismatch } from '../ledger/audit-range.ts';
import { rebuild } from '../ledger/rebuild.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';

export const auditCommand = new Command('audit')
  .description('check entries, chain, Merkle root, digests, unit chains and projections against stored bytes')
  .option('--log-only', 'leave the projections out')
  .option('--json', 'print the result as JSON')
  .action(async ({ logOnly, json }: { logOnly?: boolean; json?: boolean }) => {
    const database = await openDatabase();
    try {
      const bar = progressBar('log');
      const log = await auditLog(database.owner, {
        url: database.ownerUrl,
        processes: availableParallelism(),
        progress: bar.update,
      }).finally(bar.stop);
      let mismatch = log.mismatch;
      if (mismatch === null && logOnly !== true) {
        const rebuilding = progressBar('projections');
        const report = await rebuild(database.owner, {
          projections,
          followers: followerProjections,
          progress: rebuilding.update,
        }).finally(rebuilding.stop);
        mismatch = report.mismatch;
      }
      const result = { entries: log.entries, root: base64url(log.root), mismatch };
      process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : describe(result));
      if (mismatch !== null) process.exitCode = 1;
    } finally {
      await database.close();
    }
  });

function describe(result: { entries: number; root: string; mismatch: Mismatch | null }): string {
  if (result.mismatch !== null) {
    const { table, seq, what } = result.mismatch;
    return `Does not fit: table ${table}${seq === null ? '' : `, entry ${seq}`}: ${what}.\n`;
  }
  return `${result.entries} entries fit. Root of the log: ${result.root}\n`;
}
