/**
 * EPCIS documents in XML (EPCIS 2.0 §9, and EPCIS 1.2 §9) as the JSON-LD documents that say the same (EPCIS 2.0 §10):
 * from there on it does not matter which of the two was sent.
 *
 *   <epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:acme="https://ns.acme.example/epcis/"
 *     schemaVersion="2.0" creationDate="2025-07-01T10:00:00Z"><EPCISBody><EventList>
 *     <ObjectEvent><action>OBSERVE</action><epcList><epc>urn:…</epc></epcList><acme:line>7</acme:line></ObjectEvent>
 *   </EventList></EPCISBody></epcis:EPCISDocument>
 *   →  {"@context":[{"acme":"https://ns.acme.example/epcis/"}],"type":"EPCISDocument","schemaVersion":"2.0",
 *       "creationDate":"2025-07-01T10:00:00Z","epcisBody":{"eventList":[
 *       {"type":"ObjectEvent","action":"OBSERVE","epcList":["urn:…"],"acme:line":"7"}]}}
 *
 * Events are made one by one as they are read (epcis-xml-event.ts). What has no meaning here, such as the header of
 * another standard (SBDH), is passed over.
 */
import { type Fault, fault, ok, type Result } from '../../errors.ts';
import { eventTypes } from '../events/epcis.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { maxDepth } from '../text/strict-json.ts';
import { createXmlReader, type XmlElement, type XmlVisitor, type XmlWish } from '../text/xml.ts';
import { createEventSize } from './epcis-size.ts';
import { isUnhashed } from './epcis-unhashed.ts';
import { createNames, eventJson, isEpcis, vocabularyElementJson } from './epcis-xml-event.ts';

export interface EpcisXmlReader {
  /** Reads on. The first fault ends the reading. */
  write(text: string): Fault | null;
  /** The document, once all of it was written. */
  end(): Result<JsonObject>;
}

export interface EpcisXmlLimits {
  /** Most events of a document. */
  readonly eventsMax: number;
  /** Most elements of a document, wherever they stand. */
  readonly elementsMax: number;
}

const roots: Readonly<Record<string, string>> = {
  'urn:epcglobal:epcis:xsd:2': 'EPCISDocument',
  'urn:epcglobal:epcis:xsd:1': 'EPCISDocument',
  'urn:epcglobal:epcis-query:xsd:2': 'EPCISQueryDocument',
  'urn:epcglobal:epcis-query:xsd:1': 'EPCISQueryDocument',
  'urn:epcglobal:epcis-masterdata:xsd:2': 'EPCISMasterDataDocument',
  'urn:epcglobal:epcis-masterdata:xsd:1': 'EPCISMasterDataDocument',
};

/** On the way to events and master data; `extension` stands where a later version put something (EPCIS 1.2 §9.4). */
const onTheWay: ReadonlySet<string> = new Set([
  'EPCISBody',
  'QueryResults',
  'resultsBody',
  'EventList',
  'extension',
  'EPCISHeader',
  'EPCISMasterData',
  'VocabularyList',
  'Vocabulary',
  'VocabularyElementList',
]);
const eventNames: ReadonlySet<string> = new Set([...eventTypes, 'QuantityEvent']);

