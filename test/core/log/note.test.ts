import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  cosignedAt,
  cosignedText,
  formatCheckpoint,
  formatCosignature,
  parseCheckpoint,
} from '../../../src/core/log/checkpoint.ts';
import {
  formatNote,
  formatNoteKey,
  isSignedBy,
  type NoteKey,
  noteKeyId,
  parseNote,
  parseNoteKey,
  signatureTypes,
} from '../../../src/core/log/note.ts';
import { formatLogProof, parseLogProof } from '../../../src/core/log/tlog-proof.ts';

const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const example = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

function keyPair(name: string, type: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key: NoteKey = {
    name,
    type,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
  };
  return { key, sign: (text: string) => sign(null, Buffer.from(text), privateKey) };
}

const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};

t.test('the example of the specification', async (t) => {
  const key = read(parseNoteKey(vkey));
  t.equal(key.name, 'example.com/foo');
  t.equal(noteKeyId(key), '530d903a');
  t.equal(formatNoteKey(key), vkey);
  const note = read(parseNote(example));
  t.equal(note.text, 'This is an example message.\n');
  t.equal(formatNote(note), example);
  t.ok(isSignedBy(note, key));
  t.notOk(isSignedBy({ ...note, text: 'This is another message.\n' }, key));
});

t.test('what is no key', async (t) => {
  for (const text of [
    '',
    'a',
    vkey.replace('530d903a', '530d903b'),
    vkey.replace('foo', 'bar'),
    `${vkey}=`,
    vkey.replace('+Aek', '+Aek+'),
    `${vkey} `,
  ])
    t.match(parseNoteKey(text), { ok: false, code: 'invalid-key' }, text);
});

t.test('what is no note', async (t) => {
  const texts = [
    '',
    '\n',
    '\n\n',
    'text\n',
    'text\n\n',
    example.slice(0, -1),
    example.replace('— ', '- '),
    example.replace('example.com/foo', 'example.com+foo'),
    example.replace('=\n', '\n'),
    example.replace('message', 'mess\u0001age'),
    example.replace('message', 'mess\ud800age'),
    `${example}\n`,
    `text\n\n${'— a AAAAAAA=\n'.repeat(65)}`,
  ];
  for (const text of texts)
    t.match(parseNote(text), { ok: false, code: 'invalid-note' }, JSON.stringify(text));
});

t.test(
  'signatures of unknown keys are kept and ignored, a bad one of a known key spoils the note',
  async (t) => {
    const one = keyPair('log.example', signatureTypes.ed25519);
    const other = keyPair('log.example', signatureTypes.ed25519);
    const text = 'a\n\nb\n';
    const line = (by: typeof one, bytes = by.sign(text)) => ({
      name: by.key.name,
      id: noteKeyId(by.key),
      bytes,
    });
    const note = read(parseNote(formatNote({ text, signatures: [line(other), line(one)] })));
    t.equal(note.text, text);
    t.equal(note.signatures.length, 2);
    t.ok(isSignedBy(note, one.key));
    const spoiled = { text, signatures: [line(one), line(one, other.sign(text))] };
    t.notOk(isSignedBy(spoiled, one.key));
    t.notOk(isSignedBy({ text, signatures: [] }, one.key));
    t.notOk(isSignedBy({ text, signatures: [line(one, Buffer.alloc(63))] }, one.key));
  },
);

t.test('checkpoints', async (t) => {
  const root = Buffer.alloc(32, 7);
  const checkpoint = { origin: 'example.org/log', size: 17, root };
  const text = formatCheckpoint(checkpoint);
  t.equal(text, 'example.org/log\n17\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n');
  t.same(parseCheckpoint(text), { ok: true, value: checkpoint });
  t.same(parseCheckpoint(`${text}extension\n`), { ok: true, value: checkpoint });
  for (const wrong of [
    '',
    text.slice(0, -1),
    text.replace('17', '017'),
    text.replace('17', '-1'),
    text.replace('17', '99999999999999999'),
    text.replace('example.org/log', ''),
    text.replace('Bwc=', 'Bw='),
    text.replace('Bwc=\n', 'B\n'),
    `${text}\n`,
    `${text}\nextension\n`,
  ])
    t.match(parseCheckpoint(wrong), { ok: false, code: 'invalid-note' }, JSON.stringify(wrong));
});

t.test('cosignatures', async (t) => {
  const witness = keyPair('witness.example/w1', signatureTypes.cosignature);
  const text = formatCheckpoint({ origin: 'example.org/log', size: 17, root: Buffer.alloc(32, 7) });
  t.equal(cosignedText(text, 1679315147), `cosignature/v1\ntime 1679315147\n${text}`);
  const cosign = (seconds: number, claimed = seconds) => ({
    name: witness.key.name,
    id: noteKeyId(witness.key),
    bytes: formatCosignature(claimed, witness.sign(cosignedText(text, seconds))),
  });
  t.equal(cosignedAt({ text, signatures: [cosign(5), cosign(9)] }, witness.key), 9);
  t.equal(cosignedAt({ text, signatures: [] }, witness.key), null);
  t.equal(cosignedAt({ text, signatures: [cosign(5), cosign(5, 6)] }, witness.key), null);
  t.equal(cosignedAt({ text: `${text}x\n`, signatures: [cosign(5)] }, witness.key), null);
  t.same(read(parseNoteKey(formatNoteKey(witness.key))).type, 4);
});

t.test('proofs as text', async (t) => {
  const hashes = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const proof = { index: 5, hashes, checkpoint: example };
  const text = formatLogProof(proof);
  t.ok(text.startsWith(`c2sp.org/tlog-proof@v1\nindex 5\n${Buffer.alloc(32, 1).toString('base64')}\n`));
  t.same(parseLogProof(text), { ok: true, value: proof });
  t.same(parseLogProof(formatLogProof({ ...proof, hashes: [] })), {
    ok: true,
    value: { ...proof, hashes: [] },
  });
  t.same(parseLogProof(text.replace('index', 'extra AAAA\nindex')), { ok: true, value: proof });
  for (const wrong of [
    '',
    text.replace('@v1', '@v2'),
    text.replace('index 5', 'index 05'),
    text.replace('index 5\n', ''),
    text.replace('AQEB', 'AQ'),
    text.replace('index', 'extra !\nindex'),
  ])
    t.match(parseLogProof(wrong), { ok: false, code: 'invalid-note' }, JSON.stringify(wrong));
});

t.test('no text makes a reader throw', async () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .tuple(fc.nat(example.length), fc.string({ maxLength: 3 }))
      .map(([at, put]) => example.slice(0, at) + put + example.slice(at + 1)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const parse of [parseNote, parseNoteKey, parseCheckpoint, parseLogProof]) {
        const result: { ok: boolean } = parse(text);
        t.type(result.ok, 'boolean');
      }
    }),
    { numRuns: 300 },
  );
});
