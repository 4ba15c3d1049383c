/**
 * Master data that parties send beside their events: kept as their claims, and asked for in the words of a
 * SimpleMasterDataQuery (EPCIS 2.0 §8.2.7.2). A party reads its own, a regulator those of parties in its jurisdiction.
 *
 * Claims are looked through from the newest on; one that its party has said otherwise since is passed over. A page that
 * would look at more than `scanMax` ends early: the next one goes on there.
 */

import type { VocabularyClaim } from '../../core/epcis/epcis-vocabulary.ts';
import { masterDataDocument } from '../../core/epcis/epcis-writing.ts';
import { epcisUri, partyPath } from '../../core/events/epcis.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { canonicalUri } from '../../core/gs1/gs1-translation.ts';
import { parseFact, type VocabularyFact } from '../../core/log/fact.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Draft } from '../../ledger/submission.ts';
import { mayReadEvent, type Reader } from '../access/reading.ts';
import { partiesById } from '../parties/queries.ts';
import { contentOf, vocabularyFact } from './vocabulary-projection.ts';

/** The claims that say something new, as facts to record. One statement. */
export async function newClaims(
  sql: Sql,
  by: PartyId,
  claims: readonly VocabularyClaim[],
  original: string | null,
): Promise<Draft[]> {
  if (claims.length === 0) return [];
  const facts = claims.map((claim) => vocabularyFact(by, claim, original));
  const rows = await sql<{ n: number }[]>`
    SELECT a.n::integer AS n
    FROM unnest(${arrayLiteral(facts.map(({ vocabulary }) => vocabulary))}::text[],
      ${arrayLiteral(facts.map(({ name }) => name))}::text[], ${arrayLiteral(facts.map(contentOf))}::text[])
      WITH ORDINALITY AS a (vocabulary, name, content, n)
    LEFT JOIN LATERAL (
      SELECT content FROM vocabularies v
      WHERE v.name = a.name AND v.party = ${by} AND v.vocabulary = a.vocabulary ORDER BY seq DESC LIMIT 1
    ) last ON true
    WHERE last.content IS DISTINCT FROM a.content ORDER BY n`;
  return rows.flatMap(({ n }) => {
    const fact = facts[n - 1];
    return fact === undefined ? [] : [{ fact }];
  });
}

export interface VocabularyQuery {
  /** Kinds of things; null for all. */
  readonly vocabularies: readonly string[] | null;
  /** Canonical names; null for all. */
  readonly names: readonly string[] | null;
  /** Attributes that must all be there, with one of these values if any are given. */
  readonly attributes: ReadonlyMap<string, readonly string[] | null>;
  /** Attributes that are told; null for all. */
  readonly told: readonly string[] | null;
  readonly includeChildren: boolean;
}

/** Names that one of WD_name may lead to. */
const namesMax = 10_000;

/** Reads parameters; to the names of WD_name come all below them. Refusals: `invalid-query`, `query-too-complex`. */
export async function vocabularyQuery(
  sql: Sql,
  reader: Reader,
  parameters: ReadonlyMap<string, readonly string[]>,
  host: string,
): Promise<VocabularyQuery> {
  const attributes = new Map<string, readonly string[] | null>();
  let asked: VocabularyQuery = {
    vocabularies: null,
    names: null,
    attributes,
    told: null,
    includeChildren: true,
  };
  const named = (names: readonly string[]): void => {
    const { names: before } = asked;
    asked = { ...asked, names: before === null ? names : names.filter((it) => before.includes(it)) };
  };
  for (const [name, values] of parameters) {
    if (name === 'vocabularyName') asked = { ...asked, vocabularies: values };
    else if (name === 'EQ_name') named(values.map((it) => canonicalName(name, it, host)));
    else if (name === 'WD_name')
      named(
        await withDescendants(
          sql,
          reader,
          values.map((it) => canonicalName(name, it, host)),
        ),
      );
    else if (name === 'HASATTR')
      for (const value of values) attributes.set(value, attributes.get(value) ?? null);
    else if (name.startsWith('EQATTR_')) attributes.set(name.slice('EQATTR_'.length), values);
    else if (name === 'attributeNames') asked = { ...asked, told: values };
    else if (name === 'includeAttributes') asked = truth(name, values) ? asked : { ...asked, told: [] };
    else if (name === 'includeChildren') asked = { ...asked, includeChildren: truth(name, values) };
    else
      throw new Refusal(
        'invalid-query',
        `${name} is no parameter of a query of master data; /docs lists them.`,
      );
  }
  return asked;
}

function canonicalName(parameter: string, value: string, host: string): string {
  const read = canonicalUri(value, host);
  if (read.ok) return read.value;
  throw new Refusal('invalid-query', `${parameter}: ${read.detail}`);
}

function truth(name: string, [value]: readonly string[]): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Refusal('invalid-query', `${name} is true or false.`);
}

