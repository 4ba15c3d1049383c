/** Documents being captured, as rows. */
import type { PartyId } from '../../core/events/hop.ts';
import { databaseClock } from '../../database/clock.ts';
import type { Database, Sql } from '../../database/connection.ts';
import type { Fault } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';

export const behaviours = ['rollback', 'proceed'] as const;
export type Behaviour = (typeof behaviours)[number];

/** What is wrong with one event of a document. */
export interface EventErrors {
  /** Its index in the list of events. */
  readonly event: number;
  /** With pointers into the document. */
  readonly faults: readonly Fault[];
}

export interface CaptureJob {
  readonly id: string;
  readonly caller: Caller;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly behaviour: Behaviour;
  /** SHA-256 of the XML that it was sent as, base64url; null for JSON. */
  readonly original: string | null;
  readonly total: number;
  readonly done: number;
  /** What was wrong with the first of them. */
  readonly errors: readonly EventErrors[];
  /** Events with which something was wrong. */
  readonly erring: number;
}

interface JobRow extends Omit<CaptureJob, 'caller'> {
  readonly party: PartyId;
  readonly client: string;
  readonly roles: Caller['roles'];
}

const columns = (sql: Sql) =>
  sql`id, party, client, roles, created_at AS "createdAt", finished_at AS "finishedAt", behaviour, original, total, done, errors, erring`;

const jobOf = ({ party, client, roles, ...job }: JobRow): CaptureJob => ({
  ...job,
  caller: { party, client, roles, mandate: null },
});

export interface NewCapture
  extends Pick<CaptureJob, 'id' | 'caller' | 'createdAt' | 'behaviour' | 'original' | 'total'> {
  /** JSON. */
  readonly document: string;
}

/** Keeps a new job. If we crash before the commit nothing was asked; after it the job is found by whoever starts next. */
export async function insertCapture({ sql }: Database, job: NewCapture): Promise<void> {
  const { party, client, roles } = job.caller;
  await sql`
    INSERT INTO captures (id, party, client, roles, created_at, behaviour, state, document, original, total, done, errors,
      lease_until)
    VALUES (${job.id}, ${party}, ${client}, ${JSON.stringify(roles)}::text::jsonb, ${job.createdAt}, ${job.behaviour},
      'running', ${job.document}, ${job.original}, ${job.total}, 0, '[]', 0)`;
}

/** A party's own job. */
export async function captureById(sql: Sql, party: PartyId, id: string): Promise<CaptureJob | null> {
  const [row] = await sql<JobRow[]>`
    SELECT ${columns(sql)} FROM captures WHERE id = ${id} AND party = ${party}`;
  return row === undefined ? null : jobOf(row);
}

/** A page of a party's jobs, newest first, after the one made then. */
export async function capturesOf(
  sql: Sql,
  party: PartyId,
  after: { readonly createdAt: number; readonly id: string },
  limit: number,
): Promise<CaptureJob[]> {
  const rows = await sql<JobRow[]>`
    SELECT ${columns(sql)} FROM captures
    WHERE party = ${party} AND (created_at, id) < (${after.createdAt}::bigint, ${after.id})
    ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
  return rows.map(jobOf);
}

/** Whose a job is; '' of none. */
export async function ownerOf({ sql }: Database, id: string): Promise<string> {
  const [row] = await sql<{ party: PartyId }[]>`SELECT party FROM captures WHERE id = ${id}`;
  return row?.party ?? '';
}

/** Ids of jobs nobody works on: the oldest of each party, then their next. */
export async function idleCaptures({ sql }: Database, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM captures WHERE state = 'running' AND lease_until < ${databaseClock(sql)}
    ORDER BY row_number() OVER (PARTITION BY party ORDER BY created_at), created_at LIMIT ${limit}`;
  return rows.map(({ id }) => id);
}

/** A job taken on, with its document. */
export interface ClaimedCapture extends CaptureJob {
  readonly document: string;
}

/**
 * Takes a job on for `leaseMs`, by the database's clock; null when another process has it or it is over. Two who work
 * on one job do no harm, as every part of it is recorded once: the lease only spares the work.
 */
export async function claimCapture(
  { sql }: Database,
  id: string,
  leaseMs: number,
): Promise<ClaimedCapture | null> {
  const [row] = await sql<(JobRow & { document: string })[]>`
    UPDATE captures SET lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint
    WHERE id = ${id} AND state = 'running' AND lease_until < ${databaseClock(sql)}
    RETURNING ${columns(sql)}, document`;
  if (row === undefined) return null;
  const { document, ...job } = row;
  return { ...jobOf(job), document };
}

/** How far a job has come. */
export type Advance = Pick<CaptureJob, 'done' | 'errors' | 'erring'>;

/** Notes how far a job is, and goes on holding it; with `leaseMs` 0 leaves it to others. */
export const noteProgress = (
  { sql }: Database,
  id: string,
  { done, errors, erring }: Advance,
  leaseMs: number,
): Promise<unknown> =>
  sql`
    UPDATE captures SET done = ${done}, errors = ${JSON.stringify(errors)}::text::jsonb, erring = ${erring},
      lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint
    WHERE id = ${id} AND state = 'running' AND done <= ${done}`;

/** Ends a job; its document is forgotten. */
export const finishCapture = (
  { sql }: Database,
  id: string,
  { done, errors, erring }: Advance,
  at: number,
): Promise<unknown> =>
  sql`
    UPDATE captures SET state = 'done', done = ${done}, errors = ${JSON.stringify(errors)}::text::jsonb,
      erring = ${erring}, finished_at = ${at}, document = NULL
    WHERE id = ${id} AND state = 'running'`;
