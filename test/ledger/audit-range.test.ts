import t from 'tap';
import { originHash } from '../../src/core/log/entry.ts';
import type { Sql } from '../../src/database/sql.ts';
import { auditRange } from '../../src/ledger/audit-range.ts';
import { note, testLog } from '../support/log.ts';

t.test('a stretch takes as long as it takes to check, whatever else the machine does', async (t) => {
  const log = await testLog(t);
  await log.ledger.append(Array.from({ length: 10 }, (_, i) => note(log.genesis.operator, String(i))));
  // A session that is idle within a transaction for longer than this is ended by the server.
  const impatient = {
    async reserve() {
      const connection = await log.db.sql.reserve();
      await connection`SET idle_in_transaction_session_timeout = 20`;
      return connection;
    },
  } as Partial<Sql> as Sql;
  const range = { from: 0, until: 11, genesisPrev: originHash(log.genesis.origin) };
  const audit = await auditRange(impatient, range, () => {
    const until = performance.now() + 200;
    while (performance.now() < until);
  });
  t.match(audit, { entries: 11, mismatch: null });
});
