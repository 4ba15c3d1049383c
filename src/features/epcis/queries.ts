/**
 * Events found for a query: candidates come by an index in pages of bounded size, and of these the tests of the query
 * and the rules of reading keep what fits.
 *
 * Candidates of a query that names EPCs are the entries of their chains, and no others; of one that names eventIDs the
 * entries of those ids. All others come by the index that windows.ts chooses: by the log, by the times of events, or by
 * who took part in them. A page that would need more candidates than `scanMax` or a longer walk among others' than
 * `walkMax`, or becomes longer than `charactersMax`, ends early: the next one goes on there.
 *
 * In an order that no index has, by what events say (epcis-query-order.ts), all of up to `fewMax` candidates are read
 * and sorted, and more refused. Where each has its place is remembered (orders.ts): of a page its own events are read.
 */
import type { EventQuery } from '../../core/epcis/epcis-query.ts';
import { comparePlaced, type Placed, type SortBy } from '../../core/epcis/epcis-query-order.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Fragment, Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadEvent, type Reader } from '../access/reading.ts';
import { type HopRow, hopColumns } from '../events/chains.ts';
import { delegationOf, eventKey, eventKeyRange, keyCell } from '../events/event-fact.ts';
import { involvementOf, partiesAlone } from '../events/involved.ts';
import { namedInScope } from '../mandates/named.ts';
import { described } from './described.ts';
import type { Order, Ordered } from './orders.ts';
import { type Granted, partsOf } from './parts.ts';
import { bound, fewMax, fewOf, isOpen, type Window, windowOf } from './windows.ts';

/** An event that fits and may be read. */
export interface FoundEvent {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: JsonObject;
}

/** Where a page starts: after this event in the order of the query. */
export interface Position {
  /** ms since the epoch; 0 where the order is another than that of eventTime. */
  readonly time: number;
  readonly seq: number;
}

export interface EventPage {
  readonly events: readonly FoundEvent[];
  /** How long these are as JSON. */
  readonly characters: number;
  /** null when there is nothing more. */
  readonly next: Position | null;
}

export interface Asking {
  readonly query: EventQuery;
  /** Entries from here on are not looked at. */
  readonly size: number;
  readonly after: Position | null;
  readonly perPage: number;
  /** What the caller ever delegated: it may read what was recorded on such grounds. */
  readonly granted: readonly Granted[];
  /** Remembers the order of what was sorted, if anybody does. */
  readonly sorted?: (find: () => Promise<Order>) => Promise<Order>;
}

/** Candidates looked at in one go, and for one page: one more than a page, which tells that there is a next. */
const chunkMin = 100;
const chunkMax = 1_001;
const scanMax = 20_000;
/** Times of events, others' among them, walked at first, in one go, and for one page. */
export const walkMin = 1_000;
const walkAtOnce = 16_000;
const walkMax = 200_000;
/** Bytes of candidates read in one go, and characters of a page: an event may name a hundred thousand things. */
const chunkBytesMax = 8_000_000;
const charactersMax = 16_000_000;

/**
 * A page of events in the order of the query. Statements: one for each `chunkMax` candidates; of regulators two more,
 * and one for who they are. For windows of time, and for parties by eventTime, up to four more in all, and two for each
 * turn of walking along the times of all. Where master data is asked for also those of described.ts. Refusals:
 * `query-too-complex`, and `invalid-query` of a page that starts after no event of the query.
 */
