/**
 * Private keys at rest: 32 bytes wrapped with the master key, bound to the name they are kept under.
 *
 *   wrapping key = HKDF-SHA-256(master key, no salt, "suyuan private keys", 32 bytes)      RFC 5869
 *   wrapped      = nonce (12 random bytes) ‖ AES-256-GCM ciphertext (32) ‖ tag (16)         NIST SP 800-38D
 *
 * with the name in UTF-8 as additional data, so that rows of the table cannot be swapped for one another. Random
 * nonces of 96 bits are safe for 2^32 wrappings under one master key (SP 800-38D §8.3), far above our keys.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

/** The key that wraps, derived from the 32 bytes of the master key. */
export const wrappingKey = (masterKey: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', 'suyuan private keys', 32));

export function wrap(key: Buffer, name: string, secret: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** Inverse of `wrap`; null when key, name or bytes are not those of the wrapping. */
export function unwrap(key: Buffer, name: string, wrapped: Buffer): Buffer | null {
  if (wrapped.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(name))
    .setAuthTag(wrapped.subarray(-tagBytes));
  const secret = decipher.update(wrapped.subarray(nonceBytes, -tagBytes));
  try {
    return Buffer.concat([secret, decipher.final()]);
  } catch {
    return null;
  }
}
