/** Which goods of a mandate events name and things are, as the rules of reading ask (access/reading.ts). */
import { append } from '../../core/grouping.ts';
import type { Mandate } from '../../core/mandate.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** The names in the scope of a mandate, by the number of an entry or thing. */
type NamesInScope = (number: number) => readonly string[];

const nothing: NamesInScope = () => [];

/** Of entries, those that what they name goes under. One statement under a mandate for goods, else none. */
export async function namedInScope(
  sql: Sql,
  mandate: Mandate | null,
  seqs: readonly number[],
): Promise<NamesInScope> {
  if (mandate === null || mandate.goods.size === 0 || seqs.length === 0) return nothing;
  const rows = await sql<Row[]>`
    SELECT DISTINCT c.seq AS number, n.name FROM unit_chain c JOIN epcs e USING (unit)
    LEFT JOIN LATERAL (
      SELECT lot, last_unit FROM issues WHERE first_unit <= c.unit ORDER BY first_unit DESC LIMIT 1) i
      ON i.last_unit >= c.unit
    CROSS JOIN LATERAL (VALUES (e.epc), (left(e.epc, 17)), (i.lot)) n (name)
    WHERE c.seq = ANY (${arrayLiteral(seqs)}::bigint[]) AND n.name = ANY (${arrayLiteral([...mandate.goods])}::text[])`;
  return byNumber(rows);
}

/** Of things, by internal number, those that they go under. One statement under a mandate for goods, else none. */
export async function namesInScope(
  sql: Sql,
  mandate: Mandate | null,
  units: Iterable<number>,
): Promise<NamesInScope> {
  if (mandate === null || mandate.goods.size === 0) return nothing;
  const rows = await sql<Row[]>`
    SELECT e.unit AS number, n.name FROM epcs e
    LEFT JOIN LATERAL (
      SELECT lot, last_unit FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
      ON i.last_unit >= e.unit
    CROSS JOIN LATERAL (VALUES (e.epc), (left(e.epc, 17)), (i.lot)) n (name)
    WHERE e.unit = ANY (${arrayLiteral([...new Set(units)])}::bigint[])
      AND n.name = ANY (${arrayLiteral([...mandate.goods])}::text[])`;
  return byNumber(rows);
}

interface Row {
  readonly number: number;
  readonly name: string;
}

function byNumber(rows: readonly Row[]): NamesInScope {
  const found = new Map<number, string[]>();
  for (const { number, name } of rows) append(found, number, name);
  return (number) => found.get(number) ?? [];
}
