/**
 * Subscriptions to named queries as rows: where new events go, when they are looked for, and how far that has come.
 *
 * `watermark` is the entry up to which everything that fits has arrived; it moves only when a sending has. A process
 * takes a subscription by its lease; who comes too late to write what it did finds another lease and writes nothing. If
 * we crash between a sending and its writing down, the same events are sent again under the same id.
 */

import type { EpcFormat } from '../../core/epcis/epcis-spelling.ts';
import type { Schedule } from '../../core/epcis/query-schedule.ts';
import { databaseClock } from '../../database/clock.ts';
import type { Database, Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Representation } from './representations.ts';

export interface Subscription {
  readonly id: string;
  /** Whose it is, and the rights of the request that made it. */
  readonly caller: Caller;
  /** Name of the query. */
  readonly query: string;
  readonly dest: string;
  readonly format: EpcFormat;
  readonly messages: Representation;
  /** As it was sent, and as it is read; null for a stream. */
  readonly schedule: { readonly said: Readonly<Record<string, string>>; readonly read: Schedule } | null;
  readonly reportIfEmpty: boolean;
  /** ms since the epoch, as all times here. */
  readonly createdAt: number;
  readonly initialRecordTime: number | null;
  /** When the events were asked for that arrived last; at first `initialRecordTime`. */
  readonly minRecordTime: number;
  readonly lastNotifiedAt: number | null;
  readonly watermark: number;
  /** The run under way has sent something already. */
  readonly begun: boolean;
  readonly failures: number;
  readonly failingSince: number | null;
  /** When it was given up. */
  readonly stoppedAt: number | null;
}

/** What signs the messages, wrapped. */
export interface Secret {
  readonly secret: Buffer;
}
export type ClaimedSubscription = Subscription & Secret & { readonly lease: number };

const subscriptionsMax = 50;

const columns = (sql: Sql) => sql`
  s.id, json_build_object('party', s.party, 'client', s.client, 'roles', s.roles, 'mandate', NULL) AS caller, s.query, s.dest, s.format,
  json_build_object('type', s.media_type, 'words', s.words) AS messages,
  s.schedule, s.report_if_empty AS "reportIfEmpty", s.created_at AS "createdAt",
  s.initial_record_time AS "initialRecordTime", s.min_record_time AS "minRecordTime",
  s.last_notified_at AS "lastNotifiedAt", s.watermark, s.begun, s.failures, s.failing_since AS "failingSince",
  s.stopped_at AS "stoppedAt"`;

export type NewSubscription = Pick<
  Subscription,
  'id' | 'caller' | 'query' | 'dest' | 'format' | 'messages' | 'schedule' | 'reportIfEmpty' | 'createdAt'
> &
  Pick<Subscription, 'initialRecordTime' | 'watermark'> &
  Secret & { readonly dueAt: number };

/** Adds a subscription. Refusal: `state-conflict`. Should its query go meanwhile, it is given up when it is looked at. */
export async function insertSubscription({ sql }: Database, it: NewSubscription): Promise<Subscription> {
  const { party, client, roles } = it.caller;
  const [row] = await sql<Subscription[]>`
    INSERT INTO epcis_subscriptions AS s (id, party, client, roles, query, dest, secret, format, media_type, words,
      schedule, report_if_empty, created_at, initial_record_time, min_record_time, watermark, begun, due_at, lease_until, failures)
    SELECT ${it.id}, ${party}, ${client}, ${JSON.stringify(roles)}::text::jsonb, ${it.query}, ${it.dest},
      ${it.secret}::bytea, ${it.format}, ${it.messages.type}, ${it.messages.words}, ${it.schedule === null ? null : JSON.stringify(it.schedule)}::text::jsonb,
      ${it.reportIfEmpty}::boolean, ${it.createdAt}::bigint, ${it.initialRecordTime}::bigint,
      ${it.initialRecordTime ?? it.createdAt}::bigint, ${it.watermark}::bigint, false, ${it.dueAt}::bigint, 0, 0
    WHERE ${subscriptionsMax} > (SELECT count(*) FROM epcis_subscriptions WHERE party = ${party})
    RETURNING ${columns(sql)}`;
  if (row === undefined)
    throw new Refusal(
      'state-conflict',
      `You have ${subscriptionsMax} subscriptions already; delete one first.`,
    );
  return row;
}

/** A page of the subscriptions to a query in order of id. */
export const subscriptionsTo = (
  sql: Sql,
  { party }: Pick<Caller, 'party'>,
  query: string,
  after: string,
  limit: number,
): Promise<Subscription[]> =>
  sql<Subscription[]>`
    SELECT ${columns(sql)} FROM epcis_subscriptions s
    WHERE party = ${party} AND query = ${query} AND id > ${after} ORDER BY id LIMIT ${limit}`;

