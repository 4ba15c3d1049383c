/**
 * Common source: which one candidate explains best why some units are bad and others are good.
 *
 * Every case is a unit, or many with one history, bad or good, with what stood upstream of it: parties, places, lots, containers, shipments,
 * certificates, laboratories, maintenance firms. This is the case-control study of epidemiology with goods for
 * patients; a candidate is an exposure.
 *
 *   share    weight of the bad cases downstream of the candidate, of the weight of all bad cases
 *   p        Fisher's exact test, one-sided: P(X ≥ b) for X hypergeometric, that so many of the cases downstream are
 *            bad by chance
 *   q        p with the false-discovery rate controlled over all sets (Benjamini and Hochberg 1995)
 *   score    ln of a Bayes factor: how much better "the bad came through it, the good as anything does" explains the
 *            cases than "it has nothing to do with it":
 *
 *              B(b + 9, B − b + 1) / B(9, 1)  ×  B(g + ½, G − g + ½) / B(½, ½)
 *              ──────────────────────────────────────────────────────────────
 *                   B(b + g + ½, B + G − b − g + ½) / B(½, ½)
 *
 *            with b of weight B bad and g of weight G good cases downstream. The source is expected to be seen upstream
 *            of nine bad cases in ten: labels are wrong now and then, and hops are missing. Of two candidates that all bad
 *            cases share, the one that good cases rarely share wins: a lot before its maker.
 *   posterior  probability of the set, if one set or none of them is the source, none as likely beforehand as all
 *            sets together, and all sets alike
 *
 * Candidates with the same cases downstream (a maker, its only lot, its plant) cannot be told apart by any
 * statistics: they are one set and share one rank.
 *
 * Example: bad units 1 and 2, good ones 3 and 4. Lot 7 holds 1 and 2, dealer 8 had 1, 2 and 3, maker 9 made all. Lot 7
 * ranks first: share 1, p = 1/6, score 2.60; then dealer 8 (p = 1/2, score 1.11), then maker 9 (p = 1, score 0.10).
 */

import type { Candidate } from './exposure.ts';

interface Label {
  readonly bad: boolean;
  /** How sure the label is: above 0, at most 1. */
  readonly weight: number;
  /** How many units the case stands for: of one label, weight and history. */
  readonly units: number;
}

/** Units with what stood upstream of them: each candidate once, and one object for it in all cases. */
export interface ExposedCase extends Label {
  readonly candidates: readonly Candidate[];
}

/** The same with candidates by number. */
export interface Case extends Label {
  /** Indices of the candidates upstream of it, each once. */
  readonly candidates: readonly number[];
}

/** Candidates that no case tells apart, and how well they explain the cases. */
export interface RankedSet<T = number> {
  /** In the order in which cases first named them. */
  readonly candidates: readonly T[];
  /** Cases downstream. */
  readonly bad: number;
  readonly good: number;
  readonly share: number;
  readonly p: number;
  readonly q: number;
  readonly score: number;
  readonly posterior: number;
}

/** How often the true source is seen upstream of a bad case: Beta(9, 1). */
const seenPrior = { yes: 9, no: 1 };
/** How often anything is: Beta(½, ½), which says nothing beforehand. */
const anyPrior = { yes: 0.5, no: 0.5 };

export type CommonSource = RankedSet<Candidate>;

/** What explains the cases, best first; see `rankSources`. */
export function commonSource(cases: readonly ExposedCase[]): CommonSource[] {
  const numbers = new Map<Candidate, number>();
  const numberOf = (candidate: Candidate): number => {
    const known = numbers.get(candidate) ?? numbers.size;
    numbers.set(candidate, known);
    return known;
  };
  const numbered = cases.map(({ bad, weight, units, candidates }) => ({
    bad,
    weight,
    units,
    candidates: candidates.map(numberOf),
  }));
  const candidates = [...numbers.keys()];
  return rankSources(numbered, candidates.length).map((set) => ({
    ...set,
    candidates: set.candidates.flatMap((number) => candidates[number] ?? []),
  }));
}

/** Sets of candidates that have a bad case downstream, best explanation first. */
export function rankSources(cases: readonly Case[], candidates: number): RankedSet[] {
  const all = totals(cases);
  const sets = distinctSets(cases, candidates)
    .map((members) => ({ candidates: members.candidates, ...totals(members.cases) }))
    .filter(({ bad }) => bad > 0);
  const tail = hypergeometric(all.bad + all.good, all.bad);
  const p = sets.map(({ bad, good }) => tail(bad + good, bad));
  const q = falseDiscovery(p);
  const scores = sets.map((set) => bayesFactor(set, all));
  const posterior = posteriors(scores);
  return sets
    .map((set, i) => ({
      candidates: set.candidates,
      bad: set.bad,
      good: set.good,
      share: set.badWeight / all.badWeight,
      p: p[i] ?? 1,
      q: q[i] ?? 1,
      score: scores[i] ?? 0,
      posterior: posterior[i] ?? 0,
    }))
    .sort((a, b) => b.score - a.score || (a.candidates[0] ?? 0) - (b.candidates[0] ?? 0));
}

