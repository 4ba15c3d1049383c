/** Parties: registered by the operator, named as stubs by anybody, read by all with an account. */
import { type Static, Type } from '@sinclair/typebox';
import { parsePartyId } from '../../core/opaque-id.ts';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadParty } from '../access/reading.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { closed, idempotencyHeaders, oneOf, pageOf, partyName, region } from '../vocabulary.ts';
import { contactsFollower } from './contacts.ts';
import { contactOf, listParties, type Party, partyById } from './queries.ts';
import { namingNewcomers, resolveParties, StubSchema } from './references.ts';
import {
  type ContactSchema,
  PartyBodySchema,
  PartySchema,
  PartyVersionSchema,
  partyRoles,
} from './schemas.ts';
import { nextVersion, partyView, registration } from './service.ts';

const tags = ['parties'];
const params = closed({ id: Type.String({ maxLength: 64 }) });
const notFound = (): Refusal => new Refusal('not-found', 'There is no such party.');
const isContact = (value: unknown): value is Static<typeof ContactSchema> =>
  typeof value === 'object' && value !== null && 'name' in value;

export const parties: Feature = async (app, deps) => {
  const { policies } = deps;
  const { sql } = deps.reads;
  const contacts = contactsFollower(deps, app.log);
  app.addHook('onReady', async () => contacts.start());
  app.addHook('onClose', () => contacts.stop());

  app.post(
    '/v1/parties',
    {
      schema: {
        tags,
        summary: 'Register a party; a stub with its GLN or credit code becomes it 登记主体',
        headers: idempotencyHeaders,
        body: PartyBodySchema,
        response: {
          201: PartySchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'already-exists',
            'state-conflict',
            'invalid-check-digit',
            'invalid-credit-code',
            'invalid-region',
            'unknown-party',
            'unknown-place',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('parties', request);
      const { seq, fact } = await recordFact(deps.ledger, 'party', asked, () =>
        registration(deps, request.body, by.party),
      );
      reply.code(201).header('location', `/v1/parties/${fact.id}`);
      return whole({ seq, fact });
    },
  );

  app.put(
    '/v1/parties/:id',
    {
      schema: {
        tags,
        summary: 'Say anew all that is known of a party 更新主体',
        params,
        headers: idempotencyHeaders,
        body: PartyVersionSchema,
        response: {
          200: PartySchema,
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'not-found',
            'already-exists',
            'state-conflict',
          ),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const current = await found(request.params.id);
      const asked = askedUnder(`parties/${current.fact.id}`, request);
      const { seq, fact } = await recordFact(deps.ledger, 'party', asked, () =>
        nextVersion(deps, current, request.body, by.party),
      );
      return whole({ seq, fact });
    },
  );

  app.post(
    '/v1/parties/stubs',
    {
      schema: {
        tags,
        summary: 'Name a party that has no account, or find who it is 登记未注册主体',
        body: StubSchema,
        response: {
          200: PartySchema,
          ...problemResponses(
            'invalid-request',
            'invalid-check-digit',
            'invalid-credit-code',
            'invalid-region',
          ),
        },
      },
    },
    async (request) => {
      const by = caller(request);
      const id = await namingNewcomers(async () => {
        const { parties, drafts, faults } = await resolveParties(
          deps.db.sql,
          policies,
          [request.body],
          by.party,
        );
        const [fault] = faults;
        if (fault !== undefined) throw new Refusal(fault.code, fault.detail);
        if (drafts.length > 0) await deps.ledger.append(drafts);
        return parties[0] ?? '';
      });
      return partyView(policies, await found(id), false);
    },
  );

  app.get(
    '/v1/parties/:id',
    {
      schema: {
        tags,
        summary: 'A party; all of it for itself, the operator and the regulator in charge 查询主体',
        params,
        response: { 200: PartySchema, ...problemResponses('not-found') },
      },
    },
    async (request) => {
      const party = await found(request.params.id);
      const reader = await readerOf(sql, caller(request));
      if (!mayReadParty(reader, party.fact)) return partyView(policies, party, false);
      if (reader.party !== party.fact.id) auditRead(deps.audit, request, party.fact.id);
      return whole(party);
    },
  );

  app.get(
    '/v1/parties',
    {
      schema: {
        tags,
        summary: 'Parties: the one with a GLN or credit code; for operator and regulators, all 主体列表',
        querystring: closed({
          ...pageQuery,
          identifier: Type.Optional(partyName('Whom to find')),
          role: Type.Optional(oneOf([...partyRoles, 'operator'])),
          stub: Type.Optional(Type.Boolean()),
          region: Type.Optional(region),
        }),
        response: { 200: pageOf(PartySchema), ...problemResponses('invalid-request', 'forbidden') },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, identifier, role, stub, region = null } = request.query;
      const reader = await readerOf(sql, by);
      const view = (party: Party) => partyView(policies, party, mayReadParty(reader, party.fact));
      if (identifier !== undefined) {
        const { parties } = await resolveParties(sql, policies, [identifier], by.party);
        const [known] = parties;
        const party = known == null ? null : await partyById(sql, known);
        return { items: party === null ? [] : [view(party)], next: null };
      }
      if (!by.roles.some((role) => role === 'operator' || role === 'regulator')) {
        throw new Refusal(
          'forbidden',
          'Only the operator and regulators list parties; ask with ?identifier=.',
        );
      }
      const [after] = required(decodeCursor('parties', cursor, ['string'])) ?? [''];
      const rows = await listParties(sql, {
        after: String(after),
        limit: limit + 1,
        role: role ?? null,
        stub: stub ?? null,
        region,
      });
      const { items, next } = page('parties', rows, limit, ({ fact }) => [fact.id]);
      auditRead(deps.audit, request, `${items.length} parties`);
      return { items: items.map(view), next };
    },
  );

  async function found(id: string): Promise<Party> {
    const party = parsePartyId(id);
    const known = party.ok ? await partyById(sql, party.value) : null;
    if (known === null) throw notFound();
    return known;
  }

  async function whole(party: Party) {
    const contact = await contactOf(sql, party.seq);
    return { ...partyView(policies, party, true), ...(isContact(contact) ? { contact } : {}) };
  }
};
