/** Top-level resources of EPCIS 2.0 (§12.7): what there is of each, what can be asked of one, and its events. */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { bareWord, type CbvKind, cbvWords } from '../../core/events/cbv-words.ts';
import { eventTypes } from '../../core/events/epcis.ts';
import { canonicalUri } from '../../core/gs1/gs1-translation.ts';
import { Refusal, required } from '../../errors.ts';
import { closed } from '../vocabulary.ts';
import { type Listed, listNamed } from './listing.ts';
import { nextPage } from './page-tokens.ts';
import { epcisResponses } from './problems.ts';
import type { Asked, QueryDeps } from './querying.ts';
import { formatHeader } from './representations.ts';
import { pagedQuery } from './schemas.ts';
import { discovery, discoveryRoute } from './versions.ts';

const tags = ['epcis'];

/** How the routes of queries read what is asked for, and answer it. */
export interface Querying {
  /** `fixed`: parameters that the address stands for. */
  askedOf(request: FastifyRequest, fixed?: Asked['fixed']): Asked;
  answer(reply: FastifyReply, asked: Asked): Promise<FastifyReply>;
  readonly schema: FastifySchema;
}

interface Resource {
  readonly zh: string;
  /** Parameter of a query that it stands for. */
  readonly parameter: string;
  /** Words of the standard, where these are all there is. */
  readonly words: readonly string[] | null;
  /** Refuses what cannot be one. */
  check(value: string, host: string): void;
}

const oneOfWords = (zh: string, parameter: string, kind: CbvKind): Resource => ({
  zh,
  parameter,
  words: [...cbvWords[kind]],
  check(value) {
    if (bareWord(kind, value) === null)
      throw new Refusal('not-found', `${value} is neither a word of CBV 2.0 nor a URI.`);
  },
});
const identifier = (zh: string, parameter: string): Resource => ({
  zh,
  parameter,
  words: null,
  check: (value, host) => void required(canonicalUri(value, host)),
});

const resources = {
  eventTypes: {
    zh: '事件类型',
    parameter: 'eventType',
    words: eventTypes,
    check(value) {
      if (!eventTypes.some((it) => it === value)) throw new Refusal('not-found', `There is no ${value}.`);
    },
  },
  epcs: identifier('物品标识', 'MATCH_anyEPC'),
  bizSteps: oneOfWords('业务步骤', 'EQ_bizStep', 'step'),
  bizLocations: identifier('业务位置', 'EQ_bizLocation'),
  readPoints: identifier('读取点', 'EQ_readPoint'),
  dispositions: oneOfWords('处置状态', 'EQ_disposition', 'disposition'),
} satisfies Readonly<Record<string, Resource>>;
const listed = ['epcs', 'bizLocations', 'readPoints'] as const satisfies readonly Listed[];

const isLink = (name: string): boolean => name.startsWith('https://id.gs1.org/');

const collection = Type.Object(
  { '@context': Type.String(), type: Type.Literal('Collection'), member: Type.Array(Type.String()) },
  { title: 'EpcisCollection' },
);
const collectionOf = (member: readonly string[]) => ({
  '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  type: 'Collection' as const,
  member: [...member],
});

export function topLevelRoutes(
  app: FastifyInstance,
  deps: QueryDeps,
  { askedOf, answer, schema }: Querying,
): void {
  // A client made from the standard's contract calls its base path with the path `/` after it.
  for (const root of ['/epcis/v2', '/epcis/v2/']) {
    app.options(root, discoveryRoute, discovery('GET'));
    app.get(
      root,
      { schema: { tags, summary: 'What there is 顶层资源', response: { 200: collection } } },
      async () => collectionOf(['events', 'capture', 'queries', ...Object.keys(resources)]),
    );
  }

  for (const [name, { zh, words }] of Object.entries(resources))
    if (words !== null)
      app.get(
        `/epcis/v2/${name}`,
        {
          schema: {
            tags,
            summary: `All ${name} of the standard 标准规定的${zh}`,
            response: { 200: collection },
          },
        },
        async () => collectionOf(words),
      );

  for (const name of listed)
    app.get(
      `/epcis/v2/${name}`,
      {
        schema: {
          tags,
          summary: `The ${name} that events you may read name 可见事件中的${resources[name].zh}`,
          description:
            'In the order in which they were recorded, oldest first. A page names nothing twice; a later page may name it again.',
          querystring: pagedQuery,
          response: {
            200: collection,
            ...epcisResponses('invalid-query', 'invalid-request', 'not-acceptable'),
          },
        },
      },
      async (request, reply) => {
        const asked = askedOf(request);
        const { members, next } = await listNamed(deps, asked, name);
        reply.headers(formatHeader(asked.format, members.some(isLink)));
        if (next !== null) reply.headers(nextPage(asked, next, deps.now()));
        return collectionOf(members);
      },
    );

  for (const [name, { zh, parameter, check }] of Object.entries(resources)) {
    const path = `/epcis/v2/${name}/:value`;
    const params = closed({ value: Type.String({ maxLength: 2048 }) });
    app.options(`/epcis/v2/${name}`, discoveryRoute, discovery('GET'));
    app.options(path, discoveryRoute, discovery('GET'));
    app.options(`${path}/events`, discoveryRoute, discovery('GET'));

    app.get<{ Params: { value: string } }>(
      path,
      {
        schema: {
          tags,
          summary: `What there is of one of ${name} 该${zh}下的资源`,
          params,
          response: {
            200: collection,
            ...epcisResponses('not-found', 'invalid-identifier', 'invalid-check-digit'),
          },
        },
      },
      async ({ params: { value } }) => {
        check(value, deps.genesis.host);
        return collectionOf(['events']);
      },
    );

    app.get<{ Params: { value: string } }>(
      `${path}/events`,
      { schema: { ...schema, tags, summary: `Events of one of ${name} 该${zh}的事件`, params } },
      async (request, reply) =>
        answer(reply, askedOf(request, new Map([[parameter, [request.params.value]]]))),
    );
  }
}
