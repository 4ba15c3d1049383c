import { hash } from 'node:crypto';
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

type Service = Awaited<ReturnType<typeof testService>>;
const serials = Array.from({ length: 10 }, (_, i) => unit(`F${i}`) as Epc);

/**
 * Ten units issued in two entries and made; six to distributor D, in a carton, of which D passes three on to a seller
 * in another province; two to another distributor; two stay. Of the hose of the same lot, 100 m: 60 m to D, of which
 * D passes 20 m on.
 */
async function story(service: Service) {
  const chain = await supplyChain(service);
  const { maker, distributor, seller, stranger } = chain;
  const { ledger, genesis } = service.deps;
  const issue = (epcs: readonly Epc[]) => ({
    fact: {
      kind: 'issue',
      by: maker.id,
      batch: 'B',
      gtin,
      lot: 'L1',
      kid: '0000001',
      serials: 'own',
      epcs,
    } as const,
  });
  await ledger.append([issue(serials.slice(0, 7)), issue(serials.slice(7))]);
  const regulators = await Promise.all(
    [['330000'], ['440000']].map(async (regions) => {
      const actor = await chain.actor(['regulator']);
      const fact = {
        kind: 'party',
        by: genesis.operator,
        id: actor.id,
        stub: false,
        name: 'office',
        roles: ['regulator'],
        jurisdiction: { regions, places: [] },
      } as const;
      await ledger.append([{ fact }]);
      return actor;
    }),
  );
  const record = async (who: Actor, as: string, ...hops: object[]) => {
    const posted = await chain.post(
      who,
      hops.map((hop) => ({ as, place: who.place, ...hop })),
    );
    if (posted.status >= 300) throw new Error(posted.text);
  };
  const day = (n: number) => act(`2025-07-0${n}T09:00:00+08:00`);
  const metres = (quantity: string) => [{ lot: lot('L1'), quantity, uom: 'MTR' }];
  const box = container(1);
  const to = (who: Actor) => ({ to: who.id, toPlace: who.place, transfer: 'sale' });
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...day(1), lot: 'L1', epcs: serials },
    { hop: 'produce', ...day(1), lot: 'L1', lots: metres('100') },
    { hop: 'pack', ...day(2), container: box, epcs: serials.slice(0, 6) },
    { hop: 'ship', ...day(3), epcs: [box], lots: metres('60'), ...to(distributor) },
    { hop: 'ship', ...day(3), epcs: serials.slice(6, 8), ...to(stranger) },
  );
  await record(
    distributor,
    'distributor',
    { hop: 'receive', ...day(4), epcs: [box], lots: metres('60'), from: maker.id },
    { hop: 'unpack', ...day(5), container: box },
    { hop: 'ship', ...day(6), epcs: serials.slice(0, 3), lots: metres('20'), ...to(seller) },
  );
  await record(stranger, 'distributor', {
    hop: 'receive',
    ...day(4),
    epcs: serials.slice(6, 8),
    from: maker.id,
  });
  await record(seller, 'seller', {
    hop: 'receive',
    ...day(7),
    epcs: serials.slice(0, 3),
    lots: metres('20'),
    from: distributor.id,
  });
  const [inCharge, elsewhere] = regulators;
  if (!inCharge || !elsewhere) throw new Error('no regulators');
  return { chain, inCharge, elsewhere };
}

