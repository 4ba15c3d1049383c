/** Supervision samples (core/rules/supervision.ts) where whole pages of results are read. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { isLaboratory, issueOf, type Sampling } from './failures.ts';

/** What withdraws a sampling `s` of thing `unit`, by who took it. */
const withdrawn = (sql: Sql, unit: ReturnType<Sql>) => sql`
  SELECT FROM unit_chain w JOIN hops v ON v.seq = w.seq
  WHERE w.unit = ${unit} AND w.seq > s.seq AND v.hop = 'void' AND v.target = s.seq AND v.recorder = s.recorder`;

/** That whoever recorded hop `h` has not taken it back or put it right since. */
export const stands = (sql: Sql) => sql`NOT EXISTS (
  SELECT FROM unit_chain c JOIN unit_chain o USING (unit) JOIN hops v ON v.seq = o.seq
  WHERE c.seq = h.seq AND v.seq > h.seq AND v.hop IN ('void', 'correct') AND v.target = h.seq
    AND v.recorder = h.recorder)`;

/** Whether `s` took a sample of a thing that hop `h` names, for a regulator and before the result. */
const takes = (sql: Sql) => sql`
  s.seq <= h.seq AND s.time_from <= h.time_until AND s.hop = 'inspect' AND s.as_role = 'regulator' AND s.note IS NOT NULL`;

/** Whether whoever took sample `s` of thing `unit` sent it to the laboratory that told the result `h`, or to none. */
const entrusted = (sql: Sql, unit: ReturnType<Sql>) => sql`(
  h.as_role <> 'laboratory' OR coalesce((
    SELECT bool_or(t.taker = h.recorder) FROM unit_chain w CROSS JOIN LATERAL (
      SELECT h.seq, h.taker FROM hops h
      WHERE h.seq = w.seq AND h.hop = 'ship' AND h.recorder = s.recorder AND ${isLaboratory(sql, sql`h.taker`)}) t
    WHERE w.unit = ${unit} AND w.seq > s.seq AND NOT EXISTS (
      SELECT FROM unit_chain x JOIN hops v ON v.seq = x.seq
      WHERE x.unit = ${unit} AND x.seq > t.seq AND v.target = t.seq AND v.recorder = s.recorder
        AND (v.hop = 'void' OR v.hop = 'cancel' AND NOT EXISTS (
          SELECT FROM unit_chain y JOIN hops z ON z.seq = y.seq
          WHERE y.unit = ${unit} AND y.seq > v.seq AND z.hop = 'void' AND z.target = v.seq AND z.recorder = v.recorder)))), TRUE))`;

/** The last sampling by a regulator that the result in hop `h` is of, as `s`: itself, or one of a thing that it names. */
export const samplingOf = (sql: Sql) => sql`LATERAL (
  SELECT s.seq, s.recorder, s.place, s.giver FROM unit_chain c JOIN unit_chain o USING (unit) JOIN hops s ON s.seq = o.seq
  WHERE c.seq = h.seq AND ${takes(sql)} AND ${entrusted(sql, sql`c.unit`)}
    AND NOT EXISTS (${withdrawn(sql, sql`c.unit`)})
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
      WHERE o.unit = m.unit AND ${takes(sql)} AND ${entrusted(sql, sql`m.unit`)}
        AND NOT EXISTS (${withdrawn(sql, sql`m.unit`)})))) d`;

/** A sample that a regulator took, by the entry of a result of it. */
export interface SupervisedResult {
  readonly seq: number;
  readonly gtin: string;
  /** The lot, or the thing where none is known. */
  readonly of: string;
  readonly samplings: readonly Sampling[];
  /** When it was made by the entries up to the result, ms since the epoch; null where nobody had told. */
  readonly made: { readonly from: number; readonly until: number } | null;
}

/** Of results by their entries, what of it is of supervision samples, whatever was withdrawn since. One statement. */
export const supervisedIn = (sql: Sql, seqs: readonly number[]): Promise<SupervisedResult[]> =>
  sql<SupervisedResult[]>`
    SELECT g.seq, g.gtin, g.of, g.samplings,
      CASE WHEN m.seq IS NOT NULL THEN json_build_object('from', m.time_from, 'until', m.time_until) END AS made
    FROM (
      SELECT c.seq, substr(e.epc, 4, 14) AS gtin, coalesce(i.lot, e.epc) AS of, min(c.unit) AS unit,
        json_agg(DISTINCT jsonb_build_object('seq', s.seq, 'recorder', s.recorder, 'unit', c.unit)) AS samplings
      FROM unnest(${arrayLiteral(seqs)}::bigint[]) AS asked (seq)
      JOIN hops h USING (seq) JOIN unit_chain c USING (seq) JOIN epcs e USING (unit) LEFT JOIN ${issueOf(sql)}
      CROSS JOIN LATERAL (
        SELECT s.seq, s.recorder FROM unit_chain o JOIN hops s ON s.seq = o.seq
        WHERE o.unit = c.unit AND ${takes(sql)}) s
      WHERE e.epc LIKE '01/%' GROUP BY 1, 2, 3) g
    LEFT JOIN LATERAL (
      SELECT p.seq, p.time_from, p.time_until FROM unit_chain u JOIN hops p ON p.seq = u.seq
      WHERE u.seq <= g.seq AND p.hop = 'produce' AND u.unit IN (
        g.unit, (SELECT i.first_unit FROM issues i WHERE i.lot = g.of ORDER BY i.first_unit LIMIT 1))
      ORDER BY u.seq LIMIT 1) m ON TRUE
    ORDER BY g.seq, g.of`;
