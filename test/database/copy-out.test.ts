import t from 'tap';
import { onConnection } from '../../src/database/connection.ts';
import { copyOut } from '../../src/database/copy-out.ts';
import { testDatabase } from '../support/postgres.ts';

t.test('rows are read field by field', async (t) => {
  const { db } = await testDatabase(t);
  await onConnection(db.sql, async (connection) => {
    const rows = await copyOut(
      connection,
      `SELECT * FROM (VALUES
        (1::int2, -2::int4, 9007199254740991::int8, 'a源'::text, '\\x00ff10'::bytea, '\\xfb'::bytea),
        (NULL, NULL, -3::int8, NULL, NULL, NULL)) v`,
    );
    const read = [];
    while (rows.next())
      read.push([
        rows.integer(),
        rows.integer(),
        rows.integer(),
        rows.text(),
        rows.bytes()?.toString('hex'),
        rows.base64url(),
      ]);
    t.strictSame(read, [
      [1, -2, Number.MAX_SAFE_INTEGER, 'a源', '00ff10', '-w'],
      [Number.NaN, Number.NaN, -3, null, undefined, null],
    ]);
    t.equal((await copyOut(connection, 'SELECT 1 WHERE false')).next(), false);
  });
});

t.test('results of every size, one after the other on a connection', async (t) => {
  const { db } = await testDatabase(t);
  await onConnection(db.sql, async (connection) => {
    for (let size = 0; size < 400; size++) {
      const count = size * 37;
      const rows = await copyOut(
        connection,
        `SELECT i, repeat('x', 100) FROM generate_series(1, ${count}) i`,
      );
      let read = 0;
      let characters = 0;
      for (; rows.next(); read++) {
        if (rows.integer() !== read + 1) t.fail('a row is missing');
        characters += rows.text()?.length ?? 0;
      }
      if (read !== count || characters !== 100 * count) t.fail(`${read} rows of ${count}`);
    }
  });
  t.pass('none is lost, and none waits for ever');
});

t.test('what PostgreSQL refuses is told, at the start and on the way', async (t) => {
  const { db, owner } = await testDatabase(t);
  await onConnection(db.sql, async (connection) => {
    await t.rejects(copyOut(connection, 'SELECT nothing'), { code: '42703' });
    await t.rejects(copyOut(connection, 'SELECT 1 / (50000 - i) FROM generate_series(1, 60000) i'), {
      code: '22012',
    });
    t.equal((await copyOut(connection, 'SELECT 1')).next(), true, 'the connection goes on');
  });
  const connection = await db.sql.reserve();
  const [self] = await connection<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  const cut = copyOut(connection, 'SELECT pg_sleep(0.001) FROM generate_series(1, 100000)');
  cut.catch(() => {});
  await owner.sql`SELECT pg_terminate_backend(${self?.pid ?? 0})`;
  await t.rejects(cut);
  connection.release();
});
