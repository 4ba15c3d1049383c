/**
 * Patterns of EPCs, as the paths that they match.
 *
 * Standard: EPC Tag Data Standard 1.13 §8 (pure identity patterns): an EPC URN with `*` in place of its last fields, at
 * least one. Which fields a scheme has `gs1-forms.ts` says.
 *
 *   urn:epc:idpat:sgtin:6901234.056789.*   all of one kind, its lots too
 *   urn:epc:idpat:sgtin:6901234.*.*        all kinds of one company
 *   urn:epc:idpat:giai:6901234.*           all assets of one company
 *   urn:epc:idpat:sscc:*.*                 all containers
 */
import { fault, ok, type Result } from '../../errors.ts';
import { type Form, formOf } from './gs1-forms.ts';
import { gs1CheckDigit } from './gs1-keys.ts';
import { decodeComponent, encodeComponent } from './gs1-text.ts';

/** Whether a canonical path is one that a pattern names. */
export type PathTest = (path: string) => boolean;

const patternUrn = /^urn:epc:idpat:([a-z]+):(.*)$/is;

const wrong = fault(
  'invalid-identifier',
  'A pattern is an EPC URN of a GS1 key with * for its last fields, such as urn:epc:idpat:sgtin:6901234.*.*',
);

/** The test of a pattern. Fault, also of whatever is no pattern: `invalid-identifier`. */
export function parseEpcPattern(text: string): Result<PathTest> {
  const [, scheme = '', rest = ''] = patternUrn.exec(text) ?? [];
  const form = formOf(`id:${scheme}`) ?? formOf(`class:${scheme}`);
  if (form === null) return wrong;
  const fields = rest.split('.');
  const open = fields.indexOf('*');
  const count = 2 + (form.pieces ? 2 : 0) + (form.tail === null ? 0 : 1);
  if (open < 0 || fields.length !== count || fields.slice(open).some((it) => it !== '*')) return wrong;
  const literal = fields.slice(0, open);
  const source = form.digits === null ? textSource(literal) : digitSource(form, form.digits, literal);
  if (source === null) return wrong;
  const path = new RegExp(`^${form.key}/${form.lead}${source}${endSource(form)}$`);
  return ok((it) => path.test(it));
}

/** Digits of the key, its check digit and pieces. */
function digitSource(
  { front, pieces, lead }: Form,
  digits: number,
  literal: readonly string[],
): string | null {
  const [prefix, reference, piece = '\\d\\d', total = '\\d\\d'] = literal;
  const counted = pieces ? piece + total : '';
  if (prefix === undefined) return `\\d{${digits + 1}}${counted}`;
  if (!/^\d{6,12}$/.test(prefix) || prefix.length >= digits) return null;
  if (reference === undefined) {
    const first = front ? 1 : 0;
    return `\\d{${first}}${prefix}\\d{${digits + 1 - first - prefix.length}}${counted}`;
  }
  const body = front ? reference.slice(0, 1) + prefix + reference.slice(1) : prefix + reference;
  if (!/^\d+$/.test(body) || body.length !== digits || (front && reference === '')) return null;
  if (literal.slice(2).some((it) => !/^\d\d$/.test(it))) return null;
  return body + gs1CheckDigit(lead + body) + counted;
}

function textSource([prefix, reference]: readonly string[]): string | null {
  if (prefix === undefined) return '[^/]+';
  if (!/^\d{6,12}$/.test(prefix)) return null;
  if (reference === undefined) return `${prefix}[^/]+`;
  const read = decodeComponent(reference);
  // Percent-encoded, it holds no character of meaning to a regular expression but the hyphen and the dot.
  return read.ok && read.value !== '' ? prefix + encodeComponent(read.value).replaceAll('.', '\\.') : null;
}

/** A kind stands for all of it, its lots too; of lots alone there must be one. */
function endSource({ urn, tail }: Form): string {
  if (tail === null) return '';
  if (tail.ai === null) return '[^/]*';
  return urn.startsWith('class:') ? `/${tail.ai}/.+` : '(?:/.*)?';
}
