/** Versions of the standard that the EPCIS interface speaks, and what it announces (EPCIS 2.0 §12.3). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { namespace } from '../../core/events/epcis.ts';
import { Refusal } from '../../errors.ts';
import { bodyBytesMax } from '../../http/errors.ts';
import { captureLimit } from './checking.ts';

export const version = '2.0.0';

/** Most elements of one document in XML: fifty of each event. */
export const elementsMax = 50 * captureLimit;

/** Sent with every answer. */
export const versionHeaders = (host: string) => ({
  'gs1-epcis-version': version,
  'gs1-cbv-version': version,
  'gs1-vendor-version': 'suyuan-1',
  'gs1-extensions': `suyuan=${namespace(host)}`,
});

/** Sent where documents are taken, and whenever it is asked what can be done. */
export const limitHeaders = {
  'gs1-epcis-capture-limit': String(captureLimit),
  'gs1-epcis-capture-file-size-limit': String(bodyBytesMax),
} as const;

/** Sent to whoever asks what can be done. */
const discoveryHeaders = {
  ...limitHeaders,
  'gs1-epcis-min': version,
  'gs1-epcis-max': version,
  'gs1-cbv-min': version,
  'gs1-cbv-max': version,
  // Any is written that is asked for.
  'gs1-epc-format': 'No_Preference',
  'gs1-cbv-xml-format': 'No_Preference',
} as const;

/** Sent to whoever asks what can be done where documents are taken. */
export const captureDiscovery = { 'gs1-capture-error-behaviour': 'all' } as const;

/** Major and minor: what is behind them changes nothing that is said. */
const speaks = [2, 0] as const;

/** Refuses a client that would not understand what we say, or that we would not. Refusal: `not-acceptable`. */
export function requireVersions({ headers }: FastifyRequest): void {
  for (const standard of ['epcis', 'cbv']) {
    const refusal = (): Refusal =>
      new Refusal(
        'not-acceptable',
        `This interface speaks ${standard.toUpperCase()} ${version}; ask for that version.`,
      );
    /** The sign of our version less that of a header; 0 where it says nothing. */
    const apart = (end: string): number => {
      const said = headers[`gs1-${standard}-${end}`];
      if (said === undefined) return 0;
      if (typeof said !== 'string' || !/^\d{1,9}(?:\.\d{1,9}){0,4}$/.test(said.trim())) throw refusal();
      const parts = said.split('.').map(Number);
      return speaks.map((it, i) => Math.sign(it - (parts[i] ?? it))).find((sign) => sign !== 0) ?? 0;
    };
    if (apart('version') !== 0 || apart('min') < 0 || apart('max') > 0) throw refusal();
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

/** `acme=https://ns.acme.example/epcis/, other=…` (header GS1-Extensions, EPCIS 2.0 §12.3.5). */
export function extensionsOf(header: string | string[] | undefined): Record<string, string> {
  const declared = [header ?? []].flat().join(',').split(',');
  return Object.fromEntries(
    declared.flatMap((it): [string, string][] => {
      const [, prefix, uri] = /^\s*([A-Za-z][\w.-]*)=(\S+)\s*$/.exec(it) ?? [];
      return prefix === undefined || uri === undefined ? [] : [[prefix, uri]];
    }),
  );
}
