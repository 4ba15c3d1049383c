/** Ed25519 keys of known seeds, for worked examples and golden vectors. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export interface SeedKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Public key, JWK member `x`. */
  readonly x: string;
}

/** The key pair of a seed of 32 bytes (PKCS #8 frame of RFC 8410 §7). */
export function seedKey(seed: Uint8Array): SeedKey {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, x: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** RFC 8032 §7.1 test 1. */
export const rfc8032 = seedKey(
  Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
);
