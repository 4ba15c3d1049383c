/**
 * Turns many small look-ups that arrive together into few set-based ones: while a load runs, what is asked for waits,
 * and goes out together as soon as it ends. A look-up that meets no other goes out at once; the busier it is, the
 * larger the sets. Beside a load that takes its time, for the sake of one thing with a long history, others go out.
 */

export interface CoalescingOptions {
  /** Loads under way at once. */
  readonly loadsMax: number;
  /** How long the last load is waited for before another goes out beside it, in ms. */
  readonly patienceMs: number;
  /** Items that one load takes, unless a single look-up brings more. */
  readonly itemsMax: number;
}

interface Waiting<In, Out> {
  readonly items: readonly In[];
  readonly resolve: (found: Out[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param load answers as many items as it is given, in their order
 * @returns a function that answers its items in their order; it fails when the load that they were part of fails
 */
export function coalescing<In, Out>(
  load: (items: readonly In[]) => Promise<readonly Out[]>,
  { loadsMax, patienceMs, itemsMax }: CoalescingOptions,
): (items: readonly In[]) => Promise<Out[]> {
  let waiting: Waiting<In, Out>[] = [];
  let loads = 0;
  let startedAt = Number.NEGATIVE_INFINITY;
  let scheduled = false;
  let timed = false;

  /** What has been read from other connections meanwhile joins before the load goes out. */
  function schedule(): void {
    if (scheduled || loads >= loadsMax || waiting.length === 0) return;
    const wait = loads === 0 ? 0 : startedAt + patienceMs - performance.now();
    if (wait > 0) {
      if (!timed) setTimeout(lookAgain, wait).unref();
      timed = true;
      return;
    }
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      run(nextGroup());
      schedule();
    });
  }

  function lookAgain(): void {
    timed = false;
    schedule();
  }

  function nextGroup(): Waiting<In, Out>[] {
    let items = 0;
    let end = 0;
    for (const one of waiting) {
      if (end > 0 && items + one.items.length > itemsMax) break;
      items += one.items.length;
      end++;
    }
    const group = waiting.slice(0, end);
    waiting = waiting.slice(end);
    return group;
  }

  function run(group: readonly Waiting<In, Out>[]): void {
    loads++;
    startedAt = performance.now();
    load(group.flatMap(({ items }) => items))
      .then((found) => {
        let start = 0;
        for (const { items, resolve } of group) {
          resolve(found.slice(start, start + items.length));
          start += items.length;
        }
      })
      .catch((error: unknown) => {
        for (const { reject } of group) reject(error);
      })
      .finally(() => {
        loads--;
        schedule();
      });
  }

  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      schedule();
    });
}
