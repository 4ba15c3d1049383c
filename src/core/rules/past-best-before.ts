/**
 * Past its best: sold, installed or fitted into something after the day until which whoever made it, or declared it as old
 * stock, said that it is best used (GS1 AI 15; a day in China). Of goods by measure that were made several times the latest
 * of these days counts, and none if one of the makings tells none.
 *
 * Example: a drum of powder, best before 2025-06-30; refilled into an extinguisher on 2025-11-30.
 */
import { endOf } from '../china-dates.ts';
import { fitsIn, type HopRecord } from '../events/hop.ts';
import type { FoundBy } from './rule.ts';
import type { Goods } from './thing.ts';

export const bestBeforeRules = {
  'past-best-before': {
    version: 1,
    family: 'life',
    basis: 'log',
    severities: ['risk', 'claim'],
    cause: 'expired',
    thresholds: [],
    zh: '超过有效期后仍被销售、安装或使用。',
    en: 'It was sold, installed or used up after the day until which it is best used.',
  },
} as const;

type Found = FoundBy<'past-best-before'>;

/** Whether a hop sells something, installs it or fits it into something. */
export const putsToUse = (hop: HopRecord): boolean =>
  hop.hop === 'sell' ||
  hop.hop === 'install' ||
  (hop.hop === 'ship' && hop.transfer === 'sale') ||
  fitsIn(hop);

export function pastBestBefore({ told, bestBeforeOf }: Goods): readonly Found[] {
  let last: { readonly seq: number; readonly day: string } | null = null;
  for (const { hop, standing, begins } of told) {
    if (!begins || standing === 'stranger') continue;
    const day = bestBeforeOf(hop.seq);
    if (day === null) return [];
    if (last === null || last.day < day) last = { seq: hop.seq, day };
  }
  if (last === null) return [];
  const { seq, day } = last;
  return told.flatMap(({ hop, standing, begins, hosts }): Found[] =>
    putsToUse(hop) && !begins && !hosts && hop.from > endOf(day)
      ? [
          {
            rule: 'past-best-before',
            seqs: [seq, hop.seq],
            severity: standing === 'stranger' ? 'claim' : 'risk',
          },
        ]
      : [],
  );
}
