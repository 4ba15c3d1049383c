/**
 * Scans that there should not be so many of, or not at all.
 *
 *     scan-velocity            more scans within scan-window-days than things of the product are scanned at all:
 *                              the number beyond the first follows a negative binomial distribution with the mean and
 *                              variance of the product's other things (a Poisson one where the variance is no larger);
 *                              found when so many or more come by chance in less than 10^−scan-rarity cases, or
 *                              10^−scan-rarity-trade while it is in the trade, where a genuine thing is hardly scanned
 *     scan-before-production   scanned more than a day before the moment at which it was made, as recorded
 *     scan-before-issue        scanned more than a day before its code was issued: whoever printed it had the number first;
 *                              what was before the making as well is told as that alone
 *     scan-never-produced      issued, and nobody ever recorded anything else of it; at least idle-scans-min scans by the
 *                              public are older than the grace period in which others may record their part: labels that
 *                              were printed and are on goods of nobody's
 *     scan-after-scrap         at least idle-scans-min scans more than a day after it was scrapped, destroyed or used up in
 *                              a test: its label is in use again
 *     forged-copies            its number was scanned on at least forged-scans-min copies with a bad signature
 *
 * Example: things of a product are scanned once or twice a week (mean 0.4 beyond the first, variance 0.5); one is scanned
 * 12 times in its carton's week on the road: 11 or more beyond the first come by chance less than once in 10^7 cases.
 */
import { type ClueFound, restingOn } from './clues.ts';
import type { Baseline, ScannedThing } from './scans.ts';

export const scanCountRules = {
  'scan-velocity': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['scan-window-days', 'scan-rarity', 'scan-rarity-trade', 'scan-things-min'],
    zh: '扫码次数远高于同型号产品的常态。',
    en: 'It is scanned far more often than other things of its product.',
  },
  'scan-before-production': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: [],
    zh: '身份码在产品生产之前已被扫。',
    en: 'The code was scanned before the thing was made.',
  },
  'scan-before-issue': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: [],
    zh: '身份码在签发之前已被扫。',
    en: 'The code was scanned before it was issued.',
  },
  'scan-never-produced': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['idle-scans-min', 'grace-days'],
    zh: '身份码已签发而从未登记生产，却被公众扫到。',
    en: 'The code was issued, nobody recorded that the thing was made, and the public scans it.',
  },
  'scan-after-scrap': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['idle-scans-min'],
    zh: '产品报废或销毁之后，其身份码仍被公众扫到。',
    en: 'The public scans the code of a thing that was scrapped or destroyed.',
  },
  'forged-copies': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['forged-scans-min'],
    zh: '有人扫到冒用该编号的伪造码。',
    en: 'Forged codes that bear its number were scanned.',
  },
} as const;

type Found = ClueFound<keyof typeof scanCountRules>;
const dayMs = 86_400_000;

/** Chance of `k` or more under a negative binomial distribution of this mean and variance. */
export function chanceOf(k: number, { mean, variance }: Pick<Baseline, 'mean' | 'variance'>): number {
  // A product whose things were never scanned twice says little: half a scan more is always thought possible.
  const m = Math.max(mean, 0.5);
  const over = Math.max(variance, m) - m;
  const poisson = over < 1e-9;
  const r = poisson ? Number.POSITIVE_INFINITY : (m * m) / over;
  let p = poisson ? Math.exp(-m) : (r / (r + m)) ** r;
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += p;
    p *= poisson ? m / (i + 1) : ((i + r) / (i + 1)) * (m / (r + m));
  }
  return Math.max(0, 1 - below);
}

export function scanVelocity({ scans, state, baseline, thresholds }: ScannedThing): readonly Found[] {
  if (baseline === null || baseline.things < thresholds['scan-things-min']) return [];
  const genuine = scans.filter(({ forged }) => !forged);
  const last = genuine.at(-1)?.at ?? 0;
  const within = genuine.filter(({ at }) => at > last - thresholds['scan-window-days'] * dayMs);
  if (within.length < 2) return [];
  const rarity = thresholds[state.inUse ? 'scan-rarity' : 'scan-rarity-trade'];
  if (chanceOf(within.length - 1, baseline) >= 10 ** -rarity) return [];
  return [{ rule: 'scan-velocity', severity: 'risk', ...restingOn(within) }];
}

export function scanBeforeProduction({ scans, state: { produced } }: ScannedThing): readonly Found[] {
  if (produced === null) return [];
  const early = scans.filter(({ at, forged }) => !forged && at < produced.from - dayMs);
  if (early.length === 0) return [];
  return [{ rule: 'scan-before-production', severity: 'risk', ...restingOn(early) }];
}

export function scanBeforeIssue({
  scans,
  strays,
  issuedAt,
  state: { produced },
}: ScannedThing): readonly Found[] {
  if (issuedAt === null) return [];
  const genuine = scans.filter(({ at, forged }) => !forged && !(produced && at < produced.from - dayMs));
  const early = [...strays, ...genuine].filter(({ at }) => at < issuedAt - dayMs);
  if (early.length === 0) return [];
  return [{ rule: 'scan-before-issue', severity: 'risk', ...restingOn(early) }];
}

export function scanNeverProduced({
  scans,
  state,
  asOf,
  graceMs,
  thresholds,
}: ScannedThing): readonly Found[] {
  if (state.stage !== 'issued') return [];
  const seen = scans.filter(({ at, forged }) => !forged && at <= asOf - graceMs);
  if (seen.length < thresholds['idle-scans-min']) return [];
  return [{ rule: 'scan-never-produced', severity: 'risk', ...restingOn(seen) }];
}

export function scanAfterScrap({
  scans,
  state: { ended, stage },
  thresholds,
}: ScannedThing): readonly Found[] {
  if (ended === null || (stage !== 'scrapped' && stage !== 'destroyed')) return [];
  const late = scans.filter(({ at, forged }) => !forged && at > ended.until + dayMs);
  if (late.length < thresholds['idle-scans-min']) return [];
  return [{ rule: 'scan-after-scrap', severity: 'risk', ...restingOn(late) }];
}

export function forgedCopies({ scans, thresholds }: ScannedThing): readonly Found[] {
  const copies = scans.filter(({ forged }) => forged);
  if (copies.length < thresholds['forged-scans-min']) return [];
  return [{ rule: 'forged-copies', severity: 'risk', ...restingOn(copies) }];
}