export async function findEvents(sql: Sql, caller: Caller, asking: Asking): Promise<EventPage> {
  const { query, perPage } = asking;
  if (typeof query.orderBy === 'function') return findSorted(sql, caller, asking, query.orderBy);
  const reader = readerOf(sql, caller);
  const found: { readonly event: FoundEvent; readonly position: Position }[] = [];
  const window = await windowOf(sql, caller, asking);
  let { after } = asking;
  let characters = 0;
  const pageOf = (most: number, next: Position | null): EventPage => ({
    events: found.slice(0, most).map(({ event }) => event),
    characters,
    next,
  });
  let walk = walkMin;
  let walked = 0;
  for (let scanned = 0; scanned < scanMax && walked < walkMax; ) {
    const wanted = Math.min(chunkMax, Math.max(chunkMin, perPage + 1 - found.length));
    const stop = await walkEnd(sql, caller, { ...asking, after, window }, walk);
    const scanning = { ...asking, after, window, stop };
    const { candidates, more } = await candidatesOf(sql, caller, scanning, wanted);
    for (const event of await fitting(sql, await reader, candidates, asking)) {
      found.push({ event, position: positionOf(event, query) });
      characters += event.characters;
    }
    const last = candidates.at(-1);
    if (last !== undefined) after = positionOf(last, query);
    if (found.length > perPage) return pageOf(perPage, found[perPage - 1]?.position ?? null);
    if (!more && stop === null) return pageOf(perPage, null);
    if (!more) {
      after = stop;
      walked += walk;
      walk = Math.min(2 * walk, walkAtOnce);
    }
    if (characters > charactersMax) break;
    scanned += candidates.length;
  }
  return pageOf(perPage, after);
}

/** A page of events sorted by what they say. */
async function findSorted(sql: Sql, caller: Caller, asking: Asking, by: SortBy): Promise<EventPage> {
  const { perPage, after, sorted = (find) => find() } = asking;
  const reader = await readerOf(sql, caller);
  const order = await sorted(() => orderedBy(sql, caller, { ...asking, by, reader }));
  const before = after === null ? -1 : order.findIndex(({ seq }) => seq === after.seq);
  // Whoever made up where to start learns nothing of events that are not to be read.
  if (after !== null && before < 0)
    throw new Refusal('invalid-query', 'nextPageToken: take it from the Link header as it is.');
  const page = firstOf(order.slice(before + 1), perPage);
  if (page.length === 0) return { events: [], characters: 0, next: null };
  const places = new Map(page.map(({ seq }, i) => [seq, i]));
  const found: Candidate[] = [];
  const window = windowAround([...places.keys()]);
  for await (const candidates of inTurns(sql, caller, asking, { window, only: [...places.keys()] }))
    found.push(...(await fitting(sql, reader, candidates, asking)));
  const last = page.at(-1);
  return {
    events: found.sort((a, b) => (places.get(a.seq) ?? 0) - (places.get(b.seq) ?? 0)),
    characters: found.reduce((sum, { characters }) => sum + characters, 0),
    next: last !== undefined && before + 1 + page.length < order.length ? { time: 0, seq: last.seq } : null,
  };
}

/** All that fits and may be read, in its order. */
async function orderedBy(
  sql: Sql,
  caller: Caller,
  { by, reader, ...asking }: Asking & { readonly by: SortBy; readonly reader: Reader },
): Promise<Order> {
  const window = await fewOf(sql, caller, asking);
  if (window === null) throw tooMany();
  const all: (Placed & Ordered)[] = [];
  let scanned = 0;
  for await (const candidates of inTurns(sql, caller, asking, { window })) {
    scanned += candidates.length;
    if (scanned > fewMax) throw tooMany();
    for (const { seq, characters, fact } of await fitting(sql, reader, candidates, asking))
      all.push({ seq, characters, key: by(fact) });
  }
  return all
    .sort((a, b) => comparePlaced(a, b, asking.query.direction))
    .map(({ seq, characters }) => ({ seq, characters }));
}

/** All candidates of a window, in the order of recording. */
async function* inTurns(
  sql: Sql,
  caller: Caller,
  asking: Asking,
  where: Pick<Scanning, 'window' | 'only'>,
): AsyncGenerator<readonly Candidate[]> {
  const query = { ...asking.query, orderBy: 'recordTime', direction: 'ASC' } as const;
  for (let after: Position | null = null; ; ) {
    const scanning: Scanning = { ...asking, query, after, stop: null, ...where };
    const { candidates, more } = await candidatesOf(sql, caller, scanning, chunkMax);
    yield candidates;
    const last = candidates.at(-1);
    if (!more || last === undefined) return;
    after = { time: 0, seq: last.seq };
  }
}

