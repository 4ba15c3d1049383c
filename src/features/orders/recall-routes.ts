/** Recalls and stops of sale, for everybody: newest first. */
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import type { FeatureDeps } from '../feature.ts';
import type { LoadNames } from '../tracing/names.ts';
import { closed, pageOf } from '../vocabulary.ts';
import { createRecalls, RecallSchema, recallsQuery } from './recalls.ts';

const QuerySchema = closed(recallsQuery);

export function recallRoutes(app: FastifyInstance, deps: FeatureDeps, load: LoadNames): void {
  const find = createRecalls(deps, load);
  app.get<{ Querystring: Static<typeof QuerySchema> }>(
    '/v1/recalls',
    {
      schema: {
        tags: ['orders'],
        summary: 'Recalls and stops of sale, for everybody 召回与停售公告',
        description:
          'Those about whole products or lots. Whether a single thing is under an order, its verification tells.',
        querystring: QuerySchema,
        response: {
          200: pageOf(RecallSchema),
          ...problemResponses('invalid-request', 'invalid-check-digit', 'invalid-time', 'rate-limited'),
        },
      },
      config: publicLimit(deps),
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, max-age=60');
      return find(request.query);
    },
  );
}
