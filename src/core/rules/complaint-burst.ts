/**
 * Bursts of complaints: more reports about one product from one district than chance brings.
 *
 * A Poisson scan of the cells product (GTIN) × district (`districtOf`): the county, or district of a city, that a report
 * tells; reports that tell no more than a prefecture, municipality or province are a cell of that, apart from those of the
 * counties in it, so that each report counts in one cell. Of the reports that count, c came in the cell within
 * the window, the last w = complaint-window-days; b came in it within the base, the v = complaint-base-days before the
 * window, or as many of these as reports are known of. Likewise bₚ came of the product, b_d from the district and B at all
 * within the base, and C at all within the window.
 *
 *     usual      u = max(b, bₚ·b_d / B)                     what the cell had, or its share if products were alike everywhere
 *     growth     g = max(1, ((C − c) / w) / ((B − b) / v))   how much more is reported in all other cells; 1 if B = b
 *     expected   μ = max(½, u · g · w / v)                  half a report more is always thought possible
 *     found      c ≥ complaint-reports-min and P(X ≥ c) · cells < 10^−complaint-rarity, where X is Poisson with mean μ
 *
 * `cells` are those with any report in the window or the base: as many were looked at, and each may stand out by chance
 * (Bonferroni). Nothing is found before as long a base as the window is known.
 *
 * Sources: M. Kulldorff, "A spatial scan statistic", Communications in Statistics: Theory and Methods 26 (1997), and
 * "Prospective time periodic geographical disease surveillance using a scan statistic", JRSS A 164 (2001); the product of
 * margins as expectation: Kulldorff et al., "A space–time permutation scan statistic for disease outbreak detection",
 * PLoS Medicine 2 (2005). Unlike there a cell is one district and one window, so the chance is told exactly and need not be
 * simulated; and the cell's own base counts, so that what is usual there is none.
 *
 * Which reports count: one a product, address and week (features/reports), none that was found unfounded and none of an
 * insider whose identity is sealed: the maker is told of bursts.
 *
 * Example: within 180 days 1,200 reports came, 60 about the product, 100 from the district, 4 of both; within 14 days 90, 8
 * of them in the cell; 300 cells. u = max(4, 5) = 5; g = max(1, (82/14) / (1196/180)) = 1; μ = max(½, 0.39) = ½;
 * P(X ≥ 8) · 300 = 1.9 · 10⁻⁵ < 10⁻⁴: a burst. Seven are none: 3.0 · 10⁻⁴.
 */
import type { ClueFound } from './clues.ts';
import type { RuleDefinition } from './rule.ts';
import type { Thresholds } from './thresholds.ts';

export const burstRules = {
  'complaint-burst': {
    version: 2,
    family: 'complaint',
    basis: 'reports',
    severities: ['risk'],
    cause: 'quality',
    thresholds: ['complaint-window-days', 'complaint-base-days', 'complaint-reports-min', 'complaint-rarity'],
    zh: '某地区对该产品的举报在短期内远多于常态。',
    en: 'Far more people of one district report the product than is usual there.',
  },
} as const satisfies Record<string, RuleDefinition>;

/** Reports of one cell that count. */
export interface ComplaintCell {
  /** Within the window: how many, between when (ms since the epoch), and in which regions. */
  readonly seen: number;
  readonly first: number;
  readonly last: number;
  readonly regions: readonly string[];
  /** Within the base: of the cell, of its product, from its district, and at all. */
  readonly base: {
    readonly cell: number;
    readonly product: number;
    readonly district: number;
    readonly all: number;
  };
  /** In all other cells, within the window. */
  readonly seenElsewhere: number;
  /** Length of the base as far as it is known; may be negative. */
  readonly baseDays: number;
  readonly cells: number;
}

const expectedMin = 0.5;

/** P(X ≥ k) for X Poisson with this mean, to about fourteen digits however small; mean > 0. */
export function poissonTail(k: number, mean: number): number {
  if (k <= 0) return 1;
  const upward = k > mean;
  const from = upward ? k : k - 1;
  let log = -mean;
  for (let i = 1; i <= from; i++) log += Math.log(mean / i);
  let sum = 0;
  // Away from the mean, where terms only fall.
  for (let i = from, term = Math.exp(log); i >= 0 && term > sum * 1e-17; upward ? i++ : i--) {
    sum += term;
    term *= upward ? mean / (i + 1) : i / mean;
  }
  return upward ? sum : Math.max(0, 1 - sum);
}

/** Reports that are usual within a window in such a cell. */
export function expectedIn(
  { seenElsewhere, base, baseDays }: ComplaintCell,
  { 'complaint-window-days': windowDays }: Thresholds,
): number {
  const share = base.all === 0 ? 0 : (base.product * base.district) / base.all;
  const baseElsewhere = base.all - base.cell;
  const growth = baseElsewhere === 0 ? 1 : (seenElsewhere * baseDays) / (baseElsewhere * windowDays);
  const usual = (Math.max(base.cell, share) * windowDays) / baseDays;
  return Math.max(expectedMin, usual * Math.max(1, growth));
}

/** Fewer reports are no burst where so many are expected and so many cells are looked at. */
export function neededFor(expected: number, cells: number, thresholds: Thresholds): number {
  const chance = 10 ** -thresholds['complaint-rarity'] / cells;
  let needed = Math.max(thresholds['complaint-reports-min'], Math.floor(expected));
  while (poissonTail(needed, expected) >= chance) needed++;
  return needed;
}

/** The rule. */
export function complaintBurst(
  cell: ComplaintCell,
  thresholds: Thresholds,
): readonly ClueFound<keyof typeof burstRules>[] {
  const { seen, first, last, regions, baseDays, cells } = cell;
  if (baseDays < thresholds['complaint-window-days']) return [];
  const expected = expectedIn(cell, thresholds);
  const chance = poissonTail(seen, expected) * cells;
  if (seen < thresholds['complaint-reports-min'] || chance >= 10 ** -thresholds['complaint-rarity'])
    return [];
  const usual = { expected, needed: neededFor(expected, cells, thresholds) };
  return [{ rule: 'complaint-burst', severity: 'risk', count: seen, first, last, regions, usual }];
}
