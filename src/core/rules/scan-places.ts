/**
 * Scans at places that do not go together: one thing is scanned in two provinces between which it cannot have travelled
 * meanwhile, or far from where it was sold.
 *
 *     scan-travel          two scans in a row, whose people gave their regions:
 *                          km between the circles of their provinces / hours between the scans > travel-km-per-hour
 *     scan-far-from-sale   at least far-scans-min scans after the sale in provinces whose circles lie at least far-km-min
 *                          from that of the province where it was sold
 *
 * Example: scanned in 北京 at 09:00 and in 广东 at 11:00: 1,300 km in two hours. Somebody else may have typed the number or
 * sent a picture of it: a reason to look, no more.
 */
import { type ClueFound, restingOn } from './clues.ts';
import { provinceOf } from './provinces.ts';
import type { ScannedThing, ScanSeen } from './scans.ts';
import { apartKm } from './travel.ts';

export const scanPlaceRules = {
  'scan-travel': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['travel-km-per-hour', 'travel-km-min'],
    zh: '同一身份码在两省被扫，其间的时间不足以到达。',
    en: 'The code was scanned in two provinces between which the thing cannot have travelled in the time.',
  },
  'scan-far-from-sale': {
    version: 1,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'diversion',
    thresholds: ['far-km-min', 'far-scans-min'],
    zh: '售出后多次在远离销售地的省份被扫。',
    en: 'It was sold in one province, and is scanned again and again far from there.',
  },
} as const;

type Found = ClueFound<keyof typeof scanPlaceRules>;

/** km between the provinces of two regions at least; null when either is unknown. */
function betweenProvinces(one: string | null, other: string | null): number | null {
  const [a, b] = [one, other].map((region) => (region === null ? null : provinceOf(region)));
  return a && b ? apartKm(a, b) : null;
}

export function scanTravel({ scans, thresholds }: ScannedThing): readonly Found[] {
  const told = scans.filter(({ region, forged }) => region !== null && !forged);
  const together: ScanSeen[] = [];
  let last: ScanSeen | null = null;
  for (const scan of told) {
    const km = last === null ? null : betweenProvinces(last.region, scan.region);
    const hours = last === null ? 0 : (scan.at - last.at) / 3_600_000;
    const tooFast = km !== null && km > hours * thresholds['travel-km-per-hour'];
    if (last !== null && tooFast && km >= thresholds['travel-km-min']) together.push(last, scan);
    last = scan;
  }
  if (together.length === 0) return [];
  return [{ rule: 'scan-travel', severity: 'risk', ...restingOn([...new Set(together)]) }];
}

export function scanFarFromSale({ scans, sold, thresholds }: ScannedThing): readonly Found[] {
  if (sold === null) return [];
  const far = scans.filter(({ at, region, forged }) => {
    const km = forged || at < sold.at ? null : betweenProvinces(sold.region, region);
    return km !== null && km >= thresholds['far-km-min'];
  });
  if (far.length < thresholds['far-scans-min']) return [];
  return [{ rule: 'scan-far-from-sale', severity: 'risk', ...restingOn(far) }];
}
