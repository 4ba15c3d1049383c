/** Limits on public routes, by address. A route opts in: `app.get(url, {schema, config: publicLimit(deps)}, …)`. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../errors.ts';

/** Requests that a public route takes of an address in a minute; 0 is no limit. */
interface Limited {
  readonly publicRateLimit: number;
}

/** Routes of one group are counted together. */
const perMinute = (max: number, groupId: string): FastifyContextConfig =>
  max === 0 ? {} : { rateLimit: { max, timeWindow: 60_000, groupId } };

/** Route configuration of a public route. */
export const publicLimit = ({ publicRateLimit }: Limited): FastifyContextConfig =>
  perMinute(publicRateLimit, 'public');

/** The same for the public log, whose readers ask for very many small things: counted apart, and ten times as much. */
export const logLimit = ({ publicRateLimit }: Limited): FastifyContextConfig =>
  perMinute(publicRateLimit * 10, 'log');

/** Reports are written by hand: a sixtieth of what may be read, counted apart. */
export const reportLimit = ({ publicRateLimit }: Limited): FastifyContextConfig =>
  perMinute(Math.ceil(publicRateLimit / 60), 'reports');

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
