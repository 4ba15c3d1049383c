/** JSON bodies, read strictly: what two readers could understand differently is refused before any use. */
import { isAscii } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { parseStrictJson, pointerToken } from '../core/text/strict-json.ts';
import { fault, Refusal, type Result } from '../errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads bodies of that media type with the strict parser. */
export function readStrictJson(app: FastifyInstance, mediaType: string | RegExp): void {
  app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJsonBody(body),
  );
}

/** Refusals: those of strict-json.ts, `unknown-member`. */
export function parseJsonBody(body: Buffer): unknown {
  const result = parseBody(body);
  if (result.ok) return result.value;
  throw new Refusal(result.code, result.detail, { faults: result.pointer === undefined ? [] : [result] });
}

function parseBody(body: Buffer): Result<unknown> {
  let text: string;
  try {
    text = isAscii(body) ? body.toString('latin1') : utf8.decode(body);
  } catch {
    return fault('malformed-json', 'Encode the body in UTF-8 (RFC 8259 §8.1).');
  }
  const result = parseStrictJson(text);
  // A name that code copying members could take for the prototype; no extension needs it.
  if (result.ok && (text.includes('__proto__') || text.includes('\\u'))) {
    const pointer = pointerToProto(result.value);
    if (pointer !== null)
      return fault('unknown-member', 'This member is not known here; remove it.', pointer);
  }
  return result;
}

function pointerToProto(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') return '/__proto__';
    const inner = pointerToProto(member);
    if (inner !== null) return `/${pointerToken(name)}${inner}`;
  }
  return null;
}
