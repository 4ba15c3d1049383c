/**
 * Scans at places that do not go together: one thing is scanned in two provinces between which it cannot have travelled
 * meanwhile, or where it cannot have been by what is recorded of it, or far from where it was sold.
 *
 *     scan-travel          two scans in a row, whose people gave their regions:
 *                          km between the circles of their provinces / hours between the scans > travel-km-per-hour
 *     scan-elsewhere       a scan whose person gave the region, and the hop at a place (travel.ts) that was over last before it,
 *                          or the one that began next after it:
 *                          km between the circles of province and place / hours at most > travel-km-per-hour
 *     scan-far-from-sale   at least far-scans-min scans after the sale in provinces whose circles lie at least far-km-min
 *                          from those of the provinces where and to where it was sold, and from wherever it was recorded since
 *
 * The place of a hop is its own position with its radius, or else the circle of its province; where people scan, they
 * say. So the two are told independently, and every doubt is in favour of the thing. A hop that was under way at the scan, such
 * as one of which only the day is told, contradicts none. The same picture makes one scan far away as good as another, so these
 * stay clues, apart from `impossible-travel`, which follows from the log.
 *
 * Example: scanned in 北京 at 09:00 and in 广东 at 11:00: 1,300 km in two hours. Somebody else may have typed the number or
 * sent a picture of it: a reason to look, no more.
 */
import { leading } from '../halving.ts';
import { type ClueFound, restingOn } from './clues.ts';
import { provinceOf } from './provinces.ts';
import type { ScannedThing, ScanSeen } from './scans.ts';
import type { Position } from './thing.ts';
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
  'scan-elsewhere': {
    version: 2,
    family: 'scan',
    basis: 'scans',
    severities: ['risk'],
    cause: 'clone',
    thresholds: ['travel-km-per-hour', 'travel-km-min'],
    zh: '身份码被扫的省份与此前或此后流转登记的地点之间，时间不足以到达。',
    en: 'The code was scanned in a province that is too far from where the thing is recorded shortly before or after.',
  },
  'scan-far-from-sale': {
    version: 2,
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

export function scanElsewhere({ scans, recorded, thresholds }: ScannedThing): readonly Found[] {
  const byEnd = [...recorded].sort((a, b) => a.until - b.until);
  const byStart = [...recorded].sort((a, b) => a.from - b.from);
  const isElsewhere = ({ at, region, forged }: ScanSeen): boolean => {
    const seen = region === null || forged ? null : provinceOf(region);
    if (seen === null) return false;
    const before = byEnd[leading(byEnd, ({ until }) => until < at) - 1];
    const after = byStart[leading(byStart, ({ from }) => from <= at)];
    const isTooFar = (position: Position, ms: number): boolean => {
      const km = apartKm(seen, position);
      return km >= thresholds['travel-km-min'] && km > (ms / 3_600_000) * thresholds['travel-km-per-hour'];
    };
    return (
      (before !== undefined && isTooFar(before.position, at - before.from)) ||
      (after !== undefined && isTooFar(after.position, after.until - at))
    );
  };
  const elsewhere = scans.filter(isElsewhere);
  return elsewhere.length === 0
    ? []
    : [{ rule: 'scan-elsewhere', severity: 'risk', ...restingOn(elsewhere) }];
}

export function scanFarFromSale({ scans, sold, recorded, thresholds }: ScannedThing): readonly Found[] {
  if (sold === null) return [];
  const since = recorded.filter(({ until }) => until >= sold.at).map(({ position }) => position);
  const known = [...sold.regions.flatMap((region) => provinceOf(region) ?? []), ...since];
  if (known.length === 0) return [];
  const far = scans.filter(({ at, region, forged }) => {
    const seen = forged || at < sold.at || region === null ? null : provinceOf(region);
    return seen !== null && known.every((position) => apartKm(seen, position) >= thresholds['far-km-min']);
  });
  if (far.length < thresholds['far-scans-min']) return [];
  return [{ rule: 'scan-far-from-sale', severity: 'risk', ...restingOn(far) }];
}
