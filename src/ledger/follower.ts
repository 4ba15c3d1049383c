/**
 * A follower reads the log in order behind the head and derives something from it, at its own pace.
 *
 * Its cursor moves in the transaction that writes what follows from the entries passed, so a crash repeats nothing
 * and skips nothing. Of several processes one works at a time: the cursor's row is locked while a step is under
 * way, and who finds it locked waits. Recording comes first: while submissions are queued, a follower rests between
 * steps for several times as long as they take, unless a request is waiting for it.
 */
import type { FactKind } from '../core/log/fact.ts';
import { onConnection, planIndexByIndex, type Sql } from '../database/connection.ts';
import type { Ledger } from './ledger.ts';
import { createRest, restBehindRecording } from './rest.ts';

export interface FollowerOptions {
  /** Names the cursor; never reused for another meaning. */
  readonly name: string;
  readonly sql: Sql;
  readonly ledger: Pick<Ledger, 'onCommit' | 'queued'>;
  /** Entries a step takes at most. */
  readonly chunk: number;
  /** Kinds of facts that something follows from; none are left out unless given. Others are passed without haste. */
  readonly kinds?: readonly FactKind[];
  /** Writes what follows from the entries `from` ≤ seq < `until`, in the transaction given. */
  follow(sql: Sql, from: number, until: number): Promise<void>;
  /** A step failed; it will be tried again. */
  onError(error: unknown): void;
}

export interface Follower {
  start(): void;
  /** Resolves once the entry has been passed: true, or false when that takes longer. */
  reached(seq: number, timeoutMs: number): Promise<boolean>;
  /** Ends after the step under way. */
  stop(): Promise<void>;
}

/** How often to look for entries of other processes, and how long to wait after a failure, ms. */
const pollMs = 1_000;
/** How long other processes' steps take at most before we look again for a waiting request, ms. */
const impatientMs = 20;

/** How long a step may work between two of its statements, ms. */
const idleMaxMs = 120_000;

interface Waiter {
  readonly seq: number;
  readonly resolve: (reached: boolean) => void;
}

export function createFollower({
  name,
  sql,
  ledger,
  chunk,
  kinds,
  follow,
  onError,
}: FollowerOptions): Follower {
  const waiters = new Set<Waiter>();
  let passed = 0;
  const rest = createRest();
  let running: Promise<void> | null = null;

  /** Takes one step. Answers whether there is more to do at once. */
  async function step(): Promise<boolean> {
    const { cursor, size } = await onConnection(sql, async (connection) => {
      await connection`BEGIN`;
      // Between its statements a step works things out; it holds nothing but its cursor, for which nobody waits.
      await connection`SELECT set_config('idle_in_transaction_session_timeout', ${String(idleMaxMs)}, true)`;
      await planIndexByIndex(connection);
      const advanced = await advance(connection);
      await connection`COMMIT`;
      return advanced;
    });
    passed = Math.max(passed, cursor);
    for (const waiter of waiters) if (waiter.seq < passed) waiter.resolve(true);
    return passed < size;
  }

  async function advance(tx: Sql): Promise<{ cursor: number; size: number }> {
    const [row] = await tx<{ size: number }[]>`
      SELECT size FROM followers WHERE name = ${name} FOR UPDATE SKIP LOCKED`;
    if (row === undefined) return { cursor: await readCursor(tx), size: 0 };
    const [head] = await tx<{ size: number }[]>`SELECT size FROM head WHERE id = 1`;
    const size = head?.size ?? 0;
    const until = Math.min(size, row.size + chunk);
    if (until <= row.size) return { cursor: row.size, size };
    await follow(tx, row.size, until);
    await tx`UPDATE followers SET size = ${until} WHERE name = ${name}`;
    return { cursor: until, size };
  }

  /** Another process is at it: how far it has come. */
  async function readCursor(tx: Sql): Promise<number> {
    const [row] = await tx<{ size: number }[]>`SELECT size FROM followers WHERE name = ${name}`;
    return row?.size ?? 0;
  }

  async function run(): Promise<void> {
    await attempt(() => sql`INSERT INTO followers (name, size) VALUES (${name}, 0) ON CONFLICT DO NOTHING`);
    while (!rest.stopped) {
      const begun = performance.now();
      rest.begin();
      const more = await attempt(step);
      const took = performance.now() - begun;
      if (more === undefined) await rest.pause(pollMs);
      if (more === false) await rest.untilNews(waiters.size > 0 ? impatientMs : pollMs);
      // A step for every group that is recorded would cost as much as recording it.
      if (ledger.queued > 0 && waiters.size === 0) await rest.pause(restBehindRecording(took));
    }
  }

  /** The answer, or undefined when it failed. */
  async function attempt<T>(work: () => PromiseLike<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!rest.stopped) onError(error);
      return undefined;
    }
  }

  return {
    start() {
      if (running) return;
      ledger.onCommit((recorded) => {
        if (kinds?.some((kind) => recorded.has(kind)) ?? true) rest.news();
      });
      running = run();
    },
    reached(seq, timeoutMs) {
      if (seq < passed) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
        const waiter: Waiter = {
          seq,
          resolve(reached) {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(reached);
          },
        };
        waiters.add(waiter);
        rest.wake();
      });
    },
    async stop() {
      rest.stop();
      await running;
      for (const waiter of waiters) waiter.resolve(false);
    },
  };
}
