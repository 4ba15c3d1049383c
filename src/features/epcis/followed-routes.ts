/** The events of a named query: page by page (EPCIS 2.0 §12.8), or as they come over a websocket (§12.9). */
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formatAt } from '../../core/log/entry.ts';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { closed } from '../vocabulary.ts';
import { definitionOf } from './named-queries.ts';
import { ofQuery } from './named-query-routes.ts';
import { messagesOf } from './representations.ts';
import { pagedQuery } from './schemas.ts';
import type { Sockets, Wanted } from './sockets.ts';
import {
  checkFollowable,
  initialRecordTime,
  reportIfEmpty,
  scheduleFields,
  stream,
  timesOf,
} from './terms.ts';
import type { Querying } from './top-level-routes.ts';
import { discovery, discoveryRoute } from './versions.ts';
import { entryFrom } from './windows.ts';

const tags = ['epcis'];
const path = '/epcis/v2/queries/:name/events';

/** Whether a request is for a websocket that there is. */
export const asksToFollow = ({ method, url = '', headers }: FastifyRequest['raw']): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  /^\/epcis\/v2\/queries\/[^/?#]+\/events(?:\?|$)/.test(url);

const paging = pagedQuery.properties;
const following = { stream, reportIfEmpty, initialRecordTime, ...scheduleFields };
const querystring = closed({ ...paging, ...following });
type Query = Static<typeof querystring>;

interface WantedSince extends Wanted {
  /** Events recorded from then on are told, ms since the epoch. */
  readonly since: number;
}

export function followedRoutes(
  app: FastifyInstance,
  deps: Pick<FeatureDeps, 'reads' | 'genesis' | 'ledger' | 'now'>,
  { askedOf, answer, schema }: Querying,
  sockets: Sockets,
): void {
  const wanted = new WeakMap<FastifyRequest['raw'], WantedSince>();
  app.options(path, discoveryRoute, discovery('GET'));
  app.addHook('onReady', async () => {
    // EPCIS 2.0 §12.9: the answer that opens a socket says from where on it tells.
    app.websocketServer.on('headers', (headers, request) => {
      const since = wanted.get(request)?.since;
      if (since !== undefined) headers.push(`GS1-Query-Min-Record-Time: ${formatAt(since)}`);
    });
  });

  app.route<{ Params: { name: string }; Querystring: Query }>({
    method: 'GET',
    url: path,
    schema: {
      ...schema,
      description:
        'Its events, page by page; no parameters but perPage and nextPageToken. With `Upgrade: websocket` the new ones as messages, each a query document of up to 100 events, in the order of recording: as they come with `stream=true`, or by the fields of a schedule as in cron, in UTC. The socket closes when the token expires.',
      querystring,
      tags,
      summary: 'Events of a query 命名查询的事件',
      params: ofQuery,
    },
    // What cannot be followed is refused before the protocol changes.
    preHandler: async (request) => {
      refuseFieldsOf(request.ws ? paging : following, request);
      if (request.ws) wanted.set(request.raw, await wantedOf(request));
    },
    handler: async (request, reply) => {
      const { name } = request.params;
      const { host } = deps.genesis;
      const { parameters, context } = await definitionOf(deps.reads.sql, caller(request).party, name, host);
      return answer(reply, { ...askedOf(request, parameters), queryName: name, context });
    },
    wsHandler: (socket, { raw }) => {
      const found = wanted.get(raw);
      if (found !== undefined) sockets.open(socket, found);
    },
  });

  async function wantedOf(
    request: FastifyRequest<{ Params: { name: string }; Querystring: Query }>,
  ): Promise<WantedSince> {
    const { stream, reportIfEmpty, initialRecordTime, perPage, nextPageToken, ...schedule } = request.query;
    const by = caller(request);
    await checkFollowable(deps, by, request.params.name);
    const terms = {
      ...(stream === undefined ? {} : { stream }),
      ...(Object.keys(schedule).length === 0 ? {} : { schedule }),
      ...(reportIfEmpty === undefined ? {} : { reportIfEmpty }),
      ...(initialRecordTime === undefined ? {} : { initialRecordTime }),
    };
    const times = timesOf(terms, '');
    const askedAt = deps.now();
    const size = await deps.ledger.size();
    const { initialRecordTime: since } = times;
    const watermark = since === null ? size : await entryFrom(deps.reads.sql, since, size);
    sockets.checkRoom(by);
    return {
      id: newId(),
      caller: by,
      query: request.params.name,
      format: askedOf(request).format,
      messages: messagesOf(request),
      schedule: times.schedule,
      reportIfEmpty: reportIfEmpty ?? false,
      watermark,
      since: since ?? askedAt,
      endsAt: request.tokenEndsAt,
    };
  }
}

/** Refusal: `invalid-query`. */
function refuseFieldsOf(fields: object, { query }: FastifyRequest<{ Querystring: Query }>): void {
  const found = Object.keys(query).find((name) => Object.hasOwn(fields, name));
  if (found === undefined) return;
  const detail = Object.hasOwn(paging, found)
    ? 'a websocket has no pages; leave it out.'
    : 'this is for websockets; send Upgrade: websocket.';
  throw new Refusal('invalid-query', `${found}: ${detail}`);
}
