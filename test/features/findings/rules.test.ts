/** Rules that look at orders, at published lists and at what others recorded. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import type { OrderScope } from '../../../src/core/orders/order.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { testGtin } from '../../support/actors.ts';
import { findingsAnew, findingsIn } from '../../support/findings.ts';
import { at, receive, ship } from '../../support/movements.ts';
import { testService } from '../../support/service.ts';
import {
  type Actor,
  act,
  container,
  gtin,
  lot,
  otherGtin,
  supplyChain,
  unit,
} from '../../support/supply-chain.ts';

const day = 86_400_000;
const began = Date.parse('2025-08-01T00:00:00Z');
let clock = began;
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { maker, distributor, seller, stranger } = chain;
const follower = findingsFollower(service.deps, service.app.log);

const wait = { prefer: 'wait=20' };
t.test('what an order stopped and is moved all the same is told to whoever made the order', async (t) => {
  const { ledger } = service.deps;
  const office = await chain.officer(['110000']);
  const paper = { ground: 'g', number: 'n', officer: 'o', reason: 'r' };
  const [boxed, loose, free] = [unit('OR1'), unit('OR2'), unit('OR3')];
  const metres = [{ lot: lot('OR'), quantity: '10', uom: 'MTR' }];
  clock = Math.max(clock, Date.parse(at(6).time));
  await chain.post(maker, [
    { hop: 'produce', ...at(1), epcs: [boxed, loose, free] },
    { hop: 'produce', ...at(1), lots: metres },
    { hop: 'pack', ...at(2), epcs: [boxed], container: container(75) },
    ship(maker, distributor, [loose, free], 2),
  ]);
  await chain.post(distributor, [receive(maker, [loose, free], 3)]);
  clock = Math.max(clock, began) + day;
  const today = () => act(new Date(clock).toISOString());
  const stop = (id: string, scope: OrderScope) => ({
    ...paper,
    ...{ kind: 'order' as const, by: office.id, id, type: 'stop-sale' as const, scope, asOf: 0 },
    ...{ acknowledgeBy: '2099-01-01T00:00:00Z', reach: { regions: ['330000'], places: [] } },
  });
  const made = await ledger.append([
    { fact: stop('named', { units: [boxed as Epc], lots: [lot('OR') as Epc] }) },
    { fact: stop('held', { units: [loose as Epc], holding: distributor.id }) },
    { fact: stop('lot', { lots: [lot('OR') as Epc], holding: maker.id }) },
    { fact: { ...stop('far', { units: [loose as Epc] }), reach: { regions: ['440000'], places: [] } } },
    { fact: stop('boxed', { containers: [container(75) as Epc] }) },
    { fact: stop('through', { downstream: { party: maker.id }, units: [loose as Epc] }) },
  ]);
  const [, held, ofLot, , ofBox, through] = made.facts.map(({ seq }) => seq);
  clock += day;
  const { body } = await chain.post(
    maker,
    [
      { ...ship(maker, seller, [container(75)], 0), ...today() },
      { ...ship(maker, seller, [], 0), ...today(), epcs: undefined, lots: metres },
    ],
    wait,
  );
  const [box, measured] = body.facts.map((it: { seq: number }) => it.seq);
  const { body: sold } = await chain.post(
    distributor,
    [{ hop: 'sell', ...today(), epcs: [loose, free] }],
    wait,
  );
  const sale = sold.facts[0].seq;
  const pairs = (answer: { findings: { epc: string; rule: string; entries: number[] }[] }) =>
    answer.findings
      .filter(({ rule }) => rule === 'moved-under-order')
      .map(({ epc, entries }) => [epc, ...entries]);
  t.strictSame(
    pairs(body).sort(),
    [
      [boxed, ofBox, box],
      [container(75), ofBox, box],
      [lot('OR'), ofLot, measured],
    ].sort(),
    'in its box, the box itself, and by the metre',
  );
  t.strictSame(pairs(sold), [
    [loose, held, sale],
    [loose, through, sale],
  ]);
  const read = async (who: Actor, url: string) =>
    (await service.app.inject({ url, headers: { authorization: who.bearer } })).json().items;
  t.equal((await read(office, '/v1/findings?rule=moved-under-order')).length, 5, 'whose orders they are');
  t.equal((await read(office, '/v1/cases?rule=moved-under-order')).length, 3);
  t.equal((await read(stranger, '/v1/findings?rule=moved-under-order')).length, 0);

  await ledger.append([{ fact: { ...paper, kind: 'order-release', by: office.id, order: 'boxed' } }]);
  clock += day;
  const { body: later } = await chain.post(
    maker,
    [{ ...ship(maker, distributor, [container(75)], 0), ...today() }],
    wait,
  );
  t.strictSame(pairs(later), [], 'a released order raises nothing');
});

t.test('an order over what somebody has of a lot is not about what that passed on before', async (t) => {
  const office = await chain.officer(['330000']);
  const metres = (quantity: string) => ({ lots: [{ lot: lot('PB'), quantity, uom: 'MTR' }] });
  clock = Math.max(clock, Date.parse(at(9).time));
  await chain.post(maker, [
    { hop: 'produce', ...at(1), ...metres('40') },
    { ...ship(maker, distributor, [], 2), epcs: undefined, ...metres('20') },
  ]);
  await chain.post(distributor, [
    { ...receive(maker, [], 3), epcs: undefined, ...metres('20') },
    { ...ship(distributor, seller, [], 4), epcs: undefined, ...metres('10') },
  ]);
  await chain.post(seller, [{ ...receive(distributor, [], 5), epcs: undefined, ...metres('10') }]);
  clock += day;
  const { facts } = await service.deps.ledger.append([
    {
      fact: {
        ...{ kind: 'order', by: office.id, id: 'passed on', type: 'stop-sale', ground: 'g', number: 'n' },
        ...{ officer: 'o', reason: 'r', asOf: 0, acknowledgeBy: '2099-01-01T00:00:00Z', reach: null },
        scope: { lots: [lot('PB') as Epc], holding: distributor.id },
      },
    },
  ]);
  clock += day;
  const moved = async (who: Actor) => {
    const sale = { hop: 'sell', ...act(new Date(clock).toISOString()), ...metres('5') };
    const { body } = await chain.post(who, [sale], wait);
    return body.findings
      .filter(({ rule }: { rule: string }) => rule === 'moved-under-order')
      .map(({ entries }: { entries: number[] }) => entries[0]);
  };
  t.strictSame(await moved(seller), [], 'bought before');
  t.strictSame(await moved(distributor), [facts[0]?.seq]);
});

t.test('what comes to somebody after an order over what that has was not under it on the way', async (t) => {
  const office = await chain.officer(['330000']);
  const [fresh] = [unit('CM1')];
  clock = Math.max(clock, Date.parse(at(9).time));
  await chain.post(maker, [{ hop: 'produce', ...at(1), epcs: [fresh] }]);
  clock += day;
  const { facts } = await service.deps.ledger.append([
    {
      fact: {
        ...{ kind: 'order', by: office.id, id: 'comes', type: 'stop-sale', ground: 'g', number: 'n' },
        ...{ officer: 'o', reason: 'r', asOf: 0, acknowledgeBy: '2099-01-01T00:00:00Z', reach: null },
        scope: { units: [fresh as Epc], holding: seller.id },
      },
    },
  ]);
  const found = async (who: Actor, hop: object) => {
    clock += day;
    const { body } = await chain.post(who, [{ ...hop, ...act(new Date(clock).toISOString()) }], wait);
    return body.findings
      .filter(({ rule }: { rule: string }) => rule === 'moved-under-order')
      .map(({ entries }: { entries: number[] }) => entries);
  };
  t.strictSame(await found(maker, ship(maker, distributor, [fresh], 0)), []);
  t.strictSame(await found(distributor, receive(maker, [fresh], 0)), []);
  t.strictSame(await found(distributor, ship(distributor, seller, [fresh], 0)), []);
  t.strictSame(await found(seller, receive(distributor, [fresh], 0)), []);
  const size = await service.deps.ledger.size();
  t.strictSame(await found(seller, { hop: 'sell', epcs: [fresh] }), [[facts[0]?.seq, size]]);
});

t.test('what is used up under an order is found, and what is said to have been before it', async (t) => {
  const { ledger } = service.deps;
  const office = await chain.officer(['330000']);
  const paper = { ground: 'g', number: 'n', officer: 'o', reason: 'r' };
  const [old, spare, part, whole, early, sent] = ['US1', 'US2', 'US3', 'US4', 'US5', 'US6'].map(unit) as [
    ...[string, string, string, string, string, string],
  ];
  const powder = (quantity: string) => [{ lot: lot('US'), quantity, uom: 'KGM' }];
  clock = Math.max(clock, Date.parse(at(9).time));
  const { user, firm } = chain;
  await chain.post(maker, [
    { hop: 'produce', ...at(1), epcs: [old, spare, part, whole, early, sent] },
    { hop: 'produce', ...at(1), lots: powder('20') },
    ship(maker, user, [old], 2),
    ship(maker, firm, [spare, part, whole], 2),
    { ...ship(maker, firm, [], 2), epcs: undefined, lots: powder('20') },
    ship(maker, seller, [early, sent], 2),
  ]);
  await chain.post(user, [
    receive(maker, [old], 3),
    { hop: 'install', ...at(4), epcs: [old], place: user.place },
  ]);
  await chain.post(firm, [
    receive(maker, [spare, part, whole], 3),
    { ...receive(maker, [], 3), epcs: undefined, lots: powder('20') },
  ]);
  await chain.post(seller, [receive(maker, [early, sent], 3)]);
  clock += day;
  const scopes: OrderScope[] = [
    { units: [spare, part] as Epc[] },
    { lots: [lot('US') as Epc], products: [gtin] },
    { units: [early, sent] as Epc[], holding: seller.id },
  ];
  const made = await ledger.append(
    scopes.map((scope, i) => ({
      fact: {
        ...paper,
        ...{ kind: 'order' as const, by: office.id, id: `used${i}`, type: 'recall' as const, scope, asOf: 0 },
        ...{ acknowledgeBy: '2099-01-01T00:00:00Z', reach: null },
      },
    })),
  );
  const [used, ofLot, held] = made.facts.map(({ seq }) => seq);
  const [first] = [clock];
  clock += day;
  const now = () => act(new Date(clock).toISOString());
  const ofOrders = ({ findings }: { findings: { epc: string; rule: string; entries: number[] }[] }) =>
    findings
      .filter(({ rule }) => rule.endsWith('-order'))
      .map(({ epc, rule, entries }) => [epc, rule, ...entries])
      .sort();
  const refill = { hop: 'refill', outcome: 'conformant', nextDue: '2026-01-01' };
  const { body } = await chain.post(
    firm,
    [
      { hop: 'replace', ...now(), place: user.place, removed: { epcs: [old] }, installed: { epcs: [spare] } },
      { ...refill, ...now(), epcs: [whole], parts: { epcs: [part], lots: powder('5') } },
    ],
    wait,
  );
  const [, put, , fitted] = body.facts.map(({ seq }: { seq: number }) => seq);
  t.strictSame(
    ofOrders(body),
    [
      [lot('US'), 'moved-under-order', ofLot, fitted],
      [part, 'moved-under-order', used, fitted],
      [spare, 'moved-under-order', used, put],
    ].sort(),
    'what was put in, and what it was filled with, but not what was taken out or filled',
  );
  const before = act(new Date(first - 1.5 * day).toISOString());
  const { body: told } = await chain.post(
    seller,
    [
      { hop: 'sell', ...before, epcs: [early] },
      { ...ship(seller, distributor, [sent], 0), ...before, ref: 'late' },
    ],
    wait,
  );
  const [sale, shipment] = told.facts.map(({ seq }: { seq: number }) => seq);
  t.strictSame(
    ofOrders(told),
    [
      [early, 'dated-before-order', held, sale],
      [sent, 'dated-before-order', held, shipment],
    ],
    'although it took them out of the order',
  );
  const read = async (rule: string) =>
    (
      await service.app.inject({
        url: `/v1/findings?rule=${rule}`,
        headers: { authorization: office.bearer },
      })
    ).json().items;
  t.match(
    await read('dated-before-order'),
    [{ severity: 'claim' }, { severity: 'claim' }],
    'told whose order it is',
  );
});

t.test('what was made of goods under an order is under it, too, whenever that is told', async (t) => {
  const { ledger } = service.deps;
  const office = await chain.officer(['110000']);
  const paper = { ground: 'g', number: 'n', officer: 'o', reason: 'r' };
  const today = (days = 0) => act(new Date(clock - days * day).toISOString());
  const of = (...epcs: string[]) => ({ epcs });
  const metres = (batch: string, quantity: string) => ({ lot: lot(batch), quantity, uom: 'MTR' });
  /** Posts a hop, one day after the last; answers its entries. */
  const post = async (who: Actor, ...hops: object[]): Promise<{ seq: number; id: string }[]> => {
    clock += day;
    const { body, text } = await chain.post(
      who,
      hops.map((hop) => ({ ...today(), ...hop })),
      wait,
    );
    t.ok(body.facts, text);
    return body.facts.map(({ seq, id }: { seq: number; id: string }) => ({ seq, id }));
  };
  const one = async (who: Actor, ...hops: object[]) => (await post(who, ...hops))[0] ?? { seq: -1, id: '' };
  const read = async (state: string) => {
    await follower.reached((await chain.size()) - 1, 20_000);
    const url = `/v1/findings?rule=moved-under-order&state=${state}`;
    const answer = await service.app.inject({ url, headers: { authorization: office.bearer } });
    const items: { epc: string; entries: number[]; made: number | null }[] = answer.json().items;
    return items.map(({ epc, entries, made }) => [epc, ...entries, made ?? ''].join(' ')).sort();
  };
  const unitNamed = (serial: string): Epc => unit(serial) as Epc;
  const [V, W, U, E, R, S] = ['MA1', 'MA2', 'MA3', 'MA4', 'MA5', 'MA6'].map(unitNamed) as [
    Epc,
    Epc,
    Epc,
    Epc,
    Epc,
    Epc,
  ];
  const [like, named] = [unitNamed('MA7'), unitNamed('MA8')];
  await post(maker, { hop: 'produce', epcs: [V, R, like, named], lots: [metres('MA', '100')] });
  const dealt = { hop: 'ship', lots: [metres('MA', '40')], to: distributor.id, transfer: 'sale' };
  await post(maker, { ...dealt, place: maker.place });
  await post(distributor, { hop: 'receive', lots: [metres('MA', '40')], from: maker.id });
  const ordered = await ledger.append(
    [{ unit: V }, { unit: R }, { party: distributor.id, since: '2020-01-01T00:00:00Z' }, { unit: named }].map(
      (downstream, i) => ({
        fact: {
          ...paper,
          ...{ kind: 'order' as const, by: office.id, id: `made${i}`, type: 'recall' as const, asOf: 0 },
          ...{ scope: { downstream } as OrderScope, acknowledgeBy: '2099-01-01T00:00:00Z', reach: null },
        },
      }),
    ),
  );
  const [ofV, ofR, ofParty, ofNamed] = ordered.facts.map(({ seq }) => seq);
  const transform = (input: Epc, ...outputs: Epc[]) => ({
    ...{ hop: 'transform', inputs: of(input), outputs: of(...outputs), place: maker.place },
  });
  const sent = (epc: string) => ({
    ...{ hop: 'ship', epcs: [epc], place: maker.place, to: seller.id, transfer: 'sale' },
  });

  const together = await one(maker, { ...sent(like), epcs: [like, named] });
  t.strictSame(await read('open'), [`${named} ${ofNamed} ${together.seq} `], 'of two with one history');
  const first = await one(maker, transform(V, W));
  const second = await one(maker, transform(W, U));
  const moved = await one(maker, sent(U));
  const [ended, renamed] = await post(maker, {
    hop: 'relabel',
    pairs: [{ old: R, new: S }],
    place: maker.place,
  });
  const sold = await one(maker, sent(S));
  const found = [
    `${named} ${ofNamed} ${together.seq} `,
    `${V} ${ofV} ${first.seq} `,
    `${W} ${ofV} ${second.seq} ${first.seq}`,
    `${U} ${ofV} ${moved.seq} ${second.seq}`,
    `${R} ${ofR} ${ended?.seq} `,
    `${S} ${ofR} ${sold.seq} ${renamed?.seq}`,
  ];
  t.strictSame(await read('open'), found.sort(), 'moved, and by what it was made of what is ordered about');

  const gone = await one(maker, sent(E));
  t.strictSame(await read('open'), found.sort(), 'nobody knows yet that it was made of it');
  const told = await one(maker, { ...transform(V, E), ...today(1) });
  const late = [...found, `${V} ${ofV} ${told.seq} `, `${E} ${ofV} ${gone.seq} ${told.seq}`];
  t.strictSame(await read('open'), late.sort(), 'told after it had been moved');

  await post(maker, { hop: 'void', event: first.id, reason: 'r' });
  const left = late.filter(
    (it) => ![V, W, U].some((epc) => it.startsWith(`${epc} `) && !it.includes(`${told.seq}`)),
  );
  t.strictSame(await read('open'), left.sort(), 'nor is what was made of what was not made of it');
  t.strictSame(
    await read('closed'),
    late.filter((it) => !left.includes(it)),
  );
  const again = await one(maker, { ...transform(V, W), ...today(6) });
  const anew = [
    ...left,
    `${V} ${ofV} ${again.seq} `,
    `${W} ${ofV} ${second.seq} ${again.seq}`,
    `${U} ${ofV} ${moved.seq} ${second.seq}`,
  ];
  t.strictSame(await read('open'), anew.sort(), 'made of it after all');

  const halved = await one(maker, {
    hop: 'split',
    of: metres('MA', '10'),
    cuts: { lots: [metres('MB', '10')] },
    place: maker.place,
  });
  const parted = await one(maker, { ...sent(''), epcs: undefined, lots: [metres('MB', '10')] });
  t.strictSame(await read('open'), anew.sort(), 'what the maker cut never was with the dealer');
  await post(distributor, {
    ...{ hop: 'ship', lots: [metres('MA', '5')], place: distributor.place, to: maker.id, transfer: 'sale' },
  });
  t.strictSame(
    (await read('open')).filter((it) => it.startsWith(lot('MB'))),
    [`${lot('MB')} ${ofParty} ${parted.seq} ${halved.seq}`],
    'now it may have been: nobody can tell one metre from another',
  );
});

