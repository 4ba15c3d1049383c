import jsQR from 'jsqr';
import t from 'tap';
import { Refusal } from '../../../src/errors.ts';
import { geometries, labelLayouts, moduleMinMm } from '../../../src/features/codes/label-layouts.ts';
import { fitWords, heightOf, type Words } from '../../../src/features/codes/label-text.ts';
import { type Label, type LabelLayout, labelFits, labelSheet } from '../../../src/features/codes/labels.ts';
import { qrModules } from '../../../src/features/codes/qr.ts';
import { outline } from '../../../src/features/codes/qr-outline.ts';
import { readPdf, type Sheet, textsOf } from '../../support/pdf.ts';

const decode = typeof jsQR === 'function' ? jsQR : jsQR.default;
const pointsPerMm = 72 / 25.4;
const signature = `0000001${'0123456789'.repeat(15)}01234`;

function label(n: number, rest: Partial<Label> = {}): Label {
  const serial = `7ZK3QW9D5${String(1000 + n).slice(-4)}`;
  return {
    code: `HTTPS://ID.SUYUAN.EXAMPLE/01/06901234567892/21/${serial}?S=${signature}`,
    host: 'id.suyuan.example',
    productName: '手提式干粉灭火器',
    model: 'MFZ/ABC4',
    gtin: '06901234567892',
    serial,
    lot: 'L20260301A',
    manufacturer: '江南消防器材有限公司',
    ...rest,
  };
}
const labels = (count: number) => Array.from({ length: count }, (_, n) => label(n));

async function pdfOf(from: Parameters<typeof labelSheet>[0], layout: LabelLayout): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of labelSheet(from, layout)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Each QR of a page: where it stands in mm, the side of its modules, and what a decoder reads. */
function symbolsOf(sheet: Sheet, page: number) {
  const symbols = (sheet.contents[page] ?? '').matchAll(
    /q ([\d.]+) 0 0 [\d.]+ ([\d.]+) ([\d.]+) cm\n([\s\S]*?)\nf Q/g,
  );
  return [...symbols].map(([, side, x, y, path = '']) => {
    const loops = path
      .split('\n')
      .map((loop) =>
        [...loop.matchAll(/(\d+) (\d+) [ml]/g)].map(([, cx, cy]) => [Number(cx), Number(cy)] as const),
      );
    const size = Math.max(...loops.flat().map(([cx]) => cx));
    const scale = 4;
    const pixels = (size + 8) * scale;
    const image = new Uint8ClampedArray(pixels * pixels * 4).fill(255);
    const dark = fill(loops, size);
    for (let i = 0; i < pixels * pixels; i++) {
      const row = Math.floor(Math.floor(i / pixels) / scale) - 4;
      const column = Math.floor((i % pixels) / scale) - 4;
      if (row >= 0 && column >= 0 && row < size && column < size && dark[row * size + column])
        image.fill(0, i * 4, i * 4 + 3);
    }
    return {
      module: Number(side) / pointsPerMm,
      x: Number(x) / pointsPerMm,
      y: Number(y) / pointsPerMm,
      size,
      read: decode(image, pixels, pixels)?.data,
    };
  });
}

/** Even-odd filling of loops of corners, at the middle of each module. */
function fill(loops: readonly (readonly (readonly [number, number])[])[], size: number): Uint8Array {
  const dark = new Uint8Array(size * size);
  for (const loop of loops) {
    loop.forEach(([x, y], i) => {
      const [x2, y2] = loop[(i + 1) % loop.length] ?? [x, y];
      if (x !== x2) return;
      for (let row = Math.min(y, y2); row < Math.max(y, y2); row++)
        for (let column = x; column < size; column++)
          dark[row * size + column] = 1 - (dark[row * size + column] ?? 0);
    });
  }
  return dark;
}

