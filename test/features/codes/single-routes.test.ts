import { compactVerify, createLocalJWKSet } from 'jose';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import t from 'tap';
import { parseCode, toCompactJws } from '../../../src/core/codes/code.ts';
import { parseSscc } from '../../../src/core/gs1/identifiers.ts';
import { readAhead } from '../../../src/features/codes/read-ahead.ts';
import { type TestService, testService } from '../../support/service.ts';
import { maker, order, record, send } from './makers.ts';

const gtin = '06901234567892';
const gln = '6901234567892';

async function verified(service: TestService, code: string): Promise<string> {
  const jwks = createLocalJWKSet((await send(service, 'GET', '/.well-known/jwks.json', null)).body);
  const parsed = parseCode(code);
  if (!parsed.ok || parsed.value.signed === null) throw new Error(`${code} is no code`);
  const { payload } = await compactVerify(
    toCompactJws({ epc: parsed.value.epc, ...parsed.value.signed }),
    jwks,
  );
  return new TextDecoder().decode(payload);
}

t.test('containers get free SSCCs with codes, once for a key', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gln, role: 'distributor' });
  const ask = (body: object, headers = {}) => send(service, 'POST', '/v1/containers', token, body, headers);
  const local = await ask({ quantity: 3 }, { 'idempotency-key': 'c1' });
  t.equal(local.status, 201, local.text);
  t.match(local.body, {
    items: [{ epc: /^00\/029\d{15}$/ }, {}, {}],
    receipt: /^ey/,
    facts: [{ seq: Number, salt: String }],
  });
  for (const { code, epc } of local.body.items) t.equal(await verified(service, code), epc);
  t.strictSame((await ask({ quantity: 3 }, { 'idempotency-key': 'c1' })).body, local.body);
  t.equal((await ask({ quantity: 4 }, { 'idempotency-key': 'c1' })).body.code, 'idempotency-conflict');

  const prefixed = await ask({ quantity: 1500, prefix: '6901234', extension: '3' });
  const ssccs = prefixed.body.items.map(({ epc }: { epc: string }) => epc.slice(3));
  t.equal(new Set(ssccs).size, 1500);
  t.ok(ssccs.every((sscc: string) => sscc.startsWith('36901234') && parseSscc(sscc).ok));
  // A prefix of twelve digits leaves 10,000 numbers, and every one is found.
  const full = await ask({ quantity: 9_998, prefix: '690123456789' });
  t.equal(full.body.items?.length, 9_998, full.text.slice(0, 300));
  const two = await Promise.all([1, 2].map(() => ask({ quantity: 1, prefix: '690123456789' })));
  t.strictSame(
    two.map(({ status }) => status),
    [201, 201],
    'also by two at once',
  );
  t.match((await ask({ quantity: 1, prefix: '690123456789' })).body, {
    code: 'state-conflict',
    errors: [{ pointer: '/prefix' }],
  });
});

t.test('own SSCCs, and what is refused of containers', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gln });
  const ask = async (who: string | null, body: object) => {
    const answer = await send(service, 'POST', '/v1/containers', who, body);
    const { code, errors } = answer.body;
    return [
      answer.status,
      code,
      errors?.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
    ];
  };
  t.strictSame(await ask(token, { ssccs: ['069012345678900019'] }), [201, undefined, undefined]);
  const size = await service.deps.ledger.size();
  const keyless = service.bearer(['seller']);
  const rows: [string | null, object, unknown[]][] = [
    [token, { ssccs: ['069012345678900019'] }, [409, 'already-issued', ['/ssccs/0 already-issued']]],
    [
      token,
      { ssccs: ['069012345678900026', '069012345678900026', '069012345678900027', '106141412345678908'] },
      [
        400,
        'invalid-request',
        ['/ssccs/1 duplicate-epc', '/ssccs/2 invalid-check-digit', '/ssccs/3 forbidden'],
      ],
    ],
    [token, { quantity: 1, prefix: '6909999' }, [403, 'forbidden', ['/prefix forbidden']]],
    [token, { quantity: 10_001 }, [400, 'invalid-request', ['/quantity invalid-request']]],
    [token, {}, [400, 'invalid-request', [' invalid-request']]],
    [token, { quantity: 1, ssccs: ['069012345678900026'] }, [400, 'invalid-request', [' invalid-request']]],
    [keyless, { quantity: 1 }, [422, 'unknown-key', undefined]],
    [service.bearer(['regulator']), { quantity: 1 }, [403, 'forbidden', undefined]],
    [null, { quantity: 1 }, [401, 'unauthenticated', undefined]],
  ];
  for (const [who, body, expected] of rows)
    t.strictSame(await ask(who, body), expected, JSON.stringify(body));
  t.equal(await service.deps.ledger.size(), size, 'nothing was recorded');
});

