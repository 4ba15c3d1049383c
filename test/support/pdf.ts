/**
 * As much of a PDF reader as label sheets need: pages, drawing operators, and what embedded fonts say of their glyphs.
 * Our own, so that the tests need no program; it knows only what pdfkit writes.
 */
import { inflateSync } from 'node:zlib';

export interface Sheet {
  /** Width and height of each page in points. */
  readonly pages: readonly (readonly [number, number])[];
  /** The drawing operators of each page. */
  readonly contents: readonly string[];
  /** All objects but their streams. */
  readonly objects: string;
  /** What glyphs mean, by name of the font and number of the glyph: `F2 14`. */
  readonly meaning: ReadonlyMap<string, string>;
  /** Their widths in units of the font size. */
  readonly widths: ReadonlyMap<string, number>;
}

export function readPdf(pdf: Buffer): Sheet {
  const text = pdf.toString('latin1');
  const objects = new Map<string, string>();
  const streams = new Map<string, string>();
  for (const match of text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, id = '', body = ''] = match;
    const at = body.indexOf('\nstream\n');
    objects.set(id, at < 0 ? body : body.slice(0, at));
    if (at < 0 || !body.includes('FlateDecode')) continue;
    const length = Number(/\/Length (\d+)/.exec(body)?.[1]);
    const start = (match.index ?? 0) + match[0].indexOf('\nstream\n') + 8;
    streams.set(id, inflateSync(pdf.subarray(start, start + length)).toString('latin1'));
  }
  const pages = [...objects.values()].filter((body) => /\/Type \/Page\b/.test(body));
  const { meaning, widths } = readFonts(objects, streams);
  return {
    pages: pages.map((body) => {
      const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(body) ?? [];
      return [Number(width), Number(height)] as const;
    }),
    contents: pages.map((body) => streams.get(/\/Contents (\d+) 0 R/.exec(body)?.[1] ?? '') ?? ''),
    objects: [...objects.values()].join('\n'),
    meaning,
    widths,
  };
}

function readFonts(objects: ReadonlyMap<string, string>, streams: ReadonlyMap<string, string>) {
  const meaning = new Map<string, string>();
  const widths = new Map<string, number>();
  const resources = [...objects.values()].find((body) => body.includes('/Font <<')) ?? '';
  for (const [, name = '', id = ''] of resources.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const font = objects.get(id) ?? '';
    const map = streams.get(/\/ToUnicode (\d+)/.exec(font)?.[1] ?? '') ?? '';
    for (const [, start = '', list = ''] of map.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[(.*?)\]/g)) {
      [...list.matchAll(/<([0-9a-f ]*)>/g)].forEach(([, codes = ''], i) => {
        const units = codes.split(' ').map((code) => Number.parseInt(code, 16));
        meaning.set(`${name} ${Number.parseInt(start, 16) + i}`, String.fromCharCode(...units));
      });
    }
    const descendant = objects.get(/\/DescendantFonts \[(\d+)/.exec(font)?.[1] ?? '') ?? '';
    const list = /\/W \[0 \[([\d. ]*)\]\]/.exec(descendant)?.[1] ?? '';
    list.split(' ').forEach((width, glyph) => {
      widths.set(`${name} ${glyph}`, Number(width) / 1000);
    });
  }
  return { meaning, widths };
}

/** The lines of text of a page with where they stand in points, in the order of drawing. */
export function textsOf(sheet: Sheet, page: number): { text: string; x: number; y: number; right: number }[] {
  const blocks = (sheet.contents[page] ?? '').matchAll(/BT\n([\s\S]*?)\nET/g);
  return [...blocks].map(([, block = '']) => {
    const [, x, y] = /1 0 0 1 ([\d.]+) ([\d.]+) Tm/.exec(block) ?? [];
    const [, font = '', size] = /\/(F\d+) ([\d.]+) Tf/.exec(block) ?? [];
    const glyphs = [...block.matchAll(/<([0-9a-f]+)>/g)]
      .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
      .map((hex) => `${font} ${Number.parseInt(hex, 16)}`);
    const advance = glyphs.reduce((sum, glyph) => sum + (sheet.widths.get(glyph) ?? Number.NaN), 0);
    const kerning = [...block.matchAll(/> (-?[\d.]+)/g)].reduce(
      (sum, [, back]) => sum + Number(back) / 1000,
      0,
    );
    const width = (advance - kerning) * Number(size);
    return {
      text: glyphs.map((glyph) => sheet.meaning.get(glyph) ?? '?').join(''),
      x: Number(x),
      y: Number(y),
      right: Number(x) + width,
    };
  });
}
