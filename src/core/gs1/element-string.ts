/**
 * Element strings as people read and type them, application identifiers in parentheses, and as scanners send them.
 *
 * Formats: human readable interpretation, GS1 General Specifications §4.14: `(AI)value(AI)value…`, in any order, and
 * the concatenation of elements in a symbol, §7.8: each ends at its fixed length or at a separator (0x1D), and
 * before the first may stand the symbology identifier (ISO/IEC 15424), `]d2` of a GS1 DataMatrix.
 *
 * Of what is in parentheses spaces around a value are dropped; identifiers other than 00, 01, 10, 21, 254, 414, 417 say
 * nothing of identity and are ignored. It has no escape: a serial that itself holds two to four digits in parentheses
 * cannot be written so, and is read as another element.
 *
 * Examples: `(01)06901234567892(17)270101(21)A7` and `]d201069012345678921727010121A7` name the unit
 * `01/06901234567892/21/A7`.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { identifierOfValues } from './digital-link.ts';
import type { Identifier } from './identifier-forms.ts';

/** Ends an element whose length is not fixed. */
const separator = '\u001d';
/** What a scanner may put before the elements. */
const symbology = /^\][A-Za-z][0-9]/;

/** Whether a text is an element string and no path: paths have a slash behind their first identifier. */
export const isElementString = (text: string): boolean =>
  text.startsWith('(') || isScanned(text) || /^[0-9]{16}/.test(text);
const isScanned = (text: string): boolean => symbology.test(text) || text.startsWith(separator);

/** Values by their application identifiers. Fault: `invalid-identifier`. */
export const cutElements = (text: string): Result<ReadonlyMap<string, string>> =>
  text.startsWith('(') || !isElementString(text) ? cutMarked(text) : cutScanned(text.replace(symbology, ''));

const saidTwice = (ai: string) =>
  fault('invalid-identifier', `The element string says (${ai}) twice; keep the right one.`);

function cutMarked(text: string): Result<ReadonlyMap<string, string>> {
  const elements = new Map<string, string>();
  const marks = [...text.matchAll(/\(([0-9]{2,4})\)/g)];
  if (marks[0]?.index !== 0) {
    return fault(
      'invalid-identifier',
      'An element string begins with its identifier in parentheses, such as (01).',
    );
  }
  for (const [i, mark] of marks.entries()) {
    const ai = mark[1] ?? '';
    if (elements.has(ai)) return saidTwice(ai);
    elements.set(ai, text.slice(mark.index + mark[0].length, marks[i + 1]?.index).trim());
  }
  return ok(elements);
}

/** Digits of application identifiers by their first two (GS1 General Specifications §3.2); of others there are none. */
const aiDigits: readonly (readonly [RegExp, number])[] = [
  [/^(?:0[0-4]|1[0-9]|2[0-2]|30|37|9[0-9])/, 2],
  [/^(?:2[3-5]|4[0-2]|71)/, 3],
  [/^(?:3[1-6]|39|43|70|72|8[0-2])/, 4],
];

/** Characters of values of predefined length, by the first two digits of their identifiers (§7.8.5). */
const valueLengths: readonly (readonly [RegExp, number])[] = [
  [/^00/, 18],
  [/^0[1-3]/, 14],
  [/^04/, 16],
  [/^1[1-9]/, 6],
  [/^20/, 2],
  [/^3[1-6]/, 6],
  [/^41/, 13],
];

function cutScanned(text: string): Result<ReadonlyMap<string, string>> {
  const elements = new Map<string, string>();
  for (let rest = text; rest !== ''; ) {
    if (rest.startsWith(separator)) {
      rest = rest.slice(1);
      continue;
    }
    const of = (table: typeof aiDigits): number | undefined => table.find(([start]) => start.test(rest))?.[1];
    const digits = of(aiDigits);
    const ai = rest.slice(0, digits);
    if (digits === undefined || ai.length < digits || !/^[0-9]+$/.test(ai))
      return fault(
        'invalid-identifier',
        'No application identifier of GS1 begins with these digits; write the element string with parentheses, (01)….',
      );
    if (elements.has(ai)) return saidTwice(ai);
    const end = rest.indexOf(separator);
    const length = of(valueLengths) ?? (end < 0 ? rest.length : end) - digits;
    elements.set(ai, rest.slice(digits, digits + length));
    rest = rest.slice(digits + length);
  }
  return ok(elements);
}

/** Parses an element string. Faults: `invalid-identifier`, `invalid-check-digit`, `invalid-serial`. */
export function parseElementString(text: string): Result<Identifier> {
  const cut = cutElements(text);
  if (!cut.ok) return cut;
  const elements = cut.value;
  const keys = ['01', '00', '414', '417'].filter((key) => elements.has(key));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    return fault(
      'invalid-identifier',
      'Give exactly one of (01), (00), (414) and (417) in an element string.',
    );
  }
  return identifierOfValues(key, elements.get(key) ?? '', elements);
}

/**
 * The element string of an identifier, as printed beside a QR. A place without GLN has none and is given as its
 * canonical path.
 */
export function elementString(identifier: Identifier): string {
  switch (identifier.type) {
    case 'unit':
      return `(01)${identifier.gtin}(21)${identifier.serial}`;
    case 'lot':
      return `(01)${identifier.gtin}(10)${identifier.lot}`;
    case 'product':
      return `(01)${identifier.gtin}`;
    case 'container':
      return `(00)${identifier.sscc}`;
    case 'place':
      if (identifier.gln === undefined) return identifier.epc;
      if (identifier.extension === undefined) return `(414)${identifier.gln}`;
      return `(414)${identifier.gln}(254)${identifier.extension}`;
    case 'party':
      return `(417)${identifier.gln}`;
  }
}
