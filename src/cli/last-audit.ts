/**
 * What the last audit found to fit, kept beside the database, so that the next one may go on from there and hold what
 * stands before it against that root.
 *
 *     {DATA_DIR}/last-audit.json   {"size":1200,"root":"<b64url, RFC 6962>"}
 */
import { join } from 'node:path';
import type { Hash } from '../core/log/merkle.ts';
import { readSynced, writeSynced } from '../database/synced-file.ts';
import { StartupError } from '../errors.ts';

export interface LastAudit {
  /** Entries of the log. */
  readonly size: number;
  /** Over all of them. */
  readonly root: Hash;
}

const fileIn = (dataDir: string): string => join(dataDir, 'last-audit.json');

export async function keepLastAudit(dataDir: string, { size, root }: LastAudit): Promise<void> {
  const text = JSON.stringify({ size, root: Buffer.from(root).toString('base64url') });
  await writeSynced(fileIn(dataDir), `${text}\n`, { fresh: join(dataDir, `last-audit.${process.pid}.new`) });
}

/** Throws a `StartupError` when there is none, or it may not be read. */
export async function readLastAudit(dataDir: string): Promise<LastAudit> {
  const file = fileIn(dataDir);
  const text =
    (await readSynced(file).catch(() => {
      throw new StartupError({
        zh: `${file} 无法读取：请检查其权限，或不带 --since 运行 suyuan audit。`,
        en: `${file} cannot be read: look at its mode and owner, or run suyuan audit without --since.`,
      });
    })) ?? '';
  const [, size, root] = /^\{"size":([1-9]\d{0,15}),"root":"([\w-]{43})"\}\n$/.exec(text) ?? [];
  if (size === undefined || root === undefined)
    throw new StartupError({
      zh: `${file} 中没有上次核对的结果：请先不带 --since 运行一次 suyuan audit。`,
      en: `There is no audit to go on from in ${file}: run suyuan audit once without --since.`,
    });
  return { size: Number(size), root: Buffer.from(root, 'base64url') };
}
