/**
 * Which things the entries of a range may say something new about, and at which of these entries: those that an
 * event names, what is in a container that it names, what others should have followed up by then (overdue.ts), and what
 * failed beside other failures that count no more, or now (reconsidered.ts). A thing of which somebody tells very much is
 * looked at with some of those entries alone (due.ts), and for the sake of the last of them once nothing was told of it for
 * as long as a grace period. A function of the log alone: how the log is cut into ranges changes nothing.
 */

import { append } from '../../core/grouping.ts';
import { thingIn } from '../../core/gs1/identifier-forms.ts';
import type { Step } from '../../core/life/history.ts';
import type { Sql } from '../../database/connection.ts';
import { loadChains, loadContents } from '../events/chains.ts';
import { type Due, dueBy, eachMax, isDue, type Named, ordinalsOf } from './due.ts';
import { overdueIn, type Terms, unsettled } from './overdue.ts';
import type { Reconsidered } from './reconsidered.ts';

/** Entries of the range at which each thing is looked at again. */
export type Touches = Map<number, Set<number>>;

export interface Touched {
  readonly touches: Touches;
  /** When those entries were recorded, ms since the epoch. */
  readonly times: ReadonlyMap<number, number>;
  /** Own steps of all of them and of the containers around them, from entries before the end of the range. */
  readonly chains: ReadonlyMap<number, readonly Step[]>;
  /** The same for lots: told by balances, not by a life. */
  readonly lots: Touches;
}

/** Looks at things that a step holds in memory at most, unless a single entry asks for more. */
export const looksMax = 100_000;
/** Steps of histories that are gone through between two statements, unless a single entry asks for more: some seconds. */
const stepsMax = 4_000_000;
/** Steps that are gone through before others get their turn: a few ms. */
export const stepsAtOnce = 2_000;

/**
 * @param reconsidered what is looked at again besides
 * @returns null when the range asks for more looks than fit in memory, or for more work than may be done in one go: cut it
 */
export async function touchedBy(
  sql: Sql,
  terms: Terms,
  reconsidered: readonly Reconsidered[],
  from: number,
  until: number,
): Promise<Touched | null> {
  const divisible = until - from > 1;
  if (divisible && (await namesIn(sql, from, until)) > looksMax) return null;
  const lots: Touches = new Map();
  const reasons: Reasons = new Map();
  const times = new Map<number, number>();
  const named = await namedIn(sql, from, until);
  const overdue = await overdueIn(sql, terms, from, until);
  const ordinalOf = await ordinalsOf(
    sql,
    [...named, ...overdue].filter(({ lot, n }) => !lot && n > eachMax),
  );
  const isLook = ({ unit, seq, n }: Named): boolean => isDue(ordinalOf(unit, seq) ?? n);
  const looked = [
    ...named.filter((it) => (isLook(it) ? it.ifDue : it.ifLeftOut)),
    ...overdue.filter((it) => !isLook(it) && it.ifLeftOut),
    ...(await unsettled(
      sql,
      overdue.filter((it) => isLook(it) && it.ifDue),
    )),
    ...reconsidered,
  ];
  for (const { unit, seq, look, at, lot } of looked) {
    if (lot) touch(lots, unit, look);
    else give(reasons, unit, look, seq);
    times.set(look, at);
  }
  const chains = new Map<number, readonly Step[]>();
  for (let fresh = [...reasons.keys()]; fresh.length > 0; ) {
    await loadInto(chains, sql, fresh, until);
    fresh = await passOn(sql, fresh, reasons, chains, until);
    if (divisible && (looksOf(reasons) > looksMax || stepsOf(reasons, chains) > stepsMax)) return null;
  }
  const touches: Touches = new Map([...reasons].map(([unit, looks]) => [unit, new Set(looks.keys())]));
  return { touches, times, chains, lots };
}

/** Of each thing the entries with which it is looked at, and for each those for whose sake: itself, or earlier ones. */
type Reasons = Map<number, Map<number, Set<number>>>;

/** Notes for the sake of which entry a thing is looked at with one. Answers whether that is new. */
function give(reasons: Reasons, unit: number, look: number, seq: number): boolean {
  const looks = reasons.get(unit) ?? new Map<number, Set<number>>();
  const seqs = looks.get(look) ?? new Set<number>();
  if (seqs.has(seq)) return false;
  reasons.set(unit, looks.set(look, seqs.add(seq)));
  return true;
}

