/** Reports of the public: sent without a name, found again by a code, seen and answered by who is in charge. */

import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import sharp from 'sharp';
import t from 'tap';
import { districtOf } from '../../../src/core/region.ts';
import { sealingKeyId } from '../../../src/core/sealed.ts';
import { createClueWatch } from '../../../src/features/findings/clue-watch.ts';
import { crowdedCells } from '../../../src/features/findings/report-queries.ts';
import { newPartyId } from '../../../src/features/new-id.ts';
import { followerProjections, projections } from '../../../src/features/projections.ts';
import { rebuild } from '../../../src/ledger/rebuild.ts';
import { actorOf, refusal } from '../../support/actors.ts';
import { testBrowser } from '../../support/browser.ts';
import { until } from '../../support/until.ts';
import { type Answer, dayMs, gtin, lot, otherGtin, unit, world } from '../verification/world.ts';

/** Of RFC 7517 appendix A.1: everybody has its private half. */
const publishedKey = {
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

t.test('reports', async (t) => {
  let clock = Date.UTC(2026, 4, 20, 4);
  const w = await world(t, { service: { now: () => clock } });
  const { regulator, shop } = w.parties;
  await w.append({
    kind: 'party',
    by: w.deps.genesis.operator,
    id: regulator,
    stub: false,
    name: '长宁区市场监督管理局',
    roles: ['regulator'],
    region: '310105',
    jurisdiction: { regions: ['310105'], places: [] },
  });
  const [office, elsewhere] = [actorOf(w, regulator, ['regulator']), actorOf(w, shop, ['regulator'])];
  const officer = async (regions: readonly string[]) => {
    const id = newPartyId();
    const [by, jurisdiction] = [w.deps.genesis.operator, { regions, places: [] }];
    await w.append({ kind: 'party', by, id, stub: false, name: 'O', roles: ['regulator'], jurisdiction });
    return actorOf(w, id, ['regulator']);
  };
  const send = (payload: object, from = '203.0.113.9') =>
    w.app.inject({ method: 'POST', url: '/v1/reports', payload, remoteAddress: from });
  const report = {
    category: 'counterfeit',
    text: '灭火器喷不出来，\n铭牌是贴上去的',
    region: '310105',
    place: '长宁路某店',
    code: `(01)${gtin}(21)${unit('A1').slice(-2)}`,
    contact: '13800000000',
  };
  const follow = async (receipt: string): Promise<Answer> =>
    (await w.app.inject(`/v1/reports/${receipt}`)).json();
  const list = async (query = '', by = office): Promise<Answer> =>
    (await by.send('GET', `/v1/reports${query}`)).json();
  const step = (id: string, body: object, by = office) => by.send('POST', `/v1/reports/${id}/steps`, body);
  const sent = await send(report);
  const { receipt } = sent.json();

  t.test('a receipt code finds it again, and shows nothing that was written', async (t) => {
    t.equal(sent.statusCode, 201);
    t.match(receipt, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    t.strictSame(await follow(receipt), {
      at: '2026-05-20T04:00:00.000Z',
      category: 'counterfeit',
      region: '310105',
      state: 'received',
      photos: 0,
      steps: [],
      erasures: [],
    });
    t.equal((await follow(receipt.toLowerCase().replaceAll('-', ''))).state, 'received');
    t.equal((await follow('0000-0000-0000-0000')).code, 'not-found');
    t.equal((await follow('x')).code, 'not-found');
    const rows = await w.owner.sql`SELECT * FROM reports`;
    t.notMatch(JSON.stringify(rows), receipt.replaceAll('-', ''));
    t.notMatch(JSON.stringify([rows, await w.owner.sql`SELECT * FROM report_counts`]), '203.0.113');
  });

  t.test('officers in charge see it and answer', async (t) => {
    const { items } = await list();
    t.match(items, [
      { text: report.text, place: report.place, contact: report.contact, epc: unit('A1'), gtin, code: null },
    ]);
    const [{ id }] = items;
    t.strictSame((await list('', elsewhere)).items, []);
    t.strictSame((await list(`?gtin=${gtin}&state=received`)).items.length, 1);
    t.strictSame((await list('?state=closed')).items, []);
    const refused = [
      await step(id, { state: 'taken-up' }, elsewhere),
      await step(id, { state: 'answered', answer: '好' }),
      await step('0000000000000000', { state: 'closed' }),
      await step(id, { state: 'received' }),
    ];
    t.strictSame(
      refused.map((answer) => refusal(answer).slice(0, 2)),
      [
        [404, 'not-found'],
        [409, 'state-conflict'],
        [404, 'not-found'],
        [400, 'invalid-request'],
      ],
    );
    const both = await Promise.all([step(id, { state: 'taken-up' }), step(id, { state: 'taken-up' })]);
    t.strictSame(both.map(({ statusCode }) => statusCode).sort(), [201, 409], 'of two officers one');
    clock += 3_600_000;
    t.equal((await step(id, { state: 'answered' })).statusCode, 400, 'without saying anything');
    t.equal((await step(id, { state: 'answered', answer: '已立案。\n谢谢。' })).statusCode, 201);
    t.match(await follow(receipt), {
      state: 'answered',
      steps: [
        { state: 'taken-up', answer: null, authority: '长宁区市场监督管理局' },
        { state: 'answered', answer: '已立案。\n谢谢。', at: '2026-05-20T05:00:00.000Z' },
      ],
    });
    const early = await step(id, { state: 'answered', answer: '好', outcome: 'founded' });
    t.strictSame(refusal(early).slice(0, 2), [400, 'invalid-request'], 'whether it was founded, at the end');
    const nameless = await step(id, { state: 'closed', outcome: 'founded' });
    t.strictSame(refusal(nameless).slice(0, 2), [400, 'invalid-request'], 'who decides says who it is');
    const closed = await step(id, { state: 'closed', outcome: 'founded', officer: '王某' });
    t.equal(closed.statusCode, 201);
    t.match((await follow(receipt)).steps.at(-1), { state: 'closed', answer: null, outcome: 'founded' });
    const { decision } = closed.json<Answer>();
    t.strictSame(decision, { seq: decision.seq, outcome: 'founded', officer: '王某' });
    t.match((await list()).items, [{ id, decision }]);
    t.notMatch(JSON.stringify(await follow(receipt)), '王某');
    const [entry] = await w.owner.sql<{ payload: string; value: string }[]>`
      SELECT f.payload, p.value FROM facts f JOIN privates p USING (seq) WHERE f.seq = ${decision.seq}`;
    t.strictSame(
      JSON.parse(entry?.payload ?? ''),
      { kind: 'report-decision', by: regulator, report: id, outcome: 'founded' },
      'the entry says of the report nothing else',
    );
    t.strictSame(JSON.parse(entry?.value ?? ''), { officer: '王某' });
    t.equal((await step(id, { state: 'taken-up' })).statusCode, 409);
    await w.deps.audit.flush();
    const reads = await w.owner
      .sql`SELECT DISTINCT route FROM read_audit WHERE party = ${regulator} ORDER BY route`;
    t.same(
      reads.map(({ route }) => route),
      ['GET /v1/reports', 'POST /v1/reports/:id/steps'],
    );
  });

  t.test('what is not taken, and what is taken as it is', async (t) => {
    const answers = await Promise.all([
      send({ ...report, region: '310199' }),
      send({ ...report, text: ' ' }),
      send({ ...report, text: 'x'.repeat(4_001) }),
      send({ ...report, category: 'rumour' }),
      send({ ...report, name: '王' }),
    ]);
    t.strictSame(
      answers.map(({ statusCode }) => statusCode),
      [422, 400, 400, 400, 400],
    );
    await send({ ...report, code: 'ABC-没有这种码', contact: '  ' });
    await send({ category: 'other', text: '条码', region: '310105', code: '6901234567892' });
    const { items, next } = await list('?limit=1');
    t.match(items, [{ gtin, epc: null, code: null, contact: null }]);
    t.match((await list(`?limit=1&cursor=${next}`)).items, [{ text: report.text, state: 'closed' }]);
  });

  t.test('from one address so many a day, on another day again', async (t) => {
    const many = await Promise.all(Array.from({ length: 105 }, () => send(report, '2001:db8:0:7::1')));
    const refused = many.filter(({ statusCode }) => statusCode === 429);
    t.equal(refused.length, 5);
    t.equal(refused[0]?.headers['retry-after'], String(19 * 3_600));
    t.equal((await send(report, '2001:db8:0:7:ffff::2')).statusCode, 429, 'the same subscriber');
    t.equal((await send(report, '2001:db8:0:8::1')).statusCode, 201);
    clock += 86_400_000;
    t.equal((await send(report, '2001:db8:0:7::1')).statusCode, 201);
    const counts = async () => (await w.owner.sql`SELECT count FROM report_counts`).length;
    t.equal(await counts(), 2, 'of a day and of a week; those before are forgotten');
    clock += 7 * 86_400_000;
    await send({ ...report, code: 'x' });
    t.equal(await counts(), 1, 'which is forgotten when that is over');
  });

  t.test('photos', async (t) => {
    clock += 1;
    const { receipt: code } = (await send(report)).json();
    const plain = sharp({ create: { width: 2_400, height: 1_200, channels: 3, background: 'red' } });
    const photo = await plain
      .jpeg()
      .withExif({ IFD0: { Model: 'Kamera X' }, IFD3: { GPSLatitude: '31/1 13/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    t.match((await sharp(photo).metadata()).exif?.toString('latin1'), 'Kamera X');
    let senders = 0;
    const add = (
      payload: Buffer | Readable,
      to = code,
      type = 'image/png',
      remoteAddress = `10.0.0.${++senders}`,
    ) =>
      w.app.inject({
        method: 'POST',
        url: `/v1/reports/${to}/photos`,
        headers: { 'content-type': type },
        remoteAddress,
        payload,
      });
    const small = await sharp(photo).resize(8).png().toBuffer();
    const bomb = await sharp({ create: { width: 7_000, height: 6_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    t.ok(bomb.length < 1_000_000, 'small as a file');
    const refused = await Promise.all([
      add(bomb),
      add(Buffer.from('<html><script>alert(1)</script>')),
      add(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
      add(photo.subarray(0, 2_000)),
      add(Buffer.alloc(8 * 1024 * 1024 + 1)),
      add(photo, '0000-0000-0000-0000'),
      add(photo, code, 'text/html'),
      w.app.inject({ method: 'POST', url: `/v1/reports/${code}/photos` }),
    ]);
    t.strictSame(
      refused.map((answer) => refusal(answer).slice(0, 2)),
      [
        [400, 'invalid-request'],
        [415, 'unsupported-media-type'],
        [415, 'unsupported-media-type'],
        [400, 'invalid-request'],
        [413, 'body-too-large'],
        [404, 'not-found'],
        [415, 'unsupported-media-type'],
        [400, 'invalid-request'],
      ],
    );
    const slow = Array.from({ length: 6 }, () => new PassThrough());
    const held = slow.map((body, i) => add(body, code, 'image/png', `2001:db8::${i}`));
    const first = refusal(await Promise.race(held));
    t.strictSame(first.slice(0, 2), [429, 'rate-limited'], 'one network has a share of the places');
    const added = [await add(photo), ...(await Promise.all([1, 2, 3, 4, 5].map(() => add(small))))];
    t.strictSame(added.map(({ statusCode }) => statusCode).sort(), [201, 201, 201, 201, 201, 409]);
    t.equal(refusal(await add(small))[1], 'state-conflict', 'a sixth');
    for (const body of slow) body.end();
    const codes = (await Promise.all(held)).map((answer) => refusal(answer)[1]).sort();
    t.strictSame(codes, ['rate-limited', ...Array.from({ length: 5 }, () => 'unsupported-media-type')]);
    t.equal((await follow(code)).photos, 5);
    const page = await w.app.inject(`/report/${code}`);
    t.notMatch(page.body, '<script', 'nothing more can be added');

    const [{ id, photos }] = (await list('?limit=1')).items;
    t.strictSame(
      photos,
      [1, 2, 3, 4, 5].map((n) => `/v1/reports/${id}/photos/${n}`),
    );
    const seen = await office.send('GET', photos[0]);
    t.match(seen.headers, {
      'content-type': 'image/webp',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    const { format, width, height, exif, icc, xmp } = await sharp(seen.rawPayload).metadata();
    t.strictSame({ format, width, height }, { format: 'webp', width: 1_000, height: 2_000 }, 'upright');
    t.strictSame([exif, icc, xmp], [undefined, undefined, undefined]);
    t.equal((await elsewhere.send('GET', photos[0])).statusCode, 404);
    t.equal((await office.send('GET', `/v1/reports/${id}/photos/6`)).statusCode, 400);
    await w.deps.audit.flush();
    const subjects = await w.owner.sql`SELECT subject FROM read_audit WHERE route LIKE '%photos%'`;
    t.same(subjects, [{ subject: `${id} 1` }]);

    const folder = join(w.dataDir, 'photos');
    const files = await readdir(folder);
    t.equal(files.length, 2, 'the same is kept once, and nothing half written');
    const kept = createHash('sha256').update(seen.rawPayload).digest('hex');
    t.ok(files.includes(kept));
    t.equal((await stat(join(folder, kept))).mode & 0o777, 0o600);
    const bytes = await readFile(join(folder, kept));
    await writeFile(join(folder, kept), 'something else');
    t.equal((await office.send('GET', photos[0])).statusCode, 404);
    await writeFile(join(folder, kept), bytes);

    clock += 1;
    const { receipt: other } = (await send(report)).json();
    t.match(
      (await w.app.inject(`/report/${other}`)).headers['content-security-policy'],
      "connect-src 'self'",
    );
    const browser = await testBrowser(t);
    if (browser !== null) {
      const tab = await browser.newPage();
      await tab.goto(`${w.origin}/report/${other}?lang=en`);
      const file = { name: 'a.png', mimeType: 'image/png', buffer: small };
      await tab.setInputFiles('#photo', [file, file]);
      await tab.getByRole('button', { name: 'Send the photos' }).click();
      await tab.getByText('Received: 2.').waitFor();
    }
    const [{ id: shut }] = (await list('?limit=1')).items;
    await step(shut, { state: 'closed' });
    t.equal(refusal(await add(small, other))[1], 'state-conflict', 'closed');
  });

  t.test('what was written is erased by who is in charge, and by the operator', async (t) => {
    const operator = actorOf(w, w.deps.genesis.operator, ['operator']);
    const photoOf = (background: string) =>
      sharp({ create: { width: 9, height: 9, channels: 3, background } })
        .png()
        .toBuffer();
    const [shared, own] = await Promise.all([photoOf('blue'), photoOf('green')]);
    let senders = 0;
    const begin = async (photos: readonly Buffer[], more: object = {}) => {
      clock += 1;
      const { receipt: code } = (await send({ ...report, ...more }, '203.0.113.77')).json();
      for (const payload of photos)
        await w.app.inject({
          ...{ method: 'POST', url: `/v1/reports/${code}/photos`, payload },
          headers: { 'content-type': 'image/png' },
          remoteAddress: `10.9.0.${++senders}`,
        });
      const [{ id }] = (await list('?limit=1')).items;
      return { code, id };
    };
    const erase = (named: string, body: object, by = office) =>
      by.send('POST', `/v1/reports/${named}/erasures`, body);
    const folder = join(w.dataDir, 'photos');
    const before = (await readdir(folder)).length;
    const kept = await begin([shared]);
    const { code, id } = await begin([shared, own]);
    t.equal((await readdir(folder)).length, before + 2);
    const ground = '个人信息保护法第四十七条';

    t.strictSame(
      [
        await erase(id, { parts: ['contact'], ground }, elsewhere),
        await erase(id, { parts: ['contact'], ground }, actorOf(w, shop, ['seller'])),
        await erase(id, { parts: [], ground }),
        await erase(id, { parts: ['contact', 'contact'], ground }),
        await erase(id, { parts: ['name'], ground }),
        await erase(id, { parts: ['contact'] }),
        await erase('0000000000000000', { parts: ['contact'], ground }, operator),
        await erase(id, { parts: ['sealed'], ground }),
      ].map((answer) => refusal(answer).slice(0, 2)),
      [
        [404, 'not-found'],
        [403, 'forbidden'],
        [400, 'invalid-request'],
        [400, 'invalid-request'],
        [400, 'invalid-request'],
        [400, 'invalid-request'],
        [404, 'not-found'],
        [409, 'state-conflict'],
      ],
    );
    const first = await erase(id, { parts: ['contact', 'sealed'], ground, number: 'R-1' });
    t.equal(first.statusCode, 201, first.body);
    t.match(first.json(), {
      id,
      erasures: [{ parts: ['contact'], ground, number: 'R-1', authority: '长宁区市场监督管理局' }],
    });
    const all = { parts: ['contact', 'text', 'place', 'photos'], ground };
    const second = await erase(code, all, operator);
    t.equal(second.statusCode, 201, second.body);
    t.notMatch(second.body, '灭火器', 'the operator reads nothing by that');
    t.equal(refusal(await erase(code, all, operator))[1], 'state-conflict', 'nothing is left of it');
    const [told] = (await list('?limit=1')).items;
    t.match(told, {
      id,
      text: '',
      place: null,
      contact: null,
      photos: [],
      epc: unit('A1'),
      region: '310105',
    });
    t.equal((await office.send('GET', `/v1/reports/${id}/photos/1`)).statusCode, 404);
    t.equal((await readdir(folder)).length, before + 1, 'what another report has as well stays');
    t.equal((await office.send('GET', `/v1/reports/${kept.id}/photos/1`)).statusCode, 200);
    const rows = await w.owner.sql`SELECT * FROM reports WHERE id = ${id}`;
    t.notMatch(JSON.stringify(rows), /13800000000|铭牌|长宁路/);
    t.match(await follow(code), {
      state: 'received',
      erasures: [{ parts: ['contact'] }, { parts: ['text', 'place', 'photos'] }],
    });
    t.notMatch(JSON.stringify(await follow(code)), 'R-1');
    t.match((await w.app.inject(`/report/${code}?lang=zh-CN`)).body, '已删除：情况说明、地点、照片');
    t.match(
      (await w.app.inject(`/report/${code}?lang=en`)).body,
      'Erased: what was written, the place, the photos',
    );
    t.equal((await step(id, { state: 'taken-up' })).statusCode, 201, 'it goes on');
    await w.deps.audit.flush();
    const subjects = await w.owner.sql`SELECT subject FROM read_audit WHERE route LIKE '%erasures%'`;
    t.same(subjects, [{ subject: id }, { subject: id }]);

    const common = await photoOf('yellow');
    const held = (await readdir(folder)).length;
    const those = [await begin([common]), await begin([common]), await begin([common])];
    t.equal((await readdir(folder)).length, held + 1);
    const statuses = (of: typeof those) =>
      Promise.all(of.map(async (it) => (await erase(it.id, { parts: ['photos'], ground })).statusCode));
    // All have begun before one can delete anything.
    const { begun } = await w.owner.sql.begin(async (sql) => {
      await sql`LOCK TABLE report_photos IN SHARE MODE`;
      const begun = [statuses(those), statuses(those)];
      await until(async () => {
        const [waiting] = await w.owner.sql<{ n: number }[]>`
          SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'report_photos'::regclass`;
        return waiting?.n === 2 * those.length;
      });
      return { begun };
    });
    t.strictSame(
      (await Promise.all(begun)).flat().sort(),
      [201, 201, 201, 409, 409, 409],
      'each once, however often it is asked for at once',
    );
    t.equal((await readdir(folder)).length, held, 'the last of them takes the file with it');
  });

  t.test('who reports is sealed to the authority in charge', async (t) => {
    const url = '/v1/reports/keys';
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
    const { x = '', y = '' } = await exportJWK(publicKey);
    const keys = async (region: string): Promise<Answer[]> =>
      (await w.app.inject(`${url}?region=${region}`)).json<Answer>().items;
    t.strictSame(await keys('310105'), []);
    t.equal((await w.app.inject('/report?province=31')).body.includes('<script'), false);
    t.equal(refusal(await elsewhere.send('POST', url, { x, y }))[1], 'state-conflict');
    t.equal(refusal(await office.send('POST', url, { x, y: x }))[1], 'invalid-key');
    await office.send('POST', url, { x: publishedKey.x, y: publishedKey.y });
    const made = (await office.send('POST', url, { x, y })).json<Answer>();
    t.strictSame(await keys('310105'), [made], 'the newest');
    t.match(made, { name: '长宁区市场监督管理局', regions: ['310105'], x, y });
    t.strictSame(await keys('310106'), []);

    const seal = (kid: string) =>
      new CompactEncrypt(Buffer.from('{"name":"王某"}'))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid })
        .encrypt(publicKey);
    const sealed = await seal(made.kid);
    t.equal(
      (await send({ ...report, sealed: await seal(sealingKeyId(publishedKey)) })).json().code,
      'invalid-key',
    );
    t.equal((await send({ ...report, sealed: '王某' })).json().code, 'invalid-key');
    t.equal((await send({ ...report, region: '310106', sealed })).json().code, 'invalid-key');
    clock += 1;
    t.equal((await send({ ...report, sealed })).statusCode, 201);
    const [seen] = (await list('?limit=1')).items;
    const { plaintext } = await compactDecrypt(seen.sealed, privateKey);
    t.equal(Buffer.from(plaintext).toString(), '{"name":"王某"}');

    const { body, headers } = await w.app.inject('/report?province=31');
    t.match(body, '<section id="identity" hidden');
    t.match(headers['content-security-policy'], /script-src 'sha256-/);
    t.ok(Buffer.byteLength(body) <= 30_000);

    const browser = await testBrowser(t);
    if (browser === null) return;
    clock += 1;
    const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(`${w.origin}/report?province=31&lang=en`);
    t.equal(await page.locator('#identity').isVisible(), false, 'no district, no authority');
    await page.selectOption('#region', '310106');
    t.equal(await page.locator('#identity').isVisible(), false);
    await page.selectOption('#region', '310105');
    t.match((await page.locator('#authority').textContent()) ?? '', made.kid);
    await page.getByText('It seems to be counterfeit').click();
    await page.fill('#text', '内部知情');
    await page.fill('#identity-name', '李某');
    await page.getByRole('button', { name: 'Send the report' }).click();
    await page.locator('h1', { hasText: 'Received' }).waitFor();
    t.strictSame(problems, [], 'no error, and nothing against the policy');
    const [told] = (await list('?limit=1')).items;
    t.match(told, { text: '内部知情', contact: null });
    t.notMatch(JSON.stringify(told), '李某');
    const opened = await compactDecrypt(told.sealed, privateKey);
    t.strictSame(JSON.parse(Buffer.from(opened.plaintext).toString()), { name: '李某', contact: '' });
  });

  t.test('what is reported about things in the ledger is found of them', async (t) => {
    clock += 40 * 86_400_000;
    const things = [unit('R1'), unit('R2')];
    await w.issue(things);
    const [r1 = '', r2 = ''] = things;
    const about = (code: string, category = 'defect', more: object = {}, region = '310105') => {
      clock += 1;
      return send({ ...report, category, code, region, ...more }, `203.0.113.${clock % 200}`);
    };
    const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256' });
    const { x = '', y = '' } = await exportJWK(publicKey);
    const { kid } = (await office.send('POST', '/v1/reports/keys', { x, y })).json<Answer>();
    const sealed = await new CompactEncrypt(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid })
      .encrypt(publicKey);
    await about(r1, 'counterfeit');
    await about(await w.code(things[0] ?? unit('R1')));
    await about(r1, 'defect', {}, '310106');
    await about(r2);
    await about(await w.code(unit('R2'), w.rivalKid), 'harm');
    await about(unit('NONE'));
    await about(lot());
    await about(r2, 'unlicensed', { sealed });

    const watches = [1, 2].map(() =>
      createClueWatch({
        database: w.db,
        now: () => clock,
        markOf: () => Buffer.alloc(8),
        onError: (error) => t.fail(String(error)),
      }),
    );
    const look = async () => {
      clock += 60_000;
      await Promise.all(watches.map((it) => it.pass()));
    };
    await look();
    const zhejiang = await officer(['330000']);
    const [maker, stranger, operator] = [
      actorOf(w, w.parties.maker, ['manufacturer']),
      await officer(['650000']),
      actorOf(w, w.deps.genesis.operator, ['operator']),
    ];
    const findings = async (by = office, query = ''): Promise<Answer[]> =>
      (await by.send('GET', `/v1/findings?basis=reports&${query}`)).json<Answer>().items;
    const told = async (by = office) =>
      (await findings(by))
        .map(({ rule, epc, reports }) => `${rule} ${epc.slice(18)} ${reports.count} ${reports.regions}`)
        .sort();
    const ofAll = [
      'reported-counterfeit 21/R1 1 310105',
      'reported-defect 10/L20260301A 1 310105',
      'reported-defect 21/R1 2 310105,310106',
      'reported-defect 21/R2 1 310105',
    ];
    const underSeal = 'reported-under-seal 21/R2 1 310105';
    t.strictSame(await told(), [...ofAll, underSeal]);
    t.strictSame(await told(operator), ofAll, 'not even the operator is told of insiders');
    t.strictSame(await told(zhejiang), ofAll, 'in charge of the maker');
    const coarse = ofAll.map((it) => it.replace(/310105.*/, '310100'));
    t.strictSame(await told(maker), coarse, 'the maker of its goods: not of insiders, and of no district');
    t.strictSame(await told(stranger), []);
    t.strictSame(await told(elsewhere), [], 'without a jurisdiction');
    const ofMaker = JSON.stringify([await findings(maker), (await maker.send('GET', '/v1/cases')).json()]);
    for (const secret of [report.contact, '铭牌', report.place, '310105', sealed])
      t.notMatch(ofMaker, secret);
    const [{ reports }] = await findings(office, `epc=${r1}&rule=reported-defect`);
    const behind = (await office.send('GET', reports.records)).json<Answer>().items;
    t.equal(behind.length, 2, 'those of the district, of whatever kind');
    t.strictSame((await findings(maker, `epc=${r1}`))[0].reports.records, null);

    const cases = async (query = '', by = office): Promise<Answer[]> =>
      (await by.send('GET', `/v1/cases?family=complaint${query}`)).json<Answer>().items;
    const kinds = (await cases()).map(({ rule, basis, state, party }) => [rule, basis, state, party]);
    t.strictSame(kinds.sort(), [
      ['reported-counterfeit', 'reports', 'open', null],
      ['reported-defect', 'reports', 'open', null],
      ['reported-under-seal', 'reports', 'open', null],
    ]);
    t.match(await cases('&rule=reported-defect', maker), [{ findings: { total: 3, open: 3 } }]);
    const csv = (await operator.send('GET', '/v1/findings?basis=reports&format=csv')).body.split('\r\n');
    t.match(csv[0], /,reports,firstReport,lastReport,expectedReports,made,version,/);
    t.equal(csv.length, 6);
    const next = (await operator.send('GET', '/v1/findings?basis=reports&limit=2')).json<Answer>().next;
    t.equal((await findings(operator, `limit=9&cursor=${next}`)).length, 2);
    const [sealedCase] = await cases('&rule=reported-under-seal');
    const { statusCode } = await operator.send('GET', `/v1/cases/${sealedCase.id}`);
    t.strictSame([statusCode, await cases('&rule=reported-under-seal', operator)], [404, []]);
    t.match((await office.send('GET', `/v1/cases/${sealedCase.id}`)).json<Answer>(), {
      id: sealedCase.id,
      latest: [{ explanation: { zh: /上海市长宁区：举报1件。$/ } }],
    });
    const scans = await operator.send('GET', `/v1/findings?basis=scans&cursor=${next}`);
    t.equal(refusal(scans)[1], 'invalid-request');

    const { items } = await list(`?epc=${r1}`);
    const { id } = items.find(({ category }: Answer) => category === 'counterfeit');
    await step(id, { state: 'closed', outcome: 'unfounded', officer: '王某' });
    await look();
    t.match(await cases('&rule=reported-counterfeit'), [{ state: 'closed' }]);
    t.ok((await findings(office, 'rule=reported-counterfeit'))[0].closedAt);
    t.match(await cases('&rule=reported-defect'), [{ state: 'open' }]);

    const [{ id: defect }] = await cases('&rule=reported-defect');
    const decision = { outcome: 'confirmed', cause: 'quality', reason: '查实', officer: '王某' };
    t.equal((await office.send('POST', `/v1/cases/${defect}/decisions`, decision)).statusCode, 201);
    await look();
    t.equal((await cases('&rule=reported-defect')).length, 1, 'decided is decided');
    await about(r1);
    await about(r1, 'counterfeit');
    await look();
    t.match(await cases('&rule=reported-defect'), [{ state: 'open' }, { id: defect, state: 'confirmed' }]);
    t.match(await findings(office, 'rule=reported-defect&state=open&limit=1'), [{ reports: { count: 1 } }]);
    t.match(await cases('&rule=reported-counterfeit'), [{ state: 'open' }], 'the same case again');
    const rules = (await w.app.inject('/v1/rules')).json<Answer>().items;
    t.match(
      rules.find(({ rule }: Answer) => rule === 'reported-defect'),
      { basis: 'reports', confirmed: 1, precision: { share: 1 } },
    );
    const insights = (await office.send('GET', '/v1/insights')).json<Answer>();
    t.match(insights.products, [{ about: { id: gtin } }]);
  });

  t.test('a burst of complaints about a product in a district', async (t) => {
    clock += 400 * dayMs;
    const [began, window] = [clock - 194 * dayMs, clock - 14 * dayMs];
    // Six products in eight districts, by a generator of numbers that is always the same.
    let state = 7;
    const any = (n: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % n;
    };
    const places = ['330106', '330108', '330100', '330200', '429004', '310105', '310100', '310000'];
    const past = Array.from({ length: 900 }, (_, i) => ({
      ...{ id: `PAST${i}`, at: began + (any(199) - 5) * dayMs + any(dayMs), gtin: `0000000000000${any(6)}` },
      ...{ region: places[any(8)] ?? '', counts: any(5) > 0, unfounded: any(7) === 0 },
    }));
    for (const { id, at, gtin: of, region, counts, unfounded } of past) {
      await w.owner.sql`
        INSERT INTO reports (id, receipt, at, category, text, region, gtin, forged, district, counts)
        VALUES (${id}, ${Buffer.from(id)}, ${at}, 'other', 'x', ${region}, ${of}, false, ${districtOf(region)}, ${counts})`;
      if (unfounded)
        await w.owner.sql`
          INSERT INTO report_steps (report, n, at, state, outcome, by)
          VALUES (${id}, 1, ${at}, 'closed', 'unfounded', ${regulator})`;
    }
    const counting = past.filter(
      ({ at, counts, unfounded }) => counts && !unfounded && at >= began && at <= clock,
    );
    const cellOf = ({ gtin, region }: { gtin: string; region: string }) => `${gtin} ${districtOf(region)}`;
    const count = (is: (it: (typeof past)[number]) => boolean) => counting.filter(is).length;
    const [recent, before] = [
      ({ at }: { at: number }) => at >= window,
      ({ at }: { at: number }) => at < window,
    ];
    const naive = [...new Set(counting.map(cellOf))].flatMap((cell) => {
      const [of = '', district = ''] = cell.split(' ');
      const seen = count((it) => cellOf(it) === cell && recent(it));
      const times = counting.filter((it) => cellOf(it) === cell && recent(it));
      const base = {
        cell: count((it) => cellOf(it) === cell && before(it)),
        product: count((it) => it.gtin === of && before(it)),
        district: count((it) => districtOf(it.region) === district && before(it)),
        all: count(before),
      };
      return seen < 2
        ? []
        : [
            {
              ...{ gtin: of, district, seen, base, seenElsewhere: count(recent) - seen, maker: '' },
              ...{
                first: Math.min(...times.map(({ at }) => at)),
                last: Math.max(...times.map(({ at }) => at)),
              },
              ...{ regions: [...new Set(times.map(({ region }) => region))].sort(), baseDays: 180 },
              cells: new Set(counting.map(cellOf)).size,
            },
          ];
    });
    const crowded = await crowdedCells(w.db.sql, { base: began, window, until: clock }, 2);
    const byCell = (a: { gtin: string; district: string }, b: { gtin: string; district: string }) =>
      `${a.gtin} ${a.district}` < `${b.gtin} ${b.district}` ? -1 : 1;
    t.ok(naive.length > 10, `${naive.length} cells are compared`);
    t.strictSame(
      [...crowded].sort(byCell),
      naive.sort(byCell),
      'the statement counts as its definition says',
    );

    const complain = (n: number, code: string, region = '310105', address = `198.51.100.${n}`) => {
      clock += 1;
      return send({ ...report, category: 'defect', code, region }, address);
    };
    const keys = await w.app.inject('/v1/reports/keys?region=310105');
    const sealed = await new CompactEncrypt(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: keys.json<Answer>().items[0].kid })
      .encrypt((await generateKeyPair('ECDH-ES', { crv: 'P-256' })).publicKey);
    const insider = await send({ ...report, code: gtin, region: '310105', sealed }, '192.0.2.77');
    t.equal(insider.statusCode, 201, 'which the count that the maker is told says nothing of');
    for (let n = 20; n < 23; n++) await complain(n, gtin, '310106');
    for (let n = 0; n < 7; n++) await complain(n, gtin);
    // Who does not know the district: of 宁波 together, and of 北京.
    for (let n = 30; n < 37; n++) await complain(n, '00012345678905', '330200');
    for (let n = 40; n < 47; n++) await complain(n, '00012345678905', '110000');
    for (let n = 0; n < 20; n++) await complain(n, otherGtin, '310105', '198.51.100.99');
    const counted = await w.owner.sql`
      SELECT count(*)::int AS n FROM reports WHERE counts AND gtin = ${otherGtin} AND region = '310105'`;
    t.same(counted, [{ n: 1 }], 'one angry person counts once in a week');
    const watches = [1, 2].map(() =>
      createClueWatch({
        database: w.db,
        now: () => clock,
        markOf: () => Buffer.alloc(8),
        onError: (error) => t.fail(String(error)),
      }),
    );
    const look = async () => {
      clock += 600_000;
      await Promise.all(watches.map((it) => it.pass()));
    };
    await look();
    await look();
    const [shanghai, zhejiang, stranger] = [
      await officer(['310000']),
      await officer(['330000']),
      await officer(['650000']),
    ];
    const maker = actorOf(w, w.parties.maker, ['manufacturer']);
    const operator = actorOf(w, w.deps.genesis.operator, ['operator']);
    const burst = 'rule=complaint-burst';
    const findings = async (by: typeof office): Promise<Answer[]> =>
      (await by.send('GET', `/v1/findings?basis=reports&${burst}`)).json<Answer>().items;
    const cases = async (by: typeof office, more = ''): Promise<Answer[]> =>
      (await by.send('GET', `/v1/cases?${burst}${more}`)).json<Answer>().items;
    const records = `/v1/reports?gtin=${gtin}&region=310105`;
    const [found, ...others] = await findings(shanghai);
    t.match(found, { epc: `01/${gtin}`, rule: 'complaint-burst', severity: 'risk', cause: 'quality' });
    const { first, last, ...reports } = found.reports;
    t.strictSame(reports, { count: 7, regions: ['310105'], expected: 0.5, records });
    t.ok(first < last);
    t.strictSame(others, []);
    t.match(
      (await findings(office))[0].reports,
      { count: 7, records },
      'whoever is in charge of the district',
    );
    t.match((await findings(zhejiang))[0].reports, { count: 7 }, 'in charge of the maker');
    t.match((await findings(maker))[0].reports, { count: 7, regions: ['310100'], records: null });
    t.strictSame([await findings(stranger), await findings(elsewhere)], [[], []]);
    const behind = (await shanghai.send('GET', `${records}&limit=7`)).json<Answer>().items;
    t.ok(behind.every(({ at }: Answer) => at >= first && at <= last));
    const [{ id }] = await cases(shanghai, '&region=310000');
    t.match(await cases(office), [{ id, findings: { total: 1 } }]);
    const elsewhereFound = async (region: string) => findings(await officer([region]));
    t.match(
      await elsewhereFound('330200'),
      [{ reports: { count: 7, regions: ['330200'] } }],
      'no district told',
    );
    t.match(await elsewhereFound('110000'), [{ reports: { count: 7, regions: ['110000'] } }]);
    const { regions } = (await shanghai.send('GET', '/v1/insights?days=1')).json<Answer>();
    t.match(regions, [{ about: { id: '310000' } }], 'a district to look at');
    const csv = (await shanghai.send('GET', `/v1/findings?basis=reports&${burst}&format=csv`)).body;
    t.match(csv, /,0\.5,,2,/);

    const { items } = await list(`?gtin=${gtin}&limit=9`);
    await step(items[0].id, { state: 'closed', outcome: 'unfounded', officer: '王某' });
    await look();
    t.match(await cases(shanghai), [{ id, state: 'closed' }], 'six would have been none');
    t.match(await findings(shanghai), [{ reports: { count: 6 } }]);
    await complain(100, gtin);
    await look();
    t.match(await cases(shanghai), [{ id, state: 'open' }], 'and seven are one');
    const decision = { outcome: 'rejected', cause: 'scanner', reason: '刷举报', officer: '王某' };
    t.equal((await shanghai.send('POST', `/v1/cases/${id}/decisions`, decision)).statusCode, 201);
    for (let n = 101; n < 107; n++) await complain(n, gtin);
    await look();
    t.match(await cases(shanghai), [{ id, state: 'rejected' }], 'what was decided counts no more');
    t.equal((await cases(shanghai)).length, 1);
    await complain(107, gtin);
    await look();
    t.match(await cases(shanghai), [{ state: 'open' }, { id, state: 'rejected' }]);
    clock += dayMs;
    for (let n = 108; n < 120; n++) await complain(n, gtin);
    await look();
    t.match((await findings(shanghai))[0].reports, { count: 19 });
    clock += 13.5 * dayMs;
    await look();
    t.match((await findings(shanghai))[0].reports, { count: 19 }, 'the strongest window is told');
    const set = { 'complaint-reports-min': 2 };
    t.equal(refusal(await operator.send('PUT', '/v1/policies/rules', set))[1], 'invalid-request');
    await operator.send('PUT', '/v1/policies/rules', { 'complaint-reports-min': 50 });
    const rules = (await w.app.inject('/v1/rules')).json<Answer>().items;
    const { thresholds, confirmed, rejected } = rules.find(({ rule }: Answer) => rule === 'complaint-burst');
    t.match(
      thresholds.map(({ name, value }: Answer) => [name, value]),
      [[], [], ['complaint-reports-min', 50]],
    );
    t.strictSame([confirmed, rejected], [0, 1]);
  });

  t.test('a report is decided once, and closed with that also after a crash', async (t) => {
    clock += dayMs;
    const sent = await send(report);
    const [{ id }] = (await list('?state=received&limit=1')).items;
    const decide = (outcome: string) => step(id, { state: 'closed', outcome, officer: '王某' });
    // As if we had crashed once the decision was recorded.
    await w.deps.ledger.append([
      {
        fact: { kind: 'report-decision', by: regulator, report: id, outcome: 'unfounded' },
        private: { officer: '李某' },
      },
    ]);
    t.match((await follow(sent.json().receipt)).state, 'received');
    t.strictSame(refusal(await decide('founded')).slice(0, 2), [409, 'state-conflict']);
    t.strictSame(refusal(await step(id, { state: 'closed' })).slice(0, 2), [409, 'state-conflict']);
    t.match((await decide('unfounded')).json(), { state: 'closed', decision: { officer: '李某' } });
    const count = async () =>
      (
        await w.owner.sql<{ n: number }[]>`
        SELECT count(*)::int AS n FROM facts WHERE kind = 'report-decision'`
      )[0]?.n ?? 0;
    const before = await count();
    clock += 1;
    const other = await send(report);
    const [{ id: next }] = (await list('?state=received&limit=1')).items;
    const both = await Promise.all(
      ['founded', 'unfounded'].map((outcome) => step(next, { state: 'closed', outcome, officer: '王某' })),
    );
    t.strictSame(both.map(({ statusCode }) => statusCode).sort(), [201, 409], 'of two officers one');
    t.equal(await count(), before + 1);
    t.match((await follow(other.json().receipt)).state, 'closed');
    const { mismatch } = await rebuild(w.owner, { projections, followers: followerProjections });
    t.equal(mismatch, null, 'it follows from the log');
  });

  t.test('pages, without script', async (t) => {
    const page = (url: string, lang = 'zh-CN') => w.app.inject({ url, headers: { 'accept-language': lang } });
    const places = await page(`/report?code=${encodeURIComponent(report.code)}`);
    t.match(places.body, `/report?province=51&amp;code=${encodeURIComponent(report.code)}&amp;lang=zh-CN`);
    for (const lang of ['zh-CN', 'en'])
      for (const url of ['/report', '/report?province=51', '/report?province=13']) {
        const { statusCode, body, headers } = await page(url, lang);
        t.equal(statusCode, 200, url);
        t.ok(Buffer.byteLength(body) <= 30_000, `${url} has ${Buffer.byteLength(body)} bytes`);
        t.match(headers['content-security-policy'], "form-action 'self'");
        t.notMatch(body, /<script/);
      }
    const sichuan = (await page('/report?province=51', 'en')).body;
    t.match(sichuan, '<optgroup label="Chengdu">');
    t.match(sichuan, '<option value="510100">Chengdu, district not known</option></optgroup>');
    t.match(sichuan, '<option value="510000">Sichuan, district not known</option></select>');
    t.notMatch(sichuan, '市辖区');
    t.match((await page('/report?province=42')).body, '<optgroup label="直辖县市">');
    t.match((await page('/report/7ZK3-QW9D-5TB1-M0AB')).body, '没有这个回执码');
    const form = await page(`/report?province=31&code=${encodeURIComponent('<b>"')}`, 'en');
    t.match(form.body, 'value="&lt;b&gt;&quot;"');
    t.match(form.body, '<option value="310105">长宁区</option>');

    const submit = (fields: Record<string, string>) =>
      w.app.inject({
        method: 'POST',
        url: '/report?lang=en',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      });
    const wrong = await submit({
      region: '310105',
      text: 'One\r\n<two>',
      code: 'x'.repeat(3_000),
      place: '店',
    });
    t.equal(wrong.statusCode, 400);
    t.match(wrong.body, 'One\n&lt;two&gt;');
    t.match(wrong.body, '<option value="310105" selected>');
    t.match(wrong.body, 'id="category-wrong"');
    t.match(wrong.body, 'id="code-wrong"');
    t.notMatch(wrong.body, 'id="place-wrong"');
    t.equal((await submit({})).statusCode, 400);
    const invented = await submit({ category: 'constructor', region: '310105', text: 'x' });
    t.equal(invented.statusCode, 400, 'a category that no form offers');
    t.match(invented.body, 'id="category-wrong"');
    clock += 1;
    const good = await submit({ category: 'harm', region: '310105', text: '烧伤\0', place: '', contact: '' });
    t.equal(good.statusCode, 303);
    const { items } = await list('?limit=1');
    t.match(items, [{ category: 'harm', text: '烧伤', place: null }]);
    const location = String(good.headers.location);
    await step(items[0].id, {
      state: 'closed',
      answer: '查过了。\n<b>',
      outcome: 'unfounded',
      officer: '王某',
    });
    const seen = await page(location);
    t.match(seen.body, 'Somebody or something was harmed');
    t.match(seen.body, 'Closed: Not founded');
    t.match(seen.body, '查过了。<br>&lt;b&gt;<br>');
    t.equal(seen.headers['cache-control'], 'no-store');
    const again = await page('/report/follow?receipt=abc');
    t.equal(again.statusCode, 404);
    const code = location.slice('/report/'.length, '/report/'.length + 19);
    const found = await page(`/report/follow?receipt=${code.toLowerCase()}&lang=en`);
    t.equal(found.headers.location, `/report/${code.replaceAll('-', '')}?lang=en`);
    t.notMatch(JSON.stringify(w.logged), code);
  });
});
