/**
 * Claims that their recorder signed (claim.ts), checked in a file of evidence: the signature is the recorder's, and what
 * it signed is what the event says, as far as both name it: the hop, its reference and the things.
 */

import { isObject, textOf, textsOf } from '../events/event-members.ts';
import { parseIdentifier } from '../gs1/identifiers.ts';
import { claimText, parseClaimSignature } from '../log/claim.ts';
import { names, type OpenedFact } from './evidence-fact.ts';
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
  return signed && isAbout(fact, claim) ? key : false;
}

/** Voids and corrections are claims about another event; the events that a correction adds are told by it alone. */
function isAbout(fact: OpenedFact, claim: Parameters<typeof textOf>[0]): boolean {
  const hop = textOf(claim, 'hop');
  if (hop === 'void' || hop === 'correct') return true;
  const said = textOf(fact.members, 'suyuan:hop');
  const reference = textOf(fact.members, 'suyuan:ref');
  const things = textsOf(claim, 'epcs').map((it) => parseIdentifier(it));
  return (
    (said === null || said === hop) &&
    (reference === null || reference === textOf(claim, 'ref')) &&
    things.every((it) => !it.ok || !('epc' in it.value) || names(fact, it.value.epc) !== false)
  );
}
