import { hash } from 'node:crypto';
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, gtin, lot, supplyChain, unit } from '../../support/supply-chain.ts';

type Service = Awaited<ReturnType<typeof testService>>;

/**
 * Two units made and packed into a carton, the carton shipped to a distributor and unpacked there, one unit shipped on
 * to a seller, who sold it and says nothing of having received it.
 */
async function story(service: Service) {
  const chain = await supplyChain(service);
  const { maker, distributor, seller } = chain;
  const box = container(1);
  const both = [unit('A1'), unit('A2')];
  const time = (day: number, zone = '+08:00') => act(`2025-07-0${day}T09:00:00${zone}`);
  const record = async (who: Actor, as: string, ...hops: object[]) => {
    const posted = await chain.post(
      who,
      hops.map((hop) => ({ as, place: who.place, ...hop })),
    );
    if (posted.status >= 300) throw new Error(posted.text);
  };
  await record(
    maker,
    'manufacturer',
    { hop: 'produce', ...time(1), lot: 'L1', epcs: both },
    { hop: 'pack', ...time(2), container: box, epcs: both },
    {
      hop: 'ship',
      ...time(3),
      epcs: [box],
      to: distributor.id,
      toPlace: distributor.place,
      transfer: 'sale',
    },
  );
  await record(
    distributor,
    'distributor',
    { hop: 'receive', ...time(4, '+09:00'), epcs: [box], from: maker.id },
    { hop: 'unpack', ...time(5), container: box },
    { hop: 'ship', ...time(6), epcs: [unit('A1')], to: seller.id, toPlace: seller.place, transfer: 'sale' },
  );
  await record(seller, 'seller', { hop: 'sell', ...time(7), epcs: [unit('A1')] });
  return { chain, box };
}

const get = async (service: Pick<Service, 'app'>, who: Actor, url: string, accept = 'application/json') => {
  const { statusCode, headers, body } = await service.app.inject({
    url,
    headers: { authorization: who.bearer, accept },
  });
  return {
    status: statusCode,
    headers,
    text: body,
    body: `${headers['content-type']}`.includes('json') ? JSON.parse(body) : null,
  };
};
const traceOf = (epc: string, more = '') => `/v1/trace?epc=${encodeURIComponent(epc)}${more}`;
const hopsOf = ({ body }: { body: { hops: { hop: string; sight: string }[] } | null }) =>
  body?.hops?.map(({ hop, sight }) => `${hop} ${sight}`) ?? [];

