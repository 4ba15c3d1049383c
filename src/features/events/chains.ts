/**
 * The histories of things, read from the projections: one set-based statement a level of nesting, however many
 * things are asked for, and never more than what names them or a container they were in.
 */

import type { Epc, HopRecord, HopType, Part } from '../../core/events/hop.ts';
import { type Position, positions } from '../../core/events/hop.ts';
import { type Step, step } from '../../core/life/history.ts';
import { missing } from '../../core/life/membership.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** Internal numbers of canonical identifiers; those that no entry names are absent. */
export async function unitNumbers(sql: Sql, epcs: Iterable<string>): Promise<Map<string, number>> {
  const list = [...new Set(epcs)];
  if (list.length === 0) return new Map();
  const rows = await sql<{ epc: string; unit: number }[]>`
    SELECT e.epc, e.unit FROM unnest(${arrayLiteral(list)}::text[]) AS asked (epc) JOIN epcs e USING (epc)`;
  return new Map(rows.map(({ epc, unit }) => [epc, unit]));
}

/** Canonical identifiers of internal numbers. */
export async function epcTexts(sql: Sql, units: Iterable<number>): Promise<Map<number, Epc>> {
  const list = [...new Set(units)];
  if (list.length === 0) return new Map();
  const rows = await sql<{ epc: Epc; unit: number }[]>`
    SELECT e.epc, e.unit FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit) JOIN epcs e USING (unit)`;
  return new Map(rows.map(({ epc, unit }) => [unit, epc]));
}

/** A row of `hops`: a HopRecord, what stands in the parent position, and how many identifiers it names. */
export interface HopRow extends HopRecord {
  readonly parent: number | null;
  readonly parts: number;
}

/** The columns of `hops h` under the names of HopRow. */
export const hopColumns = (sql: Sql) => sql`
  h.seq, h.recorded_at AS "recordedAt", h.hop, h.recorder, h.as_role AS "as",
  coalesce(h.declared_from, h.time_from) AS "from", coalesce(h.declared_until, h.time_until) AS "until", h.giver, h.taker, h.transfer, h.place, h.to_place AS "toPlace", h.outcome, h.note,
  h.target, h.next_due AS "nextDue", h.reporter, h.parent, h.parts`;

/** Hops by seq; entries that are no events are absent. */
export async function loadHops(sql: Sql, seqs: Iterable<number>): Promise<Map<number, HopRow>> {
  const list = [...new Set(seqs)];
  if (list.length === 0) return new Map();
  const rows = await sql<HopRow[]>`
    SELECT ${hopColumns(sql)} FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (seq) JOIN hops h USING (seq)`;
  return new Map(rows.map((row) => [row.seq, row]));
}

/** Entries from this seq on are not looked at; without a bound all count. */
type Before = number | undefined;
const upTo = (before: Before): number => before ?? Number.MAX_SAFE_INTEGER;

interface StepRow extends HopRow {
  readonly unit: number;
  /** Index into `positions`. */
  readonly position: number;
  /** Of goods by measure: its own position, amount and unit of measure, once for each time the event lists it. */
  readonly measured: number | null;
  readonly amount: string | null;
  readonly uom: string | null;
}

/** The beginning of a chain: its first entries, and the steps that they tell. */
export interface KeptChain {
  readonly entries: number;
  readonly steps: readonly Step[];
}

/** Chains that somebody keeps, so that only what came since is read. */
export interface KeptChains {
  get(unit: number): KeptChain | undefined;
  /** @param among how many chains are read at once with it */
  keep(unit: number, chain: KeptChain, among: number): void;
}

/** Each number's own steps, in order of seq; a number without any has an empty list. One statement. */
export async function loadSteps(
  sql: Sql,
  units: Iterable<number>,
  before?: number,
): Promise<Map<number, Step[]>> {
  const list = [...new Set(units)];
  return gather(list, await rowsAfter(sql, list, [], before));
}

