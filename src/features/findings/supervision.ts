/** Supervision samples (core/rules/supervision.ts) as they stand, where whole pages of results are read. */
import type { Sql } from '../../database/connection.ts';

/** The last sampling by a regulator that the result in hop `h` is of, as `s`: itself, or one of a thing that it names. */
export const samplingOf = (sql: Sql) => sql`LATERAL (
  SELECT s.seq, s.recorder, s.place, s.giver FROM unit_chain c JOIN unit_chain o USING (unit) JOIN hops s ON s.seq = o.seq
  WHERE c.seq = h.seq AND s.seq <= h.seq AND s.time_from <= h.time_until AND s.hop = 'inspect' AND s.as_role = 'regulator'
    AND s.note IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM unit_chain w JOIN hops v ON v.seq = w.seq
      WHERE w.unit = c.unit AND w.seq > s.seq AND v.hop = 'void' AND v.target = s.seq AND v.recorder = s.recorder)
  ORDER BY s.seq DESC LIMIT 1) s`;
