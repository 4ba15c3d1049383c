/**
 * Never produced: a genuine code goes through the trade, and its maker never recorded that the thing was made. Either the
 * record is late, or codes were stuck on goods of somebody else.
 *
 *     found when the code was issued here, no production or adoption counts, somebody whose word counts had the thing,
 *     and the grace period since that was recorded is over
 *
 * It is found with the next entry that looks at the thing, and closed by the maker's record.
 *
 * Example: code issued on 1 June; B records on 5 June that it received the thing; by 9 June there is no production.
 */
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const productionRules = {
  'never-produced': {
    version: 1,
    family: 'life',
    basis: 'log',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: [],
    zh: '真码已进入流通，但始终没有生产登记。',
    en: 'A genuine code is in the trade, and nobody recorded that the thing was made.',
  },
} as const;

type Found = FoundBy<'never-produced'>;

export function neverProduced({ issued, state, told, asOf, graceMs }: Thing): readonly Found[] {
  if (!issued || state.produced !== null || state.adopted || state.first === null) return [];
  const { first } = state;
  const hop = told.find((it) => it.hop.seq === first.seq)?.hop;
  if (hop === undefined || asOf - hop.recordedAt <= graceMs) return [];
  return [{ rule: 'never-produced', seqs: [first.seq, first.seq], severity: 'risk' }];
}
