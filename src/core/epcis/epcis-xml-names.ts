/**
 * Names of JSON-LD members as names of elements and attributes (Namespaces in XML 1.0): those with a prefix in the
 * namespace that their context says, those without in none.
 *
 *   acme:line, with {"acme": "https://ns.acme.example/"}  →  acme:line   and  xmlns:acme="https://ns.acme.example/"
 *   https://ns.acme.example/line                          →  acme:line, or n1:line where nobody gave it a prefix
 */

import { isXmlName, xmlName, xmlValue } from '../text/xml-text.ts';
import type { Context } from './epcis-context.ts';

export interface XmlNames {
  /** What a member is called. */
  of(member: string): string;
  /** Declarations of all namespaces asked for so far, to stand in a tag. */
  declarations(): string;
}

const xml = 'http://www.w3.org/XML/1998/namespace';
const xmlns = 'http://www.w3.org/2000/xmlns/';

/** Names of an event in that context. */
export function createXmlNames(context: Context): XmlNames {
  const prefixes = new Map<string, string>([[xml, 'xml']]);
  const taken = new Set<string>();

  const prefixOf = (space: string, wanted: string): string => {
    const known = prefixes.get(space);
    if (known !== undefined) return known;
    let prefix = isXmlName(wanted) && !/^xml/i.test(wanted) ? wanted : 'n1';
    for (let n = 1; taken.has(prefix); n++) prefix = `n${n}`;
    prefixes.set(space, prefix);
    taken.add(prefix);
    return prefix;
  };

  const of = (member: string): string => {
    const colon = member.indexOf(':');
    const [prefix, local] = [member.slice(0, Math.max(colon, 0)), member.slice(colon + 1)];
    const space = colon < 0 ? undefined : context.get(prefix);
    if (space !== undefined && space !== '' && space !== xmlns)
      return `${prefixOf(space, prefix)}:${xmlName(local)}`;
    const [, home, name = ''] = /^([a-z]+:\/\/.*[/#])([^/#]+)$/.exec(member) ?? [];
    return home !== undefined && isXmlName(name) ? `${prefixOf(home, 'n1')}:${name}` : xmlName(member);
  };

  return {
    of,
    declarations: () =>
      [...prefixes]
        .map(([space, prefix]) => (space === xml ? '' : ` xmlns:${prefix}="${xmlValue(space)}"`))
        .join(''),
  };
}
