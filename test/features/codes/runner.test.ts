import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { DelegationFact } from '../../../src/core/log/fact.ts';
import { Refusal } from '../../../src/errors.ts';
import { orderBatch } from '../../../src/features/codes/batches.ts';
import { idleJobs, jobById } from '../../../src/features/codes/jobs.ts';
import { createBatchRunner } from '../../../src/features/codes/runner.ts';
import { createSlots } from '../../../src/features/codes/slots.ts';
import { keysByKid } from '../../../src/features/keys/queries.ts';
import { newId, newPartyId } from '../../../src/features/new-id.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Teardown } from '../../support/postgres.ts';
import { type TestService, testService } from '../../support/service.ts';
import { type Maker, maker, record } from './makers.ts';

const gtin = '06901234567892';
const quiet = { error: () => {} };

/** A service whose own runner has ended, and a maker. */
async function idleService(t: Teardown): Promise<{ service: TestService; made: Maker }> {
  const service = await testService(t);
  const made = await maker(service, { gtins: [gtin] });
  await service.app.close();
  return { service, made };
}

/** A batch that nobody has begun. */
async function ordered(
  service: TestService,
  { party }: Maker,
  body: { quantity?: number; serials?: string[] },
) {
  const caller = { party, client: 'test', roles: ['manufacturer' as const], mandate: null };
  return orderBatch(service.deps, caller, { gtin, lot: 'L1', ...body }, `key ${Math.random()}`);
}

/** The ledger, but for what `append` does instead of appending the n-th time. */
function failing(
  ledger: Ledger,
  instead: (n: number, append: () => Promise<unknown>) => Promise<void> | null,
): Ledger {
  let calls = 0;
  return {
    ...ledger,
    append: async (drafts, idempotency) => {
      const append = () => ledger.append(drafts, idempotency);
      await instead(++calls, append);
      return append();
    },
  };
}

const counts = async (service: TestService, batch: string) => {
  const [row] = await service.db.sql<{ codes: number; facts: number; different: number }[]>`
    SELECT sum(last_unit - first_unit + 1)::int AS codes, count(DISTINCT seq)::int AS facts,
      (SELECT count(DISTINCT epc)::int FROM issues i JOIN epcs e ON e.unit BETWEEN i.first_unit AND i.last_unit
       WHERE i.batch = ${batch}) AS different
    FROM issues WHERE batch = ${batch}`;
  return row;
};

t.test('a batch that a crash cut off goes on where it was, whatever was lost', async (t) => {
  const { service, made } = await idleService(t);
  const job = await ordered(service, made, { quantity: 30_001 });

  // The first process dies with its second part: before it is recorded, and again after, without hearing of it.
  for (const [dies, recorded] of [
    [async () => {}, 1],
    [(append: () => Promise<unknown>) => append(), 3],
  ] as const) {
    let gone = false;
    const dying = createBatchRunner(
      {
        ...service.deps,
        ledger: failing(service.deps.ledger, async (n, append) => {
          if (gone) return new Promise(() => {});
          if (n === 1) return;
          gone = true;
          await dies(append);
          return new Promise(() => {});
        }),
      },
      quiet,
      { leaseMs: 0 },
    );
    void dying.run(job.id);
    while ((await counts(service, job.id))?.facts !== recorded || !gone) await delay(10);
  }
  t.match(await jobById(service.db.sql, job.id), { state: 'running', done: 30_000 });

  const next = createBatchRunner(service.deps, quiet);
  await next.run(job.id);
  t.match(await jobById(service.db.sql, job.id), { state: 'done', done: 30_001 });
  t.strictSame(await counts(service, job.id), { codes: 30_001, facts: 4, different: 30_001 });
});

t.test('own serials survive the crash, and are forgotten once they are issued', async (t) => {
  const { service, made } = await idleService(t);
  const serials = Array.from({ length: 20_001 }, (_, i) => `S-${i.toString(36).toUpperCase()}`);
  const job = await ordered(service, made, { serials });
  const stopped = createBatchRunner(service.deps, quiet);
  const run = stopped.run(job.id);
  await stopped.stop();
  await run;
  const [kept] = await service.db.sql`SELECT count(*)::int AS n FROM batch_serials`;
  t.equal(kept?.n, 3);
  const next = createBatchRunner(service.deps, quiet);
  await next.run(job.id);
  t.strictSame(await counts(service, job.id), { codes: 20_001, facts: 3, different: 20_001 });
  const [left] = await service.db.sql`SELECT count(*)::int AS n FROM batch_serials`;
  t.equal(left?.n, 0);
});

t.test('a new service takes up what another left', async (t) => {
  const { service, made } = await idleService(t);
  const job = await ordered(service, made, { quantity: 3 });
  t.strictSame(await idleJobs(service.db, 10), [job.id]);
  const runner = createBatchRunner(service.deps, quiet, { lookMs: 20 });
  runner.start();
  while ((await jobById(service.db.sql, job.id))?.state !== 'done') await delay(10);
  const second = await ordered(service, made, { quantity: 3 });
  while ((await jobById(service.db.sql, second.id))?.state !== 'done') await delay(10);
  await runner.stop();
  t.strictSame(await idleJobs(service.db, 10), []);
});

