/** What stands where, and what was put into it. */
import type { Epc } from '../../../core/events/hop.ts';
import { positions } from '../../../core/events/hop.ts';
import { append } from '../../../core/grouping.ts';
import { arrayLiteral } from '../../../database/array-literal.ts';
import type { Sql } from '../../../database/connection.ts';

/** A part or agent, with how much of it where it is dealt by measure. */
export interface PartUsed {
  readonly epc: Epc;
  /** Millionths of `uom`. */
  readonly amount: bigint | null;
  readonly uom: string | null;
}

/** What was put into things, by the entries that say so. One statement. */
export async function partsUsed(sql: Sql, seqs: Iterable<number>): Promise<Map<number, PartUsed[]>> {
  const list = [...new Set(seqs)];
  const found = new Map<number, PartUsed[]>();
  if (list.length === 0) return found;
  const rows = await sql<(Omit<PartUsed, 'amount'> & { seq: number; amount: string | null })[]>`
    SELECT asked.seq, e.epc, q.amount::text AS amount, q.uom
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (seq)
    CROSS JOIN LATERAL (SELECT unit, position FROM unit_chain WHERE seq = asked.seq OFFSET 0) c
    JOIN epcs e ON e.unit = c.unit LEFT JOIN quantities q ON q.unit = c.unit AND q.seq = asked.seq
    WHERE c.position = ${positions.indexOf('child')} ORDER BY asked.seq, e.epc`;
  for (const { seq, epc, amount, uom } of rows)
    append(found, seq, { epc, amount: amount === null ? null : BigInt(amount), uom });
  return found;
}

/** Whatever was ever installed at some places, by their internal numbers; at most `limit`. One statement. */
export async function everInstalled(
  sql: Sql,
  places: readonly number[],
  before: number,
  limit: number,
): Promise<{ readonly unit: number; readonly epc: Epc }[]> {
  if (places.length === 0) return [];
  // OFFSET 0 keeps the lookup by seq, which is cheap in insertion order, from becoming a join over all rows.
  return sql<{ unit: number; epc: Epc }[]>`
    SELECT DISTINCT c.unit, e.epc
    FROM unnest(${arrayLiteral(places)}::bigint[]) AS asked (unit)
    JOIN unit_chain p ON p.unit = asked.unit AND p.position = ${positions.indexOf('parent')} AND p.seq < ${before}
    JOIN hops h ON h.seq = p.seq AND h.hop IN ('install', 'replace')
    CROSS JOIN LATERAL (SELECT unit, position FROM unit_chain WHERE seq = p.seq OFFSET 0) c
    JOIN epcs e ON e.unit = c.unit
    WHERE c.position = ${positions.indexOf('child')}
    ORDER BY c.unit LIMIT ${limit}`;
}
