/**
 * The checkpoint signer: says in public, signed and in order, how large the log is and what its root hash is.
 *
 * One process at a time signs (advisory lock). It trusts nothing it remembers beyond the last checkpoint: it reads the
 * stored entries back, hashes them anew, and signs only if they continue the tree it signed last and end in the head
 * as it stands. A copy of each checkpoint is written to a folder beside the database and synchronised before the
 * checkpoint is stored: a database restored to an older state is refused at the next start, also when it has grown
 * again since.
 *
 *   crash before the copy is written      nothing was signed in public
 *   crash between copy and commit         the copy is of a tree that stands; the next checkpoint follows from it
 *   crash after the commit                the checkpoint is published
 */
import { join } from 'node:path';
import { type Checkpoint, formatCheckpoint, parseCheckpointNote } from '../core/log/checkpoint.ts';
import { base64url, formatAt, leafOfWords, originHash } from '../core/log/entry.ts';
import { appendLeaves, type Frontier, formatFrontier, frontierRoot } from '../core/log/merkle.ts';
import { formatNote, type NoteSignature } from '../core/log/note.ts';
import { type Sql, transaction } from '../database/connection.ts';
import { type CopiedRows, copyOut } from '../database/copy-out.ts';
import { readSynced, writeSynced } from '../database/synced-file.ts';
import { StartupError } from '../errors.ts';
import type { Ledger } from './ledger.ts';
import { createRest } from './rest.ts';
import type { Tree } from './tree.ts';

export interface SignedCheckpoint extends Checkpoint {
  /** The signed note, with the cosignatures that witnesses have given it so far. */
  readonly note: string;
}

export interface CheckpointsOptions {
  readonly sql: Sql;
  readonly ledger: Pick<Ledger, 'onCommit'>;
  readonly tree: Tree;
  readonly origin: string;
  /** Folder for the copy of the last checkpoint. */
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Signs the text of a note with the log's key for checkpoints. */
  sign(text: string): Promise<NoteSignature>;
  /** No checkpoint could be signed; it will be tried again. */
  onError(error: unknown): void;
}

export interface Checkpoints {
  start(): void;
  /** The last checkpoint; null before the first. */
  latest(): Promise<SignedCheckpoint | null>;
  /** Tells whenever this process has signed a checkpoint, or found that another one did. */
  onSigned(listener: () => void): void;
  /** A checkpoint that covers the entry, as soon as there is one; null when that takes longer. */
  covering(seq: number, timeoutMs: number): Promise<SignedCheckpoint | null>;
  /** Ends after the signing under way. */
  stop(): Promise<void>;
}

/** Between two checkpoints at least, and between two looks for entries of other processes, ms. */
const intervalMs = 1_000;
/** Entries read back at a time. */
const chunk = 4_096;
const lockName = 0x7375_7975;
const fileName = 'checkpoint';

/** What the tables hold is not what was signed. */
class LogBroken extends Error {
  override readonly name = 'LogBroken';
}

