/**
 * Checking a file of evidence (evidence.ts) with nothing but the file and, if the reader has them, keys of the log and
 * of witnesses from elsewhere. Pure: how an Ed25519 signature is verified comes from outside, since a browser does it
 * in its own way and later.
 *
 * Order: the checkpoint is read; every entry is proven under it, every fact against its entry; the facts tell origin and
 * keys; by these the checkpoint, the codes and the statement over the file are verified; chains are computed anew, and
 * held against the heads that the log told.
 */
import { hash } from 'node:crypto';
import { fromCompactJws } from '../codes/code.ts';
import { type Checkpoint, cosignedText, parseCheckpointNote, parseCosignature } from '../log/checkpoint.ts';
import { base64url, originHash } from '../log/entry.ts';
import { leafHash } from '../log/merkle.ts';
import { provesInclusion } from '../log/merkle-proof.ts';
import { type Note, type NoteKey, noteKeyId, signaturesBy, signatureTypes } from '../log/note.ts';
import { firstLink, nextLink } from '../log/unit-chain.ts';
import { canonical } from '../text/canonical.ts';
import { type Evidence, formatBody, parseEvidence, parseStatement } from './evidence.ts';
import { checkClaim, type VerifySignature } from './evidence-claim-check.ts';
import { type CheckedEntry, names, type OpenedFact, openFact } from './evidence-fact.ts';
import { type Flaw, flaw, isFlaw } from './evidence-flaws.ts';
import { type Completeness, checkHeads } from './evidence-heads.ts';
import { keysOf, type ToldKey } from './evidence-keys.ts';

export type { CheckedEntry } from './evidence-fact.ts';

export interface CheckOptions {
  readonly verify: VerifySignature;
  /** Keys that the reader has from elsewhere: each must have signed or cosigned the checkpoint. */
  readonly keys?: readonly NoteKey[];
}

export interface CheckedCode {
  readonly epc: string;
  readonly key: ToldKey;
}

/** What a file says, as far as it was proven. */
export interface CheckedEvidence {
  readonly evidence: Evidence;
  readonly checkpoint: Checkpoint;
  readonly entries: readonly CheckedEntry[];
  /** Id of the party that keeps the log. */
  readonly operator: string;
  /** The log's own keys that signed the checkpoint, as `name+id`. */
  readonly signedBy: readonly string[];
  /** Keys of the reader's that signed it, and witnesses with the second of their cosignature. */
  readonly recognised: readonly { readonly name: string; readonly at: number | null }[];
  /** Signature lines that nobody here has a key for. */
  readonly unknownSignatures: number;
  readonly keys: ReadonlyMap<string, ToldKey>;
  readonly codes: readonly CheckedCode[];
  /** Entries whose recorder signed what it claimed, with the key. */
  readonly claims: ReadonlyMap<number, ToldKey>;
  /** What is known to be all; null when the file holds no entry `heads`. */
  readonly completeness: Completeness | null;
  /** When the file was given out, seconds since the epoch, and with which key. */
  readonly statement: { readonly iat: number; readonly kid: string };
}

export type Checked =
  | { readonly ok: true; readonly value: CheckedEvidence }
  | { readonly ok: false; readonly flaws: readonly Flaw[] };

/** Checks a file; never throws for what is in it. */
export async function checkEvidence(source: string, options: CheckOptions): Promise<Checked> {
  const evidence = parseEvidence(source);
  if (isFlaw(evidence)) return { ok: false, flaws: [evidence] };
  const signed = parseCheckpointNote(evidence.checkpoint);
  if (!signed.ok) return { ok: false, flaws: [flaw('bad-checkpoint')] };
  const { note, checkpoint } = signed.value;
  const flaws: Flaw[] = [];
  const entries = checkEntries(evidence, checkpoint, flaws);
  const facts = entries.flatMap(({ seq, fact }) => (fact === null ? [] : [{ seq, fact }]));
  const keys = keysOf(facts);
  const operator = operatorOf(entries, checkpoint, flaws);
  const completeness = checkHeads(evidence, entries, operator, flaws);
  checkChains(evidence, entries, completeness, flaws);
  checkFindings(evidence, entries, flaws);
  const own = [...keys.values()].filter(({ party }) => party === operator);
  const signers = await checkNote(note, checkpoint, own, options, flaws);
  const codes = await checkCodes(evidence, keys, options, flaws);
  const claims = await checkClaims(facts, keys, options, flaws);
  const statement = await checkStatement(evidence, own, options, flaws);
  if (flaws.length > 0 || statement === null || operator === null) return { ok: false, flaws };
  const value = {
    evidence,
    checkpoint,
    entries,
    operator,
    ...signers,
    keys,
    codes,
    claims,
    completeness,
    statement,
  };
  return { ok: true, value };
}

