/**
 * Checks the cosignatures that witnesses gave: each must belong to a checkpoint of this log and be the line of the key
 * that its row names, and a good cosignature of that key where it is known. Which keys those are is said by whoever
 * asks: the database holds their names and ids alone.
 */
import type { Words } from '../core/codes/verdict-words.ts';
import { cosignedAt } from '../core/log/checkpoint.ts';
import { type NoteKey, noteKeyId, parseNote, parseSignature } from '../core/log/note.ts';
import type { Sql } from '../database/connection.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';

export interface CosignatureAudit {
  readonly mismatch: Mismatch | null;
  /** Cosignatures by keys that are not known here: their form was checked, and no more. */
  readonly unverified: number;
}

interface Stored {
  readonly size: number;
  readonly witness: string;
  readonly keyId: string;
  readonly line: string;
  /** Of the checkpoint; null when there is none over so many entries. */
  readonly note: string | null;
}

const page = 1_000;

/** The first one that does not fit, in order of size. Call it once the checkpoints have been found to fit. */
export async function auditCosignatures(sql: Sql, keys: readonly NoteKey[]): Promise<CosignatureAudit> {
  let unverified = 0;
  let after = { size: -1, witness: '', keyId: '' };
  for (;;) {
    const rows = await sql<Stored[]>`
      SELECT s.size, s.witness, s.key_id AS "keyId", s.line, c.note
      FROM cosignatures s LEFT JOIN checkpoints c ON c.size = s.size
      WHERE (s.size, s.witness, s.key_id) > (${after.size}, ${after.witness}, ${after.keyId})
      ORDER BY s.size, s.witness, s.key_id LIMIT ${page}`;
    for (const row of rows) {
      const key = keys.find((it) => it.name === row.witness && noteKeyId(it) === row.keyId);
      const wrong = flawOf(row, key);
      if (wrong !== null)
        return {
          mismatch: mismatchOf('cosignatures', null, {
            zh: `${row.witness} 对 ${row.size} 条条目的见证签名${wrong.zh}`,
            en: `the cosignature of ${row.witness} over ${row.size} entries ${wrong.en}`,
          }),
          unverified,
        };
      if (key === undefined) unverified++;
      after = row;
    }
    if (rows.length < page) return { mismatch: null, unverified };
  }
}

function flawOf({ note, line, witness, keyId }: Stored, key: NoteKey | undefined): Words | null {
  if (note === null) return { zh: '不属于任何检查点', en: 'belongs to no checkpoint' };
  const signature = line.endsWith('\n') ? parseSignature(line.slice(0, -1)) : null;
  if (signature === null) return { zh: '不是签名行', en: 'is no line of a signed note' };
  if (signature.name !== witness || signature.id !== keyId)
    return { zh: '与其所记的公钥不符', en: 'is of another key than its row says' };
  if (key === undefined) return null;
  const cosigned = parseNote(note + line);
  return cosigned.ok && cosignedAt(cosigned.value, key) !== null
    ? null
    : { zh: '无法用该公钥验证', en: 'is not a good one of that key' };
}
