/**
 * Identity code: what is printed on a thing, a GS1 Digital Link URI with the issuer's signature. Version 1.
 *
 * Format:
 *   `HTTPS://{HOST}/{path}?S={KID7}{SIG155}`
 *   path    canonical path of a unit `01/{GTIN}/21/{serial}`, lot `01/{GTIN}/10/{lot}` or container `00/{SSCC}`
 *   KID7    seven decimal digits naming the issuing key
 *   SIG155  the 64 bytes of an Ed25519 signature (RFC 8032 §5.1.6) as one big-endian integer in 155 decimal digits,
 *           zero padded; 2^512 and above is malformed
 * The signature is that of a JWS (RFC 7515 §5.1, RFC 8037 §3.1) with the protected header exactly
 * `{"alg":"EdDSA","kid":"{KID7}"}` and the path as payload in UTF-8, so a code and its compact JWS carry the same and
 * turn into each other without loss. Scheme and host are not signed and compare without regard to case. `S` is an
 * extension parameter of the URI (GS1 Digital Link Standard: URI Syntax, §4.11); others beside it are ignored.
 *
 * Decimal digits, because a QR packs three of them into ten bits: 155 digits take 517 bits, base64url in bytes 688.
 * Upper case, because the alphanumeric mode of QR knows no other; a serial with lower-case letters (foreign ones
 * may have them) keeps them, and makes the QR larger.
 *
 * Example, with the secret key of RFC 8032 §7.1 test 1:
 *   signing input eyJhbGciOiJFZERTQSIsImtpZCI6IjAwMDAwMDEifQ.MDEvMDY5MDEyMzQ1Njc4OTIvMjEvN1pLM1FXOUQ1VEIxUQ
 *   code          HTTPS://EXAMPLE.COM/01/06901234567892/21/7ZK3QW9D5TB1Q?S=0000001{SIG155}
 *   SIG155        07648484780577968770990179876198346055111515462072949609906497896502200930611399053560423228153411493672368111811609179146059751618889063325780549800685324
 */
import { type KeyObject, verify } from 'node:crypto';
import { fault, ok, type Result } from '../../errors.ts';
import type { Epc } from '../events/hop.ts';
import { isHost } from '../gs1/digital-link.ts';
import {
  type ContainerIdentifier,
  type LotIdentifier,
  parseIdentifier,
  readIdentifier,
  type UnitIdentifier,
} from '../gs1/identifiers.ts';

/** What can carry a code. */
export type CodedIdentifier = UnitIdentifier | LotIdentifier | ContainerIdentifier;

/** Issuing key and signature, as they stand in `S`. */
export interface CodeSignature {
  /** Seven decimal digits. */
  readonly kid: string;
  /** 64 bytes, R ‖ S of RFC 8032. */
  readonly signature: Uint8Array;
}

/** What is signed together with its signature; the same as a compact JWS. */
export interface SignedCode extends CodeSignature {
  readonly epc: Epc;
}

/** A code as read from a thing, or an identifier as typed by a person. Nothing is verified yet. */
export interface ParsedCode {
  /** null when the text was no URI. */
  readonly scheme: 'http' | 'https' | null;
  /** Host in lower case, with its port when one is given; null when the text was no URI. */
  readonly host: string | null;
  readonly identifier: CodedIdentifier;
  readonly epc: Epc;
  /** null when the text has no `S`. */
  readonly signed: CodeSignature | null;
}

const kidShape = /^[0-9]{7}$/;
const signatureDigits = 155;
const signatureBytes = 64;
const signedShape = /^[0-9]{162}$/;
const signatureLimit = 1n << 512n;

const base64url = (bytes: string | Uint8Array): string =>
  (typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes)).toString('base64url');

/** The JWS payload of an identifier's code: its canonical path. */
export const codePayload = (epc: Epc): string => epc;

/** The JWS protected header of codes signed with key `kid`, before base64url. Throws when it is not seven digits. */
export function protectedHeader(kid: string): string {
  if (!kidShape.test(kid)) throw new TypeError('a key id is seven decimal digits');
  return `{"alg":"EdDSA","kid":"${kid}"}`;
}

/** What an issuing key signs, as ASCII text (RFC 7515 §5.1 step 8). */
export const signingText = (kid: string, epc: Epc): string =>
  `${encodedHeader(kid)}.${base64url(codePayload(epc))}`;

/** The same as bytes. */
export const signingInput = (kid: string, epc: Epc): Uint8Array =>
  Buffer.from(signingText(kid, epc), 'ascii');

/** Headers that were encoded, by key id: few keys sign many codes. */
const headers = new Map<string, string>();
const headersMax = 1000;

function encodedHeader(kid: string): string {
  const known = headers.get(kid);
  if (known !== undefined) return known;
  const header = base64url(protectedHeader(kid));
  if (headers.size === headersMax) headers.clear();
  headers.set(kid, header);
  return header;
}

/** 64 bytes as 155 decimal digits. Inverse of `signatureFromDigits`. Throws on another length. */
export function signatureToDigits(signature: Uint8Array): string {
  if (signature.length !== signatureBytes) throw new RangeError('a signature has 64 bytes');
  return BigInt(`0x${Buffer.from(signature).toString('hex')}`)
    .toString()
    .padStart(signatureDigits, '0');
}

