/** Puts the service together on a database: tables, ledger, keys, and what the app needs of them. */
import type { Logger } from 'pino';
import type { AppDeps } from './app.ts';
import type { NoteKey } from './core/log/note.ts';
import type { Witness } from './core/log/tlog-witness.ts';
import { appRole, checkDurability, connect, isUnavailable, refusalIn } from './database/connection.ts';
import { migrate } from './database/migrate.ts';
import { StartupError } from './errors.ts';
import { createReadAudit } from './features/access/read-audit.ts';
import { bootstrap } from './features/bootstrap.ts';
import { openKeystore } from './features/keys/keystore.ts';
import { endLeftLeases, processName } from './features/left-behind.ts';
import { checkpointSigner } from './features/log/log-keys.ts';
import { projections } from './features/projections.ts';
import type { Network } from './http/outside-addresses.ts';
import { createSender } from './http/sending.ts';
import { tokenKeys } from './http/token-keys.ts';
import { openCheckpoints } from './ledger/checkpoints.ts';
import { createHeads } from './ledger/heads.ts';
import { createLedger } from './ledger/ledger.ts';
import { createTree } from './ledger/tree.ts';
import { createWitnessing } from './ledger/witnessing.ts';

export interface ServiceOptions {
  /** Login of the running service. */
  readonly databaseUrl: string;
  /** Login that owns the tables. */
  readonly databaseOwnerUrl: string;
  readonly publicUrl: string;
  /** Keeps, apart from the database, a copy of the last checkpoint, and the photos of reports. */
  readonly dataDir: string;
  readonly masterKey: Uint8Array;
  readonly operatorSecret: string;
  readonly scanRetentionDays: number;
  readonly publicRateLimit: number;
  readonly trustProxy: readonly string[];
  /** Witnesses of our checkpoints, and how many cosignatures one should have. */
  readonly witnesses?: readonly Witness[];
  readonly witnessQuorum?: number;
  /** Keys of logs that we witness. */
  readonly witnessedLogs?: readonly NoteKey[];
  /** Networks in house that messages may be sent to. */
  readonly webhookNetworks?: readonly Network[];
  readonly logger: Logger;
  readonly now?: () => number;
}

export interface Service {
  readonly deps: AppDeps;
  /** Writes what is queued, then closes the connections. Call after the app is closed. */
  close(): Promise<void>;
}

/** Opens the service; `StartupError` says what to mend. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { databaseUrl, databaseOwnerUrl, publicUrl, now = Date.now } = options;
  const db = connect(databaseUrl, { role: appRole, max: 6, applicationName: processName });
  const reads = connect(databaseUrl, {
    role: appRole,
    max: 10,
    applicationName: 'suyuan reads',
    statementTimeout: 30_000,
  });
  const lookups = connect(databaseUrl, {
    role: appRole,
    max: 8,
    applicationName: 'suyuan lookups',
    statementTimeout: 30_000,
    planOnce: true,
  });
  const ledger = createLedger({ database: db, projections, now });
  const audit = createReadAudit(db.sql, { now, log: options.logger });
  const close = async (): Promise<void> => {
    await ledger.close();
    await audit.close();
    await Promise.all([db.close(), reads.close(), lookups.close()]);
  };
  try {
    await migrate({ ownerUrl: databaseOwnerUrl, loginUrl: databaseUrl });
    await checkDurability(db);
    await endLeftLeases(db.sql);
    const keystore = await openKeystore(db, options.masterKey);
    const { host } = new URL(publicUrl);
    const { genesis, policies } = await bootstrap({ db, ledger, keystore, host });
    const tree = createTree(lookups.sql);
    const checkpoints = await openCheckpoints({
      sql: db.sql,
      ledger,
      tree,
      origin: genesis.origin,
      folder: options.dataDir,
      now,
      sign: checkpointSigner({ db, ledger, keystore, genesis }),
      onError: (error) => options.logger.error({ err: error }, 'no checkpoint can be signed; trying again'),
    });
    const heads = createHeads({
      sql: db.sql,
      ledger,
      operator: genesis.operator,
      onError: (error) => options.logger.error({ err: error }, 'no heads can be told; trying again'),
    });
    const { witnesses = [], witnessQuorum = witnesses.length, witnessedLogs = [] } = options;
    const witnessing = createWitnessing({
      sql: db.sql,
      reads: reads.sql,
      tree,
      checkpoints,
      witnesses,
      quorum: witnessQuorum,
      now,
      onError: (error, witness) =>
        options.logger.error({ err: error, witness }, 'a witness did not cosign; it is asked again'),
    });
    return {
      deps: {
        db,
        reads,
        lookups,
        ledger,
        genesis,
        tree,
        checkpoints,
        heads,
        witnessing,
        witnessedLogs,
        keystore,
        policies,
        audit,
        sender: createSender({ networks: options.webhookNetworks ?? [] }),
        publicUrl,
        host,
        operatorSecret: options.operatorSecret,
        dataDir: options.dataDir,
        scanRetentionDays: options.scanRetentionDays,
        publicRateLimit: options.publicRateLimit,
        trustProxy: options.trustProxy,
        tokens: tokenKeys(await keystore.secret('access tokens')),
        logger: options.logger,
        now,
      },
      close,
    };
  } catch (error) {
    await close();
    const { host } = new URL(databaseUrl);
    const refused = refusalIn(error);
    if (refused !== null)
      throw new StartupError({
        zh: `${host} 的 PostgreSQL 拒绝使用（${refused}）。请检查 DATABASE_URL 与 DATABASE_OWNER_URL 中的用户、口令、数据库及其权限。`,
        en: `PostgreSQL at ${host} refuses (${refused}). Check user, password, database and rights of DATABASE_URL and DATABASE_OWNER_URL.`,
      });
    if (!isUnavailable(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError({
      zh: `${host} 的数据库无法使用（${reason}）。请检查 DATABASE_URL，并确认那里运行着 PostgreSQL。`,
      en: `The database at ${host} cannot be used (${reason}). Check DATABASE_URL, and that PostgreSQL runs there.`,
    });
  }
}
