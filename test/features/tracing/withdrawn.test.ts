/** What was told and taken back: it stands in a trace as that, counts for nothing, and ties nobody to anything. */
import t from 'tap';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, otherGtin, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, stranger, firm } = chain;
const { ledger, genesis } = service.deps;
const box = container(1);
const agent = `01/${otherGtin}/10/AG`;
const time = (day: number) => act(`2025-07-0${day}T09:00:00+08:00`);

async function record(who: Actor, as: string, ...hops: object[]): Promise<{ id: string; seq: number }[]> {
  const { status, text, body } = await chain.post(
    who,
    hops.map((hop) => ({ as, ...hop })),
  );
  if (status >= 300) throw new Error(text);
  return body.facts;
}

/** A carton shipped to the wrong dealer in another province, taken back, and shipped to the right one, who mends a test. */
async function story() {
  const { id, roles } = stranger;
  const far = { kind: 'party', by: genesis.operator, id, stub: false, name: '广州某公司', roles } as const;
  await ledger.append([{ fact: { ...far, region: '440106' } }]);
  await ledger.append([
    {
      fact: {
        ...{ kind: 'gtin', by: genesis.operator, gtin: otherGtin, party: maker.id },
        ...{ evidence: 'e', vettedBy: 'v', vettedAt: '2025-01-01' },
      },
    },
  ]);
  const { place } = maker;
  const to = (who: Actor) => ({ to: who.id, transfer: 'sale' });
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...time(1), place, lot: 'L1', epcs: [unit('W1')] },
    { hop: 'pack', ...time(2), place, container: box, epcs: [unit('W1')] },
  );
  const [wrong] = await record(maker, 'manufacturer', {
    hop: 'ship',
    ...time(3),
    place,
    epcs: [box],
    ...to(stranger),
  });
  const [takenBack] = await record(maker, 'manufacturer', {
    hop: 'void',
    ...time(4),
    event: wrong?.id,
    reason: 'r',
  });
  await record(maker, 'manufacturer', { hop: 'ship', ...time(4), place, epcs: [box], ...to(distributor) });
  const test = { hop: 'inspect', ...time(5), place: distributor.place, epcs: [unit('W1')] };
  const [, bad] = await record(
    distributor,
    'distributor',
    { hop: 'receive', ...time(5), place: distributor.place, epcs: [box], from: maker.id },
    { ...test, outcome: 'non-conformant' },
  );
  const [corrected] = await record(distributor, 'distributor', {
    ...{ hop: 'correct', ...time(6), event: bad?.id },
    replacement: { as: 'distributor', ...test, outcome: 'conformant' },
  });
  return { wrong, takenBack, bad, corrected };
}

const { wrong, takenBack, bad, corrected } = await story();
const inCharge = await chain.officer(['330000']);

async function trace(who: Actor, more = '', epc = unit('W1')) {
  const { statusCode, headers, body } = await service.app.inject({
    url: `/v1/trace?epc=${encodeURIComponent(epc)}${more}`,
    headers: { authorization: who.bearer },
  });
  const isJson = `${headers['content-type']}`.includes('json');
  return { status: statusCode, text: body, body: isJson ? JSON.parse(body) : null };
}
type Told = { seq: number; hop: string; withdrawnBy: number };
const toldOf = (withdrawn: Told[]) => withdrawn.map(({ seq, hop, withdrawnBy }) => [hop, seq, withdrawnBy]);

t.test('it is told apart, with what took it back, and nothing rests on it', async (t) => {
  const { body } = await trace(inCharge);
  t.strictSame(toldOf(body.withdrawn), [
    ['ship', wrong?.seq, takenBack?.seq],
    ['inspect', bad?.seq, corrected?.seq],
  ]);
  t.match(body.withdrawn[0], { taker: { id: stranger.id }, via: [box], sight: 'whole', leaf: /./ });
  t.strictSame(
    body.hops.map(({ hop }: Told) => hop),
    ['produce', 'pack', 'ship', 'receive', 'inspect'],
  );
  t.strictSame(
    body.handOvers.map((it: { from: Actor; to: Actor }) => [it.from.id, it.to.id]),
    [[maker.id, distributor.id]],
  );
  t.strictSame([body.gaps, body.complete], [[], true]);
  t.notOk(
    body.nodes.some(({ id }: Actor) => id === stranger.id),
    'who is named by nothing that stands has no part in it',
  );
});

t.test('before it was taken back it stood', async (t) => {
  const { body } = await trace(inCharge, `&known=${takenBack?.seq}`);
  t.strictSame([body.withdrawn, body.hops.at(-1).seq], [[], wrong?.seq]);
  t.match(body.gaps, [{ kind: 'shipped-not-received', to: { id: stranger.id } }]);
});

t.test('a moment and a direction bound it too', async (t) => {
  const at = '&at=2025-07-04T12:00:00%2B08:00';
  t.strictSame(toldOf((await trace(inCharge, `&direction=up${at}`)).body.withdrawn), [
    ['ship', wrong?.seq, takenBack?.seq],
  ]);
  t.strictSame(toldOf((await trace(inCharge, `&direction=down${at}`)).body.withdrawn), [
    ['inspect', bad?.seq, corrected?.seq],
  ]);
});

