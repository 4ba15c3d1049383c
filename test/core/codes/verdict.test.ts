import t from 'tap';
import {
  historyOf,
  historyStates,
  hosts,
  judge,
  keyStates,
  reasonWords,
  rowsFor,
  type Situation,
  signatures,
  type VerdictFacts,
  verdicts,
  verdictTable,
  verdictWords,
  wordsOf,
} from '../../../src/core/codes/verdict.ts';
import { rules } from '../../../src/core/life/contradictions.ts';
import { fold } from '../../../src/core/life/lifecycle.ts';
import { act, context, day, hop, produce, receive, ship, stepOf } from '../../support/hops.ts';

const toB = [produce(1, 'A'), ship(2, 'A', 'B'), receive(3, 'B', 'A')];
const lives = {
  blocked: fold([...toB, act(4, 'hold', 'R', { as: 'regulator' })], context),
  retired: fold([...toB, act(4, 'scrap', 'B')], context),
  conflicted: fold([...toB, ship(4, 'A', 'C')], context),
  clean: fold(toB, context),
};

const facts: VerdictFacts = {
  signature: 'valid',
  key: 'active',
  host: 'ours',
  issued: true,
  life: lives.clean,
  orders: [],
  now: 100 * day,
  expiresAt: null,
  makerVerified: true,
  certificate: 'valid',
  maker: { zh: '甲厂', en: 'Maker A' },
};
const codes = (change: Partial<VerdictFacts>) => {
  const { verdict, reasons } = judge({ ...facts, ...change });
  return [verdict, ...reasons.map((r) => r.code)];
};

/** Which combinations can occur at all. */
function canOccur({ signature, key, issued }: Situation): boolean {
  if (signature === 'none') return key === 'none';
  if (signature === 'unverifiable') return key === 'unknown';
  if (key === 'none' || key === 'unknown') return false;
  // That a code's issue stands before the leak presupposes its issue.
  return key !== 'leaked-later' || issued || signature === 'invalid';
}

t.test('every combination that can occur meets exactly one row', async (t) => {
  const wrong: string[] = [];
  const met = new Set<unknown>();
  for (const signature of signatures)
    for (const key of keyStates)
      for (const host of hosts)
        for (const issued of [true, false])
          for (const history of historyStates) {
            const situation = { signature, key, host, issued, history };
            const rows = rowsFor(situation);
            for (const row of rows) met.add(row);
            if (rows.length > 1 || (canOccur(situation) && rows.length === 0)) {
              wrong.push(`${JSON.stringify(situation)} meets ${rows.length}`);
            }
          }
  t.same(wrong, []);
  t.equal(met.size, verdictTable.length, 'every row is met');
});

t.test('the table, row by row', async (t) => {
  const told = verdictTable.map((row) => {
    const [signature, key, host, issued, history] = [
      row.signature[0],
      row.key[0],
      row.host[0],
      row.issued[0],
      row.history[0],
    ];
    if (!signature || !key || !host || issued === undefined || !history) throw new Error('an empty cell');
    const { verdict, reasons } = judge({ ...facts, signature, key, host, issued, life: lives[history] });
    t.equal(verdict, row.verdict);
    t.same(
      reasons.slice(0, row.reasons.length).map((r) => r.code),
      row.reasons,
    );
    return `${signature} ${key} ${issued ? 'issued' : '-'} ${history}: ${verdict} ${reasons.map((r) => r.code).join(' ')}`;
  });
  t.same(told, [
    'invalid active issued blocked: forged signature-invalid',
    'valid foreign issued blocked: forged key-of-another-maker',
    'unverifiable unknown issued blocked: forged key-unknown',
    'unverifiable unknown issued blocked: unknown key-unknown foreign-host',
    'valid leaked issued blocked: unknown key-leak-suspected',
    'valid active - blocked: unknown not-issued observed-unregistered',
    'none none - blocked: unknown not-issued typed-no-signature observed-unregistered',
    'valid active issued blocked: blocked on-hold',
    'valid active issued retired: retired recorded-scrapped',
    'valid active issued conflicted: conflicted double-sale',
    'valid active issued clean: consistent ',
    'none none issued blocked: blocked typed-no-signature on-hold',
    'none none issued retired: retired typed-no-signature recorded-scrapped',
    'none none issued conflicted: conflicted typed-no-signature double-sale',
    'none none issued clean: consistent typed-no-signature',
  ]);
});

t.test('the strongest verdict wins', async (t) => {
  const held = act(6, 'hold', 'R', { as: 'regulator' });
  const doubled = [...toB, ship(4, 'A', 'C')];
  const scrapped = act(5, 'scrap', 'B');
  t.equal(historyOf(fold(doubled, context)), 'conflicted');
  t.equal(historyOf(fold([...doubled, scrapped], context)), 'retired');
  t.equal(
    historyOf(fold([...doubled, act(7, 'hold', 'R', { as: 'regulator', at: 4.5 * day }), scrapped], context)),
    'blocked',
  );
  t.equal(historyOf(fold([...toB, held], context)), 'blocked');
  t.same(verdicts, ['forged', 'unknown', 'blocked', 'retired', 'conflicted', 'consistent']);
});

