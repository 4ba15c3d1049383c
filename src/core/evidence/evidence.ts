/**
 * Evidence that stands alone: everything about some things that whoever gave it out may show, with what proves it to a
 * reader who has nothing but this file. Version 1. Media type `application/json`.
 *
 * Format: one JSON object as its RFC 8785 text, nothing before or after it.
 *
 *   {"about":["01/06901234567892/21/A"],            units, lots, containers that it is about, sorted
 *    "chains":[{"epc":"01/…/21/A","link":"<h>","seqs":[5,9]}],
 *                                                   unit-chain.ts: entries 5 and 9 are the first two that name it, and
 *                                                   `link` is link₂; for things in `about` and those they were inside
 *    "checkpoint":"example.org/log\n12\n…",         the signed note (checkpoint.ts) with every signature line on it
 *    "codes":["<compact JWS>"],                     code.ts: codes of the things, as the issuer signed them
 *    "entries":[{"entry":{"at":"…","digest":"<h>","prev":"<h>","seq":5,"v":1},
 *                "fact":{"lists":{…},"shown":["<d>"],"withheld":["<h>"]},
 *                "path":["<h>"]}],                  in order of seq; `path` proves the entry under the checkpoint
 *    "findings":[{"closed":null,"entries":[5,9],"epc":"…","opened":9,"rule":"double-sale"}],
 *    "heads":{"proofs":[{"epc":"…","proof":"<p>"}],"seq":11},
 *                                                   what entry 11, of kind `heads`, proves; absent when the log has none
 *    "statement":"<compact JWS>","type":"suyuan-evidence","v":1}
 *
 * `<h>` is a hash, 32 bytes in base64url. `fact` opens the digest of its entry in the words of digest.ts and RFC 9901:
 * `shown` are disclosures in order of name, `withheld` the hashes of those that are not shown, sorted; personal data is
 * always among these, erased or not. Without `fact` all of it is withheld. The salt of a fact never appears.
 *
 * A shown EPC list is {"count","root"} by its disclosure. `lists` opens it by name: {"leaves":["<d>"]}, all leaf inputs
 * in order, or {"members":[{"index":0,"leaf":"<d>","path":["<h>"]}]}, some, each with its audit path in the list's tree.
 *
 * What commits to a withheld value without a salt would let it be guessed (serials are often numbered one after the
 * other), so whoever makes a file withholds that too: the eventID, which is a hash of the event, and whatever holds
 * such a hash or a signature over the fact.
 *
 * Keys stand in the file as the facts that announced them, with their entries like any other. `statement` is a JWS of
 * the log's key for receipts over this file without it:
 *   header {"alg":"EdDSA","kid":"<7 digits>","typ":"suyuan-evidence+jws"}
 *   payload {"digest":"<h>","iat":<seconds>}        digest = SHA-256 of the RFC 8785 text without `statement`
 * It is what binds findings, which are conclusions and not entries, and says when the file was given out.
 *
 * `<p>` is a proof of heads.ts in base64url, checked under the root that the fact of entry `seq` tells. For a chain it
 * shows that those of its entries that lie below the size told there are all that do: the map has their number and the
 * link that they come to. A thing in `about` that no entry names has no chain, but a proof that none below that size
 * does. Proofs stand in order of `epc`. A chain without one is told as far as it concerns the things, and may go on.
 *
 * A reader that does not know a member refuses the file, rather than pass over what it cannot check.
 *
 * Worked example, the second fact of the example of digest.ts without `by` and without B and C:
 *   {"lists":{"epcList":{"members":[{"index":0,
 *      "leaf":"WyJza1VtRjEzOXJNamtjSXdyVXhPa0F6N20iLCIwMS8wNjkwMTIzNDU2Nzg5Mi8yMS9BIl0",
 *      "path":["R99pd87bV6IaqX-hRyNadcje1i0mWTTrZ0_EXang0jo","jUzb-Ab66C6lGXqYQon-I9CgCFP1xPlvKlmStBMkyOM"]}]}},
 *    "shown":["WyIxaGVONTh2VExvR3V1SGxqQXliQ0QyZ2YiLCJlcGNMaXN0Iix7ImNvdW50IjozLCJyb290IjoicTNpdkg1cDItdENENGdKWDJpVEszcnVf
 *      YXI4ckhzZUdaRmNYejhfZXRwMCJ9XQ","WyJOSjNZcFNpN0pIdVBIbXpTbnJ0NW1uTEIiLCJraW5kIiwiZXZlbnQiXQ"],
 *    "withheld":["CzsIwDltjRzdUGUq_-od4za6E8DtWmIzbnZKQ_e14Y0"]}
 * (in one line; the first leaf is ["skUmF139rMjkcIwrUxOkAz7m","01/06901234567892/21/A"]). A file whole is
 * test/vectors/evidence.jcs.
 */

