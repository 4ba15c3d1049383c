/** Findings that stand, as they are known before more of the log is looked at. */
import type { Severity } from '../../core/life/contradictions.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { keyOf } from './found.ts';

/** What a finding says; `opened` tells apart those that came, went and came again. */
export interface Open {
  readonly rule: RuleName;
  readonly one: number;
  readonly other: number;
  readonly made: number | null;
  readonly severity: Severity;
  readonly opened: number;
}

/**
 * Findings of these things that no entry has closed. OFFSET 0 and the order of the key keep both look-ups by key: a plan
 * that is made while the tables are empty, as at the start of a rebuild, would else read them whole for each thing ever after.
 */
export async function openFindings(
  sql: Sql,
  units: Iterable<number>,
): Promise<Map<number, ReadonlyMap<string, Open>>> {
  const rows = await sql<(Open & { unit: number })[]>`
    SELECT f.unit, f.rule, f.one, f.other, f.made, f.severity, f.opened
    FROM unnest(${arrayLiteral([...units])}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT * FROM findings WHERE unit = asked.unit ORDER BY rule, one, other, opened OFFSET 0) f
    WHERE NOT EXISTS (
      SELECT FROM finding_closings c
      WHERE (c.unit, c.rule, c.opened, c.one, c.other) = (f.unit, f.rule, f.opened, f.one, f.other) OFFSET 0)`;
  const open = new Map<number, Map<string, Open>>();
  for (const { unit, ...finding } of rows) {
    const known = open.get(unit) ?? new Map<string, Open>();
    open.set(unit, known.set(keyOf(finding.rule, finding.one, finding.other), finding));
  }
  return open;
}
