/** Subscriptions to named queries (EPCIS 2.0 §12.9): new events posted to an address, as they come or by a schedule. */
import { randomBytes } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { epcFormats } from '../../core/epcis/epcis-spelling.ts';
import { cbvXmlFormats } from '../../core/epcis/epcis-xml-writing.ts';
import { nextTime } from '../../core/epcis/query-schedule.ts';
import { formatAt } from '../../core/log/entry.ts';
import { formatWebhookSecret } from '../../core/webhook-signature.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { urlCharactersMax } from '../../http/sending.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { closed } from '../vocabulary.ts';
import { definitionOf } from './named-queries.ts';
import { pageHeaders, readToken, tokenOf } from './page-tokens.ts';
import { epcisResponses } from './problems.ts';
import { messagesOf } from './representations.ts';
import { pagedQuery } from './schemas.ts';
import { keepSecret } from './subscribing.ts';
import {
  deleteSubscription,
  insertSubscription,
  type Subscription,
  subscriptionById,
  subscriptionsTo,
} from './subscriptions.ts';
import {
  checkFollowable,
  initialRecordTime,
  reportIfEmpty,
  scheduleSchema,
  stream,
  timesOf,
} from './terms.ts';
import type { Querying } from './top-level-routes.ts';
import { discovery, discoveryRoute } from './versions.ts';
import { entryFrom } from './windows.ts';

const tags = ['epcis'];
const perPageDefault = 30;
const ofQuery = closed({ name: Type.String({ maxLength: 100 }) });
const ofSubscription = closed({ name: Type.String({ maxLength: 100 }), id: Type.String({ maxLength: 64 }) });
const moment = (description: string) => Type.String({ format: 'date-time', description });
const schedule = Type.Optional(scheduleSchema);

const subscriptionBody = closed(
  {
    dest: Type.String({
      maxLength: urlCharactersMax,
      description: 'Where to post: https on the public internet, or a network that the operator has allowed',
      examples: ['https://erp.example.cn/epcis'],
    }),
    signatureToken: Type.Optional(
      Type.String({
        minLength: 16,
        maxLength: 200,
        description:
          'Secret that signs the messages: its UTF-8, or what base64 says behind `whsec_`. One is made if there is none',
      }),
    ),
    stream,
    schedule,
    reportIfEmpty,
    initialRecordTime,
  },
  'NewEpcisSubscription',
);

const subscription = {
  subscriptionID: Type.String(),
  dest: Type.String(),
  createdAt: moment('When it was made'),
  lastNotifiedAt: Type.Optional(moment('When something arrived last')),
  initialRecordTime: Type.Optional(moment('Events recorded before were not sent')),
  minRecordTime: moment('Everything that was recorded before has arrived'),
  epcFormat: Type.String({ enum: [...epcFormats] }),
  'suyuan:mediaType': Type.String({ description: 'Of the messages: what the request preferred by `Accept`' }),
  'suyuan:cbvXmlFormat': Type.String({ enum: [...cbvXmlFormats] }),
  stream,
  schedule,
  reportIfEmpty,
  'suyuan:state': Type.String({
    enum: ['active', 'failing', 'stopped'],
    description: '`failing`: sent again with growing waits; `stopped`: given up after three days, or by 410',
  }),
};
const subscriptionSchema = Type.Object(subscription, { title: 'EpcisSubscription' });
const newSubscriptionSchema = Type.Object(
  { ...subscription, signatureToken: Type.Optional(Type.String({ description: 'Shown this once' })) },
  { title: 'EpcisSubscriptionWithSecret' },
);

type Body = Static<typeof subscriptionBody>;

