/**
 * Checks one stretch of the log against its own bytes: every entry, fact, digest, leaf hash, salted list and
 * unit-chain link is derived again from what is stored. Stretches are independent given the leaf hash before
 * them, so several may be checked at once.
 */
import { parseFact } from '../core/log/fact.ts';
import { type Hash, tileRoot, tileWidth } from '../core/log/merkle.ts';
import { onConnection, planIndexByIndex, type Sql } from '../database/connection.ts';
import { checkChain } from './audit-chain.ts';
import { checkEntry, type EntryBefore } from './audit-entry.ts';
import { type AuditRows, readAuditRows, readEntry } from './audit-rows.ts';
import { Differs, type Mismatch } from './mismatch.ts';
import { splitHashes } from './tiles.ts';

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
  /** Entries of the stretch whose personal data is gone, and those whose entries of the kind `erasure` took it away. */
  readonly gone: readonly number[];
  readonly erasures: readonly Erasure[];
  readonly mismatch: Mismatch | null;
}

/** Entry `seq` says that the personal data of entry `erased` is gone. */
export interface Erasure {
  readonly seq: number;
  readonly erased: number;
}

/** Entries read at a time: a multiple of the tile width. */
const chunk = tileWidth * 3;

/** Checks entries `from` ≤ seq < `until`; `from` is a multiple of 256. */
export async function auditRange(
  sql: Sql,
  range: { readonly from: number; readonly until: number; readonly genesisPrev: Uint8Array },
  progress: (entries: number) => void = () => {},
): Promise<RangeAudit> {
  if (range.from % tileWidth !== 0) throw new Error('a stretch begins at a tile');
  return onConnection(sql, async (connection) => {
    // It holds no lock, and what is read takes as long to check as the machine lets it.
    await connection.unsafe('BEGIN READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0').simple();
    await planIndexByIndex(connection);
    const audited = await auditOn(connection, range, progress);
    await connection`COMMIT`;
    return audited;
  });
}

async function auditOn(
  connection: Sql,
  range: { readonly from: number; readonly until: number; readonly genesisPrev: Uint8Array },
  progress: (entries: number) => void,
): Promise<RangeAudit> {
  const tileRoots: Hash[] = [];
  let tail: Hash = Buffer.alloc(0);
  let last: EntryBefore | null = null;
  let bytes = 0;
  let newUnits = 0;
  const gone: number[] = [];
  const erasures: Erasure[] = [];
  let next = range.from;
  const result = (mismatch: Mismatch | null): RangeAudit => ({
    entries: next - range.from,
    bytes,
    tileRoots,
    tail: splitHashes(tail),
    last,
    newUnits,
    gone,
    erasures,
    mismatch,
  });
  const read = (from: number): Promise<AuditRows> =>
    readAuditRows(connection, from, Math.min(from + chunk, range.until));
  try {
    last =
      range.from === 0
        ? { at: 0, leaf: Buffer.from(range.genesisPrev) }
        : await readEntry(connection, range.from - 1);
    let ahead = next < range.until ? read(next) : null;
    while (ahead !== null) {
      const rows: AuditRows = await ahead;
      // What comes next is read while this is checked.
      ahead = rows.until < range.until ? read(rows.until) : null;
      ahead?.catch(() => {});
      const checked = checkEntries(rows, last);
      bytes += checked.bytes;
      for (const { seq, value } of rows.privates.values()) if (value === null) gone.push(seq);
      for (const { seq, kind, payload } of rows.facts)
        if (kind === 'erasure' && payload !== null) erasures.push(...erasedBy(seq, payload));
      newUnits += checkChain(rows, checked.named, checked.leaves);
      tileRoots.push(...checkTiles(rows, checked.leaves));
      const whole = checked.leaves.length - (checked.leaves.length % (tileWidth * hashBytes));
      tail = checked.leaves.subarray(whole);
      last = checked.last;
      progress(rows.until - next);
      next = rows.until;
    }
    return result(null);
  } catch (error) {
    if (error instanceof Differs) return result(error.mismatch);
    throw error;
  }
}

const hashBytes = 32;

/** What a fact that was checked before, of the kind `erasure`, took away. */
export function erasedBy(seq: number, payload: string): Erasure[] {
  const fact = parseFact(payload);
  if (fact.kind !== 'erasure') throw new Error(`fact ${seq} is no erasure`);
  return fact.entries.map((erased) => ({ seq, erased }));
}

/** Every entry with its fact, in order; answers with their leaf hashes, one after the other. */
function checkEntries({ from, until, entries, facts, privates }: AuditRows, before: EntryBefore | null) {
  const leaves = Buffer.alloc((until - from) * hashBytes);
  const named = [];
  let last = before;
  let bytes = 0;
  let fact = 0;
  for (let seq = from; seq < until; seq++) {
    const row = entries[seq - from];
    if (row?.seq !== seq)
      throw row !== undefined && row.seq < seq
        ? new Differs('entries', row.seq, { zh: '条目重复', en: 'an entry stands twice' })
        : new Differs('entries', seq, { zh: `条目 ${seq} 缺失`, en: `entry ${seq} is missing` });
    const own = facts[fact];
    if (own !== undefined && own.seq < seq)
      throw new Differs('facts', own.seq, {
        zh: `条目 ${own.seq} 的内容重复`,
        en: `the fact of entry ${own.seq} stands twice`,
      });
    if (own?.seq === seq) fact++;
    const checked = checkEntry(row, own?.seq === seq ? own : null, last, privates.get(seq) ?? null);
    named.push(checked.named);
    last = checked.entry;
    leaves.set(checked.entry.leaf, (seq - from) * hashBytes);
    bytes += (own?.payload?.length ?? 0) + 32 * 3 + 16;
  }
  if (entries.length !== until - from)
    throw new Differs('entries', until - 1, { zh: '条目重复', en: 'an entry stands twice' });
  if (facts.length !== until - from)
    throw new Differs('facts', until - 1, { zh: '条目的内容重复', en: 'a fact stands twice' });
  return { leaves, named, last, bytes };
}

/** The full tiles of level 0 hold the leaf hashes of their entries; answers with their roots. */
function checkTiles({ from, tiles }: AuditRows, leaves: Buffer): Hash[] {
  const roots: Hash[] = [];
  const width = tileWidth * hashBytes;
  for (let at = 0; at + width <= leaves.length; at += width) {
    const full = leaves.subarray(at, at + width);
    const n = from / tileWidth + roots.length;
    const stored = tiles.get(n);
    if (stored === undefined)
      throw new Differs('tiles', n * tileWidth, { zh: `分块 0/${n} 缺失`, en: `tile 0/${n} is missing` });
    if (!stored.equals(full))
      throw new Differs('tiles', n * tileWidth, {
        zh: `分块 0/${n} 所存不是其条目的叶哈希`,
        en: `tile 0/${n} does not hold the leaf hashes of its entries`,
      });
    roots.push(tileRoot(splitHashes(full)));
  }
  return roots;
}
