/** What stands where. */
import type { Epc } from '../../../core/events/hop.ts';
import { positions } from '../../../core/events/hop.ts';
import { arrayLiteral } from '../../../database/array-literal.ts';
import type { Sql } from '../../../database/connection.ts';

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
