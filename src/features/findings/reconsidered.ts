/**
 * What failed again and again rests on the failed samples of all goods of a maker (core/rules/repeat-failure.ts), of which
 * nobody may tell any more. So the things that failed are looked at again with an entry by which other failures begin or
 * cease to count: a decision on one of them, a result or sampling that is taken back, a sample that is sent to a laboratory,
 * and a result that is recorded late. A function of the log alone.
 *
 * Example: lot L1 of a maker failed by entry 5, L2 by entry 9, which is found again [5, 9]. By entry 12 officers uphold an
 * appeal about L1: what failed of L2 is looked at with entry 12, and the finding is closed by it.
 */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Named } from './due.ts';
import type { Known } from './known.ts';

/** A thing that failed by entry `seq`, and the entry with which it is looked at again. */
export type Reconsidered = Pick<Named, 'unit' | 'seq' | 'look' | 'at' | 'lot'>;

/** What is looked at again with the entries `from` ≤ seq < `until`. Two statements, or none. */
export async function reconsideredIn(
  sql: Sql,
  { failures, docket }: Pick<Known, 'failures' | 'docket'>,
  from: number,
  until: number,
): Promise<readonly Reconsidered[]> {
  const changes = failures.changes(docket, from, until);
  if (changes.length === 0) return [];
  const products = await productsBeside(
    sql,
    changes.map(({ gtin }) => gtin),
  );
  const pairs = changes.flatMap(({ seq, gtin, since }) =>
    failures.entries(products.get(gtin) ?? [], since, seq).map((failure) => [seq, failure] as const),
  );
  if (pairs.length === 0) return [];
  return sql<Reconsidered[]>`
    SELECT DISTINCT c.unit, asked.seq, asked.look, t.at, e.epc LIKE '01/______________/10/%' AS lot
    FROM unnest(${arrayLiteral(pairs.map(([look]) => look))}::bigint[],
      ${arrayLiteral(pairs.map(([, seq]) => seq))}::bigint[]) AS asked (look, seq)
    JOIN entries t ON t.seq = asked.look JOIN unit_chain c ON c.seq = asked.seq
    JOIN epcs e ON e.unit = c.unit AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')`;
}

/** All products of whoever owns each of these. One statement. */
async function productsBeside(sql: Sql, gtins: readonly string[]): Promise<Map<string, readonly string[]>> {
  const rows = await sql<{ gtin: string; gtins: string[] }[]>`
    SELECT asked.gtin, array_agg(substr(p.identifier, 6)) AS gtins
    FROM unnest(${arrayLiteral([...new Set(gtins)])}::text[]) AS asked (gtin)
    JOIN owners o ON o.identifier = 'gtin:' || asked.gtin
    JOIN owners p ON p.party = o.party AND p.identifier LIKE 'gtin:%'
    GROUP BY asked.gtin`;
  return new Map(rows.map(({ gtin, gtins }) => [gtin, gtins]));
}
