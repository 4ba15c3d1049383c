/** Backups put back: what is refused, with what advice, and what nobody can tell any more. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import t, { type Test } from 'tap';
import { connect } from '../src/database/connection.ts';
import { makeDataFolder } from '../src/database/data-folder.ts';
import { startEmbedded } from '../src/database/embedded.ts';
import { auditEverything } from '../src/features/audit.ts';
import type { Mismatch } from '../src/ledger/mismatch.ts';
import { openService, type Service } from '../src/service.ts';
import { newParty, note } from './support/log.ts';
import { emptyDatabase } from './support/postgres.ts';
import { testMasterKey, testOperatorSecret, testPublicUrl, testService } from './support/service.ts';

const run = promisify(execFile);

interface Served extends Service {
  readonly databaseUrl: string;
}

/** The service on a database, signing, and nothing of HTTP. */
async function serve(databaseUrl: string, dataDir: string): Promise<Served> {
  const service = await openService({
    databaseUrl,
    databaseOwnerUrl: databaseUrl,
    publicUrl: testPublicUrl,
    dataDir,
    masterKey: testMasterKey,
    operatorSecret: testOperatorSecret,
    scanRetentionDays: 180,
    publicRateLimit: 0,
    trustProxy: [],
    logger: pino({ level: 'silent' }),
  });
  service.deps.checkpoints.start();
  return {
    ...service,
    databaseUrl,
    async close() {
      await service.deps.checkpoints.stop();
      await service.close();
    },
  };
}

/** The same on the PostgreSQL inside a data folder; both are down when `work` has ended. */
async function inFolder<T>(dataDir: string, work: (served: Served) => Promise<T>): Promise<T> {
  const postgres = await startEmbedded({ dataDir, password: 'tests' });
  try {
    const served = await serve(postgres.url, dataDir);
    return await work(served).finally(served.close);
  } finally {
    await postgres.stop();
  }
}

/** Appends facts and waits until they are signed; answers with the size of the log. */
async function grow({ deps }: Pick<Served, 'deps'>, facts: number): Promise<number> {
  await deps.ledger.append(Array.from({ length: facts }, (_, i) => note(newParty(), String(i))));
  const size = await deps.ledger.size();
  if ((await deps.checkpoints.covering(size - 1, 30_000)) === null) throw new Error('nobody signs');
  return size;
}

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'suyuan-restore-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function auditOf({ databaseUrl }: Served, dataDir: string): Promise<Mismatch | null> {
  const owner = connect(databaseUrl, { max: 2 });
  const options = { url: databaseUrl, processes: 1, dataDir, logOnly: false };
  const { mismatch } = await auditEverything(owner, options).finally(owner.close);
  return mismatch;
}

t.test('a copy of the data folder, taken while the service is down', { timeout: 180_000 }, async (t) => {
  const dataDir = join(await folder(t), 'data');
  await makeDataFolder(dataDir);
  const kept = join(await folder(t), 'copy');
  const older = await inFolder(dataDir, (served) => grow(served, 20));
  await run('cp', ['-a', dataDir, kept]);
  const newer = await inFolder(dataDir, (served) => grow(served, 20));

  // What lies behind what was signed here is refused.
  await rename(join(dataDir, 'postgres'), join(dataDir, 'lost'));
  await run('cp', ['-a', join(kept, 'postgres'), dataDir]);
  await t.rejects(
    inFolder(dataDir, async () => {}),
    {
      name: 'StartupError',
      message: `The database holds ${older} entries, but a checkpoint over ${newer} was signed: it is an older state, or entries were taken away. Restore a backup that holds them all. (The checkpoint: ${join(dataDir, 'checkpoint')})`,
    },
  );

  // Somebody moves the checkpoint out of the way, goes on, and the ledger grows past it.
  const away = join(dataDir, 'away');
  await rename(join(dataDir, 'checkpoint'), away);
  t.ok((await inFolder(dataDir, (served) => grow(served, 60))) > newer);
  await copyFile(away, join(dataDir, 'checkpoint'));
  await t.rejects(
    inFolder(dataDir, async () => {}),
    {
      name: 'StartupError',
      message: `The first ${newer} entries of the database are not those that a checkpoint was signed over: it was restored to an older state and has grown since, or was altered. Restore a backup that holds them; suyuan audit names what differs. (The checkpoint: ${join(dataDir, 'checkpoint')})`,
    },
  );

  // The whole copy fits in itself: only what was kept elsewhere tells that it is old.
  const [size, mismatch] = await inFolder(kept, async (served) => [
    await served.deps.ledger.size(),
    await auditOf(served, kept),
  ]);
  t.strictSame([size, mismatch], [older, null]);
  await copyFile(away, join(kept, 'checkpoint'));
  await t.rejects(
    inFolder(kept, async () => {}),
    {
      name: 'StartupError',
      message: `The database holds ${older} entries, but a checkpoint over ${newer} was signed`,
    },
  );
});

/** Of the server, and of the pg_dump that is installed: it reads servers up to its own version. */
async function dumps(url: string): Promise<boolean> {
  const program = await run('pg_dump', ['--version']).catch(() => null);
  const server = await run('psql', [url, '-Atc', 'SHOW server_version_num']).catch(() => null);
  if (program === null || server === null) return false;
  const [, version = '0'] = /\) (\d+)/.exec(program.stdout) ?? [];
  return Number(server.stdout) < (Number(version) + 1) * 10_000;
}

t.test('a dump of a running service', { timeout: 180_000 }, async (t) => {
  const service = await testService(t);
  if (!(await dumps(service.databaseUrl))) {
    t.pass('there is no pg_dump here that reads this server');
    return;
  }
  const dump = join(await folder(t), 'suyuan.dump');
  let stopped = false;
  const load = (async () => {
    while (!stopped) await service.deps.ledger.append([note(newParty(), 'meanwhile')]);
  })();
  await grow(service, 300);
  await run('pg_dump', ['--format=custom', `--file=${dump}`, service.databaseUrl]);
  stopped = true;
  await load;
  const newer = await grow(service, 20);

  const restored = await emptyDatabase(t);
  await run('pg_restore', ['--exit-on-error', `--dbname=${restored}`, dump]);
  const elsewhere = await folder(t);
  const served = await serve(restored, elsewhere);
  const older = await served.deps.ledger.size();
  const mismatch = await auditOf(served, elsewhere);
  await served.close();
  t.ok(older >= 300 && older < newer);
  t.equal(mismatch, null);
  await t.rejects(serve(restored, service.dataDir), {
    name: 'StartupError',
    message: `The database holds ${older} entries`,
  });
});
