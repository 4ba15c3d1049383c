import t from 'tap';
import {
  appRole,
  checkDurability,
  connect,
  isStorageFull,
  isUnavailable,
  uniqueViolation,
} from '../../src/database/connection.ts';
import { migrate } from '../../src/database/migrate.ts';
import { StartupError } from '../../src/errors.ts';
import { layCable } from '../support/cable.ts';
import { emptyDatabase, testDatabase } from '../support/postgres.ts';

const failure = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
};

t.test('a session has the settings that everything relies on', async (t) => {
  const { db } = await testDatabase(t);
  const [row] = await db.sql`
    select current_user::text as role, 9007199254740991::bigint as big, 1.5::numeric as amount, '\\x00ff'::bytea as bytes,
           current_setting('TimeZone') as zone, current_setting('synchronous_commit') as durable,
           current_setting('idle_in_transaction_session_timeout') as stalled, ${[1, 2]}::bigint[] as list`;
  t.strictSame(
    { ...row },
    {
      role: appRole,
      big: 9007199254740991,
      amount: '1.5',
      bytes: Buffer.from([0, 255]),
      zone: 'UTC',
      durable: 'on',
      stalled: '10s',
      list: [1, 2],
    },
  );
});

t.test('a server that may forget is refused', async (t) => {
  const { db } = await testDatabase(t);
  t.equal(await checkDurability(db), undefined);
  const told = (settings: [string, string][]) => ({
    sql: Object.assign(async () => settings.map(([name, setting]) => ({ name, setting }))),
    close: async () => {},
  });
  const table: [string, string, string, RegExp][] = [
    ['140011', 'on', 'on', /PostgreSQL 15/],
    ['160002', 'off', 'on', /fsync = on/],
    ['160002', 'on', 'off', /full_page_writes = on/],
  ];
  for (const [version, fsync, pages, sentence] of table) {
    const settings: [string, string][] = [
      ['server_version_num', version],
      ['fsync', fsync],
      ['full_page_writes', pages],
    ];
    const error = await failure(() => checkDurability(told(settings)));
    t.ok(error instanceof StartupError && sentence.test(error.message), String(sentence));
  }
});

t.test('what database errors mean', async (t) => {
  const url = await emptyDatabase(t);
  const db = connect(url, { max: 1 });
  const hurried = connect(url, { max: 1, statementTimeout: 50 });
  t.teardown(() => Promise.all([db.close(), hurried.close()]));
  await db.sql`create table things (id int constraint things_once unique)`;
  await db.sql`insert into things values (1)`;
  const twice = await failure(() => db.sql`insert into things values (1)`.execute());
  t.equal(uniqueViolation(twice), 'things_once');
  t.equal(uniqueViolation(new Error('wrapped', { cause: twice })), 'things_once');
  t.equal(isUnavailable(twice), false);
  const slow = await failure(() => hurried.sql`select pg_sleep(10)`.execute());
  t.equal(isUnavailable(slow), true, 'a statement that took too long');
  const ended = connect(url, { max: 1 });
  t.teardown(() => ended.close());
  const [backend] = await ended.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const waiting = failure(() => ended.sql`select pg_sleep(60)`.execute());
  await db.sql`select pg_terminate_backend(${backend?.pid ?? 0})`;
  t.equal(isUnavailable(await waiting), true, 'a session that was ended');
  // The next statement may still be given to the dying connection; the one after it never is.
  await failure(() => ended.sql`select 1`.execute());
  t.equal((await ended.sql`select 1 as one`)[0]?.one, 1, 'and the pool goes on');
  const nowhere = connect('postgresql://x:y@127.0.0.1:1/none', { max: 1 });
  t.equal(isUnavailable(await failure(() => nowhere.sql`select 1`.execute())), true, 'no server');
  await nowhere.close();
  t.equal(isUnavailable(await failure(() => nowhere.sql`select 1`.execute())), true, 'a closed pool');
  const full = await failure(() =>
    db.sql`do $$ begin raise sqlstate '53100' using message = 'could not extend file'; end $$`.execute(),
  );
  t.strictSame([isStorageFull(full), isStorageFull(twice), isUnavailable(full)], [true, false, false]);
  t.strictSame([isUnavailable(null), isStorageFull('x'), uniqueViolation({})], [false, false, null]);
});

