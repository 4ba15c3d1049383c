/** Certificates and every change of their status as rows. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const certificatesProjection: Projection = {
  tables: ['certificates'],
  insert: (sql, batch) => [
    insertRows(
      sql,
      'certificates',
      {
        seq: 'bigint',
        id: 'text',
        number: 'text',
        issuer: 'text',
        holder: 'text',
        status: 'text',
        body: 'jsonb',
      },
      ofKind(batch, 'certificate').map(({ seq, fact }) => ({
        seq,
        id: fact.id,
        number: fact.number,
        issuer: fact.issuer,
        holder: fact.holder,
        status: fact.status,
        body: JSON.stringify(fact),
      })),
    ),
  ],
};