interface Totals {
  readonly bad: number;
  readonly good: number;
  readonly badWeight: number;
  readonly goodWeight: number;
}

function totals(cases: Iterable<Case>): Totals {
  let [bad, good, badWeight, goodWeight] = [0, 0, 0, 0];
  for (const it of cases) {
    if (it.bad) {
      bad += it.units;
      badWeight += it.units * it.weight;
    } else {
      good += it.units;
      goodWeight += it.units * it.weight;
    }
  }
  return { bad, good, badWeight, goodWeight };
}

interface Members {
  readonly candidates: number[];
  readonly cases: readonly Case[];
}

/** Candidates grouped by the very cases downstream of them; those without any are left out. */
function distinctSets(cases: readonly Case[], candidates: number): Members[] {
  const downstream: number[][] = Array.from({ length: candidates }, () => []);
  for (const [i, it] of cases.entries())
    for (const candidate of it.candidates) downstream[candidate]?.push(i);
  const groups = new Map<string, Members>();
  for (const [candidate, indices] of downstream.entries()) {
    if (indices.length === 0) continue;
    const key = indices.join();
    const known = groups.get(key);
    if (known) known.candidates.push(candidate);
    else
      groups.set(key, {
        candidates: [candidate],
        cases: indices.flatMap((i) => cases[i] ?? []),
      });
  }
  return [...groups.values()];
}

/** ln n! for n up to `max`. */
function logFactorials(max: number): Float64Array {
  const table = new Float64Array(max + 1);
  for (let n = 1; n <= max; n++) table[n] = (table[n - 1] ?? 0) + Math.log(n);
  return table;
}

/**
 * Upper tail of the hypergeometric distribution: of `size` cases `bad` are bad; P(at least `hits` of `drawn` cases
 * are). Summed from the exact terms, largest first, until they no longer count.
 */
export function hypergeometric(size: number, bad: number): (drawn: number, hits: number) => number {
  const log = logFactorials(size);
  const choose = (n: number, k: number): number => (log[n] ?? 0) - (log[k] ?? 0) - (log[n - k] ?? 0);
  return (drawn, hits) => {
    const least = Math.max(0, drawn - (size - bad));
    const most = Math.min(drawn, bad);
    if (hits <= least) return 1;
    if (hits > most) return 0;
    const term = (k: number): number =>
      Math.exp(choose(bad, k) + choose(size - bad, drawn - k) - choose(size, drawn));
    const mean = (drawn * bad) / size;
    let sum = 0;
    if (hits > mean) {
      for (let k = hits; k <= most; k++) {
        const next = term(k);
        sum += next;
        if (next < sum * 1e-17) break;
      }
      return Math.min(1, sum);
    }
    for (let k = hits - 1; k >= least; k--) {
      const next = term(k);
      sum += next;
      if (next < sum * 1e-17) break;
    }
    return Math.max(0, 1 - sum);
  };
}

/** p-values as q-values: the share of false discoveries among all that are at least as striking. */
export function falseDiscovery(p: readonly number[]): number[] {
  const order = p.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value);
  const q = p.map(() => 1);
  let least = 1;
  for (const [fromLast, { value, i }] of order.entries()) {
    least = Math.min(least, (value * p.length) / (p.length - fromLast));
    q[i] = least;
  }
  return q;
}

function bayesFactor(set: Totals, all: Totals): number {
  const { badWeight: b, goodWeight: g } = set;
  const { badWeight: bads, goodWeight: goods } = all;
  return (
    betaBinomial(b, bads - b, seenPrior) +
    betaBinomial(g, goods - g, anyPrior) -
    betaBinomial(b + g, bads + goods - b - g, anyPrior)
  );
}

/** ln of the chance of `yes` and `no` in one order, their rate drawn from a Beta distribution. */
const betaBinomial = (
  yes: number,
  no: number,
  prior: { readonly yes: number; readonly no: number },
): number => logBeta(yes + prior.yes, no + prior.no) - logBeta(prior.yes, prior.no);

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** ln Γ(x) for x > 0, by Stirling's series beyond 10 and Γ(x + 1) = x Γ(x) below; exact to 1e-12. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift += Math.log(z);
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Probability of each set: half of all belief is that none of them is the source. */
function posteriors(scores: readonly number[]): number[] {
  // Scaled by the largest, for e to the score may be beyond a double.
  const scale = Math.max(0, ...scores);
  const none = Math.exp(-scale);
  const each = scores.map((score) => Math.exp(score - scale) / scores.length);
  const sum = each.reduce((total, one) => total + one, none);
  return each.map((one) => one / sum);
}
