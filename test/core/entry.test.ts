import { createHash } from 'node:crypto';
import t from 'tap';
import { entryLeaf, formatEntry, numberEntries, originHash } from '../../src/core/entry.ts';
import { firstLink, nextLink } from '../../src/core/unit-chain.ts';

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

t.test('the worked example of unit-chain.ts', async (t) => {
  const epc = '00/106141412345678908';
  const link0 = sha256(Buffer.from([7]), epc);
  t.same(firstLink(epc), link0);
  const leaf = Buffer.alloc(32, 9);
  t.same(nextLink(link0, leaf), sha256(Buffer.from([2]), link0, leaf));
});