t.test('reasons', async (t) => {
  const life = (...more: Parameters<typeof fold>[0]) => ({ life: fold([...more], context) });
  const one = produce(1, 'A');
  t.same(codes(life()), ['consistent', 'issued-not-produced']);
  t.same(codes(life(one)), ['consistent', 'not-shipped-yet']);
  t.same(codes(life(one, ship(2, 'A', 'B'))), ['consistent', 'recorded-in-transit']);
  t.same(codes(life(...toB, act(4, 'sell', 'B'))), ['consistent', 'recorded-sold']);
  t.same(codes(life(...toB, act(4, 'install', 'B'))), ['consistent', 'recorded-installed']);
  t.same(codes(life(...toB, act(4, 'destroy', 'B'))), ['retired', 'recorded-destroyed']);
  const relabel = (note: 'old' | 'new') => hop(2, 'relabel', 'A', { as: 'manufacturer', note });
  t.same(codes(life(one, stepOf(relabel('old')))), ['retired', 'recorded-relabelled']);
  t.same(codes(life(stepOf(relabel('new')))), ['consistent'], 'the new code goes on');
  for (const type of ['transform', 'split'] as const) {
    const made = hop(2, type, 'A', { as: 'manufacturer' });
    t.same(codes(life(one, stepOf(made, { position: 'input' }))), ['retired', 'recorded-consumed'], type);
    t.same(codes(life(stepOf(made, { position: 'output' }))), ['consistent', 'not-shipped-yet'], type);
  }
  t.same(codes(life(act(1, 'adopt', 'A'))), ['consistent', 'stock-declared']);
  const uncoded = (...steps: Parameters<typeof fold>[0]) =>
    codes({
      ...{ signature: 'none', key: 'none', issued: false },
      life: fold([...steps], { ...context, issuer: null, issued: false }),
    });
  t.same(
    uncoded(act(1, 'adopt', 'D')),
    ['unknown', 'not-issued', 'typed-no-signature', 'observed-unregistered', 'stock-declared'],
    'stock of a maker who never issued codes here',
  );
  t.same(uncoded(act(1, 'inspect', 'D')), [
    'unknown',
    ...['not-issued', 'typed-no-signature', 'observed-unregistered'],
  ]);
  t.same(codes(life(...toB, act(4, 'seize', 'R', { as: 'regulator' }))), ['blocked', 'seized']);
  const bad = act(4, 'inspect', 'B', { outcome: 'non-conformant', nextDue: 99 * day });
  t.same(codes(life(...toB, bad)), ['consistent', 'recorded-nonconformant', 'overdue']);
  t.same(codes({ ...life(...toB, bad), now: 98 * day }), ['consistent', 'recorded-nonconformant']);
  t.same(codes({ expiresAt: 99 * day }), ['consistent', 'expired']);
  t.same(codes({ host: 'foreign' }), ['consistent', 'foreign-host']);
  t.same(codes({ makerVerified: false, key: 'retired' }), ['consistent', 'key-retired', 'maker-unverified']);
  t.same(codes({ key: 'leaked-later' }), ['consistent', 'issued-before-key-leak']);
  t.same(codes({ certificate: 'withdrawn' }), ['consistent', 'certificate-withdrawn']);
  t.same(codes({ issued: false, life: fold([], context) }), ['unknown', 'not-issued']);
  const strangers = life(...toB, act(4, 'scrap', 'X'), receive(5, 'X', 'B'));
  t.same(codes(strangers), ['consistent'], 'a stranger adds no reason');
});

t.test('sentences', async (t) => {
  const { sentence } = judge(facts);
  t.match(sentence.zh, /甲厂.*不能证明/);
  t.match(sentence.en, /issued by Maker A .*does not prove that the thing under it is genuine/);
  t.match(judge({ ...facts, maker: null }).sentence.en, /the registered issuer/);
  t.match(judge({ ...facts, maker: { zh: '$&', en: '$&' } }).sentence.en, /issued by \$& and/, 'no patterns');
  const all = [
    ...Object.values(verdictWords),
    ...Object.values(reasonWords),
    ...Object.values(rules),
    wordsOf('double-sale'),
  ];
  const wrong = all.filter(
    ({ zh, en }) =>
      !/\p{Script=Han}/u.test(zh) ||
      !zh.endsWith('。') ||
      !en.endsWith('.') ||
      // Never that the thing is what it seems to be.
      /\b(is|are) genuine|authentic|guarantee/.test(
        en.replace('does not prove that the thing under it is genuine', ''),
      ) ||
      /是正品|保证|放心/.test(zh),
  );
  t.same(wrong, []);
});

t.test('a situation that cannot occur is our bug', async (t) => {
  t.throws(() => judge({ ...facts, signature: 'none' }), /exactly one row/);
});