const windowAround = (seqs: readonly number[]): Window => ({
  first: Math.min(...seqs),
  end: Math.max(...seqs) + 1,
  by: 'log',
  until: Number.POSITIVE_INFINITY,
});

/** As many as a page holds, at least one. */
function firstOf(order: Order, perPage: number): Order {
  let sum = 0;
  const beyond = order.findIndex(({ characters }, i) => {
    sum += characters;
    return i === perPage || (i > 0 && sum > charactersMax);
  });
  return beyond === -1 ? order : order.slice(0, beyond);
}

const tooMany = (): Refusal =>
  new Refusal(
    'query-too-complex',
    `orderBy: more than ${fewMax} events would have to be read to sort them; ask for those of a time or of things.`,
  );

const positionOf = ({ seq, happened }: Candidate, { orderBy }: EventQuery): Position => ({
  time: orderBy === 'eventTime' ? happened : 0,
  seq,
});

/** What is looked through for a page. */
type Scanning = Asking & {
  readonly window: Window;
  /** Where the walk along the times of all ends for now; null where it goes to its end. */
  readonly stop: Position | null;
  /** The only entries that are looked at. */
  readonly only?: readonly number[];
};

interface Candidate extends FoundEvent {
  readonly hop: HopRow;
  /** Its eventTime, in ms since the epoch; of an error declaration `hop` tells when it was declared. */
  readonly happened: number;
  /** How long it is as JSON. */
  readonly characters: number;
}

/** Of the payload null beyond `chunkBytesMax`; never that of the first. */
type CandidateRow = HopRow & { readonly happened: number; readonly payload: string | null };

/** The next candidates, and whether more may come after them. */
async function candidatesOf(
  sql: Sql,
  caller: Caller,
  asking: Scanning,
  limit: number,
): Promise<{ readonly candidates: Candidate[]; readonly more: boolean }> {
  const rows = await sql<CandidateRow[]>`${candidateStatement(sql, caller, asking, limit)}`;
  const candidates = rows.flatMap((row): Candidate[] => {
    const { seq, recordedAt: at, happened, payload } = row;
    if (payload === null) return [];
    return [{ seq, at, fact: JSON.parse(payload), hop: row, happened, characters: payload.length }];
  });
  return { candidates, more: rows.length === limit || candidates.length < rows.length };
}

/**
 * The statement that candidates come by; apart, so that its plan can be looked at. It is planned for any parties, times
 * and entries, so that nothing may be left to what is known of these: OFFSET 0 has what is inside it found first, and by
 * nothing else. Whatever finds entries, all conditions are tested of them.
 *
 * The look-up of what candidates say is kept from becoming a join over all facts likewise. How long a text is PostgreSQL
 * knows without reading it.
 */
export function candidateStatement(sql: Sql, caller: Caller, asking: Scanning, limit: number) {
  const { query } = asking;
  const { happened, recorded } = query;
  const { first, end } = entriesOf(asking);
  const order = orderOf(sql, query);
  return sql`
    WITH named AS MATERIALIZED (${named(sql, asking) ?? inTurn(sql, caller, asking, limit)})
    SELECT ${hopColumns(sql)}, h.time_from AS happened, CASE WHEN h.bytes_before < ${chunkBytesMax} THEN h.payload END AS payload
    FROM (SELECT h.*, f.payload,
      sum(octet_length(f.payload)) OVER (ORDER BY ${order}) - octet_length(f.payload) AS bytes_before
    FROM (
      SELECT h.* FROM (SELECT h.* FROM hops h WHERE h.seq = ANY (ARRAY(SELECT seq FROM named)) OFFSET 0) h
      WHERE h.seq >= ${first} AND h.seq < ${end} AND ${startAfter(sql, asking)}
        AND h.time_from >= ${bound(happened.from)} AND h.time_from < ${bound(happened.until)}
        AND h.recorded_at >= ${bound(recorded.from)} AND h.recorded_at < ${bound(recorded.until)}
        AND ${isOwn(sql, caller, asking)}
      ORDER BY ${order} LIMIT ${limit}
    ) h CROSS JOIN LATERAL (SELECT payload FROM facts WHERE seq = h.seq OFFSET 0) f) h ORDER BY ${order}`;
}

