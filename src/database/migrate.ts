/**
 * Brings the tables to the state this version needs: the SQL files of `drizzle/`, each once, in order, in one
 * transaction. Several processes may start at once: an advisory lock lets one migrate while others wait.
 *
 * The role of the running service is made first, so that migrations can grant to it. Roles belong to the whole
 * server, hence may also be made from another database at the same time.
 */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { appRole, connect } from './connection.ts';
import type { Sql } from './sql.ts';

/** Any number, the same in every version of the service. */
const lockKey = 7_302_001;

export interface MigrateOptions {
  /** Login that owns the tables and may create roles. */
  readonly ownerUrl: string;
  /** Login of the running service, when it is another one; made a member of the service's role. */
  readonly loginUrl?: string;
  readonly folder?: string;
}

export async function migrate(options: MigrateOptions): Promise<void> {
  const { sql, close } = connect(options.ownerUrl, { applicationName: 'suyuan migrate', max: 1 });
  try {
    // Held by the session of the one pooled connection, while the migrations have a transaction of their own: a crash
    // here frees it, and the transaction leaves nothing behind.
    await sql`select pg_advisory_lock(${lockKey})`;
    await makeRole(sql);
    const login =
      options.loginUrl === undefined ? '' : decodeURIComponent(new URL(options.loginUrl).username);
    await grantRole(sql, login);
    const migrationsFolder = options.folder ?? fileURLToPath(import.meta.resolve('#root/drizzle'));
    await runMigrations(drizzle(sql), { migrationsFolder });
  } finally {
    await close();
  }
}

async function makeRole(sql: Sql): Promise<void> {
  const found = await sql`select 1 from pg_roles where rolname = ${appRole}`;
  if (found.length > 0) return;
  try {
    await sql`create role ${sql(appRole)} nologin`;
  } catch (error) {
    // 42710 duplicate_object, 23505 unique_violation: another database's migration was faster.
    const code = error instanceof Error ? Reflect.get(error, 'code') : '';
    if (code !== '42710' && code !== '23505') throw error;
  }
}

/** Lets the owner and the login take the role. From PostgreSQL 16 on a member may lack the right to SET it. */
async function grantRole(sql: Sql, login: string): Promise<void> {
  const [server] = await sql<{ right: string; owner: string }[]>`
    select case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end as right,
           current_user::text as owner`;
  if (server === undefined) return;
  for (const name of new Set([server.owner, login].filter((n) => n !== ''))) {
    const held = await sql`select 1 where pg_has_role(${name}, ${appRole}, ${server.right})`;
    if (held.length > 0) continue;
    try {
      await sql`grant ${sql(appRole)} to ${sql(name)}`;
    } catch (error) {
      // XX000 "tuple concurrently updated", 23505: the same grant from another database.
      const code = error instanceof Error ? Reflect.get(error, 'code') : '';
      if (code !== 'XX000' && code !== '23505') throw error;
    }
  }
}
