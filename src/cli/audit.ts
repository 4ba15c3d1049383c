/** `suyuan audit`: derives the whole ledger again from its stored bytes and names the first thing that differs. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { base64url } from '../core/entry.ts';
import { auditEverything } from '../features/audit.ts';
import type { Mismatch } from '../ledger/audit-range.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';

export const auditCommand = new Command('audit')
  .description(
    'check entries, chain, Merkle root, digests, unit chains, projections and checkpoints against stored bytes',
  )
  .option('--log-only', 'leave the projections out')
  .option('--json', 'print the result as JSON')
  .action(async ({ logOnly, json }: { logOnly?: boolean; json?: boolean }) => {
    const database = await openDatabase();
    try {
      const bar = progressBar('log');
      const rebuilding = progressBar('projections');
      const { entries, root, mismatch } = await auditEverything(database.owner, {
        url: database.ownerUrl,
        processes: availableParallelism(),
        dataDir: database.config.dataDir,
        logOnly: logOnly === true,
        progress: bar.update,
        rebuilding: (done, total) => {
          bar.stop();
          rebuilding.update(done, total);
        },
      }).finally(() => {
        bar.stop();
        rebuilding.stop();
      });
      const result = { entries, root: base64url(root), mismatch };
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
