/**
 * Where the goods were that a finding is about: not where whoever recorded it is.
 *
 *   a sample, also where a laboratory tells the result   where it was taken, else from whom
 *   what was shipped or sold                             from where, else from whom
 *   what was received                                    from whom
 *   all else                                             where it happened, else with whom
 *   scans and reports                                    where people scanned and reported, which may be several places
 *
 * Of two entries the second counts, and the first where the second is no event. Regions are those of today; what says none
 * is found nowhere.
 */
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { within } from './sight.ts';

/** Since and before when something was found: entries of the log, and ms since the epoch for what rests on clues. */
export interface Window {
  readonly seqs: readonly [from: number, until: number];
  readonly times: readonly [from: number, until: number];
}

/** The region of a finding `f` as `w.region`, empty for none: to be joined. */
export const whereFound = (sql: Sql) => sql`LATERAL (
  SELECT coalesce(
    (SELECT p.body ->> 'region' FROM places p WHERE p.id = g.place ORDER BY p.seq DESC LIMIT 1),
    (SELECT q.body ->> 'region' FROM parties q WHERE q.id = g.party ORDER BY q.seq DESC LIMIT 1), '') AS region
  FROM (SELECT) one LEFT JOIN LATERAL (
    SELECT CASE WHEN h.hop = 'receive' THEN NULL WHEN h.as_role = 'laboratory' THEN s.place ELSE h.place END AS place,
      coalesce(s.giver, h.giver, CASE WHEN h.as_role NOT IN ('laboratory', 'regulator') THEN h.recorder END) AS party
    FROM hops h LEFT JOIN LATERAL (
      SELECT s.place, s.giver FROM unit_chain u JOIN hops s ON s.seq = u.seq
      WHERE u.unit = f.unit AND u.seq < h.seq AND s.hop = 'inspect' AND s.as_role = 'regulator'
        AND s.note IN ('sample', 'sampling')
      ORDER BY u.seq DESC LIMIT 1) s ON h.as_role = 'laboratory'
    WHERE h.seq IN (f.one, f.other) ORDER BY h.seq <> f.other LIMIT 1) g ON TRUE) w`;

/** What was found within a window, of both kinds: case and region, and whether at or after a moment of it, as `f`. */
export const foundWithin = (sql: Sql, { seqs, times }: Window, since: { seq: number; time: number }) => sql`(
  SELECT f.case_id, w.region, f.opened >= ${since.seq} AS late
  FROM findings f CROSS JOIN ${whereFound(sql)} WHERE f.opened >= ${seqs[0]} AND f.opened < ${seqs[1]}
  UNION ALL
  SELECT f.case_id, r.region, f.found_at >= ${since.time}
  FROM clue_findings f CROSS JOIN LATERAL unnest(string_to_array(f.regions, ' ') || ARRAY['']) AS r (region)
  WHERE f.found_at >= ${times[0]} AND f.found_at < ${times[1]}) f`;

/** Whether a finding `f` is one of all of those of its case `c` that a reader is told of, or lies in its jurisdiction. */
export const isToldOf = (sql: Sql, reader: Reader) =>
  sql`(${wholeTo(sql, reader)} OR ${within(sql, reader, sql`f.region`)})`;

/** Whether all findings of a case `c` are for a reader (`seesWhole`). */
export const wholeTo = (sql: Sql, reader: Reader) =>
  reader.roles.includes('operator')
    ? sql`TRUE`
    : sql`(c.party = ${reader.party} OR c.maker = ${reader.party}
      OR ${within(sql, reader, sql`c.region`)} OR ${within(sql, reader, sql`c.maker_region`)})`;
