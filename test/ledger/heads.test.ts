import t from 'tap';
import { base64url } from '../../src/core/log/entry.ts';
import type { HeadsFact } from '../../src/core/log/fact.ts';
import { headsProjection } from '../../src/features/log/projection.ts';
import { createHeads, type Heads, type HeadsEntry, type HeadsOptions } from '../../src/ledger/heads.ts';
import { rebuild } from '../../src/ledger/rebuild.ts';
import { note, sighting, type TestLog, testLog } from '../support/log.ts';
import { type Named, naiveRoot } from '../support/naive-heads.ts';
import { naiveLinks, naiveNames } from '../support/naive-log.ts';

const unit = (n: number): string => `01/06901234567892/21/U${n}`;
const projections = [headsProjection];
const open = (t: Parameters<typeof testLog>[0]): Promise<TestLog> => testLog(t, { projections });

function heads(log: TestLog, options: Partial<HeadsOptions> = {}): Heads {
  return createHeads({
    sql: log.db.sql,
    ledger: log.ledger,
    operator: log.genesis.operator,
    onError: (error) => t.fail('no entry could be appended', { error }),
    ...options,
  });
}

const check = ({ owner }: TestLog) => rebuild(owner, { projections, followers: [] });

/** The map at a size, from facts, salts and leaves alone. */
async function mapAt({ db }: TestLog, size: number): Promise<Map<string, Named>> {
  const rows = await db.sql<{ payload: string; salt: Buffer; leaf: Buffer }[]>`
    SELECT payload, salt, leaf FROM entries JOIN facts USING (seq) WHERE seq < ${size} ORDER BY seq`;
  const entries = rows.map((row) => ({ ...row, names: naiveNames(JSON.parse(row.payload)) }));
  const map = new Map<string, Named>();
  for (const [epc, links] of naiveLinks(entries)) {
    const salt = entries.findLast(({ names }) => names.includes(epc))?.salt;
    const link = links.at(-1);
    if (salt === undefined || link === undefined) throw new Error(`nothing names ${epc}`);
    map.set(epc, { count: links.length - 1, link, salt });
  }
  return map;
}

/** Owner of the tables, with no trigger in the way. */
const unguarded = ({ owner }: TestLog, statement: string): Promise<unknown> =>
  owner.sql
    .unsafe(`SET session_replication_role = replica; ${statement}; RESET session_replication_role`)
    .simple();

t.test('each entry says what the chains have come to, whatever was said before', async (t) => {
  const log = await open(t);
  const { operator } = log.genesis;
  const it = heads(log);
  t.equal(await it.latest(), null);
  const first = await it.publish();
  t.match(first, { seq: 1, size: 1, count: 0, root: Buffer.alloc(32) }, 'a log that names nothing');
  const said: HeadsEntry[] = [];
  const steps = [
    // More links than are read at a time, some of them superseded at once.
    [
      sighting(
        operator,
        Array.from({ length: 2_500 }, (_, i) => unit(i)),
      ),
      sighting(operator, [unit(7)]),
    ],
    [sighting(operator, [unit(7), unit(9_999)], '00/106141412345678908')],
    [note(operator, 'names nothing')],
    Array.from({ length: 5 }, (_, i) => sighting(operator, [unit(7), unit(i)])),
  ];
  for (const step of steps) {
    await log.ledger.append(step);
    said.push(await it.publish());
  }
  for (const entry of said) {
    const map = await mapAt(log, entry.size);
    t.same(entry.root, naiveRoot(map), `at size ${entry.size}`);
    t.equal(entry.count, map.size);
    t.equal(entry.seq, entry.size, 'the entry follows what it counts');
  }
  t.equal(said.at(-1)?.count, 2_502);
  const last = said.at(-1);
  t.strictSame(await it.publish(), last, 'nothing happened since: nothing is said');
  t.strictSame(await it.latest(), last);
  const [fact] = await log.ledger.read(last?.seq ?? 0, (last?.seq ?? 0) + 1);
  t.same(fact?.fact, {
    kind: 'heads',
    by: operator,
    version: 1,
    size: last?.size,
    root: base64url(last?.root ?? Buffer.alloc(0)),
    count: 2_502,
  });
  t.equal((await log.audit()).mismatch, null);
  t.equal((await check(log)).mismatch, null);
});

t.test('a crash after the entry and before the map: the next run makes the map of that entry', async (t) => {
  const log = await open(t);
  const { operator } = log.genesis;
  await log.ledger.append([sighting(operator, [unit(1)])]);
  const before = await heads(log).publish();
  await log.ledger.append([sighting(operator, [unit(1), unit(2)])]);
  const crashing = heads(log, {
    ledger: {
      async append(drafts, key) {
        await log.ledger.append(drafts, key);
        throw new Error('killed');
      },
    },
  });
  await t.rejects(crashing.publish(), /killed/);
  const it = heads(log);
  t.strictSame(await it.latest(), before, 'proofs go on being made for the entry before');
  t.equal((await check(log)).mismatch, null, 'an entry ahead of the map is no fault');
  await log.ledger.append([sighting(operator, [unit(3)])]);
  const repeated = await it.publish();
  t.match(repeated, { seq: 4, size: 4, count: 2 });
  t.same(repeated.root, naiveRoot(await mapAt(log, 4)));
  const after = await it.publish();
  t.same(after.root, naiveRoot(await mapAt(log, after.size)));
  t.equal((await check(log)).mismatch, null);
});

