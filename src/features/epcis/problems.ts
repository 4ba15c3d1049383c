/**
 * Errors in the words of EPCIS 2.0 §8.2 (exceptions) and §12 (REST binding): the `type` of a problem document is the
 * name of the standard's exception, and what cannot be read or is wrong in itself is 400. `code` stays ours.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../errors.ts';
import { answer } from '../../http/errors.ts';
import { type Dialect, problemResponsesIn, problems } from '../../http/problems.ts';

const exceptionOf = (code: ErrorCode, status: number): string => {
  if (code === 'invalid-query') return 'QueryParameterException';
  if (code === 'query-too-large') return 'QueryTooLargeException';
  if (code === 'query-too-complex') return 'QueryTooComplexException';
  if (code === 'invalid-subscription') return 'SubscriptionControlsException';
  if (code === 'unknown-query') return 'NoSuchNameException';
  switch (status) {
    case 400:
      return 'ValidationException';
    case 401:
    case 403:
      return 'SecurityException';
    case 404:
      return 'NoSuchResourceException';
    case 406:
      return 'NotAcceptableException';
    case 409:
      return 'ResourceAlreadyExistsException';
    case 413:
      return 'CaptureLimitExceededException';
    case 414:
      return 'URITooLongException';
    case 415:
      return 'UnsupportedMediaTypeException';
    default:
      return 'ImplementationException';
  }
};

export const epcisDialect: Dialect = (code) => {
  const { status } = problems[code];
  const told = code === 'too-many-epcs' ? 413 : status === 422 ? 400 : status;
  return { type: `epcisException:${exceptionOf(code, told)}`, status: told };
};

/** Response schemas of a route that may answer with these codes. */
export const epcisResponses = (...codes: readonly ErrorCode[]): Record<number, object> =>
  problemResponsesIn((code) => epcisDialect(code).status, codes);

/** For the error handler of the routes. */
export const answerEpcis =
  (publicUrl: string) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    answer(error, request, reply, publicUrl, epcisDialect);
