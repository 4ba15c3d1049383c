/** Limits on public routes, by address. A route opts in: `app.get(url, {schema, config: publicLimit(deps)}, …)`. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../errors.ts';

/** Route configuration of a public route; `perMinute` 0 is no limit. */
export const publicLimit = ({
  publicRateLimit,
}: {
  readonly publicRateLimit: number;
}): FastifyContextConfig =>
  publicRateLimit === 0 ? {} : { rateLimit: { max: publicRateLimit, timeWindow: 60_000, groupId: 'public' } };

/** The same for the public log, whose readers ask for very many small things: counted apart, and ten times as much. */
export const logLimit = ({ publicRateLimit }: { readonly publicRateLimit: number }): FastifyContextConfig =>
  publicRateLimit === 0
    ? {}
    : { rateLimit: { max: publicRateLimit * 10, timeWindow: 60_000, groupId: 'log' } };

/** Reports are written by hand: a sixtieth of what may be read, counted apart. */
export const reportLimit = ({
  publicRateLimit,
}: {
  readonly publicRateLimit: number;
}): FastifyContextConfig =>
  publicRateLimit === 0
    ? {}
    : { rateLimit: { max: Math.ceil(publicRateLimit / 60), timeWindow: 60_000, groupId: 'reports' } };

/** Messages that a party has sent to others at once, whatever address it asks from. */
export const pingLimit: FastifyContextConfig = {
  rateLimit: {
    max: 30,
    timeWindow: 60_000,
    groupId: 'pings',
    keyGenerator: ({ party }: FastifyRequest) => party?.party ?? '',
  },
};

export async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    cache: 20_000,
    errorResponseBuilder: (_request, { ttl }) =>
      new Refusal('rate-limited', 'Too many of these requests; wait as Retry-After says.', {
        retryAfter: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  });
}