const bytes = (encoded: string): Uint8Array => Buffer.from(encoded, 'base64url');

function checkEntries(
  { entries }: Evidence,
  { size, root, origin }: Checkpoint,
  flaws: Flaw[],
): CheckedEntry[] {
  return entries.map(({ entry, path, fact }, i) => {
    const { seq, at, digest } = entry;
    const leaf = leafHash(canonical(entry));
    if (!provesInclusion(leaf, seq, size, path.map(bytes), root))
      flaws.push(flaw('entry-not-proven', { seq }));
    const before = entries[i - 1]?.entry;
    const expected =
      seq === 0 ? originHash(origin) : before?.seq === seq - 1 ? leafHash(canonical(before)) : null;
    const isLater = before === undefined || before.at <= at;
    if (!isLater || (expected !== null && base64url(expected) !== entry.prev))
      flaws.push(flaw('entries-disagree', { seq }));
    const opened = fact === undefined ? null : openFact(fact, digest);
    if (typeof opened === 'string') flaws.push(flaw(opened, { seq }));
    return { seq, at, leaf, fact: typeof opened === 'string' ? null : opened };
  });
}

function checkChains(
  { about, chains }: Evidence,
  entries: readonly CheckedEntry[],
  completeness: Completeness | null,
  flaws: Flaw[],
): void {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
  const naming = new Map<string, number[]>(chains.map(({ epc }) => [epc, []]));
  for (const { seq, fact } of entries) for (const epc of fact?.named ?? []) naming.get(epc)?.push(seq);
  for (const epc of about)
    if (!naming.has(epc) && completeness?.counts.get(epc) !== 0)
      flaws.push(flaw('chain-missing', { at: '/about' }));
  for (const [i, { epc, link, seqs }] of chains.entries()) {
    const at = `/chains/${i}`;
    let reached: Uint8Array | null = firstLink(epc);
    for (const seq of seqs) {
      const entry = bySeq.get(seq);
      reached = entry === undefined || reached === null ? null : nextLink(reached, entry.leaf);
      if (entry?.fact && names(entry.fact, epc) === false) flaws.push(flaw('chain-differs', { at, seq }));
    }
    if (reached === null || base64url(reached) !== link) flaws.push(flaw('chain-broken', { at }));
    const listed = new Set(seqs);
    const last = seqs.at(-1) ?? 0;
    for (const seq of naming.get(epc) ?? [])
      if (seq < last && !listed.has(seq)) flaws.push(flaw('chain-differs', { at, seq }));
  }
}

function checkFindings(
  { findings, chains }: Evidence,
  entries: readonly CheckedEntry[],
  flaws: Flaw[],
): void {
  const known = new Set(entries.map(({ seq }) => seq));
  const things = new Set(chains.map(({ epc }) => epc));
  for (const [i, finding] of findings.entries()) {
    const isThere = things.has(finding.epc) && finding.entries.every((seq) => known.has(seq));
    if (!isThere) flaws.push(flaw('bad-finding', { at: `/findings/${i}` }));
  }
}

/** Who keeps the log, by its first entry. */
function operatorOf(entries: readonly CheckedEntry[], { origin }: Checkpoint, flaws: Flaw[]): string | null {
  const [first] = entries;
  const members = first?.seq === 0 ? first.fact?.members : undefined;
  if (members?.kind === 'genesis' && members.origin === origin && typeof members.by === 'string')
    return members.by;
  flaws.push(flaw('no-genesis', { seq: 0 }));
  return null;
}

