/** Nothing secret stands in the log of the process, at its most talkative, whatever is sent and whatever goes wrong. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import t from 'tap';
import { newKey, proveKey, signHop } from '../../examples/sign-hop.ts';
import type { Feature } from '../../src/features/feature.ts';
import { access } from '../../src/http/access.ts';
import { loggerOptions } from '../../src/http/redaction.ts';
import { maker, order, send } from '../features/codes/makers.ts';
import { type Cable, layCable } from '../support/cable.ts';
import { testMasterKey, testOperatorSecret, testService } from '../support/service.ts';
import { act, supplyChain, unit } from '../support/supply-chain.ts';

/** A bug, while a secret is at hand. */
const broken: Feature = async (app) => {
  app.post('/t/broken', async ({ body }) => {
    throw new Error(`a bug, with a body of ${typeof body}`);
  });
};

t.test('a full run', async (t) => {
  const lines: string[] = [];
  const logger = pino(loggerOptions('trace'), { write: (line: string) => void lines.push(line) });
  let cable: Cable | undefined;
  const service = await testService(t, {
    extra: { features: [broken], table: { ...access, 'POST /t/broken': 'public' } },
    service: { logger },
    through: async (url) => {
      cable = await layCable(t, url);
      return cable.url;
    },
  });
  const { app } = service;
  const secrets = new Map<string, string>([
    ['the secret of the operator', testOperatorSecret],
    ['the master key', testMasterKey.toString('base64url')],
    ['the master key in hexadecimal', testMasterKey.toString('hex')],
    ['the password of the database', new URL(service.databaseUrl).password],
    ['a private key that signs tokens', service.deps.tokens.privateKey.split('\n')[1] ?? ''],
  ]);
  const secret = (what: string, value: string): string => {
    secrets.set(what, value);
    return value;
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const ask = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { ...form, ...headers },
      payload: new URLSearchParams({ grant_type: 'client_credentials', ...fields }).toString(),
    });

  // Tokens: given, refused, and sent where they do not belong.
  const given = await ask({ client_id: 'operator', client_secret: testOperatorSecret });
  const token = secret('a token', given.json<{ access_token: string }>().access_token);
  const operator = `Bearer ${token}`;
  const wrong = secret('a wrong secret', 'wrong-secret-5Gv0zq');
  const basic = Buffer.from(`operator:${wrong}`).toString('base64');
  await ask({ client_id: 'operator', client_secret: wrong });
  await ask({ client_id: wrong, client_secret: 'x' });
  await ask({}, { authorization: `Basic ${secret('wrong credentials', basic)}` });
  await ask({ client_id: wrong, client_secret: wrong }, { authorization: `Basic ${basic}` });
  await app.inject({ url: `/v1/keys?access_token=${token}` });
  await app.inject({ url: '/v1/keys', headers: { authorization: `Bearer ${token}x` } });
  await app.inject({ url: `/${token}` });

  // A client of its own, whose secret is shown once.
  const chain = await supplyChain(service);
  const made = await send(service, 'POST', `/v1/parties/${chain.firm.id}/clients`, operator, {
    label: 'ERP',
  });
  const { client_id, client_secret } = made.body;
  await ask({ client_id, client_secret: secret('the secret of a client', client_secret) });
  await ask({ client_id, client_secret: `${client_secret}x` });

  // Keys, claims, personal data and idempotency keys.
  const key = newKey();
  secret('a private key', String(key.private.export({ format: 'jwk' }).d));
  const proof = proveKey(key, service.deps.genesis.origin, chain.firm.id);
  const idempotencyKey = secret('an idempotency key', 'idempotency-7Jq2mVx');
  const headers = { 'idempotency-key': idempotencyKey };
  const registered = await send(service, 'POST', '/v1/keys/claims', chain.firm.bearer, {
    publicKey: key.public,
    proof,
  });
  await chain.post(chain.maker, [{ hop: 'produce', ...act(), epcs: [unit('S1')] }]);
  const person = secret('a name', '欧阳秘密');
  const phone = secret('a telephone number', '13912345678');
  const hop = () => ({
    ...{ hop: 'inspect', ...act(), epcs: [unit('S1')], outcome: 'conformant' },
    private: { engineer: person, phone },
  });
  const signed = signHop(hop(), registered.body.kid, key.private);
  t.equal((await chain.post(chain.firm, [signed], headers)).status, 201);
  t.equal((await chain.post(chain.firm, [hop()], headers)).body.code, 'idempotency-conflict');
  t.equal((await chain.post(chain.firm, [{ ...hop(), private: person, ref: 7 }])).status, 400);
  for (const payload of [
    `{"private":"${person}`,
    `{"hops":[{"private":{"phone":"${phone}"}}],"${person}":1}`,
  ])
    await app.inject({
      ...{ method: 'POST', url: '/v1/events', payload },
      headers: { authorization: chain.firm.bearer, 'content-type': 'application/json', ...headers },
    });

  // Codes, whose signature opens the journey of a thing.
  const gtin = '06901234567915';
  const producer = await maker(service, { gtins: [gtin] });
  await order(service, producer.token, { gtin, lot: 'L1', quantity: 1 });
  const { items } = (await send(service, 'GET', `/v1/batches/${gtin}/L1/codes`, producer.token)).body;
  const code: string = items[0].code;
  const [, path = '', query = ''] = /^HTTPS:\/\/[^/]+(\/[^?]+)\?S=(\d+)$/.exec(code) ?? [];
  secret('the signature of a code', query.slice(7));
  for (const url of [
    `${path}?S=${query}`,
    `${path}?s=${query}`,
    `${path}?%53=${query}`,
    `${path}?lang=en&S=${query}#x`,
    `${path}?S=${query}&S=${query}`,
    `/01/x/${query}`,
    `/v1/trace?epc=${encodeURIComponent(code)}&direction=up`,
    `/v1/log/heads/proof?epc=${encodeURIComponent(code)}`,
    `/%zz?S=${query}`,
  ])
    for (const authorization of [producer.token, '']) await send(service, 'GET', url, authorization || null);
  await send(service, 'POST', '/v1/verify', null, { code });
  await send(service, 'POST', '/v1/verify', null, { code: `${code}1`, [code]: 1 });

  // Bugs, and a database that goes away under it all.
  t.equal((await send(service, 'POST', '/t/broken', operator, { client_secret, person })).status, 500);
  await cable?.cut();
  await ask({ client_id: 'operator', client_secret: testOperatorSecret });
  await ask({ client_id, client_secret });
  await chain.post(chain.firm, [hop()], { 'idempotency-key': idempotencyKey.slice(0, -1) });
  await send(service, 'POST', `/v1/parties/${chain.firm.id}/clients`, operator, { label: person });
  await send(service, 'POST', '/v1/verify', null, { code });
  await send(service, 'GET', `${path}?S=${query}`, null);

  const standing = () =>
    [...secrets].flatMap(([what, value]) => {
      const at = value === '' ? undefined : lines.find((line) => line.includes(value));
      return at === undefined ? [] : [`${what}: ${at}`];
    });
  t.strictSame(standing(), []);
  const text = lines.join('');
  for (const word of [
    'answered',
    '/oauth/token',
    'our bug',
    path,
    '"status":503',
    'a client or its secret was wrong',
  ])
    t.match(text, word, `the log tells of ${word}`);
  logger.info(`as if it had been ${person}`);
  t.match(standing().join('\n'), /^a name: /, 'and what stands there is found');
});

