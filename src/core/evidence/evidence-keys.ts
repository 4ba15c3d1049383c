/**
 * Keys as a file of evidence tells them: each is announced by a fact of kind `key` with its own entry, and later facts
 * of the same number change its status (fact.ts, KeyFact). What is worse counts, and counts for good.
 */

import { type KeyPurpose, type KeyStatus, keyPurposes, keyStatuses } from '../log/fact.ts';
import type { OpenedFact } from './evidence-fact.ts';

export interface ToldKey {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  /** Whose key it is. */
  readonly party: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly custody: 'operator' | 'party';
  readonly status: KeyStatus;
  /** Of a compromised key: the first entry that is no longer trusted. */
  readonly distrustedFrom: number | null;
  /** Entry that announced it. */
  readonly seq: number;
}

/** The keys among facts in order of seq, by number. Facts that are no readable key are passed over. */
export function keysOf(
  facts: Iterable<{ readonly seq: number; readonly fact: OpenedFact }>,
): Map<string, ToldKey> {
  const keys = new Map<string, ToldKey>();
  for (const { seq, fact } of facts) {
    const read = fact.members.kind === 'key' ? keyOf(seq, fact) : null;
    if (read === null) continue;
    const before = keys.get(read.kid);
    if (before === undefined) keys.set(read.kid, read);
    else keys.set(read.kid, { ...before, ...worse(before, read) });
  }
  return keys;
}

function worse(a: ToldKey, b: ToldKey): Pick<ToldKey, 'status' | 'distrustedFrom'> {
  const status =
    keyStatuses[Math.max(keyStatuses.indexOf(a.status), keyStatuses.indexOf(b.status))] ?? b.status;
  const marks = [a.distrustedFrom, b.distrustedFrom].filter((it) => it !== null);
  return { status, distrustedFrom: marks.length === 0 ? null : Math.min(...marks) };
}

function keyOf(seq: number, { members }: OpenedFact): ToldKey | null {
  const { kid, party, x, custody, distrustedFrom } = members;
  const purpose = keyPurposes.find((it) => it === members.purpose);
  const status = keyStatuses.find((it) => it === members.status);
  if (typeof kid !== 'string' || typeof party !== 'string' || typeof x !== 'string') return null;
  if (purpose === undefined || status === undefined) return null;
  const publicKey = Buffer.from(x, 'base64url');
  if (publicKey.length !== 32) return null;
  return {
    kid,
    purpose,
    party,
    publicKey,
    custody: custody === 'party' ? 'party' : 'operator',
    status,
    distrustedFrom: typeof distrustedFrom === 'number' ? distrustedFrom : null,
    seq,
  };
}
