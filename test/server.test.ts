/** The process as a whole: starts, serves, refuses a second one, stops, starts again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { connect } from '../src/database/connection.ts';
import { outputOf } from './support/output.ts';
import { testDatabase } from './support/postgres.ts';
import { until } from './support/until.ts';

const server = fileURLToPath(import.meta.resolve('../src/server.js'));

interface Run {
  readonly child: ChildProcess;
  readonly origin: string;
  /** Exit code once both outputs have ended. */
  readonly ended: Promise<number | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Runs the service until it listens or exits. */
async function run(t: Test, env: Record<string, string>): Promise<Run> {
  const child = spawn(process.execPath, [server], {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', PUBLIC_URL: 'http://id.example.cn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
  });
  const said = outputOf(child);
  const ended = once(child, 'close').then(([code]) => code);
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', () => {
      if (said.stdout().includes('listens at')) resolve();
    });
  });
  await Promise.race([listening, ended]);
  const origin = /listens at (\S+)/.exec(said.stdout())?.[1] ?? '';
  return { child, origin, ended, ...said };
}

/** The process that holds the data folder, once one does. */
async function holderOf(folder: string): Promise<number> {
  let pid = 0;
  await until(async () => {
    const names = await readdir(folder).catch(() => []);
    const claim = names.find((name) => /^suyuan\.lock\.[0-9a-f]+$/.test(name));
    if (claim !== undefined) ({ pid } = JSON.parse(await readFile(join(folder, claim), 'utf8')));
    return pid !== 0;
  });
  return pid;
}

t.test('the life of a process', { timeout: 400_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-server-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));

  const first = await run(t, { DATA_DIR: dataDir });
  t.match(
    first.stdout(),
    /^Suyuan listens at http:\/\/127\.0\.0\.1:\d+ and is known as http:\/\/id\.example\.cn; try \/docs\./,
  );
  t.match(first.stdout(), join(dataDir, 'operator-secret'));
  const secret = (await readFile(join(dataDir, 'operator-secret'), 'utf8')).trim();
  t.notMatch(first.stdout() + first.stderr(), secret, 'secrets are not printed');
  t.equal((await fetch(`${first.origin}/readyz`)).status, 200);

  const second = await run(t, { DATA_DIR: dataDir });
  t.equal(await second.ended, 1);
  t.equal(
    second.stderr(),
    `The data folder ${dataDir} is in use by process ${first.child.pid}. Stop that process (kill ${first.child.pid}), or give this one another DATA_DIR.\n`,
  );
  t.equal((await fetch(`${first.origin}/healthz`)).status, 200, 'the first goes on');

  const other = join(dataDir, 'other');
  const starting = run(t, { DATA_DIR: other, PORT: new URL(first.origin).port });
  process.kill(await holderOf(other), 'SIGTERM'); // somebody loses patience with a start that is going to fail
  const third = await starting;
  t.equal(await third.ended, 1);
  t.equal(
    third.stderr(),
    `Something else listens on port ${new URL(first.origin).port} of 127.0.0.1 already. Stop it, or set PORT to another one.\n`,
  );
  t.match(await readFile(join(other, 'postgres.log'), 'utf8'), /database system is shut down\n$/);
  await rm(other, { recursive: true });

  first.child.kill('SIGINT');
  first.child.kill('SIGTERM'); // as npm passes on what the terminal has sent to all
  t.equal(await first.ended, 0, 'a clean exit');
  t.match(await readFile(join(dataDir, 'postgres.log'), 'utf8'), /database system is shut down\n$/);
  t.strictSame((await readdir(dataDir)).sort(), [
    'checkpoint',
    'master-key',
    'operator-secret',
    'postgres',
    'postgres-password',
    'postgres.log',
  ]);

  const fourth = await run(t, { DATA_DIR: dataDir });
  fourth.child.kill('SIGKILL');
  await fourth.ended;
  const fifth = await run(t, { DATA_DIR: dataDir });
  t.equal(
    (await fetch(`${fifth.origin}/readyz`)).status,
    200,
    'a folder left by a killed process starts again',
  );
  fifth.child.kill('SIGINT');
  t.equal(await fifth.ended, 0);
  t.equal((await readFile(join(dataDir, 'operator-secret'), 'utf8')).trim(), secret);
});

t.test('what a killed process held is free for the next', { timeout: 120_000 }, async (t) => {
  const { url } = await testDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-server-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    DATA_DIR: dataDir,
    DATABASE_URL: url,
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64url'),
    OPERATOR_SECRET: 'operator-secret-of-the-tests-0123456789',
  };
  const { sql, close } = connect(url, { max: 1, applicationName: 'test' });
  t.teardown(close);
  const first = await run(t, env);
  await sql`
    INSERT INTO webhooks (id, party, url, created_at, cursor, latest, lease_until, failures, attempts)
    VALUES ('W1', 'P', 'https://a.example', 1, 0, 0, ${Number.MAX_SAFE_INTEGER}, 0, '[]')`;
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await run(t, env);
  t.match(second.stdout(), /listens at/, second.stderr());
  t.match(await sql`SELECT lease_until AS lease FROM webhooks`, [{ lease: 0 }]);
  second.child.kill('SIGTERM');
  t.equal(await second.ended, 0);
});

t.test('a start that cannot be is told in a sentence', async (t) => {
  const wrong = await run(t, { PORT: 'x' });
  t.equal(await wrong.ended, 1);
  t.match(wrong.stderr(), /^A setting does not fit\. PORT: TCP port to listen on; 0 takes a free one\.\n$/);
  const nowhere = await run(t, { DATA_DIR: '/dev/null/data', LC_ALL: 'zh_CN.UTF-8' });
  t.equal(await nowhere.ended, 1);
  t.match(nowhere.stderr(), /^无法读写 \/dev\/null（\w+）。请让运行服务的用户能读写它，.+\n$/);
  const away = await run(t, {
    DATABASE_URL: 'postgres://someone:hidden@127.0.0.1:1/none',
    MASTER_KEY: Buffer.alloc(32).toString('base64url'),
    OPERATOR_SECRET: 'x'.repeat(32),
  });
  t.equal(await away.ended, 1);
  t.match(
    away.stderr(),
    /^The database at 127\.0\.0\.1:1 cannot be used .* Check DATABASE_URL, and that PostgreSQL runs there\.\n$/,
  );
  t.notMatch(away.stderr(), /hidden/);
  const { url } = await testDatabase(t);
  const none = new URL(url);
  none.pathname = '/there_is_none';
  const refused = await run(t, {
    DATABASE_URL: none.href,
    MASTER_KEY: Buffer.alloc(32).toString('base64url'),
    OPERATOR_SECRET: 'x'.repeat(32),
  });
  t.equal(await refused.ended, 1);
  t.match(
    refused.stderr(),
    /^PostgreSQL at \S+ refuses \(database "there_is_none" does not exist\)\. Check user, .+\n$/,
  );
});
