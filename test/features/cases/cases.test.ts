import { randomBytes } from 'node:crypto';
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import type { Fact } from '../../../src/core/log/fact.ts';
import { ownPlace } from '../../../src/core/opaque-id.ts';
import { unitNumbers } from '../../../src/features/events/chains.ts';
import { createClueWatch } from '../../../src/features/findings/clue-watch.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { newId } from '../../../src/features/new-id.ts';
import { followerProjections, projections } from '../../../src/features/projections.ts';
import { rebuild } from '../../../src/ledger/rebuild.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, gtin, supplyChain, unit } from '../../support/supply-chain.ts';

const day = 86_400_000;
let clock = Date.parse('2025-08-01T00:00:00Z');
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { maker, distributor, seller, user, stranger } = chain;
const zhejiang = await chain.officer(['330000']);
const guangdong = await chain.officer(['440000']);
const operator = service.bearer(['operator'], service.deps.genesis.operator);

const at = (n: number) => act(new Date(Date.parse('2025-07-01T02:00:00Z') + n * day).toISOString());
const wait = { prefer: 'wait=20' };
const ship = (from: Actor, to: Actor, serial: string, n: number) => ({
  ...{ hop: 'ship', ...at(n), epcs: [unit(serial)], place: from.place, to: to.id, transfer: 'sale' },
});
const get = async (url: string, authorization: string) => {
  const response = await service.app.inject({ url, headers: { authorization } });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
};
const casesOf = async (bearer: string, query = '') => (await get(`/v1/cases?${query}`, bearer)).body.items;
const decide = (id: string, authorization: string, body: object, key = 'k') =>
  service.app.inject({
    method: 'POST',
    url: `/v1/cases/${id}/decisions`,
    headers: { authorization, 'idempotency-key': key },
    payload: body,
  });

/** The maker produces a thing and sells it to the distributor; the distributor sells it to one and to another. */
const sellTwice = (serial: string, one = seller, other = user) => [
  [maker, [{ hop: 'produce', ...at(1), epcs: [unit(serial)] }, ship(maker, distributor, serial, 2)]] as const,
  [distributor, [{ hop: 'receive', ...at(3), epcs: [unit(serial)], from: maker.id }]] as const,
  [distributor, [ship(distributor, one, serial, 4), ship(distributor, other, serial, 5)]] as const,
];
async function record(steps: ReturnType<typeof sellTwice>) {
  let last: Awaited<ReturnType<typeof chain.post>> | undefined;
  for (const [who, hops] of steps) last = await chain.post(who, hops, wait);
  return last?.body;
}

const first = await record(sellTwice('A1'));
await record(sellTwice('A2', user, stranger));
const id: string = first.findings[0].case;

t.test('findings of one trouble are one case, told as far as the reader may see', async (t) => {
  const [whole, ...others] = await casesOf(zhejiang.bearer, 'rule=double-sale');
  t.match(whole, {
    ...{ id, rule: 'double-sale', cause: 'clone', severity: 'conflict', state: 'open' },
    party: { id: distributor.id, region: { code: '330106' } },
    product: { gtin },
    maker: { id: maker.id },
    findings: { total: 2, open: 2, atLeast: false },
  });
  t.same(others, []);
  t.same(await casesOf(guangdong.bearer), [], 'another jurisdiction');
  const [ofMaker] = await casesOf(maker.bearer, 'family=chain&cause=clone');
  t.match(ofMaker, { id, party: null, findings: { total: 2 } }, 'the maker is not told who');
  const [ofSeller] = await casesOf(seller.bearer);
  t.match(ofSeller, { id, party: null, findings: null }, 'who sees a part is not told how many');
  const found = async (bearer: string) =>
    (await get(`/v1/findings?case=${id}`, bearer)).body.items.map(({ epc }: { epc: string }) => epc);
  t.strictSame(await found(seller.bearer), [unit('A1')]);
  t.strictSame(await found(stranger.bearer), [unit('A2')]);
  const first = await get(`/v1/findings?case=${id}&limit=1`, seller.bearer);
  t.match(first.body, { items: [{ epc: unit('A1') }], next: null }, 'nor can it be counted by pages');
  const second = await get(`/v1/findings?case=${id}&limit=1`, stranger.bearer);
  t.match(second.body, { items: [{ epc: unit('A2') }], next: null }, 'nor is what comes after told of');
  t.strictSame(await found(user.bearer), [unit('A2'), unit('A1')]);
  t.strictSame(await found(distributor.bearer), [unit('A2'), unit('A1')]);
  t.strictSame(await found(guangdong.bearer), []);
  t.strictSame(await found(operator), [unit('A2'), unit('A1')]);
  t.equal((await get(`/v1/cases/${id}`, guangdong.bearer)).status, 404);
  await service.deps.audit.flush();
  const read = await service.db.sql`SELECT subject FROM read_audit WHERE party = ${zhejiang.id}`;
  t.equal(read.length, 1, 'who reads is noted');
});

