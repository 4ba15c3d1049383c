import t from 'tap';
import { buildApp } from '../../../src/app.ts';
import type { Verdict } from '../../../src/core/codes/verdict.ts';
import { createClueWatch } from '../../../src/features/findings/clue-watch.ts';
import {
  createScans,
  markOf,
  type ScanOptions,
  straysMax,
} from '../../../src/features/verification/scans.ts';
import { testDatabase } from '../../support/postgres.ts';
import { type Answer, dayMs, gtin, otherGtin, post, produce, unit, world } from './world.ts';

const phone = { address: '192.0.2.1', userAgent: 'a phone', robot: false, own: false };
const noon = Date.UTC(2026, 4, 4, 12);

t.test('the store of scans', async (t) => {
  const { db, owner } = await testDatabase(t);
  let now = noon;
  const counts = { written: 0, dropped: 0, errors: 0 };
  const options: ScanOptions = {
    database: db,
    secret: Buffer.alloc(32, 1),
    retentionDays: 30,
    now: () => now,
    onWritten: (rows) => {
      counts.written += rows;
    },
    onDropped: (rows) => {
      counts.dropped += rows;
    },
    onError: () => {
      counts.errors++;
    },
    waitingMax: 5,
  };
  const scans = createScans(options);
  t.teardown(() => scans.close());
  const scan = (device: Buffer, at = now, verdict: Verdict = 'consistent') => ({
    unit: 7,
    at,
    verdict,
    region: null,
    device,
    robot: false,
    own: false,
  });

  t.test('a device keeps its name for a day, and nobody else has it', async (t) => {
    const name = scans.deviceOf(phone, noon);
    t.equal(name.length, 16);
    t.same(scans.deviceOf(phone, noon + dayMs / 2 - 1), name, 'until midnight');
    t.same(scans.deviceOf(phone, noon - dayMs / 2), name, 'since midnight');
    const others = [
      scans.deviceOf({ ...phone, address: '192.0.2.2' }, noon),
      scans.deviceOf({ ...phone, userAgent: 'another' }, noon),
      scans.deviceOf({ ...phone, robot: true }, noon),
      scans.deviceOf({ ...phone, own: true }, noon),
      scans.deviceOf({ ...phone, address: '192.0.2.1"', userAgent: 'a phone' }, noon),
      scans.deviceOf(phone, noon + dayMs),
      createScans({ ...options, secret: Buffer.alloc(32, 2) }).deviceOf(phone, noon),
    ].map((device) => device.subarray(4).toString('hex'));
    t.equal(new Set([...others, name.subarray(4).toString('hex')]).size, 8);
    t.ok(
      Buffer.compare(name, scans.deviceOf(phone, noon + dayMs)) < 0,
      'rows of a thing are in order of day',
    );
  });

  t.test('rows go out together, one a thing, device and day', async (t) => {
    const [one, other] = [scans.deviceOf(phone, now), scans.deviceOf({ ...phone, address: '::1' }, now)];
    for (const device of [one, one, other]) scans.note(scan(device));
    t.equal((await db.sql`SELECT 1 FROM scans`).length, 0, 'off the request path');
    await scans.flush();
    scans.note(scan(one, now + 1000));
    await scans.flush();
    const rows =
      await db.sql`SELECT unit, at, verdict, region, device, robot, own FROM scans ORDER BY device`;
    t.strictSame(
      rows.map((row) => ({ ...row })),
      [one, other].sort(Buffer.compare).map((device) => scan(device)),
    );
    t.same(counts, { written: 2, dropped: 0, errors: 0 });
  });

  t.test('what does not fit is dropped and counted', async (t) => {
    for (let i = 0; i < 8; i++) scans.note(scan(scans.deviceOf({ ...phone, address: String(i) }, now)));
    t.equal(counts.dropped, 3);
    await scans.flush();
    t.equal(counts.written, 7);
  });

  t.test('old scans go', async (t) => {
    now += 30 * dayMs;
    scans.note(scan(scans.deviceOf(phone, now)));
    await scans.flush();
    t.equal(await scans.expire(), 0, 'not on the last day');
    now += 1;
    t.equal(await scans.expire(), 7);
    t.equal((await db.sql`SELECT 1 FROM scans`).length, 1);
  });

  t.test(
    'of codes that are not ours little is kept, of a network once a week, and of each product no more than so many',
    async (t) => {
      await owner.sql`INSERT INTO owners (identifier, party, seq) VALUES (${`gtin:${gtin}`}, 'P', 0)`;
      const kept = () => db.sql`SELECT gtin, code, region, forged FROM stray_scans`;
      const stray = (address: string, more: object = {}) => ({
        ...{ gtin, epc: unit('MADEUP'), address, at: now, region: '330100', forged: false },
        ...more,
      });
      const several = createScans({ ...options, waitingMax: 10_000 });
      several.noteStray(stray('192.0.2.1'));
      several.noteStray(stray('192.0.2.1', { epc: unit('OTHER') }));
      several.noteStray(stray('2001:db8::1'));
      several.noteStray(stray('2001:db8:0:7::2'));
      several.noteStray(stray('192.0.2.1', { gtin: otherGtin }));
      await several.flush();
      several.noteStray(stray('192.0.2.200', { at: now + 6 * dayMs }));
      await several.flush();
      const rows = await kept();
      t.equal(rows.length, 2, 'a network once, whichever of its addresses; no product without an owner');
      t.notMatch(JSON.stringify(rows), /MADEUP|192\.0/);
      for (let i = 0; i < 3 * straysMax; i++) several.noteStray(stray(`10.${i >> 8}.${i % 256}.1`));
      await several.flush();
      const many = (await kept()).length;
      t.ok(many > straysMax / 2 && many <= straysMax, `${many}`);
      for (let i = 0; i < 10; i++) several.noteStray(stray(`198.51.${i}.1`));
      await several.flush();
      t.ok((await kept()).length <= straysMax, 'nor in several writings');
      now += 7 * dayMs;
      several.noteStray(stray('192.0.2.1'));
      await several.close();
      t.ok((await kept()).length > many, 'another week');
      now += 30 * dayMs;
      await scans.expire();
      t.equal((await kept()).length, 1);
      now -= 37 * dayMs;
    },
  );

  t.test('they go at the start already, and closing waits for that', async (t) => {
    now += 31 * dayMs;
    const restarted = createScans(options);
    restarted.start();
    await restarted.close();
    t.equal((await db.sql`SELECT 1 FROM scans`).length, 0);
    now -= 31 * dayMs;
    scans.note(scan(scans.deviceOf(phone, now)));
    await scans.flush();
  });

  t.test('closing writes what waits', async (t) => {
    const last = createScans(options);
    last.note(scan(scans.deviceOf({ ...phone, address: 'last' }, now)));
    await last.close();
    t.equal((await db.sql`SELECT 1 FROM scans`).length, 2);
  });

  t.test('a database that fails loses scans, and nothing else', async (t) => {
    const broken = createScans({
      ...options,
      database: { ...db, sql: new Proxy(db.sql, { apply: () => Promise.reject(new Error('away')) }) },
    });
    broken.note(scan(scans.deviceOf(phone, now)));
    await broken.close();
    t.same([counts.dropped, counts.errors], [4, 1]);
  });
});

