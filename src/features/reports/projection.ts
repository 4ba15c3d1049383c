/** What officers found of reports as rows, once each. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const reportDecisionsProjection: Projection = {
  tables: ['report_decisions'],
  conflicts: {
    report_decisions_pkey: {
      code: 'state-conflict',
      detail: 'It is decided already whether this report was founded; look at it again.',
    },
  },
  insert: (sql, batch) => [
    insertRows(
      sql,
      'report_decisions',
      { report: 'text', seq: 'bigint', at: 'bigint', outcome: 'text', party: 'text' },
      ofKind(batch, 'report-decision').map(({ seq, at, fact }) => ({
        report: fact.report,
        seq,
        at,
        outcome: fact.outcome,
        party: fact.by,
      })),
    ),
  ],
};
