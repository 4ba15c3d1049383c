/** Links as they stand: the newest version of each, unless it was taken back. */

import type { PartyId } from '../../core/events/hop.ts';
import { isOwnerLinkType, type ResolverLink } from '../../core/gs1/links.ts';
import type { LinkFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

/** A link in its newest version. */
export interface Link {
  /** Entry of this version. */
  readonly seq: number;
  readonly fact: LinkFact;
}

/** Links of one anchor at most; the owner of a product that needs more has forgotten to take some back. */
export const linksMax = 200;

export async function linkById(sql: Sql, id: string): Promise<Link | null> {
  const [link] = await sql<Link[]>`
    SELECT seq, body AS fact FROM links WHERE id = ${id} ORDER BY seq DESC LIMIT 1`;
  return link === undefined || link.fact.revoked ? null : link;
}

/** A page of the links that a party gives, in order of id. */
export async function linksOf(sql: Sql, party: PartyId, after: string, limit: number): Promise<Link[]> {
  return sql<Link[]>`
    SELECT seq, fact FROM (
      SELECT DISTINCT ON (id) id, seq, body AS fact FROM links
      WHERE party = ${party} AND id > ${after} ORDER BY id, seq DESC
    ) newest
    WHERE NOT (fact ->> 'revoked')::boolean ORDER BY id LIMIT ${limit}`;
}

/** The links of these anchors, in the order in which they were first recorded. */
export async function linksAt(sql: Sql, anchors: readonly string[]): Promise<ResolverLink[]> {
  const rows = await sql<{ fact: LinkFact }[]>`
    SELECT fact FROM unnest(${arrayLiteral(anchors)}::text[]) AS asked (anchor)
    CROSS JOIN LATERAL (
      SELECT first, fact FROM (
        SELECT DISTINCT ON (id) min(seq) OVER (PARTITION BY id) AS first, body AS fact FROM links l
        WHERE l.anchor = asked.anchor ORDER BY id, seq DESC
      ) newest
      WHERE NOT (fact ->> 'revoked')::boolean ORDER BY first LIMIT ${linksMax}
    ) links
    ORDER BY first`;
  return rows.flatMap(({ fact }) => resolverLink(fact));
}

function resolverLink({
  anchor,
  linkType,
  href,
  title,
  language,
  mediaType,
  context,
}: LinkFact): ResolverLink[] {
  if (!isOwnerLinkType(linkType)) return [];
  return [{ anchor, linkType, href, title, language: language ?? null, mediaType, context: context ?? null }];
}
