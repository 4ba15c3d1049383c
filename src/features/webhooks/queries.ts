/**
 * Webhooks as rows: where a party wants its notices sent, and how far that has come.
 *
 * `latest` is the last notice of the party and `cursor` the last one that arrived; while they differ, `due_at` says when
 * the next is sent. Whoever writes notices moves `latest` in the same transaction, so none is overlooked. A process takes
 * a webhook by its lease; who comes too late to write what it did finds another lease and writes nothing. If we crash
 * between a sending and its writing down, the same notice is sent again under the same id.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { databaseClock } from '../../database/clock.ts';
import { type Database, type Sql, transaction } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Outcome } from '../../http/sending.ts';
import { lockNotices } from '../inbox/queries.ts';

/** What was sent and what came of it. */
export type Attempt = Outcome & {
  /** The header webhook-id. */
  readonly message: string;
  /** ms since the epoch. */
  readonly at: number;
};

export interface Webhook {
  readonly id: string;
  readonly party: PartyId;
  readonly url: string;
  readonly createdAt: number;
  /** Number of the last notice that arrived. */
  readonly cursor: number;
  readonly latest: number;
  /** When the next notice is sent, ms since the epoch; null while there is none or the webhook has stopped. */
  readonly dueAt: number | null;
  /** Attempts in a row that failed, and when the first of them was made. */
  readonly failures: number;
  readonly failingSince: number | null;
  /** When it was given up. */
  readonly stoppedAt: number | null;
  /** The last ones, newest first. */
  readonly attempts: readonly Attempt[];
}

export interface ClaimedWebhook extends Webhook {
  readonly lease: number;
}

const webhooksMax = 10;
const attemptsKept = 20;

const columns = (sql: Sql) => sql`
  w.id, w.party, w.url, w.created_at AS "createdAt", w.cursor, w.latest, w.due_at AS "dueAt", w.failures,
  w.failing_since AS "failingSince", w.stopped_at AS "stoppedAt", w.attempts`;

const withAttempt = (sql: Sql, attempt: Attempt) => sql`
  jsonb_path_query_array(${JSON.stringify([attempt])}::text::jsonb || attempts, ${`$[0 to ${attemptsKept - 1}]`}::jsonpath)`;

/** Adds a webhook that begins behind the last notice. Refuses one too many: `state-conflict`. */
export const insertWebhook = (
  db: Database,
  { id, party, url, createdAt }: Pick<Webhook, 'id' | 'party' | 'url' | 'createdAt'>,
): Promise<Webhook> =>
  transaction(db.sql, async (tx) => {
    // A notice being written either sees this webhook or is one of those behind which it begins.
    await lockNotices(tx);
    const rows = await tx<Webhook[]>`
      INSERT INTO webhooks AS w (id, party, url, created_at, cursor, latest, lease_until, failures, attempts)
      SELECT ${id}, ${party}, ${url}, ${createdAt}, n.id, n.id, 0, 0, '[]'
      FROM (SELECT coalesce(max(id), 0) AS id FROM notices WHERE party = ${party}) n
      WHERE ${webhooksMax} > (SELECT count(*) FROM webhooks WHERE party = ${party})
      RETURNING ${columns(tx)}`;
    const [row] = rows;
    if (row === undefined)
      throw new Refusal('state-conflict', `A party has ${webhooksMax} webhooks at most; delete one first.`);
    return row;
  });

/** A party's webhooks, oldest first. */
export const webhooksOf = (sql: Sql, party: PartyId): Promise<Webhook[]> =>
  sql<Webhook[]>`SELECT ${columns(sql)} FROM webhooks w WHERE party = ${party} ORDER BY created_at, id`;

export async function webhookById(sql: Sql, party: PartyId, id: string): Promise<Webhook | null> {
  const [row] = await sql<Webhook[]>`
    SELECT ${columns(sql)} FROM webhooks w WHERE id = ${id} AND party = ${party}`;
  return row ?? null;
}

export async function deleteWebhook(sql: Sql, party: PartyId, id: string): Promise<boolean> {
  const rows = await sql`DELETE FROM webhooks WHERE id = ${id} AND party = ${party} RETURNING id`;
  return rows.length > 0;
}

