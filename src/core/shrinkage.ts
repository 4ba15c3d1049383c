/**
 * Rates that may be compared although some rest on little: empirical Bayes shrinkage of counts.
 *
 * Each group has `count` cases in `exposure` (entries, codes: whatever cases can arise from). Its count is Poisson with
 * mean rate × exposure, the rates are Gamma(a, b) among the groups, and a, b follow from all groups together by the
 * method of moments (C. N. Morris, "Parametric Empirical Bayes Inference", JASA 78 (1983)):
 *
 *     m = Σ count / Σ exposure      v = max(Σ exposure·(count/exposure − m)² / Σ exposure − m·n / Σ exposure, m²/100)
 *     b = m / v      a = m · b      rate = (a + count) / (b + exposure)
 *
 * A group that rests on little is drawn to the mean of all. The interval holds the rate with 90 %, by the approximation of
 * E. B. Wilson and M. M. Hilferty (PNAS 17, 1931) to the quantiles of Gamma(a + count, b + exposure).
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

/** The rate of each group, in their order. Exposures are positive; without any case all rates are 0. */
export function shrunkRates(groups: readonly Counted[]): Rate[] {
  const cases = groups.reduce((sum, { count }) => sum + count, 0);
  const total = groups.reduce((sum, { exposure }) => sum + exposure, 0);
  if (cases === 0) return groups.map(() => ({ rate: 0, lower: 0, upper: 0 }));
  const mean = cases / total;
  const spread = groups.reduce(
    (sum, { count, exposure }) => sum + exposure * (count / exposure - mean) ** 2,
    0,
  );
  const variance = Math.max(spread / total - (mean * groups.length) / total, mean ** 2 / 100);
  const b = mean / variance;
  const a = mean * b;
  return groups.map(({ count, exposure }) => {
    const [shape, scale] = [a + count, b + exposure];
    return {
      rate: shape / scale,
      lower: gammaQuantile(shape, -z) / scale,
      upper: gammaQuantile(shape, z) / scale,
    };
  });
}

/** Quantile of Gamma(shape, 1) at a normal quantile, never below 0. */
function gammaQuantile(shape: number, normal: number): number {
  const root = 1 - 1 / (9 * shape) + normal / (3 * Math.sqrt(shape));
  return shape * Math.max(0, root) ** 3;
}
