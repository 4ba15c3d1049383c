/** Between whom a hop of its own says that something passed. */
import type { HopType } from '../../core/events/hop.ts';
import type { TraceHopView } from './schemas.ts';

const passes: ReadonlySet<HopType> = new Set<HopType>([
  'ship',
  'receive',
  'return',
  'sell',
  'inspect',
  'seize',
  'lift',
]);

/** Either is null where it is not named, or not for this reader; null for a hop that passes nothing on. */
export function passingOf({
  hop,
  giver,
  taker,
}: Pick<TraceHopView, 'hop' | 'giver' | 'taker'>): Record<'from' | 'to', TraceHopView['giver']> | null {
  if (!passes.has(hop) || (giver === null && taker === null) || giver?.id === taker?.id) return null;
  return { from: giver, to: taker };
}
