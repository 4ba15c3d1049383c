/** Checkpoints on their way to witnesses, over real HTTP. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { cosignedAt, parseCheckpoint } from '../../src/core/log/checkpoint.ts';
import { emptyRoot } from '../../src/core/log/merkle.ts';
import { type Note, type NoteKey, parseNote } from '../../src/core/log/note.ts';
import { auditCosignatures } from '../../src/ledger/audit-cosignatures.ts';
import { note as remark } from '../support/log.ts';
import { outsideWitness } from '../support/outside-witness.ts';
import { type TestOverrides, type TestService, testService } from '../support/service.ts';

const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};
async function grow({ deps }: TestService, count: number): Promise<number> {
  await deps.ledger.append(Array.from({ length: count }, () => remark(deps.genesis.operator, randomUUID())));
  return deps.ledger.size();
}
const shown = async ({ app }: TestService): Promise<Note> =>
  read(parseNote((await app.inject('/log/checkpoint')).body));

/** Waits until what is asked for holds; the time a test may take is the limit. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20);
}

/** The checkpoint over so many entries, once it bears the cosignature. */
async function cosigned(service: TestService, size: number, key: NoteKey): Promise<Note> {
  await service.deps.checkpoints.covering(size - 1, 60_000);
  let found = await shown(service);
  await until(async () => {
    found = await shown(service);
    return read(parseCheckpoint(found.text)).size >= size && cosignedAt(found, key) !== null;
  });
  return found;
}
const ready = async ({ app }: TestService) => {
  const answer = await app.inject('/readyz');
  return { code: answer.statusCode, ...answer.json() };
};
const errorsOf = ({ logged }: TestService): string[] =>
  logged.flatMap((it) =>
    'err' in it && 'witness' in it ? [`${it.witness}: ${JSON.stringify(it.err)}`] : [],
  );
const start = (t: Test, service: NonNullable<TestOverrides['service']>, beside?: TestService) =>
  testService(t, beside === undefined ? { service } : { service, beside });

t.test('every checkpoint is cosigned, and the note bears it', async (t) => {
  const [one, two] = [await outsideWitness(t, 'one.example/w'), await outsideWitness(t, 'two.example/w')];
  const service = await start(t, { witnesses: [one, two], witnessQuorum: 2 });
  for (let i = 0; i < 3; i++) {
    const size = await grow(service, 40);
    await cosigned(service, size, one.key);
    const note = await cosigned(service, size, two.key);
    t.equal(note.signatures.length, 3, 'the log and its witnesses');
  }
  // One request a checkpoint and witness: the size it has is known.
  t.ok(one.requests.every((body, i) => i === 0 || !body.startsWith('old 0\n')));
  t.strictSame(await ready(service), {
    code: 200,
    status: 'ready',
    witnesses: { witnesses: 2, quorum: 2, size: one.known.size, waitingSeconds: 0, late: false },
  });
  const proof = (await service.app.inject('/v1/log/entries/3/proof')).json();
  t.ok(cosignedAt(read(parseNote(proof.checkpoint)), one.key), 'proofs come with it as well');

  const { sql } = service.owner;
  const audit = () => auditCosignatures(sql, [one.key]);
  const { mismatch, unverified } = await audit();
  t.equal(mismatch, null);
  t.ok(unverified >= 3, 'the key of the other is not known here');
  // One after the other, each at a checkpoint before those altered so far.
  const alterations: [statement: string, what: RegExp][] = [
    [
      'INSERT INTO cosignatures SELECT size + 9, witness, key_id, at, line FROM cosignatures',
      /no checkpoint/,
    ],
    [
      `UPDATE cosignatures SET line = replace(line, 'one.example', 'two.example') WHERE size = $1`,
      /another key/,
    ],
    [
      `UPDATE cosignatures SET line = (
        SELECT line FROM cosignatures o WHERE o.witness = cosignatures.witness AND o.size <> $1 LIMIT 1)
      WHERE size = $1 AND witness = 'one.example/w'`,
      /not a good one/,
    ],
    [`UPDATE cosignatures SET line = 'x' WHERE size = $1`, /no line/],
  ];
  const [first] = await sql<{ size: number }[]>`SELECT min(size) AS size FROM cosignatures`;
  for (const [statement, what] of alterations) {
    await sql.unsafe(
      `SET session_replication_role = replica; ${statement.replaceAll('$1', String(first?.size))}`,
    );
    t.match((await audit()).mismatch, { table: 'cosignatures', what });
  }
});

