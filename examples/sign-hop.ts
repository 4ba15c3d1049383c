/**
 * Signs what you record, so that nobody, the operator of the ledger included, could have made it up.
 *
 *   const key = newKey();                               keep key.private to yourself
 *   POST /v1/keys/claims {"publicKey": key.public, "proof": proveKey(key, origin, party)}
 *                                                       answers with the `kid` of the key in this ledger
 *   POST /v1/events {"hops": [signHop(hop, kid, key.private)]}
 *
 * As a command, for hops as JSON on standard input (an array, or one hop):
 *
 *   node build/examples/sign-hop.js new-key KEYFILE ORIGIN PARTY    makes a key, prints the body of POST /v1/keys/claims
 *   node build/examples/sign-hop.js sign KEYFILE KID < hops.json    prints the body of POST /v1/events
 *
 * ORIGIN is the first line of /log/checkpoint, PARTY the id of your party. The proof shows that you hold the private
 * half, for this ledger and this party alone: a JWS with header {"alg":"EdDSA","typ":"suyuan-key+jws"}.
 *
 * What is signed: the hop without `signature` and `private`, as canonical JSON (RFC 8785), by a JWS with detached
 * content (RFC 7515 Appendix F) whose header is exactly {"alg":"EdDSA","kid":"…"}. Nothing here but Node and the
 * package `canonicalize` is needed.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import canonicalize from 'canonicalize';

export interface ClaimKey {
  readonly private: KeyObject;
  /** As POST /v1/keys/claims takes it: a JWK (RFC 8037). */
  readonly public: { readonly kty: string; readonly crv: string; readonly x: string };
}

export function newKey(): ClaimKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { kty = '', crv = '', x = '' } = publicKey.export({ format: 'jwk' });
  return { private: privateKey, public: { kty, crv, x } };
}

/** That you hold the private half; `issuing` for a key that signs codes. */
export function proveKey(
  key: ClaimKey,
  origin: string,
  party: string,
  purpose: 'claims' | 'issuing' = 'claims',
): string {
  const header = base64url('{"alg":"EdDSA","typ":"suyuan-key+jws"}');
  const input = `${header}.${base64url(canonicalize({ origin, party, purpose }))}`;
  return `${input}.${sign(null, Buffer.from(input), key.private).toString('base64url')}`;
}

const base64url = (part: string | undefined): string => Buffer.from(part ?? '').toString('base64url');

/** The hop with its signature; `private` is sent along and not signed, so that it can be erased. */
export function signHop<Hop extends object>(
  hop: Hop,
  kid: string,
  key: KeyObject,
): Hop & { signature: string } {
  const header = base64url(`{"alg":"EdDSA","kid":"${kid}"}`);
  const claim = canonicalize({ ...hop, signature: undefined, private: undefined });
  const signature = sign(null, Buffer.from(`${header}.${base64url(claim)}`), key).toString('base64url');
  return { ...hop, signature: `${header}..${signature}` };
}

async function main([command, file = '', name = '', party = '']: readonly string[]): Promise<void> {
  if (command === 'new-key' && party !== '') {
    const key = newKey();
    const pem = key.private.export({ format: 'pem', type: 'pkcs8' });
    // An existing key is never written over.
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
    process.stdout.write(`${JSON.stringify({ publicKey: key.public, proof: proveKey(key, name, party) })}\n`);
  } else if (command === 'sign' && /^\d{7}$/.test(name)) {
    const key = createPrivateKey(await readFile(file, 'utf8'));
    const given: object | object[] = JSON.parse(await text(process.stdin));
    const hops = [given].flat().map((hop) => signHop(hop, name, key));
    process.stdout.write(`${JSON.stringify({ hops })}\n`);
  } else {
    process.stderr.write('usage: sign-hop.js new-key KEYFILE ORIGIN PARTY | sign KEYFILE KID < hops.json\n');
    process.exitCode = 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
