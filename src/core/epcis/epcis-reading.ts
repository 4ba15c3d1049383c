/**
 * EPCIS 2.0 events as others send them in JSON-LD, checked and brought into the form of a fact's body (epcis.ts): the
 * same kind of event as those of our own hops.
 *
 * Standard: EPCIS 2.0 §7.4 (event types and their members), §7.3 (values), §10 (JSON-LD). Structure comes from the
 * tables below; what a table cannot say stands in `rules`. Worked example:
 *
 *   {"type":"ObjectEvent","eventTime":"2025-07-01T10:30:00+08:00","eventTimeZoneOffset":"+08:00","action":"OBSERVE",
 *    "epcList":["urn:epc:id:sgtin:69012345.06789.A7"],"bizStep":"https://ref.gs1.org/cbv/BizStep-shipping"}
 *   →  the same with "epcList":["01/06901234567892/21/A7"], "bizStep":"shipping" and its hash as eventID;
 *      prefixes ["69012345"], by which the URN can be written again
 *
 * recordTime is left out: when an event was recorded its entry says.
 */
import type { Fault } from '../../errors.ts';
import { type EventBody, type EventType, eventTypes } from '../events/epcis.ts';
import { eventHash } from '../events/event-hash.ts';
import { isRefinement } from '../events/event-kind.ts';
import { isObject } from '../events/event-members.ts';
import { hopTypes, roles, transfers } from '../events/hop.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { parseDate, precisions } from '../time.ts';
import { type Context, withDeclared } from './epcis-context.ts';
import { type Spelling, spellingOf } from './epcis-spelling.ts';
import {
  dispositions,
  epc,
  epcs,
  extensions,
  hasAny,
  list,
  newReading,
  note,
  object,
  offset,
  oneOf,
  oneOrMore,
  parties,
  place,
  quantities,
  type Read,
  type Reading,
  sensors,
  text,
  time,
  transactions,
  uri,
  word,
} from './epcis-values.ts';

export interface EpcisReading {
  /** Host of the ledger. */
  readonly host: string;
  /** What the document around the event declares (epcis-context.ts). */
  readonly context: Context;
  /** Members that its document leaves out of event hashes (epcis-unhashed.ts). */
  readonly unhashed?: ReadonlySet<string>;
}

export interface ReadEvent {
  /** null when anything is wrong with it. */
  readonly event: EventBody | null;
  /** With pointers into the event. */
  readonly faults: readonly Fault[];
  readonly prefixes: readonly string[];
  /** What else it takes to write it as it came (epcis-spelling.ts); null when nothing. */
  readonly spelling: Spelling | null;
}

const day: Read = (value, at, reading) => {
  const read = typeof value === 'string' ? parseDate(value) : null;
  return read?.ok ? read.value : note(reading, at, 'Write the day as 2025-07-01.', 'invalid-time');
};

/** What of this ledger's own namespace an event may bring: how our own hops say it. */
const declaring = {
  ref: text,
  as: oneOf(...roles),
  delegation: text,
  timePrecision: oneOf(...precisions),
  note: text,
};
const acting = {
  ...declaring,
  hop: oneOf(...hopTypes),
  transfer: oneOf(...transfers),
  nextDue: day,
  target: text,
  origin: text,
};
/** What this ledger says of an event when it tells it (epcis-writing.ts): like recordTime no part of the event. */
const nothing: Read = () => undefined;
const telling = { entry: nothing, recorder: nothing };

const always: Readonly<Record<string, Read>> = {
  type: oneOf(...eventTypes),
  eventID: uri,
  eventTime: time,
  eventTimeZoneOffset: offset,
  certificationInfo: oneOrMore(uri),
  errorDeclaration: object({
    members: { declarationTime: time, reason: word('reason'), correctiveEventIDs: list(uri) },
    required: ['declarationTime'],
    own: declaring,
  }),
  bizStep: word('step'),
  disposition: word('disposition'),
  persistentDisposition: dispositions,
  readPoint: place,
  bizLocation: place,
  bizTransactionList: transactions,
  sourceList: parties('source'),
  destinationList: parties('destination'),
  sensorElementList: sensors,
};
const action = { action: oneOf('ADD', 'OBSERVE', 'DELETE') };
const children = { parentID: epc, childEPCs: epcs, childQuantityList: quantities };
const objects = { epcList: epcs, quantityList: quantities };

/** EPCIS 2.0 §7.4.2 to §7.4.6. */
const membersOf: Readonly<Record<EventType, Readonly<Record<string, Read>>>> = {
  ObjectEvent: { ...action, ...objects, ilmd: extensions },
  AggregationEvent: { ...action, ...children },
  AssociationEvent: { ...action, ...children },
  TransactionEvent: { ...action, ...objects, parentID: epc },
  TransformationEvent: {
    transformationID: uri,
    inputEPCList: epcs,
    inputQuantityList: quantities,
    outputEPCList: epcs,
    outputQuantityList: quantities,
    ilmd: extensions,
  },
};

