import { FormatRegistry } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import t, { type Test } from 'tap';
import { toCompactJws } from '../../../src/core/codes/code.ts';
import { verdictTable } from '../../../src/core/codes/verdict.ts';
import type { Epc } from '../../../src/core/events/hop.ts';
import type { Database, Sql } from '../../../src/database/connection.ts';
import { newId } from '../../../src/features/new-id.ts';
import { readCodes } from '../../../src/features/verification/read-code.ts';
import { createScans } from '../../../src/features/verification/scans.ts';
import { VerificationSchema } from '../../../src/features/verification/schemas.ts';
import { createVerify } from '../../../src/features/verification/service.ts';
import { verifyInPool } from '../../../src/features/verification/signatures.ts';
import { outsideWitness } from '../../support/outside-witness.ts';
import { until } from '../../support/until.ts';
import {
  type Answer,
  container,
  dayMs,
  distribute,
  gtin,
  lot,
  lotNumber,
  otherGtin,
  post,
  produce,
  unit,
  type World,
  world,
} from './world.ts';

// Formats are checked by those who read the schema.
FormatRegistry.Set('date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text));
FormatRegistry.Set('date-time', (text) => new Date(text).toISOString() === text);

const verdictOf = ({ body }: { body: Answer }): [string, ...string[]] => [
  body.verdict,
  ...body.reasons.map(({ code }: { code: string }) => code),
];

/** The last digit of the signature, another. */
const altered = (code: string): string => code.slice(0, -1) + (code.endsWith('7') ? '8' : '7');

t.test('what is known of a code that was issued and moved', async (t) => {
  const w = await world(t);
  const epc = unit('A1');
  await w.issue([epc, unit('A2')]);
  await distribute(w, [epc]);
  const code = await w.code(epc);
  const { status, type, body } = await post(w, { code });
  t.equal(status, 200);
  t.equal(type, 'application/json; charset=utf-8');
  t.ok(Value.Check(VerificationSchema, body), 'it is what the schema says');
  const { sentence, reasons, proof, checkedAt, ...rest } = body;
  t.match(sentence.zh, /^此码由江南消防器材有限公司签发，已有的流转记录未见矛盾。这不能证明/);
  t.match(sentence.en, /does not prove that the thing under it is genuine/);
  t.strictSame(reasons, []);
  t.equal(new Date(checkedAt).toISOString(), checkedAt);
  const entries = await w.db.sql<{ seq: number; leaf: Buffer }[]>`
    SELECT e.seq, e.leaf FROM entries e JOIN unit_chain c USING (seq) JOIN epcs u USING (unit)
    WHERE u.epc = ${epc} ORDER BY seq`;
  const shown = entries.map(({ seq, leaf }) => ({ seq, leaf: leaf.toString('base64url') }));
  t.strictSame(proof, { issued: shown[0], last: shown.at(-1) });
  const hangzhou = { zh: '浙江省杭州市', en: 'Zhejiang, Hangzhou' };
  const shanghai = { zh: '上海市', en: 'Shanghai' };
  t.strictSame(rest, {
    code,
    epc: '01/06901234567892/21/A1',
    elementString: '(01)06901234567892(21)A1',
    verdict: 'consistent',
    orders: [],
    product: {
      gtin,
      name: '手提式干粉灭火器',
      nameEn: 'Portable dry powder extinguisher',
      model: 'MFZ/ABC4',
      category: {
        key: 'portable-extinguishers',
        zh: '手提式灭火器',
        en: 'Portable fire extinguishers',
      },
    },
    manufacturer: {
      name: '江南消防器材有限公司',
      nameEn: null,
      region: { zh: '浙江省杭州市西湖区', en: 'Zhejiang, Hangzhou, 西湖区' },
    },
    lot: lotNumber,
    productionDate: '2026-03-01',
    certificate: {
      number: w.certificate.number,
      body: '应急管理部消防产品合格评定中心',
      state: 'valid',
      validUntil: '2030-08-17',
    },
    certifiedWhenMade: true,
    journey: [
      { step: 'produce', month: '2026-03', region: hangzhou },
      { step: 'ship', month: '2026-04', region: hangzhou },
      { step: 'receive', month: '2026-04', region: shanghai },
    ],
    scans: { count: 0, firstAt: null },
    dueDates: { service: null, life: '2036-03-01' },
    host: 'id.example.cn',
  });
  t.notMatch(JSON.stringify(body), /浦江|place\/|长宁|张/, 'no partners, no places');

  t.test('in every spelling', async (t) => {
    const { signature, kid } = await w.sign(epc, w.kid);
    const signed = [
      code,
      code.replace('HTTPS://ID.EXAMPLE.CN', 'https://id.example.cn'),
      code.replace('ID.EXAMPLE.CN', 'ID.EXAMPLE.CN:443'),
      `${code}&lang=en`,
      toCompactJws({ epc, kid, signature }),
      `  ${code}\n`,
    ];
    const typed = [
      epc,
      '(01)06901234567892(21)A1',
      'urn:epc:id:sgtin:6901234.056789.A1',
      `https://other.example/${epc}`,
    ];
    const { status, body } = await post(w, { codes: [...signed, ...typed] });
    t.equal(status, 200);
    t.strictSame(
      body.results.map((r: Answer) => [
        r.epc,
        r.verdict,
        r.journey !== null,
        verdictOf({ body: r }).slice(1),
      ]),
      [
        ...signed.map(() => [epc, 'consistent', true, []]),
        ...typed.slice(0, 3).map(() => [epc, 'consistent', false, ['typed-no-signature']]),
        [epc, 'consistent', false, ['typed-no-signature', 'foreign-host']],
      ],
      'and a number without a signature never opens the journey',
    );
    t.strictSame(
      body.results.map((r: Answer) => r.code),
      [...signed, ...typed],
    );
  });

  t.test('advice for what the person is about to do', async (t) => {
    const { body } = await post(w, { code, purpose: 'shop', region: '310105' });
    t.type(body.advice.zh, 'string');
    t.ok(Value.Check(VerificationSchema, body));
  });
});

t.test('every row of the decision table', async (t) => {
  const w = await world(t);
  const { maker, dealer, shop, regulator } = w.parties;
  const serials = ['BLOCKED', 'RETIRED', 'CONFLICTED', 'CLEAN', 'BAD', 'FOREIGN', 'LEAKED'];
  const [blocked, retired, conflicted, clean, bad, foreign, leaked] = serials.map((serial) => unit(serial));
  const epcs = [blocked, retired, conflicted, clean, bad, foreign].filter((epc) => epc !== undefined);
  const [one, two, three, four, five, six] = epcs;
  if (!one || !two || !three || !four || !five || !six || !leaked) throw new Error('a unit is missing');
  await w.issue(epcs);
  await distribute(w, epcs);
  await w.record(regulator, 'regulator', { hop: 'seize', epcs: [one], from: dealer });
  await w.record(dealer, 'distributor', { hop: 'scrap', epcs: [two] });
  for (const to of [shop, w.parties.user]) {
    await w.record(dealer, 'distributor', {
      hop: 'ship',
      epcs: [three],
      place: w.places.store,
      to,
      toPlace: null,
      transfer: 'sale',
    });
  }
  const lost = await w.newKey(maker);
  await w.issue([leaked], { kid: lost });
  await w.setKey(lost, { status: 'compromised', distrustedFrom: 0, reason: 'stolen' });
  const unknownKey = `${(await w.code(four)).replace(`?S=${w.kid}`, '?S=9999999')}`;
  const never = unit('NEVER');

  const representatives: readonly (readonly [code: string, ...expected: string[]])[] = [
    [altered(await w.code(five)), 'forged', 'signature-invalid'],
    [await w.code(six, w.rivalKid), 'forged', 'key-of-another-maker'],
    [unknownKey, 'forged', 'key-unknown'],
    [unknownKey.replace('ID.EXAMPLE.CN', 'ID.EXAMP1E.CN'), 'unknown', 'key-unknown', 'foreign-host'],
    [await w.code(leaked, lost), 'unknown', 'key-leak-suspected'],
    [await w.code(never), 'unknown', 'not-issued'],
    [never, 'unknown', 'not-issued', 'typed-no-signature'],
    [await w.code(one), 'blocked', 'seized'],
    [await w.code(two), 'retired', 'recorded-scrapped'],
    [await w.code(three), 'conflicted', 'double-sale', 'recorded-in-transit'],
    [await w.code(four), 'consistent'],
    [one, 'blocked', 'typed-no-signature', 'seized'],
    [two, 'retired', 'typed-no-signature', 'recorded-scrapped'],
    [three, 'conflicted', 'typed-no-signature', 'double-sale', 'recorded-in-transit'],
    [four, 'consistent', 'typed-no-signature'],
  ];
  t.equal(representatives.length, verdictTable.length, 'a representative for each row');
  const { body } = await post(w, { codes: representatives.map(([code]) => code) });
  t.strictSame(
    body.results.map((result: Answer) => verdictOf({ body: result })),
    representatives.map(([, ...expected]) => expected),
  );
  t.strictSame(
    body.results.map(({ verdict }: Answer) => verdict),
    verdictTable.map(({ verdict }) => verdict),
    'each decided by its own row',
  );
  const published = (await (await fetch(`${w.origin}/v1/verdicts`)).json()) as Answer;
  t.strictSame(published.table, verdictTable, 'the table that decides is the one published');
  const words = new Map(published.reasons.map(({ code, zh, en }: Answer) => [code, { code, zh, en }]));
  t.strictSame(
    body.results.map(({ reasons }: Answer) => reasons),
    body.results.map(({ reasons }: Answer) => reasons.map(({ code }: Answer) => words.get(code))),
    'and so are the sentences',
  );
  for (const result of body.results.slice(0, 7)) {
    const { product, manufacturer, lot, certificate, journey, proof, scans, dueDates } = result;
    t.strictSame(
      { product, manufacturer, lot, certificate, journey, proof, scans, dueDates },
      {
        product: null,
        manufacturer: null,
        lot: null,
        certificate: null,
        journey: null,
        proof: null,
        scans: null,
        dueDates: null,
      },
      'a code that nobody vouches for is told nothing as if it were known',
    );
  }
});

t.test('forgeries', async (t) => {
  const w = await world(t);
  const [epc, twin] = [unit('7ZK3QW9D5TB1M'), unit('7ZK3QW9D5TB2M')];
  await w.issue([epc, twin]);
  const code = await w.code(epc);
  const signature = code.slice(code.indexOf('?S=') + 10);
  const table: readonly (readonly [what: string, code: string, verdict: string, reason: string])[] = [
    ['another serial that exists', code.replace('TB1M', 'TB2M'), 'forged', 'signature-invalid'],
    ['another serial that does not', code.replace('TB1M', 'TB3M'), 'forged', 'signature-invalid'],
    ['another GTIN', code.replace(gtin, otherGtin), 'forged', 'signature-invalid'],
    [
      'another key id that exists',
      code.replace(`?S=${w.kid}`, `?S=${w.rivalKid}`),
      'forged',
      'signature-invalid',
    ],
    ['a key id of nobody', code.replace(`?S=${w.kid}`, '?S=0000000'), 'forged', 'key-unknown'],
    [
      'a signature of another code',
      (await w.code(twin)).replace('TB2M', 'TB1M'),
      'forged',
      'signature-invalid',
    ],
    ['a signature of zeros', `${code.slice(0, -155)}${'0'.repeat(155)}`, 'forged', 'signature-invalid'],
    ['the key of another maker', await w.code(epc, w.rivalKid), 'forged', 'key-of-another-maker'],
    ["another maker's GTIN", await w.code(unit('X1', otherGtin)), 'forged', 'key-of-another-maker'],
  ];
  const { body } = await post(w, { codes: table.map(([, code]) => code) });
  t.strictSame(
    body.results.map((result: Answer, i: number) => [
      table[i]?.[0],
      ...verdictOf({ body: result }).slice(0, 2),
    ]),
    table.map(([what, , verdict, reason]) => [what, verdict, reason]),
  );
  t.strictSame(
    verdictOf(await post(w, { code: code.replace('ID.EXAMPLE.CN', 'ID.EXAMP1E.CN') })),
    ['consistent', 'foreign-host', 'issued-not-produced'],
    'the host of another ledger is named',
  );

  t.test('what cannot be read is refused, with what to do', async (t) => {
    const overflow = `${code.slice(0, -155)}${'9'.repeat(155)}`;
    t.match(await post(w, { code: overflow }), {
      status: 422,
      type: 'application/problem+json; charset=utf-8',
      body: {
        type: 'https://id.example.cn/problems/invalid-code',
        title: 'Identity code is malformed',
        status: 422,
        code: 'invalid-code',
        detail: 'The signature in the code is damaged: scan the code again.',
        errors: [
          {
            pointer: '/code',
            code: 'invalid-code',
            detail: 'The signature in the code is damaged: scan the code again.',
          },
        ],
      },
    });
    const bad = [
      [`${code.slice(0, -1)}`, 'invalid-code'],
      [`${code}1`, 'invalid-code'],
      [`${code}&S=${w.kid}${signature}`, 'invalid-code'],
      [code.replace(gtin, '06901234567893'), 'invalid-check-digit'],
      [`01/${gtin}/21/A B`, 'invalid-serial'],
      [`01/${gtin}`, 'invalid-code'],
      ['hello', 'invalid-identifier'],
      ['eyJhbGciOiJub25lIn0.e30.', 'invalid-identifier'],
      ['eyJhbGciOiJub25lIn0.e30.AA', 'invalid-code'],
    ] as const;
    const { status, body } = await post(w, { codes: [code, ...bad.map(([text]) => text)] });
    t.equal(status, 422);
    t.strictSame(
      body.errors.map(({ pointer, code }: Answer) => [pointer, code]),
      bad.map(([, expected], i) => [`/codes/${i + 1}`, expected]),
      'all of them are listed, and nothing is answered for the others',
    );
    const requests: readonly (readonly [unknown, number, string])[] = [
      [{}, 400, 'invalid-request'],
      [{ code, codes: [code] }, 400, 'invalid-request'],
      [{ codes: [] }, 400, 'invalid-request'],
      [{ codes: Array.from({ length: 1001 }, () => code) }, 400, 'invalid-request'],
      [{ code: 7 }, 400, 'invalid-request'],
      [{ code, color: 'red' }, 400, 'unknown-member'],
      [{ code, purpose: 'theft' }, 400, 'invalid-request'],
      [{ code, region: '999999' }, 422, 'invalid-region'],
    ];
    const answers = [];
    for (const [body] of requests) {
      const { status, body: problem } = await post(w, body);
      answers.push([body, status, problem.code]);
    }
    t.strictSame(answers, requests);
    const forgedToken = await post(w, { code }, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' });
    t.strictSame([forgedToken.status, forgedToken.body.code], [401, 'token-invalid']);
  });
});

t.test('what changes is seen at once', async (t) => {
  const w = await world(t);
  const { maker, dealer, body: certifier, regulator } = w.parties;
  const epc = unit('A1');
  await w.issue([epc]);
  const code = await w.code(epc);
  const now = async () => verdictOf(await post(w, { code }));
  t.strictSame(await now(), ['consistent', 'issued-not-produced']);
  await produce(w, [epc]);
  t.strictSame(await now(), ['consistent', 'not-shipped-yet']);
  await w.append({ ...w.certificate, by: certifier, status: 'suspended', since: '2026-06-01' });
  t.strictSame(await now(), ['consistent', 'certificate-suspended', 'not-shipped-yet']);
  await w.append({ ...w.certificate, by: certifier, status: 'withdrawn', since: '2026-07-01' });
  t.strictSame(await now(), ['consistent', 'certificate-withdrawn', 'not-shipped-yet']);
  await w.append({ ...w.certificate, by: certifier, status: 'suspended', since: '2026-07-01' });
  t.strictSame(await now(), ['consistent', 'certificate-withdrawn', 'not-shipped-yet'], 'and stays so');
  await w.append({ ...w.certificate, id: newId(), number: 'ANOTHER' });
  const [seized] = await w.record(regulator, 'regulator', { hop: 'hold', epcs: [epc] });
  t.strictSame(await now(), ['blocked', 'on-hold', 'not-shipped-yet']);
  await w.record(regulator, 'regulator', {
    hop: 'lift',
    epcs: [epc],
    target: seized?.eventID ?? null,
    to: null,
  });
  t.strictSame(await now(), ['consistent', 'not-shipped-yet']);
  await w.record(w.parties.rival, 'manufacturer', {
    hop: 'ship',
    epcs: [epc],
    place: w.places.store,
    to: dealer,
    toPlace: null,
    transfer: 'sale',
  });
  t.strictSame(await now(), ['consistent', 'not-shipped-yet'], "a stranger's claim changes nothing");
  t.strictSame(
    (await post(w, { code })).body.journey.map(({ step }: Answer) => step),
    ['produce', 'hold', 'lift'],
    'nor does it stand in the journey',
  );
  await w.record(maker, 'manufacturer', {
    hop: 'inspect',
    epcs: [epc],
    outcome: 'non-conformant',
    sampling: null,
    from: null,
    nextDue: '2026-06-01',
  });
  t.strictSame(await now(), ['consistent', 'not-shipped-yet', 'recorded-nonconformant', 'overdue']);
  t.strictSame((await post(w, { code })).body.dueDates, { service: '2026-06-01', life: '2036-03-01' });
  await w.setKey(w.kid, { status: 'retired' });
  t.equal((await now())[1], 'key-retired');
});

t.test('time passes', async (t) => {
  let later = 0;
  const w = await world(t, { deps: { now: () => Date.now() + later } });
  const epc = unit('A1');
  await w.issue([epc]);
  await distribute(w, [epc]);
  const code = await w.code(epc);
  later = Date.parse('2036-03-01T23:59:59.999+08:00') - Date.now() - 60_000;
  t.strictSame(verdictOf(await post(w, { code })), ['consistent', 'certificate-expired'], 'its last day');
  later += 61_000;
  t.strictSame(verdictOf(await post(w, { code })), ['consistent', 'certificate-expired', 'expired']);
});

t.test(
  'what is made of others is as old as its making, what is cut off or renamed has no date',
  async (t) => {
    const later = Date.parse('2036-03-02T00:00:00+08:00') - Date.now();
    const w = await world(t, { deps: { now: () => Date.now() + later } });
    const [part, made, old, renamed, off] = [unit('P'), unit('M'), unit('O'), unit('N'), unit('C')];
    const batch = lot(gtin, 'MADE');
    const amount = 5_000_000n;
    await w.issue([part, made, old, renamed, off, batch]);
    await produce(w, [part, old]);
    const record = (hop: 'transform' | 'split' | 'relabel', about: object) =>
      w.record(w.parties.maker, 'manufacturer', {
        hop,
        place: w.places.factory,
        at: '2026-03-01T09:00:00+08:00',
        ...about,
      });
    const lots = [{ lot: batch, amount, uom: 'MTR' }];
    await record('transform', { inputs: { epcs: [part], lots: [] }, outputs: { epcs: [made], lots } });
    await record('split', { of: { lot: batch, amount, uom: 'MTR' }, cuts: { epcs: [off], lots: [] } });
    await record('relabel', { pairs: [{ old, new: renamed }] });
    const tell = async (epc: Epc) => {
      const { body } = await post(w, { code: await w.code(epc) });
      return [body.productionDate, body.dueDates.life, ...verdictOf({ body })];
    };
    const ended = ['certificate-expired', 'not-shipped-yet', 'expired'];
    const told = ['2026-03-01', '2036-03-01', 'consistent', ...ended];
    t.strictSame(await tell(made), told);
    await produce(w, [made]);
    t.strictSame(await tell(made), told, 'commissioned besides');
    t.strictSame((await tell(batch)).slice(0, 2), ['2026-03-01', '2036-03-01']);
    t.strictSame((await tell(off)).slice(0, 2), [null, null], 'as old as what it was cut from');
    t.strictSame((await tell(renamed)).slice(0, 2), [null, null], 'as old as it was');
  },
);

t.test('a leak after the issue leaves codes good that a witness saw issued before', async (t) => {
  const witness = await outsideWitness(t, 'one.example/w');
  const w = await world(t, { service: { witnesses: [witness], witnessQuorum: 1 } });
  const [early, unseen, late] = [unit('EARLY'), unit('UNSEEN'), unit('LATE')];
  const issued = await w.issue([early]);
  const cosigned = async () =>
    (await w.owner.sql`SELECT FROM cosignatures WHERE size > ${issued}`).length > 0;
  await until(cosigned);
  witness.tricks.push(...Array.from({ length: 100 }, () => ({ status: 500 })));
  const last = await w.issue([unseen]);
  await w.issue([late]);
  await w.setKey(w.kid, { status: 'compromised', distrustedFrom: last + 1, reason: 'stolen' });
  const verdict = async (epc: Epc) => verdictOf(await post(w, { code: await w.code(epc) }));
  t.strictSame(await verdict(early), ['consistent', 'issued-before-key-leak', 'issued-not-produced']);
  t.strictSame(await verdict(unseen), ['unknown', 'key-leak-suspected'], 'nobody else knows when that was');
  t.strictSame(await verdict(late), ['unknown', 'key-leak-suspected']);
});

t.test('without witnesses nothing shows what was issued before a leak', async (t) => {
  const w = await world(t);
  const early = unit('EARLY');
  const issued = await w.issue([early]);
  await w.setKey(w.kid, { status: 'compromised', distrustedFrom: issued + 1, reason: 'stolen' });
  t.strictSame(verdictOf(await post(w, { code: await w.code(early) })), ['unknown', 'key-leak-suspected']);
});

t.test('lots and containers', async (t) => {
  const w = await world(t);
  const epc = unit('A1');
  await w.issue([epc]);
  t.strictSame(
    verdictOf(await post(w, { code: lot() })),
    ['consistent', 'typed-no-signature'],
    'known by its units',
  );
  t.strictSame(
    verdictOf(await post(w, { code: await w.code(lot()) })),
    ['unknown', 'not-issued'],
    'but a code of the lot itself must have been issued',
  );
  await w.issue([lot()]);
  await w.issue([container], { gtin: null, lot: null });
  const [one, box] = [await w.code(lot()), await w.code(container)];
  const { body } = await post(w, { code: one });
  t.strictSame(verdictOf({ body }), ['consistent']);
  t.match(body, { lot: lotNumber, elementString: `(01)${gtin}(10)${lotNumber}`, product: { gtin } });
  await produce(w, [epc]);
  await w.record(w.parties.maker, 'manufacturer', {
    hop: 'pack',
    container,
    epcs: [epc],
    place: w.places.factory,
  });
  const carton = await post(w, { code: box });
  t.strictSame(verdictOf(carton), ['consistent']);
  t.match(carton.body, {
    manufacturer: { name: '江南消防器材有限公司' },
    product: null,
    lot: null,
    journey: [],
  });
  await w.record(w.parties.maker, 'manufacturer', {
    hop: 'hold',
    epcs: [],
    lots: [{ lot: lot(), amount: null, uom: 'H87' }],
  });
  const held = await post(w, { codes: [one, await w.code(epc), box] });
  t.strictSame(
    held.body.results.map(({ verdict }: Answer) => verdict),
    ['blocked', 'blocked', 'consistent'],
    'a hold of the lot holds for its units',
  );
});

t.test('the number of statements does not grow with the number of codes', async (t) => {
  const w = await world(t);
  const epcs = Array.from({ length: 1000 }, (_, i) => unit(`N${i}`));
  await w.issue(epcs);
  await distribute(w, epcs);
  await w.record(w.parties.dealer, 'distributor', { hop: 'pack', container, epcs: epcs.slice(0, 500) });
  const counted = counting(w.deps.lookups);
  const { verify } = verifier(t, w, counted.database);
  const codes = readCodes(await Promise.all(epcs.map((epc) => w.code(epc))));
  const visit = { address: '192.0.2.1', userAgent: 'a phone', robot: false, own: false, region: null };
  await verify(codes.slice(0, 1), visit);
  const [few, many] = [codes.slice(0, 1), codes];
  const statements: number[] = [];
  for (const asked of [few, many]) {
    const before = counted.count();
    const results = await verify(asked, visit);
    t.ok(results.length === asked.length && results.every(({ verdict }) => verdict === 'consistent'));
    statements.push(counted.count() - before);
  }
  t.equal(statements[0], statements[1]);

  t.test('and few requests at once share theirs', async (t) => {
    const before = counted.count();
    const results = await Promise.all(codes.slice(0, 100).map((code) => verify([code], visit)));
    t.strictSame(
      results.map(([result]) => result?.epc),
      epcs.slice(0, 100),
      'each gets its own answer',
    );
    t.ok(counted.count() - before <= 3 * (statements[0] ?? 0));
  });
});

/** Counts what is sent; fragments count as well, which is the same for any number of codes. */
function counting(database: Database): { database: Database; count: () => number } {
  let count = 0;
  const sql: Sql = new Proxy(database.sql, {
    apply(target, self, args) {
      count++;
      return Reflect.apply(target, self, args);
    },
  });
  return { database: { ...database, sql }, count: () => count };
}

function verifier(t: Test, w: World, lookups: Database) {
  const scans = createScans({
    database: w.deps.db,
    secret: Buffer.alloc(32),
    retentionDays: 1,
    now: () => Date.now() - dayMs,
    onWritten: () => {},
    onDropped: () => {},
    onError: (error) => t.error(error),
  });
  t.teardown(() => scans.close());
  return { verify: createVerify({ ...w.deps, lookups }, scans, verifyInPool) };
}
