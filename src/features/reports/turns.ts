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