t.test('a page at a time, by what is asked', async (t) => {
  const pages: string[] = [];
  let cursor = '';
  for (;;) {
    const { body } = await get(`/v1/findings?limit=1&epc=${unit('A1')}${cursor}`, operator);
    pages.push(...body.items.map(({ rule }: { rule: string }) => rule));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  t.strictSame(pages, ['double-sale']);
  const all = await get('/v1/findings?limit=1', operator);
  t.equal(all.body.items.length, 1);
  const next = await get(`/v1/findings?limit=1&cursor=${all.body.next}`, operator);
  t.not(next.body.items[0].epc, all.body.items[0].epc);
  const nobody = async (query: string) => (await casesOf(zhejiang.bearer, query)).length;
  t.strictSame(
    [
      await nobody('state=confirmed'),
      await nobody('cause=expired'),
      await nobody('until=2025-01-01T00:00:00Z'),
      await nobody(`party=${maker.id}`),
      await nobody(`party=${distributor.id}&sort=oldest&severity=conflict&gtin=${gtin}`),
    ],
    [0, 0, 0, 0, 1],
  );
  const refused = async (url: string, bearer: string) => (await get(url, bearer)).body.code;
  t.equal(await refused(`/v1/cases?party=${distributor.id}`, seller.bearer), 'forbidden');
  t.equal(await refused('/v1/cases?cursor=AAAA', seller.bearer), 'invalid-request');
  t.equal(await refused('/v1/cases?from=yesterday', seller.bearer), 'invalid-time');
  t.same((await get('/v1/findings?epc=01/06901234567892/21/NOBODY', operator)).body.items, []);
});

t.test('findings and cases are narrowed and sorted alike', async (t) => {
  const things = async (bearer: string, query: string): Promise<string[]> =>
    (await get(`/v1/findings?rule=double-sale&${query}`, bearer)).body.items.map(
      ({ epc }: { epc: string }) => epc,
    );
  const [one, two] = [unit('A1'), unit('A2')];
  const table: [query: string, found: string[]][] = [
    ['', [two, one]],
    ['sort=oldest', [one, two]],
    [`party=${distributor.id}`, [two, one]],
    [`party=${seller.id}`, []],
    ['region=330100', [two, one]],
    ['region=440000', []],
    ['makerRegion=330106', [two, one]],
    ['makerRegion=110000', []],
    [`from=${new Date(clock).toISOString()}`, [two, one]],
    [`until=${new Date(clock).toISOString()}`, []],
    ['cause=clone', [two, one]],
    ['cause=diversion', []],
    [`epc=${one}`, [one]],
  ];
  for (const [query, found] of table) {
    t.strictSame(await things(zhejiang.bearer, query), found, query);
    t.equal((await casesOf(zhejiang.bearer, `rule=double-sale&${query}`)).length, found.length && 1, query);
  }
  const first = await get('/v1/findings?rule=double-sale&sort=oldest&limit=1', zhejiang.bearer);
  t.strictSame(await things(zhejiang.bearer, `sort=oldest&limit=1&cursor=${first.body.next}`), [two]);
  t.equal(
    (await get(`/v1/findings?cursor=${first.body.next}`, zhejiang.bearer)).body.code,
    'invalid-request',
  );
  const [told] = first.body.items;
  t.match(told, {
    version: 1,
    product: { gtin },
    party: { id: distributor.id },
    maker: { id: maker.id },
    region: { code: '330106' },
  });
  t.equal(told.entryTimes.length, 2);
  const seen = async (bearer: string) =>
    (await get(`/v1/findings?rule=double-sale&epc=${one}`, bearer)).body.items[0];
  t.match(await seen(maker.bearer), { party: null, region: { code: '330000' } }, 'a maker: the province');
  t.match(await seen(seller.bearer), { party: null, region: null }, 'others: what they took part in');
  t.equal((await get('/v1/findings?region=330000', seller.bearer)).body.code, 'forbidden');
  t.same(await casesOf(seller.bearer, `epc=${two}`), [], 'nor which case another thing is in');
  t.equal((await casesOf(seller.bearer, `epc=${one}`)).length, 1);
});

t.test('as tables', async (t) => {
  const table = (name: string, format: string) =>
    service.app.inject({
      url: `/v1/${name}?format=${format}`,
      headers: { authorization: zhejiang.bearer },
    });
  const csv = await table('cases', 'csv');
  t.match(
    csv.body,
    new RegExp(`^case,rule,.*\\r\\n${id},double-sale,conflict,clone,open,${distributor.id},`),
  );
  const cells = (text: string): Record<string, string>[] => {
    const [head = [], ...rows] = text
      .trim()
      .split('\r\n')
      .map((line) => [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, it = '']) => it));
    return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])));
  };
  const one = (await get(`/v1/cases/${id}`, zhejiang.bearer)).body;
  t.match(
    cells(csv.body).find(({ case: of }) => of === id),
    {
      ...{ state: one.state, basis: 'log', version: String(one.version), gtin, maker: maker.id },
      ...{ product: one.product.name ?? '', productEn: one.product.nameEn ?? '', makerRegion: '330106' },
      ...{ findings: String(one.findings.total), open: String(one.findings.open), atLeast: 'false' },
      ...{ openedAt: one.openedAt, lastAt: one.lastAt, zh: one.zh, decision: '', sample: '' },
    },
    'what a case says stands in its row',
  );
  const [found] = one.latest;
  t.match(
    cells((await table('findings', 'csv')).body).find(({ thing }) => thing === found.epc),
    {
      ...{ rule: found.rule, case: id, one: String(found.entries[0]), other: String(found.entries[1]) },
      ...{ opened: String(found.opened), closed: '', version: String(found.version), gtin, scans: '' },
      ...{ productEn: found.product.nameEn ?? '', region: found.region.code, oneAt: found.entryTimes[0] },
      ...{ explanationZh: found.explanation.zh, party: distributor.id },
    },
    'and what a finding says in its own',
  );
  const sheet = await table('findings', 'xlsx');
  t.equal(sheet.rawPayload.subarray(0, 2).toString(), 'PK');
  t.match(sheet.headers['content-disposition'], 'findings.xlsx');
});