t.test('two processes on one batch issue each part once', async (t) => {
  const { service, made } = await idleService(t);
  const job = await ordered(service, made, { quantity: 30_000 });
  const runners = [1, 2, 3].map(() => createBatchRunner(service.deps, quiet, { leaseMs: 0 }));
  await Promise.all(runners.map((runner) => runner.run(job.id)));
  t.strictSame(await counts(service, job.id), { codes: 30_000, facts: 3, different: 30_000 });
  // While one has the lease, others leave it alone.
  const other = await ordered(service, made, { quantity: 20_000 });
  let appends = 0;
  const counted = failing(service.deps.ledger, async () => {
    appends++;
  });
  await Promise.all(
    [1, 2, 3].map(() => createBatchRunner({ ...service.deps, ledger: counted }, quiet).run(other.id)),
  );
  t.equal(appends, 2);
});

t.test('what passes is waited for; what does not fails the batch', async (t) => {
  const { service, made } = await idleService(t);
  const refusing = (...codes: ('unavailable' | 'outcome-unknown' | 'already-issued')[]) =>
    failing(service.deps.ledger, async (n) => {
      const code = codes[n - 1];
      if (code !== undefined) throw new Refusal(code, 'so it is');
    });
  const through = await ordered(service, made, { quantity: 5 });
  const ledger = refusing('unavailable', 'outcome-unknown', 'already-issued', 'already-issued');
  await createBatchRunner({ ...service.deps, ledger }, quiet).run(through.id);
  t.match(await jobById(service.db.sql, through.id), { state: 'done', done: 5 }, 'drawn and sent again');

  const taken = await ordered(service, made, { serials: ['A1', 'A2'] });
  const alsoTaken = await ordered(service, made, { serials: ['A2', 'A3'] });
  const runner = createBatchRunner(service.deps, quiet);
  await runner.run(taken.id);
  await runner.run(alsoTaken.id);
  t.match(await jobById(service.db.sql, alsoTaken.id), { state: 'failed', done: 0, error: /issued before/ });

  const agent = newPartyId();
  const granted: DelegationFact = {
    kind: 'delegation',
    by: made.party,
    id: newId(),
    from: made.party,
    to: agent,
    gtins: [gtin],
    places: [],
    acts: ['issue'],
    validFrom: '2025-01-01',
    validUntil: '2099-12-31',
    revoked: false,
  };
  await record(service, granted);
  const delegated = await ordered(service, { ...made, party: agent }, { quantity: 40_000 });
  const revoking = failing(service.deps.ledger, async (n, append) => {
    if (n > 1) return;
    await append();
    await record(service, { ...granted, revoked: true });
  });
  await createBatchRunner({ ...service.deps, ledger: revoking }, quiet).run(delegated.id);
  const ended = await jobById(service.db.sql, delegated.id);
  t.match(ended, { state: 'failed', error: /is not yours/ }, 'a delegation that ends, ends it');
  t.ok(ended !== null && ended.done < 40_000);

  const late = await ordered(service, made, { quantity: 5 });
  const key = (await keysByKid(service.db.sql, [made.kid])).get(made.kid);
  await record(service, {
    kind: 'key',
    by: made.party,
    kid: made.kid,
    purpose: 'issuing',
    party: made.party,
    algorithm: 'EdDSA',
    x: key?.x ?? '',
    custody: 'operator',
    status: 'retired',
  });
  await runner.run(late.id);
  t.match(await jobById(service.db.sql, late.id), { state: 'failed', done: 0, error: /no longer active/ });
  await runner.run(late.id);
  t.match(await jobById(service.db.sql, late.id), { state: 'failed' }, 'over is over');
});

t.test('slots are given in turn', async (t) => {
  const slots = createSlots(2);
  const order: number[] = [];
  const releases = [await slots.take('M'), await slots.take('M')];
  const waiting = [1, 2, 3].map(async (n) => {
    const release = await slots.take('M');
    order.push(n);
    release();
  });
  t.strictSame(order, []);
  releases[0]?.();
  await Promise.all(waiting);
  t.strictSame(order, [1, 2, 3]);
  releases[1]?.();
});

t.test('a slot goes to who had fewest, and all of them come', async (t) => {
  const slots = createSlots(2);
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    const release = await slots.take(name.slice(0, 1));
    order.push(name);
    await Promise.resolve();
    release();
  };
  const flood = ['a1', 'a2', 'a3', 'a4', 'a5'].map(work);
  await Promise.all([...flood, work('b1')]);
  t.strictSame(order, ['a1', 'a2', 'b1', 'a3', 'a4', 'a5']);
  await Promise.all(['a6', 'b2', 'b3'].map(work));
  t.strictSame(order.slice(6), ['a6', 'b2', 'b3']);
});
