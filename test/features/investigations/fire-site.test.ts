import t from 'tap';
import type { Epc, PlaceId } from '../../../src/core/events/hop.ts';
import type { CertificateFact, Fact } from '../../../src/core/log/fact.ts';
import { ownPlace } from '../../../src/core/opaque-id.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import type { FireSiteAnswer } from '../../../src/features/investigations/fire-site/schemas.ts';
import { newId } from '../../../src/features/new-id.ts';
import { readPdf, textsOf } from '../../support/pdf.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, user, firm } = chain;
const laboratory = await chain.actor(['laboratory']);
const body = await chain.actor(['certification-body']);
const installer = await chain.actor(['installer']);
const inCharge = await chain.officer(['330000']);
const elsewhere = await chain.officer(['440000']);

const state = (fact: Fact) => service.deps.ledger.append([{ fact }]);
const newPlace = async (name: string, within?: PlaceId): Promise<PlaceId> => {
  const id = ownPlace(newId());
  const place = {
    kind: 'place',
    by: user.id,
    id,
    party: user.id,
    type: 'building',
    name,
    region: '330106',
  } as const;
  await state(within === undefined ? place : { ...place, within });
  return id;
};
const tower = await newPlace('Tower');
const floor = await newPlace('Floor 3', tower);
const room = await newPlace('Room 301', floor);
const other = await newPlace('Annex');
await state({
  kind: 'product',
  by: maker.id,
  gtin,
  party: maker.id,
  local: false,
  name: '手提式干粉灭火器',
  nameEn: 'Portable extinguisher',
  model: 'MFZ/ABC4',
  category: 'fire',
  uom: 'H87',
  serviceLifeMonths: 6,
});
const certificate: CertificateFact = {
  kind: 'certificate',
  by: body.id,
  id: newId(),
  number: 'CCC-1',
  issuer: body.id,
  holder: maker.id,
  status: 'issued',
  since: '2025-01-01',
  scheme: 'CCC',
  gtins: [gtin],
  models: ['MFZ/ABC4'],
  factories: [],
  validFrom: '2025-01-01',
  validUntil: '2029-12-31',
};
await state(certificate);
await state({ ...certificate, status: 'suspended', since: '2025-09-01', reason: 'failed follow-up' });

const units = ['A1', 'A2', 'A3', 'A4'].map(unit) as Epc[];
const [a1 = '', a2 = '', a3 = '', a4 = ''] = units;
await state({
  kind: 'issue',
  by: maker.id,
  batch: 'B',
  gtin,
  lot: 'L1',
  kid: '0',
  serials: 'own',
  epcs: units,
});
const time = (date: string) => act(`${date}T09:00:00+08:00`);
async function record(who: Actor, as: string, ...hops: object[]): Promise<number[]> {
  const posted = await chain.post(
    who,
    hops.map((hop) => ({ as, place: who.place, ...hop })),
  );
  if (posted.status >= 300) throw new Error(posted.text);
  return posted.body.facts?.map(({ seq }: { seq: number }) => seq) ?? [];
}
const hose = lot('HOSE');
await record(
  maker,
  'manufacturer',
  { hop: 'produce', ...time('2025-07-01'), lot: 'L1', epcs: units },
  { hop: 'produce', ...time('2025-07-01'), lot: 'HOSE', lots: [{ lot: hose, quantity: '100', uom: 'MTR' }] },
  { hop: 'ship', ...time('2025-07-02'), epcs: units, to: distributor.id, transfer: 'sale' },
);
await record(laboratory, 'laboratory', {
  hop: 'inspect',
  ...time('2025-07-03'),
  epcs: [a1],
  outcome: 'non-conformant',
});
// The distributor never says that it received them.
await record(distributor, 'distributor', {
  hop: 'ship',
  ...time('2025-07-05'),
  epcs: [a1, a2, a3],
  to: user.id,
  transfer: 'sale',
});
await record(user, 'using-unit', {
  hop: 'receive',
  ...time('2025-07-06'),
  epcs: [a1, a2, a3],
  from: distributor.id,
});
await record(
  installer,
  'installer',
  { hop: 'install', ...time('2025-07-07'), epcs: [a1, a2], place: room },
  { hop: 'install', ...time('2025-07-07'), epcs: [a3], place: other },
  { hop: 'install', ...time('2025-07-07'), lots: [{ lot: hose, quantity: '30', uom: 'MTR' }], place: floor },
  { hop: 'remove', ...time('2025-07-09'), lots: [{ lot: hose, quantity: '5', uom: 'MTR' }], place: floor },
);
await record(firm, 'maintenance-firm', {
  hop: 'maintain',
  ...time('2025-10-01'),
  epcs: [a2],
  place: room,
  outcome: 'conformant',
  nextDue: '2025-12-01',
});
await record(installer, 'installer', { hop: 'remove', ...time('2026-03-01'), epcs: [a2], place: room });
const follower = findingsFollower(service.deps, service.app.log);
t.teardown(() => follower.stop());
await follower.reached((await chain.size()) - 1, 60_000);

