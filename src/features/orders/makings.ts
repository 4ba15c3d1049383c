/** What was made of the things on an order's roll: transformed, split, relabelled, and what they were put into. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Fragment, Sql } from '../../database/connection.ts';
import { isAt } from '../findings/lineage.ts';
import type { EnrolDeps } from './enrolment.ts';
import { type Fitting, stillIn } from './fittings.ts';

/** A thing on a roll, or a part of one. */
export interface Input {
  readonly unit: number;
  readonly level: number;
  readonly holder: string | null;
}

/**
 * An order, and whether it asks through whose hands goods went: then what was made of a lot is under it only where those
 * made it who have or had that of the lot that is, as findings have it (core/orders/descent.ts). Of what is itself made of
 * goods under the order all is.
 */
export interface Asking {
  readonly seq: number;
  readonly byHands: boolean;
}

const lotLike = '01/______________/10/%';

/**
 * What was made of things, as the entries before `before` tell, and is not on the order's roll yet or leaves it: by the
 * entries that say so. A relabelling is two entries, one behind the other: the end of the old code, and the new one that
 * names it.
 */
export async function madeOf(
  deps: EnrolDeps,
  { seq: order, byHands }: Asking,
  things: readonly Input[],
  { before, leaving = [] }: { readonly before: number; readonly leaving?: readonly number[] },
): Promise<Map<number, ReadonlySet<number>>> {
  if (things.length === 0) return new Map();
  const { sql } = deps;
  const column = (cell: (thing: Input) => number | string | null): string => arrayLiteral(things.map(cell));
  const makings = await sql<Fitting[]>`
    SELECT DISTINCT o.unit, made.seq, i.unit AS of, h.note = 'parts' IS TRUE AS fitted
    FROM unnest(${column((it) => it.unit)}::bigint[], ${column((it) => it.level)}::int[],
      ${column((it) => it.holder)}::text[]) AS asked (unit, level, holder)
    JOIN epcs e ON e.unit = asked.unit
    JOIN unit_chain i ON i.unit = asked.unit AND i.seq < ${before}
    JOIN hops h ON h.seq = i.seq AND (h.hop IN ('transform', 'split', 'relabel') OR h.note = 'parts')
    JOIN hops made ON made.seq = CASE h.hop WHEN 'relabel' THEN h.seq + 1 ELSE h.seq END
      AND made.seq < ${before} AND (h.hop <> 'relabel' OR made.target = h.seq)
    CROSS JOIN LATERAL (SELECT unit, seq, position FROM unit_chain WHERE seq = made.seq OFFSET 0) o
    WHERE ${isMade(sql, sql`h`)} AND o.unit <> i.unit
      AND (NOT ${byHands} OR asked.level > 0 OR e.epc NOT LIKE ${lotLike} OR asked.holder = made.recorder)
      AND (o.unit = ANY (${arrayLiteral(leaving)}::bigint[])
        OR NOT EXISTS (SELECT FROM order_things t WHERE t.seq = ${order} AND t.unit = o.unit))`;
  return entriesByUnit(await stillIn(deps, makings, before));
}

/**
 * By which entries before `before` things on the order's roll were made of others on it, apart from those that leave it:
 * the other way round.
 */
export async function makingsOf(
  deps: EnrolDeps,
  { seq: order, byHands }: Asking,
  things: readonly number[],
  { before, leaving }: { readonly before: number; readonly leaving: readonly number[] },
): Promise<Map<number, ReadonlySet<number>>> {
  if (things.length === 0) return new Map();
  const { sql } = deps;
  const makings = await sql<Fitting[]>`
    SELECT DISTINCT o.unit, o.seq, i.unit AS of, made.note = 'parts' IS TRUE AS fitted FROM unnest(${arrayLiteral(things)}::bigint[]) AS asked (unit)
    JOIN unit_chain o ON o.unit = asked.unit AND o.seq < ${before}
    JOIN hops made ON made.seq = o.seq AND (made.hop IN ('transform', 'split', 'relabel') OR made.note = 'parts')
    CROSS JOIN LATERAL (
      SELECT unit, seq, position FROM unit_chain
      WHERE seq = CASE made.hop WHEN 'relabel' THEN made.target ELSE made.seq END OFFSET 0) i
    WHERE ${isMade(sql, sql`made`)} AND i.unit <> o.unit AND i.unit <> ALL (${arrayLiteral(leaving)}::bigint[])
      AND EXISTS (
        SELECT FROM order_things t JOIN epcs e USING (unit) WHERE t.seq = ${order} AND t.unit = i.unit
          AND (NOT ${byHands} OR t.level > 0 OR e.epc NOT LIKE ${lotLike} OR t.holder = made.recorder))`;
  return entriesByUnit(await stillIn(deps, makings, before));
}

