/**
 * The digest by which an entry commits to a fact, so that any member and any single EPC can be withheld and the
 * rest still proven. In the words of SD-JWT (RFC 9901 §4.2), so that its libraries can check it:
 *
 *   member salts   = SHAKE256(salt, 18·k) cut into k pieces of 18 bytes, one for each of the k members other
 *                    than `private` in code-point order of name, each written as 24 characters of base64url
 *   disclosure_m   = base64url(JCS([salt_m, name, value′]))
 *   h_m            = base64url(SHA-256(ASCII of disclosure_m))
 *   digest         = SHA-256(JCS({"_sd":[h_m sorted],"_sd_alg":"sha-256"}))
 *
 * value′ is the value, but for the EPC lists (below) it is {"count","root"}: the RFC 6962 root whose i-th leaf
 * input is the ASCII of base64url(JCS([salt_i, EPC])), salts cut likewise from SHAKE256(salt ‖ name, 18·count).
 * Lists are distinct and sorted by code points, which also proves absence. `private` carries a salt of its own,
 * random and stored with it: once erased, nothing but its hash remains.
 *
 * Worked examples, salt = 16 zero bytes:
 *   {"by":"A","kind":"policy"}
 *     digest = zbhAQ1oJpYx3QxWRTJ88SjNt0IuW77q80QQNpXUrOTs
 *   {"by":"A","epcList":["01/06901234567892/21/A","01/06901234567892/21/B","01/06901234567892/21/C"],"kind":"event"}
 *     root of epcList = q3ivH5p2-tCD4gJX2iTK3ru_ar8rHseGZFcXz8_etp0
 *     digest = 3JckdwF8b3ucKQ4OMhBBYduCOImRs3Q4f1TGjS8aIYk
 *   the same with the personal data {"phone":"13800000000"}, its salt 18 zero bytes
 *     digest = UDA8ph1MkLCjPQb8P-uIhSK-f0IYICkzW1k6NwlVi-U
 */
import { createHash, hash } from 'node:crypto';
import { canonical, compareCodePoints, type Json, type JsonObject } from '../text/canonical.ts';
import { type CanonicalText, stringItems } from '../text/canonical-text.ts';
import { base64url } from './entry.ts';
import { leafHash, merkleRoot, sha256 } from './merkle.ts';

/** Members whose value is a list of EPCs and enters the digest as a salted Merkle root. */
export const epcListNames = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList', 'epcs'] as const;
const epcLists: ReadonlySet<string> = new Set(epcListNames);
export const isEpcList = (name: string): boolean => epcLists.has(name);

const pieceBytes = 18;

/** A member of a fact that is shown: what its holder gives to whoever is to check it. */
export interface Disclosure {
  readonly name: string;
  /** base64url(JCS([salt, name, value′])). */
  readonly disclosure: string;
  /** base64url(SHA-256(disclosure)). */
  readonly hash: string;
}

/** Personal data of a fact with the salt that hides it: 18 random bytes. */
export interface Private {
  readonly value: JsonObject;
  readonly salt: Uint8Array;
}

/** What a fact becomes before it is queued: its canonical text and the digest that commits to it. */
export interface Prepared {
  readonly payload: string;
  readonly salt: Uint8Array;
  readonly digest: Buffer;
  readonly private: { readonly value: string; readonly salt: Uint8Array; readonly hash: Buffer } | null;
}

/** Canonical text and digest of a fact. `salt` is 16 random bytes of the fact's own. */
export function prepareFact(fact: JsonObject, salt: Uint8Array, personal: Private | null = null): Prepared {
  const hidden = personal && disclosePrivate(personal);
  return { ...commitTo(fact, salt, hidden?.hash ?? null), salt, private: hidden };
}

/** The same where of personal data nothing need be known but the hash. */
export function commitTo(
  fact: JsonObject,
  salt: Uint8Array,
  privateHash: Uint8Array | null,
): Pick<Prepared, 'payload' | 'digest'> {
  const members = membersOf(fact, salt);
  const hashes = members.map((member) => hash('sha256', disclosureOf(member), 'base64url'));
  if (privateHash) hashes.push(base64url(privateHash));
  const digest = digestOf(hashes);
  // Salts go by code points, JCS orders names by code units.
  members.sort((a, b) => (a.name < b.name ? -1 : 1));
  const payload = `{${members.map(({ quoted, text }) => `${quoted}:${text}`).join(',')}}`;
  return { payload, digest };
}

/**
 * The disclosures of every member of a fact but `private`, in code-point order of name. Whoever needs the trees of its
 * lists as well hands over `rootOf`, so that they are computed once.
 */
export const disclose = (fact: JsonObject, salt: Uint8Array, rootOf = listRoot): Disclosure[] =>
  membersOf(fact, salt, rootOf).map((member) => {
    const disclosure = disclosureOf(member);
    return { name: member.name, disclosure, hash: hash('sha256', disclosure, 'base64url') };
  });

/**
 * The digest of a fact whose text was cut into members (canonical-text.ts), as base64url: what `commitTo`
 * says, sooner. Null where that throws: personal data among the members, or an EPC list that is none.
 */
