/**
 * Messages posted to addresses that others have named. Where a name leads is looked up once a message; every address
 * found must be allowed (outside-addresses.ts), and the connection goes to one of those and nowhere else, so a name that
 * leads elsewhere a moment later is of no use. Redirects are not followed, what is answered is not kept, and all of it
 * ends in time.
 *
 * Names are asked of DNS itself: the look-up of the system reads files as well, but a slow name would hold one of the
 * few threads that also sign and read for everybody.
 */
import { Resolver } from 'node:dns/promises';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { TLSSocket } from 'node:tls';
import { fault, ok, type Result } from '../errors.ts';
import { type Network, outsideAddresses } from './outside-addresses.ts';

/** Why there was no answer. */
export const troubles = [
  'address-not-allowed',
  'unresolvable',
  'certificate',
  'unreachable',
  'timeout',
] as const;
export type Trouble = (typeof troubles)[number];

/** What came of posting: the status of the answer, or why there was none. */
export type Outcome =
  | { readonly status: number; readonly trouble: null }
  | { readonly status: null; readonly trouble: Trouble };

export interface Sender {
  /** Looks whether messages can be sent there, now. Faults: `invalid-request`, `address-not-allowed`. */
  check(url: string): Promise<Result<URL>>;
  /** Posts a body; takes 15 s at most, and never throws. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Outcome>;
}

export interface SenderOptions {
  /** Networks beside the public internet; plain http is for these alone. */
  readonly networks: readonly Network[];
  /** Addresses of a name, none when there is no such name; DNS unless said. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** How long connecting, sending and the answer may take in all, ms. */
  readonly timeoutMs?: number;
}

/** Longest address that is kept, characters. */
export const urlCharactersMax = 2_048;
const dnsTimeoutMs = 2_000;
const dnsTries = 2;
const exchangeMs = 10_000;
/**
 * Bytes that are let come in, whatever they are: what is said of an answer, what goes before it (1xx) and its chunks count
 * as well. Beyond them the connection is cut.
 */
const answerMax = 64 * 1024;

/** Whether the receiver took it. */
export const isDelivered = ({ status }: Outcome): boolean => status !== null && status >= 200 && status < 300;

export function createSender({ networks, resolve = askDns, timeoutMs = exchangeMs }: SenderOptions): Sender {
  const outside = outsideAddresses(networks);

  async function look(
    url: URL,
  ): Promise<readonly string[] | Extract<Trouble, 'unresolvable' | 'address-not-allowed'>> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) ? [host] : await resolve(host);
    if (addresses.length === 0) return 'unresolvable';
    const may = url.protocol === 'https:' ? outside.isAllowed : outside.isInHouse;
    return addresses.every(may) ? addresses : 'address-not-allowed';
  }

  return {
    async check(text) {
      const url = readUrl(text);
      if (!url.ok) return url;
      const found = await look(url.value);
      if (found === 'unresolvable')
        return fault('address-not-allowed', `The name ${url.value.hostname} leads to no address.`);
      if (found === 'address-not-allowed')
        return fault(
          'address-not-allowed',
          'Give an https address on the public internet; others need a setting of the operator.',
        );
      return url;
    },

    async post(text, headers, body) {
      const url = readUrl(text);
      const found = url.ok ? await look(url.value) : 'address-not-allowed';
      if (!url.ok || typeof found === 'string')
        return { status: null, trouble: typeof found === 'string' ? found : 'address-not-allowed' };
      return exchange(url.value, found, { headers, body, signal: AbortSignal.timeout(timeoutMs) });
    },
  };
}

function readUrl(text: string): Result<URL> {
  const url = text.length <= urlCharactersMax && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    return fault('invalid-request', 'Give an address that begins with https://.');
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return fault('invalid-request', 'Leave user, password and #fragment out of the address.');
  return ok(url);
}

async function askDns(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: dnsTimeoutMs, tries: dnsTries });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

/** Asks nobody: the addresses are those that were looked at. */
const knowing =
  (addresses: readonly string[]): LookupFunction =>
  (_name, { all }, answer) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all) answer(null, found);
    else answer(null, found[0]?.address ?? '', found[0]?.family);
  };

interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

function exchange(
  url: URL,
  addresses: readonly string[],
  { headers, body, signal }: Exchange,
): Promise<Outcome> {
  const request = url.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve) => {
    let status: number | null = null;
    const settle = (): void => {
      const { socket } = sent;
      const untrusted = socket instanceof TLSSocket && Boolean(socket.authorizationError);
      const trouble = signal.aborted ? 'timeout' : untrusted ? 'certificate' : 'unreachable';
      resolve(status === null ? { status, trouble } : { status, trouble: null });
    };
    const sent = request(url, {
      method: 'POST',
      headers: { 'user-agent': 'Suyuan', ...headers, 'content-length': Buffer.byteLength(body) },
      // A connection of its own: one that is kept was looked at another time.
      agent: false,
      lookup: knowing(addresses),
      signal,
    });
    sent.on('error', settle);
    // Also of what is upgraded to something else, which nobody asked for.
    sent.on('close', settle);
    const bound = (): void => {
      if ((sent.socket?.bytesRead ?? 0) > answerMax) sent.destroy();
    };
    sent.on('information', bound);
    sent.on('response', (response) => {
      status = response.statusCode ?? null;
      response.on('error', settle);
      response.on('data', bound);
    });
    sent.end(body);
  });
}
