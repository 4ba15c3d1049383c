import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import type { OrderScope } from '../../../src/core/orders/order.ts';
import type { Sql } from '../../../src/database/connection.ts';
import { deriveFindings } from '../../../src/features/findings/derive.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { knownTo } from '../../../src/features/findings/known.ts';
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
const { maker, distributor, seller, stranger, user, regulator } = chain;
const follower = findingsFollower(service.deps, service.app.log);

const at = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * day).toISOString());
const wait = { prefer: 'wait=20' };
const ship = (from: Actor, to: Actor, epcs: string[], n: number, more: object = {}) => ({
  hop: 'ship',
  ...at(n),
  epcs,
  place: from.place,
  to: to.id,
  transfer: 'sale',
  ...more,
});
const receive = (from: Actor, epcs: string[], n: number) => ({
  hop: 'receive',
  ...at(n),
  epcs,
  from: from.id,
});
const told = (body: { findings: readonly Record<string, unknown>[] }) =>
  body.findings.map(({ epc, rule, severity }) => [epc, rule, severity]);

t.test('Prefer: wait brings what the request contradicts', async (t) => {
  const { body, headers } = await chain.post(
    maker,
    [
      { hop: 'produce', ...at(1), epcs: [unit('W1')] },
      ship(maker, distributor, [unit('W1')], 2),
      ship(maker, seller, [unit('W1')], 3),
    ],
    wait,
  );
  const [, first, second] = body.facts.map((it: { seq: number }) => it.seq);
  t.equal(headers['preference-applied'], 'wait=20');
  t.match(body.findings, [
    {
      epc: unit('W1'),
      rule: 'double-sale',
      severity: 'conflict',
      entries: [first, second],
      opened: second,
      closed: null,
    },
  ]);
  t.match(body.findings[0].zh, /两次/);
  const quiet = await chain.post(stranger, [{ hop: 'scrap', ...at(4), epcs: [unit('W1')] }]);
  t.notOk('findings' in quiet.body, 'only who waits is told');
  t.equal(quiet.headers['preference-applied'], undefined);
});

t.test(
  'a receipt without shipment is found when its grace is over, and explained by the late shipment',
  async (t) => {
    await chain.post(maker, [
      { hop: 'produce', ...at(1), epcs: [unit('G1')] },
      ship(maker, distributor, [unit('G1')], 1),
    ]);
    await chain.post(distributor, [receive(maker, [unit('G1')], 2)]);
    const received = await chain.post(seller, [receive(distributor, [unit('G1')], 3)], wait);
    t.strictSame(told(received.body), [], 'in grace');
    clock += 4 * day;
    const later = await chain.post(user, [{ hop: 'inspect', ...at(5), epcs: [unit('ELSE')] }], wait);
    t.strictSame(
      told(later.body),
      [[unit('G1'), 'receipt-without-shipment', 'claim']],
      'found with the next entry',
    );
    const shipped = await chain.post(distributor, [ship(distributor, seller, [unit('G1')], 3)], wait);
    t.strictSame(told(shipped.body), []);
    const url = `/v1/units/${gtin}/G1/findings`;
    const asked = await service.app.inject({ url, headers: { authorization: distributor.bearer } });
    t.match(asked.json().items, [
      {
        rule: 'receipt-without-shipment',
        opened: later.body.facts[0].seq,
        closed: shipped.body.facts[0].seq,
      },
    ]);
    const operator = service.bearer(['operator']);
    const overseen = await service.app.inject({ url, headers: { authorization: operator } });
    t.equal(overseen.json().items.length, 1, 'the operator reads findings');
    const outsider = await service.app.inject({ url, headers: { authorization: user.bearer } });
    t.match(outsider.json(), { status: 403, code: 'forbidden' });
  },
);

t.test('what reaches a thing through its container is the container’s finding', async (t) => {
  const inside = [unit('P1'), unit('P2'), unit('P3')];
  const { body } = await chain.post(
    maker,
    [
      { hop: 'produce', ...at(1), epcs: inside },
      { hop: 'pack', ...at(2), epcs: inside, container: container(71) },
      ship(maker, distributor, [container(71)], 3),
      ship(maker, seller, [container(71)], 4),
      { hop: 'sell', ...at(5), epcs: [unit('P2')] },
    ],
    wait,
  );
  t.strictSame(told(body), [
    [container(71), 'double-sale', 'conflict'],
    [unit('P2'), 'double-sale', 'conflict'],
    [unit('P2'), 'implied-unpack', 'quality'],
  ]);
});

t.test('more of a lot than there is', async (t) => {
  const metres = (quantity: string) => [{ lot: lot('F1'), quantity, uom: 'MTR' }];
  const { body } = await chain.post(
    maker,
    [
      { hop: 'produce', ...at(1), lots: metres('10') },
      { ...ship(maker, distributor, [], 2), epcs: undefined, lots: metres('11') },
    ],
    wait,
  );
  t.strictSame(told(body), [[lot('F1'), 'lot-quantity-exceeded', 'conflict']]);
});

