/** Queries answered: what was asked is read, the pages are bound to a snapshot of the log, events are written as asked. */

import type { Context } from '../../core/epcis/epcis-context.ts';
import { type EventQuery, parseEventQuery, type Within, withinTest } from '../../core/epcis/epcis-query.ts';
import { type EventsProof, hasLinks, queryDocument } from '../../core/epcis/epcis-writing.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import type { Masters } from '../events/masters.ts';
import type { FeatureDeps } from '../feature.ts';
import { levelsMax, placesMax, placesWithin } from '../places/within.ts';
import { allAtOnce } from './all-at-once.ts';
import { withDescendants } from './master-data.ts';
import type { Orders } from './orders.ts';
import { fingerprint, type Paged, type Start, startOf } from './page-tokens.ts';
import type { Granted } from './parts.ts';
import { withOtherNames } from './party-names.ts';
import { type ProofDeps, proveEvents } from './proofs.ts';
import { type Asking, type EventPage, type FoundEvent, findEvents, type Position } from './queries.ts';
import { type Spelt, writeEvents } from './written.ts';

export type QueryDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'audit' | 'now'> &
  ProofDeps & {
    readonly masters: Masters;
  };
export type AnsweringDeps = QueryDeps & { readonly orders: Orders };

export interface Asked extends Paged, Spelt {
  readonly caller: Caller;
  /** Pattern of the route, for the audit of reads. */
  readonly route: string;
  /** What prefixes in parameters stand for. */
  readonly context: Context;
  readonly queryName: string;
  /** Whether each event is to be proven. */
  readonly proof: boolean;
}

export interface Answered {
  readonly document: JsonObject;
  /** Whether Digital Links stand in it. */
  readonly linked: boolean;
  /** Where the next page starts; null on the last. */
  readonly next: Start | null;
}

/** A page of events as a document. Refusals: `invalid-query`, `query-too-large`, `not-published`. */
export async function answerQuery(deps: AnsweringDeps, asked: Asked): Promise<Answered> {
  const { next, ...found } = await search(deps, asked);
  const answer = { queryName: asked.queryName, ...found, at: deps.now() };
  return { document: queryDocument(answer, deps.genesis.host), linked: found.events.some(hasLinks), next };
}

interface Searched {
  readonly events: readonly JsonObject[];
  readonly proof: EventsProof | null;
  readonly next: Start | null;
}

async function search(deps: AnsweringDeps, asked: Asked): Promise<Searched> {
  const { host } = deps.genesis;
  const parameters = await withOtherNames(deps.reads.sql, host, allOf(asked));
  const query = required(parseEventQuery(parameters, { host, context: asked.context }));
  const start = await startOf(deps, asked);
  const perPage = query.limit === null ? asked.perPage : Math.min(asked.perPage, query.limit - start.told);
  const name = sortedAs(asked, start.size);
  const found = await findFor(deps, asked, query, {
    ...start,
    perPage,
    sorted: (find) => deps.orders.of(name, find),
  });
  const told = start.told + found.events.length;
  const over = query.most !== null || (query.limit !== null && told >= query.limit);
  const next = over || found.next === null ? null : { ...start, after: found.next, told };
  const seqs = found.events.map(({ seq }) => seq);
  const events = await writeEvents(deps, found.events, asked);
  return {
    events,
    proof: asked.proof && seqs.length > 0 ? await proveEvents(deps, seqs) : null,
    next,
  };
}

/** What an order is called: all on which it depends. */
const sortedAs = (asked: Asked, size: number): string =>
  JSON.stringify([
    asked.caller.party,
    asked.caller.roles,
    asked.caller.mandate?.id,
    size,
    fingerprint(asked),
    [...asked.context],
  ]);

