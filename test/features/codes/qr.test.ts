import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import t from 'tap';
import { required } from '../../../src/errors.ts';
import {
  labelCharactersMax,
  qrModules,
  qrPng,
  qrSegments,
  qrSvg,
  qrVersion,
} from '../../../src/features/codes/qr.ts';

/** Digits of no real signature; the symbol's size depends on their number alone. */
const signed = `?S=0000001${'1234567890'.repeat(15)}12345`;
const unitCode = (host: string, serial: string) => `HTTPS://${host}/01/06901234567892/21/${serial}${signed}`;
const readQr = jsqr.default;
const decode = (png: Buffer): string => {
  const { data, width, height } = PNG.sync.read(png);
  return readQr(new Uint8ClampedArray(data), width, height)?.data ?? '';
};
const dataOf = ({ data }: ReturnType<typeof qrSegments>[number]): string =>
  typeof data === 'string' ? data : Buffer.from(data instanceof Uint8Array ? data : []).toString('utf8');
const textOf = (code: string) => qrSegments(code).map(dataOf).join('');
const modesOf = (code: string) =>
  qrSegments(code).map((segment) => `${segment.mode} ${Buffer.byteLength(dataOf(segment))}`);

t.test('each part is in its densest mode, and the parts are the code', async (t) => {
  const codes = [
    unitCode('EXAMPLE.COM', '7ZK3QW9D5TB1Q'),
    unitCode('LOCALHOST:8080', 'lower_case'),
    unitCode('example.com', 'A%2F7'),
    `HTTPS://EXAMPLE.COM/01/06901234567892/10/L2025-07${signed}`,
    `HTTPS://EXAMPLE.COM/00/069012345678900019${signed}`,
    'HTTPS://EXAMPLE.COM/01/06901234567892/21/A7',
    'https://example.com/place/溯源',
  ];
  t.strictSame(codes.map(textOf), codes);
  t.strictSame(codes.map(modesOf), [
    ['alphanumeric 23', 'numeric 14', 'alphanumeric 17', 'byte 3', 'numeric 162'],
    ['alphanumeric 26', 'numeric 14', 'byte 17', 'numeric 162'],
    ['byte 23', 'numeric 14', 'alphanumeric 9', 'byte 3', 'numeric 162'],
    ['alphanumeric 23', 'numeric 14', 'alphanumeric 12', 'byte 3', 'numeric 162'],
    ['alphanumeric 23', 'numeric 18', 'byte 3', 'numeric 162'],
    ['alphanumeric 23', 'numeric 14', 'alphanumeric 6'],
    ['byte 32'],
  ]);
});

t.test('host and serial of 41 characters fit version 7, however divided, and 42 do not', async (t) => {
  const versionsOf = (total: number) => {
    const versions = new Set<number>();
    for (let serial = 1; serial <= 20; serial++) {
      versions.add(qrVersion(unitCode('H'.repeat(total - serial), 'A'.repeat(serial))));
    }
    return [...versions];
  };
  t.equal(labelCharactersMax, 41);
  t.strictSame(versionsOf(41), [7]);
  t.strictSame(versionsOf(42), [8]);
});

t.test('decoding the PNG gives the code back', async (t) => {
  const codes = [
    unitCode('H'.repeat(28), '7ZK3QW9D5TB1Q'),
    unitCode('LOCALHOST:8080', '7ZK3QW9D5TB1Q'),
    unitCode('EXAMPLE.COM', 'lower_case'),
    `HTTPS://EXAMPLE.COM/01/06901234567892/10/L2025-07${signed}`,
    `HTTPS://EXAMPLE.COM/00/069012345678900019${signed}`,
  ];
  const decoded: string[] = [];
  for (const code of codes) decoded.push(decode(required(await qrPng(code, { scale: 4 }))));
  t.strictSame(decoded, codes);
});

t.test('the SVG has the size in millimetres and the same modules', async (t) => {
  const code = unitCode('EXAMPLE.COM', '7ZK3QW9D5TB1Q');
  const svg = required(qrSvg(code));
  const { size, dark, version } = required(qrModules(code));
  t.ok(version <= 7);
  const longest = required(qrSvg(unitCode('H'.repeat(28), '7ZK3QW9D5TB1Q')));
  t.match(longest, 'width="17.49mm" height="17.49mm" viewBox="0 0 53 53"');
  t.match(required(qrSvg(code, { moduleMm: 0.5, quiet: 0 })), `width="${size / 2}mm"`);

  // paint the runs of the path again and compare with the modules, then let a reader read them
  const side = size + 8;
  const image = new Uint8ClampedArray(side * side * 16 * 4).fill(255);
  const painted = new Uint8Array(size * size);
  for (const [, x = '', y = '', run = ''] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let i = 0; i < Number(run); i++) {
      painted[(Number(y) - 4) * size + Number(x) - 4 + i] = 1;
      for (let p = 0; p < 16; p++) {
        const row = Number(y) * 4 + (p >> 2);
        const column = (Number(x) + i) * 4 + (p & 3);
        image.fill(0, (row * side * 4 + column) * 4, (row * side * 4 + column) * 4 + 3);
      }
    }
  }
  t.strictSame(Buffer.from(painted), Buffer.from(dark));
  t.equal(readQr(image, side * 4, side * 4)?.data, code);
});

t.test('what is too large for the label is refused, and says what to shorten', async (t) => {
  const code = unitCode('H'.repeat(30), '7ZK3QW9D5TB1Q');
  const refused = qrSvg(code);
  t.match(refused, { ok: false, code: 'code-too-long' });
  t.match(refused, { detail: /version 8.*have 43 characters, shorten them to 41 together, or allow larger/ });
  t.match(await qrPng(code), { ok: false, code: 'code-too-long' });
  t.match(qrModules(code), { ok: false, code: 'code-too-long' });
  t.match(qrSvg(unitCode('H'.repeat(30), 'lower_case')), { detail: /Lower-case letters/ });
  t.match(qrSvg(code, { allowLarger: true }), { ok: true });
  t.equal(decode(required(await qrPng(code, { allowLarger: true, scale: 4 }))), code);
});
