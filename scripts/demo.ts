/**
 * `npm run demo`: starts the service on a fresh database, plays a real chain through its HTTP API, prints what to
 * open and what to try, and stays up until Ctrl-C. The data lies in data/demo and is made anew each time; with
 * DATABASE_URL set it is the database `suyuan_demo` on that server.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { makeDataFolder } from '../src/database/data-folder.ts';
import { FolderInUse, lockFolder } from '../src/database/folder-lock.ts';
import { stopOrphan } from '../src/database/postmaster.ts';
import { Client } from './api.ts';
import { fullScale, play } from './demo/play.ts';
import { report } from './demo/report.ts';
import { freshDatabase } from './fresh-database.ts';
import { spawnService } from './service-process.ts';

const begun = Date.now();
const dataDir = 'data/demo';
const port = process.env.PORT ?? '8080';
const operatorSecret = randomBytes(32).toString('base64url');
const settings: Record<string, string> = {
  DATA_DIR: dataDir,
  PORT: port,
  OPERATOR_SECRET: operatorSecret,
  PUBLIC_RATE_LIMIT: process.env.PUBLIC_RATE_LIMIT ?? '600',
  LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
};
await emptyFolder(dataDir).catch((error: unknown) => {
  if (!(error instanceof FolderInUse)) throw error;
  process.stderr.write(
    `演示已在运行：进程 ${error.pid} 正在使用 ${dataDir}。请先停止它（kill ${error.pid}）。\n` +
      `A demo runs already: process ${error.pid} uses ${dataDir}. Stop it first (kill ${error.pid}).\n`,
  );
  process.exit(1);
});
const server = process.env.DATABASE_OWNER_URL ?? process.env.DATABASE_URL;
if (server) {
  settings.DATABASE_URL = await freshDatabase(server, 'suyuan_demo').catch((error: unknown) => {
    process.stderr.write(`DATABASE_URL: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
  settings.DATABASE_OWNER_URL = settings.DATABASE_URL;
  settings.MASTER_KEY = process.env.MASTER_KEY ?? randomBytes(32).toString('base64url');
}

process.stdout.write('Starting the service 启动服务 …\n');
const service = spawnService(settings);
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!stopping) process.stdout.write('\nStopping 正在停止 …\n');
    stopping = true;
    void service.stop();
  });
// The service has said itself what ended it. Who waits for it below never goes on: this handler comes first.
void service.exited.then(() => process.exit(stopping ? 0 : 1));
await service.listening.catch(() => service.exited);

/**
 * Takes away what the last demo left, and ends the PostgreSQL of one that was killed; the data of a demo that runs is
 * left alone.
 */
async function emptyFolder(folder: string): Promise<void> {
  // `npm start` keeps the ledger in the folder around it, and takes the mode of a folder as it finds it.
  await makeDataFolder(dirname(folder));
  await lockFolder(folder);
  await stopOrphan(join(folder, 'postgres'));
  await rm(folder, { recursive: true });
}

/** Parties registered, then one step after another, on one bar or as lines. */
const steps = 10;
const bar = process.stdout.isTTY
  ? new SingleBar({ format: '{bar} {percentage} % | {step}', hideCursor: true }, Presets.shades_classic)
  : null;
bar?.start(steps, 0, { step: '' });
let step = -1;
const played = await play(
  new Client(service.url, 'operator', operatorSecret),
  fullScale,
  (text) => {
    step++;
    if (bar) bar.update(step, { step: text });
    else process.stdout.write(`${text}\n`);
  },
  (done, total) => bar?.update(done / total),
).catch(async (error: unknown) => {
  bar?.stop();
  // A service asked twice to stop would not take its time.
  if (stopping) await service.exited;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await service.stop();
  process.exit(1);
});
bar?.update(steps);
bar?.stop();
// The name that the codes bear: the pages tell readers to compare it with the address bar.
process.stdout.write(await report(`http://localhost:${port}`, played));
process.stdout.write(
  `\nPlayed in ${Math.round((Date.now() - begun) / 1000)} s. The service stays up; Ctrl-C stops it. 服务保持运行，按 Ctrl-C 停止。\n`,
);
