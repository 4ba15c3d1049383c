/**
 * Drives real load over HTTP at several service processes on one database while they and PostgreSQL are killed and
 * otherwise troubled, then asks whether anything that was acknowledged is lost, and whether the log is whole.
 *
 *   killed         services with SIGKILL, at every named step of the write path and at any moment; PostgreSQL with
 *                  SIGKILL and by immediate shutdown
 *   troubled       connections to PostgreSQL cut, slow, silent, and none left; commits and answers to them lost;
 *                  clocks that jump; processes halted; a full disk (faults.ts)
 *   checked        meanwhile, and at the end: every acknowledged request once in the log, with the receipt that was
 *                  given; what was not answered, once or not at all, and once after it is sent again; no gap; every
 *                  checkpoint ever served under the present log; `audit` clean (oracle.ts)
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseLogKey } from '../../src/core/log/tlog-witness.ts';
import { connect } from '../../src/database/connection.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/database/embedded.ts';
import { auditEverything } from '../../src/features/audit.ts';
import { randomSecret } from '../../src/secrets.ts';
import { layCable } from '../../test/support/cable.ts';
import { Client } from '../api.ts';
import { issueUnits, makeMaker, unitsOf } from '../bench/harness.ts';
import { makeDisk } from './disk.ts';
import { faults, type Scene } from './faults.ts';
import { startLoad } from './load.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { startProcesses } from './processes.ts';

export interface TortureOptions {
  /** Deaths of services and of PostgreSQL together, at least; every other fault is staged at least once. */
  readonly kills: number;
  readonly processes: number;
  readonly progress?: (kills: number) => void;
  /** Ends the torment early; what happened until then is checked. */
  readonly signal?: AbortSignal;
}

export interface TortureReport {
  /** Deaths by what died, and when. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly kills: number;
  /** By name, how often each other fault came about. */
  readonly faults: Readonly<Record<string, number>>;
  /** Events whose receipt was given before the end of the torment. */
  readonly acknowledged: number;
  /** Requests that were not answered at first. */
  readonly unknown: number;
  /** Of those that never were, what turned out to have been recorded when they were sent again. */
  readonly foundRecorded: number;
  readonly checkpoints: number;
  /** How often the log was checked while services died. */
  readonly looks: number;
  /** Acknowledged events that are not in the log as the receipt says: must be 0. */
  readonly lost: number;
  /** Everything else that must not be; must be empty. */
  readonly wrong: readonly string[];
}

/** Between two things that we do, ms at most. */
const pauseMaxMs = 800;
/** One death by us in so many is PostgreSQL's. */
const postgresEvery = 4;
/** How often nobody is struck while only one process listens, or none. */
const sparedShare = 0.85;
/** Turns between two looks of the oracle. */
const lookEvery = 8;

