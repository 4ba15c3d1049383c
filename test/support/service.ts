/** The service on a database of its own, for tests that speak HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { type AppDeps, type AppOptions, buildApp } from '../../src/app.ts';
import type { PartyId, Role } from '../../src/core/events/hop.ts';
import type { Database } from '../../src/database/connection.ts';
import { newPartyId } from '../../src/features/new-id.ts';
import { openService, type ServiceOptions } from '../../src/service.ts';
import { type Teardown, testDatabase } from './postgres.ts';

export interface TestService {
  readonly app: FastifyInstance;
  readonly deps: AppDeps;
  /** As the running service. */
  readonly db: Database;
  /** As the owner of the tables. */
  readonly owner: Database;
  /** Of the owner's login. */
  readonly databaseUrl: string;
  /** Where the service keeps what is not for the database. */
  readonly dataDir: string;
  /** Lines the service logged, as objects. */
  readonly logged: readonly object[];
  /** Value of an Authorization header. */
  bearer(roles: readonly Role[], party?: PartyId): string;
  /** Listens on a free port and answers the origin. */
  listen(): Promise<string>;
}

export interface TestOverrides extends AppOptions {
  readonly service?: Partial<ServiceOptions>;
  readonly deps?: Partial<AppDeps>;
  /** On the database and folder of another service, as a process beside it or after it. */
  readonly beside?: TestService;
  /** Another URL by which the service reaches the database, such as that of a cable (cable.ts). */
  readonly through?: (databaseUrl: string) => Promise<string>;
}

export const testPublicUrl = 'https://id.example.cn';
export const testMasterKey = Buffer.alloc(32, 7);
export const testOperatorSecret = 'operator-secret-of-the-tests-0123456789';

/** A database of its own, and a folder. */
async function testGround(t: Teardown) {
  const { owner, url } = await testDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'suyuan-test-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  return { owner, url, dataDir };
}

export async function testService(t: Teardown, overrides: TestOverrides = {}): Promise<TestService> {
  const { owner, url, dataDir } = overrides.beside
    ? { ...overrides.beside, url: overrides.beside.databaseUrl }
    : await testGround(t);
  const logged: object[] = [];
  const service = await openService({
    databaseUrl: (await overrides.through?.(url)) ?? url,
    databaseOwnerUrl: url,
    publicUrl: testPublicUrl,
    dataDir,
    masterKey: testMasterKey,
    operatorSecret: testOperatorSecret,
    scanRetentionDays: 180,
    publicRateLimit: 0,
    trustProxy: [],
    logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    ...overrides.service,
  });
  // tap ends these in reverse order: the app, then the service, then the database goes.
  t.teardown(service.close);
  const deps = { ...service.deps, ...overrides.deps };
  // A machine that runs many tests at once is slow, not overloaded.
  const app = await buildApp(deps, { delayMax: 0, ...overrides });
  await app.ready();
  t.teardown(async () => app.close());
  return {
    app,
    deps,
    db: deps.db,
    owner,
    databaseUrl: url,
    dataDir,
    logged,
    bearer: (roles, party = newPartyId()) => `Bearer ${app.signToken({ party, client: 'test', roles })}`,
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
  };
}
