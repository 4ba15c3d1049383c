/**
 * Master data in JSON-LD as XML (EPCIS 2.0 §9.4, VocabularyType): the way back from `vocabularyElementJson`.
 *
 *   {"id":"urn:x:dock","attributes":[{"id":"cbvmda:sst","attribute":"200"}],"children":["urn:x:gate"]}
 *   →  <VocabularyElement id="urn:x:dock"><attribute id="urn:epcglobal:cbv:mda:sst">200</attribute>
 *      <children><id>urn:x:gate</id></children></VocabularyElement>
 *
 * Attributes are named by URIs, in which XML knows no prefixes.
 */
import { isObject, objectsOf, textsOf } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import { xmlText, xmlValue } from '../text/xml-text.ts';
import { type Context, withDeclared } from './epcis-context.ts';
import { element, foreign, foreignParts, scalar } from './epcis-xml-elements.ts';
import { createXmlNames, type XmlNames } from './epcis-xml-names.ts';

/** A Vocabulary with its elements, of a document with that `@context`. */
export function vocabularyXml(vocabulary: JsonObject, declared: Json | undefined): string {
  const outer = withDeclared(new Map(), declared);
  const elements = objectsOf(vocabulary, 'vocabularyElementList').map((it) => elementXml(it, outer));
  return `<Vocabulary type="${xmlValue(scalar(vocabulary.type ?? ''))}"><VocabularyElementList>
${elements.join('')}</VocabularyElementList></Vocabulary>\n`;
}

function elementXml(thing: JsonObject, outer: Context): string {
  const { id, attributes: _attributes, children: _children, '@context': declared, ...others } = thing;
  const context = withDeclared(outer, declared);
  const names = createXmlNames(context);
  const attributes = objectsOf(thing, 'attributes').map((it) => attributeXml(it, context, names));
  const below = textsOf(thing, 'children').map((it) => element('id', xmlText(it)));
  const children = below.length === 0 ? '' : element('children', below.join(''));
  const rest = Object.entries(others).map(([name, it]) => foreign(it, name, names));
  const inside = [...attributes, children, ...rest].join('');
  return `<VocabularyElement id="${xmlValue(scalar(id ?? ''))}"${names.declarations()}>${inside}</VocabularyElement>\n`;
}

function attributeXml({ id, attribute = '' }: JsonObject, context: Context, names: XmlNames): string {
  const said = scalar(id ?? '');
  const colon = said.indexOf(':');
  const home = context.get(said.slice(0, Math.max(colon, 0)));
  const full = home === undefined ? said : home + said.slice(colon + 1);
  return [attribute]
    .flat()
    .map((it) => {
      const { '#text': text = '', id: inner, ...members } = isObject(it) ? it : { '#text': it };
      const { attributes, inside } = foreignParts(members, names, true);
      const own = xmlText(scalar(text)) + (inner === undefined ? '' : foreign(inner, 'id', names));
      return `<attribute id="${xmlValue(full)}"${attributes}>${own}${inside}</attribute>`;
    })
    .join('');
}
