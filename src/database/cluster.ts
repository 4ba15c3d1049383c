/** Making the database cluster of the embedded PostgreSQL, whole or not at all. */
import { execFile } from 'node:child_process';
import { chown, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { StartupError } from '../errors.ts';
import type { Programs, Runner } from './postgres-programs.ts';
import { syncFolder } from './sync-folder.ts';

const run = promisify(execFile);

export const superuser = 'suyuan';

export interface ClusterOptions {
  readonly dataDir: string;
  /** Of the superuser. */
  readonly password: string;
  /** The cluster's folder, inside `dataDir`. */
  readonly cluster: string;
  readonly programs: Programs;
  readonly runner: Runner;
}

/** Runs initdb in a folder of its own and renames the result: an interrupted one is begun anew. */
export async function makeCluster({
  dataDir,
  password,
  cluster,
  programs,
  runner,
}: ClusterOptions): Promise<void> {
  const draft = join(dataDir, 'postgres.new');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runner.owner !== null) {
    for (const path of [draft, passwordFile]) await chown(path, runner.owner.uid, runner.owner.gid);
  }
  const { file, args, options } = runner.command(programs.initdb, [
    `--pgdata=${join(draft, 'cluster')}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ]);
  try {
    await run(file, args, options);
  } catch (error) {
    const said = error instanceof Error ? String(Reflect.get(error, 'stderr') ?? error.message) : '';
    throw new StartupError({
      zh: `PostgreSQL 无法在 ${dataDir} 中建立数据库：${said.trim().slice(-600)}`,
      en: `PostgreSQL could not make its database in ${dataDir}: ${said.trim().slice(-600)}`,
    });
  }
  // initdb has synced its files; the rename is what makes the cluster exist.
  await rename(join(draft, 'cluster'), cluster);
  await syncFolder(dataDir);
  await rm(draft, { recursive: true, force: true });
}

/** Makes the database of that name when it is missing. `url` is of any other database of the cluster. */
export async function makeDatabase(url: string, name: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'suyuan start' } });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === '28P01') {
      throw new StartupError({
        zh: 'PostgreSQL 不接受数据目录中保存的密码（postgres-password）；请从该目录的备份中恢复此文件。',
        en: 'PostgreSQL refuses the password kept in the data folder (postgres-password); restore that file from a backup of the folder.',
      });
    }
    throw error;
  } finally {
    await sql.end();
  }
}

/** Refuses a cluster that we have no right to. */
export async function refuseForeignCluster(cluster: string): Promise<void> {
  const uid = process.getuid?.();
  const found = await stat(cluster).catch(() => null);
  if (uid === undefined || uid === 0 || found === null || found.uid === uid) return;
  throw new StartupError({
    zh: `${cluster} 属于用户 ${found.uid}，而当前以用户 ${uid} 运行。请以该用户或 root 启动服务，或将 DATA_DIR 设为另一个目录。`,
    en: `${cluster} belongs to user ${found.uid}, and we run as user ${uid}. Start the service as that user or as root, or give it another DATA_DIR.`,
  });
}
