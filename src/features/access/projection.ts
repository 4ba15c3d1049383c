/** API clients and what became of them as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const clientsProjection: Projection = {
  tables: ['clients'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'clients',
      { seq: 'bigint', id: 'text', party: 'text', body: 'jsonb' },
      ofKind(batch, 'client').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        party: fact.party,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