t.test('what lists published by authorities do not allow', async (t) => {
  const { ledger, genesis } = service.deps;
  const by = genesis.operator;
  const code = '91330106MA2B0CWX1P';
  const put = (name: string, payload: object) =>
    service.app.inject({
      ...{ method: 'PUT', url: `/v1/policies/${name}`, payload },
      headers: { authorization: service.bearer(['operator']) },
    });
  const laboratory = await chain.actor(['laboratory']);
  const day2 = new Date(clock).toISOString().slice(0, 10);
  const lists = {
    standards: { 'GB 1': { until: '2025-01-01', by: 'GB 2' } },
    firms: { laboratory: { [code]: { from: day2, categories: ['fire-doors'] } }, 'maintenance-firm': {} },
  };
  await ledger.append([
    {
      fact: {
        ...{ kind: 'product', by, gtin: otherGtin, party: maker.id, local: false, name: 'N', model: 'M' },
        ...{ category: 'fire-hoses', uom: 'H87', standard: 'GB 1' },
      },
    },
    {
      fact: {
        ...{ kind: 'gtin', by, gtin: otherGtin, party: maker.id },
        ...{ evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' },
      },
    },
    {
      fact: {
        ...{ kind: 'party', by, id: laboratory.id, stub: false, name: 'L', roles: laboratory.roles },
        ...{ creditCode: code, region: '330106' },
      },
    },
  ]);
  const thing = `01/${otherGtin}/21/LISTS` as Epc;
  const measured = `01/${otherGtin}/10/LISTS`;
  await ledger.append([
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'LISTS', gtin: otherGtin, lot: 'LISTED', kid: '0000001' },
        ...{ serials: 'own', epcs: [thing] },
      },
    },
  ]);
  const published = [await put('standards', lists.standards), await put('firms', lists.firms)];
  const [ofStandards, ofFirms] = published.map((answer) => answer.json().seq);
  const answer = await service.app.inject({ url: '/v1/policies/firms' });
  t.same(answer.json(), { seq: ofFirms, firms: lists.firms });
  t.equal((await put('firms', { laboratory: { short: {} } })).statusCode, 400);
  t.equal((await put('standards', { 'GB 1': { until: '2025-02-30' } })).statusCode, 400, 'no such day');
  t.equal((await put('territories', { [code]: { regions: ['3'] } })).statusCode, 400);

  const now = () => act(new Date(clock).toISOString());
  const seqsOf = (body: { facts: { seq: number }[] }) => body.facts.map(({ seq }) => seq);
  const { body: produced } = await chain.post(
    maker,
    [
      { hop: 'produce', ...now(), epcs: [thing], place: maker.place },
      { hop: 'produce', ...now(), lots: [{ lot: measured, quantity: '10', uom: 'MTR' }] },
    ],
    wait,
  );
  const { body: tested } = await chain.post(
    laboratory,
    [
      { hop: 'inspect', ...now(), epcs: [thing], outcome: 'conformant' },
      {
        hop: 'inspect',
        ...now(),
        lots: [{ lot: measured, quantity: '1', uom: 'MTR' }],
        outcome: 'conformant',
      },
    ],
    wait,
  );
  clock += day;
  const { body: sampled } = await chain.post(
    laboratory,
    [{ hop: 'inspect', ...now(), epcs: [thing], sampling: 'sample', from: maker.id }],
    wait,
  );
  const entries = (body: { findings: { rule: string; epc: string; entries: number[] }[] }) =>
    body.findings.map((it) => [it.epc, it.rule, ...it.entries]);
  const [made] = seqsOf(produced);
  const [one, two] = seqsOf(tested);
  const [sample] = seqsOf(sampled);
  t.strictSame(entries(produced), [[thing, 'superseded-standard', ofStandards, made]]);
  t.strictSame(entries(tested), [
    [thing, 'tested-outside-scope', ofFirms, one],
    [measured, 'tested-outside-scope', ofFirms, two],
  ]);
  t.strictSame(entries(sampled), [[thing, 'report-before-sample', sample, one]]);
});

