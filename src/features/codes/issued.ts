/**
 * Which codes were given out. Issues stand as runs of internal numbers; every number of a run is a code of that
 * issue, so how many there are is known without looking at one.
 */
import type { Epc, PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface IssuedUnit {
  /** Internal number. */
  readonly unit: number;
  readonly epc: Epc;
  readonly kid: string;
  readonly issuedBy: PartyId;
  /** The entry of its issue. */
  readonly seq: number;
  readonly batch: string;
  /** null for containers. */
  readonly gtin: string | null;
  /** The lot a unit belongs to; null for containers and lots themselves. */
  readonly lot: Epc | null;
  /** Internal number of that lot; null while no entry names the lot itself. */
  readonly lotUnit: number | null;
  /** Whether the serial is ours, with a check character. */
  readonly ours: boolean;
}

/** What was issued of these identifiers of units, lots and containers; the others are absent. One statement. */
export async function issuedUnits(sql: Sql, epcs: readonly string[]): Promise<Map<string, IssuedUnit>> {
  const rows = await sql<IssuedUnit[]>`
    SELECT e.unit, e.epc, i.kid, i.issued_by AS "issuedBy", i.seq, i.batch, i.gtin, i.lot, l.unit AS "lotUnit", i.ours
    FROM unnest(${arrayLiteral([...new Set(epcs)])}::text[]) AS asked (epc)
    JOIN epcs e ON e.epc = asked.epc
    CROSS JOIN LATERAL (
      SELECT * FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1
    ) i
    LEFT JOIN epcs l ON l.epc = i.lot
    WHERE i.last_unit >= e.unit`;
  return new Map(rows.map((row) => [row.epc, row]));
}

/** One code of a lot, before it is signed. */
export interface CodeRow {
  readonly unit: number;
  readonly epc: Epc;
  readonly kid: string;
}

/** The codes of a lot, or of one batch of it, or what one party had issued of it, in order of internal number. */
export interface CodeSelection {
  readonly lot: Epc;
  readonly batch: string | null;
  readonly issuedBy: PartyId | null;
}

/** How many units of each lot were issued, to anybody or to one party; lots without any are absent. */
export async function issuedCounts(
  sql: Sql,
  lots: readonly Epc[],
  issuedBy: PartyId | null,
): Promise<Map<Epc, number>> {
  const rows = await sql<{ lot: Epc; count: number }[]>`
    SELECT lot, sum(last_unit - first_unit + 1)::bigint AS count FROM issues
    WHERE lot = ANY (${arrayLiteral(lots)}::text[]) AND (${issuedBy}::text IS NULL OR issued_by = ${issuedBy})
    GROUP BY lot`;
  return new Map(rows.map(({ lot, count }) => [lot, count]));
}

/** At most `limit` codes after the number `after`. Two statements. */
export async function codeRows(
  sql: Sql,
  { lot, batch, issuedBy }: CodeSelection,
  after: number,
  limit: number,
): Promise<CodeRow[]> {
  const runs = await sql<{ first: number; last: number; kid: string }[]>`
    SELECT greatest(first_unit, ${after + 1}::bigint) AS first, last_unit AS last, kid FROM issues
    WHERE lot = ${lot} AND last_unit > ${after} AND (${batch}::text IS NULL OR batch = ${batch})
      AND (${issuedBy}::text IS NULL OR issued_by = ${issuedBy})
    ORDER BY first_unit LIMIT ${limit}`;
  const wanted: (typeof runs)[number][] = [];
  let missing = limit;
  for (const run of runs) {
    if (missing === 0) break;
    const last = Math.min(run.last, run.first + missing - 1);
    wanted.push({ ...run, last });
    missing -= last - run.first + 1;
  }
  return sql<CodeRow[]>`
    SELECT e.unit, e.epc, r.kid
    FROM unnest(
      ${arrayLiteral(wanted.map(({ first }) => first))}::bigint[],
      ${arrayLiteral(wanted.map(({ last }) => last))}::bigint[],
      ${arrayLiteral(wanted.map(({ kid }) => kid))}::text[]
    ) AS r (first, last, kid)
    CROSS JOIN LATERAL (SELECT unit, epc FROM epcs WHERE unit BETWEEN r.first AND r.last) e
    ORDER BY e.unit`;
}
