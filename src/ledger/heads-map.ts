/**
 * The map of heads (core/log/heads.ts) in its tables: brought from one size of the log to another, and read for proofs.
 *
 * What an identifier's head is at a size follows from `unit_chain` alone, its blind from the salt of the last fact.
 * Each identifier that changed is worked on once, where it was named last; of what changed only so much is held in
 * memory, and of the map one tile and 64 buckets.
 */
import { append } from '../core/grouping.ts';
import { headBlind, headKey, headValue } from '../core/log/heads.ts';
import {
  bucketOf,
  changeBucket,
  type HeadChange,
  type HeadPath,
  headTileWidth,
  pathsIn,
  tileOfHeadsRoot,
} from '../core/log/heads-tree.ts';
import type { Hash } from '../core/log/merkle.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';

/** Links read at a time, and the rest of the last entry among them: 20 ms of hashing as a rule. */
const page = 2_000;
/** Identifiers held at a time: 34 MB. A bucket is written once for all that are held. */
const heldMax = 524_288;
/** Buckets read and written at a time. */
const bucketsMax = 64;
const tileBytes = headTileWidth * 32;
const changeBytes = 64;

export interface HeadsRoot {
  readonly root: Hash;
  /** Identifiers that are new in the map. */
  readonly added: number;
}

/**
 * Brings the map from the log's size `from` to `until`, within the caller's transaction. `onward` is called between
 * steps and stops the work by throwing.
 */
export async function advanceHeads(
  sql: Sql,
  from: number,
  until: number,
  onward: () => void = () => {},
): Promise<HeadsRoot> {
  const top = (await readTile(sql, 0, 0)) ?? Buffer.alloc(tileBytes);
  let added = 0;
  for (let next = from; next < until; ) {
    const held = new Held();
    while (next < until && !held.full) {
      onward();
      next = await readPage(sql, next, until, held);
    }
    for (let tile = 0; tile < headTileWidth; tile++) {
      const changes = held.ofTile(tile);
      if (changes.size === 0) continue;
      onward();
      const done = await changeTile(sql, tile, changes);
      top.set(done.root, tile * 32);
      added += done.added;
    }
  }
  await writeTile(sql, 0, 0, top);
  return { root: Buffer.from(tileOfHeadsRoot(top)), added };
}

/** Changes by tile, as bytes: an object for each would take five times the memory. */
class Held {
  #bytes = Buffer.alloc(page * changeBytes);
  #next = new Int32Array(page);
  readonly #first = new Int32Array(headTileWidth).fill(-1);
  #count = 0;

  get full(): boolean {
    return this.#count >= heldMax;
  }

