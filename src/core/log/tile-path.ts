/**
 * Addresses of the public log's resources (C2SP tlog-tiles), below its prefix:
 *
 *   tile/<L>/<N>[.p/<W>]          hashes of level L: tile N, all 256 of them or the first W
 *   tile/entries/<N>[.p/<W>]      the entries below tile N of level 0
 *
 * N is cut into groups of three digits, all but the last after an `x`: tile 1234067 is `x001/x234/067`.
 */
import { tileWidth } from './merkle.ts';

export interface TileAddress {
  /** Level of the hashes; `entries` for the entries themselves. */
  readonly level: number | 'entries';
  readonly n: number;
  /** 1 to 256 hashes; 256 is a full tile. */
  readonly width: number;
}

export function formatTilePath({ level, n, width }: TileAddress): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0');
  const groups = digits.replace(/\d{3}(?=\d)/g, 'x$&/');
  return `tile/${level}/${groups}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Reads what `formatTilePath` writes, and nothing else; null otherwise. */
export function parseTilePath(path: string): TileAddress | null {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return null;
  const [, level = '', groups = '', width] = match;
  const address: TileAddress = {
    level: level === 'entries' ? 'entries' : Number(level),
    n: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  };
  // One resource has one address: no leading zeroes, no empty tile, no full one told as partial.
  const isPlain =
    Number.isSafeInteger(address.n) &&
    address.width > 0 &&
    (width === undefined || address.width < tileWidth) &&
    (address.level === 'entries' || address.level <= 63);
  return isPlain && formatTilePath(address) === path ? address : null;
}

/** How many hashes of a level a tree of `size` has, or how many entries. */
const widthOf = (level: TileAddress['level'], size: number): number =>
  level === 'entries' ? size : Math.floor(size / tileWidth ** level);

/** How many resources a tree of `size` consists of. */
export function countTiles(size: number): number {
  let count = 0;
  for (const level of levelsOf(size)) count += Math.ceil(widthOf(level, size) / tileWidth);
  return count;
}

/** The resources a tree of `size` consists of: at each level its full tiles, then the partial one if there is one. */
export function* tilesOf(size: number): Generator<TileAddress> {
  for (const level of levelsOf(size)) {
    const total = widthOf(level, size);
    for (let n = 0; n * tileWidth < total; n++)
      yield { level, n, width: Math.min(tileWidth, total - n * tileWidth) };
  }
}

function* levelsOf(size: number): Generator<TileAddress['level']> {
  if (size > 0) yield 'entries';
  for (let level = 0; widthOf(level, size) > 0; level++) yield level;
}

/** Entries that a tree must have for the resource to exist. */
export const coveredBy = ({ level, n, width }: TileAddress): number =>
  (n * tileWidth + width) * tileWidth ** (level === 'entries' ? 0 : level);
