import { createPublicKey } from 'node:crypto';
import { compactVerify, createLocalJWKSet, importJWK } from 'jose';
import t from 'tap';
import { newKey, proveKey } from '../../../examples/sign-hop.ts';
import { openTrustList } from '../../../src/core/codes/trust-list.ts';
import type { PartyId } from '../../../src/core/events/hop.ts';
import type { DelegationFact, Fact } from '../../../src/core/log/fact.ts';
import { signReceipt } from '../../../src/features/keys/receipts.ts';
import { ensureServiceKey } from '../../../src/features/keys/service-keys.ts';
import { keyStandings, trustList } from '../../../src/features/keys/trust-list.ts';
import { newPartyId } from '../../../src/features/new-id.ts';
import { type TestService, testService } from '../../support/service.ts';

const gtin = '06901234567892';
const json = (text: string) => JSON.parse(text);

/** What an answer says, for comparison: status and, of a problem, code, detail and faults. */
async function ask(
  service: TestService,
  method: 'GET' | 'POST',
  url: string,
  authorization?: string,
  body?: object,
  more: Record<string, string> = {},
) {
  const answer = await service.app.inject({
    method,
    url,
    headers: { ...(authorization === undefined ? {} : { authorization }), ...more },
    ...(body === undefined ? {} : { payload: body }),
  });
  const text = answer.body;
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    get body() {
      return json(text);
    },
  };
}

const record = (service: TestService, ...facts: Fact[]) =>
  service.deps.ledger.append(facts.map((fact) => ({ fact })));

/** A party with its vetted GTINs. */
async function maker(service: TestService, name: string, ...gtins: string[]): Promise<PartyId> {
  const by = service.deps.genesis.operator;
  const id = newPartyId();
  await record(
    service,
    { kind: 'party', by, id, stub: false, name, roles: ['manufacturer'] },
    ...gtins.map(
      (gtin): Fact => ({
        kind: 'gtin',
        by,
        gtin,
        party: id,
        evidence: 'GS1 China certificate',
        vettedBy: 'Li',
        vettedAt: '2025-01-02',
      }),
    ),
  );
  return id;
}

t.test('a maker makes, replaces and retires keys', async (t) => {
  const service = await testService(t);
  const party = await maker(service, '沪安消防器材厂', gtin);
  const token = service.bearer(['manufacturer'], party);

  const first = await ask(service, 'POST', '/v1/keys', token, { custody: 'operator' });
  t.equal(first.status, 201, first.text);
  const { kid, publicKey } = first.body;
  t.match(first.body, {
    kid: /^[0-9]{7}$/,
    purpose: 'issuing',
    party,
    custody: 'operator',
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: /^[\w-]{43}$/ },
    status: 'active',
    created: Number,
  });
  const signature = await service.deps.keystore.sign(kid, 'text');
  const imported = createPublicKey({ key: publicKey, format: 'jwk' });
  t.equal((await import('node:crypto')).verify(null, Buffer.from('text'), imported, signature), true);

  const key = newKey();
  const own = key.public;
  const proof = proveKey(key, service.deps.genesis.origin, party, 'issuing');
  const body = { custody: 'party', publicKey: own, proof, replaces: kid };
  const second = await ask(service, 'POST', '/v1/keys', token, body);
  t.match(second.body, { custody: 'party', publicKey: { x: own.x }, status: 'active' }, second.text);

  const mine = await ask(service, 'GET', '/v1/keys', token);
  t.strictSame(
    mine.body.items.map((key: { kid: string; status: string }) => [key.kid, key.status]),
    [
      [second.body.kid, 'active'],
      [kid, 'retired'],
    ],
  );
  const retired = await ask(service, 'POST', `/v1/keys/${second.body.kid}/retire`, token);
  t.equal(retired.body.status, 'retired', retired.text);
  const size = await service.deps.ledger.size();
  const again = await ask(service, 'POST', `/v1/keys/${second.body.kid}/retire`, token);
  t.strictSame(again.body, retired.body, 'retiring twice is retiring once');
  t.equal(await service.deps.ledger.size(), size);

  const operator = service.bearer(['operator'], service.deps.genesis.operator);
  const page = await ask(service, 'GET', '/v1/keys?limit=1', operator);
  t.equal(page.body.items.length, 1);
  t.type(page.body.next, 'string');
  const rest = await ask(service, 'GET', `/v1/keys?limit=1000&cursor=${page.body.next}`, operator);
  const all = [...page.body.items, ...rest.body.items].map((key: { kid: string }) => key.kid);
  t.strictSame([all.includes(kid), all.includes(second.body.kid), rest.body.next], [true, true, null]);
  t.equal(new Set(all).size, all.length);
});

