/**
 * Checks one stretch of the log against its own bytes: every entry, fact, digest, leaf hash, salted list and
 * unit-chain link is derived again from what is stored. Stretches are independent given the leaf hash before
 * them, so several may be checked at once.
 */
import { commitTo, disclosePrivate } from '../core/digest.ts';
import { base64url, entryLeaf } from '../core/entry.ts';
import { type Fact, factJson, type Named, namedIdentifiers, parseFact } from '../core/fact.ts';
import { type Hash, tileRoot, tileWidth } from '../core/merkle.ts';
import { firstLink, nextLink } from '../core/unit-chain.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';

/** The first thing that does not fit. */
export interface Mismatch {
  /** Table, and the entry where there is one. */
  readonly table: string;
  readonly seq: number | null;
  /** A sentence that names the column and what differs. */
  readonly what: string;
}

export interface RangeAudit {
  readonly entries: number;
  readonly bytes: number;
  /** Roots of the full tiles of level 0 in the stretch, then the leaves of the last partial tile. */
  readonly tileRoots: readonly Hash[];
  readonly tail: readonly Hash[];
  /** Time and leaf hash of the last entry. */
  readonly last: { readonly at: number; readonly leaf: Hash } | null;
  /** Internal numbers first used in the stretch. */
  readonly newUnits: number;
  readonly mismatch: Mismatch | null;
}

interface StoredRow {
  readonly seq: number;
  readonly at: number;
  readonly digest: Buffer;
  readonly leaf: Buffer;
  readonly kind: string | null;
  readonly payload: string | null;
  readonly salt: Buffer | null;
}

const chunk = 2_048;

class Differs extends Error {
  readonly mismatch: Mismatch;
  constructor(table: string, seq: number | null, what: string) {
    super(what);
    this.mismatch = { table, seq, what };
  }
}

/** Checks entries `from` ≤ seq < `until`; `from` is a multiple of 256. */
export async function auditRange(
  sql: Sql,
  range: { readonly from: number; readonly until: number; readonly genesisPrev: Uint8Array },
  progress: (entries: number) => void = () => {},
): Promise<RangeAudit> {
  if (range.from % tileWidth !== 0) throw new Error('a stretch begins at a tile');
  const tileRoots: Hash[] = [];
  let pending: Hash[] = [];
  let last: { at: number; leaf: Hash } | null = null;
  let bytes = 0;
  let newUnits = 0;
  let next = range.from;
  const result = (mismatch: Mismatch | null): RangeAudit => ({
    entries: next - range.from,
    bytes,
    tileRoots,
    tail: pending,
    last,
    newUnits,
    mismatch,
  });
  try {
    last = range.from === 0 ? { at: 0, leaf: range.genesisPrev } : await entryBefore(sql, range.from);
    while (next < range.until) {
      const until = Math.min(next + chunk, range.until);
      const [rows, privates, chain, tiles] = await Promise.all([
        readRows(sql, next, until),
        readPrivates(sql, next, until),
        readChain(sql, next, until),
        readTiles(sql, next, until),
      ]);
      const named: Named[][] = [];
      const leaves: Hash[] = [];
      for (let seq = next; seq < until; seq++) {
        const row = rows[seq - next];
        if (row === undefined || row.seq !== seq)
          throw new Differs('entries', seq, `entry ${seq} is missing`);
        named.push(checkEntry(row, last, privates.get(seq) ?? null));
        bytes += (row.payload?.length ?? 0) + 32 * 3 + 16;
        last = { at: row.at, leaf: row.leaf };
        leaves.push(row.leaf);
      }
      if (rows.length !== until - next) throw new Differs('entries', next, 'an entry stands twice');
      newUnits += checkChain(next, named, leaves, chain);
      pending = [...pending, ...leaves];
      while (pending.length >= tileWidth) {
        const full = pending.slice(0, tileWidth);
        pending = pending.slice(tileWidth);
        const n = range.from / tileWidth + tileRoots.length;
        const stored = tiles.get(n);
        if (stored === undefined) throw new Differs('tiles', n * tileWidth, `tile 0/${n} is missing`);
        if (!stored.equals(Buffer.concat(full)))
          throw new Differs(
            'tiles',
            n * tileWidth,
            `tile 0/${n} does not hold the leaf hashes of its entries`,
          );
        tileRoots.push(tileRoot(full));
      }
      progress(until - next);
      next = until;
    }
    return result(null);
  } catch (error) {
    if (error instanceof Differs) return result(error.mismatch);
    throw error;
  }
}

