/** `suyuan rebuild`: makes every projection anew from the log in a shadow schema and proves them identical. */
import type { Command } from 'commander';
import { followerProjections, projections } from '../features/projections.ts';
import type { Mismatch } from '../ledger/mismatch.ts';
import { rebuild } from '../ledger/rebuild.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';
import type { Say, Sentences } from './words.ts';

const words = {
  does: {
    zh: '仅凭账本另行重建全部状态表，与现有的逐行比对',
    en: 'rebuild every projection from the log alone, beside the live ones, and compare',
  },
  projections: { zh: '状态表', en: 'projections' },
  rows: { zh: '行', en: 'rows' },
  identical: (entries: number) => ({
    zh: `由 ${entries} 条条目重建的状态表全部一致。`,
    en: `All projections of ${entries} entries are identical.`,
  }),
  unfollowed: (entries: number) => ({
    zh: `最后 ${entries} 条的疑点没有重建：服务还没有查到这些条目。`,
    en: `Findings from the last ${entries} entries were left out: the service has not drawn them yet.`,
  }),
  differs: ({ table, what, zh }: Mismatch) => ({
    zh: `不一致：表 ${table}：${zh}。`,
    en: `Not identical: table ${table}: ${what}.`,
  }),
} satisfies Sentences;

export function addRebuild(program: Command, say: Say): void {
  program
    .command('rebuild')
    .description(say(words.does))
    .action(async () => {
      const database = await openDatabase();
      try {
        const bar = progressBar(say(words.projections));
        const report = await rebuild(database.owner, {
          projections,
          followers: followerProjections,
          progress: bar.update,
        }).finally(bar.stop);
        const width = Math.max(...Object.keys(report.rows).map(({ length }) => length));
        for (const [table, rows] of Object.entries(report.rows))
          process.stdout.write(`${table.padEnd(width)} ${String(rows).padStart(10)} ${say(words.rows)}\n`);
        if (report.mismatch === null) {
          process.stdout.write(`${say(words.identical(report.entries))}\n`);
          const unfollowed = report.entries - report.followed;
          if (unfollowed > 0) process.stdout.write(`${say(words.unfollowed(unfollowed))}\n`);
          return;
        }
        process.stdout.write(`${say(words.differs(report.mismatch))}\n`);
        process.exitCode = 1;
      } finally {
        await database.close();
      }
    });
}
