/**
 * Windows of time (EPCIS 2.0 §8.2.7.1, GE_ and LT_ of eventTime and recordTime), found before candidates are: without
 * that events would be looked through from the newest on until the window comes, however long ago it was.
 *
 * Entries are recorded in order of time, so that a window of recordTime is a range of entries. Events are not told of in
 * the order in which they happened: of a window of eventTime it is found out whether it holds few events. Those are read
 * whole and sorted; of a window that holds many, a page is soon full in the order of recording.
 */
import type { EventQuery, Span } from '../../core/epcis/epcis-query.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface Window {
  /** Entries from here on, and before there. */
  readonly first: number;
  readonly end: number;
  /** Few events happened in it. */
  readonly isNarrow: boolean;
}

/** Where a page begins: after this entry. */
type After = { readonly seq: number };

/** Events that are read whole and sorted for each page. */
export const narrowMax = 20_000;

/** Times are bounded by what a bigint holds and a number tells exactly. */
export const bound = (time: number): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));

const isOpen = ({ from, until }: Span): boolean => !Number.isFinite(from) && !Number.isFinite(until);

/**
 * The window of a query in a log of that size, of which a page begins after `after`. At most two statements; none where
 * things or eventIDs are named.
 */
export async function windowOf(
  sql: Sql,
  query: EventQuery,
  { size, after }: { readonly size: number; readonly after: After | null },
): Promise<Window> {
  const { happened, recorded, epcs, eventIDs } = query;
  if (epcs !== null || eventIDs !== null) return { first: 0, end: size, isNarrow: false };
  const [[first = 0, end = size], isNarrow] = await Promise.all([
    isOpen(recorded) ? [] : entriesFrom(sql, [recorded.from, recorded.until], size),
    !isOpen(happened) && restOf(query, size, after) > narrowMax && holdsFew(sql, happened, size),
  ]);
  return { first, end, isNarrow };
}

/** Entries that are left to look through in the order of the log: few for whoever follows it. */
function restOf({ orderBy, direction }: EventQuery, size: number, after: After | null): number {
  if (orderBy !== 'recordTime' || after === null) return Number.POSITIVE_INFINITY;
  return direction === 'ASC' ? size - after.seq : after.seq;
}

/** By the index of times alone: that of entries would have to be read whole. */
async function holdsFew(sql: Sql, { from, until }: Span, size: number): Promise<boolean> {
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM (
      SELECT FROM (
        SELECT seq FROM hops
        WHERE time_from >= ${bound(from)} AND time_from < ${bound(until)} OFFSET 0) happened
      WHERE seq < ${size} LIMIT ${narrowMax + 1}) few`;
  return row !== undefined && row.count <= narrowMax;
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