t.test('a case closes itself when late facts explain all of it', async (t) => {
  await chain.post(maker, [
    { hop: 'produce', ...at(1), epcs: [unit('L1')] },
    ship(maker, distributor, 'L1', 2),
  ]);
  await chain.post(distributor, [{ hop: 'receive', ...at(3), epcs: [unit('L1')], from: maker.id }]);
  await chain.post(seller, [{ hop: 'receive', ...at(5), epcs: [unit('L1')], from: distributor.id }]);
  clock += 4 * day;
  await chain.post(user, [{ hop: 'inspect', ...at(6), epcs: [unit('ELSE')] }], wait);
  const stateOf = async () => (await casesOf(zhejiang.bearer, 'rule=receipt-without-shipment'))[0].state;
  t.equal(await stateOf(), 'open');
  await chain.post(distributor, [ship(distributor, seller, 'L1', 4)], wait);
  t.equal(await stateOf(), 'closed');
});

t.test('an officer decides, by name, in the log; what comes after is a new case', async (t) => {
  const body = { outcome: 'confirmed', cause: 'diversion', reason: '现场核查属实', officer: '王某' };
  t.equal((await decide(id, seller.bearer, body)).json().code, 'forbidden');
  t.equal((await decide(id, guangdong.bearer, body)).json().code, 'not-found');
  t.equal((await decide('0000000000000000', zhejiang.bearer, body)).json().code, 'not-found');
  const decided = await decide(id, zhejiang.bearer, body);
  t.match(decided.json(), { case: id, outcome: 'confirmed', by: { id: zhejiang.id }, officer: '王某' });
  t.strictSame((await decide(id, zhejiang.bearer, body)).json(), decided.json(), 'the same request again');
  const [fact] = await service.db.sql<{ payload: string }[]>`
    SELECT payload FROM facts WHERE seq = ${decided.json().seq}`;
  t.notMatch(fact?.payload, /王某/, 'the name stands beside the entry, where it can be erased');
  const told = async (bearer: string) => (await get(`/v1/cases/${id}`, bearer)).body;
  t.match(await told(zhejiang.bearer), { state: 'confirmed', decisions: [{ officer: '王某' }] });
  t.match(await told(seller.bearer), { decided: { outcome: 'confirmed', cause: 'diversion' }, lastAt: null });
  t.equal((await casesOf(zhejiang.bearer, 'rule=double-sale&cause=clone')).length, 0, 'by what it was');
  t.equal((await casesOf(zhejiang.bearer, 'rule=double-sale&cause=diversion')).length, 1);
  const { findings } = await record(sellTwice('A3'));
  const next = findings[0].case;
  t.not(next, id);
  t.equal((await casesOf(zhejiang.bearer, 'rule=double-sale&state=open'))[0].id, next);

  const far = await chain.actor(['seller']);
  const { operator: by } = service.deps.genesis;
  const elsewhere: Fact = {
    ...{ kind: 'party', by, id: far.id, stub: false, name: 'far', roles: far.roles, region: '440106' },
  };
  await service.deps.ledger.append([{ fact: elsewhere }]);
  await record(sellTwice('A4', far, user));
  t.match((await get(`/v1/cases/${next}`, guangdong.bearer)).body, { id: next, findings: null });
  t.equal((await decide(next, guangdong.bearer, body)).json().code, 'forbidden', 'who sees a part');
  const alsoRegulator = service.bearer(['seller', 'regulator'], far.id);
  t.equal((await decide(next, alsoRegulator, body)).json().code, 'forbidden', 'who took part');
});

