/**
 * The records of laboratories (pass-rate-above-peers.ts) kept up result by result, so that what is asked of them by any
 * entry costs nothing but the number of laboratories of a category. What is told must come in the order of the log; it
 * may be asked by the entries before any.
 *
 * A sample is summed up anew only when its first result changes: when one turns out to have been earlier, or one no longer
 * counts. Each change of what a sample says of its laboratory is one more version of the laboratory's record.
 *
 * Example: L passes lot X by entry 5, M fails it by entry 9, M takes that back by entry 12. Of L: by the entries before 5
 * nothing; before 9 one sample, passed; before 12 judged again and failed; from there on as before 9.
 */
import type { PartyId } from '../events/hop.ts';
import { leading } from '../halving.ts';
import { addRecords, bySample, isJudgedAgain, recordsIn, type TestResult } from './pass-rate-above-peers.ts';
import type { TestRecord } from './thing.ts';

/** A result with the entry that told it. */
export interface ToldResult extends TestResult {
  readonly seq: number;
}

/** How a sample counts, and for which laboratory. */
interface Share {
  readonly laboratory: PartyId;
  readonly record: TestRecord;
}

interface Sample {
  /** In the order of the log, those that count. */
  results: ToldResult[];
  share: Share | null;
  first: ToldResult | null;
}

interface Product {
  category: string | null;
  readonly samples: Map<string, Sample>;
}

interface Version {
  readonly seq: number;
  readonly record: TestRecord;
}

export interface TestBook {
  /** A result that an entry told of a sample of a product, which is of a category by then. */
  tell(result: ToldResult, gtin: string, category: string | null): void;
  /** By an entry, which of some results of samples of a product count. */
  count(
    seq: number,
    results: readonly ToldResult[],
    gtin: string,
    counts: (result: ToldResult) => boolean,
  ): void;
  /** By an entry, that a product is of a category. */
  file(seq: number, gtin: string, category: string | null): void;
  /** The records of laboratories in a category, by the entries before `before`. */
  records(category: string, before: number): Map<PartyId, TestRecord>;
}

const negative = ({ samples, passed, judgedAgain, failedAgain }: TestRecord): TestRecord => ({
  ...{ samples: -samples, passed: -passed, judgedAgain: -judgedAgain, failedAgain: -failedAgain },
});

/** @param daysMax days within which a sample is judged again */
export function createTestBook(daysMax: number): TestBook {
  const products = new Map<string, Product>();
  const sums = new Map<string, Map<PartyId, Version[]>>();

  function add(seq: number, category: string | null, share: Share | null, times: 1 | -1): void {
    if (category === null || share === null) return;
    const laboratories = sums.get(category) ?? new Map<PartyId, Version[]>();
    const versions = laboratories.get(share.laboratory) ?? [];
    sums.set(category, laboratories.set(share.laboratory, versions));
    const last = versions.at(-1);
    const more = times === 1 ? share.record : negative(share.record);
    const record = last === undefined ? more : addRecords(last.record, more);
    if (last?.seq === seq) versions.pop();
    versions.push({ seq, record });
  }

  function put(seq: number, { category }: Product, sample: Sample, share: Share | null): void {
    add(seq, category, sample.share, -1);
    sample.share = share;
    add(seq, category, share, 1);
  }

  /** Sums up a sample from all of its results. */
  function sumUp(seq: number, product: Product, sample: Sample): void {
    const [share = null] = [...recordsIn(sample.results, daysMax)].map(
      ([laboratory, record]): Share => ({ laboratory, record }),
    );
    sample.first = sample.results.reduce<ToldResult | null>(
      (one, other) => (one === null || other.until < one.until ? other : one),
      null,
    );
    put(seq, product, sample, share);
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
      if (share === null || !first.passed || !isJudgedAgain(first, result, daysMax)) return;
      const failedAgain = Math.max(share.record.failedAgain, Number(!result.passed));
      if (share.record.judgedAgain === 1 && share.record.failedAgain === failedAgain) return;
      const record = { ...share.record, judgedAgain: 1, failedAgain };
      put(result.seq, product, sample, { ...share, record });
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
      const found = new Map<PartyId, TestRecord>();
      for (const [laboratory, versions] of sums.get(category) ?? []) {
        const record = versions[leading(versions, ({ seq }) => seq < before) - 1]?.record;
        if (record !== undefined && record.samples > 0) found.set(laboratory, record);
      }
      return found;
    },
  };
}
