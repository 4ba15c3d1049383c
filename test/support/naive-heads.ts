/** What the map of heads is by definition: the root over the bits of every key, written as text. */
import { sha256 } from './naive-log.ts';

/** How an identifier's chain ends, and the salt of the last fact that names it. */
export interface Named {
  readonly count: number;
  readonly link: Buffer;
  readonly salt: Buffer;
}

const byte = (n: number): Buffer => Buffer.from([n]);
const u64 = (n: number): Buffer => Buffer.from(n.toString(16).padStart(16, '0'), 'hex');
export const bits = (key: Uint8Array): string =>
  [...key].map((it) => it.toString(2).padStart(8, '0')).join('');

export function naiveRoot(map: ReadonlyMap<string, Named>): Buffer {
  const leaves = [...map].map(([epc, { count, link, salt }]) => {
    const key = sha256(byte(8), epc);
    const value = sha256(byte(10), sha256(byte(9), salt, epc), u64(count), link);
    return { path: bits(key), leaf: sha256(byte(11), key, value) };
  });
  const place = (below: typeof leaves, depth: number): Buffer => {
    const [first] = below;
    if (first === undefined) return Buffer.alloc(32);
    if (depth >= 32 && below.length === 1) return first.leaf;
    const side = (bit: string): Buffer =>
      place(
        below.filter(({ path }) => path[depth] === bit),
        depth + 1,
      );
    return sha256(byte(1), side('0'), side('1'));
  };
  return place(leaves, 0);
}
