/**
 * Whether every entry `heads` says what the chains came to at its size, and whether the map that proofs are made of
 * is that of its entry. `rebuild` asks, in the shadow schema where the chains have just been made anew.
 */
import { base64url } from '../core/log/entry.ts';
import { firstMissing } from '../core/log/heads-tree.ts';
import type { Sql } from '../database/connection.ts';
import type { HeadsEntry } from './heads.ts';
import { advanceHeads } from './heads-map.ts';
import type { Mismatch } from './mismatch.ts';

/** Makes the map anew in `shadow`, entry by entry, and compares it with the one in `live` where that one stands. */
export async function checkHeads(sql: Sql, shadow: string, live: string): Promise<Mismatch | null> {
  const [kept] = await sql.unsafe<{ size: number; count: number }[]>(
    `SELECT size, count FROM ${live}.heads_state WHERE id = 1`,
  );
  const [bucket] = await sql.unsafe<object[]>(`SELECT bucket FROM ${live}.heads_buckets LIMIT 1`);
  if (kept === undefined && bucket !== undefined)
    return stateDiffers('the row is missing, but there is a map');
  let [size, count] = [0, 0];
  let stands = kept === undefined;
  for (let said = await next(sql, -1); said !== undefined; said = await next(sql, said.size)) {
    const { root, added } = await advanceHeads(sql, size, said.size);
    [size, count] = [said.size, count + added];
    if (Buffer.compare(root, said.root) !== 0 || count !== said.count)
      return {
        table: 'facts',
        seq: said.seq,
        what: `the heads of entry ${said.seq} are not those of the chains at size ${size}, which give ${count} identifiers and the root ${base64url(root)}`,
      };
    if (kept === undefined || kept.size !== size) continue;
    stands = true;
    const differs = (await compareMaps(sql, shadow, live)) ?? compareCount(kept.count, count);
    if (differs !== null) return differs;
  }
  return stands ? null : stateDiffers(`no entry tells of heads at size ${kept?.size}`);
}

async function next(sql: Sql, after: number): Promise<HeadsEntry | undefined> {
  const [entry] = await sql<HeadsEntry[]>`
    SELECT seq, size, root, count FROM heads WHERE size > ${after} ORDER BY size LIMIT 1`;
  return entry;
}

const stateDiffers = (what: string): Mismatch => ({ table: 'heads_state', seq: null, what });

const compareCount = (kept: number, count: number): Mismatch | null =>
  kept === count ? null : stateDiffers(`count is ${kept}, but ${count} identifiers are in the map`);

/** The first bucket or tile that differs. */
async function compareMaps(sql: Sql, shadow: string, live: string): Promise<Mismatch | null> {
  const [bucket] = await sql.unsafe<{ bucket: number; made: Buffer | null; kept: Buffer | null }[]>(`
    SELECT bucket, a.records AS made, b.records AS kept
    FROM ${shadow}.heads_buckets a FULL JOIN ${live}.heads_buckets b USING (bucket)
    WHERE a.records IS DISTINCT FROM b.records ORDER BY bucket LIMIT 1`);
  if (bucket !== undefined)
    return {
      table: 'heads_buckets',
      seq: null,
      what: `bucket ${bucket.bucket} ${whatDiffers(bucket.made, bucket.kept)}`,
    };
  const [tile] = await sql.unsafe<{ level: number; n: number }[]>(`
    SELECT level, n FROM ${shadow}.heads_tiles a FULL JOIN ${live}.heads_tiles b USING (level, n)
    WHERE a.hashes IS DISTINCT FROM b.hashes ORDER BY level DESC, n LIMIT 1`);
  if (tile === undefined) return null;
  const what = `tile ${tile.level}/${tile.n} does not hold the roots of what is below it`;
  return { table: 'heads_tiles', seq: null, what };
}

function whatDiffers(made: Buffer | null, kept: Buffer | null): string {
  if (kept === null) return 'is missing';
  if (made === null) return 'should be empty';
  const key = firstMissing(made, kept);
  return key === null
    ? 'holds more than the heads that the chains give'
    : `lacks the head that the chains give for key ${base64url(key)}`;
}
