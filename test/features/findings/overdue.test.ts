/** What nobody follows up is found when its time runs out, and numbers that nobody issued, when somebody tells of them. */
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { findingsFollower } from '../../../src/features/findings/follower.ts';
import { testGtin } from '../../support/actors.ts';
import { findingsAnew, findingsIn } from '../../support/findings.ts';
import { receive, ship } from '../../support/movements.ts';
import { testService } from '../../support/service.ts';
import {
  type Actor,
  act,
  container,
  gtin,
  otherGtin,
  supplyChain,
  unit,
} from '../../support/supply-chain.ts';

const day = 86_400_000;
let clock = Date.parse('2025-08-01T00:00:00Z');
const service = await testService(t, { service: { now: () => clock } });
const chain = await supplyChain(service);
const { maker, distributor, seller, stranger, regulator } = chain;
const { ledger, genesis } = service.deps;
const follower = findingsFollower(service.deps, service.app.log);
const now = () => act(new Date(clock).toISOString());

const coded = ['C0', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6'].map((serial) => unit(serial) as Epc);
const [C0, C1, C2, C3, C4, C5, C6] = coded as [Epc, Epc, Epc, Epc, Epc, Epc, Epc];
await ledger.append([
  {
    fact: {
      ...{ kind: 'issue', by: maker.id, batch: 'B', gtin, lot: 'B', kid: '0000001' },
      ...{ serials: 'own', epcs: coded },
    },
  },
]);

/** Records hops now; answers their entries. */
async function post(who: Actor, ...hops: readonly object[]): Promise<number[]> {
  const { status, text, body } = await chain.post(
    who,
    hops.map((hop) => ({ ...hop, ...now() })),
  );
  if (status !== 201) throw new Error(text);
  return body.facts.map(({ seq }: { seq: number }) => seq);
}
/** Lets days pass, and somebody record something about something else. */
async function pass(days: number): Promise<number> {
  clock += days * day;
  const [seq = 0] = await post(stranger, {
    hop: 'inspect',
    epcs: ['01/06923450657232/21/ELSE'],
    outcome: 'conformant',
  });
  return seq;
}
/** What was found of a thing: rule, entries, by which opened and closed. */
async function foundOf(epc: string): Promise<unknown[][]> {
  await follower.reached((await chain.size()) - 1, 20_000);
  const rows = await service.owner.sql<Record<string, unknown>[]>`
    SELECT f.rule, f.one, f.other, f.opened, c.closed FROM findings f JOIN epcs USING (unit)
    LEFT JOIN finding_closings c USING (unit, rule, opened, one, other)
    WHERE epc = ${epc} ORDER BY f.opened, f.rule`;
  return rows.map(({ rule, one, other, opened, closed }) => [rule, one, other, opened, closed]);
}

t.test('a unit that is shipped and never made', async (t) => {
  const [sent = 0] = await post(maker, ship(maker, distributor, [C1], 0));
  await post(maker, { hop: 'produce', epcs: [C2] }, ship(maker, distributor, [C2], 0));
  await post(stranger, { hop: 'inspect', epcs: [unit('NONE')], outcome: 'conformant' });
  await pass(3);
  t.strictSame(await foundOf(C1), [], 'its record may come late');
  const told = await pass(0.1);
  t.strictSame(await foundOf(C1), [['never-produced', sent, sent, told, null]]);
  await pass(1);
  const [made = 0] = await post(maker, { hop: 'produce', epcs: [C1] });
  t.strictSame(
    (await foundOf(C1)).find(([rule]) => rule === 'never-produced')?.at(-1),
    made,
    'explained late',
  );
  t.strictSame(await foundOf(C2), []);
});

t.test('a shipment that never arrives', async (t) => {
  const box = container(51);
  await post(maker, { hop: 'produce', epcs: [C3, C4, C5] });
  await post(maker, { hop: 'pack', epcs: [C4], container: box });
  const [sent = 0, boxed = 0] = await post(
    maker,
    ship(maker, distributor, [C3], 0),
    ship(maker, distributor, [box], 0),
  );
  await post(maker, ship(maker, distributor, [C5], 0));
  await post(distributor, receive(maker, [C5], 0));
  await pass(30);
  t.strictSame(await foundOf(C3), []);
  const told = await pass(0.5);
  t.strictSame(await foundOf(C3), [['never-arrived', sent, sent, told, null]]);
  t.strictSame(await foundOf(box), [['never-arrived', boxed, boxed, told, null]]);
  t.strictSame(await foundOf(C4), [], 'it is the finding of what it is in');
  t.strictSame(await foundOf(C5), []);
  const [came = 0] = await post(distributor, receive(maker, [C3], 0));
  t.strictSame(await foundOf(C3), [
    ['never-arrived', sent, sent, told, came],
    ['slow-transit', sent, came, came, null],
  ]);
});

t.test('how long a transport takes is the policy’s to say, from then on', async (t) => {
  const [, sent = 0] = await post(maker, { hop: 'produce', epcs: [C6] }, ship(maker, distributor, [C6], 0));
  await pass(12);
  t.strictSame(await foundOf(C6), []);
  const policy = async (days: number): Promise<number> => {
    const body = { 'transit-days-max': days };
    const { facts } = await ledger.append([
      { fact: { kind: 'policy', by: genesis.operator, name: 'rules', body } },
    ]);
    return facts[0]?.seq ?? 0;
  };
  const shorter = await policy(10);
  t.strictSame(await foundOf(C6), [['never-arrived', sent, sent, shorter, null]]);
  await policy(60);
  await pass(1);
  await policy(10);
  await pass(1);
});

t.test('how long others may take to record their part is the policy’s to say, from then on', async (t) => {
  const policy = (body: Readonly<Record<string, number>>) =>
    ledger.append([{ fact: { kind: 'policy', by: genesis.operator, name: 'rules', body } }]);
  await policy({ 'grace-days': 10 });
  const [, receipt = 0] = [
    ...(await post(maker, { hop: 'produce', epcs: [C0], place: maker.place })),
    ...(await post(seller, receive(distributor, [C0], 0))),
  ];
  await pass(9);
  await post(maker, { hop: 'release', epcs: [C0], outcome: 'conformant' });
  t.same(await foundOf(C0), [], 'nine days are not too many');
  const late = await pass(2);
  t.strictSame(await foundOf(C0), [['receipt-without-shipment', receipt - 1, receipt, late, null]]);
  await policy({});
});

t.test('numbers of a registered product that nobody issued', async (t) => {
  const [seen, sold, made, stock] = ['X1', 'X2', 'X3', 'X4'].map(unit) as [string, string, string, string];
  const [failed = 0] = await post(regulator, {
    ...{ hop: 'inspect', epcs: [seen], outcome: 'non-conformant', sampling: 'sample', from: seller.id },
    place: seller.place,
  });
  t.strictSame(
    (await foundOf(seen)).filter(([rule]) => rule === 'unregistered'),
    [['unregistered', failed, failed, failed, null]],
  );
  const unknown = `01/${otherGtin}/21/X1`;
  const [seized = 0] = await post(regulator, {
    ...{ hop: 'seize', epcs: [unknown], from: seller.id, place: seller.place },
  });
  t.strictSame(
    (await foundOf(unknown)).filter(([rule]) => rule === 'unregistered'),
    [['unregistered', seized, seized, seized, null]],
    'of a product that nobody registered',
  );
  const [sale = 0] = await post(seller, { hop: 'sell', epcs: [sold] });
  t.strictSame(await foundOf(sold), [['unregistered', sale, sale, sale, null]]);
  const [beyond = 0] = await post(maker, { hop: 'produce', epcs: [made] });
  await post(maker, ship(maker, distributor, [made], 0));
  t.strictSame(await foundOf(made), [['production-beyond-codes', beyond, beyond, beyond, null]]);
  await post(seller, { hop: 'adopt', epcs: [stock], origin: '2019' });
  t.strictSame(await foundOf(stock), [], 'declared as old stock');
  const office = await chain.officer(['330000']);
  const read = async (who: Actor) => {
    const url = '/v1/cases?rule=unregistered';
    return (await service.app.inject({ url, headers: { authorization: who.bearer } })).json().items;
  };
  t.equal((await read(office)).length, 4, 'a case for each who told of such, and for each product');
  t.ok((await read(maker)).length > 0, 'its maker is told');
});

t.test('goods of products that nobody registered are found once a product and party', async (t) => {
  const foreign = testGtin(7_700_001);
  const of = (serial: string) => `01/${foreign}/21/${serial}`;
  const standing = async () => {
    await follower.reached((await chain.size()) - 1, 20_000);
    const rows = await service.owner.sql<{ epc: string; party: string; one: number }[]>`
        SELECT e.epc, c.party, f.one FROM findings f JOIN epcs e USING (unit) JOIN cases c ON c.id = f.case_id
        WHERE f.rule = 'unregistered-product' AND c.gtin = ${foreign} AND NOT EXISTS (
          SELECT FROM finding_closings x WHERE (x.unit, x.rule, x.opened) = (f.unit, f.rule, f.opened))
        ORDER BY f.opened`;
    return rows.map(({ epc, party, one }) => [epc, party, one]);
  };
  const [first = 0] = await post(seller, {
    hop: 'inspect',
    epcs: [of('Q1'), of('Q2')],
    outcome: 'conformant',
  });
  await post(seller, { hop: 'inspect', epcs: [of('Q1'), of('Q3')], outcome: 'conformant' });
  const [other = 0] = await post(stranger, { hop: 'inspect', epcs: [of('Q2')], outcome: 'conformant' });
  t.strictSame(await standing(), [
    [of('Q1'), seller.id, first],
    [of('Q2'), stranger.id, other],
  ]);
  const [id] = await service.owner.sql`SELECT severity FROM cases WHERE gtin = ${foreign} LIMIT 1`;
  t.match(id, { severity: 'quality' });
  const many = Array.from({ length: 150 }, (_, i) => `01/${testGtin(7_710_000 + i)}/21/Q`);
  for (const epc of many.slice(0, 5))
    await post(seller, { hop: 'inspect', epcs: [epc], outcome: 'conformant' });
  await post(seller, { hop: 'inspect', epcs: many, outcome: 'conformant' });
  await standing();
  const [count] = await service.owner.sql<{ n: number }[]>`
    SELECT count(*)::int AS n FROM findings f JOIN cases c ON c.id = f.case_id
    WHERE f.rule = 'unregistered-product' AND c.party = ${seller.id}`;
  t.equal(count?.n, 100, 'no more than a hundred products of a party');
  await ledger.append([
    {
      fact: {
        ...{
          kind: 'gtin',
          by: genesis.operator,
          gtin: foreign,
          party: maker.id,
          evidence: 'e',
          vettedBy: 'v',
        },
        vettedAt: '2024-01-01',
      },
    },
  ]);
  t.strictSame(await standing(), [], 'until somebody is vetted to own the product');
});

t.test('goods past the day until which they are best used', async (t) => {
  const [stale, fresh] = ['C7', 'C8'].map(unit) as [Epc, Epc];
  await ledger.append([
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'D', gtin, lot: 'D', kid: '0000001' },
        ...{ serials: 'own', epcs: [stale, fresh] },
      },
    },
  ]);
  const dateIn = (days: number) => new Date(clock + days * day).toISOString().slice(0, 10);
  const powder = (quantity: string) => [{ lot: `01/${gtin}/10/DRY`, quantity, uom: 'KGM' }];
  const [made = 0, , mixed = 0] = await post(
    maker,
    { hop: 'produce', epcs: [stale], bestBefore: dateIn(1) },
    { hop: 'produce', epcs: [fresh], bestBefore: dateIn(30) },
    { hop: 'produce', lots: powder('20'), bestBefore: dateIn(1) },
  );
  clock += 3 * day;
  const [sold = 0, poured = 0] = await post(
    maker,
    { hop: 'sell', epcs: [stale, fresh] },
    { hop: 'sell', lots: powder('5') },
  );
  t.strictSame(await foundOf(stale), [['past-best-before', made, sold, sold, null]]);
  t.strictSame(await foundOf(fresh), []);
  t.strictSame(await foundOf(`01/${gtin}/10/DRY`), [['past-best-before', mixed, poured, poured, null]]);
});

