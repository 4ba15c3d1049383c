/** Versions of products as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const productsProjection: Projection = {
  tables: ['products'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'products',
      { seq: 'bigint', gtin: 'text', party: 'text', category: 'text', body: 'jsonb' },
      ofKind(batch, 'product').map(({ seq, fact }) => ({
        seq,
        gtin: fact.gtin,
        party: fact.party,
        category: fact.category,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
