/**
 * How long it takes from a failed supervision sample (core/rules/supervision.ts) to the first order that stops the goods. Both
 * times are when the log recorded them, so no clock but its own counts.
 *
 * An order answers a failure when it was made after it, stops goods, and says that it follows from it, or names the thing,
 * its lot, its product, its maker or whoever gave the sample, without naming other things, lots or products. What else its
 * scope asks, periods and its reach, is not looked at.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { blockingTypes } from '../../core/orders/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { sampledIn, samplingOf } from '../findings/supervision.ts';
import type { EntryBehind, EntryPage } from './flows.ts';
import type { Period } from './queries.ts';
import { regionsOfAll, stands, touchesReader } from './stations.ts';

const dayMs = 86_400_000;
/** Before the period, so far back a failure of the same lot or thing makes one of the period a re-test. */
const retestMs = 366 * dayMs;

export interface Answered {
  /** The maker of what failed, or the authority or maker that stopped it first. */
  readonly as: 'maker' | 'ordered-by';
  readonly party: PartyId;
  readonly failures: number;
  readonly blocked: number;
  /** Hours, of those blocked; null for none. */
  readonly median: number | null;
  readonly upperQuartile: number | null;
}

/** Failed samples with who made what failed and who stopped it first, as `told`. */
const failedSamples = (sql: Sql, reader: Reader, { from, until }: Period) => sql`
    WITH stations AS MATERIALIZED (${regionsOfAll(sql)}),
    failed AS MATERIALIZED (
      SELECT h.seq, h.recorded_at, h.recorder, h.as_role, h.giver, h.taker, h.place, h.to_place, h.time_until
      FROM hops h
      CROSS JOIN ${samplingOf(sql)}
      WHERE h.outcome = 'non-conformant' AND h.hop = 'inspect' AND h.as_role IN ('laboratory', 'regulator')
        AND h.recorded_at >= ${from - retestMs} AND h.recorded_at < ${until} AND ${stands(sql)}),
    named AS (
      SELECT DISTINCT ON (gtin, sample) h.*, substr(d.epc, 4, 14) AS gtin, d.epc, d.sample
      FROM failed h CROSS JOIN ${sampledIn(sql)} ORDER BY gtin, sample, h.seq),
    samples AS (
      SELECT n.*, w.party AS maker FROM named n LEFT JOIN owners w ON w.identifier = 'gtin:' || n.gtin
      CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(region) FILTER (WHERE region IS NOT NULL), '{}') AS regions FROM stations
        WHERE id IN (n.recorder, n.giver, n.taker, n.place, n.to_place, w.party)) s
      WHERE n.recorded_at >= ${from}
        AND ${touchesReader(sql, reader, sql`s.regions`, sql`ARRAY[n.place, n.to_place]`)}),
    following AS MATERIALIZED (
      SELECT (body ->> 'result')::bigint AS result, seq FROM orders WHERE at >= ${from} AND body ? 'result'),
    answered AS (
      SELECT s.seq, s.recorded_at AS at, s.maker, o.party AS ordered_by, (o.at - s.recorded_at) / 3600000.0 AS hours
      FROM samples s LEFT JOIN LATERAL (
        SELECT o.party, o.at FROM (
          SELECT seq FROM following WHERE result = s.seq
          UNION ALL
          SELECT t.seq FROM order_terms t WHERE t.seq > s.seq AND t.term IN (
            'unit:' || s.epc, 'lot:' || s.sample, 'product:' || s.gtin, 'made:' || s.maker, 'held:' || s.giver)
        ) candidate JOIN orders o USING (seq) CROSS JOIN LATERAL (SELECT o.body -> 'scope' AS scope) x
        WHERE o.at < ${until} AND o.type = ANY (${arrayLiteral(blockingTypes)}::text[])
          AND coalesce(scope -> 'products' ? s.gtin, TRUE) AND coalesce(scope -> 'lots' ? s.sample, TRUE)
          AND coalesce(scope -> 'units' ? s.epc, TRUE)
        ORDER BY o.seq LIMIT 1) o ON TRUE),
    told AS (
      SELECT 'maker' AS "as", maker AS party, seq, at, hours FROM answered
      UNION ALL SELECT 'ordered-by', ordered_by, seq, at, hours FROM answered)`;

/** By party, most failures first. One statement. */
export const failuresToBlock = (
  sql: Sql,
  reader: Reader,
  period: Period,
  limit: number,
): Promise<Answered[]> =>
  sql<Answered[]>`
    ${failedSamples(sql, reader, period)}
    SELECT "as", party, count(*)::int AS failures, count(hours)::int AS blocked,
      (percentile_cont(0.5) WITHIN GROUP (ORDER BY hours))::float8 AS median,
      (percentile_cont(0.75) WITHIN GROUP (ORDER BY hours))::float8 AS "upperQuartile"
    FROM told WHERE party IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ${limit}`;

/** The failed samples of a party, all, or those that were or were not stopped. One statement. */
export const failureEntries = (
  sql: Sql,
  reader: Reader,
  period: Period,
  asked: { readonly as: string; readonly party: string; readonly blocked: boolean | null },
  { before, limit }: EntryPage,
): Promise<EntryBehind[]> =>
  sql<EntryBehind[]>`
    ${failedSamples(sql, reader, period)}
    SELECT DISTINCT seq, at, 'inspect' AS hop FROM told
    WHERE "as" = ${asked.as} AND party = ${asked.party} AND seq < ${before}
      AND (${asked.blocked}::boolean IS NULL OR (hours IS NOT NULL) = ${asked.blocked})
    ORDER BY seq DESC LIMIT ${limit}`;
