import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { appendLeaves, emptyFrontier, formatFrontier } from '../../src/core/log/merkle.ts';
import { appRole } from '../../src/database/connection.ts';
import { insertRows } from '../../src/database/rows.ts';
import { Refusal } from '../../src/errors.ts';
import { auditLog } from '../../src/ledger/audit.ts';
import { ensureGenesis } from '../../src/ledger/genesis.ts';
import { ofKind, type Projection } from '../../src/ledger/projection.ts';
import { rebuild } from '../../src/ledger/rebuild.ts';
import { idempotencyOf } from '../../src/ledger/submission.ts';
import { newParty, note, sighting, testLog } from '../support/log.ts';
import { until } from '../support/until.ts';

/** Refuses a second policy of the same name, as any unique fact of a feature would. */
const oncePerName: Projection = {
  tables: ['owners'],
  conflicts: { owners_pkey: { code: 'already-exists', detail: 'That name is taken; choose another.' } },
  insert: (sql, batch) => [
    insertRows(
      sql,
      'owners',
      { identifier: 'text', party: 'text', seq: 'bigint' },
      ofKind(batch, 'policy').map(({ seq, fact }) => ({ identifier: fact.name, party: fact.by, seq })),
    ),
  ],
};
const named = (name: string) => ({
  fact: { kind: 'policy' as const, by: newParty(), name, body: {} },
});

t.test('a log begins with its genesis, however many processes start it', async (t) => {
  const log = await testLog(t);
  const again = await Promise.all(
    [1, 2, 3].map(async () => ensureGenesis(log.db, await log.another(), 'elsewhere.example', newParty)),
  );
  t.same(again, [log.genesis, log.genesis, log.genesis]);
  t.equal(await log.ledger.size(), 1);
});

t.test('entries are gap-free and in order with several processes writing at once', async (t) => {
  const log = await testLog(t);
  const ledgers = [log.ledger, await log.another(), await log.another()];
  const epc = '01/06901234567892/21/SHARED';
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, i) => {
      const ledger = ledgers[i % 3] ?? log.ledger;
      const facts = Array.from({ length: 1 + (i % 5) }, (_, k) =>
        sighting(log.genesis.operator, [epc, `${epc}${i}-${k}`]),
      );
      return ledger.append(facts);
    }),
  );
  const seqs = answers.flatMap(({ facts }) => facts.map(({ seq }) => seq));
  t.same(
    [...seqs].sort((a, b) => a - b),
    Array.from({ length: seqs.length }, (_, i) => i + 1),
  );
  for (const { facts } of answers)
    t.equal((facts.at(-1)?.seq ?? 0) - (facts[0]?.seq ?? 0), facts.length - 1, 'a request is never split');
  t.match(await log.audit(), { entries: seqs.length + 1, mismatch: null });
});

t.test(
  'the same key counts once, at once and later, and another request under it is a conflict',
  async (t) => {
    const log = await testLog(t);
    const key = idempotencyOf('test', 'A', 'key-1', 'the bytes');
    const drafts = [note(log.genesis.operator, 'one'), note(log.genesis.operator, 'two')];
    const other = await log.another();
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => log.ledger.append(drafts, key)),
      ...Array.from({ length: 5 }, () => other.append(drafts, key)),
    ]);
    t.equal(answers.filter(({ replayed }) => !replayed).length, 1);
    const [first] = answers;
    for (const answer of answers) t.same(answer.facts, first?.facts);
    t.same((await log.ledger.replay(key))?.facts, first?.facts);
    t.equal(await log.ledger.size(), 3);
    await t.rejects(log.ledger.append(drafts, idempotencyOf('test', 'A', 'key-1', 'other bytes')), {
      code: 'idempotency-conflict',
    });
    t.equal(
      await log.ledger.replay(idempotencyOf('test', 'B', 'key-1', 'the bytes')),
      null,
      'keys belong to a party',
    );
  },
);

