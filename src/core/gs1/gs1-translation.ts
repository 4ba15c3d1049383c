/**
 * Translation between the spellings of GS1 keys, by the table of `gs1-forms.ts`: EPC URN ⇄ canonical path ⇄ Digital
 * Link ⇄ element string. What is no GS1 key passes untouched.
 *
 *   canonicalUri('urn:epc:id:sgtin:4012345.011111.9876', host)       →  01/04012345111118/21/9876
 *   canonicalUri('https://x.example/gtin/04012345111118/ser/9876', …) →  01/04012345111118/21/9876
 *   canonicalUri('urn:epc:id:gid:95100000.12345.400', host)          →  as it is: a general identifier is not GS1's
 *   formatUrn('01/04012345111118/21/9876', 7)                        →  urn:epc:id:sgtin:4012345.011111.9876
 *
 * A canonical path keeps the most exact qualifier alone (CBV 2.0 §8.9: a serial, else a lot), its values
 * percent-encoded as gs1-text.ts says. To URN and back nothing is lost but needless escapes.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { splitLink } from './digital-link.ts';
import { cutElements } from './element-string.ts';
import { characterSets, type Form, formOf, forms, qualifiers, shortNames, type Tail } from './gs1-forms.ts';
import { gs1CheckDigit } from './gs1-keys.ts';
import { decodeComponent, encodeComponent } from './gs1-text.ts';

const byKey: ReadonlyMap<string, readonly Form[]> = new Map(
  forms.map(({ key }) => [key, forms.filter((other) => other.key === key)]),
);

const urn = /^urn:epc:(id|idpat|class):([a-z]+):(.*)$/is;
const web = /^https?:\/\//i;
const ours = /^\/((?:party|place)\/.*)$/;

/**
 * A URI as it stands in a fact: GS1 keys as canonical paths, our own parties and places without our host, all else as
 * it is. Faults (of what is a GS1 key by its form): `invalid-identifier`, `invalid-check-digit`.
 */
export function canonicalUri(text: string, host: string): Result<string> {
  const named = urn.exec(text);
  if (named !== null) {
    const form = formOf(`${named[1]}:${named[2]}`);
    return form === null ? ok(text) : pathOfUrn(form, named[3] ?? '');
  }
  return web.test(text) ? pathOfUri(text, host) : ok(text);
}

/** Digits of the company prefix of an EPC URN: all that its canonical path lacks. Null when it is none of GS1's. */
export function companyPrefix(text: string): string | null {
  const named = urn.exec(text);
  if (named === null || formOf(`${named[1]}:${named[2]}`) === null) return null;
  return /^[0-9]{6,12}(?=\.)/.exec(named[3] ?? '')?.[0] ?? null;
}

/** Digits of company prefixes (EPC Tag Data Standard §6.3). */
const prefixDigitsMin = 6;
const prefixDigitsMax = 12;

const malformed = (scheme: string) =>
  fault(
    'invalid-identifier',
    `This is no well-formed ${scheme}: look at its dots, the length of its numbers and its characters.`,
  );

function pathOfUrn(form: Form, rest: string): Result<string> {
  const wrong = malformed(`urn:epc:${form.urn}`);
  const [prefix = '', ...fields] = rest.split('.');
  if (!/^[0-9]{6,12}$/.test(prefix)) return wrong;
  const read = form.digits === null ? textFields(form, prefix, fields) : digitFields(form, prefix, fields);
  if (read === null) return wrong;
  const end = decodeComponent(read.end.join('.'));
  if (!end.ok) return wrong;
  if (form.pattern ? end.value !== '*' : (form.tail === null) !== (read.end.length === 0)) return wrong;
  return build(form, read.value, form.pattern || form.tail === null ? null : end.value) ?? wrong;
}

interface Fields {
  /** The key but what its tail may add. */
  readonly value: string;
  readonly end: readonly string[];
}

function digitFields(
  form: Form,
  prefix: string,
  [reference = '', ...rest]: readonly string[],
): Fields | null {
  const body = form.front ? reference.slice(0, 1) + prefix + reference.slice(1) : prefix + reference;
  if (body.length !== form.digits || !/^[0-9]+$/.test(body) || (form.front && reference === '')) return null;
  const digits = form.lead + body;
  const [piece = '', total = ''] = rest;
  if (form.pieces && !(/^[0-9]{2}$/.test(piece) && /^[0-9]{2}$/.test(total))) return null;
  const value = digits + gs1CheckDigit(digits) + (form.pieces ? piece + total : '');
  return { value, end: form.pieces ? rest.slice(2) : rest };
}

function textFields({ tail, pattern }: Form, prefix: string, fields: readonly string[]): Fields | null {
  const ends = tail !== null || pattern;
  const reference = decodeComponent((ends ? fields.slice(0, -1) : fields).join('.'));
  if (!reference.ok || reference.value === '') return null;
  return { value: prefix + reference.value, end: ends ? fields.slice(-1) : [] };
}

