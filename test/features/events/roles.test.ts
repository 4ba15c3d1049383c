import t from 'tap';
import { hopTypes, roles } from '../../../src/core/events/hop.ts';
import { mayRecord } from '../../../src/core/events/hop-rules.ts';
import { apiHops } from '../../support/api-hops.ts';
import { testService } from '../../support/service.ts';
import { act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);

t.test('every role × every hop, as the table says', async (t) => {
  const events = await chain.post(chain.maker, [
    { hop: 'produce', ...act(), epcs: [unit('R')] },
    {
      hop: 'ship',
      ...act(),
      epcs: [unit('R')],
      place: chain.maker.place,
      to: chain.seller.id,
      transfer: 'sale',
    },
    { hop: 'hold', ...act(), epcs: [unit('R')] },
  ]);
  const [own, shipment, hold] = events.body.facts.map((fact: { id: string }) => fact.id);
  const found: string[] = [];
  const wanted: string[] = [];
  for (const role of roles) {
    const actor = await chain.actor([role]);
    const hops = apiHops(chain, { serial: `R-${role.slice(0, 8)}`, shipment, hold, own });
    for (const hop of hopTypes) {
      const size = await chain.size();
      const { status, body } = await chain.post(actor, [hops[hop]]);
      const barred =
        body.code === 'hop-not-allowed' ||
        (body.errors ?? []).some((it: { code: string }) => it.code === 'hop-not-allowed');
      found.push(`${role} ${hop} ${barred ? 'never' : 'may'}`);
      wanted.push(`${role} ${hop} ${mayRecord(role, hop) ? 'may' : 'never'}`);
      if (status !== 201 && (await chain.size()) !== size) t.fail(`${role} ${hop} left something in the log`);
    }
  }
  t.strictSame(found, wanted);
});

t.test('of several roles the first that may', async (t) => {
  const both = await chain.actor(['maintenance-firm', 'seller']);
  const asRecorded = async (hop: object) => {
    const { body } = await chain.post(both, [hop]);
    const url = `/v1/events/${body.facts[0].seq}`;
    const read = await service.app.inject({ url, headers: { authorization: both.bearer } });
    return read.json().fact['suyuan:as'];
  };
  const sale = { hop: 'sell', ...act(), epcs: [unit('S1')] };
  t.equal(await asRecorded(sale), 'seller', 'seller stands before maintenance-firm in the list of roles');
  t.equal(await asRecorded({ ...sale, ...act(), as: 'maintenance-firm' }), 'maintenance-firm');
  t.equal(
    await asRecorded({ hop: 'refill', ...act(), epcs: [unit('S1')], outcome: 'conformant' }),
    'maintenance-firm',
  );
});

t.test('a delegate makes things for the owner of the GTIN, as far as the delegation goes', async (t) => {
  const agent = await chain.actor(['manufacturer']);
  const { maker } = chain;
  const id = 'DEEGATED00000000';
  const delegation = {
    kind: 'delegation' as const,
    by: maker.id,
    id,
    from: maker.id,
    to: agent.id,
    gtins: [],
    places: [agent.place],
    acts: ['produce'],
    validFrom: '2025-01-01',
    validUntil: '2025-12-31',
    revoked: false,
  };
  const produce = (serial: string, more: object = {}) => ({
    hop: 'produce',
    ...act(),
    epcs: [unit(serial)],
    place: agent.place,
    ...more,
  });
  const codes = async (hop: object) => {
    const { status, body } = await chain.post(agent, [hop]);
    return status === 201 ? 'recorded' : body.code;
  };
  t.equal(await codes(produce('G0')), 'gtin-not-owned', 'before it is given');
  await service.deps.ledger.append([{ fact: delegation }]);
  t.equal(await codes(produce('G1')), 'recorded');
  t.equal(await codes(produce('G2', { delegation: id })), 'recorded');
  t.equal(await codes(produce('G3', { place: maker.place })), 'gtin-not-owned', 'elsewhere');
  t.equal(await codes(produce('G4', act('2026-01-01T00:00:00+08:00'))), 'gtin-not-owned', 'too late');
  t.equal(await codes(produce('G7', act('2025-12-31T23:59:59.999+08:00'))), 'recorded', 'the last moment');
  t.equal(await codes(produce('G8', act('2024-12-31T23:59:59.999+08:00'))), 'gtin-not-owned', 'too early');
  t.equal(await codes(produce('G9', act('2025-01-01T00:00:00+08:00'))), 'recorded', 'the first moment');
  t.equal(
    await codes({
      hop: 'relabel',
      ...act(),
      pairs: [{ old: unit('G1'), new: unit('G5') }],
      place: agent.place,
    }),
    'gtin-not-owned',
    'another act',
  );
  await service.deps.ledger.append([{ fact: { ...delegation, revoked: true } }]);
  t.equal(await codes(produce('G6')), 'gtin-not-owned', 'after it was revoked, at once');
});
