/** Delegations: given and revoked by the owner of the GTINs, seen by both sides. */
import { Type } from '@sinclair/typebox';
import { Refusal, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { appendOne, askedUnder, recordFact } from '../master-data.ts';
import { closed, idempotencyHeaders, pageOf } from '../vocabulary.ts';
import { type Delegation, delegationById, delegationsFor, delegationsOf } from './queries.ts';
import { DelegationBodySchema, DelegationSchema } from './schemas.ts';
import { delegationView, newDelegation } from './service.ts';

const tags = ['delegations'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

export const delegations: Feature = async (app, deps) => {
  const { sql } = deps.reads;

  app.post(
    '/v1/delegations',
    {
      schema: {
        tags,
        summary: 'Let another issue or record for your GTINs 委托生产、异地生产',
        headers: idempotencyHeaders,
        body: DelegationBodySchema,
        response: {
          201: DelegationSchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'gtin-not-owned',
            'state-conflict',
            'unknown-party',
            'unknown-place',
            'invalid-check-digit',
            'invalid-time',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('delegations', request);
      const made = await recordFact(deps.ledger, 'delegation', asked, () =>
        newDelegation(deps, request.body, by),
      );
      reply.code(201).header('location', `/v1/delegations/${made.fact.id}`);
      return delegationView(made);
    },
  );

  app.get(
    '/v1/delegations',
    {
      schema: {
        tags,
        summary: 'Delegations you have given or been given 委托列表',
        querystring: closed({
          ...pageQuery,
          inForce: Type.Optional(
            Type.Literal(true, { description: 'Those you may act under now, on one page' }),
          ),
        }),
        response: { 200: pageOf(DelegationSchema), ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const { party } = caller(request);
      const { limit, cursor, inForce } = request.query;
      if (inForce) {
        const rows = await delegationsFor(sql, party, deps.now());
        return { items: rows.map(delegationView), next: null };
      }
      const [after] = required(decodeCursor('delegations', cursor, ['string'])) ?? [''];
      const rows = await delegationsOf(sql, party, String(after), limit + 1);
      const { items, next } = page('delegations', rows, limit, ({ fact }) => [fact.id]);
      return { items: items.map(delegationView), next };
    },
  );

  app.get(
    '/v1/delegations/:id',
    {
      schema: {
        tags,
        summary: 'A delegation 查询委托',
        params,
        response: { 200: DelegationSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => delegationView(await visible(caller(request), request.params.id)),
  );

  app.delete(
    '/v1/delegations/:id',
    {
      schema: {
        tags,
        summary: 'Revoke a delegation; what was done under it stands 撤销委托',
        params,
        response: { 204: Type.Null(), ...problemResponses('forbidden', 'not-found') },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const { fact } = await visible(by, request.params.id);
      if (fact.from !== by.party)
        throw new Refusal('forbidden', 'Only the party that gave it revokes a delegation.');
      if (!fact.revoked) await appendOne(deps.ledger, { fact: { ...fact, by: by.party, revoked: true } });
      return reply.code(204).send(null);
    },
  );

  /** A delegation as its two sides and the operator see it; for others there is none. */
  async function visible({ party, roles }: Caller, id: string): Promise<Delegation> {
    const found = await delegationById(sql, id);
    const sees = found?.fact.from === party || found?.fact.to === party || roles.includes('operator');
    if (found === null || !sees) throw new Refusal('not-found', 'There is no such delegation of yours.');
    return found;
  }
};
