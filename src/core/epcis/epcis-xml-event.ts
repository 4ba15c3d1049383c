/**
 * One EPCIS event in XML as JSON-LD: the elements of EPCIS 2.0 §9.5 by the members of §10 that say the same.
 *
 * - `extension` and `baseExtension`, in which EPCIS 1.1 and 1.2 put what they added (EPCIS 1.2 §9.4), are no part of an
 *   event: what stands in them counts as if they were not there.
 * - Numbers become numbers where a double holds them; all else is kept as text, and told by whoever reads the event.
 * - Elements and attributes of other namespaces are members by prefix. An element that holds nothing but text is its
 *   text; one with attributes or children an object, its own text as `#text`; several of one name a list.
 * - QuantityEvent of EPCIS 1.0, which later versions gave up, is the ObjectEvent with a quantity list that EPCIS 1.2
 *   §7.4.4 says it equals.
 *
 *   <quantityElement><epcClass>urn:…</epcClass><quantity>12.50</quantity><uom>MTR</uom></quantityElement>
 *   →  {"epcClass":"urn:…","quantity":12.5,"uom":"MTR"}
 *   <acme:width unit="mm">40</acme:width>  →  "acme:width":{"#text":"40","unit":"mm"}
 */

import { numericMembers } from '../events/event-members.ts';
import { append } from '../grouping.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { isExactNumber } from '../text/strict-json.ts';
import type { XmlElement, XmlName } from '../text/xml.ts';

/** Namespaces of a document, each by one prefix all through it. */
export interface Names {
  /** What an element or attribute is called as a member. */
  of(name: XmlName): string;
  /** What the prefixes used stand for. */
  context(): Readonly<Record<string, string>>;
}

export function createNames(): Names {
  const prefixes = new Map<string, string>();
  const taken = new Set<string>();
  /** The last number that each prefix was given: to count from one again would take ever longer. */
  const counts = new Map<string, number>();
  const prefixOf = (space: string, asked: string): string => {
    const known = prefixes.get(space);
    if (known !== undefined) return known;
    const called = asked === '' ? 'ns' : asked;
    let prefix = called;
    let n = counts.get(called) ?? 0;
    while (taken.has(prefix)) prefix = `${called}${++n}`;
    counts.set(called, n);
    prefixes.set(space, prefix);
    taken.add(prefix);
    return prefix;
  };
  return {
    of: ({ space, name, prefix }) => (space === '' ? name : `${prefixOf(space, prefix)}:${name}`),
    context: () => Object.fromEntries([...prefixes].map(([space, prefix]) => [prefix, space])),
  };
}

/** Elements of the standard: those of its own types are in no namespace; some senders say it for them all the same. */
export const isEpcis = ({ space }: XmlName): boolean => space === '' || epcisSpaces.has(space);
const epcisSpaces: ReadonlySet<string> = new Set(
  ['epcis', 'epcis-query', 'epcis-masterdata'].flatMap((schema) =>
    [1, 2].map((version) => `urn:epcglobal:${schema}:xsd:${version}`),
  ),
);

type Convert = (element: XmlElement, names: Names) => Json;

const textOf = ({ text }: XmlElement): string => text.trim();

/** What the standard says is plain text. */
const plain: Convert = (element, names) =>
  element.children.length === 0 ? textOf(element) : foreign(element, names);

/** Longer ones no double holds. */
const digitsMax = 64;

