/**
 * Set-based inserts: any number of rows in one statement with one parameter a column, so that a request of one
 * and a request of ten thousand take the same number of statements.
 */
import type { Sql } from './connection.ts';

export type ColumnType = 'bigint' | 'int' | 'smallint' | 'text' | 'bytea' | 'boolean' | 'jsonb';
export type Cell = number | bigint | string | boolean | Uint8Array | null;

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
  const from = names.map((name, i) => `$${i + 1}::${columns[name]}[]`).join(', ');
  return sql
    .unsafe(
      `INSERT INTO ${table} (${into}) SELECT * FROM unnest(${from})`,
      names.map((name) => arrayLiteral(rows.map((row) => row[name] ?? null))),
      { prepare: true },
    )
    .execute();
}

/** A PostgreSQL array literal; strings are quoted, bytes are hex, so no cell can break out of its place. */
export function arrayLiteral(cells: readonly Cell[]): string {
  let literal = '{';
  for (let i = 0; i < cells.length; i++) {
    if (i > 0) literal += ',';
    literal += cellLiteral(cells[i] ?? null);
  }
  return `${literal}}`;
}

function cellLiteral(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'string') return `"${escaping.test(cell) ? cell.replace(/["\\]/g, '\\$&') : cell}"`;
  if (cell instanceof Uint8Array) return `"\\\\x${hexOf(cell)}"`;
  return String(cell);
}

const escaping = /["\\]/;
const hexOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(
    'hex',
  );
