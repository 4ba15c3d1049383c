/**
 * Things that came out of nowhere.
 *
 *   never-produced   a genuine code goes through the trade, and its maker never recorded that the thing was made. Either
 *                    the record is late, or codes were stuck on goods of somebody else
 *   never-received   nobody issued the code here, and the first that is told of the thing is that somebody shipped, sold or
 *                    returned it, who never recorded making it, having it in stock or receiving it
 *
 *     found when no production or adoption counts, nor that it was made, cut or relabelled of something else, somebody whose
 *     word counts had the thing, and the grace period since that was recorded is over
 *
 * It is found with the next entry that looks at the thing, and closed by the record of how it came to be or came there.
 *
 * With these two every piece that a party passes on beyond what came to it is told of: by the rules of the lifecycle where
 * it had been somebody else's, by these where it had been nobody's, and by `lot-quantity-exceeded` where it has no serial.
 *
 * Examples: code issued on 1 June; B records on 5 June that it received the thing; by 9 June there is no production. Nobody
 * issued the code of another thing; C records on 5 June that it sold it; by 9 June there is no receipt.
 */
import { half } from '../life/history.ts';
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const productionRules = {
  'never-produced': {
    version: 2,
    family: 'life',
    basis: 'log',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: [],
    zh: '真码已进入流通，但始终没有生产登记。',
    en: 'A genuine code is in the trade, and nobody recorded that the thing was made.',
  },
  'never-received': {
    version: 2,
    family: 'quantity',
    basis: 'log',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: [],
    zh: '无人签发其身份码，转出方也没有登记其来源。',
    en: 'A party passed it on without a record of how it got it, and nobody issued its code.',
  },
} as const;

type Found = FoundBy<keyof typeof productionRules>;

export function outOfNowhere({
  issued,
  isUnit,
  state,
  told,
  asOf,
  graceMs,
}: Pick<Thing, 'issued' | 'isUnit' | 'state' | 'told' | 'asOf' | 'graceMs'>): readonly Found[] {
  if (!isUnit || state.produced !== null || state.adopted || state.first === null) return [];
  const { first } = state;
  if (told.some(({ begins, effect }) => begins && effect)) return [];
  const hop = told.find((it) => it.hop.seq === first.seq)?.hop;
  if (hop === undefined || asOf - hop.recordedAt <= graceMs) return [];
  if (!issued && half(hop) !== 'giving' && hop.hop !== 'sell') return [];
  const rule = issued ? 'never-produced' : 'never-received';
  return [{ rule, seqs: [first.seq, first.seq], severity: 'risk' }];
}
