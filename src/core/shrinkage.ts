/**
 * Rates that may be compared although some rest on little: empirical Bayes shrinkage of counts.
 *
 * Each group has `count` cases in `exposure` (entries, codes: whatever cases can arise from). Its count is Poisson with
 * mean rate × exposure, the rates are Gamma(a, b) among the groups, and a, b follow from all groups together by the
 * method of moments (C. N. Morris, "Parametric Empirical Bayes Inference", JASA 78 (1983)):
 *
 *     m = Σ count / Σ exposure      e = m² · n / Σ count · √(2 / (n − 1)), of n groups
 *     v = max(Σ exposure·(count/exposure − m)² / Σ exposure − m·n / Σ exposure, 0) + e
 *     a = m² / v      b = a / m      rate = (a + count) / (b + exposure)
 *
 * A group that rests on little is drawn to the mean of all. How much groups differ is itself learnt from few: e is about one
 * standard error of v, without which groups that look alike by chance would pass for certain; a single group keeps its own
 * rate. The interval holds the rate with 90 %, by the quantiles of Gamma(a + count, b + exposure) below and of
 * Gamma(a + count + 1, b + exposure) above, which are those of F. Garwood (Biometrika 28, 1936) where a = 0: also where there
 * was no case it is known that there cannot be many. Quantiles by the approximation of E. B. Wilson and M. M. Hilferty (PNAS
 * 17, 1931).
 *
 * Example: 1 case in 10 entries beside 50 in 5,000 and 5 in 1,000: not ten times as bad as the second, but about as bad.
 */

export interface Counted {
  readonly count: number;
  readonly exposure: number;
}

export interface Rate {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

/** Normal quantile of 95 %: an interval of 90 % leaves 5 % on either side. */
const z = 1.6448536269514722;

/** The rate of each group, in their order. Exposures are positive; without any case all rates are 0, up to their upper ends. */
export function shrunkRates(groups: readonly Counted[]): Rate[] {
  const cases = groups.reduce((sum, { count }) => sum + count, 0);
  const total = groups.reduce((sum, { exposure }) => sum + exposure, 0);
  if (cases === 0) return groups.map(({ exposure }) => rateOf(0, exposure));
  const mean = cases / total;
  const spread = groups.reduce(
    (sum, { count, exposure }) => sum + exposure * (count / exposure - mean) ** 2,
    0,
  );
  const error = ((mean ** 2 * groups.length) / cases) * Math.sqrt(2 / (groups.length - 1));
  const variance = Math.max(spread / total - (mean * groups.length) / total, 0) + error;
  const a = mean ** 2 / variance;
  return groups.map(({ count, exposure }) => rateOf(a + count, a / mean + exposure));
}

const rateOf = (shape: number, scale: number): Rate => ({
  rate: shape / scale,
  lower: shape === 0 ? 0 : gammaQuantile(shape, -z) / scale,
  upper: gammaQuantile(shape + 1, z) / scale,
});

/** Quantile of Gamma(shape, 1) at a normal quantile, never below 0. */
function gammaQuantile(shape: number, normal: number): number {
  const root = 1 - 1 / (9 * shape) + normal / (3 * Math.sqrt(shape));
  return shape * Math.max(0, root) ** 3;
}
