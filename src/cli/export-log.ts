/** `suyuan export-log DIR`: the public log as static files, for any web server or object store. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { exportLog } from '../features/log/export.ts';
import { latestCheckpoint } from '../ledger/checkpoints.ts';
import { createTree } from '../ledger/tree.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';

export const exportLogCommand = new Command('export-log')
  .description(
    'write the public log as static files, with the paths and bytes that the service answers under /log/',
  )
  .argument('<dir>', 'folder for them; what is there already is continued')
  .action(async (dir: string) => {
    const { owner, close } = await openDatabase();
    try {
      const checkpoint = await latestCheckpoint(owner.sql);
      if (checkpoint === null) {
        process.stdout.write('No checkpoint has been signed yet; start the service once.\n');
        process.exitCode = 1;
        return;
      }
      const source = { lookups: owner, tree: createTree(owner.sql), genesis: checkpoint };
      const bar = progressBar('files');
      const folder = resolve(dir);
      const { written, kept } = await exportLog(source, checkpoint, folder, bar.update).finally(bar.stop);
      process.stdout.write(
        `${checkpoint.size} entries of ${checkpoint.origin} are in ${folder}: ${written} files written, ${kept} were there already.\n`,
      );
    } finally {
      await close();
    }
  });