t.test(
  'rules are measured by what was decided, and a rule that is seldom right is only watched',
  async (t) => {
    const rule = async () => {
      const response = await service.app.inject({ url: '/v1/rules' });
      return response.json().items.find((it: { rule: string }) => it.rule === 'ship-by-non-holder');
    };
    const { version, ...before } = await rule();
    t.match(before, { confirmed: 0, rejected: 0, precision: null, status: 'active' });
    const rejected = Array.from({ length: 20 }, (_, i): { fact: Fact } => ({
      fact: {
        ...{ kind: 'decision', by: zhejiang.id, case: `0000000000000${100 + i}`, rule: 'ship-by-non-holder' },
        ...{ version, severity: 'conflict', outcome: 'rejected', cause: 'late-upload', reason: 'r' },
      },
    }));
    const ofBefore = rejected.map(({ fact }) => ({
      fact: { ...fact, version: version - 1, case: '0000000000000099' } as Fact,
    }));
    await service.deps.ledger.append(ofBefore.slice(0, 1));
    t.match(await rule(), { rejected: 0, precision: null, earlier: { confirmed: 0, rejected: 1 } });
    await service.deps.ledger.append(rejected);
    t.match(await rule(), { rejected: 20, precision: { share: 0, lower: 0 }, status: 'watch' });
    await chain.post(maker, [
      { hop: 'produce', ...at(1), epcs: [unit('N1')] },
      ship(maker, distributor, 'N1', 2),
    ]);
    await chain.post(distributor, [{ hop: 'receive', ...at(3), epcs: [unit('N1')], from: maker.id }]);
    await chain.post(maker, [{ ...ship(maker, seller, 'N1', 4), transfer: 'loan' }], wait);
    const [watched] = await casesOf(zhejiang.bearer, 'rule=ship-by-non-holder');
    t.equal(watched.state, 'watch');
    const set = (authorization: string, payload: object) =>
      service.app.inject({ method: 'PUT', url: '/v1/policies/rules', headers: { authorization }, payload });
    t.equal((await set(zhejiang.bearer, {})).json().code, 'forbidden');
    t.equal((await set(operator, { 'precision-decisions': 4 })).json().code, 'invalid-request');
    const { seq } = (await set(operator, { 'precision-decisions': 22 })).json();
    t.match((await get('/v1/policies/rules', operator)).body, { seq, rules: { 'precision-decisions': 22 } });
    t.match(await rule(), { status: 'active' });
  },
);

t.test(
  'what rests on scans is kept apart, closes when facts explain it, and is never derived from the log',
  async (t) => {
    const { db } = service;
    const began = Date.parse('2025-07-01T02:00:00Z');
    clock = began + 37 * day;
    const made = [unit('S1'), unit('S2')];
    await service.deps.ledger.append([
      {
        fact: {
          ...{ kind: 'issue', by: maker.id, batch: 'S', gtin, lot: 'S', kid: '0000001', serials: 'own' },
          epcs: made as Epc[],
        },
      },
    ]);
    const { body } = await chain.post(maker, [{ hop: 'produce', ...at(36), epcs: made }]);
    const [{ id: production }] = body.facts;
    const numbers = await unitNumbers(db.sql, made);
    const scan = (serial: string, time: number, region: string | null, verdict = 'consistent') =>
      db.sql`
      INSERT INTO scans (unit, device, at, verdict, region, robot, own)
      VALUES (${numbers.get(unit(serial)) ?? 0}, ${randomBytes(16)}, ${time}, ${verdict}, ${region}, false, false)`;
    const looking = createClueWatch({
      database: db,
      now: () => clock,
      markOf: () => Buffer.alloc(8),
      onError: (error) => t.fail(String(error)),
    });
    await scan('S1', began + 36.5 * day, '110000');
    await scan('S1', began + 36.5 * day + 3_600_000, '440100');
    await scan('S1', began + 36.6 * day, null, 'forged');
    await scan('S1', began + 36.7 * day, null, 'forged');
    await scan('S2', began + 26 * day, null);
    await scan('S2', began + 36.8 * day, null);
    await looking.pass();
    await looking.pass();
    const found = async (bearer: string, query = '') =>
      (await get(`/v1/findings?basis=scans&${query}`, bearer)).body.items.map(
        ({ rule, epc, scans }: { rule: string; epc: string; scans: { count: number } }) =>
          `${rule} ${epc.slice(-2)} ${scans.count}`,
      );
    t.same((await found(zhejiang.bearer)).sort(), [
      'forged-copies S1 2',
      'scan-before-production S2 1',
      'scan-travel S1 2',
    ]);
    t.same(await found(guangdong.bearer), ['scan-travel S1 2'], 'who is in charge of where it was scanned');
    t.equal((await found(maker.bearer)).length, 3);
    t.same(await found(seller.bearer), []);
    const [travel] = await casesOf(guangdong.bearer, 'family=scan');
    t.match(travel, { rule: 'scan-travel', basis: 'scans', opened: null, state: 'open', findings: null });
    const redone = { outcome: 'rejected', cause: 'scanner', reason: '测试', officer: '李某' };
    t.equal((await decide(travel.id, guangdong.bearer, redone)).statusCode, 201);
    clock += 2 * 60_000;
    await looking.pass();
    t.equal((await casesOf(guangdong.bearer, 'family=scan')).length, 1, 'decided is decided');
    await scan('S1', clock - 2 * 3_600_000, '110000');
    await scan('S1', clock - 3_600_000, '440100');
    clock += 2 * 60_000;
    await scan('S1', clock, '110000');
    await looking.pass();
    t.same(
      (await casesOf(guangdong.bearer, 'family=scan')).map(({ state }: { state: string }) => state),
      ['open', 'rejected'],
      'later scans are a new case',
    );
    await chain.post(maker, [
      { hop: 'void', ...at(37), event: production, reason: 'r' },
      { hop: 'produce', ...at(25), epcs: made },
    ]);
    clock += 2 * 60_000;
    await looking.pass();
    const [early] = await casesOf(zhejiang.bearer, 'rule=scan-before-production');
    t.equal(early.state, 'closed', 'made earlier than was recorded at first');
  },
);

