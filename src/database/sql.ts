/** postgres.js with our types: `bigint` columns are numbers. */
import type postgres from 'postgres';

export type Sql = postgres.Sql<{ bigint: number }>;
export type TransactionSql = postgres.TransactionSql<{ bigint: number }>;