t.test('rules look at places, products, certificates and codes as the log had them', async (t) => {
  const { ledger, genesis } = service.deps;
  const by = genesis.operator;
  const located = (actor: Actor, latitude: string, longitude: string) =>
    ledger.append([
      {
        fact: {
          ...{ kind: 'place', by: actor.id, id: actor.place, party: actor.id, type: 'shop', name: 'S' },
          ...{ region: '330106', position: { latitude, longitude, radius: 500 } },
        },
      },
    ]);
  await located(maker, '30.2741', '120.1551');
  await located(distributor, '23.1291', '113.2644');
  const epcs = [1, 2].map((i) => lot('RULES').replace('/10/', `/21/RULES`).concat(String(i)) as Epc);
  await ledger.append([
    {
      fact: {
        kind: 'issue',
        by: maker.id,
        batch: 'R',
        gtin,
        lot: 'RULES',
        kid: '0000001',
        serials: 'own',
        epcs,
      },
    },
    {
      fact: {
        ...{ kind: 'certificate', by, id: 'R', number: 'R1', issuer: by, holder: maker.id, status: 'issued' },
        ...{ since: '2025-01-01', scheme: 'CCC', gtins: [gtin], models: [], factories: [seller.place] },
        ...{ validFrom: '2025-01-01', validUntil: '2030-01-01' },
      },
    },
  ]);
  const [one = ''] = epcs;
  const hour = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * 3_600_000).toISOString());
  const pieces = (quantity: string) => [{ lot: lot('RULES'), quantity, uom: 'H87' }];
  const { body } = await chain.post(
    maker,
    [
      { hop: 'produce', ...hour(1), epcs: [one], place: maker.place },
      { ...ship(maker, distributor, [one], 0), ...hour(2) },
      { hop: 'produce', ...hour(3), lots: pieces('2') },
      { hop: 'produce', ...hour(4), lots: pieces('1') },
    ],
    wait,
  );
  t.strictSame(told(body), [
    [one, 'certificate-other-factory', 'risk'],
    [lot('RULES'), 'production-beyond-codes', 'conflict'],
  ]);
  const arrived = { ...receive(maker, [one], 0), ...hour(5), place: distributor.place };
  const { body: travelled } = await chain.post(distributor, [arrived], wait);
  t.strictSame(told(travelled), [[one, 'impossible-travel', 'risk']]);
});

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
    rulesIn(refilled, 'refills-beyond-capacity', 'lot-quantity-exceeded').map(([rule, epc, , other]) => [
      rule,
      epc,
      other,
    ]),
    [
      ['lot-quantity-exceeded', lot('POWDER'), agent],
      ['refills-beyond-capacity', unit('R4'), last],
    ],
  );
  t.strictSame(rulesIn(refilled, 'refills-beyond-capacity')[0]?.[2], firms);

  const inspect = (who: Actor, epc: string | undefined, outcome: string) =>
    chain.post(who, [{ hop: 'inspect', ...now(), epcs: [epc], outcome }], wait);
  const rules = ['failed-sample', 'repeat-failure', 'passed-then-failed'];
  const { body: passed } = await inspect(one, a, 'conformant');
  const { body: first } = await inspect(two, a, 'non-conformant');
  const [pass, failure] = [passed.facts[0].seq, first.facts[0].seq];
  t.strictSame(rulesIn(first, ...rules), [
    ['failed-sample', a, failure, failure],
    ['passed-then-failed', a, failure, pass],
  ]);
  const decide = async (outcome: 'confirmed' | 'rejected', cause: string) => {
    const [row] = await service.owner.sql<{ id: string }[]>`
      SELECT id FROM cases WHERE rule = 'failed-sample' ORDER BY opened DESC LIMIT 1`;
    await ledger.append([
      {
        fact: {
          ...{
            kind: 'decision',
            by,
            case: row?.id ?? '',
            rule: 'failed-sample',
            version: 1,
            severity: 'risk',
          },
          ...{ party: two.id, gtin: otherGtin, outcome, cause, reason: 'r' },
        },
      },
    ]);
  };
  await decide('rejected', 'data-error');
  const { body: second } = await inspect(two, b, 'non-conformant');
  t.strictSame(rulesIn(second, 'repeat-failure'), [], 'an appeal that was upheld does not count');
  await decide('confirmed', 'clone');
  const { body: third } = await inspect(two, c, 'non-conformant');
  t.strictSame(rulesIn(third, 'repeat-failure'), [], 'nor do counterfeits of the brand');
  await decide('confirmed', 'quality');
  const { body: fourth } = await inspect(two, d, 'non-conformant');
  t.strictSame(rulesIn(fourth, 'repeat-failure'), [
    ['repeat-failure', d, third.facts[0].seq, fourth.facts[0].seq],
  ]);
});

