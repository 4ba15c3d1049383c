/**
 * Where goods go between regions. A shipment or sale goes from its place, or else from its giver, to the place it is sent
 * to, or else to its taker; a receipt comes from its giver to the place where it was received, or else to its recorder. What
 * was taken back counts for nothing.
 */
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import type { Period } from './queries.ts';
import { atLevel, type Level, regionsOfAll, stands, touchesReader } from './stations.ts';

export interface RouteCount {
  /** Codes of regions at the level that was asked for. */
  readonly origin: string;
  readonly destination: string;
  /** Events of the giving side and of the taking side; either may be missing of a movement. */
  readonly sent: number;
  readonly received: number;
  readonly sentBefore: number;
  readonly receivedBefore: number;
}

/** An entry behind a number. */
export interface EntryBehind {
  readonly seq: number;
  /** When it was recorded, ms since the epoch. */
  readonly at: number;
  readonly hop: string;
}

/** A page of entries, newest first. */
export interface EntryPage {
  /** Those with a lower number. */
  readonly before: number;
  readonly limit: number;
}

const isMovement = (sql: Sql) => sql`h.hop IN ('ship', 'sell', 'receive') AND ${stands(sql)}`;

/** From where to where a movement `h` went. */
const ends = (sql: Sql) => sql`
  CASE WHEN h.hop = 'receive' THEN NULL ELSE h.place END AS from_place,
  CASE WHEN h.hop = 'receive' THEN h.giver ELSE coalesce(h.giver, h.recorder) END AS from_party,
  CASE WHEN h.hop = 'receive' THEN h.place ELSE h.to_place END AS to_place,
  CASE WHEN h.hop = 'receive' THEN coalesce(h.taker, h.recorder) ELSE h.taker END AS to_party`;

/** Movements `m` with the regions of their ends, those that touch a reader's jurisdiction. */
const betweenRegions = (sql: Sql, reader: Reader, level: Level) => sql`
  SELECT m.*, ${atLevel(sql, sql`coalesce(a.region, b.region)`, level)} AS origin,
    ${atLevel(sql, sql`coalesce(c.region, d.region)`, level)} AS destination
  FROM moved m
  LEFT JOIN stations a ON a.id = m.from_place LEFT JOIN stations b ON b.id = m.from_party
  LEFT JOIN stations c ON c.id = m.to_place LEFT JOIN stations d ON d.id = m.to_party
  WHERE ${touchesReader(
    sql,
    reader,
    sql`ARRAY[a.region, b.region, c.region, d.region]`,
    sql`ARRAY[from_place, to_place]`,
  )}`;

/** Movements from region to region, in the period and in the one of the same length before. One statement. */
export async function routeCounts(
  sql: Sql,
  reader: Reader,
  { from, until }: Period,
  level: Level,
): Promise<RouteCount[]> {
  return sql<RouteCount[]>`
    WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
    moved AS (
      SELECT h.hop = 'receive' AS receipt, h.recorded_at >= ${from} AS now, ${ends(sql)}, count(*) AS events
      FROM hops h
      WHERE ${isMovement(sql)} AND h.recorded_at >= ${2 * from - until} AND h.recorded_at < ${until}
      GROUP BY 1, 2, 3, 4, 5, 6)
    SELECT origin, destination,
      coalesce(sum(events) FILTER (WHERE now AND NOT receipt), 0)::float8 AS sent,
      coalesce(sum(events) FILTER (WHERE now AND receipt), 0)::float8 AS received,
      coalesce(sum(events) FILTER (WHERE NOT now AND NOT receipt), 0)::float8 AS "sentBefore",
      coalesce(sum(events) FILTER (WHERE NOT now AND receipt), 0)::float8 AS "receivedBefore"
    FROM (${betweenRegions(sql, reader, level)}) told WHERE origin <> destination GROUP BY 1, 2`;
}

/** The movements of a route. One statement. */
export async function routeEntries(
  sql: Sql,
  reader: Reader,
  { from, until }: Period,
  { level, origin, destination }: { level: Level; origin: string; destination: string },
  { before, limit }: EntryPage,
): Promise<EntryBehind[]> {
  return sql<EntryBehind[]>`
    WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
    moved AS (
      SELECT h.seq, h.recorded_at AS at, h.hop, ${ends(sql)} FROM hops h
      WHERE ${isMovement(sql)} AND h.recorded_at >= ${from} AND h.recorded_at < ${until} AND h.seq < ${before})
    SELECT seq, at, hop FROM (${betweenRegions(sql, reader, level)}) told
    WHERE origin = ${origin} AND destination = ${destination} ORDER BY seq DESC LIMIT ${limit}`;
}
