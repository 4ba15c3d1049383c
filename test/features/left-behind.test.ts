import t from 'tap';
import { appRole, connect } from '../../src/database/connection.ts';
import { endLeftLeases, processName } from '../../src/features/left-behind.ts';
import { testDatabase } from '../support/postgres.ts';
import { testService } from '../support/service.ts';

const open = (url: string, applicationName: string) =>
  connect(url, { role: appRole, max: 1, applicationName });

t.test('what a killed process left behind is taken on at once, and nothing while one is alive', async (t) => {
  const { url } = await testDatabase(t);
  const owner = connect(url, { max: 1, applicationName: 'test' });
  const many = Number.MAX_SAFE_INTEGER;
  await owner.sql`
    INSERT INTO captures (id, party, client, roles, created_at, behaviour, state, document, total, done, errors, lease_until)
    VALUES ('C1', 'P', 'test', '[]', 1, 'proceed', 'running', '{}', 1, 0, '[]', ${many})`;
  await owner.sql`
    INSERT INTO webhooks (id, party, url, created_at, cursor, latest, lease_until, failures, attempts)
    VALUES ('W1', 'P', 'https://a.example', 1, 0, 0, ${many}, 0, '[]')`;
  const leases = async () => {
    const rows = await owner.sql<{ lease: number }[]>`
      SELECT lease_until AS lease FROM captures UNION ALL SELECT lease_until FROM webhooks`;
    return rows.map(({ lease }) => lease);
  };
  const [alive, reader, starting] = [processName, 'suyuan reads', processName].map((name) => open(url, name));
  if (!alive || !reader || !starting) throw new Error('three were opened');
  await Promise.all([alive.sql`SELECT 1`, reader.sql`SELECT 1`]);
  t.equal(await endLeftLeases(starting.sql), false);
  t.strictSame(await leases(), [many, many]);
  // As when a process is killed, its sessions end.
  await owner.sql`
    SELECT pg_terminate_backend(pid, 10_000) FROM pg_stat_activity
    WHERE application_name = ${processName} AND datname = current_database() AND pid <> ${await pidOf(starting.sql)}`;
  t.equal(await endLeftLeases(starting.sql), true);
  t.strictSame(await leases(), [0, 0]);
  await Promise.all([alive, reader, starting, owner].map((it) => it.close()));
});

const pidOf = async (sql: ReturnType<typeof connect>['sql']): Promise<number> => {
  const [row] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row?.pid ?? 0;
};

t.test('a service ends them at its start, unless another is there', async (t) => {
  const service = await testService(t);
  const lease = async () =>
    (await service.owner.sql<{ lease: number }[]>`SELECT lease_until AS lease FROM webhooks`)[0]?.lease;
  const far = Number.MAX_SAFE_INTEGER;
  await service.owner.sql`
    INSERT INTO webhooks (id, party, url, created_at, cursor, latest, lease_until, failures, attempts)
    VALUES ('W1', 'P', 'https://a.example', 1, 0, 0, ${far}, 0, '[]')`;
  await testService(t, { beside: service });
  t.equal(await lease(), far);
});
