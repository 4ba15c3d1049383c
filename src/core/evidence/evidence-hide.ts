/**
 * Making a fact ready to be shown in part: what is chosen is disclosed, of the rest stand the hashes (evidence.ts).
 *
 * Example: a shipment of three units to somebody who is to learn of unit A alone: every member is disclosed but the
 * eventID, and of `epcList` only the leaf of A with its audit path.
 */

import { disclose, listLeaves } from '../log/digest.ts';
import { base64url } from '../log/entry.ts';
import { emptyRoot, type Hash, leafHash, nodeHash } from '../log/merkle.ts';
import type { JsonObject } from '../text/canonical.ts';
import type { ShownFact, ShownList } from './evidence.ts';

/** What is to be shown. */
export interface Choice {
  member(name: string): boolean;
  /** Of a shown list; null for all of it. */
  readonly epcs: ReadonlySet<string> | null;
}

/** A list of identifiers as the tree that its root is of (digest.ts). */
export interface SaltedList {
  /** Leaf inputs in order. */
  readonly leaves: readonly string[];
  /** Hashes by height, leaves first; the last of an odd number stands unchanged on the next (RFC 6962 §2.1). */
  readonly levels: readonly (readonly Hash[])[];
}

export function saltList(name: string, epcs: readonly string[], salt: Uint8Array): SaltedList {
  const leaves = listLeaves(name, epcs, salt);
  const levels: Hash[][] = [leaves.map((leaf) => leafHash(leaf))];
  for (let below = levels[0] ?? []; below.length > 1; ) {
    const above: Hash[] = [];
    for (let i = 0; i < below.length; i += 2) {
      const [left, right] = [below[i], below[i + 1]];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    levels.push(above);
    below = above;
  }
  return { leaves, levels };
}

/** The audit path of a leaf. */
const pathOf = ({ levels }: SaltedList, index: number): string[] =>
  levels.flatMap((hashes, height) => {
    const sibling = hashes[Math.floor(index / 2 ** height) ^ 1];
    return sibling === undefined ? [] : [base64url(sibling)];
  });

/**
 * The fact with what is chosen of it. `personal` is the hash of its personal data, where it has or had any; `listOf` may
 * remember the trees of long lists.
 */
export function hideFact(
  fact: JsonObject,
  salt: Uint8Array,
  personal: Uint8Array | null,
  choice: Choice,
  listOf = saltList,
): ShownFact {
  const trees = new Map<string, SaltedList>();
  const disclosures = disclose(fact, salt, (name, epcs) => {
    const tree = listOf(name, epcs, salt);
    trees.set(name, tree);
    return `{"count":${epcs.length},"root":"${base64url(tree.levels.at(-1)?.[0] ?? emptyRoot)}"}`;
  });
  const shown = disclosures.filter(({ name }) => choice.member(name));
  const withheld = disclosures.filter(({ name }) => !choice.member(name)).map(({ hash }) => hash);
  const lists: { [name: string]: ShownList } = {};
  for (const { name } of shown) {
    const [epcs, tree] = [fact[name], trees.get(name)];
    if (tree !== undefined && Array.isArray(epcs)) lists[name] = openList(epcs, tree, choice.epcs);
  }
  return {
    lists,
    shown: shown.map(({ disclosure }) => disclosure),
    withheld: [...withheld, ...(personal === null ? [] : [base64url(personal)])].sort(),
  };
}

function openList(epcs: readonly string[], tree: SaltedList, kept: ReadonlySet<string> | null): ShownList {
  if (kept === null || epcs.every((epc) => kept.has(epc))) return { leaves: tree.leaves };
  return {
    members: tree.leaves.flatMap((leaf, index) =>
      kept.has(epcs[index] ?? '') ? [{ index, leaf, path: pathOf(tree, index) }] : [],
    ),
  };
}
