/** The interface of EPCIS 2.0 (§12, REST binding): events of others taken in, one at once or documents of them; asked for. */
import websocket from '@fastify/websocket';
import { Type } from '@sinclair/typebox';
import { Refusal } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { readStrictJson } from '../../http/strict-json.ts';
import { upgradesOf } from '../../http/upgrades.ts';
import { createKnown } from '../events/known.ts';
import type { Feature } from '../feature.ts';
import { mastersOf } from '../units/histories.ts';
import { closed } from '../vocabulary.ts';
import { captureAnswer, sendJob } from './answers.ts';
import { captureRoutes } from './capture-routes.ts';
import { createCaptureRunner } from './capturing.ts';
import type { CapturingDeps } from './drafts.ts';
import { asksToFollow } from './followed-routes.ts';
import { captureById, capturesOf } from './jobs.ts';
import { createOrders } from './orders.ts';
import { pageHeaders, readToken, tokenOf } from './page-tokens.ts';
import { answerEpcis, epcisResponses } from './problems.ts';
import { queryRoutes } from './query-routes.ts';
import { createEventReader } from './reading.ts';
import { preferJson } from './representations.ts';
import { answeredJobSchema, captureJobSchema, pagedQuery } from './schemas.ts';
import { createSockets, incomingBytesMax } from './sockets.ts';
import { createSubscriptions } from './subscribing.ts';
import {
  captureDiscovery,
  discovery,
  discoveryRoute,
  refuseLongUri,
  requireVersions,
  versionHeaders,
} from './versions.ts';

const tags = ['epcis'];
/** Jobs a page, unless the client says. */
const perPageDefault = 30;

export const epcis: Feature = async (app, deps) => {
  const recording: CapturingDeps = {
    ...deps,
    known: createKnown(deps.db.sql, deps.policies),
    masters: mastersOf(deps.ledger, deps.db.sql),
    reader: createEventReader(),
  };
  app.addHook('onClose', () => recording.reader.close());
  const runner = createCaptureRunner(recording, app.log);
  app.addHook('onReady', async () => runner.start());
  app.addHook('preClose', () => runner.stop());
  const subscriptions = createSubscriptions({ ...deps, ...recording }, app.log);
  app.addHook('onReady', async () => subscriptions.start());
  app.addHook('onClose', () => subscriptions.stop());
  const sockets = createSockets({ ...deps, ...recording }, app.log);
  await app.register(websocket, {
    options: { server: upgradesOf(app.server, asksToFollow), maxPayload: incomingBytesMax },
    // A peer that breaks the protocol or goes without a word is no trouble of ours.
    errorHandler: (_error, socket) => socket.terminate(),
    preClose: () => sockets.stop(),
  });
  app.addHook('onReady', async () => sockets.start());
  app.setErrorHandler(answerEpcis(deps));
  readStrictJson(app, 'application/ld+json');
  const announced = versionHeaders(deps.genesis.host);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(announced);
    requireVersions(request);
    refuseLongUri(request);
    preferJson(request, reply);
  });
  await app.register(
    async (inner) => {
      inner.setNotFoundHandler(async (request, reply) => {
        throw inner.refusalAt(request, reply);
      });
    },
    { prefix: '/epcis/v2' },
  );

  queryRoutes(app, { ...deps, ...recording, orders: createOrders() }, sockets);

  app.options('/epcis/v2/capture', discoveryRoute, async (request, reply) =>
    discovery('GET', 'POST')(request, reply.headers(captureDiscovery)),
  );
  app.options('/epcis/v2/capture/:id', discoveryRoute, discovery('GET'));

  await app.register(captureRoutes, { recording, runner });

  app.get(
    '/epcis/v2/capture',
    {
      schema: {
        tags,
        summary: 'Your capture jobs, newest first 采集任务列表',
        querystring: pagedQuery,
        response: {
          200: Type.Array(captureJobSchema),
          ...epcisResponses('invalid-request', 'invalid-query'),
        },
      },
    },
    async (request, reply) => {
      const { perPage = perPageDefault, nextPageToken } = request.query;
      const key = readToken('captures', nextPageToken, ['number', 'string'], deps.now());
      const after = { createdAt: Number(key?.[0] ?? Number.MAX_SAFE_INTEGER), id: String(key?.[1] ?? '') };
      const jobs = await capturesOf(deps.reads.sql, caller(request).party, after, perPage + 1);
      const page = jobs.slice(0, perPage);
      const last = page.at(-1);
      if (jobs.length > perPage && last !== undefined) {
        const token = tokenOf('captures', [last.createdAt, last.id], deps.now());
        reply.headers(pageHeaders('/epcis/v2/capture', perPage, token, deps.now()));
      }
      return page.map((job) => captureAnswer(job, request.headers['accept-language']));
    },
  );

  app.get(
    '/epcis/v2/capture/:id',
    {
      schema: {
        tags,
        summary: 'How a capture job is doing 采集任务进度',
        params: closed({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: answeredJobSchema, ...epcisResponses('unknown-capture', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const job = await captureById(deps.reads.sql, caller(request).party, request.params.id);
      if (job === null)
        throw new Refusal('unknown-capture', 'You have no such job; GET /epcis/v2/capture lists yours.');
      const told = captureAnswer(job, request.headers['accept-language']);
      return sendJob(reply, told, deps.genesis.host);
    },
  );
};
