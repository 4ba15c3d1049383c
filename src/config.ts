/**
 * Settings: the only reader of the environment. `settings` is the documentation; README prints the same table.
 */
import { isIP, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import envSchema from 'env-schema';
import type { NoteKey } from './core/log/note.ts';
import { parseLogKey, parseWitness, type Witness } from './core/log/tlog-witness.ts';
import { fault, ok, type Result, StartupError } from './errors.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A checkpoint bears a signature of each, and readers of signed notes take 64 at most. */
const witnessesMax = 32;

const optional = (pattern: string) => Type.Optional(Type.String({ pattern }));

/** Values as the environment gives them: text, numbers coerced. Empty variables count as absent. */
const environment = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PUBLIC_URL: optional('^https?://[^/?#\\s]+/?$'),
  DATABASE_URL: optional('^postgres(ql)?://'),
  DATABASE_OWNER_URL: optional('^postgres(ql)?://'),
  DATA_DIR: Type.String({ default: './data' }),
  OPERATOR_SECRET: Type.Optional(Type.String({ minLength: 32, maxLength: 512 })),
  MASTER_KEY: optional('^[A-Za-z0-9_-]{43}$'),
  LOG_LEVEL: Type.Union(
    logLevels.map((level) => Type.Literal(level)),
    { default: 'info' },
  ),
  SCAN_RETENTION_DAYS: Type.Integer({ minimum: 1, maximum: 36500, default: 180 }),
  PUBLIC_RATE_LIMIT: Type.Integer({ minimum: 0, default: 600 }),
  TRUST_PROXY: Type.Optional(Type.String()),
  WITNESSES: Type.Optional(Type.String()),
  WITNESS_QUORUM: Type.Optional(Type.Integer({ minimum: 1 })),
  WITNESSED_LOGS: Type.Optional(Type.String()),
  WEBHOOK_NETWORKS: Type.Optional(Type.String()),
});

type Name = keyof Static<typeof environment>;

interface Setting {
  readonly name: Name;
  /** What holds when the variable is absent, as words. */
  readonly default: string;
  readonly en: string;
  readonly zh: string;
}