/** An entry and its fact against each other; answers with the identifiers the fact names. */
function checkEntry(
  row: StoredRow,
  before: { at: number; leaf: Uint8Array } | null,
  personal: PrivateRow | null,
): Named[] {
  const { seq } = row;
  if (before === null) throw new Differs('entries', seq - 1, `entry ${seq - 1} is missing`);
  if (row.at < before.at)
    throw new Differs('entries', seq, `at of entry ${seq} lies before that of the entry before`);
  if (row.payload === null || row.salt === null || row.kind === null)
    throw new Differs('facts', seq, `the fact of entry ${seq} is missing`);
  const fact = readFact(row.payload, seq);
  if (fact.kind !== row.kind)
    throw new Differs('facts', seq, `kind of fact ${seq} is not what its payload says`);
  const { payload, digest } = preparedOf(fact, row.salt, personal, seq);
  if (payload !== row.payload)
    throw new Differs('facts', seq, `payload of fact ${seq} is not canonical JSON`);
  if (!digest.equals(row.digest))
    throw new Differs(
      'facts',
      seq,
      `payload, salt or private hash of fact ${seq} does not give the digest of entry ${seq}, or that digest was changed`,
    );
  const leaf = entryLeaf({ seq, at: row.at, digest: row.digest, prev: before.leaf });
  if (!leaf.equals(row.leaf))
    throw new Differs(
      'entries',
      seq,
      `at, digest or leaf of entry ${seq} was changed, or the leaf of entry ${seq - 1}: its bytes hash to ${base64url(leaf)}`,
    );
  return namedIdentifiers(fact);
}

function readFact(payload: string, seq: number): Fact {
  try {
    return parseFact(payload);
  } catch {
    throw new Differs('facts', seq, `payload of fact ${seq} is not canonical JSON`);
  }
}

/** Canonical text and digest of a stored fact; of erased personal data only the hash is left to go by. */
function preparedOf(
  fact: Fact,
  salt: Uint8Array,
  personal: PrivateRow | null,
  seq: number,
): { readonly payload: string; readonly digest: Buffer } {
  try {
    if (personal !== null && personal.value !== null && personal.salt !== null) {
      const again = disclosePrivate({ value: JSON.parse(personal.value), salt: personal.salt });
      if (!again.hash.equals(personal.hash))
        throw new Differs('privates', seq, `value or salt of private ${seq} does not give its hash`);
    }
    return commitTo(factJson(fact), salt, personal?.hash ?? null);
  } catch (error) {
    if (error instanceof Differs) throw error;
    throw new Differs('facts', seq, `fact ${seq} cannot be read: ${String(error)}`);
  }
}