const ask = async (who: Actor, payload: object, query = '', accept = 'application/json') => {
  const answer = await service.app.inject({
    method: 'POST',
    url: `/v1/investigations/fire-site${query}`,
    headers: { authorization: who.bearer, accept },
    payload,
  });
  const isJson = `${answer.headers['content-type']}`.includes('json');
  return {
    ...answer,
    bytes: answer.rawPayload,
    told: isJson ? answer.json() : null,
    status: answer.statusCode,
  };
};
const site = { place: tower, at: '2026-02-01T12:00:00+08:00' };
const itemOf = ({ items }: FireSiteAnswer, epc: string) => {
  const found = items.find(({ epcs }) => epcs.includes(epc));
  if (found === undefined) throw new Error(`${epc} is not told`);
  return found;
};

t.test('everything within the place at the moment, claim by claim', async (t) => {
  const { status, told, body: text } = await ask(inCharge, site);
  t.equal(status, 200, text);
  const answer: FireSiteAnswer = told;
  t.match(answer, { place: { id: tower, name: 'Tower' }, places: 3, things: 3, leftOut: [] });
  t.strictSame(
    answer.items.flatMap(({ epcs }) => epcs).sort(),
    [hose, a1, a2].sort(),
    'not what hung elsewhere',
  );
  const bad = itemOf(answer, a1);
  t.strictSame(bad.flags, ['non-conformant', 'past-service-life', 'finding', 'missing-record']);
  t.strictSame(bad.places, [{ id: room, name: 'Room 301' }]);
  const said = (kind: string, item = bad) => item.claims.filter((claim) => claim.kind === kind);
  t.match(said('inspection'), [
    { zh: /检验机构.*结论不合格/, en: /laboratory.*non-conformant/, seqs: [Number] },
  ]);
  t.match(said('certificate'), [
    {
      zh: /CCC-1.*生产日有效，安装日有效，查询日已暂停/,
      en: /valid when made.*suspended on the day/,
      seqs: [Number, Number],
    },
  ]);
  t.match(said('missing'), [{ en: /never received there.*for .* to record/, seqs: [Number] }]);
  t.ok(said('finding').every(({ seqs }) => seqs.length > 0));
  t.match(said('handed-over'), [{ en: /^2025-07-02/ }, { en: /^2025-07-06/ }]);
  t.match(said('due'), [{ en: /6 months ended on 2026-01-01/ }]);
  const serviced = itemOf(answer, a2);
  t.ok(serviced.flags.includes('overdue'));
  t.match(said('service', serviced), [{ en: /maintained by .*maintenance firm.*next due by 2025-12-01/ }]);
  const measured = itemOf(answer, hose);
  t.match(measured, { kind: 'lot', quantity: { quantity: '25', uom: 'MTR' }, places: [{ id: floor }] });
  const numbers = answer.items.flatMap(({ claims }) => claims.map(({ n }) => n));
  t.strictSame(
    numbers,
    [...numbers.keys()].map((i) => i + 1),
    'each claim has its number',
  );
  for (const { kind, seqs, en } of answer.items.flatMap(({ claims }) => claims))
    t.ok(seqs.every((seq) => seq < answer.known) && (seqs.length > 0 || kind === 'missing'), en);
  t.equal(answer.summary.find(({ flag }) => flag === 'past-service-life')?.things, 2);
});

