/**
 * Cancelled without having been shipped: a party cancels a shipment, and names a thing that was not in it. That changes
 * nothing for the thing: whatever it is in stays as it is. Of goods by measure, what is cancelled beyond what was shipped is
 * found by their balances (life/lot.ts).
 *
 * Example: A ships U by entry 3 and V by entry 4; by entry 6 it cancels entry 3 for V: found [3, 6], and V is still under way.
 */
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

type Found = FoundBy<'cancelled-not-shipped'>;

export function cancelledNotShipped({ told }: Pick<Thing, 'told'>): readonly Found[] {
  const seqs = new Set(told.map(({ hop }) => hop.seq));
  return told.flatMap(({ hop: { hop, seq, target }, standing }): Found[] =>
    hop === 'cancel' && standing !== 'stranger' && target !== null && !seqs.has(target)
      ? [{ rule: 'cancelled-not-shipped', seqs: [target, seq], severity: 'quality' }]
      : [],
  );
}
