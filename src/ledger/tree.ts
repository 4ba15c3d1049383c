/**
 * The Merkle tree read back from the tables: hashes of tiles and roots of stretches, for proofs and the public log.
 *
 * Full tiles are stored; the partial ones at the right edge are made of entries (level 0) or of the tiles below them.
 * What is committed never changes, so what has been read is kept: a proof costs a few look-ups in memory and at most
 * one statement for each level whose tile is new.
 */
import { type Frontier, frontierRoot, type Hash, nodeHash, tileRoot, tileWidth } from '../core/log/merkle.ts';
import type { Stretch } from '../core/log/merkle-proof.ts';
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

/** Hashes of a tile from the first on, and what was worked out of them: `nodes[i]` has the children 2i and 2i + 1. */
interface KeptTile {
  readonly hashes: readonly Hash[];
  readonly nodes: (Hash | undefined)[];
}

const keptTile = (hashes: readonly Hash[]): KeptTile => ({ hashes, nodes: [] });

/** Root over `count` hashes of a tile, a power of two, that begin at a multiple of it. */
function rootOf(tile: KeptTile, at: number, count: number): Hash {
  const { hashes, nodes } = tile;
  if (count === 1) {
    const hash = hashes[at];
    if (hash === undefined) throw new Error(`a tile of ${hashes.length} hashes has none at ${at}`);
    return hash;
  }
  const half = count / 2;
  const index = (tileWidth + at) / count;
  const root = nodes[index] ?? nodeHash(rootOf(tile, at, half), rootOf(tile, at + half, half));
  nodes[index] = root;
  return root;
}

/** Tiles kept in memory: some 60 KB each with all that can be worked out of them. */
const tilesMax = 512;

export function createTree(sql: Sql): Tree {
  const kept = new Map<string, Promise<KeptTile>>();

  /** Remembers the latest; what failed is asked for again. */
  function keep(key: string, tile: Promise<KeptTile>): Promise<KeptTile> {
    kept.delete(key);
    kept.set(key, tile);
    tile.catch(() => kept.get(key) === tile && kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > tilesMax && oldest !== undefined) kept.delete(oldest);
    return tile;
  }

  async function tileOf(level: number, n: number, width: number): Promise<KeptTile> {
    const key = `${level}/${n}`;
    for (;;) {
      const known = kept.get(key);
      const found = await known;
      // Many ask at once when a tile has grown: one of them reads it again, the others wait for that.
      if (kept.get(key) !== known) continue;
      if (known !== undefined && found !== undefined && found.hashes.length >= width) return keep(key, known);
      const grown = await keep(key, load(level, n, width, found?.hashes ?? []).then(keptTile));
      if (grown.hashes.length < width)
        throw new Error(`tile ${level}/${n} has only ${grown.hashes.length} hashes`);
      return grown;
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
    return rootOf(await tileOf(level, Math.floor(index / tileWidth), at + count), at, count);
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
    hashes: async (level, n, width) => (await tileOf(level, n, width)).hashes.slice(0, width),
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
