/**
 * The parameters of a SimpleEventQuery (EPCIS 2.0 §8.2.7.1), read into tests of events and what an index can find.
 *
 *   EQ_bizStep=shipping|receiving & MATCH_epc=urn:epc:id:sgtin:69012345.06789.A7 & GE_eventTime=2025-07-01T00:00:00Z
 *   →  events that name 01/06901234567892/21/A7, found by its chain; of these the tests keep what fits
 *
 * Values of one parameter are alternatives, parameters are conditions. Identifiers in any spelling are compared as
 * facts have them, words of CBV as bare words. A pattern (`urn:epc:idpat:…`, a Digital Link of a kind) matches all of
 * its kind. Sensor data and quantities: epcis-query-sensor.ts; extension members: epcis-query-extension.ts; orders by them: epcis-query-order.ts. Which
 * places lie within another (`WD_readPoint`) is no part of an event: whoever asks brings that (`withinTest`); nor is what
 * master data says of what it names: epcis-query-attributes.ts.
 */
import { ok, type Result } from '../../errors.ts';
import { bareWord, type CbvKind } from '../events/cbv-words.ts';
import { eventTypes } from '../events/epcis.ts';
import { isObject, objectsOf, textOf, textsOf } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { parseEventTime } from '../time.ts';
import { fullUri } from './epcis-context.ts';
import { type AttributeOf, attributeOf } from './epcis-query-attributes.ts';
import { extensionTest } from './epcis-query-extension.ts';
import { matchTest } from './epcis-query-match.ts';
import { type Direction, type SortBy, sortByOf } from './epcis-query-order.ts';
import { measuredTest } from './epcis-query-sensor.ts';
import {
  asksExistence,
  type EventTest,
  identified,
  identifiers,
  plain,
  positiveCount,
  type QueryReading,
  type ReadTest,
  wrong,
} from './epcis-query-tests.ts';

export type { EventTest, QueryReading } from './epcis-query-tests.ts';

/** Half open, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** An event's place is one of these, or within one of them. */
export interface Within {
  readonly member: 'readPoint' | 'bizLocation';
  readonly places: readonly string[];
}

export interface EventQuery {
  readonly tests: readonly EventTest[];
  readonly within: readonly Within[];
  /** What master data must say of what an event names. */
  readonly attributes: readonly AttributeOf[];
  /** An event names one of these, each list; null when no parameter says so. */
  readonly epcs: readonly string[] | null;
  readonly eventIDs: readonly string[] | null;
  readonly happened: Span;
  readonly recorded: Span;
  /** By one of the times, or by what an event says. */
  readonly orderBy: 'eventTime' | 'recordTime' | SortBy;
  readonly direction: Direction;
  /** Stop after so many. */
  readonly limit: number | null;
  /** Refuse when there are more. */
  readonly most: number | null;
}