t.test('migrations', async (t) => {
  t.test('several processes at once end with one set of tables', async (t) => {
    const url = await emptyDatabase(t);
    await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl: url })));
    const db = connect(url, { max: 1 });
    t.teardown(() => db.close());
    const rows =
      await db.sql`select hash, count(*) as n from drizzle.__drizzle_migrations group by hash having count(*) > 1`;
    t.equal(rows.length, 0);
  });
  t.test('a login of its own for the service may take the role and nothing else', async (t) => {
    const url = await emptyDatabase(t);
    const admin = connect(url, { max: 1 });
    const name = `login_${Math.random().toString(36).slice(2)}`;
    await admin.sql.unsafe(`create role ${name} login password 'p'`);
    t.teardown(async () => {
      await admin.sql.unsafe(`drop owned by ${name}`);
      await admin.sql.unsafe(`drop role ${name}`);
      await admin.close();
    });
    const login = new URL(url);
    login.username = name;
    login.password = 'p';
    await migrate({ ownerUrl: url, loginUrl: login.href });
    await migrate({ ownerUrl: url, loginUrl: login.href });
    const db = connect(login.href, { role: appRole, max: 1 });
    const [row] = await db.sql`select current_user::text as role, session_user::text as login`;
    t.strictSame({ ...row }, { role: appRole, login: name });
    await db.close();
  });
});

t.test('arrays come and go as arrays', async (t) => {
  const db = connect(await emptyDatabase(t), { max: 1 });
  t.teardown(() => db.close());
  const lists = {
    bigints: [1, 2 ** 53 - 1, null],
    texts: ['a', '', 'NULL', 'null', '{b,"c"}', '\\', 'é,"', null],
    none: [],
  };
  const [row] = await db.sql`
    select ${lists.bigints}::bigint[] as bigints, ${lists.texts}::text[] as texts, ${lists.none}::text[] as none`;
  t.strictSame({ ...row }, lists);
  const [read] = await db.sql`
    select array['\\x00ff'::bytea, ''] as bytes, array[true, false] as flags, '{7,NULL}'::smallint[] as small, array[1.50]::numeric[] as amounts, array['{"a":[1]}'::jsonb] as documents,
           ${'{x,y}'}::text[] as literal, array[[1,2],[3,4]]::text as nested`;
  t.strictSame(
    { ...read },
    {
      bytes: [Buffer.from([0, 255]), Buffer.alloc(0)],
      flags: [true, false],
      small: [7, null],
      amounts: ['1.50'],
      documents: [{ a: [1] }],
      literal: ['x', 'y'],
      nested: '{{1,2},{3,4}}',
    },
  );
});

t.test('transactions', async (t) => {
  const db = connect(await emptyDatabase(t), { max: 2 });
  t.teardown(() => db.close());
  await db.sql`create table things (id int unique)`;
  const count = async () => (await db.sql<{ n: number }[]>`select count(*) as n from things`)[0]?.n;
  const answer = await db.sql.begin(async (tx) => {
    await tx`insert into things values (1)`;
    return 'done';
  });
  t.strictSame([answer, await count()], ['done', 1]);
  const thrown = await failure(() =>
    db.sql.begin(async (tx) => {
      await tx`insert into things values (2)`;
      throw new Error('no');
    }),
  );
  t.match(thrown, { message: 'no' });
  const hidden = await failure(() =>
    db.sql.begin(async (tx) => {
      await failure(() => tx`insert into things values (1)`.execute());
    }),
  );
  t.match(hidden, { message: /nothing was committed/ }, 'a failed statement that was hidden');
  t.equal(await count(), 1);
});

