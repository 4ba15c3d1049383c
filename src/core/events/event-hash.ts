/**
 * The CBV 2.0 event hash: a name that follows from what an event says, so that two who hold the same event
 * name it alike.
 *
 * Standard: CBV 2.0 §8.9 (EPCIS event hash ID), RFC 6920 (`ni` URIs). The hash is SHA-256 of a pre-hash string:
 * `key=value` pairs without separators in a fixed order; times in UTC with milliseconds, CBV words and
 * identifiers as URIs, lists sorted by code points, members of other namespaces as `{namespace}name`, last.
 * eventID, recordTime and errorDeclaration stay out: an error declaration names the event it takes back.
 *
 *   eventType=ObjectEventeventTime=2025-07-01T02:30:00.000ZeventTimeZoneOffset=+08:00
 *   epcListepc=https://id.gs1.org/01/06901234567892/21/A7action=OBSERVE
 *   bizStep=https://ref.gs1.org/cbv/BizStep-shipping…   (one string, broken here to be read)
 *
 * Where the standard's table and its public reference implementation (epcis-event-hash-generator, 1.9.3 and later)
 * differ, published hashes follow the implementation, and so do we:
 *
 * - parentID comes before epcList; the lists of transactions, destinations and sources come in alphabetical order with
 *   ilmd after the sensor elements, each with its type first; bizRules of a sensor report comes at the end of the event.
 * - A text that reads as a number is written as the double nearest to it, wherever it stands: "12.50" is 12.5, "007" is
 *   7, and 111100001111000011110000 becomes 111100001111000003641344. XML has no other numbers, and the same event is
 *   to have one hash in XML and in JSON. Of our own namespace alone text stays text: no hash of theirs is published for
 *   it, and what our refs tell apart must stay two events.
 * - What stands in an extension is translated if it is a GS1 key. A compact URI with a prefix of the sender's own
 *   stays, as in the published hashes of XML, where values know no prefixes.
 * - Members that the document says to leave out stay out (epcis-unhashed.ts).
 *
 * All of its published examples hash here as they say, in JSON-LD and in XML: an event in XML is hashed as the JSON-LD
 * that says the same (epcis-xml-event.ts), where the text of what has attributes (`#text`) comes before them.
 */

import { hash } from 'node:crypto';
import { canonicalUri } from '../gs1/gs1-translation.ts';
import { compareCodePoints, type Json, type JsonObject } from '../text/canonical.ts';
import { parseEventTime } from '../time.ts';
import { webHome } from './cbv-words.ts';
import { epcisUri, namespace, namespaces } from './epcis.ts';
import { isObject, type SensorMember, sensorMembers } from './event-members.ts';

/**
 * `ni:///sha-256;{64 hex}?ver=CBV2.0` of an event at a ledger of that host: a fact's body, or any EPCIS 2.0 event in
 * JSON-LD with its `@context`, whatever the spelling of its identifiers.
 * Members that neither EPCIS nor a namespace owns (`kind`, `by`, `private`) are no part of the event.
 */
export const eventHash = (event: JsonObject, host: string, unhashed?: ReadonlySet<string>): string =>
  `ni:///sha-256;${hash('sha256', preHash(event, host, unhashed), 'hex')}?ver=CBV2.0`;

const everythingHashed: ReadonlySet<string> = new Set();

/** The pre-hash string; `unhashed` are members of other namespaces to leave out, as `expandedName` calls them. */
export function preHash(
  event: JsonObject,
  host: string,
  unhashed: ReadonlySet<string> = everythingHashed,
): string {
  const names = declaredNamespaces(event, host);
  return [
    pair('eventType', plain(event.type)),
    pair('eventTime', time(event.eventTime)),
    pair('eventTimeZoneOffset', plain(event.eventTimeZoneOffset)),
    certificates(event.certificationInfo, host),
    pair('parentID', uriOf(event.parentID, host)),
    epcs('epcList', event, host),
    epcs('inputEPCList', event, host),
    epcs('childEPCs', event, host),
    quantities('quantityList', event, host),
    quantities('childQuantityList', event, host),
    quantities('inputQuantityList', event, host),
    epcs('outputEPCList', event, host),
    quantities('outputQuantityList', event, host),
    pair('action', plain(event.action)),
    pair('transformationID', uriOf(event.transformationID, host)),
    pair('bizStep', wordOf(event.bizStep, words.bizStep)),
    pair('disposition', wordOf(event.disposition, words.disposition)),
    persistent(event.persistentDisposition),
    point('readPoint', event, host, names),
    point('bizLocation', event, host, names),
    sensors(event.sensorElementList, names, host),
    typed('bizTransactionList', 'bizTransaction', words.transaction, event, host),
    typed('destinationList', 'destination', words.sourceDestination, event, host),
    named('ilmd', isObject(event.ilmd) ? extensions(event.ilmd, names) : ''),
    typed('sourceList', 'source', words.sourceDestination, event, host),
    sorted([...extensionItems(event, names, unhashed), ...reportRules(event.sensorElementList, host)]),
  ].join('');
}

