/**
 * Full tiles of the Merkle tree (C2SP tlog-tiles): 256 leaf hashes at level 0, and at each level above the roots
 * of 256 tiles below. Written in the transaction that completes them; partial tiles are read from `entries`.
 */
import { type Hash, tileRoot, tileWidth } from '../core/log/merkle.ts';
import type { Sql } from '../database/connection.ts';
import { insertRows } from '../database/rows.ts';

interface Tile {
  readonly level: number;
  readonly n: number;
  readonly hashes: Buffer;
}

/**
 * The tiles that a tree growing from `size` by `leaves` completes. `tail` holds the `size % 256` leaf hashes of
 * the tile that was partial before.
 */
export async function completedTiles(
  sql: Sql,
  size: number,
  tail: readonly Hash[],
  leaves: readonly Hash[],
): Promise<Tile[]> {
  let pending = [...tail, ...leaves];
  let n = Math.floor(size / tileWidth);
  const done: Tile[] = [];
  for (let level = 0; pending.length >= tileWidth; level++) {
    const above: Hash[] = [];
    const first = n;
    while (pending.length >= tileWidth) {
      const hashes = pending.slice(0, tileWidth);
      pending = pending.slice(tileWidth);
      done.push({ level, n: n++, hashes: Buffer.concat(hashes) });
      above.push(tileRoot(hashes));
    }
    n = Math.floor(first / tileWidth);
    const before = first % tileWidth;
    // Only a tile above that gets completed now needs the roots it had gathered before.
    if (before + above.length < tileWidth) break;
    pending = [...(await tileRoots(sql, level, first - before, before)), ...above];
  }
  return done;
}

/** Roots of `count` stored tiles of a level, from tile `first` on. */
async function tileRoots(sql: Sql, level: number, first: number, count: number): Promise<Hash[]> {
  if (count === 0) return [];
  const rows = await sql<{ hashes: Buffer }[]>`
    SELECT hashes FROM tiles WHERE level = ${level} AND n >= ${first} AND n < ${first + count} ORDER BY n`;
  if (rows.length !== count) throw new Error(`level ${level} lacks tiles from ${first} to ${first + count}`);
  return rows.map(({ hashes }) => tileRoot(splitHashes(hashes)));
}

export const splitHashes = (bytes: Uint8Array): Hash[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));

export const insertTiles = (sql: Sql, tiles: readonly Tile[]): Promise<unknown> =>
  insertRows(
    sql,
    'tiles',
    { level: 'smallint', n: 'bigint', hashes: 'bytea' },
    tiles.map(({ level, n, hashes }) => ({ level, n, hashes })),
  );

/** The leaf hashes of the partial tile at the end of a tree of `size` leaves. */
export async function readTail(sql: Sql, size: number): Promise<Hash[]> {
  const start = size - (size % tileWidth);
  if (start === size) return [];
  const rows = await sql<{ leaf: Buffer }[]>`
    SELECT leaf FROM entries WHERE seq >= ${start} AND seq < ${size} ORDER BY seq`;
  return rows.map(({ leaf }) => leaf);
}
