/**
 * Cases and findings as tables: CSV (RFC 4180) and XLSX (ECMA-376), put together in memory and so bounded; where there is
 * more than fits, that is told before the table begins. The columns stay as they are; new ones come last.
 */
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
  version: ({ version }) => version,
  makerRegion: ({ maker }) => maker?.region?.code ?? null,
  lastAt: ({ lastAt }) => lastAt,
  decision: ({ decided }) => decided?.outcome ?? null,
  decidedCause: ({ decided }) => decided?.cause ?? null,
  decidedAt: ({ decided }) => decided?.at ?? null,
  decidedBy: ({ decided }) => decided?.by?.name ?? null,
  sample: ({ sample }) => sample,
  productEn: ({ product }) => product?.nameEn ?? null,
  atLeast: ({ findings }) => (findings === null ? null : String(findings.atLeast)),
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
  version: ({ version }) => version,
  gtin: ({ product }) => product?.gtin ?? null,
  product: ({ product }) => product?.name ?? null,
  lot: ({ lot }) => lot,
  party: ({ party }) => party?.id ?? null,
  partyName: ({ party }) => party?.name ?? null,
  partyRegion: ({ party }) => party?.region?.code ?? null,
  maker: ({ maker }) => maker?.id ?? null,
  makerName: ({ maker }) => maker?.name ?? null,
  makerRegion: ({ maker }) => maker?.region?.code ?? null,
  region: ({ region }) => region?.code ?? null,
  oneAt: ({ entryTimes }) => entryTimes[0] ?? null,
  otherAt: ({ entryTimes }) => entryTimes[1] ?? null,
  explanationZh: ({ explanation }) => explanation.zh,
  explanationEn: ({ explanation }) => explanation.en,
  productEn: ({ product }) => product?.nameEn ?? null,
};

/** Rows that are read in one go. */
const pageMax = 1_000;

/** Reads a page of so many after a cursor. */
export type NextPage<T> = (
  cursor: string | undefined,
  limit: number,
) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>;

export interface Exported<T> {
  readonly rows: readonly T[];
  /** Cursor of what did not fit; null when that is all. */
  readonly next: string | null;
}

/** The rows of the next pages, at most `exportMax`. */
export async function exported<T>(page: NextPage<T>): Promise<Exported<T>> {
  const rows: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await page(cursor, Math.min(pageMax, exportMax - rows.length));
    rows.push(...items);
    if (next === null || rows.length >= exportMax) return { rows, next };
    cursor = next;
  }
}

const cellsOf = <T>(table: Table<T>, row: T) => Object.values(table).map((cell) => cell(row));

export const csvOf = <T>(table: Table<T>, rows: readonly T[]): string =>
  [
    csvLine(Object.keys(table)),
    ...rows.map((row) => csvLine(cellsOf(table, row).map((cell) => String(cell ?? '')))),
  ].join('');

export async function xlsxOf<T>(table: Table<T>, rows: readonly T[], sheet: string): Promise<Buffer> {
  // Few ask for it: what writes it is loaded for the first of them.
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  const head = Object.keys(table).map((value) => ({ value, fontWeight: 'bold' as const }));
  const body = rows.map((row) =>
    cellsOf(table, row).map((value) =>
      value === null ? null : { value: typeof value === 'string' ? shown(value) : value },
    ),
  );
  return writeXlsxFile([head, ...body], { sheet, stickyRowsCount: 1 }).toBuffer();
}
