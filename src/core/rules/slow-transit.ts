/**
 * Goods under way of which nobody can say where they are, for longer than any transport takes.
 *
 *   slow-transit    they arrived in the end
 *     days = from the latest moment of the shipment to the earliest of the hop that shows its arrival
 *   never-arrived   nobody tells that they did, neither the party that they were sent to nor who sent them
 *     days = from the shipment, or when that was recorded if later, to the entry by which the thing is looked at
 *     found when days > transit-days-max
 *
 * Who receives what is in a container may leave out the container itself: that nobody received one is careless recording.
 * What a party moves between places of its own is at one of them.
 *
 * Example: shipped on 1 June, received on 20 July: 48 days with nobody, by the default of 30; on 2 July it had not arrived.
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
  'never-arrived': {
    version: 1,
    family: 'chain',
    basis: 'log',
    severities: ['risk', 'quality'],
    cause: 'diversion',
    thresholds: ['transit-days-max'],
    zh: '发货后逾期很久，无人登记到货。',
    en: 'It was shipped, and long after that nobody has recorded that it arrived.',
  },
} as const;

type Found = FoundBy<keyof typeof transitRules>;

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

export function neverArrived({ state: { open }, told, isUnit, asOf, thresholds }: Thing): readonly Found[] {
  if (open === null || open.taker === null || open.taker === open.giver) return [];
  const sent = told.find(({ hop }) => hop.seq === open.seq)?.hop;
  if (
    sent === undefined ||
    asOf - Math.max(sent.until, sent.recordedAt) <= thresholds['transit-days-max'] * dayMs
  )
    return [];
  return [{ rule: 'never-arrived', seqs: [open.seq, open.seq], severity: isUnit ? 'risk' : 'quality' }];
}