/** Reads a document, or an event as a document of one. Faults: those of xml.ts and epcis-size.ts, `invalid-request`, `too-many-events`. */
export function createEpcisXmlReader({ eventsMax, elementsMax }: EpcisXmlLimits): EpcisXmlReader {
  const names = createNames();
  const events: Json[] = [];
  let document: JsonObject = {};
  let queryName: string | null = null;
  let hasList = false;
  const vocabularies: { readonly type: string; readonly vocabularyElementList: Json[] }[] = [];
  let things = 0;
  let size = createEventSize();
  /** Where what is being kept will stand. */
  let at = '';

  function keep(pointer: string): XmlWish {
    size = createEventSize();
    at = pointer;
    return 'keep';
  }

  function root(element: XmlElement): XmlWish | Fault {
    const type = roots[element.space];
    if (isEpcis(element) && eventNames.has(element.name)) {
      // When its document was made it does not say, and nobody asks.
      document = { type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '1970-01-01T00:00:00Z' };
      hasList = true;
      return keep('/epcisBody/eventList/0');
    }
    if (type === undefined || type !== element.name)
      return fault(
        'invalid-request',
        'Send an EPCISDocument, EPCISQueryDocument or EPCISMasterDataDocument of the XML schemas of EPCIS 2.0 or 1.2.',
      );
    const [version = '', creationDate] = ['schemaVersion', 'creationDate'].map((it) => said(element, it));
    if (!/^(?:1|2)(?:\.\d+)*$/.test(version))
      return fault('invalid-request', 'Must be "2.0" or "1.2".', '/schemaVersion');
    // Master data alone stands in a document without events.
    const alone = type === 'EPCISMasterDataDocument';
    hasList ||= alone;
    document = {
      type: alone ? 'EPCISDocument' : type,
      schemaVersion: '2.0',
      ...(creationDate === undefined ? {} : { creationDate }),
    };
    return 'enter';
  }

  const visitor: XmlVisitor = {
    open(element, depth) {
      if (depth === 0) return root(element);
      if (depth === 1 && isUnhashed(element.space, element.name)) return keep('');
      if (!isEpcis(element)) return 'skip';
      if (eventNames.has(element.name)) {
        if (events.length < eventsMax) return keep(`/epcisBody/eventList/${events.length}`);
        return fault('too-many-events', `A document holds at most ${eventsMax} events. Split it.`);
      }
      hasList ||= element.name === 'EventList';
      if (element.name === 'VocabularyElement' && vocabularies.length > 0) {
        if (++things <= eventsMax) return keep('/epcisHeader');
        return fault('too-many-events', `A header tells of at most ${eventsMax} things. Split it.`);
      }
      if (element.name === 'Vocabulary')
        vocabularies.push({ type: said(element, 'type') ?? '', vocabularyElementList: [] });
      return onTheWay.has(element.name) || element.name === 'queryName' ? 'enter' : 'skip';
    },
    within({ space, name, attributes }) {
      let wrong = size.add(`${space} ${name}`, 1);
      for (const it of attributes) wrong ??= size.add(`${it.space} ${it.name}`, 1);
      return wrong && { ...wrong, pointer: at };
    },
    closed({ name, text }) {
      if (name === 'queryName') queryName = text.trim();
    },
    kept(element) {
      if (isUnhashed(element.space, element.name)) {
        document = { ...document, [names.of(element)]: element.children.map((it) => names.of(it)) };
        return null;
      }
      const list =
        element.name === 'VocabularyElement' ? vocabularies.at(-1)?.vocabularyElementList : undefined;
      const read = list === undefined ? eventJson(element, names) : vocabularyElementJson(element, names);
      (list ?? events).push(read);
      // Lists of elements of one name nest deeper in JSON than in XML.
      if (!isDeeper(read, maxDepth - (list === undefined ? 4 : 7))) return null;
      const detail = `Nest elements at most ${maxDepth} deep; several of one name count twice.`;
      return fault('too-deep', detail, at);
    },
  };
  const reader = createXmlReader(visitor, elementsMax);

  return {
    write: (text) => reader.write(text),
    end() {
      const found = reader.end();
      if (found !== null) return { ok: false, ...found };
      const body = hasList ? { eventList: events } : {};
      return ok({
        '@context': [names.context()],
        ...document,
        ...(vocabularies.length === 0
          ? {}
          : { epcisHeader: { epcisMasterData: { vocabularyList: vocabularies } } }),
        epcisBody:
          document.type === 'EPCISQueryDocument'
            ? { queryResults: { queryName: queryName ?? '', resultsBody: body } }
            : body,
      });
    },
  };
}

/** An attribute of the standard's own. */
const said = ({ attributes }: XmlElement, name: string): string | undefined =>
  attributes.find((it) => it.space === '' && it.name === name)?.value.trim();

/** Whether arrays and objects stand in one another in more than `levels`. */
const isDeeper = (value: Json, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((it) => isDeeper(it, levels - 1)));
