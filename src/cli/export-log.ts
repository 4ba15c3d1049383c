/** `suyuan export-log DIR`: the public log as static files, for any web server or object store. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { StartupError } from '../errors.ts';
import { exportLog } from '../features/log/export.ts';
import { latestCheckpoint } from '../ledger/checkpoints.ts';
import { createTree } from '../ledger/tree.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';
import type { Say, Sentences } from './words.ts';

const words = {
  does: {
    zh: '将公开账本写成静态文件，路径与内容同服务在 /log/ 下提供的一样',
    en: 'write the public log as static files, with the paths and bytes that the service answers under /log/',
  },
  dir: { zh: '存放的文件夹；已有文件的，接着写', en: 'folder for them; what is there already is continued' },
  none: {
    zh: '还没有签过检查点，请先启动一次服务。',
    en: 'No checkpoint has been signed yet; start the service once.',
  },
  files: { zh: '文件', en: 'files' },
  done: (size: number, origin: string, folder: string, written: number, kept: number) => ({
    zh: `账本 ${origin} 的 ${size} 条条目已在 ${folder}：新写 ${written} 个文件，原有 ${kept} 个。`,
    en: `${size} entries of ${origin} are in ${folder}: ${written} files written, ${kept} were there already.`,
  }),
} satisfies Sentences;

export function addExportLog(program: Command, say: Say): void {
  program
    .command('export-log')
    .description(say(words.does))
    .argument('<dir>', say(words.dir))
    .action(async (dir: string) => {
      const { owner, close } = await openDatabase();
      try {
        const checkpoint = await latestCheckpoint(owner.sql);
        if (checkpoint === null) throw new StartupError(words.none);
        const source = { lookups: owner, tree: createTree(owner.sql), genesis: checkpoint };
        const bar = progressBar(say(words.files));
        const folder = resolve(dir);
        const { written, kept } = await exportLog(source, checkpoint, folder, bar.update).finally(bar.stop);
        const { size, origin } = checkpoint;
        process.stdout.write(`${say(words.done(size, origin, folder, written, kept))}\n`);
      } finally {
        await close();
      }
    });
}
