/**
 * Rest between the rounds of work that goes on behind the log: for a time, or only until there is news. Whoever
 * works calls `begin` before it looks; what comes after that is news and is not slept over.
 */
export interface Rest {
  readonly stopped: boolean;
  /** A round begins: news up to here is taken up by it. */
  begin(): void;
  /** There is something to look at: ends a rest until news, and keeps the next one from beginning. */
  news(): void;
  /** Resolves once the time is over, or somebody wakes or stops us. */
  pause(ms: number): Promise<void>;
  /** The same, and at once when there is news. */
  untilNews(ms: number): Promise<void>;
  /** Ends the rest under way, whatever its kind. */
  wake(): void;
  /** Ends the rest under way; there will be no other. */
  stop(): void;
}

export function createRest(): Rest {
  let stopped = false;
  let fresh = false;
  let sleeper: { readonly forNews: boolean; readonly wake: () => void } | null = null;

  function sleep(ms: number, forNews: boolean): Promise<void> {
    if (stopped || (forNews && fresh)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(wake, ms);
      timer.unref();
      function wake(): void {
        clearTimeout(timer);
        sleeper = null;
        resolve();
      }
      sleeper = { forNews, wake };
    });
  }

  return {
    get stopped() {
      return stopped;
    },
    begin() {
      fresh = false;
    },
    news() {
      fresh = true;
      if (sleeper?.forNews) sleeper.wake();
    },
    pause: (ms) => sleep(ms, false),
    untilNews: (ms) => sleep(ms, true),
    wake: () => sleeper?.wake(),
    stop() {
      stopped = true;
      sleeper?.wake();
    },
  };
}

/** Rest after a round while recording is under way, as a multiple of the time it took, and its limit in ms. */
const restFactor = 9;
const restMaxMs = 500;

/** Recording comes first: how long who works behind the log rests after a round of so many ms, while something is recorded. */
export const restBehindRecording = (roundMs: number): number => Math.min(restMaxMs, restFactor * roundMs);
