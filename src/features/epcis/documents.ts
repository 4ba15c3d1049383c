/** EPCIS documents: where the events stand in one, and what it declares for all of them. */

import { baseContext, type Context, prefixesMax, withDeclared } from '../../core/epcis/epcis-context.ts';
import { unhashedIn } from '../../core/epcis/epcis-unhashed.ts';
import { readVocabularies, type VocabularyClaim } from '../../core/epcis/epcis-vocabulary.ts';
import { isObject } from '../../core/events/event-members.ts';
import type { Json, JsonObject } from '../../core/text/canonical.ts';
import { pointerToken } from '../../core/text/strict-json.ts';
import { parseEventTime } from '../../core/time.ts';
import { fault, ok, type Result } from '../../errors.ts';

export interface EpcisDocument {
  readonly context: Context;
  /** Members that it leaves out of event hashes. */
  readonly unhashed: ReadonlySet<string>;
  readonly events: readonly Json[];
  /** What its header says of the things that events name. */
  readonly claims: readonly VocabularyClaim[];
  /** JSON Pointer to the list of events. */
  readonly at: string;
}

const wrong = (pointer: string, detail: string) => fault('invalid-request', detail, pointer);

/** EPCIS 2.0 §10.2; all others bear a prefix. */
const members: ReadonlySet<string> = new Set([
  '@context',
  'id',
  'type',
  'schemaVersion',
  'creationDate',
  'instanceIdentifier',
  'sender',
  'receiver',
  'epcisHeader',
  'epcisBody',
]);

const isVersion = (value: Json | undefined): boolean =>
  typeof value === 'string' && /^2(?:\.\d+)*$/.test(value);
/** A date-time; in XML it may be without its zone (xsd:dateTime). */
const isMoment = (value: Json | undefined): boolean =>
  typeof value === 'string' &&
  value.includes('T') &&
  (parseEventTime(value).ok || parseEventTime(`${value}Z`).ok);

/** The events of an EPCISDocument or EPCISQueryDocument (EPCIS 2.0 §10.2). Faults: `invalid-request`, `unknown-member`, those of `readVocabularies`. */
export function readDocument(value: unknown, host: string): Result<EpcisDocument> {
  if (!isObject(value)) return wrong('', 'Send an EPCISDocument or EPCISQueryDocument.');
  const { type, schemaVersion, creationDate, epcisBody: body } = value;
  const isQuery = type === 'EPCISQueryDocument';
  if (type !== 'EPCISDocument' && !isQuery)
    return wrong('/type', 'Must be EPCISDocument or EPCISQueryDocument.');
  const unknown = Object.keys(value).find((name) => !members.has(name) && !name.includes(':'));
  if (unknown !== undefined)
    return fault(
      'unknown-member',
      'A document has no such member; remove it, or give it a prefix of your own.',
      `/${pointerToken(unknown)}`,
    );
  // The answer to a query may go without (EPCIS-JSON-Schema, epcisQueryDocument).
  if (!(isQuery && schemaVersion === undefined) && !isVersion(schemaVersion))
    return wrong('/schemaVersion', 'Must be "2.0"; what else there is cannot be read as JSON.');
  if (!(isQuery && creationDate === undefined) && !isMoment(creationDate))
    return wrong('/creationDate', 'Say when the document was made, as 2025-07-01T10:30:00+08:00.');
  if (value['@context'] === undefined)
    return wrong(
      '/@context',
      'This member is required: the context of EPCIS, and what your prefixes stand for.',
    );
  const context = withDeclared(baseContext(host), value['@context']);
  if (context.size > prefixesMax)
    return wrong('/@context', `A document uses at most ${prefixesMax} namespaces; split it.`);
  const { claims, faults } = readVocabularies(value, { host, context });
  const [first] = faults;
  if (first !== undefined) return { ok: false, ...first };
  const found = listIn(isObject(body) ? body : {}, isQuery);
  const place = found ?? (claims.length > 0 ? { events: [], at: '/epcisBody/eventList' } : null);
  if (place === null)
    return wrong('/epcisBody', 'The body holds no list of events; EPCIS 2.0 §10.2 says where it stands.');
  return ok({ ...place, claims, context, unhashed: unhashedIn(value, context) });
}

/** A document that was checked before it was kept as JSON. */
export function readKept(text: string, host: string): EpcisDocument {
  const read = readDocument(JSON.parse(text), host);
  if (!read.ok) throw new Error(`what was kept is no document: ${read.detail}`);
  return read.value;
}

function listIn(body: JsonObject, isQuery: boolean): Pick<EpcisDocument, 'events' | 'at'> | null {
  const { queryResults: results } = body;
  const inner = isQuery && isObject(results) ? results.resultsBody : body;
  const at = isQuery ? '/epcisBody/queryResults/resultsBody' : '/epcisBody';
  if (!isObject(inner)) return null;
  if (Array.isArray(inner.eventList)) return { events: inner.eventList, at: `${at}/eventList` };
  return inner.event === undefined ? null : { events: [inner.event], at: `${at}/event` };
}

/** Where an event of a document stands. */
export const eventPointer = ({ at }: Pick<EpcisDocument, 'at'>, i: number): string =>
  at.endsWith('/event') ? at : `${at}/${i}`;

/** The one event of a document that holds no other, with what the document declares. Fault: `invalid-request`. */
export function onlyEvent(document: JsonObject, host: string): Result<LoneEvent> {
  const read = readDocument(document, host);
  if (!read.ok) return read;
  const { events, claims, at, unhashed } = read.value;
  if (claims.length > 0)
    return wrong('/epcisHeader', 'One event is taken here; send master data with it to /epcis/v2/capture.');
  const [event, more] = events;
  if (!isObject(event) || more !== undefined)
    return wrong(at, 'One event is taken here; send documents to /epcis/v2/capture.');
  return ok({ event: { ...event, '@context': document['@context'] ?? [] }, unhashed });
}

export interface LoneEvent {
  readonly event: JsonObject;
  /** Members that its document leaves out of its hash. */
  readonly unhashed: ReadonlySet<string>;
}
