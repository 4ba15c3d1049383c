/** `suyuan rebuild`: makes every projection anew from the log in a shadow schema and proves them identical. */
import { Command } from 'commander';
import { followerProjections, projections } from '../features/projections.ts';
import { rebuild } from '../ledger/rebuild.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';

export const rebuildCommand = new Command('rebuild')
  .description('rebuild every projection from the log alone, beside the live ones, and compare')
  .action(async () => {
    const database = await openDatabase();
    try {
      const bar = progressBar('projections');
      const report = await rebuild(database.owner, {
        projections,
        followers: followerProjections,
        progress: bar.update,
      }).finally(bar.stop);
      for (const [table, rows] of Object.entries(report.rows))
        process.stdout.write(`${table.padEnd(18)} ${String(rows).padStart(10)} rows\n`);
      if (report.mismatch === null) {
        process.stdout.write(`All projections of ${report.entries} entries are identical.\n`);
        const unfollowed = report.entries - report.followed;
        if (unfollowed > 0)
          process.stdout.write(
            `Findings from the last ${unfollowed} entries were left out: the service has not drawn them yet.\n`,
          );
        return;
      }
      process.stdout.write(`Not identical: table ${report.mismatch.table}: ${report.mismatch.what}.\n`);
      process.exitCode = 1;
    } finally {
      await database.close();
    }
  });
