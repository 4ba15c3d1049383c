import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
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
const { maker, distributor, seller, stranger, user, regulator } = chain;
const follower = findingsFollower(service.deps, service.app.log);

const wait = { prefer: 'wait=20' };
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

t.test('what a cancellation names and the shipment did not hold stays as it is', async (t) => {
  const [sent, boxed, other] = [unit('CN1'), unit('CN2'), unit('CN3')];
  const hose = (quantity: string) => [{ lot: lot('CN'), quantity, uom: 'MTR' }];
  const { body } = await chain.post(maker, [
    { hop: 'produce', ...at(1), epcs: [sent, boxed, other] },
    { hop: 'produce', ...at(1), lots: hose('100') },
    { hop: 'pack', ...at(1), epcs: [boxed], container: container(91) },
    { ...ship(maker, distributor, [sent, container(91)], 2), lots: hose('30') },
    ship(maker, distributor, [other], 2),
  ]);
  const [, , , { seq: shipment, id: event }, { seq: another }] = body.facts;
  const cancelled = await chain.post(
    maker,
    [{ hop: 'cancel', ...at(3), event, epcs: [boxed, other], lots: hose('40') }],
    wait,
  );
  const { seq } = cancelled.body.facts[0];
  t.strictSame(
    cancelled.body.findings
      .filter(({ rule }: { rule: string }) => rule === 'cancelled-not-shipped')
      .map(({ epc, entries }: { epc: string; entries: number[] }) => [epc, ...entries])
      .sort(),
    [
      [lot('CN'), shipment, seq],
      [other, shipment, seq],
    ],
    'what was shipped in a container was in it',
  );
  const url = `/v1/units/${gtin}/CN3`;
  const { state } = (await service.app.inject({ url, headers: { authorization: maker.bearer } })).json();
  t.match(state, { stage: 'in-transit', underWay: { seq: another } });
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
    t.strictSame(told(later.body), [], 'found with the next entry, but not told to who recorded that');
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

t.test('what is assembled is made by that: it needs a certificate then, and ages from there', async (t) => {
  const { ledger, genesis } = service.deps;
  const by = genesis.operator;
  const other = (serial: string): Epc => `01/${otherGtin}/21/${serial}` as Epc;
  const [part, whole, twin, piece] = [other('PART'), other('WHOLE'), other('TWIN'), other('PIECE')];
  await ledger.append([
    {
      fact: {
        ...{ kind: 'gtin', by, gtin: otherGtin, party: maker.id, evidence: 'e', vettedBy: 'v' },
        vettedAt: '2024-01-01',
      },
    },
    {
      fact: {
        ...{ kind: 'product', by: maker.id, gtin: otherGtin, party: maker.id, local: false, name: 'P' },
        ...{ model: 'M', category: 'portable-extinguishers', uom: 'H87', serviceLifeMonths: 12 },
      },
    },
    {
      fact: {
        ...{ kind: 'certificate', by, id: 'W', number: 'W1', issuer: by, holder: maker.id, status: 'issued' },
        ...{ since: '2023-01-01', scheme: 'CCC', gtins: [otherGtin], models: [], factories: [] },
        ...{ validFrom: '2023-01-01', validUntil: '2023-12-31' },
      },
    },
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'W', gtin: otherGtin, lot: 'W', kid: '0000001' },
        ...{ serials: 'own', epcs: [part, piece, twin, whole] },
      },
    },
  ]);
  const shift = Date.parse('2024-06-01T00:00:00Z');
  const hour = (n: number) => ({
    ...act(new Date(shift + n * 3_600_000).toISOString()),
    place: maker.place,
  });
  const of = (...epcs: Epc[]) => ({ epcs });
  const metre = { lot: lot('W'), quantity: '1', uom: 'MTR' };
  /** What is found of what was made here when the maker records these. */
  const found = async (...hops: object[]) =>
    told((await chain.post(maker, hops, wait)).body).filter(([epc]) => epc !== part && epc !== lot('W'));
  const unlicensed = (epc: Epc) => [epc, 'certificate-not-valid-at-production', 'conflict'];
  t.strictSame(
    (
      await found(
        { hop: 'transform', ...hour(1), inputs: of(part), outputs: of(whole, twin) },
        { hop: 'produce', ...hour(9), ...of(twin) },
        { hop: 'split', ...hour(2), of: metre, cuts: of(piece) },
      )
    ).sort(),
    [unlicensed(twin), unlicensed(whole)],
    'a twin commissioned besides is made once, and what is cut off is no newer than what it was cut from',
  );
  const past = (epc: Epc) => [epc, 'past-service-life', 'risk'];
  t.strictSame(
    (await found({ hop: 'sell', ...at(20), ...of(whole, twin, piece) })).sort(),
    [past(twin), past(whole)],
    'nobody says when what the piece was cut from was made',
  );
  const again = await found({ hop: 'transform', ...hour(5), inputs: of(part), outputs: of(whole) });
  t.ok(
    again.some(([epc, rule]) => epc === whole && rule === 'produced-twice'),
    'a second assembly under the same code',
  );
});

t.test('findings follow from the log alone, however it is cut into steps', async (t) => {
  await randomHistory();
  await follower.reached((await chain.size()) - 1, 60_000);
  const live = await findingsIn(service.db);
  t.ok(
    live.opened.length > 15 && live.closed.length > 0,
    `${live.opened.length} found, ${live.closed.length} closed`,
  );
  const size = await chain.size();
  for (const chunk of [1, 13, 1000])
    t.strictSame(await findingsAnew(service.owner, size, chunk), live, `in steps of ${chunk}`);
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

t.test('a thing that somebody has told very much of holds up nobody', async (t) => {
  const claims = Array.from({ length: 1_000 }, (_, i) => ({
    hop: 'inspect',
    ...act(),
    outcome: 'conformant',
    ref: `claim ${i}`,
    epcs: [unit('MANY')],
  }));
  const { body } = await chain.post(stranger, claims);
  const began = performance.now();
  let [longest, last] = [0, began];
  const found = follower.reached(body.facts.at(-1).seq, 120_000);
  let isFound = false;
  void found.then(() => {
    isFound = true;
  });
  while (!isFound) {
    await setImmediate();
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  t.ok(await found);
  t.ok(longest < (last - began) / 4, `others had a turn after ${longest} of ${last - began} ms at most`);
});
