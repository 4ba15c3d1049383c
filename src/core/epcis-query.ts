/**
 * The parameters of a SimpleEventQuery (EPCIS 2.0 §8.2.7.1), read into tests of events and what an index can find.
 *
 *   EQ_bizStep=shipping,receiving & MATCH_epc=urn:epc:id:sgtin:69012345.06789.A7 & GE_eventTime=2025-07-01T00:00:00Z
 *   →  events that name 01/06901234567892/21/A7, found by its chain; of these the tests keep what fits
 *
 * Values of one parameter are alternatives, parameters are conditions. Identifiers in any spelling are compared as
 * facts have them, words of CBV as bare words. A pattern (`urn:epc:idpat:…`, a Digital Link of a kind) matches all of
 * its kind. Extension members are named with a prefix (`EQ_acme:line`, `EQ_ILMD_cbvmda:lotNumber`, `EXISTS_acme:line`)
 * that the event may call otherwise: namespaces are compared.
 */
import { fault, ok, type Result } from '../errors.ts';
import type { Json, JsonObject } from './canonical.ts';
import { bareWord, type CbvKind } from './cbv-words.ts';
import { eventTypes, namespaces } from './epcis.ts';
import type { Context } from './epcis-context.ts';
import { isObject, objectsOf, textOf, textsOf } from './event-members.ts';
import { canonicalUri } from './gs1-translation.ts';
import { parseEventTime } from './time.ts';

export type EventTest = (event: JsonObject) => boolean;

/** Half open, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export interface EventQuery {
  readonly tests: readonly EventTest[];
  /** An event names one of these, each list; null when no parameter says so. */
  readonly epcs: readonly string[] | null;
  readonly eventIDs: readonly string[] | null;
  readonly happened: Span;
  readonly recorded: Span;
  readonly orderBy: 'eventTime' | 'recordTime';
  readonly direction: 'ASC' | 'DESC';
  /** Stop after so many. */
  readonly limit: number | null;
  /** Refuse when there are more. */
  readonly most: number | null;
}

export interface QueryReading {
  readonly host: string;
  /** What the prefixes of extension members stand for. */
  readonly context: Context;
}

const wrong = (name: string, detail: string) => fault('invalid-query', `${name}: ${detail}`);

/** In which members a parameter looks for EPCs. */
const epcMembers: Readonly<Record<string, readonly string[]>> = {
  epc: ['epcList', 'childEPCs'],
  parentID: ['parentID'],
  inputEPC: ['inputEPCList'],
  outputEPC: ['outputEPCList'],
  anyEPC: ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList', 'parentID'],
};
const classMembers: Readonly<Record<string, readonly string[]>> = {
  epcClass: ['quantityList', 'childQuantityList'],
  inputEPCClass: ['inputQuantityList'],
  outputEPCClass: ['outputQuantityList'],
  anyEPCClass: ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'],
};

