/**
 * What was sorted, for the pages after the first: of an order that no index has, every page would read and sort all
 * events again. What is forgotten, or was sorted by another process, is sorted anew, and is the same: pages are of one
 * size of the log.
 */

/** An event in its place. */
export interface Ordered {
  readonly seq: number;
  /** How long it is as JSON. */
  readonly characters: number;
}
export type Order = readonly Ordered[];

export interface Orders {
  /** The order of that name, found unless it is remembered. */
  of(name: string, find: () => Promise<Order>): Promise<Order>;
}

/** Events of all orders that are remembered: some ten of the longest. */
const eventsMax = 200_000;

export function createOrders(most = eventsMax): Orders {
  /** Those that were asked for last are at the end. */
  const known = new Map<string, Order>();
  let events = 0;

  const forget = (name: string): void => {
    events -= known.get(name)?.length ?? 0;
    known.delete(name);
  };
  return {
    async of(name, find) {
      const order = known.get(name) ?? (await find());
      forget(name);
      known.set(name, order);
      events += order.length;
      for (const [oldest] of known) {
        if (events <= most) break;
        forget(oldest);
      }
      return order;
    },
  };
}
