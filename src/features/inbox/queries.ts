/** Notices to parties, as they are read. */
import type { PartyId } from '../../core/events/hop.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';

export const noticeKinds = ['order', 'release', 'moved', 'issued', 'failed-sample', 'overdue'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface Notice {
  readonly id: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly kind: NoticeKind;
  /** Entry of the order, of its release or of the failed sample. */
  readonly seq: number;
  /** Entry that it tells of. */
  readonly entry: number;
  /** When the party acknowledged the order. */
  readonly acknowledgedAt: number | null;
}

/** Held by whoever writes notices; any number that no other advisory lock has. */
const noticesLock = 7_302_011;

/** Until the end of the transaction nobody else writes notices: their numbers come in the order of their commits. */
export const lockNotices = (tx: Sql): Promise<unknown> =>
  tx`SELECT pg_advisory_xact_lock(${noticesLock})`.execute();

/** Notices to a party after one, oldest first. One statement. */
export const noticesAfter = (sql: Sql, party: PartyId, after: number, limit: number): Promise<Notice[]> =>
  sql<Notice[]>`
    SELECT n.id, n.at, n.kind, n.seq, n.entry, a.at AS "acknowledgedAt" FROM notices n
    LEFT JOIN orders o ON o.seq = n.seq
    LEFT JOIN order_acknowledgements a ON a.order_id = o.id AND a.party = n.party
    WHERE n.party = ${party} AND n.id > ${after} ORDER BY n.id LIMIT ${limit}`;

/** Of failed samples those upon which something was ordered, with the first such order. One statement. */
export async function answersTo(sql: Sql, samples: readonly number[]): Promise<Map<number, string>> {
  if (samples.length === 0) return new Map();
  const rows = await sql<{ sample: number; id: string }[]>`
    SELECT DISTINCT ON (sample) (body ->> 'result')::bigint AS sample, id FROM orders
    WHERE body ? 'result' AND (body ->> 'result')::bigint = ANY (${arrayLiteral(samples)}::bigint[])
    ORDER BY sample, seq`;
  return new Map(rows.map(({ sample, id }) => [sample, id]));
}
