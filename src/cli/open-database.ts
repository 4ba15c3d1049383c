/** The ledger's database for a command: the configured one, or the embedded one, running or not. */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { connect, type Database } from '../database/connection.ts';
import { runningEmbedded, startEmbedded } from '../database/embedded.ts';
import { StartupError } from '../errors.ts';
import { loadSecrets } from '../secrets.ts';

export interface OpenDatabase {
  /** As the owner of the tables. */
  readonly owner: Database;
  readonly ownerUrl: string;
  readonly masterKey: Buffer;
  readonly config: Config;
  close(): Promise<void>;
}

/** Opens it beside a running service too; without one, the embedded PostgreSQL runs for as long as the command. */
export async function openDatabase(): Promise<OpenDatabase> {
  const config = loadConfig(process.env);
  // A command works on a ledger that is there: a mistyped folder is not filled with another one.
  const given = config.databaseOwnerUrl ?? config.databaseUrl;
  if (given === null && !existsSync(join(config.dataDir, 'postgres')))
    throw new StartupError({
      zh: `${config.dataDir} 中没有账本；请将 DATA_DIR 设为服务的数据目录。`,
      en: `There is no ledger in ${config.dataDir}; set DATA_DIR to the folder of the service.`,
    });
  const { postgresPassword, masterKey } = await loadSecrets(config);
  const embedded = { dataDir: config.dataDir, password: postgresPassword ?? '' };
  let stop = async (): Promise<void> => {};
  let ownerUrl = given ?? (await runningEmbedded(embedded));
  if (ownerUrl === null) {
    const starting = startEmbedded(embedded);
    stop = async () => (await starting).stop();
    // Whoever interrupts the command means its PostgreSQL too, also one that is only just starting.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void stop().finally(() => process.exit(128 + constants.signals[signal])));
    ownerUrl = (await starting).url;
  }
  const owner = connect(ownerUrl, { max: 2, applicationName: 'suyuan cli' });
  const close = async (): Promise<void> => {
    await owner.close();
    await stop();
  };
  try {
    const [row] = await owner.sql<{ begun: boolean }[]>`SELECT to_regclass('head') IS NOT NULL AS begun`;
    if (row?.begun !== true)
      throw new StartupError({
        zh: '此数据库中没有账本：请先用它启动一次服务。',
        en: 'There is no ledger in this database: start the service on it first.',
      });
  } catch (error) {
    await close();
    throw error;
  }
  return { owner, ownerUrl, masterKey, config, close };
}