/** Reads parameters by name, each with its values. Fault: `invalid-query`. */
export function parseEventQuery(
  parameters: ReadonlyMap<string, readonly string[]>,
  reading: QueryReading,
): Result<EventQuery> {
  const tests: EventTest[] = [];
  let epcs: readonly string[] | null = null;
  let eventIDs: readonly string[] | null = null;
  const spans = {
    eventTime: { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY },
    recordTime: { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY },
  };
  const settings: Record<string, string> = {};
  for (const [name, values] of parameters) {
    if (values.length === 0) return wrong(name, 'give a value.');
    const [first = ''] = values;
    const time = /^(GE|LT)_(eventTime|recordTime)$/.exec(name);
    if (time !== null) {
      const read = parseEventTime(first);
      if (!read.ok) return wrong(name, read.detail);
      const span = spans[time[2] === 'eventTime' ? 'eventTime' : 'recordTime'];
      if (time[1] === 'GE') span.from = Math.max(span.from, read.value.from);
      else span.until = Math.min(span.until, read.value.from);
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
  return ok({
    tests,
    epcs,
    eventIDs,
    happened: spans.eventTime,
    recorded: spans.recordTime,
    orderBy: orderBy === 'eventTime' ? 'eventTime' : 'recordTime',
    direction: orderDirection === 'ASC' ? 'ASC' : 'DESC',
    limit: eventCountLimit === undefined ? null : Number(eventCountLimit),
    most: maxEventCount === undefined ? null : Number(maxEventCount),
  });
}

const count = /^[1-9]\d{0,8}$/;
const controls: Readonly<Record<string, RegExp>> = {
  orderBy: /^(?:eventTime|recordTime)$/,
  orderDirection: /^(?:ASC|DESC)$/,
  eventCountLimit: count,
  maxEventCount: count,
};

interface ReadTest {
  readonly test: EventTest;
  /** The exact EPCs of which an event that passes names at least one. */
  readonly epcs?: readonly string[];
}
const plain = (test: EventTest): Result<ReadTest> => ok({ test });

function testOf(name: string, values: readonly string[], reading: QueryReading): Result<ReadTest> {
  const kinds = /^MATCH_(\w+)$/.exec(name)?.[1];
  if (kinds !== undefined) return matching(name, kinds, values, reading);
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
      return worded(name, 'step', values, (event) => [textOf(event, 'bizStep')]);
    case 'EQ_disposition':
      return worded(name, 'disposition', values, (event) => [textOf(event, 'disposition')]);
    case 'EQ_persistentDisposition_set':
    case 'EQ_persistentDisposition_unset': {
      const member = name.slice('EQ_persistentDisposition_'.length);
      return worded(name, 'disposition', values, ({ persistentDisposition: it }) =>
        isObject(it) ? textsOf(it, member) : [],
      );
    }
    case 'EQ_errorReason':
      return worded(name, 'reason', values, ({ errorDeclaration: it }) =>
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
    case 'GE_errorDeclarationTime':
    case 'LT_errorDeclarationTime':
      return declared(name, values[0] ?? '');
    default:
      return typedTest(name, values, reading) ?? extensionTest(name, values, reading);
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
  const wanted = type === undefined ? null : bareWord(kind, type);
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
  found: (event: JsonObject) => readonly (string | null)[],
): Result<ReadTest> {
  const wanted = new Set<string>();
  for (const value of values) {
    const word = bareWord(kind, value);
    if (word === null) return wrong(name, `${value} is neither a word of CBV 2.0 nor a URI.`);
    wanted.add(word);
  }
  return plain((event) => found(event).some((it) => it !== null && wanted.has(it)));
}

function identified(
  name: string,
  values: readonly string[],
  { host }: QueryReading,
  found: (event: JsonObject) => readonly (string | null)[],
): Result<ReadTest> {
  const wanted = new Set<string>();
  for (const value of values) {
    const read = canonicalUri(value, host);
    if (!read.ok) return wrong(name, read.detail);
    wanted.add(read.value);
  }
  return plain((event) => found(event).some((it) => it !== null && wanted.has(it)));
}

const idOf = (value: Json | undefined): string | null => (isObject(value) ? textOf(value, 'id') : null);

function matching(
  name: string,
  kind: string,
  values: readonly string[],
  { host }: QueryReading,
): Result<ReadTest> {
  const members = Object.hasOwn(epcMembers, kind) ? epcMembers[kind] : undefined;
  const classes = Object.hasOwn(classMembers, kind) ? classMembers[kind] : undefined;
  if (members === undefined && classes === undefined)
    return wrong(name, 'there is no such parameter; /docs lists them.');
  const wanted: string[] = [];
  for (const value of values) {
    const read = canonicalUri(value.replace(/^urn:epc:pat:/i, 'urn:epc:idpat:'), host);
    if (!read.ok) return wrong(name, read.detail);
    wanted.push(read.value);
  }
  const exact = new Set(wanted);
  const kinds = wanted.filter(isKind);
  const fits = (epc: string): boolean =>
    exact.has(epc) || (kinds.length > 0 && kinds.some((it) => isOfKind(epc, it)));
  const found = (event: JsonObject): readonly (string | null)[] =>
    members !== undefined
      ? members.flatMap((it) => (it === 'parentID' ? [textOf(event, it)] : textsOf(event, it)))
      : (classes ?? []).flatMap((it) => objectsOf(event, it).map((q) => textOf(q, 'epcClass')));
  const test: EventTest = (event) => found(event).some((epc) => epc !== null && fits(epc));
  return ok(kinds.length > 0 ? { test } : { test, epcs: wanted });
}

/** Names all of a kind: a product, an asset, document or coupon type, a component. */
const isKind = (path: string): boolean =>
  /^(?:01\/\d{14}|8003\/\d{14}|25[35]\/\d{13}|8010\/[^/]+|8006\/\d{18})$/.test(path);
const isOfKind = (path: string, kind: string): boolean =>
  path.startsWith(`${kind}/`) || (/^(?:8003|253|255)\//.test(kind) && path.startsWith(kind));

/** What an extension parameter compares. */
type Compare = (found: Json) => boolean;

const comparisons = ['EQ', 'GT', 'GE', 'LT', 'LE', 'EXISTS'] as const;

function extensionTest(name: string, values: readonly string[], reading: QueryReading): Result<ReadTest> {
  const [, how, place = '', member = ''] =
    /^(EQ|GT|GE|LT|LE|EXISTS)_(INNER_ILMD_|ILMD_|INNER_)?([^_].*)$/.exec(name) ?? [];
  const comparison = comparisons.find((it) => it === how);
  const wanted = expanded(member, reading.context, reading.host);
  if (comparison === undefined || wanted === null)
    return wrong(name, 'there is no such parameter, or nobody said what its prefix stands for.');
  const compare = comparing(comparison, values);
  const inner = place.startsWith('INNER_');
  const ilmd = place.endsWith('ILMD_');
  return plain((event) => {
    const names = namesOf(event, reading.host);
    const start = ilmd ? event.ilmd : event;
    return isObject(start) && holds(start, { wanted, inner, compare, names, skip: ilmd ? '' : 'ilmd' });
  });
}

function comparing(how: (typeof comparisons)[number], values: readonly string[]): Compare {
  if (how === 'EXISTS') return () => true;
  if (how === 'EQ') return (found) => values.includes(String(found));
  const [bound = ''] = values;
  const number = Number(bound);
  return (found) => {
    const numeric = bound !== '' && Number.isFinite(number) && found !== '' && Number.isFinite(Number(found));
    const left = numeric ? Number(found) : momentOf(String(found));
    const right = numeric ? number : momentOf(bound);
    if (left === null || right === null) return false;
    if (how === 'GT') return left > right;
    if (how === 'GE') return left >= right;
    return how === 'LT' ? left < right : left <= right;
  };
}

function momentOf(text: string): number | null {
  const read = parseEventTime(text);
  return read.ok ? read.value.from : null;
}

type Names = ReadonlyMap<string, string>;

/** The prefixes of an event: those that all facts share, and those it declares. */
function namesOf(event: JsonObject, host: string): Names {
  const declared = isObject(event['@context']) ? event['@context'] : {};
  const own = Object.entries(declared).filter((it): it is [string, string] => typeof it[1] === 'string');
  return new Map([...Object.entries(namespaces(host)), ...own]);
}

/** Namespace and local name as one text; null when nobody said what the prefix stands for. */
function expanded(name: string, names: Names, host: string): string | null {
  const colon = name.indexOf(':');
  if (colon < 1) return null;
  if (name.startsWith('//', colon + 1)) return name.replace('#', '');
  const prefix = name.slice(0, colon);
  const home = names.get(prefix) ?? (prefix === 'suyuan' ? namespaces(host).suyuan : undefined);
  return home === undefined ? null : home + name.slice(colon + 1);
}

interface Search {
  readonly wanted: string;
  readonly inner: boolean;
  readonly compare: Compare;
  readonly names: Names;
  /** A member that is looked at by other parameters. */
  readonly skip: string;
}

function holds(value: JsonObject, search: Search): boolean {
  return Object.entries(value).some(([name, member]) => {
    if (name === search.skip || name === '@context') return false;
    const colon = name.indexOf(':');
    const home = colon < 1 ? undefined : search.names.get(name.slice(0, colon));
    const full = home === undefined ? name : home + name.slice(colon + 1);
    const items = Array.isArray(member) ? member : [member];
    if (full === search.wanted && items.some((it) => search.compare(isObject(it) ? '' : (it ?? ''))))
      return true;
    return search.inner && items.some((it) => isObject(it) && holds(it, search));
  });
}
