import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type CheckedEvidence, checkEvidence } from '../../../src/core/evidence/evidence-check.ts';
import { reportOf } from '../../../src/core/evidence/evidence-report.ts';
import { suyuan } from '../../support/commands.ts';
import { decoded, found, guessesAt, hashesIn } from '../../support/evidence-guesses.ts';
import { evidenceWorld, here } from '../../support/evidence-world.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, gtin, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const world = await evidenceWorld(service);
const { maker, distributor, seller, user, regulator, stranger, epc, path, carton, pallet, units } = world;

const fetched = async (who: Actor, query = '') => {
  const got = await world.get(who, path + query);
  if (got.status !== 200) throw new Error(got.text);
  const checked = await checkEvidence(got.text, here);
  if (!checked.ok) throw new Error(JSON.stringify(checked.flaws));
  return { text: got.text, headers: got.headers, checked: checked.value };
};

/** The claims of a file: what, by whom and, after it, how many members are withheld. */
const claimsOf = (checked: CheckedEvidence) =>
  reportOf(checked).claims.map(
    ({ hop, recorder, withheld }) => `${hop ?? '-'} ${recorder ?? '-'} ${withheld}`,
  );

t.test('a regulator in charge gets everything, in one file that holds', async (t) => {
  const { text, headers, checked } = await fetched(regulator);
  t.match(headers, {
    'content-type': 'application/json; charset=utf-8',
    'content-disposition': `attachment; filename="evidence-${gtin}-A003.json"`,
    'cache-control': 'private, no-store',
  });
  t.strictSame(claimsOf(checked), [
    'produce 沪安消防器材厂 0',
    'release 沪安消防器材厂 0',
    'pack 沪安消防器材厂 0',
    'pack 沪安消防器材厂 0',
    'ship 沪安消防器材厂 0',
    'receive 浦江消防贸易有限公司 0',
    'unpack 浦江消防贸易有限公司 0',
    'unpack 浦江消防贸易有限公司 0',
    'ship 浦江消防贸易有限公司 1', // its personal data
    'sell 静安消防商店 0',
    'void 静安消防商店 0',
    'receive 静安消防商店 0',
    'sell 静安消防商店 0',
  ]);
  t.strictSame(checked.evidence.about, [epc]);
  t.strictSame(
    checked.evidence.chains.map((chain) => `${chain.epc} ${chain.seqs.length}`),
    [`${carton} 3`, `${pallet} 4`, `01/${gtin}/10/L1 1`, `${epc} 8`],
  );
  t.match(checked.codes, [{ epc, key: { purpose: 'issuing', party: maker.id } }]);
  const { proven, findings } = reportOf(checked);
  const [sold, voided] = reportOf(checked).claims.slice(-4);
  t.equal(voided?.answers, sold?.seq, 'what was taken back is named');
  t.ok(proven.some(({ en }) => en === `The operator vetted that GTIN ${gtin} belongs to 沪安消防器材厂.`));
  t.match(
    [...checked.claims],
    [[sold === undefined ? -1 : sold.seq + 3, { purpose: 'claims', party: seller.id }]],
  );
  t.equal(proven.filter(({ zh }) => zh.includes('登记方的密钥')).length, 1);
  t.equal(findings.length, 1);
  t.notMatch(text, /张三|13800000000|"salt"/, 'personal data and salts are never in it');
});

t.test('the signature of a code goes to who may print it', async (t) => {
  const codes = async (who: Parameters<typeof fetched>[0]) =>
    (await fetched(who)).checked.codes.map((code) => code.epc);
  t.strictSame([await codes(maker), await codes(regulator)], [[epc], [epc]]);
  t.strictSame([await codes(distributor), await codes(seller), await codes(user)], [[], [], []]);
});

