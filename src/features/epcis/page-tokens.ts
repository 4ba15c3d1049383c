/**
 * Where the next page of an answer begins (EPCIS 2.0 §12.5, nextPageToken): of the same query, at the same size of the
 * log, for a while.
 */
import { hash } from 'node:crypto';
import { Refusal } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../../http/paging.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Position } from './queries.ts';

/** How long a page leads to the next. */
const tokenMinutes = 60;

/** What is asked for, page by page. */
export interface Paged {
  /** Path of the request, for the link to the next page. */
  readonly path: string;
  /** Parameters as sent, but those of paging. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly perPage: number;
  readonly token: string | undefined;
}

export interface Start {
  /** Size of the log that all pages are of. */
  readonly size: number;
  readonly after: Position | null;
  /** Told on the pages before: events, or of a list what was told of the event after `after`. */
  readonly told: number;
}

/** Refusal: `invalid-query`. */
export async function startOf(
  { ledger, now }: Pick<FeatureDeps, 'ledger' | 'now'>,
  asked: Paged,
): Promise<Start> {
  const shape = ['number', 'number', 'number', 'number', 'number', 'string'] as const;
  const read = decodeCursor('epcis', asked.token, shape);
  if (!read.ok) throw new Refusal('invalid-query', 'nextPageToken: take it from the Link header as it is.');
  if (read.value === null) return { size: await ledger.size(), after: null, told: 0 };
  const [size, time, seq, told, until] = read.value.map(Number);
  if (read.value[5] !== fingerprint(asked))
    throw new Refusal('invalid-query', 'nextPageToken: it is of another query; send the same parameters.');
  if (Number(until) < now())
    throw new Refusal('invalid-query', 'nextPageToken: it has expired; ask for the first page again.');
  return { size: Number(size), after: { time: Number(time), seq: Number(seq) }, told: Number(told) };
}

/** The address of the next page. */
export function linkOf(asked: Paged, { size, after, told }: Start, now: number): string {
  const until = now + tokenMinutes * 60_000;
  const position = [size, after?.time ?? 0, after?.seq ?? -1, told, until, fingerprint(asked)];
  const query = new URLSearchParams();
  for (const [name, values] of asked.parameters) query.set(name, values.join('|'));
  query.set('perPage', String(asked.perPage));
  query.set('nextPageToken', encodeCursor('epcis', position));
  return `${asked.path}?${query}`;
}

/** Headers that lead to the next page. */
export const nextPage = (next: string, now: number) => ({
  link: `<${next}>; rel="next"`,
  'gs1-next-page-token-expires': new Date(now + tokenMinutes * 60_000).toISOString(),
});

/** Tells queries apart: a page goes on with the query that it is of. */
const fingerprint = ({ parameters, path }: Paged): string =>
  hash('sha256', JSON.stringify([path, [...parameters].sort()]), 'base64url').slice(0, 16);
