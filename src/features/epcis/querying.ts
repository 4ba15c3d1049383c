/** Queries answered: what was asked is read, the pages are bound to a snapshot of the log, events are written as asked. */
import { hash } from 'node:crypto';
import type { JsonObject } from '../../core/canonical.ts';
import { baseContext, type Context, withDeclared } from '../../core/epcis-context.ts';
import { type EventQuery, parseEventQuery } from '../../core/epcis-query.ts';
import {
  type EpcFormat,
  type EventsProof,
  eventDocument,
  queryDocument,
  writeEpcisEvent,
} from '../../core/epcis-writing.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { decodeCursor, encodeCursor } from '../../http/paging.ts';
import type { Masters } from '../events/masters.ts';
import type { FeatureDeps } from '../feature.ts';
import { type ProofDeps, proveEvents } from './proofs.ts';
import { type EventPage, type FoundEvent, findEvents, type Granted, type Position } from './queries.ts';

type Deps = Pick<FeatureDeps, 'reads' | 'ledger' | 'audit' | 'now'> &
  ProofDeps & {
    readonly masters: Masters;
  };

export interface Asked {
  readonly caller: Caller;
  /** Pattern of the route, for the audit of reads. */
  readonly route: string;
  /** Path of the request, for the link to the next page. */
  readonly path: string;
  /** Parameters as sent, but those of paging. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly perPage: number;
  readonly token: string | undefined;
  readonly format: EpcFormat;
  /** Header GS1-Extensions: prefixes and their namespaces. */
  readonly extensions: string | undefined;
  /** Whether each event is to be proven. */
  readonly proof: boolean;
}

export interface Answered {
  readonly document: JsonObject;
  /** Target of the link to the next page; null on the last. */
  readonly next: string | null;
}

/** How long a page leads to the next. */
export const tokenMinutes = 60;
/** Pages looked through for a query that says how many events there may be. */
const pagesMax = 50;

/** A page of events as a document. Refusals: `invalid-query`, `query-too-large`, `not-published`. */
export async function answerQuery(deps: Deps, asked: Asked): Promise<Answered> {
  const { next, ...found } = await search(deps, asked);
  const answer = { queryName: 'SimpleEventQuery', ...found, at: deps.now() };
  return { document: queryDocument(answer, deps.genesis.host), next };
}

interface Searched {
  readonly events: readonly JsonObject[];
  readonly proof: EventsProof | null;
  readonly next: string | null;
}

async function search(deps: Deps, asked: Asked): Promise<Searched> {
  const { host } = deps.genesis;
  const context = extended(baseContext(host), asked.extensions);
  const query = required(parseEventQuery(asked.parameters, { host, context }));
  const start = await startOf(deps, asked);
  await deps.masters.freshen();
  const { party } = asked.caller;
  const granted = deps.masters.delegations(Number.MAX_SAFE_INTEGER).filter(({ from }) => from === party);
  const perPage = query.limit === null ? asked.perPage : Math.min(asked.perPage, query.limit - start.told);
  const found = await pageOf(deps, asked.caller, query, { ...start, perPage, granted });
  if (found.events.some(({ fact }) => fact.by !== party))
    deps.audit.note(asked.caller, asked.route, 'events');
  const told = start.told + found.events.length;
  const over = query.most !== null || (query.limit !== null && told >= query.limit);
  const next =
    over || found.next === null ? null : linkOf(asked, { ...start, after: found.next, told }, deps.now());
  const seqs = found.events.map(({ seq }) => seq);
  return {
    events: found.events.map((it) => writeEpcisEvent(it, { host, format: asked.format })),
    proof: asked.proof && seqs.length > 0 ? await proveEvents(deps, seqs) : null,
    next,
  };
}

/** All events at once where the query says how many there may be. */
async function pageOf(
  { reads: { sql } }: Deps,
  caller: Caller,
  query: EventQuery,
  at: Start & { readonly perPage: number; readonly granted: readonly Granted[] },
): Promise<EventPage> {
  if (query.most === null) return findEvents(sql, caller, { ...at, query });
  const events: FoundEvent[] = [];
  let after: Position | null = null;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page: EventPage = await findEvents(sql, caller, {
      ...at,
      query,
      after,
      perPage: query.most + 1 - events.length,
    });
    events.push(...page.events);
    after = page.next;
    if (events.length > query.most) break;
    if (after === null) return { events, next: null };
  }
  throw new Refusal(
    'query-too-large',
    `There are more than ${query.most} events; ask for less, or page without maxEventCount.`,
  );
}

interface Start {
  /** Size of the log that all pages are of. */
  readonly size: number;
  readonly after: Position | null;
  /** Events on the pages before. */
  readonly told: number;
}

async function startOf({ ledger, now }: Deps, asked: Asked): Promise<Start> {
  const shape = ['number', 'number', 'number', 'number', 'number', 'string'] as const;
  const read = decodeCursor('epcis-events', asked.token, shape);
  if (!read.ok) throw new Refusal('invalid-query', 'nextPageToken: take it from the Link header as it is.');
  if (read.value === null) return { size: await ledger.size(), after: null, told: 0 };
  const [size, time, seq, told, until] = read.value.map(Number);
  if (read.value[5] !== fingerprint(asked))
    throw new Refusal('invalid-query', 'nextPageToken: it is of another query; send the same parameters.');
  if (Number(until) < now())
    throw new Refusal('invalid-query', 'nextPageToken: it has expired; ask for the first page again.');
  return { size: Number(size), after: { time: Number(time), seq: Number(seq) }, told: Number(told) };
}

function linkOf(asked: Asked, { size, after, told }: Start, now: number): string {
  const until = now + tokenMinutes * 60_000;
  const position = [size, after?.time ?? 0, after?.seq ?? 0, told, until, fingerprint(asked)];
  const query = new URLSearchParams();
  for (const [name, values] of asked.parameters) query.set(name, values.join(','));
  query.set('perPage', String(asked.perPage));
  query.set('nextPageToken', encodeCursor('epcis-events', position));
  return `${asked.path}?${query}`;
}

/** Tells queries apart: a page goes on with the query that it is of. */
const fingerprint = ({ parameters, path }: Asked): string =>
  hash('sha256', JSON.stringify([path, [...parameters].sort()]), 'base64url').slice(0, 16);

/** `acme=https://ns.acme.example/epcis/, other=…` (header GS1-Extensions, EPCIS 2.0 §12.3.5). */
function extended(context: Context, header: string | undefined): Context {
  const declared = (header ?? '').split(',').flatMap((it): [string, string][] => {
    const [, prefix, uri] = /^\s*([A-Za-z][\w.-]*)=(\S+)\s*$/.exec(it) ?? [];
    return prefix === undefined || uri === undefined ? [] : [[prefix, uri]];
  });
  return withDeclared(context, Object.fromEntries(declared));
}

/** The newest event of an eventID that the caller may read. Refusals: `unknown-event`, `not-published`. */
export async function readEventById(deps: Deps, asked: Asked, eventID: string): Promise<JsonObject> {
  const parameters = new Map([['EQ_eventID', [eventID]]]);
  const { events, proof } = await search(deps, { ...asked, parameters, perPage: 1, token: undefined });
  const [event] = events;
  if (event === undefined)
    throw new Refusal('unknown-event', 'No event of this eventID is recorded that you took part in.');
  return eventDocument(event, proof, deps.genesis.host);
}
