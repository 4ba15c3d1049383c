import { createPublicKey, sign } from 'node:crypto';
import { compactVerify, createLocalJWKSet } from 'jose';
import t from 'tap';
import { newKey } from '../../../examples/sign-hop.ts';
import { formatCode, parseCode, toCompactJws, verifySignature } from '../../../src/core/codes/code.ts';
import type { Epc } from '../../../src/core/events/hop.ts';
import { hasValidCheck } from '../../../src/core/gs1/serial.ts';
import type { DelegationFact } from '../../../src/core/log/fact.ts';
import { issuedUnits } from '../../../src/features/codes/issued.ts';
import { codeFor } from '../../../src/features/codes/single-issues.ts';
import { type TestService, testService } from '../../support/service.ts';
import { maker, order, record, send } from './makers.ts';

const gtin = '06901234567892';
const lot = 'L2025-07';
const epcOf = (serial: string): Epc => {
  const parsed = parseCode(`01/${gtin}/21/${serial}`);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value.epc;
};
const codesOf = async (service: TestService, token: string, query = 'limit=1000') =>
  (await send(service, 'GET', `/v1/batches/${gtin}/${lot}/codes?${query}`, token)).body;

t.test('a batch is issued within the request, its codes verify with jose', async (t) => {
  const service = await testService(t);
  const { token, kid, party } = await maker(service, { gtins: [gtin] });
  const answer = await order(service, token, {
    gtin: '6901234567892',
    lot,
    quantity: 25,
    productionDate: '2025-07-01',
  });
  t.equal(answer.status, 201, answer.text);
  t.equal(answer.headers.location, `/v1/batches/${gtin}/${lot}`);
  t.match(answer.headers['preference-applied'], /^wait=/);
  t.match(answer.body, {
    gtin,
    lot,
    epc: `01/${gtin}/10/${lot}`,
    key: kid,
    serials: 'ours',
    productionDate: '2025-07-01',
    state: 'done',
    total: 25,
    done: 25,
  });

  const jwks = createLocalJWKSet((await send(service, 'GET', '/.well-known/jwks.json', null)).body);
  const receipt = await compactVerify(answer.body.receipt, jwks);
  const [stated] = JSON.parse(new TextDecoder().decode(receipt.payload)).facts;
  const [entry] = await service.deps.ledger.read(stated.seq, stated.seq + 1);
  t.equal(stated.seq, answer.body.facts[0].seq);
  t.match(entry?.fact, {
    kind: 'issue',
    by: party,
    gtin,
    lot,
    kid,
    serials: 'ours',
    productionDate: '2025-07-01',
  });

  const { items, next } = await codesOf(service, token);
  t.equal(next, null);
  t.equal(items.length, 25);
  for (const { code, epc, elementString, sign } of items) {
    const parsed = parseCode(code);
    if (!parsed.ok || parsed.value.signed === null) throw new Error(`${code} is no code`);
    const jws = toCompactJws({ epc: parsed.value.epc, ...parsed.value.signed });
    const verified = await compactVerify(jws, jwks);
    const serial = epc.slice(epc.lastIndexOf('/') + 1);
    if (
      new TextDecoder().decode(verified.payload) !== epc ||
      parsed.value.host !== 'id.example.cn' ||
      !hasValidCheck(serial) ||
      elementString !== `(01)${gtin}(21)${serial}` ||
      sign !== null
    ) {
      t.fail(`wrong: ${code}`);
    }
  }
  t.strictSame((await codesOf(service, token)).items, items, 'the same every time');
  const issued = await issuedUnits(
    service.db.sql,
    items.map(({ epc }: { epc: string }) => epc),
  );
  t.equal(issued.size, 25);
  t.match(issued.get(items[0].epc), {
    kid,
    gtin,
    lot: `01/${gtin}/10/${lot}`,
    lotUnit: null,
    ours: true,
    seq: stated.seq,
  });
  t.equal((await codeFor(service.deps, items[3].epc))?.code, items[3].code);
  t.equal(await codeFor(service.deps, epcOf('NEVER-ISSUED')), null);
  const [runs] = await service.db.sql`SELECT count(*)::int AS n FROM issues`;
  t.equal(runs?.n, 1, 'one run for the whole batch');
});

