/**
 * `npm run openapi` writes openapi.yaml from the routes as they are; with `--check` it only compares, and exits
 * with 1 when the file and the routes differ in either direction.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { stringify } from 'yaml';
import { buildApp } from '../src/app.ts';
import { startEmbedded } from '../src/database/embedded.ts';
import { randomSecret } from '../src/secrets.ts';
import { openService } from '../src/service.ts';

const file = fileURLToPath(import.meta.resolve('#root/openapi.yaml'));

/** The contract of the running routes, with an address that is the same everywhere. */
async function contract(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-openapi-'));
  const postgres = await startEmbedded({ dataDir, password: randomSecret() });
  try {
    const service = await openService({
      databaseUrl: postgres.url,
      databaseOwnerUrl: postgres.url,
      publicUrl: 'http://localhost:8080',
      dataDir,
      masterKey: Buffer.alloc(32),
      operatorSecret: randomSecret(),
      scanRetentionDays: 1,
      publicRateLimit: 0,
      trustProxy: [],
      logger: pino({ level: 'silent' }),
    });
    const app = await buildApp(service.deps);
    await app.ready();
    const text = stringify(app.swagger(), { lineWidth: 110, aliasDuplicateObjects: false });
    await app.close();
    await service.close();
    return text;
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const now = await contract();
if (process.argv.includes('--check')) {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== now) {
    const [there, here] = [new Set(kept.split('\n')), new Set(now.split('\n'))];
    const lines = [
      ...[...there].filter((line) => !here.has(line)).map((line) => `- ${line}`),
      ...[...here].filter((line) => !there.has(line)).map((line) => `+ ${line}`),
    ];
    process.stderr.write(
      `openapi.yaml does not say what the routes are; run \`npm run openapi\`.\n${lines.slice(0, 40).join('\n')}\n`,
    );
    process.exitCode = 1;
  } else process.stdout.write('openapi.yaml and the routes say the same.\n');
} else {
  await writeFile(file, now);
  process.stdout.write(`Wrote ${file}\n`);
}
