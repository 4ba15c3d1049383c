/** What runs the service: alive, ready, measured; and the page behind every problem's `type`. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Database } from '../database/connection.ts';
import { type ErrorCode, errorCodes, Refusal } from '../errors.ts';
import type { Witnessing } from '../ledger/witnessing.ts';
import { isNearby } from './addresses.ts';
import { problemResponses, problems } from './problems.ts';

export interface OperationsOptions {
  readonly reads: Database;
  readonly witnessing: Pick<Witnessing, 'state'>;
}

const state = Type.Object({ status: Type.String() });
const readiness = Type.Object({
  status: Type.String(),
  witnesses: Type.Optional(
    Type.Object({
      witnesses: Type.Integer({ description: 'Configured' }),
      quorum: Type.Integer({ description: 'Cosignatures that a checkpoint should have' }),
      size: Type.Union([Type.Integer(), Type.Null()], {
        description: 'Entries under the last checkpoint that has them',
      }),
      waitingSeconds: Type.Integer({
        description: 'How long the oldest checkpoint after that one has waited for them',
      }),
      late: Type.Boolean({ description: 'It has waited longer than it should' }),
    }),
  ),
});
const readyTimeout = 2000;

export const operations: FastifyPluginAsyncTypebox<OperationsOptions> = async (
  app,
  { reads, witnessing },
) => {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['operations'],
        summary: 'Whether the process is alive 进程是否存活',
        response: { 200: state },
      },
    },
    async () => ({ status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags: ['operations'],
        summary: 'Whether requests can be served: the database answers 能否处理请求',
        description:
          'A quorum of witnesses that is late does not keep anybody from reading: it is told here, and in /metrics.',
        response: { 200: readiness, ...problemResponses('unavailable') },
      },
    },
    async () => {
      const asked = reads.sql`select 1`;
      const late = new Promise<never>((_resolve, reject) => {
        const timer = setTimeout(() => reject(away()), readyTimeout);
        asked.finally(() => clearTimeout(timer)).catch(() => {});
      });
      await Promise.race([asked, late]);
      const quorum = await witnessing.state();
      if (quorum === null) return { status: 'ready' };
      const { failures, waitingMs, ...known } = quorum;
      return { status: 'ready', witnesses: { ...known, waitingSeconds: Math.floor(waitingMs / 1000) } };
    },
  );

  app.get(
    '/problems/:code',
    {
      schema: {
        tags: ['operations'],
        summary: 'What an error code means 错误码说明',
        params: Type.Object({ code: Type.String({ maxLength: 64 }) }),
        response: {
          200: Type.Object({
            code: Type.String(),
            status: Type.Integer(),
            title: Type.Object({ en: Type.String(), zh: Type.String() }),
          }),
          ...problemResponses('not-found'),
        },
      },
    },
    async ({ params }) => {
      const code = errorCodes.find((known): known is ErrorCode => known === params.code);
      if (code === undefined) throw new Refusal('not-found', 'There is no such error code.');
      return { code, ...problems[code] };
    },
  );
};

const away = (): Refusal =>
  new Refusal('unavailable', 'The database does not answer; send the same request again.', { retryAfter: 1 });

/** Prometheus metrics of this app: the process, and how long requests took by route and status. */
export function measure(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.decorate('metrics', registry);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(none)';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.addHook('onClose', async () => registry.clear());
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['operations'],
        summary: 'Metrics for Prometheus, for this machine, private networks and the operator 监测指标',
        description:
          'They tell how much is recorded and asked. From elsewhere it takes a token of the operator; what a proxy forwards counts as from whom it names, or as from elsewhere when it is not in TRUST_PROXY.',
        produces: ['text/plain'],
        response: { 200: Type.String(), ...problemResponses('unauthenticated', 'forbidden') },
      },
    },
    async (request, reply) => {
      if (request.party === null && !isNearby(request))
        throw new Refusal('unauthenticated', 'From here, /metrics takes an access token of the operator.');
      if (request.party !== null && !request.party.roles.includes('operator'))
        throw new Refusal('forbidden', 'Metrics are for the operator.');
      return reply
        .type(registry.contentType)
        .header('cache-control', 'no-store')
        .serializer(String)
        .send(await registry.metrics());
    },
  );
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Register a feature's own measures here. */
    metrics: Registry;
  }
}
