/**
 * A pool of connections with the settings every part of the service relies on, and what database errors mean.
 *
 * Types: `bigint` columns are JavaScript numbers (all ours stay below 2^53), `bytea` is Buffer, `numeric` is
 * text. Sessions speak UTC and commit durably whatever the server's default is. A session that stalls inside
 * a transaction for 10 s is ended by the server, so that the lock it holds comes free.
 */
import { StartupError } from '../errors.ts';
import { openClient } from './client.ts';
import { Reservations } from './reservations.ts';
import type { Sql } from './sql.ts';

export type { Fragment, Sql, TransactionSql } from './sql.ts';

export interface Database {
  readonly sql: Sql;
  /** Lets running statements end for up to five seconds, then closes every connection. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Role taken at once; the login must be a member. */
  readonly role?: string;
  /** Connections at most; 10 unless said. */
  readonly max?: number;
  readonly applicationName?: string;
  /** Milliseconds after which the server cancels a statement; none unless said. */
  readonly statementTimeout?: number;
  /**
   * Plans every statement once a connection, whatever it is then given. For look-ups of whole sets by key: planning
   * those anew for each set, as the server does while sets are small, takes longer than running them.
   */
  readonly planOnce?: boolean;
}

/** The role of the running service: it may insert truth and projections, never change them. */
export const appRole = 'suyuan_app';

/**
 * A pool on the database of the URL. Connects lazily. When a connection is lost, all statements under way fail as
 * `isUnavailable` tells, and the next ones go to a fresh client: a server that comes back is found at once.
 */
export function connect(url: string, options: ConnectOptions): Database {
  const max = options.max ?? 10;
  let closed = false;
  let client = openPool();
  const reservations = new Reservations((onLoss) => open(1, onLoss), max);

  function open(connections: number, onLoss: () => void): Sql {
    const { applicationName = 'suyuan', role, statementTimeout, planOnce = false } = options;
    return openClient(url, { applicationName, connections, role, statementTimeout, planOnce, onLoss });
  }

  function openPool(): Sql {
    return open(max, () => {
      if (!closed) client = openPool();
    });
  }

  const sql = new Proxy(client, {
    apply: (_first, _self, args) => Reflect.apply(client, undefined, args),
    get: (_first, name) => {
      if (name === 'reserve') return () => reservations.reserve();
      if (name === 'begin') return (work: (connection: Sql) => Promise<unknown>) => transaction(sql, work);
      return Reflect.get(client, name);
    },
  });
  return {
    sql,
    close: async () => {
      closed = true;
      await Promise.all([client.end({ timeout: 5 }), reservations.close()]);
    },
  };
}

/** All statements of the work in one transaction; rolled back when it throws, or when one of them failed. */
export const transaction = <T>(sql: Sql, work: (connection: Sql) => Promise<T>): Promise<T> =>
  onConnection(sql, async (connection) => {
    await connection`BEGIN`;
    const result = await work(connection);
    const { command } = await connection`COMMIT`;
    // PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement had failed.
    if (command !== 'COMMIT')
      throw new Error('a statement of the transaction failed, and nothing was committed');
    return result;
  });

/**
 * Plans the statements of the transaction once and by indexes alone. How many rows are asked for varies, and what is
 * known of tables that grow fast is old: a plan made when a table was small would read the whole of it ever after.
 * What is read by keys is read sooner than parallel workers are started.
 */
export const planIndexByIndex = (transaction: Sql): Promise<unknown> =>
  transaction`
    SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
      set_config('max_parallel_workers_per_gather', '0', true)`.execute();

/**
 * Refuses a server that may forget what it has acknowledged, or that is too old. `synchronous_commit` is
 * ours to set and is not asked of the server.
 */
export async function checkDurability({ sql }: Database): Promise<void> {
  const found = await sql<{ name: string; setting: string }[]>`
    select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'server_version_num')`;
  const value = (name: string): string => found.find((row) => row.name === name)?.setting ?? '';
  if (Number(value('server_version_num')) < 150_000) {
    throw new StartupError({
      zh: '数据库版本低于 PostgreSQL 15，请升级。',
      en: 'The database is older than PostgreSQL 15; upgrade it.',
    });
  }
  for (const name of ['fsync', 'full_page_writes']) {
    if (value(name) === 'on') continue;
    throw new StartupError({
      zh: `数据库的 ${name} 处于关闭状态，断电可能使已确认的数据丢失或损坏。请在 postgresql.conf 中设 ${name} = on，并重启 PostgreSQL。`,
      en: `The database runs with ${name} off, so a power cut could lose or tear what was acknowledged. Set ${name} = on in postgresql.conf and restart PostgreSQL.`,
    });
  }
}

/** Codes (of Node, postgres.js, SQLSTATE) of a database that is away or too busy: the same request may be tried again. */
const passing: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  '25006', // read_only_sql_transaction: a standby, during failover
  '25P03', // idle_in_transaction_session_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '53000', // insufficient_resources
  '53200', // out_of_memory
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled, as by statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

/** Whether the error says that the database is away, starting, stopping or too busy. */
export const isUnavailable = (error: unknown): boolean =>
  causes(error).some(({ code }) => passing.has(code) || /^08...$/.test(code));

/**
 * What the server says when it refuses the login, the database or the rights that the settings name; null of any other
 * error. Classes of SQLSTATE: 28 invalid authorization, 3D000 invalid_catalog_name, 42501 insufficient_privilege.
 */
export const refusalIn = (error: unknown): string | null =>
  causes(error).find(({ code }) => /^(28...|3D000|42501)$/.test(code))?.message ?? null;

/** Whether the error says that the connection itself is gone. */
export const isConnectionLost = (error: unknown): boolean =>
  causes(error).some(
    ({ code }) => /^(CONNECTION_|ECONN|57P0|08)/.test(code) || ['EPIPE', 'ETIMEDOUT', '25P03'].includes(code),
  );

/** Runs work on a connection of its own and ends whatever transaction it leaves open when it fails. */
export async function onConnection<T>(sql: Sql, work: (connection: Sql) => Promise<T>): Promise<T> {
  const connection = await sql.reserve();
  try {
    return await work(connection);
  } catch (error) {
    // On a lost connection there is nothing to end: the server has, and the statement is refused.
    if (!isConnectionLost(error)) await connection`ROLLBACK`.catch(() => {});
    throw error;
  } finally {
    connection.release();
  }
}

/** Whether the error says that the disk is full. */
export const isStorageFull = (error: unknown): boolean =>
  causes(error).some(
    ({ code, message }) => code === '53100' || code === 'ENOSPC' || /No space left/.test(message),
  );

/** Name of the unique constraint or index that the error says was violated, else null. */
export const uniqueViolation = (error: unknown): string | null =>
  causes(error).find(({ code }) => code === '23505' || code === '23P01')?.constraint ?? null;

interface Cause {
  readonly code: string;
  readonly message: string;
  readonly constraint: string | null;
}

/** The error, what caused it, and what was gathered in it. */
function causes(error: unknown, depth = 0): Cause[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const text = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' ? value : null;
  };
  const gathered = error instanceof AggregateError ? error.errors : [];
  return [
    { code: text('code') ?? '', message: error.message, constraint: text('constraint_name') },
    ...[error.cause, ...gathered].flatMap((inner) => causes(inner, depth + 1)),
  ];
}