t.test('a scan far from where the thing was recorded just before', async (t) => {
  const { db } = service;
  const made = unit('S3') as Epc;
  await service.deps.ledger.append([
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'S3', gtin, lot: 'S', kid: '0000001', serials: 'own' },
        epcs: [made],
      },
    },
  ]);
  clock += day;
  const began = clock;
  const moment = (ms: number) => act(new Date(began + ms).toISOString());
  const produce = (ms: number) => ({ hop: 'produce', ...moment(ms), epcs: [made], place: maker.place });
  const { body } = await chain.post(maker, [produce(-3_600_000)]);
  const numbers = await unitNumbers(db.sql, [made]);
  await db.sql`
    INSERT INTO scans (unit, device, at, verdict, region, robot, own)
    VALUES (${numbers.get(made) ?? 0}, ${randomBytes(16)}, ${began + 3_600_000}, 'consistent', '650100', false, false)`;
  const looking = createClueWatch({
    database: db,
    now: () => clock,
    markOf: () => Buffer.alloc(8),
    onError: (error) => t.fail(String(error)),
  });
  clock += 2 * 3_600_000;
  await looking.pass();
  const xinjiang = await chain.officer(['650000']);
  const found = async (bearer: string) =>
    (await get('/v1/findings?basis=scans&rule=scan-elsewhere', bearer)).body.items;
  for (const { bearer } of [zhejiang, xinjiang])
    t.match(await found(bearer), [
      { epc: made, cause: 'clone', closedAt: null, explanation: { zh: /新疆.*：扫码1次。$/ } },
    ]);
  await chain.post(maker, [
    { hop: 'void', ...moment(0), event: body.facts[0].id, reason: 'r' },
    produce(-2 * day),
  ]);
  clock += 2 * 60_000;
  await looking.pass();
  const [{ closedAt }] = await found(zhejiang.bearer);
  t.type(closedAt, 'string', 'it had been made, and had left, two days earlier');
});

t.test('scans far from where a thing was sold, and where it was sold to', async (t) => {
  const { db, deps } = service;
  const [loose, known, online, moved] = ['F1', 'F2', 'F3', 'F4'].map(unit) as [...[Epc, Epc, Epc, Epc]];
  const things = [loose, known, online, moved];
  const [buyer, platform] = [await chain.actor(['using-unit']), await chain.actor(['platform'])];
  const far = ownPlace(newId());
  await deps.ledger.append([
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'F', gtin, lot: 'F', kid: '0000001', serials: 'own' },
        epcs: things,
      },
    },
    {
      fact: {
        ...{ kind: 'party', by: deps.genesis.operator, id: buyer.id, stub: false, name: 'U' },
        ...{ roles: buyer.roles, region: '230100' },
      },
    },
    {
      fact: {
        ...{ kind: 'place', by: user.id, id: far, party: user.id, type: 'building', name: 'B' },
        region: '230100',
      },
    },
  ]);
  clock += day;
  const began = clock;
  const now = (ms: number) => act(new Date(began + ms).toISOString());
  const hour = 3_600_000;
  const told = async (who: Actor, ...hops: object[]) => {
    const { status, text } = await chain.post(who, hops);
    t.equal(status, 201, text);
  };
  const sold = { hop: 'sell', ...now(-2 * hour) };
  await told(
    maker,
    { hop: 'produce', ...now(-9 * hour), epcs: things },
    ...[
      { ...sold, epcs: [loose] },
      { ...sold, ref: 'to', epcs: [known], to: buyer.id },
      { ...sold, ref: 'user', epcs: [moved], to: user.id },
    ],
    { ...ship(maker, platform, 'F3', 0), ...now(-5 * hour) },
  );
  await told(platform, { ...sold, epcs: [online] });
  const numbers = await unitNumbers(db.sql, things);
  for (const epc of things)
    for (const days of [20, 21])
      await db.sql`
        INSERT INTO scans (unit, device, at, verdict, region, robot, own)
        VALUES (${numbers.get(epc) ?? 0}, ${randomBytes(16)}, ${began + days * day}, 'consistent', '230100', false, false)`;
  const looking = createClueWatch({
    database: db,
    now: () => clock,
    markOf: () => Buffer.alloc(8),
    onError: (error) => t.fail(String(error)),
  });
  clock += 21 * day + hour;
  await looking.pass();
  const found = async () =>
    (
      await get('/v1/findings?basis=scans&rule=scan-far-from-sale&state=open', zhejiang.bearer)
    ).body.items.map(({ epc }: { epc: string }) => epc);
  t.same((await found()).sort(), [loose, moved]);
  await told(user, { hop: 'install', ...now(10 * day), epcs: [moved], place: far });
  clock += 2 * 60_000;
  await looking.pass();
  t.same(await found(), [loose], 'it was installed where it is scanned, and that was recorded late');
});

