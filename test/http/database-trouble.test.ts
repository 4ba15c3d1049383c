/** A database that is away, or full, while somebody writes: what is told, to the letter, and what is left. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { projectionTables, truthTables } from '../../src/database/tables.ts';
import { type Cable, layCable } from '../support/cable.ts';
import { document, told } from '../support/documents.ts';
import { type TestService, testService } from '../support/service.ts';
import { act, type SupplyChain, supplyChain, unit } from '../support/supply-chain.ts';

const hops = (serial: string) => [{ hop: 'produce', ...act(), epcs: [unit(serial)] }];

const sender =
  ({ app }: TestService, { maker }: SupplyChain) =>
  (key: string, hops: readonly object[]) =>
    app.inject({
      method: 'POST',
      url: '/v1/events',
      headers: { authorization: maker.bearer, 'idempotency-key': key },
      payload: { hops },
    });

/** The head, and how many rows stand in every table that is written together with it. */
async function traces({
  owner: { sql },
}: TestService): Promise<{ head: { size: number } | undefined; counts: object }> {
  const counts: Record<string, unknown> = {};
  for (const table of [...truthTables, ...projectionTables, 'idempotency'].filter(
    // These are written by a follower of the log, a moment later.
    (table) => !table.startsWith('finding'),
  )) {
    const [row] = await sql`SELECT count(*) FROM ${sql(table)}`;
    counts[table] = row?.count;
  }
  const [head] = await sql<{ size: number }[]>`SELECT * FROM head`;
  return { head, counts };
}

const unavailable = (detail: string) =>
  document(503, 'unavailable', {
    title: 'Service is unavailable for the moment',
    detail,
    retryAfter: '1',
  });

t.test('away', async (t) => {
  let cable: Cable | undefined;
  const service = await testService(t, {
    through: async (url) => {
      cable = await layCable(t, url);
      return cable.url;
    },
  });
  const chain = await supplyChain(service);
  const send = sender(service, chain);
  const ready = async () => told(await service.app.inject('/readyz'));
  const before = await traces(service);
  const request = hops('A1');

  await cable?.cut();
  const away = unavailable('The database is away or too busy; send the same request again.');
  t.strictSame(told(await send('k', request)), away);
  t.strictSame(await ready(), away, 'nor is the service ready');
  t.strictSame(await traces(service), before, 'nothing is left in the log');

  await cable?.mend();
  // A pool may give one more answer of a connection that broke; then it finds the server again.
  let answer = await send('k', request);
  for (let i = 0; i < 20 && answer.statusCode === 503; i++) answer = await send('k', request);
  t.equal(answer.statusCode, 201, 'the same request is recorded once it is back, without a restart');
  t.equal(answer.headers['idempotency-replayed'], undefined);
  t.equal(await chain.size(), (before.head?.size ?? 0) + 1);
  t.equal((await service.app.inject('/readyz')).statusCode, 200);
});

t.test('gone while the request waits for its turn in the log', async (t) => {
  const service = await testService(t);
  const chain = await supplyChain(service);
  const send = sender(service, chain);
  const before = await traces(service);
  const request = hops('A1');
  const holder = await service.owner.sql.reserve();
  await holder`BEGIN`;
  await holder`SELECT 1 FROM head FOR UPDATE`;
  const answer = send('k', request);
  for (;;) {
    const ended = await service.owner.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (ended.length > 0) break;
    await delay(5);
  }
  t.strictSame(
    told(await answer),
    unavailable('The database is away or too busy; send the same request again.'),
  );
  await holder`ROLLBACK`;
  holder.release();
  t.strictSame(await traces(service), before, 'nothing is left in the log');
  const again = await send('k', request);
  t.strictSame([again.statusCode, again.headers['idempotency-replayed']], [201, undefined]);
});

t.test('full', async (t) => {
  const service = await testService(t);
  const chain = await supplyChain(service);
  const send = sender(service, chain);
  const before = await traces(service);
  const { sql } = service.owner;
  await sql`
    CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE disk_full USING MESSAGE = 'could not extend a file';
    END
    $$`;
  /** The first thing that is written, what follows from it, the last thing that is, and the commit itself. */
  const moments = [
    ['entries', 'CREATE TRIGGER full_disk BEFORE INSERT ON entries EXECUTE FUNCTION fill_disk()'],
    ['hops', 'CREATE TRIGGER full_disk BEFORE INSERT ON hops EXECUTE FUNCTION fill_disk()'],
    ['head', 'CREATE TRIGGER full_disk BEFORE UPDATE ON head EXECUTE FUNCTION fill_disk()'],
    [
      'facts',
      `CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION fill_disk()`,
    ],
  ] as const;
  const request = hops('A1');
  for (const [table, trigger] of moments) {
    await sql.unsafe(trigger);
    // Together, so that they are one group: each of them is told.
    const answers = await Promise.all([send('k', request), send('l', hops('B1')), send('m', hops('C1'))]);
    await sql`DROP TRIGGER full_disk ON ${sql(table)}`;
    const expected = document(507, 'storage-full', {
      title: 'Storage is full',
      detail: 'The database has no room left; tell the operator to add storage.',
      retryAfter: '60',
    });
    t.strictSame(answers.map(told), [expected, expected, expected], table);
    t.strictSame(await traces(service), before, `${table}: nothing is left in the log`);
  }
  const again = await send('k', request);
  t.strictSame([again.statusCode, again.headers['idempotency-replayed']], [201, undefined]);
  t.equal(await chain.size(), (before.head?.size ?? 0) + 1);
});
