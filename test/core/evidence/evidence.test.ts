import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { hopTypes } from '../../../src/core/events/hop.ts';
import { hopWords } from '../../../src/core/events/hop-words.ts';
import {
  type Evidence,
  type EvidenceBody,
  formatEvidence,
  parseEvidence,
} from '../../../src/core/evidence/evidence.ts';
import { checkEvidence } from '../../../src/core/evidence/evidence-check.ts';
import { checkClaim } from '../../../src/core/evidence/evidence-claim-check.ts';
import { openFact } from '../../../src/core/evidence/evidence-fact.ts';
import { type Flaw, flawWords, isFlaw } from '../../../src/core/evidence/evidence-flaws.ts';
import { checkHeads } from '../../../src/core/evidence/evidence-heads.ts';
import { hideFact } from '../../../src/core/evidence/evidence-hide.ts';
import { reportOf } from '../../../src/core/evidence/evidence-report.ts';
import { canonical, type Json } from '../../../src/core/text/canonical.ts';
import {
  bodyOf,
  fileOf,
  grownBody,
  headProof,
  linkOver,
  logKey,
  otherKey,
  showAll,
  signed,
  unitA,
  unitB,
  units,
  unitZ,
  witnessKey,
} from '../../support/evidence-vector.ts';
import { here } from '../../support/evidence-world.ts';

const both = { ...here, keys: [logKey, witnessKey] };
const vector = new URL(import.meta.resolve('#root/test/vectors/evidence.jcs'));

/** Codes of what is wrong with a file; empty when it holds. */
async function flawsOf(source: string, options = here): Promise<string[]> {
  const checked = await checkEvidence(source, options);
  return checked.ok ? [] : checked.flaws.map(({ flaw }) => flaw);
}

const opened = (source: string): Evidence => {
  const evidence = parseEvidence(source);
  if (isFlaw(evidence)) throw new Error(evidence.flaw);
  return evidence;
};

t.test('the file of the vector comes out the same, and holds', async (t) => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(vector, fileOf());
  const file = readFileSync(vector, 'utf8');
  t.equal(fileOf(), file);
  t.equal(formatEvidence(opened(file)), file);
  const checked = await checkEvidence(file, both);
  if (!checked.ok) throw new Error(JSON.stringify(checked.flaws));
  t.match(checked.value, {
    recognised: [{ at: null }, { at: 1767323100 }],
    unknownSignatures: 0,
    codes: [{ epc: unitA, key: { kid: '0000003' } }],
    statement: { iat: 1767323105, kid: '0000002' },
  });
  const { claims, proven, unproven, findings } = reportOf(checked.value);
  t.match(claims, [{ seq: 5, hop: 'produce', epcs: [unitA], withheld: 1 }]);
  t.equal(
    proven.find(({ seqs }) => seqs[0] === 5)?.en,
    `000000000000000B recorded: Produced, at place/000000000000000D, event time 2026-01-02T10:00:00+08:00, about ${unitA}. Entered in the log 2026-01-02T03:04:05.678Z. The recorder's key 0000004 signed this: nobody without that key can have made it up.`,
  );
  t.match(findings, [{ seqs: [4, 5], zh: `${unitA}：同一方将同一产品售出两次。` }]);
  t.ok([...proven, ...unproven].every(({ zh, en }) => /\p{Script=Han}/u.test(zh) && /^[A-Z0-9(]/.test(en)));
});

