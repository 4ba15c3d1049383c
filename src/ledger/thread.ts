/**
 * A thread of its own for work that would keep all others waiting: it is asked and answers, of each owner in order and of
 * several in turn. Started when it is first needed, and again after it was lost; those whose questions it had then are told
 * to come again.
 */
import { parentPort, Worker } from 'node:worker_threads';
import { Refusal } from '../errors.ts';
import { createTurns } from './turns.ts';

export interface Thread<Ask, Answer> {
  /** `weight`: how much work it is, in any unit. Refusal: `unavailable`. */
  ask(question: Ask, of: { readonly owner: string; readonly weight: number }): Promise<Answer>;
  /** Weight of what it was asked and has not answered yet. */
  backlog(): number;
  /** Ends it. What it has not answered never is. */
  close(): Promise<void>;
}

interface Waiting<Ask, Answer> {
  readonly question: Ask;
  readonly weight: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Numbered<T> {
  readonly id: number;
  readonly said: T;
}

const retrySeconds = 1;
/** Questions that it has: one to work on, and the next, so that it never waits for us. */
const givenMax = 2;

/** @param file a module that calls `answering` */
export function createThread<Ask, Answer>(file: URL): Thread<Ask, Answer> {
  const turns = createTurns<Waiting<Ask, Answer>>();
  const given = new Map<number, Waiting<Ask, Answer>>();
  let worker: Worker | null = null;
  let backlog = 0;
  let ids = 0;

  function start(): Worker {
    const started = new Worker(file, { execArgv: [] });
    started.on('message', ({ id, said }: Numbered<Answer>) => {
      settle(id)?.resolve(said);
      give();
    });
    const lost = (cause?: unknown): void => {
      if (worker !== started) return;
      worker = null;
      for (const id of [...given.keys()]) settle(id)?.reject(ended(cause));
      give();
    };
    started.once('error', lost);
    started.once('exit', () => lost());
    // It keeps the process alive for those who wait for an answer, and no longer.
    started.unref();
    return started;
  }

  function give(): void {
    while (given.size < givenMax) {
      const next = turns.take();
      if (next === undefined) break;
      worker ??= start();
      const id = ids++;
      const message: Numbered<Ask> = { id, said: next.question };
      given.set(id, next);
      worker.postMessage(message);
      worker.ref();
    }
  }

  function settle(id: number): Waiting<Ask, Answer> | undefined {
    const found = given.get(id);
    given.delete(id);
    if (found) backlog -= found.weight;
    if (given.size === 0) worker?.unref();
    if (backlog === 0) turns.rest();
    return found;
  }

  return {
    ask(question, { owner, weight }) {
      return new Promise((resolve, reject) => {
        turns.add(owner, { question, weight, resolve, reject });
        backlog += weight;
        give();
      });
    },
    backlog: () => backlog,
    async close() {
      for (let next = turns.take(); next !== undefined; next = turns.take()) {
        backlog -= next.weight;
        next.reject(ended());
      }
      await worker?.terminate();
    },
  };
}

const ended = (cause?: unknown): Refusal =>
  new Refusal('unavailable', 'The thread that works on this has ended; send the request again.', {
    retryAfter: retrySeconds,
    cause,
  });

/** In the thread: answers whoever asks. */
export function answering<Ask, Answer>(answer: (question: Ask) => Answer): void {
  parentPort?.on('message', ({ id, said }: Numbered<Ask>) => {
    const message: Numbered<Answer> = { id, said: answer(said) };
    parentPort?.postMessage(message);
  });
}