t.test('another moment, and things that were named', async (t) => {
  const later = await ask(inCharge, { ...site, at: '2026-04-01T12:00:00+08:00' });
  t.strictSame(later.told.items.flatMap(({ epcs }: { epcs: string[] }) => epcs).sort(), [hose, a1].sort());
  const named = await ask(inCharge, { epcs: [`(01)${gtin}(21)A4`, unit('NONE')] });
  t.match(named.told, {
    place: null,
    things: 1,
    leftOut: [unit('NONE')],
    items: [{ epcs: [a4], places: [] }],
  });
});

t.test('orders, tests of the lot, what was put in, and what the public scans and reports', async (t) => {
  const epcs = ['C1', 'C2'].map(unit) as Epc[];
  const [one = '', two = ''] = epcs;
  await state({
    ...{ kind: 'issue', by: maker.id, batch: 'C3', gtin, lot: 'L3', kid: '0', serials: 'own', epcs },
  } as Fact);
  const powder = [{ lot: lot('POWDER'), quantity: '4', uom: 'KGM' }];
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...time('2025-07-01'), lot: 'L3', epcs },
    { hop: 'produce', ...time('2025-07-01'), lots: powder },
    { hop: 'ship', ...time('2025-07-02'), epcs, to: user.id, transfer: 'sale' },
  );
  await record(installer, 'installer', { hop: 'install', ...time('2025-07-07'), epcs, place: room });
  await record(firm, 'maintenance-firm', {
    ...{ hop: 'refill', ...time('2025-08-01'), epcs: [one], place: room, outcome: 'conformant' },
    parts: { lots: powder },
  });
  const [tested = 0] = await record(laboratory, 'laboratory', {
    ...{ hop: 'inspect', ...time('2025-08-02'), outcome: 'non-conformant' },
    lots: [{ lot: lot('L3'), quantity: '1', uom: 'H87' }],
  });
  const { facts } = await service.deps.ledger.append([
    {
      fact: {
        ...{ kind: 'order', by: inCharge.id, id: newId(), type: 'recall', scope: { units: [one as Epc] } },
        ...{ reach: null, reason: 'r', ground: 'GB 4351', number: 'R-7', officer: 'o', asOf: 0 },
        acknowledgeBy: '2099-12-01T00:00:00Z',
      } as Fact,
    },
  ]);
  const order = facts[0]?.seq ?? 0;
  const clue = async (thing: string, rule: string) => {
    const id = newId();
    await service.deps.db.sql`
      INSERT INTO clue_cases (id, rule, severity, party, region, gtin, maker, maker_region, opened_at, watch, district)
      VALUES (${id}, ${rule}, 'claim', '', '330106', ${gtin}, ${maker.id}, '330106', 1, false, '')`;
    await service.deps.db.sql`
      INSERT INTO clue_case_links (case_id, kind, value) VALUES (${id}, 'region', '330106')`;
    await service.deps.db.sql`
      INSERT INTO clue_findings (thing, rule, case_id, severity, found_at, first_at, last_at, count, regions, checked_at)
      VALUES (${thing}, ${rule}, ${id}, 'claim', 1, 1, 1, 3, '330106', 1)`;
  };
  await clue(two, 'reported-counterfeit');
  await clue(`01/${gtin}`, 'unregistered-codes');
  await follower.reached((await chain.size()) - 1, 60_000);
  const { told } = await ask(inCharge, { epcs });
  const [first, second] = [itemOf(told, one), itemOf(told, two)];
  const said = ({ claims }: FireSiteAnswer['items'][number], kind: string) =>
    claims.filter((claim) => claim.kind === kind);
  t.match(said(first, 'order'), [
    { zh: /召回（R-7，依据：GB 4351）/, en: /recall by .*in force/, seqs: [order] },
  ]);
  t.ok(first.flags.includes('blocked') && !second.flags.includes('blocked'));
  t.same(said(second, 'order'), []);
  for (const item of [first, second]) {
    t.match(said(item, 'inspection'), [{ zh: /所属批次：.*检验机构.*不合格/, seqs: [tested] }]);
    t.ok(item.flags.includes('non-conformant'));
    const found = said(item, 'finding').map(({ en }) => en);
    t.ok(found.some((en) => en.startsWith('A laboratory found it not in order')));
    t.ok(found.some((en) => en.startsWith('Codes of the product that were never issued')));
    t.equal(
      found.some((en) => /counterfeit.*reports: 3/.test(en)),
      item === second,
    );
  }
  t.match(
    said(first, 'service').map(({ zh }) => zh),
    [/充装/, new RegExp(`装入：4 KGM .*${lot('POWDER')}`)],
  );
});

