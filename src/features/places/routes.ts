/** Places: registered by their party, known by name and region to all with an account. */
import { Type } from '@sinclair/typebox';
import { Refusal, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadPlace } from '../access/reading.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { requireParty } from '../parties/references.ts';
import { closed, idempotencyHeaders, pageOf, partyName } from '../vocabulary.ts';
import { type Place, placeById, placesOf } from './queries.ts';
import { parsePlace } from './references.ts';
import { PlaceBodySchema, PlaceSchema, PlaceVersionSchema } from './schemas.ts';
import { newPlace, nextVersion, placeView } from './service.ts';

const tags = ['places'];
const params = closed({
  id: Type.String({ maxLength: 1024, description: 'Percent-encoded: 414%2F6901234567892, place%2F7ZK3…' }),
});
const refusals = [
  'invalid-request',
  'forbidden',
  'invalid-region',
  'invalid-quantity',
  'invalid-identifier',
  'unknown-place',
] as const;

export const places: Feature = async (app, deps) => {
  const { policies } = deps;
  const { sql } = deps.reads;

  app.post(
    '/v1/places',
    {
      schema: {
        tags,
        summary: 'Register a place 登记场所',
        headers: idempotencyHeaders,
        body: PlaceBodySchema,
        response: {
          201: PlaceSchema,
          ...problemResponses(...refusals, 'already-exists', 'unknown-party', 'invalid-check-digit'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('places', request);
      const made = await recordFact(deps.ledger, 'place', asked, () => newPlace(deps, request.body, by));
      reply.code(201).header('location', `/v1/places/${encodeURIComponent(made.fact.id)}`);
      return placeView(policies, made, true);
    },
  );

  app.put(
    '/v1/places/:id',
    {
      schema: {
        tags,
        summary: 'Say anew all that is known of a place 更新场所',
        params,
        headers: idempotencyHeaders,
        body: PlaceVersionSchema,
        response: { 200: PlaceSchema, ...problemResponses(...refusals, 'not-found') },
      },
    },
    async (request) => {
      const by = caller(request);
      const current = await found(request.params.id);
      const asked = askedUnder(`places/${current.fact.id}`, request);
      const made = await recordFact(deps.ledger, 'place', asked, () =>
        nextVersion(deps, current, request.body, by),
      );
      return placeView(policies, made, true);
    },
  );

  app.get(
    '/v1/places/:id',
    {
      schema: {
        tags,
        summary: 'A place; all of it for its party, the operator and the regulator in charge 查询场所',
        params,
        response: { 200: PlaceSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => {
      const place = await found(request.params.id);
      const reader = await readerOf(sql, caller(request));
      const whole = mayReadPlace(reader, place.fact);
      if (whole && reader.party !== place.fact.party) auditRead(deps.audit, request, place.fact.id);
      return placeView(policies, place, whole);
    },
  );

  app.get(
    '/v1/places',
    {
      schema: {
        tags,
        summary: 'Places of a party, as a rule your own 场所列表',
        querystring: closed({ ...pageQuery, party: Type.Optional(partyName('Whose places')) }),
        response: { 200: pageOf(PlaceSchema), ...problemResponses('invalid-request', 'unknown-party') },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, party: name } = request.query;
      const party =
        name === undefined ? by.party : await requireParty(sql, policies, name, by.party, '/party');
      const [after] = required(decodeCursor('places', cursor, ['string'])) ?? [''];
      const rows = await placesOf(sql, party, String(after), limit + 1);
      const { items, next } = page('places', rows, limit, ({ fact }) => [fact.id]);
      const reader = await readerOf(sql, by);
      if (party !== by.party) auditRead(deps.audit, request, party);
      return {
        items: items.map((place) => placeView(policies, place, mayReadPlace(reader, place.fact))),
        next,
      };
    },
  );

  async function found(id: string): Promise<Place> {
    const place = parsePlace(id);
    const known = place.ok ? await placeById(sql, place.value) : null;
    if (known === null) throw new Refusal('not-found', 'There is no such place.');
    return known;
  }
};
