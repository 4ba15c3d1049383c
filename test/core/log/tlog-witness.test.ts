import { sign } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { cosignedText, formatCheckpoint, formatCosignature } from '../../../src/core/log/checkpoint.ts';
import { entryLeaf, originHash } from '../../../src/core/log/entry.ts';
import { emptyRoot, leafHash, merkleRoot, nodeHash } from '../../../src/core/log/merkle.ts';
import { consistencyStretches } from '../../../src/core/log/merkle-proof.ts';
import {
  formatNote,
  formatNoteKey,
  formatSignature,
  type NoteKey,
  noteKeyId,
  parseNote,
  signatureTypes,
} from '../../../src/core/log/note.ts';
import {
  cosignatureIn,
  formatAddCheckpoint,
  isTrusted,
  judge,
  nothingWitnessed,
  parseAddCheckpoint,
  parseLogKey,
  parseSizeAnswer,
  parseWitness,
} from '../../../src/core/log/tlog-witness.ts';
import { rfc8032 } from '../../support/seeds.ts';

const secret = rfc8032.privateKey;
const publicKey = Buffer.from(rfc8032.x, 'base64url');
const log: NoteKey = { name: 'example.org/log', type: signatureTypes.ed25519, publicKey };
const witness: NoteKey = { name: 'witness.example/w1', type: signatureTypes.cosignature, publicKey };
const ed25519 = (text: string) => sign(null, Buffer.from(text), secret);
const signed = (text: string, key = log): string =>
  formatNote({ text, signatures: [{ name: key.name, id: noteKeyId(key), bytes: ed25519(text) }] });

const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};

const example = `old 1
0uLOqJDloCPoSmhoixlbfSBd1HuQYOfJo9atnsBSTF0=

example.org/log
2
P3Ii7BqyeChxJa7FRmDLI9U8sXxaoyGA87wBT8e+ygs=

— example.org/log HGa56pMl0xX7+xh2MSSDW9hMwXazW7r+dsk1qTOIA7cgtggPMAHyis6K+Yeog4D1iPaTaKuIvgMyyXZvd0pMsh4MGgM=
`;

t.test('the example of the file', async (t) => {
  const at = Date.parse('2026-01-02T03:04:05.678Z');
  const digest = Buffer.alloc(32);
  const first = entryLeaf({ seq: 0, at, digest, prev: originHash(log.name) });
  const second = entryLeaf({ seq: 1, at, digest, prev: first });
  const root = nodeHash(first, second);
  const text = formatCheckpoint({ origin: log.name, size: 2, root });
  const request = { old: 1, proof: [second], checkpoint: signed(text) };
  t.equal(formatAddCheckpoint(request), example);
  const submission = read(parseAddCheckpoint(example));
  t.same(submission.checkpoint, { origin: log.name, size: 2, root });
  t.ok(isTrusted(submission.note, [log]));
  t.equal(judge({ size: 1, root: first }, submission), 'cosign');

  const url = 'https://witness.example/w1';
  const vkey = 'witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
  t.same(read(parseWitness(`${vkey} ${url}`)), { key: witness, url });
});

t.test('what is no request', async (t) => {
  for (const text of [
    '',
    example.replace('old 1', 'old 01'),
    example.replace('old 1', 'old -1'),
    example.replace('old 1', 'old  1'),
    example.replace('old 1\n', ''),
    example.replace('old 1', `old ${2 ** 53}`),
    example.replace('0uLO', '0uL'),
    example.replace('0uLO', ' 0uLO'),
    example.replace(/(0uLO.*\n)/, '$1'.repeat(64)),
    example.replace('\n\nexample', '\nexample'),
    example.replace('\n2\n', '\n02\n'),
    example.replaceAll('\n', '\r\n'),
    example.slice(0, -1),
    example.replace('— ', '- '),
  ])
    t.match(
      parseAddCheckpoint(text),
      { ok: false, code: 'invalid-request' },
      JSON.stringify(text.slice(0, 40)),
    );
  t.equal(parseAddCheckpoint(example.replace(/(0uLO.*\n)/, '$1'.repeat(63))).ok, true);
  fc.assert(
    fc.property(fc.nat(example.length - 1), fc.string({ unit: 'binary', maxLength: 1 }), (i, c) => {
      parseAddCheckpoint(example.slice(0, i) + c + example.slice(i + 1));
    }),
    { numRuns: 500 },
  );
});

