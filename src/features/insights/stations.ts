/** Where parties and places are, and what of that is a reader's affair, for statements that count events. */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Reader } from '../access/reading.ts';
import { lastWithin } from '../cases/sight.ts';

type Fragment = ReturnType<Sql>;

/** Region of every party and place by its newest version: a query with columns `id` and `region`. */
export const regionsOfAll = (sql: Sql) => sql`
  SELECT id, region FROM (
    SELECT DISTINCT ON (id) id, body ->> 'region' AS region FROM parties ORDER BY id, seq DESC) p
  UNION ALL
  SELECT id, region FROM (
    SELECT DISTINCT ON (id) id, body ->> 'region' AS region FROM places ORDER BY id, seq DESC) p`;

/** Whether one of these, arrays of regions and of places, lies in the reader's jurisdiction; all do for the operator. */
export function touchesReader(
  sql: Sql,
  { roles, jurisdiction }: Reader,
  regions: Fragment,
  places: Fragment,
) {
  if (roles.includes('operator')) return sql`TRUE`;
  if (jurisdiction === null) return sql`FALSE`;
  const first = jurisdiction.regions;
  const last = first.map(lastWithin);
  return sql`(
    ${places} && ${arrayLiteral(jurisdiction.places)}::text[]
    OR EXISTS (
      SELECT FROM unnest(${regions}) AS told (region)
      JOIN unnest(${arrayLiteral(first)}::text[], ${arrayLiteral(last)}::text[]) AS r (lowest, highest)
        ON told.region BETWEEN r.lowest AND r.highest))`;
}

/** Condition on hops `h`: its recorder did not take it back. What was taken back is few and has an index. */
export const stands = (sql: Sql) => sql`NOT EXISTS (
  SELECT FROM hops v WHERE v.hop IN ('void', 'correct') AND v.target = h.seq AND v.recorder = h.recorder)`;

export const levels = ['province', 'prefecture', 'county'] as const;
export type Level = (typeof levels)[number];
const digits: Readonly<Record<Level, number>> = { province: 2, prefecture: 4, county: 6 };

/**
 * A region at a level, as its code: 330106 is 330000, 330100 or 330106. A county that a province runs itself stands for a
 * prefecture. null for what is only known to lie in something larger.
 */
export const atLevel = (sql: Sql, region: Fragment, level: Level) => sql`CASE
  WHEN substr(${region}, ${digits[level] - 1}, 2) IN ('00', '') THEN NULL
  WHEN ${level === 'prefecture'} AND substr(${region}, 3, 2) = '90' THEN ${region}
  ELSE rpad(left(${region}, ${digits[level]}), 6, '0') END`;