import { fault, ok, type Result } from '../../errors.ts';
import { isObject } from '../events/event-members.ts';
import { canonical, compareCodePoints, type Json } from '../text/canonical.ts';
import { parseStrictJson } from '../text/strict-json.ts';
import { type Flaw, flaw } from './evidence-flaws.ts';

/** A list of identifiers opened: whole, or some of it. */
export type ShownList =
  | { readonly leaves: readonly string[] }
  | {
      readonly members: readonly {
        readonly index: number;
        readonly leaf: string;
        readonly path: readonly string[];
      }[];
    };

export type ShownFact = {
  readonly lists: { readonly [name: string]: ShownList };
  readonly shown: readonly string[];
  readonly withheld: readonly string[];
};

export type EntryText = {
  readonly at: string;
  readonly digest: string;
  readonly prev: string;
  readonly seq: number;
  readonly v: 1;
};

export type ProvenEntry = {
  readonly entry: EntryText;
  readonly fact?: ShownFact;
  readonly path: readonly string[];
};

export type ToldChain = { readonly epc: string; readonly link: string; readonly seqs: readonly number[] };

export type ToldFinding = {
  readonly closed: number | null;
  readonly entries: readonly number[];
  readonly epc: string;
  readonly opened: number;
  readonly rule: string;
};

/** What an entry of kind `heads` proves of things. */
export type ToldHeads = {
  readonly proofs: readonly { readonly epc: string; readonly proof: string }[];
  readonly seq: number;
};

/** All but the statement over it. */
export type EvidenceBody = {
  readonly about: readonly string[];
  readonly chains: readonly ToldChain[];
  readonly checkpoint: string;
  readonly codes: readonly string[];
  readonly entries: readonly ProvenEntry[];
  readonly findings: readonly ToldFinding[];
  readonly heads?: ToldHeads;
};

export type Evidence = EvidenceBody & { readonly statement: string };

const mark = { type: 'suyuan-evidence', v: 1 } as const;

/** The text that a statement's digest is of. */
export const formatBody = (body: EvidenceBody): string => canonical({ ...body, ...mark });

export const formatEvidence = (evidence: Evidence): string => canonical({ ...evidence, ...mark });

/** What is wrong with a value, and where (RFC 6901); null when nothing is. */
type Check = (value: unknown, at: string) => Flaw | null;

const when =
  (holds: (value: unknown) => boolean): Check =>
  (value, at) =>
    holds(value) ? null : flaw('malformed', { at });

const text = when((value) => typeof value === 'string' && value !== '');
const count = when((value) => Number.isSafeInteger(value) && Number(value) >= 0);
const countOrNull = when((value) => value === null || (Number.isSafeInteger(value) && Number(value) >= 0));
const hash = when((value) => typeof value === 'string' && bytesOf(value)?.length === 32);
const exactly = (wanted: Json): Check => when((value) => value === wanted);

const listOf =
  (check: Check, least = 0): Check =>
  (value, at) => {
    if (!Array.isArray(value) || value.length < least) return flaw('malformed', { at });
    for (const [i, item] of value.entries()) {
      const wrong = check(item, `${at}/${i}`);
      if (wrong !== null) return wrong;
    }
    return null;
  };

const object =
  (
    members: Readonly<Record<string, Check>>,
    optional: Readonly<Record<string, Check>> = {},
    others: Check = (_value, at) => flaw('unknown-member', { at }),
  ): Check =>
  (value, at) => {
    if (!isObject(value)) return flaw('malformed', { at });
    for (const name of Object.keys(members))
      if (!Object.hasOwn(value, name)) return flaw('malformed', { at });
    for (const [name, member] of Object.entries(value)) {
      const known = Object.hasOwn(members, name) ? members[name] : undefined;
      const allowed = Object.hasOwn(optional, name) ? optional[name] : undefined;
      const wrong = (known ?? allowed ?? others)(member, `${at}/${name}`);
      if (wrong !== null) return wrong;
    }
    return null;
  };

const list: Check = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'leaves')
    ? object({ leaves: listOf(text) })(value, at)
    : object({ members: listOf(object({ index: count, leaf: text, path: listOf(hash) })) })(value, at);