t.test('pages, NDJSON and CSV list the same codes', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  await order(service, token, { gtin, lot, quantity: 4500 });
  const second = await order(service, token, { gtin, lot, quantity: 10 });
  const url = `/v1/batches/${gtin}/${lot}/codes`;

  const paged: unknown[] = [];
  for (let cursor = ''; ; ) {
    const page = await codesOf(service, token, `limit=1000${cursor}`);
    paged.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  t.equal(paged.length, 4510);
  const ndjson = await send(service, 'GET', url, token, null, { accept: 'application/x-ndjson' });
  t.match(ndjson.headers['content-type'], /^application\/x-ndjson/);
  t.match(ndjson.headers['cache-control'], /private/);
  t.strictSame(
    ndjson.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    paged,
  );
  const csv = await send(service, 'GET', `${url}?format=csv`, token);
  t.match(csv.headers, { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': /attachment/ });
  const [head, ...lines] = csv.text.trimEnd().split('\r\n');
  t.equal(head, 'epc,elementString,key,code,sign');
  t.strictSame(
    lines.map((line) => line.split(',')[3]),
    paged.map((item) => (item as { code: string }).code),
  );
  const one = await codesOf(service, token, `batch=${second.body.id}`);
  t.equal(one.items.length, 10, 'one batch of the lot');
  const lotAnswer = await send(service, 'GET', `/v1/batches/${gtin}/${lot}`, token);
  t.match(lotAnswer.body, {
    issued: 4510,
    batches: [{ id: second.body.id, done: 10, state: 'done' }, { done: 4500 }],
  });
  const unacceptable = await send(service, 'GET', url, token, null, { accept: 'image/png' });
  t.equal(unacceptable.body.code, 'not-acceptable');
});

t.test('own serials: warned of, refused with their places, never issued twice', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  const first = await order(service, token, { gtin, lot, serials: ['SN-0001', 'K7Q2M9X4TBWZ'] });
  t.equal(first.status, 201, first.text);
  t.match(first.body, {
    serials: 'own',
    done: 2,
    warnings: [{ code: 'guessable-serials', detail: /^1 of 2/ }],
  });
  const issued = await issuedUnits(service.db.sql, [epcOf('SN-0001')]);
  t.equal(issued.get(epcOf('SN-0001'))?.ours, false);
  const size = await service.deps.ledger.size();
  const [before] = await service.db.sql`SELECT count(*)::int AS n FROM batch_jobs`;

  const faults = async (serials: string[]) => {
    const { body, status } = await order(service, token, { gtin, lot: 'L2', serials });
    return [
      status,
      body.code,
      body.errors?.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ];
  };
  t.strictSame(await faults(['A', 'a', 'A', 'x'.repeat(21)]), [
    400,
    'invalid-request',
    [
      ['/serials/1', 'invalid-serial'],
      ['/serials/2', 'duplicate-epc'],
      ['/serials/3', 'invalid-serial'],
    ],
  ]);
  t.strictSame(await faults(['NEW1', 'K7Q2M9X4TBWZ', 'SN-0001']), [
    409,
    'already-issued',
    [
      ['/serials/1', 'already-issued'],
      ['/serials/2', 'already-issued'],
    ],
  ]);
  t.equal(await service.deps.ledger.size(), size, 'nothing was recorded');
  const [after] = await service.db.sql`SELECT count(*)::int AS n FROM batch_jobs`;
  t.strictSame(after, before, 'nor ordered');
});

t.test('what had been seen before it was issued breaks the run and no more', async (t) => {
  const service = await testService(t);
  const { token, party } = await maker(service, { gtins: [gtin] });
  await record(service, {
    kind: 'event',
    by: party,
    type: 'ObjectEvent',
    eventID: 'ni:///sha-256;00?ver=CBV2.0',
    action: 'OBSERVE',
    eventTime: '2025-07-01T08:00:00+08:00',
    eventTimeZoneOffset: '+08:00',
    epcList: [epcOf('K0000000000B'), epcOf('SOMETHING-ELSE')],
  });
  const serials = ['K0000000000A', 'K0000000000B', 'K0000000000C', 'K0000000000D'];
  await order(service, token, { gtin, lot, serials });
  const runs = await service.db.sql<{ size: number }[]>`
    SELECT (last_unit - first_unit + 1)::int AS size FROM issues ORDER BY first_unit`;
  t.strictSame(
    runs.map(({ size }) => size),
    [1, 3],
  );
  const { items } = await codesOf(service, token);
  t.strictSame(items.map(({ epc }: { epc: string }) => epc).sort(), serials.map(epcOf));
  const pages = [await codesOf(service, token, 'limit=2')];
  pages.push(await codesOf(service, token, `limit=2&cursor=${pages[0].next}`));
  t.strictSame(
    pages.flatMap(({ items }) => items),
    items,
    'paged across runs',
  );
});

t.test('the same request twice at once, and again later, is one batch', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  const ask = (quantity = 30) => order(service, token, { gtin, lot, quantity }, { key: 'same' });
  const answers = await Promise.all([ask(), ask(), ask()]);
  const later = await ask();
  t.strictSame(new Set(answers.map(({ body }) => body.id)).size, 1);
  t.match(later, { status: 201, body: { id: answers[0].body.id, state: 'done', done: 30 } });
  t.equal((await codesOf(service, token)).items.length, 30);
  const other = await ask(31);
  t.match(other, { status: 409, body: { code: 'idempotency-conflict' } });
  const { token: stranger } = await maker(service, { gtins: ['06901234567908'] });
  const own = await order(service, stranger, { gtin: '06901234567908', lot, quantity: 1 }, { key: 'same' });
  t.equal(own.status, 201, 'keys are each party’s own');
});

