/**
 * Units of measure in which sensors report and goods are counted, and how they convert into one another.
 *
 * Codes: UN/ECE Recommendation 20, common codes, as EPCIS 2.0 §7.3.7 asks for. Factors: BIPM, The International System
 * of Units (SI), 9th edition, tables 2 to 8; of units outside the SI NIST Special Publication 811, appendix B. A value
 * in the unit of its kind that comes first is value × factor + offset.
 *
 *   baseValue(5, 'CEL')    →  { kind: 'temperature', value: 278.15 }   kelvin
 *   baseValue(41, 'FAH')   →  { kind: 'temperature', value: 278.15 }
 *   baseValue(2, 'KMT')    →  { kind: 'length', value: 2000 }          metres
 *   baseValue(1, 'XYZ')    →  null: a unit that is not in the table compares with itself alone
 */

type Unit = readonly [factor: number, offset?: number];

const pound = 0.453_592_37;
const foot = 0.3048;
const zeroCelsius = 273.15;

const units = {
  temperature: { KEL: [1], CEL: [1, zeroCelsius], FAH: [5 / 9, zeroCelsius - 160 / 9] },
  length: {
    MTR: [1],
    '4H': [1e-6],
    MMT: [1e-3],
    CMT: [1e-2],
    DMT: [0.1],
    KMT: [1e3],
    INH: [foot / 12],
    FOT: [foot],
    YRD: [3 * foot],
    SMI: [1609.344],
    NMI: [1852],
  },
  area: { MTK: [1], MMK: [1e-6], CMK: [1e-4], DMK: [1e-2], HAR: [1e4], KMK: [1e6], FTK: [foot ** 2] },
  volume: {
    MTQ: [1],
    MMQ: [1e-9],
    CMQ: [1e-6],
    MLT: [1e-6],
    CLT: [1e-5],
    DLT: [1e-4],
    LTR: [1e-3],
    DMQ: [1e-3],
    HLT: [0.1],
    INQ: [(foot / 12) ** 3],
    FTQ: [foot ** 3],
    GLL: [3.785_411_784e-3],
    GLI: [4.546_09e-3],
  },
  mass: {
    KGM: [1],
    MC: [1e-9],
    MGM: [1e-6],
    GRM: [1e-3],
    DTN: [100],
    TNE: [1e3],
    ONZ: [pound / 16],
    LBR: [pound],
    STN: [2000 * pound],
    LTN: [2240 * pound],
  },
  time: {
    SEC: [1],
    C47: [1e-9],
    B98: [1e-6],
    C26: [1e-3],
    MIN: [60],
    HUR: [3600],
    DAY: [86_400],
    WEE: [604_800],
  },
  pressure: {
    PAL: [1],
    A97: [100],
    MBR: [100],
    KPA: [1e3],
    BAR: [1e5],
    MPA: [1e6],
    ATM: [101_325],
    HN: [133.322_4],
    PS: [6894.757],
  },
  speed: { MTS: [1], KMH: [1 / 3.6], HM: [1609.344 / 3600], KNT: [1852 / 3600] },
  acceleration: { MSK: [1], K40: [9.806_65] },
  force: { NEW: [1], B47: [1e3], B51: [1e6] },
  energy: { JOU: [1], KJO: [1e3], '3B': [1e6], WHR: [3600], KWH: [3.6e6], MWH: [3.6e9] },
  power: { WTT: [1], C31: [1e-3], KWT: [1e3], MAW: [1e6] },
  frequency: { HTZ: [1], KHZ: [1e3], MHZ: [1e6], A86: [1e9] },
  current: { AMP: [1], B84: [1e-6], '4K': [1e-3], B22: [1e3] },
  voltage: { VLT: [1], D82: [1e-6], '2Z': [1e-3], KVT: [1e3] },
  resistance: { OHM: [1], E45: [1e-3], B49: [1e3], B75: [1e6] },
  charge: { COU: [1], AMH: [3600], E09: [3.6] },
  capacitance: { FAR: [1], '4O': [1e-6], C41: [1e-9], '4T': [1e-12] },
  angle: { C81: [1], DD: [Math.PI / 180] },
  illuminance: { LUX: [1], KLX: [1e3] },
  substance: { C34: [1], C18: [1e-3] },
  density: { KMQ: [1], GL: [1], '23': [1e3], '1K': [pound / foot ** 3] },
  flow: { MQS: [1], MQH: [1 / 3600], L2: [1e-3 / 60], G51: [1e-3] },
  ratio: { C62: [1], P1: [1e-2], NX: [1e-3], '59': [1e-6], '61': [1e-9] },
} as const satisfies Record<string, Record<string, Unit>>;

const kinds: ReadonlyMap<string, { readonly kind: string; readonly unit: Unit }> = new Map(
  Object.entries(units).flatMap(([kind, codes]) =>
    Object.entries<Unit>(codes).map(([code, unit]) => [code, { kind, unit }] as const),
  ),
);

export interface BaseValue {
  readonly kind: string;
  /** In the first unit of the kind. */
  readonly value: number;
}

/** A value in the unit that all of its kind compare in; null when nobody here knows the unit. */
export function baseValue(value: number, code: string): BaseValue | null {
  const known = kinds.get(code);
  if (known === undefined) return null;
  const [factor, offset = 0] = known.unit;
  return { kind: known.kind, value: value * factor + offset };
}

/** How much of the first unit of its kind is in a unit; null where nobody here knows it, or they differ in their zero. */
export function factorOf(code: string): { readonly kind: string; readonly factor: number } | null {
  const known = kinds.get(code);
  if (known === undefined || known.unit.length > 1) return null;
  return { kind: known.kind, factor: known.unit[0] };
}

/** Two values nearer to each other than this, measured by the larger, are one: what converting leaves over. */
const tolerance = 1e-9;

/**
 * Which of two amounts is larger, as the sign of their difference; null when their units do not compare. `null` for a
 * unit: a number by itself.
 */
export function compareAmounts(
  one: number,
  oneUnit: string | null,
  other: number,
  otherUnit: string | null,
): number | null {
  if (oneUnit === otherUnit) return Math.sign(one - other);
  if (oneUnit === null || otherUnit === null) return null;
  const [left, right] = [baseValue(one, oneUnit), baseValue(other, otherUnit)];
  if (left === null || right === null || left.kind !== right.kind) return null;
  const difference = left.value - right.value;
  const isSame = Math.abs(difference) <= tolerance * Math.max(Math.abs(left.value), Math.abs(right.value));
  return isSame ? 0 : Math.sign(difference);
}