/** The same of all that is recorded, where much of it may be kept already. */
async function loadWithKept(
  sql: Sql,
  units: Iterable<number>,
  kept: KeptChains,
): Promise<Map<number, readonly Step[]>> {
  const known = [...new Set(units)].map((unit) => ({ unit, chain: kept.get(unit) ?? nothingKept }));
  const rows = await rowsAfter(
    sql,
    known.map(({ unit }) => unit),
    known.map(({ chain }) => chain.entries),
  );
  const last = new Map(rows.map(({ unit, n }) => [unit, n]));
  const fresh = gather(last.keys(), rows);
  return new Map(
    known.map(({ unit, chain }): [number, readonly Step[]] => {
      const entries = last.get(unit);
      const longer =
        entries === undefined ? chain : { entries, steps: [...chain.steps, ...(fresh.get(unit) ?? [])] };
      kept.keep(unit, longer, known.length);
      return [unit, longer.steps];
    }),
  );
}

const nothingKept: KeptChain = { entries: 0, steps: [] };

/** Of each unit the rows of the entries after as many of its chain, or of all. */
async function rowsAfter(
  sql: Sql,
  units: readonly number[],
  entries: readonly number[],
  before?: number,
): Promise<readonly (StepRow & { readonly n: number })[]> {
  if (units.length === 0) return [];
  return sql<(StepRow & { readonly n: number })[]>`
    SELECT c.unit, c.n, c.position, q.position AS measured, q.amount::text AS amount, q.uom, ${hopColumns(sql)}
    FROM unnest(${arrayLiteral(units)}::bigint[], ${arrayLiteral(entries)}::integer[]) AS asked (unit, entries)
    JOIN unit_chain c ON c.unit = asked.unit AND c.n > coalesce(asked.entries, 0) AND c.seq < ${upTo(before)}
    JOIN hops h ON h.seq = c.seq
    LEFT JOIN quantities q ON q.unit = c.unit AND q.seq = c.seq
    ORDER BY c.unit, c.n, q.i`;
}

/**
 * What of lots holds for every unit of theirs: releases, holds, seizures and their lifting, and what takes such back.
 * One statement; the rest of a lot's history is not read.
 */
export async function loadLotWide(
  sql: Sql,
  lots: Iterable<number>,
  before?: number,
): Promise<Map<number, Step[]>> {
  return loadOfLots(sql, lots, ['release', 'hold', 'seize', 'lift'], before);
}

/** Inspections of lots, and what takes such back. They change nothing of a unit. One statement. */
export const loadLotTests = (
  sql: Sql,
  lots: Iterable<number>,
  before: number,
): Promise<Map<number, Step[]>> => loadOfLots(sql, lots, ['inspect'], before);

async function loadOfLots(
  sql: Sql,
  lots: Iterable<number>,
  hops: readonly HopType[],
  before: Before,
): Promise<Map<number, Step[]>> {
  const list = [...new Set(lots)];
  if (list.length === 0) return new Map();
  const rows = await sql<StepRow[]>`
    SELECT c.unit, c.position, NULL::smallint AS measured, NULL AS amount, NULL AS uom, ${hopColumns(sql)}
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit)
    JOIN unit_chain c ON c.unit = asked.unit AND c.seq < ${upTo(before)}
    JOIN hops h ON h.seq = c.seq AND h.hop = ANY (${arrayLiteral([...hops, 'void', 'correct'])}::text[])
    ORDER BY c.unit, c.n`;
  return gather(list, rows);
}

function gather(units: Iterable<number>, rows: readonly StepRow[]): Map<number, Step[]> {
  const found = new Map<number, Step[]>([...units].map((unit) => [unit, []]));
  for (const row of rows) found.get(row.unit)?.push(stepOf(row));
  return found;
}

