/** Orders over what is downstream of something, followed into what parts and agents were put into. */
import t from 'tap';
import type { EventBody } from '../../../src/core/events/epcis.ts';
import type { Epc, PartyId, Role } from '../../../src/core/events/hop.ts';
import type { OrderScope } from '../../../src/core/orders/order.ts';
import { loadChains, unitNumbers } from '../../../src/features/events/chains.ts';
import { eventFact } from '../../../src/features/events/event-fact.ts';
import { createMasters } from '../../../src/features/events/masters.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { knownTo } from '../../../src/features/findings/known.ts';
import { load } from '../../../src/features/findings/sights.ts';
import {
  beginningsOf,
  createStandingOrders,
  type StandingOrders,
} from '../../../src/features/findings/standing-orders.ts';
import { stillIn } from '../../../src/features/orders/fittings.ts';
import { madeOf } from '../../../src/features/orders/makings.ts';
import { namesOf } from '../../../src/features/tracing/names.ts';
import { type Acting, actorOf, register } from '../../support/actors.ts';
import { counted } from '../../support/counted.ts';
import { findingsAnew, findingsIn } from '../../support/findings.ts';
import { until } from '../../support/until.ts';
import { type Answer, container, lot, otherGtin, post, unit, world } from '../verification/world.ts';

const paper = { ground: '产品质量法第十八条', number: '1', officer: '王某', reason: '抽检不合格' };
const deadline = '2099-01-01T00:00:00Z';
const day = 86_400_000;

