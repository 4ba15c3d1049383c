/** Units, containers and lots, as those see them who have to do with them. */
import type { FastifyRequest } from 'fastify';
import { notFuture, parseEventTime } from '../../core/time.ts';
import { required } from '../../errors.ts';
import { caller } from '../../http/authentication.ts';
import { decodeCursor, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { closed } from '../vocabulary.ts';
import { tellLot, tellLotHistory } from './lots.ts';
import {
  containerAnswer,
  containerParams,
  findingsAnswer,
  historyAnswer,
  lotAnswer,
  lotHistoryAnswer,
  lotParams,
  momentQuery,
  thingAnswer,
  unitParams,
} from './schemas.ts';
import { tellContainer, tellFindings, tellHistoryOf, tellThing } from './service.ts';
import { pathIdentifier } from './subject.ts';

const tags = ['units'];
const codes = [
  'unauthenticated',
  'forbidden',
  'unknown-unit',
  'invalid-identifier',
  'invalid-check-digit',
] as const;
const problems = problemResponses(...codes);
const momentProblems = problemResponses(...codes, 'invalid-time', 'future-time');

export const units: Feature = async (app, deps) => {
  app.get(
    '/v1/units/:gtin/:serial',
    {
      schema: {
        tags,
        summary: 'A unit now or at any moment: state, issue, product, contradictions 查询单品',
        params: unitParams,
        querystring: momentQuery,
        response: { 200: thingAnswer, ...momentProblems },
      },
    },
    async (request) => {
      const at = momentOf(request.query, deps.now());
      return tellThing(deps, caller(request), unitOf(request.params), routeOf(request), at);
    },
  );

  app.get(
    '/v1/units/:gtin/:serial/history',
    {
      schema: {
        tags,
        summary: 'The effective history of a unit, in the order in which things happened 单品流转记录',
        params: unitParams,
        response: { 200: historyAnswer, ...problems },
      },
    },
    async (request) => tellHistoryOf(deps, caller(request), unitOf(request.params), routeOf(request)),
  );

  app.get(
    '/v1/units/:gtin/:serial/findings',
    {
      schema: {
        tags,
        summary: 'Findings about a unit: contradictions with the entries on both sides 单品疑点',
        params: unitParams,
        response: { 200: findingsAnswer, ...problems },
      },
    },
    async (request) => tellFindings(deps, caller(request), unitOf(request.params), routeOf(request)),
  );

  app.get(
    '/v1/containers/:sscc',
    {
      schema: {
        tags,
        summary: 'A container now or at any moment: state and contents 查询箱/托盘',
        params: containerParams,
        querystring: momentQuery,
        response: { 200: containerAnswer, ...momentProblems },
      },
    },
    async (request) => {
      const at = momentOf(request.query, deps.now());
      const epc = pathIdentifier(`00/${request.params.sscc}`);
      return tellContainer(deps, caller(request), epc, routeOf(request), at);
    },
  );

  app.get(
    '/v1/containers/:sscc/history',
    {
      schema: {
        tags,
        summary: 'The effective history of a container 箱/托盘流转记录',
        params: containerParams,
        response: { 200: historyAnswer, ...problems },
      },
    },
    async (request) =>
      tellHistoryOf(deps, caller(request), pathIdentifier(`00/${request.params.sscc}`), routeOf(request)),
  );

  app.get(
    '/v1/lots/:gtin/:lot',
    {
      schema: {
        tags,
        summary: 'A lot: codes issued, and balances of goods by measure 查询批次',
        params: lotParams,
        response: { 200: lotAnswer, ...problems },
      },
    },
    async (request) => tellLot(deps, caller(request), lotOf(request.params), routeOf(request)),
  );

  app.get(
    '/v1/lots/:gtin/:lot/history',
    {
      schema: {
        tags,
        summary: 'Hops that name a lot, in the order of recording 批次流转记录',
        params: lotParams,
        querystring: closed(pageQuery),
        response: { 200: lotHistoryAnswer, ...problems },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = required(decodeCursor('lot-history', cursor, ['number']));
      const page = { limit, after: Number(after?.[0] ?? -1) };
      return tellLotHistory(deps, caller(request), lotOf(request.params), routeOf(request), page);
    },
  );
};

/** The moment that is asked about, ms since the epoch; null for now. */
function momentOf({ at }: { at?: string }, now: number): number | null {
  if (at === undefined) return null;
  const time = required(parseEventTime(at), '/at');
  return Math.min(required(notFuture(time, now), '/at').until, now);
}

const unitOf = ({ gtin, serial }: { gtin: string; serial: string }) =>
  pathIdentifier(`01/${gtin}/21/${encodeURIComponent(serial)}`);
const lotOf = ({ gtin, lot }: { gtin: string; lot: string }) =>
  pathIdentifier(`01/${gtin}/10/${encodeURIComponent(lot)}`);
const routeOf = ({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): string => routeOptions.url ?? '';
