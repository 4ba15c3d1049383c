/** What things were made of, and what was made of them: transformed, cut, relabelled, and what parts and agents were put into. */
import { type Epc, type Position, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Beginnings, StandingOrders } from './standing-orders.ts';

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

/** Something that went into a making, and the lots among those asked about that came out of it. */
interface Input extends Row {
  readonly epc: Epc;
  readonly outputs: readonly number[];
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
 * entries, one behind the other: the end of the old code, and the new one that names it. One statement a generation, and
 * one more. A lot of powder goes into tens of thousands of extinguishers, and whoever asks about one of these would read
 * all that is told of it, and with each entry again: so a lot is no input where no order can be about it by itself, nor about
 * anything that it was made of. Nothing comes under an order by it.
 */
export async function loadLineage(
  sql: Sql,
  { beginnings }: Pick<StandingOrders, 'beginnings'>,
  asked: Numbers,
  until: number,
): Promise<Lineage> {
  const things = new Set(asked.things);
  const lots = new Set(asked.lots);
  const inputs = new Map<number, number[]>();
  const madeBy = new Map<number, number[]>();
  const epcs = new Map<number, Epc>();
  for (let fresh = [...things, ...lots]; fresh.length > 0; ) {
    const rows = await sql<Input[]>`
      SELECT made.seq, made.outputs, i.unit, e.epc, e.epc LIKE '01/______________/10/%' AS lot FROM (
        SELECT h.seq, h.hop, h.note, CASE h.hop WHEN 'relabel' THEN h.target ELSE h.seq END AS source,
          coalesce(array_agg(DISTINCT asked.unit) FILTER (WHERE asked.unit = ANY (${arrayLiteral([...lots])}::bigint[])), '{}') AS outputs
        FROM unnest(${arrayLiteral(fresh)}::bigint[]) AS asked (unit)
        JOIN unit_chain c ON c.unit = asked.unit AND c.seq < ${until} AND c.position <> ${positions.indexOf('child')}
        JOIN hops h ON h.seq = c.seq
        WHERE (h.hop IN ('transform', 'split') AND ${isAt(sql, 'c', 'output')})
          OR (h.hop = 'relabel' AND h.target = h.seq - 1)
          OR (h.note = 'parts' AND ${isAt(sql, 'c', 'parent')})
        GROUP BY h.seq) made
      JOIN hops s ON s.seq = made.source AND s.hop = made.hop
      CROSS JOIN LATERAL (SELECT unit, seq, position FROM unit_chain WHERE seq = made.source OFFSET 0) i
      JOIN epcs e ON e.unit = i.unit AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')
      WHERE CASE WHEN made.hop = 'relabel' THEN TRUE WHEN made.note = 'parts' THEN ${isAt(sql, 'i', 'child')}
        ELSE ${isAt(sql, 'i', 'input')} END
      ORDER BY made.seq, i.unit`;
    fresh = [];
    const told = new Set(inputs.keys());
    for (const { seq, outputs, unit, epc, lot } of rows) {
      for (const output of outputs) append(madeBy, output, seq);
      if (told.has(seq)) continue;
      append(inputs, seq, unit);
      if (lot) epcs.set(unit, epc);
      const all = lot ? lots : things;
      if (all.has(unit)) continue;
      all.add(unit);
      fresh.push(unit);
    }
  }
  if (epcs.size === 0) return { things, lots, inputs };
  const kept = new Set([...things, ...(await lotsUnder(sql, beginnings(until), epcs, until))]);
  for (let before = -1; before < kept.size; ) {
    before = kept.size;
    for (const [lot, makings] of madeBy)
      if (makings.some((making) => inputs.get(making)?.some((it) => it !== lot && kept.has(it))))
        kept.add(lot);
  }
  return {
    things,
    lots: new Set([...lots].filter((lot) => asked.lots.has(lot) || kept.has(lot))),
    inputs: new Map([...inputs].map(([making, all]) => [making, all.filter((it) => kept.has(it))])),
  };
}

/** Those of some lots that orders may be about by themselves, as far as names tell. One statement, or none. */
async function lotsUnder(
  sql: Sql,
  { lots, parties, places }: Beginnings,
  epcs: ReadonlyMap<number, Epc>,
  until: number,
): Promise<number[]> {
  const named = [...epcs].flatMap(([unit, epc]) => (lots.has(epc) ? [unit] : []));
  const others = [...epcs].flatMap(([unit, epc]) => (lots.has(epc) ? [] : [unit]));
  if (others.length === 0 || parties.size + places.size === 0) return named;
  const [asked, at] = [arrayLiteral([...parties]), arrayLiteral([...places])];
  const rows = await sql<{ unit: number }[]>`
    SELECT asked.unit FROM unnest(${arrayLiteral(others)}::bigint[]) AS asked (unit)
    WHERE EXISTS (
      SELECT FROM unit_chain c JOIN hops h ON h.seq = c.seq WHERE c.unit = asked.unit AND c.seq < ${until}
        AND (h.recorder = ANY (${asked}::text[]) OR h.giver = ANY (${asked}::text[]) OR h.taker = ANY (${asked}::text[])
          OR h.place = ANY (${at}::text[]) OR h.to_place = ANY (${at}::text[])))`;
  return [...named, ...rows.map(({ unit }) => unit)];
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
