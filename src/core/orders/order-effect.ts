/**
 * What an order has come to: what became of the things that it is about, and in which share.
 *
 * Every share has a stated whole:
 *   out          all that left its maker: the rest needs no calling back
 *   recovered    of what is out: back at the maker or with an authority, scrapped or destroyed
 *   consumed     of what is out: made into something else or, of goods by measure, used or sold without a name
 *   at large     what is out and neither recovered nor consumed; what was sent and has not been received is with whom it
 *                goes to, save that what goes back to its maker is with who sends it until it is there
 *   reachable    of what is at large: with a party that has an account and so an inbox
 *   reached      of what is at large: its holder, or whom it goes to, has acknowledged the order
 *   unreachable  of what is at large: the rest, which is
 *     named      with parties that have no account: somebody has their name, and may go there
 *     consumers  sold over the counter: a public notice may reach them
 *     unknown    nobody knows where
 *
 * Example: 100 made, 10 never left, 20 came back, 5 were destroyed, 60 are with dealers of whom those with 45
 * acknowledged, 5 were sold over the counter: of 90 out 25 are recovered (27.7 %), of 65 at large 45 are reached
 * (69.2 %) and 5 cannot be reached (7.6 %), all of them consumers.
 */
import type { PartyId } from '../events/hop.ts';
import { append } from '../grouping.ts';
import type { Life } from '../life/lifecycle.ts';
import { commonUnit, measureOf } from '../measures.ts';

export const fates = [
  'unmade', // 未生产
  'kept', // 未出厂
  'returned', // 已退回
  'held', // 在手
  'under-way', // 在途
  'sold', // 已售予消费者
  'consumed', // 已用掉
  'destroyed', // 已报废、销毁
  'unknown', // 去向不明
] as const;
export type Fate = (typeof fates)[number];

/** Somebody's goods, of one fate. */
export interface HeldAs {
  readonly fate: Fate;
  /** Who has them, or is to get them. */
  readonly holder: PartyId | null;
}

/** What has become of a unit or container; `maker` is whose product it is. */
export function fateOf({ state, moves }: Pick<Life, 'state' | 'moves'>, maker: PartyId | null): HeldAs {
  const { stage, holder, open } = state;
  switch (stage) {
    case 'unknown':
      return { fate: holder === null ? 'unknown' : 'held', holder };
    case 'issued':
      return { fate: 'unmade', holder };
    case 'consumed':
    case 'relabelled':
      return { fate: 'consumed', holder };
    case 'scrapped':
    case 'destroyed':
      return { fate: 'destroyed', holder };
    case 'produced':
    case 'released':
    case 'held':
    case 'in-transit':
    case 'sold':
    case 'installed':
      if (open !== null && isLeaving(open.giver, open.taker, maker))
        return { fate: 'under-way', holder: open.taker ?? open.giver };
      if (holder === null) return { fate: stage === 'sold' ? 'sold' : 'unknown', holder };
      if (holder !== maker) return { fate: 'held', holder };
      return {
        fate: moves.some(({ from, to }) => from === maker && to !== maker) ? 'returned' : 'kept',
        holder,
      };
  }
}

/** Whether what was sent is told of as under way: not what somebody moves itself, nor what goes back to its maker. */
export const isLeaving = (giver: PartyId | null, taker: PartyId | null, maker: PartyId | null): boolean =>
  taker === null || (taker !== giver && taker !== maker);

/** How a holder can be told of an order. */
export const contacts = ['authority', 'acknowledged', 'notified', 'none'] as const;
export type Contact = (typeof contacts)[number];

/** An amount of things of one fate. */
export interface Heap {
  readonly fate: Fate;
  readonly contact: Contact;
  /** The unit of measure to tell it in. */
  readonly uom: string;
  /** In grains (measures.ts). */
  readonly amount: bigint;
}

/** In grains. */
export interface Effect {
  /** The unit of measure to tell it in. */
  readonly uom: string;
  readonly total: bigint;
  readonly out: bigint;
  readonly returned: bigint;
  readonly destroyed: bigint;
  readonly consumed: bigint;
  readonly atLarge: bigint;
  readonly reached: bigint;
  readonly reachable: bigint;
  readonly unreachable: bigint;
  /** The parts of what is unreachable. */
  readonly named: bigint;
  readonly consumers: bigint;
  readonly unknown: bigint;
}

/** One effect for each kind, pieces or mass or length, in order of the unit that it is told in. */
export function effectsOf(heaps: readonly Heap[]): Effect[] {
  const kinds = new Map<string, Heap[]>();
  for (const heap of heaps) append(kinds, measureOf(heap.uom).kind, heap);
  return [...kinds.values()].map(effectOf).sort((a, b) => (a.uom < b.uom ? -1 : 1));
}

function effectOf(own: readonly Heap[]): Effect {
  const sum = (counts: (heap: Heap) => boolean): bigint =>
    own.filter(counts).reduce((total, { amount }) => total + amount, 0n);
  const isBack = ({ fate, contact }: Heap) =>
    fate === 'returned' || (fate === 'held' && contact === 'authority');
  /** At large, in somebody's hands or on its way there. */
  const isWithSomebody = ({ fate, contact }: Heap) =>
    (fate === 'held' && contact !== 'authority') || fate === 'under-way';
  const total = sum(() => true);
  const atLarge = sum((heap) => isWithSomebody(heap) || heap.fate === 'sold' || heap.fate === 'unknown');
  const reachable = sum((heap) => isWithSomebody(heap) && heap.contact !== 'none');
  return {
    uom: commonUnit(own.map(({ uom }) => uom)),
    total,
    out: total - sum(({ fate }) => fate === 'kept' || fate === 'unmade'),
    returned: sum(isBack),
    destroyed: sum(({ fate }) => fate === 'destroyed'),
    consumed: sum(({ fate }) => fate === 'consumed'),
    atLarge,
    reached: sum((heap) => isWithSomebody(heap) && heap.contact === 'acknowledged'),
    reachable,
    unreachable: atLarge - reachable,
    named: sum((heap) => isWithSomebody(heap) && heap.contact === 'none'),
    consumers: sum(({ fate }) => fate === 'sold'),
    unknown: sum(({ fate }) => fate === 'unknown'),
  };
}

/** A share in percent to one place, rounded down so that 100 means all; null of nothing. */
export const percentOf = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number((part * 1000n) / whole) / 10;
