/**
 * Failed supervision samples (supervision.ts), and makers whose samples fail again and again.
 *
 *   failed-sample    a supervision sample was found not in order
 *   failed-test      a laboratory found the goods not in order, and no regulator sampled them: said of what it was given
 *   repeat-failure   with that failed sample the maker has `repeat-failures-min` of them or more within the
 *                    `repeat-failure-months` before it, by when the results were, however late they were recorded
 *
 * The failures of one sample, that is of one lot, or of one thing without a lot, are a case of their own (case.ts). One that
 * officers rejected was an appeal upheld, and one that they confirmed as clones was of counterfeits of the brand: neither
 * counts against the maker, nor does what its recorder took back. Failures of one sample within `retest-days` of each other
 * are one failure and its tests.
 *
 * Example: samples of lots L1 and L2 of one maker failed on 2024-03-01 and 2025-06-01: found with the second [the first,
 * the second]. If both were of L1, ten days apart, the second was a re-test.
 */
import { dateOf, monthsAfter } from '../china-dates.ts';
import type { FoundBy } from './rule.ts';
import { failsTest, findsFault } from './supervision.ts';
import type { Goods, SampleFailure } from './thing.ts';

export const failureRules = {
  'failed-sample': {
    version: 4,
    family: 'failure',
    basis: 'log',
    severities: ['risk'],
    cause: 'quality',
    thresholds: [],
    zh: '监督抽查检验不合格。',
    en: 'A supervision sample of it failed.',
  },
  'failed-test': {
    version: 3,
    family: 'failure',
    basis: 'log',
    severities: ['claim'],
    cause: 'quality',
    thresholds: [],
    zh: '检验机构检验不合格，样品并非监管部门抽取。',
    en: 'A laboratory found it not in order in a sample that no regulator took.',
  },
  'repeat-failure': {
    version: 5,
    family: 'failure',
    basis: 'log',
    severities: ['risk'],
    cause: 'quality',
    thresholds: ['repeat-failures-min', 'repeat-failure-months', 'retest-days'],
    zh: '同一生产者的产品在规定期限内多次监督抽查不合格。',
    en: 'Samples of the same maker failed more than once within the period that the rules look back.',
  },
} as const;

type Found = FoundBy<keyof typeof failureRules>;

const dayMs = 86_400_000;

export const failedSample = ({ told, isSupervised }: Goods): readonly Found[] =>
  told.flatMap(({ hop, standing }): Found[] => {
    if (standing === 'stranger' || !findsFault(hop)) return [];
    const { seq } = hop;
    if (isSupervised(seq)) return [{ rule: 'failed-sample', seqs: [seq, seq], severity: 'risk' }];
    return failsTest(hop) ? [{ rule: 'failed-test', seqs: [seq, seq], severity: 'claim' }] : [];
  });

export function repeatFailure({ told, sample, failures, thresholds }: Goods): readonly Found[] {
  if (failures.length === 0) return [];
  const months = thresholds['repeat-failure-months'];
  return told.flatMap(({ hop }): Found[] => {
    const own = findsFault(hop)
      ? failures.find(({ seq, of }) => seq === hop.seq && of === sample)
      : undefined;
    if (own === undefined) return [];
    const before = failures.filter(
      ({ seq, at }) =>
        (at < own.at || (at === own.at && seq < own.seq)) &&
        dateOf(own.at) <= monthsAfter(dateOf(at), months),
    );
    const samples = samplesIn([...before, own], thresholds['retest-days'] * dayMs);
    const last = samples.at(-1);
    const earlier = samples.at(-2);
    if (samples.length < thresholds['repeat-failures-min'] || earlier === undefined) return [];
    // A re-test is no further sample: what its first test was found with stands for it.
    if (last?.seq !== own.seq) return [];
    return [{ rule: 'repeat-failure', seqs: [earlier.seq, own.seq], severity: 'risk' }];
  });
}

/** The first failure of each sample, in order of time. */
function samplesIn(failures: readonly SampleFailure[], retestMs: number): SampleFailure[] {
  const first = new Map<string, SampleFailure>();
  const samples: SampleFailure[] = [];
  for (const failure of [...failures].sort((a, b) => a.at - b.at || a.seq - b.seq)) {
    const known = first.get(failure.of);
    if (known !== undefined && failure.at - known.at <= retestMs) continue;
    first.set(failure.of, failure);
    samples.push(failure);
  }
  return samples;
}