/** What a caller may read of what fits a query, a page of it. Refusals: `query-too-large`, `query-too-complex`. */
export async function findFor(
  deps: Pick<QueryDeps, 'reads' | 'audit' | 'masters'>,
  { caller, route }: Pick<Asked, 'caller' | 'route'>,
  asked: EventQuery,
  at: Omit<Start, 'told'> & Pick<Asking, 'perPage' | 'sorted'>,
): Promise<Pick<EventPage, 'events' | 'next'>> {
  const [places] = await Promise.all([placed(deps, caller, asked.within, at.size), deps.masters.freshen()]);
  const query = { ...asked, tests: [...asked.tests, ...places] };
  const found = await pageOf(deps, caller, query, { ...at, granted: grantedBy(deps, caller) });
  if (found.events.some(({ fact }) => fact.by !== caller.party)) deps.audit.note(caller, route, 'events');
  return found;
}

/** What a caller ever delegated, as far as it is known. */
export const grantedBy = ({ masters }: Pick<QueryDeps, 'masters'>, { party }: Caller): readonly Granted[] =>
  masters.delegations(Number.MAX_SAFE_INTEGER).filter(({ from }) => from === party);

/**
 * Tests of the places asked for with all that lies within them: by what master data says that the caller may read, and
 * by our own register. Refusal: `query-too-complex`.
 */
async function placed(
  { reads: { sql } }: Pick<QueryDeps, 'reads'>,
  caller: Caller,
  asked: readonly Within[],
  size: number,
): Promise<EventQuery['tests']> {
  if (asked.length === 0) return [];
  const reader = await readerOf(sql, caller);
  return Promise.all(
    asked.map(async ({ member, places }) => {
      const said = await withDescendants(sql, reader, `WD_${member}`, places, size);
      const all = await placesWithin(sql, said, size);
      if (all === null)
        throw new Refusal(
          'query-too-complex',
          `WD_${member}: more than ${placesMax} places lie within these, or more than ${levelsMax} levels deep; name a part of them.`,
        );
      return withinTest({ member, places: all });
    }),
  );
}

/** All events at once where the query says how many there may be. */
async function pageOf(
  { reads: { sql } }: Pick<QueryDeps, 'reads'>,
  caller: Caller,
  query: EventQuery,
  at: Omit<Start, 'told'> & Pick<Asking, 'perPage' | 'sorted' | 'granted'>,
): Promise<Pick<EventPage, 'events' | 'next'>> {
  if (query.most === null) return findEvents(sql, caller, { ...at, query });
  const events = await allAtOnce<FoundEvent, Position | null>(
    { most: query.most, what: 'events', parameter: 'maxEventCount' },
    null,
    async (after, perPage) => {
      const page = await findEvents(sql, caller, { ...at, query, after, perPage });
      return { ...page, items: page.events };
    },
  );
  return { events, next: null };
}

/** What the path stands for and what was sent. Refusal: `invalid-query` when both say the same. */
function allOf({ fixed, parameters }: Paged): Paged['parameters'] {
  for (const name of parameters.keys())
    if (fixed.has(name)) throw new Refusal('invalid-query', `${name}: the address says that already.`);
  return new Map([...fixed, ...parameters]);
}

/** Each party that records an eventID has an event and at most one declaration: more of one id than anybody is told. */
const ofOneIdMax = 1_000;

/**
 * The event of an eventID and, after it, the declarations that take it back, as the caller may read them, in one
 * document (EPCIS 2.0 §12, openapi: GET /events/{eventID}). Refusals: `unknown-event`, `not-published`.
 */
export async function readEventById(
  deps: AnsweringDeps,
  asked: Asked,
  eventID: string,
): Promise<Pick<Answered, 'document' | 'linked'>> {
  const fixed = new Map([
    ['EQ_eventID', [eventID]],
    ['orderBy', ['recordTime']],
    ['orderDirection', ['ASC']],
  ]);
  const { events, proof } = await search(deps, { ...asked, fixed, perPage: ofOneIdMax, token: undefined });
  if (events.length === 0)
    throw new Refusal('unknown-event', 'No event of this eventID is recorded that you took part in.');
  const answer = { queryName: asked.queryName, events, proof, at: deps.now() };
  return { document: queryDocument(answer, deps.genesis.host), linked: events.some(hasLinks) };
}
