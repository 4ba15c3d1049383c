/**
 * What an order may be about: internal numbers of units, lots and containers, a bounded window at a time, found by
 * the member of its scope that finds fewest. What the rest of the scope asks is looked at afterwards (enrol.ts).
 */
import { type Epc, type PartyId, type PlaceId, positions } from '../../core/events/hop.ts';
import { officialRoles } from '../../core/life/standing.ts';
import { anchorOf, movingHops, type OrderScope } from '../../core/orders/order.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { loadContents, unitNumbers } from '../events/chains.ts';
import { type Run, windows } from '../tracing/things.ts';

/** Units, and parts of events, that one window looks at. */
const windowUnits = 20_000;
const windowParts = 20_000;
/** Entries that one window looks through for a party or place. */
const windowEntries = 50_000;
/** Listed identifiers of a window: a container holds many things. */
const windowListed = 2_000;

/** Ways of looking through the record, in the order in which they are gone. */
export const phases = ['listed', 'runs', 'measured', 'hops', 'derived', 'following'] as const;
export type Phase = (typeof phases)[number];

export interface Window {
  readonly numbers: readonly number[];
  /** Where the next window of this phase begins; null when this was the last. */
  readonly next: number | null;
}

/** By what the things of a scope are found. */
export interface Source {
  readonly listed: readonly Epc[];
  readonly lots: readonly Epc[];
  readonly gtins: readonly string[];
  readonly party: PartyId | null;
  readonly place: PlaceId | null;
}

const nothing: Source = { listed: [], lots: [], gtins: [], party: null, place: null };

/** One statement where the scope names a maker, none else. */
export async function sourceOf(sql: Sql, scope: OrderScope): Promise<Source> {
  const { downstream = {}, containers = [], units = [], lots = [], products = [] } = scope;
  switch (anchorOf(scope)) {
    case 'downstream': {
      const { unit, lot, container, party = null, place = null } = downstream;
      const listed = [unit, lot, container].filter((it) => it !== undefined);
      return { ...nothing, listed, lots: lot === undefined ? [] : [lot], party, place };
    }
    case 'containers':
      return { ...nothing, listed: containers };
    case 'units':
      return { ...nothing, listed: units };
    case 'lots':
      return { ...nothing, listed: lots, lots };
    case 'holding':
      return { ...nothing, party: scope.holding ?? null };
    case 'held':
      return { ...nothing, party: scope.held ?? null };
    case 'products':
      return { ...nothing, gtins: products };
    case 'made': {
      const rows = await sql<{ gtin: string }[]>`
        SELECT substr(identifier, 6) AS gtin FROM owners
        WHERE party = ${scope.made ?? ''} AND identifier LIKE 'gtin:%' ORDER BY identifier`;
      return { ...nothing, gtins: rows.map(({ gtin }) => gtin) };
    }
    case null:
      return nothing;
  }
}

/** The window of a phase that begins at a position, of entries with seq below `before`. */
export async function windowOf(
  sql: Sql,
  source: Source,
  { phase, at, before }: { readonly phase: Phase; readonly at: number; readonly before: number },
): Promise<Window> {
  switch (phase) {
    case 'listed':
      return listedWindow(sql, source, at);
    case 'runs':
      return runsWindow(sql, source, at, before);
    case 'measured':
      return measuredWindow(sql, source, at);
    case 'hops':
      return hopsWindow(sql, source, at, before);
    case 'derived':
    case 'following':
      return empty;
  }
}

const empty: Window = { numbers: [], next: null };

async function listedWindow(sql: Sql, { listed }: Source, at: number): Promise<Window> {
  const numbers = await unitNumbers(sql, listed.slice(at, at + windowListed));
  const next = at + windowListed;
  return {
    numbers: await withContents(sql, [...numbers.values()]),
    next: next < listed.length ? next : null,
  };
}

/** Units of whole lots or products, by number. */
async function runsWindow(sql: Sql, { lots, gtins }: Source, at: number, before: number): Promise<Window> {
  if (lots.length + gtins.length === 0) return empty;
  const runs = await sql<Run[]>`
    SELECT greatest(first_unit, ${at}) AS first, last_unit AS last FROM issues
    WHERE (lot = ANY (${arrayLiteral(lots)}::text[]) OR gtin = ANY (${arrayLiteral(gtins)}::text[]))
      AND last_unit >= ${at} AND seq < ${before}
    ORDER BY first_unit LIMIT 1000`;
  const [window = []] = windows(runs, windowUnits);
  const last = window.at(-1)?.last;
  return last === undefined ? empty : { numbers: numbersOf(window), next: last + 1 };
}

const numbersOf = (runs: readonly Run[]): number[] =>
  runs.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

/** Lots of products that are dealt by measure. */
async function measuredWindow(sql: Sql, { gtins }: Source, at: number): Promise<Window> {
  if (gtins.length === 0) return empty;
  const rows = await sql<{ unit: number; wanted: boolean }[]>`
    SELECT q.unit, substr(e.epc, 4, 14) = ANY (${arrayLiteral(gtins)}::text[]) AS wanted FROM (
      SELECT DISTINCT unit FROM quantities WHERE unit >= ${at} ORDER BY unit LIMIT ${windowUnits}) q
    JOIN epcs e USING (unit) ORDER BY q.unit`;
  const last = rows.at(-1);
  return {
    numbers: rows.filter(({ wanted }) => wanted).map(({ unit }) => unit),
    next: last === undefined || rows.length < windowUnits ? null : last.unit + 1,
  };
}

