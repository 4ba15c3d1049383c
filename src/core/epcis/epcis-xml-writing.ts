/**
 * EPCIS 2.0 events in JSON-LD as XML (EPCIS 2.0 §9): the way back from epcis-xml.ts. What was read of what is written
 * here says the same, and has the same event hash.
 *
 *   {"type":"ObjectEvent","action":"ADD","epcList":["https://…"],"bizStep":"shipping","acme:line":["1","2"]}
 *   →  <ObjectEvent xmlns:acme="…"><epcList><epc>https://…</epc></epcList><action>ADD</action>
 *      <bizStep>https://ref.gs1.org/cbv/BizStep-shipping</bizStep><acme:line>1</acme:line><acme:line>2</acme:line></ObjectEvent>
 *
 * Elements stand in the order of the standard's schema, those of other namespaces after them; each event declares the
 * namespaces that it uses. Names that XML cannot say are written in another way (xml-text.ts), and do not come back.
 */

import { type CbvKind, cbvWords, urnHome, webHome } from '../events/cbv-words.ts';
import { eventTypes } from '../events/epcis.ts';
import { isObject, objectsOf, sensorMembers } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { xmlText, xmlValue } from '../text/xml-text.ts';
import { withDeclared } from './epcis-context.ts';
import { vocabularyXml } from './epcis-vocabulary-xml.ts';
import { element, foreign, foreignParts, scalar } from './epcis-xml-elements.ts';
import { createXmlNames, type XmlNames } from './epcis-xml-names.ts';
import { componentHome } from './sensor-words.ts';

/** How words of the standard are written (header GS1-CBV-XML-Format, EPCIS 2.0 §12.3.3). */
export const cbvXmlFormats = ['No_Preference', 'Always_Web_URI', 'Always_URN', 'Never_Translates'] as const;
export type CbvXmlFormat = (typeof cbvXmlFormats)[number];

interface Writing {
  readonly names: XmlNames;
  readonly words: CbvXmlFormat;
}
/** Writes a member. */
type Write = (value: Json, name: string, writing: Writing) => string;

/** An EPCISQueryDocument of JSON-LD as XML. */
export function queryDocumentXml(document: JsonObject, words: CbvXmlFormat): string {
  const { creationDate, epcisBody: body, 'suyuan:proof': proof } = document;
  const results = isObject(body) && isObject(body.queryResults) ? body.queryResults : {};
  const { queryName = '', subscriptionID, resultsBody: inner } = results;
  const found = isObject(inner) ? inner : {};
  const context = document['@context'];
  const events = objectsOf(found, 'eventList').map((it) => eventXml(within(it, context), words));
  const vocabularies = objectsOf(found, 'vocabularyList').map((it) => vocabularyXml(it, context));
  const list =
    found.vocabularyList === undefined
      ? ['<EventList>\n', ...events, '</EventList>']
      : ['<VocabularyList>\n', ...vocabularies, '</VocabularyList>'];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<epcisq:EPCISQueryDocument xmlns:epcisq="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0"',
    ` creationDate="${xmlValue(String(creationDate))}"><EPCISBody><epcisq:QueryResults>`,
    `<queryName>${xmlText(String(queryName))}</queryName>`,
    subscriptionID === undefined ? '' : element('subscriptionID', xmlText(scalar(subscriptionID))),
    '<resultsBody>',
    ...list,
    '</resultsBody></epcisq:QueryResults></EPCISBody>',
    proof === undefined ? '' : proofXml(proof, context ?? []),
    '</epcisq:EPCISQueryDocument>\n',
  ].join('');
}

/** What is said inside with what is declared outside. */
const within = (inner: JsonObject, outer: Json | undefined): JsonObject => ({
  ...inner,
  '@context': [outer ?? [], inner['@context'] ?? []].flat(),
});

/** An event of JSON-LD with its `@context`. */
export function eventXml(event: JsonObject, words: CbvXmlFormat): string {
  const names = createXmlNames(withDeclared(new Map(), event['@context']));
  const inside = members(event, orders[String(event.type)] ?? writers, { names, words });
  return `<${String(event.type)}${names.declarations()}>${inside}</${String(event.type)}>\n`;
}

/** As the JSON that it is, for JSON is what it is checked by. */
function proofXml(proof: Json, context: Json): string {
  const names = createXmlNames(withDeclared(new Map(), context));
  const inside = foreign(JSON.stringify(proof), 'suyuan:proof', names);
  return inside.replace(/^<[^\s>]+/, (tag) => tag + names.declarations());
}

const plain: Write = (value, name) =>
  Array.isArray(value)
    ? value.map((it) => element(name, xmlText(scalar(it)))).join('')
    : element(name, xmlText(scalar(value)));

/** What is done where the client leaves the choice to us, and where it says nothing. */
export const writtenWords = (asked: CbvXmlFormat): CbvXmlFormat =>
  asked === 'No_Preference' ? 'Always_Web_URI' : asked;

