/**
 * A fact of evidence opened: its disclosures must give the digest of its entry, and the identifiers shown of a list the
 * root of that list (evidence.ts, digest.ts).
 *
 * Example: base64url(SHA-256("WyJOSjNZcFNpN0pIdVBIbXpTbnJ0NW1uTEIiLCJraW5kIiwiZXZlbnQiXQ")) is the hash of the member
 * `kind` of the worked example of evidence.ts; the hashes of all members, shown and withheld, give the digest.
 */

import { isObject, objectsOf, quantityLists } from '../events/event-members.ts';
import { digestOf, isEpcList } from '../log/digest.ts';
import { base64url } from '../log/entry.ts';
import { leafHash, merkleRoot, sha256 } from '../log/merkle.ts';
import { provesInclusion } from '../log/merkle-proof.ts';
import { canonical, type Json, type JsonObject } from '../text/canonical.ts';
import { bytesOf, rises, type ShownFact, type ShownList } from './evidence.ts';
import type { FlawCode } from './evidence-flaws.ts';

/** What is known of a list of identifiers. */
export interface OpenedList {
  readonly count: number;
  readonly epcs: readonly string[];
}

export interface OpenedFact {
  /** Members shown, EPC lists apart. */
  readonly members: JsonObject;
  readonly lists: ReadonlyMap<string, OpenedList>;
  /** How many members are withheld; among them may be personal data. */
  readonly withheld: number;
  /** The things that it is shown to name in its lists of identifiers, as parent or by quantity. */
  readonly named: ReadonlySet<string>;
  /** Whether that is all it names. */
  readonly isWhole: boolean;
}

/** An entry that is proven under the checkpoint. */
export interface CheckedEntry {
  readonly seq: number;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly leaf: Uint8Array;
  /** null when all of it is withheld. */
  readonly fact: OpenedFact | null;
}

/** What a shown fact says, or what is wrong with it. */
export function openFact(fact: ShownFact, digest: string): OpenedFact | FlawCode {
  const members: { [name: string]: Json } = Object.create(null);
  const lists = new Map<string, OpenedList>();
  const names: string[] = [];
  for (const disclosure of fact.shown) {
    const opened = openDisclosure(disclosure);
    if (opened === null) return 'fact-not-proven';
    const { name, value } = opened;
    names.push(name);
    if (!isEpcList(name)) members[name] = value;
    else {
      const list = openList(value, Object.hasOwn(fact.lists, name) ? fact.lists[name] : undefined);
      if (list === null) return 'list-not-proven';
      lists.set(name, list);
    }
  }
  const hashes = [...fact.shown.map((it) => base64url(sha256(it))), ...fact.withheld];
  const isSpare = Object.keys(fact.lists).some((name) => !lists.has(name));
  if (isSpare || !rises(names) || !rises(fact.withheld) || base64url(digestOf(hashes)) !== digest)
    return 'fact-not-proven';
  const isWhole =
    fact.withheld.length === 0 && [...lists.values()].every(({ count, epcs }) => epcs.length === count);
  return { members, lists, withheld: fact.withheld.length, named: namedIn(members, lists), isWhole };
}

/** [salt, name, value] of a disclosure in its one spelling. */
function openDisclosure(disclosure: string): { readonly name: string; readonly value: Json } | null {
  const value = openArray(disclosure);
  if (value?.length !== 3) return null;
  const [salt, name, shown] = value;
  if (typeof salt !== 'string' || typeof name !== 'string' || shown === undefined) return null;
  return { name, value: shown };
}

/** A JSON array of base64url of its canonical text. */
function openArray(encoded: string): readonly Json[] | null {
  const text = bytesOf(encoded)?.toString('utf8') ?? '';
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && canonical(value) === text ? value : null;
  } catch {
    return null;
  }
}

function openList(value: Json, shown: ShownList | undefined): OpenedList | null {
  if (!isObject(value)) return null;
  const { count, root, ...more } = value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return null;
  if (typeof root !== 'string' || Object.keys(more).length > 0) return null;
  const rootBytes = bytesOf(root);
  if (rootBytes?.length !== 32) return null;
  if (shown === undefined) return { count, epcs: [] };
  const leaves = 'leaves' in shown ? shown.leaves : shown.members.map(({ leaf }) => leaf);
  const epcs = leaves.map(epcOf);
  if (!epcs.every((epc) => epc !== null) || !rises(epcs)) return null;
  if ('leaves' in shown) {
    const whole =
      leaves.length === count && base64url(merkleRoot(leaves.map((leaf) => leafHash(leaf)))) === root;
    return whole ? { count, epcs } : null;
  }
  const proven =
    rises(shown.members.map(({ index }) => index)) &&
    shown.members.every(({ index, leaf, path }) =>
      provesInclusion(leafHash(leaf), index, count, path.map(bytes), rootBytes),
    );
  return proven ? { count, epcs } : null;
}

/** Hashes are checked for their shape when the file is read. */
const bytes = (hash: string): Uint8Array => Buffer.from(hash, 'base64url');

/** The identifier of a leaf input. */
function epcOf(leaf: string): string | null {
  const [salt, epc, ...more] = openArray(leaf) ?? [];
  return typeof salt === 'string' && typeof epc === 'string' && more.length === 0 ? epc : null;
}

function namedIn(members: JsonObject, lists: ReadonlyMap<string, OpenedList>): Set<string> {
  const named = new Set([...lists.values()].flatMap(({ epcs }) => epcs));
  if (typeof members.parentID === 'string') named.add(members.parentID);
  for (const { epcClass } of quantitiesIn(members)) if (typeof epcClass === 'string') named.add(epcClass);
  return named;
}

/** Goods by measure that an event is shown to name. */
export const quantitiesIn = (members: JsonObject): JsonObject[] =>
  quantityLists.flatMap((list) => objectsOf(members, list));

/** Whether a fact names a thing: null when that cannot be told from what is shown. */
export const names = ({ named, isWhole }: OpenedFact, epc: string): boolean | null =>
  named.has(epc) ? true : isWhole ? false : null;
