/** The public log as a stranger reads it: over HTTP, checked with nothing but the core. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import t from 'tap';
import { parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { leafHash, merkleRoot, tileRoot } from '../../../src/core/log/merkle.ts';
import { provesConsistency, provesInclusion } from '../../../src/core/log/merkle-proof.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../../src/core/log/note.ts';
import { formatTilePath } from '../../../src/core/log/tile-path.ts';
import { parseLogProof } from '../../../src/core/log/tlog-proof.ts';
import { StartupError } from '../../../src/errors.ts';
import { openCheckpoints } from '../../../src/ledger/checkpoints.ts';
import { openService } from '../../../src/service.ts';
import { counted } from '../../support/counted.ts';
import { note as remark } from '../../support/log.ts';
import {
  type TestService,
  testMasterKey,
  testOperatorSecret,
  testPublicUrl,
  testService,
} from '../../support/service.ts';

const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};
const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

/** Records so many facts at once. */
async function grow({ deps }: TestService, count: number): Promise<void> {
  const by = deps.genesis.operator;
  await deps.ledger.append(Array.from({ length: count }, () => remark(by, randomUUID())));
}

const get = (app: FastifyInstance, url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers });

/** The checkpoint that covers all there is, verified with the published key. */
async function covered({ app, deps }: TestService) {
  const size = await deps.ledger.size();
  t.ok(await deps.checkpoints.covering(size - 1, 10_000), 'a checkpoint follows');
  const note = read(parseNote((await get(app, '/log/checkpoint')).body));
  const [line = ''] = (await get(app, '/log/key')).body.split('\n');
  t.ok(isSignedBy(note, read(parseNoteKey(line))), 'the checkpoint is signed');
  return read(parseCheckpoint(note.text));
}

t.test('tiles, bundles and checkpoint fit each other at every width', async (t) => {
  const service = await testService(t);
  const { app } = service;
  await grow(service, 700);
  const { size, root, origin } = await covered(service);
  t.equal(origin, 'id.example.cn/log');
  t.ok(size > 700);
  const tiles: Buffer[] = [];
  for (let n = 0; n * 256 < size; n++) {
    const width = Math.min(256, size - n * 256);
    const tile = await get(app, `/log/${formatTilePath({ level: 0, n, width })}`);
    const bundle = await get(app, `/log/${formatTilePath({ level: 'entries', n, width })}`);
    for (const answer of [tile, bundle]) {
      t.equal(answer.statusCode, 200);
      t.equal(answer.headers['content-type'], 'application/octet-stream');
      t.match(answer.headers['cache-control'], /immutable/);
    }
    t.equal(tile.rawPayload.length, width * 32);
    const leaves: Buffer[] = [];
    for (let at = 0; at < bundle.rawPayload.length; ) {
      const length = bundle.rawPayload.readUInt16BE(at);
      leaves.push(leafHash(bundle.rawPayload.subarray(at + 2, at + 2 + length)));
      at += 2 + length;
    }
    t.same(Buffer.concat(leaves), tile.rawPayload, 'entries hash to the tile');
    const part = await get(app, `/log/${formatTilePath({ level: 0, n, width: 3 })}`);
    t.same(part.rawPayload, tile.rawPayload.subarray(0, 96));
    tiles.push(tile.rawPayload);
  }
  const all = Buffer.concat(tiles);
  const leaves = Array.from({ length: size }, (_, i) => all.subarray(i * 32, i * 32 + 32));
  t.same(Buffer.from(merkleRoot(leaves)), root, 'the tiles have the root of the checkpoint');
  const full = Math.floor(size / 256);
  const above = await get(app, `/log/${formatTilePath({ level: 1, n: 0, width: full })}`);
  t.same(
    above.rawPayload,
    Buffer.concat(Array.from({ length: full }, (_, n) => tileRoot(leaves.slice(n * 256, n * 256 + 256)))),
  );
});

t.test('what no checkpoint covers is not told', async (t) => {
  const service = await testService(t);
  const { app } = service;
  const { size } = await covered(service);
  const refused = async (url: string, status: number, code: string) => {
    const answer = await get(app, url);
    t.equal(answer.statusCode, status, url);
    t.equal(answer.json().code, code, url);
  };
  await refused(`/log/${formatTilePath({ level: 0, n: 0, width: size + 1 })}`, 404, 'not-published');
  await refused('/log/tile/0/000', 404, 'not-published');
  await refused('/log/tile/1/000.p/1', 404, 'not-published');
  await refused(`/v1/log/entries/${size}`, 404, 'not-published');
  await refused(`/v1/log/entries/${size}/proof`, 404, 'not-published');
  await refused(`/v1/log/consistency?from=0&to=${size + 1}`, 404, 'not-published');
  await refused('/v1/log/consistency?from=2&to=1', 400, 'invalid-request');
  await refused('/v1/log/consistency?from=-1&to=1', 400, 'invalid-request');
  await refused('/v1/log/entries/x', 400, 'invalid-request');
  await refused('/v1/log/entries/9007199254740993', 400, 'invalid-request');
  for (const path of ['0/0', '0/000.p/0', '0/000.p/256', '64/000', 'entries/', 'x'])
    await refused(`/log/tile/${path}`, 404, 'not-found');
});

t.test('a checkpoint that a reader has is not sent again', async (t) => {
  const service = await testService(t);
  await covered(service);
  const first = await get(service.app, '/log/checkpoint');
  t.equal(first.headers['content-type'], 'text/plain; charset=utf-8');
  const again = await get(service.app, '/log/checkpoint', { 'if-none-match': String(first.headers.etag) });
  t.equal(again.statusCode, 304);
  t.equal(again.body, '');
});

