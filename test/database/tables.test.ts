import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { appRole } from '../../src/database/connection.ts';
import {
  erasedColumns,
  operationalTables,
  projectionTables,
  truthTables,
} from '../../src/database/tables.ts';
import { testDatabase } from '../support/postgres.ts';

t.test('every table has a class, and the service may do with it exactly what its class says', async (t) => {
  const { owner } = await testDatabase(t);
  const granted = await owner.sql<{ table: string; grants: string[] }[]>`
    SELECT c.relname AS table, coalesce(array_agg(g.privilege_type::text ORDER BY g.privilege_type)
      FILTER (WHERE g.privilege_type IS NOT NULL), '{}') AS grants
    FROM pg_class c LEFT JOIN information_schema.role_table_grants g
      ON g.table_name = c.relname AND g.table_schema = 'public' AND g.grantee = ${appRole}
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname`;
  const expected = Object.fromEntries([
    ...[...truthTables, ...projectionTables].map((table) => [table, ['INSERT', 'SELECT']]),
    ...Object.entries(operationalTables).map(([table, grants]) => [table, [...grants].sort()]),
  ]);
  t.same(Object.fromEntries(granted.map(({ table, grants }) => [table, grants])), expected);
  // What is granted of columns alone stands apart in PostgreSQL.
  const columns = await owner.sql<{ table: string; columns: string[]; grants: string[] }[]>`
    SELECT c.relname AS table, array_agg(a.attname::text ORDER BY a.attname) AS columns,
      array_agg(DISTINCT g.privilege_type) AS grants
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN aclexplode(a.attacl) g
    WHERE c.relnamespace = 'public'::regnamespace GROUP BY c.relname`;
  t.same(
    columns,
    Object.entries(erasedColumns).map(([table, columns]) => ({ table, columns, grants: ['UPDATE'] })),
  );
});

t.test(
  'truth, projections, checkpoints and cosignatures carry the triggers that refuse change',
  async (t) => {
    const { owner } = await testDatabase(t);
    const found = await owner.sql<{ table: string; triggers: string[] }[]>`
    SELECT tgrelid::regclass::text AS table, array_agg(tgname::text ORDER BY tgname) AS triggers
    FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' GROUP BY tgrelid`;
    t.same(
      Object.fromEntries(found.map(({ table, triggers }) => [table, triggers])),
      Object.fromEntries(
        [...truthTables, ...projectionTables, 'checkpoints', 'cosignatures'].map((table) => [
          table,
          ['append_only', 'no_truncate'],
        ]),
      ),
    );
  },
);

t.test('the migrated tables are those of the golden file', async (t) => {
  const { owner } = await testDatabase(t);
  const columns = await owner.sql<{ line: string }[]>`
    SELECT format('%s.%s %s%s', table_name, column_name, data_type, CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END) AS line
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`;
  const indexes = await owner.sql<{ line: string }[]>`
    SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`;
  const now = `${[...columns, ...indexes].map(({ line }) => line).join('\n')}\n`;
  const file = new URL(import.meta.resolve('#root/test/vectors/schema.txt'));
  // `UPDATE_GOLDEN=1 npm test -- build/test/database/tables.test.js` writes it anew; the diff is for the reviewer.
  if (process.env.UPDATE_GOLDEN) await writeFile(file, now);
  t.equal(now, await readFile(file, 'utf8'));
});