  add(key: Buffer, value: Buffer): void {
    if (this.#count === this.#next.length) this.#grow();
    const i = this.#count++;
    this.#bytes.set(key, i * changeBytes);
    this.#bytes.set(value, i * changeBytes + 32);
    const tile = key[0] ?? 0;
    this.#next[i] = this.#first[tile] ?? -1;
    this.#first[tile] = i;
  }

  #grow(): void {
    const [bytes, next] = [this.#bytes, this.#next];
    this.#bytes = Buffer.alloc(bytes.length * 2);
    this.#bytes.set(bytes);
    this.#next = new Int32Array(next.length * 2);
    this.#next.set(next);
  }

  /** Changes of a tile by bucket. */
  ofTile(tile: number): Map<number, HeadChange[]> {
    const buckets = new Map<number, HeadChange[]>();
    for (let i = this.#first[tile] ?? -1; i !== -1; i = this.#next[i] ?? -1) {
      const at = i * changeBytes;
      const key = this.#bytes.subarray(at, at + 32);
      append(buckets, bucketOf(key), { key, value: this.#bytes.subarray(at + 32, at + changeBytes) });
    }
    return buckets;
  }
}

interface LinkRow {
  readonly n: number;
  readonly link: Buffer;
  readonly epc: string;
  readonly salt: Buffer;
}

/** Holds the heads among the links of the next entries; answers with the entry to go on with. */
async function readPage(sql: Sql, from: number, until: number, held: Held): Promise<number> {
  const [last] = await sql<{ seq: number }[]>`
    SELECT max(seq) AS seq FROM (
      SELECT seq FROM unit_chain WHERE seq >= ${from} AND seq < ${until} ORDER BY seq LIMIT ${page}) l
    HAVING count(*) = ${page}`;
  const next = last === undefined ? until : last.seq + 1;
  // A link that a later entry below the size goes on from is no head.
  const rows = await sql<LinkRow[]>`
    SELECT l.n, l.link, e.epc, f.salt
    FROM unit_chain l JOIN epcs e ON e.unit = l.unit JOIN facts f ON f.seq = l.seq
    WHERE l.seq >= ${from} AND l.seq < ${next} AND NOT EXISTS (
      SELECT FROM unit_chain later
      WHERE later.unit = l.unit AND later.n = l.n + 1 AND later.seq < ${until})`;
  for (const { n, link, epc, salt } of rows)
    held.add(headKey(epc), headValue({ count: n, link }, headBlind(epc, salt)));
  return next;
}

/** Changes the buckets of a tile; answers with its root. */
async function changeTile(
  sql: Sql,
  tile: number,
  changes: ReadonlyMap<number, readonly HeadChange[]>,
): Promise<HeadsRoot> {
  const hashes = (await readTile(sql, 1, tile)) ?? Buffer.alloc(tileBytes);
  const numbers = [...changes.keys()].sort((a, b) => a - b);
  let added = 0;
  for (let at = 0; at < numbers.length; at += bucketsMax) {
    const some = numbers.slice(at, at + bucketsMax);
    const rows = await sql<BucketRow[]>`
      SELECT bucket, records FROM heads_buckets WHERE bucket = ANY (${arrayLiteral(some)}::int[])`;
    const before = new Map(rows.map(({ bucket, records }) => [bucket, records]));
    const after = some.map((bucket) => {
      const changed = changeBucket(before.get(bucket) ?? Buffer.alloc(0), changes.get(bucket) ?? []);
      added += changed.added;
      hashes.set(changed.root, (bucket % headTileWidth) * 32);
      return changed.bytes;
    });
    await sql`
      INSERT INTO heads_buckets (bucket, records)
      SELECT * FROM unnest(${arrayLiteral(some)}::int[], ${arrayLiteral(after)}::bytea[])
      ON CONFLICT (bucket) DO UPDATE SET records = EXCLUDED.records`;
  }
  await writeTile(sql, 1, tile, hashes);
  return { root: tileOfHeadsRoot(hashes), added };
}

interface BucketRow {
  readonly bucket: number;
  readonly records: Buffer;
}

async function readTile(sql: Sql, level: number, n: number): Promise<Buffer | null> {
  const [row] = await sql<{ hashes: Buffer }[]>`
    SELECT hashes FROM heads_tiles WHERE level = ${level} AND n = ${n}`;
  // Written to afterwards: not in memory that the answer's other rows share.
  return row === undefined ? null : Buffer.from(row.hashes);
}

const writeTile = (sql: Sql, level: number, n: number, hashes: Uint8Array): Promise<unknown> =>
  sql`
  INSERT INTO heads_tiles (level, n, hashes) VALUES (${level}, ${n}, ${hashes})
  ON CONFLICT (level, n) DO UPDATE SET hashes = EXCLUDED.hashes`.execute();

/** The map at the size of an entry `heads`, as far as the ways to some keys need it. */
export interface KeptHeads {
  /** The entry, and what it says. */
  readonly seq: number;
  readonly size: number;
  readonly root: Buffer;
  readonly count: number;
  /** The way to one of the keys. */
  pathTo(key: Uint8Array): HeadPath;
}

type KeptRow = Pick<KeptHeads, 'seq' | 'size' | 'root' | 'count'> & {
  /** 0 the top, 1 a tile, 2 a bucket. */
  readonly level: number;
  readonly n: number;
  readonly bytes: Buffer;
};

/** Null before the first entry `heads`. One statement, and so one state of the map. */
export async function readHeads(sql: Sql, keys: readonly Uint8Array[]): Promise<KeptHeads | null> {
  const tiles = arrayLiteral([...new Set(keys.map((key) => key[0] ?? 0))]);
  const buckets = arrayLiteral([...new Set(keys.map(bucketOf))]);
  const rows = await sql<KeptRow[]>`
    WITH kept AS MATERIALIZED (
      SELECT h.seq, h.size, h.root, h.count FROM heads_state s JOIN heads h ON h.size = s.size WHERE s.id = 1)
    SELECT kept.*, level, n, bytes FROM kept CROSS JOIN (
      SELECT level, n, hashes AS bytes FROM heads_tiles WHERE level = 0 AND n = 0
      UNION ALL
      SELECT level, n, hashes FROM heads_tiles WHERE level = 1 AND n = ANY (${tiles}::int[])
      UNION ALL
      SELECT 2, bucket, records FROM heads_buckets WHERE bucket = ANY (${buckets}::int[])) map`;
  const [said] = rows;
  if (said === undefined) return null;
  const at = new Map(rows.map(({ level, n, bytes }) => [`${level} ${n}`, bytes]));
  const { seq, size, root, count } = said;
  const paths = pathsIn({
    top: at.get('0 0') ?? nothingKept,
    tileAt: (n) => at.get(`1 ${n}`) ?? nothingKept,
    bucketAt: (n) => at.get(`2 ${n}`) ?? Buffer.alloc(0),
  });
  return { seq, size, root, count, pathTo: paths };
}

const nothingKept = Buffer.alloc(tileBytes);