export function subscriptionRoutes(
  app: FastifyInstance,
  deps: Pick<FeatureDeps, 'db' | 'reads' | 'genesis' | 'ledger' | 'keystore' | 'sender' | 'now'>,
  { askedOf }: Pick<Querying, 'askedOf'>,
): void {
  const path = '/epcis/v2/queries/:name/subscriptions';
  app.options(path, discoveryRoute, discovery('GET', 'POST'));
  app.options<{ Params: Static<typeof ofSubscription> }>(
    `${path}/:id`,
    { schema: { ...discoveryRoute.schema } },
    async (request, reply) => {
      // To whoever it is for.
      if (request.party !== null) {
        const { name, id } = request.params;
        const { minRecordTime } = await subscriptionById(deps.reads.sql, request.party, name, id);
        reply.header('gs1-query-min-record-time', formatAt(minRecordTime));
      }
      return discovery('GET', 'DELETE')(request, reply);
    },
  );

  app.post<{ Params: Static<typeof ofQuery>; Body: Body }>(
    path,
    {
      schema: {
        tags,
        summary: 'Have new events of a query posted to an address 订阅命名查询',
        description:
          'Either `stream: true` or a `schedule` as in cron, in UTC. Messages are query documents of up to 100 events, in the order of recording, at least once, signed by `GS1-Signature` as the Standard Webhooks specification says, with `webhook-id` and `webhook-timestamp`. They are in the media type that this request prefers by `Accept`, in JSON where it prefers none, and spelt by its `GS1-EPC-Format` and `GS1-CBV-XML-Format`. What is not answered with 200 to 299 is sent again with growing waits for three days. You are sent what you may read, with the rights of this request, until its client is revoked.',
        params: ofQuery,
        body: subscriptionBody,
        response: {
          201: newSubscriptionSchema,
          ...epcisResponses(
            'invalid-request',
            'invalid-subscription',
            'invalid-time',
            'address-not-allowed',
            'not-acceptable',
            'unknown-query',
            'state-conflict',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const by = caller(request);
      await checkFollowable(deps, by, params.name);
      const times = timesOf(body, '/schedule');
      const { href } = required(await deps.sender.check(body.dest), '/dest');
      const [id, now, size] = [newId(), deps.now(), await deps.ledger.size()];
      const { initialRecordTime: since } = times;
      const secret = body.signatureToken ?? formatWebhookSecret(randomBytes(32));
      const made = await insertSubscription(deps.db, {
        ...times,
        id,
        caller: by,
        query: params.name,
        dest: href,
        secret: await keepSecret(deps, id, secret),
        format: askedOf(request).format,
        messages: messagesOf(request),
        reportIfEmpty: body.reportIfEmpty ?? false,
        createdAt: now,
        watermark: since === null ? size : await entryFrom(deps.reads.sql, since, size),
        dueAt: times.schedule === null ? now : (nextTime(times.schedule.read, now) ?? now),
      });
      const location = `/epcis/v2/queries/${encodeURIComponent(params.name)}/subscriptions/${id}`;
      reply.code(201).headers({ location, 'cache-control': 'no-store' });
      return { ...view(made), ...(body.signatureToken === undefined ? { signatureToken: secret } : {}) };
    },
  );

  app.get<{ Params: Static<typeof ofQuery>; Querystring: Static<typeof pagedQuery> }>(
    path,
    {
      schema: {
        tags,
        summary: 'Your subscriptions to a query 订阅列表',
        params: ofQuery,
        querystring: pagedQuery,
        response: {
          200: Type.Array(subscriptionSchema),
          ...epcisResponses('invalid-request', 'invalid-query', 'unknown-query'),
        },
      },
    },
    async (request, reply) => {
      const { perPage = perPageDefault, nextPageToken } = request.query;
      const { name } = request.params;
      const by = caller(request);
      await definitionOf(deps.reads.sql, by.party, name, deps.genesis.host);
      const [after = ''] = readToken('subscriptions', nextPageToken, ['string'], deps.now()) ?? [];
      const found = await subscriptionsTo(deps.reads.sql, by, name, String(after), perPage + 1);
      const page = found.slice(0, perPage);
      const last = page.at(-1);
      if (found.length > perPage && last !== undefined) {
        const token = tokenOf('subscriptions', [last.id], deps.now());
        reply.headers(pageHeaders(request.url.split('?', 1)[0] ?? '', perPage, token, deps.now()));
      }
      return page.map(view);
    },
  );

  app.get<{ Params: Static<typeof ofSubscription> }>(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'How a subscription is doing 查看订阅',
        params: ofSubscription,
        response: { 200: subscriptionSchema, ...epcisResponses('unknown-subscription') },
      },
    },
    async (request) => {
      const { name, id } = request.params;
      return view(await subscriptionById(deps.reads.sql, caller(request), name, id));
    },
  );

  app.delete<{ Params: Static<typeof ofSubscription> }>(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'Send nothing more 取消订阅',
        params: ofSubscription,
        response: { 204: Type.Null(), ...epcisResponses('unknown-subscription') },
      },
    },
    async (request, reply) => {
      const { name, id } = request.params;
      await deleteSubscription(deps.db, caller(request), name, id);
      return reply.code(204).send(null);
    },
  );
}

const view = (it: Subscription): Static<typeof subscriptionSchema> => ({
  subscriptionID: it.id,
  dest: it.dest,
  createdAt: formatAt(it.createdAt),
  ...(it.lastNotifiedAt === null ? {} : { lastNotifiedAt: formatAt(it.lastNotifiedAt) }),
  ...(it.initialRecordTime === null ? {} : { initialRecordTime: formatAt(it.initialRecordTime) }),
  minRecordTime: formatAt(it.minRecordTime),
  epcFormat: it.format,
  'suyuan:mediaType': it.messages.type,
  'suyuan:cbvXmlFormat': it.messages.words,
  ...(it.schedule === null
    ? { stream: true }
    : { schedule: it.schedule.said, reportIfEmpty: it.reportIfEmpty }),
  'suyuan:state': it.stoppedAt !== null ? 'stopped' : it.failures > 0 ? 'failing' : 'active',
});
