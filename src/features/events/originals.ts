/** Events that others answer: found by their eventID, whoever recorded them. */

import type { EventBody } from '../../core/events/epcis.ts';
import { eventParts } from '../../core/events/event-record.ts';
import type { Epc, PartyId } from '../../core/events/hop.ts';
import type { Goods, LotQuantity } from '../../core/events/resolved-hop.ts';
import { parseFact } from '../../core/log/fact.ts';
import { isUom, pieces } from '../../core/quantity.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import { fault, ok, type Result } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { mayReadEvent } from '../access/reading.ts';
import type { FeatureDeps } from '../feature.ts';
import { loadHops } from './chains.ts';
import { delegationOf, eventBody, eventKey, eventKeyRange, keyCell } from './event-fact.ts';
import { involvementOf, partiesAlone } from './involved.ts';
import type { Masters } from './masters.ts';

export interface Original {
  readonly seq: number;
  readonly by: PartyId;
  readonly body: EventBody;
  /** The caller may read it. */
  readonly isOpen: boolean;
}

interface Found extends Pick<Original, 'seq' | 'by' | 'body'> {
  /** Of the delegation that it was recorded on. */
  readonly delegation: string | null;
}

type Deps = Pick<FeatureDeps, 'db'> & { readonly masters: Masters };

/**
 * Recorded events by eventID, error declarations apart, in order of seq. One statement; where others recorded them one
 * more, and of regulators three more.
 */
export async function findOriginals(
  deps: Deps,
  caller: Caller,
  eventIDs: Iterable<string>,
): Promise<ReadonlyMap<string, readonly Original[]>> {
  const wanted = [...new Set(eventIDs)];
  const found = new Map<string, Original[]>(wanted.map((id) => [id, []]));
  if (wanted.length === 0) return found;
  const ranges = wanted.map((id) => eventKeyRange(eventKey('', id, false)));
  const rows = await deps.db.sql<{ seq: number; payload: string }[]>`
    SELECT f.seq, f.payload
    FROM unnest(${arrayLiteral(ranges.map(({ first }) => keyCell(first)))}::bytea[],
      ${arrayLiteral(ranges.map(({ last }) => keyCell(last)))}::bytea[]) AS k (first, last)
    JOIN event_ids e ON e.id BETWEEN k.first AND k.last
    JOIN facts f ON f.seq = e.seq
    ORDER BY f.seq`;
  const events = rows.map(({ seq, payload }): Found => {
    const fact = parseFact(payload);
    if (fact.kind !== 'event') throw new Error(`entry ${seq} is no event`);
    const body = eventBody(fact);
    return { seq, by: fact.by, body, delegation: delegationOf(body) };
  });
  const open = await openTo(deps, caller, events);
  for (const { delegation: _, ...event } of events)
    found.get(event.body.eventID)?.push({ ...event, isOpen: open.has(event.seq) });
  return found;
}

/** Entries among these that the caller may read. */
async function openTo(
  { db: { sql }, masters }: Deps,
  caller: Caller,
  events: readonly Found[],
): Promise<ReadonlySet<number>> {
  const open = new Set(events.flatMap(({ seq, by }) => (by === caller.party ? [seq] : [])));
  if (open.size === events.length) return open;
  const [reader, hops] = await Promise.all([
    readerOf(sql, caller),
    loadHops(
      sql,
      events.map(({ seq }) => seq),
    ),
    masters.freshen(),
  ]);
  const granted = masters
    .delegations(Number.MAX_SAFE_INTEGER)
    .flatMap(({ id, from }) => (from === caller.party ? [id] : []));
  const involvement =
    reader.jurisdiction === null ? partiesAlone : await involvementOf(sql, [...hops.values()]);
  for (const { seq, delegation } of events) {
    const hop = hops.get(seq);
    const forUs = delegation !== null && granted.includes(delegation);
    if (forUs || (hop !== undefined && mayReadEvent(reader, involvement(hop, null), []))) open.add(seq);
  }
  return open;
}

const unknown = fault(
  'unknown-event',
  'No event of this eventID is recorded; copy it from the answer to the request.',
);

/** The caller's own event of that id. Faults: `unknown-event`, also of what it may not read; `not-your-event`. */
export function ownOriginal(originals: readonly Original[] = [], caller: PartyId): Result<Original> {
  const own = originals.find(({ by }) => by === caller);
  if (own !== undefined) return ok(own);
  return originals.some(({ isOpen }) => isOpen)
    ? fault('not-your-event', 'Another party recorded this event; only it can void or correct it.')
    : unknown;
}

/**
 * The first event of that id that the caller may read, or whose goods it names itself, if only some: whoever knows an
 * eventID alone is not told by it what was in another's shipment. Fault: `unknown-event`.
 */
export function anyOriginal(originals: readonly Original[] = [], named: Goods | null): Result<Original> {
  const first = originals.find(
    ({ isOpen, body }) => isOpen || (named !== null && holds(goodsOf(body), named)),
  );
  return first === undefined ? unknown : ok(first);
}

/** Whether goods are among others, whatever the quantities. */
function holds(all: Goods, { epcs, lots }: Goods): boolean {
  const things = new Set<Epc>([...all.epcs, ...all.lots.map(({ lot }) => lot)]);
  const some = [...epcs, ...lots.map(({ lot }) => lot)];
  return some.length > 0 && some.every((it) => things.has(it));
}

/** What an event is about, units and lots, as a hop of its own would name them. */
export function goodsOf(body: EventBody): Goods {
  const epcs: Epc[] = [];
  const lots: LotQuantity[] = [];
  for (const { epc, position, amount, uom } of eventParts(body)) {
    // Facts name things in canonical form.
    if (position === 'epc') epcs.push(epc as Epc);
    if (position === 'quantity')
      lots.push({ lot: epc as Epc, amount, uom: uom !== null && isUom(uom) ? uom : pieces });
  }
  return { epcs, lots };
}
