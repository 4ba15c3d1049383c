/**
 * Columns as tables have them: `truth.ts`, `projections.ts` and `operational.ts`, by what a store is trusted for.
 *
 * Units of time are milliseconds since the epoch unless a name says otherwise. Large tables carry their
 * distribution column (`seq` or `unit`) in every unique key, so the same schema can be sharded later.
 */
import { bigint, customType } from 'drizzle-orm/pg-core';

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
export const count = (name: string) => bigint(name, { mode: 'number' });
