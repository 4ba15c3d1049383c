/** Policies in force, for anybody: region codes and product categories. */
import { Type } from '@sinclair/typebox';
import { publicLimit } from '../../http/rate-limit.ts';
import type { Feature } from '../feature.ts';
import { bilingual, closed, oneOf, seq } from '../vocabulary.ts';
import { policyNames } from './policies.ts';

const names = Type.Record(Type.String(), Type.String());

export const policies: Feature = async (app, deps) => {
  app.get(
    '/v1/policies/:name',
    {
      config: publicLimit(deps),
      schema: {
        tags: ['policies'],
        summary: 'Data that rules depend on, as the log has it 行政区划代码、产品类别',
        params: closed({ name: oneOf(policyNames) }),
        response: {
          200: Type.Object({
            seq,
            regions: Type.Optional(Type.Object({ zh: names, en: names })),
            categories: Type.Optional(
              Type.Record(
                Type.String(),
                Type.Intersect([
                  bilingual,
                  Type.Object({ within: Type.Optional(Type.String()), key: Type.Optional(Type.Boolean()) }),
                ]),
              ),
            ),
          }),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { since, regions, categories } = deps.policies;
      reply.header('cache-control', 'public, max-age=3600');
      return name === 'regions' ? { seq: since.regions, regions } : { seq: since.categories, categories };
    },
  );
};
