/** The clock that all processes on a database share: leases go by it, whatever the processes' own clocks say. */
import type { Sql } from './sql.ts';

/** ms since the epoch when it is evaluated, as a part of a statement. */
export const databaseClock = (sql: Sql) => sql`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
