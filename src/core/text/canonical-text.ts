/**
 * Canonical JSON (RFC 8785) read as the text that it is: the members of an object with their values word for word,
 * without making values of them. For checking what was stored, where text is hashed as it stands.
 *
 *   readCanonical('{"by":"A","epcList":["00/1"],"kind":"event"}')
 *     →  by      "A"
 *        epcList ["00/1"]
 *        kind    "event"
 *
 * It knows the plain case alone and answers null for everything else, canonical or not: no white space; names in
 * ascending order; strings without a backslash, control characters or surrogates, so that they stand as they are
 * (RFC 8785 §3.2.2.2); numbers as ECMAScript writes them (§3.2.2.3); at most 32 levels. What it takes is canonical.
 */

export interface TextMember {
  readonly name: string;
  /** Canonical text of the value. */
  readonly text: string;
}

export interface CanonicalText {
  /** In order. */
  readonly members: readonly TextMember[];
  /** All of it is ASCII. */
  readonly ascii: boolean;
}

const depthMax = 32;
/** What stands for itself, wherever it stands. */
const plain = /^[\u0020-\u005b\u005d-\u007e]*$/;
/** What would have to be read more closely. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 §7 forbids these in strings, and canonical text has none.
const intricate = /[\u0000-\u001f\\\ud800-\udfff]/;

/** The members of a canonical object, or null. */
export function readCanonical(text: string): CanonicalText | null {
  const ascii = plain.test(text);
  if (text.charCodeAt(0) !== openBrace || !(ascii || !intricate.test(text))) return null;
  const members: TextMember[] = [];
  return objectEnd(text, 0, 1, members) === text.length ? { members, ascii } : null;
}

/** The items of a canonical list of strings, as `readCanonical` gave its text, or null. */
export function stringItems(text: string): string[] | null {
  if (text === '[]') return [];
  if (!text.startsWith('["') || !text.endsWith('"]')) return null;
  const items = text.slice(2, -2).split('","');
  return items.some((item) => item.includes('"')) ? null : items;
}

const [quote, comma, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Where the value that begins at `at` ends; -1 when it is not canonical. The same below for each kind of value. */
function valueEnd(text: string, at: number, depth: number): number {
  switch (text.charCodeAt(at)) {
    case quote:
      return stringEnd(text, at);
    case openBrace:
      return depth > depthMax ? -1 : objectEnd(text, at, depth, null);
    case openBracket:
      return depth > depthMax ? -1 : listEnd(text, at, depth);
    default:
      return plainEnd(text, at);
  }
}

/** 0 when there is no second quote: nothing ends there either. */
const stringEnd = (text: string, at: number): number => text.indexOf('"', at + 1) + 1;

function objectEnd(text: string, start: number, depth: number, members: TextMember[] | null): number {
  let at = start + 1;
  if (text.charCodeAt(at) === closeBrace) return at + 1;
  let before: string | null = null;
  for (;;) {
    if (text.charCodeAt(at) !== quote) return -1;
    const nameEnd = stringEnd(text, at);
    if (nameEnd === 0 || text.charCodeAt(nameEnd) !== 0x3a) return -1;
    const name = text.slice(at + 1, nameEnd - 1);
    if (before !== null && before >= name) return -1;
    before = name;
    const end = valueEnd(text, nameEnd + 1, depth + 1);
    if (end <= 0) return -1;
    members?.push({ name, text: text.slice(nameEnd + 1, end) });
    const next = text.charCodeAt(end);
    at = end + 1;
    if (next === closeBrace) return at;
    if (next !== comma) return -1;
  }
}

function listEnd(text: string, start: number, depth: number): number {
  let at = start + 1;
  if (text.charCodeAt(at) === closeBracket) return at + 1;
  for (;;) {
    const end = valueEnd(text, at, depth + 1);
    if (end <= 0) return -1;
    const next = text.charCodeAt(end);
    at = end + 1;
    if (next === closeBracket) return at;
    if (next !== comma) return -1;
  }
}

/** A number, `true`, `false` or `null`. */
function plainEnd(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const next = text.charCodeAt(end);
    if (next === comma || next === closeBrace || next === closeBracket) break;
  }
  const word = text.slice(at, end);
  if (word === 'true' || word === 'false' || word === 'null') return end;
  const number = Number(word);
  return Number.isFinite(number) && String(number) === word ? end : -1;
}
