/** What is read of scans to look at them: each for any number of things in one statement. */
import type { PlaceId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import type { Clue } from '../../core/rules/clues.ts';
import { provinceOf } from '../../core/rules/provinces.ts';
import type { Baseline, ScanSeen } from '../../core/rules/scans.ts';
import type { Position } from '../../core/rules/thing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Scans of one thing that are looked at, the newest. */
const scansMax = 200;

/** A time, ms since the epoch: `from` ≤ at < `until`. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** Things with a number beyond `after` that the public scanned within some time, in order. */
export async function scannedUnits(
  sql: Sql,
  { from, until }: Period,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT unit FROM scans
    WHERE at >= ${from} AND at < ${until} AND unit > ${after} AND NOT robot AND NOT own
    ORDER BY unit LIMIT ${limit}`;
  return rows.map(({ unit }) => unit);
}

/** Things with open findings by these rules that were not looked at since a moment, those that wait longest first. */
export async function uncheckedUnits(
  sql: Sql,
  rules: readonly RuleName[],
  before: number,
  limit: number,
): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT e.unit FROM clue_findings f JOIN epcs e ON e.epc = f.thing
    WHERE f.closed_at IS NULL AND f.checked_at < ${before} AND f.rule = ANY (${arrayLiteral(rules)}::text[])
    ORDER BY f.checked_at LIMIT ${limit}`;
  return [...new Set(rows.map(({ unit }) => unit))];
}

/** The newest scans of things by the public, in order of time. */
export async function scansOf(sql: Sql, units: readonly number[]): Promise<Map<number, ScanSeen[]>> {
  const rows = await sql<(ScanSeen & { unit: number })[]>`
    SELECT asked.unit, s.at, s.region, s.verdict = 'forged' AS forged
    FROM unnest(${arrayLiteral(units)}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT at, region, verdict FROM scans WHERE unit = asked.unit AND NOT robot AND NOT own
      ORDER BY device DESC LIMIT ${scansMax}) s
    ORDER BY s.at`;
  const found = new Map<number, ScanSeen[]>();
  for (const { unit, ...scan } of rows) {
    append(found, unit, scan);
  }
  return found;
}

interface PlaceRow {
  readonly id: PlaceId;
  readonly region: string;
  readonly position: {
    readonly latitude: string;
    readonly longitude: string;
    readonly radius: number;
  } | null;
}

/** Where places are by their newest version: their own position, or else the circle of their province. */
export async function positionsOf(sql: Sql, places: readonly PlaceId[]): Promise<Map<PlaceId, Position>> {
  const asked = [...new Set(places)];
  if (asked.length === 0) return new Map();
  const rows = await sql<PlaceRow[]>`
    SELECT asked.id, p.region, p.position FROM unnest(${arrayLiteral(asked)}::text[]) AS asked (id)
    CROSS JOIN LATERAL (
      SELECT body ->> 'region' AS region, body -> 'position' AS position FROM places
      WHERE id = asked.id ORDER BY seq DESC LIMIT 1) p`;
  return new Map(
    rows.flatMap(({ id, region, position }) => {
      const at =
        position === null
          ? provinceOf(region)
          : {
              latitude: Number(position.latitude),
              longitude: Number(position.longitude),
              radius: position.radius,
            };
      return at === null ? [] : [[id, at] as const];
    }),
  );
}

/** Scans of codes that are not ours, of one product. */
export interface StrayProduct {
  readonly gtin: string;
  readonly maker: string;
  /** The newest, in order of time. */
  readonly scans: readonly Clue[];
}

/** Products beyond `after` of which codes that are not ours were scanned since a moment, in order. */
export async function strayProducts(
  sql: Sql,
  since: number,
  after: string,
  limit: number,
): Promise<StrayProduct[]> {
  const rows = await sql<(Clue & { gtin: string; maker: string })[]>`
    SELECT p.gtin, coalesce(o.party, '') AS maker, s.at, s.region
    FROM (SELECT DISTINCT gtin FROM stray_scans WHERE at >= ${since} AND gtin > ${after} ORDER BY gtin LIMIT ${limit}) p
    LEFT JOIN owners o ON o.identifier = 'gtin:' || p.gtin
    CROSS JOIN LATERAL (
      SELECT at, region FROM stray_scans WHERE gtin = p.gtin ORDER BY device DESC LIMIT ${scansMax}) s
    ORDER BY p.gtin, s.at`;
  const found = new Map<string, { gtin: string; maker: string; scans: Clue[] }>();
  for (const { gtin, maker, ...clue } of rows) {
    const known = found.get(gtin) ?? { gtin, maker, scans: [] };
    found.set(gtin, known);
    known.scans.push(clue);
  }
  return [...found.values()];
}

/** Scans of codes while no entry named them, by what is kept of each; in order of time. */
export async function straysOf(
  sql: Sql,
  codes: readonly { readonly unit: number; readonly gtin: string; readonly mark: Buffer }[],
): Promise<Map<number, Clue[]>> {
  const found = new Map<number, Clue[]>();
  if (codes.length === 0) return found;
  const rows = await sql<(Clue & { unit: number })[]>`
    SELECT asked.unit, s.at, s.region
    FROM unnest(${arrayLiteral(codes.map(({ unit }) => unit))}::bigint[],
      ${arrayLiteral(codes.map(({ gtin }) => gtin))}::text[],
      ${arrayLiteral(codes.map(({ mark }) => mark))}::bytea[]) AS asked (unit, gtin, code)
    JOIN stray_scans s USING (gtin, code) WHERE NOT s.forged ORDER BY s.at`;
  for (const { unit, ...clue } of rows) append(found, unit, clue);
  return found;
}

/**
 * How often things of each product were scanned since a moment. What goes beyond the 95th percentile counts as that, so
 * that the copies that are looked for do not make themselves look usual.
 */
export async function baselinesOf(sql: Sql, since: number): Promise<Map<string, Baseline>> {
  const rows = await sql<(Baseline & { gtin: string })[]>`
    WITH counted AS (
      SELECT i.gtin, s.n FROM (
        SELECT unit, count(*)::int AS n FROM scans
        WHERE at >= ${since} AND NOT robot AND NOT own AND verdict <> 'forged' GROUP BY unit) s
      CROSS JOIN LATERAL (
        SELECT gtin, last_unit FROM issues WHERE first_unit <= s.unit ORDER BY first_unit DESC LIMIT 1) i
      WHERE i.last_unit >= s.unit AND i.gtin IS NOT NULL),
    usual AS (SELECT gtin, percentile_disc(0.95) WITHIN GROUP (ORDER BY n) AS most FROM counted GROUP BY gtin)
    SELECT gtin, count(*)::int AS things, avg(least(n, most) - 1)::float8 AS mean,
      var_pop(least(n, most))::float8 AS variance
    FROM counted JOIN usual USING (gtin) GROUP BY gtin`;
  return new Map(rows.map(({ gtin, ...baseline }) => [gtin, baseline]));
}

/** Notes that the findings of things by some rules were looked at. */
export const noteChecked = (
  sql: Sql,
  things: readonly string[],
  rules: readonly RuleName[],
  at: number,
): Promise<unknown> =>
  sql`
    UPDATE clue_findings SET checked_at = ${at}
    WHERE thing = ANY (${arrayLiteral(things)}::text[]) AND rule = ANY (${arrayLiteral(rules)}::text[])
      AND closed_at IS NULL`.execute();