function stepOf(row: StepRow): Step {
  const part: Part = {
    seq: row.seq,
    unit: row.unit,
    position: positionAt(row.measured ?? row.position),
    amount: row.amount === null || row.uom === null ? null : { millionths: BigInt(row.amount), uom: row.uom },
  };
  const isParent = part.position === 'parent';
  const emptied = row.hop === 'unpack' && isParent && row.parts === 1;
  return step(recordOf(row), part, isParent ? null : row.parent, emptied);
}

/** Member by member: histories are long, and copying what is left over of a row costs several times as much. */
const recordOf = (row: HopRow): HopRecord => ({
  seq: row.seq,
  recordedAt: row.recordedAt,
  hop: row.hop,
  recorder: row.recorder,
  as: row.as,
  from: row.from,
  until: row.until,
  giver: row.giver,
  taker: row.taker,
  transfer: row.transfer,
  place: row.place,
  toPlace: row.toPlace,
  outcome: row.outcome,
  note: row.note,
  target: row.target,
  nextDue: row.nextDue,
  reporter: row.reporter,
});

function positionAt(index: number): Position {
  const position = positions[index];
  if (position === undefined) throw new Error(`no position ${index}`);
  return position;
}

/**
 * Own steps of these numbers and of every container they were ever packed into, nested up to `depthMax`: one statement
 * a level.
 */
export async function loadChains(
  sql: Sql,
  units: Iterable<number>,
  before?: number,
): Promise<Map<number, Step[]>> {
  return chainsBy(units, (wanted) => loadSteps(sql, wanted, before));
}

/** The same of all that is recorded, where long ones are kept. */
export const loadKeptChains = (
  sql: Sql,
  units: Iterable<number>,
  kept: KeptChains,
): Promise<Map<number, readonly Step[]>> => chainsBy(units, (wanted) => loadWithKept(sql, wanted, kept));

async function chainsBy<T extends readonly Step[]>(
  units: Iterable<number>,
  load: (wanted: readonly number[]) => Promise<ReadonlyMap<number, T>>,
): Promise<Map<number, T>> {
  const asked = [...new Set(units)];
  const chains = new Map<number, T>();
  for (let wanted = asked; wanted.length > 0; ) {
    for (const [unit, steps] of await load(wanted)) chains.set(unit, steps);
    wanted = missing(
      asked,
      (unit) => chains.has(unit),
      (unit) => chains.get(unit) ?? [],
    );
  }
  return chains;
}

/** Something that was packed into a container, and the first entry that says so. */
export interface Content {
  readonly unit: number;
  readonly epc: Epc;
  readonly since: number;
}

/** Everything ever packed into each of these containers, one level deep, in order of number. One statement. */
export async function loadContents(
  sql: Sql,
  containers: Iterable<number>,
  before?: number,
): Promise<Map<number, Content[]>> {
  const list = [...new Set(containers)];
  const contents = new Map<number, Content[]>(list.map((container) => [container, []]));
  if (list.length === 0) return contents;
  // OFFSET 0 keeps the lookup by seq, which is cheap in insertion order, from becoming a join over all rows.
  const rows = await sql<(Content & { container: number })[]>`
    SELECT p.unit AS container, c.unit, e.epc, min(p.seq) AS since
    FROM unnest(${arrayLiteral(list)}::bigint[]) AS asked (unit)
    JOIN unit_chain p ON p.unit = asked.unit AND p.position = ${positions.indexOf('parent')}
      AND p.seq < ${upTo(before)}
    JOIN hops h ON h.seq = p.seq AND h.hop = 'pack'
    CROSS JOIN LATERAL (SELECT unit, position FROM unit_chain WHERE seq = p.seq OFFSET 0) c
    JOIN epcs e ON e.unit = c.unit
    WHERE c.position = ${positions.indexOf('child')}
    GROUP BY 1, 2, 3 ORDER BY 1, 2`;
  for (const { container, ...content } of rows) contents.get(container)?.push(content);
  return contents;
}