export function digestOfText(
  { members, ascii }: CanonicalText,
  salt: Uint8Array,
  privateHash: Uint8Array | null,
): string | null {
  const encode = ascii ? asciiToBase64url : textToBase64url;
  const salts = saltText(salt, members.length);
  const hashes: string[] = [];
  for (const { name, text } of members) {
    if (name === 'private') return null;
    let shown = text;
    if (isEpcList(name)) {
      const epcs = stringItems(text);
      if (epcs === null || epcs.some((epc, i) => i > 0 && (epcs[i - 1] ?? '') >= epc)) return null;
      shown = listRoot(name, epcs, salt);
    }
    const disclosure = encode(`["${saltAt(salts, hashes.length)}","${name}",${shown}]`);
    hashes.push(hash('sha256', disclosure, 'base64url'));
  }
  if (privateHash) hashes.push(base64url(privateHash));
  return hash('sha256', digestInput(hashes), 'base64url');
}

/** The digest over the hashes of all disclosures, shown or not, in any order. */
export const digestOf = (hashes: readonly string[]): Buffer => sha256(digestInput(hashes));

function digestInput(hashes: readonly string[]): string {
  // Base64url needs no escaping, so this is the JCS text.
  const list = hashes.length === 0 ? '' : `"${[...hashes].sort().join('","')}"`;
  return `{"_sd":[${list}],"_sd_alg":"sha-256"}`;
}

/** Leaf inputs of a salted EPC list: base64url(JCS([salt_i, EPC])), in the order of the list. */
export function listLeaves(name: string, epcs: readonly string[], salt: Uint8Array): string[] {
  const salts = saltText(salt, epcs.length, name);
  return epcs.map((epc, i) => textToBase64url(`["${saltAt(salts, i)}",${JSON.stringify(epc)}]`));
}

/** value′ of a salted EPC list: {"count", "root"} as canonical text. */
export function listRoot(name: string, epcs: readonly string[], salt: Uint8Array): string {
  const leaves = listLeaves(name, epcs, salt);
  const [only = ''] = leaves;
  const root =
    leaves.length === 1
      ? hash('sha256', `\0${only}`, 'base64url')
      : base64url(merkleRoot(leaves.map((leaf) => leafHash(leaf))));
  return `{"count":${epcs.length},"root":"${root}"}`;
}

/** Hash of the disclosure of `private`, and what is stored beside the fact to prove it. */
export function disclosePrivate({ value, salt }: Private): { value: string; salt: Uint8Array; hash: Buffer } {
  const text = canonical(value);
  const disclosure = Buffer.from(`["${base64url(salt)}","private",${text}]`).toString('base64url');
  return { value: text, salt, hash: hash('sha256', disclosure, 'buffer') };
}

interface Member {
  readonly name: string;
  /** The name as JSON. */
  readonly quoted: string;
  /** Canonical text of the value. */
  readonly text: string;
  /** Canonical text of value′. */
  readonly shown: string;
  readonly salt: string;
}

/** The members of a fact with their salts, in code-point order of name. */
function membersOf(fact: JsonObject, salt: Uint8Array, rootOf = listRoot): Member[] {
  if ('private' in fact) throw new Error('personal data is handed over beside the fact, not in it');
  const names = Object.keys(fact).sort(compareCodePoints);
  const salts = saltText(salt, names.length);
  return names.map((name, i) => {
    const value = fact[name];
    if (value === undefined) throw new Error(`member ${name} of a fact is undefined`);
    const text = canonical(value);
    const shown = isEpcList(name) ? rootOf(name, epcsOf(value, name), salt) : text;
    return { name, quoted: JSON.stringify(name), text, shown, salt: saltAt(salts, i) };
  });
}

const disclosureOf = ({ salt, quoted, shown }: Member): string =>
  textToBase64url(`["${salt}",${quoted},${shown}]`);

function epcsOf(list: Json, name: string): string[] {
  if (!Array.isArray(list)) throw new Error(`${name} of a fact is not a list`);
  return list.map((epc, i) => {
    if (typeof epc !== 'string') throw new Error(`${name} of a fact holds something other than identifiers`);
    if (i > 0 && compareCodePoints(list[i - 1], epc) >= 0)
      throw new Error(`${name} of a fact is not distinct and sorted by code points`);
    return epc;
  });
}

/** Base64url of the UTF-8 of a text, by way of one buffer for all that are short. */
function textToBase64url(text: string): string {
  if (text.length > scratch.length / 3) return Buffer.from(text).toString('base64url');
  return scratch.toString('base64url', 0, scratch.write(text));
}
const scratch = Buffer.alloc(12_288);

/** The same of ASCII text, sooner. */
function asciiToBase64url(text: string): string {
  const padded = btoa(text);
  const rest = text.length % 3;
  const bare = rest === 0 ? padded : padded.slice(0, rest - 3);
  return bare.includes('+') || bare.includes('/') ? bare.replaceAll('+', '-').replaceAll('/', '_') : bare;
}

const saltCharacters = 24;

/** SHAKE256(salt, or salt ‖ name of the list, 18·count) as base64url: 24 characters for each piece. */
function saltText(salt: Uint8Array, count: number, list?: string): string {
  const shake = createHash('shake256', { outputLength: Math.max(1, count * pieceBytes) }).update(salt);
  return (list === undefined ? shake : shake.update(list)).digest('base64url');
}

const saltAt = (salts: string, i: number): string =>
  salts.slice(i * saltCharacters, (i + 1) * saltCharacters);
