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
 * ranks first: share 1, p = 1/6, score 2.57; then dealer 8 (p = 1/2, score 0.96), then maker 9 (p = 1, score 0.12).
 */

import { append } from '../grouping.ts';
import type { Steps } from '../steps.ts';

interface Label {
  readonly bad: boolean;
  /** How sure the label is: above 0, at most 1. */
  readonly weight: number;
  /** How many units the case stands for: of one label, weight and history. */
  readonly units: number;
}

/** Units with what stood upstream of them. */
export interface Case extends Label {
  /** Numbers of the candidates upstream of it, each once. */
  readonly candidates: readonly number[];
}

/** Candidates that no case tells apart, and how well they explain the cases. */
export interface CommonSource {
  /** By number, in the order in which cases first name them. */
  readonly candidates: readonly number[];
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

/** Cases, or sets, between two turns. */
const turn = 2_000;

/**
 * Sets of candidates that have a bad case downstream, best explanation first, among equals in the order in which cases first
 * name them. Takes time in proportion to how often cases name candidates, a turn at a time: a hundred thousand cases are
 * more than others should wait for.
 */
export function* commonSource(cases: readonly Case[], candidates: number): Steps<CommonSource[]> {
  const all = totals(cases);
  const sets = yield* distinctSets(cases, candidates);
  const tail = remembered(hypergeometric(all.bad + all.good, all.bad));
  const p: number[] = [];
  const scores: number[] = [];
  for (const set of sets) {
    p.push(tail(set.bad + set.good, set.bad));
    scores.push(bayesFactor(set, all));
    if (p.length % turn === 0) yield;
  }
  const q = falseDiscovery(p);
  yield;
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
    .sort((a, b) => b.score - a.score);
}

/** Most sets are small and alike. */
function remembered(tail: (drawn: number, hits: number) => number): (drawn: number, hits: number) => number {
  const known = new Map<string, number>();
  return (drawn, hits) => {
    const key = `${drawn}/${hits}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const p = tail(drawn, hits);
    known.set(key, p);
    return p;
  };
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

interface SetTotals extends Totals {
  readonly candidates: readonly number[];
}

/**
 * Candidates with a bad case downstream, grouped by the very cases downstream of them. All begin as one set, and every case
 * parts each set into those it names and those it does not, so that in the end those are together that no case parts
 * (partition refinement: Paige and Tarjan 1987).
 */
function* distinctSets(cases: readonly Case[], candidates: number): Steps<SetTotals[]> {
  // Most candidates had nothing to do with any bad case, and explain nothing.
  const suspected = new Uint8Array(candidates);
  for (const { bad, candidates: named } of cases) if (bad) for (const one of named) suspected[one] = 1;
  yield;
  const isNamed = new Uint8Array(candidates);
  const inOrder: number[] = [];
  const sums = new Float64Array(4 * candidates);
  const partition = refining(candidates);
  for (const [i, { bad, weight, units, candidates: named }] of cases.entries()) {
    const here = named.filter((one) => suspected[one] !== 0);
    for (const one of here) {
      if (isNamed[one] === 0) inOrder.push(one);
      isNamed[one] = 1;
      const at = 4 * one + (bad ? 0 : 2);
      sums[at] = (sums[at] ?? 0) + units;
      sums[at + 1] = (sums[at + 1] ?? 0) + units * weight;
    }
    partition.part(here);
    if (i % turn === turn - 1) yield;
  }
  const members = new Map<number, number[]>();
  for (const one of inOrder) append(members, partition.setOf(one), one);
  return [...members.values()].map((together) => {
    const [bad = 0, badWeight = 0, good = 0, goodWeight = 0] = sums.subarray(4 * (together[0] ?? 0));
    return { candidates: together, bad, badWeight, good, goodWeight };
  });
}

/** A partition of the numbers below `size`, at first one set. */
function refining(size: number) {
  const setOf = new Int32Array(size);
  /** How many are in each set, how many of them are named now, and where those go. */
  const sizes = new Int32Array(size + 1).fill(size, 0, 1);
  const met = new Int32Array(size + 1);
  const into = new Int32Array(size + 1);
  let sets = 1;
  return {
    setOf: (one: number): number => setOf[one] ?? 0,
    /** Parts each set into those that are named and those that are not. */
    part(named: readonly number[]): void {
      const touched: number[] = [];
      for (const one of named) {
        const set = setOf[one] ?? 0;
        const before = met[set] ?? 0;
        if (before === 0) touched.push(set);
        met[set] = before + 1;
      }
      for (const set of touched) {
        const moved = met[set] ?? 0;
        const left = (sizes[set] ?? 0) - moved;
        met[set] = 0;
        if (left === 0) {
          into[set] = set;
          continue;
        }
        sizes[set] = left;
        sizes[sets] = moved;
        into[set] = sets++;
      }
      for (const one of named) setOf[one] = into[setOf[one] ?? 0] ?? 0;
    },
  };
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
  const scale = scores.reduce((most, score) => Math.max(most, score), 0);
  const none = Math.exp(-scale);
  const each = scores.map((score) => Math.exp(score - scale) / scores.length);
  const sum = each.reduce((total, one) => total + one, none);
  return each.map((one) => one / sum);
}