t.test('what to look at first: rates that may be compared, with the cases behind them', async (t) => {
  // What is found between two answers would be in one of them alone.
  const size = await service.deps.ledger.size();
  t.ok(await findingsFollower(service.deps, service.app.log).reached(size - 1, 60_000));
  t.equal((await get('/v1/insights', seller.bearer)).body.code, 'forbidden');
  t.equal((await get('/v1/insights?days=0', zhejiang.bearer)).body.code, 'invalid-request');
  const { body } = await get('/v1/insights?days=60', zhejiang.bearer);
  const told = (regions: { about: { id: string } }[], id: string) =>
    regions.find(({ about }) => about.id === id);
  t.match(told(body.regions, '330000'), { about: { zh: '浙江省' } });
  t.match(body.products, [{ about: { id: gtin } }]);
  const problems = body.problems.map(({ about }: { about: { id: string } }) => about.id);
  t.ok(problems.includes('double-sale'));
  const closed = await casesOf(zhejiang.bearer, 'state=closed');
  t.ok(closed.length > 0, 'later facts explained some');
  t.notOk(problems.includes(closed[0].rule), 'which count for nothing');
  t.match(body.origins, [{ about: { id: '330000' } }]);
  for (const { exposure, exposed } of [...body.regions, ...body.origins]) {
    const { items } = (await get(`${exposed}&limit=1000`, zhejiang.bearer)).body;
    t.equal(Math.max(items.length, 1), exposure, exposed);
  }
  const levels: [string, string][] = [
    ['prefecture', '330100'],
    ['county', '330106'],
  ];
  for (const [level, id] of levels) {
    const { regions, origins } = (await get(`/v1/insights?days=60&level=${level}`, zhejiang.bearer)).body;
    t.match([told(regions, id), told(origins, id)], [{ about: { id } }, { about: { id } }], level);
    for (const { cases, records } of [...regions, ...origins])
      t.equal((await get(`${records}&limit=1000`, zhejiang.bearer)).body.items.length, cases, records);
  }
  for (const { cases, records } of [...body.regions, ...body.origins, ...body.products, ...body.problems]) {
    const behind = (await get(`${records}&limit=1000`, zhejiang.bearer)).body.items;
    t.equal(behind.length, cases, records);
  }
  // Half of it, so that there is a period before that has cases as well.
  const half = Math.ceil((clock - Date.parse(closed[0].openedAt)) / day / 2);
  const { body: later } = await get(`/v1/insights?days=${half}`, zhejiang.bearer);
  const told2 = [...later.regions, ...later.origins, ...later.products, ...later.problems];
  for (const { casesBefore, recordsBefore } of told2)
    t.equal(
      (await get(`${recordsBefore}&limit=1000`, zhejiang.bearer)).body.items.length,
      casesBefore,
      recordsBefore,
    );
  t.ok(told2.some(({ casesBefore }) => casesBefore > 0));
  const elsewhere = await get('/v1/insights', (await chain.officer(['650000'])).bearer);
  t.same([elsewhere.body.regions, elsewhere.body.products, elsewhere.body.problems], [[], [], []]);
});