t.test('the example in the description of the format', async (t) => {
  const source = readFileSync(new URL(import.meta.resolve('#root/src/core/evidence/evidence.ts')), 'utf8');
  const [, example = ''] = /Worked example[^\n]*\n([\s\S]*?)\n \* \(in one line/.exec(source) ?? [];
  const fact = { by: 'A', epcList: [...units], kind: 'event' };
  const hidden = hideFact(fact, Buffer.alloc(16), null, {
    member: (name) => name !== 'by',
    epcs: new Set([unitA]),
  });
  t.equal(canonical(hidden), example.replaceAll(/\n? \* +/g, ''));
  t.match(openFact(hidden, '3JckdwF8b3ucKQ4OMhBBYduCOImRs3Q4f1TGjS8aIYk'), {
    members: { kind: 'event' },
    withheld: 1,
  });
});

t.test('what it says changes with the keys that the reader has', async (t) => {
  const alone = await checkEvidence(fileOf(), here);
  const known = await checkEvidence(fileOf(), both);
  if (!alone.ok || !known.ok) throw new Error('holds');
  t.equal(reportOf(alone.value).unproven.length - reportOf(known.value).unproven.length, 2);
  t.equal(alone.value.unknownSignatures, 1);
  const foreign = { ...logKey, publicKey: witnessKey.publicKey };
  t.strictSame(await flawsOf(fileOf(), { ...here, keys: [foreign] }), ['not-signed-by-key']);
});

/** Every string in a file, as its place and a way to put another there. */
function strings(value: Json, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value === 'string') return [at];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    strings(item, [...at, Array.isArray(value) ? Number(name) : name]),
  );
}

/** A copy with the string at a place changed. */
function changed<T extends object>(
  value: T,
  at: readonly (string | number)[],
  change: (text: string) => string,
): T {
  const copy = structuredClone(value);
  const holder = at.slice(0, -1).reduce<object>((it, name) => Reflect.get(it, name), copy);
  const last = at.at(-1) ?? '';
  Reflect.set(holder, last, change(Reflect.get(holder, last)));
  return copy;
}

const another = (character: string): string => (character === 'A' ? 'B' : 'A');
const at = (text: string, i: number): string =>
  `${text.slice(0, i)}${another(text[i] ?? '')}${text.slice(i + 1)}`;

t.test('no string of it can be changed, not even if the operator signs the file anew', async (t) => {
  const body = bodyOf({ member: (name) => name !== 'suyuan:ref', epcs: new Set([unitA]) });
  const whole = signed(body);
  const passed: unknown[] = [];
  for (const place of strings(whole))
    for (const i of [0, 0.5, 1]) {
      const mutated = changed(whole, place, (text) => at(text, Math.round(i * (text.length - 1))));
      if ((await flawsOf(canonical(mutated as object as Json), both)).length === 0) passed.push(place);
      if ((await flawsOf(formatEvidence(mutated), both)).length === 0) passed.push(place);
    }
  t.strictSame(passed, []);
  const unseen: string[] = [];
  for (const place of strings(body as object as Json))
    for (const i of [0, 0.5, 1]) {
      const mutated = changed(body, place, (text) => at(text, Math.round(i * (text.length - 1))));
      if ((await flawsOf(formatEvidence(signed(mutated)), both)).length === 0) unseen.push(place.join('/'));
    }
  t.strictSame([...new Set(unseen)], ['findings/0/rule'], 'but for findings, which are the operator’s word');
});

