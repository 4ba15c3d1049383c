/** Who asks, as far as it is kept. */
import type { FastifyRequest } from 'fastify';
import { isRobot } from './robots.ts';
import type { Visit } from './service.ts';

/** @param region GB/T 2260 code that the person chose to give; kept no finer than a prefecture */
export function visitOf(request: FastifyRequest, region: string | null): Visit {
  const { headers, method, ip } = request;
  const userAgent = headers['user-agent'];
  const ahead = headers['sec-purpose'] ?? headers.purpose;
  return {
    address: ip,
    userAgent: userAgent ?? '',
    robot: isRobot({ method, userAgent, purpose: ahead?.toString() }),
    own: request.party !== null,
    region: region === null ? null : `${region.slice(0, 4)}00`,
  };
}
