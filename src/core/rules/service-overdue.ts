/**
 * Overdue for service: the thing was due to be inspected, maintained or refilled, by what somebody whose word counts
 * recorded or by the interval of its product (life/maintenance.ts), and the next that was done with it, by anybody whom the
 * record connects with it, was long after that.
 *
 *     found when the act began more than service-days-late after the last moment of the day on which it was due
 *
 * Each date that was missed is found once, with the first act that shows it. A service that was done and found it in order
 * ends what was due, also where nothing tells when the next is. What nobody deals with at all is in the list of
 * what is overdue (features/insights/overdue.ts), which is made as it is read.
 *
 * Example: refilled in entry 4, next due on 2025-08-10; inspected on 2026-05-03 in entry 9: found [4, 9].
 */
import type { HopType } from '../events/hop.ts';
import { type Due, dueAfter, dueFirst } from '../life/maintenance.ts';
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const serviceRules = {
  'service-overdue': {
    version: 3,
    family: 'life',
    basis: 'log',
    severities: ['risk'],
    cause: 'expired',
    thresholds: ['service-days-late'],
    zh: '早已超过应检修日期，仍未检修。',
    en: 'It had long been due for inspection or service when somebody next dealt with it.',
  },
} as const;

type Found = FoundBy<'service-overdue'>;

const dayMs = 86_400_000;
const shows: ReadonlySet<HopType> = new Set<HopType>(['inspect', 'maintain', 'refill', 'sell', 'install']);

export function serviceOverdue({
  state: { produced },
  told,
  maintenance,
  thresholds,
}: Thing): readonly Found[] {
  const found: Found[] = [];
  let due: Due | null = null;
  for (const { hop, standing, effect } of told) {
    if (standing === 'stranger') continue;
    if (due !== null && shows.has(hop.hop) && hop.from - due.at > thresholds['service-days-late'] * dayMs) {
      found.push({ rule: 'service-overdue', seqs: [due.seq, hop.seq], severity: 'risk' });
      due = null;
    }
    if (hop.seq === produced?.seq) due ??= dueFirst(hop, maintenance);
    else if (effect) due = dueAfter(due, hop, maintenance);
  }
  return found;
}
