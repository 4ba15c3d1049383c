/** A file of evidence made by hand from fixed keys and salts, so that it is the same every time: a log of eight entries. */
import { hash, type KeyObject, sign } from 'node:crypto';
import { signingInput, toCompactJws } from '../../src/core/codes/code.ts';
import {
  type Evidence,
  type EvidenceBody,
  formatBody,
  formatEvidence,
  statementSigningInput,
} from '../../src/core/evidence/evidence.ts';
import { type Choice, hideFact } from '../../src/core/evidence/evidence-hide.ts';
import { parseIdentifier } from '../../src/core/gs1/identifiers.ts';
import { cosignedText, formatCheckpoint, formatCosignature } from '../../src/core/log/checkpoint.ts';
import { claimText, formatClaimSignature } from '../../src/core/log/claim.ts';
import { commitTo, disclosePrivate } from '../../src/core/log/digest.ts';
import { base64url, formatAt, numberEntries, originHash } from '../../src/core/log/entry.ts';
import { merkleRoot } from '../../src/core/log/merkle.ts';
import { inclusionStretches } from '../../src/core/log/merkle-proof.ts';
import {
  formatNote,
  formatNoteKey,
  type NoteKey,
  noteKeyId,
  signatureTypes,
} from '../../src/core/log/note.ts';
import { firstLink, nextLink } from '../../src/core/log/unit-chain.ts';
import type { JsonObject } from '../../src/core/text/canonical.ts';
import { required } from '../../src/errors.ts';
import { headsOf } from './heads-of.ts';
import { seedKey } from './seeds.ts';

export const origin = 'example.org/log';
const operator = '000000000000000A';
const maker = '000000000000000B';
export const units = ['A', 'B', 'C'].map((serial) => `01/06901234567892/21/${serial}`);
export const [unitA = '', unitB = ''] = units;
/** A code that was never issued. */
export const unitZ = '01/06901234567892/21/Z';

interface Pair {
  readonly key: KeyObject;
  readonly x: string;
}

/** The key pair of 32 bytes that are all alike. */
function pair(byte: number): Pair {
  const { privateKey: key, x } = seedKey(Buffer.alloc(32, byte));
  return { key, x };
}

const [checkpointPair, receiptPair, issuingPair, witnessPair] = [pair(1), pair(2), pair(3), pair(4)];
export const claimsPair = pair(5);
const noteKey = (name: string, type: number, { x }: Pair): NoteKey => ({
  name,
  type,
  publicKey: Buffer.from(x, 'base64url'),
});
export const logKey = noteKey(origin, signatureTypes.ed25519, checkpointPair);
export const witnessKey = noteKey('witness.example.net', signatureTypes.cosignature, witnessPair);
export const [logVkey, witnessVkey] = [formatNoteKey(logKey), formatNoteKey(witnessKey)];

const keyFact = (kid: string, purpose: string, party: string, { x }: Pair): JsonObject => ({
  ...{ kind: 'key', by: operator, kid, purpose, party, algorithm: 'EdDSA', x, custody: 'operator' },
  status: 'active',
});

/** What the maker sent and signed. */
const claim = {
  ...{ hop: 'produce', ref: 'MO-1', time: '2026-01-02T10:00:00+08:00' },
  ...{ epcs: units, place: 'place/000000000000000D' },
};
const claimKey = '0000004';
const claimSignature = formatClaimSignature({
  kid: claimKey,
  signature: sign(null, Buffer.from(claimText(claim, claimKey)), claimsPair.key),
});

const told: readonly JsonObject[] = [
  { kind: 'genesis', by: operator, origin, host: 'example.org' },
  keyFact('0000001', 'checkpoint', operator, checkpointPair),
  keyFact('0000002', 'receipt', operator, receiptPair),
  keyFact('0000003', 'issuing', maker, issuingPair),
  {
    ...{ kind: 'issue', by: maker, batch: '000000000000000C', gtin: '06901234567892', lot: 'L1' },
    ...{ kid: '0000003', serials: 'own', epcs: units },
  },
  {
    ...{ kind: 'event', by: maker, type: 'ObjectEvent', action: 'ADD', bizStep: 'commissioning' },
    ...{ eventTime: '2026-01-02T10:00:00+08:00', eventTimeZoneOffset: '+08:00', epcList: units },
    ...{ 'suyuan:hop': 'produce', 'suyuan:ref': 'MO-1', readPoint: { id: 'place/000000000000000D' } },
    ...{ claim, claimKey, claimSignature },
  },
  keyFact(claimKey, 'claims', maker, claimsPair),
];
const saltOf = (i: number): Buffer => Buffer.alloc(16, 0x10 + i);
const personal = disclosePrivate({ value: { worker: '李四' }, salt: Buffer.alloc(18, 0x7f) });
const personalOf = (i: number): Buffer | null => (i === 5 ? personal.hash : null);

