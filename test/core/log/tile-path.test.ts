import fc from 'fast-check';
import t from 'tap';
import {
  countTiles,
  coveredBy,
  formatTilePath,
  parseTilePath,
  tilesOf,
} from '../../../src/core/log/tile-path.ts';

t.test('addresses of the specification', async (t) => {
  t.equal(formatTilePath({ level: 0, n: 1234067, width: 256 }), 'tile/0/x001/x234/067');
  t.equal(formatTilePath({ level: 3, n: 0, width: 1 }), 'tile/3/000.p/1');
  t.equal(formatTilePath({ level: 'entries', n: 273, width: 112 }), 'tile/entries/273.p/112');
  // A tree of 70,000 has 273 full tiles of level 0, one of width 112; one full of level 1, one of width 17; one of width 1.
  t.equal(coveredBy({ level: 0, n: 273, width: 112 }), 70_000);
  t.equal(coveredBy({ level: 1, n: 1, width: 17 }), 273 * 256);
  t.equal(coveredBy({ level: 2, n: 0, width: 1 }), 65_536);
  t.equal(coveredBy({ level: 'entries', n: 0, width: 1 }), 1);
});

t.test('what a tree consists of', async (t) => {
  const partial = (size: number) =>
    [...tilesOf(size)].filter(({ width }) => width < 256).map((address) => formatTilePath(address));
  // The example of the specification.
  t.strictSame(partial(70_000), [
    'tile/entries/273.p/112',
    'tile/0/273.p/112',
    'tile/1/001.p/17',
    'tile/2/000.p/1',
  ]);
  t.equal(countTiles(70_000), 274 + 274 + 2 + 1);
  t.strictSame(partial(65_536), ['tile/2/000.p/1'], 'no empty tile');
  for (const size of [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000]) {
    const tiles = [...tilesOf(size)];
    t.equal(tiles.length, countTiles(size));
    t.ok(tiles.every((address) => coveredBy(address) <= size));
    t.equal(new Set(tiles.map(formatTilePath)).size, tiles.length);
  }
});

t.test('every address reads as what it was written from', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
      fc.nat({ max: 2 ** 40 }),
      fc.integer({ min: 1, max: 256 }),
      (level, n, width) => {
        const address = { level, n, width };
        t.same(parseTilePath(formatTilePath(address)), address);
      },
    ),
    { numRuns: 100 },
  );
});

t.test('nothing else is an address', async (t) => {
  for (const path of [
    '',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/000',
    'tile/0/001/x002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    'tile/data/000',
    'tile/0/000?x',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
    '/tile/0/000',
  ])
    t.equal(parseTilePath(path), null, path);
});
