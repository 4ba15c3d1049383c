import t from 'tap';
import { connect, onConnection, planIndexByIndex } from '../../../src/database/connection.ts';
import { openFindings } from '../../../src/features/findings/open-findings.ts';
import { testDatabase } from '../../support/postgres.ts';

t.test(
  'open findings are looked up by key, even by a plan that was made while there were none',
  async (t) => {
    const { owner, url } = await testDatabase(t);
    // As the follower and `rebuild` ask: in transactions on a connection that keeps its plans.
    const one = connect(url, { max: 1 });
    t.teardown(() => one.close());
    const ask = (units: number[]) =>
      onConnection(one.sql, async (connection) => {
        await connection`BEGIN`;
        await planIndexByIndex(connection);
        const found = await openFindings(connection, units);
        await connection`COMMIT`;
        await connection`SELECT pg_stat_force_next_flush()`;
        return found;
      });
    const rowsRead = async () => {
      const [row] = await owner.sql<{ rows: number }[]>`
      SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname LIKE 'finding%')::int
        + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname LIKE 'finding%')::int AS rows`;
      return row?.rows ?? 0;
    };
    await owner.sql`ANALYZE findings, finding_closings`;
    t.strictSame(await ask([1, 2, 3]), new Map());
    await owner.sql`
    INSERT INTO findings (unit, rule, opened, one, other, severity, case_id)
    SELECT unit, 'broken-chain', n * 100, 1, 2, 'conflict', ''
    FROM generate_series(1, 500) unit, generate_series(1, 4) n`;
    await owner.sql.begin(async (sql) => {
      await sql`
      INSERT INTO finding_closings (unit, rule, opened, one, other, closed)
      SELECT unit, rule, opened, one, other, opened + 50 FROM findings WHERE opened < 400 OR unit = 3`;
      await sql`SELECT pg_stat_force_next_flush()`;
    });
    const before = await rowsRead();
    const found = await ask([1, 2, 3]);
    t.strictSame(
      [...found].map(([unit, open]) => [unit, [...open.values()].map(({ opened }) => opened)]).sort(),
      [
        [1, [400]],
        [2, [400]],
      ],
    );
    const read = (await rowsRead()) - before;
    t.ok(
      read > 0 && read <= 2 * 3 * 4,
      `${read} rows read for three things of four findings and closings each`,
    );
  },
);