t.test('a batch in the background says how far it is', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  const { status, body } = await order(
    service,
    token,
    { gtin, lot, quantity: 12_000 },
    { prefer: 'respond-async' },
  );
  t.match({ status, body }, { status: 202, body: { state: 'running', total: 12_000 } });
  const again = await order(service, token, { gtin, lot, quantity: 1 }, { prefer: 'wait=0' });
  t.match(again.headers['preference-applied'], 'wait=0');
  for (;;) {
    const { batches } = (await send(service, 'GET', `/v1/batches/${gtin}/${lot}`, token)).body;
    if (batches.every(({ state }: { state: string }) => state === 'done')) break;
  }
  const parts = await service.db.sql`
    SELECT count(DISTINCT seq)::int AS n FROM issues WHERE batch = ${body.id}`;
  t.equal(parts[0]?.n, 2, 'at most 10,000 codes a fact');
});

t.test('a maker with a key of its own signs codes itself', async (t) => {
  const service = await testService(t);
  const key = newKey();
  const { token, kid } = await maker(service, { gtins: [gtin], key });
  await order(service, token, { gtin, lot, quantity: 2 });
  const { items } = await codesOf(service, token);
  t.match(items, [{ code: null, key: kid, sign: /^[\w-]+\.[\w-]+$/ }, { code: null }]);
  const [item] = items;
  const signature = sign(null, Buffer.from(item.sign), key.private);
  const text = formatCode({ host: 'id.example.cn', epc: item.epc, kid, signature });
  const parsed = parseCode(text);
  if (!parsed.ok || parsed.value.signed === null) throw new Error('no code');
  t.ok(verifySignature(createPublicKey(key.private), { epc: parsed.value.epc, ...parsed.value.signed }));
  const qr = await send(service, 'GET', `/v1/units/${item.epc.slice(3).replace('/21/', '/')}/qr`, token);
  t.match(qr, { status: 409, body: { code: 'state-conflict' } });
});

