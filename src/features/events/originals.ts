/** Events that others answer: found by their eventID, whoever recorded them. */

import type { EventBody } from '../../core/events/epcis.ts';
import { eventParts } from '../../core/events/event-record.ts';
import type { Epc, PartyId } from '../../core/events/hop.ts';
import type { Goods, LotQuantity } from '../../core/events/resolved-hop.ts';
import { parseFact } from '../../core/log/fact.ts';
import { isUom, pieces } from '../../core/quantity.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { fault, ok, type Result } from '../../errors.ts';
import { eventBody, eventKey, eventKeyRange, keyCell } from './event-fact.ts';

export interface Original {
  readonly seq: number;
  readonly by: PartyId;
  readonly body: EventBody;
}

/** Recorded events by eventID, error declarations apart, in order of seq. One statement. */
export async function findOriginals(
  sql: Sql,
  eventIDs: Iterable<string>,
): Promise<ReadonlyMap<string, readonly Original[]>> {
  const wanted = [...new Set(eventIDs)];
  const found = new Map<string, Original[]>(wanted.map((id) => [id, []]));
  if (wanted.length === 0) return found;
  const ranges = wanted.map((id) => eventKeyRange(eventKey('', id, false)));
  const rows = await sql<{ seq: number; payload: string }[]>`
    SELECT f.seq, f.payload
    FROM unnest(${arrayLiteral(ranges.map(({ first }) => keyCell(first)))}::bytea[],
      ${arrayLiteral(ranges.map(({ last }) => keyCell(last)))}::bytea[]) AS k (first, last)
    JOIN event_ids e ON e.id BETWEEN k.first AND k.last
    JOIN facts f ON f.seq = e.seq
    ORDER BY f.seq`;
  for (const { seq, payload } of rows) {
    const fact = parseFact(payload);
    if (fact.kind !== 'event') throw new Error(`entry ${seq} is no event`);
    found.get(fact.eventID)?.push({ seq, by: fact.by, body: eventBody(fact) });
  }
  return found;
}

/** The caller's own event of that id. Faults: `unknown-event`, `not-your-event`. */
export function ownOriginal(originals: readonly Original[] | undefined, caller: PartyId): Result<Original> {
  const any = anyOriginal(originals);
  if (!any.ok) return any;
  const own = originals?.find(({ by }) => by === caller);
  return own
    ? ok(own)
    : fault('not-your-event', 'Another party recorded this event; only it can void or correct it.');
}

/** The first event of that id. Fault: `unknown-event`. */
export function anyOriginal(originals: readonly Original[] | undefined): Result<Original> {
  const [first] = originals ?? [];
  return first
    ? ok(first)
    : fault('unknown-event', 'No event of this eventID is recorded; copy it from the answer to the request.');
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