t.test('connections are cut again and again under load', async (t) => {
  const url = await emptyDatabase(t);
  const watcher = connect(url, { max: 1 });
  t.teardown(() => watcher.close());
  const cable = await layCable(t, url);
  const db = connect(cable.url, { max: 4, applicationName: 'load' });
  t.teardown(() => db.close());
  const large = 'x'.repeat(3000);
  const kinds: (() => Promise<unknown>)[] = [
    () => db.sql`select pg_sleep(0.002)`.execute(),
    () => db.sql`select ${large}::text as large`.execute(),
    () => db.sql.unsafe('select 1').execute(),
    () =>
      db.sql.begin(async (tx) => {
        await Promise.all([tx`select 1`, tx`select ${large}::text`, tx`select pg_sleep(0.001)`]);
        await tx`select 2`;
      }),
  ];
  const others: unknown[] = [];
  let done = 0;
  let stop = false;
  const work = async (kind: () => Promise<unknown>): Promise<void> => {
    while (!stop) {
      const error = await failure(kind);
      if (error === null) done++;
      else if (!isUnavailable(error)) others.push(error);
    }
  };
  const workers = [...kinds, ...kinds].map(work);
  for (let cuts = 0; cuts < 8; cuts++) {
    // Wait for work to flow, so that the cut meets it.
    const before = done;
    while (done < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await cable.cut();
    await cable.mend();
  }
  stop = true;
  await Promise.all(workers);
  t.strictSame(others, [], 'every failure says that the database was away');
  // The last cut may still be felt; then the pool goes on.
  while ((await failure(() => db.sql`select 1`.execute())) !== null);
  await db.close();
  // The server notices closed connections a moment later; one that was forgotten would stay for ever.
  let sessions = 1;
  while (sessions > 0) {
    const [row] = await watcher.sql<{ n: number }[]>`
      select count(*) as n from pg_stat_activity
      where datname = current_database() and application_name = 'load' and pid <> pg_backend_pid()`;
    sessions = row?.n ?? 0;
  }
});

t.test('a reserved connection that is lost takes no more statements', async (t) => {
  const cable = await layCable(t, await emptyDatabase(t));
  const db = connect(cable.url, { max: 2 });
  t.teardown(() => db.close());
  const reserved = await db.sql.reserve();
  const waiting = failure(() => reserved`select pg_sleep(60)`.execute());
  await cable.cut();
  t.equal(isUnavailable(await waiting), true);
  t.equal(isUnavailable(await failure(async () => reserved`select 1`)), true);
  t.equal(isUnavailable(await failure(async () => reserved.unsafe('select 1'))), true);
  reserved.release();
  await cable.mend();
  const fresh = await db.sql.reserve();
  t.equal((await fresh`select 1 as one`)[0]?.one, 1);
  fresh.release();
});

t.test('statements that waited behind a loss never run outside their transaction', async (t) => {
  const url = await emptyDatabase(t);
  const watcher = connect(url, { max: 1 });
  t.teardown(() => watcher.close());
  await watcher.sql`create table things (name text)`;
  const cable = await layCable(t, url);
  const db = connect(cable.url, { max: 1, applicationName: 'waiting' });
  t.teardown(() => db.close());
  const reserved = await db.sql.reserve();
  await reserved`BEGIN`;
  const sent = [
    reserved`select pg_sleep(60)`,
    ...['a', 'b', 'c'].map((name) => reserved`insert into things values (${name})`),
  ].map((statement) => failure(() => statement.execute()));
  const lost = cable.cut();
  await cable.mend();
  await lost;
  t.strictSame((await Promise.all(sent)).map(isUnavailable), [true, true, true, true]);
  reserved.release();
  await t.rejects(async () => reserved`select 1`, /given back/);
  let sessions = 1;
  while (sessions > 0) {
    const [row] = await watcher.sql<{ n: number }[]>`
      select count(*) as n from pg_stat_activity
      where datname = current_database() and application_name = 'waiting' and state <> 'active'`;
    sessions = row?.n ?? 0;
  }
  t.strictSame([...(await watcher.sql`select * from things`)], []);
});
