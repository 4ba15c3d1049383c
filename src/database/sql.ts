/** postgres.js with our types: `bigint` columns are numbers. */
import type postgres from 'postgres';

export type Sql = postgres.Sql<{ bigint: number }>;
export type TransactionSql = postgres.TransactionSql<{ bigint: number }>;
/** A part of a statement, or all of one that nobody has sent yet. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;
