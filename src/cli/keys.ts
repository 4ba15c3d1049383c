/**
 * `suyuan keys rewrap`: gives the ledger a new master key.
 *
 *   1. the new key is written to {DATA_DIR}/master-key.new       a crash here: the next run takes the same key
 *   2. every private key is wrapped anew in one transaction      a crash here: the next run sees it was done
 *   3. master-key.new takes the place of master-key              unless MASTER_KEY is set by hand
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Database } from '../database/connection.ts';
import { StartupError } from '../errors.ts';
import { openKeystore, rewrap } from '../features/keys/keystore.ts';
import { randomSecret, secretFile } from '../secrets.ts';
import { openDatabase } from './open-database.ts';

/** Whether a process of the service is connected. */
async function isServed({ sql }: Database): Promise<boolean> {
  const [row] = await sql<{ served: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'suyuan') AS served`;
  return row?.served === true;
}

export const keysCommand = new Command('keys').description('private keys held by the service').addCommand(
  new Command('rewrap')
    .description('make a new master key and wrap every private key with it; stop the service first')
    .action(async () => {
      const { owner, masterKey, config, close } = await openDatabase();
      try {
        const file = join(config.dataDir, 'master-key');
        const next = Buffer.from(await secretFile(`${file}.new`, randomSecret), 'base64url');
        const done = await rewrap(owner, masterKey, next).catch(async (error: unknown) => {
          if (!(error instanceof StartupError)) throw error;
          // Not wrapped with the old key: an earlier run got this far, or neither key is right.
          await openKeystore(owner, next);
          return 0;
        });
        process.stdout.write(`${done} keys wrapped anew.\n`);
        if (await isServed(owner))
          process.stdout.write(
            'A service runs on this database: start it again, or it can use no key anew.\n',
          );
        if (config.masterKey === null) {
          await rename(`${file}.new`, file);
          process.stdout.write(`The new master key is in ${file}. Start the service.\n`);
        } else process.stdout.write(`Set MASTER_KEY to the content of ${file}.new and start the service.\n`);
      } finally {
        await close();
      }
    }),
);
