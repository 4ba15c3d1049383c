/** Webhooks: notices sent to where a party wants them, signed. */
import { Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { formatWebhookSecret } from '../../core/webhook-signature.ts';
import { Refusal, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { pingLimit } from '../../http/rate-limit.ts';
import { isDelivered } from '../../http/sending.ts';
import type { Feature } from '../feature.ts';
import { newId } from '../new-id.ts';
import { namesOf } from '../tracing/names.ts';
import { closed } from '../vocabulary.ts';
import { createDelivery, secretName, sendMessage } from './delivery.ts';
import {
  type Attempt,
  deleteWebhook,
  insertWebhook,
  notePing,
  type Webhook,
  webhookById,
  webhooksOf,
} from './queries.ts';
import {
  AttemptSchema,
  NewWebhookSchema,
  WebhookBodySchema,
  WebhookSchema,
  type WebhookView,
  WebhookWithAttemptsSchema,
} from './schemas.ts';

const tags = ['orders'];
const idParam = Type.String({ maxLength: 64 });
const ofParty = closed({ id: idParam });
const ofWebhook = closed({ id: idParam, webhook: idParam });

export const webhooks: Feature = async (app, deps) => {
  const { sql } = deps.db;
  const delivery = createDelivery(deps, namesOf(deps), app.log);
  app.addHook('onReady', async () => delivery.start());
  app.addHook('onClose', () => delivery.stop());

  app.post(
    '/v1/parties/:id/webhooks',
    {
      schema: {
        tags,
        summary: 'Have your notices sent to an address; its secret is shown once 登记通知推送地址',
        description:
          'Every notice of `GET /v1/inbox` that comes from now on is posted there as JSON with `type`, `timestamp` and `data`, signed as the Standard Webhooks specification says, in order, at least once. What is not answered with 200 to 299 within ten seconds is sent again with growing waits for three days; then the webhook stops, until a ping arrives. 410 stops it at once. Redirects are not followed.',
        params: ofParty,
        body: WebhookBodySchema,
        response: {
          201: NewWebhookSchema,
          ...problemResponses('invalid-request', 'forbidden', 'address-not-allowed', 'state-conflict'),
        },
      },
    },
    async (request, reply) => {
      const party = own(caller(request), request.params.id);
      const { href } = required(await deps.sender.check(request.body.url), '/url');
      const made = { id: newId(), party, url: href, createdAt: deps.now() };
      const webhook = await insertWebhook(deps.db, made);
      // If we crash here, the secret is made when it is first needed and nobody knows it: delete the webhook.
      const secret = await deps.keystore.secret(secretName(made.id));
      reply.code(201).header('location', `/v1/parties/${party}/webhooks/${made.id}`);
      reply.header('cache-control', 'no-store');
      return { ...view(webhook), secret: formatWebhookSecret(secret) };
    },
  );

  app.get(
    '/v1/parties/:id/webhooks',
    {
      schema: {
        tags,
        summary: 'Your webhooks 推送地址列表',
        params: ofParty,
        response: {
          200: Type.Object({ items: Type.Array(WebhookSchema) }),
          ...problemResponses('forbidden'),
        },
      },
    },
    async (request) => ({
      items: (await webhooksOf(deps.reads.sql, own(caller(request), request.params.id))).map(view),
    }),
  );

  app.get(
    '/v1/parties/:id/webhooks/:webhook',
    {
      schema: {
        tags,
        summary: 'A webhook with what was sent last 推送地址及近期推送记录',
        params: ofWebhook,
        response: { 200: WebhookWithAttemptsSchema, ...problemResponses('forbidden', 'not-found') },
      },
    },
    async (request) => {
      const webhook = await ownWebhook(caller(request), request.params);
      return { ...view(webhook), attempts: webhook.attempts.map(attemptView) };
    },
  );

  app.post(
    '/v1/parties/:id/webhooks/:webhook/ping',
    {
      schema: {
        tags,
        summary: 'Send a message of type `ping` now; when it arrives, what waits follows 测试推送',
        params: ofWebhook,
        response: { 200: AttemptSchema, ...problemResponses('forbidden', 'not-found', 'rate-limited') },
      },
      config: pingLimit,
    },
    async (request) => {
      const webhook = await ownWebhook(caller(request), request.params);
      const attempt = await sendMessage(deps, webhook, {
        message: `ping-${newId()}`,
        type: 'ping',
        data: {},
      });
      await notePing(sql, webhook, isDelivered(attempt), attempt);
      return attemptView(attempt);
    },
  );

  app.delete(
    '/v1/parties/:id/webhooks/:webhook',
    {
      schema: {
        tags,
        summary: 'Send nothing there any more 删除推送地址',
        params: ofWebhook,
        response: { 204: Type.Null(), ...problemResponses('forbidden', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id, party } = await ownWebhook(caller(request), request.params);
      // If we crash between the two, a secret is left behind that signs nothing.
      await deleteWebhook(sql, party, id);
      await deps.keystore.delete(secretName(id));
      return reply.code(204).send(null);
    },
  );

  async function ownWebhook(by: Caller, { id, webhook }: { id: string; webhook: string }): Promise<Webhook> {
    const found = await webhookById(sql, own(by, id), webhook);
    if (found === null) throw new Refusal('not-found', 'You have no such webhook.');
    return found;
  }
};

/** The party of the address, which is the one that asks: whoever reads its notices is nobody else's business. */
function own({ party }: Caller, id: string): PartyId {
  if (id !== party) throw new Refusal('forbidden', 'Only the party itself looks after its webhooks.');
  return party;
}

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const attemptView = ({ message, at, status, trouble }: Attempt) => ({
  message,
  at: new Date(at).toISOString(),
  status,
  trouble,
});

const view = (webhook: Webhook): WebhookView => ({
  id: webhook.id,
  url: webhook.url,
  createdAt: new Date(webhook.createdAt).toISOString(),
  state: webhook.stoppedAt !== null ? 'stopped' : webhook.failures > 0 ? 'failing' : 'active',
  delivered: webhook.cursor,
  failures: webhook.failures,
  failingSince: moment(webhook.failingSince),
  nextAt: moment(webhook.dueAt),
});
