/**
 * The door to identifiers: reads any spelling people have at hand and answers with the canonical one.
 *
 * | spelling                | example                                               | read by             |
 * |-------------------------|-------------------------------------------------------|---------------------|
 * | canonical path          | `01/06901234567892/21/A7`                             | `digital-link.ts`   |
 * | Digital Link, our codes | `HTTPS://ANY.HOST/01/06901234567892/21/A7?S=…`        | `digital-link.ts`   |
 * | our places              | `https://any.host/place/7ZK3QW9D5TB1M0AB`             | `digital-link.ts`   |
 * | element string          | `(01)06901234567892(21)A7`, `]d2010690123456789221A7` | `element-string.ts` |
 * | EPC URN                 | `urn:epc:id:sgtin:69012345.06789.A7`                  | `epc-urn.ts`        |
 *
 * Example: the five spellings of a unit above are one, `01/06901234567892/21/A7`.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { identifierOfLink, type Link, splitLink } from './digital-link.ts';
import { isElementString, parseElementString } from './element-string.ts';
import { parseEpcUrn } from './epc-urn.ts';
import type { Identifier } from './identifier-forms.ts';

export { elementString } from './element-string.ts';
export {
  type Gln,
  type Gtin,
  gs1CheckDigit,
  isLocalGtin,
  localGtin,
  localGtinCount,
  parseGln,
  parseGtin,
  parseSscc,
  type Sscc,
} from './gs1-keys.ts';
export { type Extension, type Lot, parseExtension, parseLot, parseSerial, type Serial } from './gs1-text.ts';
export {
  type ContainerIdentifier,
  formatContainer,
  formatLot,
  formatPlace,
  formatProduct,
  formatUnit,
  type Identifier,
  type LotIdentifier,
  type PartyIdentifier,
  type PlaceIdentifier,
  type ProductIdentifier,
  type UnitIdentifier,
} from './identifier-forms.ts';

/** Longer texts are refused unread. */
const textLengthMax = 2048;

/** An identifier and, when it was spelled as a link or path, the link's parts. */
export interface ReadIdentifier {
  readonly identifier: Identifier;
  readonly link: Link | null;
}

/** `parseIdentifier` for those who also need host and query. Same faults. */
export function readIdentifier(text: string): Result<ReadIdentifier> {
  if (text.length > textLengthMax) {
    return fault('invalid-identifier', `An identifier has at most ${textLengthMax} characters.`);
  }
  const trimmed = text.trim();
  if (isElementString(trimmed)) return linkless(parseElementString(trimmed));
  if (/^urn:epc:/i.test(trimmed)) return linkless(parseEpcUrn(trimmed));
  const link = splitLink(trimmed);
  if (!link.ok) return link;
  const identifier = identifierOfLink(link.value);
  return identifier.ok ? ok({ identifier: identifier.value, link: link.value }) : identifier;
}

const linkless = (identifier: Result<Identifier>): Result<ReadIdentifier> =>
  identifier.ok ? ok({ identifier: identifier.value, link: null }) : identifier;

/**
 * What a text names, in any of the spellings above; hosts are not compared.
 * Faults: `invalid-identifier`, `invalid-check-digit`, `invalid-serial`. Time is linear in the text's length.
 */
export function parseIdentifier(text: string): Result<Identifier> {
  const read = readIdentifier(text);
  return read.ok ? ok(read.value.identifier) : read;
}