t.test('what a bad agent or part was put into', async (t) => {
  let clock = Date.parse('2026-05-01T00:00:00Z');
  const w = await world(t, { service: { now: () => clock } });
  const { maker, rival, dealer, shop, user, regulator } = w.parties;
  const as = (party: PartyId, ...roles: Role[]): Acting => actorOf(w, party, roles);
  const [office, factory, owner] = [
    as(regulator, 'regulator'),
    as(maker, 'manufacturer'),
    as(user, 'using-unit'),
  ];
  await w.append({
    kind: 'party',
    by: w.deps.genesis.operator,
    id: regulator,
    stub: false,
    name: '上海市市场监督管理局',
    roles: ['regulator'],
    region: '310000',
    jurisdiction: { regions: ['310000'], places: [] },
  });
  const [firm, other] = [
    (await register(w, '申江消防维保有限公司', ['maintenance-firm'])).id,
    (await register(w, '沪东消防维保有限公司', ['maintenance-firm'])).id,
  ];
  const follower = findingsFollower(w.deps, w.app.log);

  /** Records a hop an hour later than the last, or `at` an earlier time; its entries by seq, and their bodies. */
  const record = async (by: PartyId, role: Role, told: Parameters<typeof w.record>[2]) => {
    clock += day / 24;
    const first = await w.deps.ledger.size();
    const bodies = await w.record(by, role, { at: new Date(clock).toISOString(), ...told });
    return { first, last: first + bodies.length - 1, bodies };
  };
  const withdraw = (by: PartyId, role: Role, original: EventBody | undefined) =>
    record(by, role, { hop: 'void', original, reason: 'r' });
  const kilos = (quantity: number, batch = 'POWDER') => ({
    epcs: [],
    lots: [{ lot: lot(otherGtin, batch), amount: BigInt(quantity) * 1_000_000n, uom: 'KGM' }],
  });
  const send = (goods: object, from: PartyId, role: Role, to: PartyId) =>
    record(from, role, { hop: 'ship', ...goods, to, toPlace: null, transfer: 'sale' });
  const pass = async (goods: object, from: PartyId, role: Role, to: PartyId, toRole: Role) => {
    await send(goods, from, role, to);
    await record(to, toRole, { hop: 'receive', ...goods, from, fromPlace: null, differences: [] });
  };
  /** Of a maker's lot, to a wholesaler and refill firms. */
  const powderComes = async (batch: string) => {
    const begun = { lot: batch, productionDate: null, bestBefore: null, factory: null, begun: false };
    await record(rival, 'manufacturer', { hop: 'produce', ...kilos(100, batch), ...begun });
    await pass(kilos(70, batch), rival, 'manufacturer', dealer, 'distributor');
    await pass(kilos(30, batch), dealer, 'distributor', firm, 'maintenance-firm');
    await pass(kilos(30, batch), rival, 'manufacturer', other, 'maintenance-firm');
  };
  const makes = async (...epcs: Epc[]) => {
    await w.issue(epcs);
    const made = { lot: null, productionDate: null, bestBefore: null, factory: null, begun: false };
    await record(maker, 'manufacturer', { hop: 'produce', epcs, ...made });
  };
  /** Made, and sold to whoever uses them. */
  const inUse = async (...epcs: Epc[]) => {
    await makes(...epcs);
    await pass({ epcs }, maker, 'manufacturer', user, 'using-unit');
  };
  const service = (
    hop: 'maintain' | 'refill',
    epc: Epc,
    parts: object,
    {
      by = firm,
      role = 'maintenance-firm' as Role,
      ...more
    }: { by?: PartyId; role?: Role; at?: string } = {},
  ) => record(by, role, { hop, epcs: [epc], parts, outcome: 'conformant', nextDue: null, ...more });
  const refill = (epc: Epc, more: Parameters<typeof service>[3] = {}, batch = 'POWDER') =>
    service('refill', epc, kilos(4, batch), more);

  const get = async (by: Acting, url: string): Promise<Answer> => (await by.send('GET', url)).json();
  const order = async (by: Acting, type: string, scope: object): Promise<Answer> => {
    clock += day / 24;
    const body = { ...paper, type, scope, acknowledgeBy: deadline };
    const made = (await by.send('POST', '/v1/orders', body)).json();
    clock += day / 24;
    return made;
  };
  const release = (by: Acting, ...orders: Answer[]) =>
    Promise.all(orders.map(({ id }) => by.send('POST', `/v1/orders/${id}/release`, paper)));
  const settled = async (...orders: Answer[]): Promise<void> => {
    const size = await w.deps.ledger.size();
    for (const { id } of orders)
      await until(async () => {
        const { roll } = await get(office, `/v1/orders/${id}`);
        return roll?.complete && roll.size >= size;
      });
  };
  const verdict = async (epc: Epc) => (await post(w, { code: await w.code(epc) })).body.verdict;
  const things = async ({ id }: Answer, ...among: Epc[]): Promise<string> =>
    (await get(office, `/v1/orders/${id}/things`)).items
      .filter(({ epc }: Answer) => among.length === 0 || among.includes(epc))
      .map(({ epc, fate }: Answer) => `${epc.split('/').at(-1)} ${fate}`)
      .sort()
      .join(', ');
  const changes = async ({ id }: Answer): Promise<string[]> =>
    (await get(office, `/v1/orders/${id}/changes`)).items.map(
      ({ epc, change }: Answer) => `${epc.split('/').at(-1)} ${change}`,
    );
  const findings = async (of: Epc, state = 'open'): Promise<string[]> => {
    await follower.reached((await w.deps.ledger.size()) - 1, 20_000);
    const found: Answer[] = [];
    for (const rule of ['moved-under-order', 'dated-before-order'])
      found.push(...(await get(office, `/v1/findings?rule=${rule}&state=${state}`)).items);
    return found
      .filter(({ epc }) => epc === of)
      .map(({ rule, entries, made }) => `${rule} ${entries.join(' ')} ${made}`)
      .sort();
  };
  const moved = async ({ seq }: Answer): Promise<number[]> =>
    (await get(office, '/v1/inbox?limit=100')).items
      .filter((it: Answer) => it.kind === 'moved' && it.order?.seq === seq)
      .map(({ entry }: Answer) => entry);

  await powderComes('POWDER');

  t.test('is stopped from the refill on, found, told and counted, until the release', async (t) => {
    const [filled, before, never] = [unit('E1'), unit('E2'), unit('E3')];
    await inUse(filled, before, never);
    await refill(before);
    const made = await order(office, 'recall', { downstream: { lot: lot(otherGtin, 'POWDER') } });
    const ofMaker = await order(office, 'recall', { downstream: { party: rival } });
    const since = new Date(clock - 30 * day).toISOString();
    const ofDealer = await order(office, 'recall', { downstream: { party: dealer, since } });
    const all = [made, ofMaker, ofDealer];
    await settled(...all);
    t.same(await Promise.all([filled, before, never].map(verdict)), ['consistent', 'blocked', 'consistent']);
    await pass({ epcs: [filled] }, user, 'using-unit', shop, 'using-unit');
    const { last: fill } = await refill(filled);
    await settled(...all);
    t.same(await Promise.all([filled, before, never].map(verdict)), ['blocked', 'blocked', 'consistent']);
    for (const it of all) {
      t.equal(await things(it, filled, before, never), 'E1 held, E2 held');
      t.match(await changes(it), ['E1 in']);
    }
    const { items: holders } = await get(office, `/v1/orders/${made.id}/holders`);
    t.same(
      [user, shop].filter((party) => holders.some((it: Answer) => it.party.id === party)),
      [user, shop],
    );
    t.ok(
      (await get(owner, '/v1/inbox?limit=100')).items.some((it: Answer) => it.order?.id === made.id),
      'who has one of them is told',
    );
    const { effects } = await get(office, `/v1/orders/${made.id}/effectiveness`);
    const pieces = effects.find(({ uom }: Answer) => uom === 'H87');
    t.match(pieces, { total: '2', out: { amount: '2' }, atLarge: { amount: '2' } });

    t.same(
      await findings(filled),
      [],
      'who moved it before it was filled with that did not move it under it',
    );
    t.same(await moved(made), [fill], 'the agent was used up');
    const sold = await send({ epcs: [filled] }, shop, 'using-unit', user);
    t.same(
      await findings(filled),
      all.map(({ seq }) => `moved-under-order ${seq} ${sold.first} ${fill}`).sort(),
    );
    await settled(...all);
    t.same((await moved(made)).sort(), [fill, sold.first], 'who made the order is told');

    await release(office, ...all);
    t.same(await Promise.all([filled, before].map(verdict)), ['consistent', 'consistent']);
  });

  t.test('nor what a stranger says of it, nor what others put into it', async (t) => {
    const [strange, others, own] = [unit('S1'), unit('S2'), unit('S3')];
    await inUse(others, own);
    await makes(strange);
    const made = await order(office, 'stop-sale', { downstream: { party: dealer } });
    await refill(strange, { by: firm });
    await refill(others, { by: other });
    await refill(own);
    await settled(made);
    t.same(
      await Promise.all([strange, others, own].map(verdict)),
      ['consistent', 'consistent', 'blocked'],
      'the maker has it and knows nothing of that; the other firm bought from the maker itself',
    );
    t.equal(await things(made, strange, others, own), 'S3 held');
    await send({ epcs: [strange] }, maker, 'manufacturer', shop);
    await send({ epcs: [others] }, user, 'using-unit', shop);
    t.same([await findings(strange), await findings(others)], [[], []]);
    await release(office, made);
  });

  t.test('nor, once that is taken back, what somebody else put into it who has none of it', async (t) => {
    const twice = unit('S4');
    await inUse(twice);
    const made = await order(office, 'stop-sale', { downstream: { party: dealer } });
    const fill = await refill(twice);
    await refill(twice, { by: other });
    await settled(made);
    t.equal(await things(made, twice), 'S4 held');
    await withdraw(firm, 'maintenance-firm', fill.bodies.at(-1));
    await settled(made);
    t.equal(await things(made, twice), '', 'the other firm bought from the maker itself');
    t.equal(await verdict(twice), 'consistent');
    await release(office, made);
  });

  t.test('also when the refill is told late, until it is taken back', async (t) => {
    const late = unit('L1');
    await inUse(late);
    const made = await order(office, 'stop-sale', { downstream: { lot: lot(otherGtin, 'POWDER') } });
    await send({ epcs: [late] }, user, 'using-unit', shop);
    const filledAt = new Date(clock + day / 48).toISOString();
    await record(shop, 'using-unit', {
      hop: 'receive',
      epcs: [late],
      from: user,
      fromPlace: null,
      differences: [],
    });
    const sent = await send({ epcs: [late] }, shop, 'using-unit', user);
    await settled(made);
    t.same([await verdict(late), await findings(late)], ['consistent', []]);
    const fill = await refill(late, { at: filledAt });
    await settled(made);
    t.equal(await verdict(late), 'blocked');
    t.same(await changes(made), ['L1 in']);
    t.same(
      await findings(late),
      [`moved-under-order ${made.seq} ${sent.first} ${fill.last}`],
      'and not what was before the refill',
    );
    await withdraw(firm, 'maintenance-firm', fill.bodies.at(-1));
    await settled(made);
    t.equal(await verdict(late), 'consistent');
    t.same([await findings(late), (await findings(late, 'closed')).length], [[], 1]);
    t.same(await changes(made), ['L1 in', 'L1 out']);
    const again = await refill(late, { at: filledAt });
    await settled(made);
    t.equal(await verdict(late), 'blocked');
    const correct = { hop: 'correct' as const, original: again.bodies.at(-1), note: null };
    await record(firm, 'maintenance-firm', { ...correct, replacement: null });
    await settled(made);
    t.equal(await verdict(late), 'consistent', 'corrected');
    await release(office, made);
  });

  t.test('who made the order is told, also of what enters the roll and moves at once', async (t) => {
    const fresh = unit('M1');
    await inUse(fresh);
    const made = await order(office, 'stop-sale', { downstream: { lot: lot(otherGtin, 'POWDER') } });
    const ofShop = await order(office, 'stop-sale', { downstream: { party: shop } });
    await settled(made, ofShop);
    const paused = [made.seq, ofShop.seq];
    await w.owner.sql`UPDATE order_rolls SET phase = 'ended' WHERE seq = ANY (${paused})`;
    await pass({ epcs: [fresh] }, user, 'using-unit', shop, 'using-unit');
    const fill = await refill(fresh);
    await record(shop, 'using-unit', { hop: 'pack', container, epcs: [fresh] });
    const sent = await send({ epcs: [container] }, shop, 'using-unit', dealer);
    await record(shop, 'using-unit', {
      hop: 'inspect',
      epcs: [fresh],
      outcome: null,
      nextDue: null,
      sampling: null,
    });
    await w.owner.sql`UPDATE order_rolls SET phase = 'following' WHERE seq = ANY (${paused})`;
    await settled(made, ofShop);
    t.same(await moved(made), [fill.last, sent.first], 'and not of what was before the refill');
    t.same(await moved(ofShop), [sent.first], 'nor of how it came there');
    t.same(
      await findings(fresh),
      [
        `moved-under-order ${made.seq} ${sent.first} ${fill.last}`,
        `moved-under-order ${ofShop.seq} ${sent.first} null`,
      ].sort(),
      'as findings say',
    );
    await release(office, made, ofShop);
  });

  t.test('a roll that older code made is gone through again, and nobody is let go meanwhile', async (t) => {
    const [filled, strange, other] = [unit('O1'), unit('O2'), unit('O3')];
    await inUse(filled, strange, other);
    const made = await order(office, 'recall', { downstream: { party: dealer } });
    await refill(filled);
    await pass({ epcs: [other] }, user, 'using-unit', dealer, 'distributor');
    await settled(made);
    const acknowledged = await owner.send('POST', `/v1/orders/${made.id}/acknowledge`, {});
    t.equal(acknowledged.statusCode, 201, 'who has the filled one');
    const all = [filled, strange, other];
    const before = await things(made);
    const told = await changes(made);
    t.equal(await things(made, ...all), 'O1 held, O3 held');
    const numberOf = w.owner.sql`SELECT unit FROM epcs WHERE epc = ${filled}`;
    await w.owner.sql`DELETE FROM order_things WHERE seq = ${made.seq} AND unit = (${numberOf})`;
    await w.owner.sql`UPDATE order_things SET fate = 'sold' WHERE seq = ${made.seq}`;
    await w.owner.sql`
      INSERT INTO order_things (seq, unit, i, level, fate, uom, amount)
      SELECT ${made.seq}, unit, 0, 1, 'held', 'H87', 1 FROM epcs WHERE epc = ${strange}`;
    await w.owner.sql`UPDATE order_rolls SET version = 0 WHERE seq = ${made.seq}`;
    await until(async () => {
      const [roll] = await w.owner.sql<{ version: number; phase: string }[]>`
        SELECT version, phase FROM order_rolls WHERE seq = ${made.seq}`;
      return roll !== undefined && roll.version > 0 && roll.phase === 'following';
    });
    t.equal(await things(made), before);
    t.same(await changes(made), [...told, 'O1 in', 'O2 out'], 'listed');
    const { items } = await get(office, `/v1/orders/${made.id}/holders`);
    const [holder] = items.filter((it: Answer) => it.party.id === user);
    t.ok(holder.acknowledgedAt, 'acknowledged as before');
    await release(office, made);
  });

  t.test('what else the order asks is asked since then', async (t) => {
    const [passed, kept] = [unit('P1'), unit('P2')];
    await makes(passed, kept);
    await pass({ epcs: [passed, kept] }, maker, 'manufacturer', dealer, 'distributor');
    await pass({ epcs: [passed] }, dealer, 'distributor', user, 'using-unit');
    clock += 3 * day;
    const today = new Date(clock + day).toISOString().slice(0, 10);
    clock += day;
    await powderComes('LATER');
    const downstream = { lot: lot(otherGtin, 'LATER') };
    await refill(passed, {}, 'LATER');
    await refill(kept, { by: dealer, role: 'distributor' }, 'LATER');
    const held = await order(office, 'recall', { downstream, held: dealer });
    await settled(held);
    t.equal(await things(held, passed, kept), 'P2 held', 'not where it had been before');
    t.same(await Promise.all([passed, kept].map(verdict)), ['consistent', 'blocked']);
    await send({ epcs: [passed] }, user, 'using-unit', shop);
    await send({ epcs: [kept] }, dealer, 'distributor', shop);
    t.same([await findings(passed), (await findings(kept)).length], [[], 1]);
    await release(office, held);
    const produced = await order(office, 'recall', { downstream, produced: { from: today } });
    await settled(produced);
    t.match(await things(produced, passed, kept), /P1 .*P2 /, 'made what it is by the refill');
    t.same(await Promise.all([passed, kept].map(verdict)), ['blocked', 'blocked']);
    await release(office, produced);
  });

  t.test('a part while it is in it', async (t) => {
    const [valve, host, system, wall] = [unit('V1'), unit('H1'), unit('SYS'), unit('WALL')];
    await inUse(host, system, wall);
    await makes(valve);
    await pass({ epcs: [valve] }, maker, 'manufacturer', firm, 'maintenance-firm');
    const made = await order(factory, 'recall', { downstream: { unit: valve } });
    const put = await service('maintain', host, { epcs: [valve], lots: [] });
    await settled(made);
    t.equal(await things(made), 'H1 held, V1 held');
    await service('maintain', system, { epcs: [host], lots: [] });
    await settled(made);
    t.equal(await things(made), 'H1 held, SYS held, V1 held', 'and what that is put into');
    const sent = await send({ epcs: [host] }, user, 'using-unit', shop);
    const under = `moved-under-order ${made.seq} ${sent.first} ${put.last}`;
    t.same(await findings(host), [under]);
    await record(firm, 'maintenance-firm', {
      hop: 'remove',
      epcs: [valve, host, system],
      place: w.places.site,
    });
    await record(rival, 'manufacturer', { hop: 'remove', epcs: [valve], place: w.places.site });
    await settled(made);
    t.same(
      await Promise.all([host, system].map(verdict)),
      ['blocked', 'blocked'],
      'taken from a wall together; and by nobody who has to do with it',
    );
    const out = await record(firm, 'maintenance-firm', {
      hop: 'remove',
      epcs: [valve],
      place: w.places.site,
    });
    await settled(made);
    t.equal(await things(made), 'V1 held');
    t.same(await Promise.all([valve, host, system].map(verdict)), ['blocked', 'consistent', 'consistent']);
    t.same((await changes(made)).sort(), ['H1 in', 'H1 out', 'SYS in', 'SYS out']);
    const next = await send({ epcs: [host] }, user, 'using-unit', shop);
    t.same(await findings(host), [under], 'it was under it then, and is not now');
    await withdraw(firm, 'maintenance-firm', out.bodies[0]);
    await settled(made);
    t.equal(await things(made), 'H1 under-way, SYS held, V1 held', 'not taken out after all');
    t.same(await findings(host), [under, `moved-under-order ${made.seq} ${next.first} ${put.last}`]);
    await service('maintain', wall, { epcs: [valve], lots: [] });
    await settled(made);
    t.equal(await things(made), 'V1 held, WALL held', 'put into something else');
    const [, putIn] = (await service('maintain', host, { epcs: [valve], lots: [] })).bodies;
    await settled(made);
    t.equal(await verdict(host), 'blocked');
    clock += day / 24;
    await w.append(
      eventFact(firm, {
        ...(putIn as EventBody),
        ...{ action: 'DELETE', eventTime: new Date(clock).toISOString(), eventID: `${putIn?.eventID}0` },
      }),
    );
    await settled(made);
    t.equal(await things(made), 'V1 held', 'taken out of it');
    const after = await send({ epcs: [host] }, user, 'using-unit', shop);
    t.notMatch((await findings(host)).join(), `${after.first} `);
    await release(factory, made);
  });

  t.test('takes as many statements for a few as for many', async (t) => {
    const hosts = Array.from({ length: 40 }, (_, i) => unit(`N${i}`));
    const valves = Array.from({ length: 40 }, (_, i) => unit(`NV${i}`));
    await inUse(...hosts);
    await makes(...valves);
    await pass({ epcs: valves }, maker, 'manufacturer', firm, 'maintenance-firm');
    for (const [i, host] of hosts.entries()) {
      await service('maintain', host, { epcs: [valves[i]], lots: [] });
      await record(firm, 'maintenance-firm', { hop: 'remove', epcs: [valves[i]], place: w.places.site });
    }
    const rows = await w.deps.db.sql<{ unit: number; seq: number; of: number }[]>`
      SELECT h.parent AS unit, h.seq, c.unit AS of FROM hops h JOIN unit_chain c USING (seq)
      JOIN epcs e ON e.unit = c.unit WHERE h.note = 'parts' AND e.epc LIKE '%/21/NV%'`;
    const before = await w.deps.ledger.size();
    const asked = async (n: number): Promise<[number, number]> => {
      const { sql, executed } = counted(w.deps.db.sql);
      const masters = createMasters(sql);
      await masters.catchUp();
      const deps = { sql, masters, names: namesOf(w.deps), now: () => clock };
      const start = executed();
      const fittings = rows.slice(0, n).map((it) => ({ ...it, fitted: true }));
      const left = await stillIn(deps, fittings, before);
      const things = rows.slice(0, n).map(({ of }) => ({ unit: of, level: 0, holder: null }));
      const made = await madeOf(deps, { seq: 0, byHands: false }, things, { before });
      return [executed() - start, left.length + made.size];
    };
    const [few, many] = [await asked(2), await asked(40)];
    t.equal(rows.length, 40);
    t.same(few, many, 'all of them were taken out');
  });

  t.test(
    'reads of an agent what an order may be about, and of others no more than their names',
    async (t) => {
      const filled = Array.from({ length: 12 }, (_, i) => unit(`R${i}`));
      await inUse(...filled);
      const [raw, agent] = [lot(otherGtin, 'RAW'), lot(otherGtin, 'AGENT')];
      const begun = { productionDate: null, bestBefore: null, factory: null, begun: false };
      await record(rival, 'manufacturer', { hop: 'produce', ...kilos(100, 'RAW'), lot: 'RAW', ...begun });
      await record(rival, 'manufacturer', {
        hop: 'transform',
        place: null,
        inputs: kilos(100, 'RAW'),
        outputs: kilos(100, 'AGENT'),
      });
      await pass(kilos(100, 'AGENT'), rival, 'manufacturer', other, 'maintenance-firm');
      await refill(unit('R0'), { by: other }, 'AGENT');
      const { sql } = w.deps.db;
      const [asked] = (await unitNumbers(sql, [unit('R0')])).values();
      const things = new Set(asked === undefined ? [] : [asked]);
      const looked = async (of: StandingOrders): Promise<[string[], number]> => {
        const until = await w.deps.ledger.size();
        const known = { ...knownTo(sql), orders: of };
        const chains = await loadChains(sql, things, until);
        const counting = counted(sql);
        const { lots } = await load(counting.sql, known, { things, lots: new Set() }, chains, until);
        return [[...lots.epcs.values()].sort(), counting.rows()];
      };
      const standing = async (scope: object): Promise<StandingOrders> => {
        const made = await order(office, 'recall', scope);
        const orders = createStandingOrders(sql);
        await orders.catchUp();
        const told = await sql<{ scope: OrderScope }[]>`
        SELECT body -> 'scope' AS scope FROM orders WHERE seq = ${made.seq}`;
        await release(office, made);
        return { ...orders, beginnings: () => beginningsOf(told.map(({ scope }) => scope)) };
      };
      const [ofOther, ofAgent, ofRaw, ofFirm, ofNobody] = [
        await standing({ downstream: { unit: unit('R11') } }),
        await standing({ downstream: { lot: agent } }),
        await standing({ downstream: { lot: raw } }),
        await standing({ downstream: { party: other } }),
        await standing({ downstream: { party: shop } }),
      ];
      const [none, few] = await looked(ofOther);
      t.same(none, []);
      t.same((await looked(ofNobody))[0], [], 'it never went through these hands');
      t.same((await looked(ofAgent))[0], [agent]);
      t.same((await looked(ofFirm))[0], [agent]);
      t.same((await looked(ofRaw))[0], [agent, raw], 'with what stands between');
      for (const epc of filled.slice(1)) await refill(epc, { by: other }, 'AGENT');
      t.equal((await looked(ofOther))[1], few, 'however many were filled with it');
    },
  );

  t.test('follows from the log alone', async (t) => {
    const size = await w.deps.ledger.size();
    await follower.reached(size - 1, 60_000);
    const live = await findingsIn(w.deps.db);
    for (const chunk of [1, 7, 500])
      t.strictSame(await findingsAnew(w.owner, size, chunk), live, `in steps of ${chunk}`);
  });
});
