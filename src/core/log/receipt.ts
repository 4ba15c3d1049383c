/**
 * Receipts: one JWS (RFC 7515, compact, EdDSA) a request, over the origin and, for each fact in the order it was
 * sent, where it stands in the log. Whoever keeps a receipt can later prove that the log once promised to hold
 * these entries.
 *
 *   header   {"alg":"EdDSA","kid":"<7 digits>","typ":"suyuan-receipt+jws"}
 *   payload  {"facts":[{"at":"…","digest":"…","leaf":"…","seq":17}],"origin":"example.org/log"}
 *
 * Both parts are canonical JSON, and Ed25519 is deterministic: the same entries always give the same receipt.
 *
 * Worked example: the entry of the example of entry.ts, with the secret key of RFC 8032 §7.1 test 1 as key 0000001:
 *   header     {"alg":"EdDSA","kid":"0000001","typ":"suyuan-receipt+jws"}
 *   payload    {"facts":[{"at":"2026-01-02T03:04:05.678Z","digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
 *              "leaf":"hiIBpNyiMANRargOWnUjFuQb_JEOtym_mfYJzHhnRVg","seq":0}],"origin":"example.org/log"}
 *              (in one line, nothing between the members)
 *   receipt    eyJhbGciOiJFZERTQSIsImtpZCI6IjAwMDAwMDEiLCJ0eXAiOiJzdXl1YW4tcmVjZWlwdCtqd3MifQ
 *              .eyJmYWN0cyI6W3siYXQiOiIyMDI2LTAxLTAyVDAzOjA0OjA1LjY3OFoiLCJkaWdlc3QiOiJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF
 *              BQUFBQUFBQUFBQUFBQUFBIiwibGVhZiI6ImhpSUJwTnlpTUFOUmFyZ09XblVqRnVRYl9KRU90eW1fbWZZSnpIaG5SVmciLCJzZXEiOj
 *              B9XSwib3JpZ2luIjoiZXhhbXBsZS5vcmcvbG9nIn0
 *              .PDNbu2_X_-75XG84ps493Rre_zlevEL92Zx2G0PnaQWlVsLPxutOb06D7xroApZHECQGUPICd-vzGJmctO6YDw
 */
import { canonical } from '../text/canonical.ts';
import { base64url, formatAt } from './entry.ts';

/** Where a fact stands in the log. */
export interface Recorded {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly digest: Uint8Array;
  readonly leaf: Uint8Array;
  /** 16 bytes: opens the digest; given to the submitter alone. */
  readonly salt: Uint8Array;
}

/** The ASCII bytes that are signed: header and payload in base64url, joined by a dot (RFC 7515 §5.1). */
export function receiptSigningInput(kid: string, origin: string, facts: readonly Recorded[]): string {
  const header = canonical({ alg: 'EdDSA', kid, typ: 'suyuan-receipt+jws' });
  const list = facts.map(
    ({ at, digest, leaf, seq }) =>
      `{"at":"${formatAt(at)}","digest":"${base64url(digest)}","leaf":"${base64url(leaf)}","seq":${seq}}`,
  );
  const payload = `{"facts":[${list.join(',')}],"origin":${canonical(origin)}}`;
  return `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
}