/** Where the bare words of CBV live. */
const words = {
  bizStep: webHome('step'),
  disposition: webHome('disposition'),
  transaction: webHome('transaction'),
  sourceDestination: webHome('party'),
  component: 'https://ref.gs1.org/cbv/Comp-',
  gs1: 'https://gs1.org/voc/',
} as const;

// An event is hashed for every hop: no function is made anew for it, and what it lacks costs nothing.

function epcs(name: string, event: JsonObject, host: string): string {
  const value = event[name];
  return value === undefined
    ? ''
    : list(
        name,
        elements(value).map((epc) => pair('epc', uriOf(epc, host))),
      );
}

function quantities(name: string, event: JsonObject, host: string): string {
  const value = event[name];
  return value === undefined
    ? ''
    : list(
        name,
        objects(value).map(
          (q) =>
            `quantityElement${pair('epcClass', uriOf(q.epcClass, host))}${pair('quantity', plain(q.quantity))}${pair('uom', plain(q.uom))}`,
        ),
      );
}

function point(name: string, event: JsonObject, host: string, names: Names): string {
  const place = event[name];
  return isObject(place) ? named(name, pair('id', uriOf(place.id, host)) + extensions(place, names)) : '';
}

function typed(name: string, member: string, home: string, event: JsonObject, host: string): string {
  const value = event[name];
  return value === undefined
    ? ''
    : list(
        name,
        objects(value).map(
          (it) => pair('type', wordOf(it.type, home)) + pair(member, uriOf(it[member], host)),
        ),
      );
}

interface Names {
  /** Namespaces by prefix. */
  readonly spaces: Readonly<Record<string, string>>;
  /** How the names of this ledger's own namespace begin. */
  readonly own: string;
}
type Write = (value: Json | undefined) => string;

const pair = (name: string, value: string): string => (value === '' ? '' : `${name}=${value}`);
const named = (name: string, content: string): string => (content === '' ? '' : name + content);
const sorted = (items: string[]): string =>
  (items.length > 1 ? items.sort(compareCodePoints) : items).join('');
const list = (name: string, items: string[]): string => named(name, sorted(items));

const elements = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const objects = (value: Json | undefined): JsonObject[] => elements(value).filter(isObject);

