/**
 * What events use that no standard lists, as rows: words of others' vocabularies, by whoever may read of them, and
 * company prefixes, by who wrote EPC URNs with them. Each row is of the first event; most events have none.
 */
import { hopRecord } from '../../core/events/event-record.ts';
import { type EventFact, factJson } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { type Batch, ofKind, type Projected, type Projection } from '../../ledger/projection.ts';
import { delegationOf } from '../events/event-fact.ts';

/** Words that events use in members of their own. */
const wordMembers = ['bizStep', 'disposition'] as const;
export type WordMember = (typeof wordMembers)[number];

/** What was recorded by that party on the grounds of a delegation, which whoever gave it may read. */
export const onGrounds = (delegation: string, recorder: string): string =>
  `delegation/${delegation}/${recorder}`;

export const usedProjection: Projection = {
  tables: ['event_words', 'company_prefixes'],
  insert: (sql, batch) => [insertWords(sql, batch), insertPrefixes(sql, batch)],
};

interface WordRow {
  readonly whose: string;
  readonly member: WordMember;
  readonly word: string;
  readonly seq: number;
}

/** Words of the standard are bare in facts, those of others URIs (cbv-words.ts). */
function wordsOf({ seq, at, fact }: Projected<EventFact>): WordRow[] {
  const used = wordMembers.flatMap((member) => {
    const word = fact[member];
    return typeof word === 'string' && word.includes(':') ? [{ member, word }] : [];
  });
  if (used.length === 0) return [];
  const { kind: _kind, by: _by, ...body } = factJson(fact);
  const { recorder, giver, taker, place, toPlace } = hopRecord(seq, at, fact.by, body);
  const delegation = delegationOf(factJson(fact));
  const grounds = delegation === null ? null : onGrounds(delegation, recorder);
  const readers = new Set([recorder, giver, taker, place, toPlace, grounds].filter((it) => it !== null));
  return [...readers].flatMap((whose) => used.map((it) => ({ ...it, whose, seq })));
}

function insertWords(sql: Sql, batch: Batch): Promise<unknown> {
  const rows = ofKind(batch, 'event').flatMap(wordsOf);
  if (rows.length === 0) return Promise.resolve();
  return sql`
    INSERT INTO event_words (whose, member, word, seq)
    SELECT r.whose, r.member, r.word, min(r.seq)
    FROM unnest(
      ${arrayLiteral(rows.map(({ whose }) => whose))}::text[], ${arrayLiteral(rows.map(({ member }) => member))}::text[],
      ${arrayLiteral(rows.map(({ word }) => word))}::text[], ${arrayLiteral(rows.map(({ seq }) => seq))}::bigint[])
      AS r (whose, member, word, seq)
    WHERE NOT EXISTS (
      SELECT FROM event_words w WHERE w.whose = r.whose AND w.member = r.member AND w.word = r.word)
    GROUP BY r.whose, r.member, r.word`.execute();
}

function insertPrefixes(sql: Sql, batch: Batch): Promise<unknown> {
  const rows = ofKind(batch, 'event').flatMap(({ seq, fact }) =>
    (fact.captured?.prefixes ?? []).map((prefix) => ({ prefix, party: fact.by, seq })),
  );
  if (rows.length === 0) return Promise.resolve();
  return sql`
    INSERT INTO company_prefixes (prefix, party, seq)
    SELECT r.prefix, r.party, min(r.seq)
    FROM unnest(
      ${arrayLiteral(rows.map(({ prefix }) => prefix))}::text[], ${arrayLiteral(rows.map(({ party }) => party))}::text[],
      ${arrayLiteral(rows.map(({ seq }) => seq))}::bigint[]) AS r (prefix, party, seq)
    WHERE NOT EXISTS (SELECT FROM company_prefixes c WHERE c.prefix = r.prefix AND c.party = r.party)
    GROUP BY r.prefix, r.party`.execute();
}