/** What a party or place had to do with, by entry. */
async function hopsWindow(sql: Sql, { party, place }: Source, at: number, before: number): Promise<Window> {
  if (party === null && place === null) return empty;
  const until = Math.min(before, at + windowEntries);
  const hops = await sql<{ seq: number; parts: number }[]>`
    SELECT seq, parts FROM hops
    WHERE seq >= ${at} AND seq < ${until} AND (
      recorder = ${party} OR giver = ${party} OR taker = ${party} OR place = ${place} OR to_place = ${place})
    ORDER BY seq`;
  const taken: number[] = [];
  let parts = 0;
  for (const hop of hops) {
    if (taken.length > 0 && parts + hop.parts > windowParts) break;
    taken.push(hop.seq);
    parts += hop.parts;
  }
  const end = taken.length < hops.length ? (taken.at(-1) ?? at) + 1 : until;
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT c.unit FROM unnest(${arrayLiteral(taken)}::bigint[]) AS asked (seq)
    JOIN unit_chain c USING (seq)`;
  const numbers = rows.map(({ unit }) => unit);
  return { numbers: await withContents(sql, numbers), next: end < before ? end : null };
}

/** That entries concern a thing: the newest of them, and the container by which they reach it, if any. */
export interface Touch {
  readonly entry: number;
  readonly via: number | null;
}

/** What some entries touch that an order may be about. */
export async function touchedBy(
  sql: Sql,
  order: number,
  source: Source,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<ReadonlyMap<number, Touch>> {
  const { listed, lots, gtins, party, place } = source;
  const rows = await sql<{ unit: number; entry: number }[]>`
    SELECT c.unit, max(c.seq) AS entry FROM unit_chain c JOIN epcs e USING (unit)
    LEFT JOIN hops h ON h.seq = c.seq
    WHERE c.seq >= ${from} AND c.seq < ${until} AND (
      e.epc = ANY (${arrayLiteral(listed)}::text[])
      OR substr(e.epc, 4, 14) = ANY (${arrayLiteral(gtins)}::text[])
      OR h.recorder = ${party} OR h.giver = ${party} OR h.taker = ${party}
      OR h.place = ${place} OR h.to_place = ${place}
      OR h.parent IN (SELECT p.unit FROM epcs p WHERE p.epc = ANY (${arrayLiteral(listed)}::text[]))
      OR EXISTS (SELECT FROM issues i WHERE i.lot = ANY (${arrayLiteral(lots)}::text[])
        AND c.unit BETWEEN i.first_unit AND i.last_unit)
      OR e.epc LIKE '00/%'
      OR EXISTS (SELECT FROM order_things t WHERE t.seq = ${order} AND t.unit = c.unit))
    GROUP BY c.unit`;
  const touched = new Map<number, Touch>(rows.map(({ unit, entry }) => [unit, { entry, via: null }]));
  for (const [unit, container] of await contentsOf(sql, [...touched.keys()])) {
    const outer = touched.get(container);
    if (outer !== undefined)
      touched.set(unit, { entry: Math.max(touched.get(unit)?.entry ?? -1, outer.entry), via: container });
  }
  return touched;
}

/**
 * Entries that move or use up things although these are stopped, each after a time of its own, ms since the epoch: not what
 * made them, nor those of officials, and not what goes back.
 */
export async function movesOf(
  sql: Sql,
  things: ReadonlyMap<number, number>,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<number[]> {
  const rows = await sql<{ seq: number }[]>`
    SELECT DISTINCT h.seq
    FROM unnest(${arrayLiteral([...things.keys()])}::bigint[], ${arrayLiteral([...things.values()])}::bigint[])
      AS asked (unit, after)
    JOIN unit_chain c ON c.unit = asked.unit AND c.seq >= ${from} AND c.seq < ${until}
    JOIN hops h ON h.seq = c.seq AND h.time_from > asked.after
      AND (h.hop = ANY (${arrayLiteral(movingHops)}::text[])
          AND c.position <> ${positions.indexOf('output')} AND (h.hop <> 'relabel' OR h.note <> 'new')
        OR c.position <> ${positions.indexOf('parent')}
          AND (h.hop, h.note) IN (('replace', 'new'), ('maintain', 'parts'), ('refill', 'parts')))
      AND h.as_role <> ALL (${arrayLiteral(officialRoles)}::text[])
    ORDER BY h.seq`;
  return rows.map(({ seq }) => seq);
}

async function withContents(sql: Sql, numbers: readonly number[]): Promise<number[]> {
  return [...new Set([...numbers, ...(await contentsOf(sql, numbers)).keys()])];
}

/** Whatever was ever packed into the containers among some numbers, with the outermost of them. */
async function contentsOf(sql: Sql, numbers: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const outermost = new Map(numbers.map((number) => [number, number]));
  for (let level = numbers; level.length > 0; ) {
    const next: number[] = [];
    for (const [container, contents] of await loadContents(sql, level))
      for (const { unit } of contents) {
        const outer = outermost.get(container) ?? container;
        if (found.has(unit)) continue;
        found.set(unit, outer);
        outermost.set(unit, outer);
        next.push(unit);
      }
    level = next;
  }
  return found;
}

/** Things of one level of an order's roll, or of all, in order of number. */
export async function levelWindow(
  sql: Sql,
  order: number,
  level: number | null,
  at: number,
): Promise<Window> {
  const rows = await sql<{ unit: number }[]>`
    SELECT DISTINCT unit FROM order_things
    WHERE seq = ${order} AND ${level === null ? sql`TRUE` : sql`level = ${level}`} AND unit >= ${at}
    ORDER BY unit LIMIT ${windowUnits}`;
  const last = rows.at(-1)?.unit;
  return {
    numbers: rows.map(({ unit }) => unit),
    next: last === undefined || rows.length < windowUnits ? null : last + 1,
  };
}