t.test('flow over HTTP', async (t) => {
  const service = await testService(t);
  const { chain, inCharge, elsewhere } = await story(service);
  const { maker, distributor, seller, stranger, user } = chain;
  const url = `/v1/batches/${gtin}/L1/flow`;
  const get = async (who: Actor, more = '', accept = 'application/json') => {
    const { statusCode, headers, body } = await service.app.inject({
      url: `${url}${more}`,
      headers: { authorization: who.bearer, accept },
    });
    const isJson = `${headers['content-type']}`.includes('json');
    return { status: statusCode, headers, text: body, body: isJson ? JSON.parse(body) : null };
  };
  const nameOf = new Map(
    [maker, distributor, seller, stranger].map((it, i) => [it.id as string, 'MDSX'[i] ?? '']),
  );
  type Somebody = { party: { id: string } | null; region: { code: string } | null };
  const name = ({ party, region }: Somebody) =>
    party ? nameOf.get(party.id) : `? ${region?.code ?? ''}`.trim();
  const edges = (body: { edges: { from: Somebody; to: Somebody; units: number }[] }) =>
    body.edges.map((e) => `${name(e.from)} → ${name(e.to)}: ${e.units}`).sort();
  const now = (body: {
    now: { holder: Somebody['party']; region: Somebody['region']; units: number; stage: string }[];
  }) => body.now.map((h) => `${name({ party: h.holder, region: h.region })} ${h.stage}: ${h.units}`).sort();
  const measured = (body: { measured: { edges: { from: Somebody; to: Somebody; quantity: string }[] } }) =>
    body.measured.edges.map((e) => `${name(e.from)} → ${name(e.to)}: ${e.quantity}`).sort();

  t.test('what whoever asks sees', async (t) => {
    const { body, text } = await get(inCharge);
    t.match(body, { epc: lot('L1'), complete: true, units: 10 }, text);
    t.strictSame(edges(body), ['D → S: 3', 'M → D: 6', 'M → X: 2']);
    t.strictSame(now(body), ['D held: 3', 'M produced: 2', 'S held: 3', 'X held: 2']);
    t.strictSame(measured(body), ['D → S: 20', 'M → D: 60']);
    t.strictSame(
      body.levels.map((l: { parties: Somebody[] }) => l.parties.map(name).sort().join('')),
      ['M', 'DX', 'S'],
    );

    const own = (await get(maker)).body;
    t.strictSame(
      edges(own),
      ['D → ? 330000: 3', 'M → D: 6', 'M → X: 2'],
      'the maker: all, strangers by province',
    );
    t.strictSame(now(own), ['? 330000 held: 3', 'D held: 3', 'M produced: 2', 'X held: 2']);
    t.strictSame(measured(own), ['D → ? 330000: 20', 'M → D: 60']);
    t.notMatch(JSON.stringify(own), seller.id);
    t.notMatch(JSON.stringify(own), seller.place);

    const middle = (await get(distributor)).body;
    t.strictSame(edges(middle), ['D → S: 3', 'M → D: 6'], 'a distributor: its own units');
    t.strictSame(now(middle), ['D held: 3', 'S held: 3']);
    t.equal(middle.units, 6);

    const last = (await get(seller)).body;
    t.strictSame(edges(last), ['? → D: 3', 'D → S: 3'], 'a seller: one step up');
    t.strictSame(measured(last), ['D → S: 20']);
    t.notMatch(JSON.stringify(last), maker.id);

    const other = (await get(stranger)).body;
    t.strictSame(edges(other), ['M → X: 2']);
    t.equal(other.measured.edges.length, 0);
    for (const who of [user, elsewhere]) t.equal((await get(who)).body.code, 'unknown-batch');
  });

  t.test('as it was, and as it was known', async (t) => {
    const size = await chain.size();
    const asOf = (day: number) => `at=2025-07-0${day}T12:00:00%2B08:00`;
    const then = (await get(inCharge, `?${asOf(5)}`)).body;
    t.match(then.at, /^2025-07-05T04:00:00/);
    t.strictSame(edges(then), ['M → D: 6', 'M → X: 2']);
    t.strictSame(now(then), ['D held: 6', 'M produced: 2', 'X held: 2']);
    t.strictSame(measured(then), ['M → D: 60']);
    t.match(now((await get(inCharge, `?${asOf(1)}`)).body), ['M produced: 10']);
    const sent = then.edges.find((e: { units: number }) => e.units === 6);
    const behind = async (more: string) =>
      (await get(inCharge, `/units?key=${sent.key}&limit=20${more}`)).body;
    t.equal((await behind(`&${asOf(5)}`)).items.length, 6);
    t.equal((await behind('')).code, 'not-found', 'a number of another moment');

    const known = (await get(inCharge, `?known=${size - 2}`)).body;
    t.equal(known.asOf, size - 2);
    t.strictSame(edges(known), ['M → D: 6'], 'the last receipts were not recorded yet');
    t.equal((await get(inCharge, `?known=${size + 1}`)).body.code, 'invalid-request');
    t.equal((await get(inCharge, '?at=then')).body.code, 'invalid-time');
    t.match((await get(inCharge, '?known=2000-01-01T00:00:00Z')).body, { asOf: 0, units: 0, now: [] });
  });

  t.test('every number leads to the units behind it', async (t) => {
    const { body } = await get(inCharge);
    const behind = async (key: string, limit: number) => {
      const found: string[] = [];
      for (let cursor = ''; ; ) {
        const { body: page, text } = await get(inCharge, `/units?key=${key}&limit=${limit}${cursor}`);
        if (!page.items) throw new Error(text);
        found.push(...page.items.map((it: { epc: string | null; seq: number | null }) => it.epc ?? it.seq));
        if (page.next === null) return found;
        cursor = `&cursor=${page.next}`;
      }
    };
    for (const { key, units } of [...body.edges, ...body.now]) t.equal((await behind(key, 2)).length, units);
    const toD = body.edges.find((e: { units: number }) => e.units === 6);
    t.strictSame(await behind(toD.key, 4), serials.slice(0, 6));
    t.equal((await behind(body.measured.edges[0].key, 1)).length, 2, 'shipment and receipt of the hose');
    const keyOfOthers = (await get(maker, `/units?key=${toD.key}`)).status;
    t.equal(keyOfOthers, 200, 'a number that another reader sees alike has the same key');
    const [hidden] = body.edges.filter((e: { level: number }) => e.level === 1);
    t.equal(
      (await get(maker, `/units?key=${hidden.key}`)).body.code,
      'not-found',
      'one it may not see has none',
    );
    t.equal((await get(maker, '/units?key=nonsense')).body.code, 'not-found');
  });

  t.test('as a table, and a lot that there is not', async (t) => {
    const { text } = await get(inCharge, '', 'text/csv');
    const [head, ...rows] = text.trimEnd().split('\r\n');
    t.match(head, /^row,key,level,fromParty/);
    const { balances } = (await get(inCharge)).body.measured;
    t.strictSame(rows.map((row) => row.split(',')[0]).sort(), [
      ...Array(balances.length).fill('balance'),
      ...Array(5).fill('moved'),
      ...Array(4).fill('now'),
    ]);
    const columns = head?.split(',') ?? [];
    const cells = (row: string) => Object.fromEntries(row.split(',').map((it, i) => [columns[i], it]));
    t.strictSame(
      rows
        .map(cells)
        .filter(({ row }) => row === 'balance')
        .map((it) => [it.fromParty, it.quantity, it.uom, it.made, it.received, it.gave, it.used]),
      balances.map((it: Record<string, string> & { party: { id: string } }) => [
        ...[it.party.id, it.has, 'MTR', it.made, it.received, it.gave, it.used],
      ]),
    );
    const none = await service.app.inject({
      url: `/v1/batches/${gtin}/NONE/flow`,
      headers: { authorization: maker.bearer },
    });
    t.equal(none.json().code, 'unknown-batch');
  });

  t.test('as a drawing: who passed on how much to whom, and what is where now', async (t) => {
    const { body } = await get(inCharge);
    const chinese = await get(inCharge, '?lang=zh-CN', 'image/svg+xml');
    t.match(chinese.headers, {
      'content-type': /^image\/svg\+xml/,
      'content-language': 'zh-CN',
      vary: /accept-language/,
    });
    const style = /<style>([^<]*)<\/style>/.exec(chinese.text)?.[1] ?? '';
    t.match(chinese.headers['content-security-policy'], hash('sha256', style, 'base64'));
    const rows = (svg: string) => [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((it) => it[1]);
    const labels = rows(chinese.text);
    for (const words of ['流向图', '共 10 件', '收 6 件 · 发 3 件', '6 件', '60 米', '20 米', '结存 40 米'])
      t.ok(
        labels.some((it) => it?.includes(words)),
        words,
      );
    for (const { firstSeq, lastSeq, units } of body.edges)
      t.ok(
        labels.includes(firstSeq === lastSeq ? `#${firstSeq}` : `#${firstSeq} … #${lastSeq}`),
        `the entries behind ${units}`,
      );
    const { text: english } = await get(inCharge, '?format=svg&lang=en');
    const said = rows(english).join('\n');
    for (const words of ['received 6 · passed on 3', '6 units', '60 m', 'has 40 m', '3 held'])
      t.match(said, words);
    const { text: partial } = await get(maker, '?format=svg&lang=en');
    t.match(partial, /only what you may see/);
    t.match(partial, /Parties in [^<]*Zhejiang[^<]*, not named/);
    t.notMatch(partial, seller.id);
  });

  t.test('as a graph: every number of the answer, with the entries behind it', async (t) => {
    type Row = Readonly<Record<string, string>>;
    const graph = async (who: Actor) => {
      const { headers, text } = await get(who, '', 'application/graphml+xml');
      t.match(headers['content-type'], /^application\/graphml\+xml/);
      const data = (inner = '') =>
        Object.fromEntries(
          [...inner.matchAll(/<data key="[ne]-(\w+)">([^<]*)</g)].map((it) => [it[1], it[2]]),
        );
      const nodes = [...text.matchAll(/<node id="([^"]*)">(.*?)<\/node>/g)];
      const edges = [...text.matchAll(/<edge id="\w+" source="([^"]*)" target="([^"]*)">(.*?)<\/edge>/g)];
      return {
        nodes: new Map(nodes.map((it): [string, Row] => [it[1] ?? '', data(it[2])])),
        edges: edges.map((it): Row => ({ from: it[1] ?? '', to: it[2] ?? '', ...data(it[3]) })),
      };
    };
    const { body } = await get(inCharge);
    const { nodes, edges: drawn } = await graph(inCharge);
    t.strictSame(
      drawn.map(({ kind, key, quantity, uom, firstSeq }) => [kind, key, quantity, uom, firstSeq]),
      [
        ...body.edges.map((e: Row) => ['moved', e.key, `${e.units}`, 'H87', `${e.firstSeq}`]),
        ...body.now.map((h: Row) => ['now', h.key, `${h.units}`, 'H87', undefined]),
        ...body.measured.edges.map((e: Row) => ['moved', e.key, e.quantity, 'MTR', `${e.firstSeq}`]),
        ...body.measured.balances.map((b: Row) => ['balance', undefined, b.has, 'MTR', undefined]),
      ],
    );
    t.ok(
      drawn.every(({ from, to }) => from && to && nodes.has(from) && nodes.has(to)),
      'between nodes that there are',
    );
    t.match(nodes.get(distributor.id), { kind: 'party', level: '1', received: '6', gave: '3' });
    t.match(nodes.get(distributor.place), { kind: 'place' });
    t.ok(
      drawn.some(
        ({ from, to, kind }) => from === distributor.id && to === distributor.place && kind === 'now',
      ),
    );
    const own = await graph(maker);
    t.match(own.nodes.get('unnamed:330000'), { kind: 'unnamed', received: '3' });
    t.notOk(own.nodes.has(seller.id), 'nobody whom the reader may not know');
  });

  t.test('a trace tells how much of goods by measure in all of its forms', async (t) => {
    const trace = async (format: string) =>
      service.app.inject({
        url: `/v1/trace?epc=${encodeURIComponent(lot('L1'))}&format=${format}`,
        headers: { authorization: inCharge.bearer },
      });
    const told: { quantity: string }[] = (await trace('json'))
      .json()
      .hops.flatMap(({ quantities }: { quantities: object[] }) => quantities);
    t.ok(told.length > 0);
    const texts = told.map(({ quantity }) => `${lot('L1')} ${quantity} MTR`).sort();
    const graph = (await trace('graphml')).body;
    t.strictSame([...graph.matchAll(/<data key="e-quantities">([^<]*)</g)].map((it) => it[1]).sort(), texts);
    for (const text of texts) t.match((await trace('csv')).body, text);
  });

  t.test('what is under way is drawn to who has yet to receive it', async (t) => {
    const asOf = '?at=2025-07-03T12:00:00%2B08:00';
    const graph = (await get(inCharge, asOf, 'application/graphml+xml')).text;
    t.match(graph, `source="${maker.id}" target="${distributor.id}"><data key="e-kind">shipped</data>`);
    t.match((await get(inCharge, `${asOf}&format=svg&lang=en`)).text, '>6 under way<');
  });

  t.test('a product: all of its lots together', async (t) => {
    const { ledger } = service.deps;
    const more = ['G0', 'G1', 'G2'].map((serial) => unit(serial) as Epc);
    await ledger.append([
      {
        fact: {
          ...{ kind: 'issue', by: maker.id, batch: 'B2', gtin, lot: 'L2', kid: '0000001' },
          ...{ serials: 'own', epcs: more },
        },
      },
    ]);
    const day = (n: number) => act(`2025-07-1${n}T09:00:00+08:00`);
    const metres = (quantity: string) => [{ lot: lot('L2'), quantity, uom: 'MTR' }];
    await chain.post(maker, [
      { hop: 'produce', ...day(1), lot: 'L2', epcs: more, place: maker.place },
      { hop: 'produce', ...day(1), lot: 'L2', lots: metres('50'), place: maker.place },
      {
        ...{ hop: 'ship', ...day(2), epcs: more.slice(0, 2), lots: metres('15'), place: maker.place },
        ...{ to: distributor.id, toPlace: distributor.place, transfer: 'sale' },
      },
    ]);
    await chain.post(distributor, [
      {
        hop: 'receive',
        ...day(3),
        epcs: more.slice(0, 2),
        lots: metres('15'),
        from: maker.id,
        place: distributor.place,
      },
    ]);
    const read = async (who: Actor, path = '') =>
      (
        await service.app.inject({
          url: `/v1/products/${gtin}/flow${path}`,
          headers: { authorization: who.bearer },
        })
      ).json();
    const whole = await read(inCharge);
    t.match(whole, { epc: `01/${gtin}`, complete: true, units: 13 });
    t.strictSame(edges(whole), ['D → S: 3', 'M → D: 8', 'M → X: 2']);
    t.strictSame(measured(whole), ['D → S: 20', 'M → D: 75']);
    t.equal(whole.measured.made, '150');
    for (const [format, type] of [
      ['svg', 'image/svg+xml'],
      ['graphml', 'application/graphml+xml'],
    ] as const) {
      const drawn = await service.app.inject({
        url: `/v1/products/${gtin}/flow?format=${format}`,
        headers: { authorization: inCharge.bearer },
      });
      t.match(drawn.headers['content-type'], type);
      t.match(drawn.body, format === 'svg' ? '>8 件<' : '>8<');
    }
    const toD = whole.edges.find((e: { units: number }) => e.units === 8);
    const { items } = await read(inCharge, `/units?key=${toD.key}`);
    t.strictSame(
      items.map((it: { epc: string }) => it.epc).sort(),
      [...serials.slice(0, 6), ...more.slice(0, 2)].sort(),
    );
    t.strictSame(edges(await read(stranger)), ['M → X: 2'], 'of every lot what it may see');
    t.equal((await read(user)).code, 'unknown-batch');
  });

  t.test('a lot is traced by one unit of each history', async (t) => {
    const response = await service.app.inject({
      url: `/v1/trace?epc=${encodeURIComponent(lot('L1'))}&direction=down`,
      headers: { authorization: inCharge.bearer },
    });
    const { nodes } = response.json();
    t.strictSame(
      nodes.filter((n: { kind: string }) => n.kind === 'unit').map((n: { alike: number }) => n.alike),
      [3, 3, 2, 2],
    );
  });
});
