/**
 * One process a data folder. Whoever wants the folder publishes a claim, a file of its own
 * `suyuan.lock.{nonce}`:
 *
 *     {"pid":4711,"started":"<boot> <ticks>","held":true}
 *
 * and then looks at all others. Whoever finds another claim whose process runs withdraws its own. Of any two
 * claims the one published later sees the other, so two never hold the folder; when both see each other both
 * withdraw and try again after a moment of random length. Claims of processes that no longer run, also when
 * their pid has since been given to another, mean nothing and are cleared away by the holder.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { StartupError } from '../errors.ts';
import { makeDataFolder } from './data-folder.ts';
import { processIdentity } from './running-process.ts';

const claimSchema = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  started: Type.String(),
  held: Type.Boolean(),
});
type Claim = Static<typeof claimSchema>;

export interface FolderLock {
  /** Gives the folder free. */
  release(): Promise<void>;
}

export class FolderInUse extends StartupError {
  /** Of the holder. */
  readonly pid: number;
  constructor(folder: string, pid: number) {
    super({
      zh: `数据目录 ${folder} 正由进程 ${pid} 使用。请停止该进程（kill ${pid}），或将 DATA_DIR 设为另一个目录。`,
      en: `The data folder ${folder} is in use by process ${pid}. Stop that process (kill ${pid}), or give this one another DATA_DIR.`,
    });
    this.pid = pid;
  }
}

const prefix = 'suyuan.lock.';
/** Tries while others only claim; a holder refuses at once. */
const triesMax = 100;

/** Takes the folder for this process, or refuses with `FolderInUse`. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeDataFolder(folder);
  const own = join(folder, `${prefix}${randomBytes(12).toString('hex')}`);
  const mine: Claim = { pid: process.pid, started: (await processIdentity(process.pid)) ?? '', held: false };
  for (let tries = 1; ; tries++) {
    await publish(own, mine);
    const { running, stale } = await otherClaims(folder, own);
    const [first] = running;
    if (first === undefined) {
      await publish(own, { ...mine, held: true });
      for (const path of stale) await rm(path, { force: true });
      return { release: () => rm(own, { force: true }) };
    }
    await rm(own, { force: true });
    const holder = running.find(({ held }) => held);
    if (holder !== undefined || tries === triesMax) {
      throw new FolderInUse(folder, (holder ?? first).pid);
    }
    await delay(randomInt(10, 20 + 10 * tries));
  }
}

/** A claim appears whole or not at all. */
async function publish(path: string, claim: Claim): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, JSON.stringify(claim));
  await rename(draft, path);
}

async function otherClaims(folder: string, own: string): Promise<{ running: Claim[]; stale: string[] }> {
  const running: Claim[] = [];
  const stale: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(prefix) || name.endsWith('.new') || path === own) continue;
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) continue; // withdrawn meanwhile
    const claim = parseClaim(text);
    if (claim !== null && (await processIdentity(claim.pid)) === claim.started) running.push(claim);
    else stale.push(path);
  }
  return { running, stale };
}

function parseClaim(text: string): Claim | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(claimSchema, value) ? value : null;
  } catch {
    return null;
  }
}
