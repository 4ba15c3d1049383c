/**
 * Ed25519 public keys that outsiders bring, checked before anything is trusted to them.
 *
 * Format: 32 bytes, the y coordinate as a little-endian integer below p = 2^255 − 19 with the lowest bit of x in the
 * topmost bit (RFC 8032 §5.1.2), written in base64url without padding as member `x` of a JWK (RFC 8037 §2).
 *
 * Decoding follows RFC 8032 §5.1.3: x² = (y² − 1)/(d·y² + 1), or there is no such point. Beyond that we ask that the
 * point has the prime order L: whoever signs with a point of small order can make one signature fit many messages,
 * and a point mixed with one verifies here and not there. Every key made as RFC 8032 §5.1.5 says passes.
 *
 * Example: the public key of RFC 8032 §7.1 test 1, `11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo`, passes; the neutral
 * element `AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA` does not.
 */
import { fault, ok, type Result } from '../errors.ts';

const p = 2n ** 255n - 19n;
const d = mod(-121665n * power(121666n, p - 2n));
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

/** A point in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032 §5.1.4). */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

/** The 32 bytes of a public key given as JWK member `x`. Fault: `invalid-key`. */
export function parsePublicKey(x: string): Result<Uint8Array> {
  const bytes = Buffer.from(x, 'base64url');
  // Encoding it again catches padding, stray characters and loose trailing bits.
  if (bytes.length !== 32 || bytes.toString('base64url') !== x) {
    return fault('invalid-key', 'The public key is 32 bytes in base64url without padding, as `x` of a JWK.');
  }
  const point = decodePoint(bytes);
  if (point === null) {
    return fault('invalid-key', 'These bytes are no Ed25519 public key: make a key pair and send its `x`.');
  }
  if (isNeutral(point) || !isNeutral(multiply(order, point))) {
    return fault('invalid-key', 'This point has not the full order of Ed25519: make a fresh key pair.');
  }
  return ok(bytes);
}

function decodePoint(bytes: Uint8Array): Point | null {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const y = number & (2n ** 255n - 1n);
  const odd = number >> 255n;
  if (y >= p) return null;
  const y2 = mod(y * y);
  const x = squareRootOfRatio(mod(y2 - 1n), mod(d * y2 + 1n));
  if (x === null || (x === 0n && odd === 1n)) return null;
  const signed = (x & 1n) === odd ? x : p - x;
  return { x: signed, y, z: 1n, t: mod(signed * y) };
}

/** √(u/v) mod p, or null when u/v is no square (RFC 8032 §5.1.3 steps 2 and 3). */
function squareRootOfRatio(u: bigint, v: bigint): bigint | null {
  const candidate = mod(u * v ** 3n * power(mod(u * v ** 7n), (p - 5n) / 8n));
  const square = mod(v * candidate * candidate);
  if (square === u) return candidate;
  return square === mod(-u) ? mod(candidate * rootOfMinusOne) : null;
}

/** RFC 8032 §5.1.4; the formula is complete, so it doubles as well. */
function add(one: Point, other: Point): Point {
  const a = mod((one.y - one.x) * (other.y - other.x));
  const b = mod((one.y + one.x) * (other.y + other.x));
  const c = mod(2n * one.t * other.t * d);
  const e = mod(2n * one.z * other.z);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return { x: mod(f * g), y: mod(h * i), z: mod(g * h), t: mod(f * i) };
}

function multiply(times: bigint, point: Point): Point {
  let sum: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
  let doubled = point;
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

const isNeutral = ({ x, y, z }: Point): boolean => x === 0n && y === z;

function mod(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