t.test('everybody else gets what it may see, and hashes of the rest', async (t) => {
  t.strictSame(claimsOf((await fetched(distributor)).checked).slice(-5), [
    'ship 浦江消防贸易有限公司 1',
    'sell 静安消防商店 5',
    '- - 15',
    'receive 静安消防商店 0',
    'sell 静安消防商店 9',
  ]);
  const { checked, text } = await fetched(user);
  t.strictSame(claimsOf(checked), [
    'sell 静安消防商店 5',
    '- - 15',
    'receive 静安消防商店 6',
    'sell 静安消防商店 0',
  ]);
  t.strictSame(
    checked.evidence.chains.map((chain) => chain.epc),
    [epc],
    'the containers are no affair of a buyer',
  );
  t.strictSame(
    checked.entries.filter(({ fact }) => fact === null).length,
    3,
    'hops before the shop are withheld whole',
  );
  for (const hidden of [carton, pallet, distributor.id, distributor.place, 'DN-88', '浦江'])
    t.notOk(decoded(text).includes(hidden), hidden);
  const makers = (await fetched(maker)).text;
  for (const hidden of [seller.id, user.id, '长宁大酒店', '静安'])
    t.notOk(decoded(makers).includes(hidden), hidden);
  const issue = (it: CheckedEvidence) => it.entries.find(({ fact }) => fact?.members.kind === 'issue')?.fact;
  t.equal(issue((await fetched(maker)).checked)?.lists.get('epcs')?.count, 6);
  t.equal(issue(checked)?.lists.get('epcs'), undefined, 'how many were made is no affair of a buyer');
});

t.test('nobody gets evidence by its own word alone', async (t) => {
  t.match(await world.get(stranger, path), { status: 403 });
  const claimed = await world.post(stranger, [
    { hop: 'inspect', ...act(), epcs: [unit('A001')], place: stranger.place },
  ]);
  t.equal(claimed.status, 201);
  const refused = await world.get(stranger, path.replace('A003', 'A001'));
  t.equal(refused.status, 403);
  t.match(refused.text, 'Nothing but your own word ties you to');
  t.match(await world.get(maker, path.replace('A003', 'NONE')), { status: 404 });
  t.match(await world.get(maker, `${path}?withhold=a,,b`), { status: 400 });
  t.match(await world.get({ bearer: '' }, path), { status: 401 });
});

t.test('what is wanted withheld is, and the rest is proven all the same', async (t) => {
  const { text, checked } = await fetched(
    regulator,
    '?withhold=suyuan:ref,bizTransactionList&others=withhold',
  );
  const words = decoded(text);
  for (const hidden of ['DN-88', 'ni:///', 'eventID', ...units.filter((it) => it !== epc)])
    t.notOk(words.includes(hidden), hidden);
  for (const shown of [epc, carton, pallet, 'suyuan:hop']) t.ok(words.includes(shown), shown);
  const produced = checked.entries.find(({ fact }) => fact?.members['suyuan:hop'] === 'produce')?.fact;
  t.strictSame(produced?.lists.get('epcList'), { count: 6, epcs: [epc] });
  t.equal(checked.claims.size, 0);
  t.notMatch(
    words,
    /claimSignature|"claim"/,
    'a signed claim repeats the event, and goes with any part of it',
  );
  const { text: apart } = await fetched(regulator, '?withhold=parentID&others=withhold');
  for (const hidden of [carton, pallet])
    t.notOk(decoded(apart).includes(hidden), `${hidden} goes with parentID`);
  const without = (await fetched(regulator, '?withhold=errorDeclaration')).checked;
  t.ok(
    claimsOf(without).some((it) => it.startsWith('- 静安消防商店')),
    'a withdrawal never looks like what it withdraws',
  );
});

t.test('nothing withheld is found by trying, though serials follow each other', async (t) => {
  const { text, checked } = await fetched(regulator, '?others=withhold');
  t.ok(hashesIn(text).size > 100);
  const guesses = guessesAt(checked, new Set([epc]));
  t.strictSame(found(guesses, text), []);
  // The trial itself works: in a file that withholds nothing it finds the events by their hashes.
  t.ok(found(guesses, (await fetched(regulator)).text).length > 0);
});

