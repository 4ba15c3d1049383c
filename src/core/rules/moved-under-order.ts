/**
 * Moved under an order: goods that an order had stopped were shipped, sold, installed, fitted into something or made into
 * something else.
 *
 *   moved-under-order    the order was in force over the thing as the hop began: order.from < hop.from < order.until
 *   dated-before-order   the hop was recorded when the order was, and says that it began before: hop.from ≤ order.from. Who
 *                        does not heed an order can say so, and so can who records late; only where whoever it went to had
 *                        recorded before the order that it came is it sure
 *
 * `until` is when its release was recorded, if it was. What officials do with stopped goods is none of it, nor is a
 * return, which most orders ask for, nor is it moved by what made it, nor by what is fitted into it. Goods that come to
 * somebody whose goods an order stops come under it there: what others did with them until then, sending them there among
 * it, is no move under it. A hop that is dated before an order over what a party has takes the thing out of the order, which
 * does not hide the hop. Such findings are told to whoever made the order. Where the thing is under the order for being made of what the order is about
 * (orders/descent.ts), the finding names the entry that made it, too.
 *
 * Example: order 7 stops a product at B on 1 June and is released on 1 July. B ships a piece of it on 5 June: found
 * [7, the shipment]; on 2 July it may. On 5 June B records as well that it sold another on 30 May: found [7, the sale], as
 * a claim. Order 8 stops all that went through X; A, who has powder from there, fills an extinguisher with it by entry 9
 * and sells that by entry 12: found [8, 12], made by 9.
 */
import { half } from '../life/history.ts';
import { movesStopped } from '../orders/order.ts';
import type { FoundBy } from './rule.ts';
import type { Stop, Told } from './thing.ts';

export const orderRules = {
  'moved-under-order': {
    version: 5,
    family: 'order',
    basis: 'log',
    severities: ['risk', 'claim'],
    cause: 'diversion',
    thresholds: [],
    zh: '责令停止流通期间，产品被发货、销售、安装、用于维修或加工。',
    en: 'It was shipped, sold, installed, fitted or made into something else while an order had stopped it.',
  },
  'dated-before-order': {
    version: 3,
    family: 'order',
    basis: 'log',
    severities: ['claim'],
    cause: 'late-upload',
    thresholds: [],
    zh: '责令停止流通之后才登记的发货、销售、安装或加工，称发生于责令之前。',
    en: 'Only after an order had stopped it somebody recorded that it had been moved or used before.',
  },
} as const;

type Found = FoundBy<keyof typeof orderRules>;

interface Ordered {
  readonly told: readonly Told[];
  readonly orders: readonly Stop[];
}

export function movedUnderOrder({ told, orders }: Ordered): readonly Found[] {
  if (orders.length === 0) return [];
  return told.flatMap((it) =>
    movesStopped(it.hop) && !it.begins && !it.hosts ? orders.flatMap((stop) => foundBy(it, stop, told)) : [],
  );
}

function foundBy(
  { hop, standing }: Told,
  { seq, from, until, made, during, left, came }: Stop,
  told: readonly Told[],
): readonly Found[] {
  if (hop.from <= during.from || hop.from >= during.until) return [];
  if (came !== null && hop.from <= came.at && hop.recorder !== came.to) return [];
  const seqs = [seq, hop.seq] as const;
  if (hop.from > from) {
    const severity = standing === 'stranger' ? 'claim' : 'risk';
    return hop.from < until && !left ? [{ rule: 'moved-under-order', seqs, made, severity }] : [];
  }
  if (hop.seq < seq || told.some((it) => it.hop.seq < seq && isArrivalOf(hop, it))) return [];
  return [{ rule: 'dated-before-order', seqs, made, severity: 'claim' }];
}

/** Whether the other side of a movement tells that it came. */
const isArrivalOf = ({ taker, from }: Told['hop'], { hop }: Told): boolean =>
  taker !== null && hop.recorder === taker && half(hop) === 'taking' && hop.until >= from;
