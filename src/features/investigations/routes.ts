/** Investigations: from suspicious units to where they come from. */
import { Type } from '@sinclair/typebox';
import { caller } from '../../http/authentication.ts';
import { formOf } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { contactsFollower } from '../parties/contacts.ts';
import { namesOf } from '../tracing/names.ts';
import { languageOf } from '../verification/pages.ts';
import { fireSitePdf } from './fire-site/report-pdf.ts';
import { FireSiteBody, FireSiteSchema, fireSiteQuery } from './fire-site/schemas.ts';
import { fireSite } from './fire-site/service.ts';
import { networkCsv, networkGraphml } from './network/exports.ts';
import { NetworkBody, NetworkSchema, networkQuery } from './network/schemas.ts';
import { networkOf } from './network/service.ts';
import { CommonSourceBody, CommonSourceSchema } from './schemas.ts';
import { findCommonSource } from './service.ts';

const dossierForms = new Map([
  ['json', 'application/json'],
  ['pdf', 'application/pdf'],
] as const);
const networkForms = new Map([
  ['json', 'application/json'],
  ['csv', 'text/csv'],
  ['graphml', 'application/graphml+xml'],
] as const);
/** How long a network waits for the newest contacts to be comparable, ms. */
const contactsMs = 2_000;

export const investigations: Feature = async (app, deps) => {
  const names = namesOf(deps);
  const contacts = contactsFollower(deps, app.log);

  app.post(
    '/v1/investigations/common-source',
    {
      schema: {
        tags: ['investigations'],
        summary: 'Which one source explains these bad units best 共同来源研判',
        description:
          'Ranks everybody and everything upstream of the bad units by how well it explains that these are bad and others are good: parties, places, lots, containers, shipments, certificates, laboratories, maintenance firms, and what went into them: agents and parts of refills, inputs of transformations and cuts, with their own upstream. Bad may be units, or lots of goods in m, kg or L. What these units cannot tell apart shares a rank. The maker that a code claims is kept apart from the first party that the record shows to have had the unit. Units count that touch your jurisdiction.',
        body: CommonSourceBody,
        response: {
          200: CommonSourceSchema,
          ...problemResponses(
            'forbidden',
            'not-found',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-time',
            'duplicate-epc',
            'too-many-epcs',
            'unknown-party',
            'invalid-credit-code',
          ),
        },
      },
    },
    async (request) => {
      const reader = await readerOf(deps.reads.sql, caller(request));
      const answer = await findCommonSource({ ...deps, names }, reader, request.body);
      auditRead(deps.audit, request, `common source of ${answer.bad} units`);
      return answer;
    },
  );

  app.post(
    '/v1/investigations/fire-site',
    {
      schema: {
        tags: ['investigations'],
        summary: 'What stood at a place and where it came from 火灾延伸调查',
        description:
          'Of everything installed at a place, or in the places within it, at a moment, or of things found there: whose code it bears, who made it, its certificate and what that was worth then, inspections, through whose hands it came, who installed and serviced it, what was due, what contradicts what, and what nobody recorded. Every claim is numbered and names the entries it rests on. As JSON, or as a PDF in Chinese or English. Things count that touch your jurisdiction.',
        querystring: fireSiteQuery,
        body: FireSiteBody,
        response: {
          200: {
            description: 'The dossier',
            content: {
              'application/json': { schema: FireSiteSchema },
              'application/pdf': { schema: { type: 'string', format: 'binary' } },
            },
          },
          ...problemResponses(
            'forbidden',
            'not-found',
            'unknown-place',
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
      const form = formOf(request, reply, request.query.format, dossierForms);
      const reader = await readerOf(deps.reads.sql, caller(request));
      const answer = await fireSite({ ...deps, names }, reader, request.body);
      auditRead(deps.audit, request, answer.place?.id ?? `${answer.things} things at a fire site`);
      if (form === 'json') return answer;
      const lang = languageOf(request);
      return reply
        .header('content-language', lang)
        .header('vary', 'accept, accept-language')
        .header('content-disposition', 'attachment; filename="fire-site.pdf"')
        .send(await fireSitePdf(answer, lang));
    },
  );

  app.post(
    '/v1/investigations/network',
    {
      schema: {
        tags: ['investigations'],
        summary: 'Who is behind these goods, who belongs together, and who stands between 关联网络',
        description:
          'The parties through whose hands some goods went, or some parties with those they deal with, linked by goods, places, addresses, certificates and contacts; communities (Louvain) and how much each stands between others (betweenness). Every link names the entries that say so. Contacts are personal data: it is told that two parties share one and of which kind, never which. As JSON, or as GraphML or CSV for graph tools. Goods count that touch your jurisdiction.',
        querystring: networkQuery,
        body: NetworkBody,
        response: {
          200: {
            description: 'The network',
            content: {
              'application/json': { schema: NetworkSchema },
              'text/csv': { schema: Type.Unsafe<string>(Type.String()) },
              'application/graphml+xml': { schema: Type.Unsafe<string>(Type.String()) },
            },
          },
          ...problemResponses(
            'forbidden',
            'not-found',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'too-many-epcs',
            'unknown-party',
            'invalid-credit-code',
            'not-acceptable',
          ),
        },
      },
    },
    async (request, reply) => {
      const form = formOf(request, reply, request.query.format, networkForms);
      const reader = await readerOf(deps.reads.sql, caller(request));
      await contacts.reached((await deps.ledger.size()) - 1, contactsMs);
      const answer = await networkOf({ ...deps, names }, reader, request.body);
      const around = (request.body.parties ?? []).join(', ');
      auditRead(
        deps.audit,
        request,
        `network behind ${answer.units} units${around === '' ? '' : ` and of ${around}`}`,
      );
      switch (form) {
        case 'json':
          return answer;
        case 'csv':
          return networkCsv(answer);
        case 'graphml':
          return networkGraphml(answer);
      }
    },
  );
};
