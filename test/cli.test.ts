/** The command `suyuan` as a transcript: what is typed, what is printed in either language, and the exit code. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import t from 'tap';
import { askedLanguage, programIn } from '../src/cli/program.ts';
import { openKeystore } from '../src/features/keys/keystore.ts';
import { register } from './support/actors.ts';
import { suyuan } from './support/commands.ts';
import { emptyDatabase } from './support/postgres.ts';
import { testMasterKey, testService } from './support/service.ts';

t.test('commands on a ledger', { timeout: 400_000 }, async (t) => {
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

  const lastAudit = join(dataDir, 'last-audit.json');
  t.strictSame(await run('audit --since last'), {
    code: 2,
    stdout: '',
    stderr: `There is no audit to go on from in ${lastAudit}: run suyuan audit once without --since.\n`,
  });
  const audited = await run('audit --json');
  const { root } = JSON.parse(audited.stdout);
  t.match(root, /^[\w-]{43}$/);
  t.strictSame(audited, {
    code: 0,
    stdout: `{"since":0,"size":${entries},"entries":${entries},"root":"${root}","unverified":0,"unfollowed":0,"mismatch":null}\n`,
    stderr: '',
  });
  t.strictSame(await run('audit'), {
    code: 0,
    stdout: `${entries} entries fit. Root of the log: ${root}\n`,
    stderr: '',
  });

  const since = await run('audit --since 3');
  t.strictSame(
    [since.code, since.stdout],
    [0, `Entries 0 to ${entries - 1} fit. Root of the log: ${root}\nProjections were not checked.\n`],
    'what was read, which is all of a log within one tile',
  );
  t.equal(
    (await run('audit --since 999999')).stdout,
    since.stdout,
    'also when less was asked for than there is',
  );
  t.equal(await readFile(lastAudit, 'utf8'), `{"size":${entries},"root":"${root}"}\n`);
  await register(service, '江南经销商', ['distributor']);
  const more = await service.deps.ledger.size();
  const goneOn = JSON.parse((await run('audit --since last --json')).stdout);
  t.match(goneOn, { since: entries, size: more, mismatch: null });
  t.equal(await readFile(lastAudit, 'utf8'), `{"size":${more},"root":"${goneOn.root}"}\n`);
  const elsewhere = join(dataDir, 'elsewhere');
  await mkdir(join(elsewhere, 'last-audit.json'), { recursive: true });
  t.match(
    await suyuan(['audit', '--log-only'], { ...settings, DATA_DIR: elsewhere }),
    {
      code: 0,
      stdout: `${more} entries fit.`,
      stderr: /^This audit could not be kept, so none can go on from it: /,
    },
    'whoever may only read audits all the same',
  );
  t.strictSame(
    await suyuan(['audit', '--since', 'last'], { ...settings, DATA_DIR: elsewhere }),
    {
      code: 2,
      stdout: '',
      stderr: `${join(elsewhere, 'last-audit.json')} cannot be read: look at its mode and owner, or run suyuan audit without --since.\n`,
    },
    'what may not be read is told by name',
  );
  t.strictSame(
    await run(`export-log ${lastAudit}`),
    {
      code: 2,
      stdout: '',
      stderr: `${join(lastAudit, 'checkpoint')} cannot be read or written (ENOTDIR).\n`,
    },
    'a file where a folder should be',
  );
  await writeFile(lastAudit, `{"size":${entries},"root":"${goneOn.root}"}\n`);
  t.strictSame(await run('audit --since last'), {
    code: 1,
    stdout: `Does not fit: table entries: the first ${entries} are not those of the last audit: their root is ${root}.\n`,
    stderr: '',
  });
  await writeFile(lastAudit, `{"size":${more + 1},"root":"${root}"}\n`);
  t.match(await run('audit --since last'), {
    code: 1,
    stdout: `the last audit covered ${more + 1}, but the log has ${more}: entries were taken away`,
  });
  t.match(await run('audit --since 3 --lang zh-CN'), {
    code: 0,
    stdout: `条目 0 至 ${more - 1} 全部相符。账本的根：${goneOn.root}\n状态表没有核对。\n`,
  });
  t.match(JSON.parse((await run('audit --since 3 --json')).stdout), { since: 3, mismatch: null });
  t.strictSame(await run('audit --since -1'), {
    code: 2,
    stdout: '',
    stderr: '--since takes the number of an entry, such as 120000, or last.\n',
  });

  const rebuilt = await run('rebuild');
  t.strictSame([rebuilt.code, rebuilt.stderr], [0, '']);
  t.match(rebuilt.stdout, /^parties +3 rows$/m);
  t.match(rebuilt.stdout, new RegExp(`\\nAll projections of ${more} entries are identical\\.\\n$`));

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
    const wrong = `payload, salt or private hash of fact ${last} does not give the digest of entry ${last}, or that digest was changed`;
    const json = await run('audit --json --log-only --lang zh-CN');
    t.equal(json.code, 1);
    t.strictSame(
      JSON.parse(json.stdout).mismatch,
      { table: 'facts', seq: last, what: wrong },
      'the same for programs in any language',
    );
    t.strictSame(await run('audit --log-only --lang zh-CN'), {
      code: 1,
      stdout: `不相符：表 facts，条目 ${last}：内容 ${last} 的 payload、salt 或个人信息的哈希得不出条目 ${last} 的 digest，或该 digest 被改动过。\n`,
      stderr: '',
    });
    await alter('facts', '江北消防', '江南消防');

    await alter('parties', '江南消防', '江北消防');
    t.strictSame((await run('audit --log-only')).code, 0, 'the log itself fits');
    t.match(await run('audit'), {
      code: 1,
      stdout: /^Does not fit: table parties: the row .+江北.+ should be .+江南/,
    });
    const chinese = await run('--lang=zh-CN rebuild');
    t.equal(chinese.code, 1);
    t.match(chinese.stdout, /^parties +3 行$/m);
    t.match(chinese.stdout, /\n不一致：表 parties：.+江北.+ 应为 .+江南.+。\n$/);
    await alter('parties', '江北消防', '江南消防');
    t.equal((await run('audit')).code, 0);
  });

  t.test('a new master key', async (t) => {
    const [{ count }] = await owner.sql<[{ count: number }]>`select count(*) from private_keys`;
    const file = join(dataDir, 'master-key.new');
    t.strictSame(
      await run('keys rewrap'),
      {
        code: 2,
        stdout: '',
        stderr:
          'A service runs on this database and could open no key any more: stop it first, or say --force and start it again at once.\n',
      },
      'not beside a running service',
    );
    t.notOk(existsSync(file), 'nor is a key made');
    await t.resolves(openKeystore(owner, testMasterKey), 'the old key still opens them');
    t.strictSame(await run('keys rewrap --force'), {
      code: 0,
      stdout: `${count} keys wrapped anew.\nSet MASTER_KEY to the content of ${file} and start the service.\n`,
      stderr: '',
    });
    const next = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url');
    await t.resolves(openKeystore(owner, next), 'the new key opens them');
    await t.rejects(openKeystore(owner, testMasterKey), { name: 'StartupError' });
    t.strictSame(
      await run('keys rewrap --force --lang zh-CN'),
      {
        code: 0,
        stdout: `已重新加密 0 个密钥。\n请将 MASTER_KEY 设为 ${file} 的内容，再启动服务。\n`,
        stderr: '',
      },
      'a run after one that was cut off finds the work done',
    );
    const set = { ...settings, MASTER_KEY: next.toString('base64url') };
    t.equal((await suyuan(['keys', 'rewrap', '--force'], set)).code, 0);
    await t.rejects(openKeystore(owner, next), { name: 'StartupError' }, 'each time it is another key');
    const third = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url');
    await t.resolves(openKeystore(owner, third));
  });
});

t.test('what cannot be run is told in a sentence', async (t) => {
  const refused: [args: string, stderr: string][] = [
    ['undo', "error: unknown command 'undo'\n"],
    ['audit --sinse 3', "error: unknown option '--sinse'\n(Did you mean --since?)\n"],
    ['export-log', "error: missing required argument 'dir'\n"],
    [
      'verify-evidence a b',
      "error: too many arguments for 'verify-evidence'. Expected 1 argument but got 2.\n",
    ],
    ['verify-evidence /nowhere/at-all.json', 'unreadable  /nowhere/at-all.json cannot be read.\n'],
    ['verify-evidence package.json --lang fr', "error: option '--lang <lang>' argument 'fr' is invalid."],
  ];
  for (const [args, stderr] of refused) {
    const told = await suyuan(args.split(' '));
    t.match(told, { code: 2, stdout: '', stderr }, args);
  }
  t.match(await suyuan([]), { code: 2, stdout: '', stderr: /^Usage: suyuan/ }, 'no command at all');
  t.match(await suyuan(['audit', '--help']), { code: 0, stdout: /^Usage: suyuan audit/, stderr: '' });
  t.match(
    await suyuan(['verify-evidence', fileURLToPath(import.meta.resolve('#root/package.json'))]),
    { code: 1, stdout: '', stderr: /^The evidence does not hold\.\n/ },
    'what was looked at and does not hold',
  );
  t.strictSame(await suyuan(['audit'], { DATA_DIR: '/nowhere/at-all' }), {
    code: 2,
    stdout: '',
    stderr: 'There is no ledger in /nowhere/at-all; set DATA_DIR to the folder of the service.\n',
  });
  const empty = await suyuan(['audit'], {
    DATABASE_URL: await emptyDatabase(t),
    MASTER_KEY: testMasterKey.toString('base64url'),
    OPERATOR_SECRET: 'x'.repeat(32),
    LANG: 'zh_CN.UTF-8',
  });
  t.strictSame(empty, {
    code: 2,
    stdout: '',
    stderr: '此数据库中没有账本：请先用它启动一次服务。\n',
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

t.test('a Node.js that is too old is told of, and no other', async (t) => {
  const under = (version: string) =>
    suyuan(['--help'], {
      NODE_OPTIONS: `--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
    });
  for (const old of ['18.20.8', '20.9.0']) {
    const { code, stdout, stderr } = await under(old);
    t.strictSame([code, stdout], [2, '']);
    t.match(
      stderr,
      /^需要 Node\.js [\d.]+ 或更新的版本，当前为 .+\nNode\.js [\d.]+ or newer is needed, and this is .+\n$/,
    );
  }
  for (const good of ['20.12.0', '24.1.0']) t.equal((await under(good)).code, 0);
});

t.test('every command tells in either language what it takes and does', async (t) => {
  const described = (command: Command): string[] => [
    ...[command, ...command.options, ...command.registeredArguments].map((it) =>
      typeof it.description === 'function' ? it.description() : it.description,
    ),
    ...command.commands.flatMap(described),
  ];
  const [chinese, english] = [described(programIn('zh-CN')), described(programIn('en'))];
  t.equal(chinese.length, english.length);
  t.strictSame(
    chinese.filter((text) => !/\p{Script=Han}/u.test(text)),
    [],
  );
  t.strictSame(
    english.filter((text) => !/^[a-z][^\p{Script=Han}]+$/iu.test(text)),
    [],
  );
  const [audit] = programIn('zh-CN').commands;
  t.match(
    audit?.helpInformation(),
    /^用法： suyuan audit \[选项\]\n[\s\S]+\n选项：\n[\s\S]+显示帮助\n\n通用选项：\n/,
  );
});

t.test('what cannot be understood is told in Chinese, too', async (t) => {
  const told = async (args: string): Promise<string> => {
    let text = '';
    const program = programIn('zh-CN');
    for (const it of [program, ...program.commands])
      it.exitOverride().configureOutput({ writeErr: (said) => (text += said) });
    await t.rejects(program.parseAsync(args.split(' '), { from: 'user' }));
    return text;
  };
  t.equal(await told('udit'), '没有命令 udit。\n是否想用 audit？\n');
  t.equal(await told('audit --jsn'), '没有选项 --jsn。\n是否想用 --json？\n');
  t.equal(await told('export-log'), '缺少参数 dir。\n');
  t.equal(await told('export-log a b'), '参数应为 1 个，现有 2 个。\n');
  t.equal(await told('audit --since'), '选项 --since <seq> 后缺少值。\n');
  t.equal(await told('audit --lang fr'), '选项 --lang <lang> 的值不能是 fr，可选：zh-CN, en。\n');
  t.strictSame(
    [
      'audit --json --lang zh-CN',
      '--lang=en audit',
      'audit --lang',
      'audit --lang fr',
      'verify-evidence x',
    ].map((args) => askedLanguage(args.split(' '))),
    ['zh-CN', 'en', null, null, null],
  );
});
