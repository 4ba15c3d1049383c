/** Versions of links as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const linksProjection: Projection = {
  tables: ['links'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'links',
      { seq: 'bigint', id: 'text', party: 'text', anchor: 'text', body: 'jsonb' },
      ofKind(batch, 'link').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        party: fact.by,
        anchor: fact.anchor,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
