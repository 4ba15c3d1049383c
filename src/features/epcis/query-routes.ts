/** EPCIS 2.0 §12: events asked for by parameters, by eventID, by top-level resource. */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { baseContext, withDeclared } from '../../core/epcis/epcis-context.ts';
import { type EpcFormat, epcFormats } from '../../core/epcis/epcis-spelling.ts';
import { cbvXmlFormats } from '../../core/epcis/epcis-xml-writing.ts';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import type { EventsDeps } from '../events/service.ts';
import type { FeatureDeps } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { followedRoutes } from './followed-routes.ts';
import { namedQueryRoutes } from './named-query-routes.ts';
import { nextPage, refuseReleased, releaseToken } from './page-tokens.ts';
import { epcisResponses } from './problems.ts';
import { asksProof } from './proofs.ts';
import { type AnsweringDeps, type Asked, answerQuery, readEventById } from './querying.ts';
import { formatHeader, keepsWords, representationOf, sendDocument } from './representations.ts';
import { answeredSchema } from './schemas.ts';
import type { Sockets } from './sockets.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { topLevelRoutes } from './top-level-routes.ts';
import { discovery, discoveryRoute, extensionsOf } from './versions.ts';
import { vocabularyRoutes } from './vocabulary-routes.ts';

const tags = ['epcis'];
const perPageDefault = 30;
const perPageMax = 1_000;

const querystring = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      'Parameters of a SimpleEventQuery (EPCIS 2.0 §8.2.7.1), values separated by `|`; `perPage` of at most 1,000 and `nextPageToken`',
  },
);
const queryProblems = [
  'invalid-query',
  'query-too-large',
  'query-too-complex',
  'uri-too-long',
  'not-published',
  'not-acceptable',
] as const;
const headers = Type.Object({
  'gs1-epc-format': Type.Optional(
    Type.String({ description: `How EPCs are written: ${epcFormats.join(', ')}` }),
  ),
  'gs1-cbv-xml-format': Type.Optional(
    Type.String({ description: `How words of CBV are written in XML: ${cbvXmlFormats.join(', ')}` }),
  ),
  'gs1-extensions': Type.Optional(
    Type.String({
      description: 'What prefixes in parameters stand for: `acme=https://ns.acme.example/epcis/`',
    }),
  ),
  'suyuan-proof': Type.Optional(
    Type.String({
      description:
        '`include`: `suyuan:proof` of the answer proves each event under one checkpoint of the public log',
    }),
  ),
});
const description =
  'Parameters: eventType; GE_ and LT_ of eventTime and recordTime; EQ_action, EQ_bizStep, EQ_disposition, EQ_persistentDisposition_set and _unset, EQ_transformationID, EQ_eventID; EQ_readPoint, EQ_bizLocation, and with all places within them WD_readPoint, WD_bizLocation; MATCH_epc, _parentID, _inputEPC, _outputEPC, _anyEPC, _epcClass, _inputEPCClass, _outputEPCClass, _anyEPCClass, with patterns; EQ_bizTransaction_, EQ_source_, EQ_destination_ with or without a type; EQ_, GT_, GE_, LT_, LE_quantity, and of one kind of unit quantity_KGM and so on; EXISTS_errorDeclaration, GE_ and LT_errorDeclarationTime, EQ_errorReason, EQ_correctiveEventID. Of sensors: EXISTS_sensorElementList; EQ_, GT_, GE_, LT_, LE_ of value, minValue, maxValue, meanValue, sDev, percValue in a unit (GT_value_CEL), converted, and of percRank; EQ_ of type, exception, deviceID, deviceMetadata, rawData, dataProcessingMethod, bizRules, microorganism, chemicalSubstance, stringValue, booleanValue, hexBinaryValue, uriValue; GE_ and LT_ of time, startTime, endTime. EQ_, GT_, GE_, LT_, LE_, EXISTS_ of extension members by prefix, before them INNER_ and ILMD_, SENSORELEMENT_, SENSORMETADATA_, SENSORREPORT_, ERROR_DECLARATION_, readPoint_, bizLocation_. Of master data in /epcis/v2/vocabularies that you may read: HASATTR_ before bizStep, disposition, readPoint, bizLocation, source, destination, bizTransaction, epcClass or an extension member, EQATTR_ before one of these, `_` and the name of an attribute. orderBy eventTime, recordTime or an extension member as EQ_ names it (numbers, then moments, then texts, then events without it; of up to 20,000 events), orderDirection, eventCountLimit with orderBy, maxEventCount. You see the events you took part in, regulators those that touch their jurisdiction. Pages are of one moment of the log; a page may hold fewer events than asked for, and Link leads on.';

