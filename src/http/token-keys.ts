/**
 * The key pair that signs access tokens, from a seed that all processes on a database share. It signs tokens
 * alone: codes, checkpoints and the trust list have keys of their own.
 */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

export interface TokenKeys {
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
  readonly kid: string;
}

/** RFC 8410 §7: the PKCS #8 frame of an Ed25519 seed of 32 bytes. */
const pkcs8Frame = Buffer.from('302e020100300506032b657004220420', 'hex');

/** From the 32 bytes of an Ed25519 seed (RFC 8032 §5.1.5). */
export function tokenKeys(seed: Uint8Array): TokenKeys {
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Frame, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    kid: createHash('sha256').update(spki).digest('base64url').slice(0, 16),
  };
}
