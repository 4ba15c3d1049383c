import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connection.ts';
import { type EmbeddedPostgres, startEmbedded } from '../../src/database/embedded.ts';
import { lockFolder } from '../../src/database/folder-lock.ts';
import { processIdentity } from '../../src/database/running-process.ts';
import { StartupError } from '../../src/errors.ts';

const password = "p'w /#?%";
const settings = { shared_buffers: '16MB' };

/** A folder that everybody may pass, gone after the test. */
async function dataFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-embedded-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(t: Test, dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ dataDir, password, settings });
  t.teardown(() => server.stop());
  return server;
}

async function query(url: string, work: (sql: ReturnType<typeof connect>['sql']) => Promise<unknown>) {
  const db = connect(url, { max: 1 });
  try {
    return await work(db.sql);
  } finally {
    await db.close();
  }
}

const gone = async (pid: number): Promise<void> => {
  while ((await processIdentity(pid)) !== null) await new Promise((resolve) => setTimeout(resolve, 10));
};

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof StartupError ? error.message : `not refused: ${error}`;
};

/** Starts PostgreSQL in another node process, as a service would, and answers its pids. */
async function startElsewhere(t: Test, dataDir: string) {
  const embedded = import.meta.resolve('../../src/database/embedded.js');
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(embedded)});
    const server = await startEmbedded(JSON.parse(process.argv[1]));
    console.log(JSON.stringify({ url: server.url, pid: server.pid() }));
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify({ dataDir, password, settings })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('.', import.meta.resolve('#root/package.json'))),
    },
  );
  t.teardown(async () => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const { url, pid }: { url: string; pid: number } = JSON.parse(String(line));
  return {
    url,
    postgres: pid,
    node: child.pid ?? 0,
    killNode: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

t.test('makes a cluster, keeps it, stops it cleanly', async (t) => {
  const dataDir = await dataFolder(t);
  const first = await start(t, dataDir);
  await query(first.url, async (sql) => {
    const [row] = await sql`
      select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync,
             current_setting('synchronous_commit') as durable, current_setting('full_page_writes') as pages,
             current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
             current_setting('server_encoding') as encoding, current_setting('jit') as jit,
             current_setting('password_encryption') as passwords, current_setting('shared_buffers') as buffers`;
    t.strictSame(
      { ...row },
      {
        checksums: 'on',
        fsync: 'on',
        durable: 'on',
        pages: 'on',
        listens: '127.0.0.1',
        sockets: '',
        encoding: 'UTF8',
        jit: 'off',
        passwords: 'scram-sha-256',
        buffers: '16MB',
      },
    );
    await sql`create table kept as select 42 as n`;
  });
  const wrong = new URL(first.url);
  wrong.password = 'wrong';
  await t.rejects(
    query(wrong.href, (sql) => sql`select 1`),
    { code: '28P01' },
    'the password counts',
  );
  const pid = first.pid();
  await Promise.all([first.stop(), first.stop()]);
  t.equal(await processIdentity(pid), null);
  t.match(await readFile(join(dataDir, 'postgres.log'), 'utf8'), /database system is shut down/);
  t.equal((await stat(join(dataDir, 'postgres.log'))).mode & 0o777, 0o600);

  const second = await start(t, dataDir);
  t.strictSame(await query(second.url, async (sql) => [...(await sql`select n from kept`)]), [{ n: 42 }]);
  await second.stop();
  t.match(
    await refusal(startEmbedded({ dataDir, password: 'another', settings })),
    /postgres-password/,
    'a lost password is told as such',
  );
  const third = await start(t, dataDir);
  t.ok(third.port > 0, 'and the refused start has given the folder free');
});

t.test('a second instance is refused and told whom to stop', async (t) => {
  const dataDir = await dataFolder(t);
  const server = await start(t, dataDir);
  const sentence = await refusal(startEmbedded({ dataDir, password, settings }));
  t.equal(
    sentence,
    `The data folder ${dataDir} is in use by process ${process.pid}. Stop that process (kill ${process.pid}), or give this one another DATA_DIR.`,
  );
  t.strictSame(
    await query(server.url, async (sql) => [...(await sql`select 1 as one`)]),
    [{ one: 1 }],
    'the first goes on',
  );
});

t.test('node killed: the orphan is shut down and the folder starts again', async (t) => {
  const dataDir = await dataFolder(t);
  const before = await startElsewhere(t, dataDir);
  await query(before.url, (sql) => sql`create table kept as select 1 as n`);
  t.match(
    await refusal(startEmbedded({ dataDir, password, settings })),
    new RegExp(`process ${before.node}\\.`),
  );
  await before.killNode();
  t.not(await processIdentity(before.postgres), null, 'PostgreSQL outlives it');
  const after = await start(t, dataDir);
  t.equal(await processIdentity(before.postgres), null, 'the orphan is gone');
  t.strictSame(await query(after.url, async (sql) => [...(await sql`select n from kept`)]), [{ n: 1 }]);
  t.match(await readFile(join(dataDir, 'postgres.log'), 'utf8'), /database system is shut down/, 'cleanly');
});

t.test('node and PostgreSQL killed: what was committed is there', async (t) => {
  const dataDir = await dataFolder(t);
  const before = await startElsewhere(t, dataDir);
  await query(before.url, (sql) => sql`create table kept as select 2 as n`);
  await before.killNode();
  process.kill(before.postgres, 'SIGKILL');
  await gone(before.postgres);
  const after = await start(t, dataDir);
  t.strictSame(await query(after.url, async (sql) => [...(await sql`select n from kept`)]), [{ n: 2 }]);
});

t.test('PostgreSQL killed alone: it is started again at the same address', async (t) => {
  const dataDir = await dataFolder(t);
  const told: string[] = [];
  let tell = (): void => {};
  const back = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = await startEmbedded({
    dataDir,
    password,
    settings,
    onTrouble: (sentence) => {
      told.push(sentence);
      if (sentence.endsWith('up again.')) tell();
    },
  });
  t.teardown(() => server.stop());
  const db = connect(server.url, { max: 1 });
  t.teardown(() => db.close());
  await db.sql`create table kept as select 3 as n`;
  const pid = server.pid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  let rows: unknown = null;
  while (rows === null) rows = await db.sql`select n from kept`.then((found) => [...found]).catch(() => null);
  t.strictSame(rows, [{ n: 3 }], 'the same pool finds it');
  t.not(server.pid(), pid);
  await back;
  await db.close();
  await server.stop();
  t.equal(await processIdentity(server.pid()), null);
  t.equal(told.length, 2);
});

t.test('an initdb that was interrupted begins anew', async (t) => {
  const dataDir = await dataFolder(t);
  await mkdir(join(dataDir, 'postgres.new', 'cluster'), { recursive: true });
  await writeFile(join(dataDir, 'postgres.new', 'cluster', 'PG_VERSION'), '1');
  const server = await start(t, dataDir);
  t.strictSame(await query(server.url, async (sql) => [...(await sql`select 1 as one`)]), [{ one: 1 }]);
  await t.rejects(stat(join(dataDir, 'postgres.new')));
});

t.test('a cluster that does not start is told with what PostgreSQL says', async (t) => {
  const dataDir = await dataFolder(t);
  await (await start(t, dataDir)).stop();
  await rename(join(dataDir, 'postgres', 'global', 'pg_control'), join(dataDir, 'away'));
  const sentence = await refusal(startEmbedded({ dataDir, password, settings }));
  t.match(sentence, /^PostgreSQL did not start\. It said: .*pg_control.* The whole is in .*postgres\.log\.$/);
});

t.test('a pid that now belongs to a stranger does not keep PostgreSQL from starting', async (t) => {
  const dataDir = await dataFolder(t);
  await (await start(t, dataDir)).stop();
  // PostgreSQL passes over strangers of other users by itself; this one is of the same user.
  const { uid, gid } = await stat(join(dataDir, 'postgres'));
  const stranger = spawn('sleep', ['600'], { uid, gid, cwd: '/' });
  t.teardown(async () => void stranger.kill());
  await once(stranger, 'spawn');
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
  await writeFile(pidFile, `${stranger.pid}\n${join(dataDir, 'postgres')}\n`);
  await chown(pidFile, uid, gid);
  const server = await start(t, dataDir);
  t.ok(server.port > 0);
  t.strictSame([stranger.exitCode, stranger.signalCode], [null, null], 'and the stranger is left alone');
});

t.test(
  'root in a folder that nobody else may pass',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const folder = await dataFolder(t);
    const dataDir = join(folder, 'data');
    // mkdtemp made the folder with mode 0700, as /root has.
    t.equal((await stat(folder)).mode & 0o777, 0o700);
    const server = await start(t, dataDir);
    t.strictSame(await query(server.url, async (sql) => [...(await sql`select 1 as one`)]), [{ one: 1 }]);
  },
);

t.test('the lock of a folder', async (t) => {
  const dataDir = await dataFolder(t);
  const claims = async () => (await readdir(dataDir)).filter((name) => name.startsWith('suyuan.lock'));
  const contend = async () => {
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(dataDir)));
    return taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  };
  t.test('only one of many takes it', async (t) => {
    const locks = await contend();
    t.equal(locks.length, 1);
    t.equal((await claims()).length, 1);
    await locks[0]?.release();
    t.strictSame(await claims(), []);
  });
  t.test('claims of what no longer runs mean nothing', async (t) => {
    const stale = [
      JSON.stringify({ pid: 2 ** 22 + 1, started: 'then', held: true }),
      JSON.stringify({ pid: process.ppid, started: 'another start', held: true }),
      '{"pid":',
      '',
      '{"pid":-1,"started":"","held":true}',
    ];
    await Promise.all(stale.map((text, i) => writeFile(join(dataDir, `suyuan.lock.${i}`), text)));
    const locks = await contend();
    t.equal(locks.length, 1);
    t.equal((await claims()).length, 1, 'and are cleared away');
    await locks[0]?.release();
  });
  t.test('a folder behind a symbolic link is the same folder', async (t) => {
    const lock = await lockFolder(dataDir);
    const linked = `${dataDir}-link`;
    await symlink(dataDir, linked);
    t.teardown(() => rm(linked));
    t.match(await refusal(lockFolder(linked)), /is in use by process/);
    await lock.release();
  });
});
