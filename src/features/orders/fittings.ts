/** Parts that were put into things on the roll of an order, and whether they are still in them (core/orders/stay.ts). */
import { positions } from '../../core/events/hop.ts';
import { outHops, takenOutAt, takingsOut } from '../../core/orders/stay.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { loadChains, loadLotWide, loadSteps } from '../events/chains.ts';
import { loadIssued } from '../events/context.ts';
import { historiesOf, lotsOf } from '../units/histories.ts';
import type { EnrolDeps } from './enrolment.ts';

/** That an entry made a thing of another, or put that into it (`fitted`). */
export interface Fitting {
  readonly unit: number;
  readonly seq: number;
  readonly of: number;
  readonly fitted: boolean;
}

/** Without those of which the entries before `before` tell that the part was taken out again. A fixed number of statements. */
export async function stillIn(
  { sql, masters, now }: EnrolDeps,
  makings: readonly Fitting[],
  before: number,
): Promise<readonly Fitting[]> {
  const parts = await handledAgain(
    sql,
    makings.filter(({ fitted }) => fitted).map((it) => it.of),
    before,
  );
  if (parts.size === 0) return makings;
  const hosts = makings.filter((it) => it.fitted && parts.has(it.of)).map(({ unit }) => unit);
  const [issued, chains, around] = await Promise.all([
    loadIssued(sql, parts),
    loadChains(sql, parts, before),
    loadSteps(sql, hosts, before),
  ]);
  const { histories, lifeOf } = historiesOf(
    chains,
    await loadLotWide(sql, lotsOf(issued), before),
    issued,
    masters,
    before,
  );
  const named = new Map(
    [...around].map(([host, steps]) => [
      host,
      new Set(steps.flatMap(({ hop, position }) => (position === 'parent' ? [] : [hop.seq]))),
    ]),
  );
  const believed = new Map(
    [...parts].map((part) => [
      part,
      new Set(
        lifeOf(part, now()).claims.flatMap(({ seq, standing }) => (standing === 'stranger' ? [] : [seq])),
      ),
    ]),
  );
  return makings.filter(({ unit, seq, of, fitted }) => {
    if (!fitted || !parts.has(of)) return true;
    const takings = takingsOut(seq, histories.own(of), (entry) => believed.get(of)?.has(entry) ?? false);
    const namesBoth = (entry: number): boolean => named.get(unit)?.has(entry) ?? false;
    return takenOutAt(takings, namesBoth) === Number.POSITIVE_INFINITY;
  });
}

/** Parts, and no agents, of which more is told than that they were put into something once: that may have taken them out. */
async function handledAgain(sql: Sql, parts: readonly number[], before: number): Promise<Set<number>> {
  if (parts.length === 0) return new Set();
  const rows = await sql<{ unit: number }[]>`
    SELECT c.unit FROM unnest(${arrayLiteral([...new Set(parts)])}::bigint[]) AS asked (unit)
    JOIN epcs e ON e.unit = asked.unit AND e.epc NOT LIKE '01/______________/10/%'
    JOIN unit_chain c ON c.unit = asked.unit AND c.seq < ${before} AND c.position <> ${positions.indexOf('parent')}
    JOIN hops h ON h.seq = c.seq AND (h.hop = ANY (${arrayLiteral(outHops)}::text[]) OR h.hop IN ('maintain', 'refill') AND h.note IN ('parts', 'old'))
    GROUP BY c.unit HAVING count(*) > 1`;
  return new Set(rows.map(({ unit }) => unit));
}
