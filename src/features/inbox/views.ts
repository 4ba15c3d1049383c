/** Notices as the party sees them that is told, with the orders they are about. */
import { type Static, Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import type { FeatureDeps } from '../feature.ts';
import { ordersBySeq } from '../orders/queries.ts';
import { OrderSchema } from '../orders/schemas.ts';
import { orderViews } from '../orders/service.ts';
import type { LoadNames } from '../tracing/names.ts';
import { oneOf } from '../vocabulary.ts';
import { type Notice, noticeKinds } from './queries.ts';

const moment = (description: string) => Type.String({ format: 'date-time', description });

export const NoticeSchema = Type.Object({
  id: Type.Integer({ description: 'Grows with every notice' }),
  at: moment('When it came'),
  kind: oneOf(
    noticeKinds,
    '`order`: you hold goods under it; `release`: it is over; `moved`: something that your order stops was moved or used',
  ),
  entry: Type.Integer({
    description: 'The entry that it tells of: of the order, its release, or what moved',
  }),
  order: OrderSchema,
  acknowledgedAt: Type.Union([moment('When you acknowledged it'), Type.Null()]),
  overdue: Type.Boolean({ description: 'You have not, and the time for it is over' }),
});
export type NoticeView = Static<typeof NoticeSchema>;

/** A few statements, however many notices. */
export async function noticeViews(
  { reads: { sql }, now }: Pick<FeatureDeps, 'reads' | 'now'>,
  names: LoadNames,
  party: PartyId,
  notices: readonly Notice[],
): Promise<NoticeView[]> {
  const orders = await ordersBySeq(
    sql,
    notices.map(({ seq }) => seq),
  );
  const told = notices.flatMap((notice) => {
    const order = orders.get(notice.seq);
    return order === undefined
      ? []
      : [
          {
            notice,
            order: { ...order, sight: order.fact.by === party ? ('whole' as const) : ('told' as const) },
          },
        ];
  });
  const views = await orderViews(
    names,
    party,
    told.map(({ order }) => order),
  );
  return told.flatMap(({ notice: { id, at, kind, entry, acknowledgedAt }, order }, i) => {
    const view = views[i];
    if (view === undefined) return [];
    const isOver = Date.parse(order.fact.acknowledgeBy) < now();
    return [
      {
        id,
        at: new Date(at).toISOString(),
        kind,
        entry,
        order: view,
        acknowledgedAt: acknowledgedAt === null ? null : new Date(acknowledgedAt).toISOString(),
        overdue: kind === 'order' && isOver && acknowledgedAt === null && order.release === null,
      },
    ];
  });
}
