/** Results of official sampling, for everybody; and the pages on which people search them and recalls. */

import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../errors.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import {
  renderRecallsPage,
  renderSamplesPage,
  type SearchFields,
  searchFields,
} from '../../web/search-pages.ts';
import { formSecurityPolicy } from '../../web/style.ts';
import type { Feature } from '../feature.ts';
import { createRecalls, recallsQuery } from '../orders/recalls.ts';
import { namesOf } from '../tracing/names.ts';
import { languageOf, problemAnswer, sendPage } from '../verification/pages.ts';
import { closed, pageOf } from '../vocabulary.ts';
import { createSamples, SampleSchema, samplesQuery } from './service.ts';

/** Items a page shows: with names of any length it stays below 30 KB. */
const shown = 15;
const QuerySchema = Type.Object({ ...recallsQuery, ...samplesQuery, limit: Type.Integer() });

export const samples: Feature = async (app, deps) => {
  const names = namesOf(deps);
  const findSamples = createSamples(deps, names);
  const findRecalls = createRecalls(deps, names);
  const provinces = Object.keys(deps.policies.regions.zh)
    .filter((code) => code.endsWith('0000') && code !== '000000')
    .sort()
    .map((code) => ({ code, name: deps.policies.regionName(code) }));

  app.get(
    '/v1/samples',
    {
      schema: {
        tags: ['orders'],
        summary: 'Results of official sampling, for everybody 监督抽查结果',
        description:
          'What regulators found, and what laboratories found in samples that regulators had taken; newest first. Neither single things nor whose hands they were in are told.',
        querystring: closed(samplesQuery),
        response: {
          200: pageOf(SampleSchema),
          ...problemResponses('invalid-request', 'invalid-region', 'invalid-time', 'rate-limited'),
        },
      },
      config: publicLimit(deps),
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, max-age=60');
      return findSamples(request.query);
    },
  );

  const page = {
    schema: { hide: true },
    config: publicLimit(deps),
    errorHandler: problemAnswer(deps.publicUrl),
  };

  app.get('/samples', page, async (request, reply) => {
    const { fields, query } = askedOn(request);
    const found = await findSamples(query);
    const language = languageOf(request);
    reply.header('cache-control', 'public, max-age=60');
    const view = { ...found, fields, provinces };
    return sendPage(reply, language, renderSamplesPage(view, language), formSecurityPolicy);
  });

  app.get('/recalls', page, async (request, reply) => {
    const { fields, query } = askedOn(request);
    const { region: _, outcome: __, ...asked } = query;
    const found = await findRecalls(asked);
    const language = languageOf(request);
    reply.header('cache-control', 'public, max-age=60');
    return sendPage(reply, language, renderRecallsPage({ ...found, fields }, language), formSecurityPolicy);
  });
};

/** What was entered, and what it asks for: fields left empty ask for nothing. */
function askedOn(request: FastifyRequest): {
  fields: SearchFields;
  query: Static<typeof QuerySchema>;
} {
  const given = new URLSearchParams(request.url.split('?')[1]);
  const text = (name: string): string => (given.get(name) ?? '').trim();
  const fields = Object.fromEntries(searchFields.map((name) => [name, text(name)])) as Record<
    (typeof searchFields)[number],
    string
  >;
  const entered = Object.entries({ ...fields, cursor: text('cursor') }).filter(([, value]) => value !== '');
  const query: unknown = { limit: shown, ...Object.fromEntries(entered) };
  if (!Value.Check(QuerySchema, query))
    throw new Refusal('invalid-request', 'Something entered does not fit; search again.');
  return { fields, query };
}
