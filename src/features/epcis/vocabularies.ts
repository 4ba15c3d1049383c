/**
 * Master data that parties send beside their events: kept as their claims. A party reads its own, a regulator those of
 * parties in its jurisdiction, or in the scope of its mandate.
 *
 * Claims are looked through from the newest on; one that its party has said otherwise since is passed over. A page that
 * would look at more than `scanMax` or becomes longer than `charactersMax` ends early: the next one goes on there.
 */

import { describes } from '../../core/epcis/epcis-query-attributes.ts';
import type { VocabularyClaim } from '../../core/epcis/epcis-vocabulary.ts';
import type { MasterDataQuery } from '../../core/epcis/epcis-vocabulary-query.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { parseFact, type VocabularyFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
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

/** Which claims are looked for. */
export type VocabularyQuery = Pick<MasterDataQuery, 'vocabularies' | 'names' | 'attributes'>;

export interface FoundClaim {
  readonly seq: number;
  /** How long it is as JSON. */
  readonly characters: number;
  readonly fact: VocabularyFact;
}

export interface VocabularyPage {
  readonly claims: readonly FoundClaim[];
  /** How long these are as JSON. */
  readonly characters: number;
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

/** Claims looked at in one go, and for one page; bytes of those in one go, and characters of a page. */
export const chunkMax = 1_000;
const scanMax = 20_000;
const chunkBytesMax = 8_000_000;
const charactersMax = 16_000_000;

/** A page of claims, the newest first. Two statements for each `chunkMax` of them. */
export async function findVocabularies(sql: Sql, reader: Reader, asking: Asking): Promise<VocabularyPage> {
  const { query, perPage } = asking;
  const claims: FoundClaim[] = [];
  let characters = 0;
  let { after } = asking;
  for (let scanned = 0; scanned < scanMax && characters <= charactersMax; ) {
    const { rows, more } = await candidates(sql, reader, { ...asking, after });
    for (const claim of await readable(sql, reader, rows)) {
      if (!query.attributes.every((it) => describes(claim.fact, it))) continue;
      if (claims.length === perPage) return { claims, characters, next: claims.at(-1)?.seq ?? 0 };
      claims.push(claim);
      characters += claim.characters;
    }
    const last = rows.at(-1);
    if (last === undefined || !more) return { claims, characters, next: null };
    after = last.seq;
    scanned += rows.length;
  }
  return { claims, characters, next: after };
}

/** The next claims, and whether more may come after them. Of the payload null beyond `chunkBytesMax`; never that of the first. */
async function candidates(
  sql: Sql,
  { party, jurisdiction }: Reader,
  { query: { names, vocabularies }, size, after }: Asking,
): Promise<{ readonly rows: readonly FoundClaim[]; readonly more: boolean }> {
  const found = await sql<{ seq: number; payload: string | null }[]>`
    SELECT seq, CASE WHEN bytes_before < ${chunkBytesMax} THEN payload END AS payload
    FROM (SELECT v.seq, f.payload,
      sum(octet_length(f.payload)) OVER (ORDER BY v.seq DESC) - octet_length(f.payload) AS bytes_before
    FROM (
      SELECT v.seq FROM vocabularies v
      WHERE v.seq < ${Math.min(after, size)} AND ${jurisdiction === null ? sql`v.party = ${party}` : sql`true`}
        AND ${names === null ? sql`true` : sql`v.name = ANY (${arrayLiteral([...names])}::text[])`}
        AND ${vocabularies === null ? sql`true` : sql`v.vocabulary = ANY (${arrayLiteral([...vocabularies])}::text[])`}
        AND NOT EXISTS (
          SELECT FROM vocabularies n
          WHERE n.name = v.name AND n.party = v.party AND n.vocabulary = v.vocabulary AND n.seq > v.seq AND n.seq < ${size})
      ORDER BY v.seq DESC LIMIT ${chunkMax}
    ) v CROSS JOIN LATERAL (SELECT payload FROM facts WHERE seq = v.seq OFFSET 0) f) v ORDER BY seq DESC`;
  const rows = found.flatMap(({ seq, payload }) => {
    const fact = payload === null ? null : parseFact(payload);
    return fact?.kind === 'vocabulary' ? [{ seq, characters: payload?.length ?? 0, fact }] : [];
  });
  return { rows, more: found.length === chunkMax || rows.length < found.length };
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
    return mayReadEvent(reader, { recorder: fact.by, giver: null, taker: null, regions, places: [] }, []);
  });
}