export const settings: readonly Setting[] = [
  {
    name: 'PORT',
    default: '8080',
    en: 'TCP port to listen on; 0 takes a free one.',
    zh: '监听端口；0 表示任选空闲端口。',
  },
  { name: 'HOST', default: '127.0.0.1', en: 'Address to listen on.', zh: '监听地址。' },
  {
    name: 'PUBLIC_URL',
    default: 'http://localhost:{PORT}',
    en: 'Address under which the world reaches the service. Its host is printed in every code and, at the first start, becomes the origin of the log for good.',
    zh: '对外服务地址。其主机名印在每个身份标识码上，首次启动时成为账本的永久来源名。',
  },
  {
    name: 'DATABASE_URL',
    default: 'embedded PostgreSQL',
    en: 'PostgreSQL 15 or newer for the running service. Absent: a PostgreSQL of our own in the data folder.',
    zh: '服务使用的 PostgreSQL（15 及以上）。不填则在数据目录内运行自带的 PostgreSQL。',
  },
  {
    name: 'DATABASE_OWNER_URL',
    default: '{DATABASE_URL}',
    en: 'Login that owns the tables: migrations, rebuild. It may create roles.',
    zh: '表所有者的登录，用于迁移与重建；须可创建角色。',
  },
  {
    name: 'DATA_DIR',
    default: './data',
    en: 'Folder for secrets and the embedded database.',
    zh: '数据目录：密钥与自带数据库。',
  },
  {
    name: 'OPERATOR_SECRET',
    default: 'made at first start, kept in {DATA_DIR}/operator-secret',
    en: 'Secret of the client `operator`, at least 32 characters.',
    zh: '运营方客户端 `operator` 的密钥，至少 32 个字符。',
  },
  {
    name: 'MASTER_KEY',
    default: 'made at first start, kept in {DATA_DIR}/master-key; mandatory with DATABASE_URL',
    en: 'Wraps private keys at rest: 32 bytes as 43 characters of base64url.',
    zh: '加密静态私钥的主密钥：32 字节，base64url 共 43 个字符。使用 DATABASE_URL 时必填。',
  },
  {
    name: 'LOG_LEVEL',
    default: 'info',
    en: `One of ${logLevels.join(', ')}.`,
    zh: `日志级别：${logLevels.join('、')}。`,
  },
  {
    name: 'SCAN_RETENTION_DAYS',
    default: '180',
    en: 'Days after which public scans are deleted.',
    zh: '公众扫码记录的保存天数，到期删除。',
  },
  {
    name: 'PUBLIC_RATE_LIMIT',
    default: '600',
    en: 'Requests a minute that one address may make to public pages; 0 for no limit.',
    zh: '同一地址每分钟可访问公开接口的次数；0 表示不限。',
  },
  {
    name: 'TRUST_PROXY',
    default: 'none',
    en: 'Comma-separated addresses or subnets of reverse proxies whose X-Forwarded-For is believed.',
    zh: '可信反向代理的地址或网段，逗号分隔；其 X-Forwarded-For 才被采信。',
  },
  {
    name: 'WITNESSES',
    default: 'none',
    en: 'Witnesses that checkpoints are sent to, separated by commas: of each its key, a space, and the URL that `/add-checkpoint` is appended to.',
    zh: '检查点送往的见证方，逗号分隔；每项为其公钥、空格与地址（请求发往该地址加 `/add-checkpoint`）。',
  },
  {
    name: 'WITNESS_QUORUM',
    default: 'more than half of them',
    en: 'How many of the witnesses should cosign a checkpoint.',
    zh: '每个检查点应有的见证签名数。',
  },
  {
    name: 'WITNESSED_LOGS',
    default: 'none',
    en: 'Keys of other logs whose checkpoints this service cosigns, separated by commas.',
    zh: '由本服务见证的其他账本的公钥，逗号分隔。',
  },
  {
    name: 'WEBHOOK_NETWORKS',
    default: 'none',
    en: 'Networks in house that webhooks and EPCIS subscriptions may be sent to, such as 10.1.0.0/16, separated by commas; plain http is for these alone. Without them both go to the public internet only, by https.',
    zh: '允许推送通知和 EPCIS 订阅的内部网段（如 10.1.0.0/16），逗号分隔；仅这些网段可用明文 http。不填则只向公网 https 地址推送。',
  },
];

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Origin without trailing slash; `http://localhost:{port}` unless set. */
  readonly publicUrl: string;
  readonly databaseUrl: string | null;
  /** Set whenever `databaseUrl` is. */
  readonly databaseOwnerUrl: string | null;
  /** Absolute path. */
  readonly dataDir: string;
  readonly operatorSecret: string | null;
  /** 32 bytes as base64url; set whenever `databaseUrl` is. */
  readonly masterKey: string | null;
  readonly logLevel: (typeof logLevels)[number];
  readonly scanRetentionDays: number;
  /** Requests a minute and address; 0 for no limit. */
  readonly publicRateLimit: number;
  readonly trustProxy: readonly string[];
  readonly witnesses: readonly Witness[];
  /** 1 to their number; 0 without any. */
  readonly witnessQuorum: number;
  /** Each bears the origin of its log as name; a log may have several. */
  readonly witnessedLogs: readonly NoteKey[];
  readonly webhookNetworks: readonly Network[];
}

