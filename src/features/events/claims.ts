/** Hops that their recorder has signed: checked before anything is recorded, so that what stands in the log verifies. */
import { setImmediate } from 'node:timers/promises';
import { claimOf, parseClaimSignature, verifyClaim } from '../../core/log/claim.ts';
import { publicKeyOf } from '../../core/log/note.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import type { Sql } from '../../database/connection.ts';
import { fault, ok, type Result } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { type KeyRow, keysByKid } from '../keys/queries.ts';
import type { SignedClaim } from './event-fact.ts';
import { type Faults, pointerOf } from './faults.ts';
import type { Hop } from './schemas.ts';

/** Signatures checked in one go before others get their turn: each takes a tenth of a millisecond. */
const checkedAtOnce = 64;

/** The signed claims of a request by the index of their hop. One statement, or none. Faults: `invalid-signature`. */
export async function checkedClaims(
  sql: Sql,
  { party }: Caller,
  hops: readonly Hop[],
  faults: Faults,
): Promise<ReadonlyMap<number, SignedClaim>> {
  const claims = new Map<number, SignedClaim>();
  hops.forEach((hop, i) => {
    if (hop.signature === undefined) return;
    const read = faults.take(`${pointerOf(i)}/signature`, parseClaimSignature(hop.signature));
    // The body was read as JSON.
    if (read !== null) claims.set(i, { ...read, claim: claimOf(hop as object as JsonObject) });
  });
  if (claims.size === 0) return claims;
  const keys = await keysByKid(
    sql,
    [...claims.values()].map(({ kid }) => kid),
  );
  let done = 0;
  for (const [i, signed] of claims) {
    if (++done % checkedAtOnce === 0) await setImmediate();
    const key = keys.get(signed.kid);
    faults.take(`${pointerOf(i)}/signature`, checked(signed, key?.party === party ? key : undefined));
  }
  return claims;
}

function checked(signed: SignedClaim, key: KeyRow | undefined): Result<true> {
  if (key === undefined || key.purpose !== 'claims')
    return fault(
      'invalid-signature',
      `You have no key ${signed.kid} for claims; POST /v1/keys with purpose "claims" registers one.`,
    );
  if (key.status !== 'active')
    return fault('invalid-signature', `Key ${signed.kid} is ${key.status}; sign with a key that is in use.`);
  const publicKey = publicKeyOf({ publicKey: Buffer.from(key.x, 'base64url') });
  if (!verifyClaim(signed.claim, signed, publicKey))
    return fault(
      'invalid-signature',
      'The signature is not over this hop: sign the JCS (RFC 8785) of the hop as you send it, without `signature` and `private`.',
    );
  return ok(true);
}