t.test('a witness that knows another size is continued from there', async (t) => {
  const witness = await outsideWitness(t, 'one.example/w');
  const service = await start(t, {});
  const size = await grow(service, 10);
  await service.deps.checkpoints.covering(size - 1, 20_000);
  const [root] = await service.deps.tree.roots([{ from: 0, until: 5 }]);
  witness.known = { size: 5, root: root ?? emptyRoot };
  const again = await start(t, { witnesses: [witness] }, service);
  await cosigned(again, size, witness.key);
  t.match(witness.requests[0], /^old 0\n\n/);
  t.match(witness.requests[1], /^old 5\n\S+\n/);
  t.strictSame(errorsOf(again), []);
});

t.test('a witness in trouble is asked again, and told of once', async (t) => {
  const witness = await outsideWitness(t, 'one.example/w');
  const stranger = await outsideWitness(t, 'two.example/w');
  witness.tricks.push(
    { status: 503 },
    { status: 503 },
    // Its address comes from the settings alone: it cannot send us elsewhere.
    { status: 307, location: `${stranger.url}/add-checkpoint` },
  );
  const service = await start(t, { witnesses: [witness] });
  const size = await grow(service, 1);
  await cosigned(service, size, witness.key);
  t.strictSame(stranger.requests, []);
  const told = errorsOf(service);
  t.equal(told.length, 2, told.join('\n'));
  t.match(told[0], /^one\.example\/w: .*it answered 503/);
});

t.test('a quorum that is late is told, and reading goes on', async (t) => {
  const good = await outsideWitness(t, 'one.example/w');
  const bad = await outsideWitness(t, 'two.example/w');
  const liar = await outsideWitness(t, 'three.example/w');
  let clock = 1_800_000_000_000;
  bad.tricks.push(
    ...Array.from({ length: 1000 }, () => ({ status: 200, body: liar.line('something else\n') })),
  );
  const service = await start(t, { witnesses: [good, bad], witnessQuorum: 2, now: () => clock });
  const size = await grow(service, 3);
  const note = await cosigned(service, size, good.key);
  t.equal(note.signatures.length, 2, 'what is not good is not kept');
  await until(() => errorsOf(service).length > 0);
  t.match(errorsOf(service)[0], /^two\.example\/w: .*no good cosignature/);
  t.match(await ready(service), { code: 200, witnesses: { size: null, late: false } });
  clock += 60_000;
  t.match(await ready(service), { code: 200, witnesses: { size: null, waitingSeconds: 60, late: true } });
  const { body } = await service.app.inject('/metrics');
  t.match(body, /^suyuan_witness_quorum_waiting_seconds 60$/m);
  t.match(body, /^suyuan_witness_failures\{witness="two\.example\/w"\} [1-9]/m);
  t.match(body, /^suyuan_witness_failures\{witness="one\.example\/w"\} 0$/m);
  bad.tricks.length = 0;
  await cosigned(service, await grow(service, 1), bad.key);
  await cosigned(service, size, good.key);
  t.match(await ready(service), { witnesses: { late: false, waitingSeconds: 0 } });
});

t.test('signatures of types that are not known here are handed on as they came', async (t) => {
  const service = await start(t, {});
  const size = await grow(service, 1);
  const checkpoint = await service.deps.checkpoints.covering(size - 1, 20_000);
  const line = `— pq.example/w ${Buffer.alloc(2432, 6).toString('base64')}\n`;
  await service.owner.sql`
    INSERT INTO cosignatures (size, witness, key_id, at, line)
    VALUES (${checkpoint?.size ?? 0}, 'pq.example/w', '06060606', 0, ${line})`;
  t.equal((await service.app.inject('/log/checkpoint')).body, `${checkpoint?.note}${line}`);
});