t.test('a lot has one code of its own, beside those of its units', async (t) => {
  const service = await testService(t);
  const { token, kid } = await maker(service, { gtins: [gtin] });
  const url = `/v1/lots/${gtin}/${encodeURIComponent('A/1(b)')}`;
  t.match(await send(service, 'GET', `${url}/code`, token), { status: 404, body: { code: 'unknown-unit' } });
  const answers = await Promise.all([1, 2, 3].map(() => send(service, 'POST', `${url}/code`, token)));
  t.match(
    answers[0],
    {
      status: 200,
      body: { epc: `01/${gtin}/10/A%2F1%28b%29`, key: kid, elementString: `(01)${gtin}(10)A/1(b)` },
    },
    answers[0]?.text ?? '',
  );
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
  t.equal((await send(service, 'GET', `${url}/code`, token)).text, answers[0]?.text);
  t.equal(await verified(service, answers[0]?.body.code), answers[0]?.body.epc);
  const [issues] = await service.db.sql`SELECT count(*)::int AS n FROM issues`;
  t.equal(issues?.n, 1);

  await order(service, token, { gtin, lot: 'A/1(b)', quantity: 2 });
  const lot = await send(service, 'GET', `/v1/batches/${gtin}/A%2F1%28b%29`, token);
  t.match(
    lot.body,
    { issued: 2, lot: 'A/1(b)', batches: [{ total: 2 }] },
    'the lot itself is not one of its units',
  );
  const codes = await send(service, 'GET', `/v1/batches/${gtin}/A%2F1%28b%29/codes`, token);
  t.strictSame(
    codes.body.items.map(({ epc }: { epc: string }) => epc.slice(0, 20)),
    [`01/${gtin}/21`, `01/${gtin}/21`],
  );
  const stranger = await maker(service);
  t.match((await send(service, 'POST', `${url}/code`, stranger.token)).body, { code: 'gtin-not-owned' });
  t.match((await send(service, 'GET', `${url}/code`, stranger.token)).body, { code: 'gtin-not-owned' });
  await record(service, {
    kind: 'gtin',
    by: service.deps.genesis.operator,
    gtin: '06901234567908',
    party: stranger.party,
    evidence: 'x',
    vettedBy: 'x',
    vettedAt: '2025-01-01',
  });
  const unknown = await send(service, 'POST', '/v1/lots/06901234567908/L1/code', stranger.token);
  t.match(unknown, { status: 422, body: { code: 'unknown-product' } });
});

