/** Access: tokens, clients, and the end of a revoked client's tokens. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
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
    if (kinds.has('client') || kinds.has('party')) revocations.stale();
  });
  const refuseDead = async ({ party }: FastifyRequest): Promise<void> => {
    if (party === null) return;
    if (await revocations.has(party.client))
      throw new Refusal('token-invalid', 'This client was revoked; ask for a new one.');
    const lost = await revocations.lostBy(party.party, party.roles);
    if (lost !== null)
      throw new Refusal('token-invalid', `Your party does not act as ${lost} any more; get a new token.`);
  };
  // After the token has been verified and before the body is read …
  app.addHook('preParsing', refuseDead);
  // … and once more when it has come: whoever sends it slowly has no more time than others.
  app.addHook('preHandler', refuseDead);
  await app.register(tokenRoute, deps);
  await app.register(clientRoutes, deps);
});
