import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import t from 'tap';
import { operatorOf, problem, refusal, register, testCreditCode } from '../../support/actors.ts';
import { testService } from '../../support/service.ts';

interface NewClient {
  readonly client_id: string;
  readonly client_secret: string;
}

t.test('API clients', async (t) => {
  const service = await testService(t);
  const { app } = service;
  const operator = operatorOf(service);
  const maker = await register(service, '甲厂', ['manufacturer', 'seller']);
  const other = await register(service, '乙厂', ['manufacturer']);
  const clients = `/v1/parties/${maker.id}/clients`;

  const tokenOf = ({ client_id, client_secret }: NewClient) =>
    app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id,
        client_secret,
      }).toString(),
    });

  const hmacOf = async (secret: string): Promise<Buffer> =>
    createHmac('sha256', await service.deps.keystore.secret('client-secrets'))
      .update(secret)
      .digest();

  t.test('a party and the operator make them; the secret is shown once', async (t) => {
    const own = await maker.send('POST', clients, { label: ' 仓库 ', roles: ['seller'] });
    t.equal(own.statusCode, 201);
    t.equal(own.headers['cache-control'], 'no-store');
    const { client_id, client_secret, seq, ...rest } = own.json<NewClient & { seq: number }>();
    t.match(client_id, /^[0-9A-HJKMNP-TV-Z]{16}$/);
    t.match(client_secret, /^[A-Za-z0-9_-]{43}$/);
    t.strictSame(rest, { party: maker.id, label: '仓库', roles: ['seller'], revoked: false });
    const byOperator = (await operator.send('POST', clients, { label: 'ERP' })).json<NewClient>();
    const listed = await maker.send('GET', clients);
    t.strictSame(
      listed
        .json<{ items: (NewClient & { roles: string[] })[] }>()
        .items.map((item) => [item.client_id, item.roles, 'client_secret' in item])
        .sort(),
      [
        [client_id, ['seller'], false],
        [byOperator.client_id, ['manufacturer', 'seller'], false],
      ].sort(),
    );
    t.strictSame((await operator.send('GET', clients)).json(), listed.json());
    const [fact] = await service.deps.ledger.read(seq, seq + 1);
    t.match(fact?.fact, { kind: 'client', by: maker.id, id: client_id, roles: ['seller'], revoked: false });
    t.notMatch(JSON.stringify(fact), client_secret);
  });

  t.test('lists go by pages', async (t) => {
    const seen: string[] = [];
    let url = `${clients}?limit=1`;
    for (let pages = 0; pages < 9; pages++) {
      const { items, next } = (await maker.send('GET', url)).json<{
        items: NewClient[];
        next: string | null;
      }>();
      seen.push(...items.map((item) => item.client_id));
      if (next === null) break;
      url = `${clients}?limit=1&cursor=${next}`;
    }
    t.equal(seen.length, 2);
    t.strictSame(seen, [...new Set(seen)].sort());
  });

  t.test('a revoked client gets no token, and those it has die at once', async (t) => {
    const client = (await maker.send('POST', clients, { label: '旧' })).json<NewClient>();
    const { access_token } = (await tokenOf(client)).json<{ access_token: string }>();
    const read = () =>
      app.inject({ url: '/v1/places', headers: { authorization: `Bearer ${access_token}` } });
    t.equal((await read()).statusCode, 200);
    t.equal((await maker.send('DELETE', `${clients}/${client.client_id}`)).statusCode, 204);
    t.strictSame(problem(await read()), {
      status: 401,
      detail: 'This client was revoked; ask for a new one.',
      code: 'token-invalid',
    });
    t.match((await tokenOf(client)).json(), { error: 'invalid_client' });
    // As after a crash between the entry that revokes and the deletion of the secret.
    await service.owner.sql`
      INSERT INTO client_secrets VALUES (${client.client_id}, ${await hmacOf(client.client_secret)})`;
    t.match((await tokenOf(client)).json(), { error: 'invalid_client' });
    t.equal((await maker.send('DELETE', `${clients}/${client.client_id}`)).statusCode, 204, 'again');
    const rows = await service.owner.sql`SELECT seq FROM clients WHERE id = ${client.client_id}`;
    t.equal(rows.length, 2, 'which is recorded once');
    const kept = await service.owner.sql`SELECT 1 FROM client_secrets WHERE client = ${client.client_id}`;
    t.equal(kept.length, 0);
  });

  t.test('a client passes on no more than it has', async (t) => {
    const sellerOnly = service.bearer(['seller'], maker.id);
    const make = (payload: object) =>
      app.inject({ method: 'POST', url: clients, headers: { authorization: sellerOnly }, payload });
    t.strictSame((await make({ label: 'x' })).json<{ roles: string[] }>().roles, ['seller']);
    t.strictSame(refusal(await make({ label: 'x', roles: ['seller', 'manufacturer'] })), [
      403,
      'forbidden',
      '/roles/1 Only the roles seller can be passed on.',
    ]);
  });

  t.test('a token outlives neither a role of its party nor, while its body comes, its client', async (t) => {
    const party = { name: '丁店', creditCode: testCreditCode('丁店'), region: '330106' };
    const shop = await register(service, '丁店', ['distributor', 'seller']);
    const made = (
      await shop.send('POST', `/v1/parties/${shop.id}/clients`, { label: 'x' })
    ).json<NewClient>();
    const { access_token } = (await tokenOf(made)).json<{ access_token: string }>();
    const authorization = `Bearer ${access_token}`;
    const ask = () => app.inject({ url: '/v1/inbox', headers: { authorization } });
    t.equal((await ask()).statusCode, 200);
    const say = (roles: string[]) => operator.send('PUT', `/v1/parties/${shop.id}`, { ...party, roles });
    t.equal((await say(['distributor'])).statusCode, 200);
    t.strictSame(refusal(await ask()), [
      401,
      'token-invalid',
      'Your party does not act as seller any more; get a new token.',
    ]);
    t.equal((await say(['distributor', 'seller'])).statusCode, 200);
    t.equal((await ask()).statusCode, 200, 'it is what it was again');

    const body = new Readable({ read: () => body.emit('asked') });
    const begun = once(body, 'asked');
    const slow = app.inject({
      method: 'POST',
      url: '/v1/parties/stubs',
      headers: { authorization, 'content-type': 'application/json' },
      payload: body,
    });
    await begun;
    await shop.send('DELETE', `/v1/parties/${shop.id}/clients/${made.client_id}`);
    body.push('{"name":"戊店","region":"330106"}');
    body.push(null);
    t.equal(refusal(await slow)[1], 'token-invalid');
  });

  t.test('refusals', async (t) => {
    const stub = (await maker.send('POST', '/v1/parties/stubs', { name: '丙店', region: '330106' })).json<{
      id: string;
    }>();
    const body = { label: 'x' };
    const found = [
      await other.send('POST', clients, body),
      await other.send('GET', clients),
      await other.send('DELETE', `${clients}/0123456789ABCDEF`),
      await maker.send('DELETE', `${clients}/0123456789ABCDEF`),
      await operator.send('POST', '/v1/parties/0123456789ABCDEF/clients', body),
      await operator.send('POST', '/v1/parties/nobody/clients', body),
      await operator.send('POST', `/v1/parties/${stub.id}/clients`, body),
      await operator.send('POST', clients, { label: 'x', roles: ['regulator'] }),
      await maker.send('POST', clients, { label: ' ' }),
      await maker.send('POST', clients, { label: 'x', secret: 'mine' }),
      await maker.send('GET', `${clients}?cursor=abc`),
    ].map(refusal);
    t.strictSame(found, [
      [403, 'forbidden', 'Only the party itself and the operator look after its clients.'],
      [403, 'forbidden', 'Only the party itself and the operator look after its clients.'],
      [403, 'forbidden', 'Only the party itself and the operator look after its clients.'],
      [404, 'not-found', 'This party has no such client.'],
      [404, 'not-found', 'There is no such party.'],
      [404, 'not-found', 'There is no such party.'],
      [409, 'state-conflict', 'A party without an account has no clients; register it first.'],
      [403, 'forbidden', '/roles/0 Only the roles manufacturer, seller can be passed on.'],
      [400, 'invalid-request', '/label Must match \\S.'],
      [400, 'unknown-member', '/secret This member is not known here; remove it.'],
      [
        400,
        'invalid-request',
        'The cursor is not one of this list; take `next` of the page before as it is.',
      ],
    ]);
  });
});

t.test('another process forgets a revoked client within seconds', async (t) => {
  let now = Date.now();
  const first = await testService(t);
  const maker = await register(first, '甲厂', ['manufacturer']);
  const { client_id } = (
    await maker.send('POST', `/v1/parties/${maker.id}/clients`, { label: 'x' })
  ).json<NewClient>();
  const { createRevocations } = await import('../../../src/features/access/revocations.ts');
  const elsewhere = createRevocations(first.deps.reads.sql, () => now);
  t.equal(await elsewhere.has(client_id), false);
  await maker.send('DELETE', `/v1/parties/${maker.id}/clients/${client_id}`);
  now += 4999;
  t.equal(await elsewhere.has(client_id), false, 'it has looked a moment ago');
  now += 1;
  t.equal(await elsewhere.has(client_id), true);
});
