/**
 * Strict JSON: the subset of RFC 8259 that means the same to every reader (RFC 7493 "I-JSON", and what
 * RFC 8785 can canonicalise). Refused before anything uses the value:
 *
 * - duplicate names in one object (RFC 7493 §2.3)                              `duplicate-name`
 * - nesting deeper than 32 arrays and objects                                  `too-deep`
 * - a number whose decimal value an IEEE 754 double does not give back, e.g.
 *   `9007199254740993`, `0.1000000000000000001`, `1e400`, `-0` (RFC 7493 §2.2)  `unsafe-number`
 * - strings and names with NUL or lone surrogates (RFC 7493 §2.1)              `invalid-string`
 * - anything that is not JSON                                                  `malformed-json`
 *
 * Worked example: `{"a":[1.50,"\u00e9"],"b":{"a":0}}` is accepted as it stands; `{"a":1,"\u0061":2}` is
 * refused with `duplicate-name` at `/a`, because both names are `a` once unescaped.
 *
 * Speed: one pass over the characters counts names, depth and odd numbers; the platform's parser makes the
 * value; names that a value lost to duplicates show as a difference of the counts. Pointers are worked out
 * only for what is refused.
 */
import { fault, ok, type Result } from '../../errors.ts';

/** How many arrays and objects may stand inside one another. */
export const maxDepth = 32;

const quote = 0x22;
const backslash = 0x5c;

interface Survey {
  /** Names of members in the whole text, duplicates included. */
  readonly names: number;
  /** Offset of the bracket that goes too deep, or −1. */
  readonly tooDeepAt: number;
  /** Offset of the first number that a double does not hold, or −1. */
  readonly unsafeAt: number;
}

/** Parses `text`; the value has only own, enumerable data members (a member `__proto__` is such a member). */
export function parseStrictJson(text: string): Result<unknown> {
  const found = survey(text);
  if (found.tooDeepAt >= 0) {
    return fault(
      'too-deep',
      `Nest arrays and objects at most ${maxDepth} deep.`,
      pointerAt(text, found.tooDeepAt),
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault(
      'malformed-json',
      'Send one well-formed JSON value (RFC 8259) in UTF-8 without a byte order mark.',
    );
  }
  if (found.unsafeAt >= 0) {
    const token = numberAt(text, found.unsafeAt);
    const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
    return fault(
      'unsafe-number',
      `The number ${shown} is not exactly a double-precision value; send it as a decimal string or with fewer digits.`,
      pointerAt(text, found.unsafeAt),
    );
  }
  const escapes = text.includes('\\u');
  const checkStrings = escapes || !text.isWellFormed();
  const kept = countNames(value, checkStrings);
  if (kept < 0) {
    return fault(
      'invalid-string',
      'Strings and names must not contain NUL (\\u0000) or half of a surrogate pair; remove it.',
      pointerToInvalidString(value) ?? '',
    );
  }
  if (kept !== found.names) {
    const pointer = pointerToDuplicate(text);
    return fault('duplicate-name', 'A name stands twice in one object; send each name once.', pointer);
  }
  return ok(value);
}

/** One pass over the characters. On text that is not JSON the counts mean nothing, but it ends. */
function survey(text: string): Survey {
  const length = text.length;
  let names = 0;
  let depth = 0;
  let unsafeAt = -1;
  let at = 0;
  while (at < length) {
    const c = text.charCodeAt(at);
    if (c === quote) {
      at = endOfString(text, at);
      continue;
    }
    if (c === 0x3a) {
      names++;
    } else if (c === 0x7b || c === 0x5b) {
      depth++;
      if (depth > maxDepth) return { names, tooDeepAt: at, unsafeAt };
    } else if (c === 0x7d || c === 0x5d) {
      depth--;
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const start = at;
      // What starts with `-0` may be a negative zero.
      let plain = c !== 0x2d || text.charCodeAt(at + 1) !== 0x30;
      at++;
      for (; at < length; at++) {
        const d = text.charCodeAt(at);
        if ((d >= 0x30 && d <= 0x39) || d === 0x2e) continue;
        // + - E e
        if (d === 0x2b || d === 0x2d || d === 0x45 || d === 0x65) plain = false;
        else break;
      }
      // A double gives back every decimal of up to 15 digits (IEEE 754, DBL_DIG).
      if (unsafeAt < 0 && !(plain && at - start <= 15) && !isExactNumber(text.slice(start, at)))
        unsafeAt = start;
      continue;
    }
    at++;
  }
  return { names, tooDeepAt: -1, unsafeAt };
}

/** Offset after the closing quote of the string that opens at `at`; the text's length when it never closes. */
function endOfString(text: string, at: number): number {
  let end = at;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

/** Whether a double gives back the decimal value that the number's text names. */
export function isExactNumber(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  if (Object.is(value, -0)) return false;
  const printed = String(value);
  return printed === token || decimal(printed) === decimal(token);
}

/** Sign, digits without outer zeros, and power of ten: equal texts are equal decimal values. */
function decimal(token: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (parts === null) return token;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  let digits = whole + fraction;
  let first = 0;
  while (first < digits.length && digits.charCodeAt(first) === 0x30) first++;
  let last = digits.length;
  while (last > first && digits.charCodeAt(last - 1) === 0x30) last--;
  if (first === last) return '0';
  const exponent = Number(power) - fraction.length + (digits.length - last);
  digits = digits.slice(first, last);
  return `${sign}${digits}e${exponent}`;
}

const broken = (text: string): boolean => text.includes('\0') || !text.isWellFormed();

/** Own names in the whole value; −1 when a string is refused. */
function countNames(value: unknown, checkStrings: boolean): number {
  if (typeof value === 'string') return checkStrings && broken(value) ? -1 : 0;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'number') continue;
      const inner = countNames(item, checkStrings);
      if (inner < 0) return -1;
      count += inner;
    }
    return count;
  }
  // Values made by JSON.parse have no enumerable members but their own (an own `__proto__` included).
  for (const name of Object.keys(value)) {
    if (checkStrings && broken(name)) return -1;
    count++;
    const inner = countNames(Reflect.get(value, name), checkStrings);
    if (inner < 0) return -1;
    count += inner;
  }
  return count;
}