t.test('entries are proven under the checkpoint, and trees under each other', async (t) => {
  const service = await testService(t);
  const { app } = service;
  await grow(service, 300);
  const { size, root } = await covered(service);
  for (const seq of [0, 1, 255, 256, size - 1]) {
    const entry = (await get(app, `/v1/log/entries/${seq}`)).json();
    t.same(leafHash(entry.bytes), bytes(entry.leaf), 'the bytes hash to the leaf');
    const proof = (await get(app, `/v1/log/entries/${seq}/proof`)).json();
    t.equal(proof.leaf, entry.leaf);
    t.ok(provesInclusion(bytes(entry.leaf), seq, size, proof.hashes.map(bytes), root), `entry ${seq} is in`);
    const text = await get(app, `/v1/log/entries/${seq}/proof`, { accept: 'text/plain' });
    const alone = read(parseLogProof(text.body));
    const under = read(parseCheckpoint(read(parseNote(alone.checkpoint)).text));
    t.ok(provesInclusion(bytes(entry.leaf), alone.index, under.size, alone.hashes, under.root));
  }
  for (const [from, to] of [
    [0, size],
    [1, size],
    [7, 200],
    [256, 257],
    [size, size],
  ] as const) {
    const proof = (await get(app, `/v1/log/consistency?from=${from}&to=${to}`)).json();
    t.ok(
      provesConsistency(from, bytes(proof.fromRoot), to, bytes(proof.toRoot), proof.hashes.map(bytes)),
      `${from} to ${to}`,
    );
  }
  const genesis = (await get(app, '/log/payload/0')).json();
  t.equal(JSON.parse(genesis.payload).kind, 'genesis');
  t.equal((await get(app, `/log/payload/${size - 1}`)).json().code, 'not-found', 'an event is not public');
});

t.test('every checkpoint continues the one before', async (t) => {
  const service = await testService(t);
  const seen = [];
  for (let i = 0; i < 3; i++) {
    await grow(service, 100);
    seen.push(await covered(service));
  }
  for (const [i, next] of seen.slice(1).entries()) {
    const before = seen[i];
    if (before === undefined) throw new Error('nothing before');
    const { hashes } = (
      await get(service.app, `/v1/log/consistency?from=${before.size}&to=${next.size}`)
    ).json();
    t.ok(provesConsistency(before.size, before.root, next.size, next.root, hashes.map(bytes)));
  }
});

t.test('a log that is not what was signed is neither signed nor started', async (t) => {
  const service = await testService(t);
  await grow(service, 20);
  await covered(service);
  await service.app.close();
  const open = async () => {
    const opened = await openService({
      databaseUrl: service.databaseUrl,
      databaseOwnerUrl: service.databaseUrl,
      publicUrl: testPublicUrl,
      dataDir: service.dataDir,
      masterKey: testMasterKey,
      operatorSecret: testOperatorSecret,
      scanRetentionDays: 180,
      publicRateLimit: 0,
      trustProxy: [],
      logger: pino({ level: 'silent' }),
    });
    await opened.close();
  };
  await open();
  const { sql } = service.owner;
  const size = await service.deps.ledger.size();
  await sql
    .unsafe('ALTER TABLE checkpoints DISABLE TRIGGER USER; ALTER TABLE entries DISABLE TRIGGER USER')
    .simple();
  // As after a restore: the database knows of no checkpoint, only the copy beside it does.
  await sql`DELETE FROM checkpoints`;
  await sql`UPDATE entries SET leaf = digest WHERE seq = 7`;
  await t.rejects(
    open(),
    { name: 'StartupError', message: `The first ${size} entries` },
    'altered, or grown again',
  );
  await sql`DELETE FROM entries WHERE seq >= 10`;
  await sql`UPDATE head SET size = 10`;
  await t.rejects(open(), StartupError, 'an older state');
});

t.test('entries that do not fit what was signed are not signed', async (t) => {
  const service = await testService(t);
  await covered(service);
  const { sql } = service.owner;
  await sql.unsafe('ALTER TABLE entries DISABLE TRIGGER USER').simple();
  const before = await service.deps.checkpoints.latest();
  await sql.begin(async (tx) => {
    await tx`LOCK TABLE checkpoints IN EXCLUSIVE MODE`;
    await grow(service, 5);
    await tx`UPDATE entries SET digest = leaf WHERE seq = ${(before?.size ?? 0) + 2}`;
  });
  t.equal(await service.deps.checkpoints.covering((before?.size ?? 0) + 4, 2_500), null);
  t.match(service.logged, [{ msg: /no checkpoint can be signed/ }]);
  t.same(await service.deps.checkpoints.latest(), before);
});

t.test('of many who wait for a checkpoint one looks for all of them', async (t) => {
  const service = await testService(t);
  const { size } = await covered(service);
  const { ledger, tree, genesis } = service.deps;
  const { sql, executed } = counted(service.db.sql);
  const nobody = () => Promise.reject(new Error('nobody signs here'));
  const checkpoints = await openCheckpoints({
    ...{ sql, ledger, tree, origin: genesis.origin, folder: service.dataDir },
    ...{ now: Date.now, sign: nobody, onError: () => {} },
  });
  const before = executed();
  const found = await Promise.all(Array.from({ length: 100 }, () => checkpoints.covering(size + 1, 600)));
  t.ok(found.every((it) => it === null));
  t.ok(executed() - before < 100, `${executed() - before} statements for 100 who wait`);
});
