/** Findings as they are read. */

import type { Epc, PartyId } from '../../core/events/hop.ts';
import type { Severity } from '../../core/life/contradictions.ts';
import { catalogue, type RuleName } from '../../core/rules/catalogue.ts';
import type { Cause } from '../../core/rules/causes.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export interface Finding {
  readonly unit: number;
  readonly epc: Epc;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly caseId: string;
  /** The entries that contradict each other; the same twice where one contradicts the absence of another. */
  readonly one: number;
  readonly other: number;
  /** The entry that made the thing of others, where the two concern it only for that. */
  readonly made: number | null;
  /** Entry at which it came to be, and the one that explained it. */
  readonly opened: number;
  readonly closed: number | null;
}

/** Every finding about these things, in the order in which they came to be. One statement. */
export async function findingsOf(sql: Sql, units: Iterable<number>): Promise<Finding[]> {
  const list = [...new Set(units)];
  if (list.length === 0) return [];
  return sql<Finding[]>`
    SELECT f.unit, e.epc, f.rule, f.severity, f.case_id AS "caseId", f.one, f.other, f.made, f.opened, c.closed
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit)
    JOIN findings f USING (unit) JOIN epcs e USING (unit)
    LEFT JOIN finding_closings c USING (unit, rule, opened, one, other)
    ORDER BY f.opened, f.unit, f.rule, f.one, f.other`;
}

/** A finding as it is told. */
export interface ToldFinding {
  readonly epc: Epc;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly cause: Cause;
  readonly case: string;
  /** The two sides; the same twice where one contradicts the absence of another. */
  readonly entries: number[];
  /** The entry that made the thing of others, where the two concern it only for that. */
  readonly made: number | null;
  readonly opened: number;
  readonly closed: number | null;
  readonly zh: string;
  readonly en: string;
}

export const tell = ({
  epc,
  rule,
  severity,
  caseId,
  one,
  other,
  made,
  opened,
  closed,
}: Finding): ToldFinding => ({
  epc,
  rule,
  severity,
  cause: catalogue[rule].cause,
  case: caseId,
  entries: [one, other],
  made,
  opened,
  closed,
  zh: catalogue[rule].zh,
  en: catalogue[rule].en,
});

/**
 * What the entries `first` to `last` gave rise to, as far as it rests on entries that a party took part in: of others'
 * things something may be overdue by then, which is not told to whoever came by. One statement.
 */
export async function findingsOpened(
  sql: Sql,
  party: PartyId,
  first: number,
  last: number,
): Promise<ToldFinding[]> {
  const rows = await sql<Finding[]>`
    SELECT f.unit, e.epc, f.rule, f.severity, f.case_id AS "caseId", f.one, f.other, f.made, f.opened, c.closed
    FROM findings f JOIN epcs e USING (unit) LEFT JOIN finding_closings c USING (unit, rule, opened, one, other)
    WHERE f.opened BETWEEN ${first} AND ${last}
      AND EXISTS (
        SELECT FROM hops h WHERE h.seq IN (f.one, f.other) AND ${party} IN (h.recorder, h.giver, h.taker))
    ORDER BY f.opened, f.unit, f.rule, f.one, f.other LIMIT 10000`;
  return rows.map(tell);
}
