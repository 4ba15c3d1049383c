/**
 * Canonical JSON (RFC 8785, JCS) and the two orders we sort by.
 *
 * JCS sorts member names by UTF-16 code units; our own lists and salts go by Unicode code points. They differ
 * only when a name holds a character above U+FFFF.
 *
 *   canonical({ b: 1, a: '源' })  →  {"a":"源","b":1}
 */
import serialize from 'canonicalize';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** The RFC 8785 text of a JSON value. Throws on what JSON cannot hold: that is our bug, input is checked before. */
export function canonical(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value);
  const text = serialize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/** Negative, zero or positive as `a` sorts before, with or after `b` by Unicode code points. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other code unit. */
const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
