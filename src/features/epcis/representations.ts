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
const offered = [...jsonTypes, ...xmlTypes] as const;

export interface Representation {
  readonly type: (typeof offered)[number];
  /** How words of the standard are written in XML. */
  readonly words: CbvXmlFormat;
}

/** What a client asks for. Refusal: `not-acceptable`. */
export function representationOf({ headers }: FastifyRequest): Representation {
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

/** Sends a document; one that is sent as XML is an EPCISQueryDocument. */
export function sendDocument(
  reply: FastifyReply,
  representation: Representation,
  document: JsonObject,
): FastifyReply {
  const xml = isXml(representation);
  return reply
    .type(`${representation.type}; charset=utf-8`)
    .header('vary', 'accept')
    .headers(xml ? { 'gs1-cbv-xml-format': writtenWords(representation.words) } : {})
    .serializer(String)
    .send(xml ? queryDocumentXml(document, representation.words) : JSON.stringify(document));
}
