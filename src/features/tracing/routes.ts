/** Where things come from and where they went: for one thing, for a whole lot, and for a product. */

import { type Static, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatLot, parseGtin, parseIdentifier, parseLot } from '../../core/gs1/identifiers.ts';
import { parseEventTime } from '../../core/time.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { formOf } from '../../http/negotiation.ts';
import { decodeCursor, page } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Lang } from '../../web/words.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { languageOf } from '../verification/pages.ts';
import { flowCsv, traceCsv } from './csv.ts';
import { flowSvg } from './drawing/flow-svg.ts';
import { picturePolicy } from './drawing/picture.ts';
import { traceSvg } from './drawing/trace-svg.ts';
import { flowGraphml } from './flow-graphml.ts';
import { flowFor, prefixOfKey, unknownFlow } from './flow-service.ts';
import { knownSize } from './known.ts';
import { lotLives } from './lot-lives.ts';
import { namesOf } from './names.ts';
import type { Whole } from './queries.ts';
import {
  FlowSchema,
  FlowUnitsSchema,
  flowQuery,
  flowUnitsQuery,
  lotParams,
  productParams,
  TraceSchema,
  traceQuery,
} from './schemas.ts';
import type { Traceable } from './things.ts';
import { traceGraphml } from './trace-graphml.ts';
import { traceFor } from './trace-service.ts';

const tags = ['tracing'];
const text = Type.Unsafe<string>(Type.String());
const forms = new Map([
  ['json', 'application/json'],
  ['csv', 'text/csv'],
  ['svg', 'image/svg+xml'],
  ['graphml', 'application/graphml+xml'],
] as const);