/** Language of a terminal: of these the first that is not empty decides (POSIX.1-2017 §8.2). */
export const languageOf = ({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): 'zh-CN' | 'en' =>
  (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh-CN' : 'en';

/** Reads and checks the settings; a `StartupError` says which variable to mend. Values are never repeated in it. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    settings.flatMap(({ name }) => {
      const value = env[name]?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const read = readEnvironment(given);
  const databaseUrl = read.DATABASE_URL ?? null;
  if (databaseUrl === null && read.DATABASE_OWNER_URL !== undefined) {
    throw new StartupError({
      zh: '设置了 DATABASE_OWNER_URL 而没有设置 DATABASE_URL；请两个都设，或都不设。',
      en: 'DATABASE_OWNER_URL is set without DATABASE_URL; set both or neither.',
    });
  }
  if (databaseUrl !== null && read.MASTER_KEY === undefined) {
    throw new StartupError({
      zh: '设置了 DATABASE_URL 而没有设置 MASTER_KEY。请运行 node -p \'crypto.randomBytes(32).toString("base64url")\' 生成一个，妥善保管，并设为 MASTER_KEY。',
      en: 'DATABASE_URL is set without MASTER_KEY. Make one with: node -p \'crypto.randomBytes(32).toString("base64url")\', keep it safe, and set it in MASTER_KEY.',
    });
  }
  const witnesses = listOf('WITNESSES', read.WITNESSES, parseWitness);
  if (
    witnesses.length > witnessesMax ||
    new Set(witnesses.map(({ key }) => key.name)).size < witnesses.length
  )
    throw unfit(['WITNESSES']);
  const witnessQuorum =
    read.WITNESS_QUORUM ?? (witnesses.length === 0 ? 0 : Math.floor(witnesses.length / 2) + 1);
  if (witnessQuorum > witnesses.length) throw unfit(['WITNESS_QUORUM']);
  return Object.freeze({
    port: read.PORT,
    host: read.HOST,
    publicUrl: new URL(read.PUBLIC_URL ?? `http://localhost:${read.PORT}`).origin,
    databaseUrl,
    databaseOwnerUrl: read.DATABASE_OWNER_URL ?? databaseUrl,
    dataDir: resolve(read.DATA_DIR),
    operatorSecret: read.OPERATOR_SECRET ?? null,
    masterKey: read.MASTER_KEY ?? null,
    logLevel: read.LOG_LEVEL,
    scanRetentionDays: read.SCAN_RETENTION_DAYS,
    publicRateLimit: read.PUBLIC_RATE_LIMIT,
    trustProxy: Object.freeze(itemsOf(read.TRUST_PROXY)),
    witnesses: Object.freeze(witnesses),
    witnessQuorum,
    witnessedLogs: Object.freeze(listOf('WITNESSED_LOGS', read.WITNESSED_LOGS, parseLogKey)),
    webhookNetworks: Object.freeze(listOf('WEBHOOK_NETWORKS', read.WEBHOOK_NETWORKS, parseNetwork)),
  });
}

function readEnvironment(given: Record<string, string>): Static<typeof environment> {
  try {
    return envSchema<Static<typeof environment>>({ schema: environment, data: given, env: false });
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const named = settings.filter(({ name }) => new RegExp(`env/${name}\\b`).test(text));
    throw unfit(named.map(({ name }) => name));
  }
}

const itemsOf = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function listOf<T>(name: Name, list: string | undefined, parse: (item: string) => Result<T>): T[] {
  return itemsOf(list).map((item) => {
    const parsed = parse(item);
    if (!parsed.ok) throw unfit([name]);
    return parsed.value;
  });
}

/** Addresses that share their first bits. */
interface Network {
  readonly address: string;
  readonly prefix: number;
}

function parseNetwork(item: string): Result<Network> {
  const [, address = '', bits = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(item) ?? [];
  const prefix = Number(bits);
  return isIP(address) !== 0 && prefix <= (isIPv6(address) ? 128 : 32)
    ? ok({ address, prefix })
    : fault('invalid-request', 'Write a network as address/prefix.');
}

function unfit(names: readonly Name[]): StartupError {
  const unfitting = settings.filter(({ name }) => names.includes(name));
  return new StartupError({
    zh: `设置不合要求。${unfitting.map(({ name, zh }) => `${name}：${zh}`).join('')}`,
    en: ['A setting does not fit.', ...unfitting.map(({ name, en }) => `${name}: ${en}`)].join(' '),
  });
}
