/**
 * Proof that whoever registers a public key holds its private half. Without it a party could register another's key as
 * its own: what the other signs would then count as said by it, and the other could not register the key any more.
 *
 *   header   {"alg":"EdDSA","typ":"suyuan-key+jws"}
 *   payload  {"origin":"example.org/log","party":"3F7ZK2M9QX41TB6D","purpose":"claims"}
 *   proof    base64url(header) "." base64url(payload) "." base64url(64 bytes): a compact JWS (RFC 7515 §7.1) by the key
 *            that it is about, Ed25519 (RFC 8032, RFC 8037 §3.1)
 *
 * Both parts are exactly that canonical JSON (RFC 8785): the log it is for, whose key it is to be, and what for, so that
 * a proof cannot be taken elsewhere. No code and no claim has this header, so none can be passed off as a proof. The
 * proof stands in the fact that announces the key: whoever reads the log sees that the party, or somebody to whom it
 * gave the key, asked for it.
 *
 * Worked example, the key of RFC 8032 §7.1 test 1 for the payload above:
 *   eyJhbGciOiJFZERTQSIsInR5cCI6InN1eXVhbi1rZXkrandzIn0
 *   .eyJvcmlnaW4iOiJleGFtcGxlLm9yZy9sb2ciLCJwYXJ0eSI6IjNGN1pLMk05UVg0MVRCNkQiLCJwdXJwb3NlIjoiY2xhaW1zIn0
 *   .JyaOPVLhRGFbo__bwk2-aDCeZRvL6Giws8gJg552bdhynh8i3EjqAc1SEn1GyzYp8WFpkbfZm6HalLK5poeGDw
 */

import { base64url } from '../log/entry.ts';
import { publicKeyOf, verifyEd25519 } from '../log/note.ts';
import { canonical } from '../text/canonical.ts';

/** What a key is registered for. */
export interface KeyUse {
  /** Of the log. */
  readonly origin: string;
  /** Id of the party whose key it is to be. */
  readonly party: string;
  readonly purpose: 'issuing' | 'claims';
}

/** The text of the payload. */
export const keyProofPayload = ({ origin, party, purpose }: KeyUse): string =>
  canonical({ origin, party, purpose });

/** The ASCII text that the key signs; a dot and the signature in base64url make it the proof. */
export const keyProofInput = (use: KeyUse): string =>
  [header, keyProofPayload(use)].map((part) => base64url(Buffer.from(part))).join('.');

const header = canonical({ alg: 'EdDSA', typ: 'suyuan-key+jws' });

/** Whether the key of these 32 bytes made the proof, in its one spelling, for this use. */
export function provesKey(proof: string, use: KeyUse, publicKey: Uint8Array): boolean {
  const input = keyProofInput(use);
  const encoded = proof.slice(input.length + 1);
  const signature = Buffer.from(encoded, 'base64url');
  return (
    proof === `${input}.${base64url(signature)}` &&
    verifyEd25519(publicKeyOf({ publicKey }), input, signature)
  );
}
