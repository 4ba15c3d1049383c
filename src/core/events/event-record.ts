/**
 * Events read back: the compact record of an event and the part each identifier has in it. Pure functions of the
 * fact, for events of our own hops and for EPCIS 2.0 events written elsewhere alike.
 *
 *   { type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'shipping', disposition: 'in_transit', … }
 *     →  hop `ship`, giver and taker from the possessing parties, place from the read point
 */

import { isOpaqueId } from '../opaque-id.ts';
import { parseAmount, pieces } from '../quantity.ts';
import type { JsonObject } from '../text/canonical.ts';
import { dayEnd, type EventTime, parseEventTime, precisions } from '../time.ts';
import { hopOf, isMismatch } from './event-kind.ts';
import { held, isObject, objectsOf, pointOf, textOf, textsOf } from './event-members.ts';
import {
  type HopNote,
  type HopRecord,
  type HopType,
  type Outcome,
  type PartyId,
  type PlaceId,
  type Position,
  type Role,
  roles,
  type Transfer,
  transfers,
} from './hop.ts';

/** One identifier's part in an event. */
export interface EventPart {
  /** Canonical path: unit, lot, container, or a place as parent. */
  readonly epc: string;
  readonly position: Position;
  /** Millionths of `uom` for quantities, else null. */
  readonly amount: bigint | null;
  readonly uom: string | null;
}

/**
 * The record of an event fact. `recordedAt` in ms since the epoch; its `target` is for the caller to look up by
 * `eventTarget`. Throws when the fact holds no readable time: none such is kept.
 */
export function hopRecord(seq: number, recordedAt: number, recorder: PartyId, event: JsonObject): HopRecord {
  const hop = hopOf(event);
  const captured = isObject(event.captured) ? event.captured : null;
  const from = held(event, 'sourceList', 'source', 'possessing_party');
  const to = held(event, 'destinationList', 'destination', 'possessing_party');
  // Who gives or takes where nobody is named: the recorder, unless it reports what was done at another's place.
  const settled = (by: JsonObject, name: 'giver' | 'taker', acts: boolean): PartyId | null =>
    partyOf(textOf(by, name)) ?? (acts && by.reporter !== true ? recorder : null);
  const act = isObject(event.errorDeclaration) ? event.errorDeclaration : event;
  const time = timeOf(act);
  const due = textOf(event, 'suyuan:nextDue');
  return {
    seq,
    recordedAt,
    hop,
    recorder,
    as: roleOf(act, captured),
    from: time.from,
    until: time.until,
    giver: captured ? settled(captured, 'giver', hop === 'ship' && from === null) : partyOf(from),
    taker: captured ? settled(captured, 'taker', hop === 'receive' && to === null) : partyOf(to),
    transfer: transferOf(hop, event),
    place: happenedAt(event),
    toPlace: placeOf(held(event, 'destinationList', 'destination', 'location')),
    outcome: outcomeOf(hop, event),
    note: noteOf(hop, event),
    target: null,
    nextDue: due === null ? null : dayEnd(due, time.offset),
    reporter: captured?.reporter === true,
  };
}

/** Minutes by which the clock that an event was told by is ahead of UTC: `+08:00` is 480. */
export function eventZone(event: JsonObject): number {
  const declared = isObject(event.errorDeclaration) ? event.errorDeclaration : null;
  // Who writes times in UTC says in which zone they were told beside them.
  const told =
    declared === null && event.captured !== undefined ? textOf(event, 'eventTimeZoneOffset') : null;
  const offset = told ?? timeOf(declared ?? event).offset;
  return (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));
}

/** Every identifier an event names and in which list, in the order of the lists; unreadable amounts, which the first versions kept, are null. */
export function eventParts(event: JsonObject): EventPart[] {
  const parent = textOf(event, 'parentID');
  return [
    ...single('epc', textsOf(event, 'epcList')),
    ...single('parent', parent === null ? [] : [parent]),
    ...single('child', textsOf(event, 'childEPCs')),
    ...single('input', textsOf(event, 'inputEPCList')),
    ...single('output', textsOf(event, 'outputEPCList')),
    ...counted('quantity', objectsOf(event, 'quantityList')),
    ...counted('child', objectsOf(event, 'childQuantityList')),
    ...counted('input', objectsOf(event, 'inputQuantityList')),
    ...counted('output', objectsOf(event, 'outputQuantityList')),
  ];
}

/**
 * eventID of the event that this one answers: what an error declaration takes back, a cancellation cancels, a
 * lifting lifts, or the end of the label that a new one replaces.
 */
