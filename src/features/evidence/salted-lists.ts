/**
 * Trees of long lists, remembered: the codes of a batch stand in one fact of ten thousand, and evidence is asked for one
 * unit of it after another. A tree of ten thousand takes some 3 MB.
 */
import { type SaltedList, saltList } from '../../core/evidence/evidence-hide.ts';

const treesMax = 8;
/** Shorter lists are as quickly made as looked up. */
const longFrom = 500;
const kept = new Map<string, SaltedList>();

/** The tree of a list; what was asked for last is kept. */
export function rememberedList(name: string, epcs: readonly string[], salt: Uint8Array): SaltedList {
  if (epcs.length < longFrom) return saltList(name, epcs, salt);
  // A salt is random and of one fact alone.
  const key = `${Buffer.from(salt).toString('base64url')} ${name}`;
  const tree = kept.get(key) ?? saltList(name, epcs, salt);
  kept.delete(key);
  kept.set(key, tree);
  const [oldest] = kept.keys();
  if (kept.size > treesMax && oldest !== undefined) kept.delete(oldest);
  return tree;
}