t.test('nothing left out is proven as far as the log has told its heads', async (t) => {
  const before = reportOf((await fetched(maker)).checked);
  t.ok(before.unproven.some(({ en }) => en.includes('the file holds no entry of heads')));
  const heads = await service.deps.heads.publish();
  const complete = async (who: Actor, query = '') => {
    const { checked } = await fetched(who, query);
    return [...(checked.completeness?.counts ?? [])].map((it) => it.join(' '));
  };
  const all = [`${carton} 3`, `${pallet} 4`, `01/${gtin}/10/L1 1`, `${epc} 8`];
  t.strictSame(await complete(regulator), all);
  t.strictSame(await complete(regulator, '?others=withhold&withhold=suyuan:ref'), all);
  t.strictSame(await complete(user), [`${epc} 8`]);
  t.strictSame(await complete(maker), all, 'it saw all of its own containers');
  const { checked } = await fetched(distributor);
  t.equal(checked.completeness?.seq, heads.seq);
  t.ok(reportOf(checked).proven.some(({ zh }) => zh.includes('恰为 8 条，全部列于此，无一遗漏')));

  // The pallet goes on without the unit: how far is its own affair.
  await world.post(maker, [{ hop: 'inspect', ...act(), epcs: [pallet], place: maker.place }]);
  await world.post(seller, [{ hop: 'inspect', ...act(), epcs: [epc], place: seller.place }]);
  const grown = reportOf((await fetched(regulator)).checked);
  t.ok(
    grown.proven.some(
      ({ en }) => en.startsWith(`Chain of ${epc}: 9`) && en.includes('; 1 came after these.'),
    ),
  );
  t.ok(
    grown.unproven.some(({ en }) =>
      en.includes(`the first ${heads.size} entries of the log: 2 entries more`),
    ),
  );
  await service.deps.heads.publish();
  t.strictSame(await complete(regulator), [`${carton} 3`, `01/${gtin}/10/L1 1`, `${epc} 9`]);
  const loose = reportOf((await fetched(regulator)).checked);
  t.ok(loose.unproven.some(({ en }) => en.startsWith(`The chains of ${pallet} are told as far as`)));
});

t.test('that a code was never issued is told to every party, and proven', async (t) => {
  const never = unit('NONE');
  const got = await world.get(stranger, path.replace('A003', 'NONE'));
  t.equal(got.status, 200);
  const checked = await checkEvidence(got.text, here);
  if (!checked.ok) throw new Error(JSON.stringify(checked.flaws));
  t.strictSame(checked.value.evidence.chains, []);
  t.strictSame([...(checked.value.completeness?.counts ?? [])], [[never, 0]]);
  t.ok(reportOf(checked.value).proven.some(({ zh }) => zh.includes(`没有任何一条提及 ${never}`)));
  t.notMatch(decoded(got.text), /21\/A00\d/, 'and nothing of any other');
  const other = got.text.replaceAll(never, unit('A001'));
  t.match(await checkEvidence(other, here), { ok: false });
});

t.test('the command checks the file as anybody would, and says so in the language asked for', async (t) => {
  const { text } = await fetched(regulator);
  const file = join(service.dataDir, 'evidence.json');
  writeFileSync(file, text);
  const key = (await service.app.inject('/log/key')).body.trim();
  const good = await suyuan(['verify-evidence', file, '--key', key]);
  t.equal(good.code, 0);
  t.equal(good.stderr, '');
  t.match(good.stdout, `The evidence holds: ${epc} · Portable dry powder extinguisher MFZ/ABC4\n`);
  t.match(good.stdout, /\n\nProven\n[\s\S]*\n\nFindings\n[\s\S]*\n\nNot proven\n/);
  t.match(good.stdout, 'The checkpoint is signed by the key that you gave');
  const chinese = await suyuan(['verify-evidence', file, '--key', key, '--lang', 'zh-CN']);
  t.match(chinese, { code: 0, stdout: `证据成立：${epc} · 手提式干粉灭火器 MFZ/ABC4\n`, stderr: '' });
  t.match(chinese.stdout, /\n\n已证实\n[\s\S]*\n\n疑点\n[\s\S]*\n\n未证实\n/);
  writeFileSync(file, text.replace('"statement":"ey', '"statement":"fy'));
  t.strictSame(await suyuan(['verify-evidence', file]), {
    code: 1,
    stdout: '',
    stderr: `The evidence does not hold.
  bad-statement (/statement)
    The operator's signature over the file is not valid: it was changed after it was given out.
`,
  });
  t.match(await suyuan(['verify-evidence', file, '--key', 'x', '--lang', 'zh-CN']), {
    code: 2,
    stderr: /^invalid-key {2}公钥应为/,
  });
  t.match(await suyuan(['verify-evidence', join(service.dataDir, 'none')]), {
    code: 2,
    stderr: /^unreadable {2}/,
  });
});
