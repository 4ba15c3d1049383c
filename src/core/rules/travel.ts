/**
 * Impossible travel: two parties record the same thing at two places between which it cannot have gone in the time.
 *
 *     km = great circle between the positions − both radii of uncertainty        (sphere of 6,371.0088 km, IUGG mean radius)
 *     hours = from the earliest moment of the one hop to the latest of the other
 *     found when km ≥ travel-km-min and km / hours > travel-km-per-hour
 *
 * Both places tell their own position and belong to different records: a region, let alone one that is guessed from a
 * network address, is no position. What people scan is no fact and is compared with hops apart from this, in `scan-elsewhere`
 * (scan-places.ts). Every doubt is in favour of the travellers. Neighbours in the order of happening are
 * compared. A claim by a stranger makes it a claim; it is then the stranger's, whichever of the two came first.
 *
 * Example: received in 杭州 (30.2741, 120.1551) at 10:00 and sold in 广州 (23.1291, 113.2644) at 14:00, each within 1 km:
 * 1,050 km in four hours, found; at 18:00 the next day, 33 km/h, it may have been so.
 */
import type { HopType } from '../events/hop.ts';
import type { FoundBy } from './rule.ts';
import type { Position, Thing, Told } from './thing.ts';

export const travelRules = {
  'impossible-travel': {
    version: 2,
    family: 'travel',
    basis: 'log',
    severities: ['risk', 'claim'],
    cause: 'clone',
    thresholds: ['travel-km-per-hour', 'travel-km-min'],
    zh: '同一产品被登记在两地，其间的时间不足以到达。',
    en: 'It is recorded at two places between which it cannot have travelled in the time.',
  },
} as const;

type Found = FoundBy<'impossible-travel'>;

/**
 * What is done with the thing at hand, where the hop says it was done. A release is not: the maker releases a lot where it
 * was tested, wherever the things of it are.
 */
export const atHand: ReadonlySet<HopType> = new Set<HopType>([
  'produce',
  'pack',
  'unpack',
  'ship',
  'receive',
  'return',
  'sell',
  'install',
  'remove',
  'replace',
  'inspect',
  'maintain',
  'refill',
  'scrap',
  'destroy',
]);

const earthKm = 6371.0088;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in km, by the haversine. */
export function distanceKm(a: Position, b: Position): number {
  const latitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const longitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const h = latitude + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * longitude;
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** How far apart two things are at least, km. */
export const apartKm = (a: Position, b: Position): number => distanceKm(a, b) - (a.radius + b.radius) / 1000;

export function impossibleTravel({ told, positionOf, thresholds }: Thing): readonly Found[] {
  const found: Found[] = [];
  let last: { readonly it: Told; readonly position: Position } | null = null;
  for (const it of told) {
    const { place, hop } = it.hop;
    const position = place === null || !atHand.has(hop) ? null : positionOf(place);
    if (position === null) continue;
    if (last !== null && last.it.hop.place !== place) {
      const km = apartKm(last.position, position);
      const hours = Math.max(0, it.hop.until - last.it.hop.from) / 3_600_000;
      if (km >= thresholds['travel-km-min'] && km > hours * thresholds['travel-km-per-hour'])
        found.push(between(last.it, it));
    }
    last = { it, position };
  }
  return found;
}

function between(one: Told, other: Told): Found {
  const [first, second] = one.standing === 'stranger' ? [other, one] : [one, other];
  const claimed = second.standing === 'stranger';
  return {
    rule: 'impossible-travel',
    seqs: [first.hop.seq, second.hop.seq],
    severity: claimed ? 'claim' : 'risk',
  };
}
