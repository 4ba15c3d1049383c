/** Events between their two forms: the body that hops are written as, and the fact that stands in the log. */
import { hash } from 'node:crypto';
import type { JsonObject } from '../../core/canonical.ts';
import type { EventBody } from '../../core/epcis.ts';
import type { EventFact } from '../../core/fact.ts';
import type { PartyId } from '../../core/hop.ts';

/** The fact by which a party records an event. */
export const eventFact = (by: PartyId, body: EventBody): EventFact => ({
  ...body,
  kind: 'event',
  by,
  type: String(body.type),
});

/** The event of a fact: its members but `kind` and `by`. Facts are JSON; `append` checks it on the way in. */
export function eventBody({ kind: _kind, by: _by, ...body }: EventFact): EventBody {
  return body as JsonObject as EventBody;
}

/** Bytes of an event's key that name it whoever recorded it. */
const nameBytes = 10;

/**
 * What makes an event the same event: who recorded it, its eventID, and whether it is its error declaration.
 * 16 bytes: the first 10 of SHA-256 over (eventID, declaration or not), so that an event is found by its eventID
 * alone, then 6 of SHA-256 over all three, so that two parties may each record an event of one eventID.
 */
export function eventKey(recorder: string, eventID: string, declaration: boolean): Buffer {
  const name = hash('sha256', JSON.stringify([eventID, declaration]), 'buffer');
  const own = hash('sha256', JSON.stringify([recorder, eventID, declaration]), 'buffer');
  return Buffer.concat([name.subarray(0, nameBytes), own.subarray(0, 16 - nameBytes)]);
}

/** First and last key that events of one eventID can have, whoever recorded them. */
export function eventKeyRange(key: Buffer): { readonly first: Buffer; readonly last: Buffer } {
  const first = Buffer.alloc(16, 0x00);
  const last = Buffer.alloc(16, 0xff);
  key.copy(first, 0, 0, nameBytes);
  key.copy(last, 0, 0, nameBytes);
  return { first, last };
}
