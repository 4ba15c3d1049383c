import t from 'tap';
import type { FactKind } from '../../src/core/log/fact.ts';
import type { Sql } from '../../src/database/connection.ts';
import { createFollower, type FollowerOptions } from '../../src/ledger/follower.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

/** A log that only has a length, and what stands in for the ledger. */
async function log(database: TestDatabase, size: number) {
  const { sql } = database.db;
  const listeners: ((kinds: ReadonlySet<FactKind>) => void)[] = [];
  await sql`
    INSERT INTO head (id, size, at, leaf, frontier, next_unit) VALUES (1, ${size}, 0, ''::bytea, ''::bytea, 1)`;
  return {
    ledger: { queued: 0, onCommit: (it: (kinds: ReadonlySet<FactKind>) => void) => void listeners.push(it) },
    async grow(to: number, ...kinds: FactKind[]): Promise<void> {
      await sql`UPDATE head SET size = ${to} WHERE id = 1`;
      for (const listener of listeners) listener(new Set(kinds));
    },
  };
}

/** Follows by noting each entry, where a step that fails leaves nothing behind. */
const noting = async (sql: Sql, from: number, until: number): Promise<void> => {
  await sql`
    INSERT INTO scans (unit, at, verdict, device, robot, own)
    SELECT n, 0, 'consistent', decode(md5(n::text), 'hex'), false, false
    FROM generate_series(${from}::bigint, ${until - 1}::bigint) n`;
};
const noted = async ({ db }: TestDatabase): Promise<number[]> =>
  (await db.sql<{ unit: number }[]>`SELECT unit FROM scans ORDER BY unit`).map(({ unit }) => unit);
const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

function follower(
  database: TestDatabase,
  options: Pick<FollowerOptions, 'ledger'> & Partial<FollowerOptions>,
) {
  const made = createFollower({
    name: 'test',
    sql: database.db.sql,
    chunk: 3,
    follow: noting,
    onError: (error) => t.fail('a step failed', { error }),
    ...options,
  });
  made.start();
  return made;
}

t.test('passes every entry once, in order, and goes on with what is recorded later', async (t) => {
  const database = await testDatabase(t);
  const { ledger, grow } = await log(database, 8);
  const steps: [number, number][] = [];
  const it = follower(database, {
    ledger,
    follow: async (sql, from, until) => {
      steps.push([from, until]);
      await noting(sql, from, until);
    },
  });
  t.equal(await it.reached(7, 20_000), true);
  t.strictSame(steps, [
    [0, 3],
    [3, 6],
    [6, 8],
  ]);
  t.equal(await it.reached(8, 1), false, 'not before it is recorded');
  const later = it.reached(9, 20_000);
  await grow(10);
  t.equal(await later, true);
  await it.stop();
  t.strictSame(await noted(database), upTo(10));
});

t.test('what a follower has no use for is passed without haste', async (t) => {
  const database = await testDatabase(t);
  const { ledger, grow } = await log(database, 1);
  let steps = 0;
  const patient = follower(database, {
    name: 'patient',
    ledger,
    chunk: 100,
    kinds: ['party'],
    follow: async () => void steps++,
  });
  t.equal(await patient.reached(0, 20_000), true);
  const before = { steps, at: performance.now() };
  const hasty = follower(database, { ledger });
  for (let size = 2; size <= 40; size++) {
    await grow(size, 'event');
    t.equal(await hasty.reached(size - 1, 20_000), true);
  }
  const polls = 1 + Math.floor((performance.now() - before.at) / 1000);
  t.ok(steps - before.steps <= polls, `${steps - before.steps} steps of one that polls ${polls} times`);
  await grow(41, 'event', 'party');
  t.equal(await patient.reached(40, 20_000), true);
  await Promise.all([patient.stop(), hasty.stop()]);
});

t.test('while something is recorded it takes few steps, and at once when a request waits', async (t) => {
  const database = await testDatabase(t);
  const { ledger, grow } = await log(database, 1);
  let steps = 0;
  const busy = { ...ledger, queued: 1 };
  const it = follower(database, { ledger: busy, chunk: 100, follow: async () => void steps++ });
  t.equal(await it.reached(0, 20_000), true);
  const before = steps;
  // Each of these takes a statement, and a step several, after which it rests for longer than it took.
  for (let size = 2; size <= 200; size++) await grow(size);
  t.ok(steps - before <= 6, `${steps - before} steps for 199 commits`);
  t.equal(await it.reached(199, 20_000), true);
  await it.stop();
});

t.test('a step that fails leaves nothing behind and is taken again', async (t) => {
  const database = await testDatabase(t);
  const { ledger } = await log(database, 5);
  const errors: unknown[] = [];
  let failing = true;
  const it = follower(database, {
    ledger,
    onError: (error) => errors.push(error),
    follow: async (sql, from, until) => {
      await noting(sql, from, until);
      if (from === 3 && failing) {
        failing = false;
        throw new Error('after writing');
      }
    },
  });
  t.equal(await it.reached(4, 20_000), true);
  await it.stop();
  t.match(errors, [{ message: 'after writing' }]);
  t.strictSame(await noted(database), upTo(5));
});

t.test('several processes share the work without doing any of it twice', async (t) => {
  const database = await testDatabase(t);
  const { ledger, grow } = await log(database, 60);
  const all = [1, 2, 3].map(() => follower(database, { ledger, chunk: 1 }));
  t.strictSame(await Promise.all(all.map((it) => it.reached(59, 30_000))), [true, true, true]);
  await grow(70);
  t.strictSame(await Promise.all(all.map((it) => it.reached(69, 30_000))), [true, true, true]);
  await Promise.all(all.map((it) => it.stop()));
  t.strictSame(await noted(database), upTo(70));
});

t.test('starts where another left off, and stopping tells who waits', async (t) => {
  const database = await testDatabase(t);
  const { ledger, grow } = await log(database, 4);
  const first = follower(database, { ledger });
  await first.reached(3, 20_000);
  const waiting = first.reached(100, 20_000);
  await first.stop();
  t.equal(await waiting, false);
  await grow(6);
  const steps: number[] = [];
  const second = follower(database, { ledger, follow: async (_sql, from) => void steps.push(from) });
  await second.reached(5, 20_000);
  await second.stop();
  t.strictSame(steps, [4]);
});
