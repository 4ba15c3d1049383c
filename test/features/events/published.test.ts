/** A receipt that comes with its proofs: checked as its holder would, with nothing but the core. */
import t from 'tap';
import { parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { provesInclusion } from '../../../src/core/log/merkle-proof.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../../src/core/log/note.ts';
import { testService } from '../../support/service.ts';
import { act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker } = chain;
const inspections = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ hop: 'inspect', ...act(), epcs: [unit(`${name}${i}`)] }));
const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const good = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};

t.test('Prefer: published brings the checkpoint and a proof for every entry', async (t) => {
  const hops = inspections('A', 300);
  const key = { 'idempotency-key': 'published' };
  const wishes = { ...key, prefer: 'published, wait=30' };
  const { body, headers, text } = await chain.post(maker, hops, wishes);
  t.equal(headers['preference-applied'], 'published, wait=30');
  const { checkpoint, size, root, proofs } = body.published;
  const note = good(parseNote(checkpoint));
  const [vkey = ''] = (await service.app.inject('/log/key')).body.split('\n');
  t.ok(isSignedBy(note, good(parseNoteKey(vkey))));
  const signed = good(parseCheckpoint(note.text));
  t.strictSame([signed.size, Buffer.from(signed.root)], [size, bytes(root)]);
  t.equal(body.facts.length, 300);
  t.ok(
    body.facts.every(({ seq, leaf }: { seq: number; leaf: string }, i: number) => {
      const proof = proofs[i];
      return (
        proof.seq === seq && provesInclusion(bytes(leaf), seq, size, proof.hashes.map(bytes), signed.root)
      );
    }),
    'every entry is under it',
  );
  t.notOk(provesInclusion(bytes(body.facts[0].leaf), 1, size, proofs[1].hashes.map(bytes), signed.root));

  const plain = await chain.post(maker, hops, key);
  t.notOk('published' in plain.body, 'only who asks is told');
  t.ok(text.startsWith(plain.text.slice(0, -1)), 'the receipt itself is the same');
  const later = await chain.post(maker, hops, { ...key, prefer: 'published' });
  t.equal(later.headers['preference-applied'], 'published');
  t.ok(later.body.published.size >= size, 'the same key fetches the proofs later as well');
});

t.test('what is not published in time is recorded all the same, and says so', async (t) => {
  await service.owner.sql.begin(async (tx) => {
    // Nobody can sign while this lasts.
    await tx`LOCK TABLE checkpoints IN EXCLUSIVE MODE`;
    const wishes = { 'idempotency-key': 'unpublished', prefer: 'published, wait=0' };
    const { status, body, headers } = await chain.post(maker, inspections('B', 1), wishes);
    t.equal(status, 201);
    t.equal(body.published, null);
    t.match(body.receipt, /^ey/);
    t.notMatch(headers['preference-applied'] ?? '', /published/);
  });
});