t.test('what only shows beside what others recorded', async (t) => {
  const { ledger, genesis } = service.deps;
  const by = genesis.operator;
  const [dealerCode, firmCode] = ['91330106MA2B0CWX2M', '91330106MA2B0CWX3K'];
  const put = (name: string, payload: object) =>
    service.app.inject({
      ...{ method: 'PUT', url: `/v1/policies/${name}`, payload },
      headers: { authorization: service.bearer(['operator']) },
    });
  const now = () => act(new Date(clock).toISOString());
  const rulesIn = (body: { findings: { rule: string; epc: string; entries: number[] }[] }, ...of: string[]) =>
    body.findings
      .filter(({ rule }) => of.includes(rule))
      .map(({ rule, epc, entries }) => [rule, epc, ...entries]);
  const [dealer, far, firm, one, two] = [
    await chain.actor(['distributor']),
    await chain.actor(['seller']),
    await chain.actor(['maintenance-firm']),
    await chain.actor(['laboratory']),
    await chain.actor(['laboratory']),
  ];
  const party = (actor: Actor, more: object) => ({
    fact: {
      ...{ kind: 'party' as const, by, id: actor.id, stub: false, name: 'P', roles: actor.roles },
      ...more,
    },
  });
  const things = ['A', 'B', 'C', 'D'].map((name) => ({ name, epc: `01/${otherGtin}/21/S${name}` as Epc }));
  const [a, b, c, d] = things.map(({ epc }) => epc);
  await ledger.append([
    party(dealer, { region: '330106', creditCode: dealerCode }),
    party(far, { region: '440106' }),
    party(firm, { region: '330106', creditCode: firmCode }),
    ...things.map(({ name, epc }) => ({
      fact: {
        ...{ kind: 'issue' as const, by: maker.id, batch: `S${name}`, gtin: otherGtin, lot: `SAMPLE${name}` },
        ...{ kid: '0000001', serials: 'own' as const, epcs: [epc] },
      },
    })),
  ]);
  const [territories, firms] = [
    (await put('territories', { [dealerCode]: { regions: ['33'] } })).json().seq,
    (await put('firms', { 'maintenance-firm': { [firmCode]: { refillsPerDay: 3 } } })).json().seq,
  ];
  clock += day;
  const powder = (quantity: string) => [{ lot: lot('POWDER'), quantity, uom: 'KGM' }];
  const { body: made } = await chain.post(
    maker,
    [
      { hop: 'produce', ...now(), epcs: [a, b, c, d] },
      ship(maker, dealer, [a ?? '', b ?? '', c ?? '', d ?? ''], 0, now()),
      { hop: 'produce', ...now(), lots: powder('500') },
      { ...ship(maker, firm, [], 0, now()), epcs: undefined, lots: powder('20') },
      { hop: 'produce', ...now(), lots: [{ lot: lot('HOSE'), quantity: '10', uom: 'MTR' }] },
      {
        ...{
          hop: 'split',
          ...now(),
          place: maker.place,
          of: { lot: lot('HOSE'), quantity: '10', uom: 'MTR' },
        },
        cuts: {
          lots: [
            { lot: lot('CUT1'), quantity: '6', uom: 'MTR' },
            { lot: lot('CUT2'), quantity: '5', uom: 'MTR' },
          ],
        },
      },
    ],
    wait,
  );
  const split = made.facts.at(-1).seq;
  t.strictSame(
    rulesIn(made, 'made-of-too-little'),
    ['HOSE', 'CUT1', 'CUT2'].map((it) => ['made-of-too-little', lot(it), split, split]),
  );
  const { body: sold } = await chain.post(
    dealer,
    [
      receive(maker, [a ?? '', b ?? ''], 0),
      ship(dealer, seller, [a ?? ''], 0),
      ship(dealer, far, [b ?? ''], 0),
    ].map((hop) => ({ ...hop, ...now() })),
    wait,
  );
  t.strictSame(rulesIn(sold, 'out-of-territory'), [['out-of-territory', b, territories, sold.facts[2].seq]]);
  const refill = (epcs: string[], more: object = {}) => ({
    ...{ hop: 'refill', ...now(), epcs, outcome: 'conformant', place: firm.place },
    ...more,
  });
  const { body: refilled } = await chain.post(
    firm,
    [
      refill([unit('R1'), unit('R2')]),
      refill([unit('R3')], { parts: { lots: powder('30') } }),
      refill([unit('R4')]),
    ],
    wait,
  );
  const [, , agent, last] = refilled.facts.map((it: { seq: number }) => it.seq);
  t.strictSame(
    rulesIn(refilled, 'refills-beyond-capacity', 'agent-beyond-purchases', 'lot-quantity-exceeded').map(
      ([rule, epc, , other]) => [rule, epc, other],
    ),
    [
      ['agent-beyond-purchases', lot('POWDER'), agent],
      ['lot-quantity-exceeded', lot('POWDER'), agent],
      ['refills-beyond-capacity', unit('R4'), last],
    ],
  );
  t.strictSame(rulesIn(refilled, 'refills-beyond-capacity')[0]?.[2], firms);
  t.strictSame(
    rulesIn(refilled, 'agent-beyond-purchases')[0]?.[2],
    made.facts[3].seq,
    'what it used is beyond what the maker shipped to it',
  );
  const part = (of: string, named: string) =>
    refill([of], { parts: { lots: [{ lot: named, quantity: '0.5', uom: 'KGM' }] } });
  const { body: more } = await chain.post(
    firm,
    [
      part(unit('R5'), lot('POWDER')),
      part(unit('R6'), lot('POWDER2')),
      part(unit('R7'), `01/${otherGtin}/10/POWDER`),
    ],
    wait,
  );
  t.strictSame(
    rulesIn(more, 'agent-beyond-purchases').map(([, epc, , other]) => [epc, other]),
    [
      [lot('POWDER'), more.facts[1].seq],
      [lot('POWDER2'), more.facts[3].seq],
    ],
    'the product counts, whatever the lot; of one of which no purchase is recorded nothing is said',
  );

  const office = await chain.officer(['330000']);
  const inspect = (who: Actor, epc: string | undefined, outcome: string) =>
    chain.post(who, [{ hop: 'inspect', ...now(), epcs: [epc], outcome }], wait);
  const sample = (epc: string | undefined) =>
    chain.post(office, [{ hop: 'inspect', ...now(), epcs: [epc], sampling: 'sample' }], wait);
  const rules = ['failed-sample', 'failed-test', 'repeat-failure', 'passed-then-failed'];
  const { body: passed } = await inspect(one, a, 'conformant');
  const { body: paid } = await inspect(two, a, 'non-conformant');
  const [pass, tested] = [passed.facts[0].seq, paid.facts[0].seq];
  t.strictSame(
    rulesIn(paid, ...rules),
    [
      ['failed-test', a, tested, tested],
      ['passed-then-failed', a, tested, pass],
    ],
    'a test of what no regulator sampled is no supervision sample',
  );
  const failing = async (epc: string | undefined) => {
    await sample(epc);
    const { body } = await inspect(two, epc, 'non-conformant');
    return { body, seq: body.facts[0].seq as number };
  };
  const decide = async (of: number, outcome: 'confirmed' | 'rejected', cause: string) => {
    const [row] = await service.owner.sql<{ id: string; sample: string }[]>`
      SELECT c.id, c.sample FROM cases c JOIN findings f ON f.case_id = c.id
      WHERE f.rule = 'failed-sample' AND f.one = ${of}`;
    const answer = await service.app.inject({
      ...{ method: 'POST', url: `/v1/cases/${row?.id}/decisions` },
      payload: { outcome, cause, reason: 'r', officer: 'o' },
      headers: { authorization: office.bearer, 'idempotency-key': `decide ${of} ${outcome} ${cause}` },
    });
    t.equal(answer.statusCode, 201, answer.body);
  };
  const first = await failing(a);
  t.strictSame(rulesIn(first.body, ...rules), [
    ['failed-sample', a, first.seq, first.seq],
    ['passed-then-failed', a, first.seq, pass],
  ]);
  clock += 100 * day;
  const second = await failing(b);
  t.strictSame(rulesIn(second.body, 'repeat-failure'), [['repeat-failure', b, first.seq, second.seq]]);
  await decide(first.seq, 'rejected', 'data-error');
  const third = await failing(c);
  t.strictSame(
    rulesIn(third.body, 'repeat-failure'),
    [['repeat-failure', c, second.seq, third.seq]],
    'an appeal that was upheld is about its own sample, and not about the others of the product',
  );
  await decide(second.seq, 'confirmed', 'clone');
  await decide(third.seq, 'rejected', 'data-error');
  const fourth = await failing(d);
  t.strictSame(rulesIn(fourth.body, 'repeat-failure'), [], 'nor do counterfeits of the brand count');
  await decide(third.seq, 'confirmed', 'quality');
  const { body: again } = await inspect(two, d, 'non-conformant');
  t.strictSame(rulesIn(again, 'repeat-failure'), [], 'a re-test is no further sample');
  const [counted] = await service.owner.sql<{ one: number }[]>`
    SELECT one FROM findings WHERE rule = 'repeat-failure' AND other = ${fourth.seq}`;
  t.strictSame(counted, { one: third.seq }, 'the last word of officers counts');
  clock += 100 * day;
  const fifth = await failing(d);
  t.strictSame(rulesIn(fifth.body, 'repeat-failure'), [['repeat-failure', d, fourth.seq, fifth.seq]]);
  await sample(d);
  const sent = `01/${otherGtin}/21/SENT`;
  const { body: report } = await chain.post(
    two,
    [{ hop: 'inspect', ...now(), epcs: [d, sent], outcome: 'non-conformant' }],
    wait,
  );
  t.strictSame(
    rulesIn(report, 'failed-sample', 'failed-test').map(([rule, epc]) => [rule, epc]),
    [
      ['failed-sample', d],
      ['failed-test', sent],
    ],
    'what a laboratory names beside a sample in one report was not sampled by that',
  );
  const samples = await service.owner.sql<{ sample: string }[]>`
    SELECT DISTINCT sample FROM cases WHERE rule = 'failed-sample' ORDER BY sample`;
  t.equal(samples.length, 4, 'each sample is a case');
});

