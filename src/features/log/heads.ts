/**
 * Proofs of completeness: how many entries name an identifier, and that no more do, as far as the last entry `heads`
 * covers (core/log/heads.ts).
 *
 * Who may have them. That nothing names an identifier is told to every party: verification tells everybody as much.
 * How an identifier's chain ends is told to whom no entry of it is hidden, in whatever detail; else the last link
 * would let a party find by trial which entries of the public log are those that it may not see, and so when they
 * happened.
 */

import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { base64url, formatEntry } from '../../core/log/entry.ts';
import { checkHeadProof, formatHeadProof, type Head, headBlind, headKey } from '../../core/log/heads.ts';
import { leadsTo, proofOf } from '../../core/log/heads-tree.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readHeads } from '../../ledger/heads-map.ts';
import type { FeatureDeps } from '../feature.ts';
import { requireWholeSight } from '../units/whole-sight.ts';
import { checkpointOver, entryAt, inclusions, publicFact } from './public-log.ts';

type Deps = Pick<
  FeatureDeps,
  'lookups' | 'genesis' | 'tree' | 'checkpoints' | 'reads' | 'ledger' | 'audit' | 'now'
>;

export interface ProvenHead {
  /** How the chain ends below `size`; null when nothing names the identifier there. */
  readonly head: Head | null;
  /** As heads.ts describes. */
  readonly proof: Buffer;
  /** The entry `heads` that it is a proof under, and what that entry says. */
  readonly heads: {
    readonly seq: number;
    readonly size: number;
    readonly root: Buffer;
    readonly count: number;
  };
}

/** A checkpoint that covers a new entry `heads` follows within two seconds of it. */
const coverMs = 5_000;

/**
 * The proof for an identifier, whoever may have it. `allow` is asked before a proof that something names it. Refuses
 * with `not-published` before the first entry `heads`.
 */
async function proveHead(sql: Sql, epc: string, allow: () => Promise<void>): Promise<ProvenHead> {
  const key = headKey(epc);
  const kept = await readHeads(sql, [key]);
  if (kept === null) throw noneYet();
  const path = kept.pathTo(key);
  const isNamed = leadsTo(path, key);
  if (isNamed) await allow();
  const bytes = formatHeadProof(proofOf(path, isNamed ? await chainEnd(sql, epc, kept.size) : null));
  const checked = checkHeadProof(epc, bytes, kept.root);
  // Whoever checks it would say the same: better that we hear of it first.
  if (!checked.ok) throw new Error(`the map of heads gives no proof about ${epc}; run suyuan audit`);
  const { seq, size, root, count } = kept;
  return { head: checked.value, proof: bytes, heads: { seq, size, root, count } };
}

export const noneYet = (): Refusal =>
  new Refusal('not-published', 'The log has not told of any heads yet; it does so in intervals of minutes.');

async function chainEnd(sql: Sql, epc: string, size: number): Promise<{ head: Head; blind: Buffer }> {
  const [end] = await sql<{ count: number; link: Buffer; salt: Buffer }[]>`
    SELECT c.n AS count, c.link, f.salt
    FROM epcs e
    CROSS JOIN LATERAL (
      SELECT n, link, seq FROM unit_chain WHERE unit = e.unit AND seq < ${size} ORDER BY n DESC LIMIT 1) c
    JOIN facts f ON f.seq = c.seq
    WHERE e.epc = ${epc}`;
  if (end === undefined) throw new Error(`the map of heads knows ${epc}, and its chain does not`);
  return { head: { count: end.count, link: end.link }, blind: headBlind(epc, end.salt) };
}

/** The proof with all that binds it to the log: what the entry says, what opens its digest, and that it is there. */
export async function tellHeadProof(deps: Deps, caller: Caller, text: string, route: string) {
  const identifier = required(parseIdentifier(text), '/epc');
  const { epc } = identifier;
  const { head, proof, heads } = await proveHead(deps.lookups.sql, epc, () =>
    requireWholeSight(deps, caller, identifier, route),
  );
  await deps.checkpoints.covering(heads.seq, coverMs);
  const checkpoint = await checkpointOver(deps, heads.seq + 1);
  const [entry, fact, [inclusion]] = await Promise.all([
    entryAt(deps, heads.seq),
    publicFact(deps, heads.seq),
    inclusions(deps, [heads.seq], checkpoint.size),
  ]);
  if (inclusion === undefined) throw new Error('a proof was asked for');
  return {
    epc,
    entries: head?.count ?? null,
    link: head === null ? null : base64url(head.link),
    proof: base64url(proof),
    heads: { ...heads, root: base64url(heads.root) },
    payload: fact.payload,
    salt: base64url(fact.salt),
    entry: formatEntry(entry),
    inclusion: {
      seq: heads.seq,
      leaf: base64url(entry.leaf),
      size: checkpoint.size,
      root: base64url(checkpoint.root),
      hashes: inclusion.hashes.map(base64url),
      checkpoint: checkpoint.note,
    },
  };
}