t.test('one bad submission in a group is refused alone', async (t) => {
  const log = await testLog(t, { projections: [oncePerName] });
  await log.ledger.append([named('taken')]);
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => log.ledger.append([named(i === 17 ? 'taken' : `free-${i}`)])),
  );
  const refused = results.flatMap((result, i) => (result.status === 'rejected' ? [[i, result.reason]] : []));
  t.match(refused, [[17, { code: 'already-exists' }]]);
  t.equal(await log.ledger.size(), 2 + 39);
  t.match(await log.audit(), { mismatch: null });
});

t.test('a full queue turns requests away before memory grows', async (t) => {
  const log = await testLog(t, { queueLimit: 10 });
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, () => log.ledger.append([note(newParty(), 'x')])),
  );
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  t.equal(reasons.length, 20);
  t.ok(
    reasons.every(
      (reason) => reason instanceof Refusal && reason.code === 'overloaded' && reason.retryAfter === 1,
    ),
  );
  t.equal(log.ledger.queued, 0);
  t.equal(await log.ledger.size(), 11);
});

t.test('one party fills half of the queue, and others find room', async (t) => {
  const log = await testLog(t, { queueLimit: 10 });
  const [flooder, other] = [newParty(), newParty()];
  const flood = Array.from({ length: 30 }, () => log.ledger.append([note(flooder, 'x')]));
  const results = await Promise.allSettled([...flood, log.ledger.append([note(other, 'y')])]);
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 5 + 1);
  t.equal(results.at(-1)?.status, 'fulfilled');
});

t.test('parties are recorded in turn: who records very much keeps waiting nobody but itself', async (t) => {
  const log = await testLog(t);
  const [flooder, other] = [newParty(), newParty()];
  const many = (n: number) =>
    sighting(
      flooder,
      Array.from({ length: 12_000 }, (_, i) => `01/06901234567892/21/F${n}X${i}`),
    );
  const order: string[] = [];
  const append = (name: string, draft: ReturnType<typeof note>) =>
    log.ledger.append([draft]).then(() => order.push(name));
  const holder = await log.owner.sql.reserve();
  await holder`BEGIN`;
  await holder`SELECT 1 FROM head FOR UPDATE`;
  const flood = [1, 2, 3, 4].map((n) => append(`flood ${n}`, many(n)));
  await until(async () => log.ledger.queued > 4 * 12_000);
  const late = append('other', note(other, 'y'));
  await until(async () => log.ledger.queued > 4 * 12_001);
  await holder`COMMIT`;
  holder.release();
  await Promise.all([...flood, late]);
  t.equal(order.indexOf('other'), 1, 'behind what was under way alone');
  t.strictSame(
    order.filter((it) => it !== 'other'),
    ['flood 1', 'flood 2', 'flood 3', 'flood 4'],
    'each in its own order',
  );
});

t.test('a lost connection is said honestly, and the key tells the truth afterwards', async (t) => {
  const log = await testLog(t);
  const key = idempotencyOf('test', 'A', 'k', 'b');
  // Hold the head so that the group waits, then end its session: nothing was committed.
  const holder = await log.owner.sql.reserve();
  await holder`BEGIN`;
  await holder`SELECT 1 FROM head FOR UPDATE`;
  const attempt = log.ledger.append([note(log.genesis.operator, 'x')], key).then(
    () => 'recorded',
    (error: unknown) => error,
  );
  for (;;) {
    const ended = await log.owner.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (ended.length > 0) break;
    await delay(5);
  }
  t.match(await attempt, { code: 'unavailable', retryAfter: 1 });
  await holder`ROLLBACK`;
  holder.release();
  t.match(await log.ledger.append([note(log.genesis.operator, 'x')], key), { replayed: false });
  t.equal(await log.ledger.size(), 2);
  t.match(await log.audit(), { mismatch: null });
});

