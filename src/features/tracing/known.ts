/**
 * What was known: the prefix of the log that counts, told by its size or by a moment of recording. Entries bear the time
 * at which they were recorded, which never goes back, so that every moment has one prefix.
 *
 * Example: entries 0, 1 and 2 were recorded at 10:00, 10:05 and 10:05. Known at 10:04 is the prefix of 1 entry, at 10:05
 * that of 3.
 */
import { parseEventTime } from '../../core/time.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { refusalAt, required } from '../../errors.ts';
import type { FeatureDeps } from '../feature.ts';

/** Entries that one statement looks at: four statements for four thousand million entries. */
const probesMax = 255;

/**
 * How many entries count: all when nothing is asked. Refuses `invalid-time` what is no time, `invalid-request` more
 * entries than there are.
 */
export async function knownSize(
  { ledger, reads }: Pick<FeatureDeps, 'ledger' | 'reads'>,
  asked: string | undefined,
  pointer = '/known',
): Promise<number> {
  const size = await ledger.size();
  if (asked === undefined) return size;
  if (!/^\d{1,16}$/.test(asked))
    return sizeAt(reads.sql, size, required(parseEventTime(asked), pointer).until);
  if (Number(asked) <= size) return Number(asked);
  throw refusalAt(pointer, 'invalid-request', `The log has ${size} entries; name no more, or a time.`);
}

/** How many of the first `size` entries were recorded until a moment, ms since the epoch. */
export async function sizeAt(sql: Sql, size: number, moment: number): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const rows = await sql<{ seq: number; at: number }[]>`
      SELECT seq, at FROM entries WHERE seq = ANY (${arrayLiteral(probes(low, high))}::bigint[]) ORDER BY seq`;
    const later = rows.find(({ at }) => at > moment);
    const earlier = rows.findLast(({ at }) => at <= moment);
    low = earlier === undefined ? low : earlier.seq + 1;
    high = later?.seq ?? high;
  }
  return low;
}

/** Numbers from `low` on and below `high`, evenly apart, each once. */
function probes(low: number, high: number): number[] {
  const count = Math.min(probesMax, high - low);
  return Array.from({ length: count }, (_, i) => low + Math.floor((i * (high - low)) / count));
}
