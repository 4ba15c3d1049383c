/** Personal data erased: who may, what stays, and that nobody brings it back or takes it away unseen. */
import { hash } from 'node:crypto';
import t from 'tap';
import { commitTo } from '../../../src/core/log/digest.ts';
import { factJson, parseFact } from '../../../src/core/log/fact.ts';
import { auditEverything } from '../../../src/features/audit.ts';
import { operatorOf, refusal, register } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

const service = await testService(t);
const { sql } = service.db;
const operator = operatorOf(service);
const firm = await register(service, '甲维修', ['maintenance-firm']);
const other = await register(service, '乙商行', ['distributor'], {
  contact: { name: '李四', phone: '13800000001' },
});
const ground = '个人信息保护法第四十七条';

const asOwner = async (statement: string) => {
  const connection = await service.owner.sql.reserve();
  await connection
    .unsafe(`SET session_replication_role = replica; ${statement}; SET session_replication_role = origin`)
    .simple();
  connection.release();
};
const audited = async () => {
  const options = { url: service.databaseUrl, processes: 1, dataDir: service.dataDir, logOnly: false };
  return (await auditEverything(service.owner, options)).mismatch;
};
const personal = (await sql<{ seq: number }[]>`SELECT seq FROM privates`).map(({ seq }) => seq);
const inspection = {
  hops: ['a', 'b', 'c'].map((ref) => ({
    ...{
      hop: 'inspect',
      ref,
      time: '2026-01-05T09:00:00+08:00',
      epcs: [`01/06901234567892/21/${ref.toUpperCase()}1`],
    },
    ...{ outcome: 'conformant', private: { inspector: '张三' } },
  })),
};
const record = () => firm.send('POST', '/v1/events', inspection, { 'idempotency-key': 'inspect' });
const inspected = await record();
if (inspected.statusCode !== 201) throw new Error(inspected.body);
const seqs = inspected.json<{ facts: { seq: number }[] }>().facts.map(({ seq }) => seq);
const [first = 0, second = 0, third = 0] = seqs;

t.test('only who recorded it, or the operator; nobody learns what is there', async (t) => {
  const asked = (entries: readonly number[], who = firm as Pick<typeof operator, 'send'>) =>
    who.send('POST', '/v1/erasures', { entries, ground });
  const none = (seq: number, at: string) =>
    [
      404,
      'not-found',
      `${at} You have recorded no personal data with entry ${seq}, or it is erased already; leave it out.`,
    ] as const;
  t.match(refusal(await asked([first], other))[1], 'not-found');
  t.match(refusal(await asked([first], other)), none(first, '/entries/0').slice(0, 2));
  t.match((await asked([first, 0])).json(), { code: 'not-found', errors: [{ pointer: '/entries/1' }] });
  t.equal(refusal(await asked([]))[1], 'invalid-request');
  t.equal(refusal(await asked([first, first]))[1], 'invalid-request');
  t.equal((await asked([2 ** 53 - 1])).statusCode, 404);
  t.equal(await audited(), null, 'nothing was erased');
});