t.test('a bad signature of a key that is trusted spoils the note, one of a stranger does not', async (t) => {
  const { note } = read(parseAddCheckpoint(example));
  const [good] = note.signatures;
  if (good === undefined) throw new Error('no signature');
  const bad = { ...good, bytes: Buffer.alloc(64) };
  const stranger = { ...bad, id: '00000000' };
  t.ok(isTrusted({ ...note, signatures: [stranger, good, { ...bad, name: 'else' }] }, [log]));
  t.notOk(isTrusted({ ...note, signatures: [good, bad] }, [log]));
  t.notOk(isTrusted({ ...note, signatures: [stranger] }, [log]));
  t.notOk(isTrusted(note, []));
  const older: NoteKey = { ...log, publicKey: Buffer.alloc(32, 1) };
  t.ok(isTrusted(note, [older, log]), 'any of several keys of the log will do');
});

t.test('what a witness makes of a checkpoint', async (t) => {
  const leaves = Array.from({ length: 9 }, (_, i) => leafHash(`${i}`));
  const rootOf = (until: number, from = 0) => merkleRoot(leaves.slice(from, until));
  const tree = (size: number) => ({ size, root: size === 0 ? emptyRoot : rootOf(size) });
  const submit = (old: number, size: number, root = tree(size).root, more: readonly Uint8Array[] = []) => ({
    old,
    proof: [
      ...(old > size ? [] : consistencyStretches(old, size)).map(({ from, until }) => rootOf(until, from)),
      ...more,
    ],
    note: read(parseNote(signed('unused\n'))),
    checkpoint: { origin: log.name, size, root },
  });
  const other = leafHash('other');
  for (let size = 0; size <= 9; size++)
    for (let old = 0; old <= size; old++) {
      t.equal(judge(tree(old), submit(old, size)), 'cosign', `${old} to ${size}`);
      // Any tree continues the empty one; which one it is, the next request is held to.
      if (old > 0 || size === 0) t.equal(judge(tree(old), submit(old, size, other)), 'unproven');
      t.equal(judge(tree(old), submit(old, size, undefined, [other])), 'unproven', 'a longer proof');
    }
  t.equal(judge(tree(3), submit(4, 7)), 'conflict');
  t.equal(judge(tree(3), submit(0, 7)), 'conflict');
  t.equal(judge(tree(3), submit(4, 3)), 'beyond');
  t.equal(judge({ size: 3, root: other }, submit(3, 7)), 'unproven', 'a fork');
  t.equal(judge({ size: 3, root: other }, submit(3, 3)), 'unproven', 'another tree of that size');
  t.equal(judge(nothingWitnessed, submit(0, 0)), 'cosign');
});

t.test('the cosignature in an answer', async (t) => {
  const text = read(parseAddCheckpoint(example)).note.text;
  const line = (seconds: number, key = witness, over = text) =>
    formatSignature({
      name: key.name,
      id: noteKeyId(key),
      bytes: formatCosignature(seconds, ed25519(cosignedText(over, seconds))),
    });
  const good = line(1_700_000_000);
  const other = line(1, { ...witness, name: 'witness.example/w2' });
  t.equal(
    formatSignature(cosignatureIn(good, text, witness) ?? { name: '', id: '', bytes: Buffer.alloc(0) }),
    good,
  );
  t.ok(cosignatureIn(`${other}${good}`, text, witness), 'others are left aside');
  for (const answer of [
    '',
    '\n',
    other,
    good.slice(0, -1),
    `${good}x\n`,
    line(0),
    line(1, witness, `${text}x\n`),
    good.repeat(65),
  ])
    t.equal(cosignatureIn(answer, text, witness), null, JSON.stringify(answer.slice(0, 30)));
  t.strictSame(['12\n', '0\n', '12', '012\n', ' 12\n', '12\n\n'].map(parseSizeAnswer), [
    12,
    0,
    null,
    null,
    null,
    null,
  ]);
});

t.test('witnesses and logs as they are configured', async (t) => {
  const [theirs, ours] = [formatNoteKey(witness), formatNoteKey(log)];
  t.equal(
    read(parseWitness(` ${theirs}  http://127.0.0.1:8080/witness/ `)).url,
    'http://127.0.0.1:8080/witness',
  );
  t.same(read(parseLogKey(` ${ours} `)), log);
  const small = formatNoteKey({ ...witness, publicKey: Buffer.from([1, ...Buffer.alloc(31)]) });
  for (const text of [
    '',
    theirs,
    `${ours} https://a.example`,
    `${small} https://a.example`,
    ...[
      'ftp://a',
      'https://',
      'https://me:secret@a.example',
      'https://a.example?x',
      'https://a#x',
      'https://a b',
    ].map((url) => `${theirs} ${url}`),
  ])
    t.match(parseWitness(text), { ok: false, code: 'invalid-key' }, text);
  t.match(parseLogKey(theirs), { ok: false, code: 'invalid-key' });
});
