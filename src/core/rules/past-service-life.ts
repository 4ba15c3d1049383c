/**
 * Past its service life: sold, installed, fitted into something, maintained or refilled after the product's service life,
 * counted in calendar months from the day of its production (GB/T 7408.1 dates, days in China), had run out.
 *
 * Example: made on 2015-05-10 with a service life of 120 months: its last day is 2025-05-10; refilled on 2025-06-01.
 */
import { dateOf, endOf, monthsAfter } from '../china-dates.ts';
import type { HopRecord } from '../events/hop.ts';
import { putsToUse } from './past-best-before.ts';
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const serviceLifeRules = {
  'past-service-life': {
    version: 2,
    family: 'life',
    basis: 'log',
    severities: ['risk', 'claim'],
    cause: 'expired',
    thresholds: [],
    zh: '超过使用年限后仍被销售、安装、维修或充装。',
    en: 'It was sold, installed, maintained or refilled after its service life had run out.',
  },
} as const;

type Found = FoundBy<'past-service-life'>;

const keepsInUse = (hop: HopRecord): boolean =>
  putsToUse(hop) || hop.hop === 'maintain' || hop.hop === 'refill';

export function pastServiceLife({ state: { produced }, product, told }: Thing): readonly Found[] {
  const months = product?.serviceLifeMonths ?? null;
  if (produced === null || months === null) return [];
  const last = endOf(monthsAfter(dateOf(produced.until), months));
  return told.flatMap(({ hop, standing, hosts }): Found[] =>
    keepsInUse(hop) && !hosts && hop.from > last
      ? [
          {
            rule: 'past-service-life',
            seqs: [produced.seq, hop.seq],
            severity: standing === 'stranger' ? 'claim' : 'risk',
          },
        ]
      : [],
  );
}
