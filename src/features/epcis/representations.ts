/** Answers of queries in JSON-LD or XML, as the client prefers (EPCIS 2.0 §12.3). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EpcFormat, writtenFormat } from '../../core/epcis/epcis-spelling.ts';
import {
  type CbvXmlFormat,
  cbvXmlFormats,
  queryDocumentXml,
  writtenWords,
} from '../../core/epcis/epcis-xml-writing.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { Refusal } from '../../errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { xmlTypes } from './xml-body.ts';

const jsonTypes = ['application/ld+json', 'application/json'] as const;
/** What answers may be, and what messages to whoever follows a query; the first where nothing is preferred. */
const answers = [...jsonTypes, ...xmlTypes] as const;
const messages = ['application/json', 'application/ld+json', ...xmlTypes] as const;

export interface Representation {
  readonly type: (typeof answers)[number];
  /** How words of the standard are written in XML. */
  readonly words: CbvXmlFormat;
}

/** How a client wants what it asks for. Refusal: `not-acceptable`. */
export const representationOf = (request: FastifyRequest): Representation => preferred(request, answers);

/** How a client wants the messages that follow. Refusal: `not-acceptable`. */
export const messagesOf = (request: FastifyRequest): Representation => preferred(request, messages);

function preferred({ headers }: FastifyRequest, offered: typeof answers | typeof messages): Representation {
  const type = preferredType(headers.accept, offered);
  if (type === null) throw new Refusal('not-acceptable', `Accept one of ${offered.join(', ')}.`);
  const asked = [headers['gs1-cbv-xml-format']].flat()[0] ?? 'No_Preference';
  const words = cbvXmlFormats.find((it) => it === asked);
  if (words === undefined)
    throw new Refusal('not-acceptable', `GS1-CBV-XML-Format is one of ${cbvXmlFormats.join(', ')}.`);
  return { type, words };
}

/** Answers a GET of what has one representation alone in the JSON that is preferred. Refusal: `not-acceptable`. */
export function preferJson({ method, headers, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  const answered = Object(routeOptions.schema?.response)[200];
  // What is written in several ways says itself which.
  if (method !== 'GET' || answered === undefined || 'content' in Object(answered)) return;
  const type = preferredType(headers.accept, ['application/json', 'application/ld+json']);
  if (type === null) throw new Refusal('not-acceptable', `Accept one of ${jsonTypes.join(', ')} here.`);
  reply.type(`${type}; charset=utf-8`).header('vary', 'accept');
}

/** Says how identifiers are written. `linked`: whether Digital Links are among them. */
export const formatHeader = (asked: EpcFormat, linked: boolean) => ({
  'gs1-epc-format': writtenFormat(asked, linked),
});

/** In JSON-LD words of the standard are bare, whatever the client prefers (EPCIS 2.0 §10.2). */
export const keepsWords = (it: Representation): boolean => isXml(it) && it.words === 'Never_Translates';

const isXml = ({ type }: Representation): boolean => xmlTypes.some((it) => it === type);

/** A document; one that is written as XML is an EPCISQueryDocument. */
export const documentText = (document: JsonObject, it: Representation): string =>
  isXml(it) ? queryDocumentXml(document, it.words) : JSON.stringify(document);

/** Says how words of the standard are written, where there is a choice. */
export const wordsHeader = (it: Representation): Record<string, string> =>
  isXml(it) ? { 'gs1-cbv-xml-format': writtenWords(it.words) } : {};

export const sendDocument = (
  reply: FastifyReply,
  representation: Representation,
  document: JsonObject,
): FastifyReply =>
  reply
    .type(`${representation.type}; charset=utf-8`)
    .header('vary', 'accept')
    .headers(wordsHeader(representation))
    .serializer(String)
    .send(documentText(document, representation));
