/**
 * One process a data folder. The lock is a file `suyuan.lock` that names its holder as JSON:
 *
 *     {"pid":4711,"started":"<boot> <ticks>","nonce":"Zm9v…"}
 *
 * It is written under another name and linked into place, so it appears whole or not at all. A lock whose
 * holder no longer runs is stale, also when its pid has since been given to another process.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { StartupError } from '../errors.ts';
import { processIdentity } from './running-process.ts';

const holderSchema = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  started: Type.String(),
  nonce: Type.String(),
});

export interface FolderLock {
  /** Gives the folder free. */
  release(): Promise<void>;
}

/** Takes the folder for this process, or refuses with a `StartupError` that names the holder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'suyuan.lock');
  const nonce = randomBytes(12).toString('base64url');
  const mine: Static<typeof holderSchema> = {
    pid: process.pid,
    started: (await processIdentity(process.pid)) ?? '',
    nonce,
  };
  const draft = `${path}.${nonce}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o644, flag: 'wx' });
  try {
    while (!(await linked(draft, path))) {
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && (await processIdentity(holder.pid)) === holder.started) {
        throw new StartupError(
          `The data folder ${folder} is in use by process ${holder.pid}. Stop that process (kill ${holder.pid}), or give this one another DATA_DIR.`,
        );
      }
      await removeStale(path, text, nonce);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return {
    release: async () => {
      const text = await readFile(path, 'utf8').catch(() => '');
      if (parseHolder(text)?.nonce === nonce) await rm(path, { force: true });
    },
  };
}

/**
 * Only the file that was read as stale is removed. Two starters may see the same stale lock; the slower one
 * would move away the lock the faster one has just taken, sees by its content that it did, and puts it back.
 */
async function removeStale(path: string, stale: string, nonce: string): Promise<void> {
  const aside = `${path}.stale-${nonce}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await linked(aside, path);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EEXIST') return false;
    throw error;
  }
}

function parseHolder(text: string): Static<typeof holderSchema> | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(holderSchema, value) ? value : null;
  } catch {
    return null;
  }
}
