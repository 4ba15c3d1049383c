/** API clients of a party: made, listed and revoked by the operator or by the party itself. */
import { Type } from '@sinclair/typebox';
import type { Role } from '../../core/events/hop.ts';
import type { ClientFact, PartyFact } from '../../core/log/fact.ts';
import { parsePartyId } from '../../core/opaque-id.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { appendOne } from '../master-data.ts';
import { newId } from '../new-id.ts';
import { partyById } from '../parties/queries.ts';
import { closed, pageOf } from '../vocabulary.ts';
import { clientSecrets } from './client-secrets.ts';
import { type Client, clientById, clientsOf } from './queries.ts';
import { type ClientBody, ClientBodySchema, ClientSchema, NewClientSchema } from './schemas.ts';

const idParam = Type.String({ maxLength: 64 });
const tags = ['access'];

export const clientRoutes: Feature = async (app, deps) => {
  const { sql } = deps.db;
  const secrets = clientSecrets({ ...deps, sql });

  app.post(
    '/v1/parties/:id/clients',
    {
      schema: {
        tags,
        summary: 'Make an API client; its secret is shown once 新建接口客户端',
        params: closed({ id: idParam }),
        body: ClientBodySchema,
        response: {
          201: NewClientSchema,
          ...problemResponses('forbidden', 'not-found', 'state-conflict', 'invalid-request'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const party = await ownParty(by, request.params.id);
      const client = newId();
      const fact: ClientFact = {
        kind: 'client',
        by: by.party,
        id: client,
        party: party.id,
        roles: allowedRoles(request.body, party, by),
        label: request.body.label.trim(),
        revoked: false,
      };
      // If we crash between the two, a secret without a grant is left behind: it opens nothing.
      const client_secret = await secrets.issue(client);
      const seq = await appendOne(deps.ledger, { fact });
      reply.code(201).header('cache-control', 'no-store');
      return { ...view({ fact, seq }), client_secret };
    },
  );

  app.get(
    '/v1/parties/:id/clients',
    {
      schema: {
        tags,
        summary: 'List API clients 接口客户端列表',
        params: closed({ id: idParam }),
        querystring: closed(pageQuery),
        response: {
          200: pageOf(ClientSchema),
          ...problemResponses('forbidden', 'not-found', 'invalid-request'),
        },
      },
    },
    async (request) => {
      const party = await ownParty(caller(request), request.params.id);
      const { limit, cursor } = request.query;
      const [after] = required(decodeCursor('clients', cursor, ['string'])) ?? [''];
      const rows = await clientsOf(deps.reads.sql, party.id, String(after), limit + 1);
      const { items, next } = page('clients', rows, limit, ({ fact }) => [fact.id]);
      return { items: items.map(view), next };
    },
  );

  app.delete(
    '/v1/parties/:id/clients/:client',
    {
      schema: {
        tags,
        summary: 'Revoke an API client; its tokens die at once 吊销接口客户端',
        params: closed({ id: idParam, client: idParam }),
        response: { 204: Type.Null(), ...problemResponses('forbidden', 'not-found') },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const party = await ownParty(by, request.params.id);
      const client = await clientById(sql, request.params.client);
      if (client === null || client.fact.party !== party.id) {
        throw new Refusal('not-found', 'This party has no such client.');
      }
      // The log first: if we crash between the two, the secret is still there and the log says it counts no more.
      if (!client.fact.revoked) {
        await appendOne(deps.ledger, { fact: { ...client.fact, by: by.party, revoked: true } });
      }
      await secrets.forget(client.fact.id);
      return reply.code(204).send(null);
    },
  );

  /** The party of the address, when the caller may act for it. */
  async function ownParty(by: Caller, id: string): Promise<PartyFact> {
    const party = parsePartyId(id);
    const operator = by.roles.includes('operator');
    if (!operator && (!party.ok || party.value !== by.party)) {
      throw new Refusal('forbidden', 'Only the party itself and the operator look after its clients.');
    }
    const found = party.ok ? await partyById(sql, party.value) : null;
    if (found === null) throw new Refusal('not-found', 'There is no such party.');
    return found.fact;
  }
};

/** Roles that the party has and, unless the operator asks, that the asking client has too. */
function allowedRoles({ roles }: ClientBody, party: PartyFact, by: Caller): readonly Role[] {
  if (party.stub)
    throw new Refusal('state-conflict', 'A party without an account has no clients; register it first.');
  const own = by.roles.includes('operator')
    ? party.roles
    : party.roles.filter((role) => by.roles.includes(role));
  if (roles === undefined) return own;
  const foreign = roles.findIndex((role) => !own.includes(role));
  if (foreign >= 0) {
    throw refusalAt(`/roles/${foreign}`, 'forbidden', `Only the roles ${own.join(', ')} can be passed on.`);
  }
  return roles;
}

const view = ({ fact, seq }: Pick<Client, 'fact' | 'seq'>) => ({
  client_id: fact.id,
  party: fact.party,
  label: fact.label,
  roles: [...fact.roles],
  revoked: fact.revoked,
  seq,
});
