/**
 * Event facts as EPCIS 2.0 JSON-LD for others (EPCIS 2.0 §10): the way back from `epcis-reading.ts`. Identifiers leave
 * as URIs, quantities as JSON numbers, and the entry that records the event is named in our own namespace.
 *
 *   {"kind":"event","by":"M…","epcList":["01/06901234567892/21/A7"],"captured":{"prefixes":["69012345"],…},…}
 *   →  {"epcList":["https://id.gs1.org/01/06901234567892/21/A7"],"recordTime":"…","suyuan:entry":17,…}
 *      or, as an EPC URN,  {"epcList":["urn:epc:id:sgtin:69012345.06789.A7"],…}
 *
 * Proof with the answer: the member `suyuan:proof` of the document is
 *
 *   {"checkpoint":"example.org/log\n12\n…","entries":[{"entry":{…,"seq":5,"v":1},"fact":{…},"path":["<h>"]}]}
 *
 * with checkpoint and entries as in a file of evidence (evidence.ts), in order of `seq`, which is what `suyuan:entry` of
 * each event names. SHA-256(0x00 ‖ RFC 8785 text of `entry`) is the leaf that `path` proves under the checkpoint, `fact`
 * opens the digest of the entry, and what it says gives the event again by the rules of this file. It stands beside the
 * events and not in them, so that their hashes (event-hash.ts) stay what they were; JSON-LD reads it as plain JSON. Events
 * that no checkpoint covers yet are named apart, `"pending":[{"seq":12,"reason":"not-published"}]`: ask again for these.
 */

import { epcisUri, namespace, namespaces } from '../events/epcis.ts';
import { isObject } from '../events/event-members.ts';
import type { ProvenEntry } from '../evidence/evidence.ts';
import { isKeyPath } from '../gs1/gs1-translation.ts';
import { formatAt } from '../log/entry.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { type EpcFormat, identifierWriter, type PrefixDigits, urnTeller } from './epcis-spelling.ts';

export interface Writing {
  /** Host of the ledger. */
  readonly host: string;
  readonly format: EpcFormat;
  /** How long the company prefixes are of keys that came as Digital Links. */
  readonly learnt?: PrefixDigits;
}

/** An event fact with its place in the log. */
export interface Recording {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly fact: JsonObject;
}

/** Members by which a fact is recorded, and no part of the event. */
const recording: ReadonlySet<string> = new Set([
  'kind',
  'by',
  'captured',
  'claim',
  'claimKey',
  'claimSignature',
]);
const quantityLists: ReadonlySet<string> = new Set([
  'quantityList',
  'childQuantityList',
  'inputQuantityList',
  'outputQuantityList',
]);
const wantsList: ReadonlySet<Json> = new Set(['ObjectEvent', 'TransactionEvent']);
/** Members in which identifiers stand as they do in facts. */
const identifying: ReadonlySet<string> = new Set([
  'epcList',
  'parentID',
  'childEPCs',
  'inputEPCList',
  'outputEPCList',
  'transformationID',
  'certificationInfo',
  'readPoint',
  'bizLocation',
  'bizTransactionList',
  'sourceList',
  'destinationList',
  'eventID',
]);

/** The event of a fact. */
export function writeEpcisEvent({ seq, at, fact }: Recording, { host, format, learnt }: Writing): JsonObject {
  const event = translated(fact, identifierWriter(fact, format, host, learnt));
  event.recordTime = formatAt(at);
  event['suyuan:entry'] = seq;
  event['suyuan:recorder'] = epcisUri(`party/${String(fact.by)}`, host);
  return event;
}

/** The keys in a fact of which nothing that it came with tells how they are written as EPC URNs. */
export function keysWithoutUrn(fact: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  const isTold = urnTeller(fact);
  translated(fact, (path) => {
    if (isKeyPath(path) && !isTold(path)) found.add(path);
    return path;
  });
  return found;
}

/** What a fact says as an event, with its identifiers as `uri` writes them. */
function translated(fact: JsonObject, uri: (path: string) => string): Record<string, Json> {
  const event: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fact)) {
    if (recording.has(name)) continue;
    if (quantityLists.has(name)) event[name] = quantities(value, uri);
    else if (identifying.has(name) || name.startsWith('suyuan:')) event[name] = mapped(value, uri);
    else if (name === 'ilmd') event[name] = ours(value, uri);
    else event[name] = value;
  }
  // The schema wants a list, even an empty one; a fact leaves out what says nothing.
  if (wantsList.has(fact.type ?? null) && !('epcList' in event) && !('quantityList' in event))
    event.epcList = [];
  return event;
}