t.test('a service that starts deletes what is too old', async (t) => {
  const w = await world(t);
  const add = (at: number) => w.db.sql`
    INSERT INTO scans (unit, device, at, verdict, robot, own)
    VALUES (1, ${Buffer.alloc(16, at % 251)}, ${at}, 'consistent', false, false)`;
  await Promise.all([add(Date.now() - 181 * dayMs), add(Date.now() - dayMs)]);
  const again = await buildApp(w.deps, { delayMax: 0 });
  await again.ready();
  t.teardown(() => again.close());
  for (let left = 2; left > 1; await new Promise((resolve) => setTimeout(resolve, 20)))
    left = (await w.db.sql`SELECT 1 FROM scans`).length;
  t.equal((await w.db.sql`SELECT 1 FROM scans`).length, 1, 'and keeps the rest');
});

t.test('scans of the public are counted', async (t) => {
  let now = Date.now();
  const w = await world(t, { deps: { now: () => now } });
  const epc = unit('A1');
  await w.issue([epc]);
  const code = await w.code(epc);
  const page = `${w.origin}/${epc}?S=${code.split('S=')[1]}`;
  const written = async (rows: number) => {
    while ((await w.db.sql`SELECT 1 FROM scans`).length < rows)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const seen = async (headers: Record<string, string>): Promise<Answer> =>
    (await post(w, { code, region: '310105' }, headers)).body.scans;

  t.strictSame(await seen({ 'user-agent': 'one phone' }), { count: 0, firstAt: null });
  await written(1);
  const first = new Date(now).toISOString();
  now += 60_000;
  t.strictSame(
    await seen({ 'user-agent': 'one phone' }),
    { count: 0, firstAt: null },
    'looking again is no earlier scan',
  );
  t.strictSame(await seen({ 'user-agent': 'other phone' }), { count: 1, firstAt: first });
  await written(2);
  await fetch(page, { headers: { 'user-agent': 'WhatsApp/2.23' } });
  await fetch(page, { method: 'HEAD', headers: { 'user-agent': 'one phone' } });
  await seen({ authorization: w.bearer(['distributor']), 'user-agent': 'a scanner gun' });
  await written(5);
  t.strictSame(
    await seen({ 'user-agent': 'third phone' }),
    { count: 2, firstAt: first },
    'programs and parties are not counted',
  );
  await written(6);
  now += dayMs;
  t.strictSame(
    await seen({ 'user-agent': 'one phone' }),
    { count: 3, firstAt: first },
    'a device is another one the next day',
  );
  await written(7);
  const rows = await w.db.sql<{ region: string; robot: boolean; own: boolean; verdict: string }[]>`
    SELECT region, robot, own, verdict FROM scans ORDER BY at, robot, own`;
  t.strictSame(
    rows.map(({ region, robot, own, verdict }) => [region, robot, own, verdict]),
    [
      ['310100', false, false, 'consistent'],
      ['310100', false, false, 'consistent'],
      ['310100', false, false, 'consistent'],
      ['310100', false, true, 'consistent'],
      [null, true, false, 'consistent'],
      [null, true, false, 'consistent'],
      ['310100', false, false, 'consistent'],
    ],
    'the region is kept no finer than a prefecture',
  );
  const metrics = await (await fetch(`${w.origin}/metrics`)).text();
  t.match(metrics, /^suyuan_scans_written_total 7$/m);
  t.match(metrics, /^suyuan_scans_dropped_total 0$/m);
  t.match(metrics, /^suyuan_verifications_total\{verdict="consistent"\} 8$/m);

  const forged = code.slice(0, -1) + (code.endsWith('7') ? '8' : '7');
  t.equal((await post(w, { code: forged }, { 'user-agent': 'fourth phone' })).body.verdict, 'forged');
  await written(8);
  t.strictSame(
    await seen({ 'user-agent': 'fifth phone' }),
    { count: 4, firstAt: first },
    'a forged code with its number is another code',
  );

  t.test('however often, they never flip the verdict', async (t) => {
    await w.db.sql`
      INSERT INTO scans (unit, device, at, verdict, robot, own)
      SELECT unit, decode(lpad(to_hex(i), 32, '0'), 'hex'), 1000 + i, 'consistent', false, false
      FROM epcs CROSS JOIN generate_series(1, 3000) i WHERE epc = ${epc}`;
    const { body } = await post(w, { code });
    t.equal(body.verdict, 'consistent');
    t.strictSame(
      body.scans,
      { count: 1000, firstAt: '1970-01-01T00:00:01.001Z' },
      'counted no further than a bound',
    );
  });
});

t.test('scans of what should not be met are found, by thing and by the product that is copied', async (t) => {
  let now = Date.now();
  const w = await world(t, { deps: { now: () => now }, service: { now: () => now } });
  const [idle, scrapped, late] = [unit('IDLE'), unit('GONE'), unit('LATE')];
  await w.issue([idle, scrapped]);
  await produce(w, [scrapped]);
  await w.record(w.parties.maker, 'manufacturer', {
    ...{ hop: 'scrap', epcs: [scrapped] },
    at: new Date(now).toISOString(),
  });
  const rows = async (table: 'scans' | 'stray_scans', many: number) => {
    while ((await w.db.sql`SELECT 1 FROM ${w.db.sql(table)}`).length < many)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const bare = (epc: string) => `https://${w.deps.host}/${epc}`;
  const look = (phone: number, payload: object) =>
    w.app.inject({
      ...{ method: 'POST', url: '/v1/verify', payload, remoteAddress: `192.0.${phone}.1` },
      headers: { 'user-agent': `phone ${phone}` },
    });
  const secret = await w.deps.keystore.secret('scans');
  const watch = createClueWatch({
    database: w.db,
    now: () => now,
    markOf: (epc) => markOf(secret, epc),
    onError: (error) => t.fail(String(error)),
  });
  const found = async () =>
    (
      await w.db.sql<{ rule: string; thing: string; count: number }[]>`
        SELECT rule, thing, count FROM clue_findings WHERE closed_at IS NULL ORDER BY rule, thing`
    ).map(({ rule, thing, count }) => `${rule} ${thing} ${count}`);
  await look(1, { code: bare(late), region: '330106' });
  await rows('stray_scans', 1);
  now += 2 * dayMs;
  await w.issue([late]);
  const codes = await Promise.all([idle, scrapped, late].map((epc) => w.code(epc)));
  for (const phone of [1, 2]) await look(phone, { codes });
  await rows('scans', 6);
  await watch.pass();
  t.same(await found(), [`scan-after-scrap ${scrapped} 2`, `scan-before-issue ${late} 1`]);
  for (let phone = 1; phone <= 2; phone++)
    await look(phone, { code: bare(unit(`NONE${phone}`)), region: '330106' });
  await look(4, { code: await w.code(idle, w.rivalKid) });
  await look(5, { code: unit('TYPED') });
  // A rival with many addresses at home and a few days.
  for (let i = 0; i < 6; i++)
    await w.app.inject({
      ...{ method: 'POST', url: '/v1/verify', payload: { code: bare(unit(`MADE${i}`)) } },
      ...{ remoteAddress: i % 2 === 0 ? `192.0.2.${i}` : `2001:db8:2:${i}::1` },
    });
  await rows('stray_scans', 4);
  await watch.pass();
  t.notMatch((await found()).join(), /unregistered-codes/, 'four networks are too few');
  await look(6, { code: bare(unit('NONE6')) });
  await rows('stray_scans', 5);
  now += 4 * dayMs;
  await watch.pass();
  t.same(await found(), [
    `scan-after-scrap ${scrapped} 2`,
    `scan-before-issue ${late} 1`,
    `scan-never-produced ${idle} 2`,
    `scan-never-produced ${late} 2`,
    `unregistered-codes 01/${gtin} 5`,
  ]);
  await produce(w, [idle]);
  now += 120_000;
  await watch.pass();
  t.notMatch((await found()).join(), new RegExp(`scan-never-produced ${idle}`), 'recorded late');
});
