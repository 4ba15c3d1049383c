/** Events between their two forms: the body that hops are written as, and the fact that stands in the log. */
import { hash } from 'node:crypto';
import type { EventBody } from '../../core/events/epcis.ts';
import { isObject, textOf } from '../../core/events/event-members.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { type ClaimSignature, formatClaimSignature } from '../../core/log/claim.ts';
import type { EventFact } from '../../core/log/fact.ts';
import type { JsonObject } from '../../core/text/canonical.ts';

/** What a party signed, and its signature. */
export interface SignedClaim extends ClaimSignature {
  readonly claim: JsonObject;
}

/** The fact by which a party records an event, signed or not. */
export function eventFact(by: PartyId, body: EventBody, signed: SignedClaim | null = null): EventFact {
  const recording = { kind: 'event', by, type: String(body.type) } as const;
  // First, for an object grows slowly once others' members are in it; and last, for a body takes none of their places.
  const fact = Object.assign({}, recording, body, recording);
  if (signed !== null)
    Object.assign(fact, {
      claim: signed.claim,
      claimKey: signed.kid,
      claimSignature: formatClaimSignature(signed),
    });
  return fact;
}

/** The event of a fact: its members but those of recording. Facts are JSON; `append` checks it on the way in. */
export function eventBody({
  kind: _kind,
  by: _by,
  claim: _claim,
  claimKey: _key,
  claimSignature: _signature,
  ...body
}: EventFact): EventBody {
  return body as JsonObject as EventBody;
}

/** Id of the delegation that an event was recorded on. */
export const delegationOf = (fact: JsonObject): string | null =>
  textOf(fact, 'suyuan:delegation') ?? (isObject(fact.captured) ? textOf(fact.captured, 'delegation') : null);

/** Hexadecimal digits of an event's key that name it whoever recorded it: 10 bytes of 16. */
const nameDigits = 20;
const keyDigits = 32;

/**
 * What makes an event the same event: who recorded it, its eventID, and whether it is its error declaration.
 * 16 bytes as hexadecimal digits: the first 10 of SHA-256 over (eventID, declaration or not), so that an event is
 * found by its eventID alone, then 6 of SHA-256 over the recorder, so that two parties may each record an event of
 * one eventID.
 */
export const eventKey = (recorder: string, eventID: string, declaration: boolean): string =>
  hash('sha256', `${declaration ? 'declaration' : 'event'}/${eventID}`).slice(0, nameDigits) +
  recorderDigits(recorder);

/** Events of one recorder come together, so the last digits are kept. */
function recorderDigits(recorder: string): string {
  if (recorder !== latest.recorder)
    latest = { recorder, digits: hash('sha256', recorder).slice(0, keyDigits - nameDigits) };
  return latest.digits;
}
let latest = { recorder: '', digits: '' };

/** First and last key that events of one eventID can have, whoever recorded them. */
export const eventKeyRange = (key: string): { readonly first: string; readonly last: string } => ({
  first: key.slice(0, nameDigits).padEnd(keyDigits, '0'),
  last: key.slice(0, nameDigits).padEnd(keyDigits, 'f'),
});

/** A key as PostgreSQL reads bytes (bytea hex format). */
export const keyCell = (key: string): string => `\\x${key}`;
