/** What comes next for whoever follows a named query (EPCIS 2.0 §12.9), and the message that says it. */

import { parseEventQuery } from '../../core/epcis/epcis-query.ts';
import type { EpcFormat } from '../../core/epcis/epcis-spelling.ts';
import { hasLinks, queryDocument } from '../../core/epcis/epcis-writing.ts';
import { required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { definitionOf } from './named-queries.ts';
import { withOtherNames } from './party-names.ts';
import type { FoundEvent } from './queries.ts';
import { findFor, type QueryDeps } from './querying.ts';
import { documentText, keepsWords, type Representation } from './representations.ts';
import { writeEvents } from './written.ts';

/** Events of one message, and about how many characters. */
export const eventsMax = 100;
const charactersMax = 4_000_000;

/** Who follows which query, and how far that has come. */
export interface Following {
  readonly caller: Caller;
  /** Name of the query. */
  readonly query: string;
  /** The entry up to which everything that fits has been told. */
  readonly watermark: number;
  /** Pattern of the route, for the audit of reads. */
  readonly route: string;
  readonly perPage: number;
}

export interface Next {
  readonly events: readonly FoundEvent[];
  /** What has been passed with them. */
  readonly watermark: number;
  readonly more: boolean;
}

/** The next events that fit, before entry `size`. Refusals: `unknown-query` and those of queries. */
export async function nextOf(deps: QueryDeps, it: Following, size: number): Promise<Next> {
  const { sql } = deps.reads;
  const { host } = deps.genesis;
  const { parameters, context } = await definitionOf(sql, it.caller.party, it.query, host);
  const names = await withOtherNames(sql, host, parameters);
  const query = required(parseEventQuery(names, { host, context }));
  const inOrder = { ...query, orderBy: 'recordTime', direction: 'ASC' } as const;
  const after = { time: 0, seq: it.watermark - 1 };
  const { events, next } = await findFor(deps, it, inOrder, { size, after, perPage: it.perPage });
  const count = fitting(events);
  const last = events[count - 1];
  if (count < events.length && last !== undefined)
    return { events: events.slice(0, count), watermark: last.seq + 1, more: true };
  return next === null
    ? { events, watermark: Math.max(size, it.watermark), more: false }
    : { events, watermark: next.seq + 1, more: true };
}

/** How messages are written, and of what. */
export interface Telling {
  readonly id: string;
  /** Name of the query. */
  readonly query: string;
  readonly format: EpcFormat;
  readonly messages: Representation;
}

/** The query document that tells of them, as text, and whether Digital Links stand in it. */
export async function writeMessage(
  deps: Pick<QueryDeps, 'reads' | 'genesis' | 'now'>,
  { id, query, format, messages }: Telling,
  found: readonly FoundEvent[],
): Promise<{ readonly text: string; readonly linked: boolean }> {
  const events = await writeEvents(deps, found, { format, wordsAsSent: keepsWords(messages) });
  const answer = { queryName: query, subscriptionID: id, events, proof: null, at: deps.now() };
  return {
    text: documentText(queryDocument(answer, deps.genesis.host), messages),
    linked: events.some(hasLinks),
  };
}

/** How many of the events one message takes; at least one. */
function fitting(events: readonly FoundEvent[]): number {
  let characters = 0;
  const beyond = events.findIndex(({ fact }, i) => {
    characters += JSON.stringify(fact).length;
    return i > 0 && characters > charactersMax;
  });
  return beyond === -1 ? events.length : beyond;
}