t.test('trace over HTTP', async (t) => {
  const service = await testService(t);
  const { chain, box } = await story(service);
  const { maker, distributor, seller, regulator, stranger } = chain;
  const operator = { ...stranger, bearer: service.bearer(['operator']) };
  const inCharge = await chain.officer(['330000']);
  const elsewhere = await chain.officer(['440000']);

  t.test('what whoever asks sees of a unit', async (t) => {
    const seen = async (who: Actor) => {
      const answer = await get(service, who, traceOf(`(01)${gtin}(21)A1`, '&direction=up'));
      return answer.status === 200 ? hopsOf(answer) : [answer.body.code];
    };
    const all = ['produce', 'pack', 'ship', 'receive', 'unpack', 'ship', 'sell'];
    t.strictSame(
      await seen(inCharge),
      all.map((hop) => `${hop} whole`),
      'the regulator in charge: everything',
    );
    t.strictSame(
      await seen(maker),
      [
        'produce whole',
        'pack whole',
        'ship whole',
        'receive whole',
        'unpack neighbour',
        'ship neighbour',
        'sell outline',
      ],
      'the maker: its own, its partner, and the rest in outline',
    );
    t.strictSame(
      await seen(distributor),
      [
        'produce neighbour',
        'pack neighbour',
        'ship whole',
        'receive whole',
        'unpack whole',
        'ship whole',
        'sell neighbour',
      ],
      'a distributor: one step up and down',
    );
    t.strictSame(
      await seen(seller),
      ['receive neighbour', 'unpack neighbour', 'ship whole', 'sell whole'],
      'a seller: nothing of the maker',
    );
    for (const who of [regulator, elsewhere, stranger, operator])
      t.strictSame(await seen(who), ['not-found']);
  });

  t.test('hops in order, with the zone they were told in, through containers', async (t) => {
    const { body } = await get(service, inCharge, traceOf(unit('A1'), '&direction=up'));
    t.match(body, { epc: unit('A1'), kind: 'unit', direction: 'up', at: null, complete: true });
    t.strictSame(
      body.hops.map((h: { hop: string; time: string; via: string[] }) => [h.hop, h.time, h.via]).slice(1, 5),
      [
        ['pack', '2025-07-02T09:00:00.000+08:00', []],
        ['ship', '2025-07-03T09:00:00.000+08:00', [box]],
        ['receive', '2025-07-04T09:00:00.000+09:00', [box]],
        ['unpack', '2025-07-05T09:00:00.000+08:00', [box]],
      ],
    );
    t.strictSame(
      body.links.map((l: object) => ({ ...l, seq: 0 })),
      [{ kind: 'contained', seq: 0, from: box, to: unit('A1') }],
    );
    t.strictSame(body.nodes.map((n: { kind: string }) => n.kind).sort(), [
      'container',
      'party',
      'party',
      'party',
      'place',
      'place',
      'place',
      'unit',
    ]);
    t.match(body.gaps, [
      { kind: 'shipped-not-received', sentence: { zh: /没有.*收货的记录/, en: /never received/ } },
    ]);
    const [leaf] = await service.owner.sql`SELECT leaf FROM entries WHERE seq = ${body.hops[0].seq}`;
    t.equal(body.hops[0].leaf, leaf?.leaf.toString('base64url'), 'the leaf that proves it');
  });

  t.test('a moment bounds the trace', async (t) => {
    const at = encodeURIComponent('2025-07-04T12:00:00+08:00');
    const up = await get(service, inCharge, traceOf(unit('A1'), `&direction=up&at=${at}`));
    const down = await get(service, inCharge, traceOf(unit('A1'), `&direction=down&at=${at}`));
    const kinds = (answer: typeof up) => answer.body.hops.map((h: { hop: string }) => h.hop);
    t.strictSame(
      [kinds(up), kinds(down)],
      [
        ['produce', 'pack', 'ship', 'receive'],
        ['unpack', 'ship', 'sell'],
      ],
    );
  });

  t.test('what was known at a moment of recording, or when the log had so many entries', async (t) => {
    const { body } = await get(service, inCharge, traceOf(unit('A1'), '&direction=up'));
    const shipped = body.hops[2];
    const known = async (text: string, more = '') =>
      (
        await get(
          service,
          inCharge,
          traceOf(unit('A1'), `&direction=up&known=${encodeURIComponent(text)}${more}`),
        )
      ).body;
    const kinds = (answer: { hops: { hop: string }[] }) => answer.hops.map(({ hop }) => hop);
    const bySize = await known(String(shipped.seq + 1));
    t.strictSame([kinds(bySize), bySize.known], [['produce', 'pack', 'ship'], shipped.seq + 1]);
    t.match(bySize.gaps, [{ kind: 'shipped-not-received', seq: shipped.seq, from: { id: maker.id } }]);
    t.match(bySize.gaps[0].expected, [
      {
        hop: 'receive',
        by: { id: distributor.id },
        sentence: { zh: /收货的记录，由.*填报/, en: /a receipt by/ },
      },
    ]);
    const byTime = await known(shipped.recordedAt);
    t.ok(byTime.known > shipped.seq && byTime.hops.length < body.hops.length + 1, 'by its time of recording');
    t.strictSame(kinds(await known('2199-01-01T00:00:00Z')), kinds(body), 'by a time to come: all of it');
    const both = await known(
      String(shipped.seq + 1),
      `&at=${encodeURIComponent('2025-07-02T12:00:00+08:00')}`,
    );
    t.strictSame(kinds(both), ['produce', 'pack'], 'together with a moment of happening');
    const codes = await Promise.all(
      ['99999999', '1e3', '2025-07-04'].map(async (text) => (await known(text)).code),
    );
    t.strictSame(codes, ['invalid-request', 'invalid-time', 'invalid-time']);
    t.equal((await known('2020-01-01T00:00:00Z')).code, 'not-found', 'nothing was known yet');
    t.strictSame(
      body.handOvers.map(
        (h: { from: { id: string }; to: { id: string } | null; seqs: number[]; gap: string }) => [
          h.from.id,
          h.to?.id ?? null,
          h.seqs.length,
          h.gap,
        ],
      ),
      [
        [maker.id, distributor.id, 2, null],
        [distributor.id, seller.id, 1, 'shipped-not-received'],
        [seller.id, null, 1, null],
      ],
      'each edge with its entries, and what is missing of it',
    );
  });

  t.test('a container leads down to what was in it', async (t) => {
    const { body } = await get(service, inCharge, traceOf(box, '&direction=down'));
    t.strictSame(
      body.nodes.flatMap((n: { kind: string; id: string }) => (n.kind === 'unit' ? n.id : [])),
      [unit('A1'), unit('A2')],
    );
  });

  t.test('what was packed before a moment is still in there', async (t) => {
    const { body } = await get(
      service,
      inCharge,
      traceOf(box, '&direction=down&at=2025-07-03T00:00:00%2B08:00'),
    );
    t.strictSame(
      body.nodes.flatMap((n: { kind: string; id: string }) => (n.kind === 'unit' ? n.id : [])),
      [unit('A1'), unit('A2')],
    );
    t.equal(body.complete, true);
    t.notOk(body.hops.some(({ hop }: { hop: string }) => hop === 'pack'));
  });

  t.test('as a table', async (t) => {
    const { headers, text } = await get(service, inCharge, traceOf(unit('A1'), '&direction=up'), 'text/csv');
    const [head, first] = text.split('\r\n');
    t.match(headers, { 'content-type': /^text\/csv/, vary: /accept/ });
    t.match(head, /^seq,leaf,recordedAt,hop,time,precision,recorder,/);
    t.match(first, /,produce,2025-07-01T09:00:00\.000\+08:00,millisecond,/);
    const url = traceOf(unit('A1'), '&direction=both');
    const { body } = await get(service, inCharge, url);
    const { text: all } = await get(service, inCharge, `${url}&format=csv`);
    const [columns = [], ...lines] = all
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) =>
        [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((it) => it[1] ?? it[2] ?? ''),
      );
    const rows = lines.map((line) => Object.fromEntries(columns.map((column, i) => [column, line[i] ?? ''])));
    const of = (row: string) => rows.filter((it) => it.row === row);
    t.strictSame(
      ['hop', 'node', 'link', 'hand-over', 'gap'].map((row) => of(row).length),
      [body.hops, body.nodes, body.links, body.handOvers, body.gaps].map(({ length }) => length),
      'all that the answer holds',
    );
    t.equal(lines.length, rows.filter(({ row }) => row !== '').length);
    t.strictSame(
      of('node').map(({ kind, id }) => [kind, id]),
      body.nodes.map(({ kind, id }: { kind: string; id: string }) => [kind, id]),
    );
    t.match(of('gap')[0], {
      kind: body.gaps[0]?.kind,
      seq: String(body.gaps[0]?.seq),
      giver: body.gaps[0]?.from?.id ?? '',
      sentenceEn: /./,
      expected: new RegExp(`^${body.gaps[0]?.expected[0]?.hop} `),
    });
    t.equal((await get(service, inCharge, traceOf(unit('A1'), '&format=csv'))).status, 200);
  });

  t.test('as a drawing and as a graph', async (t) => {
    const svg = await get(
      service,
      inCharge,
      traceOf(unit('A1'), '&direction=up&lang=zh-CN'),
      'image/svg+xml',
    );
    t.match(svg.headers, { 'content-type': /^image\/svg\+xml/, 'content-language': 'zh-CN' });
    const style = /<style>([^<]*)<\/style>/.exec(svg.text)?.[1] ?? '';
    t.match(
      svg.headers['content-security-policy'],
      hash('sha256', style, 'base64'),
      'its own style is allowed',
    );
    t.match(svg.text, /^<\?xml[^>]*>\n<svg xmlns/);
    for (const words of ['溯源图', '缺收货记录', '应有', '发货 2025-07-03']) t.match(svg.text, words);
    const english = await get(service, inCharge, traceOf(unit('A1'), '&format=svg&lang=en'));
    t.match(english.text, /no receipt recorded/);
    const graph = await get(
      service,
      inCharge,
      traceOf(unit('A1'), '&direction=up'),
      'application/graphml+xml',
    );
    const { body: told } = await get(service, inCharge, traceOf(unit('A1'), '&direction=up'));
    const missing: { hop: string; by: { id: string }; sentence: { en: string } }[] = told.gaps.flatMap(
      ({ expected }: { expected: object[] }) => expected,
    );
    t.ok(missing.length > 0);
    const bound = told.hops.filter(({ toPlace }: { toPlace: object | null }) => toPlace !== null);
    t.equal(
      graph.text.match(/<edge /g)?.length,
      1 + 3 + 7 + 7 + bound.length + missing.length,
      'a link, three hand-overs, seven acts, each somewhere, some bound for elsewhere, and what should have been recorded',
    );
    t.ok(bound.length > 0);
    for (const { seq, thing, toPlace } of bound)
      t.match(
        graph.text,
        `source="${thing}" target="${toPlace.id}"><data key="e-kind">bound-for</data><data key="e-seqs">${seq}<`,
      );
    for (const { hop, by, sentence } of missing) {
      t.match(
        graph.text,
        `source="${by.id}" target="${unit('A1')}"><data key="e-kind">missing-${hop}</data>`,
      );
      t.match(graph.text, sentence.en.split(',')[0]);
    }
    t.match(graph.text, `<data key="e-gap">shipped-not-received</data>`);
    const partial = await get(service, distributor, traceOf(unit('A1'), '&direction=up&format=svg&lang=en'));
    t.match(partial.text, /only what you may see/);
  });

  t.test('what cannot be traced is refused', async (t) => {
    const codes = await Promise.all(
      [
        traceOf(unit('NONE')),
        traceOf(`01/${gtin}`),
        traceOf('nonsense'),
        traceOf(unit('A1'), '&at=2025-07-04'),
        traceOf(unit('A1'), '&direction=sideways'),
        traceOf(lot('NONE')),
      ].map(async (url) => (await get(service, maker, url)).body.code),
    );
    t.strictSame(codes, [
      'not-found',
      'invalid-identifier',
      'invalid-identifier',
      'invalid-time',
      'invalid-request',
      'not-found',
    ]);
    const csv = await get(service, maker, traceOf(unit('A1')), 'image/png');
    t.equal(csv.status, 406);
  });

  t.test('reads are noted', async (t) => {
    await service.deps.audit.flush();
    const rows = await service.owner.sql`
      SELECT DISTINCT route, subject FROM read_audit WHERE party = ${inCharge.id} ORDER BY subject`;
    t.strictSame(
      rows.map(({ route, subject }) => [route, subject]),
      [
        ['GET /v1/trace', box],
        ['GET /v1/trace', unit('A1')],
      ],
    );
  });
});