t.test(
  'failures until they are blocked, routes between provinces, and dealers out of their territory',
  async (t) => {
    const { ledger, genesis } = service.deps;
    const by = genesis.operator;
    const code = '91330106MA2B0CWX2M';
    const [dealer, far, laboratory, officer] = [
      await chain.actor(['distributor']),
      await chain.actor(['seller']),
      await chain.actor(['laboratory']),
      await chain.officer(['330000']),
    ];
    const party = ({ id, roles }: Actor, more: object): { fact: Fact } => ({
      fact: { kind: 'party', by, id, stub: false, name: 'P', roles: [...roles], ...more },
    });
    clock = Date.parse('2025-09-10T00:00:00Z');
    await ledger.append([
      party(dealer, { region: '330106', creditCode: code }),
      party(far, { region: '440106' }),
      {
        fact: {
          kind: 'place',
          by: far.id,
          id: far.place,
          party: far.id,
          type: 'warehouse',
          name: 'W',
          region: '440106',
        },
      },
    ]);
    const deliver = (to: Actor, serials: string[]) => serials.map((serial) => ship(dealer, to, serial, 70));
    await chain.post(dealer, deliver(far, ['T0']));
    const published = await service.app.inject({
      ...{ method: 'PUT', url: '/v1/policies/territories', payload: { [code]: { regions: ['33'] } } },
      headers: { authorization: operator },
    });
    t.equal(published.statusCode, 200);
    const { body: sent } = await chain.post(dealer, [
      ...deliver(seller, ['T1', 'T2', 'T3']),
      ...deliver(far, ['T4', 'T5']),
    ]);
    await chain.post(dealer, [{ hop: 'void', ...at(70), event: sent.facts[4].id, reason: 'r' }]);
    await chain.post(
      far,
      [{ hop: 'receive', ...at(70), epcs: [unit('T4')], from: dealer.id, place: far.place }],
      wait,
    );

    const inspect = (serial: string) => ({
      ...{ hop: 'inspect', ...at(70), epcs: [unit(serial)], as: 'laboratory', outcome: 'non-conformant' },
      ...{ from: seller.id, place: laboratory.place, sampling: 'sample' },
    });
    await chain.post(laboratory, [inspect('T2')]);
    const taken = ['T1', 'T2'].map((serial) => ({
      ...{ hop: 'inspect', ...at(70), epcs: [unit(serial)], sampling: 'sample', from: seller.id },
    }));
    t.equal((await chain.post(officer, taken)).status, 201);
    const failed = await chain.post(laboratory, [inspect('T1'), inspect('T2'), inspect('T1')]);
    t.equal(failed.status, 201, failed.text);
    const order = (type: 'tracking' | 'hold', serial: string): { fact: Fact } => ({
      fact: {
        ...{
          kind: 'order',
          by: officer.id,
          id: `${type}-${serial}`,
          type,
          scope: { units: [unit(serial) as Epc] },
        },
        ...{
          reach: null,
          reason: 'r',
          ground: 'g',
          number: 'n',
          officer: 'o',
          asOf: 0,
          acknowledgeBy: '2025-12-01T00:00:00Z',
        },
      },
    });
    clock += 3 * 3_600_000;
    await ledger.append([order('tracking', 'T1'), order('hold', 'T9')]);
    clock += 3 * 3_600_000;
    await ledger.append([order('hold', 'T1')]);
    clock += 1;

    const { body } = await get('/v1/insights?days=5', officer.bearer);
    const samples = failed.body.facts.map(({ seq }: { seq: number }) => `/v1/events/${seq}`);
    const first = [samples[1], samples[0]];
    const byMaker = {
      as: 'maker',
      party: { id: maker.id },
      failures: 2,
      blocked: 1,
      median: 6,
      upperQuartile: 6,
    };
    t.match(body.failures, [
      byMaker,
      { as: 'ordered-by', party: { id: officer.id }, failures: 1, blocked: 1 },
    ]);
    const behind = async (url: string) =>
      (await get(url, officer.bearer)).body.items.map(({ records }: { records: string }) => records);
    t.strictSame(await behind(body.failures[0].records), first);
    t.strictSame(await behind(body.failures[0].blockedRecords), [samples[0]]);
    t.strictSame(await behind(body.failures[1].records), [samples[0]]);
    t.equal(body.failures.length, 2);
    t.match(body.routes, [
      {
        rank: 1,
        origin: { id: '330000', zh: '浙江省' },
        destination: { id: '440000' },
        sent: 2,
        received: 1,
      },
    ]);
    t.equal(body.routes.length, 1, 'what stays in a province is no route');
    t.match(body.dealers, [{ rank: 1, party: { id: dealer.id }, deliveries: 4, outside: 1, share: 0.25 }]);
    t.ok(Math.abs(body.dealers[0].lower - 0.0456) < 1e-3, 'far below the share, for there were four');
    const [found] = (await get(body.dealers[0].cases, officer.bearer)).body.items;
    t.match(found, { rule: 'out-of-territory', party: { id: dealer.id } });
    const [delivered, outside] = [
      await behind(body.dealers[0].records),
      await behind(body.dealers[0].outsideRecords),
    ];
    t.strictSame([delivered.length, outside.length], [4, 1]);
    const moved = await behind(body.routes[0].records);
    t.equal(moved.length, 3, 'two sent and one received');
    const page = (await get(`${body.routes[0].records}&limit=2`, officer.bearer)).body;
    t.equal((await behind(`${body.routes[0].records}&limit=2&cursor=${page.next}`)).length, 1);
    for (const url of [...moved, ...outside, ...first])
      t.equal((await get(url, officer.bearer)).status, 200, url);
    t.same(await behind(body.routes[0].records.replace('origin=330000', 'origin=320000')), []);
    t.same(await behind(body.routes[0].recordsBefore), [], 'there was none in the period before');
    const far2 = (await get(body.routes[0].records, (await chain.officer(['650000'])).bearer)).body;
    t.same(far2.items, [], 'nothing of what does not touch the reader');
    const counties = (await get('/v1/insights?days=5&level=county', officer.bearer)).body.routes;
    t.match(counties, [{ origin: { id: '330106' }, destination: { id: '440106' } }]);
    const wrong = await get('/v1/insights/entries?of=route&from=x&until=y', officer.bearer);
    t.equal(wrong.body.code, 'invalid-time');
    const open = `/v1/insights/entries?of=dealer&from=${body.from}&until=${body.until}`;
    t.equal((await get(open, officer.bearer)).body.code, 'invalid-request');
    const told = async (bearer: string) => {
      const { failures, routes, dealers } = (await get('/v1/insights?days=5', bearer)).body;
      return [failures.length, routes.length, dealers.length];
    };
    t.strictSame(await told(guangdong.bearer), [0, 1, 1]);
    t.strictSame(await told(operator), [2, 1, 1]);
    t.strictSame(await told((await chain.officer(['650000'])).bearer), [0, 0, 0]);
  },
);

