/** What things were made of, and what was made of them: transformed, cut, relabelled, and what parts and agents were put into. */
import { type Position, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Internal numbers of units and containers, and of lots, that a step looks at or asks about. */
export interface Numbers {
  readonly things: ReadonlySet<number>;
  readonly lots: ReadonlySet<number>;
}

export interface Lineage extends Numbers {
  /** What went into the makings of all of them, by entry. */
  readonly inputs: ReadonlyMap<number, readonly number[]>;
}

interface Row {
  readonly seq: number;
  readonly unit: number;
  readonly lot: boolean;
}

/** That a row of a chain, or its beginning, is on one side of a making: of what was put in, or of what that was put into. */
export const isAt = (
  sql: Sql,
  link: 'c' | 'i' | 'o',
  position: Extract<Position, 'input' | 'output' | 'child' | 'parent'>,
) => {
  const [alias, index] = [sql(link), positions.indexOf(position)];
  // A lot may stand on both sides; the chain keeps the first.
  return sql`(${alias}.position = ${index} OR EXISTS (
    SELECT FROM quantities q WHERE q.unit = ${alias}.unit AND q.seq = ${alias}.seq AND q.position = ${index}))`;
};

/**
 * Numbers with whatever they were made of, and of what that was, by the entries below `until`. A relabelling is two
 * entries, one behind the other: the end of the old code, and the new one that names it. One statement a generation.
 */
export async function loadLineage(sql: Sql, asked: Numbers, until: number): Promise<Lineage> {
  const things = new Set(asked.things);
  const lots = new Set(asked.lots);
  const inputs = new Map<number, number[]>();
  for (let fresh = [...things, ...lots]; fresh.length > 0; ) {
    const rows = await sql<Row[]>`
      SELECT made.seq, i.unit, e.epc LIKE '01/______________/10/%' AS lot FROM (
        SELECT DISTINCT h.seq, h.hop, h.note, CASE h.hop WHEN 'relabel' THEN h.target ELSE h.seq END AS source
        FROM unnest(${arrayLiteral(fresh)}::bigint[]) AS asked (unit)
        JOIN unit_chain c ON c.unit = asked.unit AND c.seq < ${until}
        JOIN hops h ON h.seq = c.seq
        WHERE (h.hop IN ('transform', 'split') AND ${isAt(sql, 'c', 'output')})
          OR (h.hop = 'relabel' AND h.target = h.seq - 1)
          OR (h.note = 'parts' AND ${isAt(sql, 'c', 'parent')})) made
      JOIN hops s ON s.seq = made.source AND s.hop = made.hop
      CROSS JOIN LATERAL (SELECT unit, seq, position FROM unit_chain WHERE seq = made.source OFFSET 0) i
      JOIN epcs e ON e.unit = i.unit AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')
      WHERE CASE WHEN made.hop = 'relabel' THEN TRUE WHEN made.note = 'parts' THEN ${isAt(sql, 'i', 'child')}
        ELSE ${isAt(sql, 'i', 'input')} END
      ORDER BY made.seq, i.unit`;
    fresh = [];
    const told = new Set(inputs.keys());
    for (const { seq, unit, lot } of rows) {
      if (told.has(seq)) continue;
      append(inputs, seq, unit);
      const all = lot ? lots : things;
      if (all.has(unit)) continue;
      all.add(unit);
      fresh.push(unit);
    }
  }
  return { things, lots, inputs };
}

/** Something that came out of a making, or that things were put into by it. */
export interface Output extends Row {}

/** What came out of makings, by their entries. One statement. */
export const loadOutputs = (sql: Sql, makings: Iterable<number>): Promise<readonly Output[]> =>
  sql<Output[]>`
    SELECT h.seq, c.unit, e.epc LIKE '01/______________/10/%' AS lot
    FROM unnest(${arrayLiteral([...makings])}::bigint[]) AS asked (seq) JOIN hops h USING (seq)
    CROSS JOIN LATERAL (SELECT unit, seq, position FROM unit_chain WHERE seq = h.seq OFFSET 0) c
    JOIN epcs e ON e.unit = c.unit AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')
    WHERE (h.hop IN ('transform', 'split') AND ${isAt(sql, 'c', 'output')})
      OR (h.hop = 'relabel' AND h.target = h.seq - 1)
      OR (h.note = 'parts' AND ${isAt(sql, 'c', 'parent')})
    ORDER BY h.seq, c.unit`;
