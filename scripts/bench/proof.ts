/**
 * Inclusion proofs out of a log of ten million entries, read from its stored tiles. The tree is made of random leaf
 * hashes: a proof needs no more of an entry.
 */
import { randomBytes } from 'node:crypto';
import { frontierRoot, type Hash, tileRoot, tileWidth } from '../../src/core/log/merkle.ts';
import { inclusionStretches, provesInclusion } from '../../src/core/log/merkle-proof.ts';
import { insertTiles, splitHashes } from '../../src/ledger/tiles.ts';
import { createTree } from '../../src/ledger/tree.ts';
import { freshDatabase } from '../fresh-database.ts';
import { type BenchOptions, bar, quantile, type Row, startService } from './harness.ts';

const entries = 10_000_128;
const proofs = 2_000;
const tilesAtOnce = 512;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_proof'));
  try {
    const { sql } = service.database;
    const full = entries / tileWidth;
    const progress = bar('tiles', full);
    let roots: Hash[] = [];
    for (let first = 0; first < full; first += tilesAtOnce) {
      const tiles = Array.from({ length: Math.min(tilesAtOnce, full - first) }, (_, i) => ({
        level: 0,
        n: first + i,
        hashes: randomBytes(32 * tileWidth),
      }));
      await insertTiles(sql, tiles);
      roots.push(...tiles.map(({ hashes }) => tileRoot(splitHashes(hashes))));
      progress.update(first + tiles.length);
    }
    progress.stop();
    for (let level = 1; roots.length >= tileWidth; level++) {
      const above = roots;
      const tiles = Array.from({ length: Math.floor(above.length / tileWidth) }, (_, n) => ({
        level,
        n,
        hashes: Buffer.concat(above.slice(n * tileWidth, (n + 1) * tileWidth)),
      }));
      await insertTiles(sql, tiles);
      roots = tiles.map(({ hashes }) => tileRoot(splitHashes(hashes)));
    }
    const tree = createTree(sql);
    const root = frontierRoot(await tree.frontier(entries));
    const times: number[] = [];
    for (let i = 0; i < proofs; i++) {
      const seq = Math.floor((i + 0.5) * (entries / proofs)) ^ 1;
      const started = performance.now();
      const hashes = await tree.roots(inclusionStretches(seq, entries));
      times.push(performance.now() - started);
      const leaf = (await tree.hashes(0, Math.floor(seq / tileWidth), tileWidth))[seq % tileWidth];
      if (leaf === undefined || !provesInclusion(leaf, seq, entries, hashes, root))
        throw new Error(`no proof of entry ${seq}`);
    }
    const p50 = quantile(times, 0.5);
    return [
      {
        measure: `inclusion proof, ${entries.toLocaleString('en-US')} entries, p50`,
        value: p50,
        unit: 'ms',
        target: '≤ 2 ms',
        met: p50 <= 2,
      },
      {
        measure: 'inclusion proof, p99',
        value: quantile(times, 0.99),
        unit: 'ms',
        target: 'reported',
        met: null,
      },
    ];
  } finally {
    await service.stop();
  }
}
