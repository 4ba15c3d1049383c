/** The interface of EPCIS 2.0 (§12, REST binding): events of others taken in, one at once or documents of them; asked for. */
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, encodeCursor } from '../../http/paging.ts';
import { readStrictJson } from '../../http/strict-json.ts';
import { createKnown } from '../events/known.ts';
import type { EventsDeps } from '../events/service.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { type JobRunner, runAsPreferred } from '../job-runner.ts';
import { mastersOf } from '../units/histories.ts';
import { closed } from '../vocabulary.ts';
import { captureAnswer, capturePath } from './answers.ts';
import { createCaptureRunner } from './capturing.ts';
import { type CaptureJob, captureById, capturesOf } from './jobs.ts';
import { answerEpcis, epcisResponses } from './problems.ts';
import { queryRoutes } from './query-routes.ts';
import {
  captureHeaders,
  captureJobSchema,
  documentSchema,
  eventBodySchema,
  pagedQuery,
  receiptSchema,
} from './schemas.ts';
import { acceptDocument, captureEvent } from './service.ts';
import { discovery, limitHeaders, refuseLongUri, requireVersions, versionHeaders } from './versions.ts';

const tags = ['epcis'];
/** Jobs a page, unless the client says. */
const perPageDefault = 30;
/** What may be wrong with an event. */
const eventProblems = [
  'invalid-request',
  'unknown-member',
  'invalid-identifier',
  'invalid-check-digit',
  'invalid-time',
  'future-time',
  'invalid-quantity',
  'duplicate-epc',
  'unknown-delegation',
  'hop-not-allowed',
  'gtin-not-owned',
  'not-your-event',
  'unknown-event',
  'duplicate-event',
  'overloaded',
] as const;

export const epcis: Feature = async (app, deps) => {
  const recording: EventsDeps = {
    ...deps,
    known: createKnown(deps.db.sql, deps.policies),
    masters: mastersOf(deps.ledger, deps.db.sql),
  };
  const runner = createCaptureRunner(recording, app.log);
  app.addHook('onReady', async () => runner.start());
  app.addHook('preClose', () => runner.stop());
  app.setErrorHandler(answerEpcis(deps.publicUrl));
  readStrictJson(app, 'application/ld+json');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(versionHeaders);
    requireVersions(request);
    refuseLongUri(request);
  });

  queryRoutes(app, { ...deps, ...recording });

  app.options(
    '/epcis/v2/capture',
    { schema: { tags, summary: 'What can be done here' } },
    discovery('GET', 'POST'),
  );
  app.options(
    '/epcis/v2/capture/:id',
    { schema: { tags, summary: 'What can be done here' } },
    discovery('GET'),
  );

  app.post(
    '/epcis/v2/events',
    {
      schema: {
        tags,
        summary: 'Capture one EPCIS 2.0 event 采集单个 EPCIS 事件',
        description:
          'An event is recorded once: the same eventID of the same party again is 409, save for an error declaration, which bears the eventID of the event that it takes back. Without an eventID it is named by its CBV 2.0 event hash. The answer is its receipt.',
        consumes: ['application/ld+json', 'application/json'],
        body: eventBodySchema,
        response: { 201: receiptSchema, ...epcisResponses(...eventProblems) },
      },
    },
    async (request, reply) => {
      const { eventID, receipt } = await captureEvent(recording, caller(request), request.body);
      reply.code(201).header('location', `/epcis/v2/events/${encodeURIComponent(eventID)}`);
      return receipt;
    },
  );

  app.post(
    '/epcis/v2/capture',
    {
      schema: {
        tags,
        summary: 'Capture a document of EPCIS 2.0 events in the background 采集 EPCIS 文档',
        description:
          'The job stands at Location; `Prefer: wait` waits for it. With GS1-Capture-Error-Behaviour: rollback all events are recorded or none, with proceed those that can be.',
        consumes: ['application/ld+json', 'application/json'],
        headers: captureHeaders,
        body: documentSchema,
        response: {
          202: captureJobSchema,
          ...epcisResponses(
            'invalid-request',
            'too-many-events',
            'too-many-epcs',
            'body-too-large',
            'overloaded',
          ),
        },
      },
    },
    async (request, reply) => {
      reply.headers(limitHeaders);
      const behaviour = request.headers['gs1-capture-error-behaviour'] ?? 'rollback';
      const accepted = await acceptDocument(deps, caller(request), request.body, behaviour);
      const job = await advance(runner, deps, accepted, request, reply);
      reply.code(202).headers({ location: capturePath(job.id), 'gs1-capture-error-behaviour': behaviour });
      return captureAnswer(job, request.headers['accept-language']);
    },
  );

  app.get(
    '/epcis/v2/capture',
    {
      schema: {
        tags,
        summary: 'Your capture jobs, newest first',
        querystring: pagedQuery,
        response: { 200: Type.Array(captureJobSchema), ...epcisResponses('invalid-request') },
      },
    },
    async (request, reply) => {
      const { perPage = perPageDefault, nextPageToken } = request.query;
      const key = required(decodeCursor('captures', nextPageToken, ['number', 'string']));
      const after = { createdAt: Number(key?.[0] ?? Number.MAX_SAFE_INTEGER), id: String(key?.[1] ?? '') };
      const jobs = await capturesOf(deps.reads.sql, caller(request).party, after, perPage + 1);
      const page = jobs.slice(0, perPage);
      const last = page.at(-1);
      if (jobs.length > perPage && last !== undefined) {
        const next = new URLSearchParams({
          perPage: String(perPage),
          nextPageToken: encodeCursor('captures', [last.createdAt, last.id]),
        });
        reply.header('link', `</epcis/v2/capture?${next}>; rel="next"`);
      }
      return page.map((job) => captureAnswer(job, request.headers['accept-language']));
    },
  );

  app.get(
    '/epcis/v2/capture/:id',
    {
      schema: {
        tags,
        summary: 'How a capture job is doing',
        params: closed({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: captureJobSchema, ...epcisResponses('unknown-capture') },
      },
    },
    async (request) => {
      const job = await captureById(deps.reads.sql, caller(request).party, request.params.id);
      if (job === null)
        throw new Refusal('unknown-capture', 'You have no such job; GET /epcis/v2/capture lists yours.');
      return captureAnswer(job, request.headers['accept-language']);
    },
  );
};

/** Sets a job going and waits for it as long as the client would like to. */
async function advance(
  runner: JobRunner,
  { db }: Pick<FeatureDeps, 'db'>,
  job: CaptureJob,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<CaptureJob> {
  if (!(await runAsPreferred(runner, job.id, request, reply))) return job;
  return (await captureById(db.sql, job.caller.party, job.id)) ?? job;
}
