/** The ledger's database for a command: the configured one, or the embedded one, running or not. */
import { type Config, loadConfig } from '../config.ts';
import { connect, type Database } from '../database/connection.ts';
import { runningEmbedded, startEmbedded } from '../database/embedded.ts';
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
  const { postgresPassword, masterKey } = await loadSecrets(config);
  const embedded = { dataDir: config.dataDir, password: postgresPassword ?? '' };
  let stop = async (): Promise<void> => {};
  let ownerUrl = config.databaseOwnerUrl ?? config.databaseUrl ?? (await runningEmbedded(embedded));
  if (ownerUrl === null) {
    const started = await startEmbedded(embedded);
    stop = started.stop;
    ownerUrl = started.url;
  }
  const owner = connect(ownerUrl, { max: 2, applicationName: 'suyuan cli' });
  return {
    owner,
    ownerUrl,
    masterKey,
    config,
    close: async () => {
      await owner.close();
      await stop();
    },
  };
}
