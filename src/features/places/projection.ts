/** Versions of places as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const placesProjection: Projection = {
  tables: ['places'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'places',
      { seq: 'bigint', id: 'text', party: 'text', body: 'jsonb' },
      ofKind(batch, 'place').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        party: fact.party,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
