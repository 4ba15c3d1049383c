/**
 * Unified social credit code (统一社会信用代码) of an organisation in China.
 *
 * Format: GB 32100-2015 §4 and §5. 18 symbols of 0–9 and A–Z without I, O, S, V, Z (so 31 symbols with values 0 to
 * 30 in that order): registering authority (1), category (1), region of registration (6 digits, GB/T 2260),
 * organisation (9), check character (1). With weights Wᵢ = 3^(i−1) mod 31 the check character is the symbol of
 * (31 − Σ CᵢWᵢ mod 31) mod 31. The check within the organisation part (GB 11714) is not tested: the outer one
 * covers the same symbols.
 *
 * Example, by hand: 91350100M000100Y4
 *   values   9  1  3  5  0  1  0  0 21  0  0  0  1  0  0 30  4
 *   weights  1  3  9 27 19 26 16 17 20 29 25 13  8 24 10 30 28
 *   products 9  3 27 135 0 26  0  0 420 0  0  0  8  0  0 900 112 → sum 1640 = 52·31 + 28 → 31 − 28 = 3
 * so the whole code is 91350100M000100Y43.
 */
import { fault, ok, type Result } from '../errors.ts';

/** 18 symbols in upper case with a valid check character. */
export type CreditCode = string & { readonly __brand: 'CreditCode' };

const symbols = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const shape = /^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$/;

/**
 * The check character that completes the first 17 symbols (GB 32100-2015 §5).
 * Throws when `body` is not 17 symbols of the alphabet: callers check hostile input first.
 */
export function creditCodeCheck(body: string): string {
  if (body.length !== 17) throw new RangeError('creditCodeCheck takes the first 17 symbols');
  let sum = 0;
  let weight = 1;
  for (const symbol of body) {
    const value = symbols.indexOf(symbol);
    if (value < 0) throw new TypeError(`${symbol} is no symbol of a credit code`);
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return symbols.charAt((31 - (sum % 31)) % 31);
}

/** A credit code as people type it, with spaces around it or in lower case. Fault: `invalid-credit-code`. */
export function parseCreditCode(text: string): Result<CreditCode> {
  const code = text.trim().toUpperCase();
  if (!shape.test(code)) {
    return fault(
      'invalid-credit-code',
      'A unified social credit code has 18 digits and capital letters without I, O, S, V, Z, the third to eighth being digits.',
    );
  }
  if (creditCodeCheck(code.slice(0, 17)) !== code.charAt(17)) {
    return fault(
      'invalid-credit-code',
      `The check character of credit code ${code} does not fit: look for a mistyped symbol.`,
    );
  }
  return ok(code as CreditCode);
}