t.test('what a regulator sent to one laboratory is no sample of another', async (t) => {
  const office = await chain.officer(['330000']);
  const [asked, meddling] = [await chain.actor(['laboratory']), await chain.actor(['laboratory'])];
  const [one, two] = [`01/${otherGtin}/21/SENT1`, `01/${otherGtin}/21/SENT2`];
  const post = async (who: Actor, hop: object) => {
    clock += 60_000;
    const { status, text, body } = await chain.post(
      who,
      [{ ...act(new Date(clock).toISOString()), ...hop }],
      wait,
    );
    t.equal(status, 201, text);
    return body;
  };
  const fail = (who: Actor, epc: string) =>
    post(who, { hop: 'inspect', epcs: [epc], outcome: 'non-conformant' });
  const rulesOf = ({ findings }: { findings: { rule: string }[] }) =>
    findings.flatMap(({ rule }) => (rule.startsWith('failed-') ? [rule] : []));
  const open = async (epc: string) =>
    (
      await service.owner.sql<{ rule: string }[]>`
        SELECT f.rule FROM findings f JOIN epcs e USING (unit) WHERE e.epc = ${epc} AND f.rule LIKE 'failed-%'
          AND NOT EXISTS (
            SELECT FROM finding_closings c WHERE (c.unit, c.rule, c.opened) = (f.unit, f.rule, f.opened)) ORDER BY 1`
    ).map(({ rule }) => rule);
  const published = async (entry: number) => {
    const answer = await service.app.inject({ url: '/v1/samples' });
    return answer.json<{ items: { entry: number }[] }>().items.some((it) => it.entry === entry);
  };
  const send = (epc: string, to: Actor) =>
    post(office, { hop: 'ship', epcs: [epc], to: to.id, place: office.place, transfer: 'own-move' });

  await post(office, { hop: 'inspect', epcs: [one, two], sampling: 'sample' });
  await send(one, asked);
  const meddled = await fail(meddling, one);
  t.strictSame(rulesOf(meddled), ['failed-test'], 'it was never given the sample');
  t.equal(await published(meddled.facts[0].seq), false);
  const asked1 = await fail(asked, one);
  t.strictSame(rulesOf(asked1), ['failed-sample']);
  t.equal(await published(asked1.facts[0].seq), true);
  const untold = await fail(meddling, two);
  t.strictSame(rulesOf(untold), ['failed-sample'], 'nobody said to whom it went');
  await send(two, stranger);
  t.strictSame(await open(two), ['failed-sample'], 'whoever it was handed to is no laboratory');
  t.equal(await published(untold.facts[0].seq), true);
  await send(two, asked);
  t.strictSame(await open(two), ['failed-test'], 'what is recorded late counts from then on');
  t.equal(await published(untold.facts[0].seq), false);
});

