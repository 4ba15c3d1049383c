/**
 * Work that a process left behind when it was killed: jobs and sendings rest until its lease on them is over. Whoever
 * starts and finds nobody else connected knows that nobody holds them, and takes them on at once.
 */
import type { Sql } from '../database/connection.ts';

/** What every process of the service calls a connection that it always has. */
export const processName = 'suyuan';

/**
 * Ends all leases if no other process is connected: whether they were. To be called by a process before it takes on
 * anything. The sessions of a process that was killed end with it; where they do not, as behind a pool of connections or
 * while a statement still runs, leases end in their time. Whoever connects after the look has its own start before it,
 * which takes far longer than this statement.
 */
export async function endLeftLeases(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ alone: boolean }[]>`
    WITH alone AS MATERIALIZED (
      SELECT FROM (SELECT count(*) AS n FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = ${processName} AND pid <> pg_backend_pid()) others
      WHERE n = 0),
    batches AS (UPDATE batch_jobs SET lease_until = 0 FROM alone WHERE lease_until > 0),
    captured AS (UPDATE captures SET lease_until = 0 FROM alone WHERE lease_until > 0),
    subscribed AS (UPDATE epcis_subscriptions SET lease_until = 0 FROM alone WHERE lease_until > 0),
    hooked AS (UPDATE webhooks SET lease_until = 0 FROM alone WHERE lease_until > 0)
    SELECT EXISTS (SELECT FROM alone) AS alone`;
  return row?.alone === true;
}
