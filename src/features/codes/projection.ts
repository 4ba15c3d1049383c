/**
 * Codes given out, as runs of consecutive internal numbers: what an issue names for the first time is numbered in a
 * row, so a million codes are a hundred rows. Whatever had been named before (a serial seen on a shelf before its
 * maker issued it) stands elsewhere and breaks the run.
 */

import { formatLot, parseGtin, parseLot } from '../../core/gs1/identifiers.ts';
import type { IssueFact } from '../../core/log/fact.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { required } from '../../errors.ts';
import { ofKind, type Projected, type Projection } from '../../ledger/projection.ts';

const columns = {
  first_unit: 'bigint',
  last_unit: 'bigint',
  seq: 'bigint',
  batch: 'text',
  gtin: 'text',
  lot: 'text',
  kid: 'text',
  issued_by: 'text',
  ours: 'boolean',
} as const satisfies Columns;

const conflict = {
  code: 'already-issued',
  detail: 'One of these codes was issued before; a code is given out once. Leave it out.',
} as const;

export const issuesProjection: Projection = {
  tables: ['issues'],
  conflicts: { issues_once: conflict, issues_pkey: conflict },
  insert: (sql, batch) => [
    insertRows(
      sql,
      'issues',
      columns,
      ofKind(batch, 'issue').flatMap((item) => issueRows(item, batch.unitOf)),
    ),
  ],
};

/** The runs of one issue, in order. */
function issueRows(
  { seq, fact }: Projected<IssueFact>,
  unitOf: (epc: string) => number,
): Row<typeof columns>[] {
  const units = new Float64Array(fact.epcs.length);
  for (const [i, epc] of fact.epcs.entries()) units[i] = unitOf(epc);
  units.sort();
  const about = {
    seq,
    batch: fact.batch,
    gtin: fact.gtin ?? null,
    lot: lotOf(fact),
    kid: fact.kid,
    issued_by: fact.by,
    ours: fact.serials === 'ours',
  };
  const rows: Row<typeof columns>[] = [];
  let first = units[0];
  let last = first;
  for (const unit of units.subarray(1)) {
    if (last !== undefined && unit !== last + 1) {
      rows.push({ ...about, first_unit: first ?? last, last_unit: last });
      first = unit;
    }
    last = unit;
  }
  if (first !== undefined && last !== undefined) rows.push({ ...about, first_unit: first, last_unit: last });
  return rows;
}

/** The lot that units belong to; a lot's own code belongs to none. */
function lotOf({ gtin, lot, epcs: [epc] }: IssueFact): string | null {
  if (gtin === undefined || lot === undefined) return null;
  const of = formatLot(required(parseGtin(gtin)), required(parseLot(lot)));
  return epc === of ? null : of;
}