t.test('why a case was decided, and by which officer, is told to those who may decide it', async (t) => {
  const far = await chain.actor(['seller']);
  const by = service.deps.genesis.operator;
  const elsewhere: Fact = {
    ...{ kind: 'party', by, id: far.id, stub: false, name: 'far', roles: far.roles, region: '440106' },
  };
  await service.deps.ledger.append([{ fact: elsewhere }]);
  const { findings } = await record(sellTwice('D1', far, seller));
  const about = findings[0].case;
  const body = { outcome: 'confirmed', cause: 'diversion', reason: '线人举报属实', officer: '赵某' };
  t.equal((await decide(about, zhejiang.bearer, body, 'why')).statusCode, 201);
  const who = { id: zhejiang.id };
  const what = { outcome: 'confirmed', cause: 'diversion', by: who };
  const why = { reason: body.reason, officer: body.officer };
  const nothing = { reason: null, officer: null };
  const readers: readonly [string, string, object][] = [
    ['the regulator who decided', zhejiang.bearer, why],
    ['another in charge', (await chain.officer(['330100'])).bearer, why],
    ['a regulator whom an entry of a finding touches', guangdong.bearer, nothing],
    ['the operator', operator, nothing],
    ['by whose word it is', distributor.bearer, nothing],
    [
      'the same, as a regulator without jurisdiction',
      service.bearer(['distributor', 'regulator'], distributor.id),
      nothing,
    ],
    ['the maker', maker.bearer, nothing],
    ['who took part', far.bearer, nothing],
  ];
  for (const [name, bearer, expected] of readers) {
    const { status, body: told } = await get(`/v1/cases/${about}`, bearer);
    t.equal(status, 200, name);
    const [{ at: when, ...decision }] = told.decisions;
    t.match({ state: told.state, ...decision }, { state: 'confirmed', ...what, ...expected }, name);
    t.equal(new Date(when).toISOString(), when, name);
    for (const url of [
      'cases',
      'cases?format=csv',
      `findings?case=${about}`,
      `findings?case=${about}&format=csv`,
    ]) {
      const { body: text } = await service.app.inject({
        url: `/v1/${url}`,
        headers: { authorization: bearer },
      });
      t.match(text, about, `${name}: ${url}`);
      t.notMatch(text, /线人|赵某/, `${name}: ${url} tells of the case alone`);
    }
  }
  t.equal((await get(`/v1/cases/${about}`, stranger.bearer)).status, 404, 'a stranger');
});

t.test('all of it follows from the log', async (t) => {
  const { mismatch } = await rebuild(service.owner, { projections, followers: followerProjections });
  t.equal(mismatch, null);
});

t.test('what is found now counts where the goods were, also in a case from before', async (t) => {
  const { ledger, genesis } = service.deps;
  const [laboratory, shop] = [await chain.actor(['laboratory']), await chain.actor(['seller'])];
  for (const [{ id, roles }, region] of [
    [laboratory, '110101'],
    [shop, '310105'],
  ] as const)
    await ledger.append([
      {
        fact: { kind: 'party', by: genesis.operator, id, stub: false, name: 'P', roles: [...roles], region },
      },
    ]);
  const epcs = [unit('W1')];
  await chain.post(maker, [{ hop: 'produce', ...at(1), epcs }]);
  const fail = async () => {
    await chain.post(zhejiang, [{ hop: 'inspect', epcs, from: shop.id, sampling: 'sample', ...at(2) }]);
    const result = { hop: 'inspect', ...at(3), epcs, as: 'laboratory' };
    const { body } = await chain.post(laboratory, [{ ...result, outcome: 'non-conformant' }], wait);
    return body.findings.find(({ rule }: { rule: string }) => rule === 'failed-sample').case;
  };
  const before = await fail();
  const first = clock;
  clock += 40 * day;
  await fail();
  const shanghai = await chain.officer(['310000']);
  clock += 1;
  const { body } = await get('/v1/insights?days=30&level=county', shanghai.bearer);
  t.match(body.regions, [{ about: { id: '310105' }, cases: 1 }], 'of the seller, not of the laboratory');
  t.match(
    body.problems.map(({ about }: { about: { id: string } }) => about.id),
    ['failed-sample'],
    'although the case is older',
  );
  const [found, ...others] = (await get(body.regions[0].records, shanghai.bearer)).body.items;
  t.match([found.id, found.openedAt < new Date(first + day).toISOString(), others], [before, true, []]);
  const seen = (await get(`/v1/findings?case=${before}`, shanghai.bearer)).body.items;
  t.strictSame(
    seen.map(({ epc, region }: { epc: string; region: { code: string } }) => [epc, region.code]),
    [
      [unit('W1'), '310105'],
      [unit('W1'), '310105'],
    ],
  );
  const decision = { outcome: 'confirmed', cause: 'quality', reason: '属实', officer: '王某' };
  const sampledElsewhere = await chain.officer(['310106']);
  t.equal((await decide(before, sampledElsewhere.bearer, decision)).statusCode, 404);
  t.equal((await decide(before, shanghai.bearer, decision)).statusCode, 201, 'where it was sampled');
});
