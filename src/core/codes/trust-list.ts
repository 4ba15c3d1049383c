/**
 * The trust list: which key may sign codes of which GTIN. A signature alone says only that a key was used.
 *
 * Format: compact JWS (RFC 7515, EdDSA), header `{"alg":"EdDSA","kid":"<7 digits>","typ":"suyuan-trust+jws"}`, payload
 * in canonical JSON:
 *
 *   {"exp":1735776000,"iat":1735689600,"keys":[
 *     {"former":[],"gtins":["06901234567892"],"kid":"0000001","name":"…","party":"3F7ZK2M9QX41TB6D",
 *      "status":"active","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
 *     {…,"distrustedFrom":1200,"status":"compromised"}],
 *    "origin":"example.org/log","size":1500}
 *
 * `iat` and `exp` are seconds (RFC 7519 §2); `size` is how many log entries it is derived from; keys are in order of
 * `kid`, GTINs in order. `gtins` are those the key's party owns, as vetted, or may issue for by a delegation that is
 * in force; `former` those whose delegation has ended: a code of theirs is good only if its issue stands in the log.
 * A code of a compromised key is good only if its issue entry is below `distrustedFrom` (and a checkpoint that others
 * cosigned before the compromise covers it, which this file cannot know).
 */

import { type KeyObject, verify } from 'node:crypto';
import { fault, ok, type Result } from '../../errors.ts';
import { isObject } from '../events/event-members.ts';
import { type KeyStatus, keyStatuses } from '../log/fact.ts';
import { canonical, type JsonObject } from '../text/canonical.ts';

export interface TrustedKey {
  readonly kid: string;
  /** Public key: JWK member `x` (RFC 8037 §2). */
  readonly x: string;
  /** Id and name of the party whose key it is. */
  readonly party: string;
  readonly name: string;
  readonly gtins: readonly string[];
  readonly former: readonly string[];
  readonly status: KeyStatus;
  /** Of a compromised key alone. */
  readonly distrustedFrom?: number;
}

export interface TrustList {
  readonly origin: string;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly exp: number;
  readonly keys: readonly TrustedKey[];
}

/** What a key counts for, for one code. */
export const keyStandings = [
  'active',
  'retired', // no longer used; its codes stay good
  'compromised-before', // shown by others to be issued before the compromise
  'compromised-after', // issued after it, or nobody else can show when
  'foreign', // the key is real, but not for this GTIN
  'unknown', // no such key
] as const;
export type KeyStanding = (typeof keyStandings)[number];

/**
 * What `key` counts for, for a code of `gtin` (null for containers, which have none: whose a container is, its issue
 * alone says, and the key must be that party's) whose issue is entry `issued` of
 * the log; null when that is not known or the code was never issued. `cosigned` is how many entries stand under a
 * checkpoint that others cosigned before the key was compromised: a thief of the key who also writes the log could
 * have put an issue below the first distrusted entry, but not under such a checkpoint.
 */
export function standingOfKey(
  key: TrustedKey | undefined,
  gtin: string | null,
  issued: number | null,
  cosigned: number,
): KeyStanding {
  if (key === undefined) return 'unknown';
  if (gtin !== null && !key.gtins.includes(gtin) && !(issued !== null && key.former.includes(gtin))) {
    return 'foreign';
  }
  if (key.status !== 'compromised') return key.status;
  const proven = Math.min(key.distrustedFrom ?? 0, cosigned);
  return issued !== null && issued < proven ? 'compromised-before' : 'compromised-after';
}

/** `standingOfKey` for the key of that id in a list. */
export const keyStanding = (
  list: TrustList,
  kid: string,
  gtin: string | null,
  issued: number | null,
  cosigned: number,
): KeyStanding =>
  standingOfKey(
    list.keys.find((key) => key.kid === kid),
    gtin,
    issued,
    cosigned,
  );

/** The list in its one order, whatever order its parts came in. */
export const buildTrustList = ({ origin, size, iat, exp, keys }: TrustList): TrustList => ({
  origin,
  size,
  iat,
  exp,
  keys: keys
    .map((key) => ({ ...key, gtins: [...key.gtins].sort(), former: [...key.former].sort() }))
    .sort((a, b) => (a.kid < b.kid ? -1 : 1)),
});

const type = 'suyuan-trust+jws';

/** The ASCII text that is signed (RFC 7515 §5.1); a dot and the signature in base64url make it a JWS. */
export function trustListSigningInput(kid: string, list: TrustList): string {
  const encode = (value: JsonObject): string => Buffer.from(canonical(value)).toString('base64url');
  return `${encode({ alg: 'EdDSA', kid, typ: type })}.${encode({ ...list, keys: list.keys.map((key) => ({ ...key })) })}`;
}

/**
 * The list of a JWS that `publicKey` signed, for use at `now` (seconds since the epoch).
 * Fault: `invalid-key` when it is no trust list, not signed by that key, or past its time.
 */
export function openTrustList(jws: string, publicKey: KeyObject, now: number): Result<TrustList> {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  const head = parseJson(header);
  if (more.length > 0 || head?.alg !== 'EdDSA' || head.typ !== type) {
    return fault('invalid-key', 'This is no trust list; fetch it from /v1/trust-list.');
  }
  if (
    publicKey.asymmetricKeyType !== 'ed25519' ||
    !verify(null, signed, publicKey, Buffer.from(signature, 'base64url'))
  ) {
    return fault('invalid-key', 'The trust list is not signed by this key; fetch both again.');
  }
  const list = parseJson(payload);
  if (!isTrustList(list)) return fault('invalid-key', 'The trust list is of a version not known here.');
  if (list.exp <= now) return fault('invalid-key', 'The trust list is past its time; fetch a fresh one.');
  return ok(list);
}

function parseJson(encoded: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function isTrustList(value: unknown): value is TrustList {
  return (
    isObject(value) &&
    typeof value.origin === 'string' &&
    [value.size, value.iat, value.exp].every(Number.isSafeInteger) &&
    Array.isArray(value.keys) &&
    value.keys.every(isTrustedKey)
  );
}

const isTrustedKey = (value: unknown): boolean =>
  isObject(value) &&
  [value.kid, value.x, value.party, value.name].every((text) => typeof text === 'string') &&
  isTexts(value.gtins) &&
  isTexts(value.former) &&
  keyStatuses.some((status) => status === value.status) &&
  (value.status !== 'compromised' || Number.isSafeInteger(value.distrustedFrom));
