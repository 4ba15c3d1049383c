/** What an audit reads of a stretch of the log, in as few bytes and statements as it takes. */
import { tileWidth } from '../core/log/merkle.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';
import { type CopiedRows, copyOut } from '../database/copy-out.ts';

/** NULL, which no column here allows, is null. */
export interface EntryRow {
  readonly seq: number;
  readonly at: number;
  /** Base64url. */
  readonly digest: string | null;
  readonly leaf: Buffer | null;
}

export interface FactRow {
  readonly seq: number;
  readonly kind: string | null;
  readonly payload: string | null;
  readonly salt: Buffer | null;
}

/** A link with the identifier it is of, and the link before it: null where those are missing. */
export interface ChainRow {
  readonly seq: number;
  readonly unit: number;
  readonly n: number;
  readonly position: number;
  readonly link: Buffer | null;
  readonly epc: string | null;
  readonly before: Buffer | null;
  /** NaN when there is none. */
  readonly beforeSeq: number;
}

export interface PrivateRow {
  readonly seq: number;
  readonly value: string | null;
  readonly salt: Buffer | null;
  readonly hash: Buffer | null;
}

/** Rows of entries `from` ≤ seq < `until`, of each table in order. */
export interface AuditRows {
  readonly from: number;
  readonly until: number;
  readonly entries: readonly EntryRow[];
  readonly facts: readonly FactRow[];
  readonly chain: readonly ChainRow[];
  readonly privates: ReadonlyMap<number, PrivateRow>;
  /** Hashes of the tiles of level 0, by number. */
  readonly tiles: ReadonlyMap<number, Buffer>;
}

/** Reads on one connection, in a transaction that plans by indexes (`planIndexByIndex`). */
export async function readAuditRows(connection: Sql, from: number, until: number): Promise<AuditRows> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(until)) throw new Error('no stretch of entries');
  const within = (column: string): string =>
    `${column} >= ${from} AND ${column} < ${until} ORDER BY ${column}`;
  const rows = async <T>(select: string, read: (rows: CopiedRows) => T): Promise<T[]> => {
    const copied = await copyOut(connection, select);
    const all: T[] = [];
    while (copied.next()) all.push(read(copied));
    return all;
  };
  return {
    from,
    until,
    entries: await rows(
      `SELECT seq, at, digest, leaf FROM entries WHERE ${within('seq')}`,
      (row): EntryRow => ({
        seq: row.integer(),
        at: row.integer(),
        digest: row.base64url(),
        leaf: row.bytes(),
      }),
    ),
    facts: await rows(
      `SELECT seq, kind, payload, salt FROM facts WHERE ${within('seq')}`,
      (row): FactRow => ({ seq: row.integer(), kind: row.text(), payload: row.text(), salt: row.bytes() }),
    ),
    chain: await rows(
      `SELECT c.seq, c.unit, c.n, c.position, c.link, e.epc, b.link, b.seq
       FROM unit_chain c
       LEFT JOIN epcs e ON e.unit = c.unit
       LEFT JOIN unit_chain b ON b.unit = c.unit AND b.n = c.n - 1
       WHERE ${within('c.seq')}`,
      (row): ChainRow => ({
        seq: row.integer(),
        unit: row.integer(),
        n: row.integer(),
        position: row.integer(),
        link: row.bytes(),
        epc: row.text(),
        before: row.bytes(),
        beforeSeq: row.integer(),
      }),
    ),
    privates: await readPrivates(connection, from, until),
    tiles: await readTiles(connection, from, until),
  };
}

async function readPrivates(sql: Sql, from: number, until: number): Promise<Map<number, PrivateRow>> {
  const rows = await sql<PrivateRow[]>`
    SELECT seq, value, salt, hash FROM privates WHERE seq >= ${from} AND seq < ${until}`;
  return new Map(rows.map((row) => [row.seq, row]));
}

async function readTiles(sql: Sql, from: number, until: number): Promise<Map<number, Buffer>> {
  const tiles = [];
  for (let n = Math.floor(from / tileWidth); n * tileWidth < until; n++) tiles.push(n);
  const rows = await sql<{ n: number; hashes: Buffer }[]>`
    SELECT n, hashes FROM tiles
    WHERE level = 0 AND n = ANY (${arrayLiteral(tiles)}::bigint[]) AND hashes IS NOT NULL`;
  return new Map(rows.map(({ n, hashes }) => [n, hashes]));
}

/** Time and leaf hash of an entry; null when it is missing. */
export async function readEntry(
  sql: Sql,
  seq: number,
): Promise<{ readonly at: number; readonly leaf: Buffer } | null> {
  const [row] = await sql<{ at: number; leaf: Buffer }[]>`
    SELECT at, leaf FROM entries WHERE seq = ${seq}`;
  return row ?? null;
}
