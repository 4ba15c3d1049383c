/**
 * The PostgreSQL that runs inside the data folder when no other is configured.
 *
 *     {DATA_DIR}/postgres/         the database cluster
 *     {DATA_DIR}/postgres.log      what PostgreSQL says; moved to postgres.log.1 when large
 *     {DATA_DIR}/suyuan.lock.*     who holds the folder
 *
 * It listens on 127.0.0.1 on a free port only, with password authentication (SCRAM-SHA-256).
 *
 * If we die here …
 * - during initdb: the cluster is made in `postgres.new` and renamed when complete; the next start begins anew.
 * - while PostgreSQL runs: it goes on as an orphan. The next start holds the folder's lock, so nobody else
 *   serves it; it shuts the orphan down and starts its own.
 * - together with PostgreSQL: its write-ahead log brings back all that was committed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../errors.ts';
import { makeCluster, makeDatabase, refuseForeignCluster, superuser } from './cluster.ts';
import { lockFolder } from './folder-lock.ts';
import { chooseRunner, findPrograms, type Programs, type Runner } from './postgres-programs.ts';
import { endPostmaster, stopOrphan } from './postmaster.ts';

export interface EmbeddedOptions {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Of the superuser `suyuan`; the same at every start. */
  readonly password: string;
  /** Made when missing. */
  readonly database?: string;
  /** PostgreSQL settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told when PostgreSQL went down by itself and when it is back. */
  readonly onTrouble?: (sentence: string) => void;
}

export interface EmbeddedPostgres {
  /** Of the superuser on the database. The same for as long as this process runs. */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster now running. */
  readonly pid: () => number;
  /** Shuts down cleanly and gives the folder free. May be called twice. */
  stop(): Promise<void>;
}

/** An eighth of the memory of the machine: PostgreSQL is not alone on it, and the system keeps files in memory as well. */
const bufferMegabytes = (memory: number): number =>
  Math.max(128, Math.min(1024, Math.floor(memory / 8 / 2 ** 20)));

const usualSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: `${bufferMegabytes(totalmem())}MB`,
  max_wal_size: '4GB',
  wal_compression: 'on',
  // A receipt means durable: these three are never traded for speed.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // Our statements are short; compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
};

/** Starts PostgreSQL on the data folder, making the cluster at first; `StartupError` says what is in the way. */
export async function startEmbedded(given: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const lock = await lockFolder(given.dataDir);
  try {
    const cluster = join(given.dataDir, 'postgres');
    const programs = await findPrograms();
    const runner = await chooseRunner(programs, given.dataDir, cluster);
    await refuseForeignCluster(cluster);
    await stopOrphan(cluster);
    if (!(await exists(join(cluster, 'PG_VERSION'))))
      await makeCluster({ ...given, cluster, programs, runner });
    const server = new Server(given, programs, runner, cluster);
    await server.start();
    try {
      await makeDatabase(server.url('postgres'), given.database ?? superuser);
    } catch (error) {
      await server.stop();
      throw error;
    }
    let stopped: Promise<void> | undefined;
    return {
      url: server.url(given.database ?? superuser),
      port: server.port,
      pid: () => server.pid,
      stop: () => {
        stopped ??= server.stop().finally(() => lock.release());
        return stopped;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** URL of the PostgreSQL that another process runs on the data folder, or null when none does. */
export async function runningEmbedded({
  dataDir,
  password,
  database,
}: EmbeddedOptions): Promise<string | null> {
  const cluster = join(dataDir, 'postgres');
  // Lines of postmaster.pid: pid, folder, start time, port, …
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  if (!(await isReady(cluster, Number(lines[0])))) return null;
  return serverUrl(password, Number(lines[3]), database ?? superuser);
}

const serverUrl = (password: string, port: number, database: string): string =>
  `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

class Server {
  port = 0;
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  readonly #given: EmbeddedOptions;
  readonly #programs: Programs;
  readonly #runner: Runner;
  readonly #cluster: string;
  readonly #log: string;

  constructor(given: EmbeddedOptions, programs: Programs, runner: Runner, cluster: string) {
    this.#given = given;
    this.#programs = programs;
    this.#runner = runner;
    this.#cluster = cluster;
    this.#log = join(given.dataDir, 'postgres.log');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  url(database: string): string {
    return serverUrl(this.#given.password, this.port, database);
  }

  /** Takes a free port; another program may take it first, and dying backends may still hold the memory. */
  async start(): Promise<void> {
    await moveLargeLog(this.#log);
    for (let attempt = 1; ; attempt++) {
      this.port = await freePort();
      const said = await this.#launch();
      if (said === null) return;
      const passing = /could not bind|pre-existing shared memory|"postmaster\.pid" already exists/.test(said);
      if (!passing || attempt === 20) {
        const lines = said.split('\n').filter((line) => line !== '' && !/ LOG: /.test(line));
        throw new StartupError({
          zh: `PostgreSQL 未能启动。它的提示：${lines.slice(-5).join(' ')} 全文见 ${this.#log}。`,
          en: `PostgreSQL did not start. It said: ${lines.slice(-5).join(' ')} The whole is in ${this.#log}.`,
        });
      }
      await delay(attempt * 50);
    }
  }

  /** SIGINT is PostgreSQL's fast shutdown: it ends sessions, writes a checkpoint and exits. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await endPostmaster((signal) => this.#child?.kill(signal), this.#exited);
  }

  /** null once PostgreSQL takes connections, or what it said before it exited. */
  async #launch(): Promise<string | null> {
    const settings = { ...usualSettings, ...this.#given.settings, port: String(this.port) };
    const { file, args, options } = this.#runner.command(this.#programs.postgres, [
      '-D',
      this.#cluster,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    const from = (await stat(this.#log).catch(() => null))?.size ?? 0;
    const log = openSync(this.#log, 'a', 0o600);
    // In a session of its own: Ctrl-C in a terminal must reach us alone, so that requests drain first.
    const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    let running = true;
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    }).then(() => {
      running = false;
    });
    child.unref();
    this.#child = child;
    this.#exited = exited;
    while (running) {
      if (await isReady(this.#cluster, child.pid ?? 0)) {
        exited.then(() => this.#revive());
        return null;
      }
      await Promise.race([delay(20), exited]);
    }
    return readFrom(this.#log, from);
  }

  /** After a crash: start again on the same port, so that open pools find it, for as long as it takes. */
  async #revive(): Promise<void> {
    for (let attempt = 0; !this.#stopping; attempt++) {
      if (attempt === 0)
        this.#given.onTrouble?.(`PostgreSQL went down; starting it again. See ${this.#log}.`);
      await delay(Math.min(100 * 2 ** attempt, 5000));
      if (this.#stopping) return;
      if ((await this.#launch()) === null) {
        this.#given.onTrouble?.('PostgreSQL is up again.');
        if (this.#stopping) await this.stop();
        return;
      }
    }
  }
}

/** PostgreSQL writes its state as the eighth line of postmaster.pid. */
async function isReady(cluster: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

const logBytesMax = 16 * 1024 * 1024;

async function moveLargeLog(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && found.size > logBytesMax) await rename(path, `${path}.1`);
}

async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size - from, 65536)),
      position: from,
    });
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;
