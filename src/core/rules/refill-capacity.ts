/**
 * Refills beyond capacity: a maintenance firm recorded more refills of one day than the published list `firms` says that
 * it can do (lists.ts). Counted are the things that its hops of that day name, in the order of the log, without those
 * that it took back; what stays within the capacity is not doubted.
 *
 * Example: F can refill 200 a day. Its hops of 1 June name 150, then 80: found with the second [the list, the second].
 *
 * Whether it bought the agent for them is a matter of `agent-beyond-purchases`.
 */
import type { FoundBy } from './rule.ts';
import type { Goods } from './thing.ts';

export const refillRules = {
  'refills-beyond-capacity': {
    version: 1,
    family: 'firm',
    basis: 'log',
    severities: ['risk'],
    cause: 'data-error',
    thresholds: [],
    zh: '维修机构单日充装数量超过公布的能力。',
    en: 'The firm recorded more refills of one day than it can do.',
  },
} as const;

type Found = FoundBy<'refills-beyond-capacity'>;

export const refillsBeyondCapacity = ({ told, listing, refilledThatDay }: Goods): readonly Found[] =>
  told.flatMap(({ hop }): Found[] => {
    if (hop.hop !== 'refill' || hop.as !== 'maintenance-firm') return [];
    const list = listing('maintenance-firm', hop.recorder, hop.seq);
    const capacity = list?.firm?.refillsPerDay ?? null;
    if (list === null || capacity === null || refilledThatDay(hop) <= capacity) return [];
    return [{ rule: 'refills-beyond-capacity', seqs: [list.seq, hop.seq], severity: 'risk' }];
  });
