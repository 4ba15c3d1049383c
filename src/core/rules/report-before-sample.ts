/**
 * Report before sample: a laboratory reported a result before it had the goods that its report is about.
 *
 *     found when report.until < first.from, where `first` is the earliest hop by which the same laboratory took a sample
 *     of them or received them
 *
 * A laboratory that never recorded how it came by the goods is not accused of anything here, nor where it reported again
 * once it had them: then they were for that report, and how it came by those of the first is not told.
 *
 * Example: L receives the sample of unit A7 on 10 June; its report on A7 is of 8 June: found [the receipt, the report].
 */
import { type HopRecord, takesSample } from '../events/hop.ts';
import type { FoundBy } from './rule.ts';
import type { Goods } from './thing.ts';

export const reportRules = {
  'report-before-sample': {
    version: 2,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'data-error',
    thresholds: [],
    zh: '检验结果早于检验机构取得样品。',
    en: 'A laboratory reported on it before it had the sample.',
  },
} as const;

type Found = FoundBy<'report-before-sample'>;

const reports = (hop: HopRecord): boolean =>
  hop.hop === 'inspect' && hop.as === 'laboratory' && hop.outcome !== null && !takesSample(hop);
const gets = (hop: HopRecord): boolean => hop.hop === 'receive' || takesSample(hop);

export function reportBeforeSample({ told }: Goods): readonly Found[] {
  const hops = told.filter(({ standing }) => standing !== 'stranger').map(({ hop }) => hop);
  return hops.filter(reports).flatMap((report): Found[] => {
    const own = hops.filter(({ recorder }) => recorder === report.recorder);
    const first = own.find(gets);
    if (first === undefined || report.until >= first.from) return [];
    if (own.some((it) => reports(it) && it.until >= first.from)) return [];
    return [{ rule: 'report-before-sample', seqs: [first.seq, report.seq], severity: 'risk' }];
  });
}
