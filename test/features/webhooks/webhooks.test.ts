/** Notices on their way to those they are for, over real HTTP, signed, until they arrive. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { PartyId, Role } from '../../../src/core/events/hop.ts';
import { givenUpAfterMs } from '../../../src/core/retrying.ts';
import {
  claimWebhooks,
  holdWebhook,
  noteArrival,
  noteFailure,
} from '../../../src/features/webhooks/queries.ts';
import { type Acting, actorOf, refusal } from '../../support/actors.ts';
import { type Received, receiver } from '../../support/receiver.ts';
import { testService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { type Answer, distribute, gtin, unit, world } from '../verification/world.ts';

const paper = { ground: '产品质量法第十八条', number: '1', officer: '王某', reason: '抽检不合格' };
/** What docs/webhooks.md tells receivers to do. */
const told = readFileSync(new URL(import.meta.resolve('#root/docs/webhooks.md')), 'utf8');
const verifying =
  told
    .split('```')
    .find((block) => block.includes('isGenuine('))
    ?.slice('js'.length) ?? '';
const webhookNetworks = [{ address: '127.0.0.0', prefix: 8 }];

t.test('webhooks', async (t) => {
  let clock = Date.now();
  const settings = { service: { now: () => clock, webhookNetworks } };
  const w = await world(t, settings);
  const { maker, dealer, shop } = w.parties;
  const as = (party: PartyId, ...roles: Role[]): Acting => actorOf(w, party, roles);
  const [factory, trade] = [as(maker, 'manufacturer'), as(dealer, 'distributor')];
  const hooks = `/v1/parties/${dealer}/webhooks`;
  const outside = await receiver(t);
  await w.issue([unit('W0')]);
  await distribute(w, [unit('W0')]);
  // Goods that the dealer holds: it received them and has not passed them on.
  const send = async (method: 'GET' | 'POST' | 'DELETE', url: string, body?: object): Promise<Answer> =>
    (await trade.send(method, url, body)).json();
  /** The maker recalls the product: whoever holds of it is told. */
  const recall = async (): Promise<Answer> =>
    (
      await factory.send('POST', '/v1/orders', {
        ...paper,
        type: 'recall',
        scope: { products: [gtin] },
        acknowledgeBy: '2099-01-01T00:00:00Z',
      })
    ).json();
  const notices = async (): Promise<Answer[]> => (await send('GET', '/v1/inbox')).items;
  const verified = (secret: string, { headers, body }: Received): boolean => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  };

  const before = await recall();
  await until(async () => (await notices()).length === 1);
  const made = await send('POST', hooks, { url: outside.url });
  const one = `${hooks}/${made.id}`;
  const state = (): Promise<Answer> => send('GET', one);

  t.test('is told what comes after its registration, signed', async (t) => {
    t.match(made, { state: 'active', failures: 0, nextAt: null, secret: /^whsec_[\w+/]{43}=$/ });
    const order = await recall();
    await until(async () => outside.received.length === 1);
    const [first] = outside.received;
    if (first === undefined) return t.fail('nothing was received');
    t.ok(verified(made.secret, first));
    const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(verifying)}`);
    t.ok(isGenuine(first.headers, first.body, made.secret));
    t.notOk(isGenuine(first.headers, `${first.body} `, made.secret));
    t.notOk(isGenuine({ ...first.headers, 'webhook-timestamp': '1614265330' }, first.body, made.secret));
    const [old, fresh] = await notices();
    t.equal(old?.order.id, before.id);
    t.equal(fresh?.order.id, order.id);
    t.strictSame(JSON.parse(first.body), {
      type: 'inbox.order',
      timestamp: new Date(clock).toISOString(),
      data: fresh,
    });
    t.equal(first.headers['webhook-id'], `notice-${fresh?.id}`);
    await until(async () => (await state()).delivered === fresh?.id);
    const seen = await state();
    t.match(seen, { state: 'active', nextAt: null, attempts: [{ status: 204, trouble: null }] });
    t.notOk('secret' in seen);
    const listed = await send('GET', hooks);
    t.strictSame(
      listed.items.map(({ id }: Answer) => id),
      [made.id],
    );
  });

  t.test('what does not arrive comes again, the same and in order, at its time', async (t) => {
    outside.received.length = 0;
    outside.answer = (response) => response.writeHead(500).end();
    await recall();
    await until(async () => (await state()).state === 'failing');
    await recall();
    await until(async () => (await notices()).length === 4);
    t.match(await state(), { failures: 1, attempts: [{ status: 500 }, { status: 204 }] });
    const { nextAt } = await state();
    t.ok(Date.parse(nextAt) - clock >= 3_750 && Date.parse(nextAt) - clock <= 6_250, nextAt);
    t.equal(outside.received.length, 1, 'the second waits behind the first');
    outside.answer = (response) => response.writeHead(200).end('thank you');
    clock += 7_000;
    await until(async () => outside.received.length === 3);
    const ids = outside.received.map(({ headers }) => headers['webhook-id']);
    const told = (await notices()).slice(-2).map(({ id }) => `notice-${id}`);
    t.strictSame(ids, [told[0], ...told]);
    const [tried, again] = outside.received;
    t.equal(JSON.parse(tried?.body ?? '').data.id, JSON.parse(again?.body ?? '').data.id);
    t.not(tried?.headers['webhook-timestamp'], again?.headers['webhook-timestamp']);
    await until(async () => (await state()).state === 'active');
  });

  t.test('is given up after three days, or when it is gone, and goes on after a ping', async (t) => {
    outside.received.length = 0;
    outside.answer = (response) => response.writeHead(503).end();
    await recall();
    await until(async () => (await state()).failures === 1);
    clock += givenUpAfterMs;
    await until(async () => (await state()).state === 'stopped');
    t.match(await state(), { failures: 2, nextAt: null });
    await recall();
    await until(async () => (await notices()).length === 6);
    t.match(await send('POST', `${one}/ping`), { status: 503, trouble: null });
    t.equal((await state()).state, 'stopped');
    outside.received.length = 0;
    outside.answer = (response) => response.writeHead(204).end();
    t.match(await send('POST', `${one}/ping`), { status: 204 });
    await until(async () => outside.received.length === 3);
    t.strictSame(
      outside.received.map(({ body }) => JSON.parse(body).type),
      ['ping', 'inbox.order', 'inbox.order'],
    );
    t.ok(outside.received.every((it) => verified(made.secret, it)));
    await until(async () => (await state()).nextAt === null);

    outside.answer = (response) => response.writeHead(410).end();
    await recall();
    await until(async () => (await state()).state === 'stopped');
    t.equal((await state()).failures, 1);
    outside.answer = (response) => response.writeHead(204).end();
    await send('POST', `${one}/ping`);
    await until(async () => (await state()).nextAt === null);
  });

  t.test('of several processes one sends, and what one left behind another sends', async (t) => {
    await testService(t, { ...settings, beside: w });
    outside.received.length = 0;
    for (let i = 0; i < 5; i++) await recall();
    const last = async () => (await notices()).at(-1)?.id;
    await until(async () => (await notices()).length === 12 && (await state()).delivered === (await last()));
    t.equal(new Set(outside.received.map(({ headers }) => headers['webhook-id'])).size, 5);
    t.equal(outside.received.length, 5);

    // A process takes the next notice on and dies; one that comes back too late changes nothing.
    outside.received.length = 0;
    const delivered = await last();
    await w.db.sql`UPDATE webhooks SET cursor = ${delivered - 1}, due_at = ${clock + 1}`;
    const claim = { leaseMs: 60_000, limit: 10, ofParty: 1 };
    const [dead] = await claimWebhooks(w.db.sql, { now: clock + 1, ...claim });
    if (dead === undefined) return t.fail('it was not free');
    clock += 3_600_000;
    t.equal(
      (await claimWebhooks(w.db.sql, { now: clock, ...claim })).length,
      0,
      'whatever its own clock says',
    );
    const held = await holdWebhook(w.db.sql, dead, 70_000);
    t.ok((held?.lease ?? 0) > dead.lease, 'what is still its own it may hold on to');
    // Its time is over.
    t.not(await holdWebhook(w.db.sql, held ?? dead, 0), null);
    await until(async () => outside.received.length === 1 && (await state()).nextAt === null);
    t.equal(await holdWebhook(w.db.sql, dead, 1_000), null, 'and no longer');
    const attempt = { message: 'late', at: clock, status: 500, trouble: null } as const;
    await noteFailure(w.db.sql, dead, null, attempt);
    await noteArrival(w.db.sql, dead, 1, attempt);
    t.match(await state(), { state: 'active', delivered });
  });

  t.test('who may, where to, how many', async (t) => {
    const pings: number[] = [];
    for (let n = 0; n < 30; n++) pings.push((await trade.send('POST', `${one}/ping`)).statusCode);
    t.same([pings[0], pings.at(-1)], [200, 429], 'nobody has others called at will');
    const stranger = as(shop, 'seller');
    const answers = [
      await stranger.send('GET', one),
      await stranger.send('POST', hooks, { url: outside.url }),
      await trade.send('GET', `${hooks}/0000000000000000`),
      await trade.send('POST', hooks, { url: 'https://10.0.0.1/' }),
      await trade.send('POST', hooks, { url: 'mailto:a@b.example' }),
    ];
    t.strictSame(
      answers.map((answer) => refusal(answer).slice(0, 2)),
      [
        [403, 'forbidden'],
        [403, 'forbidden'],
        [404, 'not-found'],
        [422, 'address-not-allowed'],
        [400, 'invalid-request'],
      ],
    );
    const many = await Promise.all(
      Array.from({ length: 11 }, () => trade.send('POST', hooks, { url: outside.url })),
    );
    t.strictSame(many.map(({ statusCode }) => statusCode).sort(), [...Array(9).fill(201), 409, 409]);
    t.equal((await trade.send('DELETE', one)).statusCode, 204);
    t.equal((await trade.send('GET', one)).statusCode, 404);
    const kept = await w.owner.sql`SELECT FROM private_keys WHERE kid = ${`webhook ${made.id}`}`;
    t.equal(kept.length, 0, 'its secret is gone');
  });
});
