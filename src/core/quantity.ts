/**
 * Quantities of goods: decimal strings outside, millionths of the unit of measure as bigint inside, so that sums
 * are exact. Units of measure are UN/ECE Recommendation 20 common codes, as EPCIS 2.0 §7.3.3.3 asks.
 *
 *   parseQuantity('12.5', 'MTR')  →  12_500_000n
 *   formatQuantity(12_500_000n)   →  '12.5'
 *   parseQuantity('1.5', 'H87')   →  refused: pieces are whole
 */
import { fault, ok, type Result } from '../errors.ts';

interface UnitOfMeasure {
  readonly zh: string;
  readonly en: string;
  /** Counted, never measured: fractions are refused. */
  readonly whole: boolean;
}
const measured = (zh: string, en: string): UnitOfMeasure => ({ zh, en, whole: false });

export const uoms = {
  H87: { zh: '件', en: 'piece', whole: true },
  MMT: measured('毫米', 'millimetre'),
  CMT: measured('厘米', 'centimetre'),
  MTR: measured('米', 'metre'),
  KMT: measured('千米', 'kilometre'),
  CMK: measured('平方厘米', 'square centimetre'),
  MTK: measured('平方米', 'square metre'),
  GRM: measured('克', 'gram'),
  KGM: measured('千克', 'kilogram'),
  TNE: measured('吨', 'tonne'),
  MLT: measured('毫升', 'millilitre'),
  LTR: measured('升', 'litre'),
  MTQ: measured('立方米', 'cubic metre'),
} as const satisfies Record<string, UnitOfMeasure>;

export type Uom = keyof typeof uoms;
export const isUom = (text: string): text is Uom => Object.hasOwn(uoms, text);
export const uomCodes: readonly Uom[] = Object.keys(uoms).filter(isUom);

/** Goods are counted as pieces when no unit of measure is given (EPCIS 2.0 §7.3.3.3). */
export const pieces: Uom = 'H87';

const scale = 6;
const one = 10n ** BigInt(scale);
const most = 10n ** 12n * one;

/**
 * Millionths of the unit of measure: positive, at most 10¹² units, at most six decimals, whole for pieces.
 * Faults: `invalid-quantity`.
 */
export function parseQuantity(text: string, uom: string): Result<bigint> {
  if (!isUom(uom)) {
    return fault('invalid-quantity', `Give the unit of measure as one of ${uomCodes.join(', ')}.`);
  }
  const match = /^(0|[1-9]\d{0,12})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) {
    return fault(
      'invalid-quantity',
      'Write the quantity as a plain decimal with at most six decimals: 12.5.',
    );
  }
  const [, whole = '', fraction = ''] = match;
  const amount = BigInt(whole) * one + BigInt(fraction.padEnd(scale, '0'));
  if (amount === 0n || amount > most) {
    return fault('invalid-quantity', 'A quantity is more than 0 and at most 1000000000000.');
  }
  if (uoms[uom].whole && amount % one !== 0n) {
    return fault('invalid-quantity', 'Pieces are whole; give a whole number or another unit of measure.');
  }
  return ok(amount);
}

/** The shortest decimal string of an amount in millionths, also of sums and differences: `-0.5`, `12`. */
export function formatQuantity(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const text = digits.slice(0, -scale) + (fraction && `.${fraction}`);
  return amount < 0n ? `-${text}` : text;
}
