/**
 * Every error on its way out becomes a problem document: a `Refusal` by its code, what Fastify refuses by the
 * code that means the same, a database that is away by 503, a full disk by 507. What is left is our bug: it is
 * logged whole and answered with 500 that says nothing.
 */
import { randomUUID } from 'node:crypto';
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { databaseRefusal } from '../database/refusal.ts';
import { type ErrorCode, Refusal } from '../errors.ts';
import { preferredType } from './negotiation.ts';
import {
  bugProblem,
  type Dialect,
  jsonProblem,
  type Occurrence,
  ownDialect,
  type Problem,
  type ProblemForm,
  problemMediaType,
  problemOf,
  problems,
} from './problems.ts';

/** Largest body taken, in bytes. */
export const bodyBytesMax = 32 * 1024 * 1024;

/** What keeps a browser from doing more with an answer than showing it, where no hook writes it. */
export const bareHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Answers errors, unknown addresses and wrong methods. Call before routes are registered.
 * @param toPeople answers whoever opened an unknown address in a browser
 */
export function answerErrors(
  app: FastifyInstance,
  publicUrl: string,
  toPeople: (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  const routes: { readonly methods: readonly string[]; readonly matches: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), matches: patternOf(url) });
  });
  app.setErrorHandler((error, request, reply) => answer(error, request, reply, publicUrl));
  app.decorate('refusalAt', (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(
      routes.filter(({ matches }) => matches.test(path)).flatMap(({ methods }) => methods),
    );
    if (allowed.size === 0)
      return new Refusal('not-found', 'Nothing is at this address; /docs lists what there is.');
    const list = [...allowed].sort().join(', ');
    reply.header('allow', list);
    return new Refusal('method-not-allowed', `Use one of ${list} here.`);
  });
  app.setNotFoundHandler((request, reply) => {
    const refusal = app.refusalAt(request, reply);
    const form = preferredType(request.headers.accept, [problemMediaType, 'text/html']);
    return refusal.code === 'not-found' && form === 'text/html'
      ? toPeople(refusal, request, reply)
      : answer(refusal, request, reply, publicUrl);
  });
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What to say of an address where no route answers the method: that it is unknown, or which ones there are. */
    refusalAt(request: FastifyRequest, reply: FastifyReply): Refusal;
  }
}

/** Writes the problem document for any error. */
export function answer(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
  dialect: Dialect = ownDialect(publicUrl),
  form: ProblemForm = jsonProblem,
): FastifyReply {
  const occurrence: Occurrence = {
    dialect,
    requestId: request.id,
    acceptLanguage: request.headers['accept-language'],
  };
  reply.type(form.mediaType).header('cache-control', 'no-store').header('vary', 'accept-language');
  const refusal = refusalOf(error);
  if (refusal === null) {
    request.log.error({ err: error }, 'our bug');
    return send(reply, 500, bugProblem(occurrence), form);
  }
  const { status } = dialect(refusal.code);
  if (status >= 500) request.log.warn({ err: error }, refusal.message);
  if (refusal.retryAfter !== undefined) reply.header('retry-after', String(refusal.retryAfter));
  if (status === 401) reply.header('www-authenticate', challenges[refusal.code] ?? 'Bearer realm="suyuan"');
  return send(reply, status, problemOf(refusal.code, refusal.message, refusal.faults, occurrence), form);
}

/** Answers on the bare connection what is no request at all: no HTTP, unknown methods, endless header fields. */
export const answerUnreadable =
  (publicUrl: string) =>
  (error: ConnectionError, socket: Socket): void => {
    if (error.code !== 'ECONNRESET' && socket.writable) {
      const { code, message } = unreadable(error);
      const { status } = problems[code];
      const occurrence = {
        dialect: ownDialect(publicUrl),
        requestId: randomUUID(),
        acceptLanguage: undefined,
      };
      const body = JSON.stringify(problemOf(code, message, [], occurrence));
      const head = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        `Content-Type: ${problemMediaType}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Cache-Control: no-store',
        ...Object.entries(bareHeaders).map(([name, value]) => `${name}: ${value}`),
        'Connection: close',
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    }
    socket.destroy(error);
  };

function unreadable({ code }: { readonly code: string }): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal('headers-too-large', `Send at most ${maxHeaderSize} bytes of header fields.`);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('invalid-request', 'The request took too long to arrive; send it again.');
    default:
      return new Refusal('invalid-request', 'This cannot be read as an HTTP request; send HTTP/1.1.');
  }
}

/** As text, so that no response schema of the route filters the document. */
const send = (reply: FastifyReply, status: number, problem: Problem, { write }: ProblemForm): FastifyReply =>
  reply.code(status).serializer(String).send(write(problem));

/** RFC 6750 §3: a request without any token is told no error. */
const challenges: Partial<Record<ErrorCode, string>> = {
  'token-expired': 'Bearer realm="suyuan", error="invalid_token", error_description="The token has expired"',
  'token-invalid': 'Bearer realm="suyuan", error="invalid_token"',
  'client-invalid': 'Basic realm="suyuan"',
};

const ofFastify: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', `Send at most ${bodyBytesMax} bytes; split the request.`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'Send the body in a media type that /docs names for this address, as a rule application/json.',
  ],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported-media-type', 'Say in Content-Type what the body is.'],
  FST_ERR_MAX_PARAM_LENGTH: [
    'uri-too-long',
    'A part of this address is longer than anything here is called; look at what you put into it.',
  ],
  FST_ERR_BAD_URL: ['invalid-request', 'Percent-encode the address as RFC 3986 says.'],
};

/** What an error says to whoever sent the request; null when it is our bug. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (isCutOff(error)) {
    return new Refusal(
      'invalid-request',
      'The connection broke off before the body had come; send it again.',
      {
        cause: error,
      },
    );
  }
  const refusal = databaseRefusal(error);
  if (refusal !== null) return refusal;
  if (!isFastifyError(error)) return null;
  const known = ofFastify[error.code];
  if (known !== undefined) return new Refusal(known[0], known[1], { cause: error });
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? new Refusal('invalid-request', sentence(error.message)) : null;
}

/** A body whose sender went away: told by the same code as a lost database, which has no status. */
const isCutOff = (error: unknown): boolean =>
  isFastifyError(error) && error.code === 'ECONNRESET' && error.statusCode === 400;

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && typeof Reflect.get(error, 'code') === 'string';

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Which paths a route's pattern takes: `:name` one segment, `*` the rest. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.includes(':')) return '[^/]+';
    if (segment.includes('*')) return '.*';
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