t.test('what is recorded while the heads are counted is in the next entry', async (t) => {
  const log = await open(t);
  const { operator } = log.genesis;
  await log.ledger.append([sighting(operator, [unit(1)])]);
  const busy = heads(log, {
    ledger: {
      async append(drafts, key) {
        await log.ledger.append([sighting(operator, [unit(1), unit(2)])]);
        return log.ledger.append(drafts, key);
      },
    },
  });
  t.match(await busy.publish(), { seq: 3, size: 2, count: 1 });
  const next = await heads(log).publish();
  t.match(next, { seq: 4, size: 4, count: 2 });
  t.same(next.root, naiveRoot(await mapAt(log, 4)));
  t.equal((await check(log)).mismatch, null);
});

t.test('several processes say a thing once', async (t) => {
  const log = await open(t);
  await log.ledger.append([sighting(log.genesis.operator, [unit(1)])]);
  const all = await Promise.all(
    [log.ledger, await log.another()].map((ledger) => heads(log, { ledger }).publish()),
  );
  t.strictSame(all[0], all[1]);
  t.equal(await log.ledger.size(), 3);
});

t.test('an entry follows by itself after a time', async (t) => {
  const log = await open(t);
  const it = heads(log, { pace: { lookMs: 1, intervalMs: 0 } });
  const published = new Promise<void>((resolve) =>
    log.ledger.onCommit((kinds) => {
      if (kinds.has('heads')) resolve();
    }),
  );
  it.start();
  await log.ledger.append([sighting(log.genesis.operator, [unit(1), unit(2), unit(3)])]);
  await published;
  await it.stop();
  const size = await log.ledger.size();
  t.ok(size <= 4, 'what names nothing is no reason for another');
  t.equal((await check(log)).mismatch, null);
});

t.test('audit names what was altered', async (t) => {
  const log = await open(t);
  const { operator } = log.genesis;
  const it = heads(log);
  await log.ledger.append([sighting(operator, [unit(1), unit(2), unit(3)])]);
  await it.publish();
  const [bucket] = await log.db.sql<{ bucket: number; records: Buffer }[]>`
    SELECT bucket, records FROM heads_buckets ORDER BY bucket LIMIT 1`;
  if (bucket === undefined) return t.fail('no bucket');
  const n = bucket.bucket;
  const key = base64url(bucket.records.subarray(0, 32));
  const leafAltered = 'set_byte(records, 40, 255 - get_byte(records, 40))';
  const alterations: [string, string, { table: string; what: RegExp }][] = [
    [
      `UPDATE heads_buckets SET records = ${leafAltered} WHERE bucket = ${n}`,
      `UPDATE heads_buckets SET records = ${leafAltered} WHERE bucket = ${n}`,
      { table: 'heads_buckets', what: new RegExp(`^bucket ${n} lacks the head .* for key ${key}$`) },
    ],
    [
      `UPDATE heads_buckets SET records = records || '\\x00' WHERE bucket = ${n}`,
      `UPDATE heads_buckets SET records = substring(records FOR 97) WHERE bucket = ${n}`,
      { table: 'heads_buckets', what: new RegExp(`^bucket ${n} holds more`) },
    ],
    [
      `CREATE TABLE taken AS SELECT * FROM heads_buckets WHERE bucket = ${n}; DELETE FROM heads_buckets WHERE bucket = ${n}`,
      'INSERT INTO heads_buckets TABLE taken',
      { table: 'heads_buckets', what: new RegExp(`^bucket ${n} is missing$`) },
    ],
    [
      "INSERT INTO heads_buckets VALUES (70000, '\\x')",
      'DELETE FROM heads_buckets WHERE bucket = 70000',
      { table: 'heads_buckets', what: /^bucket 70000 should be empty$/ },
    ],
    [
      `UPDATE heads_tiles SET hashes = set_byte(hashes, 8191, 1 - get_byte(hashes, 8191)) WHERE level = 1 AND n = ${n >> 8}`,
      `UPDATE heads_tiles SET hashes = set_byte(hashes, 8191, 1 - get_byte(hashes, 8191)) WHERE level = 1 AND n = ${n >> 8}`,
      { table: 'heads_tiles', what: new RegExp(`^tile 1/${n >> 8} `) },
    ],
    [
      'UPDATE heads_state SET count = 2',
      'UPDATE heads_state SET count = 3',
      { table: 'heads_state', what: /^count is 2, but 3 / },
    ],
    [
      'UPDATE heads_state SET size = 1',
      'UPDATE heads_state SET size = 2',
      { table: 'heads_state', what: /^no entry tells of heads at size 1$/ },
    ],
    ['UPDATE heads SET count = 2', 'UPDATE heads SET count = 3', { table: 'heads', what: /should be/ }],
  ];
  for (const [alter, mend, expected] of alterations) {
    await unguarded(log, alter);
    t.match((await check(log)).mismatch, expected, alter);
    await unguarded(log, mend);
    t.equal((await check(log)).mismatch, null, `mended: ${alter}`);
  }
  // A ledger that says what is not so, through the front door.
  const size = await log.ledger.size();
  const lie: HeadsFact = {
    kind: 'heads',
    by: operator,
    version: 1,
    size,
    root: base64url(Buffer.alloc(32, 1)),
    count: 3,
  };
  await log.ledger.append([{ fact: lie }]);
  t.match((await check(log)).mismatch, {
    table: 'facts',
    seq: size,
    what: /^the heads of entry 3 are not those of the chains/,
  });
  await t.rejects(it.publish(), /the chains do not come to what entry 3 says/);
});