async function loadInto(
  chains: Map<number, readonly Step[]>,
  sql: Sql,
  units: Iterable<number>,
  until: number,
): Promise<void> {
  const wanted = [...units].filter((unit) => !chains.has(unit));
  for (const [unit, steps] of await loadChains(sql, wanted, until)) chains.set(unit, steps);
}

/** Things by the entries that touch them, in order of both. */
export function bySeq(touches: Touches): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const [unit, seqs] of touches) for (const seq of seqs) append(found, seq, unit);
  return new Map(
    [...found].sort(([a], [b]) => a - b).map(([seq, units]) => [seq, units.sort((a, b) => a - b)]),
  );
}

type Sizes = ReadonlyMap<number, { readonly size: number }>;

/** How many looks these are. */
export function looksOf(touches: Sizes): number {
  let looks = 0;
  for (const seqs of touches.values()) looks += seqs.size;
  return looks;
}

/** How many steps these looks go through, if none is like another. */
function stepsOf(touches: Sizes, chains: ReadonlyMap<number, readonly Step[]>): number {
  let steps = 0;
  for (const [unit, seqs] of touches) steps += seqs.size * (chains.get(unit)?.length ?? 0);
  return steps;
}

/** How often events of the range name something. */
async function namesIn(sql: Sql, from: number, until: number): Promise<number> {
  const [row] = await sql<{ names: number }[]>`
    SELECT coalesce(sum(parts), 0)::bigint AS names FROM hops WHERE seq >= ${from} AND seq < ${until}`;
  return row?.names ?? 0;
}

/** Notes that something is looked at with an entry. Answers whether that is new. */
export function touch(touches: Touches, unit: number, seq: number): boolean {
  const seqs = touches.get(unit);
  if (seqs === undefined) touches.set(unit, new Set([seq]));
  else if (seqs.has(seq)) return false;
  else seqs.add(seq);
  return true;
}

/** Passes what touches containers on to what was in them by then. Answers what was newly touched. */
async function passOn(
  sql: Sql,
  numbers: readonly number[],
  reasons: Reasons,
  chains: Map<number, readonly Step[]>,
  until: number,
): Promise<number[]> {
  const containers = numbers.filter((it) => chains.get(it)?.some(fills));
  const contents = [...(await loadContents(sql, containers, until))].flatMap(([container, all]) => {
    const looks = [...(reasons.get(container) ?? [])];
    return all.flatMap(({ unit, epc, since }) => {
      const passed = hasLife(epc) ? looks.filter(([look]) => look >= since) : [];
      return passed.length === 0 ? [] : [{ unit, since, passed }];
    });
  });
  await loadInto(
    chains,
    sql,
    contents.map(({ unit }) => unit),
    until,
  );
  const due: Due = dueBy(chains);
  const fresh = new Set<number>();
  for (const { unit, since, passed } of contents)
    for (const [look, seqs] of passed)
      for (const seq of seqs)
        if (due.passes(unit, since, seq) && give(reasons, unit, look, seq)) fresh.add(unit);
  return [...fresh];
}

/** Units and containers live; lots and places are not told by a life of their own. */
const hasLife = (epc: string): boolean => ['unit', 'container'].includes(thingIn(epc) ?? '');
const fills = ({ hop, position }: Step): boolean => hop.hop === 'pack' && position === 'parent';

/** What has a life and is named by events of the range. */
async function namedIn(sql: Sql, from: number, until: number): Promise<readonly Named[]> {
  return sql<Named[]>`
    SELECT c.unit, c.seq, c.seq AS look, h.recorded_at AS "recordedAt", h.recorded_at AS at, c.n,
      e.epc LIKE '01/______________/10/%' AS lot, true AS "ifDue", false AS "ifLeftOut"
    FROM hops h JOIN unit_chain c ON c.seq = h.seq JOIN epcs e ON e.unit = c.unit
    WHERE h.seq >= ${from} AND h.seq < ${until} AND c.seq >= ${from} AND c.seq < ${until}
      AND (e.epc LIKE '00/%' OR e.epc LIKE '01/%')`;
}