/** That the hop makes the row `o` of that of `i`, or puts that into it. */
const isMade = (sql: Sql, hop: Fragment) => sql`
  CASE WHEN ${hop}.hop = 'relabel' THEN TRUE
    WHEN ${hop}.note = 'parts' THEN ${isAt(sql, 'i', 'child')} AND ${isAt(sql, 'o', 'parent')}
    ELSE ${isAt(sql, 'i', 'input')} AND ${isAt(sql, 'o', 'output')} END`;

function entriesByUnit(rows: readonly Fitting[]): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const { unit, seq } of rows) found.set(unit, (found.get(unit) ?? new Set()).add(seq));
  return found;
}

/** Things on the order's roll, each part of them. */
export const partsOf = (sql: Sql, order: number, things: readonly number[]): Promise<readonly Input[]> =>
  sql<Input[]>`
    SELECT DISTINCT t.unit, t.level, t.holder FROM unnest(${arrayLiteral(things)}::bigint[]) AS asked (unit)
    JOIN order_things t ON t.seq = ${order} AND t.unit = asked.unit`;

/** Things on the order's roll that were made of others or got them put into them, at any time, and of which. */
export const childrenOn = (
  sql: Sql,
  order: number,
  things: readonly number[],
  before: number,
): Promise<{ readonly unit: number; readonly of: number }[]> =>
  sql<{ unit: number; of: number }[]>`
    SELECT DISTINCT ON (o.unit) o.unit, i.unit AS of FROM unnest(${arrayLiteral(things)}::bigint[]) AS asked (unit)
    JOIN unit_chain i ON i.unit = asked.unit AND i.seq < ${before}
    JOIN hops h ON h.seq = i.seq AND (h.hop IN ('transform', 'split', 'relabel') OR h.note = 'parts')
    CROSS JOIN LATERAL (
      SELECT unit FROM unit_chain WHERE seq = CASE h.hop WHEN 'relabel' THEN h.seq + 1 ELSE h.seq END OFFSET 0) o
    WHERE o.unit <> i.unit AND EXISTS (
      SELECT FROM order_things t WHERE t.seq = ${order} AND t.unit = o.unit AND t.level > 0)
    ORDER BY o.unit, i.unit`;

/** Things on the order's roll into which parts were put, at any time, and which: what is told of a part may take it out. */
export const hostsOn = (
  sql: Sql,
  order: number,
  parts: readonly number[],
  before: number,
): Promise<{ readonly unit: number; readonly of: number }[]> =>
  sql<{ unit: number; of: number }[]>`
    SELECT DISTINCT ON (h.parent) h.parent AS unit, i.unit AS of
    FROM unnest(${arrayLiteral(parts)}::bigint[]) AS asked (unit)
    JOIN epcs e ON e.unit = asked.unit AND e.epc NOT LIKE ${lotLike}
    JOIN unit_chain i ON i.unit = asked.unit AND i.seq < ${before}
    JOIN hops h ON h.seq = i.seq AND h.note = 'parts' AND h.parent <> i.unit
    WHERE EXISTS (SELECT FROM order_things t WHERE t.seq = ${order} AND t.unit = h.parent AND t.level > 0)
    ORDER BY h.parent, i.unit`;