/** A word of the standard, in facts bare; one that is no more stays as it is (`withWordsAsSent`). */
const wordText = (kind: CbvKind, value: Json, { words }: Writing): string => {
  const text = scalar(value);
  if (!cbvWords[kind].has(text)) return text;
  return (words === 'Always_URN' ? urnHome(kind) : webHome(kind)) + text;
};
const word =
  (kind: CbvKind): Write =>
  (value, name, writing) =>
    plain(
      Array.isArray(value) ? value.map((it) => wordText(kind, it, writing)) : wordText(kind, value, writing),
      name,
      writing,
    );

const list =
  (item: string, write: Write): Write =>
  (value, name, writing) =>
    element(name, (Array.isArray(value) ? value : []).map((it) => write(it, item, writing)).join(''));

/** `<source type="…">…</source>` */
const typed =
  (kind: CbvKind): Write =>
  (value, name, writing) => {
    if (!isObject(value)) return '';
    const { type, [name]: text = '', ...others } = value;
    const said = type === undefined ? '' : ` type="${xmlValue(wordText(kind, type, writing))}"`;
    const { attributes, inside } = foreignParts(others, writing.names, true);
    return `<${name}${said}${attributes}>${xmlText(scalar(text))}${inside}</${name}>`;
  };

const object =
  (order: Readonly<Record<string, Write>>): Write =>
  (value, name, writing) =>
    element(name, isObject(value) ? members(value, order, writing) : '');

/** Bare words of a sensor report by the vocabulary that they are of (EPCIS 2.0 §7.3.7). */
const sensorHomes = { 'gs1-word': 'gs1:', component: componentHome } as const;

/** `<sensorReport type="…" value="…"/>` */
const sensor =
  (known: (typeof sensorMembers)[keyof typeof sensorMembers]): Write =>
  (value, name, writing) => {
    if (!isObject(value)) return '';
    const said = known.map(({ name: member, kind }) => {
      const it = value[member];
      if (it === undefined) return '';
      const home = kind === 'gs1-word' || kind === 'component' ? sensorHomes[kind] : '';
      const text = scalar(it);
      return ` ${member}="${xmlValue(text.includes(':') ? text : home + text)}"`;
    });
    const others = Object.fromEntries(
      Object.entries(value).filter(([member]) => !known.some((it) => it.name === member)),
    );
    const { attributes, inside } = foreignParts(others, writing.names, true);
    const start = `<${name}${said.join('')}${attributes}`;
    return inside === '' ? `${start}/>` : `${start}>${inside}</${name}>`;
  };

const epcs = list('epc', plain);
const quantities = list('quantityElement', object({ epcClass: plain, quantity: plain, uom: plain }));
const place = object({ id: plain });
const reports: Write = (value, name, writing) =>
  (Array.isArray(value) ? value : []).map((it) => sensor(sensorMembers.report)(it, name, writing)).join('');

const writers: Readonly<Record<string, Write>> = {
  eventTime: plain,
  recordTime: plain,
  eventTimeZoneOffset: plain,
  eventID: plain,
  errorDeclaration: object({
    declarationTime: plain,
    reason: word('reason'),
    correctiveEventIDs: list('correctiveEventID', plain),
  }),
  certificationInfo: plain,
  parentID: plain,
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  inputQuantityList: quantities,
  outputEPCList: epcs,
  outputQuantityList: quantities,
  transformationID: plain,
  action: plain,
  bizStep: word('step'),
  disposition: word('disposition'),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list('bizTransaction', typed('transaction')),
  quantityList: quantities,
  childQuantityList: quantities,
  sourceList: list('source', typed('party')),
  destinationList: list('destination', typed('party')),
  sensorElementList: list(
    'sensorElement',
    object({ sensorMetadata: sensor(sensorMembers.metadata), sensorReport: reports }),
  ),
  persistentDisposition: object({ unset: word('disposition'), set: word('disposition') }),
  ilmd: object({}),
};

/** What the schema has elsewhere than the table above. */
const first: Readonly<Record<string, readonly string[]>> = {
  TransactionEvent: ['bizTransactionList'],
  AssociationEvent: ['parentID', 'childEPCs', 'childQuantityList'],
};
const base = [
  'eventTime',
  'recordTime',
  'eventTimeZoneOffset',
  'eventID',
  'errorDeclaration',
  'certificationInfo',
];

/** The table in the order of the schema for a type of event (EPCIS 2.0 §9.5). */
function orderOf(type: string): Readonly<Record<string, Write>> {
  const names = [...base, ...(first[type] ?? []), ...Object.keys(writers)];
  return Object.fromEntries(
    names.flatMap((name) => (writers[name] === undefined ? [] : [[name, writers[name]]])),
  );
}
const orders = Object.fromEntries(eventTypes.map((type) => [type, orderOf(type)]));

/** Members that are no elements. */
const unwritten: ReadonlySet<string> = new Set(['@context', 'type']);

/** Members of the standard in their order, then those of others. */
function members(value: JsonObject, order: Readonly<Record<string, Write>>, writing: Writing): string {
  let written = '';
  for (const [name, write] of Object.entries(order)) {
    const member = value[name];
    if (member !== undefined) written += write(member, name, writing);
  }
  for (const [name, member] of Object.entries(value))
    if (!Object.hasOwn(order, name) && !unwritten.has(name)) written += foreign(member, name, writing.names);
  return written;
}
