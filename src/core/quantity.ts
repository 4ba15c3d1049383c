/**
 * Quantities of goods: decimal strings outside, millionths of the unit of measure as bigint inside, so that sums
 * are exact. Units of measure are UN/ECE Recommendation 20 common codes, as EPCIS 2.0 §7.3.3.3 asks.
 *
 *   parseQuantity('12.5', 'MTR')  →  12_500_000n
 *   formatQuantity(12_500_000n)   →  '12.5'
 *   parseQuantity('1.5', 'H87')   →  refused: pieces are whole
 */
import { fault, ok, type Result } from '../errors.ts';

export const uoms = {
  H87: { zh: '件', en: 'piece' },
  MMT: { zh: '毫米', en: 'millimetre' },
  CMT: { zh: '厘米', en: 'centimetre' },
  MTR: { zh: '米', en: 'metre' },
  KMT: { zh: '千米', en: 'kilometre' },
  CMK: { zh: '平方厘米', en: 'square centimetre' },
  MTK: { zh: '平方米', en: 'square metre' },
  GRM: { zh: '克', en: 'gram' },
  KGM: { zh: '千克', en: 'kilogram' },
  TNE: { zh: '吨', en: 'tonne' },
  MLT: { zh: '毫升', en: 'millilitre' },
  LTR: { zh: '升', en: 'litre' },
  MTQ: { zh: '立方米', en: 'cubic metre' },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>;

export type Uom = keyof typeof uoms;
export const isUom = (text: string): text is Uom => Object.hasOwn(uoms, text);
export const uomCodes: readonly Uom[] = Object.keys(uoms).filter(isUom);

/** Goods are counted as pieces when no unit of measure is given (EPCIS 2.0 §7.3.3.3). */
export const pieces: Uom = 'H87';

const scale = 6;
const one = 10n ** BigInt(scale);
const most = 10n ** 12n * one;

/**
 * Millionths of the unit of measure, of those above: positive, at most 10¹² units, at most six decimals, whole for pieces.
 * Faults: `invalid-quantity`.
 */
export function parseQuantity(text: string, uom: string): Result<bigint> {
  if (!isUom(uom)) {
    return fault('invalid-quantity', `Give the unit of measure as one of ${uomCodes.join(', ')}.`);
  }
  const amount = parseAmount(text, uom);
  if (amount.ok && amount.value === 0n) {
    return fault('invalid-quantity', 'A quantity is more than 0 and at most 1000000000000.');
  }
  return amount;
}

/** What counts goods one by one: pieces, each, one. */
const countUnits: ReadonlySet<string> = new Set([pieces, 'EA', 'C62']);
export const isCounted = (uom: string): boolean => countUnits.has(uom);

/** The same of any unit of measure, as others tell goods: it may be 0, of which there is nothing to count. */
export function parseAmount(text: string, uom: string): Result<bigint> {
  const match = /^(0|[1-9]\d{0,12})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) {
    return fault(
      'invalid-quantity',
      'Write the quantity as a plain decimal of at most 1000000000000 with at most six decimals: 12.5.',
    );
  }
  const [, whole = '', fraction = ''] = match;
  const amount = BigInt(whole) * one + BigInt(fraction.padEnd(scale, '0'));
  if (amount > most) {
    return fault('invalid-quantity', 'A quantity is more than 0 and at most 1000000000000.');
  }
  if (isCounted(uom) && amount % one !== 0n) {
    return fault('invalid-quantity', 'Pieces are whole; give a whole number or another unit of measure.');
  }
  return ok(amount);
}

/** The shortest decimal string of an amount in millionths, also of sums and differences: `-0.5`, `12`. */
export const formatQuantity = (amount: bigint): string => formatDecimal(amount, scale);

/** The same of an amount of which a unit holds 10 to the power of `decimals`. */
export function formatDecimal(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const text = digits.slice(0, -decimals) + (fraction && `.${fraction}`);
  return amount < 0n ? `-${text}` : text;
}
