/** Links beside the verdict: given and taken back by the owner of the GTIN, and seen by everybody through the resolver. */
import { type Static, Type } from '@sinclair/typebox';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { isOwnerLinkType, linkTypeName, ownerLinkTypes } from '../../core/gs1/links.ts';
import type { LinkFact } from '../../core/log/fact.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature, FeatureDeps } from '../feature.ts';
import { appendOne, askedUnder, recordFact } from '../master-data.ts';
import { newId } from '../new-id.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { anySpelling, closed, id, idempotencyHeaders, line, pageOf, seq } from '../vocabulary.ts';
import { productRoutes } from './product-routes.ts';
import { type Link, linkById, linksAt, linksMax, linksOf } from './queries.ts';

const tags = ['links'];
const params = closed({ id: Type.String({ maxLength: 64 }) });

const members = {
  linkType: Type.String({
    maxLength: 100,
    description: `A type of the GS1 Web Vocabulary: ${Object.keys(ownerLinkTypes).join(', ')}`,
    examples: ['gs1:instructions'],
  }),
  href: Type.String({
    maxLength: 2000,
    description: 'Where it is, an https address',
    examples: ['https://example.com/manual'],
  }),
  title: closed({ zh: line('Title in Chinese', 100), en: Type.Optional(line('Title in English', 100)) }),
  language: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$',
      description: 'Of what is there (BCP 47)',
      examples: ['zh-CN'],
    }),
  ),
  mediaType: Type.Optional(
    Type.String({
      pattern: '^[a-z]+/[a-z0-9][a-z0-9.+-]{0,60}$',
      description: '`text/html` when absent',
      examples: ['application/pdf'],
    }),
  ),
  context: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,20}$',
      description: 'For whom it is meant, such as a country; asked for as `context=`',
    }),
  ),
};
const LinkBodySchema = closed(
  { anchor: anySpelling('The product, lot or unit that it is about'), ...members },
  'LinkRequest',
);
type LinkBody = Static<typeof LinkBodySchema>;

const LinkSchema = Type.Object(
  { id: id('Link'), seq, anchor: Type.String(), ...members, mediaType: Type.String() },
  { title: 'Link' },
);

export const links: Feature = async (app, deps) => {
  const { sql } = deps.reads;
  productRoutes(app, deps);

  app.post(
    '/v1/links',
    {
      schema: {
        tags,
        summary: 'Give a link about your product, one of its lots or units 登记产品链接',
        headers: idempotencyHeaders,
        body: LinkBodySchema,
        response: {
          201: LinkSchema,
          ...problemResponses(
            'invalid-request',
            'invalid-identifier',
            'invalid-check-digit',
            'forbidden',
            'gtin-not-owned',
            'state-conflict',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('links', request);
      const made = await recordFact(deps.ledger, 'link', asked, () => newLink(deps, request.body, by));
      reply.code(201).header('location', `/v1/links/${made.fact.id}`);
      return linkView(made);
    },
  );

  app.get(
    '/v1/links',
    {
      schema: {
        tags,
        summary: 'The links that you give 链接列表',
        querystring: closed(pageQuery),
        response: { 200: pageOf(LinkSchema), ...problemResponses('invalid-request') },
      },
    },
    async (request) => {
      const { party } = caller(request);
      const { limit, cursor } = request.query;
      const [after] = required(decodeCursor('links', cursor, ['string'])) ?? [''];
      const rows = await linksOf(sql, party, String(after), limit + 1);
      const { items, next } = page('links', rows, limit, ({ fact }) => [fact.id]);
      return { items: items.map(linkView), next };
    },
  );

  app.get(
    '/v1/links/:id',
    {
      schema: {
        tags,
        summary: 'A link that you give 查询链接',
        params,
        response: { 200: LinkSchema, ...problemResponses('not-found') },
      },
    },
    async (request) => linkView(await own(caller(request), request.params.id)),
  );

  app.delete(
    '/v1/links/:id',
    {
      schema: {
        tags,
        summary: 'Take a link back 撤回链接',
        params,
        response: { 204: Type.Null(), ...problemResponses('not-found') },
      },
    },
    async (request, reply) => {
      const { fact } = await own(caller(request), request.params.id);
      await appendOne(deps.ledger, { fact: { ...fact, revoked: true } });
      return reply.code(204).send(null);
    },
  );

  async function own({ party }: Caller, id: string): Promise<Link> {
    const found = await linkById(sql, id);
    if (found === null || found.fact.by !== party)
      throw new Refusal('not-found', 'You give no such link; GET /v1/links lists yours.');
    return found;
  }
};

async function newLink(
  { db }: Pick<FeatureDeps, 'db'>,
  body: LinkBody,
  { party: by }: Caller,
): Promise<{ fact: LinkFact }> {
  const anchor = required(parseIdentifier(body.anchor), '/anchor');
  if (anchor.type !== 'product' && anchor.type !== 'lot' && anchor.type !== 'unit')
    throw refusalAt('/anchor', 'invalid-identifier', 'Name a product, a lot or a unit.');
  const { gtin, epc } = anchor;
  const owners = await ownersOf(db.sql, [gtinKey(gtin)]);
  if (owners.get(gtinKey(gtin)) !== by)
    throw refusalAt('/anchor', 'gtin-not-owned', `${gtin} is not yours; only its owner gives links.`);
  const linkType = linkTypeName(body.linkType);
  if (!isOwnerLinkType(linkType)) {
    const known = Object.keys(ownerLinkTypes).join(', ');
    throw refusalAt(
      '/linkType',
      'invalid-request',
      `Name one of ${known}; the ledger gives all others itself.`,
    );
  }
  if ((await linksAt(db.sql, [epc])).length >= linksMax)
    throw new Refusal('state-conflict', `${epc} has ${linksMax} links already; take some back first.`);
  const { language, context, mediaType = 'text/html' } = body;
  return {
    fact: {
      kind: 'link',
      by,
      id: newId(),
      gtin,
      anchor: epc,
      linkType,
      href: safeAddress(body.href),
      title: {
        zh: body.title.zh.trim(),
        ...(body.title.en === undefined ? {} : { en: body.title.en.trim() }),
      },
      ...(language === undefined ? {} : { language }),
      mediaType,
      ...(context === undefined ? {} : { context }),
      revoked: false,
    },
  };
}

/** An absolute https address without user information, as a browser writes it. */
function safeAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw refusalAt('/href', 'invalid-request', 'Give a whole https address without a user name.');
  return url.href;
}

function linkView({
  seq,
  fact,
}: {
  readonly seq: number;
  readonly fact: LinkFact;
}): Static<typeof LinkSchema> {
  const { kind: _kind, by: _by, gtin: _gtin, revoked: _revoked, ...link } = fact;
  return { seq, ...link };
}
