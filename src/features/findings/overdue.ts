/**
 * What others should have followed up by an entry, and did not: the rules that ask for it (core/rules) are asked again with
 * that entry, for nobody may tell of the thing any more.
 *
 *   receipts     the giver has the grace period (`grace-days`) to record its half
 *   handling     of a unit of which nobody told yet how it began: its maker has the grace period
 *   shipments    nobody told yet that they came: the taker has as long as a transport takes (`transit-days-max`)
 *
 * Each counts from when it was recorded, by the clock of the log. What was the last that is told of a thing of which much is
 * told is asked about as well, when a grace period has passed since. A function of the log alone: what settled it counts only
 * if it was recorded before.
 *
 * Example: B records on 5 June that it ships a unit to C, of which nobody told that it was made. It is looked at with the
 * first entry after 8 June for its production, and with the first after 5 July for its arrival.
 */
import { positions } from '../../core/events/hop.ts';
import { leading } from '../../core/halving.ts';
import { custodyActs } from '../../core/life/standing.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { eachMax, type Named } from './due.ts';

/** How long others may take, ms, by the entries before one. */
export interface Terms {
  transitMs(before: number): number;
  graceMs(before: number): number;
}

/** Who should tell what: of receipts the giver its half, of handling that the thing was made, of shipments the taker. */
type Awaited = 'shipment' | 'production' | 'arrival' | 'nothing';

interface Overdue extends Named {
  readonly awaited: Awaited;
  readonly taker: string | null;
}

