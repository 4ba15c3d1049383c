/**
 * Sheets of printed labels as PDF: the QR as vector modules, beside it the host (a copycat domain is the commonest
 * attack, and only the print tells the right one), product, model, maker and the identity for human eyes, as
 * `(01)…(21)…(10)…`.
 *
 * Labels are drawn as they come and a page is given away as soon as it is full, at the pace of the reader; what stays
 * in memory is the glyphs used and a few hundred bytes a page.
 */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fault, ok, Refusal, type Result } from '../../errors.ts';
import { fontFile, printable } from '../fonts.ts';
import { type Geometry, geometries, type LabelLayout, moduleMinMm } from './label-layouts.ts';
import { fitWords, leading, type Measure, type Words } from './label-text.ts';
import { qrModules } from './qr.ts';
import { outline } from './qr-outline.ts';

export { type LabelLayout, labelLayouts } from './label-layouts.ts';

export interface Label {
  /** The whole code, as it goes into the QR. */
  readonly code: string;
  readonly host: string;
  readonly productName: string;
  readonly model: string;
  readonly gtin: string;
  /** Null for the label of a lot. */
  readonly serial: string | null;
  readonly lot: string | null;
  readonly manufacturer: string;
}

const quietModules = 4;
const pointsPerMm = 72 / 25.4;

interface Symbol {
  readonly size: number;
  readonly dark: Uint8Array;
  /** Side of a module in mm. */
  readonly module: number;
}

/** Whether the QR of a code fits a layout with modules of 0.33 mm; fault `code-too-long`. */
export function labelFits(code: string, layout: LabelLayout): Result<true> {
  const symbol = symbolFor(code, layout);
  return symbol.ok ? ok(true) : symbol;
}

function symbolFor(code: string, layout: LabelLayout): Result<Symbol> {
  const modules = qrModules(code, { allowLarger: true });
  if (!modules.ok) return modules;
  const { size, dark } = modules.value;
  const { qr, module: wished } = geometries[layout];
  const module = Math.min(wished, qr.side / (size + 2 * quietModules));
  if (module < moduleMinMm - 1e-9)
    return fault(
      'code-too-long',
      `The QR of this code has ${size} modules, too many for a label of layout ${layout}: shorten host, serial or lot, ` +
        'or choose a layout with larger labels.',
    );
  return ok({ size, dark, module });
}

/**
 * A PDF of labels, in their order. The stream fails with a `Refusal` `code-too-long` when a code does not fit: ask
 * `labelFits` before answering, since codes of one batch with our serials have one length.
 */
export function labelSheet(labels: AsyncIterable<Label> | Iterable<Label>, layout: LabelLayout): Readable {
  return Readable.from(sheet(labels, layout), { objectMode: false });
}

async function* sheet(
  labels: AsyncIterable<Label> | Iterable<Label>,
  layout: LabelLayout,
): AsyncGenerator<Buffer> {
  const geometry = geometries[layout];
  const { page, columns, rows, first, step } = geometry;
  // Loaded when first needed: few processes ever draw, and it makes the start slow.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    autoFirstPage: false,
    margin: 0,
    size: [page.width * pointsPerMm, page.height * pointsPerMm],
    fontLayoutCache: false, // it would keep every serial ever drawn
    info: { Title: `Suyuan ${layout}`, Producer: 'Suyuan', Creator: 'Suyuan' },
  });
  const measure = measureWith(document);
  let place = 0;
  let drawn = 0;
  document.addPage();
  for await (const label of labels) {
    const symbol = symbolFor(label.code, layout);
    if (!symbol.ok) throw new Refusal(symbol.code, symbol.detail);
    if (place === columns * rows) {
      document.addPage();
      yield* written(document);
      place = 0;
    }
    const x = first.x + (place % columns) * step.x;
    const y = first.y + Math.floor(place / columns) * step.y;
    drawSymbol(document, symbol.value, geometry, x, y);
    drawWords(document, label, geometry, x, y, measure);
    place++;
    drawn++;
    if (drawn % labelsAtOnce === 0) await setImmediate();
  }
  document.end();
  yield* written(document);
}

/** What the document has written so far and nobody has read. */
function* written(document: PDFKit.PDFDocument): Generator<Buffer> {
  for (let chunk: unknown = document.read(); chunk !== null; chunk = document.read()) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a PDF is bytes');
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

/** How many widths are kept: names come again on every label, serials never. */
const widthsKept = 1000;
/** Labels drawn in one go before others get their turn: each takes a few ms. */
const labelsAtOnce = 8;

/** Widths in units of the size. */
function measureWith(document: PDFKit.PDFDocument): Measure {
  const widths = new Map<string, number>();
  return (text, bold) => {
    const key = `${bold}${text}`;
    const kept = widths.get(key);
    if (kept !== undefined) return kept;
    if (widths.size >= widthsKept) widths.clear();
    const width = document.font(fontFile(bold)).fontSize(1000).widthOfString(text) / 1000;
    widths.set(key, width);
    return width;
  };
}

/** Fills the symbol as one path; its quiet zone is the paper. The page's axes run right and down. */
function drawSymbol(
  document: PDFKit.PDFDocument,
  symbol: Symbol,
  { qr }: Geometry,
  x: number,
  y: number,
): void {
  const { size, dark, module } = symbol;
  const margin = (qr.side - size * module) / 2;
  const points = (mm: number) => (mm * pointsPerMm).toFixed(4);
  const path = outline(size, dark)
    .map((loop) => `${loop.map(([cx, cy], i) => `${cx} ${cy} ${i === 0 ? 'm' : 'l'}`).join(' ')} h`)
    .join('\n');
  document.addContent(
    `q ${points(module)} 0 0 ${points(module)} ${points(x + qr.x + margin)} ${points(y + qr.y + margin)} cm\n${path}\nf Q`,
  );
}

function drawWords(
  document: PDFKit.PDFDocument,
  label: Label,
  { text: box, points }: Geometry,
  x: number,
  y: number,
  measure: Measure,
): void {
  const lines = fitWords(wordsOf(label, points), box.width * pointsPerMm, box.height * pointsPerMm, measure);
  let top = (y + box.y) * pointsPerMm;
  for (const { text, bold, size } of lines) {
    document
      .font(fontFile(bold))
      .fontSize(size)
      .text(text, (x + box.x) * pointsPerMm, top, { lineBreak: false });
    top += size * leading;
  }
}

function wordsOf(label: Label, points: number): Words[] {
  const plain = { bold: false, size: points * 0.9, lines: 1, clip: false, optional: false };
  const described = { ...plain, clip: true };
  return [
    { ...plain, text: label.host, bold: true, size: points },
    { ...described, text: printable(label.productName), bold: true, size: points * 1.05, lines: 2 },
    { ...described, text: printable(`型号 ${label.model}`), lines: 2 },
    { ...plain, text: `(01)${label.gtin}` },
    ...(label.serial === null ? [] : [{ ...plain, text: `(21)${label.serial}` }]),
    ...(label.lot === null ? [] : [{ ...plain, text: `(10)${label.lot}` }]),
    { ...described, text: printable(label.manufacturer), size: points * 0.8, optional: true },
  ];
}
