/** Versions of delegations as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const delegationsProjection: Projection = {
  tables: ['delegations'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'delegations',
      { seq: 'bigint', id: 'text', grantor: 'text', grantee: 'text', body: 'jsonb' },
      ofKind(batch, 'delegation').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        grantor: fact.from,
        grantee: fact.to,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
