/** What the core takes from node:crypto, for the page that checks evidence. Signatures are verified by the browser. */
import { sha256 } from '@noble/hashes/sha2.js';
import { Buffer } from './buffer.js';

export function hash(algorithm, data, encoding = 'hex') {
  if (algorithm !== 'sha256') throw new Error(`${algorithm} is not brought along`);
  const bytes = Buffer.from(sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data));
  return encoding === 'buffer' ? bytes : bytes.toString(encoding);
}

const none = () => {
  throw new Error('not brought along');
};
export const createHash = none;
export const createPublicKey = none;
export const verify = none;