t.test('what a regulator cancelled of what it sent to a laboratory was not sent', async (t) => {
  const office = await chain.officer(['330000']);
  const [asked, other] = [await chain.actor(['laboratory']), await chain.actor(['laboratory'])];
  const epcs = ['BACK1', 'BACK2'].map((serial) => `01/${otherGtin}/21/${serial}`);
  const [back, kept] = epcs;
  const post = async (who: Actor, hop: object) => {
    clock += 60_000;
    const { text, body } = await chain.post(who, [{ ...act(new Date(clock).toISOString()), ...hop }], wait);
    t.ok(body.facts, text);
    return body.facts[0];
  };
  const standing = async (epc?: string) =>
    (
      await service.owner.sql<{ rule: string }[]>`
        SELECT f.rule FROM findings f JOIN epcs e USING (unit) WHERE e.epc = ${epc ?? ''} AND f.rule LIKE 'failed-%'
          AND NOT EXISTS (
            SELECT FROM finding_closings c WHERE (c.unit, c.rule, c.opened) = (f.unit, f.rule, f.opened)) ORDER BY 1`
    ).map(({ rule }) => rule);
  const published = async ({ seq }: { seq: number }) => {
    const answer = await service.app.inject({ url: '/v1/samples' });
    return answer.json<{ items: { entry: number }[] }>().items.some((it) => it.entry === seq);
  };
  await post(office, { hop: 'inspect', epcs, sampling: 'sample' });
  const sent = { hop: 'ship', epcs, to: asked.id, place: office.place, transfer: 'own-move' };
  const { id: event } = await post(office, sent);
  const fail = (epc?: string) => post(other, { hop: 'inspect', epcs: [epc], outcome: 'non-conformant' });
  const [ofBack, ofKept] = [await fail(back), await fail(kept)];
  t.strictSame([await standing(back), await standing(kept)], [['failed-test'], ['failed-test']]);
  const { id: cancellation } = await post(office, { hop: 'cancel', event, epcs: [back] });
  t.strictSame([await standing(back), await standing(kept)], [['failed-sample'], ['failed-test']]);
  t.strictSame([await published(ofBack), await published(ofKept)], [true, false]);
  await post(office, { hop: 'void', event: cancellation, reason: 'r' });
  t.strictSame(await standing(back), ['failed-test'], 'the cancellation was taken back');
  t.equal(await published(ofBack), false);
});