/** Reads parameters by name, each with its values. Fault: `invalid-query`. */
export function parseEventQuery(
  parameters: ReadonlyMap<string, readonly string[]>,
  reading: QueryReading,
): Result<EventQuery> {
  const tests: EventTest[] = [];
  const within: Within[] = [];
  const attributes: AttributeOf[] = [];
  let epcs: readonly string[] | null = null;
  let eventIDs: readonly string[] | null = null;
  const spans = {
    eventTime: { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY },
    recordTime: { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY },
  };
  const settings: Record<string, string> = {};
  for (const [name, values] of parameters) {
    if (values.length === 0) return wrong(name, 'give a value.');
    if (values.length > 1 && takesOne.test(name)) return wrong(name, 'give one value.');
    const [first = ''] = values;
    const asks = name.startsWith('EXISTS_') ? asksExistence(first) : true;
    if (asks === null) return wrong(name, 'write true or false.');
    if (!asks) continue;
    const time = /^(GE|LT)_(eventTime|recordTime)$/.exec(name);
    const attribute = attributeOf(name, values, reading);
    const [, place] = /^WD_(readPoint|bizLocation)$/.exec(name) ?? [];
    if (time !== null) {
      const read = parseEventTime(first);
      if (!read.ok) return wrong(name, read.detail);
      const span = spans[time[2] === 'eventTime' ? 'eventTime' : 'recordTime'];
      if (time[1] === 'GE') span.from = Math.max(span.from, read.value.from);
      else span.until = Math.min(span.until, read.value.from);
    } else if (place === 'readPoint' || place === 'bizLocation') {
      const read = identifiers(name, values, reading);
      if (!read.ok) return read;
      within.push({ member: place, places: read.value });
    } else if (attribute !== null) {
      if (!attribute.ok) return attribute;
      attributes.push(attribute.value);
    } else if (Object.hasOwn(controls, name)) {
      if (!controls[name]?.test(first)) return wrong(name, `must match ${String(controls[name])}.`);
      settings[name] = first;
    } else {
      const read = testOf(name, values, reading);
      if (!read.ok) return read;
      tests.push(read.value.test);
      // The first list of exact EPCs is what an index looks for; the tests do the rest.
      epcs ??= read.value.epcs ?? null;
      eventIDs ??= name === 'EQ_eventID' ? values : null;
    }
  }
  const { eventCountLimit, maxEventCount, orderBy, orderDirection } = settings;
  if (eventCountLimit !== undefined && maxEventCount !== undefined)
    return wrong('maxEventCount', 'goes without eventCountLimit; give one of the two.');
  if (eventCountLimit !== undefined && orderBy === undefined)
    return wrong('eventCountLimit', 'the first of which order? Give orderBy.');
  const sorted = orderBy?.includes(':') ? sortByOf(orderBy, reading) : null;
  if (sorted?.ok === false) return sorted;
  return ok({
    tests,
    within,
    attributes,
    epcs,
    eventIDs,
    happened: spans.eventTime,
    recorded: spans.recordTime,
    orderBy: sorted?.value ?? (orderBy === 'eventTime' ? 'eventTime' : 'recordTime'),
    direction: orderDirection === 'ASC' ? 'ASC' : 'DESC',
    limit: eventCountLimit === undefined ? null : Number(eventCountLimit),
    most: maxEventCount === undefined ? null : Number(maxEventCount),
  });
}

/** Parameters of which several values could not all be meant. */
const takesOne = /^(?:EXISTS|GT|GE|LT|LE)_|^(?:orderBy|orderDirection|eventCountLimit|maxEventCount)$/;

const controls: Readonly<Record<string, RegExp>> = {
  orderBy: /^(?:eventTime|recordTime|.*:.*)$/,
  orderDirection: /^(?:ASC|DESC)$/,
  eventCountLimit: positiveCount,
  maxEventCount: positiveCount,
};

