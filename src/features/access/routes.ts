/** Access: tokens, clients, and the end of a revoked client's tokens. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Refusal } from '../../errors.ts';
import type { FeatureDeps } from '../feature.ts';
import { clientRoutes } from './client-routes.ts';
import { createRevocations } from './revocations.ts';
import { tokenRoute } from './token-route.ts';

/** Registered before other features: it guards the routes of all of them. */
export const access = fp(async (app: FastifyInstance, deps: FeatureDeps) => {
  const revocations = createRevocations(deps.reads.sql, deps.now);
  deps.ledger.onCommit((kinds) => {
    if (kinds.has('client')) revocations.stale();
  });
  // After the token has been verified and before the body is read.
  app.addHook('preParsing', async ({ party }) => {
    if (party !== null && (await revocations.has(party.client))) {
      throw new Refusal('token-invalid', 'This client was revoked; ask for a new one.');
    }
  });
  await app.register(tokenRoute, deps);
  await app.register(clientRoutes, deps);
});