t.test('findings follow from the log alone, however it is cut into steps', async (t) => {
  await randomHistory();
  await follower.reached((await chain.size()) - 1, 60_000);
  const live = await findings(service.db.sql);
  t.ok(
    live.opened.length > 15 && live.closed.length > 0,
    `${live.opened.length} found, ${live.closed.length} closed`,
  );
  for (const chunk of [1, 13, 1000]) t.strictSame(await derived(chunk), live, `in steps of ${chunk}`);
});

/** Parties that forget, hurry, lie and correct themselves; the same at every run. */
async function randomHistory(): Promise<void> {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const one = <T>(list: readonly T[]): T => {
    const item = list[random(list.length)];
    if (item === undefined) throw new Error('an empty list');
    return item;
  };
  const actors = [maker, distributor, seller, stranger, user];
  const units = Array.from({ length: 8 }, (_, i) => unit(`Z${i}`));
  const boxes = [container(81), container(82), container(83)];
  const events = new Map<Actor, string[]>();
  const { ledger, genesis } = service.deps;
  const by = genesis.operator;
  const epcs = units.map((epc) => epc as Epc);
  await ledger.append([
    {
      fact: { kind: 'issue', by: maker.id, batch: 'B', gtin, lot: 'L', kid: '0000001', serials: 'own', epcs },
    },
  ]);
  const certify = (status: 'issued' | 'withdrawn') =>
    ledger.append([
      {
        fact: {
          ...{ kind: 'certificate', by, id: 'C', number: 'C1', issuer: by, holder: maker.id, status },
          ...{ since: '2025-01-01', scheme: 'CCC', gtins: [gtin], models: [], factories: [] },
          ...{ validFrom: '2025-01-01', validUntil: '2026-01-01' },
        },
      },
    ]);
  await chain.post(maker, [{ hop: 'produce', ...at(10), epcs: units }]);
  for (let i = 0; i < 70; i++) {
    const who = one(actors);
    const other = one(actors);
    const epcs = [...new Set([one(units), one(units)])];
    const things = random(3) === 0 ? [one(boxes)] : epcs;
    const n = 10 + random(25);
    const hop = one([
      () => ship(who, other, things, n),
      () => ship(maker, other, things, n),
      () => receive(other, things, n),
      () => ({ hop: 'pack', ...at(n), epcs, container: one(boxes) }),
      () => ({ hop: 'pack', ...at(n), epcs: [boxes[0]], container: boxes[1] }),
      () => ({ hop: 'unpack', ...at(n), container: one(boxes) }),
      () => ({ hop: 'sell', ...at(n), epcs }),
      () => ({ hop: 'scrap', ...at(n), epcs: [one(units)] }),
      () => ({ hop: 'hold', ...at(n), epcs: things }),
      () => ({ hop: 'void', ...at(n), event: one(events.get(who) ?? ['none']), reason: 'r' }),
    ])();
    if (random(12) === 0) clock += 2 * day;
    if (random(8) === 0) await certify(one(['issued', 'withdrawn'] as const));
    if (random(40) === 0) await chain.post(regulator, [{ hop: 'seize', ...at(n), epcs }]);
    const { status, body } = await chain.post(who, [hop]);
    const [fact] = status === 201 ? body.facts : [];
    if (fact && hop.hop !== 'void') events.set(who, [...(events.get(who) ?? []), fact.id]);
  }
}

async function findings(sql: Sql) {
  return {
    opened: [...(await sql`SELECT * FROM findings ORDER BY opened, unit, rule, one, other`)],
    cases: [...(await sql`SELECT * FROM cases ORDER BY opened, id`)],
    links: [...(await sql`SELECT * FROM case_links ORDER BY case_id, kind, value`)],
    closed: [...(await sql`SELECT * FROM finding_closings ORDER BY closed, unit, rule, one, other, opened`)],
  };
}

/** The findings as they come out in steps of so many entries, in tables of their own. */
async function derived(chunk: number) {
  const sql = await service.owner.sql.reserve();
  try {
    await sql`CREATE TEMP TABLE findings (LIKE public.findings INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE finding_closings (LIKE public.finding_closings INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE cases (LIKE public.cases INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE case_links (LIKE public.case_links INCLUDING ALL)`;
    const known = knownTo(sql);
    const size = await chain.size();
    for (let from = 0; from < size; from += chunk)
      await deriveFindings(sql, known, from, Math.min(size, from + chunk));
    return await findings(sql);
  } finally {
    await sql`DROP TABLE IF EXISTS pg_temp.findings, pg_temp.finding_closings, pg_temp.cases, pg_temp.case_links`;
    sql.release();
  }
}
