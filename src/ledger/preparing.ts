/**
 * Makes facts ready for the log: canonical text, digest and identifiers, all that can be had before the log is
 * locked. It is most of what a fact costs, so large requests are made ready in a thread of their own; small ones,
 * and all while that thread has enough to do, where they arrive.
 */
import { Worker } from 'node:worker_threads';
import { prepareFact } from '../core/log/digest.ts';
import { factJson, namedIdentifiers } from '../core/log/fact.ts';
import { Refusal } from '../errors.ts';
import type { Draft, PreparedFact } from './submission.ts';

export const saltBytes = 16;
export const digestBytes = 32;

export interface Preparing {
  prepare(drafts: readonly Draft[]): Promise<readonly PreparedFact[]>;
  /** Ends the thread. What it has not answered is never recorded. */
  close(): Promise<void>;
}

/** What the thread is told. */
export interface ToMakeReady {
  readonly id: number;
  /** JSON of the list of facts: one text crosses faster than as many objects. */
  readonly facts: string;
  /** Of each fact 16 bytes. */
  readonly salts: Uint8Array;
}
/** What it answers. */
export interface MadeReady {
  readonly id: number;
  readonly payloads: readonly string[];
  /** Of each fact 32 bytes. */
  readonly digests: Uint8Array;
}

interface Waiting {
  readonly weight: number;
  readonly resolve: (ready: MadeReady) => void;
  readonly reject: (error: unknown) => void;
}

/** Facts and identifiers from which crossing to the thread is worth its while, and what it may have before it. */
const weightMin = 100;
const backlogMax = 20_000;
const retrySeconds = 1;

export function createPreparing(random: (bytes: number) => Buffer): Preparing {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | null = null;
  let backlog = 0;
  let ids = 0;

  function start(): Worker {
    const started = new Worker(new URL('./preparing-thread.js', import.meta.url), { execArgv: [] });
    started.on('message', (ready: MadeReady) => {
      settle(ready.id)?.resolve(ready);
    });
    const lost = (cause?: unknown): void => {
      if (thread === started) thread = null;
      const detail = 'The thread that makes facts ready has ended; send the request again.';
      for (const id of [...waiting.keys()])
        settle(id)?.reject(new Refusal('unavailable', detail, { retryAfter: retrySeconds, cause }));
    };
    started.once('error', lost);
    started.once('exit', () => lost());
    // It keeps the process alive for those who wait for an answer, and no longer.
    started.unref();
    return started;
  }

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    if (found) backlog -= found.weight;
    waiting.delete(id);
    if (waiting.size === 0) thread?.unref();
    return found;
  }

  function inThread(drafts: readonly Draft[], salts: Uint8Array, weight: number): Promise<MadeReady> {
    thread ??= start();
    const id = ids++;
    const message: ToMakeReady = { id, facts: JSON.stringify(drafts.map(({ fact }) => fact)), salts };
    thread.postMessage(message);
    thread.ref();
    backlog += weight;
    return new Promise((resolve, reject) => waiting.set(id, { weight, resolve, reject }));
  }

  return {
    async prepare(drafts) {
      // Asking for randomness takes longer than making it: once for all.
      const salts = random(drafts.length * saltBytes);
      const saltOf = (i: number): Buffer => salts.subarray(i * saltBytes, (i + 1) * saltBytes);
      const named = drafts.map(({ fact }) => namedIdentifiers(fact));
      const weight = named.reduce((sum, list) => sum + 1 + list.length, 0);
      const personal = drafts.some((draft) => draft.private !== undefined);
      if (weight < weightMin || backlog >= backlogMax || personal)
        return drafts.map(({ fact, private: value }, i) => {
          const hidden = value ? { value, salt: random(18) } : null;
          return { fact, prepared: prepareFact(factJson(fact), saltOf(i), hidden), named: named[i] ?? [] };
        });
      const { payloads, digests } = await inThread(drafts, salts, weight);
      const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
      return drafts.map(({ fact }, i) => {
        const digest = bytes.subarray(i * digestBytes, (i + 1) * digestBytes);
        const payload = payloads[i];
        if (payload === undefined) throw new Error(`fact ${i} was not made ready`);
        return { fact, prepared: { payload, digest, salt: saltOf(i), private: null }, named: named[i] ?? [] };
      });
    },
    async close() {
      await thread?.terminate();
    },
  };
}
