/** Long work done in turns, so that other requests are answered meanwhile. */
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../core/steps.ts';

/** @param atOnce steps in one turn, where each is short */
export async function inTurns<T>(steps: Steps<T>, atOnce = 1): Promise<T> {
  for (let i = 1; ; i++) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (i % atOnce === 0) await setImmediate();
  }
}

/** Work whose pieces differ in size: after so much of it since the last turn of others, they have one. */
export function breathing(most: number): (done: number) => Promise<void> {
  let since = 0;
  return async (done) => {
    since += done;
    if (since < most) return;
    since = 0;
    await setImmediate();
  };
}