/** The 64 bytes of 155 decimal digits. Fault: `invalid-code`. */
export function signatureFromDigits(digits: string): Result<Uint8Array> {
  const malformed = 'The signature in the code is damaged: scan the code again.';
  if (digits.length !== signatureDigits || !/^[0-9]+$/.test(digits)) return fault('invalid-code', malformed);
  const number = BigInt(digits);
  if (number >= signatureLimit) return fault('invalid-code', malformed);
  return ok(Buffer.from(number.toString(16).padStart(2 * signatureBytes, '0'), 'hex'));
}

/**
 * The text to print. `host` is our code host, with a port in development. Inverse of `parseCode`.
 * Throws when host, key id or signature are malformed: they are ours.
 */
export function formatCode(code: SignedCode & { readonly host: string }): string {
  // Hosts of other scripts are printed in their ASCII form (RFC 5890): case mapping is safe in ASCII alone.
  if (!isHost(code.host) || !/^[0-9A-Za-z.:[\]-]+$/.test(code.host)) {
    throw new TypeError('the code host is a host name in ASCII with an optional port');
  }
  if (!kidShape.test(code.kid)) throw new TypeError('a key id is seven decimal digits');
  return `HTTPS://${code.host.toUpperCase()}/${code.epc}?S=${code.kid}${signatureToDigits(code.signature)}`;
}

/**
 * Reads a scanned code, or any spelling of a unit, lot or container a person may type (then `signed` is null).
 * A signed path must be spelled exactly as it was signed; only scheme, host, a resolver's path before it and other
 * parameters may differ.
 * Faults: those of `parseIdentifier`; `invalid-code` for a malformed `S`, for a signed path of another spelling and
 * for things that carry no code.
 */
export function parseCode(text: string): Result<ParsedCode> {
  const read = readIdentifier(text);
  if (!read.ok) return read;
  const { identifier, link } = read.value;
  if (identifier.type !== 'unit' && identifier.type !== 'lot' && identifier.type !== 'container') {
    return fault(
      'invalid-code',
      'Only units, lots and containers carry codes: give a serial, a lot number or an SSCC.',
    );
  }
  const signed = signatureOf(link?.query ?? []);
  if (!signed.ok) return signed;
  const { epc } = identifier;
  if (signed.value !== null && link?.segments.slice(-epc.split('/').length).join('/') !== epc) {
    return fault(
      'invalid-code',
      'The code is not written as it was issued: scan it again, or leave out ?S= and what follows.',
    );
  }
  return ok({
    scheme: link?.scheme ?? null,
    host: link?.host ?? null,
    identifier,
    epc,
    signed: signed.value,
  });
}

function signatureOf(query: readonly (readonly [string, string])[]): Result<CodeSignature | null> {
  const given = query.filter(([name]) => name === 'S');
  const [first] = given;
  if (first === undefined) return ok(null);
  const [, digits] = first;
  if (given.length > 1 || !signedShape.test(digits)) {
    return fault(
      'invalid-code',
      'The code is cut or damaged: S must stand once, with 162 digits. Scan the code again.',
    );
  }
  const signature = signatureFromDigits(digits.slice(7));
  return signature.ok ? ok({ kid: digits.slice(0, 7), signature: signature.value }) : signature;
}

/** The code as a compact JWS (RFC 7515 §7.1). Inverse of `fromCompactJws`. */
export const toCompactJws = (code: SignedCode): string =>
  `${signingText(code.kid, code.epc)}.${base64url(code.signature)}`;

/**
 * The code of a compact JWS, which must be byte for byte one that `toCompactJws` makes; nothing is verified.
 * Fault: `invalid-code`.
 */
export function fromCompactJws(jws: string): Result<SignedCode> {
  const foreign =
    'This JWS is no code: header {"alg":"EdDSA","kid":"7 digits"}, payload a canonical path, 64 bytes signed.';
  const parts = jws.length <= 2048 ? jws.split('.') : [];
  const [header = '', payload = '', encoded = ''] = parts;
  const kid = /^\{"alg":"EdDSA","kid":"([0-9]{7})"\}$/.exec(decodeText(header))?.[1];
  const identifier = parseIdentifier(decodeText(payload));
  const signature = Buffer.from(encoded, 'base64url');
  if (parts.length !== 3 || kid === undefined || !identifier.ok || signature.length !== signatureBytes) {
    return fault('invalid-code', foreign);
  }
  const { value } = identifier;
  if (value.type !== 'unit' && value.type !== 'lot' && value.type !== 'container')
    return fault('invalid-code', foreign);
  const code = { epc: value.epc, kid, signature };
  // Making it again catches every other spelling: padding, loose trailing bits, a path that is not canonical.
  return toCompactJws(code) === jws ? ok(code) : fault('invalid-code', foreign);
}

const decodeText = (encoded: string): string => Buffer.from(encoded, 'base64url').toString('utf8');

/**
 * Whether `publicKey` (Ed25519) made the signature over this identifier and key id (RFC 8032 §5.1.7). Says nothing
 * of whose key it is: the trust list does. False for a signature of another length or a key of another kind.
 */
export function verifySignature(publicKey: KeyObject, code: SignedCode): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519' || code.signature.length !== signatureBytes) return false;
  if (!kidShape.test(code.kid)) return false;
  return verify(null, signingInput(code.kid, code.epc), publicKey, code.signature);
}
