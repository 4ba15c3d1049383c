/** Supervision samples that failed, with whose affair that is. */
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { sampledIn, samplingOf, stands } from '../findings/supervision.ts';

export interface FailedSample {
  readonly seq: number;
  /** Of where it was taken, of whoever gave it, and of makers. */
  readonly regions: readonly string[];
  readonly places: readonly PlaceId[];
  /** The regulator who took it, and from whom. */
  readonly sampler: PartyId;
  readonly giver: PartyId | null;
  /** GTINs of what was sampled. */
  readonly products: readonly string[];
}

/**
 * Failed supervision samples: what a regulator sampled, and what it or a laboratory then found not in order and has not
 * taken back.
 */
export const failedWithin = (sql: Sql, from: number, until: number) =>
  sql<FailedSample[]>`
    SELECT h.seq, s.recorder AS sampler, s.giver, m.products, array_remove(ARRAY[s.place], NULL) AS places, array_remove(ARRAY[
      (SELECT body ->> 'region' FROM places p WHERE p.id = s.place ORDER BY p.seq DESC LIMIT 1),
      (SELECT body ->> 'region' FROM parties p WHERE p.id = s.giver ORDER BY p.seq DESC LIMIT 1)], NULL) || m.regions AS regions
    FROM hops h CROSS JOIN ${samplingOf(sql)}
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(DISTINCT substr(d.epc, 4, 14)), '{}') AS products,
        coalesce(array_agg(DISTINCT r.region) FILTER (WHERE r.region IS NOT NULL), '{}') AS regions
      FROM ${sampledIn(sql)} LEFT JOIN owners w ON w.identifier = 'gtin:' || substr(d.epc, 4, 14)
      LEFT JOIN LATERAL (
        SELECT body ->> 'region' AS region FROM parties p WHERE p.id = w.party ORDER BY p.seq DESC LIMIT 1) r ON TRUE) m
    WHERE h.seq >= ${from} AND h.seq < ${until} AND h.hop = 'inspect' AND h.outcome = 'non-conformant'
      AND h.as_role IN ('regulator', 'laboratory') AND ${stands(sql)} ORDER BY h.seq`;

/** That hop `h` tells the result of a supervision sample, and neither the result nor the sampling was taken back. */
export const standsAsSample = (sql: Sql) => sql`(${stands(sql)} AND EXISTS (SELECT FROM ${samplingOf(sql)}))`;

/** Those of the results that stand. One statement, or none. */
export async function standingSamples(sql: Sql, results: readonly number[]): Promise<Set<number>> {
  if (results.length === 0) return new Set();
  const rows = await sql<{ seq: number }[]>`
    SELECT h.seq FROM unnest(${arrayLiteral(results)}::bigint[]) AS asked (seq) JOIN hops h USING (seq)
    WHERE ${standsAsSample(sql)}`;
  return new Set(rows.map(({ seq }) => seq));
}
