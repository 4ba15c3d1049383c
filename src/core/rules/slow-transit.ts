/**
 * Slow transit: a shipment arrived, and nobody can say where the goods were for longer than any transport takes.
 *
 *     days = from the latest moment of the shipment to the earliest of the hop that shows its arrival
 *     found when days > transit-days-max
 *
 * Example: shipped on 1 June, received on 20 July: 48 days with nobody, by the default of 30.
 */
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const transitRules = {
  'slow-transit': {
    version: 1,
    family: 'chain',
    basis: 'log',
    severities: ['risk'],
    cause: 'diversion',
    thresholds: ['transit-days-max'],
    zh: '发货后很久才到货，其间去向不明。',
    en: 'It arrived so long after it was shipped that nobody knows where it was.',
  },
} as const;

type Found = FoundBy<'slow-transit'>;

const dayMs = 86_400_000;

export function slowTransit({ moves, told, thresholds }: Thing): readonly Found[] {
  if (!moves.some(({ shipped, seq }) => shipped !== null && shipped !== seq)) return [];
  const hops = new Map(told.map(({ hop }) => [hop.seq, hop]));
  return moves.flatMap(({ shipped, seq }): Found[] => {
    const sent = shipped === null || shipped === seq ? undefined : hops.get(shipped);
    const arrived = hops.get(seq);
    if (sent === undefined || arrived === undefined) return [];
    if (arrived.from - sent.until <= thresholds['transit-days-max'] * dayMs) return [];
    return [{ rule: 'slow-transit', seqs: [sent.seq, seq], severity: 'risk' }];
  });
}