export const tracing: Feature = async (app, deps) => {
  const { sql } = deps.reads;
  const livesOf = lotLives(deps);
  const names = namesOf(deps);

  app.get(
    '/v1/trace',
    {
      schema: {
        tags,
        summary: 'Where a thing comes from and where it went 追溯',
        description:
          'Of a unit, a container or a lot: all things, parties and places it leads to, what happened in order, what passed between whom, and where the story breaks, with the record that would mend it. `at` bounds what happened, `known` what had been recorded; both together are what was known at one moment of what happened until another. You see what you took part in and one step further; of what you made, the rest by time and province; a regulator sees all of what touches its jurisdiction.',
        querystring: traceQuery,
        response: {
          200: {
            description: 'The trace',
            content: {
              'application/json': { schema: TraceSchema },
              'text/csv': { schema: text },
              'image/svg+xml': { schema: text },
              'application/graphml+xml': { schema: text },
            },
          },
          ...problemResponses(
            'not-found',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-time',
            'too-many-epcs',
            'not-acceptable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { epc, direction, at, known, format } = request.query;
      const thing = traceable(epc);
      const moment = momentOf(at);
      const form = formOf(request, reply, format, forms);
      const [reader, before] = await Promise.all([readerOf(sql, caller(request)), knownSize(deps, known)]);
      const answer = await traceFor({ ...deps, names }, reader, { thing, direction, at: moment, before });
      auditRead(deps.audit, request, thing.epc);
      switch (form) {
        case 'json':
          return answer;
        case 'csv':
          return traceCsv(answer);
        case 'graphml':
          return traceGraphml(answer);
        case 'svg':
          return traceSvg(answer, languageOfPicture(request, reply));
      }
    },
  );

  const flowAnswers = {
    200: {
      description: 'The flow',
      content: {
        'application/json': { schema: FlowSchema },
        'text/csv': { schema: text },
        'image/svg+xml': { schema: text },
        'application/graphml+xml': { schema: text },
      },
    },
    ...problemResponses(
      'unknown-batch',
      'invalid-identifier',
      'invalid-request',
      'invalid-time',
      'too-many-epcs',
      'not-acceptable',
    ),
  };
  const unitsAnswers = {
    200: FlowUnitsSchema,
    ...problemResponses(
      'unknown-batch',
      'not-found',
      'invalid-identifier',
      'invalid-time',
      'invalid-request',
    ),
  };

  async function tellFlow(
    request: FastifyRequest,
    reply: FastifyReply,
    whole: Whole,
    { at, known, format }: Static<typeof flowQuery>,
  ) {
    const form = formOf(request, reply, format, forms);
    const [reader, before] = await Promise.all([readerOf(sql, caller(request)), knownSize(deps, known)]);
    const lives = await livesOf(whole, { before, at: momentOf(at) });
    if (lives === null) throw unknownFlow(whole.lot ?? `01/${whole.gtin}`);
    const { answer } = await flowFor({ ...deps, names }, reader, lives);
    auditRead(deps.audit, request, lives.epc);
    switch (form) {
      case 'json':
        return answer;
      case 'csv':
        return flowCsv(answer);
      case 'graphml':
        return flowGraphml(answer);
      case 'svg':
        return flowSvg(answer, languageOfPicture(request, reply));
    }
  }

  async function tellUnits(request: FastifyRequest, whole: Whole, asked: Static<typeof flowUnitsQuery>) {
    const { key, limit, cursor, at } = asked;
    const [after] = required(decodeCursor('flow', cursor, ['number'])) ?? [-1];
    const [reader, size] = await Promise.all([readerOf(sql, caller(request)), deps.ledger.size()]);
    const before = prefixOfKey(key);
    const lives =
      before === null || before > size ? null : await livesOf(whole, { before, at: momentOf(at) });
    if (lives === null) throw noNumber();
    const behind = (await flowFor({ ...deps, names }, reader, lives)).behind.get(key);
    if (behind === undefined) throw noNumber();
    auditRead(deps.audit, request, lives.epc);
    switch (behind.kind) {
      case 'units': {
        const units = await lives.units.unitsOf(behind.cohorts, Number(after), limit + 1);
        const { items, next } = page('flow', units, limit, ({ unit }) => [unit]);
        return { items: items.map(({ epc }) => ({ epc, seq: null })), next };
      }
      case 'entries': {
        const seqs = behind.seqs.filter((seq) => seq > Number(after)).slice(0, limit + 1);
        const { items, next } = page('flow', seqs, limit, (seq) => [seq]);
        return { items: items.map((seq) => ({ epc: null, seq })), next };
      }
    }
  }

  app.get(
    '/v1/batches/:gtin/:lot/flow',
    {
      schema: {
        tags,
        summary: 'How a lot spread: quantities between parties and places, and what is where now 批次流向',
        description:
          'Every number has a key, by which …/flow/units pages into the units behind it. `at` bounds what happened, `known` what had been recorded. A lot may have a million units with 50,000 different histories.',
        params: lotParams,
        querystring: flowQuery,
        response: flowAnswers,
      },
    },
    (request, reply) => tellFlow(request, reply, lotOf(request.params), request.query),
  );

  app.get(
    '/v1/batches/:gtin/:lot/flow/units',
    {
      schema: {
        tags,
        summary: 'The units behind a number of the flow 流向明细',
        params: lotParams,
        querystring: flowUnitsQuery,
        response: unitsAnswers,
      },
    },
    (request) => tellUnits(request, lotOf(request.params), request.query),
  );

  app.get(
    '/v1/products/:gtin/flow',
    {
      schema: {
        tags,
        summary: 'How all lots of a product spread 产品流向',
        description:
          'As the flow of a lot, summed over all lots; of goods by measure those in the unit of measure in which most lots are dealt. The units may have 50,000 different histories.',
        params: productParams,
        querystring: flowQuery,
        response: flowAnswers,
      },
    },
    (request, reply) => tellFlow(request, reply, productOf(request.params), request.query),
  );

  app.get(
    '/v1/products/:gtin/flow/units',
    {
      schema: {
        tags,
        summary: 'The units behind a number of the flow of a product 产品流向明细',
        params: productParams,
        querystring: flowUnitsQuery,
        response: unitsAnswers,
      },
    },
    (request) => tellUnits(request, productOf(request.params), request.query),
  );
};

/** The language that a picture is drawn in, with the headers that go with a picture. */
function languageOfPicture(request: FastifyRequest, reply: FastifyReply): Lang {
  const lang = languageOf(request);
  reply
    .header('content-language', lang)
    .header('content-security-policy', picturePolicy)
    .header('vary', 'accept, accept-language');
  return lang;
}

/** The end of a moment that is asked for, ms since the epoch; null when none is. */
const momentOf = (at: string | undefined): number | null =>
  at === undefined ? null : required(parseEventTime(at), '/at').until;

const noNumber = (): Refusal =>
  new Refusal('not-found', 'No number of this flow has that key; ask for the flow again.');

function traceable(text: string): Traceable {
  const identifier = required(parseIdentifier(text), '/epc');
  switch (identifier.type) {
    case 'unit':
    case 'lot':
    case 'container':
      return identifier;
    case 'product':
    case 'place':
    case 'party':
      throw refusalAt('/epc', 'invalid-identifier', 'Name a unit, a container or a lot.');
  }
}

const productOf = (params: { gtin: string }): Whole => ({
  gtin: required(parseGtin(params.gtin), '/gtin'),
  lot: null,
});

function lotOf(params: { gtin: string; lot: string }): Whole {
  const gtin = required(parseGtin(params.gtin), '/gtin');
  return { gtin, lot: formatLot(gtin, required(parseLot(params.lot), '/lot')) };
}
