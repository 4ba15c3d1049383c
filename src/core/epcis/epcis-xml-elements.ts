/**
 * Elements in XML of what stands in JSON-LD beside the members of the standard (EPCIS 2.0 §9.1, §10): the way back from
 * what epcis-xml-event.ts makes of elements and attributes of other namespaces.
 *
 *   "acme:width":{"#text":"40","unit":"mm"}  →  <acme:width unit="mm">40</acme:width>
 *   "acme:line":["1","2"]                    →  <acme:line>1</acme:line><acme:line>2</acme:line>
 */
import { isObject } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { xmlText, xmlValue } from '../text/xml-text.ts';
import type { XmlNames } from './epcis-xml-names.ts';

export const scalar = (value: Json): string => (typeof value === 'object' ? '' : String(value));

export const element = (name: string, inside: string): string =>
  inside === '' ? `<${name}/>` : `<${name}>${inside}</${name}>`;

/** What belongs to another: lists as elements of one name, objects with a text of their own with attributes. */
export function foreign(value: Json, name: string, names: XmlNames): string {
  if (Array.isArray(value)) return value.map((it) => foreign(it, name, names)).join('');
  const called = names.of(name);
  if (!isObject(value)) return element(called, xmlText(scalar(value)));
  const { '#text': text, ...others } = value;
  const { attributes, inside } = foreignParts(others, names, text !== undefined);
  const content = (text === undefined ? '' : xmlText(scalar(text))) + inside;
  return content === '' ? `<${called}${attributes}/>` : `<${called}${attributes}>${content}</${called}>`;
}

export interface Parts {
  readonly attributes: string;
  readonly inside: string;
}

/** Members of another as attributes, where they can be and are wanted, or as elements. */
export function foreignParts(value: JsonObject, names: XmlNames, wanted: boolean): Parts {
  const attributes = new Map<string, string>();
  let inside = '';
  for (const [name, member] of Object.entries(value)) {
    const called = names.of(name);
    const fits = wanted && typeof member !== 'object' && called !== 'xmlns' && !attributes.has(called);
    if (fits) attributes.set(called, ` ${called}="${xmlValue(scalar(member))}"`);
    else inside += foreign(member, name, names);
  }
  return { attributes: [...attributes.values()].join(''), inside };
}
