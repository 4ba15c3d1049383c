/** Recalls and stops of sale, for everybody: by product, newest first. Nothing of who trades in the goods. */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { parseGtin } from '../../core/identifiers.ts';
import { required } from '../../errors.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import type { FeatureDeps } from '../feature.ts';
import type { LoadNames } from '../tracing/names.ts';
import { closed, gtin, oneOf, pageOf } from '../vocabulary.ts';
import { publicOrders } from './queries.ts';

const nullable = Type.Union([Type.String(), Type.Null()]);
const period = Type.Object({ from: Type.Optional(Type.String()), until: Type.Optional(Type.String()) });

const RecallSchema = Type.Object({
  id: Type.String(),
  type: oneOf(['recall', 'stop-sale']),
  number: Type.String(),
  issuer: Type.Object({ name: Type.String(), nameEn: nullable }),
  since: Type.String({ format: 'date-time' }),
  state: oneOf(['in-force', 'released']),
  reason: Type.String(),
  notice: Type.Union([Type.Object({ zh: Type.String(), en: Type.Optional(Type.String()) }), Type.Null()]),
  products: Type.Array(Type.Object({ gtin: Type.String(), name: nullable, nameEn: nullable })),
  lots: Type.Array(Type.String()),
  produced: Type.Union([period, Type.Null()]),
});

export function recallRoutes(app: FastifyInstance, deps: FeatureDeps, load: LoadNames): void {
  app.get<{ Querystring: { limit: number; cursor?: string; gtin?: string } }>(
    '/v1/recalls',
    {
      schema: {
        tags: ['orders'],
        summary: 'Recalls and stops of sale, for everybody 召回与停售公告',
        description:
          'Those about whole products or lots. Whether a single thing is under an order, its verification tells.',
        querystring: closed({ ...pageQuery, gtin: Type.Optional(gtin) }),
        response: {
          200: pageOf(RecallSchema),
          ...problemResponses('invalid-request', 'invalid-check-digit', 'rate-limited'),
        },
      },
      config: publicLimit(deps),
    },
    async (request, reply) => {
      const { limit, cursor, gtin: text } = request.query;
      const product = text === undefined ? null : required(parseGtin(text));
      const [before] = required(decodeCursor('recalls', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
      const rows = await publicOrders(deps.reads.sql, {
        product,
        before: Number(before),
        limit: limit + 1,
      });
      const { items, next } = page('recalls', rows, limit, ({ seq }) => [seq]);
      const names = await load({
        parties: items.map(({ fact }) => fact.by),
        gtins: items.flatMap(({ fact }) => fact.scope.products ?? []),
      });
      reply.header('cache-control', 'public, max-age=60');
      return {
        items: items.map(({ at, fact, release }) => {
          const { name, nameEn } = names.party(fact.by);
          const { products = [], lots = [], produced = null } = fact.scope;
          return {
            id: fact.id,
            type: fact.type,
            number: fact.number,
            issuer: { name, nameEn },
            since: new Date(at).toISOString(),
            state: release === null ? 'in-force' : 'released',
            reason: fact.reason,
            notice: fact.notice ?? null,
            products: products.map((gtin) => {
              const product = names.product(gtin);
              return { gtin, name: product.name, nameEn: product.nameEn };
            }),
            lots: [...lots],
            produced,
          };
        }),
        next,
      };
    },
  );
}