t.test('value and salt go, the hash stays, and every digest holds', async (t) => {
  const body = { entries: [second, first], ground, number: '2026-17' };
  const answer = await firm.send('POST', '/v1/erasures', body, { 'idempotency-key': 'k' });
  t.equal(answer.statusCode, 201, answer.body);
  const { seq, ...said } = answer.json<{ seq: number }>();
  t.strictSame(said, { entries: [first, second], ground, number: '2026-17' });
  t.equal(
    (await firm.send('POST', '/v1/erasures', body, { 'idempotency-key': 'k' })).json<{ seq: number }>().seq,
    seq,
  );
  const rows = await sql<{ seq: number; value: string | null; salt: Buffer | null; hash: Buffer }[]>`
    SELECT seq, value, salt, hash FROM privates WHERE seq = ANY (${seqs}) ORDER BY seq`;
  t.strictSame(
    rows.map((row) => [row.seq, row.value === null, row.salt === null]),
    [
      [first, true, true],
      [second, true, true],
      [third, false, false],
    ],
  );
  const [stored] = await sql<{ payload: string; salt: Buffer; digest: Buffer }[]>`
    SELECT payload, f.salt, digest FROM facts f JOIN entries USING (seq) WHERE seq = ${first}`;
  const again = stored && commitTo(factJson(parseFact(stored.payload)), stored.salt, rows[0]?.hash ?? null);
  t.strictSame(again?.digest, stored?.digest);
  t.equal((await firm.send('POST', '/v1/erasures', { entries: [first], ground })).statusCode, 404);
  const [contact = -1] = personal;
  t.equal((await operator.send('POST', '/v1/erasures', { entries: [contact], ground })).statusCode, 201);
  t.notOk((await other.send('GET', `/v1/parties/${other.id}`)).json<{ contact?: unknown }>().contact);
  t.equal(await audited(), null);
});

t.test('what is kept of requests does not let anybody guess what was erased', async (t) => {
  const guess = hash('sha256', JSON.stringify(inspection), 'buffer');
  const kept = await sql<{ request: Buffer }[]>`SELECT request FROM idempotency WHERE seq = ${first}`;
  t.equal(kept.length, 1);
  t.notOk(kept[0]?.request.equals(guess), 'whoever guesses right does not see it');
  const again = async () => {
    const answer = await record();
    return answer.statusCode === 201
      ? answer.json<{ facts: { seq: number }[] }>().facts[0]?.seq
      : refusal(answer)[1];
  };
  t.equal(await again(), first, 'the same request is still known');
  const keep = (request: Buffer) =>
    asOwner(`UPDATE idempotency SET request = '\\x${request.toString('hex')}' WHERE seq = ${first}`);
  await keep(guess);
  t.equal(await again(), first, 'also as earlier versions kept it');
  await keep(Buffer.alloc(32));
  t.equal(await again(), 'idempotency-conflict');
});

t.test('two at once erase it once', async (t) => {
  const answers = await Promise.all(
    ['x', 'y'].map((key) =>
      firm.send('POST', '/v1/erasures', { entries: [third], ground }, { 'idempotency-key': key }),
    ),
  );
  const codes = answers.map(({ statusCode }) => statusCode).sort();
  t.equal(codes[0], 201);
  t.ok(codes[1] === 409 || codes[1] === 404, `the other is refused: ${codes[1]}`);
});

t.test('what is erased otherwise, or put back, is seen', async (t) => {
  await asOwner(
    `CREATE TABLE kept AS TABLE privates; UPDATE privates SET value = '{}', salt = hash WHERE seq = ${first}`,
  );
  t.match(await audited(), { table: 'privates', seq: first }, 'another value');
  const putBack = 'DELETE FROM privates; INSERT INTO privates TABLE kept';
  await asOwner(putBack);
  const { facts } = await service.deps.ledger.append([
    { fact: { kind: 'policy', by: operator.id, name: 'note', body: {} }, private: { note: 'x' } },
  ]);
  const fresh = facts[0]?.seq ?? 0;
  await asOwner(
    `CREATE TABLE whole AS TABLE privates; UPDATE privates SET value = NULL, salt = NULL WHERE seq = ${fresh}`,
  );
  t.match(await audited(), {
    table: 'privates',
    seq: fresh,
    what: `value and salt of private ${fresh} are gone, and no entry erased them`,
  });
  await asOwner('DELETE FROM privates; INSERT INTO privates TABLE whole');
  const erasure = await operator.send('POST', '/v1/erasures', { entries: [fresh], ground });
  t.equal(await audited(), null);
  await asOwner('DELETE FROM privates; INSERT INTO privates TABLE whole');
  t.match(await audited(), {
    table: 'privates',
    seq: fresh,
    what: `private ${fresh} stands there, though entry ${erasure.json<{ seq: number }>().seq} erased it`,
  });
});