t.test('a request sent again with its key makes one key', async (t) => {
  const service = await testService(t);
  const token = service.bearer(['manufacturer'], await maker(service, 'A'));
  const send = () =>
    ask(service, 'POST', '/v1/keys', token, { custody: 'operator' }, { 'idempotency-key': 'k1' });
  const answers = await Promise.all([send(), send(), send()]);
  answers.push(await send());
  t.strictSame([...new Set(answers.map(({ text }) => text))].length, 1, answers[0]?.text);
  const [held] = await service.db.sql`SELECT count(*)::int AS n FROM private_keys WHERE kid ~ '^[0-9]{7}$'`;
  const [known] = await service.db
    .sql`SELECT count(*)::int AS n FROM keys WHERE body ->> 'custody' = 'operator'`;
  t.equal(held?.n, known?.n, 'private keys nobody announced are forgotten');
  const other = await ask(
    service,
    'POST',
    '/v1/keys',
    token,
    { custody: 'operator', replaces: answers[0]?.body.kid },
    { 'idempotency-key': 'k1' },
  );
  t.equal(other.body.code, 'idempotency-conflict');
});

t.test('what is refused', async (t) => {
  const service = await testService(t);
  const party = await maker(service, 'A', gtin);
  const token = service.bearer(['manufacturer'], party);
  const stranger = service.bearer(['manufacturer'], await maker(service, 'B'));
  const { kid } = (await ask(service, 'POST', '/v1/keys', token, { custody: 'operator' })).body;
  const key = newKey();
  const own = key.public.x;
  const { origin } = service.deps.genesis;
  const proof = proveKey(key, origin, party, 'issuing');
  const jwk = (x: string, proven = proof) => ({
    custody: 'party',
    publicKey: { kty: 'OKP', crv: 'Ed25519', x },
    proof: proven,
  });
  t.equal((await ask(service, 'POST', '/v1/keys', token, jwk(own))).status, 201);
  // A key whose private half the asking party does not hold, and proofs of it that were made for something else.
  const foreign = newKey();
  const without = (proven: string, authorization = token, url = '/v1/keys') =>
    ['POST', url, authorization, jwk(foreign.public.x, proven), 422, 'invalid-signature', '/proof'] as const;
  const claims = (proven: string) => {
    const { custody: _, ...body } = jwk(foreign.public.x, proven);
    return ['POST', '/v1/keys/claims', token, body, 422, 'invalid-signature', '/proof'] as const;
  };
  const size = await service.deps.ledger.size();

  const rows: [string, string, string | undefined, object | undefined, number, string, string | undefined][] =
    [
      ['POST', '/v1/keys', undefined, { custody: 'operator' }, 401, 'unauthenticated', undefined],
      [
        'POST',
        '/v1/keys',
        service.bearer(['using-unit']),
        { custody: 'operator' },
        403,
        'forbidden',
        undefined,
      ],
      ['POST', '/v1/keys', token, {}, 400, 'invalid-request', ''],
      [
        'POST',
        '/v1/keys',
        token,
        { custody: 'operator', publicKey: jwk(own).publicKey },
        400,
        'unknown-member',
        '/publicKey',
      ],
      ['POST', '/v1/keys', token, { custody: 'party' }, 400, 'invalid-request', '/publicKey'],
      [
        'POST',
        '/v1/keys',
        token,
        jwk('AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
        422,
        'invalid-key',
        '/publicKey/x',
      ],
      [...without(proof)],
      [...without(proveKey(key, origin, party, 'issuing'))],
      [...without(proveKey(foreign, origin, party, 'issuing'), stranger)],
      [...without(proveKey(foreign, 'another.example/log', party, 'issuing'))],
      [...without(proveKey(foreign, origin, party, 'claims'))],
      [...without(`${proveKey(foreign, origin, party, 'issuing')}=`)],
      [...claims(proveKey(foreign, origin, party, 'issuing'))],
      ['POST', '/v1/keys', token, jwk('nonsense'), 422, 'invalid-key', '/publicKey/x'],
      ['POST', '/v1/keys', token, jwk(own), 409, 'already-exists', undefined],
      ['POST', '/v1/keys', stranger, { custody: 'operator', replaces: kid }, 422, 'unknown-key', undefined],
      ['POST', `/v1/keys/${kid}/retire`, stranger, undefined, 422, 'unknown-key', undefined],
      ['POST', '/v1/keys/12345/retire', token, undefined, 400, 'invalid-request', undefined],
      [
        'POST',
        `/v1/keys/${kid}/compromise`,
        stranger,
        { from: 1, reason: 'x' },
        422,
        'unknown-key',
        undefined,
      ],
      [
        'POST',
        `/v1/keys/${kid}/compromise`,
        token,
        { from: size + 1, reason: 'x' },
        400,
        'invalid-request',
        '/from',
      ],
      [
        'POST',
        `/v1/keys/${kid}/compromise`,
        token,
        { from: -1, reason: 'x' },
        400,
        'invalid-request',
        '/from',
      ],
      ['GET', '/v1/keys?cursor=x', token, undefined, 400, 'invalid-request', undefined],
    ];
  for (const [method, url, authorization, body, status, code, pointer] of rows) {
    const answer = await ask(service, method === 'GET' ? 'GET' : 'POST', url, authorization, body);
    t.strictSame(
      [url, answer.status, answer.body.code, answer.body.errors?.[0]?.pointer],
      [url, status, code, pointer],
      answer.text,
    );
  }
  t.equal(await service.deps.ledger.size(), size, 'nothing was recorded');
});

t.test('a compromise moves back in the log and is never taken back', async (t) => {
  const service = await testService(t);
  const party = await maker(service, 'A', gtin);
  const token = service.bearer(['manufacturer'], party);
  const { kid } = (await ask(service, 'POST', '/v1/keys', token, { custody: 'operator' })).body;
  const report = (from: number, reason = 'laptop stolen') =>
    ask(service, 'POST', `/v1/keys/${kid}/compromise`, token, { from, reason });
  t.match((await report(3)).body, { status: 'compromised', distrustedFrom: 3, reason: 'laptop stolen' });
  t.match((await report(2)).body, { status: 'compromised', distrustedFrom: 2 });
  t.match((await report(3)).body, { code: 'state-conflict' });
  const size = await service.deps.ledger.size();
  t.match((await report(2)).body, { distrustedFrom: 2 });
  t.match((await ask(service, 'POST', `/v1/keys/${kid}/retire`, token)).body, { status: 'compromised' });
  t.equal(await service.deps.ledger.size(), size);
  // Even a fact that says so does not make it better.
  const { publicKey } = (await ask(service, 'GET', '/v1/keys', token)).body.items[0];
  await record(service, {
    kind: 'key',
    by: party,
    kid,
    purpose: 'issuing',
    party,
    algorithm: 'EdDSA',
    x: publicKey.x,
    custody: 'operator',
    status: 'retired',
  });
  t.strictSame(
    await keyStandings(service.deps, [{ kid, gtin, issued: 1 }]),
    ['compromised-after'],
    'what nobody else saw before, nobody else can vouch for',
  );
  // Who witnessed the log had seen two entries before the third was recorded, and three only after it.
  await service.owner.sql`
    INSERT INTO cosignatures (size, witness, key_id, at, line)
    SELECT size, 'w', 'k', at, 'line' FROM (
      SELECT 2 AS size, at - 1 AS at FROM entries WHERE seq = 2 UNION ALL SELECT 3, at FROM entries WHERE seq = 3
    ) seen`;
  t.strictSame(
    await keyStandings(service.deps, [
      { kid, gtin, issued: 1 },
      { kid, gtin, issued: 2 },
      { kid, gtin, issued: null },
    ]),
    ['compromised-before', 'compromised-after', 'compromised-after'],
  );

  const jwks = await ask(service, 'GET', '/.well-known/jwks.json');
  t.notOk(
    jwks.body.keys.some((key: { kid: string }) => key.kid === kid),
    'not in the JWKS',
  );
});

t.test('the trust list binds keys to GTINs as vetted and delegated', async (t) => {
  let now = Date.parse('2025-06-01T00:00:00Z');
  const service = await testService(t, { deps: { now: () => now } });
  const owner = await maker(service, '沪安消防器材厂', gtin);
  const agent = await maker(service, '宁波代工厂', '06901234567908');
  const [ownerKey, agentKey] = await Promise.all(
    [owner, agent].map(async (party) => {
      const token = service.bearer(['manufacturer'], party);
      return (await ask(service, 'POST', '/v1/keys', token, { custody: 'operator' })).body.kid as string;
    }),
  );
  const read = async () => {
    const answer = await ask(service, 'GET', '/v1/trust-list');
    t.equal(answer.headers['content-type'], 'application/jose', answer.text);
    const jwks = (await ask(service, 'GET', '/.well-known/jwks.json')).body;
    const { payload, protectedHeader } = await compactVerify(answer.text, createLocalJWKSet(jwks));
    t.match(protectedHeader, { alg: 'EdDSA', typ: 'suyuan-trust+jws', kid: /^[0-9]{7}$/ });
    const signer = jwks.keys.find((key: { kid: string }) => key.kid === protectedHeader.kid);
    const opened = openTrustList(
      answer.text,
      createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signer.x }, format: 'jwk' }),
      now / 1000,
    );
    t.ok(opened.ok);
    const list = json(new TextDecoder().decode(payload));
    const bound = list.keys.map((key: { kid: string; gtins: string[]; former: string[] }) => [
      key.kid,
      key.gtins,
      key.former,
    ]);
    return {
      headers: answer.headers,
      text: answer.text,
      list,
      bound: Object.fromEntries(bound.map(([kid, ...rest]: string[]) => [kid, rest])),
    };
  };

  const first = await read();
  t.match(first.list, {
    origin: service.deps.genesis.origin,
    iat: now / 1000,
    exp: now / 1000 + 86400,
    size: await service.deps.ledger.size(),
  });
  t.strictSame(first.bound, { [ownerKey ?? '']: [[gtin], []], [agentKey ?? '']: [['06901234567908'], []] });
  t.strictSame(
    first.list.keys.find((key: { kid: string }) => key.kid === ownerKey).name,
    '沪安消防器材厂',
    'with the name of its party',
  );
  const same = await ask(service, 'GET', '/v1/trust-list', undefined, undefined, {
    'if-none-match': String(first.headers.etag),
  });
  t.strictSame([same.status, same.text], [304, '']);

  const delegation: DelegationFact = {
    kind: 'delegation',
    by: owner,
    id: 'D1',
    from: owner,
    to: agent,
    gtins: [gtin],
    places: [],
    acts: ['issue', 'produce'],
    validFrom: '2025-01-01',
    validUntil: '2026-01-01',
    revoked: false,
  };
  await record(service, delegation);
  const delegated = await read();
  t.not(delegated.headers.etag, first.headers.etag);
  t.strictSame(delegated.bound[agentKey ?? ''], [[gtin, '06901234567908'], []]);
  t.equal((await trustList(service.deps)).jws, delegated.text, 'kept while nothing changes');

  await record(
    service,
    { ...delegation, id: 'D2', acts: ['produce'], gtins: ['06901234567915'] }, // no issue
    { ...delegation, id: 'D3', by: agent, from: agent, to: owner, gtins: ['06901234567915'] }, // not its own to give
    { ...delegation, id: 'D4', from: agent, to: owner, gtins: ['06901234567908'], validFrom: '2025-12-01' }, // not yet
  );
  const same2 = await read();
  t.strictSame(same2.bound, delegated.bound);

  await record(service, { ...delegation, revoked: true });
  const revoked = await read();
  t.strictSame(revoked.bound[agentKey ?? ''], [['06901234567908'], [gtin]]);
  t.strictSame(
    await keyStandings(service.deps, [
      { kid: agentKey ?? '', gtin, issued: 5 },
      { kid: agentKey ?? '', gtin, issued: null },
      { kid: ownerKey ?? '', gtin: '06901234567908', issued: null },
      { kid: '0000000', gtin, issued: null },
      { kid: agentKey ?? '', gtin: null, issued: 5 },
    ]),
    ['active', 'foreign', 'foreign', 'unknown', 'active'],
  );
  now = Date.parse('2025-12-01T00:00:01Z');
  t.strictSame((await read()).bound[ownerKey ?? ''], [[gtin, '06901234567908'], []], 'time moves it, too');
});

