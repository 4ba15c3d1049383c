/** The process: settings → secrets → database → service → app → listen → drain → close. */
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { isUnavailable } from './database/connection.ts';
import { makeDataFolder } from './database/data-folder.ts';
import { startEmbedded } from './database/embedded.ts';
import { StartupError } from './errors.ts';
import { loggerOptions } from './http/redaction.ts';
import { loadSecrets } from './secrets.ts';
import { openService } from './service.ts';

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
  const secretHint =
    config.operatorSecret === null
      ? `\nThe secret of the client "operator" is in ${join(config.dataDir, 'operator-secret')}.`
      : '';
  process.stdout.write(
    `Suyuan listens at ${address} and is known as ${config.publicUrl}; try /docs.${secretHint}\n`,
  );
}

/** An address that cannot be had, as a sentence; anything else as it is. */
function refusedAddress(error: unknown, { port, host }: { port: number; host: string }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartupError(
      `Something else listens on port ${port} of ${host} already. Stop it, or set PORT to another one.`,
    );
  if (code === 'EACCES')
    return new StartupError(
      `This user may not listen on port ${port} of ${host}. Set PORT to one above 1023.`,
    );
  if (code === 'EADDRNOTAVAIL')
    return new StartupError(`${host} is no address of this computer. Set HOST to one that is.`);
  return error;
}

async function close(): Promise<void> {
  for (let end = opened.pop(); end !== undefined; end = opened.pop()) await end();
}

function report(error: unknown): void {
  const text =
    error instanceof StartupError ? error.message : error instanceof Error ? error.stack : String(error);
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
      void grace.close();
    } else if (performance.now() - asked > samePressMs) process.exit(1);
  });
started.catch(async (error: unknown) => {
  report(
    isUnavailable(error)
      ? new StartupError('The database went away during the start; start again when it is back.')
      : error,
  );
  await close();
  process.exit(1);
});
