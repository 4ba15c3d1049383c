/**
 * Secrets that the service makes for itself at its first start, one file each in the data folder, readable by
 * its owner only. A file is made whole or not at all: it is written and synced under another name, then linked
 * into place, so that two processes starting at once end with the same secret and a crash leaves no half of one.
 */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { makeDataFolder } from './database/data-folder.ts';
import { syncFolder } from './database/sync-folder.ts';
import { StartupError } from './errors.ts';

export interface Secrets {
  readonly operatorSecret: string;
  /** 32 bytes. */
  readonly masterKey: Buffer;
  /** Password of the embedded PostgreSQL; null with a database of one's own. */
  readonly postgresPassword: string | null;
}

/** 256 random bits as 43 characters of base64url. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/** The secrets of the settings, or those of the data folder, made when missing. */
export async function loadSecrets(config: Config): Promise<Secrets> {
  const kept = (name: string): Promise<string> => secretFile(join(config.dataDir, name), randomSecret);
  const masterKey = Buffer.from(config.masterKey ?? (await kept('master-key')), 'base64url');
  if (masterKey.length !== 32) {
    throw new StartupError({
      zh: `${join(config.dataDir, 'master-key')} 中不是 32 字节的 base64url；请从备份中恢复。`,
      en: `${join(config.dataDir, 'master-key')} does not hold 32 bytes of base64url; restore it from a backup.`,
    });
  }
  return {
    operatorSecret: config.operatorSecret ?? (await kept('operator-secret')),
    masterKey,
    postgresPassword: config.databaseUrl === null ? await kept('postgres-password') : null,
  };
}

/** Content of the secret file at `path`, made from `make()` when there is none. Mode 0600. */
export async function secretFile(path: string, make: () => string): Promise<string> {
  const existing = await readSecret(path);
  if (existing !== null) return existing;
  const folder = dirname(path);
  await makeDataFolder(folder);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${make()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(folder);
  const made = await readSecret(path);
  if (made === null)
    throw new StartupError({
      zh: `${path} 在创建时消失，请重新启动。`,
      en: `${path} vanished while it was being made; start again.`,
    });
  return made;
}

async function readSecret(path: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw new StartupError({
      zh: `无法读取 ${path}；请让运行服务的用户有权读取。`,
      en: `Cannot read ${path}; give the user that runs the service access to it.`,
    });
  }
  if (text === '')
    throw new StartupError({
      zh: `${path} 是空的；请从备份中恢复。`,
      en: `${path} is empty; restore it from a backup.`,
    });
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new StartupError({
      zh: `其他用户也能读取 ${path}；请运行：chmod 600 ${path}`,
      en: `${path} is open to other users; run: chmod 600 ${path}`,
    });
  }
  return text;
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === code;
