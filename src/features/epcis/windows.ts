/**
 * By which index the events of a query come, found out before they are: so that of a log of any length only about those
 * are read that the answer is made of.
 *
 *   by recordTime   the log in its order; for a party what it took part in, in that order
 *   by eventTime    the index of times in its order
 *
 * Entries are recorded in order of time, so that a window of recordTime (EPCIS 2.0 §8.2.7.1, GE_ and LT_) is a range of
 * entries. Events are not told of in the order in which they happened, so that the order of a query may be another than
 * that in which its events lie together. Where these are few, they are read whole and sorted: those that happened in a
 * window of eventTime, those of a window of recordTime, those that a party took part in. Where they are many, a page is
 * soon full in the order that is asked for, unless a party's own lie far apart among those of others: there is no index
 * of its times, which would cost every event its writing. The times of all are then walked in turns (queries.ts), from
 * the last at which anything of its own can have happened.
 *
 * Nothing is recorded before it happened, but for clocks that differ (notFuture): what happened since some time was
 * recorded since about then.
 */

import type { EventQuery, Span } from '../../core/epcis/epcis-query.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Caller } from '../../http/authentication.ts';
import { type Part, partsOf, type Stretch } from './parts.ts';

export interface Window {
  /** Entries from here on, and before there. */
  readonly first: number;
  readonly end: number;
  /** The log, the times of events, or who took part in them. */
  readonly by: 'log' | 'times' | 'parts';
  /** None of its events happened at this time or later, in ms since the epoch. */
  readonly until: number;
}

/** Where a page begins: after this entry. */
type After = { readonly seq: number };

/** Events that are read whole and sorted for each page. */
export const fewMax = 20_000;

/** How long before it happened something may be recorded, in ms: far more than clocks may differ. */
const earlyMs = 3_600_000;

/** Times are bounded by what a bigint holds and a number tells exactly. */
export const bound = (time: number): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));

export const isOpen = ({ from, until }: Span): boolean => !Number.isFinite(from) && !Number.isFinite(until);

interface Asked extends Pick<Part, 'granted'> {
  readonly query: EventQuery;
  /** How many entries the log has. */
  readonly size: number;
  readonly after: After | null;
}

/**
 * The window of a query, of which a page begins after `after`. At most four statements; none where things or eventIDs
 * are named.
 */
export async function windowOf(sql: Sql, caller: Caller, asked: Asked): Promise<Window> {
  const { query, size, after } = asked;
  const { happened, recorded, orderBy, direction } = query;
  const { until } = happened;
  if (isNamed(query)) return { first: 0, end: size, by: 'log', until };
  const own = ownOf(caller, asked);
  // Whoever follows the log looks at what is new.
  const follows = orderBy === 'recordTime' && restOf(query, size, after) <= fewMax;
  const since = follows ? recorded.from : sinceOf(query);
  const { first, end } = await recordedIn(sql, { from: since, until: recorded.until }, size);
  if (orderBy === 'recordTime' && isOpen(happened))
    return { first, end, by: own === null ? 'log' : 'parts', until };
  if (follows) return { first, end, by: 'log', until };
  const stretch = { first, end, direction };
  if (own !== null && (await tookPartInFew(sql, own, stretch))) return { first, end, by: 'parts', until };
  if (orderBy === 'recordTime')
    return { first, end, by: (await holdsFew(sql, happened, size)) ? 'times' : 'log', until };
  if (!isOpen(recorded) && end - first <= fewMax) return { first, end, by: 'log', until };
  const last = own === null ? until : await lastOwnTime(sql, own, stretch);
  return { first, end, by: 'times', until: Math.min(until, last) };
}

/**
 * The window of a query of which all events are read, whatever their order; null where there are more than `fewMax` of
 * them. At most three statements. What names things or eventIDs may still come to more.
 */