/**
 * The entries that an index finds: as many as are asked for where its order is that of the query, else all, which are
 * few. What the index does not know of is tested as it is walked, and no more than that: of the more conditions the
 * planner expects to find few rows, the sooner it reads all and sorts them.
 */
function inTurn(sql: Sql, caller: Caller, asking: Scanning, limit: number): Fragment {
  const { query, granted, window } = asking;
  const { happened, orderBy, direction } = query;
  const { first, end } = entriesOf(asking);
  const entries = sql`h.seq >= ${first} AND h.seq < ${end}`;
  const times = timesOf(sql, asking);
  const own = isOwn(sql, caller, asking);
  switch (window.by) {
    case 'log':
      return sql`
        SELECT h.seq FROM (SELECT h.* FROM hops h WHERE ${entries}
          ORDER BY ${orderOf(sql, { orderBy: 'recordTime', direction })} OFFSET 0) h
        WHERE ${times} AND ${own} LIMIT ${orderBy === 'recordTime' ? limit : fewMax}`;
    case 'times':
      return sql`
        SELECT h.seq FROM (SELECT h.* FROM hops h WHERE ${times} AND ${startAfter(sql, asking)}
          AND ${stopAt(sql, asking)} ORDER BY ${orderOf(sql, { orderBy: 'eventTime', direction })} OFFSET 0) h
        WHERE ${entries} AND ${own} LIMIT ${orderBy === 'eventTime' ? limit : fewMax}`;
    case 'parts': {
      const most = orderBy === 'recordTime' && isOpen(happened) ? limit : fewMax;
      return partsOf(sql, { party: caller.party, granted }, { first, end, direction, most });
    }
  }
}

function timesOf(
  sql: Sql,
  { query: { happened }, window: { until } }: Pick<Scanning, 'query' | 'window'>,
): Fragment {
  const { from } = happened;
  return isOpen({ from, until })
    ? sql`true`
    : sql`h.time_from >= ${bound(from)} AND h.time_from < ${bound(until)}`;
}

/**
 * Where a walk along the times of all that looks for a party's own has passed `most` of them: by the index alone.
 * Null where there are fewer left, or no such walk.
 */
export async function walkEnd(
  sql: Sql,
  { roles }: Caller,
  asking: Omit<Scanning, 'stop'>,
  most: number,
): Promise<Position | null> {
  const { query, window } = asking;
  if (window.by !== 'times' || query.orderBy !== 'eventTime' || roles.includes('regulator')) return null;
  const [end] = await sql<Position[]>`
    SELECT h.time_from AS time, h.seq FROM hops h WHERE ${timesOf(sql, asking)} AND ${startAfter(sql, asking)}
    ORDER BY ${orderOf(sql, query)} OFFSET ${most - 1} LIMIT 1`;
  return end ?? null;
}

/** Of others than regulators. */
function isOwn(sql: Sql, { party, roles }: Caller, { granted }: Asking): Fragment {
  if (roles.includes('regulator')) return sql`true`;
  return sql`(h.recorder = ${party} OR h.giver = ${party} OR h.taker = ${party}
    OR h.recorder = ANY (${arrayLiteral(granted.map(({ to }) => to))}::text[]))`;
}

function orderOf(sql: Sql, { orderBy, direction }: Pick<EventQuery, 'orderBy' | 'direction'>): Fragment {
  if (orderBy !== 'eventTime') return direction === 'DESC' ? sql`h.seq DESC` : sql`h.seq`;
  return direction === 'DESC' ? sql`h.time_from DESC, h.seq DESC` : sql`h.time_from, h.seq`;
}

