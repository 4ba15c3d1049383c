/**
 * The public log as static files: below a folder the very paths and bytes that the service answers under `/log/`.
 *
 *   tile/<L>/<N>[.p/<W>]   tile/entries/<N>[.p/<W>]   payload/<seq>   key   checkpoint
 *
 * What can never change is written once: a file that is there with the size it must have is passed over. The
 * checkpoint comes last, so that whoever reads the folder meanwhile finds all that the checkpoint there covers.
 *
 *   crash before the checkpoint is written   the older checkpoint stands; the next run writes what is missing
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, parseCheckpointNote } from '../../core/log/checkpoint.ts';
import { base64url, formatEntry } from '../../core/log/entry.ts';
import { tileWidth } from '../../core/log/merkle.ts';
import { formatNoteKey } from '../../core/log/note.ts';
import { countTiles, formatTilePath, type TileAddress, tilesOf } from '../../core/log/tile-path.ts';
import { readSynced, writeSynced } from '../../database/synced-file.ts';
import { StartupError } from '../../errors.ts';
import type { SignedCheckpoint } from '../../ledger/checkpoints.ts';
import { logKeys } from './log-keys.ts';
import { type LogSource, publicFacts, readTile } from './public-log.ts';

export interface Exported {
  /** Files written, and files that were there already. */
  readonly written: number;
  readonly kept: number;
}

/** Files under way at a time. */
const lanes = 8;
/** Entries whose facts are looked through at a time. */
const chunk = 65_536;

/** Writes the log up to a checkpoint. Refuses a folder that holds what this log does not continue: `StartupError`. */
export async function exportLog(
  source: LogSource,
  checkpoint: SignedCheckpoint,
  folder: string,
  progress: (done: number, total: number) => void,
): Promise<Exported> {
  const before = await continued(source, checkpoint, folder);
  const { size, origin, note } = checkpoint;
  const total = countTiles(size);
  let written = 0;
  let kept = 0;

  async function put(path: string, bytes: number, read: () => Promise<string | Uint8Array>): Promise<void> {
    const file = join(folder, path);
    if ((await sizeOf(file)) === bytes) {
      kept++;
      return;
    }
    await writeSynced(file, await read());
    written++;
  }

  let done = 0;
  const tiles = tilesOf(size);
  const lane = async (): Promise<void> => {
    for (const address of tiles) {
      await put(formatTilePath(address), bytesOf(address), () => readTile(source, address));
      progress(++done, total);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  // What the checkpoint in the folder covers was written before that checkpoint.
  for (let from = before; from < size; from += chunk)
    for (const fact of await publicFacts(source, from, Math.min(size, from + chunk))) {
      const { seq, payload, salt } = fact;
      const text = JSON.stringify({ seq, payload, salt: base64url(salt) });
      await put(`payload/${seq}`, Buffer.byteLength(text), async () => text);
    }
  const keys = await logKeys(source.lookups.sql, origin);
  await writeSynced(join(folder, 'key'), keys.map((key) => `${formatNoteKey(key)}\n`).join(''));
  await writeSynced(join(folder, 'checkpoint'), note);
  return { written: written + 2, kept };
}

/** Entries that the folder has whole by its own checkpoint; 0 without one. */
async function continued({ tree }: LogSource, { origin, size }: Checkpoint, folder: string): Promise<number> {
  const file = join(folder, 'checkpoint');
  const text = await readSynced(file);
  if (text === null) return 0;
  const read = parseCheckpointNote(text);
  if (!read.ok)
    throw new StartupError({
      zh: `${file} 不是检查点；请导出到另一个文件夹。`,
      en: `${file} is not a checkpoint; export into another folder.`,
    });
  const there = read.value.checkpoint;
  if (there.origin !== origin)
    throw new StartupError({
      zh: `${folder} 中是账本 ${there.origin}；请导出到另一个文件夹。`,
      en: `${folder} holds the log ${there.origin}; export into another folder.`,
    });
  const [root] = there.size > size ? [] : await tree.roots([{ from: 0, until: there.size }]);
  if (root === undefined || Buffer.compare(root, there.root) !== 0)
    throw new StartupError({
      zh: `${file} 覆盖 ${there.size} 条条目，而本账本的开头与之不符：账本被回退或改动过，或该文件被改动过。请保留该文件，并运行 suyuan audit。`,
      en: `${file} covers ${there.size} entries that this log does not begin with: the log was set back or altered, or the file was. Keep that file, and run suyuan audit.`,
    });
  return there.size;
}

/** Size of a tile or bundle in bytes, from its address alone: entries differ only in the digits of their number. */
function bytesOf({ level, n, width }: TileAddress): number {
  if (level !== 'entries') return width * 32;
  let bytes = 0;
  for (let seq = n * tileWidth; seq < n * tileWidth + width; seq++) bytes += frame + String(seq).length;
  return bytes;
}
const zeroes = Buffer.alloc(32);
/** Two bytes of length and an entry without its number. */
const frame = 2 + formatEntry({ seq: 0, at: 0, digest: zeroes, prev: zeroes }).length - 1;

/** Null when there is no such file. */
async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
