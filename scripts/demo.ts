/**
 * `npm run demo`: starts the service on a fresh database, plays a real chain through its HTTP API, prints what to
 * open and what to try, and stays up until Ctrl-C. The data lies in data/demo and is made anew each time; with
 * DATABASE_URL set it is the database `suyuan_demo` on that server.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { makeDataFolder } from '../src/database/data-folder.ts';
import { Client } from './api.ts';
import { fullScale, play } from './demo/play.ts';
import { report } from './demo/report.ts';
import { freshDatabase } from './fresh-database.ts';
import { startServiceProcess } from './service-process.ts';

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
const server = process.env.DATABASE_OWNER_URL ?? process.env.DATABASE_URL;
if (server) {
  settings.DATABASE_URL = await freshDatabase(server, 'suyuan_demo');
  settings.DATABASE_OWNER_URL = settings.DATABASE_URL;
  settings.MASTER_KEY = process.env.MASTER_KEY ?? randomBytes(32).toString('base64url');
}
await rm(dataDir, { recursive: true, force: true });
// `npm start` keeps the ledger there, and takes the mode of a folder as it finds it.
await makeDataFolder(dirname(dataDir));

process.stdout.write('Starting the service 启动服务 …\n');
const service = await startServiceProcess(settings);
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    process.stdout.write('\nStopping 正在停止 …\n');
    void service.stop().then(() => process.exit(0));
  });
void service.exited.then(() => {
  if (!stopping) process.exit(1);
});

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
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  stopping = true;
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
