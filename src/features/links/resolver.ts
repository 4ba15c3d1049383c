/** What a request for links is answered with: the set of all, the one that fits, or that there is none of its type. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatProduct, type Identifier } from '../../core/gs1/identifier-forms.ts';
import {
  chooseLink,
  isLedgerLinkType,
  isOwnerLinkType,
  linksetMembers,
  linkTypeName,
  vocabulary,
} from '../../core/gs1/links.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { linksAt } from './queries.ts';

export type Linked = Extract<Identifier, { type: 'product' | 'lot' | 'unit' | 'container' }>;

export interface Resolver {
  readonly sql: Sql;
  readonly publicUrl: string;
}

export const linkset = 'application/linkset+json';
/** Turns a linkset into JSON-LD for those who read that. */
const linksetContext =
  '<https://ref.gs1.org/standards/resolver/linkset-context>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"';

/** Anybody's page may read what anybody may read, and what is wrong with what it asked for. */
export const openToPages = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Link' });
};

/** Where the set of all links is goes with every answer. */
const linkHeaders = (reply: FastifyReply, publicUrl: string, epc: string): FastifyReply =>
  reply.header('link', `<${publicUrl}/${epc}?linkType=linkset>; rel="linkset"; type="${linkset}"`);

/** Links that the ledger gives, by the addresses of their types. */
export type OwnLinks = Readonly<Record<string, readonly { readonly href: string }[]>>;

interface LinkRequest {
  Querystring: { lang?: string; linkType?: string; context?: string };
}

/**
 * Answers a request that asks for links by `linkType` or `Accept`: the reply, or null when it asks for none of the owner's:
 * then the thing itself is what it wants. `own` are the links that the ledger gives, by the addresses of their types.
 * Refuses `not-found`.
 */
export async function answerLinks(
  { sql, publicUrl }: Resolver,
  identifier: Linked,
  own: OwnLinks,
  request: FastifyRequest<LinkRequest>,
  reply: FastifyReply,
): Promise<FastifyReply | null> {
  const { query, headers } = request;
  const { epc } = identifier;
  const asked = query.linkType === undefined ? null : linkTypeName(query.linkType);
  const wanted = preferredType(headers.accept, ['text/html', 'application/json', linkset]);
  linkHeaders(reply, publicUrl, epc);
  if (asked === 'linkset' || asked === 'all' || (asked === null && wanted === linkset)) {
    const links = await linksAt(sql, await anchorsOf(sql, identifier));
    const context = { anchor: `${publicUrl}/${epc}`, ...linksetMembers(links), ...own };
    return reply
      .type(linkset)
      .header('cache-control', 'no-store')
      .header('vary', 'Accept, Accept-Language')
      .header('link', `${reply.getHeader('link')}, ${linksetContext}`)
      .send(JSON.stringify({ linkset: [context] }));
  }
  if (asked === 'traceability') {
    const [history] = own[linkTypeAddress(asked)] ?? [];
    if (history === undefined) throw noSuchLink();
    return reply.redirect(history.href, 307);
  }
  if (asked === null || isLedgerLinkType(asked)) return null;
  const link = isOwnerLinkType(asked)
    ? chooseLink(await linksAt(sql, await anchorsOf(sql, identifier)), {
        linkType: asked,
        mediaType: (offered) => preferredType(headers.accept, offered),
        languages: languagesOf(query.lang, headers['accept-language']),
        context: query.context ?? null,
      })
    : null;
  // The page of the thing is the information on the product that there always is.
  if (link === null && asked === 'pip') return null;
  if (link === null) throw noSuchLink();
  return reply.header('vary', 'Accept, Accept-Language').redirect(link.href, 307);
}

const noSuchLink = (): Refusal =>
  new Refusal('not-found', 'There is no link of this type; ?linkType=linkset tells which there are.');

/** The thing and what is above it, whose links hold for it too. */
async function anchorsOf(sql: Sql, identifier: Linked): Promise<string[]> {
  const { epc } = identifier;
  switch (identifier.type) {
    case 'container':
    case 'product':
      return [epc];
    case 'lot':
      return [epc, formatProduct(identifier.gtin)];
    case 'unit': {
      const [issue] = await sql<{ lot: string | null }[]>`
        SELECT i.lot FROM epcs e
        JOIN LATERAL (SELECT * FROM issues WHERE first_unit <= e.unit ORDER BY first_unit DESC LIMIT 1) i
          ON i.last_unit >= e.unit
        WHERE e.epc = ${epc}`;
      return [epc, ...(issue?.lot ? [issue.lot] : []), formatProduct(identifier.gtin)];
    }
  }
}

/** Language ranges, the best first (RFC 9110 §12.5.4). */
function languagesOf(asked: string | undefined, accept = ''): string[] {
  const ranges = accept
    .slice(0, 1000)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().split(/\s*;\s*/);
      const weight = parameters.find((it) => /^q=[01](\.\d{0,3})?$/i.test(it))?.slice(2);
      return { tag, weight: Number(weight ?? 1) };
    })
    .filter(({ tag, weight }) => /^[A-Za-z0-9-]{1,40}$/.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return [...(asked === undefined ? [] : [asked.slice(0, 40)]), ...ranges.map(({ tag }) => tag)];
}

/** A target of a linkset (RFC 9264 §4.2.3) at an address of this service. */
export const target = (href: string, type: string, zh: string, en: string) => ({
  href,
  type,
  title: en,
  'title*': [
    { value: zh, language: 'zh-CN' },
    { value: en, language: 'en' },
  ],
});

export const linkTypeAddress = (name: string): string => `${vocabulary}${name}`;
