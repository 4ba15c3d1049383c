/**
 * Where the next page of an answer begins (EPCIS 2.0 §12.5, nextPageToken): a place in a list, for a while, unless it
 * was released before (`DELETE /nextPageToken/{token}`). Of events it says at which size of the log they were asked
 * for, and by which query.
 */
import { hash } from 'node:crypto';
import type { PartyId } from '../../core/events/hop.ts';
import type { Database, Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { decodeCursor, encodeCursor, type Key, type KeyShape } from '../../http/paging.ts';
import type { FeatureDeps } from '../feature.ts';
import type { Position } from './queries.ts';

/** How long a page leads to the next. */
const tokenMs = 3_600_000;

/** A token for what follows this key, good for an hour from `now`. */
export const tokenOf = (list: string, key: Key, now: number): string =>
  encodeCursor(`epcis-${list}`, [now + tokenMs, ...key]);

/** The key of a token; null without one. Refusal: `invalid-query`. */
export function readToken(list: string, token: string | undefined, shape: KeyShape, now: number): Key | null {
  const read = decodeCursor(`epcis-${list}`, token, ['number', ...shape]);
  if (!read.ok) throw new Refusal('invalid-query', 'nextPageToken: take it from the Link header as it is.');
  if (read.value === null) return null;
  const [until, ...key] = read.value;
  if (Number(until) < now)
    throw new Refusal('invalid-query', 'nextPageToken: it has expired; ask for the first page again.');
  return key;
}

const nameOf = (token: string): string => hash('sha256', token, 'base64url');

/** A token leads this party nowhere any more. Whatever has expired by itself is forgotten. */
export async function releaseToken(
  { sql }: Database,
  party: PartyId,
  token: string,
  now: number,
): Promise<void> {
  await sql`
    WITH over AS (DELETE FROM epcis_released_tokens WHERE until < ${now})
    INSERT INTO epcis_released_tokens (party, token, until)
    VALUES (${party}, ${nameOf(token)}, ${now + tokenMs}) ON CONFLICT DO NOTHING`;
}

/** Refusal: `invalid-query`. */
export async function refuseReleased(sql: Sql, party: PartyId, token: string): Promise<void> {
  const rows = await sql`
    SELECT FROM epcis_released_tokens WHERE party = ${party} AND token = ${nameOf(token)}`;
  if (rows.length > 0)
    throw new Refusal('invalid-query', 'nextPageToken: it was released; ask for the first page again.');
}

/** What is asked for, page by page. */
export interface Paged {
  /** Path of the request, for the link to the next page. */
  readonly path: string;
  /** Parameters that the path stands for. */
  readonly fixed: ReadonlyMap<string, readonly string[]>;
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
  const shape = ['number', 'number', 'number', 'number', 'string'] as const;
  const key = readToken('events', asked.token, shape, now());
  if (key === null) return { size: await ledger.size(), after: null, told: 0 };
  const [size, time, seq, told] = key.map(Number);
  if (key[4] !== fingerprint(asked))
    throw new Refusal('invalid-query', 'nextPageToken: it is of another query; send the same parameters.');
  return { size: Number(size), after: { time: Number(time), seq: Number(seq) }, told: Number(told) };
}

/** Headers that lead to the page that starts there. */
export function nextPage(asked: Paged, { size, after, told }: Start, now: number) {
  const key = [size, after?.time ?? 0, after?.seq ?? -1, told, fingerprint(asked)];
  return pageHeaders(asked.path, asked.perPage, tokenOf('events', key, now), now, asked.parameters);
}

/** `parameters`: those to send again with the token. */
export function pageHeaders(
  path: string,
  perPage: number,
  token: string,
  now: number,
  parameters: Paged['parameters'] = new Map(),
) {
  const query = new URLSearchParams();
  for (const [name, values] of parameters) query.set(name, values.join('|'));
  query.set('perPage', String(perPage));
  query.set('nextPageToken', token);
  return {
    link: `<${path}?${query}>; rel="next"`,
    'gs1-next-page-token-expires': new Date(now + tokenMs).toISOString(),
  };
}

/** Tells queries apart: a page goes on with the query that it is of. */
export const fingerprint = ({ fixed, parameters, path }: Paged): string =>
  hash('sha256', JSON.stringify([path, [...fixed].sort(), [...parameters].sort()]), 'base64url').slice(0, 16);
