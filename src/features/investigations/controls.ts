/**
 * Controls: units of the same products, drawn at random, that stand for goods in general when nobody knows which are
 * good. Most goods are, and the few that are not only make a source look less striking than it is.
 */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Run } from '../tracing/things.ts';
import type { Suspect } from './cases.ts';

/** A number that is at least 0 and below `n`. */
export type Below = (n: number) => number;

/** Internal numbers of at most so many units, none of them a suspect already. One statement. */
export async function drawControls(
  sql: Sql,
  suspects: readonly Suspect[],
  count: number,
  before: number,
  below: Below,
): Promise<number[]> {
  if (count === 0) return [];
  const runs = await sql<Run[]>`
    WITH products AS (
      SELECT DISTINCT i.gtin
      FROM unnest(${arrayLiteral(suspects.filter(({ bad }) => bad).map(({ unit }) => unit))}::bigint[]) AS asked (unit)
      CROSS JOIN LATERAL (
        SELECT gtin, last_unit FROM issues WHERE first_unit <= asked.unit ORDER BY first_unit DESC LIMIT 1) i
      WHERE i.last_unit >= asked.unit AND i.gtin IS NOT NULL)
    SELECT first_unit AS first, last_unit AS last FROM issues
    JOIN products USING (gtin) WHERE seq < ${before} ORDER BY first_unit`;
  const known = new Set(suspects.map(({ unit }) => unit));
  return draw(runs, count, known, below);
}

/** Numbers in the runs, each as likely as any other, until there are enough or hardly any is left. */
function draw(runs: readonly Run[], count: number, known: ReadonlySet<number>, below: Below): number[] {
  const size = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const drawn = new Set<number>();
  for (let tries = 0; drawn.size < count && tries < 4 * count; tries++) {
    const unit = size === 0 ? undefined : nth(runs, below(size));
    if (unit !== undefined && !known.has(unit)) drawn.add(unit);
  }
  return [...drawn];
}

function nth(runs: readonly Run[], index: number): number | undefined {
  let left = index;
  for (const { first, last } of runs) {
    if (left <= last - first) return first + left;
    left -= last - first + 1;
  }
  return undefined;
}
