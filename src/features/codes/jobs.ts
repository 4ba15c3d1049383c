/**
 * Batches being issued, as rows. A job only remembers what was asked; what has been issued of it says the log. So a
 * job that was interrupted anywhere goes on where it was: the log knows which of its parts it holds.
 */
import type { Epc, PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { databaseClock } from '../../database/clock.ts';
import type { Database, Sql } from '../../database/connection.ts';
import { insertRows } from '../../database/rows.ts';

/** Codes of one issue fact. */
export const partSize = 10_000;

export interface BatchBody {
  readonly gtin: string;
  /** Lot number, plain. */
  readonly lot: string;
  readonly kid: string;
  readonly serials: 'ours' | 'own';
  readonly productionDate?: string;
  /** Of the manufacturer's own serials: how many somebody could guess. */
  readonly guessable: number;
}

export const jobStates = ['running', 'done', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

export interface Job {
  readonly id: string;
  readonly party: PartyId;
  readonly lot: Epc;
  readonly body: BatchBody;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly total: number;
  readonly state: JobState;
  /** Why it failed, for its party. */
  readonly error: string | null;
}

/** A job with what the log holds of it. */
export interface JobProgress extends Job {
  readonly done: number;
}

const columns = (sql: Sql) =>
  sql`j.id, j.party, j.lot, j.body, j.created_at AS "createdAt", j.total, j.state, j.error`;

export interface NewJob {
  readonly id: string;
  readonly party: PartyId;
  readonly idempotencyKey: string;
  /** SHA-256 of the request. */
  readonly request: Buffer;
  readonly lot: Epc;
  readonly body: BatchBody;
  readonly createdAt: number;
  readonly total: number;
  /** Serials the manufacturer brought, part by part; null when we draw them. */
  readonly parts: readonly (readonly string[])[] | null;
}

/**
 * Keeps a new job; false when the party has used the idempotency key before. If we crash before the commit nothing
 * was asked, and after it the job is found by whoever starts next.
 */
export async function insertJob({ sql }: Database, job: NewJob): Promise<boolean> {
  return sql.begin(async (transaction) => {
    const inserted = await transaction`
      INSERT INTO batch_jobs (id, party, idempotency_key, request, body, created_at, lot, total, state, lease_until)
      VALUES (${job.id}, ${job.party}, ${job.idempotencyKey}, ${job.request}, ${JSON.stringify(job.body)}::text::jsonb,
        ${job.createdAt}, ${job.lot}, ${job.total}, 'running', 0)
      ON CONFLICT (party, idempotency_key) DO NOTHING RETURNING id`;
    if (inserted.length === 0) return false;
    const rows = (job.parts ?? []).map((serials, part) => ({
      batch: job.id,
      part,
      serials: JSON.stringify(serials),
    }));
    await insertRows(transaction, 'batch_serials', { batch: 'text', part: 'int', serials: 'jsonb' }, rows);
    return true;
  });
}

/** The job a party asked for with an idempotency key, and the hash of that request. */
export async function jobOfKey(
  sql: Sql,
  party: PartyId,
  key: string,
): Promise<{ readonly job: JobProgress; readonly request: Buffer } | null> {
  const [row] = await sql<(Job & { request: Buffer })[]>`
    SELECT ${columns(sql)}, j.request FROM batch_jobs j WHERE party = ${party} AND idempotency_key = ${key}`;
  if (row === undefined) return null;
  const { request, ...job } = row;
  const [progress] = await withProgress(sql, [job]);
  return progress === undefined ? null : { job: progress, request };
}

export async function jobById(sql: Sql, id: string): Promise<JobProgress | null> {
  const [job] = await withProgress(
    sql,
    await sql<Job[]>`SELECT ${columns(sql)} FROM batch_jobs j WHERE id = ${id}`,
  );
  return job ?? null;
}

/** The newest batches of a lot, of all or of one party. */
export const jobsOfLot = async (
  sql: Sql,
  lot: Epc,
  party: PartyId | null,
  limit: number,
): Promise<JobProgress[]> =>
  withProgress(
    sql,
    await sql<Job[]>`
      SELECT ${columns(sql)} FROM batch_jobs j WHERE lot = ${lot} AND (${party}::text IS NULL OR party = ${party})
      ORDER BY created_at DESC, id LIMIT ${limit}`,
  );

async function withProgress(sql: Sql, jobs: readonly Job[]): Promise<JobProgress[]> {
  const rows = await sql<{ batch: string; done: number }[]>`
    SELECT batch, sum(last_unit - first_unit + 1)::bigint AS done FROM issues
    WHERE batch = ANY (${arrayLiteral(jobs.map(({ id }) => id))}::text[]) GROUP BY batch`;
  const done = new Map(rows.map((row) => [row.batch, row.done]));
  return jobs.map((job) => ({ ...job, done: done.get(job.id) ?? 0 }));
}

/** Ids of jobs nobody works on, oldest first. */
export async function idleJobs({ sql }: Database, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM batch_jobs WHERE state = 'running' AND lease_until < ${databaseClock(sql)}
    ORDER BY created_at LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

/**
 * Takes a job on for `leaseMs`, by the database's clock; null when another process has it or it is over. Two who
 * work on one job do no harm, as every part is recorded once: the lease only spares the work.
 */
export async function claimJob({ sql }: Database, id: string, leaseMs: number): Promise<Job | null> {
  const [job] = await sql<Job[]>`
    UPDATE batch_jobs j SET lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint
    WHERE id = ${id} AND state = 'running' AND lease_until < ${databaseClock(sql)} RETURNING ${columns(sql)}`;
  return job ?? null;
}

/** Goes on holding a job, or with 0 leaves it to others. */
export const extendLease = ({ sql }: Database, id: string, leaseMs: number): Promise<unknown> =>
  sql`UPDATE batch_jobs SET lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint WHERE id = ${id} AND state = 'running'`;

/** Ends a job. The serials it kept are in the log now, or will never be. */
export const finishJob = ({ sql }: Database, id: string, error: string | null): Promise<unknown> =>
  sql.begin(async (transaction) => {
    await transaction`
      UPDATE batch_jobs SET state = ${error === null ? 'done' : 'failed'}, error = ${error}
      WHERE id = ${id} AND state = 'running'`;
    await transaction`DELETE FROM batch_serials WHERE batch = ${id}`;
  });

/** The serials of one part that a manufacturer brought. */
export async function ownSerials(sql: Sql, batch: string, part: number): Promise<readonly string[]> {
  const [row] = await sql<{ serials: string[] }[]>`
    SELECT serials FROM batch_serials WHERE batch = ${batch} AND part = ${part}`;
  if (row === undefined) throw new Error(`batch ${batch} lost the serials of part ${part}`);
  return row.serials;
}
