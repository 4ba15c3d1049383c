/** What every bench needs: a fresh database, a service process on it, parties and a product. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { creditCodeCheck } from '../../src/core/credit-code.ts';
import { gs1CheckDigit } from '../../src/core/gs1/identifiers.ts';
import { connect, type Database } from '../../src/database/connection.ts';
import { startEmbedded } from '../../src/database/embedded.ts';
import { randomSecret } from '../../src/secrets.ts';
import { Client } from '../api.ts';
import { startServiceProcess } from '../service-process.ts';

/** A row of the table. `ratio` is ours to the limit beside it, so that a noisy machine weighs on both. */
export interface Row {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: { readonly what: string; readonly value: number };
  readonly ratio?: number;
  readonly target: string;
  /** null where the figure is only reported. */
  readonly met: boolean | null;
}

export interface BenchOptions {
  readonly adminUrl: string;
  /** Events of the ingest bench; others scale with it. */
  readonly events: number;
  readonly units: number;
  /** Units of the orders bench: few unless said. */
  readonly orderUnits: number;
  /** Units of one product whose flow is asked for. */
  readonly productUnits: number;
}

export interface BenchService {
  readonly url: string;
  readonly databaseUrl: string;
  readonly database: Database;
  readonly operator: Client;
  readonly pid: number;
  /** Peak resident memory so far, bytes; 0 where the system does not tell. */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

/** The PostgreSQL of DATABASE_URL, or an embedded one in a temporary folder. */
export async function openPostgres(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const given = process.env.DATABASE_URL;
  if (given) return { adminUrl: given, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-bench-'));
  const postgres = await startEmbedded({
    dataDir,
    password: randomSecret(),
    settings: { max_connections: '200' },
  });
  return {
    adminUrl: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function startService(databaseUrl: string): Promise<BenchService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-bench-service-'));
  const operatorSecret = randomSecret();
  const child = await startServiceProcess({
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: databaseUrl,
    DATA_DIR: dataDir,
    MASTER_KEY: randomBytes(32).toString('base64url'),
    OPERATOR_SECRET: operatorSecret,
    LOG_LEVEL: 'error',
    PUBLIC_RATE_LIMIT: '0',
  });
  const { url, pid } = child;
  const database = connect(databaseUrl, { max: 4 });
  return {
    url,
    databaseUrl,
    database,
    pid,
    operator: new Client(url, 'operator', operatorSecret),
    async peakMemory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    },
    async stop() {
      await database.close();
      await child.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface Maker {
  readonly id: string;
  readonly client: Client;
  readonly gtin: string;
}

/** A manufacturer with a client, a vetted GTIN, a product and an issuing key. */
export async function makeMaker(service: Pick<BenchService, 'url' | 'operator'>): Promise<Maker> {
  const { id, client } = await makeParty(service, '基准消防器材有限公司', [
    'manufacturer',
    'maintenance-firm',
  ]);
  const gtin = checked('0690123456789');
  await service.operator.post('/v1/gtins', {
    party: id,
    gtins: [gtin],
    evidence: 'bench',
    vettedBy: 'bench',
    vettedAt: '2026-01-01',
  });
  await client.post('/v1/products', {
    gtin,
    name: '手提式干粉灭火器',
    model: 'MFZ/ABC4',
    category: 'portable-extinguishers',
    uom: 'H87',
    serviceLifeMonths: 120,
  });
  await client.post('/v1/keys', { custody: 'operator' });
  return { id, client, gtin };
}

let parties = 0;

export async function makeParty(
  service: Pick<BenchService, 'url' | 'operator'>,
  name: string,
  roles: readonly string[],
): Promise<{ id: string; client: Client }> {
  const body = `91310000${(100_000_000 + ++parties).toString()}`;
  const party = await service.operator.post<{ id: string }>('/v1/parties', {
    name,
    roles,
    region: '310000',
    creditCode: body + creditCodeCheck(body),
  });
  const client = await service.operator.post<{ client_id: string; client_secret: string }>(
    `/v1/parties/${party.id}/clients`,
    { label: 'bench' },
  );
  return { id: party.id, client: new Client(service.url, client.client_id, client.client_secret) };
}

const checked = (digits: string): string => digits + gs1CheckDigit(digits);

/** Issues units of one lot and waits until all are. */
export async function issueUnits(maker: Maker, name: string, quantity: number): Promise<void> {
  await maker.client.post('/v1/batches', { gtin: maker.gtin, lot: name, quantity });
  for (;;) {
    const lot = await maker.client.get<{ batches: { state: string }[] }>(`/v1/batches/${maker.gtin}/${name}`);
    if (lot.batches.every(({ state }) => state === 'done')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** All units that were issued, in order. */
export async function unitsOf({ sql }: Database): Promise<string[]> {
  const rows = await sql<{ epc: string }[]>`
    SELECT epc FROM epcs WHERE epc LIKE '01/%/21/%' ORDER BY unit`;
  return rows.map(({ epc }) => epc);
}

/** Waits until everything that follows the log has caught up with it: what is measured next is measured alone. */
export async function atRest({ database: { sql } }: BenchService): Promise<void> {
  for (;;) {
    const [row] = await sql<{ behind: boolean }[]>`
      SELECT (SELECT min(size) FROM followers) < size OR (SELECT max(size) FROM checkpoints) < size AS behind FROM head`;
    if (row?.behind === false) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Runs jobs with so many at a time; answers with milliseconds since the start at which each ended. */
export async function inParallel(
  jobs: number,
  at: number,
  job: (i: number) => Promise<void>,
): Promise<number[]> {
  const started = performance.now();
  const ended: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < jobs; i = next++) {
      await job(i);
      ended.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: at }, worker));
  return ended.sort((a, b) => a - b);
}

/** The p-th quantile of measured times. */
export function quantile(times: readonly number[], p: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}

/** Where nobody watches, in a file say, a line now and then instead. */
export function bar(what: string, total: number): { update(done: number): void; stop(): void } {
  const drawn = new SingleBar(
    {
      format: `${what} {bar} {percentage} %`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 30_000,
    },
    Presets.shades_classic,
  );
  drawn.start(total, 0);
  return drawn;
}
