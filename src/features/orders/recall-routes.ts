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
          'Every recall, and stops of sale of whole products, lots or makers: by product, maker, lot and single thing. Of a recall of single things, or of what went through certain hands, the products and lots are told and not whose hands these are. Whether a thing is under an order now, its verification tells.',
        querystring: QuerySchema,
        response: {
          200: pageOf(RecallSchema),
          ...problemResponses(
            'invalid-request',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-time',
            'rate-limited',
          ),
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
