/**
 * What trace and flow read beside the chains of `events/chains.ts`. Every statement is set-based: how many there are
 * depends on how deep things are nested, not on how many things there are.
 */

import { type Epc, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import type { Step } from '../../core/life/history.ts';
import { frontiers } from '../../core/tracing/trace.ts';
import {
  type HopGraph,
  type PartsWanted,
  partsKey,
  type TraceOptions,
} from '../../core/tracing/trace-graph.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { loadSteps } from '../events/chains.ts';
import type { Epcs, Run } from './things.ts';

/** Things that one trace follows at most. */
export const thingsMax = 100_000;

/** A graph loaded so far that `trace` can be run on; what a number names is known only afterwards. */
export type LoadedGraph = Pick<HopGraph, 'chains' | 'parts'>;

/**
 * Loads all that a trace of these things reaches, as the entries before `before` tell: two statements at most for each level of nesting or making.
 * Refuses with `too-many-epcs` what reaches more than `thingsMax` things.
 */
export async function loadGraph(
  sql: Sql,
  starts: readonly number[],
  options: TraceOptions,
  before: number,
): Promise<LoadedGraph> {
  const chains = new Map<number, readonly Step[]>();
  const parts = new Map<string, readonly number[]>();
  const graph: HopGraph = { chains, parts, kindOf: () => 'unit' };
  const next = frontiers(graph, starts, options);
  for (;;) {
    const wanted = next();
    if (wanted.numbers.length + wanted.parts.length === 0) return graph;
    if (chains.size + wanted.numbers.length > thingsMax) {
      throw new Refusal(
        'too-many-epcs',
        `This leads to more than ${thingsMax} things; bound it by \`at\`, ask for one direction, or trace a part of it.`,
      );
    }
    const [steps, found] = await Promise.all([
      loadSteps(sql, wanted.numbers, before),
      loadParts(sql, wanted.parts, before),
    ]);
    for (const [number, own] of steps) chains.set(number, own);
    for (const [key, numbers] of found) parts.set(key, numbers);
  }
}

/** Internal numbers in positions of events, by `partsKey`. One statement. */
export async function loadParts(
  sql: Sql,
  wanted: readonly PartsWanted[],
  before: number,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>(wanted.map((it) => [partsKey(it), []]));
  if (wanted.length === 0) return found;
  // OFFSET 0 keeps the lookup by seq, which is cheap in insertion order, from becoming a join over all rows. A lot that is
  // both used and made, as what is left of a cut, has one link and two quantities.
  const rows = await sql<{ i: number; unit: number }[]>`
    SELECT asked.i::int - 1 AS i, c.unit
    FROM unnest(
      ${arrayLiteral(wanted.map(({ seq }) => seq))}::bigint[],
      ${arrayLiteral(wanted.map(({ position }) => positions.indexOf(position)))}::smallint[])
      WITH ORDINALITY AS asked (seq, position, i)
    CROSS JOIN LATERAL (SELECT unit, position FROM unit_chain WHERE seq = asked.seq OFFSET 0) c
    WHERE asked.seq < ${before} AND (c.position = asked.position OR EXISTS (
      SELECT FROM quantities q WHERE q.unit = c.unit AND q.seq = asked.seq AND q.position = asked.position))
    ORDER BY 1, 2`;
  for (const { i, unit } of rows) {
    const asked = wanted[i];
    if (asked !== undefined) found.get(partsKey(asked))?.push(unit);
  }
  return found;
}

/** What is shown of a hop beside its record: the zone it was told in, and the leaf that proves it. */
export interface HopProof {
  readonly seq: number;
  /** Minutes ahead of UTC. */
  readonly zone: number;
  readonly leaf: Buffer;
}

/** One statement. */
export async function hopProofs(sql: Sql, seqs: ReadonlySet<number>): Promise<Map<number, HopProof>> {
  if (seqs.size === 0) return new Map();
  const rows = await sql<HopProof[]>`
    SELECT seq, h.zone, e.leaf FROM unnest(${arrayLiteral([...seqs])}::bigint[]) AS asked (seq)
    JOIN hops h USING (seq) JOIN entries e USING (seq)`;
  return new Map(rows.map((row) => [row.seq, row]));
}

export interface Measured {
  readonly unit: number;
  readonly seq: number;
  readonly position: number;
  /** Millionths of `uom`. */
  readonly amount: bigint;
  readonly uom: string;
}

/** Goods by measure in some events: only those of these numbers. One statement. */
export async function amountsIn(
  sql: Sql,
  units: readonly number[],
  seqs: ReadonlySet<number>,
): Promise<Map<number, Measured[]>> {
  const found = new Map<number, Measured[]>();
  if (units.length === 0 || seqs.size === 0) return found;
  const rows = await sql<(Omit<Measured, 'amount'> & { amount: string })[]>`
    SELECT q.unit, q.seq, q.position, q.amount::text AS amount, q.uom
    FROM unnest(${arrayLiteral(units)}::bigint[]) AS asked (unit) JOIN quantities q USING (unit)
    WHERE q.seq = ANY (${arrayLiteral([...seqs])}::bigint[]) ORDER BY q.seq, q.unit, q.i`;
  for (const { amount, ...row } of rows) {
    append(found, row.seq, { ...row, amount: BigInt(amount) });
  }
  return found;
}

/** Those of the lots of which some entry tells an amount. One statement. */
export async function measuredLots(sql: Sql, lots: readonly number[]): Promise<number[]> {
  if (lots.length === 0) return [];
  const rows = await sql<{ unit: number }[]>`
    SELECT asked.unit FROM unnest(${arrayLiteral(lots)}::bigint[]) AS asked (unit)
    WHERE EXISTS (SELECT FROM quantities WHERE unit = asked.unit)`;
  return rows.map(({ unit }) => unit);
}

/** What a flow is of: a lot, or a product with all its lots. */
export interface Whole {
  readonly gtin: string;
  /** null for all of them. */
  readonly lot: Epc | null;
}

/** A lot by its canonical identifier. */
export const wholeLot = (lot: Epc): Whole => ({ gtin: gtinIn(lot), lot });

/** The runs of its units, and of which lot are those that an entry issued. One statement. */
export async function issuedRuns(
  sql: Sql,
  { gtin, lot }: Whole,
  before: number,
): Promise<{ runs: Run[]; lotOf: ReadonlyMap<number, string> }> {
  const rows = await sql<(Run & { seq: number; lot: string })[]>`
    SELECT first_unit AS first, last_unit AS last, seq, lot FROM issues
    WHERE ${lot === null ? sql`gtin = ${gtin}` : sql`lot = ${lot}`} AND seq < ${before} ORDER BY first_unit`;
  return { runs: rows, lotOf: new Map(rows.map((row) => [row.seq, row.lot])) };
}

/** Lots that are told of by themselves, by number, at most `limit` and one more. One statement. */
export async function namedLots(sql: Sql, { gtin, lot }: Whole, limit: number): Promise<number[]> {
  const rows = await sql<{ unit: number }[]>`
    SELECT unit FROM epcs
    WHERE ${lot === null ? sql`epc LIKE ${`01/${gtin}/10/%`}` : sql`epc = ${lot}`} LIMIT ${limit + 1}`;
  return rows.map(({ unit }) => unit).sort((a, b) => a - b);
}

/** Units with the same chain: how many, and between which numbers they lie. */
export interface ChainGroup {
  /** seq × 8 + index of position, of each entry that names them, in order. */
  readonly chain: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** Groups the units of some runs by their chains. One statement; reads the chains of all units in the runs. */
export function chainGroups(sql: Sql, runs: readonly Run[], before: number): Promise<ChainGroup[]> {
  return sql<ChainGroup[]>`
    SELECT array_to_string(marks, ',') AS chain, count(*)::int AS count, min(unit) AS first, max(unit) AS last
    FROM ${marksOfRuns(sql, runs, before)} units
    GROUP BY marks ORDER BY first`;
}

/** Run by run, so that the index on units and their links gives the order, and nothing is sorted. */
const marksOfRuns = (sql: Sql, runs: readonly Run[], before: number) => sql`(
  SELECT units.unit, units.marks
  FROM unnest(${arrayLiteral(runs.map(({ first }) => first))}::bigint[],
    ${arrayLiteral(runs.map(({ last }) => last))}::bigint[]) AS run (first, last)
  CROSS JOIN LATERAL (
    SELECT unit, array_agg(seq * 8 + position ORDER BY n) AS marks FROM unit_chain
    WHERE unit BETWEEN run.first AND run.last AND seq < ${before} GROUP BY unit) units)`;

/** The units of runs after a number, in order, each with its chain as `chainGroups` writes it. One statement. */
export function chainsOfRuns(
  sql: Sql,
  runs: readonly Run[],
  before: number,
): Promise<(Epcs & { readonly chain: string })[]> {
  return sql<(Epcs & { chain: string })[]>`
    SELECT units.unit, e.epc, array_to_string(units.marks, ',') AS chain
    FROM ${marksOfRuns(sql, runs, before)} units
    JOIN epcs e ON e.unit = units.unit ORDER BY units.unit`;
}

/** Units with their chains as `chainGroups` writes them; those that no entry names are absent. One statement. */
export function chainsOfUnits(
  sql: Sql,
  units: readonly number[],
  before: number,
): Promise<{ readonly unit: number; readonly chain: string }[]> {
  return sql<{ unit: number; chain: string }[]>`
    SELECT units.unit, array_to_string(units.marks, ',') AS chain
    FROM (SELECT DISTINCT unit FROM unnest(${arrayLiteral(units)}::bigint[]) AS given (unit)) asked
    CROSS JOIN LATERAL (
      SELECT unit, array_agg(seq * 8 + position ORDER BY n) AS marks FROM unit_chain
      WHERE unit = asked.unit AND seq < ${before} GROUP BY unit) units
    ORDER BY units.unit`;
}