t.test('each part that is taken away, swapped or added is missed by its own check', async (t) => {
  const body = bodyOf();
  const [first, second] = [body.entries[0], body.entries[5]];
  const [chain] = body.chains;
  const { heads } = body;
  const [ofA, ofZ] = heads?.proofs ?? [];
  if (!first || !second || !chain || !heads || !ofA || !ofZ) throw new Error('there');
  const without = (...seqs: number[]) => body.entries.filter(({ entry }) => !seqs.includes(entry.seq));
  const fact = second.fact ?? { lists: {}, shown: [], withheld: [] };
  const withEntry = (entry: typeof second) => body.entries.map((it) => (it.entry.seq === 5 ? entry : it));
  const withFact = (more: object) => withEntry({ ...second, fact: { ...fact, ...more } });
  const table: readonly (readonly [string, Partial<EvidenceBody>, readonly string[]])[] = [
    [
      'the genesis',
      { entries: without(0) },
      ['no-genesis', 'bad-heads', 'chain-missing', 'unsigned-checkpoint', 'bad-statement'],
    ],
    ['the log key', { entries: without(1) }, ['unsigned-checkpoint']],
    ['the receipt key', { entries: without(2) }, ['bad-statement']],
    ['the issuing key', { entries: without(3) }, ['bad-code']],
    ['the key of the claim', { entries: without(6) }, ['bad-claim']],
    ['an entry of the chain', { entries: without(5) }, ['chain-incomplete', 'chain-broken', 'bad-finding']],
    ['a shorter chain', { chains: [{ ...chain, seqs: [4] }] }, ['chain-incomplete', 'chain-broken']],
    [
      'a chain of another',
      { chains: [{ ...chain, epc: units[1] ?? '' }] },
      ['chain-incomplete', 'chain-missing', 'chain-broken', 'bad-finding', 'bad-code'],
    ],
    ['the path', { entries: withEntry({ ...second, path: second.path.slice(1) }) }, ['entry-not-proven']],
    ['a disclosure', { entries: withFact({ shown: fact.shown.slice(1) }) }, ['fact-not-proven']],
    [
      'a disclosure twice',
      { entries: withFact({ shown: [...fact.shown, ...fact.shown] }) },
      ['fact-not-proven'],
    ],
    ['a hash', { entries: withFact({ withheld: [] }) }, ['fact-not-proven']],
    [
      'a list that is not there',
      { entries: withFact({ lists: { ...fact.lists, childEPCs: { leaves: [] } } }) },
      ['fact-not-proven'],
    ],
    ['identifiers', { entries: withFact({ lists: { epcList: { leaves: [] } } }) }, ['list-not-proven']],
    ['the list', { entries: withFact({ lists: {} }) }, []],
    ['the chain', { chains: [] }, ['chain-incomplete', 'chain-missing', 'bad-finding', 'bad-code']],
    ['the heads', { entries: without(7) }, ['bad-heads', 'chain-missing']],
    ['the proofs', { heads: { ...heads, proofs: [] } }, ['chain-missing']],
    ['another entry', { heads: { ...heads, seq: 6 } }, ['bad-heads', 'chain-missing']],
    ['a proof twice', { heads: { ...heads, proofs: [ofA, ofA] } }, ['malformed']],
    [
      'the proof of another',
      { heads: { ...heads, proofs: [{ ...ofA, proof: ofZ.proof }, ofZ] } },
      ['bad-heads'],
    ],
    [
      'a proof of nothing in the file',
      { heads: { ...heads, proofs: [ofA, { epc: unitB, proof: headProof(unitB) }, ofZ] } },
      ['chain-incomplete'],
    ],
    [
      'an entry, as if it had never been',
      {
        entries: without(4),
        findings: [],
        chains: [{ ...chain, seqs: [5], link: linkOver(unitA, [5]) }],
      },
      ['chain-incomplete'],
    ],
    [
      'a chain that begins and ends well, for a thing that more entries name',
      { chains: [{ ...chain, seqs: [5], link: linkOver(unitA, [5]) }] },
      ['chain-incomplete', 'chain-differs'],
    ],
    ['the order of entries', { entries: [...body.entries].reverse() }, ['malformed']],
    ['an entry twice', { entries: [...body.entries, second] }, ['malformed']],
    ['two things of one', { about: [unitA, unitA] }, ['malformed']],
    [
      'a finding of nothing',
      { findings: [{ closed: null, entries: [9], epc: unitA, opened: 9, rule: 'r' }] },
      ['bad-finding'],
    ],
    ['a note without end', { checkpoint: body.checkpoint.slice(0, -1) }, ['bad-checkpoint']],
  ];
  for (const [what, more, flaws] of table)
    t.strictSame(await flawsOf(formatEvidence(signed({ ...body, ...more }))), flaws, what);
  t.strictSame(await flawsOf(formatEvidence(signed(body, '0000002', otherKey))), ['bad-statement']);
  t.strictSame(
    await flawsOf(formatEvidence(signed(body, '0000003'))),
    ['bad-statement'],
    'a key for something else',
  );
});

