/**
 * Words of others' vocabularies that the events of a reader use (EPCIS 2.0 §12.7: those of the standard "as well as any
 * custom" ones), in order of their code points. A party reads those of events that it took part in or that were recorded
 * on its behalf; a regulator also those of parties and places in its jurisdiction.
 */
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Jurisdiction, type Reader, touches } from '../access/reading.ts';
import { partiesById } from '../parties/queries.ts';
import { placesById } from '../places/queries.ts';
import type { Granted } from './parts.ts';
import { onGrounds, type WordMember } from './used-projection.ts';

/** Where a page of words starts: after this one, as that reader's events use it. */
export interface AfterWord {
  readonly word: string;
  /** The last that was looked at of those who use it (`event_words`); '' when nothing more of it is to be told. */
  readonly whose: string;
}

export interface WordPage {
  readonly words: readonly string[];
  /** Where the next page starts; null on the last. */
  readonly next: AfterWord | null;
}

interface AskedWords {
  readonly member: WordMember;
  /** Entries from here on are not looked at. */
  readonly size: number;
  readonly after: AfterWord;
  readonly perPage: number;
}

export const findWords = (sql: Sql, { reader, granted }: Reading, asked: AskedWords): Promise<WordPage> => {
  const own = [reader.party, ...granted.map(({ id, to }) => onGrounds(id, to))];
  const { jurisdiction } = reader;
  return jurisdiction === null ? ownWords(sql, own, asked) : wordsWithin(sql, own, jurisdiction, asked);
};

interface Reading {
  readonly reader: Reader;
  /** What the reader ever delegated. */
  readonly granted: readonly Granted[];
}

/** One statement. */
async function ownWords(
  sql: Sql,
  own: readonly string[],
  { member, size, after, perPage }: AskedWords,
): Promise<WordPage> {
  const rows = await sql<{ word: string }[]>`
    SELECT DISTINCT w.word FROM unnest(${arrayLiteral(own)}::text[]) AS r (whose)
    CROSS JOIN LATERAL (
      SELECT word FROM event_words
      WHERE whose = r.whose AND member = ${member} AND word > ${after.word} AND seq < ${size}
      ORDER BY word LIMIT ${perPage + 1}) w
    ORDER BY w.word LIMIT ${perPage + 1}`;
  const words = rows.slice(0, perPage).map(({ word }) => word);
  return { words, next: rows.length > perPage ? { word: words.at(-1) ?? '', whose: '' } : null };
}

/** Who uses a word how, looked at in one go, and how often for one page. */
const chunkMax = 1_000;
const chunksMax = 10;

/** Three statements for each `chunkMax` of those who use the words. */
async function wordsWithin(
  sql: Sql,
  own: readonly string[],
  jurisdiction: Jurisdiction,
  { member, size, after: start, perPage }: AskedWords,
): Promise<WordPage> {
  const words: string[] = [];
  let after = start;
  for (let chunks = 0; chunks < chunksMax; chunks++) {
    const rows = await sql<AfterWord[]>`
      SELECT word, whose FROM event_words
      WHERE member = ${member} AND word >= ${after.word} AND seq < ${size}
        AND (word > ${after.word} OR (${after.whose} <> '' AND whose > ${after.whose}))
      ORDER BY word, whose LIMIT ${chunkMax}`;
    const within = await touching(sql, jurisdiction, rows);
    for (const row of rows) {
      if (row.word !== words.at(-1) && (own.includes(row.whose) || within.has(row.whose))) {
        if (words.length === perPage) return { words, next: after };
        words.push(row.word);
      }
      // Who else uses a word that is told need not be looked at.
      after = row.word === words.at(-1) ? { word: row.word, whose: '' } : row;
    }
    if (rows.length < chunkMax) return { words, next: null };
  }
  return { words, next: after };
}

/** The parties and places in a jurisdiction. */
async function touching(
  sql: Sql,
  jurisdiction: Jurisdiction,
  rows: readonly AfterWord[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(rows.map(({ whose }) => whose))];
  const [parties, places] = await Promise.all([partiesById(sql, ids), placesById(sql, ids)]);
  const found = [...parties.values(), ...places.values()].filter(({ fact }) =>
    touches(jurisdiction, {
      regions: fact.region === undefined ? [] : [fact.region],
      places: fact.kind === 'place' ? [fact.id] : [],
    }),
  );
  return new Set(found.map(({ fact }) => fact.id));
}
