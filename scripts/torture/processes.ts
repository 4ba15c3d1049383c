/** The services under torture: several processes on one database, each started again whenever it has died. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSteps } from '../../src/ledger/write-steps.ts';
import { freePort, type ServiceProcess, startServiceProcess } from '../service-process.ts';

export interface Processes {
  /** Origins of those that are running. */
  readonly urls: readonly string[];
  /** Data folders, which hold the copies of checkpoints. */
  readonly folders: readonly string[];
  /** Deaths so far: at a step of the write path by name, or at any moment. */
  readonly deaths: ReadonlyMap<string, number>;
  /** Kills one of those running, chosen by a number from 0 to 1; false when none is. */
  kill(which: number): boolean;
  /** From now on those that are started die at a step of the write path. */
  torment(): void;
  /** From now on nobody dies, and all are running when it resolves. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

const preload = [new URL('./die.ts', import.meta.url).href];
/** Groups a process writes before it dies at one of its steps, at most. */
const groupsMax = 12;

export async function startProcesses(count: number, settings: Record<string, string>): Promise<Processes> {
  const deaths = new Map<string, number>();
  const running = new Map<number, ServiceProcess>();
  const folders = await Promise.all(
    Array.from({ length: count }, () => mkdtemp(join(tmpdir(), 'suyuan-torture-'))),
  );
  const killed = new Set<ServiceProcess>();
  const stopping = new Set<ServiceProcess>();
  let calm = true;
  let stopped = false;
  let starts = 0;

  async function live(i: number): Promise<void> {
    const port = String(await freePort());
    while (!stopped) {
      const step = writeSteps[starts++ % writeSteps.length] ?? 'locked';
      const fate = { DIE_AT: step, DIE_AFTER: String(1 + Math.floor(Math.random() * groupsMax)) };
      const fated = !calm;
      const own = { ...settings, PORT: port, DATA_DIR: folders[i] ?? '', ...(fated ? fate : {}) };
      const service = await startServiceProcess(own, preload).catch(() => null);
      // It died, or found no database, before it listened.
      if (service === null) continue;
      // While it started, the torment may have ended, or all of it.
      if (stopped || (fated && calm)) {
        await service.stop();
        continue;
      }
      running.set(i, service);
      await service.exited;
      running.delete(i);
      if (stopped || stopping.has(service)) continue;
      const cause = killed.has(service) ? 'at any moment' : `step ${step}`;
      deaths.set(cause, (deaths.get(cause) ?? 0) + 1);
    }
  }
  const lives = folders.map((_, i) => live(i));
  const all = async (): Promise<void> => {
    while (running.size < count) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await all();
  return {
    get urls() {
      return [...running.values()].map(({ url }) => url);
    },
    folders,
    deaths,
    kill(which) {
      const service = [...running.values()][Math.floor(which * running.size)];
      if (service === undefined) return false;
      killed.add(service);
      return process.kill(service.pid, 'SIGKILL');
    },
    torment() {
      calm = false;
    },
    async calm() {
      calm = true;
      // Those whose fate is sealed are replaced.
      for (const service of [...running.values()]) {
        stopping.add(service);
        await service.stop();
      }
      await all();
    },
    async stop() {
      stopped = true;
      await Promise.all([...running.values()].map((service) => service.stop()));
      await Promise.all(lives);
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}
