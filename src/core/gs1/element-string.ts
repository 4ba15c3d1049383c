/**
 * Element strings as people read and type them, application identifiers in parentheses.
 *
 * Format: human readable interpretation, GS1 General Specifications §4.14: `(AI)value(AI)value…`, in any order.
 * Spaces around a value are dropped; identifiers other than 00, 01, 10, 21, 254, 414, 417 say nothing of identity
 * and are ignored. The form has no escape: a serial that itself holds two to four digits in parentheses cannot be
 * written so, and is read as another element.
 *
 * Example: `(01)06901234567892(17)270101(21)A7` names the unit `01/06901234567892/21/A7`.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { identifierOfValues } from './digital-link.ts';
import type { Identifier } from './identifier-forms.ts';

/** Values by their application identifiers. Fault: `invalid-identifier`. */
export function cutElements(text: string): Result<ReadonlyMap<string, string>> {
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
    if (elements.has(ai))
      return fault('invalid-identifier', `The element string says (${ai}) twice; keep the right one.`);
    elements.set(ai, text.slice(mark.index + mark[0].length, marks[i + 1]?.index).trim());
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
