/**
 * With which of the entries that tell of it a thing is looked at. Its history is folded whole each time, and any party may
 * tell as much of any thing as it likes: if each of n entries were a look, n claims of one party would take n² steps, and
 * whatever is found of other things would come late meanwhile. So of a lot, which very many deal in, the first 64 entries
 * are looks and then every hundredth part or so of what it has; and of a unit or container the same holds for what each
 * party tells of it in a period of 30 days, apart from what others tell.
 *
 * A look sees the whole history. So of what others say nothing is found later because of a party that tells very much, and
 * of its own claims all is found with the next look: the last of them when nobody has told of the thing for a grace period
 * (touches.ts). No verdict waits for any of this, as verdicts fold histories themselves (features/verification).
 *
 * Why by period: a guard who checks a fire door every day, or a firm that services an extinguisher for twenty years, tells
 * more than 64 times of it, and is looked at each time. Why what is put into something is counted apart: a line that packs
 * a pallet piece by piece names the pallet a thousand times in an hour, and says nothing of the pallet by that; but then it
 * ships it.
 *
 * A function of the log alone, and of the entries up to the one in question: how the log is cut into ranges changes nothing.
 *
 * Example: X tells 500 times of unit 5 within a day. Of these 174 are looks: the first 64, of the next 64 every second, and
 * so on. The receipt of B in between is a look, as it is B's first.
 */
import { positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { Step } from '../../core/life/history.ts';
import { isPacking } from '../../core/life/membership.ts';
import { remembering } from '../../core/remembering.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** So many are looks each; also where what anybody tells of something is no more than that. */
export const eachMax = 64;
const periodMs = 30 * 24 * 60 * 60 * 1000;

/** Whether the n-th of those counted together, from 1, is a look: of n of them about 64 · (1 + ln n/64) are. */
export const isDue = (n: number): boolean => n % Math.ceil(n / eachMax) === 0;

/** An entry that tells of a thing. */
export interface Telling {
  readonly unit: number;
  readonly seq: number;
  /** When it was recorded, ms since the epoch. */
  readonly recordedAt: number;
}

/** That a thing is looked at with an entry. */
export interface Named extends Telling {
  /** The entry with which it is looked at for that, … */
  readonly look: number;
  /** … and when that was recorded. */
  readonly at: number;
  /** Which entry of the thing's own it is, counted from 1. */
  readonly n: number;
  readonly lot: boolean;
  /** Whether it is looked at for that where entries like it are looked at, and where they are not. */
  readonly ifDue: boolean;
  readonly ifLeftOut: boolean;
}

const keyOf = (unit: number, seq: number): string => `${unit}/${seq}`;

/**
 * Which of those counted together each telling is, from 1. One statement, or none; it reads what is told of these things
 * in the periods asked about, in the database, so that no more than the answer is read here.
 */
export async function ordinalsOf(
  sql: Sql,
  tellings: readonly Telling[],
): Promise<(unit: number, seq: number) => number | undefined> {
  if (tellings.length === 0) return () => undefined;
  const column = (of: (telling: Telling) => number): string => arrayLiteral(tellings.map(of));
  const first = tellings.reduce((least, { recordedAt }) => Math.min(least, recordedAt), Infinity);
  const last = tellings.reduce((most, { seq }) => Math.max(most, seq), -1);
  const since = Math.floor(first / periodMs) * periodMs;
  const rows = await sql<{ unit: number; seq: number; n: number }[]>`
    SELECT told.unit, told.seq, told.n FROM (
      SELECT c.unit, c.seq, row_number() OVER (
        PARTITION BY c.unit, h.recorder, h.recorded_at / ${periodMs}::bigint,
          c.position = ${positions.indexOf('parent')} AND NOT (h.hop = 'unpack' AND h.parts = 1)
        ORDER BY c.n) AS n
      FROM unnest(${arrayLiteral([...new Set(tellings.map(({ unit }) => unit))])}::bigint[]) AS asked (unit)
      JOIN unit_chain c ON c.unit = asked.unit AND c.seq <= ${last}
      JOIN hops h ON h.seq = c.seq AND h.recorded_at >= ${since}) told
    JOIN unnest(${column(({ unit }) => unit)}::bigint[], ${column(({ seq }) => seq)}::bigint[]) AS asked (unit, seq)
      USING (unit, seq)`;
  const found = new Map(rows.map(({ unit, seq, n }) => [keyOf(unit, seq), n]));
  return (unit, seq) => found.get(keyOf(unit, seq));
}

/** What somebody says of a thing by putting something into it, or taking something out, is of the other. */
const isAside = ({ position, whole }: Step): boolean => position === 'parent' && !whole;

/** The same of a chain at hand: those of its entries that are looks. `ordinalsOf` counts alike. */
function dueAmong(steps: Iterable<Step>): Set<number> {
  const told = new Map<string, number>();
  const due = new Set<number>();
  for (const step of steps) {
    const { seq, recorder, recordedAt } = step.hop;
    const key = `${recorder}/${Math.floor(recordedAt / periodMs)}/${isAside(step)}`;
    const n = (told.get(key) ?? 0) + 1;
    told.set(key, n);
    if (isDue(n)) due.add(seq);
  }
  return due;
}

/** Looks by the chains of things and of all that they were ever packed into. */
export interface Due {
  /**
   * Whether something is looked at with what an entry says of a container that it was put into by the entry `since`. What
   * reaches it through all its containers is counted like what names it, or one party could put it into thousands. What
   * was said of the container before goes by the packing.
   */
  passes(thing: number, since: number, seq: number): boolean;
  /** With which entry before one a thing compares itself to see what changed: the one before, if that was a look. */
  before(thing: number, seq: number): number;
}

export function dueBy(chains: ReadonlyMap<number, readonly Step[]>): Due {
  const chainOf = (number: number): readonly Step[] => chains.get(number) ?? [];
  const named = remembering((number) => dueAmong(chainOf(number)));
  const around = remembering((thing) => containersAround(thing, chainOf));

  /** What is said of a thing and what is around it that is no more than is looked at anyway. */
  const isLittle = remembering((thing) => {
    let steps = chainOf(thing).length;
    for (const container of around(thing).keys()) steps += chainOf(container).length;
    return steps <= eachMax;
  });

  /** What reaches a thing through its containers, of that which is looked at there. */
  const reaching = remembering((thing) => {
    const told = new Map<number, Step>();
    for (const [container, since] of around(thing))
      for (const step of chainOf(container)) {
        const { seq } = step.hop;
        if (seq < since || !named(container).has(seq)) continue;
        const known = told.get(seq);
        if (known === undefined || isAside(known)) told.set(seq, step);
      }
    return { told, due: dueAmong([...told.values()].sort((a, b) => a.hop.seq - b.hop.seq)) };
  });

  /** Entries about a thing or what is around it that are no looks, in no order. */
  const leftOut = remembering((thing) => {
    const { due } = reaching(thing);
    const left = chainOf(thing).filter(({ hop }) => !named(thing).has(hop.seq));
    for (const [container, since] of around(thing))
      for (const step of chainOf(container))
        if (step.hop.seq >= since && !due.has(step.hop.seq)) left.push(step);
    return left.map(({ hop }) => hop.seq);
  });

  return {
    passes(thing, since, seq) {
      if (isLittle(thing)) return true;
      const { told, due } = reaching(thing);
      return told.has(seq) ? due.has(seq) : named(thing).has(since);
    },
    before(thing, seq) {
      if (isLittle(thing)) return seq - 1;
      const last = chainOf(thing).findLast(({ hop }) => hop.seq < seq && named(thing).has(hop.seq));
      const look = last?.hop.seq ?? -1;
      return leftOut(thing).some((it) => look < it && it < seq) ? look : seq - 1;
    },
  };
}

/**
 * The containers that a thing was ever in, however deep, each with the first entry by which all packings between had been
 * told: packings are added in order of seq, and what becomes reachable with one is around the thing since then.
 */
function containersAround(
  thing: number,
  chainOf: (number: number) => readonly Step[],
): ReadonlyMap<number, number> {
  const packings: { inner: number; outer: number; seq: number }[] = [];
  const seen = new Set([thing]);
  for (const inner of seen)
    for (const step of chainOf(inner)) {
      if (!isPacking(step) || step.parent === null) continue;
      packings.push({ inner, outer: step.parent, seq: step.hop.seq });
      seen.add(step.parent);
    }
  const since = new Map<number, number>();
  const outside = new Map<number, number[]>();
  for (const { inner, outer, seq } of packings.sort((a, b) => a.seq - b.seq)) {
    append(outside, inner, outer);
    if (inner !== thing && !since.has(inner)) continue;
    for (const reached = [outer]; reached.length > 0; ) {
      const container = reached.pop();
      if (container === undefined || container === thing || since.has(container)) continue;
      since.set(container, seq);
      for (const next of outside.get(container) ?? []) reached.push(next);
    }
  }
  return since;
}
