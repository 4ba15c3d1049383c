/**
 * Work behind the log in rounds: what is due is taken on, so many pieces at once, and looked for again when one of them
 * ends, when there is news, and after a while.
 */
import { createRest } from '../ledger/rest.ts';

export interface Rounds {
  readonly stopped: boolean;
  start(): void;
  /** There is something to look at. */
  news(): void;
  /** Takes nothing on any more, and ends after what is under way. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  readonly atOnce: number;
  readonly pollMs: number;
  /** What is due, at most so much. Each piece looks after its own failures; what it leaves is told to `onError`. */
  readonly due: (limit: number) => Promise<readonly (() => Promise<void>)[]>;
  /** Nobody could look, or a piece failed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

export function createRounds({ atOnce, pollMs, due, onError }: RoundsOptions): Rounds {
  const rest = createRest();
  const busy = new Set<Promise<void>>();
  let running: Promise<void> | null = null;

  async function round(): Promise<void> {
    const limit = atOnce - busy.size;
    if (limit === 0) return;
    for (const work of await due(limit)) {
      // An error that nobody takes would end the process.
      const working = work()
        .catch(onError)
        .finally(() => {
          busy.delete(working);
          rest.news();
        });
      busy.add(working);
    }
  }

  async function run(): Promise<void> {
    while (!rest.stopped) {
      rest.begin();
      await round().catch((error: unknown) => {
        if (!rest.stopped) onError(error);
      });
      await rest.untilNews(pollMs);
    }
  }

  return {
    get stopped() {
      return rest.stopped;
    },
    start() {
      running ??= run();
    },
    news: rest.news,
    async stop() {
      rest.stop();
      await running;
      await Promise.all(busy);
    },
  };
}