function pointerToInvalidString(value: unknown): string | null {
  if (typeof value === 'string') return broken(value) ? '' : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    if (broken(name)) return '';
    const inner = pointerToInvalidString(member);
    if (inner !== null) return `/${pointerToken(name)}${inner}`;
  }
  return null;
}

/** A reference token of a JSON Pointer (RFC 6901 §3). */
export const pointerToken = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

interface Level {
  readonly names: Set<string> | null;
  name: string;
  index: number;
}

const pointerOf = (path: readonly Level[]): string =>
  path.map((level) => `/${pointerToken(level.names === null ? String(level.index) : level.name)}`).join('');

/** Walks the tokens up to `stop`, keeping the path; returns the pointer there or at the first duplicate name. */
function walk(text: string, stop: number, onName: (level: Level, name: string) => boolean): string {
  const path: Level[] = [];
  let at = 0;
  while (at < stop) {
    const c = text.charCodeAt(at);
    const top = path.at(-1);
    if (c === quote) {
      const end = endOfString(text, at);
      let after = end;
      while (after < text.length && text.charCodeAt(after) <= 0x20) after++;
      if (top?.names && text.charCodeAt(after) === 0x3a) {
        top.name = unescapeName(text.slice(at, end));
        if (onName(top, top.name)) return pointerOf(path);
      }
      at = end;
      continue;
    }
    if (c === 0x7b) path.push({ names: new Set(), name: '', index: 0 });
    else if (c === 0x5b) path.push({ names: null, name: '', index: 0 });
    else if (c === 0x7d || c === 0x5d) path.pop();
    else if (c === 0x2c && top) top.index++;
    at++;
  }
  return pointerOf(path);
}

function unescapeName(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

const pointerAt = (text: string, offset: number): string => walk(text, offset, () => false);

const pointerToDuplicate = (text: string): string =>
  walk(text, text.length, (level, name) => {
    if (level.names?.has(name)) return true;
    level.names?.add(name);
    return false;
  });

function numberAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && '0123456789+-.eE'.includes(text.charAt(end))) end++;
  return text.slice(at, end);
}
