/**
 * Writing XML 1.0: text and names as they may stand in a document. The way back from xml.ts.
 *
 *   xmlText('a < b & c')   →  a &lt; b &amp; c
 *   xmlName('first name')  →  first_x0020_name
 *
 * XML has no way to say some characters, such as U+0000 to U+001F but three (§2.2): they become U+FFFD. What a name may
 * not hold (§2.3; Namespaces in XML §3 for the colon) is written as SQL/XML does (ISO/IEC 9075-14 §9.1), `_xHHHH_`.
 */
const unsayable = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escaped = (character: string): string => escapes[character] ?? character;

/** As the content of an element. */
export const xmlText = (text: string): string =>
  text.replace(unsayable, '\uFFFD').replace(/[&<>\r]/g, escaped);

/** As the value of an attribute, in double quotes. */
export const xmlValue = (text: string): string =>
  text.replace(unsayable, '\uFFFD').replace(/[&<>"\t\n\r]/g, escaped);

const start =
  'A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const rest = `${start}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040`;
const name = new RegExp(`^[${start}][${rest}]*$`, 'u');
const notFirst = new RegExp(`^[^${start}]`, 'u');
const notAnywhere = new RegExp(`[^${rest}]`, 'gu');

/** Whether a text is a name without colon. */
export const isXmlName = (text: string): boolean => name.test(text);

/** A text as a name without colon. */
export function xmlName(text: string): string {
  if (name.test(text)) return text;
  return text === '' ? '_' : text.replace(notFirst, coded).replace(notAnywhere, coded);
}

const coded = (character: string): string =>
  `_x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}_`;
