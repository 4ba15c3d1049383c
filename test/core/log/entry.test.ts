import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { entryLeaf, formatEntry, numberEntries, originHash } from '../../../src/core/log/entry.ts';
import { naiveChain } from '../../support/naive-log.ts';

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

t.test('the worked example of entry.ts, byte for byte', async (t) => {
  const prev = originHash('example.org/log');
  t.equal(prev.toString('base64url'), sha256('example.org/log').toString('base64url'));
  const entry = { seq: 0, at: Date.UTC(2026, 0, 2, 3, 4, 5, 678), digest: Buffer.alloc(32), prev };
  const text = `{"at":"2026-01-02T03:04:05.678Z","digest":"${'A'.repeat(43)}","prev":"${prev.toString('base64url')}","seq":0,"v":1}`;
  t.equal(formatEntry(entry), text);
  t.same(entryLeaf(entry), sha256(Buffer.from([0]), text));
  t.equal(entryLeaf(entry).toString('base64url'), 'hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg');
});

t.test('entries chain and time never runs backwards', async (t) => {
  const leaf = originHash('example.org/log');
  const digests = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const [first, second] = numberEntries({ size: 5, at: 2_000, leaf }, 1_000, digests);
  t.ok(first && second);
  t.same([first?.entry.seq, second?.entry.seq], [5, 6]);
  t.same([first?.entry.at, second?.entry.at], [2_000, 2_000], 'the clock had gone back');
  t.same(first?.entry.prev, leaf);
  t.same(second?.entry.prev, first?.leaf);
});

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const group = fc.record({ clock: fc.integer({ min: 0, max: 4_102_444_800_000 }), digests: fc.array(hash) });

t.test('the chain is what it is by definition, however entries are grouped', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(group), (origin, groups) => {
      let head = { size: 0, at: 0, leaf: originHash(origin) };
      const told = groups.flatMap(({ clock, digests }) => {
        const numbered = numberEntries(head, clock, digests);
        const last = numbered.at(-1);
        if (last) head = { size: last.entry.seq + 1, at: last.entry.at, leaf: last.leaf };
        return numbered;
      });
      let latest = 0;
      const entries = groups
        .filter(({ digests }) => digests.length > 0)
        .flatMap(({ clock, digests }) => {
          latest = Math.max(latest, clock);
          return digests.map((digest) => ({ at: latest, digest }));
        })
        .map((entry, seq) => ({ ...entry, seq }));
      const naive = naiveChain(origin, entries);
      assert.deepEqual(
        told.map(({ entry: { seq, at }, leaf }) => ({ seq, at, leaf: leaf.toString('hex') })),
        entries.map(({ seq, at }, i) => ({ seq, at, leaf: naive[i]?.leaf.toString('hex') })),
      );
      assert.deepEqual(
        told.map(({ entry }) => Buffer.from(entry.prev).toString('hex')),
        naive.map(({ prev }) => prev.toString('hex')),
      );
    }),
  );
  t.pass('100 random logs');
});
