/** What runs the service: alive, ready, measured; and the page behind every problem's `type`. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Database } from '../database/connection.ts';
import { type ErrorCode, errorCodes, Refusal } from '../errors.ts';
import { problemResponses, problems } from './problems.ts';

export interface OperationsOptions {
  readonly reads: Database;
}

const state = Type.Object({ status: Type.String() });
const readyTimeout = 2000;

export const operations: FastifyPluginAsyncTypebox<OperationsOptions> = async (app, { reads }) => {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['operations'],
        summary: 'Whether the process is alive',
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
        summary: 'Whether requests can be served: the database answers',
        response: { 200: state, ...problemResponses('unavailable') },
      },
    },
    async () => {
      const asked = reads.sql`select 1`;
      const late = new Promise<never>((_resolve, reject) => {
        const timer = setTimeout(() => reject(away()), readyTimeout);
        asked.finally(() => clearTimeout(timer)).catch(() => {});
      });
      await Promise.race([asked, late]);
      return { status: 'ready' };
    },
  );

  app.get(
    '/problems/:code',
    {
      schema: {
        tags: ['operations'],
        summary: 'What an error code means',
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
        summary: 'Metrics for Prometheus',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) =>
      reply
        .type(registry.contentType)
        .serializer(String)
        .send(await registry.metrics()),
  );
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Register a feature's own measures here. */
    metrics: Registry;
  }
}