/** Opens the checkpoints of a log. Throws `StartupError` when the log does not continue what was signed of it. */
export async function openCheckpoints(options: CheckpointsOptions): Promise<Checkpoints> {
  const { sql, ledger, tree, origin, folder } = options;
  const file = join(folder, fileName);
  await refuseOlder(options, file);
  /** The tree at the last checkpoint this process has proven. */
  let proven: Frontier = { size: 0, peaks: [] };
  const rest = createRest();
  let running: Promise<void> | null = null;
  const waiting = new Set<() => void>();
  let looking: Promise<SignedCheckpoint | null> | null = null;
  const listeners: (() => void)[] = [];
  let lastError = '';

  const latest = () => latestCheckpoint(sql);

  /** Of any number that wait, one looks for all of them. */
  function look(): Promise<SignedCheckpoint | null> {
    looking ??= latest().finally(() => {
      looking = null;
    });
    return looking;
  }

  async function sign(): Promise<void> {
    const [due] = await sql<{ due: boolean }[]>`
      SELECT h.size > coalesce((SELECT max(size) FROM checkpoints), 0) AS due FROM head h`;
    if (!due?.due) return;
    await transaction(sql, async (tx) => {
      const [lock] = await tx<{ mine: boolean }[]>`SELECT pg_try_advisory_xact_lock(${lockName}) AS mine`;
      if (!lock?.mine) return;
      const [last] = await tx<{ size: number; root: Buffer }[]>`
        SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1`;
      const [head] = await tx<{ size: number; frontier: Buffer }[]>`SELECT size, frontier FROM head`;
      if (head === undefined || head.size <= (last?.size ?? 0)) return;
      if (proven.size !== (last?.size ?? 0)) proven = await tree.frontier(last?.size ?? 0);
      if (last !== undefined && Buffer.compare(frontierRoot(proven), last.root) !== 0)
        throw new LogBroken(`the tree of ${last.size} entries has not the root that was signed`);
      const grown = await readBack(tx, origin, proven, head.size);
      if (!formatFrontier(grown).equals(head.frontier))
        throw new LogBroken(`the entries below ${head.size} do not give the tree that the head tells of`);
      const root = frontierRoot(grown);
      const text = formatCheckpoint({ origin, size: grown.size, root });
      const signature = await options.sign(text);
      const note = formatNote({ text, signatures: [signature] });
      await writeSynced(file, note);
      await tx`
        INSERT INTO checkpoints (size, at, root, note) VALUES (${grown.size}, ${options.now()}, ${root}, ${note})`;
      proven = grown;
    });
    // Who looked before this was signed may not have seen it.
    looking = null;
    for (const tell of [...waiting, ...listeners]) tell();
  }

  async function run(): Promise<void> {
    while (!rest.stopped) {
      rest.begin();
      try {
        await sign();
        lastError = '';
      } catch (error) {
        // Told once: while it lasts it comes every second.
        if (!rest.stopped && String(error) !== lastError) options.onError(error);
        lastError = String(error);
      }
      await rest.pause(intervalMs);
      await rest.untilNews(intervalMs);
    }
  }

  return {
    latest,
    start() {
      if (running !== null) return;
      ledger.onCommit(rest.news);
      running = run();
    },
    onSigned: (listener) => void listeners.push(listener),
    async covering(seq, timeoutMs) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const found = await look();
        if (found !== null && found.size > seq) return found;
        const left = until - performance.now();
        if (left <= 0 || rest.stopped) return null;
        // Another process may be the one that signs.
        await new Promise<void>((resolve) => {
          const tell = (): void => {
            clearTimeout(timer);
            waiting.delete(tell);
            resolve();
          };
          const timer = setTimeout(tell, Math.min(left, intervalMs / 4));
          waiting.add(tell);
        });
      }
    },
    async stop() {
      rest.stop();
      for (const tell of waiting) tell();
      await running;
    },
  };
}

/** The last checkpoint of the log, with the cosignatures there are; null before the first. */
export async function latestCheckpoint(sql: Sql): Promise<SignedCheckpoint | null> {
  const [row] = await sql<{ note: string }[]>`
    SELECT c.note || coalesce((
      SELECT string_agg(line, '' ORDER BY witness, key_id) FROM cosignatures s WHERE s.size = c.size
    ), '') AS note
    FROM checkpoints c ORDER BY c.size DESC LIMIT 1`;
  if (row === undefined) return null;
  const read = parseCheckpointNote(row.note);
  if (!read.ok) throw new LogBroken('what is stored as the last checkpoint is none');
  return { ...read.value.checkpoint, note: row.note };
}

/**
 * Hashes the entries from the tree's size up to `size` anew, and grows the tree by them.
 * @param connection of its own: the entries are copied out
 */