t.test('a laboratory that passes what others do not', async (t) => {
  const { ledger, genesis } = service.deps;
  const sample = (of: string, n: number) => `01/${otherGtin}/21/${of}${n}` as Epc;
  const [lenient, one, two] = [
    await chain.actor(['laboratory']),
    await chain.actor(['laboratory']),
    await chain.actor(['laboratory']),
  ];
  const [ofLenient, ofOne, ofTwo] = ['LP', 'LQ', 'LR'].map((of) =>
    Array.from({ length: 12 }, (_, n) => sample(of, n)),
  );
  await ledger.append([
    { fact: { kind: 'policy', by: genesis.operator, name: 'rules', body: { 'laboratory-samples-min': 10 } } },
    ...[ofLenient, ofOne, ofTwo].flat().map((epc, n) => ({
      fact: {
        ...{ kind: 'issue' as const, by: maker.id, batch: `LP${n}`, gtin: otherGtin, lot: `LP${n}` },
        ...{ kid: '0000001', serials: 'own' as const, epcs: [epc as Epc] },
      },
    })),
  ]);
  const inspect = (epcs: readonly string[] = [], outcome = 'conformant') =>
    epcs.map((epc) => ({
      ...{ hop: 'inspect', ...act(new Date(clock).toISOString()), epcs: [epc], outcome },
    }));
  const { body: passes } = await chain.post(lenient, inspect(ofLenient), wait);
  for (const [who, samples] of [
    [one, ofOne],
    [two, ofTwo],
  ] as const) {
    await chain.post(who, inspect(samples?.slice(0, 3)), wait);
    await chain.post(who, inspect(samples?.slice(3), 'non-conformant'), wait);
  }
  clock += day;
  await chain.post(lenient, inspect([...(ofOne ?? []).slice(0, 3), ...(ofTwo ?? []).slice(0, 3)]), wait);
  const { body: failed } = await chain.post(one, inspect(ofLenient?.slice(0, 5), 'non-conformant'), wait);
  const found = failed.findings.filter(({ rule }: { rule: string }) => rule === 'pass-rate-above-peers');
  t.strictSame(
    found.map(({ epc, entries }: { epc: string; entries: number[] }) => [epc, ...entries]),
    [3, 4].map((n) => [sample('LP', n), failed.facts[n].seq, passes.facts[n].seq]),
    'three of three that fail may be chance once in 84 times, four of four once in 210',
  );
  const [kept] = await service.owner.sql`
    SELECT count(*)::int AS cases, min(party) AS party FROM cases WHERE rule = 'pass-rate-above-peers'`;
  t.same(kept, { cases: 1, party: lenient.id });
});