t.test('closing writes what is queued and takes nothing more', async (t) => {
  const log = await testLog(t);
  const pending = log.ledger.append([note(log.genesis.operator, 'last')]);
  await log.ledger.close();
  t.match(await pending, { replayed: false });
  await t.rejects(log.ledger.append([note(log.genesis.operator, 'late')]), { code: 'unavailable' });
});

t.test('chains, tiles and head follow from the facts alone, whatever the grouping', async (t) => {
  const log = await testLog(t);
  const epcs = Array.from({ length: 12 }, (_, i) => `01/06901234567892/21/U${i}`);
  const group = fc.array(fc.subarray(epcs, { minLength: 1 }), { minLength: 1, maxLength: 60, size: 'max' });
  for (const lists of fc.sample(group, { numRuns: 30, seed: 7 }))
    await log.ledger.append(
      lists.map((list) => sighting(log.genesis.operator, list, '00/106141412345678908')),
    );
  const size = await log.ledger.size();
  t.ok(size > 512, 'several tiles are full');
  t.match(await log.audit(), { entries: size, mismatch: null });
  t.match(await rebuild(log.owner, { projections: [], followers: [] }), { entries: size, mismatch: null });
  const leaves = await log.db.sql<{ leaf: Buffer }[]>`SELECT leaf FROM entries ORDER BY seq`;
  const [head] = await log.db.sql<{ frontier: Buffer }[]>`SELECT frontier FROM head`;
  t.same(
    head?.frontier,
    formatFrontier(
      appendLeaves(
        emptyFrontier,
        leaves.map(({ leaf }) => leaf),
      ),
    ),
  );
});

t.test('the service can neither change nor take away what is recorded', async (t) => {
  const log = await testLog(t);
  for (const sql of [log.db.sql, log.owner.sql]) {
    await t.rejects(sql`UPDATE entries SET at = 0`, { code: '42501' });
    await t.rejects(sql`DELETE FROM facts`, { code: '42501' });
    await t.rejects(sql`TRUNCATE unit_chain`, { code: '42501' });
  }
});