async function checkNote(
  note: Note,
  { origin }: Checkpoint,
  own: readonly ToldKey[],
  { verify, keys = [] }: CheckOptions,
  flaws: Flaw[],
) {
  const signedBy: string[] = [];
  let recognisedLines = 0;
  for (const { purpose, status, publicKey } of own) {
    if (purpose !== 'checkpoint' || status === 'compromised') continue;
    const key: NoteKey = { name: origin, type: signatureTypes.ed25519, publicKey };
    const signed = await signedAt(note, key, verify);
    if (signed === null) continue;
    recognisedLines += signaturesBy(note, key).length;
    signedBy.push(`${key.name}+${noteKeyId(key)}`);
  }
  if (signedBy.length === 0) flaws.push(flaw('unsigned-checkpoint'));
  const recognised: { name: string; at: number | null }[] = [];
  for (const key of keys) {
    const signed = await signedAt(note, key, verify);
    const name = `${key.name}+${noteKeyId(key)}`;
    if (signed === null) flaws.push(flaw('not-signed-by-key', { at: name }));
    else {
      recognised.push({ name, at: signed.at });
      if (!signedBy.includes(name)) recognisedLines += signaturesBy(note, key).length;
    }
  }
  return { signedBy, recognised, unknownSignatures: note.signatures.length - recognisedLines };
}

/** When a key signed a note, with no time for a plain signature; null when it did not, or one of its lines is bad. */
async function signedAt(
  note: Note,
  key: NoteKey,
  verify: VerifySignature,
): Promise<{ readonly at: number | null } | null> {
  let latest: number | null = null;
  const lines = signaturesBy(note, key);
  for (const { bytes: line } of lines) {
    const isTimed = key.type === signatureTypes.cosignature;
    const read = isTimed ? parseCosignature(line) : { seconds: null, signature: line };
    if (read === null) return null;
    const { seconds, signature } = read;
    const message = seconds === null ? note.text : cosignedText(note.text, seconds);
    if (signature.length !== 64 || !(await verify(key.publicKey, message, signature))) return null;
    if (seconds !== null) latest = Math.max(latest ?? 0, seconds);
  }
  return lines.length === 0 ? null : { at: latest };
}

async function checkCodes(
  { codes, chains }: Evidence,
  keys: ReadonlyMap<string, ToldKey>,
  { verify }: CheckOptions,
  flaws: Flaw[],
): Promise<CheckedCode[]> {
  const good: CheckedCode[] = [];
  const things = new Set(chains.map(({ epc }) => epc));
  for (const [i, jws] of codes.entries()) {
    const code = fromCompactJws(jws);
    const key = code.ok ? keys.get(code.value.kid) : undefined;
    const isOurs = code.ok && things.has(code.value.epc);
    const signed =
      isOurs &&
      key?.purpose === 'issuing' &&
      (await verify(key.publicKey, jws.slice(0, jws.lastIndexOf('.')), code.value.signature));
    if (code.ok && key !== undefined && signed) good.push({ epc: code.value.epc, key });
    else flaws.push(flaw('bad-code', { at: `/codes/${i}` }));
  }
  return good;
}

async function checkClaims(
  facts: readonly { readonly seq: number; readonly fact: OpenedFact }[],
  keys: ReadonlyMap<string, ToldKey>,
  { verify }: CheckOptions,
  flaws: Flaw[],
): Promise<Map<number, ToldKey>> {
  const good = new Map<number, ToldKey>();
  for (const { seq, fact } of facts) {
    const key = await checkClaim(fact, keys, verify);
    if (key === false) flaws.push(flaw('bad-claim', { seq }));
    else if (key !== null) good.set(seq, key);
  }
  return good;
}

async function checkStatement(
  evidence: Evidence,
  own: readonly ToldKey[],
  { verify }: CheckOptions,
  flaws: Flaw[],
): Promise<CheckedEvidence['statement'] | null> {
  const { statement, ...body } = evidence;
  const read = parseStatement(statement);
  if (read.ok) {
    const { kid, digest, iat, input, signature } = read.value;
    const key = own.find((it) => it.kid === kid && it.purpose === 'receipt' && it.status !== 'compromised');
    const fits = digest === hash('sha256', formatBody(body), 'base64url');
    if (fits && key !== undefined && (await verify(key.publicKey, input, signature))) return { iat, kid };
  }
  flaws.push(flaw('bad-statement', { at: '/statement' }));
  return null;
}
