/**
 * `suyuan keys rewrap`: gives the ledger a new master key. A service that runs has the old one in its memory and could open
 * no key any more; so the command refuses beside one, unless told that it will be started again.
 *
 *   1. the new key is written to {DATA_DIR}/master-key.new       a crash here: the next run takes the same key
 *   2. every private key is wrapped anew in one transaction      a crash here: the next run sees it was done
 *   3. master-key.new takes the place of master-key              unless MASTER_KEY is set by hand
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Database } from '../database/connection.ts';
import { StartupError } from '../errors.ts';
import { openKeystore, rewrap } from '../features/keys/keystore.ts';
import { processName } from '../features/left-behind.ts';
import { randomSecret, secretFile } from '../secrets.ts';
import { openDatabase } from './open-database.ts';
import type { Say, Sentences } from './words.ts';

const words = {
  keys: { zh: '服务保管的私钥', en: 'private keys held by the service' },
  rewrap: {
    zh: '更换主密钥，用新的主密钥重新加密全部私钥；请先停止服务',
    en: 'make a new master key and wrap every private key with it; stop the service first',
  },
  force: {
    zh: '即使有服务正在使用此数据库；之后须立即重新启动它',
    en: 'also while a service runs on the database, which must be started again at once',
  },
  done: (keys: number) => ({ zh: `已重新加密 ${keys} 个密钥。`, en: `${keys} keys wrapped anew.` }),
  served: {
    zh: '有服务正在使用此数据库，更换后它再也打不开任何密钥：请先停止服务，或加 --force 并在之后立即重新启动它。',
    en: 'A service runs on this database and could open no key any more: stop it first, or say --force and start it again at once.',
  },
  kept: (file: string) => ({
    zh: `新的主密钥在 ${file}。请启动服务。`,
    en: `The new master key is in ${file}. Start the service.`,
  }),
  set: (file: string) => ({
    zh: `请将 MASTER_KEY 设为 ${file} 的内容，再启动服务。`,
    en: `Set MASTER_KEY to the content of ${file} and start the service.`,
  }),
} satisfies Sentences;

/** Whether a process of the service is connected. */
async function isServed({ sql }: Database): Promise<boolean> {
  const [row] = await sql<{ served: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = ${processName}) AS served`;
  return row?.served === true;
}

export function addKeys(program: Command, say: Say): void {
  program
    .command('keys')
    .description(say(words.keys))
    .command('rewrap')
    .description(say(words.rewrap))
    .option('--force', say(words.force))
    .action(async ({ force }: { force?: boolean }) => {
      const { owner, masterKey, config, close } = await openDatabase();
      try {
        if (force !== true && (await isServed(owner))) throw new StartupError(words.served);
        const file = join(config.dataDir, 'master-key');
        const made = async () => Buffer.from(await secretFile(`${file}.new`, randomSecret), 'base64url');
        let next = await made();
        // MASTER_KEY was set to what an earlier run made, and that stands here still: it is no new key.
        if (next.equals(masterKey)) {
          await rm(`${file}.new`);
          next = await made();
        }
        const done = await rewrap(owner, masterKey, next).catch(async (error: unknown) => {
          if (!(error instanceof StartupError)) throw error;
          // Not wrapped with the old key: an earlier run got this far, or neither key is right.
          await openKeystore(owner, next);
          return 0;
        });
        process.stdout.write(`${say(words.done(done))}\n`);
        if (config.masterKey === null) {
          await rename(`${file}.new`, file);
          process.stdout.write(`${say(words.kept(file))}\n`);
        } else process.stdout.write(`${say(words.set(`${file}.new`))}\n`);
      } finally {
        await close();
      }
    });
}
