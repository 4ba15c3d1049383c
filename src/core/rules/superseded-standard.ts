/**
 * Made to a superseded standard: the product record names a standard, and the thing was made after the last day on which
 * goods may be made to it, as the published list `standards` has it (lists.ts). The certificate to that standard does not
 * cover it.
 *
 * Example: GB 4351.1-2005 was superseded on 2024-12-31. A product of that standard, made on 2025-01-01: found [the list,
 * the production].
 */
import { endOf } from '../china-dates.ts';
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const standardRules = {
  'superseded-standard': {
    version: 1,
    family: 'certificate',
    basis: 'log',
    severities: ['risk'],
    cause: 'unlicensed',
    thresholds: [],
    zh: '生产时产品所执行的标准已被替代。',
    en: 'The standard that it was made to had been superseded by then.',
  },
} as const;

type Found = FoundBy<'superseded-standard'>;

export function supersededStandard({ state: { produced }, standard }: Thing): readonly Found[] {
  if (produced === null || standard === null || produced.from <= endOf(standard.until)) return [];
  return [{ rule: 'superseded-standard', seqs: [standard.seq, produced.seq], severity: 'risk' }];
}
