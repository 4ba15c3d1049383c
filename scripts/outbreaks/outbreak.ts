/** A planted source of bad units, what an investigator is told of them, and how well the source is found. */

import { atOnce } from '../../src/core/steps.ts';
import { type Case, type CommonSource, commonSource } from '../../src/core/tracing/common-source.ts';
import {
  type Candidate,
  inferPlaces,
  likenessOf,
  lookingUpstream,
  type Upstreams,
} from '../../src/core/tracing/exposure.ts';
import type { Random } from '../random.ts';
import { ownerOf, sample, type Truth, type World } from './world.ts';

export interface OutbreakOptions {
  readonly bad: number;
  readonly good: number;
  /** Share of the bad labels that stand on units that have nothing to do with the source. */
  readonly wrong: number;
  /** Share of what went through the source that became bad. */
  readonly attack: number;
}

export const usual: OutbreakOptions = { bad: 20, good: 60, wrong: 0.05, attack: 0.5 };

/**
 * A lot made badly; a dealer that swaps goods; a maintenance firm that refills badly; a wholesaler whose codes are
 * copied, where a bad unit is the genuine one whose code turned up on a copy.
 */
export const outbreakKinds = ['lot', 'dealer', 'maintenance-firm', 'wholesaler'] as const;
export type OutbreakKind = (typeof outbreakKinds)[number];

export interface Outbreak {
  readonly source: Candidate;
  readonly bad: readonly number[];
  readonly good: readonly number[];
}

/** Draws a source and the units that are known; null if too few units went through it. */
export function plantOutbreak(
  random: Random,
  { truths }: World,
  kind: OutbreakKind,
  { bad, good, wrong, attack }: OutbreakOptions,
): Outbreak | null {
  const source = sourceOf(kind, random.pick(truths));
  if (source === null) return null;
  const units = truths.map((_, unit) => unit);
  const downstream = units.filter((unit) => {
    const truth = truths[unit];
    return truth !== undefined && sourceOf(kind, truth)?.id === source.id;
  });
  const truly = new Set(downstream.filter(() => random.next() < attack));
  const mislabelled = Math.round(bad * wrong);
  const fine = units.filter((unit) => !truly.has(unit));
  const known = sample(random, [...truly], bad - mislabelled);
  if (known.length < bad - mislabelled) return null;
  const innocent = sample(random, fine, mislabelled + good);
  return {
    source,
    bad: [...known, ...innocent.slice(0, mislabelled)],
    good: innocent.slice(mislabelled),
  };
}

function sourceOf(kind: OutbreakKind, truth: Truth): Candidate | null {
  switch (kind) {
    case 'lot':
      return { kind: 'lot', id: truth.lot };
    case 'dealer':
      return { kind: 'party', id: truth.dealer };
    case 'wholesaler':
      return { kind: 'party', id: truth.wholesaler };
    case 'maintenance-firm':
      return truth.maintenanceFirm === null ? null : { kind: 'maintenance-firm', id: truth.maintenanceFirm };
  }
}

/** A rank with its candidates told. */
export interface Rank extends Omit<CommonSource, 'candidates'> {
  readonly candidates: readonly Candidate[];
}

/** What the investigator is told, ranked. */
export function investigate(world: World, { bad, good }: Outbreak): Rank[] {
  const { look, candidates } = lookingUpstream(world.histories);
  const cases = [...casesOf(world, look, bad, true), ...casesOf(world, look, good, false)];
  const placed = inferPlaces(
    cases.map((it) => it.candidates),
    candidates,
    ownerOf,
  );
  const all = cases.map((it, i) => ({ ...it, candidates: placed[i] ?? [] }));
  const ranked = atOnce(commonSource(all, candidates.length));
  return ranked.map((set) => ({
    ...set,
    candidates: set.candidates.flatMap((number) => candidates[number] ?? []),
  }));
}

/** One case for all units of one history. */
function casesOf(
  { histories, origins }: World,
  look: Upstreams['look'],
  units: readonly number[],
  bad: boolean,
): Case[] {
  const alike = new Map<string, { readonly unit: number; units: number }>();
  // In the order of their numbers, as a database reads them.
  for (const unit of [...units].sort((one, other) => one - other)) {
    const key = likenessOf(unit, histories, origins[unit] ?? null);
    const known = alike.get(key);
    if (known) known.units++;
    else alike.set(key, { unit, units: 1 });
  }
  return [...alike.values()].map(({ unit, units }) => {
    return { bad, weight: 1, units, candidates: look(unit, origins[unit] ?? null) };
  });
}

/** Chance that the source is among the first `n`: below 1 when a rank is shared and drawn by lot. */
export interface Found {
  readonly first: number;
  readonly firstThree: number;
}

/** The rank of the set that holds the source. */
export function foundBy(ranking: readonly Rank[], source: Candidate): Found {
  const index = ranking.findIndex((set) => holds(set, source));
  return among(index < 0 ? Number.POSITIVE_INFINITY : index, 1);
}

/** The naive way beside it: whoever has most bad units downstream. Those with as many are drawn by lot. */
export function foundByCount(ranking: readonly Rank[], source: Candidate): Found {
  const own = ranking.find((set) => holds(set, source));
  if (own === undefined) return among(Number.POSITIVE_INFINITY, 1);
  const better = ranking.filter(({ bad }) => bad > own.bad).length;
  return among(better, ranking.filter(({ bad }) => bad === own.bad).length);
}

const holds = ({ candidates }: Rank, { kind, id }: Candidate): boolean =>
  candidates.some((it) => it.kind === kind && it.id === id);

/** @param better sets before it @param alike sets of the same rank, itself included */
const among = (better: number, alike: number): Found => ({
  first: Math.max(0, Math.min(1, (1 - better) / alike)),
  firstThree: Math.max(0, Math.min(1, (3 - better) / alike)),
});
