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
import type { Severity } from '../../core/contradictions.ts';
import type { Step } from '../../core/history.ts';
import type { PlaceId } from '../../core/hop.ts';
import { type Life, lifeOf } from '../../core/lifecycle.ts';
import { foldLot } from '../../core/lot.ts';
import { histories } from '../../core/membership.ts';
import { pieces } from '../../core/quantity.ts';
import type { Found, RuleName } from '../../core/rules/catalogue.ts';
import type { Told } from '../../core/rules/thing.ts';
import { foundIn } from '../../core/rules/thing-rules.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { loadLotWide, loadSteps } from '../events/chains.ts';
import { contextOf, type Issued, loadIssued, type Origin } from '../events/context.ts';
import type { Masters } from '../events/masters.ts';
import { lotsOf } from '../units/histories.ts';
import type { Atlas } from './atlas.ts';
import type { Docket } from './docket.ts';
import { type Fresh, fileFindings } from './filing.ts';
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
const keyOf = (rule: string, one: number, other: number): string => `${rule}/${one}/${other}`;

/** What findings rest on beside the histories of things. */
export interface Known {
  readonly masters: Masters;
  readonly docket: Docket;
  readonly atlas: Atlas;
}

/** Writes the findings that the entries `from` ≤ seq < `until` open and close, and the cases they open. */
export async function deriveFindings(sql: Sql, known: Known, from: number, until: number): Promise<void> {
  const { masters, docket, atlas } = known;
  const touched = await touchedBy(sql, from, until);
  if (touched === null) {
    const middle = Math.floor((from + until) / 2);
    await deriveFindings(sql, known, from, middle);
    return deriveFindings(sql, known, middle, until);
  }
  const { touches, times, chains, lots } = touched;
  if (touches.size + lots.size === 0) return;
  await Promise.all([masters.catchUp(), docket.catchUp(), atlas.catchUp()]);
  const issued = await loadIssued(sql, touches.keys());
  const lotWide = await loadLotWide(sql, lotsOf(issued), until);
  const balanced = {
    chains: await loadSteps(sql, lots.keys(), until),
    origins: await lotOrigins(sql, lots.keys()),
    issues: await lotIssues(sql, lots.keys()),
  };
  const book = createBook(await openFindings(sql, [...touches.keys(), ...lots.keys()]));
  for (const [seq, units] of bySeq(touches)) {
    const look = looker({ chains, lotWide, issued, ...known }, seq, times.get(seq) ?? 0);
    for (const unit of units) book.enter(unit, seq, look(unit));
  }
  for (const [seq, numbers] of bySeq(lots))
    for (const lot of numbers) {
      const steps = upTo(balanced.chains.get(lot) ?? [], seq);
      const when = { asOf: times.get(seq) ?? 0, before: seq + 1 };
      const context = contextOf(balanced.origins.get(lot), steps, masters, when);
      const planned = plannedBy(balanced.issues.get(lot) ?? [], seq);
      const { contradictions } = foldLot(steps, { ...context, planned });
      book.enter(lot, seq, ownContradictions(contradictions, steps));
    }
  // Cases are filled in the order of the log, whatever was looked at first.
  await fileFindings(
    sql,
    docket,
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
    enter(unit: number, seq: number, found: ReadonlyMap<string, Found>): void {
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

/** Whose lots they are: the vetted owner of the GTIN, since the entry that says so. */
async function lotOrigins(sql: Sql, lots: Iterable<number>): Promise<Map<number, Origin>> {
  const list = [...lots];
  if (list.length === 0) return new Map();
  const rows = await sql<(Origin & { unit: number })[]>`
    SELECT e.unit, substr(e.epc, 4, 14) AS gtin, o.party AS issuer, o.seq
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit)
    JOIN owners o ON o.identifier = 'gtin:' || substr(e.epc, 4, 14)`;
  return new Map(rows.map(({ unit, ...origin }) => [unit, origin]));
}

/** Codes issued for a lot by one entry. */
interface LotIssue {
  readonly seq: number;
  readonly codes: number;
}

/** Issues of codes for those of the lots that are counted in pieces from the first. One statement. */
async function lotIssues(sql: Sql, lots: Iterable<number>): Promise<Map<number, LotIssue[]>> {
  const list = [...lots];
  const found = new Map<number, LotIssue[]>();
  if (list.length === 0) return found;
  const rows = await sql<(LotIssue & { unit: number })[]>`
    SELECT e.unit, i.seq, i.last_unit - i.first_unit + 1 AS codes
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit) JOIN issues i ON i.lot = e.epc
    WHERE (SELECT q.uom FROM quantities q WHERE q.unit = e.unit ORDER BY q.seq, q.i LIMIT 1) = ${pieces}`;
  for (const { unit, ...issue } of rows) found.set(unit, [...(found.get(unit) ?? []), issue]);
  return found;
}

/** How many pieces codes were issued for by an entry, in millionths; null for a lot without codes. */
function plannedBy(issues: readonly LotIssue[], seq: number): bigint | null {
  const codes = issues.reduce((sum, issue) => (issue.seq <= seq ? sum + issue.codes : sum), 0);
  return codes === 0 ? null : BigInt(codes) * 1_000_000n;
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

interface Loaded extends Known {
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  readonly lotWide: ReadonlyMap<number, readonly Step[]>;
  readonly issued: ReadonlyMap<number, Issued>;
}

/** Steps by the entries up to `seq`; they come in order of seq. */
const upTo = (steps: readonly Step[], seq: number): readonly Step[] =>
  (steps.at(-1)?.hop.seq ?? -1) <= seq ? steps : steps.filter(({ hop }) => hop.seq <= seq);

/** Tells what the history of a thing contradicts, by the entries up to `seq`, at the time of that entry. */
function looker({ chains, lotWide, issued, masters, docket, atlas }: Loaded, seq: number, asOf: number) {
  const before = seq + 1;
  const thresholds = docket.thresholds(before);
  const positionOf = (place: PlaceId) => atlas.positionOf(place, before);
  const chainOf = (number: number): readonly Step[] =>
    upTo(chains.get(number) ?? lotWide.get(number) ?? [], seq);
  const lotOf = (unit: number): number | null => issued.get(unit)?.lotUnit ?? null;
  const shared = histories(chainOf, lotOf);
  // Things that went through the same together have the same findings.
  const alike = new Map<string, ReadonlyMap<string, Found>>();
  return (unit: number): ReadonlyMap<string, Found> => {
    const own = chainOf(unit);
    const key = likeness(own, issued.get(unit));
    const known = alike.get(key);
    if (known) return known;
    const code = issued.get(unit);
    const concerning = shared.concerning(unit);
    const context = contextOf(code, concerning, masters, { asOf, before });
    const life = lifeOf(unit, shared, context);
    const gtin = context.issued ? (code?.gtin ?? null) : null;
    const found = ownContradictions(
      [
        ...life.contradictions,
        ...foundIn({
          ...{ state: life.state, moves: life.moves, told: toldIn(life, concerning) },
          ...{ issued: context.issued, asOf, graceMs: context.graceMs, positionOf, thresholds },
          certificates: gtin === null ? null : masters.certificates(gtin, before),
          product: gtin === null ? null : atlas.product(gtin, before),
        }),
      ],
      own,
      shared.lotWide(unit),
    );
    alike.set(key, found);
    return found;
  };
}

/** The hops of a life with what each is worth. */
function toldIn({ claims }: Life, concerning: readonly Step[]): Told[] {
  const hops = new Map(concerning.map(({ hop }) => [hop.seq, hop]));
  return claims.flatMap(({ seq, standing, effect }) => {
    const hop = hops.get(seq);
    return hop === undefined ? [] : [{ hop, standing, effect }];
  });
}

function likeness(own: readonly Step[], issued: Issued | undefined): string {
  let key = `${issued?.issuer}/${issued?.gtin}/${issued?.lotUnit}/${issued?.seq}`;
  for (const { hop, position, parent } of own) key += `/${hop.seq}${position}${parent ?? ''}`;
  return key;
}

/** Those that a hop of the thing's own, or of its lot, takes part in; the worse where one is told twice. */
function ownContradictions(
  all: readonly Found[],
  ...chains: readonly (readonly Step[])[]
): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  if (all.length === 0) return found;
  const own = new Set(chains.flatMap((steps) => steps.map(({ hop }) => hop.seq)));
  for (const contradiction of all) {
    const [one, other] = contradiction.seqs;
    if (!own.has(one) && !own.has(other)) continue;
    const key = keyOf(contradiction.rule, one, other);
    const before = found.get(key);
    if (before === undefined || weight[before.severity] < weight[contradiction.severity])
      found.set(key, contradiction);
  }
  return found;
}

const weight: Readonly<Record<Severity, number>> = { claim: 0, quality: 1, risk: 2, conflict: 3 };

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
