/** What the log said of the map of heads, each time. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const headsProjection: Projection = {
  tables: ['heads'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'heads',
      { seq: 'bigint', size: 'bigint', root: 'bytea', count: 'bigint' },
      ofKind(batch, 'heads').map(({ seq, fact: { size, root, count } }) => ({
        seq,
        size,
        root: Buffer.from(root, 'base64url'),
        count,
      })),
    ),
  ],
};