const shownFact = object({ lists: object({}, {}, list), shown: listOf(text), withheld: listOf(hash) });
const entry = object({ at: text, digest: hash, prev: hash, seq: count, v: exactly(1) });

const file = object(
  {
    about: listOf(text, 1),
    chains: listOf(object({ epc: text, link: hash, seqs: listOf(count, 1) })),
    checkpoint: text,
    codes: listOf(text),
    entries: listOf(object({ entry, path: listOf(hash) }, { fact: shownFact }), 1),
    findings: listOf(
      object({ closed: countOrNull, entries: listOf(count, 1), epc: text, opened: count, rule: text }),
    ),
    statement: text,
    type: exactly(mark.type),
    v: exactly(mark.v),
  },
  { heads: object({ proofs: listOf(object({ epc: text, proof: text })), seq: count }) },
);

/** Characters of a file at most. */
const evidenceCharactersMax = 64_000_000;

/** Reads a file of evidence. It is well formed and in its one spelling; nothing is verified yet. */
export function parseEvidence(source: string): Evidence | Flaw {
  if (source.length > evidenceCharactersMax) return flaw('not-evidence');
  const read = parseStrictJson(source);
  const value = read.ok ? read.value : null;
  if (!isObject(value) || value.type !== mark.type) return flaw('not-evidence');
  if (value.v !== mark.v) return flaw('unknown-version');
  const wrong = file(value, '');
  if (wrong !== null) return wrong;
  if (canonical(value as Json) !== source) return flaw('not-canonical');
  return orderFlaw(value as Evidence) ?? (value as Evidence);
}

/** Lists stand in one order and name nothing twice. */
function orderFlaw({ about, chains, entries, heads }: Evidence): Flaw | null {
  const wrong = [
    rises(about) ? null : '/about',
    rises(chains.map(({ epc }) => epc)) ? null : '/chains',
    rises(entries.map(({ entry: { seq } }) => seq)) ? null : '/entries',
    rises((heads?.proofs ?? []).map(({ epc }) => epc)) ? null : '/heads/proofs',
    ...chains.map(({ seqs }, i) => (rises(seqs) ? null : `/chains/${i}/seqs`)),
  ].find((at) => at !== null);
  return wrong === undefined ? null : flaw('malformed', { at: wrong });
}

/** Whether each is larger than the one before, texts by code points. */
export const rises = (items: readonly (string | number)[]): boolean =>
  items.every((item, i) => {
    const before = items[i - 1];
    if (before === undefined) return true;
    return typeof before === 'string' && typeof item === 'string'
      ? compareCodePoints(before, item) < 0
      : before < item;
  });

/** Bytes of canonical base64url without padding, or null. */
export function bytesOf(encoded: string): Buffer | null {
  const bytes = Buffer.from(encoded, 'base64url');
  return bytes.toString('base64url') === encoded ? bytes : null;
}

const statementShape = (kid: string): string => canonical({ alg: 'EdDSA', kid, typ: `${mark.type}+jws` });

/** A statement over a file: who signs, over what, when. */
export interface Statement {
  readonly kid: string;
  /** SHA-256 of `formatBody`, base64url. */
  readonly digest: string;
  /** Seconds since the epoch. */
  readonly iat: number;
}

/** The ASCII text that is signed (RFC 7515 §5.1); a dot and the signature in base64url make it the JWS. */
export const statementSigningInput = ({ kid, digest, iat }: Statement): string =>
  [statementShape(kid), canonical({ digest, iat })]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

/** Reads a statement; nothing is verified. Fault: `invalid-key`. */
export function parseStatement(
  jws: string,
): Result<Statement & { readonly input: string; readonly signature: Uint8Array }> {
  const [header = '', payload = '', encoded = ''] = jws.split('.');
  const read = (part: string): string => Buffer.from(part, 'base64url').toString('utf8');
  const kid = /"kid":"([0-9]{7})"/.exec(read(header))?.[1];
  const [, digest, iat] = /^\{"digest":"([\w-]{43})","iat":(\d{1,15})\}$/.exec(read(payload)) ?? [];
  const signature = bytesOf(encoded);
  if (kid === undefined || digest === undefined || iat === undefined || signature?.length !== 64)
    return foreign();
  const statement = { kid, digest, iat: Number(iat) };
  const input = statementSigningInput(statement);
  return `${input}.${encoded}` === jws ? ok({ ...statement, input, signature }) : foreign();
}

const foreign = () => fault('invalid-key', 'This is no statement over evidence.');
