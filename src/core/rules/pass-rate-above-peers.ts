/**
 * Pass rate above peers: a laboratory passes far more than others pass of the same category of product, and what it
 * passed fails more often than what they passed. One such failure is `passed-then-failed`; this says it of the
 * laboratory, with the failure by which it shows.
 *
 * A sample is a lot, or a thing where none is known. It counts for whoever told the first result of it, if that is a
 * laboratory: who is asked to look again at what is suspected finds more, and is no worse and no better for it. Of one
 * laboratory `n` samples count, of which it passed `x`; others, or a regulator on a sample that it took, judged `j` of
 * these again within `passed-days-max`, and failed `f` of them. `N`, `X`, `J`, `F` are the same of its peers, all other
 * laboratories by the samples of that category. Found when
 *
 *     n ≥ m and N ≥ m, of two peers or more                  m is `laboratory-samples-min`
 *     lower end of Wilson's 95 % interval of x/n > X/N + d   d is `laboratory-pass-excess` (precision.ts)
 *     P(f or more of j fail, as f + F of j + J did) ≤ 10⁻ʳ   r is `laboratory-rarity`: Fisher's exact test, one-sided
 *
 * by the entries up to the failure and the pass, without what was taken back by then, and without failures that officers
 * found to be no fault of the goods. Failures of what nobody judged first, or passed, say nothing here.
 *
 * Example: L judged 40 lots first and passed all of them, so that surely more than 91 % pass; of its peers' 100 lots 80
 * passed. Of L's 10 were judged again and 6 failed, of theirs 3 of 30: by chance once in 300 times. Found
 * [the failure, the pass]; the case is L's.
 */
import type { PartyId } from '../events/hop.ts';
import { hypergeometric } from '../tracing/common-source.ts';
import { passedThenFailedIn } from './passed-then-failed.ts';
import { wilson } from './precision.ts';
import type { FoundBy } from './rule.ts';
import {
  addRecords,
  bySample,
  createSampleBook,
  firstOf,
  type SampleBook,
  type TestResult,
  type ToldResult,
} from './sample-book.ts';
import type { Goods, TestRecord } from './thing.ts';
import type { Thresholds } from './thresholds.ts';

export const passRateRules = {
  'pass-rate-above-peers': {
    version: 2,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'quality',
    thresholds: ['passed-days-max', 'laboratory-samples-min', 'laboratory-pass-excess', 'laboratory-rarity'],
    zh: '检验机构的合格率远高于同类产品的其他机构，而经其判定合格的产品更常被判不合格。',
    en: 'A laboratory passes far more than its peers, and what it passed fails more often than what they passed.',
  },
} as const;

type Found = FoundBy<'pass-rate-above-peers'>;

const dayMs = 86_400_000;

/** How each laboratory judged the samples that it was the first to judge, of results in the order of the log. */
export function recordsIn(results: Iterable<TestResult>, daysMax: number): Map<PartyId, TestRecord> {
  const records = new Map<PartyId, TestRecord>();
  for (const told of bySample(results).values()) {
    const first = firstOf(told);
    if (first === null || first.as !== 'laboratory') continue;
    const again = first.passed ? told.filter((result) => isJudgedAgain(first, result, daysMax)) : [];
    records.set(
      first.recorder,
      addRecords(records.get(first.recorder) ?? none, {
        samples: 1,
        passed: Number(first.passed),
        judgedAgain: Number(again.length > 0),
        failedAgain: Number(again.some(({ passed }) => !passed)),
      }),
    );
  }
  return records;
}

/** Whether a result judges again, within so many days, what another was the first to judge. */
const isJudgedAgain = (first: TestResult, { recorder, from }: TestResult, daysMax: number): boolean =>
  recorder !== first.recorder && from >= first.until && from - first.until <= daysMax * dayMs;

const none: TestRecord = { samples: 0, passed: 0, judgedAgain: 0, failedAgain: 0 };

export type TestBook = SampleBook<ToldResult, PartyId, TestRecord>;

/** The same kept up result by result. @param daysMax days within which a sample is judged again */
export const createTestBook = (daysMax: number): TestBook =>
  createSampleBook({
    share(_first, results) {
      const [share = null] = [...recordsIn(results, daysMax)].map(([who, record]) => ({ who, record }));
      return share;
    },
    grown(share, first, result) {
      if (!first.passed || !isJudgedAgain(first, result, daysMax)) return share;
      const failedAgain = Math.max(share.record.failedAgain, Number(!result.passed));
      return share.record.judgedAgain === 1 && share.record.failedAgain === failedAgain
        ? share
        : { ...share, record: { ...share.record, judgedAgain: 1, failedAgain } };
    },
  });

/** Whether a laboratory stands apart from its peers as the head of this file says. */
export function standsApart(
  laboratory: PartyId,
  records: ReadonlyMap<PartyId, TestRecord>,
  thresholds: Thresholds,
): boolean {
  const own = records.get(laboratory) ?? none;
  const others = [...records].flatMap(([party, record]) => (party === laboratory ? [] : [record]));
  const peers = others.reduce((sum, record) => addRecords(sum, record), none);
  const enough = thresholds['laboratory-samples-min'];
  if (others.length < 2 || own.samples < enough || peers.samples < enough) return false;
  const excess = wilson(own.passed, own.samples).lower - peers.passed / peers.samples;
  if (excess * 100 <= thresholds['laboratory-pass-excess']) return false;
  const chance = hypergeometric(own.judgedAgain + peers.judgedAgain, own.failedAgain + peers.failedAgain)(
    own.judgedAgain,
    own.failedAgain,
  );
  return chance <= 10 ** -thresholds['laboratory-rarity'];
}

export const passRateAbovePeers = (goods: Goods): readonly Found[] =>
  passedThenFailedIn(goods).flatMap(([failure, pass]): Found[] => {
    const records = goods.testRecordsAt(Math.max(failure.seq, pass.seq));
    return standsApart(pass.recorder, records, goods.thresholds)
      ? [{ rule: 'pass-rate-above-peers', seqs: [failure.seq, pass.seq], severity: 'risk' }]
      : [];
  });
