/** Versions of the standard that the EPCIS interface speaks, and what it announces (EPCIS 2.0 §12.3). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../errors.ts';
import { bodyBytesMax } from '../../http/errors.ts';

export const version = '2.0.0';

/** Most events of one document. */
export const captureLimit = 10_000;

/** Most elements of one document in XML: fifty of each event. */
export const elementsMax = 50 * captureLimit;

/** Sent with every answer. */
export const versionHeaders = {
  'gs1-epcis-version': version,
  'gs1-cbv-version': version,
} as const;

/** Sent where documents are taken, and whenever it is asked what can be done. */
export const limitHeaders = {
  'gs1-epcis-capture-limit': String(captureLimit),
  'gs1-epcis-capture-file-size-limit': String(bodyBytesMax),
} as const;

/** Sent to whoever asks what can be done. */
export const discoveryHeaders = {
  ...limitHeaders,
  'gs1-epcis-min': version,
  'gs1-epcis-max': version,
  'gs1-cbv-min': version,
  'gs1-cbv-max': version,
} as const;

/** Refuses a client that would not understand what we say, or that we would not. Refusal: `not-acceptable`. */
export function requireVersions({ headers }: FastifyRequest): void {
  for (const standard of ['epcis', 'cbv']) {
    const bound = (end: string): number | null => {
      const said = headers[`gs1-${standard}-${end}`];
      return typeof said === 'string' && /^\d+(?:\.\d+)*$/.test(said) ? Number.parseInt(said, 10) : null;
    };
    const [exact, min, max] = [bound('version'), bound('min'), bound('max')];
    if ((exact ?? 2) !== 2 || (min ?? 2) > 2 || (max ?? 2) < 2)
      throw new Refusal(
        'not-acceptable',
        `This interface speaks ${standard.toUpperCase()} ${version}; ask for that version.`,
      );
  }
}

/** Characters of an address: room for some hundred EPCs. */
const uriMax = 8_192;

/** Refuses an address that asks for too much at once. Refusal: `uri-too-long`. */
export function refuseLongUri({ url }: FastifyRequest): void {
  if (url.length > uriMax)
    throw new Refusal('uri-too-long', `An address holds at most ${uriMax} characters; ask in parts.`);
}

/** What the contract says of every route that answers OPTIONS. */
export const discoveryRoute = { schema: { tags: ['epcis'], summary: 'What can be done here 支持的操作' } };

/** Answers OPTIONS: which methods there are, and which versions and limits. */
export const discovery =
  (...methods: readonly string[]) =>
  async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    reply
      .code(204)
      .headers({ allow: ['OPTIONS', ...methods].join(', '), ...discoveryHeaders })
      .send();
