/**
 * Set-based inserts: any number of rows in one statement with one parameter a column, so that a request of one
 * and a request of ten thousand take the same number of statements.
 */
import { arrayLiteral, type Cell } from './array-literal.ts';
import type { Sql } from './sql.ts';

/** `canonical`: text of canonical JSON, which holds no control character, so that a list of it needs no quoting. */
export type ColumnType = 'bigint' | 'int' | 'smallint' | 'text' | 'bytea' | 'boolean' | 'jsonb' | 'canonical';

/** Columns of a table that rows are written to, with their types. */
export type Columns = Readonly<Record<string, ColumnType>>;

export type Row<C extends Columns> = { readonly [name in keyof C]: Cell };

/** Inserts the rows in one statement and sends it at once; order among statements of a connection is kept. */
export function insertRows<C extends Columns>(
  sql: Pick<Sql, 'unsafe'>,
  table: string,
  columns: C,
  rows: readonly Row<C>[],
): Promise<unknown> {
  if (rows.length === 0) return Promise.resolve();
  const names: string[] = Object.keys(columns);
  const into = names.map((name) => `"${name}"`).join(', ');
  const from = names.map((name, i) => listOf(columns[name], i + 1)).join(', ');
  return sql
    .unsafe(
      `INSERT INTO ${table} (${into}) SELECT * FROM unnest(${from})`,
      names.map((name) => {
        const cells = rows.map((row) => row[name] ?? null);
        return columns[name] === 'canonical' ? cells.join(separator) : arrayLiteral(cells);
      }),
      { prepare: true },
    )
    .execute();
}

/** U+001F, which JSON never holds unescaped (RFC 8259 §7). */
const separator = '\x1f';

const listOf = (type: ColumnType | undefined, parameter: number): string =>
  type === 'canonical' ? `string_to_array($${parameter}, E'\\x1f')` : `$${parameter}::${type}[]`;
