/**
 * One PostgreSQL for a whole test run, and a database of its own for every test file.
 *
 * - `DATABASE_OWNER_URL` or `DATABASE_URL` set: that server is used; its login may create databases and roles.
 * - Under tap: the first test file that asks starts a server for all files of the run (they share the runner as
 *   parent process). The server watches the runner and goes away with it, folder and all.
 * - A test file run by itself: the same, with the test file's own parent as the runner.
 *
 * Databases are cloned from a template that is migrated once for each state of `drizzle/`.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { appRole, connect, type Database } from '../../src/database/connection.ts';
import { migrate } from '../../src/database/migrate.ts';

export interface TestDatabase {
  /** As the running service: role `suyuan_app`. */
  readonly db: Database;
  /** As the owner of the tables. */
  readonly owner: Database;
  /** Of the owner's login; take role `suyuan_app` for what the service may do. */
  readonly url: string;
}

/** What of tap's `t` is needed here. */
export interface Teardown {
  teardown(end: () => Promise<void>): void;
}

/** A fresh database with all tables, dropped when the test ends. */
export async function testDatabase(t: Teardown): Promise<TestDatabase> {
  const admin = await testServer();
  const template = await migratedTemplate(admin);
  const name = `suyuan_test_${randomBytes(8).toString('hex')}`;
  await withAdmin(admin, (sql) => sql`create database ${sql(name)} template ${sql(template)}`);
  const url = onDatabase(admin, name);
  const db = connect(url, { role: appRole, max: 5 });
  const owner = connect(url, { max: 2 });
  t.teardown(async () => {
    await Promise.all([db.close(), owner.close()]);
    await withAdmin(admin, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  });
  return { db, owner, url };
}

/** An empty database without tables, dropped when the test ends; returns its URL. */
export async function emptyDatabase(t: Teardown): Promise<string> {
  const admin = await testServer();
  const name = `suyuan_test_${randomBytes(8).toString('hex')}`;
  await withAdmin(admin, (sql) => sql`create database ${sql(name)}`);
  t.teardown(() => withAdmin(admin, (sql) => sql`drop database if exists ${sql(name)} with (force)`));
  return onDatabase(admin, name);
}

/** URL of a database on the test server from which others can be made. */
export async function testServer(): Promise<string> {
  const given = process.env.DATABASE_OWNER_URL ?? process.env.DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const folder = join(await roomOfServer(), `suyuan-test-${process.ppid}`);
  if (makesFolder(folder)) startServer(folder);
  for (let waited = 0; waited < 60_000; waited += 50) {
    const url = stateOf(folder);
    if (url !== null) return url;
    await delay(50);
  }
  throw new Error(`The test server did not start within a minute; see ${folder}`);
}

/**
 * In memory where there is room for it: a run commits, and makes and drops databases, thousands of times, and what
 * is lost with the machine is not missed. All files of a run find the same: the size of a file system does not change.
 */
async function roomOfServer(): Promise<string> {
  const memory = await statfs('/dev/shm').catch(() => null);
  return memory !== null && memory.blocks * memory.bsize >= 4 * 2 ** 30 ? '/dev/shm' : tmpdir();
}

function startServer(folder: string): void {
  const script = fileURLToPath(import.meta.resolve('./postgres-server.js'));
  spawn(process.execPath, [script, folder, String(process.ppid)], {
    detached: true,
    stdio: 'ignore',
  }).unref();
}

/** Exactly one of all test files makes the folder, and so starts the server. */
function makesFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function stateOf(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'url'), 'utf8');
  } catch {
    return null;
  }
}

function onDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function migratedTemplate(admin: string): Promise<string> {
  const folder = fileURLToPath(import.meta.resolve('#root/drizzle'));
  const hash = createHash('sha256');
  for (const file of (await readdir(folder)).sort()) {
    if (file.endsWith('.sql')) hash.update(await readFile(join(folder, file)));
  }
  const name = `suyuan_template_${hash.digest('hex').slice(0, 16)}`;
  // The name of the complete template appears only when it is complete: it is migrated under another one.
  await withAdmin(admin, async (sql) => {
    await sql`select pg_advisory_lock(7302002)`;
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length > 0) return;
    const draft = `${name}_draft`;
    await sql`drop database if exists ${sql(draft)} with (force)`;
    await sql`create database ${sql(draft)}`;
    await migrate({ ownerUrl: onDatabase(admin, draft), folder });
    await sql`alter database ${sql(draft)} rename to ${sql(name)}`;
  });
  return name;
}

async function withAdmin(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