interface Moment {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** What becomes overdue with an entry of the range unless something settled it. */
export async function overdueIn(
  sql: Sql,
  { transitMs, graceMs }: Terms,
  from: number,
  until: number,
): Promise<readonly Overdue[]> {
  const clock = await sql<Moment[]>`
    SELECT seq, at FROM entries WHERE seq >= ${from - 1} AND seq < ${until} ORDER BY seq`;
  return [
    ...(await passedIn(sql, clock, { from, until }, graceMs, handledIn)),
    ...(await passedIn(sql, clock, { from, until }, transitMs, shippedIn)),
  ];
}

interface Told extends Omit<Overdue, 'look' | 'at' | 'ifLeftOut'> {
  /** The next entry about the thing, of one of which much is told. */
  readonly next: number | null;
}

/** Tellings of entries `first` ≤ seq < `end` that somebody should follow up, in order of seq. */
type TellingsIn = (sql: Sql, first: number, end: number) => Promise<readonly Told[]>;

/**
 * Those that are older than something with an entry of the clock, and were not with the entry before it. The clock begins
 * an entry before the range, if there is one.
 */
async function passedIn(
  sql: Sql,
  clock: readonly Moment[],
  { from, until }: { readonly from: number; readonly until: number },
  ageMs: (before: number) => number,
  tellingsIn: TellingsIn,
): Promise<Overdue[]> {
  const horizons = clock.map(({ seq, at }) => at - ageMs(seq + 1));
  if (from === 0) horizons.unshift(Number.NEGATIVE_INFINITY);
  const moments = clock.filter(({ seq }) => seq >= from);
  const least = horizons.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = horizons.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (least >= most) return [];
  const [first, end] = await Promise.all([
    least === Number.NEGATIVE_INFINITY ? 0 : firstSince(sql, least, until),
    firstSince(sql, most, until),
  ]);
  if (first >= end) return [];
  const told = await tellingsIn(sql, first, end);
  return moments.flatMap(({ seq, at }, i) => {
    const [before, now] = [horizons[i] ?? 0, horizons[i + 1] ?? 0];
    if (now <= before) return [];
    const within = (horizon: number): number => leading(told, ({ recordedAt }) => recordedAt < horizon);
    return told
      .slice(within(before), within(now))
      .map((it): Overdue => ({ look: seq, at, ifLeftOut: it.next === null || it.next >= seq, ...it }));
  });
}

const parent = positions.indexOf('parent');

/** Receipts, what is done with units by whoever has them, and the last that is told of what much is told of. */
const handledIn: TellingsIn = (sql, first, end) => sql<Told[]>`
  SELECT unit, seq, recorded_at AS "recordedAt", n, lot, taker, awaited, awaited <> 'nothing' AS "ifDue",
    CASE WHEN n > ${eachMax} THEN (SELECT l.seq FROM unit_chain l WHERE l.unit = told.unit AND l.n = told.n + 1) END AS next
  FROM (
    SELECT c.unit, h.seq, h.recorded_at, c.n, e.epc LIKE '01/______________/10/%' AS lot, h.taker,
      CASE WHEN h.hop IN ('receive', 'return') THEN 'shipment'
        WHEN h.hop = ANY (${arrayLiteral(['release', ...custodyActs])}::text[])
          AND e.epc LIKE '01/______________/21/%' AND c.position <> ${parent} THEN 'production'
        ELSE 'nothing' END AS awaited
    FROM hops h JOIN unit_chain c ON c.seq = h.seq
    JOIN epcs e ON e.unit = c.unit AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')
    WHERE h.seq >= ${first} AND h.seq < ${end} AND c.seq >= ${first} AND c.seq < ${end}) told
  WHERE awaited <> 'nothing' OR n > ${eachMax}
  ORDER BY seq`;

/** What was sent to somebody else. */
const shippedIn: TellingsIn = (sql, first, end) => sql<Told[]>`
  SELECT c.unit, h.seq, h.recorded_at AS "recordedAt", c.n, false AS lot, h.taker, 'arrival' AS awaited,
    true AS "ifDue", -1 AS next
  FROM hops h JOIN unit_chain c ON c.seq = h.seq JOIN epcs e ON e.unit = c.unit
  WHERE h.seq >= ${first} AND h.seq < ${end} AND c.seq >= ${first} AND c.seq < ${end}
    AND h.hop IN ('ship', 'return') AND h.taker <> h.recorder
    AND (e.epc LIKE '01/______________/21/%' OR e.epc LIKE '00/%')
  ORDER BY h.seq`;

/** Those that no earlier entry settled. Two statements at most. */
export async function unsettled(sql: Sql, overdue: readonly Overdue[]): Promise<Overdue[]> {
  const asked = (awaited: Awaited): Overdue[] => overdue.filter((it) => it.awaited === awaited);
  const [begun, answered] = await Promise.all([
    beginnings(sql, asked('production')),
    answers(sql, asked('arrival')),
  ]);
  const settledBy = ({ awaited, unit, seq }: Overdue): number | undefined => {
    switch (awaited) {
      case 'shipment':
      case 'nothing':
        return undefined;
      case 'production':
        return begun.get(unit);
      case 'arrival':
        return answered.get(`${unit}/${seq}`);
    }
  };
  return overdue.filter((it) => (settledBy(it) ?? it.look) >= it.look);
}

/** The first entries by which units began, whoever says so: none of these waits for a record any more. */
async function beginnings(sql: Sql, overdue: readonly Overdue[]): Promise<Map<number, number>> {
  if (overdue.length === 0) return new Map();
  const rows = await sql<{ unit: number; seq: number }[]>`
    SELECT asked.unit, b.seq FROM unnest(${arrayLiteral([...new Set(overdue.map(({ unit }) => unit))])}::bigint[]) AS asked (unit)
    CROSS JOIN LATERAL (
      SELECT c.seq FROM unit_chain c JOIN hops h ON h.seq = c.seq
      WHERE c.unit = asked.unit AND (h.hop IN ('produce', 'adopt') OR h.hop = 'relabel' AND h.note = 'new'
        OR h.hop IN ('transform', 'split', 'relabel') AND c.position = ${positions.indexOf('output')})
      ORDER BY c.n LIMIT 1) b`;
  return new Map(rows.map(({ unit, seq }) => [unit, seq]));
}

/** The first entries of takers about what was shipped to them, after that. */
async function answers(sql: Sql, overdue: readonly Overdue[]): Promise<Map<string, number>> {
  if (overdue.length === 0) return new Map();
  const column = (of: (it: Overdue) => string | number): string => arrayLiteral(overdue.map(of));
  const rows = await sql<{ unit: number; seq: number; answer: number }[]>`
    SELECT asked.unit, asked.seq, a.seq AS answer
    FROM unnest(${column(({ unit }) => unit)}::bigint[], ${column(({ seq }) => seq)}::bigint[],
      ${column(({ n }) => n)}::integer[], ${column(({ taker }) => taker ?? '')}::text[]) AS asked (unit, seq, n, taker)
    CROSS JOIN LATERAL (
      SELECT c.seq FROM unit_chain c JOIN hops h ON h.seq = c.seq
      WHERE c.unit = asked.unit AND c.n > asked.n AND h.recorder = asked.taker ORDER BY c.n LIMIT 1) a`;
  return new Map(rows.map(({ unit, seq, answer }) => [`${unit}/${seq}`, answer]));
}

/** First entry below `size` recorded at that time or later; times never run backwards. By halving. */
async function firstSince(sql: Sql, at: number, size: number): Promise<number> {
  let low = 0;
  let high = size;
  while (low < high) {
    // Nothing is older than the grace period in a young log: look at its beginning first.
    const middle = low === 0 && high === size ? 0 : Math.floor((low + high) / 2);
    const [entry] = await sql<{ at: number }[]>`SELECT at FROM entries WHERE seq = ${middle}`;
    if (entry === undefined) throw new Error(`the log has no entry ${middle}`);
    if (entry.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
