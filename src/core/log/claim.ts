/**
 * Signatures of parties over what they record: who holds such a claim can show that the party made it, and that the
 * operator of the ledger did not make it up.
 *
 *   claim        the hop as it was sent, without its members `signature` and `private`
 *   signed text  base64url(header) "." base64url(JCS(claim)), header exactly {"alg":"EdDSA","kid":"{KID7}"}
 *   signature    base64url(header) ".." base64url(64 bytes): a JWS with detached content (RFC 7515 Appendix F),
 *                Ed25519 (RFC 8032, RFC 8037 §3.1); any JOSE library verifies it with the claim's text put back
 *
 * `private` stays out so that erasing personal data leaves the claim provable. In a fact the three stand beside the
 * event as `claim`, `claimKey` (the key id) and `claimSignature`; a hop that becomes several events stands with each.
 *
 * Worked example, the key of RFC 8032 §7.1 test 1 as key 4711001 over {"hop":"scrap","ref":"S-1"}:
 *   eyJhbGciOiJFZERTQSIsImtpZCI6IjQ3MTEwMDEifQ..BqMXp0PY0BB_jDBVDyhyc2hHniy0ygzevzdEqhbF_QppENeUfwEMk5BNk1xb0DYx8KviaWaSsEBFnFNn6Zz_Dg
 */
import type { KeyObject } from 'node:crypto';
import { fault, ok, type Result } from '../../errors.ts';
import { canonical, type JsonObject } from '../text/canonical.ts';
import { base64url } from './entry.ts';
import { verifyEd25519 } from './note.ts';

/** A signature with the key that made it, if it did. */
export interface ClaimSignature {
  readonly kid: string;
  readonly signature: Uint8Array;
}

/** What of a hop is signed. */
export function claimOf({ signature: _signature, private: _private, ...claim }: JsonObject): JsonObject {
  return claim;
}

const header = (kid: string): string => base64url(Buffer.from(`{"alg":"EdDSA","kid":"${kid}"}`));

/** The ASCII text that is signed. */
export const claimText = (claim: JsonObject, kid: string): string =>
  `${header(kid)}.${base64url(Buffer.from(canonical(claim)))}`;

/** The detached JWS. Inverse of `parseClaimSignature`. */
export const formatClaimSignature = ({ kid, signature }: ClaimSignature): string =>
  `${header(kid)}..${base64url(signature)}`;

/** Reads a detached JWS, which must be byte for byte one that `formatClaimSignature` makes. Fault: `invalid-signature`. */
export function parseClaimSignature(jws: string): Result<ClaimSignature> {
  const [head = '', , tail = ''] = jws.length <= 256 ? jws.split('.') : [];
  const kid = /^\{"alg":"EdDSA","kid":"([0-9]{7})"\}$/.exec(Buffer.from(head, 'base64url').toString())?.[1];
  const signature = Buffer.from(tail, 'base64url');
  if (kid !== undefined && signature.length === 64) {
    const read = { kid, signature };
    if (formatClaimSignature(read) === jws) return ok(read);
  }
  return fault(
    'invalid-signature',
    'This is no detached JWS: base64url of {"alg":"EdDSA","kid":"7 digits"}, two dots, base64url of 64 bytes.',
  );
}

/** Whether the key made the signature over this claim. Whose key it is, its own log entry says. */
export const verifyClaim = (claim: JsonObject, { kid, signature }: ClaimSignature, key: KeyObject): boolean =>
  verifyEd25519(key, claimText(claim, kid), signature);