t.test('a certification body of whose goods more fail in the field than of those of its peers', async (t) => {
  const { ledger, genesis } = service.deps;
  const office = await chain.officer(['330000']);
  const laboratory = await chain.actor(['laboratory']);
  const [lax, ...peers] = await Promise.all([1, 2, 3].map(() => chain.actor(['certification-body'])));
  const holders = await Promise.all([1, 2].map(() => chain.actor(['manufacturer'])));
  const products = [lax, ...peers].flatMap((body, i) =>
    holders.map((holder, j) => ({
      body: body?.id ?? genesis.operator,
      holder,
      gtin: testGtin(700 + 10 * i + j),
    })),
  );
  const unitsOf = (gtin: string) => Array.from({ length: 8 }, (_, n) => `01/${gtin}/21/CB${n}` as Epc);
  const [bad = [], tried = [], ...others] = products.map(({ gtin }) => unitsOf(gtin));
  const facts = await ledger.append([
    { fact: { kind: 'policy', by: genesis.operator, name: 'rules', body: { 'certifier-samples-min': 8 } } },
    ...products.flatMap(({ body, holder: { id, place }, gtin }, i) => [
      {
        fact: {
          ...{ kind: 'gtin' as const, by: genesis.operator, gtin, party: id },
          ...{ evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' },
        },
      },
      {
        fact: {
          ...{ kind: 'product' as const, by: id, gtin, party: id, local: false, name: gtin, model: 'M' },
          ...{ category: 'fire-doors', uom: 'H87' },
        },
      },
      {
        fact: {
          ...{
            kind: 'certificate' as const,
            by: body,
            id: `CERT${i}`,
            number: `CB-${i}`,
            issuer: body,
            holder: id,
          },
          ...{ status: 'issued' as const, since: '2020-01-01', scheme: 'CCC', gtins: [gtin], models: [] },
          ...{ factories: [place], validFrom: '2020-01-01', validUntil: '2099-12-31' },
        },
      },
      ...unitsOf(gtin).map((epc, n) => ({
        fact: {
          ...{ kind: 'issue' as const, by: id, batch: `CB${i}-${n}`, gtin, lot: `CB${n}` },
          ...{ kid: '0000001', serials: 'own' as const, epcs: [epc] },
        },
      })),
    ]),
  ]);
  const certificate = facts.facts[14]?.seq;
  const then = (days: number) => act(new Date(clock + days * day).toISOString());
  for (const { holder, gtin } of products)
    await chain.post(holder, [{ hop: 'produce', ...then(-9), epcs: unitsOf(gtin) }]);
  const all = [bad, tried, ...others].flat();
  const { body: sampled } = await chain.post(office, [
    { hop: 'inspect', ...then(-2), epcs: all, sampling: 'sample' },
  ]);
  const result = (epcs: readonly string[], outcome: string) => ({
    hop: 'inspect',
    ...then(-1),
    epcs,
    outcome,
  });
  const { body: before } = await chain.post(
    laboratory,
    [
      result([...others.flat(), ...tried.slice(0, 4)], 'conformant'),
      result(bad, 'non-conformant'),
      ...tried.slice(4, 7).map((epc) => result([epc], 'non-conformant')),
    ],
    wait,
  );
  const rule = 'certified-goods-fail';
  const rulesIn = (body: { findings: { rule: string; epc: string; entries: number[] }[] }, of: string) =>
    body.findings.flatMap((it) => (it.rule === of ? [[of, it.epc, ...it.entries]] : []));
  t.strictSame(rulesIn(before, 'failed-sample').length, 11);
  t.strictSame(rulesIn(before, rule), [], 'seven samples of holders but the worst are too few');
  const { body: after } = await chain.post(laboratory, [result(tried.slice(7), 'non-conformant')], wait);
  const [failure] = after.facts;
  t.strictSame(
    rulesIn(after, rule),
    [[rule, tried[7], certificate, failure.seq]],
    'four of eight, and none of 32',
  );
  const cases = await service.owner.sql`SELECT party, maker FROM cases WHERE rule = ${rule}`;
  t.same([...cases], [{ party: lax?.id, maker: holders[1]?.id }], 'the case is that of the body');
  const { items } = (
    await service.app.inject({ url: `/v1/findings?rule=${rule}`, headers: { authorization: office.bearer } })
  ).json();
  t.match(items, [{ explanation: { zh: /证书CB-1的发证机构/, en: /its certificate CB-1/ } }]);

  const open = async () => {
    const [row] = await service.owner.sql`
      SELECT count(*)::int AS open FROM findings f WHERE rule = ${rule} AND NOT EXISTS (
        SELECT FROM finding_closings c WHERE (c.unit, c.rule, c.opened) = (f.unit, f.rule, f.opened))`;
    return row?.open;
  };
  t.equal(await open(), 1);
  const voided = await chain.post(
    office,
    [{ ...then(0), hop: 'void', event: sampled.facts[0].id, reason: 'r' }],
    wait,
  );
  t.equal(voided.status, 201, voided.text.slice(0, 300));
  t.equal(await open(), 0, 'a sampling that is withdrawn was none');
  clock += day;
  await chain.post(office, [{ hop: 'inspect', ...then(-0.5), epcs: tried.slice(7), sampling: 'sample' }]);
  const { body: anew } = await chain.post(
    laboratory,
    [{ ...result(tried.slice(7), 'non-conformant'), ...then(0) }],
    wait,
  );
  t.equal(rulesIn(anew, 'failed-sample').length, 1);
  t.strictSame(rulesIn(anew, rule), [], 'nor do the others count that were sampled with it');
});

t.test(
  'what failed again and again, when an appeal is upheld, and what is told late or taken back',
  async (t) => {
    const { ledger, genesis } = service.deps;
    const office = await chain.officer(['330000']);
    const [accused, laboratory] = [await chain.actor(['manufacturer']), await chain.actor(['laboratory'])];
    const own = testGtin(790);
    const [one, two, three] = ['AG1', 'AG2', 'AG3'].map((serial) => `01/${own}/21/${serial}` as Epc) as [
      ...[Epc, Epc, Epc],
    ];
    await ledger.append([
      {
        fact: {
          ...{ kind: 'gtin', by: genesis.operator, gtin: own, party: accused.id },
          ...{ evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' },
        },
      },
      ...[one, two, three].map((epc, i) => ({
        fact: {
          ...{ kind: 'issue' as const, by: accused.id, batch: `AG${i}`, gtin: own, lot: `AG${i}` },
          ...{ kid: '0000001', serials: 'own' as const, epcs: [epc] },
        },
      })),
    ]);
    const then = (days: number) => act(new Date(clock + days * day).toISOString());
    const post = async (who: Actor, hop: object) => {
      const { status, text, body } = await chain.post(who, [hop], wait);
      t.equal(status, 201, text);
      return body.facts[0];
    };
    await post(accused, { hop: 'produce', ...then(-9), epcs: [one, two, three] });
    await post(office, { hop: 'inspect', ...then(-8), epcs: [one, two, three], sampling: 'sample' });
    const fail = (epc: string, days: number) =>
      post(laboratory, { hop: 'inspect', ...then(days), epcs: [epc], outcome: 'non-conformant' });
    const open = async () =>
      (
        await service.owner.sql<{ epc: string; one: number; other: number }[]>`
        SELECT e.epc, f.one, f.other FROM findings f JOIN epcs e USING (unit)
        WHERE f.rule = 'repeat-failure' AND e.epc LIKE ${`01/${own}%`} AND NOT EXISTS (
          SELECT FROM finding_closings c
          WHERE (c.unit, c.rule, c.opened, c.one, c.other) = (f.unit, f.rule, f.opened, f.one, f.other))
        ORDER BY e.epc`
      ).map(({ epc, one, other }) => [epc, one, other]);
    const decide = async (of: number, outcome: 'confirmed' | 'rejected') => {
      const [row] = await service.owner.sql<{ id: string }[]>`
      SELECT case_id AS id FROM findings WHERE rule = 'failed-sample' AND one = ${of}`;
      const answer = await service.app.inject({
        ...{ method: 'POST', url: `/v1/cases/${row?.id}/decisions` },
        payload: { outcome, cause: 'quality', reason: 'r', officer: 'o' },
        headers: { authorization: office.bearer, 'idempotency-key': `decide ${of} ${outcome}` },
      });
      t.equal(answer.statusCode, 201, answer.body);
      await follower.reached((await chain.size()) - 1, 60_000);
    };
    const second = await fail(two, -2);
    t.same(await open(), []);
    const first = await fail(one, -3);
    t.strictSame(await open(), [[two, first.seq, second.seq]], 'what failed before is told after');
    await decide(first.seq, 'rejected');
    t.same(await open(), [], 'an appeal that is upheld explains it, though nobody tells of the other sample');
    await decide(first.seq, 'confirmed');
    t.strictSame(await open(), [[two, first.seq, second.seq]], 'the last word of officers counts');
    const third = await fail(three, -1);
    t.strictSame(await open(), [
      [two, first.seq, second.seq],
      [three, second.seq, third.seq],
    ]);
    await post(laboratory, { hop: 'void', ...then(0), event: second.id, reason: 'r' });
    t.strictSame(
      await open(),
      [[three, first.seq, third.seq]],
      'a result that is taken back counts for nothing',
    );
  },
);

t.test('what a party passes on that never came to it, nor to anybody', async (t) => {
  const thing = unit('NOWHERE');
  const now = () => act(new Date(clock).toISOString());
  const sale = { ...now(), hop: 'sell', epcs: [thing] };
  const { body: sold } = await chain.post(seller, [sale, { ...sale, epcs: [unit('ELSEWHERE')] }], wait);
  t.same(sold.findings, [], 'its receipt may come late');
  clock += 4 * day;
  const look = [{ hop: 'inspect', ...now(), epcs: [thing], outcome: 'conformant' }];
  const { body: looked } = await chain.post(seller, look, wait);
  t.strictSame(
    looked.findings.map(({ rule, epc, entries }: { rule: string; epc: string; entries: number[] }) => [
      ...[rule, epc, ...entries],
    ]),
    [thing, unit('ELSEWHERE')].map((epc, i) => ['never-received', epc, sold.facts[i].seq, sold.facts[i].seq]),
    'the other, of which nobody tells any more, as well',
  );
  const receipt = { ...receive(distributor, [thing], 0), ...act(new Date(clock - 5 * day).toISOString()) };
  await chain.post(seller, [receipt], wait);
  const [open] = await service.owner.sql`
    SELECT count(*)::int AS open FROM findings f JOIN epcs USING (unit)
    WHERE rule = 'never-received' AND epc = ${thing} AND NOT EXISTS (
      SELECT FROM finding_closings c WHERE (c.unit, c.rule, c.opened) = (f.unit, f.rule, f.opened))`;
  t.same(open, { open: 0 }, 'a late receipt closes it');
});

t.test('all of it follows from the log alone', async (t) => {
  const size = await chain.size();
  await follower.reached(size - 1, 60_000);
  const live = await findingsIn(service.db);
  t.ok(live.opened.length > 10, `${live.opened.length} found`);
  for (const chunk of [1, 1000])
    t.strictSame(await findingsAnew(service.owner, size, chunk), live, `in steps of ${chunk}`);
});