const plain: Write = (value) => {
  if (typeof value === 'number') return numeral(value);
  const text = asSaid(value);
  if (!decimalForm.test(text)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? numeral(number) : text;
};

/** Text of our own namespace. */
const asSaid: Write = (value) => {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

const decimalForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number as the reference implementation has it (Python's `str` of an int or float): 23, 12.5, 1e-05. */
function numeral(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/**
 * An identifier as the standard's canonical Digital Link, whatever its spelling; what is none stays. Of what a path
 * may bear unescaped the reference implementation leaves three characters as they are.
 */
function uriOf(value: Json | undefined, host: string): string {
  const text = plain(value);
  const path = foreign.test(text) ? canonicalUri(text, host) : null;
  const uri = epcisUri(path?.ok ? path.value : text, host);
  return uri.includes('%') && uri.startsWith('https://id.gs1.org/')
    ? uri.replace(/%(?:27|3B|3D)/g, decodeURIComponent)
    : uri;
}
const foreign = /^(?:urn:epc:|https?:)/i;

const time: Write = (value) => {
  const text = plain(value);
  const read = parseEventTime(text);
  return read.ok ? new Date(read.value.from).toISOString() : text;
};

/** A bare word or one with a standard prefix as its URI; URIs stay. */
function wordOf(value: Json | undefined, home: string): string {
  const text = plain(value);
  if (!text.includes(':')) return text === '' ? text : home + text;
  if (text.startsWith('gs1:')) return words.gs1 + text.slice(4);
  if (text.startsWith('cbv:')) return `https://ref.gs1.org/cbv/${text.slice(4)}`;
  // The URNs of CBV 1.x, such as urn:epcglobal:cbv:bizstep:shipping.
  const old = /^urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt):(.+)$/.exec(text)?.[1];
  return old === undefined ? text : home + old;
}

/** One, or several. */
const certificates = (value: Json | undefined, host: string): string =>
  Array.isArray(value)
    ? sorted(value.map((it) => pair('certificationInfo', uriOf(it, host))))
    : pair('certificationInfo', uriOf(value, host));

function persistent(value: Json | undefined): string {
  if (!isObject(value)) return '';
  const part = (name: string) =>
    sorted(elements(value[name]).map((it) => pair(name, wordOf(it, words.disposition))));
  return named('persistentDisposition', part('set') + part('unset'));
}

function sensors(value: Json | undefined, names: Names, host: string): string {
  if (value === undefined) return '';
  const write = (kind: SensorMember['kind']): Write => {
    switch (kind) {
      case 'value':
        return (it) => uriOf(it, host);
      case 'time':
        return time;
      case 'gs1-word':
        return (it) => wordOf(it, words.gs1);
      case 'component':
        return (it) => wordOf(it, words.component);
      case 'late':
        return () => '';
    }
  };
  const part = (content: JsonObject, members: readonly SensorMember[]) =>
    members.map(({ name, kind }) => pair(name, write(kind)(content[name]))).join('') +
    extensions(content, names);
  const all = objects(value).map((element) => {
    const metadata = isObject(element.sensorMetadata)
      ? part(element.sensorMetadata, sensorMembers.metadata)
      : '';
    const reports = objects(element.sensorReport).map((r) =>
      named('sensorReport', part(r, sensorMembers.report)),
    );
    return named(
      'sensorElement',
      named('sensorMetadata', metadata) + sorted(reports) + extensions(element, names),
    );
  });
  return list('sensorElementList', all);
}

/**
 * bizRules of sensor reports, which JSON and XML schemas of the standard admit there and its order does not know: the
 * reference implementation takes it up at the end, with all that it stands in.
 */
function reportRules(value: Json | undefined, host: string): string[] {
  const all = objects(value).map((element) => {
    const reports = objects(element.sensorReport).map((it) =>
      named('sensorReport', pair('bizRules', uriOf(it.bizRules, host))),
    );
    return named('sensorElement', sorted(reports));
  });
  const content = list('sensorElementList', all);
  return content === '' ? [] : [content];
}

/** The members of other namespaces that stand directly in `value`. */
const extensions = (value: JsonObject, names: Names): string => sorted(extensionItems(value, names));

function extensionItems(value: JsonObject, names: Names, unhashed = everythingHashed): string[] {
  const items: string[] = [];
  for (const name in value) {
    if (!name.includes(':') || name === 'rdfs:comment') continue;
    if (unhashed.size > 0 && unhashed.has(expandedName(name, names.spaces))) continue;
    const member = value[name];
    if (typeof member === 'string') items.push(simpleExtension(name, member, names));
    // Pushed one by one: there may be more of one name than a call takes arguments.
    else for (const it of extension(name, member, names)) items.push(it);
  }
  return items;
}

function extension(name: string, value: Json | undefined, names: Names): string[] {
  if (Array.isArray(value)) return value.flatMap((it) => extension(name, it, names));
  if (!isObject(value)) return [simpleExtension(name, value, names)];
  // Text beside attributes or children, as XML has it.
  const { '#text': own, ...others } = value;
  const children = Object.entries(others).flatMap(([child, it]) => extension(child, it, names));
  return [simpleExtension(name, own, names) + sorted(children)];
}

function simpleExtension(name: string, value: Json | undefined, names: Names): string {
  const full = expandedName(name, names.spaces);
  return full + written((full.startsWith(names.own) ? asSaid : plain)(value));
}

/** Of another's words only what is plainly an identifier is translated: no host of ours is needed for that. */
const written = (text: string): string => text && `=${foreign.test(text) ? uriOf(text, '') : text}`;

/** The name of a member with its namespace: `{https://ns.acme.example/epcis/}line`. */
export function expandedName(name: string, spaces: Names['spaces']): string {
  const colon = name.indexOf(':');
  const space = colon < 0 ? undefined : spaces[name.slice(0, colon)];
  return space === undefined ? name : `{${space}}${name.slice(colon + 1)}`;
}

/** The namespaces of this house and those the event declares in an `@context` of its own. */
function declaredNamespaces(event: JsonObject, host: string): Names {
  const own = `{${namespace(host)}}`;
  const context = event['@context'];
  if (context === undefined) return { spaces: namespaces(host), own };
  const spaces: Record<string, string> = { ...namespaces(host) };
  for (const declared of Array.isArray(context) ? context : [context])
    if (isObject(declared))
      for (const [prefix, uri] of Object.entries(declared)) if (typeof uri === 'string') spaces[prefix] = uri;
  return { spaces, own };
}
