/**
 * XML 1.0 with namespaces, read as it streams in, within bounds: of a document of any length no more is held than the
 * part that is being read.
 *
 * Standards: XML 1.0 (5th edition), Namespaces in XML 1.0. Refused as soon as they are met:
 *
 * - what is not well-formed; a document type declaration, so that there are no entities but the five of XML §4.6
 *   and nothing is fetched or expanded; another encoding than UTF-8 (§4.3.3); XML 1.1            `malformed-xml`
 * - elements more than 32 deep                                                                   `too-deep`
 * - more than 64 attributes of an element, more than 65,536 characters without a tag,
 *   a name `__proto__`                                                                           `invalid-request`
 * - more elements than are asked for                                                             `body-too-large`
 *
 * The visitor is asked of each element that opens in one that it went into. Worked example: of
 * `<a><b x="1"> c <d/></b></a>`, going into `a` and keeping `b`, it is given
 * `{name:"b",attributes:[{name:"x",value:"1"}],text:" c ",children:[{name:"d"}]}`.
 */
import { SaxesParser, type SaxesTagNS, type XMLDecl } from 'saxes';
import { type ErrorCode, type Fault, fault } from '../../errors.ts';
import { maxDepth } from './strict-json.ts';

export interface XmlName {
  /** Namespace; '' for none. */
  readonly space: string;
  /** Without prefix. */
  readonly name: string;
  /** As the sender calls the namespace; '' where it is the one that goes without saying. */
  readonly prefix: string;
}
export interface XmlAttribute extends XmlName {
  readonly value: string;
}
export interface XmlElement extends XmlName {
  /** Without declarations of namespaces. */
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All that stands directly in it, before and after its children. */
  readonly text: string;
}
/** One whose end has not come. */
interface OpenElement extends XmlElement {
  children: XmlElement[];
  text: string;
}

/** Whether to go into an element, to keep it whole, or to pass it over. */
export type XmlWish = 'enter' | 'keep' | 'skip';

export interface XmlVisitor {
  /** What to do with an element that opens at this depth, the root's being 0; or what is wrong with it. */
  open(element: XmlElement, depth: number): XmlWish | Fault;
  /** An element opens in one that is kept; what is wrong with it. */
  within(element: XmlElement): Fault | null;
  /** An element that was kept, now whole; what is wrong with it. */
  kept(element: XmlElement): Fault | null;
  /** An element that was entered has ended; its text is what stands directly in it. */
  closed(element: XmlElement): void;
}

export interface XmlReader {
  /** Reads on, best in pieces of some kilobytes. The first fault ends the reading. */
  write(text: string): Fault | null;
  /** Says that there is no more. */
  end(): Fault | null;
}

const attributesMax = 64;
export const textMax = 65_536;

/** A reader that hands what it reads to `visitor`. */
export function createXmlReader(visitor: XmlVisitor, elementsMax: number): XmlReader {
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: { readonly element: OpenElement; readonly held: XmlWish }[] = [];
  let found: Fault | null = null;
  let elements = 0;
  let written = 0;
  /** Of the characters written, those up to the end of the last tag or text. */
  let wholeAt = 0;

  const end = (wrong: Fault): never => {
    found = wrong;
    throw leaving;
  };
  const refuse = (code: ErrorCode, detail: string): never => end(fault(code, detail));
  const whole = (): void => {
    wholeAt = parser.position;
  };
  const add = (text: string): void => {
    whole();
    const inner = open.at(-1);
    if (inner === undefined || inner.held === 'skip') return;
    const { element } = inner;
    if (element.text.length + text.length > textMax) refuse('invalid-request', tooLong);
    else element.text += text;
  };

  const declared = ({ encoding = 'UTF-8', version = '1.0' }: XMLDecl): void => {
    if (!/^(?:UTF-8|US-ASCII)$/i.test(encoding)) refuse('malformed-xml', 'Encode the document in UTF-8.');
    if (version !== '1.0') refuse('malformed-xml', 'Send XML 1.0.');
  };

  // These six and no more: with further ones the engine gives up on looking after the parser's members.
  parser.on('error', ({ message }) => refuse('malformed-xml', `This is not well-formed XML: ${message}`));
  parser.on('doctype', () =>
    refuse('malformed-xml', 'Leave the document type declaration out: none is read here.'),
  );
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('opentag', (tag) => {
    whole();
    if (open.length === 0) declared(parser.xmlDecl);
    if (++elements > elementsMax)
      refuse('body-too-large', `Send at most ${elementsMax} elements; split the document.`);
    if (open.length >= maxDepth) refuse('too-deep', `Nest elements at most ${maxDepth} deep.`);
    const outer = open.at(-1);
    const skipped = outer?.held === 'skip';
    const element = skipped ? nothing : elementOf(tag);
    if (element.attributes.length > attributesMax)
      refuse('invalid-request', `Give an element at most ${attributesMax} attributes.`);
    if (element.name === '__proto__' || element.attributes.some(({ name }) => name === '__proto__'))
      refuse('invalid-request', 'Nothing may be called __proto__; give it another name.');
    if (outer?.held === 'keep') addChild(outer.element, element);
    const wrong = outer?.held === 'keep' ? visitor.within(element) : null;
    if (wrong !== null) end(wrong);
    const asked = outer === undefined || outer.held === 'enter';
    const held = asked ? visitor.open(element, open.length) : outer.held;
    if (typeof held === 'string') open.push({ element, held });
    else end(held);
  });
  parser.on('closetag', () => {
    whole();
    const ended = open.pop();
    if (ended?.held === 'enter') visitor.closed(ended.element);
    const wrong = ended?.held === 'keep' && open.at(-1)?.held !== 'keep' ? visitor.kept(ended.element) : null;
    if (wrong !== null) end(wrong);
  });

  const reading = (read: () => void): Fault | null => {
    try {
      if (found === null) read();
    } catch (error) {
      if (error !== leaving) throw error;
    }
    return found;
  };

  return {
    write: (text) =>
      reading(() => {
        parser.write(text);
        written += text.length;
        if (written - wholeAt > textMax) refuse('invalid-request', tooLong);
      }),
    end: () => reading(() => void parser.close()),
  };
}

/** Thrown to leave the parser at what is wrong: in what may come after it, it would go on to do its work. */
const leaving = new Error('the reading has ended');

const tooLong = `A text or tag has at most ${textMax} characters, as have comments between two tags.`;

/** Most elements have no attributes, or no children: they share these, which stay empty. */
const noAttributes: readonly XmlAttribute[] = [];
const noChildren: XmlElement[] = [];

const nothing: OpenElement = {
  space: '',
  name: '',
  prefix: '',
  attributes: noAttributes,
  children: noChildren,
  text: '',
};

const xmlns = 'http://www.w3.org/2000/xmlns/';

function elementOf({ uri, local, prefix, attributes }: SaxesTagNS): OpenElement {
  const own = Object.values(attributes)
    .filter(({ uri }) => uri !== xmlns)
    .map(({ uri: space, local: name, prefix: as, value }) => ({ space, name, prefix: as, value }));
  return {
    space: uri,
    name: local,
    prefix,
    attributes: own.length === 0 ? noAttributes : own,
    children: noChildren,
    text: '',
  };
}

function addChild(element: OpenElement, child: XmlElement): void {
  if (element.children === noChildren) element.children = [child];
  else element.children.push(child);
}
