/**
 * Moved under an order: goods that an order had stopped were shipped, sold, installed or made into something else.
 *
 *     found when the order was in force over the thing as the hop began: order.from < hop.from < order.until
 *
 * `until` is when its release was recorded, if it was. What officials do with stopped goods is none of it, nor is a
 * return, which most orders ask for. Such a finding is told to whoever made the order.
 *
 * Example: order 7 stops a product at B on 1 June and is released on 1 July. B ships a piece of it on 5 June: found
 * [7, the shipment]; on 2 July it may.
 */
import { movesStopped } from '../orders/order.ts';
import type { FoundBy } from './rule.ts';
import type { Stop, Told } from './thing.ts';

export const orderRules = {
  'moved-under-order': {
    version: 1,
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
  return told.flatMap(({ hop, standing }) =>
    movesStopped(hop)
      ? orders
          .filter(({ from, until }) => from < hop.from && hop.from < until)
          .map(
            ({ seq }): Found => ({
              rule: 'moved-under-order',
              seqs: [seq, hop.seq],
              severity: standing === 'stranger' ? 'claim' : 'risk',
            }),
          )
      : [],
  );
}
