import t from 'tap';
import { connect } from '../../../src/database/connection.ts';
import { openFindings } from '../../../src/features/findings/open-findings.ts';
import { testDatabase } from '../../support/postgres.ts';

t.test(
  'open findings are looked up by key, even by a plan that was made while there were none',
  async (t) => {
    const { owner, url } = await testDatabase(t);
    const one = connect(url, { max: 1, planOnce: true });
    t.teardown(() => one.close());
    t.strictSame(await openFindings(one.sql, [1, 2, 3]), new Map());
    await owner.sql`
    INSERT INTO findings (unit, rule, opened, one, other, severity, case_id)
    SELECT unit, 'broken-chain', n * 100, 1, 2, 'conflict', '' FROM generate_series(1, 500) unit, generate_series(1, 4) n`;
    await owner.sql`
    INSERT INTO finding_closings (unit, rule, opened, one, other, closed)
    SELECT unit, rule, opened, one, other, opened + 50 FROM findings WHERE opened < 400 OR unit = 3`;
    const readWhole = async () => {
      const [row] = await owner.sql<{ rows: number }[]>`
      SELECT sum(seq_tup_read)::int AS rows FROM pg_stat_user_tables WHERE relname IN ('findings', 'finding_closings')`;
      return row?.rows;
    };
    await owner.sql`SELECT pg_stat_force_next_flush()`;
    const before = await readWhole();
    const found = await openFindings(one.sql, [1, 2, 3]);
    await one.sql`SELECT pg_stat_force_next_flush()`;
    t.strictSame(
      [...found].map(([unit, open]) => [unit, [...open.values()].map(({ opened }) => opened)]).sort(),
      [
        [1, [400]],
        [2, [400]],
      ],
    );
    t.equal(await readWhole(), before, 'no table was read whole');
  },
);
