/**
 * The projections every fact takes part in: identifiers numbered in order of mention, and the hash chain of each
 * (core/log/unit-chain.ts). Rows depend on the log prefix alone; how many facts are written together changes nothing.
 */
import type { Named } from '../core/log/fact.ts';
import { firstLink, nextLink } from '../core/log/unit-chain.ts';
import { arrayLiteral } from '../database/array-literal.ts';
import type { Sql } from '../database/connection.ts';
import { insertRows } from '../database/rows.ts';
import type { Projected } from './projection.ts';

/** A fact with its leaf hash and the identifiers it names. */
export interface Chained extends Projected {
  readonly leaf: Uint8Array;
  readonly named: readonly Named[];
}

/** The end of an identifier's chain. */
interface ChainEnd {
  readonly unit: number;
  readonly n: number;
  readonly link: Uint8Array;
}
export type ChainEnds = Map<string, ChainEnd>;

/** Asks for the chain ends of identifiers; those not in the answer have never been named. */
export async function readChainEnds(sql: Sql, epcs: Iterable<string>): Promise<ChainEnds> {
  const list = [...new Set(epcs)];
  if (list.length === 0) return new Map();
  const rows = await sql<{ epc: string; unit: number; n: number; link: Buffer }[]>`
    SELECT e.epc, e.unit, c.n, c.link
    FROM unnest(${arrayLiteral(list)}::text[]) AS asked (epc)
    JOIN epcs e ON e.epc = asked.epc
    CROSS JOIN LATERAL (SELECT n, link FROM unit_chain WHERE unit = e.unit ORDER BY n DESC LIMIT 1) c`.execute();
  return new Map(rows.map(({ epc, unit, n, link }) => [epc, { unit, n, link }]));
}

/** Rows for `epcs` and `unit_chain`, and the next free number. `ends` is brought up to date on the way. */
export function chainRows(
  facts: readonly Chained[],
  ends: ChainEnds,
  firstFree: number,
): { epcs: EpcRow[]; links: LinkRow[]; nextUnit: number } {
  const epcs: EpcRow[] = [];
  const links: LinkRow[] = [];
  let nextUnit = firstFree;
  for (const { seq, leaf, named } of facts)
    for (const { epc, position } of named) {
      const end = ends.get(epc);
      const unit = end?.unit ?? nextUnit++;
      if (end === undefined) epcs.push({ unit, epc });
      const link = nextLink(end?.link ?? firstLink(epc), leaf);
      // The row is the new end as well: one object for each of what may be a million.
      const row = { unit, seq, n: (end?.n ?? 0) + 1, position, link };
      ends.set(epc, row);
      links.push(row);
    }
  return { epcs, links, nextUnit };
}

type EpcRow = { unit: number; epc: string };
type LinkRow = { unit: number; seq: number; n: number; position: number; link: Uint8Array };

/** Writes what `chainRows` made. */
export const insertChainRows = (
  sql: Sql,
  rows: { epcs: readonly EpcRow[]; links: readonly LinkRow[] },
): Promise<unknown>[] => [
  insertRows(sql, 'epcs', { unit: 'bigint', epc: 'text' }, rows.epcs),
  insertRows(
    sql,
    'unit_chain',
    { unit: 'bigint', seq: 'bigint', n: 'int', position: 'smallint', link: 'bytea' },
    rows.links,
  ),
];
