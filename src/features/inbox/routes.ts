/** The inbox of a party: what it is told, each thing once, in the order in which it came. */
import { Type } from '@sinclair/typebox';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { ordersBySeq } from '../orders/queries.ts';
import { OrderSchema } from '../orders/schemas.ts';
import { orderViews } from '../orders/service.ts';
import { namesOf } from '../tracing/names.ts';
import { closed, oneOf, pageOf } from '../vocabulary.ts';
import { noticeKinds, noticesAfter } from './queries.ts';

const moment = (description: string) => Type.String({ format: 'date-time', description });

const NoticeSchema = Type.Object({
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

export const inbox: Feature = async (app, deps) => {
  const { sql } = deps.reads;
  const names = namesOf(deps);

  app.get(
    '/v1/inbox',
    {
      schema: {
        tags: ['orders'],
        summary: 'What you are told: orders about goods you hold, and their end 收件箱',
        description:
          'Oldest first. Keep the last id and ask with `after` for what came since; within one list go on by `next`.',
        querystring: closed({
          ...pageQuery,
          after: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: Number.MAX_SAFE_INTEGER,
              description: 'Only notices with a greater id',
            }),
          ),
        }),
        response: { 200: pageOf(NoticeSchema), ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const { party } = caller(request);
      const { limit, cursor, after = 0 } = request.query;
      const [from] = required(decodeCursor('inbox', cursor, ['number'])) ?? [after];
      const rows = await noticesAfter(sql, party, Number(from), limit + 1);
      const { items, next } = page('inbox', rows, limit, ({ id }) => [id]);
      const orders = await ordersBySeq(
        sql,
        items.map(({ seq }) => seq),
      );
      const told = items.flatMap((notice) => {
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
        told.map(({ order }) => order),
      );
      return {
        items: told.flatMap(({ notice: { id, at, kind, entry, acknowledgedAt }, order }, i) => {
          const view = views[i];
          if (view === undefined) return [];
          const isOver = Date.parse(order.fact.acknowledgeBy) < deps.now();
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
        }),
        next,
      };
    },
  );
};
