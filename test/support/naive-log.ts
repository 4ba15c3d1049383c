/**
 * What the log is by definition, in the plainest words there are: nothing here is taken from src/, all of it is
 * SHA-256 and SHAKE256 over bytes put together by hand.
 */
import { createHash } from 'node:crypto';

export type NaiveJson =
  | null
  | boolean
  | number
  | string
  | readonly NaiveJson[]
  | { readonly [name: string]: NaiveJson };

export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const byte = (n: number): Buffer => Buffer.from([n]);
const b64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const byCodePoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** RFC 8785: names in order of UTF-16 code units, no space between. */
export function jcs(value: NaiveJson): string {
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, it]) => `${JSON.stringify(name)}:${jcs(it)}`).join(',')}}`;
}

/** RFC 6962 §2.1. */
export function treeHash(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha256('');
  if (leaves.length === 1) return sha256(byte(0), leaves[0] ?? '');
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(byte(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** As many salts of 18 bytes as there are things to hide. */
const salts = (seed: Uint8Array, count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    b64(
      createHash('shake256', { outputLength: 18 * count })
        .update(seed)
        .digest()
        .subarray(18 * i, 18 * i + 18),
    ),
  );

const lists = ['childEPCs', 'epcList', 'epcs', 'inputEPCList', 'outputEPCList'];

/** {"count","root"} of a list of EPCs. */
export function naiveList(name: string, epcs: readonly string[], salt: Uint8Array): NaiveJson {
  const own = salts(Buffer.concat([salt, Buffer.from(name)]), epcs.length);
  const leaves = epcs.map((epc, i) => b64(jcs([own[i] ?? '', epc])));
  return { count: epcs.length, root: b64(treeHash(leaves)) };
}

/** The digest of a fact; personal data comes beside it, with its own salt. */
export function naiveDigest(
  fact: { readonly [name: string]: NaiveJson },
  salt: Uint8Array,
  personal?: { readonly value: NaiveJson; readonly salt: Uint8Array },
): Buffer {
  const names = Object.keys(fact).sort(byCodePoints);
  const own = salts(salt, names.length);
  const disclosures = names.map((name, i) => {
    const value = fact[name] ?? null;
    const shown = lists.includes(name) ? naiveList(name, value as readonly string[], salt) : value;
    return b64(jcs([own[i] ?? '', name, shown]));
  });
  if (personal) disclosures.push(b64(jcs([b64(personal.salt), 'private', personal.value])));
  const hashes = disclosures.map((it) => b64(sha256(it))).sort(byCodePoints);
  return sha256(jcs({ _sd: hashes, _sd_alg: 'sha-256' }));
}

export interface NaiveEntry {
  readonly seq: number;
  readonly at: number;
  readonly digest: Uint8Array;
}

/** `prev` and leaf hash of every entry, from the origin on. */
export function naiveChain(origin: string, entries: readonly NaiveEntry[]): { prev: Buffer; leaf: Buffer }[] {
  let leaf = sha256(origin);
  return entries.map(({ seq, at, digest }) => {
    const prev = leaf;
    const entry = { v: 1, seq, at: new Date(at).toISOString(), prev: b64(prev), digest: b64(digest) };
    leaf = sha256(byte(0), jcs(entry));
    return { prev, leaf };
  });
}

/** Every identifier with its links, the one before any entry first; an entry is its leaf and what it names. */
export function naiveLinks(
  entries: readonly { readonly leaf: Uint8Array; readonly names: readonly string[] }[],
): Map<string, Buffer[]> {
  const chains = new Map<string, Buffer[]>();
  for (const { leaf, names } of entries)
    for (const name of new Set(names)) {
      const chain = chains.get(name) ?? [sha256(byte(7), name)];
      chains.set(name, [...chain, sha256(byte(2), chain.at(-1) ?? '', leaf)]);
    }
  return chains;
}

/** What a fact names: its lists of EPCs, `parentID`, and the classes of its lists of quantities. */
export function naiveNames(fact: { readonly [name: string]: NaiveJson }): string[] {
  const quantities = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'];
  const all = (name: string): readonly NaiveJson[] => (fact[name] as readonly NaiveJson[] | undefined) ?? [];
  const parent = fact.parentID === undefined ? [] : [fact.parentID];
  const classes = quantities.flatMap(all).map((it) => (it as { epcClass: NaiveJson }).epcClass);
  return [...lists.flatMap(all), ...parent, ...classes] as string[];
}