t.test('delegates issue for the owner; a compromised key prints no more', async (t) => {
  const service = await testService(t);
  const owner = await maker(service, { gtins: [gtin] });
  const agent = await maker(service);
  const delegation: DelegationFact = {
    kind: 'delegation',
    by: owner.party,
    id: 'D000000000000001',
    from: owner.party,
    to: agent.party,
    gtins: [gtin],
    places: [],
    acts: ['issue'],
    validFrom: '2020-01-01',
    validUntil: '2999-01-01',
    revoked: false,
  };
  t.equal((await order(service, agent.token, { gtin, lot, quantity: 1 })).body.code, 'gtin-not-owned');
  await record(service, delegation);
  const own = await order(service, agent.token, { gtin, lot, quantity: 1 });
  t.match(own, { status: 201, body: { key: agent.kid } }, 'under its own key');
  const ownersKey = await order(service, agent.token, { gtin, lot, quantity: 1, key: owner.kid });
  t.match(ownersKey, { status: 201, body: { key: owner.kid } }, 'or the owner’s');
  await send(service, 'POST', `/v1/keys/${agent.kid}/retire`, agent.token);
  const fallback = await order(service, agent.token, { gtin, lot, quantity: 1 });
  t.equal(fallback.body.key, owner.kid, 'which it uses when it has none');

  // Whoever has a code can put it on something else: a delegate is shown those that it had issued itself.
  const [first] = (await codesOf(service, agent.token)).items;
  t.match(await order(service, owner.token, { gtin, lot, quantity: 5 }), { status: 201 });
  t.equal((await codesOf(service, owner.token)).items.length, 8);
  t.equal((await codesOf(service, agent.token)).items.length, 3);
  const progress = async (token: string) => {
    const { body } = await send(service, 'GET', `/v1/batches/${gtin}/${lot}`, token);
    return [body.issued, body.batches.length];
  };
  t.strictSame(await progress(owner.token), [8, 4]);
  t.strictSame(await progress(agent.token), [3, 3]);
  const others = (await codesOf(service, owner.token)).items.at(-1);
  const codeOf = async (epc: string) =>
    (await send(service, 'GET', `/v1/units/${epc.slice(3).replace('/21/', '/')}/code`, agent.token)).status;
  t.strictSame([await codeOf(first.epc), await codeOf(others.epc)], [200, 404]);

  await record(service, { ...delegation, revoked: true });
  t.equal((await order(service, agent.token, { gtin, lot, quantity: 1 })).body.code, 'gtin-not-owned');

  const { items } = await codesOf(service, owner.token);
  t.equal(
    items.filter(({ code }: { code: string | null }) => code !== null).length,
    8,
    'a retired key still prints',
  );
  await send(service, 'POST', `/v1/keys/${owner.kid}/compromise`, owner.token, { from: 0, reason: 'stolen' });
  const after = await codesOf(service, owner.token);
  t.strictSame(
    after.items.map(({ key, code, sign }: Record<string, string | null>) => [key, code === null, sign]),
    items.map(({ key }: { key: string }) => [key, key === owner.kid, null]),
  );
});