/** Names and all that lie below them by the claims that the reader may read: a few statements a level. */
async function withDescendants(sql: Sql, reader: Reader, names: readonly string[]): Promise<string[]> {
  const found = new Set(names);
  const asked = { vocabularies: null, attributes: new Map(), told: null, includeChildren: true };
  for (let outer = [...found]; outer.length > 0; ) {
    const inner = new Set<string>();
    for (let after: number | null = Number.MAX_SAFE_INTEGER; after !== null; ) {
      const page: VocabularyPage = await findVocabularies(sql, reader, {
        query: { ...asked, names: outer },
        size: Number.MAX_SAFE_INTEGER,
        after,
        perPage: chunkMax,
      });
      for (const { fact } of page.claims)
        for (const child of fact.children) if (!found.has(child)) inner.add(child);
      if (found.size + inner.size > namesMax)
        throw new Refusal('query-too-complex', `WD_name: more than ${namesMax} things lie below these.`);
      after = page.next;
    }
    for (const child of inner) found.add(child);
    outer = [...inner];
  }
  return [...found];
}

export interface FoundClaim {
  readonly seq: number;
  readonly fact: VocabularyFact;
}

export interface VocabularyPage {
  readonly claims: readonly FoundClaim[];
  /** Entry before which the next page starts; null on the last. */
  readonly next: number | null;
}

interface Asking {
  readonly query: VocabularyQuery;
  /** Entries from here on are not looked at. */
  readonly size: number;
  /** Entries before this one alone. */
  readonly after: number;
  readonly perPage: number;
}

const chunkMax = 1_000;
const scanMax = 20_000;

/** A page of claims, the newest first. Two statements for each `chunkMax` of them. */
export async function findVocabularies(sql: Sql, reader: Reader, asking: Asking): Promise<VocabularyPage> {
  const { query, perPage } = asking;
  const claims: FoundClaim[] = [];
  let { after } = asking;
  for (let scanned = 0; scanned < scanMax; ) {
    const rows = await candidates(sql, reader, { ...asking, after });
    for (const claim of await readable(sql, reader, rows)) {
      if (!fits(claim.fact, query)) continue;
      if (claims.length === perPage) return { claims, next: claims.at(-1)?.seq ?? 0 };
      claims.push(claim);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < chunkMax) return { claims, next: null };
    after = last.seq;
    scanned += rows.length;
  }
  return { claims, next: after };
}

async function candidates(
  sql: Sql,
  { party, jurisdiction }: Reader,
  { query: { names, vocabularies }, size, after }: Asking,
): Promise<FoundClaim[]> {
  const rows = await sql<{ seq: number; payload: string }[]>`
    SELECT v.seq, f.payload
    FROM (
      SELECT v.seq FROM vocabularies v
      WHERE v.seq < ${Math.min(after, size)} AND ${jurisdiction === null ? sql`v.party = ${party}` : sql`true`}
        AND ${names === null ? sql`true` : sql`v.name = ANY (${arrayLiteral([...names])}::text[])`}
        AND ${vocabularies === null ? sql`true` : sql`v.vocabulary = ANY (${arrayLiteral([...vocabularies])}::text[])`}
        AND NOT EXISTS (
          SELECT FROM vocabularies n
          WHERE n.name = v.name AND n.party = v.party AND n.vocabulary = v.vocabulary AND n.seq > v.seq AND n.seq < ${size})
      ORDER BY v.seq DESC LIMIT ${chunkMax}
    ) v CROSS JOIN LATERAL (SELECT payload FROM facts WHERE seq = v.seq OFFSET 0) f ORDER BY v.seq DESC`;
  return rows.flatMap(({ seq, payload }) => {
    const fact = parseFact(payload);
    return fact.kind === 'vocabulary' ? [{ seq, fact }] : [];
  });
}

/** A party's own; a regulator's are those of parties in its jurisdiction. */
async function readable(
  sql: Sql,
  reader: Reader,
  claims: readonly FoundClaim[],
): Promise<readonly FoundClaim[]> {
  if (reader.jurisdiction === null) return claims;
  const parties = await partiesById(
    sql,
    claims.map(({ fact }) => fact.by),
  );
  return claims.filter(({ fact }) => {
    const region = parties.get(fact.by)?.fact.region;
    const regions = region === undefined ? [] : [region];
    return mayReadEvent(reader, { recorder: fact.by, giver: null, taker: null, regions, places: [] });
  });
}

const fits = ({ attributes }: VocabularyFact, { attributes: asked }: VocabularyQuery): boolean =>
  [...asked].every(([id, values]) =>
    attributes.some((it) => it.id === id && (values === null || values.includes(String(it.attribute ?? '')))),
  );

/** Claims as the answer to a SimpleMasterDataQuery (EPCIS 2.0 §10.2). `at`: ms since the epoch. */
export function vocabularyDocument(
  claims: readonly FoundClaim[],
  { told, includeChildren }: VocabularyQuery,
  at: number,
  host: string,
): JsonObject {
  const elements = new Map<string, JsonObject[]>();
  for (const { seq, fact } of claims) {
    const { vocabulary, name, '@context': declared, children } = fact;
    const attributes = fact.attributes.filter(({ id }) => told === null || told.includes(id));
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
    const list = elements.get(vocabulary);
    if (list === undefined) elements.set(vocabulary, [element]);
    else list.push(element);
  }
  const vocabularyList = [...elements].map(([type, list]) => ({ type, vocabularyElementList: list }));
  return masterDataDocument(vocabularyList, at, host);
}
