/**
 * Cases and findings as tables: CSV (RFC 4180), written page by page as it is read, and XLSX (ECMA-376), which is put
 * together in memory and so bounded. The columns stay as they are; new ones come last.
 */
import { Readable } from 'node:stream';
import { shown } from '../../core/text/shown.ts';
import { csvLine } from '../../http/csv.ts';
import { type CaseView, exportMax, type FoundView } from './schemas.ts';

/** Columns of a table with what stands in them. */
export type Table<T> = Readonly<Record<string, (row: T) => string | number | null>>;

export const caseTable: Table<CaseView> = {
  case: ({ id }) => id,
  rule: ({ rule }) => rule,
  severity: ({ severity }) => severity,
  cause: ({ cause }) => cause,
  state: ({ state }) => state,
  party: ({ party }) => party?.id ?? null,
  partyName: ({ party }) => party?.name ?? null,
  partyRegion: ({ party }) => party?.region?.code ?? null,
  gtin: ({ product }) => product?.gtin ?? null,
  product: ({ product }) => product?.name ?? null,
  maker: ({ maker }) => maker?.id ?? null,
  makerName: ({ maker }) => maker?.name ?? null,
  opened: ({ opened }) => opened,
  openedAt: ({ openedAt }) => openedAt,
  findings: ({ findings }) => findings?.total ?? null,
  open: ({ findings }) => findings?.open ?? null,
  zh: ({ zh }) => zh,
  en: ({ en }) => en,
  basis: ({ basis }) => basis,
};

export const findingTable: Table<FoundView> = {
  thing: ({ epc }) => epc,
  rule: ({ rule }) => rule,
  severity: ({ severity }) => severity,
  cause: ({ cause }) => cause,
  one: ({ entries }) => entries[0] ?? null,
  other: ({ entries }) => entries[1] ?? null,
  opened: ({ opened }) => opened,
  openedAt: ({ openedAt }) => openedAt,
  closed: ({ closed }) => closed,
  case: (row) => row.case,
  zh: ({ zh }) => zh,
  en: ({ en }) => en,
  closedAt: ({ closedAt }) => closedAt,
  scans: ({ scans }) => scans?.count ?? null,
  firstScan: ({ scans }) => scans?.first ?? null,
  lastScan: ({ scans }) => scans?.last ?? null,
  regions: ({ scans, reports }) => (scans ?? reports)?.regions.join(' ') ?? null,
  reports: ({ reports }) => reports?.count ?? null,
  firstReport: ({ reports }) => reports?.first ?? null,
  lastReport: ({ reports }) => reports?.last ?? null,
  expectedReports: ({ reports }) => reports?.expected ?? null,
  made: ({ made }) => made,
};

/** Reads the page after a cursor; null when there is none. */
export type NextPage<T> = (
  cursor: string | undefined,
) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>;

/** Rows of all pages, at most `exportMax`. */
async function* rowsOf<T>(page: NextPage<T>): AsyncGenerator<T> {
  let left = exportMax;
  for (let cursor: string | undefined; left > 0; ) {
    const { items, next } = await page(cursor);
    for (const row of items.slice(0, left)) yield row;
    left -= items.length;
    if (next === null) return;
    cursor = next;
  }
}

const cellsOf = <T>(table: Table<T>, row: T) => Object.values(table).map((cell) => cell(row));

/** Text that is written as it is read. The first page is read before the answer begins, so that a fault is told. */
export async function csvOf<T>(table: Table<T>, page: NextPage<T>): Promise<Readable> {
  const rows = rowsOf(page);
  const first = await rows.next();
  async function* lines(): AsyncGenerator<string> {
    yield csvLine(Object.keys(table));
    if (first.done === true) return;
    yield csvLine(cellsOf(table, first.value).map((cell) => String(cell ?? '')));
    for await (const row of rows) yield csvLine(cellsOf(table, row).map((cell) => String(cell ?? '')));
  }
  return Readable.from(lines());
}

export async function xlsxOf<T>(table: Table<T>, page: NextPage<T>, sheet: string): Promise<Buffer> {
  // Few ask for it: what writes it is loaded for the first of them.
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  const rows: ReturnType<typeof cellsOf>[] = [];
  for await (const row of rowsOf(page)) rows.push(cellsOf(table, row));
  const head = Object.keys(table).map((value) => ({ value, fontWeight: 'bold' as const }));
  const body = rows.map((cells) =>
    cells.map((value) =>
      value === null ? null : { value: typeof value === 'string' ? shown(value) : value },
    ),
  );
  return writeXlsxFile([head, ...body], { sheet, stickyRowsCount: 1 }).toBuffer();
}
