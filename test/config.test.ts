import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { languageOf, loadConfig, settings } from '../src/config.ts';
import { StartupError } from '../src/errors.ts';
import { loadSecrets, randomSecret, secretFile } from '../src/secrets.ts';

const key = Buffer.alloc(32, 1).toString('base64url');
const witness = 'witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea https://w.example';

t.test('what holds without any setting', async (t) => {
  const config = loadConfig({});
  t.strictSame(config, {
    port: 8080,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:8080',
    databaseUrl: null,
    databaseOwnerUrl: null,
    dataDir: resolve('./data'),
    operatorSecret: null,
    masterKey: null,
    logLevel: 'info',
    scanRetentionDays: 180,
    publicRateLimit: 600,
    trustProxy: [],
    witnesses: [],
    witnessQuorum: 0,
    witnessedLogs: [],
    webhookNetworks: [],
  });
  t.ok(Object.isFrozen(config));
});

t.test('what is set', async (t) => {
  const config = loadConfig({
    PORT: ' 9000 ',
    HOST: '0.0.0.0',
    PUBLIC_URL: 'https://ID.Example.cn/',
    DATABASE_URL: 'postgres://app@db/suyuan',
    MASTER_KEY: key,
    OPERATOR_SECRET: 's'.repeat(32),
    LOG_LEVEL: 'warn',
    SCAN_RETENTION_DAYS: '30',
    PUBLIC_RATE_LIMIT: '0',
    TRUST_PROXY: '10.0.0.0/8, ::1',
    WEBHOOK_NETWORKS: '10.1.0.0/16, fd00::/8',
    DATA_DIR: '',
    PATH: '/bin',
  });
  t.match(config, {
    port: 9000,
    publicUrl: 'https://id.example.cn',
    databaseOwnerUrl: 'postgres://app@db/suyuan',
    dataDir: resolve('./data'),
    scanRetentionDays: 30,
    publicRateLimit: 0,
    trustProxy: ['10.0.0.0/8', '::1'],
    webhookNetworks: [
      { address: '10.1.0.0', prefix: 16 },
      { address: 'fd00::', prefix: 8 },
    ],
  });
});

t.test('what is refused names the variable and never its value', async (t) => {
  const table: [env: NodeJS.ProcessEnv, sentence: RegExp][] = [
    [{ PORT: 'many' }, /PORT: TCP port/],
    [{ PORT: '70000' }, /PORT: TCP port/],
    [{ WITNESSES: 'https://w.example' }, /WITNESSES: Witnesses that/],
    [{ WITNESSES: `${witness}, ${witness}` }, /WITNESSES: Witnesses that/],
    [{ WITNESSES: witness, WITNESS_QUORUM: '2' }, /WITNESS_QUORUM: How many/],
    [{ WITNESSED_LOGS: 'example.org/log' }, /WITNESSED_LOGS: Keys of other logs/],
    [{ WEBHOOK_NETWORKS: '10.0.0.0' }, /WEBHOOK_NETWORKS: Networks in house/],
    [{ WEBHOOK_NETWORKS: '10.0.0.0/33' }, /WEBHOOK_NETWORKS: Networks in house/],
    [{ PUBLIC_URL: 'ftp://x' }, /PUBLIC_URL: /],
    [{ PUBLIC_URL: 'https://x/path' }, /PUBLIC_URL: /],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL: One of fatal, /],
    [{ SCAN_RETENTION_DAYS: '0' }, /SCAN_RETENTION_DAYS: /],
    [{ OPERATOR_SECRET: 'secret' }, /OPERATOR_SECRET: /],
    [{ MASTER_KEY: 'secret' }, /MASTER_KEY: /],
    [{ DATABASE_URL: 'mysql://secret@x', MASTER_KEY: key }, /DATABASE_URL: /],
    [{ DATABASE_URL: 'postgres://secret@x/y' }, /without MASTER_KEY.*randomBytes\(32\)/],
    [{ DATABASE_OWNER_URL: 'postgres://secret@x/y' }, /DATABASE_OWNER_URL is set without DATABASE_URL/],
  ];
  const seen = table.map(([env]) => {
    try {
      loadConfig(env);
      return 'taken';
    } catch (error) {
      return error instanceof StartupError ? error.message : 'our bug';
    }
  });
  t.strictSame(
    seen.filter((message, i) => !table[i]?.[1].test(message) || /secret@|: secret/.test(message)),
    [],
  );
});

t.test('a terminal speaks Chinese where its locale is Chinese', async (t) => {
  const table: [env: NodeJS.ProcessEnv, language: string][] = [
    [{}, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: '' }, 'zh-CN'],
    [{ LANG: 'de_AT.UTF-8', LC_MESSAGES: 'zh_TW' }, 'zh-CN'],
    [{ LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  ];
  t.strictSame(
    table.map(([env]) => languageOf(env)),
    table.map(([, language]) => language),
  );
});

t.test('every setting is documented in both languages', async (t) => {
  t.strictSame(
    settings.filter(({ en, zh }) => en.length < 10 || !/\p{Script=Han}/u.test(zh)),
    [],
  );
});

t.test('secrets', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-secrets-'));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const config = { ...loadConfig({}), dataDir };
  const first = await loadSecrets(config);
  t.equal(first.masterKey.length, 32);
  t.match(first.operatorSecret, /^[\w-]{43}$/);
  t.match(first.postgresPassword, /^[\w-]{43}$/);
  t.strictSame(await loadSecrets(config), first, 'kept');
  t.equal((await stat(join(dataDir, 'master-key'))).mode & 0o777, 0o600);
  const given = await loadSecrets({
    ...config,
    dataDir: join(dataDir, 'none'),
    databaseUrl: 'postgres://x/y',
    masterKey: key,
    operatorSecret: 'given',
  });
  t.strictSame(given, { operatorSecret: 'given', masterKey: Buffer.alloc(32, 1), postgresPassword: null });
  await t.rejects(stat(join(dataDir, 'none')), 'nothing is made that is not needed');

  const path = join(dataDir, 'race');
  const all = await Promise.all(Array.from({ length: 20 }, () => secretFile(path, randomSecret)));
  t.equal(new Set(all).size, 1, 'starters at the same time end with the same secret');
  t.equal((await readFile(path, 'utf8')).trim(), all[0]);

  await chmod(path, 0o644);
  await t.rejects(secretFile(path, randomSecret), /open to other users; run: chmod 600/);
  await writeFile(path, '\n');
  await chmod(path, 0o600);
  await t.rejects(secretFile(path, randomSecret), /is empty; restore it/);
  await writeFile(join(dataDir, 'master-key'), 'short');
  await t.rejects(loadSecrets(config), /does not hold 32 bytes/);
});
