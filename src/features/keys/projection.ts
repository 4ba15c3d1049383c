/** Keys and every change of their status, as rows in order of the log. */
import { canonical } from '../../core/text/canonical.ts';
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const keysProjection: Projection = {
  tables: ['keys'],
  conflicts: {
    keys_kid_once: { code: 'state-conflict', detail: 'This key id is taken; send the request again.' },
    keys_x_once: {
      code: 'already-exists',
      detail: 'This public key is registered already; make a fresh key pair for every key.',
    },
  },
  insert: (sql, batch) => [
    insertRows(
      sql,
      'keys',
      { seq: 'bigint', kid: 'text', purpose: 'text', party: 'text', status: 'text', body: 'jsonb' },
      ofKind(batch, 'key').map(({ seq, fact }) => {
        const { kind, by, kid, purpose, party, status, ...body } = fact;
        return { seq, kid, purpose, party, status, body: canonical(body) };
      }),
    ),
  ],
};