/** One of them. Refusal: `unknown-subscription`. */
export async function subscriptionById(
  sql: Sql,
  { party }: Pick<Caller, 'party'>,
  query: string,
  id: string,
): Promise<Subscription> {
  const [row] = await sql<Subscription[]>`
    SELECT ${columns(sql)} FROM epcis_subscriptions s
    WHERE id = ${id} AND party = ${party} AND query = ${query}`;
  if (row === undefined) throw unknownSubscription(id);
  return row;
}

/** Ends one. Refusal: `unknown-subscription`. */
export async function deleteSubscription(
  { sql }: Database,
  { party }: Pick<Caller, 'party'>,
  query: string,
  id: string,
): Promise<void> {
  const rows = await sql`
    DELETE FROM epcis_subscriptions WHERE id = ${id} AND party = ${party} AND query = ${query} RETURNING id`;
  if (rows.length === 0) throw unknownSubscription(id);
}

const unknownSubscription = (id: string): Refusal =>
  new Refusal('unknown-subscription', `You have no subscription ${id} to this query.`);

/**
 * Takes on subscriptions that are due, those that wait longest first: streams only where the log has grown beyond what
 * they were told. Of a party no more are under way than `ofParty`, so that one whose receivers are slow holds up itself
 * alone. Another process passes over them for `leaseMs` by the database's clock.
 */
export const claimSubscriptions = (
  sql: Sql,
  at: {
    readonly now: number;
    readonly size: number;
    readonly leaseMs: number;
    readonly limit: number;
    readonly ofParty: number;
  },
): Promise<ClaimedSubscription[]> =>
  sql<ClaimedSubscription[]>`
    WITH waiting AS (
      SELECT id, row_number() OVER (PARTITION BY party ORDER BY due_at, id) + (
          SELECT count(*) FROM epcis_subscriptions u WHERE u.party = s.party AND u.lease_until > ${databaseClock(sql)}) AS n
      FROM epcis_subscriptions s
      WHERE due_at <= ${at.now} AND lease_until <= ${databaseClock(sql)} AND (schedule IS NOT NULL OR watermark < ${at.size})),
    due AS MATERIALIZED (
      SELECT s.id FROM epcis_subscriptions s JOIN waiting w ON w.id = s.id AND w.n <= ${at.ofParty}
      WHERE s.lease_until <= ${databaseClock(sql)}
      ORDER BY s.due_at, s.id LIMIT ${at.limit} FOR UPDATE OF s SKIP LOCKED)
    UPDATE epcis_subscriptions s SET lease_until = ${databaseClock(sql)} + ${at.leaseMs}::bigint FROM due WHERE s.id = due.id
    RETURNING ${columns(sql)}, s.secret, s.lease_until AS lease`;

/** Goes on holding it for `leaseMs`; null when another process has taken it on. */
export async function holdSubscription(
  sql: Sql,
  it: ClaimedSubscription,
  leaseMs: number,
): Promise<ClaimedSubscription | null> {
  const [held] = await sql<{ lease: number }[]>`
    UPDATE epcis_subscriptions SET lease_until = ${databaseClock(sql)} + ${leaseMs}::bigint WHERE id = ${it.id} AND lease_until = ${it.lease}
    RETURNING lease_until AS lease`;
  return held === undefined ? null : { ...it, ...held };
}

/** How far a run has come. */
export interface Progress {
  readonly watermark: number;
  /** When it is looked at again, ms since the epoch. */
  readonly dueAt: number;
  /** Whether the run goes on, having sent something. */
  readonly begun: boolean;
  /** When something arrived; null when there was nothing to send. */
  readonly notifiedAt: number | null;
  /** When the events were asked for. */
  readonly askedAt: number;
}

/** Everything before the watermark has arrived. */
export const noteProgress = (sql: Sql, { id, lease }: ClaimedSubscription, it: Progress): Promise<unknown> =>
  sql`
    UPDATE epcis_subscriptions SET watermark = ${it.watermark}, due_at = ${it.dueAt}, begun = ${it.begun},
      lease_until = 0, failures = 0, failing_since = NULL, min_record_time = ${it.askedAt},
      last_notified_at = coalesce(${it.notifiedAt}::bigint, last_notified_at)
    WHERE id = ${id} AND lease_until = ${lease}`.execute();

/** A sending failed: it is tried again then, or, with null, no more. */
export const noteFailure = (
  sql: Sql,
  { id, lease }: ClaimedSubscription,
  again: number | null,
  at: number,
): Promise<unknown> =>
  sql`
    UPDATE epcis_subscriptions SET lease_until = 0, failures = failures + 1,
      failing_since = coalesce(failing_since, ${at}), due_at = ${again}::bigint,
      stopped_at = CASE WHEN ${again}::bigint IS NULL THEN ${at}::bigint END
    WHERE id = ${id} AND lease_until = ${lease}`.execute();
