/**
 * Whether the service is shown what an audit reads, and can only add to it. An audit reads as the owner of the tables,
 * whom row security does not concern; what else would show the service something other than what stands there is
 * a view or a rule in the place of a table, and what would let it be changed is a guard taken away.
 */
import type { Words } from '../core/codes/verdict-words.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import { appRole } from '../database/connection.ts';
import type { Sql } from '../database/sql.ts';
import { projectionTables, truthTables } from '../database/tables.ts';
import { type Mismatch, mismatchOf } from './mismatch.ts';

const guarded = [...truthTables, ...projectionTables, 'checkpoints', 'cosignatures'];
const guards = ['append_only', 'no_truncate'];

interface GuardRow {
  readonly name: string;
  readonly plain: boolean;
  readonly whole: boolean;
  readonly guarded: boolean;
  readonly granted: boolean;
}

/** The first table that is not as the migrations leave it. */
export async function auditGuards(sql: Sql): Promise<Mismatch | null> {
  const rows = await sql<GuardRow[]>`
    SELECT name, c.relkind IS NOT DISTINCT FROM 'r' AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid) AS plain, NOT c.relrowsecurity AS whole,
      ARRAY (SELECT tgname::text FROM pg_trigger
        WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled = 'O' ORDER BY tgname)
        = ${arrayLiteral(guards)}::text[] AS guarded,
      has_table_privilege(${appRole}, c.oid, 'UPDATE, DELETE, TRUNCATE') AS granted
    FROM unnest(${arrayLiteral(guarded)}::text[]) WITH ORDINALITY AS t (name, i)
      LEFT JOIN pg_class c ON c.relname = name AND c.relnamespace = 'public'::regnamespace
    ORDER BY i`;
  for (const row of rows) {
    const wrong = wrongWith(row);
    if (wrong !== null) return mismatchOf(row.name, null, wrong);
  }
  return null;
}

function wrongWith({ plain, whole, guarded, granted }: GuardRow): Words | null {
  if (!plain)
    return {
      zh: '在它的位置上的不是表，或带有改写规则',
      en: 'what stands in its place is no table, or has rules',
    };
  if (!whole)
    return {
      zh: '启用了行级安全：服务看到的可能不是全部',
      en: 'row security may hide rows from the service',
    };
  if (!guarded)
    return {
      zh: `触发器不是 ${guards.join('、')}：行可能被改动或删去`,
      en: `its triggers are not ${guards.join(' and ')}, so that rows may be changed or taken away`,
    };
  if (granted) return { zh: '服务有权改动或删去行', en: 'the service may change rows or take them away' };
  return null;
}