const alterations: [name: string, statement: string, table: string, what: RegExp][] = [
  ['a digest', `UPDATE entries SET digest = sha256(digest) WHERE seq = 300`, 'facts', /digest of entry 300/],
  ['a leaf', `UPDATE entries SET leaf = sha256(leaf) WHERE seq = 300`, 'entries', /entry 300/],
  ['a time', `UPDATE entries SET at = at + 1 WHERE seq = 300`, 'entries', /entry 300/],
  [
    'a payload',
    `UPDATE facts SET payload = replace(payload, 'ObjectEvent', 'ObjectEvenT') WHERE seq = 300`,
    'facts',
    /fact 300/,
  ],
  ['a salt', `UPDATE facts SET salt = substr(sha256(salt), 1, 16) WHERE seq = 300`, 'facts', /fact 300/],
  ['a kind', `UPDATE facts SET kind = 'policy' WHERE seq = 300`, 'facts', /kind of fact 300/],
  ['a fact taken away', `DELETE FROM facts WHERE seq = 300`, 'facts', /fact of entry 300 is missing/],
  ['an entry taken away', `DELETE FROM entries WHERE seq = 300`, 'entries', /entry 300 is missing/],
  ['the last entry taken away', `DELETE FROM entries WHERE seq = 599`, 'entries', /entry 599 is missing/],
  ['a link', `UPDATE unit_chain SET link = sha256(link) WHERE seq = 300`, 'unit_chain', /entry 300/],
  ['a link taken away', `DELETE FROM unit_chain WHERE seq = 300`, 'unit_chain', /entry 300/],
  [
    'a link added',
    `INSERT INTO unit_chain SELECT 1, 300, 9999, 0, link FROM unit_chain WHERE seq = 301 LIMIT 1`,
    'unit_chain',
    /entry 300/,
  ],
  ['a position', `UPDATE unit_chain SET position = 3 WHERE seq = 300`, 'unit_chain', /entry 300/],
  ['an identifier', `UPDATE epcs SET epc = epc || 'X' WHERE unit = 1`, 'unit_chain', /link/],
  [
    'personal data',
    `UPDATE privates SET value = replace(value, '0571', '0572') WHERE seq = 300`,
    'privates',
    /private 300 does not give its hash/,
  ],
  [
    'a hash of personal data',
    `UPDATE privates SET hash = sha256(hash) WHERE seq = 300`,
    'privates',
    /private 300/,
  ],
  ['personal data taken away', `DELETE FROM privates WHERE seq = 300`, 'facts', /private hash of fact 300/],
  [
    'personal data of a fact without any',
    `INSERT INTO privates SELECT 301, value, salt, hash FROM privates`,
    'facts',
    /private hash of fact 301/,
  ],
  [
    'an entry after the last',
    `INSERT INTO entries SELECT 600, at, digest, leaf FROM entries WHERE seq = 599`,
    'entries',
    /entry 600, but the head/,
  ],
  [
    'an entry far after the last, with its fact',
    `INSERT INTO entries SELECT 7000, at, digest, leaf FROM entries WHERE seq = 599;
     INSERT INTO facts SELECT 7000, kind, payload, salt FROM facts WHERE seq = 599`,
    'entries',
    /entry 7000, but the head/,
  ],
  [
    'an entry before the first',
    `INSERT INTO entries SELECT -1, at, digest, leaf FROM entries WHERE seq = 0`,
    'entries',
    /entry -1, but the head/,
  ],
  [
    'a fact after the last',
    `INSERT INTO facts SELECT 600, kind, payload, salt FROM facts WHERE seq = 599`,
    'facts',
    /entry 600, but the head/,
  ],
  [
    'personal data after the last',
    `INSERT INTO privates SELECT 600, value, salt, hash FROM privates`,
    'privates',
    /entry 600, but the head/,
  ],
  [
    'a link after the last',
    `INSERT INTO unit_chain SELECT unit, 600, 9999, 0, link FROM unit_chain WHERE seq = 599`,
    'unit_chain',
    /entry 600, but the head/,
  ],
  [
    'a tile after the last',
    `INSERT INTO tiles SELECT 0, 2, hashes FROM tiles WHERE n = 1`,
    'tiles',
    /not full/,
  ],
  [
    'a tile above the last',
    `INSERT INTO tiles SELECT 1, 0, hashes FROM tiles WHERE n = 1`,
    'tiles',
    /not full/,
  ],
  ['an identifier added', `INSERT INTO epcs VALUES (99999, '00/1')`, 'epcs', /numbered/],
  ['a tile', `UPDATE tiles SET hashes = sha256(hashes) WHERE n = 1`, 'tiles', /tile 0\/1/],
  ['a tile taken away', `DELETE FROM tiles WHERE n = 0`, 'tiles', /tile 0\/0/],
  [
    'a tile of nothing',
    `ALTER TABLE tiles ALTER hashes DROP NOT NULL; UPDATE tiles SET hashes = NULL WHERE n = 0`,
    'tiles',
    /tile 0\/0 is missing/,
  ],
  ['the frontier', `UPDATE head SET frontier = substr(frontier, 1, 64)`, 'head', /frontier/],
  ['the head leaf', `UPDATE head SET leaf = sha256(leaf)`, 'head', /leaf/],
  ['the next number', `UPDATE head SET next_unit = 1`, 'head', /next_unit/],
];

/** What an alteration may touch. */
const altered = ['entries', 'facts', 'privates', 'unit_chain', 'epcs', 'tiles', 'head'];

