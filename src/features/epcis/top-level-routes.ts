/** Top-level resources of EPCIS 2.0 (§12.7): what there is of each, what can be asked of one, and its events. */
import { type Static, Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { bareWord, type CbvKind, cbvWords } from '../../core/events/cbv-words.ts';
import { eventTypes } from '../../core/events/epcis.ts';
import { canonicalUri } from '../../core/gs1/gs1-translation.ts';
import { Refusal, required } from '../../errors.ts';
import { closed } from '../vocabulary.ts';
import { type Listed, listNamed, listWords } from './listing.ts';
import { nextPage, pageHeaders } from './page-tokens.ts';
import { epcisResponses } from './problems.ts';
import type { Asked, QueryDeps } from './querying.ts';
import { formatHeader } from './representations.ts';
import { pagedQuery } from './schemas.ts';
import type { WordMember } from './used-projection.ts';
import { discovery, discoveryRoute, extensionsOf } from './versions.ts';

const tags = ['epcis'];
/** Words a page, unless the client says. */
const perPageDefault = 30;

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
  /** Words of the standard, and where in events others may stand; null where there are no such words. */
  readonly words: { readonly standard: readonly string[]; readonly member: WordMember | null } | null;
  /** Refuses what cannot be one. */
  check(value: string, host: string): void;
}

const oneOfWords = (zh: string, member: WordMember, kind: CbvKind): Resource => ({
  zh,
  parameter: `EQ_${member}`,
  words: { standard: [...cbvWords[kind]], member },
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
    words: { standard: eventTypes, member: null },
    check(value) {
      if (!eventTypes.some((it) => it === value)) throw new Refusal('not-found', `There is no ${value}.`);
    },
  },
  epcs: identifier('物品标识', 'MATCH_anyEPC'),
  bizSteps: oneOfWords('业务步骤', 'bizStep', 'step'),
  bizLocations: identifier('业务位置', 'EQ_bizLocation'),
  readPoints: identifier('读取点', 'EQ_readPoint'),
  dispositions: oneOfWords('处置状态', 'disposition', 'disposition'),
} satisfies Readonly<Record<string, Resource>>;
const listed = ['epcs', 'bizLocations', 'readPoints'] as const satisfies readonly Listed[];

const isLink = (name: string): boolean => name.startsWith('https://id.gs1.org/');

const collection = Type.Object(
  {
    '@context': Type.Array(Type.Union([Type.String(), Type.Record(Type.String(), Type.String())])),
    type: Type.Literal('Collection'),
    member: Type.Array(Type.String()),
  },
  { title: 'EpcisCollection' },
);
const collectionOf = (member: readonly string[], prefixes: Readonly<Record<string, string>> = {}) => ({
  '@context': [
    'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
    ...(Object.keys(prefixes).length === 0 ? [] : [prefixes]),
  ],
  type: 'Collection' as const,
  member: [...member],
});

/** A word by the prefix that the client has for its vocabulary. */
function compact(word: string, prefixes: Readonly<Record<string, string>>): string {
  const found = Object.entries(prefixes).find(([, home]) => word.startsWith(home) && word !== home);
  return found === undefined ? word : `${found[0]}:${word.slice(found[1].length)}`;
}

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

  for (const [name, { zh, words }] of Object.entries<Resource>(resources))
    if (words !== null)
      app.get<{ Querystring: Static<typeof pagedQuery> }>(
        `/epcis/v2/${name}`,
        {
          schema: {
            tags,
            summary: `All ${name} 标准规定的与可见事件中的${zh}`,
            description:
              'Those of the standard, then the words of others that events use which you may read, in their order. GS1-Extensions has them told by its prefixes.',
            querystring: pagedQuery,
            headers: schema.headers,
            response: { 200: collection, ...epcisResponses('invalid-query', 'invalid-request') },
          },
        },
        async (request, reply) => {
          const { perPage = perPageDefault, nextPageToken: token } = request.query;
          const { members, next } = await listWords(deps, {
            ...words,
            caller: request.party,
            route: request.routeOptions.url ?? '',
            perPage,
            token,
          });
          if (next !== null) reply.headers(pageHeaders(`/epcis/v2/${name}`, perPage, next, deps.now()));
          const prefixes = extensionsOf(request.headers['gs1-extensions']);
          return collectionOf(
            members.map((it) => compact(it, prefixes)),
            prefixes,
          );
        },
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