t.test('a claim that was signed says what stands in the entry', async (t) => {
  const checked = await checkEvidence(fileOf(), here);
  const fact = checked.ok ? checked.value.entries[5]?.fact : null;
  if (!checked.ok || !fact) throw new Error('holds');
  const claimed = (more: object) =>
    checkClaim({ ...fact, members: { ...fact.members, ...more } }, checked.value.keys, here.verify);
  t.match(await claimed({}), { kid: '0000004' });
  for (const more of [
    { 'suyuan:ref': 'MO-2' },
    { 'suyuan:hop': 'ship' },
    { by: '000000000000000A' },
    { claimKey: '0000003' },
    { claim: 'x' },
    { claim: { hop: 'produce', ref: 'MO-1', epcs: [] } },
    { claimSignature: 'e30..AA' },
  ])
    t.equal(await claimed(more), false, JSON.stringify(more));
  const others = { ...fact, named: new Set([unitA]), isWhole: true };
  t.equal(await checkClaim(others, checked.value.keys, here.verify), false, 'other things');
});

t.test('a chain leaves out no entry of the file that names the thing', async (t) => {
  const body = bodyOf({ ...showAll, epcs: new Set(units) });
  const [chain] = body.chains;
  const other = bodyOf();
  if (chain === undefined) throw new Error('there');
  const foreign = { ...body, chains: [{ ...chain, seqs: [3, 4, 5] }] };
  t.strictSame(await flawsOf(formatEvidence(signed(foreign))), [
    'chain-incomplete',
    'chain-differs',
    'chain-broken',
  ]);
  const skipping = { ...other, chains: [{ ...chain, seqs: [5] }] };
  t.strictSame(await flawsOf(formatEvidence(signed(skipping))), [
    'chain-incomplete',
    'chain-broken',
    'chain-differs',
  ]);
});

t.test('that nothing was left out is told as far as it is proven', async (t) => {
  const told = async (body: EvidenceBody) => {
    const checked = await checkEvidence(formatEvidence(signed(body)), here);
    if (!checked.ok) throw new Error(JSON.stringify(checked.flaws));
    const { proven, unproven } = reportOf(checked.value);
    return { proven: proven.map(({ en }) => en), unproven: unproven.map(({ en }) => en) };
  };
  const body = bodyOf();
  const whole = await told(body);
  const says = (lines: readonly string[], text: string): boolean => lines.some((it) => it.includes(text));
  t.ok(
    says(
      whole.proven,
      'exactly 2 name it, by the heads that entry 7 tells, and all are here: none was left out.',
    ),
  );
  t.ok(says(whole.proven, `None of the first 7 entries of the log names ${unitZ}:`));
  t.ok(says(whole.unproven, 'What was recorded after the checkpoint.'));
  t.notOk(says(whole.unproven, `No signed code of ${unitZ}`), 'it has none');
  const { heads, ...without } = body;
  const alone = await told({ ...without, about: [unitA] });
  t.ok(says(alone.unproven, 'the file holds no entry of heads'));
  t.notOk(says(alone.proven, 'none was left out'));
  const [, ofZ] = heads?.proofs ?? [];
  if (heads === undefined || ofZ === undefined) throw new Error('there');
  const loose = await told({ ...body, heads: { ...heads, proofs: [ofZ] } });
  t.ok(says(loose.unproven, `The chains of ${unitA} are told as far as they concern this file`));
  // The file of a log that goes on after the heads were told.
  const later = grownBody();
  const grown = await told(later);
  t.ok(says(grown.proven, 'exactly 2 name it, by the heads that entry 7 tells, and all are here: none'));
  t.ok(says(grown.proven, '1 came after these'));
  t.ok(says(grown.unproven, 'after the first 7 entries of the log: 1 entry more'));
});

