/** Capture jobs as they are told. */
import type { FastifyReply } from 'fastify';
import { formatAt } from '../../core/log/entry.ts';
import { Refusal } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { type Problem, problemOf } from '../../http/problems.ts';
import type { CaptureJob, EventErrors } from './jobs.ts';
import { jobXml } from './problem-xml.ts';
import { epcisDialect } from './problems.ts';
import type { CaptureJobAnswer } from './schemas.ts';
import { xmlTypes } from './xml-body.ts';

export const capturePath = (id: string): string => `/epcis/v2/capture/${id}`;

/** EPCIS 2.0 §12.6.2: the resource of a capture job. Titles follow the language of whoever asks. */
export function captureAnswer(job: CaptureJob, acceptLanguage: string | undefined): CaptureJobAnswer {
  return {
    captureID: job.id,
    createdAt: formatAt(job.createdAt),
    ...(job.finishedAt === null ? {} : { finishedAt: formatAt(job.finishedAt) }),
    running: job.finishedAt === null,
    success: job.erring === 0,
    captureErrorBehaviour: job.behaviour,
    errors: job.errors.map((found) => problemOfEvent(found, job.id, acceptLanguage)),
    'suyuan:errorCount': job.erring,
  };
}

const jobTypes = ['application/json', ...xmlTypes] as const;

/** A job in the form that is preferred. Refusal: `not-acceptable`. */
export function sendJob(reply: FastifyReply, job: CaptureJobAnswer, host: string): FastifyReply {
  const type = preferredType(reply.request.headers.accept, jobTypes);
  if (type === null) throw new Refusal('not-acceptable', `Accept one of ${jobTypes.join(', ')}.`);
  reply.type(`${type}; charset=utf-8`).header('vary', 'accept').serializer(String);
  return reply.send(type === 'application/json' ? JSON.stringify(job) : jobXml(job, host));
}

function problemOfEvent(
  { event, faults }: EventErrors,
  job: string,
  acceptLanguage: string | undefined,
): Problem {
  const [first] = faults;
  if (first === undefined) throw new Error(`event ${event} of capture ${job} has errors without faults`);
  const problem = problemOf(
    first.code,
    faults.length === 1 ? first.detail : `${faults.length} things are wrong with event ${event}.`,
    faults,
    { dialect: epcisDialect, requestId: '', acceptLanguage },
  );
  return { ...problem, instance: `${capturePath(job)}#${event}` };
}
