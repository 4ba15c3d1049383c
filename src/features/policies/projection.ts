/** Policies as they came into force. */
import { canonical } from '../../core/text/canonical.ts';
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const policiesProjection: Projection = {
  tables: ['policies'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'policies',
      { seq: 'bigint', name: 'text', body: 'jsonb' },
      ofKind(batch, 'policy').map(({ seq, fact }) => ({ seq, name: fact.name, body: canonical(fact.body) })),
    ),
  ],
};
