/**
 * Results of official sampling: what a regulator found itself, and what a laboratory found in a supervision sample
 * (core/rules/supervision.ts). What a laboratory tests for whoever pays it is not among them. A result that was taken back or put right
 * since is gone; what put it right stands for itself.
 */
import type { Outcome, PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { lastWithin } from '../cases/sight.ts';
import { sampledIn, samplingOf, stands } from '../findings/supervision.ts';
import type { Search } from './asked.ts';

export interface SampleResult {
  readonly seq: number;
  /** When it was found, ms since the epoch. */
  readonly at: number;
  readonly outcome: Outcome;
  /** Who says so. */
  readonly by: PartyId;
  /** Of the place where it was sampled, else of whoever gave the sample; null when neither says. */
  readonly region: string | null;
  /** `01/{GTIN}` or, where it is known, `01/{GTIN}/10/{lot}`; never a unit. */
  readonly things: readonly string[];
}

/** Identifiers of one inspection that are looked at. */
const thingsMax = 200;

/** A page of results, newest entry first. */
export const sampleResults = (
  sql: Sql,
  {
    gtins,
    lot,
    from,
    until,
    region,
    outcome,
  }: Search & { readonly region: string | null; readonly outcome: Outcome | null },
  before: number,
  limit: number,
): Promise<SampleResult[]> =>
  sql<SampleResult[]>`
    SELECT h.seq, h.time_from AS at, h.outcome, h.recorder AS by, w.region, t.things
    FROM hops h
    LEFT JOIN ${samplingOf(sql)} ON h.as_role = 'laboratory'
    CROSS JOIN LATERAL (
      SELECT coalesce(
        (SELECT p.body ->> 'region' FROM places p
          WHERE p.id = CASE WHEN s.seq IS NULL THEN h.place ELSE s.place END ORDER BY p.seq DESC LIMIT 1),
        (SELECT q.body ->> 'region' FROM parties q
          WHERE q.id = CASE WHEN s.seq IS NULL THEN h.giver ELSE s.giver END ORDER BY q.seq DESC LIMIT 1)) AS region) w
    CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT x.thing) AS things FROM (
        SELECT CASE WHEN e.epc LIKE '01/______________/10/%' THEN e.epc ELSE coalesce((
          SELECT i.lot FROM issues i WHERE i.gtin = substr(e.epc, 4, 14) AND i.first_unit <= e.unit AND i.last_unit >= e.unit
          ORDER BY i.first_unit DESC LIMIT 1), substr(e.epc, 1, 17)) END AS thing
        FROM (
          SELECT c.unit, o.epc FROM unit_chain c JOIN epcs o USING (unit)
          WHERE h.as_role = 'regulator' AND c.seq = h.seq AND o.epc LIKE '01/%'
          UNION ALL
          SELECT d.unit, d.epc FROM ${sampledIn(sql)} WHERE h.as_role = 'laboratory') e
        LIMIT ${thingsMax}) x) t
    WHERE h.hop = 'inspect' AND h.outcome IS NOT NULL AND h.as_role IN ('regulator', 'laboratory')
      AND (h.as_role = 'regulator' OR s.seq IS NOT NULL) AND t.things IS NOT NULL
      AND h.seq < ${before} AND h.time_from BETWEEN ${from} AND ${until}
      AND (${outcome}::text IS NULL OR h.outcome = ${outcome})
      AND (${region}::text IS NULL OR w.region BETWEEN ${region} AND ${region === null ? null : lastWithin(region)})
      AND (${gtins === null} OR EXISTS (SELECT FROM unnest(t.things) AS x (thing)
        WHERE substr(x.thing, 4, 14) = ANY (${arrayLiteral(gtins ?? [])}::text[])))
      AND (${lot}::text IS NULL OR EXISTS (SELECT FROM unnest(t.things) AS x (thing) WHERE substr(x.thing, 22) = ${lot}))
      AND ${stands(sql)}
    ORDER BY h.seq DESC LIMIT ${limit}`;
