/**
 * Amounts of goods told in different units of measure, so that they add up exactly: of one lot a maker tells tonnes, a
 * dealer kilograms, a workshop grams.
 *
 * Inside amounts are grains, as bigint: a grain is 10⁻¹⁸ of the first unit of its kind (units-of-measure.ts), of which a
 * millionth of every unit of mass, length, area and volume there is a whole number, ounces and gallons too. Goods that are
 * counted, and those in units that nobody here knows, compare with their like alone; a grain of them is a millionth.
 * A sum is told in a unit in which it is a finite decimal: the unit in which its parts were told where that is a power of
 * ten of the first of its kind, else the first.
 *
 *   grainsOf({ millionths: 5_000_000n, uom: 'GRM' })  →  5·10¹⁵, as 0.005 KGM or 0.000005 TNE
 *   formatGrains(5n * 10n ** 15n, 'KGM')              →  '0.005'
 *   measureOf('MTR').kind === measureOf('KGM').kind   →  false: these never add up
 *   tellingUnit('LBR')                                →  'KGM'
 */
import { formatDecimal, isCounted, pieces } from './quantity.ts';
import { factorOf } from './units-of-measure.ts';

/** So much, in a unit of measure: as it was told. */
export interface Amount {
  readonly millionths: bigint;
  readonly uom: string;
}

export interface Measure {
  /** Amounts of one kind add up. */
  readonly kind: string;
  /** Grains in a millionth of the unit. */
  readonly each: bigint;
}

/** Kinds in which goods are dealt, and the unit that sums are told in where those who told them used several. */
const first: Readonly<Record<string, string>> = {
  mass: 'KGM',
  length: 'MTR',
  area: 'MTK',
  volume: 'MTQ',
  pieces,
};

const known = new Map<string, Measure>();

/** Units nobody here knows are kinds of their own. */
export function measureOf(uom: string): Measure {
  const before = known.get(uom);
  if (before !== undefined) return before;
  const unit = factorOf(uom);
  if (unit === null || first[unit.kind] === undefined || isCounted(uom))
    return { kind: isCounted(uom) ? 'pieces' : uom, each: 1n };
  // Every factor of these kinds has at most twelve decimals; a double is off by less than half of the last of them.
  const measure = { kind: unit.kind, each: BigInt(Math.round(unit.factor * 1e12)) };
  known.set(uom, measure);
  return measure;
}

export const grainsOf = ({ millionths, uom }: Amount): bigint => millionths * measureOf(uom).each;

const isPowerOfTen = (n: bigint): boolean => /^10*$/.test(String(n));

/** The unit in which sums of what was told in this one are told. */
export function tellingUnit(uom: string): string {
  const { kind, each } = measureOf(uom);
  return isPowerOfTen(each) ? uom : (first[kind] ?? uom);
}

/** The unit in which sums of what is told in these, all of one kind, are told. */
export function commonUnit(uoms: Iterable<string>): string {
  const [uom = pieces, ...others] = new Set(uoms);
  return others.length === 0 ? uom : (first[measureOf(uom).kind] ?? uom);
}

/** The shortest decimal string of grains in a unit that sums are told in. */
export const formatGrains = (grains: bigint, uom: string): string =>
  formatDecimal(grains, 5 + String(measureOf(uom).each).length);
