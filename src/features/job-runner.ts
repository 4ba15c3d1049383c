/**
 * Runs jobs that are rows: those asked for now, and those that a process left unfinished. A job must bear being worked
 * on twice at once, and being taken up again wherever its process died.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUnavailable } from '../database/connection.ts';
import { Refusal } from '../errors.ts';
import { preferences, waitOf } from '../http/prefer.ts';

export interface JobRunner {
  /** Looks for jobs that were left unfinished, now and every few seconds. */
  start(): void;
  /** Works on a job until it is over or another process has it. */
  run(id: string): Promise<void>;
  /** Ends after what is under way; what is left goes on in another process or at the next start. */
  stop(): Promise<void>;
}

export interface JobKind {
  /** What people call such a job. */
  readonly name: string;
  /** Ids of jobs nobody works on, oldest first. */
  idle(): Promise<readonly string[]>;
  work(id: string, stopping: AbortSignal): Promise<void>;
}

type Log = { error(details: object, message: string): void };

/** `lookMs`: how often to look for jobs that others left. */
export function createJobRunner({ name, idle, work }: JobKind, log: Log, lookMs: number): JobRunner {
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let looking: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    for (const id of await idle()) runner.run(id).catch(() => {});
  }

  const runner: JobRunner = {
    start() {
      const again = (): void => {
        look()
          .catch((error: unknown) => log.error({ err: error }, `looking for a ${name} failed`))
          .finally(() => {
            if (!stopping.signal.aborted) looking = setTimeout(again, lookMs).unref();
          });
      };
      again();
    },

    run(id) {
      const known = running.get(id);
      if (known !== undefined) return known;
      const run = work(id, stopping.signal)
        .catch((error: unknown) => {
          // The job stays unfinished, and is taken up again when its lease is over.
          log.error({ err: error, id }, `a ${name} was interrupted`);
          throw error;
        })
        .finally(() => running.delete(id));
      running.set(id, run);
      return run;
    },

    async stop() {
      stopping.abort();
      if (looking !== null) clearTimeout(looking);
      await Promise.allSettled(running.values());
    },
  };
  return runner;
}

/** Whether the same may succeed later. */
export const passes = (error: unknown): boolean =>
  isUnavailable(error) || (error instanceof Refusal && passing.has(error.code));
const passing: ReadonlySet<string> = new Set([
  'overloaded',
  'unavailable',
  'storage-full',
  'outcome-unknown',
]);

/** Seconds that a request may wait for its job (RFC 7240 §4.3): at most, and when it does not say. */
const waitSecondsMax = 60;
const waitSeconds = 20;

/** Sets a job going and waits for it as long as the client prefers to. Whether it waited, and so should look again. */
export async function runAsPreferred(
  runner: JobRunner,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  // What goes wrong here is logged by the runner, and the job is taken up again.
  const run = runner.run(id).catch(() => {});
  const seconds = waitOf(preferences(request.headers.prefer), waitSeconds, waitSecondsMax);
  if (seconds === null) return false;
  reply.header('preference-applied', `wait=${seconds}`);
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([run, enough]);
  clearTimeout(timer);
  return true;
}
