/**
 * GS1 keys made of digits: GTIN (trade item), GLN (place or party), SSCC (logistic unit).
 *
 * Format: GS1 General Specifications §3 (application identifiers 00, 01, 414, 417) and §7.9 (check digit). A key
 * is digits only; the last one is the check digit: from the right, digits before it weigh 3, 1, 3, 1 …, and the
 * check digit lifts the weighted sum to a multiple of ten. A GTIN is kept as 14 digits, shorter ones are padded
 * with zeros on the left (which changes no weight).
 *
 * Example: 0690123456789 → 0·3+6·1+9·3+0·1+1·3+2·1+3·3+4·1+5·3+6·1+7·3+8·1+9·3 = 128 → check digit 2, so the
 * EAN-13 6901234567892 is the GTIN 06901234567892.
 */
import { fault, ok, type Result } from '../../errors.ts';

/** Trade item number: 14 digits with a valid check digit. */
export type Gtin = string & { readonly __brand: 'Gtin' };
/** Location or party number: 13 digits with a valid check digit. */
export type Gln = string & { readonly __brand: 'Gln' };
/** Serial shipping container code: 18 digits with a valid check digit. */
export type Sscc = string & { readonly __brand: 'Sscc' };

const digitsOnly = /^[0-9]+$/;

/**
 * The check digit that completes `digits` (a GS1 key without its last digit), GS1 General Specifications §7.9.
 * Throws when `digits` holds anything but digits: callers check hostile input first.
 */
export function gs1CheckDigit(digits: string): string {
  if (!digitsOnly.test(digits)) throw new TypeError('gs1CheckDigit takes digits only');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const weight = (digits.length - i) % 2 === 1 ? 3 : 1;
    sum += (digits.charCodeAt(i) - 0x30) * weight;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The key's digits when their number and check digit are right. */
function parseKey(digits: string, name: string, lengths: readonly number[]): Result<string> {
  if (!lengths.includes(digits.length) || !digitsOnly.test(digits)) {
    const expected = lengths.join(', ').replace(/, (?=\d+$)/, ' or ');
    return fault(
      'invalid-identifier',
      `A valid ${name} has ${expected} digits and nothing else; give all of them.`,
    );
  }
  const expected = gs1CheckDigit(digits.slice(0, -1));
  if (digits.at(-1) !== expected) {
    return fault(
      'invalid-check-digit',
      `The check digit of ${name} ${digits} does not fit (it would be ${expected}): look for a mistyped digit.`,
    );
  }
  return ok(digits);
}

/** A GTIN-8, -12, -13 or -14 as 14 digits. Faults: `invalid-identifier`, `invalid-check-digit`. */
export function parseGtin(text: string): Result<Gtin> {
  const key = parseKey(text, 'GTIN', [8, 12, 13, 14]);
  return key.ok ? ok(key.value.padStart(14, '0') as Gtin) : key;
}

/** A GLN of 13 digits. Faults: `invalid-identifier`, `invalid-check-digit`. */
export function parseGln(text: string): Result<Gln> {
  const key = parseKey(text, 'GLN', [13]);
  return key.ok ? ok(key.value as Gln) : key;
}

/** An SSCC of 18 digits. Faults: `invalid-identifier`, `invalid-check-digit`. */
export function parseSscc(text: string): Result<Sscc> {
  const key = parseKey(text, 'SSCC', [18]);
  return key.ok ? ok(key.value as Sscc) : key;
}

/**
 * Whether a GTIN is a restricted circulation number, meaningful only within one system: GS1 prefixes 02, 04 and
 * 20 to 29 of its GTIN-13 part (GS1 General Specifications §1.4.2). Nobody owns such a number worldwide.
 */
export function isLocalGtin(gtin: Gtin): boolean {
  const prefix = gtin.slice(1, 3);
  return prefix === '02' || prefix === '04' || prefix.startsWith('2');
}

/** How many numbers `localGtin` can give: ten digits stand between the prefix and the check digit. */
export const localGtinCount = 10_000_000_000;

/**
 * The `n`-th local GTIN-14: `029`, ten digits of the counter, check digit. Prefix 29 is kept apart from 20 to 24,
 * which shops in China print on goods they weigh themselves. Throws when `n` is no counter below `localGtinCount`.
 */
export function localGtin(n: number): Gtin {
  if (!Number.isSafeInteger(n) || n < 0 || n >= localGtinCount) {
    throw new RangeError(`a local GTIN is counted from 0 to ${localGtinCount - 1}`);
  }
  const body = `029${String(n).padStart(10, '0')}`;
  return `${body}${gs1CheckDigit(body)}` as Gtin;
}