t.test('a start that fails does not tell what it was given', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-log-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const server = fileURLToPath(import.meta.resolve('../../src/server.js'));
  const secrets = ['pass-W0rd-8kq', 'master-key-too-short', 'operator-secret-that-is-long-enough-for-it'];
  const [password, masterKey, operatorSecret] = secrets;
  const settings = { DATA_DIR: folder, OPERATOR_SECRET: operatorSecret, LOG_LEVEL: 'trace', PORT: '0' };
  const good = testMasterKey.toString('base64url');
  for (const env of [
    { MASTER_KEY: masterKey },
    { DATABASE_URL: `postgres://suyuan:${password}@127.0.0.1:1/none`, MASTER_KEY: good },
    { DATABASE_URL: `postgres://suyuan:${password}@[no address/none`, MASTER_KEY: good },
    { DATABASE_URL: `postgres://suyuan:${password}`, MASTER_KEY: good },
    { DATABASE_URL: `mysql://suyuan:${password}@127.0.0.1/none`, MASTER_KEY: good },
    { WITNESSES: `${operatorSecret} https://x` },
  ]) {
    const child = spawn(process.execPath, [server], {
      env: { PATH: process.env.PATH, ...settings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (said += chunk));
    const [exit] = await once(child, 'close');
    t.equal(exit, 1, said);
    t.strictSame(
      [...secrets, good].filter((it) => said.includes(it)),
      [],
      said,
    );
  }
});
