import t from 'tap';
import type { Sql } from '../../../src/database/connection.ts';
import { connect } from '../../../src/database/connection.ts';
import { createReadAudit } from '../../../src/features/access/read-audit.ts';
import { newPartyId } from '../../../src/features/new-id.ts';
import { testDatabase } from '../../support/postgres.ts';

const party = newPartyId();
const caller = { party, client: 'c', roles: [], mandate: null };
const rowsOf = (sql: Sql) =>
  sql<{ at: number; party: string; client: string; route: string; subject: string }[]>`
    SELECT at, party, client, route, subject FROM read_audit ORDER BY id`;

t.test('notes gather and are written together, the rest when it closes', async (t) => {
  const { db } = await testDatabase(t);
  let at = 0;
  const audit = createReadAudit(db.sql, {
    now: () => ++at,
    log: { warn: () => t.fail('no trouble') },
    delay: 3_600_000,
  });
  for (const subject of ['a', 'b']) audit.note(caller, 'GET /x', subject);
  t.strictSame([...(await rowsOf(db.sql))], []);
  await audit.flush();
  audit.note(caller, 'GET /y', 'c');
  await audit.close();
  t.strictSame(
    [...(await rowsOf(db.sql))],
    [
      { at: 1, party, client: 'c', route: 'GET /x', subject: 'a' },
      { at: 2, party, client: 'c', route: 'GET /x', subject: 'b' },
      { at: 3, party, client: 'c', route: 'GET /y', subject: 'c' },
    ],
  );
});

t.test('while the database is away notes wait, and beyond the bound the oldest give way', async (t) => {
  const { db } = await testDatabase(t);
  const nowhere = connect('postgres://nobody@127.0.0.1:1/none', { max: 1 });
  t.teardown(nowhere.close);
  let away = true;
  // The same tag function for both, so that the audit meets one connection that goes and comes.
  const unsafe: Sql['unsafe'] = (...query) => (away ? nowhere : db).sql.unsafe(...query);
  const sql = new Proxy(db.sql, {
    get: (target, name) => (name === 'unsafe' ? unsafe : Reflect.get(target, name)),
  });
  const warnings: unknown[] = [];
  const audit = createReadAudit(sql, {
    now: () => 1,
    log: { warn: (entry: unknown) => void warnings.push(entry) },
    delay: 3_600_000,
    limit: 3,
  });
  for (const subject of ['a', 'b', 'c', 'd']) audit.note(caller, 'GET /x', subject);
  await audit.flush();
  t.match(warnings, [{ lost: 0, err: { code: 'ECONNREFUSED' } }]);
  away = false;
  await audit.close();
  t.strictSame(
    (await rowsOf(db.sql)).map(({ subject }) => subject),
    ['b', 'c', 'd'],
  );
});