const shapeOf = (type: EventType): Read =>
  object({
    members: { ...always, ...membersOf[type] },
    required: ['eventTime', 'eventTimeZoneOffset', ...(type === 'TransformationEvent' ? [] : ['action'])],
    own: { ...acting, ...telling },
    ignored: ['@context', 'recordTime', 'rdfs:comment'],
  });
const shapes: Readonly<Record<EventType, Read>> = {
  ObjectEvent: shapeOf('ObjectEvent'),
  AggregationEvent: shapeOf('AggregationEvent'),
  AssociationEvent: shapeOf('AssociationEvent'),
  TransactionEvent: shapeOf('TransactionEvent'),
  TransformationEvent: shapeOf('TransformationEvent'),
};

/**
 * Reads an event. Faults: `invalid-request`, `unknown-member`, `invalid-identifier`, `invalid-check-digit`,
 * `invalid-time`, `invalid-quantity`, `duplicate-epc`.
 */
export function readEpcisEvent(value: Json, { host, context, unhashed }: EpcisReading): ReadEvent {
  const faults: Fault[] = [];
  const inner = isObject(value) ? withDeclared(context, value['@context']) : context;
  const reading = newReading({ host, context: inner }, faults);
  const type = isObject(value) ? eventTypes.find((it) => it === value.type) : undefined;
  const read = type === undefined ? undefined : shapes[type](value, '', reading);
  if (type === undefined || !isObject(read)) {
    note(reading, '/type', `Must be one of ${eventTypes.join(', ')}.`);
    return { event: null, faults, prefixes: [], spelling: null };
  }
  if (faults.length === 0) rules(type, read, reading, isObject(value) && hasAny(value, 'epcList'));
  if (faults.length > 0) return { event: null, faults, prefixes: [], spelling: null };
  const declared = [...reading.declared].sort(([a], [b]) => (a < b ? -1 : 1));
  const body: JsonObject =
    declared.length === 0 ? read : { ...read, '@context': Object.fromEntries(declared) };
  // A name of the form of a hash is a name like any other: those in the standard's own examples are not their hashes.
  const eventID = typeof body.eventID === 'string' ? body.eventID : eventHash(body, host, unhashed);
  const { said, words, prefixes } = reading;
  const spelling = spellingOf(said, words, prefixes, host);
  return { event: { ...body, eventID }, faults, prefixes: [...prefixes].sort(), spelling };
}

/** What no table says: EPCIS 2.0 §7.4.1.2 (error declarations), §7.4.2 to §7.4.6 (which lists go with which action). */
function rules(type: EventType, event: JsonObject, reading: Reading, hasEpcList: boolean): void {
  const say = (member: string, detail: string): undefined => note(reading, `/${member}`, detail);
  const { action: act, errorDeclaration: declaration, eventID } = event;
  switch (type) {
    case 'ObjectEvent':
      if (!hasAny(event, 'epcList', 'quantityList', 'sensorElementList'))
        say('epcList', 'Say what was seen: an EPC list, a quantity list or sensor elements.');
      if (hasAny(event, 'ilmd') && act !== 'ADD')
        say('ilmd', 'Master data of instances comes with action ADD alone.');
      break;
    case 'AggregationEvent':
      if (act !== 'OBSERVE' && !hasAny(event, 'parentID')) say('parentID', 'Name the container.');
      if (act !== 'DELETE' && !hasAny(event, 'childEPCs', 'childQuantityList'))
        say('childEPCs', 'Say what is in the container.');
      break;
    case 'AssociationEvent':
      if (!hasAny(event, 'parentID')) say('parentID', 'Name the place or thing that it belongs to.');
      if (act !== 'DELETE' && !hasAny(event, 'childEPCs', 'childQuantityList'))
        say('childEPCs', 'Say what belongs to it.');
      break;
    case 'TransactionEvent':
      if (!hasAny(event, 'bizTransactionList')) say('bizTransactionList', 'Name the transaction.');
      // That there are none yet is said by an empty list.
      if (act !== 'DELETE' && !hasEpcList && !hasAny(event, 'quantityList'))
        say('epcList', 'Say what the transaction is about: an EPC list or a quantity list.');
      break;
    case 'TransformationEvent': {
      const whole = hasAny(event, 'transformationID');
      if (!whole && !hasAny(event, 'inputEPCList', 'inputQuantityList'))
        say('inputEPCList', 'Say what went in, or give the transformation an id.');
      if (!whole && !hasAny(event, 'outputEPCList', 'outputQuantityList'))
        say('outputEPCList', 'Say what came out, or give the transformation an id.');
      break;
    }
  }
  if (contains(event, event.parentID))
    say('parentID', 'A thing cannot be its own part; take it off one of the lists.');
  if (isObject(declaration)) {
    const { correctiveEventIDs: instead = [] } = declaration;
    if (Array.isArray(instead) && instead.includes(eventID ?? ''))
      say('errorDeclaration/correctiveEventIDs', 'An event does not correct itself; name the new events.');
  }
  if (!isRefinement(event)) say('suyuan:hop', 'The event is not of the kind that this hop is; leave it out.');
}

const contains = ({ childEPCs }: JsonObject, parent: Json | undefined): boolean =>
  Array.isArray(childEPCs) && childEPCs.some((it) => it === parent);