/** The canonical path of a key with its tail, or null when their characters or lengths do not fit. */
function build({ key, text, tail }: Form, value: string, end: string | null): Result<string> | null {
  if (text !== null && !(value.length <= text.max && characterSets[text.set].test(value))) return null;
  if (end === null || tail === null || end === tail.none) return ok(`${key}/${encodeComponent(value)}`);
  if (!fits(tail, end)) return null;
  return ok(
    tail.ai === null
      ? `${key}/${encodeComponent(value + end)}`
      : `${key}/${encodeComponent(value)}/${tail.ai}/${encodeComponent(end)}`,
  );
}

const fits = ({ set, max }: Tail, value: string): boolean =>
  value.length <= max && characterSets[set].test(value);

/** Most addresses hold nothing that could be a key: they need not be cut. */
const keyed = new RegExp(
  `/(?:${[...byKey.keys(), ...Object.keys(shortNames), 'party', 'place'].join('|')})/`,
);

function pathOfUri(text: string, host: string): Result<string> {
  const link = keyed.test(text) ? splitLink(text) : null;
  if (link === null || !link.ok) return ok(text);
  const { segments } = link.value;
  const own = link.value.host === host.toLowerCase() ? ours.exec(`/${segments.join('/')}`)?.[1] : undefined;
  if (own !== undefined) return ok(own);
  const found = new Map<string, string>();
  for (let i = segments.length - 2; i >= 0; i -= 2) {
    const name = segments[i] ?? '';
    const ai = shortNames[name] ?? name;
    const value = decodeComponent(segments[i + 1] ?? '');
    if (!value.ok || !/^[0-9]{2,4}$/.test(ai)) return ok(text);
    if (byKey.has(ai)) {
      const path = pathOfValues(ai, value.value, found);
      // Elsewhere than at GS1's own host an address may look like a key and be none.
      return path.ok || path.code === 'invalid-check-digit' || link.value.host === 'id.gs1.org'
        ? path
        : ok(text);
    }
    found.set(ai, value.value);
  }
  return ok(text);
}

/**
 * The canonical path of a key (application identifier and value) with whatever else was said of it; values are plain
 * text. Faults: `invalid-identifier`, `invalid-check-digit`.
 */
export function pathOfValues(
  key: string,
  value: string,
  others: ReadonlyMap<string, string>,
): Result<string> {
  const wrong = malformed(`(${key})`);
  const candidates = byKey.get(key) ?? [];
  const [any] = candidates;
  if (any === undefined) return wrong;
  const ai = qualifiers[key]?.find((it) => others.has(it)) ?? null;
  const plain = any.digits === null ? value : checked(any, key === '01' ? padded(value) : value);
  if (plain === null) return wrong;
  if (typeof plain !== 'string') return plain;
  const end = ai === null ? null : (others.get(ai) ?? null);
  if (key === '8006' && ai === '10') return build({ ...any, tail: lotTail }, plain, end) ?? wrong;
  const form = candidates.find(({ tail }) => (ai === null ? tail?.ai !== null : tail?.ai === ai)) ?? any;
  const inner = any.tail?.ai === null ? any.tail : null;
  const size = keyLength(any);
  if (size !== null && plain.length > size && (inner === null || !fits(inner, plain.slice(size))))
    return wrong;
  return build(form, plain, end) ?? wrong;
}

const lotTail: Tail = { ai: '10', set: 'text', max: 20 };

/** A GTIN-8, -12 or -13 as 14 digits. */
const padded = (gtin: string): string =>
  /^(?:[0-9]{8}|[0-9]{12,13})$/.test(gtin) ? gtin.padStart(14, '0') : gtin;

/** Characters of a key of digits, without what a tail may add; null for one that is text. */
const keyLength = ({ digits, lead, pieces }: Form): number | null =>
  digits === null ? null : lead.length + digits + 1 + (pieces ? 4 : 0);

/** A key of digits, if its length and its check digit are right; null when its form is wrong. */
function checked(form: Form, value: string): string | null | ReturnType<typeof fault> {
  const size = keyLength(form) ?? 0;
  const digits = value.slice(0, size);
  const body = digits.slice(0, size - (form.pieces ? 4 : 0));
  if (!/^[0-9]+$/.test(digits) || digits.length !== size || !value.startsWith(form.lead)) return null;
  const expected = gs1CheckDigit(body.slice(0, -1));
  return body.at(-1) === expected
    ? value
    : fault(
        'invalid-check-digit',
        `The check digit of (${form.key}) ${body} does not fit (it would be ${expected}): look for a mistyped digit.`,
      );
}

/**
 * The canonical path of an element string of any GS1 key, `(8003)04012345000221334455`. Inverse of `formatElements`.
 * Faults: `invalid-identifier`, `invalid-check-digit`.
 */
export function pathOfElements(text: string): Result<string> {
  const cut = cutElements(text.trim());
  if (!cut.ok) return cut;
  const [key, ...more] = [...cut.value.keys()].filter((ai) => byKey.has(ai));
  if (key === undefined || more.length > 0)
    return fault(
      'invalid-identifier',
      'Give exactly one GS1 key in an element string, such as (01) or (8003).',
    );
  return pathOfValues(key, cut.value.get(key) ?? '', cut.value);
}

