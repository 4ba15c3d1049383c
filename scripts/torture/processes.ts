/** The services under torture: several processes on one database, each started again whenever it has died. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSteps } from '../../src/ledger/write-steps.ts';
import { freePort, type ServiceProcess, spawnService } from '../service-process.ts';

export interface ProcessesOptions {
  /** Of each process: its URL of the database. */
  readonly databaseUrls: readonly string[];
  /** Where data folders are made, which hold the copies of checkpoints. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface Processes {
  /** Origins of those that listen. */
  readonly urls: readonly string[];
  readonly folders: readonly string[];
  /** Deaths so far: at a step of the write path by name, or at any moment. */
  readonly deaths: ReadonlyMap<string, number>;
  /** What no process should do: end by itself, or speak of more than what it lacks. */
  readonly wrong: readonly string[];
  /** Sends a signal to the process of that number, also one that is starting; false when there is none. */
  signal(i: number, signal: NodeJS.Signals): boolean;
  /** From now on those that are started die at a step of the write path. */
  torment(): void;
  /** From now on nobody dies, and all listen when it resolves. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

const preload = ['./clock.js', './die.js'].map((file) => import.meta.resolve(file));
/** Groups a process writes before it dies at one of its steps, at most. */
const groupsMax = 20;

export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const deaths = new Map<string, number>();
  const wrong: string[] = [];
  /** By number, those that run and those that listen. */
  const running = new Map<number, ServiceProcess>();
  const listening = new Map<number, ServiceProcess>();
  const killed = new Set<ServiceProcess>();
  const stopping = new Set<ServiceProcess>();
  let calm = true;
  let stopped = false;
  let starts = 0;
  const folders = options.databaseUrls.map((_, i) => join(options.folder, `service-${i}`));
  for (const folder of folders) await mkdir(folder, { mode: 0o700 });

  async function live(i: number, databaseUrl: string): Promise<void> {
    const port = String(await freePort());
    while (!stopped) {
      const step = writeSteps[starts++ % writeSteps.length] ?? 'locked';
      const fate = { DIE_AT: step, DIE_AFTER: String(1 + Math.floor(Math.random() * groupsMax)) };
      const fated = !calm;
      let said = '';
      const service = spawnService(
        {
          ...options.settings,
          DATABASE_URL: databaseUrl,
          DATABASE_OWNER_URL: databaseUrl,
          PORT: port,
          DATA_DIR: folders[i] ?? '',
          ...(fated ? fate : {}),
        },
        {
          preload,
          onError: (text) => {
            said += text;
          },
        },
      );
      running.set(i, service);
      const listens = await service.listening.then(
        () => true,
        () => false,
      );
      if (listens) {
        listening.set(i, service);
        // While it started, the torment may have ended, or all of it.
        if (stopped || (fated && calm)) stopService(service);
      }
      const signal = await service.exited;
      running.delete(i);
      listening.delete(i);
      if (signal === 'SIGKILL') {
        const cause = killed.has(service) ? 'service, at any moment' : `service, at step ${step}`;
        deaths.set(cause, (deaths.get(cause) ?? 0) + 1);
      }
      // To find no database at its start is no fault of its own, if it says so in a sentence.
      else if (listens ? !stopping.has(service) : /\n\s+at /.test(said))
        wrong.push(`a service ended by itself: ${said.slice(0, 2000)}`);
    }
  }

  function stopService(service: ServiceProcess): void {
    stopping.add(service);
    void service.stop();
  }
  const all = async (): Promise<void> => {
    while (listening.size < folders.length) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  const lives = options.databaseUrls.map((url, i) => live(i, url));
  await all();
  return {
    get urls() {
      return [...listening.values()].map(({ url }) => url);
    },
    folders,
    deaths,
    wrong,
    signal(i, signal) {
      const service = running.get(i);
      if (service === undefined) return false;
      if (signal === 'SIGKILL') killed.add(service);
      try {
        return process.kill(service.pid, signal);
      } catch {
        // It has just died, and nobody was told yet.
        killed.delete(service);
        return false;
      }
    },
    torment() {
      calm = false;
    },
    async calm() {
      calm = true;
      // Those whose fate is sealed are replaced.
      const fated = [...listening.values()];
      for (const service of fated) stopService(service);
      await Promise.all(fated.map(({ exited }) => exited));
      await all();
    },
    async stop() {
      stopped = true;
      for (const service of running.values()) stopService(service);
      await Promise.all(lives);
    },
  };
}
