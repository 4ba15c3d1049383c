/**
 * Personal data against what the log says of it: it is gone exactly where an entry of the kind `erasure` says so. Whoever
 * deletes it otherwise, or puts back what was erased, is seen.
 */
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';
import { erasedBy, type RangeAudit } from './audit-range.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';

/** The ranges are those of one audit, in order to its end, and `size` is what the log had when it began. */
export async function checkErasures(
  sql: Sql,
  ranges: readonly RangeAudit[],
  size: number,
): Promise<Mismatch | null> {
  const erasures = new Map(ranges.flatMap((range) => range.erasures.map(({ seq, erased }) => [erased, seq])));
  const gone = ranges.flatMap((range) => range.gone);
  let unexplained = gone.filter((seq) => !erasures.has(seq));
  if (unexplained.length > 0) {
    // What was read may have been erased since the audit began.
    const later = await sql<{ seq: number; payload: string }[]>`
      SELECT seq, payload FROM facts WHERE seq >= ${size} AND kind = 'erasure'`;
    const since = new Set(later.flatMap(({ seq, payload }) => erasedBy(seq, payload).map((it) => it.erased)));
    unexplained = unexplained.filter((seq) => !since.has(seq));
  }
  const [first] = unexplained;
  if (first !== undefined)
    return mismatchOf('privates', first, {
      zh: `个人信息 ${first} 的 value 和 salt 不见了，而没有条目删除它`,
      en: `value and salt of private ${first} are gone, and no entry erased them`,
    });
  const [standing] = await sql<{ seq: number }[]>`
    SELECT seq FROM privates WHERE seq = ANY (${arrayLiteral([...erasures.keys()])}::bigint[]) AND value IS NOT NULL
    ORDER BY seq LIMIT 1`;
  if (standing !== undefined)
    return mismatchOf('privates', standing.seq, {
      zh: `个人信息 ${standing.seq} 仍在，而条目 ${erasures.get(standing.seq)} 已将它删除`,
      en: `private ${standing.seq} stands there, though entry ${erasures.get(standing.seq)} erased it`,
    });
  return null;
}