t.test('QR of units, lots and containers, for whoever may print them', async (t) => {
  const service = await testService(t);
  const { token } = await maker(service, { gtins: [gtin] });
  await order(service, token, { gtin, lot: 'L1', serials: ['K7Q2M9X4TBWZ'] });
  const unit = `/v1/units/${gtin}/K7Q2M9X4TBWZ`;
  const { body } = await send(service, 'GET', `${unit}/code`, token);
  const svg = await send(service, 'GET', `${unit}/qr`, token);
  t.match(svg, { status: 200, headers: { 'content-type': /^image\/svg\+xml/ }, text: /^<svg / });
  const png = await send(service, 'GET', `${unit}/qr`, token, null, { accept: 'image/png' });
  t.match(png.headers['content-type'], 'image/png');
  const { data, width, height } = PNG.sync.read(png.bytes);
  t.equal(jsqr.default(new Uint8ClampedArray(data), width, height)?.data, body.code);
  t.same((await send(service, 'GET', `${unit}/qr?format=png`, token)).bytes, png.bytes);
  t.equal(
    (await send(service, 'GET', `${unit}/qr`, token, null, { accept: 'text/html' })).body.code,
    'not-acceptable',
  );

  const container = (
    await send(service, 'POST', '/v1/containers', token, { quantity: 1 })
  ).body.items[0].epc.slice(3);
  t.equal((await send(service, 'GET', `/v1/containers/${container}/qr`, token)).status, 200);
  await send(service, 'POST', `/v1/lots/${gtin}/((((((((((((((((((((/code`, token);
  const large = await send(service, 'GET', `/v1/lots/${gtin}/((((((((((((((((((((/qr`, token);
  t.match(large, { status: 422, body: { code: 'code-too-long' } });
  t.equal(
    (await send(service, 'GET', `/v1/lots/${gtin}/((((((((((((((((((((/qr?allowLargerQr=true`, token)).status,
    200,
  );

  const { token: stranger } = await maker(service, { gtins: ['06901234567908'] });
  const rows: [string, string, number, string][] = [
    [`${unit}/qr`, stranger, 403, 'gtin-not-owned'],
    [`${unit}/code`, stranger, 403, 'gtin-not-owned'],
    [`/v1/containers/${container}/qr`, stranger, 404, 'unknown-unit'],
    ['/v1/containers/069012345678900019/qr', token, 404, 'unknown-unit'],
    ['/v1/containers/069012345678900018/qr', token, 422, 'invalid-check-digit'],
    [`/v1/units/${gtin}/NEVER/qr`, token, 404, 'unknown-unit'],
    [`/v1/units/${gtin}/A%20B/qr`, token, 422, 'invalid-serial'],
    [`/v1/units/06901234567893/A/qr`, token, 422, 'invalid-check-digit'],
  ];
  for (const [url, who, status, code] of rows) {
    const got = await send(service, 'GET', url, who);
    t.strictSame([url, got.status, got.body.code], [url, status, code], got.text);
  }
});

t.test('label sheets', async (t) => {
  const service = await testService(t);
  const { token, kid } = await maker(service, { gtins: [gtin] });
  await order(service, token, { gtin, lot: 'L1', quantity: 30 });
  const sheet = await send(service, 'GET', `/v1/batches/${gtin}/L1/codes?format=pdf`, token);
  t.equal(sheet.status, 200, sheet.text.slice(0, 500));
  t.equal(sheet.headers['content-type'], 'application/pdf');
  t.match(sheet.bytes.subarray(0, 5).toString(), '%PDF-');
  t.equal(sheet.bytes.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length, 2, '24 labels a page');
  const roll = await send(service, 'GET', `/v1/batches/${gtin}/L1/codes?layout=roll-18x33`, token, null, {
    accept: 'application/pdf',
  });
  t.equal(roll.bytes.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length, 30);
  await send(service, 'POST', `/v1/keys/${kid}/compromise`, token, { from: 0, reason: 'stolen' });
  const refused = await send(service, 'GET', `/v1/batches/${gtin}/L1/codes?format=pdf`, token);
  t.match(refused, { status: 409, body: { code: 'state-conflict' } });
});

t.test('reading ahead keeps order, passes failures on in their turn, and ends its source', async (t) => {
  let made = 0;
  let ended = false;
  async function* source(failAt: number) {
    try {
      for (;;) {
        if (made === failAt) throw new Error('broken');
        yield made++;
      }
    } finally {
      ended = true;
    }
  }
  const seen: number[] = [];
  await t.rejects(
    (async () => {
      for await (const item of readAhead(source(3))) seen.push(item);
    })(),
    { message: 'broken' },
  );
  t.strictSame([seen, ended], [[0, 1, 2], true]);
  made = 0;
  ended = false;
  for await (const item of readAhead(source(-1))) if (item === 4) break;
  t.strictSame([made, ended], [6, true], 'one ahead, no more');
});