t.test('an outline fills exactly the dark modules', async (t) => {
  t.strictSame(outline(3, Uint8Array.from([1, 1, 0, 0, 1, 0, 0, 0, 0])), [
    [
      [0, 0],
      [2, 0],
      [2, 2],
      [1, 2],
      [1, 1],
      [0, 1],
    ],
  ]);
  const ring = Uint8Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1]);
  t.equal(outline(3, ring).length, 2, 'a ring and its hole');
  t.strictSame(fill(outline(3, ring), 3), ring);
  const touching = Uint8Array.from([1, 0, 0, 1]);
  t.strictSame(fill(outline(2, touching), 2), touching, 'modules that touch at a corner');
  const qr = qrModules(label(0).code);
  if (!qr.ok) return t.fail(qr.detail);
  t.strictSame(fill(outline(qr.value.size, qr.value.dark), qr.value.size), qr.value.dark);
});

t.test('every layout prints codes that a decoder reads, at 0.33 mm a module or more', async (t) => {
  for (const layout of labelLayouts) {
    const { page, columns, rows, qr } = geometries[layout];
    const wanted = labels(columns * rows + 1);
    const sheet = readPdf(await pdfOf(wanted, layout));
    t.strictSame(
      sheet.pages.map((size) => size.map((points) => (points / pointsPerMm).toFixed(1))),
      Array.from({ length: 2 }, () => [page.width.toFixed(1), page.height.toFixed(1)]),
      `${layout}: two pages of the right size`,
    );
    const symbols = [...symbolsOf(sheet, 0), ...symbolsOf(sheet, 1)];
    t.strictSame(
      symbols.map(({ read }) => read),
      wanted.map(({ code }) => code),
      'every code, in order',
    );
    t.strictSame(
      symbols.filter(
        ({ module, x, y, size }) =>
          module < moduleMinMm - 1e-4 ||
          x - 4 * module < -1e-3 ||
          y - 4 * module < -1e-3 ||
          (size + 8) * module > qr.side + 1e-3 ||
          x + (size + 4) * module > page.width + 1e-3 ||
          y + (size + 4) * module > page.height + 1e-3,
      ),
      [],
      'modules are large enough and the quiet zone is on the paper',
    );
  }
});

t.test('the words of a label', async (t) => {
  const sheet = readPdf(await pdfOf([label(7)], 'roll-18x33'));
  t.strictSame(
    textsOf(sheet, 0).map(({ text }) => text),
    [
      'id.suyuan.example',
      '手提式干粉灭火器',
      '型号 MFZ/ABC4',
      '(01)06901234567892',
      '(21)7ZK3QW9D51007',
      '(10)L20260301A',
      '江南消防器材有限公司',
    ],
    'can be copied out of the PDF as they are',
  );
  t.match(sheet.objects, /\/FontFile3 \d+ 0 R/, 'its fonts are embedded');
  t.match(sheet.objects, /\/FontName \/[A-Z]{6}\+NotoSansHans-Bold/, 'as subsets');
  const lot = readPdf(await pdfOf([label(7, { serial: null, lot: 'A1' })], 'a4-65'));
  t.notMatch(
    textsOf(lot, 0)
      .map(({ text }) => text)
      .join(),
    '(21)',
  );
});

t.test('long words stay inside: the identity whole, the rest cut', async (t) => {
  const long = label(1, {
    host: 'very-long-hostname.trace.suyuan-example.com.cn',
    productName:
      '七氟丙烷气体灭火设备（气体灭火剂瓶组）超长产品名称\u0000\n\u202e测试用例之一二三四五六七八九十'.repeat(
        3,
      ),
    model: 'QMP-120/5.6-very-long-model-name'.repeat(5),
    lot: 'LOT-2026-03-01-A0001',
    manufacturer: '一个名字非常非常长的消防器材制造股份有限公司'.repeat(4),
  });
  for (const layout of labelLayouts) {
    const { text: box, first } = geometries[layout];
    const sheet = readPdf(await pdfOf([long], layout));
    const texts = textsOf(sheet, 0);
    const joined = texts.map(({ text }) => text).join('');
    t.ok(
      [long.host, `(01)${long.gtin}`, `(21)${long.serial}`, `(10)${long.lot}`].every((whole) =>
        joined.includes(whole),
      ),
      `${layout}: ${texts.map(({ text }) => text).join(' | ')}`,
    );
    t.notMatch(joined, /[\p{Cc}\p{Cf}]/u);
    const bottom = (sheet.pages[0]?.[1] ?? 0) - (first.y + box.y + box.height) * pointsPerMm;
    t.strictSame(
      texts.filter(
        ({ x, y, right }) =>
          y < bottom ||
          x < (first.x + box.x) * pointsPerMm - 1e-3 ||
          !(right < (first.x + box.x + box.width) * pointsPerMm + 1e-2),
      ),
      [],
      'no line leaves its box',
    );
  }
});