/** In the transaction that writes notices: there is something to send to who is told. One statement. */
export const noteNotices = (
  tx: Sql,
  notices: readonly { readonly id: number; readonly party: string }[],
  at: number,
): Promise<unknown> =>
  tx`
    UPDATE webhooks w
    SET latest = n.id, due_at = CASE WHEN w.stopped_at IS NULL THEN coalesce(w.due_at, ${at}) END
    FROM (
      SELECT party, max(id) AS id
      FROM unnest(${arrayLiteral(notices.map(({ party }) => party))}::text[],
        ${arrayLiteral(notices.map(({ id }) => id))}::bigint[]) AS t (party, id)
      GROUP BY party) n
    WHERE w.party = n.party`.execute();

/**
 * Takes on webhooks that are due, those that wait longest first, no more of a party than `ofParty` at once: one whose
 * receivers are slow holds up itself alone. Another process passes over them for `leaseMs` by the database's clock.
 */
export const claimWebhooks = (
  sql: Sql,
  at: {
    readonly now: number;
    readonly leaseMs: number;
    readonly limit: number;
    readonly ofParty: number;
  },
): Promise<ClaimedWebhook[]> =>
  sql<ClaimedWebhook[]>`
    WITH waiting AS (
      SELECT id, row_number() OVER (PARTITION BY party ORDER BY due_at, id) + (
          SELECT count(*) FROM webhooks u WHERE u.party = w.party AND u.lease_until > ${databaseClock(sql)}) AS n
      FROM webhooks w WHERE due_at <= ${at.now} AND lease_until <= ${databaseClock(sql)}),
    due AS MATERIALIZED (
      SELECT w.id FROM webhooks w JOIN waiting ON waiting.id = w.id AND waiting.n <= ${at.ofParty}
      WHERE w.lease_until <= ${databaseClock(sql)}
      ORDER BY w.due_at, w.id LIMIT ${at.limit} FOR UPDATE OF w SKIP LOCKED)
    UPDATE webhooks w SET lease_until = ${databaseClock(sql)} + ${at.leaseMs}::bigint FROM due WHERE w.id = due.id
    RETURNING ${columns(sql)}, w.lease_until AS lease`;

/** Goes on holding it for `leaseMs`; null when another process has taken it on. */
export async function holdWebhook(
  sql: Sql,
  it: ClaimedWebhook,
  leaseMs: number,
): Promise<ClaimedWebhook | null> {
  const [held] = await sql<{ lease: number }[]>`
    UPDATE webhooks SET lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint WHERE id = ${it.id} AND lease_until = ${it.lease}
    RETURNING lease_until AS lease`;
  return held === undefined ? null : { ...it, ...held };
}

/** A notice arrived: goes on behind it. `latest` is read as it is then, so one that has just come is due at once. */
export const noteArrival = (
  sql: Sql,
  { id, lease }: ClaimedWebhook,
  notice: number,
  attempt: Attempt,
): Promise<unknown> =>
  sql`
    UPDATE webhooks SET cursor = ${notice}, lease_until = 0, failures = 0, failing_since = NULL,
      due_at = CASE WHEN latest > ${notice} THEN ${attempt.at}::bigint END, attempts = ${withAttempt(sql, attempt)}
    WHERE id = ${id} AND lease_until = ${lease}`.execute();

/** A notice did not arrive: it is sent again then, or, with null, no more. */
export const noteFailure = (
  sql: Sql,
  { id, lease }: ClaimedWebhook,
  again: number | null,
  attempt: Attempt,
): Promise<unknown> =>
  sql`
    UPDATE webhooks SET lease_until = 0, failures = failures + 1,
      failing_since = coalesce(failing_since, ${attempt.at}), due_at = ${again}::bigint,
      stopped_at = CASE WHEN ${again}::bigint IS NULL THEN ${attempt.at}::bigint END,
      attempts = ${withAttempt(sql, attempt)}
    WHERE id = ${id} AND lease_until = ${lease}`.execute();

/** A message apart from the notices was sent. When it arrived, what waits is sent at once, also after a stop. */
export async function notePing(sql: Sql, { id }: Webhook, arrived: boolean, attempt: Attempt): Promise<void> {
  const going = arrived
    ? sql`stopped_at = NULL, failures = 0, failing_since = NULL,
        due_at = CASE WHEN latest > cursor THEN ${attempt.at}::bigint END,`
    : sql``;
  await sql`UPDATE webhooks SET ${going} attempts = ${withAttempt(sql, attempt)} WHERE id = ${id}`;
}
