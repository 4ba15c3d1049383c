/**
 * The cohorts of a lot, or of the lots of a product: units of one lot that the same entries name in the same positions, which therefore share all of their
 * history, that of their containers included. A lot of ten thousand units shipped to three hundred parties is a few
 * hundred cohorts; one unit of each tells the rest.
 *
 * Bounds: units are read `windowUnits` at a time, so memory grows with different histories and not with units. A lot
 * may have a million units (20 statements) and `cohortsMax` different histories.
 */

import { type Position, positions } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { type Step, step } from '../../core/life/history.ts';
import { missing } from '../../core/life/membership.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { loadChains, loadHops } from '../events/chains.ts';
import {
  type ChainGroup,
  chainGroups,
  chainsOfRuns,
  chainsOfUnits,
  issuedRuns,
  type Whole,
} from './queries.ts';
import { type Epcs, joined, type Run, windows, within } from './things.ts';

const windowUnits = 50_000;
/** Read side by side. */
const windowsAtOnce = 2;
/** Different histories in one lot that are told at most. */
const cohortsMax = 50_000;

/** That an entry names a unit, and in which position. */
export interface Mark {
  readonly seq: number;
  readonly position: Position;
}

export interface LotCohort {
  /** Stands for all units of the cohort. */
  readonly unit: number;
  readonly count: number;
  /** Its own history, without containers and lot. */
  readonly marks: readonly Mark[];
  /** Where its units lie; others may lie there too. */
  readonly runs: readonly Run[];
}

export interface LotUnits {
  readonly cohorts: readonly LotCohort[];
  /** Units of one of these cohorts (by index) after a number, in order, at most `limit`. */
  unitsOf(cohorts: readonly number[], after: number, limit: number): Promise<Epcs[]>;
}

/** The units by lot and history, as the entries before `before` tell. Refuses `too-many-epcs` beyond the bounds. */
export async function lotUnits(sql: Sql, whole: Whole, before: number): Promise<LotUnits> {
  const { runs, lotOf } = await issuedRuns(sql, whole, before);
  const byChain = new Map<string, number>();
  const cohorts: { unit: number; count: number; marks: Mark[]; runs: Run[] }[] = [];
  const take = ({ chain, count, first, last }: ChainGroup): void => {
    const { key, marks } = withoutIssue(chain, lotOf);
    const known = cohorts[byChain.get(key) ?? -1];
    if (known === undefined) {
      byChain.set(key, cohorts.length);
      cohorts.push({ unit: first, count, marks: marksOf(marks), runs: [{ first, last }] });
    } else {
      known.count += count;
      known.runs.push({ first, last });
    }
  };
  const left = windows(runs, windowUnits);
  while (left.length > 0) {
    const together = left.splice(0, windowsAtOnce);
    const groups = await Promise.all(together.map((window) => chainGroups(sql, window, before)));
    for (const group of groups.flat()) take(group);
    if (cohorts.length > cohortsMax) {
      throw new Refusal(
        'too-many-epcs',
        `These units have more than ${cohortsMax} different histories; ask for single lots, or trace single units.`,
      );
    }
  }
  return {
    cohorts,
    async unitsOf(wanted, after, limit) {
      const chosen = new Set(wanted);
      const behind = joined(wanted.flatMap((i) => cohorts[i]?.runs ?? []));
      const left = within(within(runs, behind), [{ first: after + 1, last: Number.MAX_SAFE_INTEGER }]);
      const found: Epcs[] = [];
      for (const window of windows(left, Math.max(1000, 4 * limit))) {
        for (const { unit, epc, chain } of await chainsOfRuns(sql, window, before)) {
          const cohort = byChain.get(withoutIssue(chain, lotOf).key);
          if (cohort !== undefined && chosen.has(cohort)) found.push({ unit, epc });
        }
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
  };
}

/**
 * Codes of one lot are issued in several entries; which one says nothing of a unit's history but the lot. The key tells
 * lots and histories apart.
 */
function withoutIssue(
  chain: string,
  lotOf: ReadonlyMap<number, string>,
): { readonly key: string; readonly marks: string } {
  const issuedAs = (part: string): string | undefined => lotOf.get(Math.floor(Number(part) / 8));
  const comma = chain.indexOf(',');
  const lot = issuedAs(comma < 0 ? chain : chain.slice(0, comma));
  if (lot !== undefined) {
    const marks = comma < 0 ? '' : chain.slice(comma + 1);
    return { key: `${lot} ${marks}`, marks };
  }
  const parts = chain.split(',');
  const marks = parts.filter((part) => issuedAs(part) === undefined).join(',');
  return { key: `${parts.map(issuedAs).find((it) => it !== undefined) ?? ''} ${marks}`, marks };
}

/** Reads what `chainGroups` writes. */
const marksOf = (chain: string): Mark[] => (chain === '' ? [] : chain.split(',').map(markOf));

function markOf(part: string): Mark {
  const seq = Math.floor(Number(part) / 8);
  const position = positions[Number(part) - seq * 8];
  if (position === undefined) throw new Error(`no position in ${part}`);
  return { seq, position };
}

/** Units with the same history. */
export interface UnitCohort {
  /** Stands for all of them; one of them. */
  readonly unit: number;
  readonly units: readonly number[];
  readonly marks: readonly Mark[];
}

/** Units by history, as the entries before `before` tell. One statement. */
export async function unitCohorts(sql: Sql, units: readonly number[], before: number): Promise<UnitCohort[]> {
  const alike = new Map<string, number[]>();
  for (const { unit, chain } of await chainsOfUnits(sql, units, before)) {
    append(alike, chain, unit);
  }
  // Histories share most of what they are made of.
  const known = new Map<string, Mark>();
  const shared = (part: string): Mark => {
    const mark = known.get(part) ?? markOf(part);
    known.set(part, mark);
    return mark;
  };
  return [...alike].flatMap(([chain, units]) => {
    const [unit] = units;
    return unit === undefined ? [] : [{ unit, units, marks: chain.split(',').map(shared) }];
  });
}

/**
 * The chains of the cohorts and of all containers they were in. Hops that cohorts share are read once: one statement,
 * and one a level of nesting.
 */
export async function cohortChains(
  sql: Sql,
  cohorts: readonly Pick<LotCohort, 'unit' | 'marks'>[],
  before: number,
): Promise<Map<number, readonly Step[]>> {
  const marks = new Set<Mark>();
  for (const cohort of cohorts) for (const mark of cohort.marks) marks.add(mark);
  const hops = await loadHops(
    sql,
    Array.from(marks, ({ seq }) => seq),
  );
  // A step says nothing of the unit, so those of the same mark share it.
  const steps = new Map<Mark, Step>();
  for (const mark of marks) {
    const { seq, position } = mark;
    const hop = hops.get(seq);
    if (hop === undefined) continue;
    steps.set(mark, step(hop, { position, amount: null }, position === 'parent' ? null : hop.parent));
  }
  const chains = new Map<number, readonly Step[]>();
  for (const { unit, marks } of cohorts)
    chains.set(
      unit,
      marks.flatMap((mark) => steps.get(mark) ?? []),
    );
  const containers = missing(
    chains.keys(),
    (number) => chains.has(number),
    (number) => chains.get(number) ?? [],
  );
  for (const [number, own] of await loadChains(sql, containers, before)) chains.set(number, own);
  return chains;
}
