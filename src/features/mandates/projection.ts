/** Mandates and what became of them as rows: each is asked for, decided and ended once. */
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const mandatesProjection: Projection = {
  tables: ['mandates'],
  conflicts: {
    mandates_acts: {
      code: 'state-conflict',
      detail: 'This mandate was decided or ended meanwhile; look at it again.',
    },
  },
  insert(sql, batch) {
    const asked = ofKind(batch, 'mandate').map((it) => ({ ...it, id: it.fact.id, act: 'asked' }));
    const decided = ofKind(batch, 'mandate-decision').map((it) => ({
      ...it,
      id: it.fact.mandate,
      act: 'decided',
    }));
    const ended = ofKind(batch, 'mandate-end').map((it) => ({ ...it, id: it.fact.mandate, act: 'ended' }));
    return [
      insertRows(
        sql,
        'mandates',
        { seq: 'bigint', at: 'bigint', id: 'text', act: 'text', party: 'text', body: 'jsonb' },
        [...asked, ...decided, ...ended].map(({ seq, at, id, act, fact }) => ({
          ...{ seq, at, id, act },
          party: fact.by,
          body: JSON.stringify(fact),
        })),
      ),
    ];
  },
};
