/**
 * Where the provinces of China lie: a circle around each that holds it whole, rather too large than too small, by the
 * first two digits of its GB/T 2260 code. Good enough to say that a thing was far from somewhere, and for nothing else.
 *
 * Example: 北京 and 广东 lie at least 1,300 km apart; 北京 and 河北 overlap, so nothing is ever far from the other there.
 */
import type { Position } from './thing.ts';

/** Degrees north and east of the centre, and radius in km. */
const circles: Readonly<Record<string, readonly [latitude: number, longitude: number, km: number]>> = {
  '11': [40.2, 116.4, 120],
  '12': [39.3, 117.3, 110],
  '13': [39.0, 116.0, 450],
  '14': [37.6, 112.3, 390],
  '15': [44.0, 113.0, 1400],
  '21': [41.3, 122.9, 340],
  '22': [43.5, 126.3, 460],
  '23': [48.0, 128.0, 650],
  '31': [31.2, 121.5, 90],
  '32': [33.0, 119.5, 340],
  '33': [29.2, 120.5, 320],
  '34': [31.9, 117.2, 340],
  '35': [26.0, 118.0, 340],
  '36': [27.6, 115.7, 360],
  '37': [36.3, 118.5, 430],
  '41': [33.9, 113.6, 370],
  '42': [31.0, 112.3, 440],
  '43': [27.6, 111.7, 400],
  '44': [22.9, 113.4, 500],
  '45': [23.8, 108.8, 450],
  '46': [19.2, 109.8, 1000],
  '50': [30.1, 107.8, 320],
  '51': [30.6, 102.8, 640],
  '52': [26.8, 106.7, 360],
  '53': [25.0, 101.5, 550],
  '54': [31.5, 88.5, 1050],
  '61': [35.4, 109.0, 500],
  '62': [38.0, 101.0, 920],
  '63': [35.7, 96.0, 720],
  '64': [37.3, 106.2, 280],
  '65': [41.5, 85.0, 1100],
  '71': [23.7, 121.0, 260],
  '81': [22.35, 114.15, 50],
  '82': [22.16, 113.56, 20],
};

/** The circle of the province that a region lies in; null for what is in none. */
export function provinceOf(region: string): Position | null {
  const circle = circles[region.slice(0, 2)];
  if (circle === undefined) return null;
  const [latitude, longitude, km] = circle;
  return { latitude, longitude, radius: km * 1000 };
}
