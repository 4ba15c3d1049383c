/**
 * A number of slots that work waits for in turn: of one party in order, and of several the one who had fewest first, so
 * that a small batch gets its turn beside a large one, and a document beside a thousand of somebody else.
 */
import { createTurns } from '../../ledger/turns.ts';

export interface Slots {
  /** Waits for a slot and returns how to give it back. */
  take(owner: string): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  const waiting = createTurns<{ readonly weight: 1; readonly go: () => void }>();
  let free = count;
  const release = (): void => {
    const next = waiting.take();
    if (next !== undefined) next.go();
    else if (++free === count) waiting.rest();
  };
  return {
    take(owner) {
      return new Promise((resolve) => {
        const go = () => resolve(release);
        waiting.add(owner, { weight: 1, go });
        // Whoever comes while there is room counts as well.
        if (free === 0) return;
        free--;
        waiting.take()?.go();
      });
    },
  };
}