export async function fewOf(sql: Sql, caller: Caller, asked: Omit<Asked, 'after'>): Promise<Window | null> {
  const { query, size } = asked;
  const { happened, recorded } = query;
  const { until } = happened;
  if (isNamed(query)) return { first: 0, end: size, by: 'log', until };
  const { first, end } = await recordedIn(sql, { from: sinceOf(query), until: recorded.until }, size);
  if (end - first <= fewMax) return { first, end, by: 'log', until };
  const own = ownOf(caller, asked);
  if (own !== null && (await tookPartInFew(sql, own, { first, end, direction: 'ASC' })))
    return { first, end, by: 'parts', until };
  return !isOpen(happened) && (await holdsFew(sql, happened, size))
    ? { first, end, by: 'times', until }
    : null;
}

const isNamed = ({ epcs, eventIDs }: EventQuery): boolean => epcs !== null || eventIDs !== null;

const ownOf = ({ party, roles }: Caller, { granted }: Pick<Asked, 'granted'>): Part | null =>
  roles.includes('regulator') ? null : { party, granted };

/** From when on what fits was recorded. */
const sinceOf = ({ recorded, happened }: EventQuery): number =>
  Math.max(recorded.from, happened.from - earlyMs);

async function recordedIn(
  sql: Sql,
  span: Span,
  size: number,
): Promise<{ readonly first: number; readonly end: number }> {
  const [first = 0, end = size] = isOpen(span) ? [] : await entriesFrom(sql, [span.from, span.until], size);
  return { first, end };
}

/** Entries that are left to look through in the order of the log: few for whoever follows it. */
function restOf({ direction }: EventQuery, size: number, after: After | null): number {
  if (after === null) return Number.POSITIVE_INFINITY;
  return direction === 'ASC' ? size - after.seq : after.seq;
}

/** By the index of times alone: that of entries would have to be read whole. */
async function holdsFew(sql: Sql, { from, until }: Span, size: number): Promise<boolean> {
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM (
      SELECT FROM (
        SELECT seq FROM hops
        WHERE time_from >= ${bound(from)} AND time_from < ${bound(until)} OFFSET 0) happened
      WHERE seq < ${size} LIMIT ${fewMax + 1}) few`;
  return row !== undefined && row.count <= fewMax;
}

/** By the indexes of who took part alone. */
async function tookPartInFew(sql: Sql, part: Part, stretch: Omit<Stretch, 'most'>): Promise<boolean> {
  const most = fewMax + 1;
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::integer AS count
    FROM (SELECT FROM (${partsOf(sql, part, { ...stretch, most })}) parts LIMIT ${most}) few`;
  return row !== undefined && row.count <= fewMax;
}

/** The time by which all had happened that a party took part in. */
async function lastOwnTime(sql: Sql, part: Part, stretch: Omit<Stretch, 'most'>): Promise<number> {
  const last = partsOf(sql, part, { ...stretch, direction: 'DESC', most: 1 });
  const [row] = await sql<{ at: number }[]>`
    SELECT at FROM entries WHERE seq = (SELECT max(seq) FROM (${last}) last)`;
  return row === undefined ? Number.NEGATIVE_INFINITY : row.at + earlyMs + 1;
}

/**
 * Of each time the first entry recorded then or later, before `size`: halving, a look at a few entries, as their times
 * only rise. One statement.
 */
export async function entriesFrom(sql: Sql, times: readonly number[], size: number): Promise<number[]> {
  const rows = await sql<{ seq: number }[]>`
    WITH RECURSIVE halving (n, time, low, high) AS (
      SELECT n, time, 0::bigint, ${size}::bigint
      FROM unnest(${arrayLiteral(times.map(bound))}::bigint[]) WITH ORDINALITY AS t (time, n)
      UNION ALL
      SELECT n, time, CASE WHEN e.at < time THEN e.seq + 1 ELSE low END, CASE WHEN e.at < time THEN high ELSE e.seq END
      FROM halving CROSS JOIN LATERAL (SELECT seq, at FROM entries WHERE seq = (low + high) / 2) e
      WHERE low < high)
    SELECT low AS seq FROM halving WHERE low = high ORDER BY n`;
  if (rows.length !== times.length) throw new Error('the log lacks an entry');
  return rows.map(({ seq }) => seq);
}

/** The first entry recorded at that time or later, before `size`. */
export async function entryFrom(sql: Sql, time: number, size: number): Promise<number> {
  const [first = size] = await entriesFrom(sql, [time], size);
  return first;
}
