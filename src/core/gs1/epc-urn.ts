/**
 * EPC URNs, the spelling of EPCIS 1.x and of RFID readers.
 *
 * Format: GS1 EPC Tag Data Standard 1.13, §6.3 (pure identity URIs) and §6.4 (classes):
 *   `urn:epc:id:sgtin:{prefix}.{indicator and item}.{serial}`   unit
 *   `urn:epc:class:lgtin:{prefix}.{indicator and item}.{lot}`   lot
 *   `urn:epc:idpat:sgtin:{prefix}.{indicator and item}.*`       product
 *   `urn:epc:id:sscc:{prefix}.{extension digit and serial}`     container
 *   `urn:epc:id:sgln:{prefix}.{location}.{extension, 0 = none}` place
 *   `urn:epc:id:pgln:{prefix}.{party}`                          party
 * The company prefix has 6 to 12 digits; the dot shows where it ends. Check digits are left out and are computed
 * here; the indicator (extension digit) stands before the item (serial) and moves to the front of the key.
 *
 * Example: `urn:epc:id:sgtin:69012345.06789.A7` → digits 0 · 69012345 · 6789, check digit 2 → the unit
 * `01/06901234567892/21/A7`.
 */
import { fault, ok, type Result } from '../../errors.ts';
import { type Gln, gs1CheckDigit, parseGln, parseGtin, parseSscc } from './gs1-keys.ts';
import { decodeComponent, parseExtension, parseLot, parseSerial } from './gs1-text.ts';
import { container, type Identifier, lot, party, place, product, unit } from './identifier-forms.ts';

const malformed = (what: string) =>
  fault(
    'invalid-identifier',
    `The EPC URN is not well formed: ${what}. Copy it whole, or give a Digital Link.`,
  );

/** Parses an EPC URN. Faults: `invalid-identifier`, `invalid-serial`. */
export function parseEpcUrn(text: string): Result<Identifier> {
  const [, , kind = '', scheme = '', ...rest] = text.split(':');
  const [prefix = '', reference = '', ...tail] = rest.join(':').split('.');
  if (!/^[0-9]{6,12}$/.test(prefix) || !/^[0-9]*$/.test(reference)) {
    return malformed('after its scheme come a company prefix of 6 to 12 digits, a dot and more digits');
  }
  const last = decodeComponent(tail.join('.'));
  if (!last.ok) return last;
  const value = last.value;
  switch (`${kind}:${scheme}`.toLowerCase()) {
    case 'id:sgtin': {
      const gtin = gtinOf(prefix, reference);
      if (!gtin.ok) return gtin;
      const serial = parseSerial(value);
      return serial.ok ? ok(unit(gtin.value, serial.value)) : serial;
    }
    case 'class:lgtin': {
      const gtin = gtinOf(prefix, reference);
      if (!gtin.ok) return gtin;
      const lotNumber = parseLot(value);
      return lotNumber.ok ? ok(lot(gtin.value, lotNumber.value)) : lotNumber;
    }
    case 'idpat:sgtin': {
      if (value !== '*') return malformed('a pattern of units ends in .*');
      const gtin = gtinOf(prefix, reference);
      return gtin.ok ? ok(product(gtin.value)) : gtin;
    }
    case 'id:sscc': {
      const digits = `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`;
      if (digits.length !== 17 || tail.length > 0) return malformed('an sscc has 17 digits and one dot');
      const sscc = parseSscc(`${digits}${gs1CheckDigit(digits)}`);
      return sscc.ok ? ok(container(sscc.value)) : sscc;
    }
    case 'id:sgln': {
      const gln = glnOf(prefix, reference);
      if (!gln.ok) return gln;
      if (value === '0') return ok(place(gln.value));
      const extension = parseExtension(value);
      return extension.ok ? ok(place(gln.value, extension.value)) : extension;
    }
    case 'id:pgln': {
      if (tail.length > 0) return malformed('a pgln has one dot');
      const gln = glnOf(prefix, reference);
      return gln.ok ? ok(party(gln.value)) : gln;
    }
    default:
      return malformed('its scheme is none of id:sgtin, class:lgtin, idpat:sgtin, id:sscc, id:sgln, id:pgln');
  }
}

function gtinOf(prefix: string, reference: string): ReturnType<typeof parseGtin> {
  const digits = `${reference.slice(0, 1)}${prefix}${reference.slice(1)}`;
  if (digits.length !== 13 || reference === '')
    return malformed('company prefix and item reference have 13 digits');
  return parseGtin(`${digits}${gs1CheckDigit(digits)}`);
}

function glnOf(prefix: string, reference: string): Result<Gln> {
  const digits = `${prefix}${reference}`;
  if (digits.length !== 12) return malformed('company prefix and location or party reference have 12 digits');
  return parseGln(`${digits}${gs1CheckDigit(digits)}`);
}