t.test('what is refused, and leaves no trace', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  const stranger = await maker(service, { gtins: ['06901234567908'] });
  const keyless = service.bearer(
    ['manufacturer'],
    (await maker(service, { gtins: ['06901234567915'] })).party,
  );
  const retired = await maker(service, { gtins: ['06901234567922'] });
  await send(service, 'POST', `/v1/keys/${retired.kid}/retire`, retired.token);
  await record(service, {
    kind: 'gtin',
    by: service.deps.genesis.operator,
    gtin: '06901234567939',
    party: stranger.party,
    evidence: 'x',
    vettedBy: 'x',
    vettedAt: '2025-01-01',
  });
  const size = await service.deps.ledger.size();
  const good = { gtin, lot, quantity: 1 };
  const rows: [token: string | null, body: object, status: number, code: string, pointer?: string][] = [
    [null, good, 401, 'unauthenticated'],
    [service.bearer(['seller']), good, 403, 'forbidden'],
    [token, { ...good, quantity: 0 }, 400, 'invalid-request', '/quantity'],
    [token, { ...good, quantity: 1_000_001 }, 400, 'invalid-request', '/quantity'],
    [token, { ...good, quantity: 1.5 }, 400, 'invalid-request', '/quantity'],
    [token, { ...good, serials: ['A'] }, 400, 'invalid-request', ''],
    [token, { gtin, lot }, 400, 'invalid-request', ''],
    [token, { ...good, color: 'red' }, 400, 'unknown-member', '/color'],
    [token, { ...good, gtin: '06901234567893' }, 422, 'invalid-check-digit', '/gtin'],
    [token, { ...good, lot: 'L 1' }, 422, 'invalid-identifier', '/lot'],
    [token, { ...good, productionDate: '2025-02-29' }, 422, 'invalid-time', '/productionDate'],
    [token, { ...good, gtin: '06901234560008' }, 422, 'unknown-product', '/gtin'],
    [stranger.token, { ...good, gtin: '06901234567939' }, 422, 'unknown-product', '/gtin'],
    [stranger.token, good, 403, 'gtin-not-owned'],
    [token, { ...good, key: stranger.kid }, 422, 'unknown-key', '/key'],
    [token, { ...good, key: '0000000' }, 422, 'unknown-key', '/key'],
    [retired.token, { ...good, gtin: '06901234567922' }, 422, 'unknown-key'],
    [
      keyless,
      { ...good, gtin: '06901234567915', serials: [], quantity: undefined },
      400,
      'invalid-request',
      '/serials',
    ],
  ];
  for (const [who, body, status, code, pointer] of rows) {
    const answer = await order(service, who ?? '', body);
    const got = who === null ? await send(service, 'POST', '/v1/batches', null, body) : answer;
    t.strictSame(
      [got.status, got.body.code, pointer && got.body.errors?.[0]?.pointer],
      [status, code, pointer],
      `${JSON.stringify(body)} → ${got.text}`,
    );
  }
  const noKey = await send(service, 'POST', '/v1/batches', token, good);
  t.match(noKey, { status: 400, body: { code: 'idempotency-key-required' } });
  const gets: [string, string, number, string][] = [
    [`/v1/batches/${gtin}/${lot}`, token, 404, 'unknown-batch'],
    [`/v1/batches/${gtin}/${lot}/codes`, token, 404, 'unknown-batch'],
    [`/v1/batches/${gtin}/${lot}/codes`, stranger.token, 403, 'gtin-not-owned'],
    [`/v1/batches/${gtin}/${lot}`, stranger.token, 403, 'gtin-not-owned'],
    [`/v1/batches/123/${lot}`, token, 422, 'invalid-identifier'],
    [`/v1/batches/${gtin}/${lot}/codes?format=xml`, token, 400, 'invalid-request'],
    [`/v1/batches/${gtin}/${lot}/codes?cursor=zzz`, token, 400, 'invalid-request'],
  ];
  for (const [url, who, status, code] of gets) {
    const got = await send(service, 'GET', url, who);
    t.strictSame([url, got.status, got.body.code], [url, status, code], got.text);
  }
  t.equal(await service.deps.ledger.size(), size, 'nothing was recorded');
});

t.test('a host too long for the label is refused unless it is allowed', async (t) => {
  const host = 'traceability.example-industries.com.cn';
  const service = await testService(t, { service: { publicUrl: `https://${host}` } });
  const { token } = await maker(service, { gtins: [gtin] });
  const refused = await order(service, token, { gtin, lot, quantity: 1 });
  t.match(refused, { status: 422, body: { code: 'code-too-long' } });
  const own = await order(service, token, { gtin, lot, serials: ['ABC', 'ABCD'] });
  t.match(own.body, { code: 'code-too-long', errors: [{ pointer: '/serials/1' }] });
  t.equal((await order(service, token, { gtin, lot, serials: ['ABC'] })).status, 201);
  t.equal((await order(service, token, { gtin, lot, quantity: 1, allowLargerQr: true })).status, 201);
});