t.test('orders that ended, and those in force at the moment of the fire', async (t) => {
  const epc = unit('E1') as Epc;
  await state({
    ...{ kind: 'issue', by: maker.id, batch: 'E', gtin, lot: 'L5', kid: '0', serials: 'own', epcs: [epc] },
  } as Fact);
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...time('2025-07-01'), lot: 'L5', epcs: [epc] },
    { hop: 'ship', ...time('2025-07-02'), epcs: [epc], to: user.id, transfer: 'sale' },
  );
  const ordered = async (number: string, scope: object) => {
    const fact = {
      ...{ kind: 'order', by: inCharge.id, id: newId(), type: 'stop-sale', scope },
      ...{ reach: null, reason: 'r', ground: 'g', number, officer: 'o', asOf: 0 },
      acknowledgeBy: '2099-12-01T00:00:00Z',
    } as Fact & { id: string };
    const { facts } = await service.deps.ledger.append([{ fact }]);
    return { id: fact.id, seq: facts[0]?.seq ?? 0 };
  };
  const released = async (order: string) => {
    const { facts } = await service.deps.ledger.append([
      {
        fact: {
          ...{ kind: 'order-release', by: inCharge.id, order, reason: 'r', ground: 'g', number: 'n' },
          officer: 'o',
        } as Fact,
      },
    ]);
    return { seq: facts[0]?.seq ?? 0, at: facts[0]?.at ?? 0 };
  };
  const ended = await ordered('O-1', { units: [epc] });
  // It never was with whom this names while that was in force, and came there later.
  const elsewhere = await ordered('O-2', { held: distributor.id });
  const first = await released(ended.id);
  await released(elsewhere.id);
  await record(user, 'using-unit', { hop: 'receive', ...time('2025-07-03'), epcs: [epc], from: maker.id });
  await record(user, 'using-unit', {
    ...{ hop: 'ship', ...time('2025-07-04'), epcs: [epc], to: distributor.id, transfer: 'sale' },
  });
  await record(distributor, 'distributor', {
    ...{ hop: 'receive', ...time('2025-07-05'), epcs: [epc], from: user.id },
  });
  const standing = await ordered('O-3', { held: distributor.id });
  const said = async (at?: number) => {
    const { told } = await ask(inCharge, {
      ...{ epcs: [epc] },
      ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    });
    const { claims, flags } = itemOf(told, epc);
    return {
      orders: claims.filter(({ kind }) => kind.startsWith('order')),
      blocked: flags.includes('blocked'),
    };
  };
  const now = await said();
  t.match(now, {
    orders: [
      {
        ...{ kind: 'order-not-in-force', seqs: [ended.seq, first.seq] },
        ...{ zh: /停止销售（O-1.*），已结束：于\d{4}-\d\d-\d\d解除。/, en: /\(O-1.*\), ended: released on/ },
      },
      { kind: 'order', zh: /O-3.*仍有效/, en: /O-3.*, in force\.$/, seqs: [standing.seq] },
    ],
    blocked: true,
  });
  t.equal(now.orders.length, 2, 'an order that it came under only after its release never concerned it');
  t.match(await said(first.at - 1), {
    orders: [
      { kind: 'order', en: /O-1.*in force at the moment asked about, since then released on/ },
      { kind: 'order-not-in-force', zh: /O-3.*在查询时刻之后作出，仍有效/ },
    ],
    blocked: true,
  });
  t.match((await said(Date.parse('2025-08-01T00:00:00Z'))).blocked, false);
});

