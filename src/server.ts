/** The process: settings → secrets → database → service → app → listen → drain → close. */
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import { buildApp } from './app.ts';
import { languageOf, loadConfig } from './config.ts';
import { isUnavailable } from './database/connection.ts';
import { makeDataFolder } from './database/data-folder.ts';
import { startEmbedded } from './database/embedded.ts';
import { StartupError } from './errors.ts';
import { loggerOptions } from './http/redaction.ts';
import { loadSecrets } from './secrets.ts';
import { openService } from './service.ts';
import { type Bilingual, inLanguage } from './web/words.ts';

/** To the person at the terminal, in their language. */
const say = (words: Bilingual): string => inLanguage(words, languageOf(process.env));

/** What to close, last opened first. */
const opened: (() => Promise<void>)[] = [];

async function start(): Promise<void> {
  const config = loadConfig(process.env);
  // Standard output is for people; the log goes beside it.
  const logger = pino(loggerOptions(config.logLevel), pino.destination(2));
  await makeDataFolder(config.dataDir);
  const secrets = await loadSecrets(config);
  let { databaseUrl, databaseOwnerUrl } = config;
  if (databaseUrl === null || databaseOwnerUrl === null) {
    const embedded = await startEmbedded({
      dataDir: config.dataDir,
      password: secrets.postgresPassword ?? '',
      onTrouble: (sentence) => logger.error(sentence),
    });
    opened.push(embedded.stop);
    databaseUrl = embedded.url;
    databaseOwnerUrl = embedded.url;
  }
  const service = await openService({
    ...config,
    databaseUrl,
    databaseOwnerUrl,
    masterKey: secrets.masterKey,
    operatorSecret: secrets.operatorSecret,
    logger,
  });
  opened.push(service.close);
  const app = await buildApp(service.deps);
  opened.push(() => app.close());
  const address = await app.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
    throw refusedAddress(error, config);
  });
  // Listening comes first; a request that is faster compiles what it needs.
  void app.compileSchemas();
  const listening = {
    zh: `溯源服务监听 ${address}，对外地址为 ${config.publicUrl}；接口文档见 /docs。`,
    en: `Suyuan listens at ${address} and is known as ${config.publicUrl}; try /docs.`,
  };
  const file = join(config.dataDir, 'operator-secret');
  const secretHint = {
    zh: `运营方客户端 operator 的密钥在 ${file}。`,
    en: `The secret of the client "operator" is in ${file}.`,
  };
  const lines = config.operatorSecret === null ? [listening, secretHint] : [listening];
  process.stdout.write(`${lines.map(say).join('\n')}\n`);
}

/** An address that cannot be had, as a sentence; anything else as it is. */
function refusedAddress(error: unknown, { port, host }: { port: number; host: string }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartupError({
      zh: `${host} 的端口 ${port} 已被占用。请停止占用它的程序，或将 PORT 设为另一个端口。`,
      en: `Something else listens on port ${port} of ${host} already. Stop it, or set PORT to another one.`,
    });
  if (code === 'EACCES')
    return new StartupError({
      zh: `当前用户无权监听 ${host} 的端口 ${port}。请将 PORT 设为大于 1023 的端口。`,
      en: `This user may not listen on port ${port} of ${host}. Set PORT to one above 1023.`,
    });
  if (code === 'EADDRNOTAVAIL')
    return new StartupError({
      zh: `${host} 不是本机的地址。请将 HOST 设为本机的地址。`,
      en: `${host} is no address of this computer. Set HOST to one that is.`,
    });
  return error;
}

/** What goes wrong at the start is the database, or the data folder, or unforeseen; `StartupError` as a sentence. */
function told(error: unknown): unknown {
  if (isUnavailable(error))
    return new StartupError({
      zh: '启动期间数据库断开了；请在它恢复后重新启动。',
      en: 'The database went away during the start; start again when it is back.',
    });
  if (error instanceof Error && 'path' in error && 'code' in error)
    return new StartupError({
      zh: `无法读写 ${error.path}（${error.code}）。请让运行服务的用户能读写它，或将 DATA_DIR 设为另一个目录。`,
      en: `${error.path} cannot be read or written (${error.code}). Give the user that runs the service access to it, or set DATA_DIR to another folder.`,
    });
  return error;
}

let closed: Promise<void> | null = null;
/** One after another, whoever asks: a signal during a start that fails asks beside the failure itself. */
function close(): Promise<void> {
  closed ??= closeOpened();
  return closed;
}

async function closeOpened(): Promise<void> {
  for (let end = opened.pop(); end !== undefined; end = opened.pop()) await end();
}

function report(error: unknown): void {
  const text =
    error instanceof StartupError ? say(error.words) : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
}

const started = start();
const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const;
const grace = closeWithGrace({ delay: 90_000, skip: [...signals] }, async ({ err }) => {
  if (err !== undefined) report(err);
  await started.catch(() => {});
  await close();
});
/** Below npm one Ctrl-C comes twice: from the terminal, and from npm, which passes on what it got. */
const samePressMs = 2_000;
let asked: number | null = null;
// A signal during the start lets it finish first: half-open things cannot be closed cleanly. A second one exits.
for (const signal of signals)
  process.on(signal, () => {
    if (asked === null) {
      asked = performance.now();
      // Not down a pipe, whose reader may be gone.
      if (process.stdout.isTTY) process.stdout.write(`${say({ zh: '正在停止 …', en: 'Stopping …' })}\n`);
      void grace.close();
    } else if (performance.now() - asked > samePressMs) process.exit(1);
  });
started.catch(async (error: unknown) => {
  report(told(error));
  await close();
  process.exit(1);
});