t.test('fitting', async (t) => {
  const measure = (text: string) => [...text].length / 2;
  const words = (rest: Partial<Words>): Words => ({
    text: 'abcdefghij',
    bold: false,
    size: 10,
    lines: 1,
    clip: false,
    optional: false,
    ...rest,
  });
  const lines = (list: readonly Words[], width: number, height: number) =>
    fitWords(list, width, height, measure).map(({ text, size }) => [text, Number(size.toFixed(2))]);
  t.strictSame(lines([words({})], 100, 100), [['abcdefghij', 10]], 'as wished');
  t.strictSame(lines([words({})], 40, 100), [['abcdefghij', 8]], 'shrunk');
  t.strictSame(
    lines([words({})], 15, 100),
    [
      ['abcdef', 5],
      ['ghij', 5],
    ],
    'wrapped when it would be too small to read',
  );
  t.strictSame(lines([words({ clip: true })], 20, 100), [['abcd…', 7.5]], 'cut');
  t.strictSame(
    lines([words({ clip: true, lines: 2, text: 'abcd efgh ijklm' })], 25, 100),
    [
      ['abcd', 8.5],
      ['efgh…', 8.5],
    ],
    'wrapped at a space, then cut',
  );
  t.strictSame(
    lines([words({ clip: true, lines: 2, text: '灭火设备（气体）组' })], 25, 100),
    [
      ['灭火设备', 8.5],
      ['（气体）组', 8.5],
    ],
    'no bracket left behind at the end of a line',
  );
  t.strictSame(
    lines([words({}), words({ optional: true })], 100, 20),
    [['abcdefghij', 10]],
    'left out when full',
  );
  const tight = fitWords([words({}), words({})], 100, 12.2, measure);
  t.equal(heightOf(tight).toFixed(3), '12.200', 'all shrunk at last');
});

t.test('a code that would need smaller modules is refused', async (t) => {
  const code = `HTTPS://A-VERY-LONG-HOST-NAME.TRACE.SUYUAN.EXAMPLE/01/06901234567892/21/ABCDEFGHJKMNPQRSTVWX?S=${signature}`;
  t.match(labelFits(code, 'roll-18x33'), { ok: false, code: 'code-too-long' });
  t.match(labelFits(code, 'a4-24'), { ok: true });
  t.match(labelFits(label(1).code, 'roll-18x33'), { ok: true });
  await t.rejects(pdfOf([label(1), label(2, { code })], 'roll-18x33'), new Refusal('code-too-long', ''), {
    code: 'code-too-long',
  });
});

t.test('labels are drawn at the pace of the reader', async (t) => {
  let asked = 0;
  async function* endless() {
    for (;;) yield label(asked++ % 9000);
  }
  const stream = labelSheet(endless(), 'a4-65');
  let read = 0;
  for await (const chunk of stream) {
    read += chunk.length;
    if (read > 100_000) break;
  }
  t.ok(asked < 1000, `${asked} labels were asked for 100 kB`);
  t.ok(stream.destroyed);
});

t.test('a sheet without labels is still a PDF', async (t) => {
  t.equal(readPdf(await pdfOf([], 'a4-24')).pages.length, 1);
});
