/** Named queries (EPCIS 2.0 §12.8): kept by a party for itself, asked by name. */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { withPrefixes } from '../../core/epcis/epcis-context.ts';
import { parseQueryDefinition } from '../../core/epcis/epcis-query-definition.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { deleteQuery, insertQuery, queriesOf, queryByName, unknownQuery } from './named-queries.ts';
import { pageHeaders, readToken, tokenOf } from './page-tokens.ts';
import { answerEpcis, definingDialect, epcisResponses } from './problems.ts';
import { pagedQuery } from './schemas.ts';
import { discovery, discoveryRoute, extensionsOf } from './versions.ts';

const tags = ['epcis'];
const perPageDefault = 30;

export const queryName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\s/?#%|\\u0000-\\u001f]+$',
  description: 'Name of a query of yours: no spaces, slashes, question or number signs',
  examples: ['shipments-to-review'],
});
export const ofQuery = closed({ name: Type.String({ maxLength: 100 }) });
const definition = Type.Unsafe<JsonObject>(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        'Parameters of a SimpleEventQuery with a value or a list of values each; `@context` says what their prefixes stand for',
    },
  ),
);
const namedQuery = closed({ name: queryName, query: definition }, 'EpcisNamedQuery');

export function namedQueryRoutes(
  app: FastifyInstance,
  deps: Pick<FeatureDeps, 'db' | 'reads' | 'genesis' | 'now' | 'publicUrl'>,
): void {
  const { host } = deps.genesis;
  app.options('/epcis/v2/queries', discoveryRoute, discovery('GET', 'POST'));
  app.options('/epcis/v2/queries/:name', discoveryRoute, discovery('GET', 'DELETE'));

  app.post<{ Body: { name: string; query: JsonObject } }>(
    '/epcis/v2/queries',
    {
      errorHandler: answerEpcis(deps, definingDialect),
      schema: {
        tags,
        summary: 'Keep a query under a name 保存命名查询',
        description: 'For yourself: whoever else asks for the name has queries of its own.',
        body: namedQuery,
        response: {
          201: Type.Null(),
          ...epcisResponses(
            'invalid-request',
            'invalid-query',
            'query-too-complex',
            'already-exists',
            'state-conflict',
          ),
        },
      },
    },
    async (request, reply) => {
      const { name, query } = request.body;
      const whole = withPrefixes(query, extensionsOf(request.headers['gs1-extensions']));
      required(parseQueryDefinition(whole, host));
      await insertQuery(deps.db, caller(request).party, { name, query: whole }, deps.now());
      return reply
        .code(201)
        .header('location', `/epcis/v2/queries/${encodeURIComponent(name)}`)
        .send();
    },
  );

  app.get<{ Querystring: { perPage?: number; nextPageToken?: string } }>(
    '/epcis/v2/queries',
    {
      schema: {
        tags,
        summary: 'Your queries in order of name 命名查询列表',
        querystring: pagedQuery,
        response: { 200: Type.Array(namedQuery), ...epcisResponses('invalid-request', 'invalid-query') },
      },
    },
    async (request, reply) => {
      const { perPage = perPageDefault, nextPageToken } = request.query;
      const [after = ''] = readToken('queries', nextPageToken, ['string'], deps.now()) ?? [];
      const found = await queriesOf(deps.reads.sql, caller(request).party, String(after), perPage + 1);
      const page = found.slice(0, perPage);
      const last = page.at(-1);
      if (found.length > perPage && last !== undefined)
        reply.headers(
          pageHeaders('/epcis/v2/queries', perPage, tokenOf('queries', [last.name], deps.now()), deps.now()),
        );
      return page;
    },
  );

  app.get<{ Params: { name: string } }>(
    '/epcis/v2/queries/:name',
    {
      schema: {
        tags,
        summary: 'What a query asks 查看命名查询',
        params: ofQuery,
        response: { 200: namedQuery, ...epcisResponses('unknown-query') },
      },
    },
    async (request) => {
      const found = await queryByName(deps.reads.sql, caller(request).party, request.params.name);
      if (found === null) throw unknownQuery(request.params.name);
      return found;
    },
  );

  app.delete<{ Params: { name: string } }>(
    '/epcis/v2/queries/:name',
    {
      schema: {
        tags,
        summary: 'Forget a query 删除命名查询',
        params: ofQuery,
        response: { 204: Type.Null(), ...epcisResponses('unknown-query') },
      },
    },
    async (request, reply) => {
      await deleteQuery(deps.db, caller(request).party, request.params.name);
      return reply.code(204).send(null);
    },
  );
}
