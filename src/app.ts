/** The app: what every request passes through, then the features, one line each. */

import { randomUUID } from 'node:crypto';
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { Refusal } from './errors.ts';
import { access } from './features/access/routes.ts';
import { cases } from './features/cases/routes.ts';
import { certificates } from './features/certificates/routes.ts';
import { batches } from './features/codes/routes.ts';
import { singleCodes } from './features/codes/single-routes.ts';
import { delegations } from './features/delegations/routes.ts';
import { epcis } from './features/epcis/routes.ts';
import { erasures } from './features/erasures/routes.ts';
import { events } from './features/events/routes.ts';
import { evidence } from './features/evidence/routes.ts';
import type { Feature, FeatureDeps } from './features/feature.ts';
import { inbox } from './features/inbox/routes.ts';
import { insights } from './features/insights/routes.ts';
import { investigations } from './features/investigations/routes.ts';
import { keys } from './features/keys/routes.ts';
import { links } from './features/links/routes.ts';
import { heads } from './features/log/heads-routes.ts';
import { publicLog } from './features/log/routes.ts';
import { mandates } from './features/mandates/routes.ts';
import { mandateUse } from './features/mandates/use.ts';
import { orders } from './features/orders/routes.ts';
import { parties } from './features/parties/routes.ts';
import { places } from './features/places/routes.ts';
import { policies } from './features/policies/routes.ts';
import { products } from './features/products/routes.ts';
import { reports } from './features/reports/routes.ts';
import { samples } from './features/samples/routes.ts';
import { tracing } from './features/tracing/routes.ts';
import { units } from './features/units/routes.ts';
import { problemAnswer } from './features/verification/pages.ts';
import { verification } from './features/verification/routes.ts';
import { webhooks } from './features/webhooks/routes.ts';
import { witness } from './features/witness/routes.ts';
import { type AuthenticationOptions, authentication } from './http/authentication.ts';
import { answer, answerErrors, answerUnreadable, bareHeaders, bodyBytesMax } from './http/errors.ts';
import { openapi } from './http/openapi.ts';
import { measure, operations } from './http/operations.ts';
import { problemSchema } from './http/problems.ts';
import { limitRates } from './http/rate-limit.ts';
import { readStrictJson } from './http/strict-json.ts';
import type { TokenKeys } from './http/token-keys.ts';
import { checkRequests } from './http/validation.ts';

/** The table of contents: what the service can do. Rows of their routes stand in http/access.ts. */
const features: readonly Feature[] = [
  access,
  mandateUse,
  policies,
  parties,
  places,
  products,
  delegations,
  certificates,
  keys,
  publicLog,
  heads,
  witness,
  batches,
  singleCodes,
  events,
  epcis,
  verification,
  links,
  orders,
  mandates,
  inbox,
  webhooks,
  reports,
  samples,
  tracing,
  units,
  evidence,
  erasures,
  investigations,
  cases,
  insights,
];

export interface AppDeps extends FeatureDeps {
  readonly tokens: TokenKeys;
  readonly logger: FastifyBaseLogger;
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[];
}

export interface AppOptions {
  /** Delay of the event loop in ms, as a mean over a second, above which requests are turned away; 0: never. */
  readonly delayMax?: number;
  /** More features with the rows of access for their routes; for tests of what all routes share. */
  readonly extra?: {
    readonly features: readonly Feature[];
    readonly table: NonNullable<AuthenticationOptions['table']>;
  };
}

export async function buildApp(
  deps: AppDeps,
  { extra, delayMax = 3000 }: AppOptions = {},
): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger,
    genReqId: () => randomUUID(),
    bodyLimit: bodyBytesMax,
    // ms. Whoever sends a body byte by byte would hold its connection for ever.
    requestTimeout: 300_000,
    trustProxy: deps.trustProxy.length === 0 ? false : [...deps.trustProxy],
    // While draining, a request on an open connection is served like any other.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // A machine may be slow; a service that gives up its start for that would only be started again.
    pluginTimeout: 0,
    // One line a request, written when it is answered.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: answerUnreadable(deps.publicUrl),
    // No hook sees what has an unreadable address.
    frameworkErrors: (error, request, reply) => {
      answer(error, request, reply.headers(bareHeaders), deps.publicUrl);
    },
  });

  // RFC 9110 §10.1.1 lets us pass over an expectation that we do not know.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));

  answerErrors(app, deps.publicUrl, problemAnswer(deps.publicUrl));
  checkRequests(app);
  app.removeAllContentTypeParsers();
  readStrictJson(app, 'application/json');
  app.addSchema(problemSchema);
  // A connection kept alive after its last answer would hold up the closing.
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
  // What a token was needed for is kept by nobody on the way, unless a route says how.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.headers.authorization !== undefined && !reply.hasHeader('cache-control'))
      reply.header('cache-control', 'private, no-store');
    done(null, payload);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime: ms } = reply;
    request.log.info(
      { req: request, status, ms: Math.round(ms * 10) / 10, party: request.party?.party },
      'answered',
    );
  });

  await app.register(authentication, {
    publicUrl: deps.publicUrl,
    keys: deps.tokens,
    ...(extra === undefined ? {} : { table: extra.table }),
  });
  const secure = secureHeaders({
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: deps.publicUrl.startsWith('https:'),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(secure);
    done();
  });
  app.addHook('onRequest', async ({ raw }, reply) => {
    // A body that breaks HTTP ends the connection, and with it goes the address that limits of rate ask for,
    // unless a socket was asked for it before: then it keeps it.
    if (raw.socket.remoteAddress === undefined)
      throw new Refusal('invalid-request', 'The connection is gone; send HTTP/1.1.');
    const { 'content-encoding': encoding = 'identity' } = raw.headers;
    if (encoding.toLowerCase() !== 'identity') {
      reply.header('accept-encoding', 'identity');
      const detail = `Send the body as it is, without Content-Encoding: ${encoding.slice(0, 40)} is not undone here.`;
      throw new Refusal('unsupported-media-type', detail);
    }
    // PostgreSQL takes no NUL in text, and no address of ours holds one.
    if (raw.url?.includes('%00')) throw new Refusal('invalid-string', 'Remove %00 from the address.');
  });

  await limitRates(app);
  await app.register(underPressure, {
    maxEventLoopDelay: delayMax,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * 0.9,
    pressureHandler: (request) => {
      // Whoever watches us must be answered above all when we are busy.
      if (request.routeOptions.schema?.tags?.includes('operations')) return;
      throw new Refusal('overloaded', 'The service is busy; send the same request again later.', {
        retryAfter: 5,
      });
    },
  });
  await app.register(swagger, openapi(deps.publicUrl));
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    // Without the bar above, which bears the name of the program and asks for an address; the groups first, as a contents.
    uiConfig: { layout: 'BaseLayout', docExpansion: 'none' },
    theme: { title: 'Suyuan API · 溯源接口文档' },
  });

  measure(app);
  await app.register(operations, deps);
  for (const feature of [...features, ...(extra?.features ?? [])]) await app.register(feature, deps);
  return app;
}

/** What helmet writes, which is the same for every answer: asked once, for it takes its time over each header. */
function secureHeaders(options: HelmetOptions): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => {});
  return response.getHeaders();
}

const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
