/** Orders and their releases as rows, and the terms that orders are found by (core/orders/order.ts). */
import { termsOf } from '../../core/orders/order.ts';
import { insertRows } from '../../database/rows.ts';
import { ofKind, type Projection } from '../../ledger/projection.ts';

export const ordersProjection: Projection = {
  tables: ['orders', 'order_terms', 'order_acknowledgements'],
  conflicts: {
    order_acknowledgements_order_id_party_pk: {
      code: 'state-conflict',
      detail: 'You acknowledged this order already.',
    },
    orders_released: { code: 'state-conflict', detail: 'The order is released already.' },
  },
  insert(sql, batch) {
    const orders = ofKind(batch, 'order');
    const made = orders.map(({ seq, at, fact }) => ({
      seq,
      at,
      id: fact.id,
      type: fact.type,
      party: fact.by,
      body: JSON.stringify(fact),
    }));
    const releases = ofKind(batch, 'order-release').map(({ seq, at, fact }) => ({
      seq,
      at,
      id: fact.order,
      type: 'release',
      party: fact.by,
      body: JSON.stringify(fact),
    }));
    const acknowledged = ofKind(batch, 'order-acknowledgement').map(({ seq, at, fact }) => ({
      order_id: fact.order,
      party: fact.by,
      seq,
      at,
    }));
    const terms = orders.flatMap(({ seq, fact }) => termsOf(fact.scope).map((term) => ({ term, seq })));
    return [
      insertRows(
        sql,
        'orders',
        { seq: 'bigint', at: 'bigint', id: 'text', type: 'text', party: 'text', body: 'jsonb' },
        [...made, ...releases],
      ),
      insertRows(sql, 'order_terms', { term: 'text', seq: 'bigint' }, terms),
      insertRows(
        sql,
        'order_acknowledgements',
        { order_id: 'text', party: 'text', seq: 'bigint', at: 'bigint' },
        acknowledged,
      ),
    ];
  },
};
