/** Versions of parties as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const partiesProjection: Projection = {
  tables: ['parties'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'parties',
      { seq: 'bigint', id: 'text', stub: 'boolean', body: 'jsonb' },
      ofKind(batch, 'party').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        stub: fact.stub,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
