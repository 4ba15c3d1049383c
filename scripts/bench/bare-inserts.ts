/**
 * The limit of ingest: the very rows the service wrote, inserted into empty copies of its tables by set-based
 * statements and nothing else.
 */

import type { Cell } from '../../src/database/array-literal.ts';
import type { Sql } from '../../src/database/connection.ts';
import { type Columns, type ColumnType, insertRows } from '../../src/database/rows.ts';

/** The tables that a single-unit hop adds rows to. */
const tables = ['entries', 'facts', 'unit_chain', 'event_ids', 'hops'];

const columnTypes: Readonly<Record<string, ColumnType>> = {
  int8: 'bigint',
  int4: 'int',
  int2: 'smallint',
  text: 'text',
  bytea: 'bytea',
  bool: 'boolean',
};

export type Rows = Readonly<Record<string, readonly Record<string, Cell>[]>>;

/** Empty tables of the same shape and indexes in a schema of their own; answers with their columns. */
export async function makeBareTables(sql: Sql): Promise<Record<string, Columns>> {
  await sql.unsafe('DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare').simple();
  const shapes: Record<string, Columns> = {};
  for (const table of tables) {
    await sql.unsafe(`CREATE TABLE bare.${table} (LIKE public.${table} INCLUDING ALL)`);
    const columns = await sql<{ name: string; type: string }[]>`
      SELECT column_name AS name, udt_name AS type FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = ${table} ORDER BY ordinal_position`;
    shapes[table] = Object.fromEntries(
      columns.map(({ name, type }) => [
        name,
        name === 'payload' ? 'canonical' : (columnTypes[type] ?? 'text'),
      ]),
    );
  }
  return shapes;
}

/** What the service wrote for the entries from ≤ seq < until. */
export async function readRows(sql: Sql, from: number, until: number): Promise<Rows> {
  const read: Record<string, Record<string, Cell>[]> = {};
  for (const table of tables)
    read[table] = await sql.unsafe(`SELECT * FROM ${table} WHERE seq >= $1 AND seq < $2 ORDER BY seq`, [
      from,
      until,
    ]);
  return read;
}

/** Writes them in one transaction, one statement a table. */
export async function insertBare(
  sql: Sql,
  shapes: Readonly<Record<string, Columns>>,
  rows: Rows,
): Promise<void> {
  await sql.begin(async (transaction) => {
    await Promise.all(
      Object.entries(shapes).map(([table, columns]) =>
        insertRows(transaction, `bare.${table}`, columns, rows[table] ?? []),
      ),
    );
  });
}
