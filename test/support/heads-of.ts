/** A map of heads over a few identifiers, made by the core alone, and its proofs. */
import { formatHeadProof, type HeadProof, headBlind, headKey, headValue } from '../../src/core/log/heads.ts';
import {
  bucketOf,
  changeBucket,
  headTileWidth,
  pathTo,
  proofOf,
  tileOfHeadsRoot,
} from '../../src/core/log/heads-tree.ts';
import type { Named } from './naive-heads.ts';

export function headsOf(map: ReadonlyMap<string, Named>) {
  const tileBytes = headTileWidth * 32;
  const buckets = new Map<number, Buffer>();
  const tiles = new Map<number, Buffer>();
  const top = Buffer.alloc(tileBytes);
  for (const [epc, { salt, ...head }] of map) {
    const key = headKey(epc);
    const bucket = bucketOf(key);
    const value = headValue(head, headBlind(epc, salt));
    const { bytes, root } = changeBucket(buckets.get(bucket) ?? Buffer.alloc(0), [{ key, value }]);
    const tile = tiles.get(bucket >> 8) ?? Buffer.alloc(tileBytes);
    tile.set(root, (bucket % headTileWidth) * 32);
    buckets.set(bucket, bytes);
    tiles.set(bucket >> 8, tile);
    top.set(tileOfHeadsRoot(tile), (bucket >> 8) * 32);
  }
  const proofFor = (epc: string): HeadProof => {
    const key = headKey(epc);
    const bucket = bucketOf(key);
    const path = pathTo(key, {
      top,
      tile: tiles.get(bucket >> 8) ?? Buffer.alloc(tileBytes),
      bucket: buckets.get(bucket) ?? Buffer.alloc(0),
    });
    const named = map.get(epc);
    return proofOf(
      path,
      named === undefined
        ? null
        : { head: { count: named.count, link: named.link }, blind: headBlind(epc, named.salt) },
    );
  };
  return {
    root: tileOfHeadsRoot(top),
    proof: (epc: string): string => formatHeadProof(proofFor(epc)).toString('base64url'),
  };
}
