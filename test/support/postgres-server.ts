/** The server of one test run (see postgres.ts): `postgres-server.ts {folder} {runner's pid}`. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { startEmbedded } from '../../src/database/embedded.ts';
import { processIdentity } from '../../src/database/running-process.ts';

const [folder = '', runner = ''] = process.argv.slice(2);
const identity = await processIdentity(Number(runner));
const server = await startEmbedded({
  dataDir: folder,
  password: 'tests',
  database: 'postgres',
  settings: {
    max_connections: '300',
    shared_buffers: '128MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Copying the template writes all of it to the log; to compress that takes as long as the copying.
    wal_compression: 'off',
  },
});
// A password is worked out anew for each connection, 4096 times over unless told otherwise.
const sql = postgres(server.url, { max: 1 });
await sql.unsafe(`set scram_iterations = 1; alter role current_user password 'tests'`).simple();
await sql.end();
await writeFile(join(folder, 'url.new'), server.url);
await rename(join(folder, 'url.new'), join(folder, 'url'));
// Nobody tells a server that its run is over or was killed, so it looks.
while ((await processIdentity(Number(runner))) === identity) await delay(300);
await server.stop();
await rm(folder, { recursive: true, force: true });
