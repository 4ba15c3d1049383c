/** What a verification reads, each for any number of codes in one statement. */

import type { Epc } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Issued } from '../events/context.ts';

/** Scans of one thing that are counted; a thing looked at from more devices is "at least" so often. */
const scansCountedMax = 1000;

/** A log entry that shows something. */
export interface Entry {
  readonly seq: number;
  readonly leaf: Buffer;
}

/** When the code was entered, ms since the epoch. */
interface IssuedAt {
  readonly issuedAt: number;
}

/** A thing that the log names. */
export interface Found {
  readonly unit: number;
  /** The last entry that names it, and how many do. */
  readonly last: Entry;
  readonly entries: number;
  readonly issued: (Issued & Entry & IssuedAt) | null;
  /**
   * Devices of the public that looked at it before, other than the one that asks; a device counts once a day. Forged
   * codes with its number are not its own.
   */
  readonly scans: { readonly count: number; readonly firstAt: number | null };
}

export interface AskedThing {
  readonly epc: Epc;
  /** Of `Scans.deviceOf`, for the present visit. */
  readonly device: Buffer;
}

interface FoundRow {
  readonly i: number;
  readonly unit: number;
  readonly lastSeq: number;
  readonly lastLeaf: Buffer;
  readonly entries: number;
  readonly seq: number | null;
  readonly leaf: Buffer | null;
  readonly issuedAt: number | null;
  readonly batch: string;
  readonly kid: string;
  readonly gtin: string | null;
  readonly lot: Epc | null;
  readonly lotUnit: number | null;
  readonly issuer: Issued['issuer'];
  readonly scans: number;
  readonly firstAt: number | null;
}

/** What the log knows of each thing, in the order asked; null where no entry names it. One statement. */
export async function findThings(sql: Sql, asked: readonly AskedThing[]): Promise<(Found | null)[]> {
  const found: (Found | null)[] = asked.map(() => null);
  if (asked.length === 0) return found;
  const rows = await sql<FoundRow[]>`
    SELECT a.i::int - 1 AS i, e.unit, last.seq AS "lastSeq", le.leaf AS "lastLeaf", last.n AS entries,
      i.seq, ie.leaf, ie.at AS "issuedAt", i.batch, i.kid, i.gtin, i.lot, l.unit AS "lotUnit", o.party AS issuer,
      s.count AS scans, s.first AS "firstAt"
    FROM unnest(${arrayLiteral(asked.map(({ epc }) => epc))}::text[],
      ${arrayLiteral(asked.map(({ device }) => device))}::bytea[]) WITH ORDINALITY AS a (epc, device, i)
    JOIN epcs e ON e.epc = a.epc
    CROSS JOIN LATERAL (SELECT seq, n FROM unit_chain WHERE unit = e.unit ORDER BY n DESC LIMIT 1) last
    JOIN entries le ON le.seq = last.seq
    LEFT JOIN LATERAL (
      SELECT * FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i ON i.last_unit >= e.unit
    LEFT JOIN entries ie ON ie.seq = i.seq
    LEFT JOIN epcs l ON l.epc = i.lot
    LEFT JOIN owners o ON o.identifier = 'gtin:' || i.gtin
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, min(at) AS first FROM (
        SELECT at FROM scans
        WHERE unit = e.unit AND NOT robot AND NOT own AND verdict <> 'forged' AND device <> a.device
        ORDER BY device LIMIT ${scansCountedMax}) counted) s`;
  for (const row of rows) found[row.i] = foundOf(row);
  return found;
}

function foundOf(row: FoundRow): Found {
  const { unit, lastSeq, lastLeaf, entries, seq, leaf, issuedAt, batch, kid, gtin, lot, lotUnit, issuer } =
    row;
  return {
    unit,
    last: { seq: lastSeq, leaf: lastLeaf },
    entries,
    issued:
      seq === null || leaf === null || issuedAt === null
        ? null
        : { seq, leaf, issuedAt, batch, kid, gtin, lot, lotUnit, issuer },
    scans: { count: row.scans, firstAt: row.firstAt },
  };
}

/** A lot of which units were issued: the first of those issues. */
export interface IssuedLot extends Entry, IssuedAt {
  readonly batch: string;
  readonly kid: string;
  readonly gtin: string | null;
  readonly issuer: Issued['issuer'];
}

/** The lots among these of which units were issued. One statement. */
export async function issuedLots(sql: Sql, lots: readonly Epc[]): Promise<Map<Epc, IssuedLot>> {
  if (lots.length === 0) return new Map();
  const rows = await sql<(IssuedLot & { lot: Epc })[]>`
    SELECT a.lot, i.seq, e.leaf, e.at AS "issuedAt", i.batch, i.kid, i.gtin, o.party AS issuer
    FROM unnest(${arrayLiteral([...new Set(lots)])}::text[]) AS a (lot)
    CROSS JOIN LATERAL (SELECT * FROM issues WHERE lot = a.lot ORDER BY first_unit LIMIT 1) i
    JOIN entries e ON e.seq = i.seq
    LEFT JOIN owners o ON o.identifier = 'gtin:' || i.gtin`;
  return new Map(rows.map(({ lot, ...issued }) => [lot, issued]));
}