/** xsd:decimal or xsd:double, where JSON has the same number. */
function numberOf(text: string): Json {
  if (text.length > digitsMax) return text;
  const written = /^\+?(-?)0*(\d+)(?:\.(\d*?)0*)?((?:[eE][+-]?\d+)?)$/.exec(text);
  const [, sign = '', whole = '', fraction = '', power = ''] = written ?? [];
  const number = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${power}`;
  return written !== null && isExactNumber(number) ? Number(number) : text;
}

const truths: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

/** An attribute of a sensor report by its type. */
const sensorValue = (name: string, text: string): Json => {
  if (numericMembers.has(name)) return numberOf(text.trim());
  return name === 'booleanValue' ? (truths[text.trim()] ?? text) : text.trim();
};

/** A list of elements of one name; another is told as one that does not fit. */
const list =
  (item: string, convert: Convert): Convert =>
  ({ children }, names) =>
    inner(children).map((it) =>
      isEpcis(it) && it.name === item ? convert(it, names) : { [names.of(it)]: foreign(it, names) },
    );

/** `<source type="…">…</source>` */
const typed =
  (member: string): Convert =>
  (element, names) =>
    grouped([...foreignMembers(element, names), [member, textOf(element)]]);

const object =
  (known: Readonly<Record<string, Convert>>): Convert =>
  (element, names) =>
    objectOf(element, known, names);

const epcs = list('epc', plain);
const quantities = list('quantityElement', object({ quantity: (it) => numberOf(textOf(it)) }));
const place = object({});
/** Several of one name, and their order says nothing. */
const dispositions: Convert = ({ children }, names) => {
  const read = new Map<string, Json[]>();
  for (const child of children) {
    const name = isEpcis(child) ? child.name : names.of(child);
    append(read, name, plain(child, names));
  }
  return Object.fromEntries(read);
};

const report: Convert = (element, names) => ({
  ...objectOf({ ...element, attributes: [] }, {}, names),
  ...Object.fromEntries(
    element.attributes.map((it) => [
      names.of(it),
      it.space === '' ? sensorValue(it.name, it.value) : it.value,
    ]),
  ),
});
const isReport = (element: XmlElement): boolean => isEpcis(element) && element.name === 'sensorReport';
const sensorElement: Convert = (element, names) => {
  const children = inner(element.children);
  const others = children.filter((it) => !isReport(it));
  return {
    ...objectOf({ ...element, children: others }, { sensorMetadata: report }, names),
    sensorReport: children.filter(isReport).map((it) => report(it, names)),
  };
};

const members: Readonly<Record<string, Convert>> = {
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list('bizTransaction', typed('bizTransaction')),
  sourceList: list('source', typed('source')),
  destinationList: list('destination', typed('destination')),
  persistentDisposition: dispositions,
  sensorElementList: list('sensorElement', sensorElement),
  ilmd: object({}),
  errorDeclaration: object({ correctiveEventIDs: list('correctiveEventID', plain) }),
};

/** The event of an element that is one. */
export function eventJson(element: XmlElement, names: Names): JsonObject {
  const event = objectOf(element, members, names);
  if (element.name !== 'QuantityEvent') return { ...event, type: element.name };
  const { epcClass = '', quantity = '', ...others } = event;
  const amount = typeof quantity === 'string' ? numberOf(quantity) : quantity;
  return {
    type: 'ObjectEvent',
    action: 'OBSERVE',
    ...others,
    quantityList: [{ epcClass, quantity: amount }],
  };
}

/** Master data of one thing (EPCIS 2.0 §9.4), as epcis-vocabulary.ts reads it. */
export function vocabularyElementJson(element: XmlElement, names: Names): JsonObject {
  const parts = inner(element.children);
  const own = (it: XmlElement, name: string): boolean => isEpcis(it) && it.name === name;
  const others = parts.filter((it) => !own(it, 'attribute') && !own(it, 'children'));
  return {
    ...objectOf({ ...element, children: [...others] }, {}, names),
    attributes: parts
      .filter((it) => own(it, 'attribute'))
      .map((it) => {
        const id = it.attributes.find(({ space, name }) => space === '' && name === 'id');
        const value = foreign({ ...it, attributes: it.attributes.filter((one) => one !== id) }, names);
        return { id: id?.value.trim() ?? '', attribute: typeof value === 'string' ? value.trim() : value };
      }),
    children: parts.flatMap((it) =>
      own(it, 'children') ? inner(it.children).map((child) => plain(child, names)) : [],
    ),
  };
}

const isWrapper = (element: XmlElement): boolean =>
  (element.name === 'extension' || element.name === 'baseExtension') && isEpcis(element);

/** Children, with those of wrappers in their place. */
const inner = (children: readonly XmlElement[]): readonly XmlElement[] =>
  children.some(isWrapper) ? children.flatMap((it) => (isWrapper(it) ? inner(it.children) : [it])) : children;

/** xsi:nil: there is no value. */
const isNil = ({ attributes }: XmlElement): boolean =>
  attributes.some(
    ({ space, name, value }) => space === instance && name === 'nil' && /^(?:true|1)$/.test(value),
  );
const instance = 'http://www.w3.org/2001/XMLSchema-instance';

/** An object of the standard: its members as the table says, others as text or as what they are. */
function objectOf(element: XmlElement, known: Readonly<Record<string, Convert>>, names: Names): JsonObject {
  const read: Member[] = attributesOf(element, names);
  for (const child of inner(element.children)) {
    if (isNil(child)) continue;
    const name = isEpcis(child) ? child.name : names.of(child);
    const standard = Object.hasOwn(known, name) ? known[name] : plain;
    read.push([name, (isEpcis(child) ? (standard ?? plain) : foreign)(child, names)]);
  }
  return grouped(read);
}

/** What belongs to another: text where there is nothing else. */
function foreign(element: XmlElement, names: Names): Json {
  const { children, attributes, text } = element;
  if (children.length === 0 && attributes.length === 0) return text;
  const own: Member[] = text.trim() === '' ? [] : [['#text', text.trim()]];
  return grouped([...own, ...foreignMembers(element, names)]);
}

const foreignMembers = (element: XmlElement, names: Names): Member[] => [
  ...attributesOf(element, names),
  ...element.children.map((child): Member => [names.of(child), foreign(child, names)]),
];

type Member = readonly [name: string, value: Json];

const attributesOf = ({ attributes }: XmlElement, names: Names): Member[] =>
  attributes.map((it) => [names.of(it), it.value]);

/** Several of one name make a list. */
function grouped(read: readonly Member[]): JsonObject {
  const groups = new Map<string, Json[]>();
  for (const [name, value] of read) {
    append(groups, name, value);
  }
  return Object.fromEntries(
    [...groups].map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? '')]),
  );
}
