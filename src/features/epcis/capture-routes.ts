/** Where events come in (EPCIS 2.0 §12.6): one at once, or documents of them for a job; in JSON-LD or in XML. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../core/text/canonical.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { type JobRunner, runAsPreferred } from '../job-runner.ts';
import { captureAnswer, capturePath } from './answers.ts';
import { captureLimit, checkDocument, checkEvent, type Sent } from './checking.ts';
import { onlyEvent } from './documents.ts';
import type { Capturing, CapturingDeps } from './drafts.ts';
import { type CaptureJob, captureById } from './jobs.ts';
import { LargeBody, leaveLargeJson } from './large-body.ts';
import { epcisResponses } from './problems.ts';
import {
  captureHeaders,
  captureJobSchema,
  documentSchema,
  eventBodySchema,
  receiptSchema,
} from './schemas.ts';
import { captureEvent, keepDocument } from './service.ts';
import { elementsMax, extensionsOf, limitHeaders } from './versions.ts';
import { readEpcisXml, xmlTypes } from './xml-body.ts';

const tags = ['epcis'];
/** What may be wrong with an event. */
const eventProblems = [
  'malformed-xml',
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
  'too-many-epcs',
  'body-too-large',
  'overloaded',
] as const;

interface CaptureDeps {
  readonly recording: CapturingDeps;
  readonly runner: JobRunner;
}

export const captureRoutes: FastifyPluginAsyncTypebox<CaptureDeps> = async (app, { recording, runner }) => {
  const { host } = recording.genesis;
  const { reader } = recording;
  const originalOf = readEpcisXml(app, { eventsMax: captureLimit, elementsMax });
  leaveLargeJson(app);
  const sentWith = ({ headers }: FastifyRequest): Sent => ({
    host,
    prefixes: extensionsOf(headers['gs1-extensions']),
  });

  const eventIn = (body: JsonObject | LargeBody, sent: Sent, { caller: { party }, original }: Capturing) => {
    if (body instanceof LargeBody) return reader.event(body.bytes, sent, party);
    const lone =
      original === null ? { event: body, unhashed: new Set<string>() } : required(onlyEvent(body, host));
    const { event, reading } = checkEvent(lone, sent);
    return reader.read(event, reading, party);
  };

  const documentIn = (body: JsonObject | LargeBody, sent: Sent, { caller: { party } }: Capturing) =>
    body instanceof LargeBody ? reader.document(body.bytes, sent, party) : checkDocument(body, sent);

  app.post(
    '/epcis/v2/events',
    {
      schema: {
        tags,
        summary: 'Capture one EPCIS 2.0 event 采集单个 EPCIS 事件',
        description:
          'An event is recorded once: the same eventID of the same party again is 409, save for an error declaration, which bears the eventID of the event that it takes back. Without an eventID it is named by its CBV 2.0 event hash. The answer is its receipt. In XML it is an EPCISDocument of one event, or the element of the event itself.',
        consumes: ['application/ld+json', 'application/json', ...xmlTypes],
        body: eventBodySchema,
        response: { 201: receiptSchema, ...epcisResponses(...eventProblems) },
      },
    },
    async (request, reply) => {
      const capturing = { caller: caller(request), original: originalOf(request) };
      const read = await eventIn(request.body, sentWith(request), capturing);
      const { eventID, receipt } = await captureEvent(recording, capturing, read);
      reply
        .code(201)
        .type('application/json; charset=utf-8')
        .header('location', `/epcis/v2/events/${encodeURIComponent(eventID)}`);
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
          'The job stands at Location; `Prefer: wait` waits for it. With GS1-Capture-Error-Behaviour: rollback all events are recorded or none, with proceed those that can be. XML is that of EPCIS 2.0 or 1.2; what is wrong with it is told by the paths of the JSON-LD document that says the same.',
        consumes: ['application/ld+json', 'application/json', ...xmlTypes],
        headers: captureHeaders,
        body: documentSchema,
        response: {
          202: captureJobSchema,
          ...epcisResponses(
            'invalid-request',
            'unknown-member',
            'malformed-xml',
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
      const capturing = { caller: caller(request), original: originalOf(request) };
      const document = await documentIn(request.body, sentWith(request), capturing);
      const accepted = await keepDocument(recording, capturing, behaviour, document);
      const job = await advance(runner, recording, accepted, request, reply);
      reply.code(202).headers({ location: capturePath(job.id), 'gs1-capture-error-behaviour': behaviour });
      return captureAnswer(job, request.headers['accept-language']);
    },
  );
};

/** Sets a job going and waits for it as long as the client would like to. */
async function advance(
  runner: JobRunner,
  { db }: Pick<CapturingDeps, 'db'>,
  job: CaptureJob,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<CaptureJob> {
  if (!(await runAsPreferred(runner, job.id, request, reply))) return job;
  return (await captureById(db.sql, job.caller.party, job.id)) ?? job;
}