t.test('in a table, a graph and a drawing', async (t) => {
  const [head, ...lines] = (await trace(inCharge, '&format=csv')).text.trimEnd().split('\r\n');
  const columns = head?.split(',') ?? [];
  const rows = lines
    .map((line) => line.split(','))
    .filter((row) => row[columns.indexOf('row')] === 'withdrawn');
  t.strictSame(
    rows.map((row) => ['hop', 'seq', 'withdrawnBy'].map((column) => row[columns.indexOf(column)])),
    [
      ['ship', `${wrong?.seq}`, `${takenBack?.seq}`],
      ['inspect', `${bad?.seq}`, `${corrected?.seq}`],
    ],
  );

  const graph = (await trace(inCharge, '&format=graphml')).text;
  const edge = (from: string, to: string, kind: string) =>
    new RegExp(`source="${from}" target="${to}"><data key="e-kind">${kind}</data>.*?</edge>`).exec(
      graph,
    )?.[0];
  for (const drawn of [
    edge(maker.id, unit('W1'), 'withdrawn-ship'),
    edge(maker.id, stranger.id, 'withdrawn-hand-over'),
  ])
    t.match(drawn, `<data key="e-withdrawnBy">${takenBack?.seq}</data>`);
  t.match(edge(distributor.id, unit('W1'), 'withdrawn-inspect'), `>${corrected?.seq}<`);
  t.notOk(edge(maker.id, stranger.id, 'handed-over'), 'and no hand-over');
  t.match(graph, `<node id="${stranger.id}">`);

  for (const [lang, by] of [
    ['zh-CN', '已由 #N 撤销或更正'],
    ['en', 'taken back by #N'],
  ] as const) {
    const { text } = await trace(inCharge, `&format=svg&lang=${lang}`);
    for (const entry of [takenBack, corrected]) t.match(text, `>${by.replace('N', `${entry?.seq}`)}<`);
    t.equal(text.match(/<text [^>]*class="withdrawn"/g)?.length, 2, 'both struck out');
    t.match(text, /<path class="withdrawn"/, 'the shipment as a line of its own');
    t.match(text, /<rect class="hidden"[^>]*\/><text[^>]*>广州某公司</, 'to who has no other part in it');
  }
});

t.test('it ties nobody to a thing, and shows no more than itself', async (t) => {
  const near = await trace(distributor);
  t.match(near.body.withdrawn[0], { seq: wrong?.seq, sight: 'neighbour', taker: null });
  t.notMatch(near.text, stranger.id, 'whom the dealer never met');
  t.equal((await trace(stranger)).status, 404, 'of what is in the carton it learns nothing');
  const ofCarton = await trace(stranger, '', box);
  t.strictSame(
    [ofCarton.body.hops, toldOf(ofCarton.body.withdrawn)],
    [[], [['ship', wrong?.seq, takenBack?.seq]]],
  );
  t.notMatch(ofCarton.text, unit('W1'));
  t.equal(ofCarton.body.complete, false);
  const elsewhere = await chain.officer(['440000']);
  t.equal((await trace(elsewhere)).status, 404);
  const told = (await trace(elsewhere, '', box)).body;
  t.strictSame([told.hops, toldOf(told.withdrawn)], [[], [['ship', wrong?.seq, takenBack?.seq]]]);
  t.equal((await trace(chain.seller, '', box)).status, 404);
});

t.test('parts and agents of a service are drawn into what they were put in', async (t) => {
  const { place } = firm;
  await record(
    maker,
    'manufacturer',
    {
      hop: 'produce',
      ...time(1),
      place: maker.place,
      lot: 'AG',
      lots: [{ lot: agent, quantity: '50', uom: 'KGM' }],
    },
    { hop: 'produce', ...time(1), place: maker.place, lot: 'L1', epcs: [unit('VALVE'), unit('P1')] },
  );
  await record(
    firm,
    'maintenance-firm',
    {
      ...{ hop: 'refill', ...time(7), place, epcs: [unit('P1')], outcome: 'conformant' },
      parts: { lots: [{ lot: agent, quantity: '4', uom: 'KGM' }] },
    },
    {
      ...{ hop: 'maintain', ...time(8), place, epcs: [unit('P1')], outcome: 'conformant' },
      parts: { epcs: [unit('VALVE')] },
    },
  );
  const { body } = await trace(inCharge, '&direction=up', unit('P1'));
  t.strictSame(
    body.links.map(({ kind, from, to }: Record<string, string>) => [kind, from, to]),
    [
      ['made-into', agent, unit('P1')],
      ['made-into', unit('VALVE'), unit('P1')],
    ],
  );
  const { text } = await trace(inCharge, '&direction=up&format=svg&lang=en', unit('P1'));
  for (const words of [
    'filled into',
    'fitted into',
    'VALVE',
    'AG',
    'Refilled 2025-07-07',
    'Maintained 2025-07-08',
  ])
    t.match(text, `>${words}<`);
  t.match((await trace(inCharge, '&direction=up&format=svg&lang=zh-CN', unit('P1'))).text, />充入</);
  const down = (await trace(inCharge, '&direction=down&format=svg&lang=en', agent)).text;
  t.match(down, />filled into</, 'and from the agent to what it was filled into');
});