/** Whether an event, as it is written, names things by Digital Links of ours. */
export const hasLinks = (event: JsonObject): boolean =>
  Object.entries(event).some(([name, value]) => {
    if (name === 'ilmd') return isObject(value) && hasOwnLinks(value);
    return (quantityLists.has(name) || identifying.has(name) || name.startsWith('suyuan:')) && linksIn(value);
  });
const hasOwnLinks = (master: JsonObject): boolean =>
  Object.entries(master).some(([name, value]) => !theirs(name) && linksIn(value));
const linksIn = (value: Json): boolean => {
  if (typeof value === 'string') return value.startsWith('https://id.gs1.org/');
  return typeof value === 'object' && value !== null && Object.values(value).some(linksIn);
};

/** Entries of events, proven under one checkpoint. */
export type EventsProof = {
  /** A signed note (checkpoint.ts). */
  readonly checkpoint: string;
  readonly entries: readonly ProvenEntry[];
  /** Entries that no checkpoint covers yet; absent where there are none. */
  readonly pending?: readonly Pending[];
};
export type Pending = { readonly seq: number; readonly reason: 'not-published' };

/** What is answered: EPCIS 2.0 §10.2, EPCISQueryDocument. */
export interface QueryAnswer {
  readonly queryName: string;
  /** Where it is answered unasked. */
  readonly subscriptionID?: string;
  readonly events: readonly JsonObject[];
  readonly proof: EventsProof | null;
  /** ms since the epoch. */
  readonly at: number;
}

export const queryDocument = (
  { queryName, subscriptionID, events, proof, at }: QueryAnswer,
  host: string,
): JsonObject => ({
  '@context': contexts(host, proof !== null),
  type: 'EPCISQueryDocument',
  schemaVersion: '2.0',
  creationDate: formatAt(at),
  epcisBody: {
    queryResults: {
      queryName,
      ...(subscriptionID === undefined ? {} : { subscriptionID }),
      resultsBody: { eventList: events },
    },
  },
  ...(proof === null ? {} : { 'suyuan:proof': proof }),
});

/** Master data that is answered, by the kinds of things. `at`: ms since the epoch. */
export const masterDataDocument = (
  vocabularyList: readonly JsonObject[],
  at: number,
  host: string,
): JsonObject => ({
  '@context': contexts(host, false),
  type: 'EPCISQueryDocument',
  schemaVersion: '2.0',
  creationDate: formatAt(at),
  epcisBody: { queryResults: { queryName: 'SimpleMasterDataQuery', resultsBody: { vocabularyList } } },
});

/** What stands before events of this ledger: the standard's context and our own (JSON-LD 1.1 §4.2.2: `@json`). */
const contexts = (host: string, proven: boolean): readonly Json[] => [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  {
    ...namespaces(host),
    ...(proven ? { 'suyuan:proof': { '@id': `${namespace(host)}proof`, '@type': '@json' } } : {}),
  },
];

function mapped(value: Json, uri: (path: string) => string): Json {
  if (typeof value === 'string') return uri(value);
  if (Array.isArray(value)) return value.map((it) => mapped(it, uri));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [name, theirs(name) ? it : mapped(it, uri)]),
  );
}
const theirs = (name: string): boolean => name.includes(':') && !name.startsWith('suyuan:');

/** Master data of instances: only what we said is ours to translate. */
const ours = (value: Json, uri: (path: string) => string): Json =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, it]) => [name, theirs(name) ? it : mapped(it, uri)]),
      )
    : value;

/** Our own quantities are decimal strings: a number where one holds them exactly (EPCIS 2.0 §7.3.3.3). */
function quantities(value: Json, uri: (path: string) => string): Json {
  if (!Array.isArray(value)) return value;
  return value.map((element) => {
    if (!isObject(element)) return element;
    const { epcClass, quantity } = element;
    return {
      ...element,
      ...(typeof epcClass === 'string' ? { epcClass: uri(epcClass) } : {}),
      ...(typeof quantity === 'string' ? { quantity: Number(quantity) } : {}),
    };
  });
}
