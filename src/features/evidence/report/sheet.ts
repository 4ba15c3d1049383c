/**
 * A sheet of paper to write a report on: A4, from top to bottom, with a new page where one is full. Points are those of
 * PDF, 1/72 inch; the axes run right and down.
 */
import { fontFile } from '../../fonts.ts';

export const colours = {
  text: '#1b2127',
  soft: '#4d5965',
  line: '#d5dbe1',
  ground: '#f3f5f7',
  accent: '#0b5f70',
  warning: '#8a5a00',
} as const;
export type Colour = keyof typeof colours;

export interface Style {
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: Colour;
}

export const page = { width: 595.28, height: 841.89, left: 51, right: 51, top: 51, bottom: 62 } as const;
export const width = page.width - page.left - page.right;

/** What a document says of itself. */
export interface Cover {
  readonly title: string;
  readonly lang: string;
  readonly date: Date;
}

/** A new document, and how it ends: its bytes. */
export async function openSheet({
  title,
  lang,
  date,
}: Cover): Promise<{ sheet: Sheet; end(): Promise<Buffer> }> {
  // Loaded when first needed: few processes ever draw, and it makes the start slow.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    lang,
    displayTitle: true,
    info: { Title: title, Producer: 'Suyuan', Creator: 'Suyuan', CreationDate: date },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => document.on('end', resolve));
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    sheet: new Sheet(document),
    async end() {
      document.end();
      await ended;
      return Buffer.concat(chunks);
    },
  };
}

export class Sheet {
  readonly document: PDFKit.PDFDocument;
  /** Where the next thing goes. */
  y: number = page.top;

  constructor(document: PDFKit.PDFDocument) {
    this.document = document;
  }

  use({ size, bold = false, colour = 'text' }: Style): PDFKit.PDFDocument {
    return this.document.font(fontFile(bold)).fontSize(size).fillColor(colours[colour]);
  }

  /** Makes sure that so much room is left on the page. */
  room(height: number): void {
    if (this.y + height <= page.height - page.bottom) return;
    this.document.addPage();
    this.y = page.top;
  }

  heightOf(text: string, style: Style, within: number): number {
    return this.use(style).heightOfString(text, { width: within, lineGap: gapOf(style) });
  }

  /** Writes a paragraph at `left` from here on, whole on one page where it fits one. */
  paragraph(text: string, style: Style, left = 0, within = width - left): void {
    const height = this.heightOf(text, style, within);
    this.room(height);
    this.use(style).text(text, page.left + left, this.y, { width: within, lineGap: gapOf(style) });
    this.y += height;
  }

  /** Writes one line at a place, cut with an ellipsis where it is too long; answers with its width. */
  line(text: string, style: Style, x: number, y: number, within: number): number {
    const document = this.use(style);
    const fitting = cut(text, within, (part) => document.widthOfString(part));
    document.text(fitting, x, y, { lineBreak: false });
    return document.widthOfString(fitting);
  }

  heading(text: string): void {
    // A heading stands with what follows it.
    this.room(110);
    this.y += 20;
    this.paragraph(text, { size: 13, bold: true, colour: 'accent' });
    this.y += 4;
    this.rule();
    this.y += 8;
  }

  /** Writes at the foot of every page what it belongs to, and its number. */
  number(foot: string): void {
    const { count } = this.document.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.document.switchToPage(i);
      const y = page.height - 40;
      const style = { size: 8, colour: 'soft' } as const;
      this.line(foot, style, page.left, y, 380);
      const number = `${i + 1} / ${count}`;
      const wide = this.use(style).widthOfString(number);
      this.line(number, style, page.width - page.right - wide, y, wide + 1);
    }
  }

  rule(): void {
    this.document
      .moveTo(page.left, this.y)
      .lineTo(page.width - page.right, this.y)
      .lineWidth(0.75)
      .strokeColor(colours.line)
      .stroke();
  }
}

const gapOf = ({ size }: Style): number => size * 0.18;

function cut(text: string, within: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= within) return text;
  const characters = [...text];
  while (characters.length > 0 && widthOf(`${characters.join('')}…`) > within) characters.pop();
  return `${characters.join('')}…`;
}
