/** What officers decided as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const decisionsProjection: Projection = {
  tables: ['decisions'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'decisions',
      {
        seq: 'bigint',
        case_id: 'text',
        rule: 'text',
        outcome: 'text',
        cause: 'text',
        party: 'text',
        body: 'jsonb',
      },
      ofKind(batch, 'decision').map(({ seq, fact }) => ({
        seq,
        case_id: fact.case,
        rule: fact.rule,
        outcome: fact.outcome,
        cause: fact.cause,
        party: fact.by,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
