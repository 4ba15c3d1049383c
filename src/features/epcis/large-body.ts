/** Bodies in JSON that are too large to be parsed where they arrive: they are left as bytes for the thread (reading.ts). */
import type { FastifyInstance } from 'fastify';
import { parseJsonBody } from '../../http/strict-json.ts';
import { largeMin } from './reading.ts';

const types = ['application/json', 'application/ld+json'];

export class LargeBody {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export function leaveLargeJson(app: FastifyInstance): void {
  app.removeContentTypeParser(types);
  app.addContentTypeParser(types, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    body.length < largeMin ? parseJsonBody(body) : new LargeBody(body),
  );
}
