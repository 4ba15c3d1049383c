/**
 * Findings: contradictions in the histories of things, as they come to be and as later facts explain them.
 *
 * After every entry that says something new about a thing, its history up to that entry is folded as of the time of
 * that entry. What it contradicts and did not before is a finding, opened by the entry; what no longer holds is
 * closed by it. Findings follow from the log and these rules alone, however the log is cut into steps.
 *
 * A finding belongs to what its hops name: when both sides reached a thing only through its container, it is the
 * container's, not that of each of the thousand things inside.
 */
import type { Severity } from '../../core/life/contradictions.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { type Fresh, fileFindings } from './filing.ts';
import { type Findings, keyOf } from './found.ts';
import { catchUp, type Known } from './known.ts';
import { loadThings, looker } from './looker.ts';
import { loadLots, lookAtLot } from './lots.ts';
import { touchedBy } from './touches.ts';

const closingColumns = {
  unit: 'bigint',
  rule: 'text',
  opened: 'bigint',
  one: 'bigint',
  other: 'bigint',
  closed: 'bigint',
} as const satisfies Columns;

/** What a finding says; `opened` tells apart those that came, went and came again. */
interface Open {
  readonly rule: RuleName;
  readonly one: number;
  readonly other: number;
  readonly severity: Severity;
  readonly opened: number;
}

/** Writes the findings that the entries `from` ≤ seq < `until` open and close, and the cases they open. */
export async function deriveFindings(sql: Sql, known: Known, from: number, until: number): Promise<void> {
  const touched = await touchedBy(sql, from, until);
  if (touched === null) {
    const middle = Math.floor((from + until) / 2);
    await deriveFindings(sql, known, from, middle);
    return deriveFindings(sql, known, middle, until);
  }
  const { touches, times, chains, lots } = touched;
  if (touches.size + lots.size === 0) return;
  await catchUp(known);
  const things = await loadThings(sql, known, new Set(touches.keys()), chains, until);
  const measured = await loadLots(sql, known, new Set(lots.keys()), until);
  const book = createBook(await openFindings(sql, [...touches.keys(), ...lots.keys()]));
  for (const [seq, units] of bySeq(touches)) {
    const look = looker(things, known, seq, times.get(seq) ?? 0);
    for (const unit of units) book.enter(unit, seq, look(unit));
  }
  for (const [seq, numbers] of bySeq(lots))
    for (const lot of numbers)
      book.enter(lot, seq, lookAtLot(measured, known, lot, seq, times.get(seq) ?? 0));
  // Cases are filled in the order of the log, whatever was looked at first.
  await fileFindings(
    sql,
    known.docket,
    book.opened.sort((a, b) => a.opened - b.opened),
    from,
  );
  await insertRows(sql, 'finding_closings', closingColumns, book.closed);
}

/** Keeps what is open about each thing, and notes what opens and closes with each look at it. */
function createBook(open: Map<number, ReadonlyMap<string, Open>>) {
  const opened: Fresh[] = [];
  const closed: Row<typeof closingColumns>[] = [];
  return {
    opened,
    closed,
    enter(unit: number, seq: number, found: Findings): void {
      const known = open.get(unit) ?? noneOpen;
      if (known.size === 0 && found.size === 0) return;
      const next = new Map<string, Open>();
      for (const [key, { rule, seqs, severity }] of found) {
        const before = known.get(key);
        const [one, other] = seqs;
        const finding = before?.severity === severity ? before : { rule, one, other, severity, opened: seq };
        next.set(key, finding);
        if (finding !== before) opened.push({ unit, ...finding });
      }
      for (const [key, { rule, one, other, opened }] of known)
        if (next.get(key)?.opened !== opened) closed.push({ unit, rule, one, other, opened, closed: seq });
      open.set(unit, next);
    },
  };
}

const noneOpen: ReadonlyMap<string, Open> = new Map();

/** Units by the entries that touch them, in order of both. */
function bySeq(touches: ReadonlyMap<number, ReadonlySet<number>>): [number, number[]][] {
  const found = new Map<number, number[]>();
  for (const [unit, seqs] of touches)
    for (const seq of seqs) {
      const units = found.get(seq);
      if (units) units.push(unit);
      else found.set(seq, [unit]);
    }
  return [...found].sort(([a], [b]) => a - b).map(([seq, units]) => [seq, units.sort((a, b) => a - b)]);
}

/** Findings of these things that no entry has closed. */
async function openFindings(
  sql: Sql,
  units: Iterable<number>,
): Promise<Map<number, ReadonlyMap<string, Open>>> {
  const rows = await sql<(Open & { unit: number })[]>`
    SELECT f.unit, f.rule, f.one, f.other, f.severity, f.opened
    FROM unnest(${arrayLiteral([...units])}::bigint[]) AS asked (unit) JOIN findings f USING (unit)
    WHERE NOT EXISTS (
      SELECT FROM finding_closings c
      WHERE (c.unit, c.rule, c.opened, c.one, c.other) = (f.unit, f.rule, f.opened, f.one, f.other))`;
  const open = new Map<number, Map<string, Open>>();
  for (const { unit, ...finding } of rows) {
    const known = open.get(unit) ?? new Map<string, Open>();
    open.set(unit, known.set(keyOf(finding.rule, finding.one, finding.other), finding));
  }
  return open;
}
