/** Whether the signature of a code is good, by the keys that the ledger knows. */
import { type KeyObject, verify } from 'node:crypto';
import { type CodeSignature, type ParsedCode, signingInput } from '../../core/codes/code.ts';
import { standingOfKey } from '../../core/codes/trust-list.ts';
import type { Epc } from '../../core/events/hop.ts';
import type { PublicData } from './public-data.ts';

/** null when there is none to check, or no key to check it with. */
export type CheckSignature = (epc: Epc, signed: CodeSignature | null) => Promise<boolean | null>;

export const signatureCheck =
  (dataOfNow: () => Promise<PublicData>): CheckSignature =>
  async (epc, signed) => {
    if (signed === null) return null;
    const key = (await dataOfNow()).key(signed.kid);
    return key === undefined
      ? null
      : verifyAside(key.publicKey, signingInput(signed.kid, epc), signed.signature);
  };

/**
 * Whether a code bears a signature that does not make it the code of what it names: a wrong one, one by a key that nobody
 * knows, or by a key that never signed for its GTIN. A number that was typed bears none and is not forged.
 */
export function forgeryCheck(dataOfNow: () => Promise<PublicData>): (code: ParsedCode) => Promise<boolean> {
  const check = signatureCheck(dataOfNow);
  return async ({ epc, identifier, signed }) => {
    if (signed === null) return false;
    if ((await check(epc, signed)) !== true) return true;
    const gtin = 'gtin' in identifier ? identifier.gtin : null;
    // As of entry 0, so that a key that once signed for the GTIN is not a stranger's.
    return standingOfKey((await dataOfNow()).key(signed.kid)?.trusted, gtin, 0) === 'foreign';
  };
}

/** In the thread pool, so that other requests go on meanwhile (RFC 8032 §5.1.7). */
const verifyAside = (key: KeyObject, data: Uint8Array, signature: Uint8Array): Promise<boolean> =>
  new Promise((resolve, reject) =>
    verify(null, data, key, signature, (error, good) => (error ? reject(error) : resolve(good))),
  );