export function queryRoutes(
  app: FastifyInstance,
  deps: FeatureDeps & EventsDeps & AnsweringDeps,
  sockets: Sockets,
): void {
  const askedOf = (request: FastifyRequest, fixed: Asked['fixed'] = new Map()): Asked => {
    const parameters = new Map<string, string[]>();
    let perPage = perPageDefault;
    let token: string | undefined;
    for (const [name, sent] of Object.entries(request.query ?? {})) {
      const values = [sent].flat().map(String);
      if (name === 'nextPageToken') token = values[0];
      else if (name === 'perPage') perPage = pageSize(values[0]);
      else
        parameters.set(
          name,
          values.flatMap((it) => it.split('|')),
        );
    }
    const { 'gs1-epc-format': format, 'gs1-extensions': extensions, 'suyuan-proof': proof } = request.headers;
    return {
      caller: caller(request),
      route: request.routeOptions.url ?? '',
      path: request.url.split('?', 1)[0] ?? '',
      fixed,
      parameters,
      perPage,
      token,
      format: formatOf(format),
      wordsAsSent: false,
      context: withDeclared(baseContext(deps.genesis.host), extensionsOf(extensions)),
      queryName: 'SimpleEventQuery',
      proof: asksProof(proof),
    };
  };

  const answer = async (reply: FastifyReply, asked: Asked): Promise<FastifyReply> => {
    const representation = representationOf(reply.request);
    const wordsAsSent = keepsWords(representation);
    const { document, linked, next } = await answerQuery(deps, { ...asked, wordsAsSent });
    if (next !== null) reply.headers(nextPage(asked, next, deps.now()));
    return sendDocument(reply.headers(formatHeader(asked.format, linked)), representation, document);
  };

  const responses = {
    200: answeredSchema,
    ...epcisResponses(...queryProblems),
  };

  app.get(
    '/epcis/v2/events',
    {
      schema: {
        tags,
        summary: 'Query events 查询事件',
        description,
        querystring,
        headers,
        response: responses,
      },
    },
    async (request, reply) => answer(reply, askedOf(request)),
  );

  app.options('/epcis/v2/events', discoveryRoute, discovery('GET', 'POST'));
  app.options('/epcis/v2/events/:eventID', discoveryRoute, discovery('GET'));

  app.get<{ Params: { eventID: string } }>(
    '/epcis/v2/events/:eventID',
    {
      schema: {
        tags,
        summary: 'The event of an eventID, and the error declarations that take it back 查询单个事件',
        params: closed({ eventID: Type.String({ maxLength: 2048 }) }),
        headers,
        response: {
          200: answeredSchema,
          ...epcisResponses('unknown-event', 'not-published', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const asked = askedOf(request);
      const representation = representationOf(request);
      const wordsAsSent = keepsWords(representation);
      const { eventID } = request.params;
      const { document, linked } = await readEventById(deps, { ...asked, wordsAsSent }, eventID);
      return sendDocument(reply.headers(formatHeader(asked.format, linked)), representation, document);
    },
  );

  // A token that was released leads nowhere, whatever it is of.
  app.addHook('preValidation', async (request) => {
    const { nextPageToken: token } = Object(request.query);
    if (typeof token === 'string' && request.party !== null)
      await refuseReleased(deps.lookups.sql, request.party.party, token);
  });

  app.delete<{ Params: { token: string } }>(
    '/epcis/v2/nextPageToken/:token',
    {
      schema: {
        tags,
        summary: 'Release a token: it leads to no page any more 作废翻页令牌',
        params: closed({ token: Type.String({ maxLength: 1024 }) }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await releaseToken(deps.db, caller(request).party, request.params.token, deps.now());
      return reply.code(204).send(null);
    },
  );
  app.options('/epcis/v2/nextPageToken/:token', discoveryRoute, discovery('DELETE'));

  const querying = { askedOf, answer, schema: { description, querystring, headers, response: responses } };
  topLevelRoutes(app, deps, querying);
  namedQueryRoutes(app, deps);
  followedRoutes(app, deps, querying, sockets);
  subscriptionRoutes(app, deps, querying);
  vocabularyRoutes(app, deps, querying);
}

function pageSize(text: string | undefined): number {
  const asked = Number(text);
  if (Number.isInteger(asked) && asked >= 1 && asked <= perPageMax) return asked;
  throw new Refusal('invalid-query', `perPage: give a whole number from 1 to ${perPageMax}.`);
}

function formatOf(header: string | string[] | undefined): EpcFormat {
  const asked = [header].flat()[0] ?? 'Always_GS1_Digital_Link';
  const found = epcFormats.find((it) => it === asked);
  if (found !== undefined) return found;
  throw new Refusal('not-acceptable', `GS1-EPC-Format is one of ${epcFormats.join(', ')}.`);
}