t.test('receipts verify with jose, and a new key follows a retired one', async (t) => {
  const service = await testService(t);
  const { deps } = service;
  const appended = await record(service, {
    kind: 'policy',
    by: deps.genesis.operator,
    name: 'test',
    body: { a: 1 },
  });
  const jws = await signReceipt(deps, appended.facts);
  const jwks = (await ask(service, 'GET', '/.well-known/jwks.json')).body;
  const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(jwks));
  t.equal(protectedHeader.typ, 'suyuan-receipt+jws');
  t.match(json(new TextDecoder().decode(payload)), {
    origin: deps.genesis.origin,
    facts: [
      {
        seq: appended.facts[0]?.seq,
        leaf: appended.facts[0]?.leaf && Buffer.from(appended.facts[0].leaf).toString('base64url'),
      },
    ],
  });
  t.equal(await signReceipt(deps, appended.facts), jws, 'the same entries, the same receipt');

  const many = { ...deps, operator: deps.genesis.operator };
  const kids = await Promise.all([1, 2, 3, 4].map(() => ensureServiceKey(many, 'checkpoint')));
  t.equal(new Set(kids).size, 1, 'however many ask at once');
  const operator = service.bearer(['operator'], deps.genesis.operator);
  await ask(service, 'POST', `/v1/keys/${kids[0]}/retire`, operator);
  const next = await ensureServiceKey(many, 'checkpoint');
  t.not(next, kids[0]);
  t.equal(await ensureServiceKey(many, 'checkpoint'), next);
  t.notOk(
    (await ask(service, 'GET', '/.well-known/jwks.json')).body.keys.some(
      (key: { kid: string }) => key.kid === next,
    ),
    'checkpoints are not codes',
  );
  t.ok(await importJWK(jwks.keys[0], 'EdDSA'));
});