t.test('goods of a category that needs a certificate, and that nobody certified', async (t) => {
  const other = (serial: string) => `01/${otherGtin}/21/${serial}` as Epc;
  const [before, made, old, later, idle] = ['N1', 'N2', 'N3', 'N4', 'N5'].map(other) as [
    ...[Epc, Epc, Epc, Epc, Epc],
  ];
  const by = genesis.operator;
  await ledger.append([
    {
      fact: {
        ...{ kind: 'gtin', by, gtin: otherGtin, party: maker.id },
        ...{ evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' },
      },
    },
    {
      fact: {
        ...{ kind: 'product', by: maker.id, gtin: otherGtin, party: maker.id, local: false, name: 'P' },
        ...{ model: 'M', category: 'fire-doors', uom: 'H87' },
      },
    },
    {
      fact: {
        ...{ kind: 'issue', by: maker.id, batch: 'N', gtin: otherGtin, lot: 'N', kid: '0000001' },
        ...{ serials: 'own', epcs: [before, made, old, later, idle] },
      },
    },
  ]);
  const publish = async (payload: object) => {
    const answer = await service.app.inject({
      ...{ method: 'PUT', url: '/v1/policies/certification', payload },
      headers: { authorization: service.bearer(['operator']) },
    });
    return answer.statusCode;
  };
  const certify = async (number: string, validFrom: string) => {
    const certificate = {
      ...{ kind: 'certificate' as const, by, id: number, number, issuer: by, holder: maker.id },
      ...{ status: 'issued' as const, since: validFrom, scheme: 'CCC', gtins: [otherGtin], models: [] },
      ...{ factories: [], validFrom, validUntil: '2030-01-01' },
    };
    return (await ledger.append([{ fact: certificate }])).facts[0]?.seq ?? 0;
  };
  const produce = { hop: 'produce', place: maker.place };
  await post(maker, { ...produce, epcs: [before] });
  t.strictSame(await foundOf(before), [], 'where no list says so nothing is asked');
  t.equal(await publish({ 'fire-doors': { from: 'soon' } }), 400);
  t.equal(await publish({ 'fire-doors': { from: '2025-06-01', by: 'CCC' } }), 200);
  const [seq = 0] = await post(maker, { ...produce, epcs: [made, idle] });
  t.strictSame(await foundOf(made), [['certificate-not-valid-at-production', seq, seq, seq, null]]);
  await chain.post(maker, [{ ...produce, ...act('2025-05-31T10:00:00+08:00'), epcs: [old] }]);
  t.strictSame(await foundOf(old), [], 'made before it was asked for');
  const [row] = await service.owner.sql<{ id: string }[]>`
    SELECT case_id AS id FROM findings WHERE rule = 'certificate-not-valid-at-production' AND opened = ${seq}`;
  const decided = await service.app.inject({
    ...{ method: 'POST', url: `/v1/cases/${row?.id}/decisions` },
    payload: { outcome: 'confirmed', cause: 'unlicensed', reason: 'r', officer: 'o' },
    headers: { authorization: (await chain.officer(['330000'])).bearer, 'idempotency-key': 'unlicensed' },
  });
  t.equal(decided.statusCode, 201, decided.body);
  const late = await certify('N1', '2026-01-01');
  t.strictSame(
    await foundOf(idle),
    [
      ['certificate-not-valid-at-production', seq, seq, seq, late],
      ['certificate-not-valid-at-production', late, seq, late, null],
    ],
    'a certificate is compared with what is found already; this one began later',
  );
  const covers = await certify('N2', '2025-01-01');
  t.strictSame(
    (await foundOf(idle)).at(-1)?.at(-1),
    covers,
    'one that is recorded late explains what nobody tells of any more',
  );
  const [after = 0] = await post(maker, { ...produce, epcs: [later] }, ship(maker, distributor, [made], 0));
  t.ok(after);
  t.strictSame(await foundOf(later), []);
  t.ok(
    (await foundOf(made)).every(
      ([rule, , , , closed]) => rule !== 'certificate-not-valid-at-production' || closed,
    ),
  );
});

t.test('the first certificate of a product says nothing of what was made before it began', async (t) => {
  const by = genesis.operator;
  const epcs = [unit('V1'), unit('V2')] as [Epc, Epc];
  await ledger.append([
    {
      fact: { kind: 'issue', by: maker.id, batch: 'V', gtin, lot: 'V', kid: '0000001', serials: 'own', epcs },
    },
  ]);
  const [before, after] = epcs;
  await post(maker, { hop: 'produce', place: maker.place, epcs: [before] });
  const validFrom = new Date(clock + day).toISOString().slice(0, 10);
  const certificate = {
    ...{ kind: 'certificate' as const, by, id: 'V1', number: 'V1', issuer: by, holder: maker.id },
    ...{ since: validFrom, scheme: 'CQC', gtins: [gtin], models: [], factories: [] },
    ...{ validFrom, validUntil: '2030-01-01' },
  };
  await ledger.append([{ fact: { ...certificate, status: 'issued' } }]);
  await post(maker, ship(maker, distributor, [before], 0));
  t.strictSame(await foundOf(before), []);
  await ledger.append([{ fact: { ...certificate, status: 'withdrawn' } }]);
  clock += 3 * day;
  const [made = 0] = await post(maker, { hop: 'produce', place: maker.place, epcs: [after] });
  const [found] = await foundOf(after);
  t.match(found, ['certificate-not-valid-at-production', made], 'but of what is made since');
  t.strictSame(await foundOf(before), []);
});

t.test('all of it follows from the log alone, however it is cut into steps', async (t) => {
  const size = await chain.size();
  await follower.reached(size - 1, 60_000);
  const live = await findingsIn(service.db);
  for (const chunk of [1, 7, 1000])
    t.strictSame(await findingsAnew(service.owner, size, chunk), live, `in steps of ${chunk}`);
});