t.test('a claim of its own shows a stranger its own claim, and not what is inside or around', async (t) => {
  const service = await testService(t);
  const { chain, box } = await story(service);
  const { stranger } = chain;
  const told = async (epc: string) => {
    const { status, body } = await get(service, stranger, traceOf(epc, '&direction=both'));
    return status === 200
      ? { hops: hopsOf({ body }), nodes: body.nodes.map((n: { id: string }) => n.id), links: body.links }
      : body.code;
  };
  const posted = await chain.post(
    stranger,
    [{ epcs: [box] }, { lots: [{ lot: lot('L1') }] }].map((goods) => ({
      as: 'distributor',
      hop: 'inspect',
      place: stranger.place,
      outcome: 'conformant',
      ...act('2025-07-04T12:00:00+08:00'),
      ...goods,
    })),
  );
  t.equal(posted.status, 201, posted.text);
  const own = (epc: string) => ({
    hops: ['inspect whole'],
    nodes: [epc, stranger.id, stranger.place],
    links: [],
  });
  t.strictSame(await told(box), own(box));
  t.strictSame(await told(lot('L1')), own(lot('L1')));
  t.equal(await told(unit('A1')), 'not-found', 'what is inside is none of its business');

  const { maker, distributor, seller } = chain;
  const friend = await chain.actor(['distributor']);
  const feigned = await chain.post(stranger, [
    {
      ...{ hop: 'ship', epcs: [box], place: stranger.place, to: friend.id, toPlace: friend.place },
      ...{ transfer: 'sale', ...act('2025-07-04T13:00:00+08:00') },
    },
  ]);
  t.equal(feigned.status, 201, feigned.text);
  for (const who of [stranger, friend])
    t.notMatch(
      (await get(service, who, traceOf(box))).text,
      /21\/A[12]/,
      'two who agree learn no more than one',
    );

  const [kept, other, own7] = ['X1', 'X2', 'X3'].map((serial) => unit(serial) as Epc) as [Epc, Epc, Epc];
  const issued = {
    kind: 'issue',
    by: maker.id,
    batch: 'B',
    gtin,
    lot: 'L7',
    kid: '0000001',
    serials: 'own',
  } as const;
  await service.deps.ledger.append([{ fact: { ...issued, epcs: [kept, other, own7] } }]);
  const passed = async (from: Actor, to: Actor, epcs: Epc[], day: number) => {
    const at = { place: from.place, ...act(`2025-07-1${day}T09:00:00+08:00`) };
    const sent = { hop: 'ship', ...at, epcs, to: to.id, toPlace: to.place, transfer: 'sale' };
    const { status, text } = await chain.post(from, [sent]);
    if (status !== 201) throw new Error(text);
    const got = {
      hop: 'receive',
      place: to.place,
      epcs,
      from: from.id,
      ...act(`2025-07-1${day}T19:00:00+08:00`),
    };
    await chain.post(to, [got]);
  };
  await passed(maker, distributor, [other], 1);
  await passed(maker, stranger, [own7], 2);
  await passed(stranger, distributor, [own7], 3);
  await passed(distributor, seller, [other, own7], 4);
  const { user, firm } = chain;
  for (const to of [user, firm]) {
    const sale = { hop: 'sell', epcs: [own7], to: to.id, place: seller.place };
    await chain.post(seller, [{ ...sale, ...act('2025-07-16T09:00:00+08:00') }]);
  }
  const bought = await get(service, firm, traceOf(own7));
  t.match(bought.body.gaps.at(-1), { from: null, to: { id: seller.id } }, 'a gap names no stranger');
  t.notMatch(bought.text, user.id);
  t.equal((await get(service, seller, traceOf(box))).status, 404, 'nor that one was in a carton');
  const ofLot = async (who: Actor) => (await get(service, who, traceOf(lot('L7')))).body;
  const seen = await ofLot(stranger);
  t.notMatch(
    JSON.stringify(seen),
    /21\/X[12]/,
    'of a lot nothing of units that it never had, nor how many there are',
  );
  t.strictSame(
    [hopsOf({ body: seen }).at(-1), seen.hops.at(-1).thing, seen.handOvers.at(-1).things, seen.complete],
    ['ship neighbour', own7, 1, false],
    'what its own unit shares with another is told of its own',
  );
  t.match(JSON.stringify(await ofLot(maker)), /\/X1".*\/X2".*\/X3"/s, 'its maker is told of all');
});