t.test(
  'nothing is said of entries between those that were counted and the one that tells of them',
  async (t) => {
    const checked = await checkEvidence(fileOf(), here);
    if (!checked.ok) throw new Error('holds');
    const { evidence, entries, operator } = checked.value;
    // The heads over seven entries, told an hour later as entry 9: entries 7 and 8 may name anything.
    const late = entries.map((it) => (it.seq === 7 ? { ...it, seq: 9, at: '2026-01-02T04:04:05.678Z' } : it));
    const proofs = (evidence.heads?.proofs ?? []).filter(({ epc }) => epc === unitZ);
    const flaws: Flaw[] = [];
    const completeness = checkHeads({ ...evidence, heads: { seq: 9, proofs } }, late, operator, flaws);
    t.strictSame(flaws, []);
    const { proven } = reportOf({ ...checked.value, completeness });
    const absent = proven.find(({ en }) => en.includes(`names ${unitZ}`));
    t.match(absent?.en, 'before 2026-01-02T03:04:05.678Z no such code was issued');
    t.match(absent?.zh, '2026-01-02T03:04:05.678Z 之前，此码从未签发');
  },
);

t.test('what is no evidence is told apart', async (t) => {
  const file = fileOf();
  const table: readonly (readonly [string, string])[] = [
    ['', 'not-evidence'],
    ['null', 'not-evidence'],
    ['[]', 'not-evidence'],
    ['{"type":"other"}', 'not-evidence'],
    [file.slice(0, -1), 'not-evidence'],
    [`${'['.repeat(100_000)}`, 'not-evidence'],
    [file.replace(/"v":1\}$/, '"v":2}'), 'unknown-version'],
    [file.replace('"about"', '"aboot"'), 'malformed'],
    [file.replace(/"v":1\}$/, '"v":1,"x":0}'), 'unknown-member'],
    [file.replace('"heads":{"proofs"', '"heads":{"count":3,"proofs"'), 'unknown-member'],
    [file.replace('{"about"', '{ "about"'), 'not-canonical'],
    [`${file}\n`, 'not-canonical'],
    [file.replace('"seqs":[4,5]', '"seqs":[4,5.5]'), 'malformed'],
    [file.replace('"seqs":[4,5]', '"seqs":[]'), 'malformed'],
  ];
  for (const [source, flaw] of table) t.strictSame(await flawsOf(source), [flaw], source.slice(0, 40));
});

t.test('whatever is in a file, checking it ends with an answer', async () => {
  const source = fileOf();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(source.length), fc.nat(3), fc.string({ maxLength: 4 })), {
        minLength: 1,
        maxLength: 4,
      }),
      async (edits) => {
        const text = edits.reduce((it, [i, cut, put]) => it.slice(0, i) + put + it.slice(i + cut), source);
        const checked = await checkEvidence(text, here);
        return text === source || !checked.ok;
      },
    ),
    { numRuns: 1_000 },
  );
  const placed = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.integer(),
      fc.string(),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('json'), { maxKeys: 3 }),
    ),
  })).json;
  const evidence = opened(source);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(evidence)), placed, async (name, value) => {
      const text = JSON.stringify({ ...evidence, [name]: value });
      const checked = await checkEvidence(text, here);
      return text === source || (!checked.ok && checked.flaws.length > 0);
    }),
    { numRuns: 300 },
  );
});

t.test('every flaw and every hop has its words in both languages', async (t) => {
  const words = [...Object.values(flawWords), ...hopTypes.map((hop) => hopWords[hop])];
  t.strictSame(
    words.filter(({ zh, en }) => !/\p{Script=Han}/u.test(zh) || !/^[A-Z]/.test(en)),
    [],
  );
});