export const eventTarget = (event: JsonObject): string | null =>
  textOf(event, isErrorDeclaration(event) ? 'eventID' : 'suyuan:target');

/** Until when what the event made is best used: RFC 3339 full-date, a day in China; null where it tells no such day. */
export function bestBefore({ ilmd }: JsonObject): string | null {
  const day = isObject(ilmd) ? textOf(ilmd, 'cbvmda:bestBeforeDate') : null;
  return day !== null && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null;
}

/** With the recorder and the eventID this is what makes an event the same event. */
export const isErrorDeclaration = (event: JsonObject): boolean => isObject(event.errorDeclaration);

const single = (position: Position, epcs: string[]): EventPart[] =>
  epcs.map((epc) => ({ epc, position, amount: null, uom: null }));

function counted(position: Position, elements: JsonObject[]): EventPart[] {
  return elements.flatMap((element): EventPart[] => {
    const epc = textOf(element, 'epcClass');
    if (epc === null) return [];
    const { quantity } = element;
    if (typeof quantity !== 'string' && typeof quantity !== 'number') {
      return [{ epc, position, amount: null, uom: null }];
    }
    const uom = textOf(element, 'uom') ?? pieces;
    const amount = parseAmount(String(quantity), uom);
    // Of nothing there is nothing to count.
    const counts = amount.ok && amount.value > 0n;
    return [{ epc, position, amount: counts ? amount.value : null, uom }];
  });
}

/** When an event happened or, of the error declaration in one, when that was declared. */
export function timeOf(act: JsonObject): EventTime {
  const text = textOf(act, 'declarationTime') ?? textOf(act, 'eventTime') ?? '';
  const said = textOf(act, 'suyuan:timePrecision');
  const time = parseEventTime(
    text,
    precisions.find((it) => it === said),
  );
  if (!time.ok) throw new Error(`a recorded event has no readable time: ${text}`);
  return time.value;
}

/** Events written elsewhere claim no role: it was settled when they were captured. */
function roleOf(act: JsonObject, captured: JsonObject | null): Role {
  const said = textOf(act, 'suyuan:as') ?? (captured && textOf(captured, 'as'));
  return roles.find((it) => it === said) ?? 'distributor';
}

function transferOf(hop: HopType, event: JsonObject): Transfer | null {
  if (hop === 'sell') return 'sale';
  const said = textOf(event, 'suyuan:transfer');
  if (said !== null) return transfers.find((it) => it === said) ?? null;
  return hop === 'ship' && held(event, 'destinationList', 'destination', 'owning_party') !== null
    ? 'sale'
    : null;
}

function outcomeOf(hop: HopType, event: JsonObject): Outcome | null {
  if (hop !== 'release' && hop !== 'inspect' && hop !== 'maintain' && hop !== 'refill') return null;
  switch (textOf(event, 'disposition')) {
    case 'conformant':
    case 'available':
      return 'conformant';
    case 'non_conformant':
      return 'non-conformant';
    default:
      return null;
  }
}

function noteOf(hop: HopType, event: JsonObject): HopNote | null {
  const action = textOf(event, 'action');
  switch (hop) {
    case 'receive':
      return isMismatch(event) ? 'mismatch' : null;
    case 'return':
      return isMismatch(event) ? 'mismatch' : 'returned';
    case 'adopt':
      return 'stock';
    case 'inspect': {
      const step = textOf(event, 'bizStep');
      return step === 'sampling' ? 'sampling' : step === 'holding' ? 'sample' : null;
    }
    case 'replace':
    case 'relabel':
      return action === 'DELETE' ? 'old' : 'new';
    case 'maintain':
    case 'refill':
      return event.type !== 'AssociationEvent' ? null : action === 'DELETE' ? 'old' : 'parts';
    default:
      return null;
  }
}

/** A party of this ledger; those named by another scheme alone are none. */
const partyOf = (path: string | null): PartyId | null =>
  path?.startsWith('party/') && isOpaqueId(path.slice(6)) ? (path.slice(6) as PartyId) : null;

/** Where an event happened, if that is a place of this ledger or of GS1's. */
export const happenedAt = (event: JsonObject): PlaceId | null =>
  placeOf(pointOf(event, 'readPoint') ?? pointOf(event, 'bizLocation'));

/** A place of this ledger or of GS1's. */
const placeOf = (path: string | null): PlaceId | null =>
  path !== null && /^(?:place|414)\//.test(path) ? (path as PlaceId) : null;
