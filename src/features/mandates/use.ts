/**
 * Reading under a mandate: a request says so by `Suyuan-Mandate: {id}`, and this is the one place where that is looked at.
 * From here on the caller of the request carries the mandate, and nobody else does: what is sent without the header is
 * read as ever, at no cost. A mandate that is not in force is refused, not passed over: whoever names one means to read by
 * it. So is the header on routes that no mandate opens (`readUnderMandate`), those that record or decide above all.
 *
 * It is looked up in the database for each request, so that what one process ends is over in all of them; and after the
 * body has come, so that whoever sends it slowly has no more time than others. Each request is noted before it is answered.
 */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { isObject } from '../../core/events/event-members.ts';
import type { Mandate } from '../../core/mandate.ts';
import { Refusal } from '../../errors.ts';
import { readUnderMandate } from '../../http/access.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { mandateById, mandateState } from './queries.ts';

const header = 'suyuan-mandate';
const HeaderSchema = Type.Optional(
  Type.String({
    maxLength: 64,
    description:
      'Id of a mandate of yours in force: reads what it is about as if it were in your jurisdiction, and is noted. Refused with `mandate-not-in-force` otherwise',
  }),
);

const nameOf = (method: string, url: string | undefined): string =>
  `${method === 'HEAD' ? 'GET' : method} ${url ?? ''}`;

/** Registered before other features: it is asked on the routes of all of them. */
export const mandateUse = fp(async (app: FastifyInstance, { reads, audit, now }: FeatureDeps) => {
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema === undefined || ![method].flat().some((it) => readUnderMandate.has(nameOf(it, url)))) return;
    const { headers } = schema;
    const others = isObject(headers) && isObject(headers.properties) ? headers.properties : {};
    schema.headers = {
      type: 'object',
      ...(headers ?? {}),
      properties: { ...others, [header]: HeaderSchema },
    };
  });

  app.addHook('preHandler', async (request) => {
    const { party } = request;
    const named = request.headers[header];
    if (named === undefined || party === null) return;
    const route = nameOf(request.method, request.routeOptions.url);
    if (!readUnderMandate.has(route))
      throw new Refusal('invalid-request', 'No mandate opens this route; leave Suyuan-Mandate out.');
    const mandate = await inForce(party, String(named));
    request.party = { ...party, mandate };
    audit.note(request.party, route, request.url);
  });

  async function inForce(by: Caller, id: string): Promise<Mandate> {
    const found = by.roles.includes('regulator') ? await mandateById(reads.sql, id) : null;
    if (found === null || found.fact.by !== by.party)
      throw new Refusal(
        'mandate-not-in-force',
        'You have no mandate of this id; ask for one at /v1/mandates.',
      );
    const state = mandateState(found, now());
    if (state !== 'approved')
      throw new Refusal(
        'mandate-not-in-force',
        state === 'asked'
          ? 'The mandate is asked for and not approved; a second officer decides it.'
          : `The mandate is ${state}; ask for another one at /v1/mandates.`,
      );
    const { goods, parties } = found.fact;
    return { id, goods: new Set(goods), parties: new Set(parties) };
  }
});
