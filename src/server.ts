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
  const address = await app.listen({ port: config.port, host: config.host });
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

async function close(): Promise<void> {
  for (let end = opened.pop(); end !== undefined; end = opened.pop()) await end();
}

function report(error: unknown): void {
  const text =
    error instanceof StartupError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
}

const started = start();
// A signal during the start lets it finish first: half-open things cannot be closed cleanly. A second one exits.
closeWithGrace({ delay: 90_000 }, async ({ err }) => {
  if (err !== undefined) report(err);
  await started.catch(() => {});
  await close();
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