export async function torture(options: TortureOptions): Promise<TortureReport> {
  const disk = await makeDisk();
  const ending: (() => Promise<unknown>)[] = [disk.remove];
  const teardown = (end: () => Promise<unknown>): void => void ending.push(end);
  try {
    const dataDir = join(disk.folder, 'database');
    await mkdir(dataDir, { mode: 0o711 });
    const postgres = await startEmbedded({
      dataDir,
      password: randomSecret(),
      settings: { max_connections: '110', shared_buffers: '128MB', max_wal_size: '512MB' },
    });
    teardown(postgres.stop);
    const cables = await Promise.all(
      Array.from({ length: options.processes }, () => layCable({ teardown }, postgres.url)),
    );
    const operatorSecret = randomSecret();
    const processes = await startProcesses({
      databaseUrls: cables.map(({ url }) => url),
      folder: disk.folder,
      settings: {
        MASTER_KEY: randomBytes(32).toString('base64url'),
        OPERATOR_SECRET: operatorSecret,
        PUBLIC_URL: 'https://torture.example.org',
        LOG_LEVEL: 'silent',
        PUBLIC_RATE_LIMIT: '0',
      },
    });
    teardown(processes.stop);
    const database = connect(postgres.url, { max: 4 });
    teardown(database.close);
    const scene: Scene = { processes, cables, disk, databaseUrl: postgres.url };

    const [url = ''] = processes.urls;
    const operator = new Client(url, 'operator', operatorSecret);
    const maker = await makeMaker({ url, operator });
    await issueUnits(maker, 'TORTURE', 500);
    const client = await operator.post<{ client_id: string; client_secret: string }>(
      `/v1/parties/${maker.id}/clients`,
      { label: 'torture' },
    );
    const keyLines = await (await fetch(`${url}/log/key`)).text();
    const load = startLoad({
      urls: () => processes.urls,
      epcs: await unitsOf(database),
      client: { id: client.client_id, secret: client.client_secret },
    });
    teardown(load.stop);
    const keys = keyLines.split('\n').flatMap((line) => {
      const key = parseLogKey(line);
      return key.ok ? [key.value] : [];
    });
    const oracle = createOracle({ database, load, keys });

    const tormented = await torment(options, scene, postgres, oracle);
    await load.stop();
    await processes.calm();
    const acknowledged = load.acknowledged.reduce((sum, { hops }) => sum + hops, 0);
    const { lost, foundRecorded } = await oracle.settle();
    const wrong = [...tormented.wrong, ...load.wrong, ...oracle.wrong, ...processes.wrong];
    for (const folder of processes.folders) {
      const { mismatch } = await auditEverything(database, {
        url: postgres.url,
        processes: availableParallelism(),
        dataDir: folder,
        logOnly: folder !== processes.folders[0],
      });
      if (mismatch !== null) wrong.push(`audit: ${mismatch.table}: ${mismatch.what}`);
    }
    return {
      ...tormented,
      acknowledged,
      unknown: load.unknown,
      foundRecorded,
      checkpoints: load.notes.size,
      looks: oracle.looks,
      lost,
      wrong,
    };
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** Kills and troubles in turns until there were enough deaths and every fault was staged. */
async function torment(
  options: TortureOptions,
  scene: Scene,
  postgres: EmbeddedPostgres,
  oracle: Oracle,
): Promise<Pick<TortureReport, 'deaths' | 'kills' | 'faults' | 'wrong'>> {
  const { processes, cables } = scene;
  const postgresDeaths = { 'PostgreSQL, SIGKILL': 0, 'PostgreSQL, immediate shutdown': 0 };
  const died = (): Record<string, number> => ({ ...Object.fromEntries(processes.deaths), ...postgresDeaths });
  const kills = (): number => Object.values(died()).reduce((sum, n) => sum + n, 0);
  const names = Object.keys(faults);
  const staged: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const underWay = new Map<string, Promise<void>>();
  const wrong: string[] = [];
  let blows = 0;

  function strike(): void {
    // Mostly somebody is left to work; now and then those are hit that are starting.
    if (processes.urls.length < 2 && Math.random() < sparedShare) return;
    if (++blows % postgresEvery !== 0) {
      processes.signal(Math.floor(Math.random() * cables.length), 'SIGKILL');
      return;
    }
    const [what, signal] =
      blows % (2 * postgresEvery) === 0
        ? (['PostgreSQL, SIGKILL', 'SIGKILL'] as const)
        : (['PostgreSQL, immediate shutdown', 'SIGQUIT'] as const);
    try {
      process.kill(postgres.pid(), signal);
      postgresDeaths[what]++;
    } catch {
      // It is down as it is.
    }
  }

  function trouble(name: string): void {
    const stage = faults[name];
    // What lasts goes on beside what comes next, and is not staged twice at a time.
    if (stage === undefined || underWay.has(name)) return;
    const over = stage(scene)
      .then((cameAbout) => {
        if (cameAbout) staged[name] = (staged[name] ?? 0) + 1;
      })
      .catch((error: unknown) => void wrong.push(`${name} could not be staged: ${String(error)}`))
      .finally(() => underWay.delete(name));
    underWay.set(name, over);
  }

  processes.torment();
  for (
    let turn = 0;
    (kills() < options.kills || turn < 2 * names.length) && options.signal?.aborted !== true;
    turn++
  ) {
    await delay(Math.random() * pauseMaxMs);
    if (turn % 2 === 0) strike();
    else trouble(names[Math.floor(turn / 2) % names.length] ?? '');
    if (turn % lookEvery === lookEvery - 1) await oracle.look();
    options.progress?.(Math.min(kills(), options.kills));
  }
  const result = { deaths: died(), kills: kills(), faults: staged, wrong };
  await Promise.all(underWay.values());
  return result;
}
