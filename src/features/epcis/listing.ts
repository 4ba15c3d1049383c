/**
 * What the events of a reader name (EPCIS 2.0 §12.7). Words in order, by an index of those that are not of the standard
 * (words.ts). EPCs, read points and locations as its events come, oldest first: a page tells nothing twice; what was
 * told on a page before may come again with a later event, since remembering all of it would cost more with every page.
 */

import { parseEventQuery } from '../../core/epcis/epcis-query.ts';
import { isObject, textOf, textsOf } from '../../core/events/event-members.ts';
import { epcListNames } from '../../core/log/digest.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { readToken, type Start, startOf, tokenOf } from './page-tokens.ts';
import { type Asked, findFor, grantedBy, type QueryDeps } from './querying.ts';
import type { WordMember } from './used-projection.ts';
import { type AfterWord, findWords } from './words.ts';
import { writeEvents } from './written.ts';

export type Listed = 'epcs' | 'readPoints' | 'bizLocations';

const placeOf = (event: JsonObject, name: string): string[] => {
  const place = event[name];
  const id = isObject(place) ? textOf(place, 'id') : null;
  return id === null ? [] : [id];
};

/** What an event names, as it is written. */
const namedIn: Readonly<Record<Listed, (event: JsonObject) => readonly string[]>> = {
  epcs: (event) => [
    ...epcListNames.flatMap((name) => textsOf(event, name)),
    ...[textOf(event, 'parentID')].filter((it) => it !== null),
  ],
  readPoints: (event) => placeOf(event, 'readPoint'),
  bizLocations: (event) => placeOf(event, 'bizLocation'),
};

export interface Listing {
  readonly members: readonly string[];
  /** Where the next page starts; null on the last. */
  readonly next: Start | null;
}

/** A page of words: those of the standard, then those that events of the reader use beside them. */
export interface WordListing {
  readonly members: readonly string[];
  /** Token of the next page; null on the last. */
  readonly next: string | null;
}

interface AskedWords extends Pick<Asked, 'perPage' | 'token' | 'route'> {
  /** null: anybody, who is told of the words of the standard. */
  readonly caller: Caller | null;
  /** In their order. */
  readonly standard: readonly string[];
  /** In which member of events others may stand; null where there are none. */
  readonly member: WordMember | null;
}

/** Refusal: `invalid-query`. */
export async function listWords(deps: QueryDeps, asked: AskedWords): Promise<WordListing> {
  const { caller, standard, member, perPage } = asked;
  const list = `words-${member ?? 'types'}`;
  const [size = await deps.ledger.size(), word = '', whose = ''] =
    readToken(list, asked.token, ['number', 'string', 'string'], deps.now()) ?? [];
  const after = { word: String(word), whose: String(whose) };
  const told = standard.indexOf(after.word) + 1;
  const isBeyond = after.word !== '' && told === 0;
  const members = isBeyond ? [] : standard.slice(told, told + perPage);
  const tokenAfter = (at: AfterWord): string => tokenOf(list, [size, at.word, at.whose], deps.now());
  const hasMore = !isBeyond && told + members.length < standard.length;
  const asksOthers = member !== null && caller !== null;
  if (members.length === perPage && (hasMore || asksOthers))
    return { members, next: tokenAfter({ word: members.at(-1) ?? '', whose: '' }) };
  if (!asksOthers) return { members, next: null };
  const { sql } = deps.reads;
  const [reader] = await Promise.all([readerOf(sql, caller), deps.masters.freshen()]);
  const found = await findWords(
    sql,
    { reader, granted: grantedBy(deps, caller) },
    {
      member,
      size: Number(size),
      after: isBeyond ? after : { word: '', whose: '' },
      perPage: perPage - members.length,
    },
  );
  if (reader.jurisdiction !== null && found.words.length > 0) deps.audit.note(caller, asked.route, 'events');
  return {
    members: [...members, ...found.words],
    next: found.next === null ? null : tokenAfter(found.next),
  };
}

/** A page of them. Refusal: `invalid-query`. */
export async function listNamed(deps: QueryDeps, asked: Asked, what: Listed): Promise<Listing> {
  const [unknown] = asked.parameters.keys();
  if (unknown !== undefined)
    throw new Refusal('invalid-query', `${unknown}: only perPage and nextPageToken go with a list.`);
  const { host } = deps.genesis;
  const start = await startOf(deps, asked);
  const order = new Map([
    ['orderBy', ['recordTime']],
    ['orderDirection', ['ASC']],
  ]);
  const query = required(parseEventQuery(order, { host, context: new Map() }));
  const tests = [(event: JsonObject) => namedIn[what](event).length > 0];
  const found = await findFor(deps, asked, { ...query, tests }, { ...start, perPage: asked.perPage });
  const members = new Set<string>();
  const nextAt = (at: Omit<Start, 'size'>): Listing => ({
    members: [...members],
    next: { size: start.size, ...at },
  });
  let { after, told: skipped } = start;
  const written = await writeEvents(deps, found.events, asked);
  for (const [n, event] of found.events.entries()) {
    const names = namedIn[what](written[n] ?? {});
    for (const [i, name] of names.entries()) {
      if (i < skipped) continue;
      if (members.size === asked.perPage && !members.has(name)) return nextAt({ after, told: i });
      members.add(name);
    }
    skipped = 0;
    after = { time: 0, seq: event.seq };
  }
  return found.next === null ? { members: [...members], next: null } : nextAt({ after: found.next, told: 0 });
}
