/**
 * Bodies in XML, read as they come in: of one that is refused no more is read than it takes to see that it must be, and
 * of one that is taken nothing is kept but the JSON-LD document that says the same, and the digest of its bytes.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createEpcisXmlReader, type EpcisXmlLimits } from '../../core/epcis/epcis-xml.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { type Fault, fault, Refusal } from '../../errors.ts';
import { bodyBytesMax } from '../../http/errors.ts';
import { passOver } from '../../http/passing-over.ts';

export const xmlTypes = ['application/xml', 'text/xml'] as const;

/** Takes EPCIS documents in XML. Answers with what tells the digest of a body that was XML: SHA-256, base64url. */
export function readEpcisXml(
  app: FastifyInstance,
  limits: EpcisXmlLimits,
): (request: FastifyRequest) => string | null {
  const originals = new WeakMap<FastifyRequest, string>();
  app.addContentTypeParser([...xmlTypes], async (request: FastifyRequest, payload: IncomingMessage) => {
    const charset = /;\s*charset="?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
    if (!/^(?:utf-8|us-ascii)$/i.test(charset)) throw refused(payload, notSaid);
    if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw refused(payload, tooLarge);
    const { document, digest } = await readBody(payload, limits);
    originals.set(request, digest);
    return document;
  });
  // Fastify would close the connection with the answer, which whoever still sends may then never read (RFC 9112 §9.6).
  app.addHook('onSend', async ({ raw }, reply) => {
    if (lingering.has(raw)) reply.removeHeader('connection');
  });
  return (request) => originals.get(request) ?? null;
}

interface Body {
  readonly document: JsonObject;
  readonly digest: string;
}

/** Bodies that were refused before their end. */
const lingering = new WeakSet<IncomingMessage>();

/** The refusal of a body: whatever more comes of it is passed over, and in the end cut off. */
function refused(payload: IncomingMessage, { code, detail, pointer }: Fault): Refusal {
  lingering.add(payload);
  passOver(payload, bodyBytesMax);
  const faults = pointer === undefined ? [] : [fault(code, detail, pointer)];
  return new Refusal(code, detail, { faults });
}

const notSaid = fault('unsupported-media-type', 'Encode the body in UTF-8, and say so.');
const tooLarge = fault('body-too-large', `Send at most ${bodyBytesMax} bytes; split the document.`);
const cutOff = fault('invalid-request', 'The connection broke off before the body had come; send it again.');
const notUtf8 = fault('malformed-xml', 'Encode the document in UTF-8.');

function readBody(payload: IncomingMessage, limits: EpcisXmlLimits): Promise<Body> {
  const reader = createEpcisXmlReader(limits);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const sum = createHash('sha256');
  let bytes = 0;
  const write = (decode: () => string): Fault | null => {
    let text: string;
    try {
      text = decode();
    } catch {
      return notUtf8;
    }
    return reader.write(text);
  };
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      payload.off('data', read).off('end', end).off('error', broken).pause();
      settled();
    };
    const refuse = (wrong: Fault): void => {
      settle(() => reject(refused(payload, wrong)));
    };
    const read = (chunk: Buffer): void => {
      bytes += chunk.length;
      sum.update(chunk);
      const found = bytes > bodyBytesMax ? tooLarge : write(() => decoder.decode(chunk, { stream: true }));
      if (found !== null) refuse(found);
    };
    const end = (): void => {
      const found = write(() => decoder.decode());
      const result = reader.end();
      const wrong = found ?? (result.ok ? null : result);
      if (wrong !== null) refuse(wrong);
      else if (result.ok) settle(() => resolve({ document: result.value, digest: sum.digest('base64url') }));
    };
    const broken = (): void => refuse(cutOff);
    payload.on('data', read).on('end', end).on('error', broken);
  });
}
