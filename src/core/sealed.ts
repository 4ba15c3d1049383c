/**
 * What somebody seals to an authority, so that nobody between can read it: a compact JWE (RFC 7516 §7.1) by ECDH-ES on
 * P-256, the agreed key itself encrypting with A256GCM (RFC 7518 §4.6, §5.3).
 *
 *   header  {"alg":"ECDH-ES","enc":"A256GCM","kid":"{thumbprint of the authority's key}","epk":{"kty":"EC","crv":"P-256","x":…,"y":…}}
 *   {header}..{initialization vector, 12 bytes}.{ciphertext}.{tag, 16 bytes}          each in base64url
 *
 * The kid is the JWK thumbprint (RFC 7638) of the key, which whoever seals can compare with what the authority publishes.
 * Only the form is looked at here: who does not hold the private key cannot know more.
 *
 * Example: the key of RFC 7517 appendix A.1, x MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4, has the thumbprint
 * cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s.
 */

import { createPublicKey, hash } from 'node:crypto';
import { fault, ok, type Result } from '../errors.ts';
import { isObject } from './events/event-members.ts';

/** A public key on P-256: coordinates of 32 bytes each, base64url. */
export interface SealingKey {
  readonly x: string;
  readonly y: string;
}

const coordinate = /^[\w-]{43}$/;
const compact = /^([\w-]{1,1024})\.\.([\w-]{16})\.([\w-]{1,8192})\.([\w-]{22})$/;

/** The thumbprint of a key whose members are such coordinates. */
export const sealingKeyId = ({ x, y }: SealingKey): string =>
  hash('sha256', `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`, 'base64url');

/** Whether the coordinates are those of a point on P-256. Fault: `invalid-key`. */
export function checkSealingKey({ x, y }: SealingKey): Result<SealingKey> {
  const wrong = fault('invalid-key', 'Send `x` and `y` of a public JWK with kty EC and crv P-256.');
  if (!coordinate.test(x) || !coordinate.test(y)) return wrong;
  try {
    const { x: ownX, y: ownY } = createPublicKey({
      key: { kty: 'EC', crv: 'P-256', x, y },
      format: 'jwk',
    }).export({ format: 'jwk' });
    return ownX === x && ownY === y ? ok({ x, y }) : wrong;
  } catch {
    return wrong;
  }
}

/** For which key it is sealed. Fault: `invalid-key` for what is not sealed so. */
export function parseSealed(text: string): Result<{ readonly kid: string }> {
  const wrong = fault('invalid-key', 'Seal it as a compact JWE by ECDH-ES on P-256 with A256GCM.');
  const [, header] = compact.exec(text) ?? [];
  if (header === undefined) return wrong;
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  } catch {
    return wrong;
  }
  if (!isObject(said) || said.alg !== 'ECDH-ES' || said.enc !== 'A256GCM' || !isObject(said.epk))
    return wrong;
  const { kid, epk } = said;
  if (typeof kid !== 'string' || !coordinate.test(kid)) return wrong;
  const { kty, crv, x, y } = epk;
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return wrong;
  return checkSealingKey({ x, y }).ok ? ok({ kid }) : wrong;
}
