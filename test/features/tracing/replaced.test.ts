/** What took the place of what: told of both, followed from neither, and no way for goods to have come. */
import t from 'tap';
import { testService } from '../../support/service.ts';
import { type Actor, act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, user, firm } = chain;
const inCharge = await chain.officer(['330000']);
const at = (day: number) => act(`2025-07-0${day}T09:00:00+08:00`);
const [old, fresh] = [unit('A1'), unit('B1')];

const record = async (who: Actor, as: string, ...hops: object[]): Promise<number[]> => {
  const { status, text, body } = await chain.post(
    who,
    hops.map((hop) => ({ as, ...hop })),
  );
  if (status >= 300) throw new Error(text);
  return body.facts.map(({ seq }: { seq: number }) => seq);
};
const { place } = maker;
await record(
  maker,
  'manufacturer',
  { hop: 'produce', ...at(1), place, epcs: [old] },
  { hop: 'produce', ...at(1), place, epcs: [fresh] },
  { hop: 'ship', ...at(2), place, epcs: [old], to: user.id, toPlace: user.place, transfer: 'sale' },
  { hop: 'ship', ...at(2), place, epcs: [fresh], to: firm.id, toPlace: firm.place, transfer: 'sale' },
);
await record(user, 'using-unit', { hop: 'install', ...at(3), place: user.place, epcs: [old] });
const [gone = -1, come = -1] = await record(firm, 'maintenance-firm', {
  ...{ hop: 'replace', ...at(4), place: user.place },
  ...{ removed: { epcs: [old] }, installed: { epcs: [fresh] } },
});

const get = async (who: Actor, epc: string, more = '') => {
  const { body, statusCode } = await service.app.inject({
    url: `/v1/trace?epc=${epc}${more}`,
    headers: { authorization: who.bearer },
  });
  t.equal(statusCode, 200);
  return body;
};
const traced = async (who: Actor, epc: string, more = '') => JSON.parse(await get(who, epc, more));
const replaced = { kind: 'replaced', seq: come, from: old, to: fresh };

t.test('told of what was taken out and of what was put in, and of neither more than that', async (t) => {
  for (const [epc, other] of [
    [old, fresh],
    [fresh, old],
  ] as const) {
    const { links, nodes, hops, gaps } = await traced(inCharge, epc);
    t.strictSame(links, [replaced]);
    t.ok(nodes.some(({ id }: { id: string }) => id === other));
    t.notOk(
      [...hops, ...gaps].some(({ thing }) => thing === other),
      'the other is named and not followed',
    );
  }
  t.equal((await traced(inCharge, old)).hops.at(-1).seq, gone);
  t.strictSame((await traced(inCharge, old, '&direction=up&at=2025-07-03T12:00:00Z')).links, []);
  t.strictSame((await traced(inCharge, fresh, `&known=${come}`).catch(() => ({ links: [] }))).links, []);
});

t.test('as a table, a graph and a drawing', async (t) => {
  t.match(await get(inCharge, old, '&format=csv'), new RegExp(`^${come},.*,link,replaced,`, 'm'));
  t.match(
    await get(inCharge, old, '&format=graphml'),
    `source="${old}" target="${fresh}"><data key="e-kind">replaced</data>`,
  );
  const zh = await get(inCharge, fresh, '&format=svg&lang=zh-CN');
  t.match(zh, /class="replaced"[\s\S]*被更换为[\s\S]*更换：仅占其位，并非由其制成/);
  t.match(await get(inCharge, fresh, '&format=svg&lang=en'), /replaced by[\s\S]*was not made of it/);
});

t.test('who had to do with one of them alone is told nothing of the other', async (t) => {
  const another = await chain.actor(['distributor']);
  const [ours, theirs] = [unit('C1'), unit('C2')];
  await record(maker, 'manufacturer', { hop: 'produce', ...at(1), place, epcs: [ours, theirs] });
  await record(maker, 'manufacturer', {
    ...{ hop: 'ship', ...at(2), place, epcs: [ours], to: another.id, toPlace: another.place },
    transfer: 'sale',
  });
  await record(another, 'distributor', {
    hop: 'receive',
    ...at(3),
    place: another.place,
    epcs: [ours],
    from: maker.id,
  });
  await record(firm, 'maintenance-firm', {
    ...{ hop: 'replace', ...at(4), place: user.place },
    ...{ removed: { epcs: [ours] }, installed: { epcs: [theirs] } },
  });
  const seen = JSON.stringify(await traced(another, ours));
  t.notMatch(seen, theirs);
  t.match(JSON.stringify(await traced(inCharge, ours)), theirs, 'the regulator in charge is');
});

t.test('taken back, it is told no longer', async (t) => {
  const { body } = await service.app.inject({
    url: `/v1/events/${come}`,
    headers: { authorization: firm.bearer },
  });
  await record(firm, 'maintenance-firm', {
    ...{ hop: 'void', ...at(5), event: JSON.parse(body).fact.eventID, reason: '录入错误' },
  });
  t.strictSame((await traced(inCharge, old)).links, []);
  t.strictSame((await traced(inCharge, fresh)).links, []);
});
