/**
 * A SimpleMasterDataQuery answered (EPCIS 2.0 §8.2.7.2): the claims that fit, a page of them, or all at once where the
 * query says how many there may be.
 */
import { baseContext, withDeclared } from '../../core/epcis/epcis-context.ts';
import { isAsked } from '../../core/epcis/epcis-query-attributes.ts';
import type { VocabularyAttribute } from '../../core/epcis/epcis-vocabulary.ts';
import type { MasterDataQuery } from '../../core/epcis/epcis-vocabulary-query.ts';
import { masterDataDocument } from '../../core/epcis/epcis-writing.ts';
import { epcisUri, partyPath } from '../../core/events/epcis.ts';
import { append } from '../../core/grouping.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Reader } from '../access/reading.ts';
import { levelsMax } from '../places/within.ts';
import { allAtOnce } from './all-at-once.ts';
import { chunkMax, type FoundClaim, findVocabularies, type VocabularyPage } from './vocabularies.ts';

interface Start {
  /** Entries from here on are not looked at. */
  readonly size: number;
  /** Entries before this one alone. */
  readonly after: number;
  readonly perPage: number;
}

/** A page of what fits. Refusals: `query-too-complex`, `query-too-large`. */
export async function findMasterData(
  sql: Sql,
  reader: Reader,
  asked: MasterDataQuery,
  start: Start,
): Promise<Pick<VocabularyPage, 'claims' | 'next'>> {
  const { names, within, most } = asked;
  const below = within === null ? null : await withDescendants(sql, reader, 'WD_name', within);
  const both = below === null || names === null ? (below ?? names) : names.filter((it) => below.includes(it));
  const query = { ...asked, names: both };
  if (most === null) return findVocabularies(sql, reader, { ...start, query });
  const claims = await allAtOnce(
    { most, what: 'elements', parameter: 'maxElementCount' },
    start.after,
    async (after, perPage) => {
      const page = await findVocabularies(sql, reader, { ...start, query, after, perPage });
      return { ...page, items: page.claims };
    },
  );
  return { claims, next: null };
}

/** Names that one of a WD_ parameter may lead to. */
const namesMax = 10_000;

/** Names and all that lie below them by the claims before entry `size` that the reader may read: a few statements a level. */
export async function withDescendants(
  sql: Sql,
  reader: Reader,
  parameter: string,
  names: readonly string[],
  size = Number.MAX_SAFE_INTEGER,
): Promise<string[]> {
  const found = new Set(names);
  for (let outer = [...found], level = 0; outer.length > 0; level++) {
    if (level > levelsMax)
      throw new Refusal(
        'query-too-complex',
        `${parameter}: things lie more than ${levelsMax} levels below these.`,
      );
    const inner = new Set<string>();
    for (let after: number | null = Number.MAX_SAFE_INTEGER; after !== null; ) {
      const page: VocabularyPage = await findVocabularies(sql, reader, {
        query: { vocabularies: null, attributes: [], names: outer },
        size,
        after,
        perPage: chunkMax,
      });
      for (const { fact } of page.claims)
        for (const child of fact.children) if (!found.has(child)) inner.add(child);
      if (found.size + inner.size > namesMax)
        throw new Refusal('query-too-complex', `${parameter}: more than ${namesMax} things lie below these.`);
      after = page.next;
    }
    for (const child of inner) found.add(child);
    outer = [...inner];
  }
  return [...found];
}

/** Claims as the answer to a query (EPCIS 2.0 §10.2). `at`: ms since the epoch. */
export function vocabularyDocument(
  claims: readonly FoundClaim[],
  { told, includeAttributes, includeChildren }: MasterDataQuery,
  at: number,
  host: string,
): JsonObject {
  const elements = new Map<string, JsonObject[]>();
  for (const { seq, fact } of claims) {
    const { vocabulary, name, '@context': declared, children } = fact;
    const context = withDeclared(baseContext(host), declared);
    const isTold = ({ id }: VocabularyAttribute): boolean => told === null || isAsked(id, told, context);
    const attributes = includeAttributes ? fact.attributes.filter(isTold) : [];
    const element: JsonObject = {
      ...(declared === undefined ? {} : { '@context': { ...declared } }),
      id: epcisUri(name, host),
      ...(attributes.length === 0
        ? {}
        : { attributes: attributes.map((it) => ({ ...it, id: epcisUri(it.id, host) })) }),
      ...(children.length === 0 || !includeChildren
        ? {}
        : { children: children.map((it) => epcisUri(it, host)) }),
      'suyuan:entry': seq,
      'suyuan:recorder': epcisUri(partyPath(fact.by), host),
    };
    append(elements, vocabulary, element);
  }
  const vocabularyList = [...elements].map(([type, list]) => ({ type, vocabularyElementList: list }));
  return masterDataDocument(vocabularyList, at, host);
}
