/**
 * Records of firms that follow from samples, kept up result by result, so that what is asked of them by any entry costs
 * nothing but the number of firms of a category. What is told must come in the order of the log; it may be asked by the
 * entries before any. How a sample counts, and for whom, is for the rule to say (pass-rate-above-peers.ts, certified-goods-fail.ts).
 *
 * A sample is summed up anew only when its first result changes: when one turns out to have been earlier, or one no longer
 * counts. Each change of what a sample says of a firm is one more version of the firm's record.
 *
 * Example: L passes lot X by entry 5, M fails it by entry 9, M takes that back by entry 12. Of L: by the entries before 5
 * nothing; before 9 one sample, passed; before 12 judged again and failed; from there on as before 9.
 */
import type { HopRecord } from '../events/hop.ts';
import { append } from '../grouping.ts';
import { leading } from '../halving.ts';

/** A result of a sample, in the words of the hop that told it. */
export interface TestResult extends Pick<HopRecord, 'recorder' | 'as' | 'from' | 'until'> {
  /** The lot, or the thing where none is known. */
  readonly of: string;
  readonly passed: boolean;
}

/** A result with the entry that told it. */
export interface ToldResult extends TestResult {
  readonly seq: number;
}

/** What is counted of a firm; samples add up. */
export type Counts = { readonly samples: number } & { readonly [name: string]: number };

/** How a sample counts, and for whom. */
export interface Share<Who extends string, R extends Counts> {
  readonly who: Who;
  readonly record: R;
}

/** How samples count. */
export interface Judging<Result extends ToldResult, Who extends string, R extends Counts> {
  /** By all results of a sample, of which `first` was the earliest; null for nobody. */
  share(first: Result, results: readonly Result[]): Share<Who, R> | null;
  /** With one more result, which is not the first; the same share where that changes nothing. */
  grown(share: Share<Who, R>, first: Result, result: Result): Share<Who, R>;
}

export interface SampleBook<Result extends ToldResult, Who extends string, R extends Counts> {
  /** A result that an entry told of a sample of a product, which is of a category by then. */
  tell(result: Result, gtin: string, category: string | null): void;
  /** By an entry, which of some results of samples of a product count. */
  count(seq: number, results: readonly Result[], gtin: string, counts: (result: Result) => boolean): void;
  /** By an entry, that a product is of a category. */
  file(seq: number, gtin: string, category: string | null): void;
  /** The records of firms in a category, by the entries before `before`. */
  records(category: string, before: number): Map<Who, R>;
}

/** Results by what they are of, in their order. */
export function bySample<T extends Pick<TestResult, 'of'>>(results: Iterable<T>): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const result of results) append(found, result.of, result);
  return found;
}

/** The earliest of some results; of several of one moment the one that was told first. */
export const firstOf = <T extends Pick<TestResult, 'until'>>(results: readonly T[]): T | null =>
  results.reduce<T | null>((one, other) => (one === null || other.until < one.until ? other : one), null);

/** The sum of records, or what is left of one without another. */
export const addRecords = <R extends Counts>(one: R, other: R, times: 1 | -1 = 1): R =>
  Object.fromEntries(
    Object.entries(one).map(([name, count]) => [name, count + times * (other[name] ?? 0)]),
  ) as R;

export function createSampleBook<Result extends ToldResult, Who extends string, R extends Counts>(
  judging: Judging<Result, Who, R>,
): SampleBook<Result, Who, R> {
  interface Sample {
    /** In the order of the log, those that count. */
    results: Result[];
    share: Share<Who, R> | null;
    first: Result | null;
  }
  interface Product {
    category: string | null;
    readonly samples: Map<string, Sample>;
  }
  interface Version {
    readonly seq: number;
    readonly record: R;
  }
  const products = new Map<string, Product>();
  const sums = new Map<string, Map<Who, Version[]>>();

  function add(seq: number, category: string | null, share: Share<Who, R> | null, times: 1 | -1): void {
    if (category === null || share === null) return;
    const firms = sums.get(category) ?? new Map<Who, Version[]>();
    const versions = firms.get(share.who) ?? [];
    sums.set(category, firms.set(share.who, versions));
    const last = versions.at(-1);
    const record = addRecords(
      last?.record ?? addRecords(share.record, share.record, -1),
      share.record,
      times,
    );
    if (last?.seq === seq) versions.pop();
    versions.push({ seq, record });
  }

  function put(seq: number, { category }: Product, sample: Sample, share: Share<Who, R> | null): void {
    if (share === sample.share) return;
    add(seq, category, sample.share, -1);
    sample.share = share;
    add(seq, category, share, 1);
  }

  /** Sums up a sample from all of its results. */
  function sumUp(seq: number, product: Product, sample: Sample): void {
    sample.first = firstOf(sample.results);
    put(seq, product, sample, sample.first === null ? null : judging.share(sample.first, sample.results));
  }

  return {
    tell(result, gtin, category) {
      const product = products.get(gtin) ?? { category, samples: new Map<string, Sample>() };
      products.set(gtin, product);
      const sample = product.samples.get(result.of) ?? { results: [], share: null, first: null };
      product.samples.set(result.of, sample);
      sample.results.push(result);
      const { first, share } = sample;
      if (first === null || result.until < first.until) return sumUp(result.seq, product, sample);
      if (share !== null) put(result.seq, product, sample, judging.grown(share, first, result));
    },
    count(seq, results, gtin, counts) {
      const product = products.get(gtin);
      if (product === undefined) return;
      for (const [of, some] of bySample(results)) {
        const sample = product.samples.get(of);
        if (sample === undefined) continue;
        const now = new Set(sample.results);
        for (const result of some)
          if (counts(result)) now.add(result);
          else now.delete(result);
        if (now.size === sample.results.length && sample.results.every((it) => now.has(it))) continue;
        sample.results = [...now].sort((a, b) => a.seq - b.seq);
        sumUp(seq, product, sample);
      }
    },
    file(seq, gtin, category) {
      const product = products.get(gtin);
      if (product === undefined || product.category === category) return;
      for (const { share } of product.samples.values()) add(seq, product.category, share, -1);
      product.category = category;
      for (const { share } of product.samples.values()) add(seq, category, share, 1);
    },
    records(category, before) {
      const found = new Map<Who, R>();
      for (const [who, versions] of sums.get(category) ?? []) {
        const record = versions[leading(versions, ({ seq }) => seq < before) - 1]?.record;
        if (record !== undefined && record.samples > 0) found.set(who, record);
      }
      return found;
    },
  };
}
