/**
 * A thread of its own for work that would keep all others waiting: it is asked and answers, in order. Started when it is
 * first needed, and again after it was lost; those who waited for it then are told to come again.
 */
import { parentPort, Worker } from 'node:worker_threads';
import { Refusal } from '../errors.ts';

export interface Thread<Ask, Answer> {
  /** `weight`: how much work it is, in what unit ever. Refusal: `unavailable`. */
  ask(question: Ask, weight: number): Promise<Answer>;
  /** Weight of what it was asked and has not answered yet. */
  backlog(): number;
  /** Ends it. What it has not answered never is. */
  close(): Promise<void>;
}

interface Waiting<Answer> {
  readonly weight: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Numbered<T> {
  readonly id: number;
  readonly said: T;
}

const retrySeconds = 1;

/** @param file a module that calls `answering` */
export function createThread<Ask, Answer>(file: URL): Thread<Ask, Answer> {
  const waiting = new Map<number, Waiting<Answer>>();
  let worker: Worker | null = null;
  let backlog = 0;
  let ids = 0;

  function start(): Worker {
    const started = new Worker(file, { execArgv: [] });
    started.on('message', ({ id, said }: Numbered<Answer>) => settle(id)?.resolve(said));
    const lost = (cause?: unknown): void => {
      if (worker === started) worker = null;
      const detail = 'The thread that works on this has ended; send the request again.';
      for (const id of [...waiting.keys()])
        settle(id)?.reject(new Refusal('unavailable', detail, { retryAfter: retrySeconds, cause }));
    };
    started.once('error', lost);
    started.once('exit', () => lost());
    // It keeps the process alive for those who wait for an answer, and no longer.
    started.unref();
    return started;
  }

  function settle(id: number): Waiting<Answer> | undefined {
    const found = waiting.get(id);
    if (found) backlog -= found.weight;
    waiting.delete(id);
    if (waiting.size === 0) worker?.unref();
    return found;
  }

  return {
    ask(question, weight) {
      worker ??= start();
      const id = ids++;
      const message: Numbered<Ask> = { id, said: question };
      worker.postMessage(message);
      worker.ref();
      backlog += weight;
      return new Promise((resolve, reject) => waiting.set(id, { weight, resolve, reject }));
    },
    backlog: () => backlog,
    async close() {
      await worker?.terminate();
    },
  };
}

/** In the thread: answers whoever asks. */
export function answering<Ask, Answer>(answer: (question: Ask) => Answer): void {
  parentPort?.on('message', ({ id, said }: Numbered<Ask>) => {
    const message: Numbered<Answer> = { id, said: answer(said) };
    parentPort?.postMessage(message);
  });
}