/** The chain rows of a stretch: exactly one for each identifier a fact names, each link the right one. */
function checkChain(
  from: number,
  named: readonly (readonly Named[])[],
  leaves: readonly Hash[],
  rows: readonly ChainRow[],
): number {
  const bySeq = new Map<number, Map<string, ChainRow>>();
  for (const row of rows) {
    if (row.epc === null)
      throw new Differs(
        'epcs',
        row.seq,
        `number ${row.unit}, which entry ${row.seq} links, has no identifier`,
      );
    const list = bySeq.get(row.seq) ?? new Map<string, ChainRow>();
    list.set(row.epc, row);
    bySeq.set(row.seq, list);
  }
  const ends = new Map<number, { n: number; link: Uint8Array }>();
  let newUnits = 0;
  named.forEach((list, i) => {
    const seq = from + i;
    const found = bySeq.get(seq) ?? new Map<string, ChainRow>();
    if (found.size !== list.length)
      throw new Differs(
        'unit_chain',
        seq,
        `entry ${seq} names ${list.length} identifiers and has ${found.size} links`,
      );
    for (const { epc, position } of list) {
      const row = found.get(epc);
      if (row === undefined) throw new Differs('unit_chain', seq, `entry ${seq} has no link for ${epc}`);
      const known = ends.get(row.unit);
      const end = known ?? { n: row.n - 1, link: row.n === 1 ? firstLink(epc) : row.before };
      if (end.link === null)
        throw new Differs('unit_chain', seq, `link ${row.n - 1} of ${epc}, before entry ${seq}, is missing`);
      if (row.n !== end.n + 1)
        throw new Differs(
          'unit_chain',
          seq,
          `link of ${epc} at entry ${seq} is numbered ${row.n}, not ${end.n + 1}`,
        );
      if (known === undefined && row.beforeSeq !== null && row.beforeSeq >= seq)
        throw new Differs('unit_chain', seq, `links of ${epc} are out of order at entry ${seq}`);
      if (row.position !== position)
        throw new Differs(
          'unit_chain',
          seq,
          `position of ${epc} at entry ${seq} is ${row.position}, not ${position}`,
        );
      const leaf = leaves[i];
      if (leaf === undefined) throw new Error(`no leaf for entry ${seq}`);
      const link = nextLink(end.link, leaf);
      if (!link.equals(row.link))
        throw new Differs(
          'unit_chain',
          seq,
          `link ${row.n} of ${epc}, at entry ${seq}, is not the hash of what it chains`,
        );
      ends.set(row.unit, { n: row.n, link });
      if (row.n === 1) newUnits++;
    }
  });
  return newUnits;
}

interface ChainRow {
  readonly unit: number;
  readonly seq: number;
  readonly n: number;
  readonly position: number;
  readonly link: Buffer;
  readonly epc: string | null;
  readonly before: Buffer | null;
  readonly beforeSeq: number | null;
}

interface PrivateRow {
  readonly seq: number;
  readonly value: string | null;
  readonly salt: Buffer | null;
  readonly hash: Buffer;
}

async function entryBefore(sql: Sql, seq: number): Promise<{ at: number; leaf: Hash } | null> {
  const [row] = await sql<
    { at: number; leaf: Buffer }[]
  >`SELECT at, leaf FROM entries WHERE seq = ${seq - 1}`;
  return row ?? null;
}

const readRows = (sql: Sql, from: number, until: number): Promise<StoredRow[]> => sql<StoredRow[]>`
  SELECT e.seq, e.at, e.digest, e.leaf, f.kind, f.payload, f.salt
  FROM entries e LEFT JOIN facts f ON f.seq = e.seq
  WHERE e.seq >= ${from} AND e.seq < ${until} ORDER BY e.seq`;

async function readPrivates(sql: Sql, from: number, until: number): Promise<Map<number, PrivateRow>> {
  const rows = await sql<PrivateRow[]>`
    SELECT seq, value, salt, hash FROM privates WHERE seq >= ${from} AND seq < ${until}`;
  return new Map(rows.map((row) => [row.seq, row]));
}

const readChain = (sql: Sql, from: number, until: number): Promise<ChainRow[]> => sql<ChainRow[]>`
  SELECT c.unit, c.seq, c.n, c.position, c.link, e.epc, b.link AS before, b.seq AS "beforeSeq"
  FROM unit_chain c
  LEFT JOIN epcs e ON e.unit = c.unit
  LEFT JOIN unit_chain b ON b.unit = c.unit AND b.n = c.n - 1
  WHERE c.seq >= ${from} AND c.seq < ${until}`;

async function readTiles(sql: Sql, from: number, until: number): Promise<Map<number, Buffer>> {
  const tiles = [];
  for (let n = Math.floor(from / tileWidth); n * tileWidth < until; n++) tiles.push(n);
  const rows = await sql<{ n: number; hashes: Buffer }[]>`
    SELECT n, hashes FROM tiles WHERE level = 0 AND n = ANY (${arrayLiteral(tiles)}::bigint[])`;
  return new Map(rows.map(({ n, hashes }) => [n, hashes]));
}
