/**
 * Checks what was signed of the log against the log: every stored checkpoint, and the copy beside the database, must
 * be a note of this log, signed by a key of its own, over the very tree that its first entries have. Call it on a log
 * whose entries and tiles fit (audit.ts); it reads roots from the tiles.
 */
import type { Words } from '../core/codes/verdict-words.ts';
import { parseCheckpoint } from '../core/log/checkpoint.ts';
import { base64url } from '../core/log/entry.ts';
import { frontierRoot } from '../core/log/merkle.ts';
import { isSignedBy, type NoteKey, parseNote } from '../core/log/note.ts';
import type { Sql } from '../database/connection.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';
import { createTree, type Tree } from './tree.ts';

export interface CheckpointAudit {
  readonly origin: string;
  /** Entries of the log that was audited. */
  readonly size: number;
  /** Every key that checkpoints of the log were ever signed with. */
  readonly keys: readonly NoteKey[];
  /** The signed note that is kept beside the database; null when there is none. */
  readonly copy: string | null;
}

interface Stored {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

const page = 500;

/** The first checkpoint that does not fit, in order of size, or null. */
export async function auditCheckpoints(sql: Sql, log: CheckpointAudit): Promise<Mismatch | null> {
  const tree = createTree(sql);
  for (let above = -1; ; ) {
    const rows = await sql<Stored[]>`
      SELECT size, root, note FROM checkpoints WHERE size > ${above} ORDER BY size LIMIT ${page}`;
    for (const row of rows) {
      const wrong = await flawOf(row, log, tree, sql);
      if (wrong !== null)
        return mismatchOf('checkpoints', null, {
          zh: `覆盖 ${row.size} 条条目的检查点${wrong.zh}`,
          en: `the checkpoint over ${row.size} entries ${wrong.en}`,
        });
      above = row.size;
    }
    if (rows.length < page) break;
  }
  if (log.copy === null) return null;
  const wrong = await flawOfNote(log.copy, log, tree, sql);
  return wrong === null
    ? null
    : mismatchOf('checkpoints', null, {
        zh: `数据库之外保存的检查点${wrong.zh}`,
        en: `the checkpoint kept beside the database ${wrong.en}`,
      });
}

async function flawOf(
  { size, root, note }: Stored,
  log: CheckpointAudit,
  tree: Tree,
  sql: Sql,
): Promise<Words | null> {
  const read = parseNote(note);
  const checkpoint = read.ok ? parseCheckpoint(read.value.text) : read;
  if (checkpoint.ok && checkpoint.value.size !== size)
    return { zh: `其实覆盖 ${checkpoint.value.size} 条`, en: `is a note over ${checkpoint.value.size}` };
  if (checkpoint.ok && !root.equals(checkpoint.value.root))
    return { zh: '所记的根与其签名文本中的根不同', en: 'has another root in its row than in its note' };
  return flawOfNote(note, log, tree, sql);
}

/** What is wrong with a signed note, or null. */
async function flawOfNote(
  text: string,
  { origin, size: audited, keys }: CheckpointAudit,
  tree: Tree,
  sql: Sql,
): Promise<Words | null> {
  const note = parseNote(text);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!note.ok || !checkpoint.ok) return { zh: '不是检查点', en: 'is no checkpoint' };
  const signed = checkpoint.value;
  if (signed.origin !== origin)
    return { zh: `属于账本 ${signed.origin}`, en: `is of the log ${signed.origin}` };
  if (!keys.some((key) => isSignedBy(note.value, key)))
    return { zh: '没有本账本密钥的签名', en: 'is not signed by a key of this log' };
  // The log may have grown since it was audited, and what was added may be signed by now.
  const size = signed.size > audited ? await sizeNow(sql) : audited;
  if (signed.size > size)
    return {
      zh: `覆盖 ${signed.size} 条，而账本只有 ${size} 条：有条目被删去`,
      en: `covers ${signed.size} entries, but the log has ${size}: entries were taken away`,
    };
  const root = frontierRoot(await tree.frontier(signed.size));
  return Buffer.compare(root, signed.root) === 0
    ? null
    : {
        zh: `签的是另一些条目：前 ${signed.size} 条的根为 ${base64url(root)}`,
        en: `was signed over other entries: the first ${signed.size} have the root ${base64url(root)}`,
      };
}

async function sizeNow(sql: Sql): Promise<number> {
  const [head] = await sql<{ size: number }[]>`SELECT size FROM head`;
  return head?.size ?? 0;
}