t.test(
  'uncertified is what no certificate on record covered when it was made, and nothing else',
  async (t) => {
    const flagsOf = async (epc: string) => itemOf((await ask(inCharge, { epcs: [epc] })).told, epc).flags;
    const [late, unknown] = [unit('F1'), unit('F2')];
    await record(maker, 'manufacturer', { hop: 'produce', ...time('2025-10-01'), epcs: [late] });
    await record(maker, 'manufacturer', {
      ...{ hop: 'ship', ...time('2025-10-02'), epcs: [unknown], to: user.id, transfer: 'sale' },
    });
    t.ok((await flagsOf(late)).includes('uncertified'), 'the only one was suspended when it was made');
    const flags = await flagsOf(unknown);
    t.ok(flags.includes('not-produced'));
    t.notOk(flags.includes('uncertified'), 'nobody recorded when it was made');
  },
);

t.test(
  'what a stranger says to have taken away is still told, and what it says to have put there too',
  async (t) => {
    const passer = await chain.actor(['using-unit']);
    await record(
      passer,
      'using-unit',
      { hop: 'remove', ...time('2025-08-10'), epcs: [a1], place: room },
      {
        hop: 'remove',
        ...time('2025-08-10'),
        lots: [{ lot: hose, quantity: '30', uom: 'MTR' }],
        place: floor,
      },
      { hop: 'install', ...time('2025-08-11'), epcs: [a2], place: other },
      { hop: 'install', ...time('2025-08-11'), epcs: [a3], place: room },
    );
    const { told } = await ask(inCharge, site);
    t.match(itemOf(told, a1).places, [{ id: room }]);
    t.match(itemOf(told, a2).places, [{ id: room }]);
    t.match(itemOf(told, a3).places, [{ id: room }]);
    t.match(itemOf(told, hose).quantity, { quantity: '25' });
    t.match(itemOf((await ask(inCharge, { ...site, place: other })).told, a3).places, [{ id: other }]);
  },
);

t.test('as a report for people', async (t) => {
  for (const [lang, words] of [
    ['zh-CN', ['火灾延伸调查', '需要注意', '超过使用年限', '查询日已暂停']],
    ['en', ['Whattolookat', 'Pastitsservicelife', 'Room301']],
  ] as const) {
    const { status, headers, bytes } = await ask(inCharge, site, `?lang=${lang}`, 'application/pdf');
    t.match(
      { status, headers },
      { status: 200, headers: { 'content-language': lang, 'content-type': 'application/pdf' } },
    );
    const sheet = readPdf(bytes);
    const written = sheet.pages
      .flatMap((_, page) => textsOf(sheet, page).map(({ text }) => text))
      .join('')
      .replaceAll(/\s/g, '');
    for (const word of words) t.ok(written.includes(word), word);
  }
});

t.test('whoever records much about a thing does not bury in the report what others say', async (t) => {
  const inspections = Array.from({ length: 25 }, (_, i) => ({
    hop: 'inspect',
    ...time('2025-08-01'),
    ref: `inspection ${i}`,
    epcs: [a4],
    outcome: 'conformant',
  }));
  await record(laboratory, 'laboratory', ...inspections);
  const { told } = await ask(inCharge, { epcs: [a4] });
  const said = itemOf(told, a4).claims.filter(({ kind }) => kind === 'inspection');
  t.equal(said.length, 25, 'the JSON has all');
  const { bytes } = await ask(inCharge, { epcs: [a4] }, '?lang=en', 'application/pdf');
  const sheet = readPdf(bytes);
  const written = sheet.pages
    .flatMap((_, page) => textsOf(sheet, page).map(({ text }) => text))
    .join('')
    .replaceAll(/\s/g, '');
  t.equal(written.split('inspected').length - 1, 20);
  t.match(written, /5moreclaims:seetheJSON,andthewholehistoryat\/v1\/units/);
});

