/**
 * Policies in force, for anybody: region codes, product categories, thresholds of the rules and the lists that these go
 * by; the operator sets both of these.
 */
import { Type } from '@sinclair/typebox';
import { listNames } from '../../core/rules/lists.ts';
import { thresholdNames, thresholdsOf, thresholdWords } from '../../core/rules/thresholds.ts';
import { caller } from '../../http/authentication.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import type { Feature } from '../feature.ts';
import { recordFact } from '../master-data.ts';
import { bilingual, closed, idempotencyHeaders, oneOf, seq } from '../vocabulary.ts';
import { listSchemas, listSummaries } from './lists.ts';
import { newest, policyNames, rulesPolicy } from './policies.ts';

const names = Type.Record(Type.String(), Type.String());
const tags = ['policies'];

const ThresholdsBody = closed(
  Object.fromEntries(
    thresholdNames.map((name) => {
      const { minimum, maximum, unit, en } = thresholdWords[name];
      return [name, Type.Optional(Type.Integer({ minimum, maximum, description: `${en} (${unit})` }))];
    }),
  ),
  'Thresholds',
);

export const policies: Feature = async (app, deps) => {
  app.get(
    '/v1/policies/:name',
    {
      config: publicLimit(deps),
      schema: {
        tags,
        summary: 'Data that rules depend on, as the log has it 行政区划代码、产品类别、规则阈值',
        params: closed({ name: oneOf([...policyNames, rulesPolicy, ...listNames]) }),
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
            rules: Type.Optional(Type.Record(Type.String(), Type.Integer())),
            ...Object.fromEntries(listNames.map((it) => [it, Type.Optional(listSchemas[it])])),
          }),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { since, regions, categories } = deps.policies;
      if (name === rulesPolicy) {
        const stored = await newest(deps.reads, rulesPolicy);
        reply.header('cache-control', 'public, max-age=60');
        return { seq: stored?.seq ?? 0, rules: thresholdsOf(stored?.body ?? {}) };
      }
      const list = listNames.find((it) => it === name);
      if (list !== undefined) {
        const stored = await newest(deps.reads, list);
        reply.header('cache-control', 'public, max-age=60');
        return { seq: stored?.seq ?? 0, [list]: stored?.body ?? {} };
      }
      reply.header('cache-control', 'public, max-age=3600');
      return name === 'regions' ? { seq: since.regions, regions } : { seq: since.categories, categories };
    },
  );

  app.put(
    '/v1/policies/rules',
    {
      schema: {
        tags,
        summary: 'Set the thresholds of the rules, from the entry that records them on 设定规则阈值',
        description: 'What is left out goes back to its default.',
        headers: idempotencyHeaders,
        body: ThresholdsBody,
        response: { 200: Type.Object({ seq, rules: Type.Record(Type.String(), Type.Integer()) }) },
      },
    },
    async (request) => {
      const by = caller(request);
      const body = { ...thresholdsOf(request.body) };
      const key = request.headers['idempotency-key'];
      const asked = { caller: by, scope: 'policies/rules', key, body };
      const { seq } = await recordFact(deps.ledger, 'policy', asked, async () => ({
        fact: { kind: 'policy', by: by.party, name: rulesPolicy, body },
      }));
      return { seq, rules: body };
    },
  );

  for (const name of listNames)
    app.put(
      `/v1/policies/${name}`,
      {
        schema: {
          tags,
          summary: listSummaries[name],
          description: 'The whole list; it holds from the entry that records it on.',
          headers: idempotencyHeaders,
          body: listSchemas[name],
          response: { 200: Type.Object({ seq }) },
        },
      },
      async (request) => {
        const by = caller(request);
        const { body } = request;
        const key = request.headers['idempotency-key'];
        const asked = { caller: by, scope: `policies/${name}`, key, body };
        const { seq } = await recordFact(deps.ledger, 'policy', asked, async () => ({
          fact: { kind: 'policy', by: by.party, name, body },
        }));
        return { seq };
      },
    );
};
