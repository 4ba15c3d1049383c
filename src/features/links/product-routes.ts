/** The address of a product, and what this resolver says of itself (GS1-Conformant Resolver 1.2). */
import type { FastifyInstance } from 'fastify';
import { product } from '../../core/gs1/identifier-forms.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import { linkTypeName, ownerLinkTypes } from '../../core/gs1/links.ts';
import { Refusal, required } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { problemResponses } from '../../http/problems.ts';
import { publicLimit } from '../../http/rate-limit.ts';
import { renderProductPage } from '../../web/product-page.ts';
import type { FeatureDeps } from '../feature.ts';
import { partyById } from '../parties/queries.ts';
import { productByGtin } from '../products/queries.ts';
import { addressOf, languageOf, problemAnswer, sendPage } from '../verification/pages.ts';
import { LinkQuery } from '../verification/schemas.ts';
import { linksAt } from './queries.ts';
import { answerLinks, linkset, linkTypeAddress, openToPages, target } from './resolver.ts';

const html = 'text/html';
const json = 'application/json';

interface ProductRequest {
  Params: { gtin: string };
  Querystring: { lang?: string; linkType?: string; context?: string };
}

export function productRoutes(app: FastifyInstance, deps: FeatureDeps): void {
  const { publicUrl, policies } = deps;
  const { sql } = deps.reads;
  const config = publicLimit(deps);
  const errorHandler = problemAnswer(publicUrl);

  app.get<ProductRequest>(
    '/01/:gtin',
    {
      schema: {
        tags: ['verification'],
        summary: 'What the address of a product opens: page, JSON or linkset by Accept 产品页面',
        querystring: LinkQuery,
        response: {
          200: {
            description: 'The page; the same as JSON; or the links of the product (RFC 9264)',
            content: Object.fromEntries(
              [html, json, linkset].map((type) => [
                type,
                {
                  schema: type === html ? { type: 'string' } : { type: 'object', additionalProperties: true },
                },
              ]),
            ),
          },
          307: { description: 'To the link of the type asked for', type: 'null' },
          ...problemResponses(
            'not-found',
            'invalid-identifier',
            'invalid-check-digit',
            'not-acceptable',
            'rate-limited',
          ),
        },
      },
      config,
      errorHandler,
      onRequest: openToPages,
    },
    async (request, reply) => {
      const identifier = product(required(parseGtin(request.params.gtin)));
      const { gtin, epc } = identifier;
      const found = await productByGtin(sql, gtin);
      if (found === null) throw new Refusal('not-found', 'Nobody has registered this product here.');
      const { fact } = found;
      const own = {
        [linkTypeAddress('defaultLink')]: [
          target(`${publicUrl}/${epc}`, html, '产品页面', 'Page of the product'),
        ],
      };
      const answered = await answerLinks({ sql, publicUrl }, identifier, own, request, reply);
      if (answered !== null) return answered;
      const asked = linkTypeName(request.query.linkType ?? '');
      const wanted =
        asked === 'verificationService' ? json : preferredType(request.headers.accept, [html, json]);
      if (wanted === null) throw new Refusal('not-acceptable', `Accept one of ${html}, ${json}, ${linkset}.`);
      const maker = await partyById(sql, fact.party);
      const view = {
        gtin,
        name: fact.name,
        nameEn: fact.nameEn ?? null,
        model: fact.model,
        maker: maker && { name: maker.fact.name, nameEn: maker.fact.nameEn ?? null },
        category: policies.category(fact.category) ?? null,
        links: (await linksAt(sql, [epc])).map(({ href, title: { zh, en = zh } }) => ({
          href,
          title: { zh, en },
        })),
      };
      reply.header('cache-control', 'public, max-age=60').header('vary', 'Accept, Accept-Language');
      if (wanted === json) return reply.type(`${json}; charset=utf-8`).send(JSON.stringify(view));
      const language = languageOf(request);
      return sendPage(reply, language, renderProductPage({ ...view, here: addressOf(request) }, language));
    },
  );

  app.get(
    '/.well-known/gs1resolver',
    {
      schema: {
        tags: ['verification'],
        summary: 'What this GS1 Digital Link resolver can do 解析服务说明',
        response: { 200: { type: 'object', additionalProperties: true } },
      },
      config,
      onRequest: openToPages,
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=3600');
      return {
        name: 'Suyuan 溯源',
        resolverRoot: publicUrl,
        supportedPrimaryKeys: ['00', '01'],
        supportedLinkType: [
          {
            namespace: linkTypeAddress(''),
            prefix: 'gs1:',
            profile: Object.keys(ownerLinkTypes).map(linkTypeAddress),
          },
        ],
        linkTypeDefaultCanBeLinkset: false,
        linksetSupportedFormats: [linkset],
      };
    },
  );
}
