/** Hops that their recorder signed: with the two clients of examples/, checked by a library that is not ours. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import canonicalize from 'canonicalize';
import { flattenedVerify, importJWK } from 'jose';
import t from 'tap';
import { type ClaimKey, newKey, proveKey, signHop } from '../../../examples/sign-hop.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, firm } = chain;
await chain.post(maker, [{ hop: 'produce', ...act(), epcs: [unit('S1'), unit('S2')] }]);

const { origin } = service.deps.genesis;
const register = async (who: Actor, key: ClaimKey, more: object = {}) =>
  send(who, { publicKey: key.public, proof: proveKey(key, origin, who.id), ...more });
const send = async (who: Actor, payload: object) => {
  const answer = await service.app.inject({
    method: 'POST',
    url: '/v1/keys/claims',
    headers: { authorization: who.bearer },
    payload,
  });
  return { status: answer.statusCode, ...answer.json<{ kid: string; code: string; purpose: string }>() };
};
const inspect = (more: object = {}) => ({
  hop: 'inspect',
  ...act(),
  epcs: [unit('S1')],
  outcome: 'conformant',
  ...more,
});
const factAt = async (who: Actor, seq: number) =>
  (await service.app.inject({ url: `/v1/events/${seq}`, headers: { authorization: who.bearer } })).json<{
    fact: Record<string, never>;
  }>().fact;

const key = newKey();
const { kid } = await register(firm, key);

t.test('a signed hop stands in the log with the claim, and a library verifies it', async (t) => {
  const claim = inspect();
  const hop = { ...claim, private: { engineer: '王工' } };
  const posted = await chain.post(firm, [signHop(hop, kid, key.private)]);
  t.equal(posted.status, 201, posted.text);
  const fact = await factAt(firm, posted.body.facts[0].seq);
  t.strictSame([fact.claim, fact.claimKey], [claim, kid]);
  const [header = '', , signature = ''] = String(fact.claimSignature).split('.');
  const { payload } = await flattenedVerify(
    {
      protected: header,
      payload: Buffer.from(canonicalize(fact.claim) ?? '').toString('base64url'),
      signature,
    },
    await importJWK(key.public, 'EdDSA'),
  );
  t.strictSame(JSON.parse(Buffer.from(payload).toString()), claim);
  t.notMatch(JSON.stringify(fact), '王工');
});

t.test('signed or not, it is the same event', async (t) => {
  const hop = inspect();
  t.equal((await chain.post(firm, [hop])).status, 201);
  const again = await chain.post(firm, [signHop(hop, kid, key.private)]);
  t.equal(again.body.code, 'duplicate-event');
});

t.test('a correction is signed with what it puts in place', async (t) => {
  const first = await chain.post(firm, [inspect()]);
  const event = first.body.facts[0].id;
  const replacement = inspect({ outcome: 'non-conformant' });
  const posted = await chain.post(firm, [
    signHop({ hop: 'correct', ...act(), event, replacement }, kid, key.private),
  ]);
  t.equal(posted.status, 201, posted.text);
  const facts = await Promise.all(posted.body.facts.map(({ seq }: { seq: number }) => factAt(firm, seq)));
  t.strictSame(
    facts.map(({ claimKey, claim }) => [claimKey, Reflect.get(claim ?? {}, 'hop')]),
    [
      [kid, 'correct'],
      [kid, 'correct'],
    ],
    'each of its events carries the whole of it',
  );
});

t.test('what does not fit is refused, and leaves no trace', async (t) => {
  const before = await chain.size();
  const other = newKey();
  const good = signHop(inspect(), kid, key.private);
  const refused = async (who: Actor, ...hops: object[]) => {
    const { status, body } = await chain.post(who, hops);
    return [status, body.code, ...body.errors.map(({ pointer }: { pointer: string }) => pointer)];
  };
  const at = (i: number) => [422, 'invalid-signature', `/hops/${i}/signature`];
  t.strictSame(await refused(firm, { ...good, outcome: 'non-conformant' }), at(0), 'another hop');
  t.strictSame(await refused(firm, signHop(inspect(), kid, other.private)), at(0), 'another private key');
  t.strictSame(
    await refused(firm, inspect(), signHop(inspect(), '0000000', key.private)),
    at(1),
    'no such key',
  );
  t.strictSame(await refused(distributor, good), at(0), 'a key of somebody else');
  t.strictSame(await refused(firm, { ...inspect(), signature: 'e30..AAAA' }), at(0), 'no JWS of ours');
  const issuing = await service.app.inject({
    method: 'POST',
    url: '/v1/keys',
    headers: { authorization: maker.bearer },
    payload: {
      custody: 'party',
      publicKey: other.public,
      proof: proveKey(other, origin, maker.id, 'issuing'),
    },
  });
  const { kid: codes } = issuing.json<{ kid: string }>();
  t.strictSame(await refused(maker, signHop(inspect(), codes, other.private)), at(0), 'a key for codes');
  t.equal(await chain.size(), before + 1, 'nothing but that key was recorded');
});

t.test('a key that is replaced signs no more', async (t) => {
  const [old, fresh] = [newKey(), newKey()];
  const first = await register(distributor, old);
  t.equal((await chain.post(distributor, [signHop(inspect(), first.kid, old.private)])).status, 201);
  t.strictSame((await register(firm, newKey(), { replaces: first.kid })).code, 'unknown-key');
  const second = await register(distributor, fresh, { replaces: first.kid });
  t.equal(second.purpose, 'claims');
  t.equal(
    (await chain.post(distributor, [signHop(inspect(), first.kid, old.private)])).body.code,
    'invalid-signature',
  );
  t.equal((await chain.post(distributor, [signHop(inspect(), second.kid, fresh.private)])).status, 201);
  t.equal((await register(distributor, fresh)).code, 'already-exists');
});

const example = (name: string): string => fileURLToPath(import.meta.resolve(`#root/${name}`));
const run = (file: string, args: readonly string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(file, [...args], (error, stdout) => (error ? reject(error) : resolve(stdout)));
    // One that refuses before it reads has closed its end.
    child.stdin?.on('error', () => {}).end(input);
  });

for (const [says, command] of [
  ['TypeScript', [process.execPath, example('build/examples/sign-hop.js')]],
  ['openssl', ['sh', example('examples/sign-hop.sh')]],
] as const)
  t.test(`the client of a page, in ${says}`, async (t) => {
    const [file, ...first] = command;
    const folder = await mkdtemp(join(tmpdir(), 'suyuan-claim-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const pem = join(folder, 'key.pem');
    const made = JSON.parse(await run(file, [...first, 'new-key', pem, origin, firm.id]));
    await t.rejects(run(file, [...first, 'new-key', pem, origin, firm.id]), 'a key is not written over');
    const { kid } = await send(firm, made);
    const hop = canonicalize(inspect({ note: '压力正常 — 已复检' }));
    const body = JSON.parse(await run(file, [...first, 'sign', pem, kid], `${hop}\n`));
    const posted = await chain.post(firm, body.hops);
    t.equal(posted.status, 201, posted.text);
    t.equal((await factAt(firm, posted.body.facts[0].seq)).claimKey, kid);
  });
