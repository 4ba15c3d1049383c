/**
 * How often a rule is right: of the cases in which an officer decided, the share that was confirmed, with the interval
 * of E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), at 95 %.
 *
 *     centre = (p + z²/2n) / (1 + z²/n)      half = z·√(p(1−p)/n + z²/4n²) / (1 + z²/n)
 *
 * A rule demotes itself to `watch` when enough cases were decided and even the upper end of the interval is below the
 * floor: then it is not bad luck. What it finds is still found and can still be decided, which is how it gets back.
 *
 * A decision is about the version of the rule by which the case was found. The precision of a rule is that of the version in
 * force. Whether it is watched is judged by the newest versions that were decided often enough together, so that a rule that
 * demoted itself does not come back by being changed, but once it is right; what its older versions did counts no more then.
 *
 * Example: 1 of 40 confirmed: 0.025, between 0.004 and 0.129; below a floor of 20 %, so the rule is watched.
 */
import type { Thresholds } from './thresholds.ts';

/** Normal quantile of a two-sided interval of 95 %. */
const z = 1.959963984540054;

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** The interval in which a share lies, of which `k` of `n` was seen; 0 ≤ k ≤ n, everything when n is 0. */
export function wilson(k: number, n: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  const p = k / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / scale;
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

/** Cases of a rule that were decided. */
export interface Decided {
  readonly confirmed: number;
  readonly rejected: number;
}

/** How the cases of a rule were decided, by its version. */
export type DecidedByVersion = ReadonlyMap<number, Decided>;

export const undecided: Decided = { confirmed: 0, rejected: 0 };
const together = (a: Decided, b: Decided): Decided => ({
  confirmed: a.confirmed + b.confirmed,
  rejected: a.rejected + b.rejected,
});

/** Decisions about the version of a rule in force, and about all that came before it. */
export const apart = (by: DecidedByVersion, version: number): { of: Decided; earlier: Decided } => ({
  of: by.get(version) ?? undecided,
  earlier: [...by].filter(([it]) => it < version).reduce((sum, [, it]) => together(sum, it), undecided),
});

/**
 * The decisions by which the version of a rule in force is judged: about itself, and while these are fewer than
 * `precision-decisions`, about one version after another before it.
 */
export function judgedBy(by: DecidedByVersion, version: number, thresholds: Thresholds): Decided {
  let sum = undecided;
  for (const [, it] of [...by].filter(([it]) => it <= version).sort(([a], [b]) => b - a)) {
    if (sum.confirmed + sum.rejected >= thresholds['precision-decisions']) break;
    sum = together(sum, it);
  }
  return sum;
}

/** Whether a rule is wrong too often to open cases. */
export function isWatched({ confirmed, rejected }: Decided, thresholds: Thresholds): boolean {
  const n = confirmed + rejected;
  if (n < thresholds['precision-decisions']) return false;
  return wilson(confirmed, n).upper * 100 < thresholds['precision-floor-percent'];
}
