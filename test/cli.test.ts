/** The command `suyuan` as a transcript: what is typed, what is printed, and the exit code. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openKeystore } from '../src/features/keys/keystore.ts';
import { register } from './support/actors.ts';
import { suyuan } from './support/commands.ts';
import { emptyDatabase } from './support/postgres.ts';
import { testMasterKey, testService } from './support/service.ts';

t.test('commands on a ledger', { timeout: 220_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-cli-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const service = await testService(t);
  const { owner, databaseUrl } = service;
  await register(service, '江南消防器材有限公司', ['manufacturer']);
  const settings = {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: testMasterKey.toString('base64url'),
    DATA_DIR: dataDir,
  };
  const run = (command: string) => suyuan(command.split(' ').filter(Boolean), settings);
  const entries = await service.deps.ledger.size();

  const audited = await run('audit --json');
  const { root } = JSON.parse(audited.stdout);
  t.match(root, /^[\w-]{43}$/);
  t.strictSame(audited, {
    code: 0,
    stdout: `{"since":0,"entries":${entries},"root":"${root}","unverified":0,"unfollowed":0,"mismatch":null}\n`,
    stderr: '',
  });
  t.strictSame(await run('audit'), {
    code: 0,
    stdout: `${entries} entries fit. Root of the log: ${root}\n`,
    stderr: '',
  });

  const since = await run('audit --since 3');
  t.strictSame(
    [since.code, since.stdout.split('\n')[0]],
    [0, `${entries} entries fit. Root of the log: ${root}`],
  );
  t.match(since.stdout, /Entries before those were not read/);
  t.match(JSON.parse((await run('audit --since 3 --json')).stdout), { since: 3, mismatch: null });
  t.strictSame(await run('audit --since -1'), {
    code: 2,
    stdout: '',
    stderr: '--since takes the number of an entry, such as 120000.\n',
  });

  const rebuilt = await run('rebuild');
  t.strictSame([rebuilt.code, rebuilt.stderr], [0, '']);
  t.match(rebuilt.stdout, /^parties +2 rows$/m);
  t.match(rebuilt.stdout, new RegExp(`\\nAll projections of ${entries} entries are identical\\.\\n$`));

  t.test('an altered row is named', async (t) => {
    // The owner of the tables can do what the service cannot: past the triggers, too.
    const alter = (table: 'facts' | 'parties', from: string, to: string) =>
      owner.sql.begin(async (sql) => {
        await sql`set local session_replication_role = replica`;
        if (table === 'facts') await sql`update facts set payload = replace(payload, ${from}, ${to})`;
        else await sql`update parties set body = replace(body::text, ${from}, ${to})::jsonb`;
      });
    await alter('facts', '江南消防', '江北消防');
    const last = entries - 1;
    t.strictSame(await run('audit'), {
      code: 1,
      stdout: `Does not fit: table facts, entry ${last}: payload, salt or private hash of fact ${last} does not give the digest of entry ${last}, or that digest was changed.\n`,
      stderr: '',
    });
    const json = await run('audit --json --log-only');
    t.equal(json.code, 1);
    t.match(JSON.parse(json.stdout), { mismatch: { table: 'facts', seq: last } });
    await alter('facts', '江北消防', '江南消防');

    await alter('parties', '江南消防', '江北消防');
    t.strictSame((await run('audit --log-only')).code, 0, 'the log itself fits');
    t.match(await run('audit'), {
      code: 1,
      stdout: /^Does not fit: table parties: the row .+江北.+ should be .+江南/,
    });
    t.match(await run('rebuild'), { code: 1, stdout: /\nNot identical: table parties: .+\.\n$/ });
    await alter('parties', '江北消防', '江南消防');
    t.equal((await run('audit')).code, 0);
  });

  t.test('a new master key', async (t) => {
    const [{ count }] = await owner.sql<[{ count: number }]>`select count(*) from private_keys`;
    const file = join(dataDir, 'master-key.new');
    const served = 'A service runs on this database: start it again, or it can use no key anew.\n';
    const told = `${served}Set MASTER_KEY to the content of ${file} and start the service.\n`;
    t.strictSame(await run('keys rewrap'), {
      code: 0,
      stdout: `${count} keys wrapped anew.\n${told}`,
      stderr: '',
    });
    const next = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url');
    await t.resolves(openKeystore(owner, next), 'the new key opens them');
    await t.rejects(openKeystore(owner, testMasterKey), { name: 'StartupError' });
    t.strictSame(
      await run('keys rewrap'),
      { code: 0, stdout: `0 keys wrapped anew.\n${told}`, stderr: '' },
      'a run after one that was cut off finds the work done',
    );
  });
});

t.test('what cannot be run is told in a sentence', async (t) => {
  t.strictSame(await suyuan(['undo']), {
    code: 1,
    stdout: '',
    stderr: "error: unknown command 'undo'\n",
  });
  t.strictSame(await suyuan(['audit'], { DATA_DIR: '/nowhere/at-all' }), {
    code: 2,
    stdout: '',
    stderr: 'There is no ledger in /nowhere/at-all; set DATA_DIR to the folder of the service.\n',
  });
  const empty = await suyuan(['audit'], {
    DATABASE_URL: await emptyDatabase(t),
    MASTER_KEY: testMasterKey.toString('base64url'),
    OPERATOR_SECRET: 'x'.repeat(32),
  });
  t.strictSame(empty, {
    code: 2,
    stdout: '',
    stderr: 'There is no ledger in this database: start the service on it first.\n',
  });
  const without = await suyuan(['audit'], { DATABASE_URL: 'postgres://someone@127.0.0.1:1/none' });
  t.match(without, { code: 2, stdout: '', stderr: /^DATABASE_URL is set without MASTER_KEY\. .+\n$/ });
  const away = await suyuan(['audit'], {
    DATABASE_URL: 'postgres://someone:hidden@127.0.0.1:1/none',
    MASTER_KEY: testMasterKey.toString('base64url'),
    OPERATOR_SECRET: 'x'.repeat(32),
  });
  t.strictSame([away.code, away.stdout], [2, '']);
  t.match(away.stderr, /^The database cannot be reached .+\n$/);
  t.notMatch(away.stderr, /hidden/);
});