/** The entries that are left of the window in the order of recording. */
function entriesOf({ query: { orderBy, direction }, after, window: { first, end } }: Scanning) {
  if (orderBy === 'eventTime' || after === null) return { first, end };
  return direction === 'DESC'
    ? { first, end: Math.min(end, after.seq) }
    : { first: Math.max(first, after.seq + 1), end };
}

/** What is left in the order of eventTime. */
function startAfter(sql: Sql, { query: { orderBy, direction }, after }: Omit<Scanning, 'stop'>): Fragment {
  if (orderBy !== 'eventTime' || after === null) return sql`true`;
  const { time, seq } = after;
  return direction === 'DESC'
    ? sql`(h.time_from, h.seq) < (${time}::bigint, ${seq}::bigint)`
    : sql`(h.time_from, h.seq) > (${time}::bigint, ${seq}::bigint)`;
}

/** No further than the walk goes for now. */
function stopAt(sql: Sql, { query: { direction }, stop }: Scanning): Fragment {
  if (stop === null) return sql`true`;
  const { time, seq } = stop;
  return direction === 'DESC'
    ? sql`(h.time_from, h.seq) >= (${time}::bigint, ${seq}::bigint)`
    : sql`(h.time_from, h.seq) <= (${time}::bigint, ${seq}::bigint)`;
}

/** The entries that are told, or those of things or eventIDs; null where none are named. */
function named(sql: Sql, { query: { epcs, eventIDs }, only }: Scanning): Fragment | null {
  if (only !== undefined) return sql`SELECT unnest(${arrayLiteral(only)}::bigint[]) AS seq`;
  if (epcs !== null)
    return sql`
      SELECT DISTINCT c.seq FROM unnest(${arrayLiteral([...epcs])}::text[]) AS asked (epc)
      JOIN epcs e USING (epc) JOIN unit_chain c USING (unit)`;
  if (eventIDs === null) return null;
  const ranges = [...new Set(eventIDs)].flatMap((id) =>
    [false, true].map((declaration) => eventKeyRange(eventKey('', id, declaration))),
  );
  return sql`
    SELECT DISTINCT e.seq
    FROM unnest(${arrayLiteral(ranges.map(({ first }) => keyCell(first)))}::bytea[],
      ${arrayLiteral(ranges.map(({ last }) => keyCell(last)))}::bytea[]) AS k (first, last)
    JOIN event_ids e ON e.id BETWEEN k.first AND k.last`;
}

/** Those of the candidates that the reader may read and that fit. */
async function fitting(
  sql: Sql,
  reader: Reader,
  candidates: readonly Candidate[],
  { query, granted, size }: Asking,
): Promise<readonly Candidate[]> {
  const kept = await readable(sql, reader, candidates, granted);
  const passed = kept.filter(({ fact }) => query.tests.every((test) => test(fact)));
  return described(sql, reader, passed, query.attributes, size);
}

/** Those of the candidates that the reader may read. Two statements for whom it matters where they happened, one more under a mandate. */
async function readable(
  sql: Sql,
  reader: Reader,
  candidates: readonly Candidate[],
  granted: readonly Granted[],
): Promise<readonly Candidate[]> {
  if (candidates.length === 0) return candidates;
  const hops = candidates.map(({ hop }) => hop);
  const involvement = reader.jurisdiction === null ? partiesAlone : await involvementOf(sql, hops);
  const names = await namedInScope(
    sql,
    reader.mandate,
    hops.map(({ seq }) => seq),
  );
  return candidates.filter(({ fact, hop }) => {
    const grounds = delegationOf(fact);
    const forUs = granted.some(({ id, to }) => id === grounds && to === hop.recorder);
    return forUs || mayReadEvent(reader, involvement(hop, null), names(hop.seq));
  });
}
