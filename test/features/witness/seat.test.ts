/** The service as a witness of other logs, by the status codes of C2SP tlog-witness. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { cosignedAt, formatCheckpoint, parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import {
  isSignedBy,
  type NoteKey,
  parseNote,
  parseNoteKey,
  signatureTypes,
} from '../../../src/core/log/note.ts';
import { cosignatureIn, formatAddCheckpoint } from '../../../src/core/log/tlog-witness.ts';
import { noteKeyPair, outsideLog } from '../../support/outside-log.ts';
import { testService } from '../../support/service.ts';

const origins = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example/log`);
const logs = origins.map((origin) => outsideLog(origin));
const [a, b, c, d, e] = logs;
if (!a || !b || !c || !d || !e) throw new Error('five logs');
const clock = 1_800_000_000_000;
const service = await testService(t, {
  service: { witnessedLogs: logs.map(({ key }) => key), now: () => clock },
});
const { app } = service;

const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/witness/add-checkpoint', payload, headers });
const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};
async function witnessKey(): Promise<NoteKey> {
  const [line = ''] = (await app.inject('/witness/key')).body.split('\n');
  return read(parseNoteKey(line));
}
const textOf = (note: string) => read(parseNote(note)).text;

t.test('cosigns what continues what it cosigned', async (t) => {
  const key = await witnessKey();
  t.strictSame([key.name, key.type], ['id.example.cn/witness', signatureTypes.cosignature]);
  const monitor = `/witness/${createHash('sha256').update('a.example/log').digest('hex')}/checkpoint`;
  t.equal((await app.inject(monitor)).statusCode, 404, 'nothing yet');
  for (const [old, size] of [
    [0, 7],
    [7, 7],
    [7, 20],
    [20, 64],
  ] as const) {
    const answer = await post(a.request(old, size));
    t.equal(answer.statusCode, 200, answer.body);
    t.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    t.ok(cosignatureIn(answer.body, textOf(a.note(size)), key));
    const shown = await app.inject(monitor);
    t.equal(shown.statusCode, 200);
    const note = read(parseNote(shown.body));
    t.equal(cosignedAt(note, key), clock / 1000);
    t.ok(isSignedBy(note, a.key), 'with the signature of the log');
    t.equal(read(parseCheckpoint(note.text)).size, size);
  }
  t.equal((await app.inject(monitor.replace(/[0-9a-f]{64}/, '0'.repeat(64)))).statusCode, 404);
});

t.test('every refusal has the status of the specification', async (t) => {
  const fork = outsideLog('b.example/log', 'fork');
  t.equal((await post(b.request(0, 10))).statusCode, 200);
  const under = (checkpoint: string, old = 10) =>
    formatAddCheckpoint({ old, proof: b.proof(old, 20), checkpoint });
  const forged = b.note(20, { ...noteKeyPair('b.example/log', 1), key: b.key });
  const emptyWrong = formatCheckpoint({ origin: 'c.example/log', size: 0, root: b.root(1) });
  const table: [what: string, request: string, status: number, code?: string][] = [
    ['no request', 'hello', 400, 'invalid-request'],
    ['no checkpoint', 'old 10\n\nhello\n\n— b.example/log AAAAAAA=\n', 400, 'invalid-request'],
    ['a log not configured', outsideLog('x.example/log').request(0, 5), 404, 'not-found'],
    ['a signature of an unknown key', under(b.note(20, noteKeyPair('b.example/log', 1))), 403, 'forbidden'],
    ['a bad signature of the known key', under(forged), 403, 'forbidden'],
    ['an old size beyond the new', formatAddCheckpoint({ old: 21, proof: [], checkpoint: b.note(20) }), 400],
    ['an old size not cosigned', b.request(9, 20), 409],
    ['no old size although there is one', b.request(0, 20), 409],
    [
      'a proof that does not hold',
      formatAddCheckpoint({ old: 10, proof: b.proof(9, 20), checkpoint: b.note(20) }),
      422,
      'invalid-proof',
    ],
    [
      'another tree of the same size',
      formatAddCheckpoint({
        old: 10,
        proof: [],
        checkpoint: b.note(
          10,
          undefined,
          formatCheckpoint({ origin: 'b.example/log', size: 10, root: fork.root(10) }),
        ),
      }),
      422,
    ],
    [
      'a fork',
      formatAddCheckpoint({
        old: 10,
        proof: fork.proof(10, 20),
        checkpoint: b.note(
          20,
          undefined,
          formatCheckpoint({ origin: 'b.example/log', size: 20, root: fork.root(20) }),
        ),
      }),
      422,
    ],
    [
      'a proof from nothing',
      formatAddCheckpoint({ old: 0, proof: c.proof(1, 5), checkpoint: c.note(5) }),
      422,
    ],
    [
      'an empty tree with another root',
      formatAddCheckpoint({ old: 0, proof: [], checkpoint: c.note(0, undefined, emptyWrong) }),
      422,
    ],
    ['too long a request', `old 0\n${'A'.repeat(70_000)}`, 413],
  ];
  for (const [what, request, status, code] of table) {
    const answer = await post(request);
    t.equal(answer.statusCode, status, `${what}: ${answer.body}`);
    if (code) t.equal(answer.json().code, code, what);
    if (status !== 409) continue;
    t.equal(answer.headers['content-type'], 'text/x.tlog.size');
    t.equal(answer.body, '10\n');
  }
  const kept = service.logged.filter((it) => 'request' in it && String(it.request).startsWith('old 10\n'));
  t.equal(kept.length, 3, 'what the log signed and does not fit is kept');
  const bytes = await post(Buffer.concat([Buffer.from(b.request(10, 20)), Buffer.of(0xff)]));
  t.equal(bytes.statusCode, 400);
  t.equal((await post(b.request(10, 20))).statusCode, 200, 'none of it was remembered');
  t.equal((await post(c.request(0, 5))).statusCode, 200);
});

t.test('over HTTP, whatever media type a client names, or none', async (t) => {
  const origin = await service.listen();
  let old = 0;
  for (const headers of [
    {},
    { 'content-type': 'application/octet-stream' },
    { 'content-type': 'application/json' },
  ]) {
    const body = Buffer.from(d.request(old, old + 3));
    old += 3;
    const answer = await fetch(`${origin}/witness/add-checkpoint`, { method: 'POST', body, headers });
    t.equal(answer.status, 200, await answer.text());
  }
});

t.test('of many requests at once one is taken', async (t) => {
  t.equal((await post(e.request(0, 10))).statusCode, 200);
  // Nobody can look at the row of the log before all of them have come.
  const { sql } = service.owner;
  const asked = await sql.begin(async (tx) => {
    await tx`SELECT FROM witnessed WHERE origin = 'e.example/log' FOR UPDATE`;
    const requests = [11, 12, 13, 14].map((size) => post(e.request(10, size)));
    for (let waiting = 0; waiting < requests.length; ) {
      const [row] = await sql<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      waiting = row?.waiting ?? 0;
    }
    return requests;
  });
  const answers = await Promise.all(asked);
  const taken = answers.findIndex(({ statusCode }) => statusCode === 200);
  t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 409, 409, 409]);
  for (const [i, { body }] of answers.entries()) if (i !== taken) t.equal(body, `${11 + taken}\n`);
});
