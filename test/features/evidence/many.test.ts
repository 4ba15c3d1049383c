/** Evidence about many things in one file. */
import t from 'tap';
import { checkEvidence } from '../../../src/core/evidence/evidence-check.ts';
import { reportOf } from '../../../src/core/evidence/evidence-report.ts';
import type { DelegationFact } from '../../../src/core/log/fact.ts';
import { decoded, found, guessesAt } from '../../support/evidence-guesses.ts';
import { evidenceWorld, here } from '../../support/evidence-world.ts';
import { testService } from '../../support/service.ts';
import { type Actor, gtin, lot, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const world = await evidenceWorld(service);
const { maker, distributor, seller, user, regulator, stranger, epc, carton, pallet, units } = world;
await service.deps.heads.publish();

const ask = async (who: Pick<Actor, 'bearer'>, payload: object) => {
  const headers = { authorization: who.bearer };
  const answer = await service.app.inject({ method: 'POST', url: '/v1/evidence', headers, payload });
  return { status: answer.statusCode, text: answer.body, headers: answer.headers };
};
const checkedOf = async (text: string) => {
  const checked = await checkEvidence(text, here);
  if (!checked.ok) throw new Error(`${JSON.stringify(checked.flaws)} ${text.slice(0, 300)}`);
  return checked.value;
};
const refusal = async (who: Pick<Actor, 'bearer'>, payload: object) => {
  const { status, text } = await ask(who, payload);
  const { code, detail, errors = [] } = JSON.parse(text);
  return { status, code, detail, at: errors.map((it: { pointer: string }) => it.pointer) };
};

t.test('several things, what they share once, under one checkpoint', async (t) => {
  const wanted = [epc, unit('A004'), carton];
  const { text, headers } = await ask(regulator, { epcs: [...wanted, `(01)${gtin}(21)A003`] });
  t.match(headers, { 'content-disposition': 'attachment; filename="evidence-4.json"' });
  const checked = await checkedOf(text);
  t.strictSame(checked.evidence.about, [...wanted].sort());
  t.strictSame(
    checked.evidence.chains.map((chain) => chain.epc),
    [carton, pallet, lot('L1'), epc, unit('A004')],
  );
  t.equal(checked.completeness?.counts.size, 5, 'all of them are whole');
  const seqs = checked.entries.map(({ seq }) => seq);
  t.equal(new Set(seqs).size, seqs.length);
  const alone = await Promise.all(
    ['A003', 'A004'].map((serial) => world.get(regulator, `/v1/units/${gtin}/${serial}/evidence`)),
  );
  t.ok(text.length < 0.8 * alone.reduce((sum, it) => sum + it.text.length, 0), 'and so it is smaller');
  t.strictSame(checked.codes.map((code) => code.epc).sort(), [epc, unit('A004')]);
});

t.test('what was never issued stands beside what was', async (t) => {
  const never = unit('NONE');
  const checked = await checkedOf((await ask(user, { epcs: [never, epc] })).text);
  t.strictSame(
    [...(checked.completeness?.counts ?? [])],
    [
      [epc, 8],
      [never, 0],
    ],
  );
});

t.test('whoever asks is let see each of them, or gets nothing', async (t) => {
  t.match(await refusal(user, { epcs: [epc, unit('A005')] }), { status: 403, detail: unit('A005') });
  t.match(await refusal(stranger, { epcs: [epc] }), { status: 403 });
  t.match(await refusal({ bearer: '' }, { epcs: [epc] }), { status: 401 });
  t.equal((await ask(distributor, { epcs: units.slice(0, 4) })).status, 200, 'it had the four in the carton');
  t.match(await refusal(distributor, { epcs: units }), { status: 403 });
});

t.test('a lot with all of its units, for its maker and who oversees them', async (t) => {
  for (const who of [maker, regulator]) {
    const checked = await checkedOf((await ask(who, { lot: `01/${gtin}/10/L1` })).text);
    t.strictSame(checked.evidence.about, [lot('L1'), ...units].sort());
    t.equal(checked.codes.length, units.length);
    t.equal(checked.completeness?.counts.get(lot('L1')), 1);
  }
  for (const who of [distributor, seller, stranger]) {
    const refused = await refusal(who, { lot: lot('L1') });
    t.match(refused, { status: 403, detail: /^A lot is told to its maker/ });
    t.notMatch(refused.detail, /A00\d/, 'no serial is told');
  }
  t.match(await refusal(maker, { lot: lot('L1'), page: 2 }), { status: 404, at: ['/page'] });
  const none = await checkedOf((await ask(stranger, { lot: lot('L9') })).text);
  t.strictSame([...(none.completeness?.counts ?? [])], [[lot('L9'), 0]], 'no such lot');
});

t.test('a lot of more units than one file holds comes in pages', async (t) => {
  const serials = Array.from({ length: 1_003 }, (_, i) => `B${String(i).padStart(4, '0')}`);
  for (const [i, part] of [serials.slice(0, 700), serials.slice(700)].entries()) {
    const headers = { authorization: maker.bearer, 'idempotency-key': `large-${i}`, prefer: 'wait' };
    const payload = { gtin, lot: 'L2', serials: part };
    const answer = await service.app.inject({ method: 'POST', url: '/v1/batches', headers, payload });
    t.equal(answer.statusCode, 201);
  }
  t.match(await refusal(maker, { lot: lot('L2') }), {
    ...{ status: 422, code: 'too-many-epcs', at: ['/page'] },
    detail: 'The lot has 1003 units and one file is about 1000 at most: ask for `page` 1 to 2, a file each.',
  });
  t.match(await refusal(distributor, { lot: lot('L2') }), { status: 403, detail: /^A lot is told/ });
  const second = await checkedOf((await ask(maker, { lot: lot('L2'), page: 2 })).text);
  t.strictSame(second.evidence.about, serials.slice(1_000).map(unit));
  const first = await checkedOf((await ask(maker, { lot: lot('L2'), page: 1 })).text);
  t.strictSame(first.evidence.about, serials.slice(0, 1_000).map(unit));
  t.ok([...(first.completeness?.counts.values() ?? [])].every((count) => count === 0));
});

t.test('the right of a delegate to issue for the owner', async (t) => {
  const agent = await world.actor(['manufacturer']);
  const delegation: DelegationFact = {
    ...{ kind: 'delegation', by: maker.id, id: 'D000000000000001', from: maker.id, to: agent.id },
    ...{ gtins: [gtin], places: [], acts: ['issue'], validFrom: '2020-01-01', validUntil: '2999-01-01' },
    revoked: false,
  };
  const record = (fact: DelegationFact) => service.deps.ledger.append([{ fact }]);
  const post = async (url: string, payload: object) => {
    const headers = { authorization: agent.bearer, 'idempotency-key': url, prefer: 'wait' };
    t.equal((await service.app.inject({ method: 'POST', url, headers, payload })).statusCode, 201, url);
  };
  await record(delegation);
  await post('/v1/keys', { custody: 'operator' });
  await post('/v1/batches', { gtin, lot: 'L3', serials: ['C001'] });
  await record({ ...delegation, revoked: true });
  const checked = await checkedOf((await ask(maker, { epcs: [unit('C001')] })).text);
  const { proven } = reportOf(checked);
  const [said] = proven.filter(({ en }) => en.includes('to issue its codes was in force when'));
  t.equal(said?.seqs.length, 2, 'though it was revoked since');
  const without = checked.entries.filter(({ fact }) => fact?.members.kind !== 'delegation');
  t.ok(
    reportOf({ ...checked, entries: without }).unproven.some(({ en }) =>
      en.includes(`was entitled to issue the code of ${unit('C001')}`),
    ),
    'not without the delegation',
  );
  t.notOk(reportOf(checked).unproven.some(({ en }) => en.includes('was entitled')));
});

t.test('erased personal data is proven by its hash alone, as it was before', async (t) => {
  const shownOf = async () => {
    const checked = await checkedOf((await ask(regulator, { epcs: [epc] })).text);
    const personal = checked.entries.filter(
      ({ fact }) => fact?.members.kind === 'event' && fact.withheld > 0,
    );
    t.strictSame(
      personal.map(({ fact }) => [fact?.members['suyuan:hop'], fact?.withheld]),
      [['ship', 1]],
    );
    const [seq] = personal.map((entry) => entry.seq);
    return checked.evidence.entries.find(({ entry }) => entry.seq === seq);
  };
  const before = await shownOf();
  const seq = before?.entry.seq ?? -1;
  const payload = { entries: [seq], ground: '个人信息保护法第四十七条' };
  const headers = { authorization: distributor.bearer };
  const erased = await service.app.inject({ method: 'POST', url: '/v1/erasures', headers, payload });
  t.equal(erased.statusCode, 201, erased.body);
  const rows = await service.db.sql`SELECT hash FROM privates WHERE seq = ${seq} AND value IS NULL`;
  t.strictSame(
    rows.map(({ hash }) => before?.fact?.withheld.includes(hash.toString('base64url'))),
    [true],
  );
  t.strictSame((await shownOf())?.fact, before?.fact);
});

t.test('the thing of a finding', async (t) => {
  const path = `/v1/units/${gtin}/A003/findings`;
  const [finding] = JSON.parse((await world.get(regulator, path)).text).items;
  const { rule, entries } = finding;
  const checked = await checkedOf((await ask(regulator, { finding: { epc, rule, entries } })).text);
  t.match(checked.evidence, { about: [epc], findings: [{ rule, epc }] });
  t.match(await refusal(regulator, { finding: { epc, rule: 'other', entries } }), { status: 404 });
  t.match(await refusal(stranger, { finding: { epc, rule, entries } }), { status: 403 });
});

t.test('what cannot be asked is told apart', async (t) => {
  const table: readonly (readonly [object, number, string, readonly string[]])[] = [
    [{}, 400, 'invalid-request', []],
    [{ epcs: [epc], lot: lot('L1') }, 400, 'invalid-request', []],
    [{ epcs: [epc], page: 1 }, 400, 'invalid-request', ['/page']],
    [{ epcs: [] }, 400, 'invalid-request', ['/epcs']],
    [{ epcs: [epc], more: 1 }, 400, 'unknown-member', ['/more']],
    [{ epcs: [epc, lot('L1')] }, 422, 'invalid-identifier', ['/epcs/1']],
    [{ epcs: [`01/${gtin}`] }, 422, 'invalid-identifier', ['/epcs/0']],
    [{ lot: epc }, 422, 'invalid-identifier', ['/lot']],
    [{ epcs: ['01/06901234567893/21/A'] }, 422, 'invalid-check-digit', ['/epcs/0']],
  ];
  for (const [payload, status, code, at] of table)
    t.match(await refusal(regulator, payload), { status, code, at }, JSON.stringify(payload));
});

t.test('nothing withheld is found by trying, though serials follow each other', async (t) => {
  const shown = [epc, unit('A005')];
  const { text } = await ask(regulator, { epcs: shown, others: 'withhold' });
  const checked = await checkedOf(text);
  const words = decoded(text);
  for (const hidden of units.filter((it) => !shown.includes(it))) t.notOk(words.includes(hidden), hidden);
  for (const it of shown) t.ok(words.includes(it), it);
  const guesses = guessesAt(checked, new Set(shown));
  t.strictSame(found(guesses, text), []);
  t.ok(found(guesses, (await ask(regulator, { epcs: shown })).text).length > 0, 'the trial itself works');
});
