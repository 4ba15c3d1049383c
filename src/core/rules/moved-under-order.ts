/**
 * Moved under an order: goods that an order had stopped were shipped, sold, installed or made into something else.
 *
 *     found when the order was in force over the thing as the hop began: order.from < hop.from < order.until
 *
 * `until` is when its release was recorded, if it was. What officials do with stopped goods is none of it, nor is a
 * return, which most orders ask for, nor is it moved by what made it. Such a finding is told to whoever made the order.
 * Where the thing is under the order for being made of what the order is about (orders/descent.ts), the finding names the
 * entry that made it, too.
 *
 * Example: order 7 stops a product at B on 1 June and is released on 1 July. B ships a piece of it on 5 June: found
 * [7, the shipment]; on 2 July it may. Order 8 stops all that went through X; A, who has powder from there, fills an
 * extinguisher with it by entry 9 and sells that by entry 12: found [8, 12], made by 9.
 */
import { movesStopped } from '../orders/order.ts';
import type { FoundBy } from './rule.ts';
import type { Stop, Told } from './thing.ts';

export const orderRules = {
  'moved-under-order': {
    version: 2,
    family: 'order',
    basis: 'log',
    severities: ['risk', 'claim'],
    cause: 'diversion',
    thresholds: [],
    zh: '责令停止流通期间，产品被发货、销售、安装或加工。',
    en: 'It was shipped, sold, installed or made into something else while an order had stopped it.',
  },
} as const;

type Found = FoundBy<'moved-under-order'>;

export function movedUnderOrder({
  told,
  orders,
}: {
  readonly told: readonly Told[];
  readonly orders: readonly Stop[];
}): readonly Found[] {
  if (orders.length === 0) return [];
  return told.flatMap(({ hop, standing, begins }) =>
    movesStopped(hop) && !begins
      ? orders
          .filter(({ from, until }) => from < hop.from && hop.from < until)
          .map(
            ({ seq, made }): Found => ({
              rule: 'moved-under-order',
              seqs: [seq, hop.seq],
              made,
              severity: standing === 'stranger' ? 'claim' : 'risk',
            }),
          )
      : [],
  );
}
