/** Work that takes turns: some at once, some more waiting, and whoever comes beyond is sent away. */
import { Refusal } from '../../errors.ts';

export interface TurnsOptions {
  readonly atOnce: number;
  /** How many may wait beside those. */
  readonly waiting: number;
}

/** Runs what it is given in turn; refuses `overloaded` when too many wait. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns({ atOnce, waiting }: TurnsOptions): TakeTurn {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < atOnce) running += 1;
    else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve));
    else
      throw new Refusal('overloaded', 'Too many are sending this now; send it again later.', {
        retryAfter: 5,
      });
    try {
      return await work();
    } finally {
      // The place goes on to whoever waits longest.
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Runs what somebody is to be done for unless `most` of theirs are under way; then refuses `rate-limited`. */
export type TakeShare = <T>(whose: string, work: () => Promise<T>) => Promise<T>;

/** However many turns there are, nobody has more than a share of them. */
export function createShares(most: number): TakeShare {
  const held = new Map<string, number>();
  return async (whose, work) => {
    const own = held.get(whose) ?? 0;
    if (own >= most)
      throw new Refusal(
        'rate-limited',
        `Send at most ${most} of these at once, the next when one has come.`,
        {
          retryAfter: 5,
        },
      );
    held.set(whose, own + 1);
    try {
      return await work();
    } finally {
      const left = (held.get(whose) ?? 1) - 1;
      if (left > 0) held.set(whose, left);
      else held.delete(whose);
    }
  };
}
