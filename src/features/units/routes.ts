/** Units, containers and lots, as those see them who have to do with them. */
import type { FastifyRequest } from 'fastify';
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
  thingAnswer,
  unitParams,
} from './schemas.ts';
import { tellContainer, tellFindings, tellHistoryOf, tellThing } from './service.ts';
import { pathIdentifier } from './subject.ts';

const tags = ['units'];
const problems = problemResponses(
  'unauthenticated',
  'forbidden',
  'unknown-unit',
  'invalid-identifier',
  'invalid-check-digit',
);

export const units: Feature = async (app, deps) => {
  app.get(
    '/v1/units/:gtin/:serial',
    {
      schema: {
        tags,
        summary: 'A unit: state, issue, product, contradictions',
        params: unitParams,
        response: { 200: thingAnswer, ...problems },
      },
    },
    async (request) => tellThing(deps, caller(request), unitOf(request.params), routeOf(request)),
  );

  app.get(
    '/v1/units/:gtin/:serial/history',
    {
      schema: {
        tags,
        summary: 'The effective history of a unit, in the order in which things happened',
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
        summary: 'Findings about a unit: contradictions with the entries on both sides',
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
        summary: 'A container: state and contents',
        params: containerParams,
        response: { 200: containerAnswer, ...problems },
      },
    },
    async (request) =>
      tellContainer(deps, caller(request), pathIdentifier(`00/${request.params.sscc}`), routeOf(request)),
  );

  app.get(
    '/v1/containers/:sscc/history',
    {
      schema: {
        tags,
        summary: 'The effective history of a container',
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
        summary: 'A lot: codes issued, and balances of goods by measure',
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
        summary: 'Hops that name a lot, in the order of recording',
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

const unitOf = ({ gtin, serial }: { gtin: string; serial: string }) =>
  pathIdentifier(`01/${gtin}/21/${encodeURIComponent(serial)}`);
const lotOf = ({ gtin, lot }: { gtin: string; lot: string }) =>
  pathIdentifier(`01/${gtin}/10/${encodeURIComponent(lot)}`);
const routeOf = ({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): string => routeOptions.url ?? '';