t.test('of a thing of which very much is told, the weightiest of it', async (t) => {
  const epc = unit('BURIED') as Epc;
  const issue = {
    kind: 'issue',
    by: maker.id,
    batch: 'C',
    gtin,
    lot: 'L2',
    kid: '0',
    serials: 'own',
  } as const;
  await state({ ...issue, epcs: [epc] });
  const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
  const [made = 0, sold = 0] = await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...time('2025-07-01'), lot: 'L2', epcs: [epc] },
    { hop: 'ship', ...time('2025-07-02'), epcs: [epc], to: user.id, transfer: 'sale' },
  );
  const [received = 0] = await record(user, 'using-unit', {
    ...{ hop: 'receive', ...time('2025-07-03'), epcs: [epc], from: maker.id },
  });
  const [installed = 0] = await record(installer, 'installer', {
    ...{ hop: 'install', ...time('2025-07-04'), epcs: [epc], place: room },
  });
  const [serviced = 0] = await record(firm, 'maintenance-firm', {
    ...{ hop: 'maintain', ...time('2025-07-05'), epcs: [epc], outcome: 'conformant', nextDue: '2027-12-01' },
  });
  const [inspected = 0] = await record(laboratory, 'laboratory', {
    ...{ hop: 'inspect', ...time('2025-07-06'), epcs: [epc], outcome: 'conformant' },
  });
  const [twice = 0] = await record(maker, 'manufacturer', {
    ...{ hop: 'ship', ...time('2025-07-31'), epcs: [epc], to: distributor.id, transfer: 'sale' },
  });
  // Its user and its maker say very much of it, and somebody claims what it likes.
  await record(
    user,
    'using-unit',
    ...times(300, () => ({ hop: 'inspect', ...time('2025-08-01'), epcs: [epc], outcome: 'conformant' })),
  );
  await record(
    maker,
    'manufacturer',
    ...times(300, () => ({ hop: 'hold', ...time('2025-08-02'), epcs: [epc] })),
  );
  await record(
    distributor,
    'distributor',
    ...times(300, (i) => ({ hop: i % 2 === 0 ? 'scrap' : 'hold', ...time('2025-08-03'), epcs: [epc] })),
  );
  await follower.reached((await chain.size()) - 1, 60_000);

  const { told } = await ask(inCharge, { epcs: [epc] });
  const { claims, claimsInAll, history, flags } = itemOf(told, epc);
  const entries = new Set(claims.flatMap(({ seqs }) => seqs));
  t.ok(claims.length < 450, `${claims.length} claims`);
  t.ok(claimsInAll > 900, `of ${claimsInAll}`);
  t.ok(claims.every(({ seqs }) => seqs.length <= 200));
  t.strictSame(
    [made, sold, received, installed, serviced, inspected].filter((seq) => !entries.has(seq)),
    [],
    'what others say is not buried',
  );
  const found = claims.filter(({ kind, seqs }) => kind === 'finding' && seqs.includes(twice));
  t.match(found, [{ en: /sold the same thing twice/ }], 'nor is the finding that weighs most');
  t.ok(flags.includes('finding') && flags.includes('blocked'));
  const paged = await service.app.inject({ url: history, headers: { authorization: inCharge.bearer } });
  t.equal(paged.statusCode, 200, paged.body);
});

t.test('what cannot be told is refused', async (t) => {
  const codes = await Promise.all(
    [
      ask(inCharge, {}),
      ask(inCharge, { place: ownPlace(newId()) }),
      ask(inCharge, { place: 'nonsense' }),
      ask(inCharge, { epcs: ['00/000000000000000000'] }),
      ask(inCharge, { place: tower, at: 'yesterday' }),
      ask(elsewhere, site),
      ask(maker, site),
      ask(inCharge, site, '', 'image/png'),
    ].map(async (answer) => (await answer).told.code),
  );
  t.strictSame(codes, [
    'invalid-request',
    'unknown-place',
    'invalid-identifier',
    'invalid-identifier',
    'invalid-time',
    'not-found',
    'forbidden',
    'not-acceptable',
  ]);
});
