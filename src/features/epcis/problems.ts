/**
 * Errors in the words of EPCIS 2.0 §8.2 (exceptions) and §12 (REST binding): the `type` of a problem document is the
 * name of the standard's exception, and what cannot be read or is wrong in itself is 400. `code` stays ours.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../errors.ts';
import { answer } from '../../http/errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import {
  type Dialect,
  jsonProblem,
  type Problem,
  problemResponsesIn,
  problems,
} from '../../http/problems.ts';
import type { FeatureDeps } from '../feature.ts';
import { problemXml } from './problem-xml.ts';

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

/** Of what is no query at all. */
export const definingDialect: Dialect = (code) => {
  const { type, status } = epcisDialect(code);
  return { type: type === 'epcisException:ValidationException' ? queryValidation : type, status };
};
const queryValidation = 'epcisException:QueryValidationException';

const jsonTypes = ['application/problem+json', 'application/json', 'application/ld+json'] as const;
const xmlTypes = ['application/problem+xml', 'application/xml', 'text/xml'] as const;

/** For the error handler of the routes: in XML to whoever would rather have that. */
export const answerEpcis =
  ({ publicUrl, genesis }: Pick<FeatureDeps, 'publicUrl' | 'genesis'>, dialect = epcisDialect) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const type = preferredType(request.headers.accept, [...jsonTypes, ...xmlTypes]);
    const isXml = xmlTypes.some((it) => it === type);
    const xml = { mediaType: xmlTypes[0], write: (it: Problem) => problemXml(it, genesis.host) };
    return answer(error, request, reply, publicUrl, dialect, isXml ? xml : jsonProblem);
  };
