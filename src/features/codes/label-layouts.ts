/**
 * Where labels lie on paper. Millimetres from the top left corner of the page or of the label; PDF has 72 points to
 * 25.4 mm.
 *
 * `a4-24` and `a4-65` are the common die-cut A4 sheets of 3 × 8 labels of 63.5 × 33.9 mm and 5 × 13 labels of
 * 38.1 × 21.2 mm, centred on the page. `roll-18x33` and `roll-35x45` are the two sizes of the fire-product mark, one
 * label a page, as label printers take them.
 *
 * A module of the QR has at least 0.33 mm, which cheap phones read and 300 dpi prints with four dots. The 18 mm label
 * just holds version 7: 45 modules and a quiet zone of 4 on each side are 53 × 0.33 = 17.49 mm.
 */

export const labelLayouts = ['a4-24', 'a4-65', 'roll-18x33', 'roll-35x45'] as const;
export type LabelLayout = (typeof labelLayouts)[number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Geometry {
  readonly page: { readonly width: number; readonly height: number };
  readonly columns: number;
  readonly rows: number;
  /** Corner of the first label, and the steps from one label to the next. */
  readonly first: { readonly x: number; readonly y: number };
  readonly step: { readonly x: number; readonly y: number };
  /** Square of the QR with its quiet zone, within the label. */
  readonly qr: { readonly x: number; readonly y: number; readonly side: number };
  readonly text: Box;
  /** Side of a module where the code's version allows it. */
  readonly module: number;
  /** Size of plain text in points; the rest is in proportion. */
  readonly points: number;
}

/** Smallest side of a QR module. */
export const moduleMinMm = 0.33;

const a4 = { width: 210, height: 297 };
const alone = { columns: 1, rows: 1, first: { x: 0, y: 0 }, step: { x: 0, y: 0 } };

export const geometries: Readonly<Record<LabelLayout, Geometry>> = {
  'a4-24': {
    page: a4,
    columns: 3,
    rows: 8,
    first: { x: 7.25, y: 12.9 },
    step: { x: 66, y: 33.9 },
    qr: { x: 1, y: 2.375, side: 29.15 },
    text: { x: 31, y: 3, width: 30.5, height: 27.9 },
    module: 0.55,
    points: 8.5,
  },
  'a4-65': {
    page: a4,
    columns: 5,
    rows: 13,
    first: { x: 4.75, y: 10.7 },
    step: { x: 40.6, y: 21.2 },
    qr: { x: 0.6, y: 1.06, side: 19.08 },
    text: { x: 20.2, y: 1.6, width: 16.9, height: 18 },
    module: 0.36,
    points: 5,
  },
  'roll-18x33': {
    page: { width: 18, height: 33 },
    ...alone,
    qr: { x: 0.255, y: 0.255, side: 17.49 },
    text: { x: 0.9, y: 17.6, width: 16.2, height: 14.6 },
    module: 0.33,
    points: 5,
  },
  'roll-35x45': {
    page: { width: 35, height: 45 },
    ...alone,
    qr: { x: 4.25, y: 0.5, side: 26.5 },
    text: { x: 2, y: 27, width: 31, height: 17 },
    module: 0.5,
    points: 6,
  },
};
