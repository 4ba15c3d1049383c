/** The inbox of a party: what it is told, each thing once, in the order in which it came. */
import { Type } from '@sinclair/typebox';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { namesOf } from '../tracing/names.ts';
import { closed, pageOf } from '../vocabulary.ts';
import { noticesAfter } from './queries.ts';
import { NoticeSchema, noticeViews } from './views.ts';

export const inbox: Feature = async (app, deps) => {
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
      const rows = await noticesAfter(deps.reads.sql, party, Number(from), limit + 1);
      const { items, next } = page('inbox', rows, limit, ({ id }) => [id]);
      return { items: await noticeViews(deps, names, party, items), next };
    },
  );
};
