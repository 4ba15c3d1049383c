/**
 * Whether every entry `heads` says what the chains came to at its size, and whether the map that proofs are made of
 * is that of its entry. `rebuild` asks, in the shadow schema where the chains have just been made anew.
 */
import type { Words } from '../core/codes/verdict-words.ts';
import { base64url } from '../core/log/entry.ts';
import { firstMissing } from '../core/log/heads-tree.ts';
import type { Sql } from '../database/connection.ts';
import type { HeadsEntry } from './heads.ts';
import { advanceHeads } from './heads-map.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';

/** Makes the map anew in `shadow`, entry by entry, and compares it with the one in `live` where that one stands. */
export async function checkHeads(sql: Sql, shadow: string, live: string): Promise<Mismatch | null> {
  const [kept] = await sql.unsafe<{ size: number; count: number }[]>(
    `SELECT size, count FROM ${live}.heads_state WHERE id = 1`,
  );
  const [bucket] = await sql.unsafe<object[]>(`SELECT bucket FROM ${live}.heads_buckets LIMIT 1`);
  if (kept === undefined && bucket !== undefined)
    return stateDiffers({ zh: '该行缺失，而映射存在', en: 'the row is missing, but there is a map' });
  let [size, count] = [0, 0];
  let stands = kept === undefined;
  for (let said = await next(sql, -1); said !== undefined; said = await next(sql, said.size)) {
    const { root, added } = await advanceHeads(sql, size, said.size);
    [size, count] = [said.size, count + added];
    if (Buffer.compare(root, said.root) !== 0 || count !== said.count)
      return mismatchOf('facts', said.seq, {
        zh: `条目 ${said.seq} 所载的全链账头与前 ${size} 条的账目链不符：由链得出 ${count} 个标识，根为 ${base64url(root)}`,
        en: `the heads of entry ${said.seq} are not those of the chains at size ${size}, which give ${count} identifiers and the root ${base64url(root)}`,
      });
    if (kept === undefined || kept.size !== size) continue;
    stands = true;
    const differs = (await compareMaps(sql, shadow, live)) ?? compareCount(kept.count, count);
    if (differs !== null) return differs;
  }
  return stands
    ? null
    : stateDiffers({
        zh: `没有条目记载账本为 ${kept?.size} 条时的全链账头`,
        en: `no entry tells of heads at size ${kept?.size}`,
      });
}

async function next(sql: Sql, after: number): Promise<HeadsEntry | undefined> {
  const [entry] = await sql<HeadsEntry[]>`
    SELECT seq, size, root, count FROM heads WHERE size > ${after} ORDER BY size LIMIT 1`;
  return entry;
}

const stateDiffers = (words: Words): Mismatch => mismatchOf('heads_state', null, words);

const compareCount = (kept: number, count: number): Mismatch | null =>
  kept === count
    ? null
    : stateDiffers({
        zh: `count 为 ${kept}，而映射中有 ${count} 个标识`,
        en: `count is ${kept}, but ${count} identifiers are in the map`,
      });

/** The first bucket or tile that differs. */
async function compareMaps(sql: Sql, shadow: string, live: string): Promise<Mismatch | null> {
  const [bucket] = await sql.unsafe<{ bucket: number; made: Buffer | null; kept: Buffer | null }[]>(`
    SELECT bucket, a.records AS made, b.records AS kept
    FROM ${shadow}.heads_buckets a FULL JOIN ${live}.heads_buckets b USING (bucket)
    WHERE a.records IS DISTINCT FROM b.records ORDER BY bucket LIMIT 1`);
  if (bucket !== undefined) return bucketDiffers(bucket.bucket, whatDiffers(bucket.made, bucket.kept));
  const [tile] = await sql.unsafe<{ level: number; n: number }[]>(`
    SELECT level, n FROM ${shadow}.heads_tiles a FULL JOIN ${live}.heads_tiles b USING (level, n)
    WHERE a.hashes IS DISTINCT FROM b.hashes ORDER BY level DESC, n LIMIT 1`);
  if (tile === undefined) return null;
  return mismatchOf('heads_tiles', null, {
    zh: `分块 ${tile.level}/${tile.n} 所存不是其下各块的根`,
    en: `tile ${tile.level}/${tile.n} does not hold the roots of what is below it`,
  });
}

const bucketDiffers = (bucket: number, { zh, en }: Words): Mismatch =>
  mismatchOf('heads_buckets', null, { zh: `桶 ${bucket} ${zh}`, en: `bucket ${bucket} ${en}` });

function whatDiffers(made: Buffer | null, kept: Buffer | null): Words {
  if (kept === null) return { zh: '缺失', en: 'is missing' };
  if (made === null) return { zh: '应为空', en: 'should be empty' };
  const key = firstMissing(made, kept);
  return key === null
    ? { zh: '所存多于由账目链得出的链头', en: 'holds more than the heads that the chains give' }
    : {
        zh: `缺少由账目链得出的键 ${base64url(key)} 的链头`,
        en: `lacks the head that the chains give for key ${base64url(key)}`,
      };
}
