/**
 * Making a fact ready to be shown in part: what is chosen is disclosed, of the rest stand the hashes (evidence.ts).
 *
 * Example: a shipment of three units to somebody who is to learn of unit A alone: every member is disclosed but the
 * eventID, and of `epcList` only the leaf of A with its audit path.
 */
import type { JsonObject } from './canonical.ts';
import { disclose, epcListNames, listLeaves } from './digest.ts';
import { base64url } from './entry.ts';
import type { ShownFact, ShownList } from './evidence.ts';
import { leafHash, merkleRoot } from './merkle.ts';
import { inclusionStretches } from './merkle-proof.ts';

/** What is to be shown. */
export interface Choice {
  member(name: string): boolean;
  /** Of a shown list; null for all of it. */
  readonly epcs: ReadonlySet<string> | null;
}

/** The fact with what is chosen of it. `personal` is the hash of its personal data, where it has or had any. */
export function hideFact(
  fact: JsonObject,
  salt: Uint8Array,
  personal: Uint8Array | null,
  choice: Choice,
): ShownFact {
  const disclosures = disclose(fact, salt);
  const shown = disclosures.filter(({ name }) => choice.member(name));
  const withheld = disclosures.filter(({ name }) => !choice.member(name)).map(({ hash }) => hash);
  const lists: { [name: string]: ShownList } = {};
  for (const { name } of shown) {
    const epcs = fact[name];
    if (!epcListNames.some((it) => it === name) || !Array.isArray(epcs)) continue;
    lists[name] = openList(name, epcs, salt, choice.epcs);
  }
  return {
    lists,
    shown: shown.map(({ disclosure }) => disclosure),
    withheld: [...withheld, ...(personal === null ? [] : [base64url(personal)])].sort(),
  };
}

function openList(
  name: string,
  epcs: readonly string[],
  salt: Uint8Array,
  kept: ReadonlySet<string> | null,
): ShownList {
  const leaves = listLeaves(name, epcs, salt);
  if (kept === null || epcs.every((epc) => kept.has(epc))) return { leaves };
  const hashes = leaves.map((leaf) => leafHash(leaf));
  return {
    members: leaves.flatMap((leaf, index) => {
      if (!kept.has(epcs[index] ?? '')) return [];
      const path = inclusionStretches(index, hashes.length).map(({ from, until }) =>
        base64url(merkleRoot(hashes.slice(from, until))),
      );
      return [{ index, leaf, path }];
    }),
  };
}
