/**
 * The Merkle tree read back from the tables: hashes of tiles and roots of stretches, for proofs and the public log.
 *
 * Full tiles are stored; the partial ones at the right edge are made of entries (level 0) or of the tiles below them.
 * What is committed never changes, so what has been read is kept: a proof costs a few look-ups in memory and at most
 * one statement for each level whose tile is new.
 */
import { type Frontier, frontierRoot, type Hash, merkleRoot, tileRoot, tileWidth } from '../core/merkle.ts';
import type { Stretch } from '../core/merkle-proof.ts';
import type { Sql } from '../database/connection.ts';
import { splitHashes } from './tiles.ts';

export interface Tree {
  /** The first `width` hashes of tile `n` of a level. Throws when the log is too short for them. */
  hashes(level: number, n: number, width: number): Promise<readonly Hash[]>;
  /** The roots of stretches of entries, each beginning where a tree of its size may begin. */
  roots(stretches: readonly Stretch[]): Promise<Hash[]>;
  /** The frontier of the tree as it was at a size. */
  frontier(size: number): Promise<Frontier>;
}

/** Tiles kept in memory: 8 KB each. */
const tilesMax = 512;

export function createTree(sql: Sql): Tree {
  const kept = new Map<string, Promise<readonly Hash[]>>();

  /** Remembers the latest; what failed is asked for again. */
  function keep(key: string, hashes: Promise<readonly Hash[]>): Promise<readonly Hash[]> {
    kept.delete(key);
    kept.set(key, hashes);
    hashes.catch(() => kept.get(key) === hashes && kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > tilesMax && oldest !== undefined) kept.delete(oldest);
    return hashes;
  }

  async function hashes(level: number, n: number, width: number): Promise<readonly Hash[]> {
    const key = `${level}/${n}`;
    for (;;) {
      const known = kept.get(key);
      const found = (await known) ?? [];
      // Many ask at once when a tile has grown: one of them reads it again, the others wait for that.
      if (kept.get(key) !== known) continue;
      if (known !== undefined && found.length >= width) return (await keep(key, known)).slice(0, width);
      const grown = await keep(key, load(level, n, width, found));
      if (grown.length < width) throw new Error(`tile ${level}/${n} has only ${grown.length} hashes`);
      return grown.slice(0, width);
    }
  }

  async function load(
    level: number,
    n: number,
    width: number,
    known: readonly Hash[],
  ): Promise<readonly Hash[]> {
    const first = n * tileWidth;
    const [full] = await sql<{ hashes: Buffer }[]>`
      SELECT hashes FROM tiles WHERE level = ${level} AND n = ${n}`;
    if (full !== undefined) return splitHashes(full.hashes);
    if (level === 0) {
      const rows = await sql<{ leaf: Buffer }[]>`
        SELECT leaf FROM entries WHERE seq >= ${first} AND seq < ${first + tileWidth} ORDER BY seq`;
      return rows.map(({ leaf }) => leaf);
    }
    const below = await sql<{ hashes: Buffer }[]>`
      SELECT hashes FROM tiles
      WHERE level = ${level - 1} AND n >= ${first + known.length} AND n < ${first + width} ORDER BY n`;
    return [...known, ...below.map((tile) => tileRoot(splitHashes(tile.hashes)))];
  }

  /** Root of the perfect tree of 2^height leaves that begins at `from`. */
  async function perfect(from: number, height: number): Promise<Hash> {
    const level = Math.floor(height / 8);
    const index = from / tileWidth ** level;
    const at = index % tileWidth;
    const count = 2 ** (height % 8);
    const tile = await hashes(level, Math.floor(index / tileWidth), at + count);
    return merkleRoot(tile.slice(at));
  }

  /** Roots of the perfect trees a stretch is made of, largest first. */
  function peaks({ from, until }: Stretch): Promise<Hash[]> {
    const found: Promise<Hash>[] = [];
    for (let at = from; at < until; ) {
      const height = Math.floor(Math.log2(until - at));
      found.push(perfect(at, height));
      at += 2 ** height;
    }
    return Promise.all(found);
  }

  return {
    hashes,
    roots: (stretches) =>
      Promise.all(
        stretches.map(async (stretch) =>
          frontierRoot({ size: stretch.until - stretch.from, peaks: await peaks(stretch) }),
        ),
      ),
    async frontier(size) {
      return { size, peaks: await peaks({ from: 0, until: size }) };
    },
  };
}
