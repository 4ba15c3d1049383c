import t from 'tap';
import type { PartyId } from '../../../src/core/events/hop.ts';
import { unitNumbers } from '../../../src/features/events/chains.ts';
import { type Below, drawControls } from '../../../src/features/investigations/controls.ts';
import type { NetworkAnswer } from '../../../src/features/investigations/network/schemas.ts';
import type { CommonSourceAnswer } from '../../../src/features/investigations/schemas.ts';
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

const serials = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => unit(`S${first + i}`));

t.test('the common source of bad units over HTTP', async (t) => {
  const service = await testService(t);
  const chain = await supplyChain(service);
  const { maker, stranger, distributor } = chain;
  const other = await chain.actor(['distributor']);
  const office = await chain.officer(['330000']);
  const elsewhere = await chain.officer(['440000']);

  await service.deps.ledger.append([
    {
      fact: {
        ...{ kind: 'party', by: service.deps.genesis.operator, id: distributor.id, stub: false },
        ...{
          name: '东城消防经营部',
          nameEn: 'East Town Fire Supplies',
          roles: distributor.roles,
          region: '330106',
        },
      },
    },
  ]);

  // Twelve units of one lot: six in a carton to either distributor, who sells them one by one.
  const [left, right] = [serials(1, 6), serials(7, 12)];
  for (const [box, to, epcs] of [
    [container(1), distributor, left],
    [container(2), other, right],
  ] as const) {
    await record(
      maker,
      'manufacturer',
      { hop: 'produce', ...act('2025-07-01T09:00:00+08:00'), lot: 'L1', epcs },
      { hop: 'pack', ...act('2025-07-02T09:00:00+08:00'), container: box, epcs },
      {
        hop: 'ship',
        ...act('2025-07-03T09:00:00+08:00'),
        epcs: [box],
        to: to.id,
        toPlace: to.place,
        transfer: 'sale',
      },
    );
    await record(
      to,
      'distributor',
      { hop: 'receive', ...act('2025-07-04T09:00:00+08:00'), epcs: [box], from: maker.id },
      { hop: 'unpack', ...act('2025-07-05T09:00:00+08:00'), container: box },
    );
  }
  const ask = async (who: Actor, payload: object) => {
    const { statusCode, body } = await service.app.inject({
      method: 'POST',
      url: '/v1/investigations/common-source',
      headers: { authorization: who.bearer },
      payload,
    });
    return { status: statusCode, body: JSON.parse(body) };
  };
  const labelled = (epcs: readonly string[]) => epcs.map((epc) => ({ epc }));

  t.test('the dealer that all bad units came through, before the maker of all', async (t) => {
    const { status, body } = await ask(office, {
      bad: labelled(left.slice(0, 5)),
      good: labelled([...right, unit('nobody-knows')]),
    });
    t.equal(status, 200);
    const answer: CommonSourceAnswer = body;
    t.match(answer, { question: 'goods', bad: 5, good: 6, controls: [], leftOut: [unit('nobody-knows')] });
    const [first, ...others] = answer.sources;
    t.same(
      first?.candidates.map(({ kind, id }) => `${kind} ${id}`).sort(),
      [
        `container ${container(1)}`,
        `party ${distributor.id}`,
        `place ${distributor.place}`,
        `shipment ${first?.candidates.find(({ kind }) => kind === 'shipment')?.id}`,
      ],
      'what no unit tells apart is one set',
    );
    t.match(first, { rank: 1, bad: 5, good: 0, share: 1 });
    t.equal(first?.paths.length, 5);
    t.ok(first?.paths.every(({ entries }) => entries.length >= 4));
    t.match(first?.sentence, {
      zh: /等 4 个候选（这些产品无法将其区分）：5 个不良品中有 5 个、6 个良品中有 0 个经过。与下一名.+相比，经过的不良品一样多，良品少 6 个；对结果的解释力约为其 [\d,]+ 倍。$/,
      en: /and 1 more, which these units cannot tell apart: 5 of 5 bad units and 0 of 6 good ones came through\. Against the next, .+ as many bad units and 6 fewer good ones came through it; it explains what was found about [\d,]+ times as well\.$/,
    });
    t.match(first?.sentence, { zh: '经手单位“东城消防经营部”', en: 'party East Town Fire Supplies' });
    t.match(answer.sources.at(-1)?.sentence, { zh: /其后再无候选。$/, en: /Nothing is ranked after it\.$/ });
    const makers = others.find(({ candidates }) => candidates.some(({ kind }) => kind === 'traced-source'));
    t.match(makers, { bad: 5, good: 6 });
    t.ok((makers?.score ?? 9) < (first?.score ?? 0));
    const way = first?.paths.find(({ epc }) => epc === left[0]);
    t.same(
      way?.stations.map(({ party }) => party),
      [maker.id, distributor.id],
    );
    t.ok(
      way?.entries.every((seq) => way.stations.some(({ entries }) => entries.includes(seq))),
      'the way leads through the source',
    );
    const { body: few } = await ask(office, {
      ...{ bad: labelled(left.slice(0, 5)), good: labelled(right), limit: 1 },
    });
    t.same(
      (few as CommonSourceAnswer).sources.map(({ sentence }) => sentence),
      [first?.sentence],
      'it is told what comes next even if that is not asked for',
    );
  });

  t.test('copied codes: what cannot have copied them is not asked for', async (t) => {
    const { body } = await ask(office, { question: 'codes', bad: labelled(left), good: labelled(right) });
    const kinds = new Set(
      (body as CommonSourceAnswer).sources.flatMap(({ candidates }) => candidates.map(({ kind }) => kind)),
    );
    t.notOk(kinds.has('traced-source') || kinds.has('product') || kinds.has('certificate'));
    t.ok(kinds.has('party'));
  });

  t.test('what happened after a unit was found bad does not count', async (t) => {
    const { body } = await ask(office, {
      bad: left.map((epc) => ({ epc, at: '2025-07-02T10:00:00+08:00' })),
      good: labelled(right),
    });
    const found = (body as CommonSourceAnswer).sources.flatMap(({ candidates }) =>
      candidates.map(({ id }) => id),
    );
    t.notOk(found.includes(distributor.id));
    t.ok(found.includes(maker.id));
  });

  t.test('only units that touch the jurisdiction, only for regulators', async (t) => {
    const question = { bad: labelled(left), good: labelled(right) };
    t.match(await ask(elsewhere, question), { status: 404, body: { code: 'not-found' } });
    for (const who of [maker, distributor, stranger])
      t.match(await ask(who, question), { status: 403, body: { code: 'forbidden' } });
  });

  t.test('without good units, others of the product are drawn to compare with', async (t) => {
    const send = (url: string, payload: object) =>
      service.app.inject({
        method: 'POST',
        url,
        headers: { authorization: maker.bearer, 'idempotency-key': url, prefer: 'wait=30' },
        payload,
      });
    const product = { gtin, name: '灭火器', model: 'M', category: 'portable-extinguishers', uom: 'H87' };
    t.equal((await send('/v1/products', product)).statusCode, 201);
    t.equal((await send('/v1/keys', { custody: 'operator' })).statusCode, 201);
    const own = Array.from({ length: 30 }, (_, i) => `OWN${i}`);
    t.match((await send('/v1/batches', { gtin, lot: 'L2', serials: own })).json(), { state: 'done' });
    const issued = own.map(unit);
    await record(maker, 'manufacturer', {
      hop: 'produce',
      ...act('2025-07-01T09:00:00+08:00'),
      lot: 'L2',
      epcs: issued,
    });
    const bad = issued.slice(0, 3);
    const { body } = await ask(office, { bad: labelled(bad), controls: 12 });
    const answer: CommonSourceAnswer = body;
    t.match(answer, { bad: 3, good: 12 });
    t.equal(new Set(answer.controls).size, 12);
    t.ok(answer.controls.every((epc) => issued.includes(epc) && !bad.includes(epc)));
    const all = await ask(office, { bad: labelled(bad) });
    t.equal(all.body.good, 27, 'no more than there are');
  });

  t.test(
    'the agent that was put into them, who made and who sold it; and goods by measure themselves',
    async (t) => {
      const [agentMaker, dealer, firm] = [
        await chain.actor(['manufacturer']),
        await chain.actor(['distributor']),
        await chain.actor(['maintenance-firm']),
      ];
      const powder = (lot: string, quantity: string) => ({
        lots: [{ lot: `01/${gtin}/10/${lot}`, quantity, uom: 'KGM' }],
      });
      const sent = { to: dealer.id, transfer: 'sale' };
      await record(
        maker,
        'manufacturer',
        { hop: 'produce', ...act('2025-07-10T09:00:00+08:00'), ...powder('GOOD', '100') },
        { hop: 'produce', ...act('2025-07-10T09:00:00+08:00'), ...powder('BAD', '100') },
        {
          hop: 'ship',
          ...act('2025-07-11T09:00:00+08:00'),
          ...powder('GOOD', '50'),
          ...sent,
          to: agentMaker.id,
        },
        { hop: 'ship', ...act('2025-07-11T09:00:00+08:00'), ...powder('BAD', '50'), ...sent },
      );
      await record(agentMaker, 'manufacturer', {
        hop: 'ship',
        ...act('2025-07-12T09:00:00+08:00'),
        ...powder('GOOD', '50'),
        ...sent,
        to: firm.id,
      });
      await record(dealer, 'distributor', {
        hop: 'ship',
        ...act('2025-07-12T09:00:00+08:00'),
        ...powder('BAD', '30'),
        ...sent,
        to: firm.id,
      });
      const refill = (epcs: readonly string[], lot: string) =>
        epcs.map((epc) => ({
          ...{ hop: 'refill', ...act('2025-07-20T09:00:00+08:00'), epcs: [epc], outcome: 'conformant' },
          ...{ place: firm.place, parts: powder(lot, '4') },
        }));
      const refilled = serials(21, 32);
      const [bad, good] = [refilled.slice(0, 5), refilled.slice(5)];
      await record(maker, 'manufacturer', {
        ...{ hop: 'produce', ...act('2025-07-01T09:00:00+08:00'), lot: 'L1', epcs: refilled },
      });
      await record(firm, 'maintenance-firm', ...refill(bad, 'BAD'), ...refill(good, 'GOOD'));
      const { body } = await ask(office, { bad: labelled(bad), good: labelled(good) });
      const [first, ...others] = (body as CommonSourceAnswer).sources;
      t.match(first, { bad: 5, good: 0 });
      t.match(
        first?.candidates.map(({ kind, id }) => `${kind} ${id}`).sort(),
        [`lot 01/${gtin}/10/BAD`, `party ${dealer.id}`],
        'the lot of the agent and who sold it, beside firm and maker of all',
      );
      t.ok(first?.paths.every(({ entries }) => entries.length >= 3));
      t.notOk(
        others.some(({ candidates, bad }) => bad > 0 && candidates.some(({ id }) => id === agentMaker.id)),
      );
      const { body: codes } = await ask(office, {
        ...{ question: 'codes', bad: labelled(bad), good: labelled(good) },
      });
      t.notOk(
        JSON.stringify((codes as CommonSourceAnswer).sources).includes('10/BAD'),
        'what was put in copied no code',
      );

      const lots = await ask(office, {
        bad: [{ epc: `01/${gtin}/10/BAD`, holder: firm.id }],
        good: [{ epc: `01/${gtin}/10/GOOD` }],
      });
      t.equal(lots.status, 200, JSON.stringify(lots.body));
      const parties = (lots.body as CommonSourceAnswer).sources.flatMap(({ bad, candidates }) =>
        bad > 0 ? candidates.flatMap(({ kind, id }) => (kind === 'party' ? [id] : [])) : [],
      );
      t.same(parties.sort(), [maker.id, dealer.id, firm.id].sort());

      // Lots are compared with other lots: what one of those had of them who had any.
      const { body: drawn } = await ask(office, { bad: [{ epc: `01/${gtin}/10/BAD`, holder: firm.id }] });
      t.same((drawn as CommonSourceAnswer).controls, [`01/${gtin}/10/GOOD`]);
      t.match(drawn, { bad: 1, good: 1 });
      const { sql } = service.deps.reads;
      const size = await service.deps.ledger.size();
      const lotNumbers = await unitNumbers(sql, [`01/${gtin}/10/BAD`, `01/${gtin}/10/GOOD`]);
      const [asked, other] = [...lotNumbers.values()].sort((one, two) => two - one);
      const drawnFor = (holder: PartyId | null, pick: Below) => {
        const suspect = { unit: asked ?? 0, isLot: true, holder, bad: true, weight: 1, at: Infinity };
        return drawControls(sql, [suspect], [gtin], 5, size, pick);
      };
      let draws = 0;
      const hands = new Set<PartyId | null>();
      for (let i = 0; i < 3; i++)
        for (const { unit, holder } of await drawnFor(firm.id, (n) => (n === 3 ? i : draws++ % n))) {
          t.equal(unit, other);
          hands.add(holder);
        }
      t.same([...hands].sort(), [maker.id, agentMaker.id, firm.id].sort(), 'who had any of it');
      t.same(
        (await drawnFor(null, (n) => draws++ % n)).map(({ holder }) => holder),
        [null],
      );
      const { body: mixed } = await ask(office, {
        bad: [{ epc: `01/${gtin}/10/BAD` }, ...labelled(bad)],
        controls: 6,
      });
      t.ok((mixed as CommonSourceAnswer).controls.includes(`01/${gtin}/10/GOOD`), 'as many lots as are bad');
      t.match(await ask(office, { bad: [{ epc: `01/${gtin}/10/BAD` }], controls: 0 }), {
        body: { good: 0, controls: [] },
      });
      t.match(await ask(office, { bad: [{ epc: bad[0], holder: firm.id }] }), {
        status: 400,
        body: { errors: [{ pointer: '/bad/0/holder' }] },
      });
      t.match(await ask(office, { bad: [{ epc: `01/${gtin}/10/BAD`, holder: '0123456789ABCDEF' }] }), {
        status: 422,
        body: { code: 'unknown-party' },
      });
    },
  );

  t.test('the network of the parties behind some goods', async (t) => {
    const { deps } = service;
    for (const [who, address] of [
      [distributor, '文三路 1 号'],
      [other, '文三路1号'],
    ] as const) {
      const { id, roles } = who;
      await deps.ledger.append([
        {
          fact: {
            kind: 'party',
            by: deps.genesis.operator,
            id,
            stub: false,
            name: id,
            roles,
            region: '330106',
            address,
          },
        },
      ]);
    }
    await record(stranger, 'distributor', {
      hop: 'inspect',
      ...act('2025-07-06T09:00:00+08:00'),
      epcs: left.slice(0, 2),
      outcome: 'conformant',
      place: distributor.place,
    });
    const network = async (who: Actor, payload: object, query = '') => {
      const { statusCode, body, headers } = await service.app.inject({
        method: 'POST',
        url: `/v1/investigations/network${query}`,
        headers: { authorization: who.bearer },
        payload,
      });
      return { status: statusCode, text: body, type: `${headers['content-type']}` };
    };
    const { status, text } = await network(office, { epcs: [...left, ...right, unit('NONE')] });
    t.equal(status, 200, text);
    const answer: NetworkAnswer = JSON.parse(text);
    t.match(answer, { units: 12, leftOut: 1 });
    t.strictSame(
      answer.links.map(({ kind, from, to, units, entries }) => [kind, from, to, units, entries]).sort(),
      [
        ['goods', maker.id, distributor.id, 6, 2],
        ['goods', maker.id, other.id, 6, 2],
        ['place', stranger.id, distributor.id, 2, 1],
        ['address', ...[distributor.id, other.id].sort(), 0, 2],
      ].sort(),
    );
    t.equal(answer.parties[0]?.id, distributor.id, 'the way to the stranger leads through it');
    t.ok(Math.abs((answer.parties[0]?.brokerage ?? 0) - 2 / 3) < 1e-9);
    const goods = await network(office, { epcs: left, kinds: ['goods'] }, '?format=csv');
    t.match(goods.type, /^text\/csv/);
    t.equal(goods.text.trim().split('\r\n').length, 2, 'a line a link');
    t.match((await network(office, { lots: [`01/${gtin}/10/L2`] }, '?format=graphml')).text, /<graphml/);
    t.match(goods.text, /,fromRegion,fromRoles,fromBrokerage,toRegion,toRoles,toBrokerage\r\n/);
    t.match(goods.text, /,330106,manufacturer,0,330106,distributor,0\r\n/);

    // A sister firm at the address of the two, which none of the goods touched; and one far away, of a long address.
    const [sister, hidden] = [await chain.actor(['seller']), await chain.actor(['seller'])];
    for (const [{ id, roles }, region] of [
      [sister, '330106'],
      [hidden, '440106'],
    ] as const)
      await deps.ledger.append([
        {
          fact: {
            ...{ kind: 'party', by: deps.genesis.operator, id, stub: false, name: id, roles, region },
            address: '文三路１号'.repeat(hidden.id === id ? 83 : 1),
          },
        },
      ]);
    const linked = async (payload: object) => {
      const { text } = await network(office, payload);
      const { links = [] }: Partial<NetworkAnswer> = JSON.parse(text);
      return links.map(({ kind, from, to }) => [kind, ...[from, to].sort()].join(' '));
    };
    const at = (...ids: string[]) => ids.map((id) => ['address', ...[id, sister.id].sort()].join(' '));
    const found = await linked({ epcs: left });
    t.ok(
      at(distributor.id, other.id).some((link) => found.includes(link)),
      'a relative that no goods lead to',
    );
    t.notOk(found.some((link) => link.includes(hidden.id)));
    const started = await linked({ parties: [distributor.id] });
    t.ok(started.includes(['goods', ...[maker.id, distributor.id].sort()].join(' ')), 'whom it deals with');
    t.ok(started.some((link) => link.includes(sister.id)));
    t.same(
      (await linked({ parties: [sister.id], kinds: ['address'] })).length,
      2,
      'also from a party that never touched any goods',
    );
    t.match(JSON.parse((await network(office, { parties: ['0123456789ABCDEF'] })).text), {
      code: 'unknown-party',
      errors: [{ pointer: '/parties/0' }],
    });
    const codes = await Promise.all(
      [
        network(office, {}),
        network(office, { epcs: [`01/${gtin}/10/L1`] }),
        network(elsewhere, { epcs: left }),
        network(maker, { epcs: left }),
      ].map(async (asked) => JSON.parse((await asked).text).code),
    );
    t.strictSame(codes, ['invalid-request', 'invalid-identifier', 'not-found', 'forbidden']);
  });

  t.test('bad input says what to mend', async (t) => {
    const bad = labelled([left[0] ?? '']);
    t.match(await ask(office, { bad: [] }), { status: 400, body: { code: 'invalid-request' } });
    t.match(await ask(office, { bad, good: bad }), {
      status: 422,
      body: { code: 'duplicate-epc', errors: [{ pointer: '/good/0/epc' }] },
    });
    t.match(await ask(office, { bad: [{ epc: container(2) }] }), {
      status: 422,
      body: { code: 'invalid-identifier', errors: [{ pointer: '/bad/0/epc' }] },
    });
    t.match(await ask(office, { bad: [{ ...bad[0], at: 'yesterday' }] }), {
      status: 422,
      body: { code: 'invalid-time' },
    });
    for (const weight of [0, 1.5, -1])
      t.match(await ask(office, { bad: [{ ...bad[0], weight }] }), { status: 400 });
    t.match(await ask(office, { bad: labelled([`01/${otherGtin}/21/X`]) }), { status: 404 });
  });

  async function record(who: Actor, as: string, ...hops: object[]): Promise<void> {
    const posted = await chain.post(
      who,
      hops.map((hop) => ({ as, place: who.place, ...hop })),
    );
    if (posted.status >= 300) throw new Error(posted.text);
  }
});