t.test('audit names what was altered by somebody who owns the database', async (t) => {
  const log = await testLog(t);
  const drafts = Array.from({ length: 599 }, (_, i) => ({
    ...sighting(log.genesis.operator, [`01/06901234567892/21/U${i % 7}`]),
    ...(i === 299 ? { private: { contact: '0571-88880000' } } : {}),
  }));
  await log.ledger.append(drafts);
  t.match(await log.audit(), { entries: 600, mismatch: null });
  for (const [name, statement, table, what] of alterations) {
    const sql = await log.owner.sql.reserve();
    // Keep what is altered, so that every alteration meets an intact log.
    await sql
      .unsafe(`SET session_replication_role = replica; CREATE SCHEMA kept;
      ${altered.map((x) => `CREATE TABLE kept.${x} AS TABLE ${x};`).join('')}
      ${statement}`)
      .simple();
    const { mismatch } = await log.audit();
    t.match(mismatch, { table, what }, name);
    await sql
      .unsafe(
        `${altered.map((x) => `DELETE FROM ${x}; INSERT INTO ${x} TABLE kept.${x};`).join('')}
      DROP SCHEMA kept CASCADE; SET session_replication_role = origin`,
      )
      .simple();
    sql.release();
  }
  t.match(await log.audit(), { entries: 600, mismatch: null }, 'everything was put back');
});

t.test('an audit of what was added since takes what was there before as it stands', async (t) => {
  const log = await testLog(t);
  const add = (count: number) =>
    log.ledger.append(
      Array.from({ length: count }, (_, i) => sighting(log.genesis.operator, [`00/${i % 5}`])),
    );
  await add(599);
  const audit = (since: number) => auditLog(log.db, { url: log.url, role: appRole, processes: 1, since });
  const whole = await log.audit();
  t.match(await audit(600), { entries: 600 - 512, mismatch: null, root: whole.root }, 'from its tile on');
  await add(400);
  t.match(await audit(600), { entries: 1000 - 512, mismatch: null });
  t.match(await audit(999), { entries: 1000 - 768, mismatch: null });
  t.same((await audit(600)).root, (await log.audit()).root);
  // One after the other: what comes later is found sooner.
  const alterations: [statement: string, found: object | null][] = [
    ['UPDATE entries SET at = at + 1 WHERE seq = 100', null],
    [`INSERT INTO epcs VALUES (99999, '00/1x')`, { table: 'epcs', what: /numbered/ }],
    ['UPDATE tiles SET hashes = sha256(hashes) WHERE n = 0', { table: 'head', what: /frontier/ }],
    ['DELETE FROM tiles WHERE n = 1', { table: 'tiles', what: /before entry 512 is missing/ }],
    ['UPDATE entries SET at = at + 1 WHERE seq = 700', { table: 'entries', what: /entry 700/ }],
  ];
  for (const [statement, found] of alterations) {
    await log.owner.sql.unsafe(`SET session_replication_role = replica; ${statement}`).simple();
    t.match((await audit(600)).mismatch, found, statement);
  }
});

t.test('audit leaves to the next what is recorded while it runs', async (t) => {
  const log = await testLog(t);
  let recorded = 0;
  let audits = 0;
  const recording = (async () => {
    while (audits < 20) {
      await log.ledger.append([sighting(log.genesis.operator, [`01/06901234567892/21/N${recorded++}`])]);
    }
  })();
  for (; audits < 20; audits++) t.match(await log.audit(), { mismatch: null });
  await recording;
  t.ok(recorded > 20, `${recorded} entries came meanwhile`);
});

t.test('rebuild names a projection that does not follow from the log', async (t) => {
  const log = await testLog(t, { projections: [oncePerName] });
  await log.ledger.append([named('a'), named('b')]);
  await log.owner.sql
    .unsafe(`SET session_replication_role = replica; UPDATE owners SET party = 'X' WHERE identifier = 'b';
    SET session_replication_role = origin`)
    .simple();
  const report = await rebuild(log.owner, { projections: [oncePerName], followers: [] });
  t.match(report.mismatch, { table: 'owners', what: /b/ });
  const left = await log.owner.sql`SELECT 1 FROM pg_namespace WHERE nspname = 'rebuild'`;
  t.equal(left.length, 0, 'nothing of the shadow stays');
});