interface Read {
  readonly form: Form;
  /** Plain text of the key but its tail, and the tail. */
  readonly value: string;
  readonly end: string | null;
}

/** A canonical path cut by its form; null when it is no GS1 key with a URN of its own. */
function readPath(path: string): Read | null {
  const [key = '', first = '', ai, second, ...more] = path.split('/');
  const candidates = byKey.get(key) ?? [];
  const value = decodeComponent(first);
  const end = decodeComponent(second ?? '');
  if (!value.ok || !end.ok || more.length > 0) return null;
  if (ai !== undefined) {
    const form = candidates.find(({ tail }) => tail?.ai === ai);
    return form === undefined ? null : { form, value: value.value, end: end.value };
  }
  const [any] = candidates;
  const size = any === undefined ? null : keyLength(any);
  if (any !== undefined && size !== null && any.tail?.ai === null && value.value.length > size)
    return { form: any, value: value.value.slice(0, size), end: value.value.slice(size) };
  const form = candidates.find(({ tail, pattern }) => pattern || tail === null || tail.none !== undefined);
  return form === undefined ? null : { form, value: value.value, end: null };
}

/**
 * The EPC URN of a canonical path whose company prefix has so many digits; null when there is none: no GS1 key, or one
 * that URNs cannot name (a lot of pieces), or no such prefix in it. Inverse of `canonicalUri`.
 */
export function formatUrn(path: string, prefixDigits: number): string | null {
  const read = readPath(path);
  if (read === null || prefixDigits < prefixDigitsMin || prefixDigits > prefixDigitsMax) return null;
  const { form, value, end } = read;
  const start = `urn:epc:${form.urn}:`;
  const last = form.pattern ? '.*' : endOf(form, end);
  if (form.digits === null) {
    const prefix = value.slice(0, prefixDigits);
    const reference = value.slice(prefixDigits);
    return /^[0-9]+$/.test(prefix) && reference !== ''
      ? `${start}${prefix}.${escaped(reference)}${last}`
      : null;
  }
  const body = value.slice(form.lead.length, form.lead.length + form.digits);
  const front = form.front ? body.slice(0, 1) : '';
  const prefix = body.slice(front.length, front.length + prefixDigits);
  const reference = front + body.slice(front.length + prefixDigits);
  const pieces = form.pieces ? `.${value.slice(-4, -2)}.${value.slice(-2)}` : '';
  return `${start}${prefix}.${reference}${pieces}${last}`;
}

function endOf({ tail }: Form, end: string | null): string {
  if (tail === null) return '';
  return `.${end === null ? (tail.none ?? '') : escaped(end)}`;
}

/** What may not stand in a URN as it is (EPC Tag Data Standard, Table A-1). */
const escaped = (text: string): string =>
  text.replace(/["#%&/<>?]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Company prefixes, by their numbers of digits, the longest first. */
export type CompanyPrefixes = readonly (readonly [digits: number, prefixes: ReadonlySet<string>])[];

export function companyPrefixes(prefixes: Iterable<string>): CompanyPrefixes {
  const all = [...prefixes];
  const lengths = [...new Set(all.map(({ length }) => length))].sort((a, b) => b - a);
  return lengths.map((digits) => [digits, new Set(all.filter(({ length }) => length === digits))]);
}

/** A path as the URN it was, by the longest of these prefixes that is part of the key. Null: none is. */
export function urnByPrefix(path: string, prefixes: CompanyPrefixes): string | null {
  for (const [digits, known] of prefixes) {
    const text = formatUrn(path, digits);
    if (text !== null && known.has(companyPrefix(text) ?? '')) return text;
  }
  return null;
}

/**
 * The digits of a key that begin with its company prefix, six to twelve of them; null when it is no key of GS1.
 * `01/06901234567892/21/A7`  →  `690123456789`
 */
export function prefixedDigits(path: string): string | null {
  const read = readPath(path);
  if (read === null) return null;
  const { form, value } = read;
  const start = form.digits === null ? 0 : form.lead.length + (form.front ? 1 : 0);
  const digits = /^[0-9]+/.exec(value.slice(start, start + prefixDigitsMax))?.[0] ?? '';
  return digits.length < prefixDigitsMin ? null : digits;
}

/** What may be the company prefix of those digits. */
export const possiblePrefixes = (digits: string): string[] =>
  Array.from({ length: digits.length - prefixDigitsMin + 1 }, (_, i) => digits.slice(0, prefixDigitsMin + i));

/** The element string of a canonical path of a GS1 key: `(8003)04012345000221334455`; null when it is none. */
export function formatElements(path: string): string | null {
  const parts = path.split('/');
  if (parts.length % 2 !== 0 || !byKey.has(parts[0] ?? '')) return null;
  const plain = parts.map((part, i) => (i % 2 === 0 ? ok(part) : decodeComponent(part)));
  const texts = plain.map((it) => (it.ok ? it.value : ''));
  return texts.reduce((said, text, i) => said + (i % 2 === 0 ? `(${text})` : text), '');
}

/** Whether a text is the canonical path of a GS1 key: by its first segment alone. */
export const isKeyPath = (text: string): boolean => byKey.has(text.slice(0, text.indexOf('/')));
