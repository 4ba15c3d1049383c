/** What a scanned code opens, and the home page. */
import type { FastifyInstance } from 'fastify';
import { canonicalUri } from '../../core/gs1/gs1-translation.ts';
import { linkTypeName } from '../../core/gs1/links.ts';
import { Refusal, required } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { renderHomePage } from '../../web/home-page.ts';
import { renderVerificationPage } from '../../web/verification-page.ts';
import { type Purpose, purposes } from '../../web/verification-view.ts';
import type { FeatureDeps } from '../feature.ts';
import { answerLinks, linkset, openToPages } from '../links/resolver.ts';
import { ledgerLinks, viewOf } from './page-view.ts';
import { addressOf, languageOf, problemAnswer, sendPage } from './pages.ts';
import { readCodes } from './read-code.ts';
import { LinkQuery, VerificationSchema } from './schemas.ts';
import type { Verify } from './service.ts';
import { visitOf } from './visit.ts';

const html = 'text/html';
const json = 'application/json';
const representations = [html, json, linkset] as const;
const page = { description: 'The page', content: { [html]: { schema: { type: 'string' } } } };

const things = {
  '/01/:gtin/21/:serial': 'a unit',
  '/01/:gtin/10/:lot': 'a lot',
  '/00/:sscc': 'a container',
} as const;

/** What has an address here. */
const ownPath = /^0[01]\//;

/** A key with its qualifiers in their order (GS1 Digital Link §4.7; short names of version 1.1). */
const standardPath =
  /^\/(?:(?:01|gtin)\/[^/]+(?:\/(?:22|cpv)\/[^/]+)?(?:\/(?:10|lot)\/[^/]+)?(?:\/(?:21|ser)\/[^/]+)?|(?:00|sscc)\/[^/]+)\/?$/;

/** What a resolver answers (GS1-Conformant Resolver 1.2). */
const methods = 'GET, HEAD, OPTIONS';

interface LinkRequest {
  Querystring: { lang?: string; for?: string; linkType?: string; context?: string };
}

export function linkRoutes(app: FastifyInstance, deps: FeatureDeps, verify: Verify): void {
  const { publicUrl } = deps;
  const config = publicLimit(deps);
  const errorHandler = problemAnswer(publicUrl);
  const resolver = { sql: deps.reads.sql, publicUrl };

  for (const [url, thing] of Object.entries(things)) {
    app.get<LinkRequest>(
      url,
      {
        schema: {
          tags: ['verification'],
          summary: `What the code of ${thing} opens: page, JSON or linkset by Accept 扫码打开的页面`,
          querystring: LinkQuery,
          response: {
            200: {
              description: 'The page; the same as JSON; or the links of the thing (RFC 9264)',
              content: {
                ...page.content,
                [json]: { schema: VerificationSchema },
                [linkset]: { schema: { type: 'object', additionalProperties: true } },
              },
            },
            307: { description: 'To the link of the type asked for', type: 'null' },
            ...problemResponses(
              'not-found',
              'invalid-identifier',
              'invalid-check-digit',
              'invalid-serial',
              'invalid-code',
              'not-acceptable',
              'rate-limited',
              'unavailable',
            ),
          },
        },
        config,
        errorHandler,
        onRequest: openToPages,
      },
      async (request, reply) => {
        const { query, headers } = request;
        const here = addressOf(request);
        const [asked] = readCodes([`${publicUrl}${here}`]);
        if (asked === undefined) throw new Error('a code was read as nothing');
        const { identifier } = asked.code;
        const own = ledgerLinks(identifier, { publicUrl, here });
        const links = await answerLinks(resolver, identifier, own, request, reply);
        if (links !== null) return links;
        const verified =
          query.linkType !== undefined && linkTypeName(query.linkType) === 'verificationService';
        const wanted = verified ? json : preferredType(headers.accept, representations);
        if (wanted === null) {
          throw new Refusal('not-acceptable', `Accept one of ${representations.join(', ')}.`);
        }
        reply.header('cache-control', 'no-store').header('vary', 'Accept, Accept-Language');
        const [result] = await verify([asked], visitOf(request, null));
        if (result === undefined) throw new Error('a code was left without an answer');
        if (wanted === json) {
          return reply.type(`${json}; charset=utf-8`).send(JSON.stringify(result));
        }
        const language = languageOf(request);
        const purpose = purposes.find((purpose): purpose is Purpose => purpose === query.for) ?? null;
        return sendPage(reply, language, renderVerificationPage(viewOf(result, { here, purpose }), language));
      },
    );
  }

  // Digital Links that say more than the address of a thing, or say it by the names of older links, lead to that
  // address. What begins like a code and names nothing: people get a page that says so.
  for (const url of ['/01/*', '/00/*', '/gtin/*', '/sscc/*']) {
    const hidden = { schema: { hide: true }, config, errorHandler, onRequest: openToPages };
    app.options(url, hidden, async (_request, reply) =>
      reply.code(204).headers({ allow: methods, 'access-control-allow-methods': methods }).send(),
    );
    app.get(url, hidden, async (request, reply) => {
      const [path = '', ...query] = request.url.split('?');
      const epc = required(canonicalUri(`${publicUrl}${path}`, deps.genesis.host));
      // An identifier that is none stays the address that it is.
      if (!standardPath.test(path) || !ownPath.test(epc) || path === `/${epc}`)
        throw new Refusal('not-found', 'Nothing is at this address; scan the code again.');
      reply.header('cache-control', 'no-store');
      return reply.redirect(['/', epc, ...query.map((it) => `?${it}`)].join(''), 307);
    });
  }

  app.get(
    '/',
    {
      schema: { tags: ['verification'], summary: 'The home page 首页', response: { 200: page } },
      config,
      errorHandler,
    },
    async (request, reply) => {
      const language = languageOf(request);
      reply.header('cache-control', 'public, max-age=300');
      return sendPage(reply, language, renderHomePage({ host: deps.host }, language));
    },
  );
}
