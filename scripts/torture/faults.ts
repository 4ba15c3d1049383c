/** What happens to services and to PostgreSQL beside sudden death, each staged for a moment at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Database, isStorageFull, isUnavailable } from '../../src/database/connection.ts';
import type { Cable } from '../../test/support/cable.ts';
import type { Disk } from './disk.ts';
import type { Processes } from './processes.ts';

export interface Scene {
  readonly processes: Processes;
  /** Between each process and PostgreSQL. */
  readonly cables: readonly Cable[];
  readonly disk: Disk;
  /** Of PostgreSQL, past the cables. */
  readonly databaseUrl: string;
}

/** Resolves when it is over, with whether it came about. */
export type Fault = (scene: Scene) => Promise<boolean>;

/** After this long a commit to be lost is no longer waited for, ms: its process may have died. */
const commitWaitMs = 20_000;
/** Longer than PostgreSQL lets a transaction stand idle (connection.ts), ms. */
const silenceMs = 12_000;
/** More than PostgreSQL lets in. */
const connectionsMax = 200;

const any = (count: number): number => Math.floor(Math.random() * count);
const pause = (maxMs: number): Promise<void> => delay(Math.random() * maxMs);

const cableOf = ({ cables }: Scene): Cable => {
  const cable = cables[any(cables.length)];
  if (cable === undefined) throw new Error('there is no cable');
  return cable;
};

/** The connection breaks where the commit is on its way, or where its answer is. */
const lose =
  (what: 'commit' | 'answer'): Fault =>
  (scene) =>
    Promise.race([
      cableOf(scene)
        .lose(what, /UPDATE head/)
        .then(() => true),
      delay(commitWaitMs, false, { ref: false }),
    ]);

async function slowly(scene: Scene, lagMs: number, forMs: number): Promise<boolean> {
  const cable = cableOf(scene);
  cable.slow(lagMs);
  await delay(forMs);
  cable.slow(0);
  return true;
}

/** Takes what connections there are, and breaks those of one service, which then finds none. */
async function exhaust(scene: Scene): Promise<boolean> {
  const cable = cableOf(scene);
  const taken: Database[] = [];
  try {
    await cable.cut();
    let refused = false;
    while (!refused && taken.length < connectionsMax) {
      const one = connect(scene.databaseUrl, { max: 1, applicationName: 'torture' });
      taken.push(one);
      refused = await one.sql`SELECT 1`.then(
        () => false,
        (error: unknown) => {
          if (!isUnavailable(error) && !isStorageFull(error)) throw error;
          return true;
        },
      );
    }
    await cable.mend();
    await pause(1_500);
    return true;
  } finally {
    await cable.mend();
    await Promise.all(taken.map((one) => one.close()));
  }
}

export const faults: Readonly<Record<string, Fault>> = {
  'connection cut': async (scene) => {
    const cable = cableOf(scene);
    await cable.cut();
    await pause(500);
    await cable.mend();
    return true;
  },
  'connection slow': (scene) => slowly(scene, 5 + Math.random() * 60, 1_500),
  'commit lost': lose('commit'),
  'answer to a commit lost': lose('answer'),
  'clock jumped': async ({ processes, cables }) => processes.signal(any(cables.length), 'SIGWINCH'),
  'process halted': async ({ processes, cables }) => {
    const i = any(cables.length);
    if (!processes.signal(i, 'SIGSTOP')) return false;
    await pause(2_000);
    processes.signal(i, 'SIGCONT');
    return true;
  },
  'disk full': async ({ disk }) => {
    if (disk.fill === null) return false;
    await disk.fill();
    await pause(1_000);
    await disk.empty();
    return true;
  },
  'connections exhausted': exhaust,
  'connection silent': (scene) => slowly(scene, Number.POSITIVE_INFINITY, silenceMs),
};