const at = Date.parse('2026-01-02T03:04:05.678Z');
const number = (facts: readonly JsonObject[]) =>
  numberEntries(
    { size: 0, at: 0, leaf: originHash(origin) },
    at,
    facts.map((fact, i) => commitTo(fact, saltOf(i), personalOf(i)).digest),
  );

/** Each unit is named by its issue and by its production. */
const naming = [4, 5];
const leavesTold = number(told).map(({ leaf }) => leaf);
const linkOf = (epc: string, seqs: readonly number[], leaves: readonly Buffer[]): Buffer =>
  seqs.reduce((link, seq) => nextLink(link, leaves[seq] ?? Buffer.alloc(0)), firstLink(epc));
const heads = headsOf(
  new Map(
    units.map((epc) => [
      epc,
      { count: naming.length, link: linkOf(epc, naming, leavesTold), salt: saltOf(5) },
    ]),
  ),
);
/** The link that entries of the vector come to. */
export const linkOver = (epc: string, seqs: readonly number[]): string =>
  base64url(linkOf(epc, seqs, leavesTold));
const headsFact = { kind: 'heads', by: operator, version: 1, size: told.length, root: base64url(heads.root) };

const facts: readonly JsonObject[] = [...told, { ...headsFact, count: units.length }];
export const { proof: headProof } = heads;

const seconds = 1767323100;

/** A checkpoint over the log, signed by its key and by a witness. */
function noteOver(leaves: readonly Buffer[]): string {
  const text = formatCheckpoint({ origin, size: leaves.length, root: merkleRoot(leaves) });
  return formatNote({
    text,
    signatures: [
      { name: origin, id: noteKeyId(logKey), bytes: sign(null, Buffer.from(text), checkpointPair.key) },
      {
        name: witnessKey.name,
        id: noteKeyId(witnessKey),
        bytes: formatCosignature(
          seconds,
          sign(null, Buffer.from(cosignedText(text, seconds)), witnessPair.key),
        ),
      },
    ],
  });
}

export const showAll: Choice = { member: () => true, epcs: null };

/**
 * The body of the file; of the event what is chosen, of the issue the first code alone. `later` are facts that name the
 * unit and were recorded after the heads.
 */
export function bodyOf(choice: Choice = showAll, later: readonly JsonObject[] = []): EvidenceBody {
  const all = [...facts, ...later];
  const numbered = number(all);
  const leaves = numbered.map(({ leaf }) => leaf);
  const seqs = [...naming, ...later.map((_, i) => facts.length + i)];
  const identifier = required(parseIdentifier(unitA));
  if (identifier.type !== 'unit') throw new Error('a unit');
  const signature = sign(null, signingInput('0000003', identifier.epc), issuingPair.key);
  return {
    about: [unitA, unitZ],
    chains: [{ epc: unitA, link: base64url(linkOf(unitA, seqs, leaves)), seqs }],
    checkpoint: noteOver(leaves),
    codes: [toCompactJws({ epc: identifier.epc, kid: '0000003', signature })],
    entries: numbered.map(({ entry: { seq, at, digest, prev } }, i) => ({
      entry: { at: formatAt(at), digest: base64url(digest), prev: base64url(prev), seq, v: 1 },
      fact: hideFact(
        all[i] ?? {},
        saltOf(i),
        personalOf(i),
        i === 4 ? { ...showAll, epcs: new Set([unitA]) } : i === 5 ? choice : showAll,
      ),
      path: inclusionStretches(seq, leaves.length).map(({ from, until }) =>
        base64url(merkleRoot(leaves.slice(from, until))),
      ),
    })),
    findings: [{ closed: null, entries: [4, 5], epc: unitA, opened: 5, rule: 'double-sale' }],
    heads: {
      proofs: [unitA, unitZ].map((epc) => ({ epc, proof: headProof(epc) })),
      seq: told.length,
    },
  };
}

/** The same of a log in which the unit was sold since. */
export const grownBody = (): EvidenceBody =>
  bodyOf(showAll, [{ kind: 'event', by: maker, type: 'ObjectEvent', action: 'OBSERVE', epcList: [unitA] }]);

/** The body under a statement of the operator. */
export function signed(body: EvidenceBody, kid = '0000002', key: KeyObject = receiptPair.key): Evidence {
  const digest = hash('sha256', formatBody(body), 'base64url');
  const input = statementSigningInput({ kid, digest, iat: 1767323105 });
  return { ...body, statement: `${input}.${base64url(sign(null, Buffer.from(input), key))}` };
}

export const fileOf = (choice: Choice = showAll): string => formatEvidence(signed(bodyOf(choice)));
export const otherKey = witnessPair.key;
