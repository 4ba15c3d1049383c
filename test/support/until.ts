/** Waits for what happens behind a request. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until it holds; gives up after half a minute. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await holds()); await delay(20))
    if (Date.now() > end) throw new Error('what was waited for did not come');
}
