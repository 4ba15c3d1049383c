/** Master data asked for (EPCIS 2.0 §8.2.7.2, SimpleMasterDataQuery). */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { parseMasterDataQuery } from '../../core/epcis/epcis-vocabulary-query.ts';
import { required } from '../../errors.ts';
import { readerOf } from '../access/reader.ts';
import type { FeatureDeps } from '../feature.ts';
import { findMasterData, vocabularyDocument } from './master-data.ts';
import { pageHeaders, readToken, tokenOf } from './page-tokens.ts';
import { epcisResponses } from './problems.ts';
import { representationOf, sendDocument } from './representations.ts';
import { answeredSchema } from './schemas.ts';
import type { Querying } from './top-level-routes.ts';
import { discovery, discoveryRoute } from './versions.ts';

const tags = ['epcis'];
const path = '/epcis/v2/vocabularies';

export function vocabularyRoutes(
  app: FastifyInstance,
  deps: Pick<FeatureDeps, 'reads' | 'ledger' | 'genesis' | 'audit' | 'now'>,
  { askedOf }: Querying,
): void {
  const { host } = deps.genesis;
  app.options(path, discoveryRoute, discovery('GET'));
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'Master data that parties sent beside their events 随事件发送的主数据',
        description:
          'What senders say of places, classes and parties in the header of captured documents: their claims, which change no register. Parameters of a SimpleMasterDataQuery (EPCIS 2.0 §8.2.7.2), values separated by `|`: vocabularyName, EQ_name, WD_name (with all that is below by `children`), HASATTR, EQATTR_ before the name of an attribute, attributeNames, includeAttributes and includeChildren (true unless said), maxElementCount; `perPage` and `nextPageToken`. Of what a party said of a thing the newest counts. You see your own, regulators those of parties in their jurisdiction; the newest come first.',
        querystring: Type.Object({}, { additionalProperties: true }),
        response: {
          200: answeredSchema,
          ...epcisResponses(
            'invalid-query',
            'query-too-large',
            'query-too-complex',
            'uri-too-long',
            'not-acceptable',
          ),
        },
      },
    },
    async (request, reply) => {
      const asked = askedOf(request);
      const representation = representationOf(request);
      const { sql } = deps.reads;
      const reader = await readerOf(sql, asked.caller);
      const query = required(parseMasterDataQuery(asked.parameters, { host, context: asked.context }));
      const now = deps.now();
      const [size, after] = readToken('vocabularies', asked.token, ['number', 'number'], now) ?? [
        await deps.ledger.size(),
        Number.MAX_SAFE_INTEGER,
      ];
      const start = { size: Number(size), after: Number(after), perPage: asked.perPage };
      const { claims, next } = await findMasterData(sql, reader, query, start);
      if (claims.some(({ fact }) => fact.by !== reader.party))
        deps.audit.note(asked.caller, asked.route, 'vocabularies');
      if (next !== null) {
        const token = tokenOf('vocabularies', [start.size, next], now);
        reply.headers(pageHeaders(path, asked.perPage, token, now, asked.parameters));
      }
      return sendDocument(reply, representation, vocabularyDocument(claims, query, now, host));
    },
  );
}
