/**
 * Claims that their recorder signed (claim.ts), checked in a file of evidence: the signature is that of the key which the
 * log gives to the recorder, and the event says what was signed (evidence-claim-event.ts).
 */

import { isObject } from '../events/event-members.ts';
import { claimText, parseClaimSignature } from '../log/claim.ts';
import { saysClaim } from './evidence-claim-event.ts';
import type { OpenedFact } from './evidence-fact.ts';
import type { ToldKey } from './evidence-keys.ts';

/** Verifies an Ed25519 signature (RFC 8032 §5.1.7) over the UTF-8 of a message. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: string,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** The key that signed the claim of a fact; null when none is shown, `false` when it does not hold. */
export async function checkClaim(
  fact: OpenedFact,
  keys: ReadonlyMap<string, ToldKey>,
  verify: VerifySignature,
): Promise<ToldKey | null | false> {
  const { claim, claimKey, claimSignature, by } = fact.members;
  if (claimSignature === undefined || claim === undefined) return null;
  const read = typeof claimSignature === 'string' ? parseClaimSignature(claimSignature) : null;
  if (!read?.ok || !isObject(claim) || read.value.kid !== claimKey) return false;
  const key = keys.get(claimKey);
  if (key?.purpose !== 'claims' || key.party !== by) return false;
  const signed = await verify(key.publicKey, claimText(claim, claimKey), read.value.signature);
  return signed && saysClaim(fact, claim) ? key : false;
}
