/** Which entries have lost their personal data, and by which. The data itself goes where truth is written. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const erasuresProjection: Projection = {
  tables: ['erasures'],
  conflicts: {
    erasures_pkey: {
      code: 'already-exists',
      detail: 'The personal data of one of these entries is erased already; leave that entry out.',
    },
  },
  insert: (sql, batch) => [
    insertRows(
      sql,
      'erasures',
      { erased: 'bigint', seq: 'bigint' },
      ofKind(batch, 'erasure').flatMap(({ seq, fact }) => fact.entries.map((erased) => ({ erased, seq }))),
    ),
  ],
};
