/** Supervision samples (core/rules/supervision.ts) as they stand, where whole pages of results are read. */
import type { Sql } from '../../database/connection.ts';

/** What withdraws a sampling `s` of thing `unit`, by who took it. */
const withdrawn = (sql: Sql, unit: ReturnType<Sql>) => sql`
  SELECT FROM unit_chain w JOIN hops v ON v.seq = w.seq
  WHERE w.unit = ${unit} AND w.seq > s.seq AND v.hop = 'void' AND v.target = s.seq AND v.recorder = s.recorder`;

/** That whoever recorded hop `h` has not taken it back or put it right since. */
export const stands = (sql: Sql) => sql`NOT EXISTS (
  SELECT FROM unit_chain c JOIN unit_chain o USING (unit) JOIN hops v ON v.seq = o.seq
  WHERE c.seq = h.seq AND v.seq > h.seq AND v.hop IN ('void', 'correct') AND v.target = h.seq
    AND v.recorder = h.recorder)`;

/** Whether `s` took a sample of what hop `h` names, for a regulator and before the result. */
const takes = (sql: Sql) => sql`
  s.seq <= h.seq AND s.time_from <= h.time_until AND s.hop = 'inspect' AND s.as_role = 'regulator' AND s.note IS NOT NULL`;

/** The last sampling by a regulator that the result in hop `h` is of, as `s`: itself, or one of a thing that it names. */
export const samplingOf = (sql: Sql) => sql`LATERAL (
  SELECT s.seq, s.recorder, s.place, s.giver FROM unit_chain c JOIN unit_chain o USING (unit) JOIN hops s ON s.seq = o.seq
  WHERE c.seq = h.seq AND ${takes(sql)} AND NOT EXISTS (${withdrawn(sql, sql`c.unit`)})
  ORDER BY s.seq DESC LIMIT 1) s`;

/**
 * Units and lots that the result in hop `h` names and that a regulator sampled: itself, or another of its lot that the result
 * names as well; as `d`. A laboratory may tell in one report of samples of several makers, and of what it was sent.
 */
export const sampledIn = (sql: Sql) => sql`LATERAL (
  WITH named AS MATERIALIZED (
    SELECT c.unit, e.epc, coalesce(i.lot, e.epc) AS sample FROM unit_chain c JOIN epcs e USING (unit)
    LEFT JOIN LATERAL (
      SELECT lot, last_unit FROM issues WHERE first_unit <= c.unit ORDER BY first_unit DESC LIMIT 1) i
      ON i.last_unit >= c.unit
    WHERE c.seq = h.seq)
  SELECT n.unit, n.epc, n.sample FROM named n WHERE n.epc LIKE '01/%' AND n.sample IN (
    SELECT m.sample FROM named m WHERE EXISTS (
      SELECT FROM unit_chain o JOIN hops s ON s.seq = o.seq
      WHERE o.unit = m.unit AND ${takes(sql)} AND NOT EXISTS (${withdrawn(sql, sql`m.unit`)})))) d`;