export async function readBack(
  connection: Sql,
  origin: string,
  tree: Frontier,
  size: number,
): Promise<Frontier> {
  const read = (from: number, entryBefore: boolean): Promise<CopiedRows> =>
    copyOut(
      connection,
      `SELECT seq, at, digest, leaf FROM entries
       WHERE seq >= ${entryBefore ? from - 1 : from} AND seq < ${Math.min(size, from + chunk)} ORDER BY seq`,
    );
  let grown = tree;
  let prev: string | null = tree.size === 0 ? base64url(originHash(origin)) : null;
  // The entry before comes along: its leaf hash is `prev` of the next.
  let ahead = grown.size < size ? read(grown.size, prev === null) : null;
  while (ahead !== null) {
    const rows: CopiedRows = await ahead;
    const from: number = grown.size;
    // What comes next is read while this is hashed.
    ahead = from + chunk < size ? read(from + chunk, false) : null;
    ahead?.catch(() => {});
    const leaves: Uint8Array[] = [];
    while (rows.next()) {
      const [seq, at, digest, leaf] = [rows.integer(), rows.integer(), rows.base64url(), rows.bytes()];
      if (digest === null || leaf === null) throw new LogBroken(`entry ${seq} lacks its hashes`);
      const stored = base64url(leaf);
      if (seq >= from) {
        if (prev === null || seq !== from + leaves.length)
          throw new LogBroken(`an entry before entry ${seq} is missing`);
        if (leafOfWords(formatAt(at), digest, prev, seq) !== stored)
          throw new LogBroken(`entry ${seq} does not give its leaf hash ${stored}`);
        leaves.push(leaf);
      }
      prev = stored;
    }
    const missing = Math.min(chunk, size - from) - leaves.length;
    if (missing > 0) throw new LogBroken(`entry ${from + leaves.length} is missing`);
    grown = appendLeaves(grown, leaves);
  }
  return grown;
}

/** Refuses a database that does not continue the copy or the last checkpoint it holds itself. */
async function refuseOlder({ sql, tree, origin }: CheckpointsOptions, file: string): Promise<void> {
  const [head] = await sql<{ size: number }[]>`SELECT size FROM head`;
  const [stored] = await sql<{ size: number; root: Buffer }[]>`
    SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1`;
  const copy = await readCopy(file);
  if (copy !== null && copy.origin !== origin)
    throw new StartupError({
      zh: `${file} 是账本 ${copy.origin} 的检查点，而数据库中是账本 ${origin}。请使用与数据库对应的数据目录。`,
      en: `${file} is a checkpoint of the log ${copy.origin}, but the database holds the log ${origin}. Use the data folder that belongs to the database.`,
    });
  for (const signed of [stored, copy]) {
    if (signed === null || signed === undefined) continue;
    const size = head?.size ?? 0;
    if (size < signed.size)
      throw new StartupError({
        zh: `数据库中有 ${size} 条条目，而签过的检查点覆盖 ${signed.size} 条：数据库是较早的状态，或有条目被删去。请恢复包含全部条目的备份。（检查点：${file}）`,
        en: `The database holds ${size} entries, but a checkpoint over ${signed.size} was signed: it is an older state, or entries were taken away. Restore a backup that holds them all. (The checkpoint: ${file})`,
      });
    if (Buffer.compare(frontierRoot(await tree.frontier(signed.size)), signed.root) !== 0)
      throw new StartupError({
        zh: `数据库的前 ${signed.size} 条条目与签过的检查点不符：数据库被恢复到较早的状态后又有增长，或被改动过。请恢复包含这些条目的备份；suyuan audit 会指出不符之处。（检查点：${file}）`,
        en: `The first ${signed.size} entries of the database are not those that a checkpoint was signed over: it was restored to an older state and has grown since, or was altered. Restore a backup that holds them; suyuan audit names what differs. (The checkpoint: ${file})`,
      });
  }
}

async function readCopy(file: string): Promise<Checkpoint | null> {
  const text = await readSynced(file);
  if (text === null) return null;
  const read = parseCheckpointNote(text);
  if (!read.ok)
    throw new StartupError({
      zh: `${file} 不是检查点。请从备份中恢复；没有它，数据库被回退时无法察觉。`,
      en: `${file} is not a checkpoint. Restore it from a backup; without it, a database that was set back would not be noticed.`,
    });
  return read.value.checkpoint;
}