function testOf(name: string, values: readonly string[], reading: QueryReading): Result<ReadTest> {
  const kinds = /^MATCH_(\w+)$/.exec(name)?.[1];
  if (kinds !== undefined) return matchTest(name, kinds, values, reading);
  switch (name) {
    case 'eventType': {
      const unknown = values.find((value) => !eventTypes.some((type) => type === value));
      return unknown === undefined
        ? plain(({ type }) => values.some((value) => value === type))
        : wrong(name, `there is no ${unknown}.`);
    }
    case 'EQ_action':
      return values.every((value) => /^(?:ADD|OBSERVE|DELETE)$/.test(value))
        ? plain(({ action }) => values.some((value) => value === action))
        : wrong(name, 'must be ADD, OBSERVE or DELETE.');
    case 'EQ_bizStep':
      return worded(name, 'step', values, reading, (event) => [textOf(event, 'bizStep')]);
    case 'EQ_disposition':
      return worded(name, 'disposition', values, reading, (event) => [textOf(event, 'disposition')]);
    case 'EQ_persistentDisposition_set':
    case 'EQ_persistentDisposition_unset': {
      const member = name.slice('EQ_persistentDisposition_'.length);
      return worded(name, 'disposition', values, reading, ({ persistentDisposition: it }) =>
        isObject(it) ? textsOf(it, member) : [],
      );
    }
    case 'EQ_errorReason':
      return worded(name, 'reason', values, reading, ({ errorDeclaration: it }) =>
        isObject(it) ? [textOf(it, 'reason')] : [],
      );
    case 'EQ_readPoint':
    case 'EQ_bizLocation': {
      const member = name.slice(3);
      return identified(name, values, reading, (event) => [idOf(event[member])]);
    }
    case 'EQ_transformationID':
    case 'EQ_eventID':
      return identified(name, values, reading, (event) => [textOf(event, name.slice(3))]);
    case 'EQ_correctiveEventID':
      return identified(name, values, reading, ({ errorDeclaration: it }) =>
        isObject(it) ? textsOf(it, 'correctiveEventIDs') : [],
      );
    case 'EXISTS_errorDeclaration':
      return plain((event) => isObject(event.errorDeclaration));
    // The standard's query schema spells them with an underscore more.
    case 'GE_errorDeclaration_Time':
    case 'LT_errorDeclaration_Time':
    case 'GE_errorDeclarationTime':
    case 'LT_errorDeclarationTime':
      return declared(name, values[0] ?? '');
    default:
      return (
        typedTest(name, values, reading) ??
        measuredTest(name, values, reading) ??
        extensionTest(name, values, reading)
      );
  }
}

function declared(name: string, value: string): Result<ReadTest> {
  const bound = parseEventTime(value);
  if (!bound.ok) return wrong(name, bound.detail);
  const { from } = bound.value;
  return plain(({ errorDeclaration: it }) => {
    const said = parseEventTime((isObject(it) && textOf(it, 'declarationTime')) || '');
    return said.ok && (name.startsWith('GE') ? said.value.from >= from : said.value.from < from);
  });
}

const typedLists = {
  bizTransaction: ['bizTransactionList', 'transaction'],
  source: ['sourceList', 'party'],
  destination: ['destinationList', 'party'],
} as const;

/** `EQ_bizTransaction_po`, `EQ_source_possessing_party`: values of one type. Null when the name is no such. */
function typedTest(name: string, values: readonly string[], reading: QueryReading): Result<ReadTest> | null {
  const [, member, type] = /^EQ_(bizTransaction|source|destination)(?:_(.+))?$/.exec(name) ?? [];
  if (member !== 'bizTransaction' && member !== 'source' && member !== 'destination') return null;
  const [list, kind] = typedLists[member];
  const wanted = type === undefined ? null : bareWord(kind, fullUri(type, reading.context));
  if (type !== undefined && wanted === null) return wrong(name, `there is no type ${type}.`);
  return identified(name, values, reading, (event) =>
    objectsOf(event, list)
      .filter((it) => wanted === null || it.type === wanted)
      .map((it) => textOf(it, member)),
  );
}

function worded(
  name: string,
  kind: CbvKind,
  values: readonly string[],
  { context }: QueryReading,
  found: (event: JsonObject) => readonly (string | null)[],
): Result<ReadTest> {
  const wanted = new Set<string>();
  for (const value of values) {
    const word = bareWord(kind, fullUri(value, context));
    if (word === null) return wrong(name, `${value} is neither a word of CBV 2.0 nor a URI.`);
    wanted.add(word);
    // Facts of before say compact URIs as they were sent.
    wanted.add(value);
  }
  return plain((event) => found(event).some((it) => it !== null && wanted.has(it)));
}

/** Passes events whose place is among these: those that lie within what was asked for, and that itself. */
export function withinTest({ member, places }: Within): EventTest {
  const wanted = new Set(places);
  return (event) => {
    const id = idOf(event[member]);
    // A GLN with an extension is a part of the place that the GLN names (GS1 General Specifications §3.8.5).
    return id !== null && (wanted.has(id) || wanted.has(id.replace(/^(414\/\d{13})\/254\/.*$/, '$1')));
  };
}

const idOf = (value: Json | undefined): string | null => (isObject(value) ? textOf(value, 'id') : null);
